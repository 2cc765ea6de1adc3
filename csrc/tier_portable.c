/* tier_portable.c - the kernels for any machine: a multiply-add is rounded twice. */
#include "vec8.h"

#include "kernels_body.h"

const sn_kernels *const sn_portable_kernels = &table;
