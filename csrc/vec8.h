/* vec8.h - a vector of eight floats, and the only file that knows how a machine holds one.
 *
 * A file that computes with it defines one of VEC8_AVX2, VEC8_NEON, VEC8_FMAF or none before it includes it. All but
 * the last round a multiply-add once, and so give the same bits; without, on machines that cannot, it is rounded twice.
 * Sums over the lanes have one order everywhere: ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)).
 */
#ifndef SN_VEC8_H
#define SN_VEC8_H

#include "kernels.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(VEC8_AVX2)

#include <immintrin.h>

typedef __m256 vec8;

static inline vec8 vec8_of(float x) { return _mm256_set1_ps(x); }
static inline vec8 vec8_load(const float *x) { return _mm256_loadu_ps(x); }
static inline void vec8_store(float *x, vec8 v) { _mm256_storeu_ps(x, v); }
static inline vec8 vec8_add(vec8 a, vec8 b) { return _mm256_add_ps(a, b); }
static inline vec8 vec8_sub(vec8 a, vec8 b) { return _mm256_sub_ps(a, b); }
static inline vec8 vec8_mul(vec8 a, vec8 b) { return _mm256_mul_ps(a, b); }
static inline vec8 vec8_div(vec8 a, vec8 b) { return _mm256_div_ps(a, b); }

/* a b + c */
static inline vec8 vec8_fma(vec8 a, vec8 b, vec8 c) { return _mm256_fmadd_ps(a, b, c); }

static inline vec8 vec8_abs(vec8 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }

/* The size of a, which is not negative, with the sign of b. */
static inline vec8 vec8_sign(vec8 a, vec8 b) { return _mm256_or_ps(a, _mm256_and_ps(_mm256_set1_ps(-0.0f), b)); }

/* a < b ? x : y */
static inline vec8 vec8_choose(vec8 a, vec8 b, vec8 x, vec8 y)
{
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

/* 2^k of the whole number k that the low bits of 1.5 * 2^23 + k hold. */
static inline vec8 vec8_power(vec8 shifted)
{
    const __m256i bits = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(bits, _mm256_set1_epi32(0x3f800000)));
}

static inline float vec8_sum(vec8 v)
{
    const __m128 pairs = _mm_hadd_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 halves = _mm_hadd_ps(pairs, pairs);
    return _mm_cvtss_f32(_mm_add_ss(halves, _mm_movehdup_ps(halves)));
}

/* Pairs of a and of b added: a0 + a1, a2 + a3, b0 + b1, b2 + b3, and so in the upper half. */
static inline vec8 vec8_add_pairs(vec8 a, vec8 b)
{
    return _mm256_add_ps(_mm256_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0)),
                         _mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
}

/* The sums over the lanes of eight vectors: together they cost little more than one. */
static inline vec8 vec8_sums(const vec8 v[8])
{
    const vec8 low = vec8_add_pairs(vec8_add_pairs(v[0], v[1]), vec8_add_pairs(v[2], v[3]));
    const vec8 high = vec8_add_pairs(vec8_add_pairs(v[4], v[5]), vec8_add_pairs(v[6], v[7]));
    return _mm256_add_ps(_mm256_permute2f128_ps(low, high, 0x20), _mm256_permute2f128_ps(low, high, 0x31));
}

/* Lanes 0, 2, 4, ... of a and then of b. */
static inline vec8 vec8_evens(vec8 a, vec8 b)
{
    const __m256 mixed = _mm256_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0));
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(mixed), _MM_SHUFFLE(3, 1, 2, 0)));
}

/* Stores a0, b0, a1, b1, ... */
static inline void vec8_store_interleaved(float *to, vec8 a, vec8 b)
{
    const __m256 low = _mm256_unpacklo_ps(a, b), high = _mm256_unpackhi_ps(a, b);
    vec8_store(to, _mm256_permute2f128_ps(low, high, 0x20));
    vec8_store(to + SN_LANES, _mm256_permute2f128_ps(low, high, 0x31));
}

#elif defined(__GNUC__) || defined(__clang__)

/* Two vectors of four, which GCC and Clang have for any processor. */
typedef float vec4 __attribute__((vector_size(16)));
typedef float vec4_anywhere __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint32_t bits4 __attribute__((vector_size(16)));

typedef struct {
    vec4 low, high;
} vec8;

