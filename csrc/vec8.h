/* vec8.h - a vector of eight floats, and the only file that knows how a machine holds one.
 *
 * Where the compiler has vector types (GCC and Clang, for any processor) a vec8 is two vectors of four lanes, else an
 * array. Either way each lane computes the same, and the sum of the lanes has one order.
 */
#ifndef SN_VEC8_H
#define SN_VEC8_H

enum { SN_LANES = 8 };

#if defined(__GNUC__) || defined(__clang__)

typedef float vec4 __attribute__((vector_size(16)));
typedef float vec4_anywhere __attribute__((vector_size(16), aligned(4), may_alias));
typedef struct {
    vec4 low, high;
} vec8;

static inline vec8 vec8_load(const float *x)
{
    return (vec8){*(const vec4_anywhere *)x, *(const vec4_anywhere *)(x + 4)};
}

static inline void vec8_store(float *x, vec8 v)
{
    *(vec4_anywhere *)x = v.low;
    *(vec4_anywhere *)(x + 4) = v.high;
}

/* v + w x */
static inline vec8 vec8_add_scaled(vec8 v, float w, vec8 x)
{
    return (vec8){v.low + w * x.low, v.high + w * x.high};
}

/* v + a b */
static inline vec8 vec8_add_product(vec8 v, vec8 a, vec8 b)
{
    return (vec8){v.low + a.low * b.low, v.high + a.high * b.high};
}

/* The sum of the lanes, in one order: ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)) */
static inline float vec8_sum(vec8 v)
{
    const vec4 s = v.low + v.high;
    return (s[0] + s[2]) + (s[1] + s[3]);
}

#else

typedef struct {
    float lane[SN_LANES];
} vec8;

static inline vec8 vec8_load(const float *x)
{
    vec8 v;
    for (int i = 0; i < SN_LANES; i++)
        v.lane[i] = x[i];
    return v;
}

static inline void vec8_store(float *x, vec8 v)
{
    for (int i = 0; i < SN_LANES; i++)
        x[i] = v.lane[i];
}

/* v + w x */
static inline vec8 vec8_add_scaled(vec8 v, float w, vec8 x)
{
    for (int i = 0; i < SN_LANES; i++)
        v.lane[i] += w * x.lane[i];
    return v;
}

/* v + a b */
static inline vec8 vec8_add_product(vec8 v, vec8 a, vec8 b)
{
    for (int i = 0; i < SN_LANES; i++)
        v.lane[i] += a.lane[i] * b.lane[i];
    return v;
}

/* The sum of the lanes, in one order: ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)) */
static inline float vec8_sum(vec8 v)
{
    const float *s = v.lane;
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

#endif

static inline vec8 vec8_zero(void)
{
    static const float zeros[SN_LANES];
    return vec8_load(zeros);
}

#endif
