/* kernels_sums.h - sums over the taps of local connections, forward and back to the sources. */

/* Sets the first values of the sums of M planes, from plane m and vector k on: the biases or 0. */
static inline ALWAYS_INLINE void set_sums(const size_t M, const size_t K, const sn_sums *s, size_t m, size_t k,
                                          vec8 *sum)
{
    if (!s->bias) {
        UNROLL for (size_t i = 0; i < M * K; i++) sum[i] = vec8_of(0);
        return;
    }
    const size_t step = s->bias_lanes ? SN_LANES : s->bias_step;
    const float *of_plane = s->bias + m * s->bias_pitch + k * step;
    UNROLL for (size_t j = 0; j < M; j++, of_plane += s->bias_pitch)
    {
        const float *bias = of_plane;
        UNROLL for (size_t i = 0; i < K; i++, bias += step) sum[j * K + i] =
            s->bias_lanes ? vec8_load(bias) : vec8_of(*bias);
    }
}

/* Sums over taps (kernels.h) for M planes of K vectors each, from plane m and vector k on. Both are constants where
 * this is used, and all sums stay in registers: a vector that was loaded serves M planes, a weight K vectors, and no
 * sum waits for another. Of vectors and weights of several planes, the fewer are loaded first. */
static inline ALWAYS_INLINE void block(const size_t M, const size_t K, const float *w_first, const float *x_first,
                                       const sn_sums *s, bool indirect, const size_t step, size_t m, size_t k)
{
    const float *restrict w = w_first + m * (indirect ? 1 : s->w_pitch), *restrict x = x_first + k * step;
    const int32_t *restrict tap = s->tap, *restrict from = s->from;
    float *restrict out = s->out + m * s->out_pitch + k * SN_LANES;
    const size_t taps = s->taps, w_pitch = indirect ? 1 : s->w_pitch;
    vec8 sum[MOST_SUMS], few[MOST_SUMS];
    set_sums(M, K, s, m, k, sum);
    for (size_t t = 0; t < taps; t++) {
        const float *weight = w + (indirect ? (size_t)from[t] : t), *source = x + tap[t];
        if (M > 1 && M < K) {
            UNROLL for (size_t j = 0; j < M; j++) few[j] = vec8_of(weight[j * w_pitch]);
            UNROLL for (size_t i = 0; i < K; i++)
            {
                const vec8 of_source = vec8_held(vec8_load(source + i * step));
                UNROLL for (size_t j = 0; j < M; j++) sum[j * K + i] = vec8_fma(few[j], of_source, sum[j * K + i]);
            }
        } else {
            UNROLL for (size_t i = 0; i < K; i++) few[i] = vec8_load(source + i * step);
            UNROLL for (size_t j = 0; j < M; j++)
            {
                const vec8 of_plane = vec8_of(weight[j * w_pitch]);
                UNROLL for (size_t i = 0; i < K; i++) sum[j * K + i] = vec8_fma(of_plane, few[i], sum[j * K + i]);
            }
        }
    }
    UNROLL for (size_t j = 0; j < M; j++) UNROLL for (size_t i = 0; i < K; i++)
        vec8_store(out + j * s->out_pitch + i * SN_LANES, sum[j * K + i]);
}

/* A variable becomes a constant, case by case; CASE is defined where this is used. */
#define CASES_TO_12                                                                                                    \
    CASE(1);                                                                                                           \
    CASE(2);                                                                                                           \
    CASE(3);                                                                                                           \
    CASE(4);                                                                                                           \
    CASE(5);                                                                                                           \
    CASE(6);                                                                                                           \
    CASE(7);                                                                                                           \
    CASE(8);                                                                                                           \
    CASE(9);                                                                                                           \
    CASE(10);                                                                                                          \
    CASE(11);                                                                                                          \
    CASE(12)

