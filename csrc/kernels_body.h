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

/* What the sums of vector k of plane m begin with. */
static inline vec8 bias_at(const sn_sums *s, size_t m, size_t k)
{
    if (!s->bias)
        return vec8_of(0);
    const float *bias = s->bias + m * s->bias_pitch;
    return s->bias_lanes ? vec8_load(bias + k * SN_LANES) : vec8_of(bias[k * s->bias_step]);
}

/* Sums over taps (kernels.h) for M planes of K vectors each, from plane m and vector k on. Both are constants where
 * this is used, and all sums stay in registers: a vector that was loaded serves M planes, a weight K vectors, and no
 * sum waits for another. */
static inline ALWAYS_INLINE void block(const size_t M, const size_t K, const float *w_first, const float *x_first,
                                       const sn_sums *s, bool indirect, size_t m, size_t k)
{
    const float *restrict w = w_first + m * s->w_pitch, *restrict x = x_first + k * s->step;
    const int32_t *restrict tap = s->tap, *restrict from = s->from;
    float *restrict out = s->out + m * s->out_pitch + k * SN_LANES;
    const size_t taps = s->taps, step = s->step, w_pitch = s->w_pitch;
    vec8 sum[MOST_SUMS];
    UNROLL for (size_t i = 0; i < M * K; i++) sum[i] = bias_at(s, m + i / K, k + i % K);
    for (size_t t = 0; t < taps; t++) {
        const float *weight = w + (indirect ? (size_t)from[t] : t), *source = x + tap[t];
        vec8 of_source[MOST_SUMS];
        UNROLL for (size_t i = 0; i < K; i++) of_source[i] = vec8_load(source + i * step);
        UNROLL for (size_t j = 0; j < M; j++)
        {
            const vec8 of_plane = vec8_of(weight[j * w_pitch]);
            UNROLL for (size_t i = 0; i < K; i++) sum[j * K + i] = vec8_fma(of_plane, of_source[i], sum[j * K + i]);
        }
    }
    UNROLL for (size_t j = 0; j < M; j++) UNROLL for (size_t i = 0; i < K; i++)
        vec8_store(out + j * s->out_pitch + i * SN_LANES, sum[j * K + i]);
}

