#include <stddef.h>
void *calloc(size_t, size_t), *malloc(size_t);
void free(void *);
