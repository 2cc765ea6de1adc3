/* kernels_dots.h - dense layers, and the gradient to weights that a plane shares: sums along the lanes. */

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

/* The sums of R rows, which do not wait for each other. */
static inline ALWAYS_INLINE void some_rows(const size_t R, const float *restrict x, size_t pitch, size_t n, float *sum)
{
    vec8 lanes[4];
    UNROLL for (size_t r = 0; r < R; r++) lanes[r] = vec8_of(0);
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        UNROLL for (size_t r = 0; r < R; r++) lanes[r] = vec8_add(lanes[r], vec8_load(x + r * pitch + i));
    for (size_t r = 0; r < R; r++) {
        float tail = 0;
        for (size_t k = i; k < n; k++)
            tail += x[r * pitch + k];
        sum[r] = vec8_sum(lanes[r]) + tail;
    }
}

static void sum_rows(const float *x, size_t rows, size_t pitch, size_t n, float *sum)
{
    size_t r = 0;
    for (; r + 4 <= rows; r += 4)
        some_rows(4, x + r * pitch, pitch, n, sum + r);
    for (; r < rows; r++)
        some_rows(1, x + r * pitch, pitch, n, sum + r);
}

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

/* Adds the products of vector k of M planes, 1 or 2, with that of each of as many taps as make eight sums, plane after
 * plane: an x that was loaded serves both planes. */
static inline ALWAYS_INLINE void add_products(const size_t M, const sn_dots *d, const float *const *from, size_t k,
                                              bool first, vec8 *sum)
{
    const size_t some = SN_LANES / M;
    vec8 y[2];
    UNROLL for (size_t m = 0; m < M; m++) y[m] = vec8_load(d->y + m * d->y_pitch + k * SN_LANES);
    UNROLL for (size_t i = 0; i < some; i++)
    {
        const vec8 loaded = vec8_load(from[i] + k * SN_LANES), x = M > 1 ? vec8_held(loaded) : loaded;
        UNROLL for (size_t m = 0; m < M; m++) sum[m * some + i] =
            first ? vec8_mul(y[m], x) : vec8_fma(y[m], x, sum[m * some + i]);
    }
}

/* The sums of M planes for eight taps at a time, half of these first if there are two planes. Those of the first begin
 * with parameter `at`, those of the second after `pitch` more. */
static inline ALWAYS_INLINE void dots_of(const size_t M, const size_t vectors, const sink8 *to, const sn_dots *of,
                                         size_t at, size_t pitch)
{
    const sn_dots d = *of; /* which, unlike *of, no store can change */
    const size_t some = SN_LANES / M;
    size_t t = 0;
    for (; t + SN_LANES <= d.taps; t += SN_LANES) {
        vec8 half[4]; /* of the sums' lanes: of all first taps, plane by plane, and then of the others */
        UNROLL for (size_t g = 0; g < M; g++)
        {
            const float *from[SN_LANES];
            vec8 sum[SN_LANES];
            UNROLL for (size_t i = 0; i < some; i++) from[i] = d.x + d.tap[t + g * some + i];
            add_products(M, &d, from, 0, true, sum);
            for (size_t k = 1; k < vectors; k++)
                add_products(M, &d, from, k, false, sum);
            half[2 * g] = vec8_half_sums(sum);
            half[2 * g + 1] = vec8_half_sums(sum + SN_LANES / 2);
        }
        UNROLL for (size_t m = 0; m < M; m++)
            apply(to, at + m * pitch + t, vec8_add_halves(half[m], half[m + M]), SN_LANES);
    }
    for (; t < d.taps; t++)
        for (size_t m = 0; m < M; m++)
            apply(to, at + m * pitch + t, vec8_of(dot(d.y + m * d.y_pitch, d.x + d.tap[t], d.n)), 1);
}

/* Worth loops of a constant length: planes of two vectors, such as H2's of the zip-code net. */
static inline ALWAYS_INLINE void dots(const sink8 to, const sn_dots *d, size_t at, size_t pitch)
{
    const size_t vectors = d->n / SN_LANES;
    if (d->planes == 2 && vectors == 2)
        dots_of(2, 2, &to, d, at, pitch);
    else if (d->planes == 2)
        dots_of(2, vectors, &to, d, at, pitch);
    else if (vectors == 2)
        dots_of(1, 2, &to, d, at, pitch);
    else
        dots_of(1, vectors, &to, d, at, pitch);
}

/* Divisions are faster by themselves than among the sums. */
static void dots_first(const sn_dots *d, const sn_sink *sink, size_t at)
{
    enum { SOME = 256 };
    float found[2 * SOME];
    for (size_t t = 0; t < d->taps; t += SOME) {
        sn_dots some = *d;
        some.tap += t;
        some.taps = least(SOME, d->taps - t);
        dots((sink8){.use = SN_KEEP, .to = found}, &some, 0, SOME);
        for (size_t m = 0; m < d->planes; m++)
            give(found + m * SOME, some.taps, sink, at + m * d->taps + t);
    }
}

static void correlate_back(const sn_dots *all, const sn_sink *sink, size_t at)
{
    sn_dots d = *all;
    for (size_t m = 0; m < all->planes; m += d.planes, at += d.planes * d.taps, d.y += d.planes * d.y_pitch) {
        d.planes = least(2, all->planes - m);
        if (sink->use == SN_KEEP)
            dots(sink8_of(SN_KEEP, sink), &d, at, d.taps);
        else if (sink->use == SN_ADD)
            dots(sink8_of(SN_ADD, sink), &d, at, d.taps);
        else
            dots_first(&d, sink, at);
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
static inline ALWAYS_INLINE void inputs_back(const sink8 *to, const size_t K, size_t n, const float *w,
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
            apply_scaled(to, at + k * SN_LANES, vec8_mul(factor, h ? square[k] : state[k]), vec8_mul(step, state[k]),
                         n);
        }
    }
    UNROLL for (size_t k = 0; k < K; k++) if (back) vec8_store_part(back + k * SN_LANES, sum[k], n);
}

static inline ALWAYS_INLINE void all_back(const sink8 to, const float *w, const float *x, const float *y,
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
    WITH_SINK8(all_back, w, x, y, NULL, back, units, inputs, at);
}

static void full_back2(const float *w, const float *x, const float *y, const float *h, float *back2, size_t units,
                       size_t inputs, const sn_sink *sink, size_t at)
{
    WITH_SINK8(all_back, w, x, y, h, back2, units, inputs, at);
}
