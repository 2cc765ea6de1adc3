/* fused.c - the multiply-add of csrc/exact.h against the C library's fmaf, on hard cases: `fused [CASES]`, 20 million
 * unless told. Prints how many differ; fails if any does, so it is run where that fmaf is right. */
#include "exact.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 88172645463325252u;

static uint32_t drawn(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

static float of_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static float any_float(void) { return of_bits(drawn()); }

/* Between 2^-12 and 2^12, half of them with few digits, whose products and sums lie close to ties. */
static float near_one(void)
{
    const uint32_t bits = (drawn() & 0x807fffff) | (115 + drawn() % 25) << 23;
    return of_bits(drawn() % 2 ? bits : (bits & 0xfffff000) | drawn() % 8);
}

static int differs(float a, float b, float c)
{
    const float ours = sn_fmaf(a, b, c), theirs = fmaf(a, b, c);
    return isnan(ours) ? !isnan(theirs) : memcmp(&ours, &theirs, sizeof ours) != 0;
}

int main(int count, char **arguments)
{
    const long cases = count > 1 ? strtol(arguments[1], NULL, 10) : 20000000;
    long wrong = 0;
    for (long i = 0; i < cases; i += 4) {
        const float a = near_one(), b = near_one(), c = near_one();
        wrong += differs(any_float(), any_float(), any_float());
        wrong += differs(a, b, c);
        wrong += differs(a, b, -(a * b) * (1 + (float)(drawn() % 3) * 0x1p-23f)); /* nearly all is cancelled */
        wrong += differs(a, b, c * 0x1p-24f * (float)(1 << drawn() % 8));         /* near half of the last digit */
    }
    printf("%ld of %ld differ\n", wrong, cases);
    return wrong != 0;
}
