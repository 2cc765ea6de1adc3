/* kernels_body.h - the loops of kernels.h over vec8. A file for each tier includes it once, after vec8.h. */

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

/* Three vectors, of which each weight that was loaded serves all. */
typedef struct {
    vec8 a, b, c;
} trio;

static inline trio trio_of(float x) { return (trio){vec8_of(x), vec8_of(x), vec8_of(x)}; }

static inline trio trio_load(const float *x)
{
    return (trio){vec8_load(x), vec8_load(x + SN_LANES), vec8_load(x + 2 * SN_LANES)};
}

static inline void trio_store(float *x, trio v)
{
    vec8_store(x, v.a);
    vec8_store(x + SN_LANES, v.b);
    vec8_store(x + 2 * SN_LANES, v.c);
}

static inline trio trio_fma(float w, trio x, trio sum)
{
    const vec8 weight = vec8_of(w);
    return (trio){vec8_fma(weight, x.a, sum.a), vec8_fma(weight, x.b, sum.b), vec8_fma(weight, x.c, sum.c)};
}

static inline float weight_at(const float *w, const int32_t *from, size_t place)
{
    return w[from ? (size_t)from[place] : place];
}

static inline void correlate_one(const float *restrict w, const int32_t *restrict from, const int32_t *restrict tap,
                                 size_t taps, const float *restrict x, float *restrict out, size_t n)
{
    size_t p = 0;
    for (; p + 2 * SN_LANES < n; p += 3 * SN_LANES) {
        trio sum = trio_of(0);
        for (size_t t = 0; t < taps; t++)
            sum = trio_fma(weight_at(w, from, t), trio_load(x + tap[t] + p), sum);
        trio_store(out + p, sum);
    }
    for (; p < n; p += SN_LANES) {
        vec8 sum = vec8_of(0);
        for (size_t t = 0; t < taps; t++)
            sum = vec8_fma(vec8_of(weight_at(w, from, t)), vec8_load(x + tap[t] + p), sum);
        vec8_store(out + p, sum);
    }
}

static void correlate(const float *w, const int32_t *from, const int32_t *tap, size_t taps, const float *x, float *out,
                      size_t n)
{
    if (from)
        correlate_one(w, from, tap, taps, x, out, n);
    else
        correlate_one(w, NULL, tap, taps, x, out, n);
}

/* Four planes of three vectors are 12 sums, and with three vectors and a weight the 16 registers of AVX2 and more: a
 * vector that was loaded serves four planes. */
static inline void correlate_four(const float *restrict w, const int32_t *restrict from, size_t w_pitch,
                                  const int32_t *restrict tap, size_t taps, const float *restrict x,
                                  float *restrict out, size_t out_pitch, size_t n)
{
    size_t p = 0;
    for (; p + 2 * SN_LANES < n; p += 3 * SN_LANES) {
        trio s0 = trio_of(0), s1 = trio_of(0), s2 = trio_of(0), s3 = trio_of(0);
        for (size_t t = 0; t < taps; t++) {
            const trio source = trio_load(x + tap[t] + p);
            s0 = trio_fma(weight_at(w, from, t), source, s0);
            s1 = trio_fma(weight_at(w, from, w_pitch + t), source, s1);
            s2 = trio_fma(weight_at(w, from, 2 * w_pitch + t), source, s2);
            s3 = trio_fma(weight_at(w, from, 3 * w_pitch + t), source, s3);
        }
        trio_store(out + p, s0);
        trio_store(out + out_pitch + p, s1);
        trio_store(out + 2 * out_pitch + p, s2);
        trio_store(out + 3 * out_pitch + p, s3);
    }
    for (; p < n; p += SN_LANES) {
        vec8 s0 = vec8_of(0), s1 = vec8_of(0), s2 = vec8_of(0), s3 = vec8_of(0);
        for (size_t t = 0; t < taps; t++) {
            const vec8 source = vec8_load(x + tap[t] + p);
            s0 = vec8_fma(vec8_of(weight_at(w, from, t)), source, s0);
            s1 = vec8_fma(vec8_of(weight_at(w, from, w_pitch + t)), source, s1);
            s2 = vec8_fma(vec8_of(weight_at(w, from, 2 * w_pitch + t)), source, s2);
            s3 = vec8_fma(vec8_of(weight_at(w, from, 3 * w_pitch + t)), source, s3);
        }
        vec8_store(out + p, s0);
        vec8_store(out + out_pitch + p, s1);
        vec8_store(out + 2 * out_pitch + p, s2);
        vec8_store(out + 3 * out_pitch + p, s3);
    }
}

static void correlate4(const float *w, const int32_t *from, size_t w_pitch, const int32_t *tap, size_t taps,
                       const float *x, float *out, size_t out_pitch, size_t n)
{
    if (from)
        correlate_four(w, from, w_pitch, tap, taps, x, out, out_pitch, n);
    else
        correlate_four(w, NULL, w_pitch, tap, taps, x, out, out_pitch, n);
}

/* Four taps at a time: y is loaded once for all of them, and no sum waits for another. */
static void correlate_back(const float *restrict y, size_t n, const int32_t *restrict tap, size_t taps,
                           const float *restrict x, float *restrict g)
{
    size_t t = 0;
    for (; t + 4 <= taps; t += 4) {
        const float *x0 = x + tap[t], *x1 = x + tap[t + 1], *x2 = x + tap[t + 2], *x3 = x + tap[t + 3];
        vec8 sum[4] = {vec8_of(0), vec8_of(0), vec8_of(0), vec8_of(0)};
        for (size_t p = 0; p < n; p += SN_LANES) {
            const vec8 v = vec8_load(y + p);
            sum[0] = vec8_fma(v, vec8_load(x0 + p), sum[0]);
            sum[1] = vec8_fma(v, vec8_load(x1 + p), sum[1]);
            sum[2] = vec8_fma(v, vec8_load(x2 + p), sum[2]);
            sum[3] = vec8_fma(v, vec8_load(x3 + p), sum[3]);
        }
        vec8_add_sums(g + t, sum);
    }
    for (; t < taps; t++)
        g[t] += dot(y, x + tap[t], n);
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
        add_scaled(y[i], x, g + i * inputs, inputs);
    }
}

static void split_two(const float *restrict from, size_t from_pitch, float *restrict to, size_t to_pitch, size_t rows,
                      size_t n)
{
    for (; rows-- > 0; from += from_pitch, to += to_pitch)
        for (size_t c = 0; c < n; c += SN_LANES)
            vec8_store(to + c, vec8_evens(vec8_load(from + 2 * c), vec8_load(from + 2 * c + SN_LANES)));
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

static void square(const float *restrict x, float *restrict y, size_t n)
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
    .split_two = split_two,
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
