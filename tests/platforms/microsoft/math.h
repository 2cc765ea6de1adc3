double fabs(double), ldexp(double, int);
float fabsf(float), sqrtf(float), floorf(float);
#define isfinite(x) __builtin_isfinite(x)
#define isnan(x)    __builtin_isnan(x)
#define INFINITY    __builtin_inff()
#define NAN         __builtin_nanf("")