/* M planes in blocks of K vectors, with M K up to 12. */
static inline ALWAYS_INLINE void planes_of(const size_t M, const float *w, const float *x, const sn_sums *s,
                                           bool indirect, size_t m)
{
    const size_t most = M == 1 ? 8 : MOST_SUMS / M, vectors = (s->n + SN_LANES - 1) / SN_LANES;
    for (size_t k = 0, next; k < vectors; k += next) {
        next = in_blocks_of(most, vectors - k);
#define CASE(K)                                                                                                        \
    if (next == (K) && (K) <= most)                                                                                    \
    block(M, K, w, x, s, indirect, m, k)
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

static inline ALWAYS_INLINE void all_planes(const float *w, const float *x, const sn_sums *s, bool indirect)
{
    for (size_t m = 0, next; m < s->planes; m += next) {
        next = in_blocks_of(s->n > SN_LANES ? MOST_SUMS / 2 : MOST_SUMS, s->planes - m);
        switch (next) {
#define CASE(M)                                                                                                        \
    case M:                                                                                                            \
        planes_of(M, w, x, s, indirect, m);                                                                            \
        break
            CASE(1);
            CASE(2);
            CASE(3);
            CASE(4);
            CASE(5);
            CASE(6);
            CASE(7);
            CASE(8);
            CASE(9);
            CASE(10);
            CASE(11);
            CASE(12);
#undef CASE
        }
    }
}

static void correlate(const float *w, const float *x, const sn_sums *sums, size_t count)
{
    for (; count-- > 0; sums++)
        if (sums->from)
            all_planes(w, x, sums, true);
        else
            all_planes(w, x, sums, false);
}

/* A sink (kernels.h) with its numbers in vectors. */
typedef struct {
    sn_use use;
    float *to, *curvature;
    const float *gradient;
    vec8 share, epsilon, mu, gamma, kept;
} taker;

static inline ALWAYS_INLINE taker taker_of(const sn_use use, const sn_sink *sink)
{
    taker t = {.use = use, .to = sink->to, .share = vec8_of(sink->share), .epsilon = vec8_of(0)};
    if (use == SN_RUN) {
        t.curvature = sink->curvature;
        t.gradient = sink->gradient;
        t.epsilon = vec8_of(sink->rule->epsilon);
        t.mu = vec8_of(sink->rule->mu);
        t.gamma = vec8_of(sink->rule->gamma);
        t.kept = vec8_of(1 - sink->rule->gamma);
    }
    return t;
}

/* u - step / (mu + |H|) */
static inline vec8 divided_step(vec8 step, vec8 mu, vec8 h, vec8 u)
{
    return vec8_sub(u, vec8_div(step, vec8_add(mu, vec8_abs(h))));
}

/* The derivatives d of up to eight parameters; for SN_RUN times gamma, and with the gradient times epsilon. */
static inline ALWAYS_INLINE void take_scaled(const taker *t, size_t at, vec8 d, vec8 step, size_t n)
{
    float *to = t->to + at;
    if (t->use == SN_KEEP) {
        vec8_store_part(to, d, n);
    } else if (t->use == SN_ADD) {
        vec8_store_part(to, vec8_fma(t->share, d, vec8_load_part(to, n)), n);
    } else if (t->use == SN_RUN) {
        const vec8 h = vec8_fma(t->kept, vec8_load_part(t->curvature + at, n), d);
        vec8_store_part(t->curvature + at, h, n);
        vec8_store_part(to, divided_step(step, t->mu, h, vec8_load_part(to, n)), n);
    }
}

static inline ALWAYS_INLINE void take(const taker *t, size_t at, vec8 d, size_t n)
{
    if (t->use == SN_RUN)
        take_scaled(t, at, vec8_mul(t->gamma, d), vec8_mul(t->epsilon, vec8_load_part(t->gradient + at, n)), n);
    else
        take_scaled(t, at, d, d, n);
}

/* Calls function(taker, ...) with a constant use. */
#define WITH_TAKER(function, ...)                                                                                      \
    do {                                                                                                               \
        if (sink->use == SN_KEEP)                                                                                      \
            function(taker_of(SN_KEEP, sink), __VA_ARGS__);                                                            \
        else if (sink->use == SN_ADD)                                                                                  \
            function(taker_of(SN_ADD, sink), __VA_ARGS__);                                                             \
        else if (sink->use == SN_RUN)                                                                                  \
            function(taker_of(SN_RUN, sink), __VA_ARGS__);                                                             \
        else                                                                                                           \
            function(taker_of(SN_DROP, sink), __VA_ARGS__);                                                            \
    } while (0)

static inline ALWAYS_INLINE void give_all(const taker to, const float *restrict d, size_t n, size_t at)
{
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        take(&to, at + i, vec8_load(d + i), SN_LANES);
    if (i < n)
        take(&to, at + i, vec8_load_part(d + i, n - i), n - i);
}

static void give(const float *d, size_t n, const sn_sink *sink, size_t at) { WITH_TAKER(give_all, d, n, at); }

/* Eight sums over i of y_i from[.]_i at once: y is loaded once for all, and the lanes are added up together. */
static inline ALWAYS_INLINE vec8 eight_dots(const float *restrict y, const float *const from[SN_LANES], size_t n)
{
    vec8 sum[SN_LANES];
    UNROLL for (size_t i = 0; i < SN_LANES; i++) sum[i] = vec8_of(0);
    size_t p = 0;
    for (; p + SN_LANES <= n; p += SN_LANES) {
        const vec8 v = vec8_load(y + p);
        UNROLL for (size_t i = 0; i < SN_LANES; i++) sum[i] = vec8_fma(v, vec8_load(from[i] + p), sum[i]);
    }
    if (p < n) {
        const vec8 v = vec8_load_part(y + p, n - p);
        UNROLL for (size_t i = 0; i < SN_LANES; i++) sum[i] = vec8_fma(v, vec8_load_part(from[i] + p, n - p), sum[i]);
    }
    return vec8_sums(sum);
}

static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Blocks of eight taps of a plane of two vectors, which are kept in registers. Returns how many taps they were. */
static inline ALWAYS_INLINE size_t short_dots(const taker *to, const float *restrict y, const int32_t *restrict tap,
                                              size_t taps, const float *restrict x, size_t at)
{
    const vec8 low = vec8_load(y), high = vec8_load(y + SN_LANES);
    size_t t = 0;
    for (; t + SN_LANES <= taps; t += SN_LANES) {
        vec8 sum[SN_LANES];
        UNROLL for (size_t i = 0; i < SN_LANES; i++)
        {
            const float *from = x + tap[t + i];
            sum[i] = vec8_fma(high, vec8_load(from + SN_LANES), vec8_mul(low, vec8_load(from)));
        }
        take(to, at + t, vec8_sums(sum), SN_LANES);
    }
    return t;
}

static inline ALWAYS_INLINE size_t long_dots(const taker *to, const float *restrict y, size_t n,
                                             const int32_t *restrict tap, size_t taps, const float *restrict x,
                                             size_t at)
{
    size_t t = 0;
    for (; t + SN_LANES <= taps; t += SN_LANES) {
        const float *from[SN_LANES];
        UNROLL for (size_t i = 0; i < SN_LANES; i++) from[i] = x + tap[t + i];
        take(to, at + t, eight_dots(y, from, n / SN_LANES * SN_LANES), SN_LANES);
    }
    return t;
}

static inline ALWAYS_INLINE void dots(const taker to, const float *y, size_t n, const int32_t *tap, size_t taps,
                                      const float *x, size_t at)
{
    size_t t = n == 2 * SN_LANES ? short_dots(&to, y, tap, taps, x, at) : long_dots(&to, y, n, tap, taps, x, at);
    for (; t < taps; t++)
        take(&to, at + t, vec8_of(dot(y, x + tap[t], n)), 1);
}

static void correlate_back(const float *y, size_t n, const int32_t *tap, size_t taps, const float *x,
                           const sn_sink *sink, size_t at)
{
    enum { SOME = 256 };
    float found[SOME];
    if (sink->use == SN_KEEP)
        dots(taker_of(SN_KEEP, sink), y, n, tap, taps, x, at);
    else if (sink->use == SN_ADD)
        dots(taker_of(SN_ADD, sink), y, n, tap, taps, x, at);
    else /* divisions are faster by themselves than among the sums */
        for (size_t t = 0; t < taps; t += SOME) {
            const size_t count = least(SOME, taps - t);
            dots((taker){.use = SN_KEEP, .to = found}, y, n, tap + t, count, x, 0);
            give(found, count, sink, at + t);
        }
}

static void full(const float *restrict w, const float *restrict x, const float *restrict b, float *restrict sum,
                 size_t units, size_t inputs)
{
    for (size_t unit = 0; unit < units; unit += SN_LANES) {
        const float *from[SN_LANES];
        for (size_t i = 0; i < SN_LANES; i++)
            from[i] = w + least(unit + i, units - 1) * inputs;
        const vec8 dots = eight_dots(x, from, inputs);
        const vec8 bias = b ? vec8_load_part(b + unit, units - unit) : vec8_of(0);
        vec8_store_part(sum + unit, vec8_add(dots, bias), units - unit);
    }
}

/* For K vectors of inputs, or for `n` inputs and K = 1: what goes back to them stays in registers. With h it is the
 * second pass. */
static inline ALWAYS_INLINE void inputs_back(const taker *to, const size_t K, size_t n, const float *w,
                                             const float *restrict x, const float *restrict y, const float *restrict h,
                                             float *restrict back, size_t units, size_t inputs, size_t at)
{
    vec8 state[MOST_SUMS], square[MOST_SUMS], sum[MOST_SUMS];
    UNROLL for (size_t k = 0; k < K; k++)
    {
        state[k] = vec8_load_part(x + k * SN_LANES, n);
        square[k] = vec8_mul(state[k], state[k]);
        sum[k] = vec8_of(0);
    }
    for (size_t i = 0; i < units; i++, w += inputs, at += inputs) {
        const vec8 of_unit = vec8_of(h ? h[i] : y[i]), step = vec8_mul(to->epsilon, vec8_of(y[i]));
        const vec8 factor = to->use == SN_RUN ? vec8_mul(to->gamma, of_unit) : of_unit;
        UNROLL for (size_t k = 0; k < K; k++)
        {
            const vec8 weight = vec8_load_part(w + k * SN_LANES, n);
            sum[k] = vec8_fma(of_unit, h ? vec8_mul(weight, weight) : weight, sum[k]);
            take_scaled(to, at + k * SN_LANES, vec8_mul(factor, h ? square[k] : state[k]), vec8_mul(step, state[k]), n);
        }
    }
    UNROLL for (size_t k = 0; k < K; k++) if (back) vec8_store_part(back + k * SN_LANES, sum[k], n);
}

static inline ALWAYS_INLINE void all_back(const taker to, const float *w, const float *x, const float *y,
                                          const float *h, float *back, size_t units, size_t inputs, size_t at)
{
    enum { SOME = 8 };
    size_t j = 0;
    for (; j + SOME * SN_LANES <= inputs; j += SOME * SN_LANES)
        inputs_back(&to, SOME, SN_LANES, w + j, x + j, y, h, back ? back + j : NULL, units, inputs, at + j);
    for (; j + SN_LANES <= inputs; j += SN_LANES)
        inputs_back(&to, 1, SN_LANES, w + j, x + j, y, h, back ? back + j : NULL, units, inputs, at + j);
    if (j < inputs)
        inputs_back(&to, 1, inputs - j, w + j, x + j, y, h, back ? back + j : NULL, units, inputs, at + j);
}

static void full_back(const float *w, const float *x, const float *y, float *back, size_t units, size_t inputs,
                      const sn_sink *sink, size_t at)
{
    WITH_TAKER(all_back, w, x, y, NULL, back, units, inputs, at);
}

static void full_back2(const float *w, const float *x, const float *y, const float *h, float *back2, size_t units,
                       size_t inputs, const sn_sink *sink, size_t at)
{
    WITH_TAKER(all_back, w, x, y, h, back2, units, inputs, at);
}

static void interleave(const float *restrict from, size_t pitch, float *restrict to, size_t n)
{
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES) {
        vec8 rows[SN_LANES];
        UNROLL for (size_t lane = 0; lane < SN_LANES; lane++) rows[lane] = vec8_load(from + lane * pitch + i);
        vec8_transpose(rows);
        UNROLL for (size_t lane = 0; lane < SN_LANES; lane++) vec8_store(to + (i + lane) * SN_LANES, rows[lane]);
    }
    for (; i < n; i++)
        for (size_t lane = 0; lane < SN_LANES; lane++)
            to[i * SN_LANES + lane] = from[lane * pitch + i];
}

static inline vec8 eight_apart(const float *x, bool two)
{
    return two ? vec8_evens(vec8_load(x), vec8_load(x + SN_LANES)) : vec8_load(x);
}

static inline ALWAYS_INLINE void rows_to_columns(const sn_row *row, size_t rows, const float *restrict x, bool two,
                                                 float *restrict to, size_t plane, size_t columns, size_t width)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < width; c += SN_LANES) {
            const float *from = x + row[r].plane + (two ? 2 * c : c);
            float *column = to + row[r].columns + c;
            for (size_t j = 0; j < columns; j++, column += plane)
                vec8_store(column, eight_apart(from + j, two));
        }
}

