/* kernels_units.h - units: squashing, and back through it. */

/* The numbers of an sn_curve in vectors. */
typedef struct {
    vec8 p[SN_POWERS], q[SN_POWERS - 1], most, amplitude, linear;
} curve;

static inline ALWAYS_INLINE curve curve_of(const sn_curve *f)
{
    curve c = {.most = vec8_of(f->most), .amplitude = vec8_of(f->amplitude), .linear = vec8_of(f->linear)};
    UNROLL for (int i = 0; i < SN_POWERS; i++) c.p[i] = vec8_of(f->p[i]);
    UNROLL for (int i = 0; i < SN_POWERS - 1; i++) c.q[i] = vec8_of(f->q[i]);
    return c;
}

/* a p(s) / q(s) with s = a^2, but no more than where the quotient comes to the amplitude: from there on it is cut off.
 * A NaN stays one. An infinite a must not meet a factor of 0. Up to two vectors step by step: one after another, each
 * would wait for its own steps longer than the processor looks ahead. */
static inline ALWAYS_INLINE void squash_some(const size_t K, const curve *f, bool linear, vec8 *a)
{
    vec8 s[2], p[2], q[2];
    UNROLL for (size_t k = 0; k < K; k++) s[k] = vec8_least(f->most, vec8_mul(a[k], a[k]));
    UNROLL for (size_t k = 0; k < K; k++)
    {
        p[k] = vec8_fma(f->p[SN_POWERS - 1], s[k], f->p[SN_POWERS - 2]);
        q[k] = vec8_add(s[k], f->q[SN_POWERS - 2]);
    }
    UNROLL for (int i = SN_POWERS - 3; i >= 0; i--) UNROLL for (size_t k = 0; k < K; k++)
    {
        p[k] = vec8_fma(p[k], s[k], f->p[i]);
        q[k] = vec8_fma(q[k], s[k], f->q[i]);
    }
    UNROLL for (size_t k = 0; k < K; k++)
    {
        const vec8 x = vec8_limit(vec8_div(vec8_mul(a[k], p[k]), q[k]), f->amplitude);
        a[k] = linear ? vec8_fma(f->linear, a[k], x) : x;
    }
}

static inline ALWAYS_INLINE vec8 squashed(const curve *f, bool linear, vec8 a)
{
    squash_some(1, f, linear, &a);
    return a;
}

static inline ALWAYS_INLINE void squash_all(const curve *f, bool linear, const sn_planes *of, const float *a, float *x)
{
    const sn_planes at = *of; /* which, unlike *of, no store can change */
    const size_t whole = at.width / SN_LANES * SN_LANES, rest = at.width - whole;
    for (size_t map = 0; map < at.maps; map++)
        for (size_t row = 0; row < at.rows; row++) {
            const float *from = a + map * at.own_plane + row * at.own_pitch;
            float *to = x + map * at.plane + row * at.pitch;
            size_t i = 0;
            for (; i + 2 * SN_LANES <= whole; i += 2 * SN_LANES) {
                vec8 v[2] = {vec8_load(from + i), vec8_load(from + i + SN_LANES)};
                squash_some(2, f, linear, v);
                vec8_store(to + i, v[0]);
                vec8_store(to + i + SN_LANES, v[1]);
            }
            if (i < whole)
                vec8_store(to + i, squashed(f, linear, vec8_load(from + i)));
            if (rest > 0)
                vec8_store_part(to + whole, squashed(f, linear, vec8_load_part(from + whole, rest)), rest);
        }
}

static void squash(const sn_curve *f, const sn_planes *at, const float *a, float *x)
{
    const curve c = curve_of(f);
    if (f->linear != 0)
        squash_all(&c, true, at, a, x);
    else
        squash_all(&c, false, at, a, x);
}

/* f'(a) = S / A (A - x) (A + x) */
static inline vec8 slope_at(vec8 high, vec8 ratio, vec8 x)
{
    return vec8_mul(ratio, vec8_mul(vec8_sub(high, x), vec8_add(high, x)));
}

/* Rows are written in whole lanes, the last one past the units of its map; what connections read after these is 0. */
static inline void clear_after(float *y, const sn_planes *at)
{
    const size_t end = (at->rows - 1) * at->own_pitch + sn_whole_lanes(at->width);
    for (size_t i = at->rows * at->width; i < end; i++)
        y[i] = 0;
}

static void squash_back(const sn_curve *f, const sn_planes *of, const float *restrict x, const float *restrict back,
                        float *restrict y)
{
    const sn_planes at = *of; /* which, unlike *of, no store can change */
    const vec8 high = vec8_of(f->amplitude), ratio = vec8_of(f->slope / f->amplitude);
    for (size_t map = 0; map < at.maps; map++) {
        for (size_t row = 0; row < at.rows; row++) {
            const size_t from = map * at.plane + row * at.pitch;
            float *to = y + map * at.own_plane + row * at.own_pitch;
            for (size_t i = 0; i < at.width; i += SN_LANES)
                vec8_store(to + i,
                           vec8_mul(slope_at(high, ratio, vec8_load(x + from + i)), vec8_load(back + from + i)));
        }
        clear_after(y + map * at.own_plane, &at);
    }
}

/* f''(a) = -2 S / A x f'(a) */
static void squash_back2(const sn_curve *f, const sn_planes *of, const float *restrict x, const float *restrict back,
                         const float *restrict back2, float *restrict h)
{
    const sn_planes at = *of; /* which, unlike *of, no store can change */
    const vec8 high = vec8_of(f->amplitude), ratio = vec8_of(f->slope / f->amplitude);
    const vec8 bend = vec8_of(-2 * f->slope / f->amplitude);
    for (size_t map = 0; map < at.maps; map++) {
        for (size_t row = 0; row < at.rows; row++) {
            const size_t from = map * at.plane + row * at.pitch;
            float *to = h + map * at.own_plane + row * at.own_pitch;
            for (size_t i = 0; i < at.width; i += SN_LANES) {
                const vec8 state = vec8_load(x + from + i), slope = slope_at(high, ratio, state);
                vec8 second = vec8_mul(vec8_mul(slope, slope), vec8_load(back2 + from + i));
                if (back)
                    second = vec8_fma(vec8_mul(vec8_mul(bend, state), slope), vec8_load(back + from + i), second);
                vec8_store(to + i, second);
            }
        }
        clear_after(h + map * at.own_plane, &at);
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

/* A finite number less itself is 0, any other a NaN, and so is every sum with one. Four sums do not wait for each
 * other. */
static bool all_finite(const float *x, size_t n)
{
    enum { SUMS = 4 };
    vec8 sum[SUMS];
    UNROLL for (size_t k = 0; k < SUMS; k++) sum[k] = vec8_of(0);
    size_t i = 0;
    for (; i + SUMS * SN_LANES <= n; i += SUMS * SN_LANES)
        UNROLL for (size_t k = 0; k < SUMS; k++)
        {
            const vec8 v = vec8_load(x + i + k * SN_LANES);
            sum[k] = vec8_add(sum[k], vec8_sub(v, v));
        }
    for (; i < n; i += SN_LANES) {
        const vec8 v = vec8_load_part(x + i, n - i);
        sum[0] = vec8_add(sum[0], vec8_sub(v, v));
    }
    return vec8_sum(vec8_add(vec8_add(sum[0], sum[1]), vec8_add(sum[2], sum[3]))) == 0;
}
