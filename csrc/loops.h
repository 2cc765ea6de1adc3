/* loops.h - plain loops over rows, which compilers turn into vector code themselves; the same bits on every tier. */
#ifndef SN_LOOPS_H
#define SN_LOOPS_H

#include <stddef.h>

/* y_i = w_i x_i */
static inline void sn_multiply(const float *restrict w, const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = w[i] * x[i];
}

/* y_i += w_i x_i */
static inline void sn_add_products(const float *restrict w, const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += w[i] * x[i];
}

#endif