/* A stride of 2 and columns so short that all even numbers of a row fit into a vector, and all odd ones: these are
 * taken apart once, and shifted from column to column. */
static inline ALWAYS_INLINE void short_rows_to_columns(const sn_row *row, size_t rows, const float *restrict x,
                                                       float *restrict to, size_t plane, size_t columns)
{
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + row[r].plane;
        float *column = to + row[r].columns;
        const vec8 low = vec8_load(from), high = vec8_load(from + SN_LANES);
        vec8 even = vec8_evens(low, high), odd = vec8_odds(low, high);
        for (size_t j = 0; j < columns; j += 2, column += 2 * plane) {
            vec8_store(column, even);
            even = vec8_next(even);
            if (j + 1 < columns)
                vec8_store(column + plane, odd);
            odd = vec8_next(odd);
        }
    }
}

static void to_columns(const sn_row *row, size_t rows, const float *x, bool two, float *to, size_t plane,
                       size_t columns, size_t width)
{
    if (two && width + columns / 2 <= SN_LANES)
        short_rows_to_columns(row, rows, x, to, plane, columns);
    else if (two)
        rows_to_columns(row, rows, x, true, to, plane, columns, width);
    else
        rows_to_columns(row, rows, x, false, to, plane, columns, width);
}

/* The sums over the columns of what they hold for eight numbers, or for twice eight in turn. */
static inline ALWAYS_INLINE void rows_from_columns(const sn_row *row, size_t rows, const float *restrict from,
                                                   size_t plane, size_t columns, const float *restrict mask,
                                                   size_t across, bool two, float *restrict x)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < across; c += SN_LANES) {
            const float *column = from + row[r].columns + c, *of_unit = mask + c;
            float *to = x + row[r].plane;
            vec8 even = vec8_of(0), odd = vec8_of(0);
            for (size_t j = 0; j < columns; j += 2, column += 2 * plane, of_unit += 2 * across) {
                even = vec8_fma(vec8_load(of_unit), vec8_load(column), even);
                column -= !two;
                if (j + 1 < columns)
                    odd = vec8_fma(vec8_load(of_unit + across), vec8_load(column + plane), odd);
                column--;
            }
            if (two)
                vec8_store_interleaved(to + 2 * c, even, odd);
            else
                vec8_store(to + c, vec8_add(even, odd));
        }
}