#if defined(VEC8_NEON)
#include <arm_neon.h>
static inline vec4 vec4_fma(vec4 a, vec4 b, vec4 c)
{
    return (vec4)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
#elif defined(VEC8_FMAF)
static inline vec4 vec4_fma(vec4 a, vec4 b, vec4 c)
{
    return (vec4){fmaf(a[0], b[0], c[0]), fmaf(a[1], b[1], c[1]), fmaf(a[2], b[2], c[2]), fmaf(a[3], b[3], c[3])};
}
#else
static inline vec4 vec4_fma(vec4 a, vec4 b, vec4 c) { return a * b + c; }
#endif

static inline vec4 vec4_choose(vec4 a, vec4 b, vec4 x, vec4 y)
{
    const bits4 less = (bits4)(a < b);
    return (vec4)((less & (bits4)x) | (~less & (bits4)y));
}

static inline vec8 vec8_of(float x) { return (vec8){{x, x, x, x}, {x, x, x, x}}; }
static inline vec8 vec8_load(const float *x)
{
    return (vec8){*(const vec4_anywhere *)x, *(const vec4_anywhere *)(x + 4)};
}
static inline void vec8_store(float *x, vec8 v)
{
    *(vec4_anywhere *)x = v.low;
    *(vec4_anywhere *)(x + 4) = v.high;
}
static inline vec8 vec8_add(vec8 a, vec8 b) { return (vec8){a.low + b.low, a.high + b.high}; }
static inline vec8 vec8_sub(vec8 a, vec8 b) { return (vec8){a.low - b.low, a.high - b.high}; }
static inline vec8 vec8_mul(vec8 a, vec8 b) { return (vec8){a.low * b.low, a.high * b.high}; }
static inline vec8 vec8_div(vec8 a, vec8 b) { return (vec8){a.low / b.low, a.high / b.high}; }
static inline vec8 vec8_fma(vec8 a, vec8 b, vec8 c)
{
    return (vec8){vec4_fma(a.low, b.low, c.low), vec4_fma(a.high, b.high, c.high)};
}
static inline vec8 vec8_abs(vec8 a)
{
    return (vec8){(vec4)((bits4)a.low & 0x7fffffffu), (vec4)((bits4)a.high & 0x7fffffffu)};
}
static inline vec8 vec8_sign(vec8 a, vec8 b)
{
    return (vec8){(vec4)((bits4)a.low | ((bits4)b.low & 0x80000000u)),
                  (vec4)((bits4)a.high | ((bits4)b.high & 0x80000000u))};
}
static inline vec8 vec8_choose(vec8 a, vec8 b, vec8 x, vec8 y)
{
    return (vec8){vec4_choose(a.low, b.low, x.low, y.low), vec4_choose(a.high, b.high, x.high, y.high)};
}
static inline vec8 vec8_power(vec8 shifted)
{
    return (vec8){(vec4)(((bits4)shifted.low << 23) + 0x3f800000u), (vec4)(((bits4)shifted.high << 23) + 0x3f800000u)};
}
static inline float vec8_sum(vec8 v)
{
    return ((v.low[0] + v.low[1]) + (v.low[2] + v.low[3])) + ((v.high[0] + v.high[1]) + (v.high[2] + v.high[3]));
}
static inline vec8 vec8_evens(vec8 a, vec8 b)
{
    return (vec8){{a.low[0], a.low[2], a.high[0], a.high[2]}, {b.low[0], b.low[2], b.high[0], b.high[2]}};
}
static inline void vec8_store_interleaved(float *to, vec8 a, vec8 b)
{
    vec8_store(to, (vec8){{a.low[0], b.low[0], a.low[1], b.low[1]}, {a.low[2], b.low[2], a.low[3], b.low[3]}});
    vec8_store(to + SN_LANES,
               (vec8){{a.high[0], b.high[0], a.high[1], b.high[1]}, {a.high[2], b.high[2], a.high[3], b.high[3]}});
}

#else

/* Plain lanes, for any other compiler. */
typedef struct {
    float lane[SN_LANES];
} vec8;

#define VEC8_EACH(expression)                                                                                          \
    vec8 v;                                                                                                            \
    for (int i = 0; i < SN_LANES; i++)                                                                                 \
        v.lane[i] = (expression);                                                                                      \
    return v

static inline float vec8_from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
static inline uint32_t vec8_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
static inline vec8 vec8_of(float x) { VEC8_EACH(x); }
static inline vec8 vec8_load(const float *x) { VEC8_EACH(x[i]); }
static inline void vec8_store(float *x, vec8 v) { memcpy(x, v.lane, sizeof v.lane); }
static inline vec8 vec8_add(vec8 a, vec8 b) { VEC8_EACH(a.lane[i] + b.lane[i]); }
static inline vec8 vec8_sub(vec8 a, vec8 b) { VEC8_EACH(a.lane[i] - b.lane[i]); }
static inline vec8 vec8_mul(vec8 a, vec8 b) { VEC8_EACH(a.lane[i] * b.lane[i]); }
static inline vec8 vec8_div(vec8 a, vec8 b) { VEC8_EACH(a.lane[i] / b.lane[i]); }
#if defined(VEC8_FMAF)
static inline vec8 vec8_fma(vec8 a, vec8 b, vec8 c) { VEC8_EACH(fmaf(a.lane[i], b.lane[i], c.lane[i])); }
#else
static inline vec8 vec8_fma(vec8 a, vec8 b, vec8 c) { VEC8_EACH(a.lane[i] * b.lane[i] + c.lane[i]); }
#endif
static inline vec8 vec8_abs(vec8 a) { VEC8_EACH(fabsf(a.lane[i])); }
static inline vec8 vec8_sign(vec8 a, vec8 b) { VEC8_EACH(copysignf(a.lane[i], b.lane[i])); }
static inline vec8 vec8_choose(vec8 a, vec8 b, vec8 x, vec8 y)
{
    VEC8_EACH(a.lane[i] < b.lane[i] ? x.lane[i] : y.lane[i]);
}
static inline vec8 vec8_power(vec8 shifted)
{
    VEC8_EACH(vec8_from_bits((vec8_bits(shifted.lane[i]) << 23) + 0x3f800000u));
}
static inline float vec8_sum(vec8 v)
{
    const float *s = v.lane;
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}
static inline vec8 vec8_evens(vec8 a, vec8 b) { VEC8_EACH(i < 4 ? a.lane[2 * i] : b.lane[2 * i - 8]); }
static inline void vec8_store_interleaved(float *to, vec8 a, vec8 b)
{
    for (int i = 0; i < SN_LANES; i++) {
        to[2 * i] = a.lane[i];
        to[2 * i + 1] = b.lane[i];
    }
}

#endif

#if !defined(VEC8_AVX2)
static inline vec8 vec8_sums(const vec8 v[8])
{
    float sums[SN_LANES];
    for (int i = 0; i < SN_LANES; i++)
        sums[i] = vec8_sum(v[i]);
    return vec8_load(sums);
}
#endif

#endif
