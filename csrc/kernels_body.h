/* kernels_body.h - the loops of kernels.h over vec8. A file for each tier includes it once, after vec8.h. */

/* For loops of a constant length over vectors that should all stay in registers. */
#if defined(__clang__)
#define ALWAYS_INLINE __attribute__((always_inline))
#define UNROLL        _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define ALWAYS_INLINE __attribute__((always_inline))
#define UNROLL        _Pragma("GCC unroll 16")
#else
#define ALWAYS_INLINE
#define UNROLL
#endif

enum { MOST_SUMS = 12 }; /* with what they are made from they fill the 16 registers of AVX2 */

/* The next of the blocks of at most `most` that `rest` is cut into: never a small one at the end if two of medium size
 * do it, for sums that are too few wait for each other. */
static inline size_t in_blocks_of(size_t most, size_t rest)
{
    return rest <= most ? rest : rest < 2 * most ? (rest + 1) / 2 : most;
}

static float dot(const float *restrict a, const float *restrict b, size_t n)
{
    vec8 sum = vec8_of(0), next = vec8_of(0);
    size_t i = 0;
    for (; i + 2 * SN_LANES <= n; i += 2 * SN_LANES) {
        sum = vec8_fma(vec8_load(a + i), vec8_load(b + i), sum);
        next = vec8_fma(vec8_load(a + i + SN_LANES), vec8_load(b + i + SN_LANES), next);
    }
    for (; i + SN_LANES <= n; i += SN_LANES)
        sum = vec8_fma(vec8_load(a + i), vec8_load(b + i), sum);
    float tail = 0;
    for (; i < n; i++)
        tail += a[i] * b[i];
    return vec8_sum(vec8_add(sum, next)) + tail;
}

static float sum_of(const float *restrict x, size_t n)
{
    vec8 lanes = vec8_of(0);
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        lanes = vec8_add(lanes, vec8_load(x + i));
    float tail = 0;
    for (; i < n; i++)
        tail += x[i];
    return vec8_sum(lanes) + tail;
}

/* Sums over taps (kernels.h) for M planes of K vectors each. Both are constants where this is used, and all sums stay
 * in registers: a vector that was loaded serves M planes, a weight K vectors, and no sum waits for another. */
static inline ALWAYS_INLINE void block(const size_t M, const size_t K, const float *restrict w, size_t w_pitch,
                                       const int32_t *restrict from, const int32_t *restrict tap, size_t taps,
                                       const float *restrict x, size_t step, float *restrict out, size_t out_pitch)
{
    vec8 sum[MOST_SUMS];
    UNROLL for (size_t i = 0; i < M * K; i++) sum[i] = vec8_of(0);
    for (size_t t = 0; t < taps; t++) {
        const float *weight = w + (from ? (size_t)from[t] : t), *source = x + tap[t];
        UNROLL for (size_t m = 0; m < M; m++)
        {
            const vec8 of_plane = vec8_of(weight[m * w_pitch]);
            UNROLL for (size_t k = 0; k < K; k++) sum[m * K + k] =
                vec8_fma(of_plane, vec8_load(source + k * step), sum[m * K + k]);
        }
    }
    UNROLL for (size_t m = 0; m < M; m++) UNROLL for (size_t k = 0; k < K; k++)
        vec8_store(out + m * out_pitch + k * SN_LANES, sum[m * K + k]);
}

/* One plane in blocks of up to eight vectors: more would not be faster, and fewer are slower. */
static inline ALWAYS_INLINE void one_plane(const float *w, const int32_t *from, const int32_t *tap, size_t taps,
                                           const float *x, size_t step, float *out, size_t n)
{
    for (size_t rest = (n + SN_LANES - 1) / SN_LANES, k; rest > 0; rest -= k, x += k * step, out += k * SN_LANES) {
        k = in_blocks_of(8, rest);
        switch (k) {
#define CASE(K)                                                                                                        \
    case K:                                                                                                            \
        block(1, K, w, 0, from, tap, taps, x, step, out, 0);                                                           \
        break
            CASE(1);
            CASE(2);
            CASE(3);
            CASE(4);
            CASE(5);
            CASE(6);
            CASE(7);
            CASE(8);
#undef CASE
        }
    }
}

