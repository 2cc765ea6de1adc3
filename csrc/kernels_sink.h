/* kernels_sink.h - what becomes of derivatives: kept, added, or learned from at once. */

/* A sink (kernels.h) with its numbers in vectors. */
typedef struct {
    sn_use use;
    float *to, *curvature;
    const float *gradient;
    vec8 share, epsilon, mu, gamma, kept;
} sink8;

static inline ALWAYS_INLINE sink8 sink8_of(const sn_use use, const sn_sink *sink)
{
    sink8 t = {.use = use, .to = sink->to, .share = vec8_of(sink->share), .epsilon = vec8_of(0)};
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
static inline ALWAYS_INLINE void apply_scaled(const sink8 *t, size_t at, vec8 d, vec8 step, size_t n)
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

static inline ALWAYS_INLINE void apply(const sink8 *t, size_t at, vec8 d, size_t n)
{
    if (t->use == SN_RUN)
        apply_scaled(t, at, vec8_mul(t->gamma, d), vec8_mul(t->epsilon, vec8_load_part(t->gradient + at, n)), n);
    else
        apply_scaled(t, at, d, d, n);
}

/* Calls function(sink8, ...) with a constant use. */
#define WITH_SINK8(function, ...)                                                                                      \
    do {                                                                                                               \
        if (sink->use == SN_KEEP)                                                                                      \
            function(sink8_of(SN_KEEP, sink), __VA_ARGS__);                                                            \
        else if (sink->use == SN_ADD)                                                                                  \
            function(sink8_of(SN_ADD, sink), __VA_ARGS__);                                                             \
        else if (sink->use == SN_RUN)                                                                                  \
            function(sink8_of(SN_RUN, sink), __VA_ARGS__);                                                             \
        else                                                                                                           \
            function(sink8_of(SN_DROP, sink), __VA_ARGS__);                                                            \
    } while (0)

static inline ALWAYS_INLINE void give_all(const sink8 to, const float *restrict d, size_t rows, size_t pitch, size_t n,
                                          size_t at)
{
    for (; rows-- > 0; d += pitch, at += n) {
        size_t i = 0;
        for (; i + SN_LANES <= n; i += SN_LANES)
            apply(&to, at + i, vec8_load(d + i), SN_LANES);
        if (i < n)
            apply(&to, at + i, vec8_load_part(d + i, n - i), n - i);
    }
}

static void give_rows(const float *d, size_t rows, size_t pitch, size_t n, const sn_sink *sink, size_t at)
{
    WITH_SINK8(give_all, d, rows, pitch, n, at);
}

static void give(const float *d, size_t n, const sn_sink *sink, size_t at) { give_rows(d, 1, 0, n, sink, at); }

/* Vectors of parameters have slack: whole lanes do no harm. */
static void fixed(const sn_rule *rule, const float *restrict g, const float *restrict curvature, float *restrict u,
                  size_t n)
{
    const vec8 epsilon = vec8_of(rule->epsilon), mu = vec8_of(rule->mu);
    for (size_t i = 0; i < n; i += SN_LANES)
        vec8_store(u + i,
                   divided_step(vec8_mul(epsilon, vec8_load(g + i)), mu, vec8_load(curvature + i), vec8_load(u + i)));
}

/* Adding 0 leaves no -0. */
static void keep(const float *restrict kept, float *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i += SN_LANES)
        vec8_store(x + i, vec8_fma(vec8_load(kept + i), vec8_load(x + i), vec8_of(0)));
}

static void adamw(const sn_rule *rule, const sn_moments *moments, const float *restrict g, float *restrict u, size_t n)
{
    const vec8 beta = vec8_of(rule->beta), gamma = vec8_of(rule->gamma), mu = vec8_of(rule->mu);
    const vec8 old_mean = vec8_of(1 - rule->beta), old_square = vec8_of(1 - rule->gamma);
    const vec8 step = vec8_of(moments->step), correction = vec8_of(moments->correction);
    const vec8 rest = vec8_of(1 - rule->epsilon * rule->decay);
    for (size_t i = 0; i < n; i += SN_LANES) {
        const vec8 d = vec8_load(g + i);
        const vec8 m = vec8_fma(old_mean, vec8_load(moments->mean + i), vec8_mul(beta, d));
        const vec8 h = vec8_fma(old_square, vec8_load(moments->square + i), vec8_mul(gamma, vec8_mul(d, d)));
        const vec8 root = vec8_sqrt(vec8_mul(correction, h));
        vec8_store(moments->mean + i, m);
        vec8_store(moments->square + i, h);
        vec8_store(u + i, vec8_sub(vec8_mul(rest, vec8_load(u + i)), vec8_div(vec8_mul(step, m), vec8_add(root, mu))));
    }
}
