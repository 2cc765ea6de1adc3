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

/* clang-cl hides the intrinsics of what the rest of the file is not compiled for. */
#if defined(__clang__) && defined(_MSC_VER) && !defined(__AVX2__)
#define __SSE3__   1
#define __SSSE3__  1
#define __SSE4_1__ 1
#define __AVX__    1
#define __AVX2__   1
#define __FMA__    1
#endif
#include <immintrin.h>

typedef __m256 vec8;

static inline vec8 vec8_of(float x) { return _mm256_set1_ps(x); }
static inline vec8 vec8_load(const float *x) { return _mm256_loadu_ps(x); }
static inline void vec8_store(float *x, vec8 v) { _mm256_storeu_ps(x, v); }

/* v, in a register from now on. GCC would load a vector that is used twice twice, because instructions can load their
 * operands; but processors load no more in a cycle than they multiply. */
static inline vec8 vec8_held(vec8 v)
{
#if defined(__GNUC__) || defined(__clang__)
    __asm__("" : "+x"(v));
#endif
    return v;
}

/* The first n lanes, or all if there are no more; the rest is not touched, and 0 when loaded. */
static inline __m256i vec8_first(size_t n)
{
    static const int32_t lanes[2 * SN_LANES] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(lanes + SN_LANES - n));
}
static inline vec8 vec8_load_part(const float *x, size_t n)
{
    return n >= SN_LANES ? vec8_load(x) : _mm256_maskload_ps(x, vec8_first(n));
}

/* Not with a masked store, which takes AMD's processors as long as twenty others. */
static inline void vec8_store_part(float *x, vec8 v, size_t n)
{
    if (n >= SN_LANES) {
        vec8_store(x, v);
        return;
    }
    __m128 rest = _mm256_castps256_ps128(v);
    if (n & 4) {
        _mm_storeu_ps(x, rest);
        rest = _mm256_extractf128_ps(v, 1);
        x += 4;
    }
    if (n & 2) {
        _mm_storel_pi((__m64 *)x, rest);
        rest = _mm_movehl_ps(rest, rest);
        x += 2;
    }
    if (n & 1)
        _mm_store_ss(x, rest);
}

static inline vec8 vec8_add(vec8 a, vec8 b) { return _mm256_add_ps(a, b); }
static inline vec8 vec8_sub(vec8 a, vec8 b) { return _mm256_sub_ps(a, b); }
static inline vec8 vec8_mul(vec8 a, vec8 b) { return _mm256_mul_ps(a, b); }
static inline vec8 vec8_div(vec8 a, vec8 b) { return _mm256_div_ps(a, b); }
static inline vec8 vec8_sqrt(vec8 a) { return _mm256_sqrt_ps(a); }

/* a b + c */
static inline vec8 vec8_fma(vec8 a, vec8 b, vec8 c) { return _mm256_fmadd_ps(a, b, c); }

static inline vec8 vec8_abs(vec8 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }

/* a < b ? a : b, with b for a NaN */
static inline vec8 vec8_least(vec8 a, vec8 b) { return _mm256_min_ps(a, b); }

/* a, but no more than `most` and no less than -most, which has to be positive. */
static inline vec8 vec8_limit(vec8 a, vec8 most)
{
    return _mm256_max_ps(_mm256_sub_ps(_mm256_setzero_ps(), most), _mm256_min_ps(most, a));
}

static inline float vec8_sum(vec8 v)
{
    const __m128 pairs = _mm_hadd_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 halves = _mm_hadd_ps(pairs, pairs);
    return _mm_cvtss_f32(_mm_add_ss(halves, _mm_movehdup_ps(halves)));
}

/* Four numbers from a on, and four from b on. */
static inline vec8 vec8_load_halves(const float *a, const float *b)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(a)), _mm_loadu_ps(b), 1);
}

/* In each half: lanes 0 and 2 of a, and then of b; and lanes 1 and 3. */
static inline vec8 vec8_half_evens(vec8 a, vec8 b) { return _mm256_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0)); }
static inline vec8 vec8_half_odds(vec8 a, vec8 b) { return _mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)); }

/* In each half: the four lanes from lane `first` on of a, followed by b; `first` is 0 to 4. */
static inline vec8 vec8_half_window(vec8 a, vec8 b, size_t first)
{
#define BYTES(v) _mm256_castps_si256(v)
    switch (first) {
    case 0:
        return a;
    case 1:
        return _mm256_castsi256_ps(_mm256_alignr_epi8(BYTES(b), BYTES(a), 4));
    case 2:
        return _mm256_castsi256_ps(_mm256_alignr_epi8(BYTES(b), BYTES(a), 8));
    case 3:
        return _mm256_castsi256_ps(_mm256_alignr_epi8(BYTES(b), BYTES(a), 12));
    default:
        return b;
    }
#undef BYTES
}