static void correlate(const float *w, const int32_t *from, const int32_t *tap, size_t taps, const float *x, size_t step,
                      float *out, size_t n)
{
    if (from)
        one_plane(w, from, tap, taps, x, step, out, n);
    else
        one_plane(w, NULL, tap, taps, x, step, out, n);
}

static inline ALWAYS_INLINE void four_planes(const float *w, size_t w_pitch, const int32_t *from, const int32_t *tap,
                                             size_t taps, const float *x, size_t step, float *out, size_t out_pitch,
                                             size_t n)
{
    for (size_t rest = (n + SN_LANES - 1) / SN_LANES, k; rest > 0; rest -= k, x += k * step, out += k * SN_LANES) {
        k = in_blocks_of(3, rest);
        if (k == 3)
            block(4, 3, w, w_pitch, from, tap, taps, x, step, out, out_pitch);
        else if (k == 2)
            block(4, 2, w, w_pitch, from, tap, taps, x, step, out, out_pitch);
        else
            block(4, 1, w, w_pitch, from, tap, taps, x, step, out, out_pitch);
    }
}

static void correlate4(const float *w, size_t w_pitch, const int32_t *from, const int32_t *tap, size_t taps,
                       const float *x, size_t step, float *out, size_t out_pitch, size_t n)
{
    if (from)
        four_planes(w, w_pitch, from, tap, taps, x, step, out, out_pitch, n);
    else
        four_planes(w, w_pitch, NULL, tap, taps, x, step, out, out_pitch, n);
}

/* Eight taps at a time: y is loaded once for all of them, and their sums over the lanes are taken together. */
static void correlate_back(const float *restrict y, size_t n, const int32_t *restrict tap, size_t taps,
                           const float *restrict x, float *restrict g)
{
    size_t t = 0;
    for (; t + SN_LANES <= taps; t += SN_LANES) {
        const float *from[SN_LANES];
        vec8 sum[SN_LANES];
        UNROLL for (size_t i = 0; i < SN_LANES; i++)
        {
            from[i] = x + tap[t + i];
            sum[i] = vec8_mul(vec8_load(y), vec8_load(from[i]));
        }
        for (size_t p = SN_LANES; p < n; p += SN_LANES) {
            const vec8 v = vec8_load(y + p);
            UNROLL for (size_t i = 0; i < SN_LANES; i++) sum[i] = vec8_fma(v, vec8_load(from[i] + p), sum[i]);
        }
        vec8_store(g + t, vec8_sums(sum));
    }
    for (; t < taps; t++)
        g[t] = dot(y, x + tap[t], n);
}

static void full(const float *restrict w, const float *restrict x, const float *restrict b, float *restrict sum,
                 size_t units, size_t inputs)
{
    for (size_t i = 0; i < units; i++)
        sum[i] = (b ? b[i] : 0) + dot(w + i * inputs, x, inputs);
}

/* y_i += w x_i */
static void add_scaled(float w, const float *restrict x, float *restrict y, size_t n)
{
    const vec8 weight = vec8_of(w);
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        vec8_store(y + i, vec8_fma(weight, vec8_load(x + i), vec8_load(y + i)));
    for (; i < n; i++)
        y[i] += w * x[i];
}

static void full_back(const float *restrict w, const float *restrict x, const float *restrict y, float *restrict back,
                      float *restrict g, size_t units, size_t inputs)
{
    if (back)
        memset(back, 0, inputs * sizeof *back);
    for (size_t i = 0; i < units; i++) {
        if (back)
            add_scaled(y[i], w + i * inputs, back, inputs);
        memset(g + i * inputs, 0, inputs * sizeof *g);
        add_scaled(y[i], x, g + i * inputs, inputs);
    }
}

