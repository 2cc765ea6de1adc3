/* exact.h - what the promise of the same bits on every machine rests on: float32 arithmetic that rounds every result
 * once, to float32, and nothing that the compiler joins or splits. Every file that computes includes it. */
#ifndef SN_EXACT_H
#define SN_EXACT_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* 1 and 2 keep float results in wider registers: s390x with gcc -std=c11, the x87 of 32-bit processors. */
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "float is computed wider than float here: compile with -fexcess-precision=fast, on i386 with -msse2 -mfpmath=sse"
#endif

/* a * b + c stays two operations; where one is meant it is written as such. GCC has no such pragma, and is told
 * -ffp-contract=off. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

/* a b + c, rounded once. C's fmaf rounds twice in some C libraries (MinGW's among them). The product of two floats is
 * exact in double; their sum with c is rounded to odd there, which a second rounding to float cannot spoil: double has
 * more than twice the bits of float and two more (Boldo and Melquiond, IEEE Trans. Computers 57(4), 2008). */
static inline float sn_fmaf(float a, float b, float c)
{
    const double product = (double)a * (double)b, sum = product + (double)c;
    const double back = sum - product;
    const double lost = (product - (sum - back)) + ((double)c - back); /* sum + lost = product + c, exactly */
    int64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    const int finite = (bits >> 52 & 0x7ff) != 0x7ff;
    if (finite && lost != 0 && bits % 2 == 0)
        bits += (lost > 0) == (sum > 0) ? 1 : -1; /* the odd neighbour on the side of what was lost */
    double odd;
    memcpy(&odd, &bits, sizeof odd);
    return (float)odd;
}

#endif
