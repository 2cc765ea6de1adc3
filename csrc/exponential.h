/* exponential.h - exp and log for the costs, in plain double arithmetic: those of C libraries differ in their last
 * bits, ours have the same everywhere. Rounded to a float they are within 0.51 units in the last place of the true
 * value (tests/hardening/exponential.c, for all floats). */
#ifndef SN_EXPONENTIAL_H
#define SN_EXPONENTIAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define SN_LOG_2 0.693147180559945309417

/* exp x = 2^n exp r with |r| <= log(2) / 2, where the series is right to 1e-14. */
static inline float sn_exp(float x)
{
    if (!(x < 89)) /* larger than any float; a NaN stays one */
        return x * INFINITY;
    if (x < -104) /* less than half of the smallest one */
        return 0;
    const int n = (int)((double)x / SN_LOG_2 + (x < 0 ? -0.5 : 0.5));
    const double r = (double)x - n * SN_LOG_2;
    double y = 1.0 / 39916800;
    y = y * r + 1.0 / 3628800;
    y = y * r + 1.0 / 362880;
    y = y * r + 1.0 / 40320;
    y = y * r + 1.0 / 5040;
    y = y * r + 1.0 / 720;
    y = y * r + 1.0 / 120;
    y = y * r + 1.0 / 24;
    y = y * r + 1.0 / 6;
    y = y * r + 1.0 / 2;
    y = y * r + 1;
    y = y * r + 1;
    const uint64_t bits = (uint64_t)(n + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return (float)(y * power);
}

/* log x = n log 2 + log m with m between sqrt(1/2) and sqrt(2), and log m = 2 artanh s with s = (m - 1) / (m + 1),
 * which keeps its relative precision next to 1. */
static inline float sn_log(float x)
{
    if (!(x > 0))
        return x == 0 ? -INFINITY : NAN;
    if (x > 3.402823466e38f)
        return x;
    const double wide = (double)x; /* where denormal floats are normal */
    uint64_t bits;
    memcpy(&bits, &wide, sizeof bits);
    int n = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | (uint64_t)1023 << 52;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.41421356237309504880) {
        m /= 2;
        n++;
    }
    const double s = (m - 1) / (m + 1), t = s * s;
    double y = 1.0 / 17;
    y = y * t + 1.0 / 15;
    y = y * t + 1.0 / 13;
    y = y * t + 1.0 / 11;
    y = y * t + 1.0 / 9;
    y = y * t + 1.0 / 7;
    y = y * t + 1.0 / 5;
    y = y * t + 1.0 / 3;
    y = y * t + 1;
    return (float)(n * SN_LOG_2 + 2 * s * y);
}

#endif