static void from_columns(const sn_row *row, size_t rows, const float *from, size_t plane, size_t columns,
                         const float *mask, size_t across, bool two, float *x)
{
    if (two && columns == 5) /* the papers' kernels: worth loops of a constant length */
        rows_from_columns(row, rows, from, plane, 5, mask, across, true, x);
    else if (two)
        rows_from_columns(row, rows, from, plane, columns, mask, across, true, x);
    else
        rows_from_columns(row, rows, from, plane, columns, mask, across, false, x);
}

static void sum_blocks(const float *restrict x, size_t pitch, size_t rows, size_t width, bool squared,
                       float *restrict block)
{
    for (size_t r = 0; r < rows; r++, x += 2 * pitch, block += width)
        for (size_t c = 0; c < width; c += SN_LANES) {
            vec8 sum[2];
            UNROLL for (size_t i = 0; i < 2; i++)
            {
                const float *from = x + 2 * c + i * SN_LANES;
                const vec8 above = vec8_load(from), below = vec8_load(from + pitch);
                sum[i] = squared ? vec8_fma(below, below, vec8_mul(above, above)) : vec8_add(above, below);
            }
            vec8_store(block + c, vec8_pairs(sum[0], sum[1]));
        }
}

static void fill_blocks(float w, const float *restrict y, size_t rows, size_t width, float *restrict back, size_t pitch)
{
    const vec8 weight = vec8_of(w);
    for (size_t r = 0; r < 2 * rows; r++, back += pitch)
        for (size_t c = 0; c < width; c += SN_LANES) {
            const vec8 v = vec8_mul(weight, vec8_load(y + r / 2 * width + c));
            vec8_store_interleaved(back + 2 * c, v, v);
        }
}