static void to_columns(const sn_row *row, size_t rows, const float *restrict x, bool two, float *restrict to,
                       size_t plane, size_t columns, size_t width)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++) {
            const float *from = x + row[r].plane + j;
            float *column = to + (size_t)row[r].columns + j * plane;
            if (two)
                for (size_t c = 0; c < width; c += SN_LANES)
                    vec8_store(column + c, vec8_evens(vec8_load(from + 2 * c), vec8_load(from + 2 * c + SN_LANES)));
            else
                for (size_t c = 0; c < width; c += SN_LANES)
                    vec8_store(column + c, vec8_load(from + c));
        }
}

/* The sum over the columns j, j + stride, ... of what they hold for eight numbers that are a stride apart. */
static inline vec8 overlap(const float *restrict from, size_t plane, size_t j, size_t columns, size_t stride,
                           const float *restrict mask, size_t across)
{
    vec8 sum = vec8_of(0);
    for (size_t shift = 0; j < columns; j += stride, shift++)
        sum = vec8_fma(vec8_load(mask + j * across), vec8_load(from + j * plane - shift), sum);
    return sum;
}

static void from_columns(const sn_row *row, size_t rows, const float *restrict from, size_t plane, size_t columns,
                         const float *restrict mask, size_t across, bool two, float *restrict x)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < across; c += SN_LANES) {
            const float *column = from + row[r].columns + c;
            float *to = x + row[r].plane;
            if (two)
                vec8_store_interleaved(to + 2 * c, overlap(column, plane, 0, columns, 2, mask + c, across),
                                       overlap(column, plane, 1, columns, 2, mask + c, across));
            else
                vec8_store(to + c, overlap(column, plane, 0, columns, 1, mask + c, across));
        }
}

static void merge_two(const float *restrict even, const float *restrict odd, float *restrict to, size_t n)
{
    for (size_t c = 0; c < n; c += SN_LANES)
        vec8_store_interleaved(to + 2 * c, vec8_load(even + c), vec8_load(odd + c));
}

static void add_pairs(const float *restrict from, float *restrict to, size_t n)
{
    for (size_t c = 0; c < n; c += SN_LANES) {
        const float *x = from + 2 * c, *next = x + 1;
        vec8_store(to + c, vec8_add(vec8_evens(vec8_load(x), vec8_load(x + SN_LANES)),
                                    vec8_evens(vec8_load(next), vec8_load(next + SN_LANES))));
    }
}

/* exp(z) for z from 0 to 20: z = k ln 2 + r with a whole k and |r| <= ln 2 / 2, and exp(r) = 1 + r + r^2 times a
 * polynomial fitted to the least largest relative error (1e-8). */
static inline vec8 exponential(vec8 z)
{
    const vec8 to_nearest = vec8_of(0x1.8p23f); /* adding it rounds to a whole number, which its low bits then hold */
    const vec8 shifted = vec8_add(vec8_mul(z, vec8_of(0x1.715476p+0f)), to_nearest);
    const vec8 k = vec8_sub(shifted, to_nearest);
    /* ln 2 in two parts, of which the first times k is exact */
    const vec8 r = vec8_fma(k, vec8_of(-0x1.7f7d1cp-20f), vec8_fma(k, vec8_of(-0x1.62e4p-1f), z));
    vec8 p = vec8_of(0x1.6bebfcp-10f);
    p = vec8_fma(p, r, vec8_of(0x1.122776p-7f));
    p = vec8_fma(p, r, vec8_of(0x1.555674p-5f));
    p = vec8_fma(p, r, vec8_of(0x1.5554bp-3f));
    p = vec8_fma(p, r, vec8_of(0x1.fffffep-2f));
    p = vec8_fma(vec8_mul(r, r), p, r);
    return vec8_mul(vec8_power(shifted), vec8_add(vec8_of(1), p));
}

/* Ours, because it then has the same bits with every C library, and because it has no branch. Up to 0.55 an odd
 * polynomial fitted to the least largest relative error (1e-9), beyond it 1 - 2 / (exp(2|x|) + 1). The error is below 2
 * units in the last place (tests/test_squash.py). */