/* M planes in blocks of K vectors, with M K up to 12. */
static inline ALWAYS_INLINE void planes_of(const size_t M, const float *w, const float *x, const sn_sums *s,
                                           bool indirect, const size_t step, size_t m)
{
    const size_t most = MOST_SUMS / M, vectors = (s->n + SN_LANES - 1) / SN_LANES;
    for (size_t k = 0, next; k < vectors; k += next) {
        next = next_block(most, vectors - k);
#define CASE(K)                                                                                                        \
    if (next == (K) && (K) <= most)                                                                                    \
    block(M, K, w, x, s, indirect, step, m, k)
        CASES_TO_12;
#undef CASE
    }
}

static inline ALWAYS_INLINE void all_planes(const float *w, const float *x, const sn_sums *s, bool indirect,
                                            const size_t step)
{
    for (size_t m = 0, next; m < s->planes; m += next) {
        next = next_block(s->n > SN_LANES ? MOST_SUMS / 2 : MOST_SUMS, s->planes - m);
        switch (next) {
#define CASE(M)                                                                                                        \
    case M:                                                                                                            \
        planes_of(M, w, x, s, indirect, step, m);                                                                      \
        break
            CASES_TO_12;
#undef CASE
        }
    }
}

static void correlate(const float *w, const float *x, const sn_sums *sums, size_t count)
{
    for (; count-- > 0; sums++)
        if (sums->from)
            all_planes(w, x, sums, true, SN_LANES);
        else if (sums->step == SN_LANES)
            all_planes(w, x, sums, false, SN_LANES);
        else
            all_planes(w, x, sums, false, sums->step);
}

/* For M maps and K vectors from place `first` on, up to 4 and 3. */
static inline ALWAYS_INLINE void add_block(const size_t M, const size_t K, const float *w, const float *x,
                                           const sn_source *s, const sn_reader *reader, size_t first)
{
    const float *of[4];
    float *out[4];
    vec8 sum[MOST_SUMS], state[3];
    UNROLL for (size_t j = 0; j < M; j++)
    {
        of[j] = w + reader[j].at;
        out[j] = s->sum + (size_t)reader[j].map * s->pitch + first;
        UNROLL for (size_t i = 0; i < K; i++) sum[j * K + i] = vec8_load(out[j] + i * SN_LANES);
    }
    const int32_t *restrict tap = s->tap;
    const size_t taps = s->taps;
    for (size_t t = 0; t < taps; t++) {
        UNROLL for (size_t i = 0; i < K; i++) state[i] = vec8_load(x + tap[t] + first + i * SN_LANES);
        UNROLL for (size_t j = 0; j < M; j++)
        {
            const vec8 weight = vec8_of(of[j][t]);
            UNROLL for (size_t i = 0; i < K; i++) sum[j * K + i] = vec8_fma(weight, state[i], sum[j * K + i]);
        }
    }
    UNROLL for (size_t j = 0; j < M; j++) UNROLL for (size_t i = 0; i < K; i++)
        vec8_store(out[j] + i * SN_LANES, sum[j * K + i]);
}

static inline ALWAYS_INLINE void add_to_maps(const size_t M, const float *w, const float *x, const sn_source *s,
                                             const sn_reader *reader)
{
    const size_t vectors = (s->n + SN_LANES - 1) / SN_LANES;
    for (size_t k = 0, next; k < vectors; k += next) {
        next = next_block(3, vectors - k);
        if (next == 3)
            add_block(M, 3, w, x, s, reader, k * SN_LANES);
        else if (next == 2)
            add_block(M, 2, w, x, s, reader, k * SN_LANES);
        else
            add_block(M, 1, w, x, s, reader, k * SN_LANES);
    }
}

static void add_source(const float *w, const float *x, const sn_source *s)
{
    for (size_t m = 0, next; m < s->readers; m += next) {
        next = next_block(4, s->readers - m);
        if (next == 4)
            add_to_maps(4, w, x, s, s->reader + m);
        else if (next == 3)
            add_to_maps(3, w, x, s, s->reader + m);
        else if (next == 2)
            add_to_maps(2, w, x, s, s->reader + m);
        else
            add_to_maps(1, w, x, s, s->reader + m);
    }
}