static void average8(float w, float b, const float *restrict x, size_t pitch, size_t down, size_t across, size_t width,
                     float *restrict out)
{
    const vec8 weight = vec8_of(w), bias = vec8_of(b);
    for (size_t c = 0; c < width; c++, x += across * SN_LANES) {
        vec8 sum = vec8_of(0);
        for (size_t i = 0; i < down; i++)
            for (size_t j = 0; j < across; j++)
                sum = vec8_add(sum, vec8_load(x + (i * pitch + j) * SN_LANES));
        vec8_store(out + c * SN_LANES, vec8_fma(weight, sum, bias));
    }
}

static void scale(float w, float b, const float *restrict x, float *restrict y, size_t n)
{
    const vec8 weight = vec8_of(w), bias = vec8_of(b);
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        vec8_store(y + i, vec8_fma(weight, vec8_load(x + i), bias));
    if (i < n)
        vec8_store_part(y + i, vec8_fma(weight, vec8_load_part(x + i, n - i), bias), n - i);
}

/* tanh z = z p(z^2) / q(z^2), both of degree 4, fitted to the least largest relative error and then, rounded to floats,
 * searched in their neighbourhood. The error is below 4e-7 (tests/test_squash.py). Ours, because it then has the same
 * bits with every C library, and has no branch; a form with exp, right to 2 units in the last place, took half as long
 * again. */
static inline vec8 tanh_of(vec8 x)
{
    const vec8 z = vec8_limit(x, vec8_of(9.02f)), s = vec8_mul(z, z); /* tanh is 1 from there on; a NaN stays one */
    vec8 p = vec8_of(0x1.ea490ep-27f), q = vec8_of(0x1.b5497p-21f);
    p = vec8_fma(p, s, vec8_of(0x1.648882p-16f));
    q = vec8_fma(q, s, vec8_of(0x1.5f2764p-12f));
    p = vec8_fma(p, s, vec8_of(0x1.cf3632p-9f));
    q = vec8_fma(q, s, vec8_of(0x1.aa5b48p-6f));
    p = vec8_fma(p, s, vec8_of(0x1.12b40ap-3f));
    q = vec8_fma(q, s, vec8_of(0x1.deaf56p-2f));
    p = vec8_fma(p, s, vec8_of(1));
    q = vec8_fma(q, s, vec8_of(1));
    return vec8_limit(vec8_div(vec8_mul(z, p), q), vec8_of(1));
}

