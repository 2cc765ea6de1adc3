/* exponential.c - exp and log of the costs (csrc/exponential.h) against the C library's for doubles, for one of every
 * STEP floats: `exponential [STEP]`, 1 unless told. Prints the largest errors in units in the last place; fails
 * above 1. */
#include "exponential.h"

#include <stdio.h>
#include <stdlib.h>

static float of_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* How far y is from the exact value, in units in the last place of floats there: 0 for what has to be equal and is. */
static double units_off(float y, double exact)
{
    if (isnan(exact) || isinf((float)exact) || (float)exact == 0)
        return (isnan(exact) ? isnan(y) : y == (float)exact) ? 0 : 1e9;
    const float next = nextafterf(fabsf((float)exact), INFINITY);
    const double unit = isinf(next) ? 0x1p104 : (double)next - fabs((double)(float)exact);
    return fabs((double)y - exact) / unit;
}

int main(int count, char **arguments)
{
    const uint64_t step = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
    double exp_off = 0, log_off = 0;
    for (uint64_t bits = 0; step > 0 && bits <= UINT32_MAX; bits += step) {
        const float x = of_bits((uint32_t)bits);
        exp_off = fmax(exp_off, units_off(sn_exp(x), exp((double)x)));
        log_off = fmax(log_off, units_off(sn_log(x), log((double)x)));
    }
    const float ends[] = {0,  -0.0f,        INFINITY,     -INFINITY, NAN, 88.7228317f, 88.7228394f,
                          89, -103.972076f, -103.972084f, -104,      1,   0x1p-149f,   3.402823466e38f};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        exp_off = fmax(exp_off, units_off(sn_exp(ends[i]), exp((double)ends[i])));
        log_off = fmax(log_off, units_off(sn_log(ends[i]), log((double)ends[i])));
    }
    printf("exp within %.6f, log within %.6f units in the last place\n", exp_off, log_off);
    return step == 0 || exp_off > 1 || log_off > 1;
}
