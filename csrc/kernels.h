/* kernels.h - the handful of primitives that carry the speed.
 *
 * Sums run in eight lanes that are added up in one fixed order, so that the same numbers come out however wide the
 * machine's vectors are.
 */
#ifndef SN_KERNELS_H
#define SN_KERNELS_H

#include "vec8.h"

#include <stddef.h>
#include <stdint.h>

static inline size_t sn_whole_lanes(size_t n)
{
    return (n + SN_LANES - 1) / SN_LANES * SN_LANES;
}

/* sum_i a_i b_i */
static inline float sn_dot(const float *a, const float *b, size_t n)
{
    vec8 sum = vec8_zero();
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        sum = vec8_add_product(sum, vec8_load(a + i), vec8_load(b + i));
    float tail = 0;
    for (; i < n; i++)
        tail += a[i] * b[i];
    return vec8_sum(sum) + tail;
}

/* y_i += c */
static inline void sn_add_constant(float c, float *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += c;
}

/* y_i += w x_i */
static inline void sn_add_scaled(float w, const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += w * x[i];
}

/* y_i += w_i x_i */
static inline void sn_add_products(const float *restrict w, const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += w[i] * x[i];
}

/* y_i = x_i^2 */
static inline void sn_square(const float *restrict x, float *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * x[i];
}

/* A tap is a connection that a whole plane of units shares: one weight, and where the plane that it reads begins.
 * out[p] = sum over the taps t of w[t] x[tap[t] + p], for 0 <= p < n rounded up to whole lanes.
 *
 * Two vectors at a time: every weight is used twice, and the two sums do not wait for each other. */
static inline void sn_correlate(const float *restrict w, const int32_t *restrict tap, size_t taps,
                                const float *restrict x, float *restrict out, size_t n)
{
    size_t p = 0;
    for (; p + SN_LANES < n; p += 2 * SN_LANES) {
        vec8 sum = vec8_zero(), next = vec8_zero();
        for (size_t t = 0; t < taps; t++) {
            sum = vec8_add_scaled(sum, w[t], vec8_load(x + tap[t] + p));
            next = vec8_add_scaled(next, w[t], vec8_load(x + tap[t] + p + SN_LANES));
        }
        vec8_store(out + p, sum);
        vec8_store(out + p + SN_LANES, next);
    }
    if (p < n) {
        vec8 sum = vec8_zero();
        for (size_t t = 0; t < taps; t++)
            sum = vec8_add_scaled(sum, w[t], vec8_load(x + tap[t] + p));
        vec8_store(out + p, sum);
    }
}

/* The gradient to the weights of taps: g[t] += sum over p of y[p] x[tap[t] + p], for 0 <= p < n, n of whole lanes.
 *
 * Four taps at a time: y is loaded once for all of them, and their sums do not wait for each other. */
static inline void sn_correlate_back(const float *restrict y, size_t n, const int32_t *restrict tap, size_t taps,
                                     const float *restrict x, float *restrict g)
{
    size_t t = 0;
    for (; t + 4 <= taps; t += 4) {
        const float *x0 = x + tap[t], *x1 = x + tap[t + 1], *x2 = x + tap[t + 2], *x3 = x + tap[t + 3];
        vec8 s0 = vec8_zero(), s1 = vec8_zero(), s2 = vec8_zero(), s3 = vec8_zero();
        for (size_t p = 0; p < n; p += SN_LANES) {
            const vec8 v = vec8_load(y + p);
            s0 = vec8_add_product(s0, v, vec8_load(x0 + p));
            s1 = vec8_add_product(s1, v, vec8_load(x1 + p));
            s2 = vec8_add_product(s2, v, vec8_load(x2 + p));
            s3 = vec8_add_product(s3, v, vec8_load(x3 + p));
        }
        g[t] += vec8_sum(s0);
        g[t + 1] += vec8_sum(s1);
        g[t + 2] += vec8_sum(s2);
        g[t + 3] += vec8_sum(s3);
    }
    for (; t < taps; t++)
        g[t] += sn_dot(y, x + tap[t], n);
}

static inline float sn_sum(const float *x, size_t n)
{
    float s = 0;
    for (size_t i = 0; i < n; i++)
        s += x[i];
    return s;
}

#endif