static inline vec8 squashed(vec8 amplitude, vec8 slope, float linear, vec8 a)
{
    const vec8 x = vec8_mul(amplitude, tanh_of(vec8_mul(slope, a)));
    return linear != 0 ? vec8_add(x, vec8_mul(vec8_of(linear), a)) : x; /* an infinite a must not meet a factor of 0 */
}

/* One loop over all whole vectors of all rows, for what tanh computes with does not fit into the registers but once. */
static void squash(float amplitude, float slope, float linear, const float *a, size_t a_pitch, size_t rows,
                   size_t width, float *x, size_t pitch)
{
    const vec8 high = vec8_of(amplitude), steep = vec8_of(slope);
    const size_t whole = width / SN_LANES * SN_LANES, rest = width - whole;
    for (size_t i = 0, c = 0, row = 0; i < rows * whole; i += SN_LANES) {
        vec8_store(x + row * pitch + c, squashed(high, steep, linear, vec8_load(a + row * a_pitch + c)));
        c += SN_LANES;
        row += c == whole;
        c = c == whole ? 0 : c;
    }
    for (size_t row = 0; rest > 0 && row < rows; row++) {
        const vec8 last = vec8_load_part(a + row * a_pitch + whole, rest);
        vec8_store_part(x + row * pitch + whole, squashed(high, steep, linear, last), rest);
    }
}

/* f'(a) = S / A (A - x) (A + x) */
static inline vec8 slope_at(vec8 high, vec8 ratio, vec8 x)
{
    return vec8_mul(ratio, vec8_mul(vec8_sub(high, x), vec8_add(high, x)));
}

static void squash_back(float amplitude, float slope, const float *restrict x, const float *restrict back, size_t pitch,
                        size_t rows, size_t width, float *restrict y)
{
    const vec8 high = vec8_of(amplitude), ratio = vec8_of(slope / amplitude);
    for (; rows-- > 0; x += pitch, back += pitch, y += width)
        for (size_t c = 0; c < width; c += SN_LANES)
            vec8_store(y + c, vec8_mul(slope_at(high, ratio, vec8_load(x + c)), vec8_load(back + c)));
}

/* f''(a) = -2 S / A x f'(a) */
static void squash_back2(float amplitude, float slope, const float *restrict x, const float *restrict back,
                         const float *restrict back2, size_t pitch, size_t rows, size_t width, float *restrict h)
{
    const vec8 high = vec8_of(amplitude), ratio = vec8_of(slope / amplitude), bend = vec8_of(-2 * slope / amplitude);
    for (size_t row = 0; row < rows; row++, h += width)
        for (size_t c = 0; c < width; c += SN_LANES) {
            const size_t i = row * pitch + c;
            const vec8 state = vec8_load(x + i), f = slope_at(high, ratio, state);
            vec8 second = vec8_mul(vec8_mul(f, f), vec8_load(back2 + i));
            if (back)
                second = vec8_fma(vec8_mul(vec8_mul(bend, state), f), vec8_load(back + i), second);
            vec8_store(h + c, second);
        }
}

static void square(const float *x, float *y, size_t n)
{
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        vec8_store(y + i, vec8_mul(vec8_load(x + i), vec8_load(x + i)));
    for (; i < n; i++)
        y[i] = x[i] * x[i];
}

/* Vectors of parameters have slack: whole lanes do no harm. */
static void fixed(const sn_rule *rule, const float *restrict g, const float *restrict curvature, float *restrict u,
                  size_t n)
{
    const vec8 epsilon = vec8_of(rule->epsilon), mu = vec8_of(rule->mu);
    for (size_t i = 0; i < n; i += SN_LANES)
        vec8_store(u + i,
                   divided_step(vec8_mul(epsilon, vec8_load(g + i)), mu, vec8_load(curvature + i), vec8_load(u + i)));
}

static const sn_kernels table = {
    .dot = dot,
    .sum = sum_of,
    .correlate = correlate,
    .correlate_back = correlate_back,
    .to_columns = to_columns,
    .from_columns = from_columns,
    .sum_blocks = sum_blocks,
    .fill_blocks = fill_blocks,
    .average8 = average8,
    .scale = scale,
    .full = full,
    .full_back = full_back,
    .full_back2 = full_back2,
    .give = give,
    .interleave = interleave,
    .tanh = squash,
    .tanh_back = squash_back,
    .tanh_back2 = squash_back2,
    .square = square,
    .fixed = fixed,
};