/* Pairs of a and of b added: a0 + a1, a2 + a3, b0 + b1, b2 + b3, and so in the upper half. */
static inline vec8 vec8_add_pairs(vec8 a, vec8 b) { return vec8_add(vec8_half_evens(a, b), vec8_half_odds(a, b)); }

/* The same in the order of the lanes: of a, and then of b. */
static inline vec8 vec8_pairs(vec8 a, vec8 b)
{
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(vec8_add_pairs(a, b)), _MM_SHUFFLE(3, 1, 2, 0)));
}

/* The sums over the lower halves of four vectors, and then those over the upper ones. */
static inline vec8 vec8_half_sums(const vec8 v[4])
{
    return vec8_add_pairs(vec8_add_pairs(v[0], v[1]), vec8_add_pairs(v[2], v[3]));
}

/* The halves of a added, and then those of b. */
static inline vec8 vec8_add_halves(vec8 a, vec8 b)
{
    return vec8_add(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
}

/* Lane i of vector j becomes lane j of vector i; vector j is read from from[j] on. */
static inline void vec8_load_turned(vec8 v[8], const float *const from[8])
{
    vec8 rows[8], pairs[8];
    for (int i = 0; i < 8; i++) /* rows 0 to 3 with 4 to 7: of their lower halves, then of their upper ones */
        rows[i] = vec8_load_halves(from[i % 4] + i / 4 * 4, from[i % 4 + 4] + i / 4 * 4);
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 8; i += 4)
        for (int j = 0; j < 2; j++) {
            v[i + 2 * j] = _mm256_shuffle_ps(pairs[i + j], pairs[i + j + 2], _MM_SHUFFLE(1, 0, 1, 0));
            v[i + 2 * j + 1] = _mm256_shuffle_ps(pairs[i + j], pairs[i + j + 2], _MM_SHUFFLE(3, 2, 3, 2));
        }
}

/* Lanes 0, 2, 4, ... of a and then of b; and lanes 1, 3, 5, ... */
static inline vec8 vec8_evens(vec8 a, vec8 b)
{
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(vec8_half_evens(a, b)), _MM_SHUFFLE(3, 1, 2, 0)));
}
static inline vec8 vec8_odds(vec8 a, vec8 b)
{
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(vec8_half_odds(a, b)), _MM_SHUFFLE(3, 1, 2, 0)));
}

/* Stores a0, b0, a1, b1, ... from the lower halves, and from the upper ones, these first. */
static inline void vec8_store_interleaved(float *lower, float *upper, vec8 a, vec8 b)
{
    const __m256 low = _mm256_unpacklo_ps(a, b), high = _mm256_unpackhi_ps(a, b);
    vec8_store(upper, _mm256_permute2f128_ps(low, high, 0x31));
    vec8_store(lower, _mm256_permute2f128_ps(low, high, 0x20));
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
/* Called, not written out at each of its hundreds of places: these took GCC half of the time of installing. */
__attribute__((noinline)) static vec4 vec4_fma(vec4 a, vec4 b, vec4 c)
{
    return (vec4){sn_fmaf(a[0], b[0], c[0]), sn_fmaf(a[1], b[1], c[1]), sn_fmaf(a[2], b[2], c[2]),
                  sn_fmaf(a[3], b[3], c[3])};
}
#else
static inline vec4 vec4_fma(vec4 a, vec4 b, vec4 c) { return a * b + c; }
#endif

static inline vec4 vec4_sqrt(vec4 a) { return (vec4){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])}; }

