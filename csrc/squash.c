/* squash.c - units: from total input to state, and back through the derivatives of the squashing function.
 *
 * The derivatives are computed from the total input a and the state x = f(a): with t = tanh(S a) = (x - D a) / A,
 * f' = A S (1 - t^2) + D and f'' = -2 S t A S (1 - t^2), so that no pass but the forward one calls tanh. */
#include "layer.h"

#include <math.h>
#include <string.h>

static inline float float_of_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t bits_of_float(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* exp(z) for z from 0 to 20: z = k ln 2 + r with a whole k and |r| <= ln 2 / 2, and exp(r) = 1 + r + r^2 times a polynomial
 * fitted to the least largest relative error (1e-8). */
static inline float exp_of(float z)
{
    const float to_nearest = 0x1.8p23f; /* adding it rounds to a whole number, which its low bits then hold */
    const float shifted = z * 0x1.715476p+0f + to_nearest;
    const float k = shifted - to_nearest;
    const float r = (z - k * 0x1.62e4p-1f) - k * 0x1.7f7d1cp-20f; /* ln 2 in two parts; the first product is exact */
    float p = 0x1.6bebfcp-10f;
    p = p * r + 0x1.122776p-7f;
    p = p * r + 0x1.555674p-5f;
    p = p * r + 0x1.5554bp-3f;
    p = p * r + 0x1.fffffep-2f;
    const float two_to_k = float_of_bits((bits_of_float(shifted) << 23) + 0x3f800000u);
    return two_to_k * (1 + (r + r * r * p));
}

/* tanh. Ours, because it then has the same bits with every C library, and because it has no branch: compilers turn a loop
 * over it into vector code. Up to 0.55 an odd polynomial fitted to the least largest relative error (1e-9), beyond it
 * 1 - 2 / (exp(2|x|) + 1). The error is below 2 units in the last place (tests/test_squash.py). */
static inline float tanh_of(float x)
{
    const uint32_t saturated = 0x41140000u, size = bits_of_float(x) & 0x7fffffffu; /* 9.25: tanh is 1 from 9.02 on */
    const float z = float_of_bits(size < saturated ? size : saturated);
    const float outer = 1 - 2 / (exp_of(2 * z) + 1);
    const float s = z * z;
    float p = -0x1.9b302ap-8f;
    p = p * s + 0x1.593d02p-6f;
    p = p * s - 0x1.b9287ap-5f;
    p = p * s + 0x1.110d26p-3f;
    p = p * s - 0x1.55554ap-2f;
    const float inner = z + z * s * p;
    const float y = copysignf(z < 0.55f ? inner : outer, x);
    return isnan(x) ? x : y;
}

/* x = f(a) for the units of a row */
static void squash_row(const sn_squash *f, const float *restrict a, float *restrict x, int n)
{
    const float amplitude = f->amplitude, slope = f->slope, linear = f->linear;
    switch (f->kind) {
    case SN_TANH:
        for (int i = 0; i < n; i++)
            x[i] = amplitude * tanh_of(slope * a[i]);
        if (linear != 0) /* an infinite a must not meet a factor of 0 */
            for (int i = 0; i < n; i++)
                x[i] += linear * a[i];
        break;
    case SN_RELU:
        for (int i = 0; i < n; i++)
            x[i] = a[i] < 0 ? 0 : a[i]; /* a NaN stays one, and is seen */
        break;
    default:
        memcpy(x, a, (size_t)n * sizeof *x);
    }
}

/* tanh(S a) */
static inline float bare_tanh(const sn_squash *f, float a, float x)
{
    return (f->linear != 0 ? x - f->linear * a : x) / f->amplitude;
}

static inline float first_derivative(const sn_squash *f, float a, float x)
{
    switch (f->kind) {
    case SN_TANH: {
        const float t = bare_tanh(f, a, x);
        return f->amplitude * f->slope * (1 - t * t) + f->linear;
    }
    case SN_RELU:
        return a > 0;
    default:
        return 1;
    }
}

static inline float second_derivative(const sn_squash *f, float a, float x)
{
    if (f->kind != SN_TANH)
        return 0;
    const float t = bare_tanh(f, a, x);
    return -2 * f->slope * t * (f->amplitude * f->slope * (1 - t * t));
}

/* Where the rows of one layer's units begin in both layouts. */
static size_t own_row(const sn_units *u, int map, int row)
{
    return u->own.origin + (size_t)map * u->own.plane + (size_t)row * u->own.pitch;
}

static size_t read_row(const sn_units *u, int map, int row)
{
    return u->read.origin + (size_t)map * u->read.plane + (size_t)row * u->read.pitch;
}

void sn_units_forward(const sn_units *u)
{
    for (int map = 0; map < u->shape.maps; map++)
        for (int row = 0; row < u->shape.height; row++)
            squash_row(&u->squash, u->sum + own_row(u, map, row), u->state + read_row(u, map, row), u->shape.width);
}

/* y = f'(a) dC/dx */
void sn_units_backward(const sn_units *u)
{
    const sn_squash f = u->squash;
    for (int map = 0; map < u->shape.maps; map++)
        for (int row = 0; row < u->shape.height; row++) {
            const size_t own = own_row(u, map, row), read = read_row(u, map, row);
            const float *a = u->sum + own, *x = u->state + read, *back = u->back + read;
            float *y = u->y + own;
            for (int i = 0; i < u->shape.width; i++)
                y[i] = first_derivative(&f, a[i], x[i]) * back[i];
        }
}

/* h = f'(a)^2 s, plus, for Newton, f''(a) dC/dx */
void sn_units_backward2(const sn_units *u, sn_diagonal diagonal)
{
    const sn_squash f = u->squash;
    for (int map = 0; map < u->shape.maps; map++)
        for (int row = 0; row < u->shape.height; row++) {
            const size_t own = own_row(u, map, row), read = read_row(u, map, row);
            const float *a = u->sum + own, *x = u->state + read, *s = u->back2 + read, *back = u->back + read;
            float *h = u->h + own;
            for (int i = 0; i < u->shape.width; i++) {
                const float slope = first_derivative(&f, a[i], x[i]);
                h[i] = slope * slope * s[i];
                if (diagonal == SN_NEWTON)
                    h[i] += second_derivative(&f, a[i], x[i]) * back[i];
            }
        }
}