static inline vec8 tanh_of(vec8 x)
{
    const vec8 size = vec8_abs(x), saturated = vec8_of(9.25f), one = vec8_of(1); /* tanh is 1 from 9.02 on */
    const vec8 z = vec8_choose(saturated, size, saturated, size);                /* a NaN stays one */
    const vec8 outer = vec8_sub(one, vec8_div(vec8_of(2), vec8_add(exponential(vec8_add(z, z)), one)));
    const vec8 s = vec8_mul(z, z);
    vec8 p = vec8_of(-0x1.9b302ap-8f);
    p = vec8_fma(p, s, vec8_of(0x1.593d02p-6f));
    p = vec8_fma(p, s, vec8_of(-0x1.b9287ap-5f));
    p = vec8_fma(p, s, vec8_of(0x1.110d26p-3f));
    p = vec8_fma(p, s, vec8_of(-0x1.55554ap-2f));
    const vec8 inner = vec8_fma(vec8_mul(z, s), p, z);
    return vec8_sign(vec8_choose(z, vec8_of(0.55f), inner, outer), x);
}

static void squash(float amplitude, float slope, const float *restrict a, float *restrict x, size_t n)
{
    const vec8 high = vec8_of(amplitude), steep = vec8_of(slope);
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        vec8_store(x + i, vec8_mul(high, tanh_of(vec8_mul(steep, vec8_load(a + i)))));
    if (i == n)
        return;
    float rest[SN_LANES] = {0};
    memcpy(rest, a + i, (n - i) * sizeof *rest);
    vec8_store(rest, vec8_mul(high, tanh_of(vec8_mul(steep, vec8_load(rest)))));
    memcpy(x + i, rest, (n - i) * sizeof *rest);
}

static void square(const float *x, float *y, size_t n)
{
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        vec8_store(y + i, vec8_mul(vec8_load(x + i), vec8_load(x + i)));
    for (; i < n; i++)
        y[i] = x[i] * x[i];
}

/* ---- Rules. Vectors of parameters have slack: whole lanes do no harm. ------------------------------------------ */

static inline vec8 divided_step(const sn_rule *rule, vec8 g, vec8 curvature, vec8 u)
{
    const vec8 divisor = vec8_add(vec8_of(rule->mu), vec8_abs(curvature));
    return vec8_sub(u, vec8_div(vec8_mul(vec8_of(rule->epsilon), g), divisor));
}

static void first_order(const sn_rule *rule, const float *restrict g, float *restrict u, size_t n)
{
    const vec8 down = vec8_of(-rule->epsilon);
    for (size_t i = 0; i < n; i += SN_LANES)
        vec8_store(u + i, vec8_fma(down, vec8_load(g + i), vec8_load(u + i)));
}

static void fixed(const sn_rule *rule, const float *restrict g, const float *restrict curvature, float *restrict u,
                  size_t n)
{
    for (size_t i = 0; i < n; i += SN_LANES)
        vec8_store(u + i, divided_step(rule, vec8_load(g + i), vec8_load(curvature + i), vec8_load(u + i)));
}

static void running(const sn_rule *rule, const float *restrict g, const float *restrict c, float *restrict curvature,
                    float *restrict u, size_t n)
{
    const vec8 keep = vec8_of(1 - rule->gamma), gamma = vec8_of(rule->gamma);
    for (size_t i = 0; i < n; i += SN_LANES) {
        const vec8 h = vec8_fma(gamma, vec8_load(c + i), vec8_mul(keep, vec8_load(curvature + i)));
        vec8_store(curvature + i, h);
        vec8_store(u + i, divided_step(rule, vec8_load(g + i), h, vec8_load(u + i)));
    }
}

static const sn_kernels table = {
    .dot = dot,
    .sum = sum_of,
    .correlate = correlate,
    .correlate4 = correlate4,
    .correlate_back = correlate_back,
    .to_columns = to_columns,
    .from_columns = from_columns,
    .merge_two = merge_two,
    .add_pairs = add_pairs,
    .full = full,
    .full_back = full_back,
    .tanh = squash,
    .square = square,
    .first_order = first_order,
    .fixed = fixed,
    .running = running,
};