/* a < b ? a : b, with b for a NaN */
static inline vec4 vec4_least(vec4 a, vec4 b)
{
    const bits4 less = (bits4)(a < b);
    return (vec4)((less & (bits4)a) | (~less & (bits4)b));
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
static inline vec8 vec8_sqrt(vec8 a) { return (vec8){vec4_sqrt(a.low), vec4_sqrt(a.high)}; }
static inline vec8 vec8_fma(vec8 a, vec8 b, vec8 c)
{
    return (vec8){vec4_fma(a.low, b.low, c.low), vec4_fma(a.high, b.high, c.high)};
}
static inline vec8 vec8_abs(vec8 a)
{
    return (vec8){(vec4)((bits4)a.low & 0x7fffffffu), (vec4)((bits4)a.high & 0x7fffffffu)};
}
static inline vec8 vec8_least(vec8 a, vec8 b) { return (vec8){vec4_least(a.low, b.low), vec4_least(a.high, b.high)}; }
static inline vec8 vec8_limit(vec8 a, vec8 most)
{
    const vec4 low = vec4_least(most.low, a.low), high = vec4_least(most.high, a.high);
    return (vec8){-vec4_least(most.low, -low), -vec4_least(most.high, -high)};
}
static inline float vec8_sum(vec8 v)
{
    return ((v.low[0] + v.low[1]) + (v.low[2] + v.low[3])) + ((v.high[0] + v.high[1]) + (v.high[2] + v.high[3]));
}
static inline vec8 vec8_pairs(vec8 a, vec8 b)
{
    return (vec8){{a.low[0] + a.low[1], a.low[2] + a.low[3], a.high[0] + a.high[1], a.high[2] + a.high[3]},
                  {b.low[0] + b.low[1], b.low[2] + b.low[3], b.high[0] + b.high[1], b.high[2] + b.high[3]}};
}
static inline vec8 vec8_load_halves(const float *a, const float *b)
{
    return (vec8){*(const vec4_anywhere *)a, *(const vec4_anywhere *)b};
}
static inline vec8 vec8_half_evens(vec8 a, vec8 b)
{
    return (vec8){{a.low[0], a.low[2], b.low[0], b.low[2]}, {a.high[0], a.high[2], b.high[0], b.high[2]}};
}
static inline vec8 vec8_half_odds(vec8 a, vec8 b)
{
    return (vec8){{a.low[1], a.low[3], b.low[1], b.low[3]}, {a.high[1], a.high[3], b.high[1], b.high[3]}};
}
static inline vec4 vec4_window(vec4 a, vec4 b, size_t first)
{
    switch (first) {
    case 0:
        return a;
    case 1:
        return (vec4){a[1], a[2], a[3], b[0]};
    case 2:
        return (vec4){a[2], a[3], b[0], b[1]};
    case 3:
        return (vec4){a[3], b[0], b[1], b[2]};
    default:
        return b;
    }
}
static inline vec8 vec8_half_window(vec8 a, vec8 b, size_t first)
{
    return (vec8){vec4_window(a.low, b.low, first), vec4_window(a.high, b.high, first)};
}
static inline vec4 vec4_sums(vec4 a, vec4 b, vec4 c, vec4 d)
{
    return (vec4){(a[0] + a[1]) + (a[2] + a[3]), (b[0] + b[1]) + (b[2] + b[3]), (c[0] + c[1]) + (c[2] + c[3]),
                  (d[0] + d[1]) + (d[2] + d[3])};
}
static inline vec8 vec8_half_sums(const vec8 v[4])
{
    return (vec8){vec4_sums(v[0].low, v[1].low, v[2].low, v[3].low),
                  vec4_sums(v[0].high, v[1].high, v[2].high, v[3].high)};
}
static inline vec8 vec8_add_halves(vec8 a, vec8 b) { return (vec8){a.low + a.high, b.low + b.high}; }
static inline vec8 vec8_evens(vec8 a, vec8 b)
{
    return (vec8){{a.low[0], a.low[2], a.high[0], a.high[2]}, {b.low[0], b.low[2], b.high[0], b.high[2]}};
}
static inline vec8 vec8_odds(vec8 a, vec8 b)
{
    return (vec8){{a.low[1], a.low[3], a.high[1], a.high[3]}, {b.low[1], b.low[3], b.high[1], b.high[3]}};
}
static inline void vec8_store_interleaved(float *lower, float *upper, vec8 a, vec8 b)
{
    vec8_store(upper,
               (vec8){{a.high[0], b.high[0], a.high[1], b.high[1]}, {a.high[2], b.high[2], a.high[3], b.high[3]}});
    vec8_store(lower, (vec8){{a.low[0], b.low[0], a.low[1], b.low[1]}, {a.low[2], b.low[2], a.low[3], b.low[3]}});
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

static inline vec8 vec8_of(float x) { VEC8_EACH(x); }
static inline vec8 vec8_load(const float *x) { VEC8_EACH(x[i]); }
static inline void vec8_store(float *x, vec8 v) { memcpy(x, v.lane, sizeof v.lane); }
static inline vec8 vec8_add(vec8 a, vec8 b) { VEC8_EACH(a.lane[i] + b.lane[i]); }
static inline vec8 vec8_sub(vec8 a, vec8 b) { VEC8_EACH(a.lane[i] - b.lane[i]); }
static inline vec8 vec8_mul(vec8 a, vec8 b) { VEC8_EACH(a.lane[i] * b.lane[i]); }
static inline vec8 vec8_div(vec8 a, vec8 b) { VEC8_EACH(a.lane[i] / b.lane[i]); }
static inline vec8 vec8_sqrt(vec8 a) { VEC8_EACH(sqrtf(a.lane[i])); }
#if defined(VEC8_FMAF)
static inline vec8 vec8_fma(vec8 a, vec8 b, vec8 c) { VEC8_EACH(sn_fmaf(a.lane[i], b.lane[i], c.lane[i])); }
#else
static inline vec8 vec8_fma(vec8 a, vec8 b, vec8 c) { VEC8_EACH(a.lane[i] * b.lane[i] + c.lane[i]); }
#endif
static inline vec8 vec8_abs(vec8 a) { VEC8_EACH(fabsf(a.lane[i])); }
static inline vec8 vec8_least(vec8 a, vec8 b) { VEC8_EACH(a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]); }
static inline vec8 vec8_limit(vec8 a, vec8 most)
{
    VEC8_EACH(a.lane[i] > most.lane[i] ? most.lane[i] : a.lane[i] < -most.lane[i] ? -most.lane[i] : a.lane[i]);
}
static inline float vec8_sum(vec8 v)
{
    const float *s = v.lane;
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}
static inline vec8 vec8_pairs(vec8 a, vec8 b)
{
    VEC8_EACH(i < 4 ? a.lane[2 * i] + a.lane[2 * i + 1] : b.lane[2 * i - 8] + b.lane[2 * i - 7]);
}
static inline vec8 vec8_load_halves(const float *a, const float *b) { VEC8_EACH(i < 4 ? a[i] : b[i - 4]); }
static inline vec8 vec8_half_evens(vec8 a, vec8 b) { VEC8_EACH((i % 4 < 2 ? a : b).lane[i / 4 * 4 + i % 2 * 2]); }
static inline vec8 vec8_half_odds(vec8 a, vec8 b) { VEC8_EACH((i % 4 < 2 ? a : b).lane[i / 4 * 4 + i % 2 * 2 + 1]); }
static inline vec8 vec8_half_window(vec8 a, vec8 b, size_t first)
{
    const int f = (int)first;
    VEC8_EACH(i % 4 + f < 4 ? a.lane[i + f] : b.lane[i + f - 4]);
}
static inline vec8 vec8_half_sums(const vec8 of[4])
{
#define LANE(j) of[i % 4].lane[i / 4 * 4 + (j)]
    VEC8_EACH((LANE(0) + LANE(1)) + (LANE(2) + LANE(3)));
#undef LANE
}
static inline vec8 vec8_add_halves(vec8 a, vec8 b)
{
    VEC8_EACH((i < 4 ? a : b).lane[i % 4] + (i < 4 ? a : b).lane[i % 4 + 4]);
}
static inline vec8 vec8_evens(vec8 a, vec8 b) { VEC8_EACH(i < 4 ? a.lane[2 * i] : b.lane[2 * i - 8]); }
static inline vec8 vec8_odds(vec8 a, vec8 b) { VEC8_EACH(i < 4 ? a.lane[2 * i + 1] : b.lane[2 * i - 7]); }
static inline void vec8_store_interleaved(float *lower, float *upper, vec8 a, vec8 b)
{
    for (int i = SN_LANES - 1; i >= 0; i--) {
        float *to = i < 4 ? lower + 2 * i : upper + 2 * (i - 4);
        to[0] = a.lane[i];
        to[1] = b.lane[i];
    }
}

#endif

#if !defined(VEC8_AVX2)
static inline vec8 vec8_held(vec8 v) { return v; }
static inline void vec8_load_turned(vec8 v[SN_LANES], const float *const from[SN_LANES])
{
    float turned[SN_LANES][SN_LANES];
    for (int i = 0; i < SN_LANES; i++)
        for (int j = 0; j < SN_LANES; j++)
            turned[i][j] = from[j][i];
    for (int i = 0; i < SN_LANES; i++)
        v[i] = vec8_load(turned[i]);
}
static inline vec8 vec8_load_part(const float *x, size_t n)
{
    if (n >= SN_LANES)
        return vec8_load(x);
    float lanes[SN_LANES] = {0};
    memcpy(lanes, x, n * sizeof *x);
    return vec8_load(lanes);
}
static inline void vec8_store_part(float *x, vec8 v, size_t n)
{
    float lanes[SN_LANES];
    vec8_store(n < SN_LANES ? lanes : x, v);
    if (n < SN_LANES)
        memcpy(x, lanes, n * sizeof *x);
}
#endif

/* The sums over the lanes of eight vectors: together they cost little more than one. */
static inline vec8 vec8_sums(const vec8 v[8]) { return vec8_add_halves(vec8_half_sums(v), vec8_half_sums(v + 4)); }

#endif
