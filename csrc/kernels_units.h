/* kernels_units.h - tanh, and back through it. */

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
