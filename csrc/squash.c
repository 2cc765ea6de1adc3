/* squash.c - units: from total input to state, and back through the derivatives of the squashing function.
 *
 * The derivatives are computed from the total input a and the state x = f(a), so that no pass but the forward one calls
 * tanh. */
#include "layer.h"

#include <string.h>

/* x = f(a) */
static void squash(const sn_squash *f, const sn_kernels *kernels, const float *restrict a, float *restrict x, size_t n)
{
    const float linear = f->linear;
    switch (f->kind) {
    case SN_TANH:
        kernels->tanh(f->amplitude, f->slope, a, x, n);
        if (linear != 0) /* an infinite a must not meet a factor of 0 */
            for (size_t i = 0; i < n; i++)
                x[i] += linear * a[i];
        break;
    case SN_RELU:
        for (size_t i = 0; i < n; i++)
            x[i] = a[i] < 0 ? 0 : a[i]; /* a NaN stays one, and is seen */
        break;
    default:
        memcpy(x, a, n * sizeof *x);
    }
}

/* f'(a) of a row: with D = 0, f' = S / A (A - x) (A + x); else with t = tanh(S a) = (x - D a) / A. */
static void find_slopes(const sn_squash *f, const float *restrict a, const float *restrict x, float *restrict slope,
                        int n)
{
    const float amplitude = f->amplitude, steep = f->slope, linear = f->linear, ratio = f->slope / f->amplitude;
    if (f->kind == SN_TANH && linear == 0)
        for (int i = 0; i < n; i++)
            slope[i] = ratio * ((amplitude - x[i]) * (amplitude + x[i]));
    else if (f->kind == SN_TANH)
        for (int i = 0; i < n; i++) {
            const float t = (x[i] - linear * a[i]) / amplitude;
            slope[i] = amplitude * steep * (1 - t * t) + linear;
        }
    else
        for (int i = 0; i < n; i++)
            slope[i] = f->kind == SN_LINEAR || a[i] > 0;
}

/* f'' = -2 S t (f' - D); 0 for the other kinds */
static inline float bend(const sn_squash *f, float a, float x, float slope)
{
    if (f->kind != SN_TANH)
        return 0;
    const float t = (f->linear != 0 ? x - f->linear * a : x) / f->amplitude;
    return -2 * f->slope * t * (slope - f->linear);
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

/* A whole map at a time, with what lies between its rows: rows are often shorter than a vector, and tanh takes long to
 * come out of the pipeline but not to go in. */
void sn_units_forward(const sn_units *u, const sn_kernels *kernels)
{
    const size_t width = (size_t)u->shape.width, height = (size_t)u->shape.height;
    if (u->own.size == u->read.size && u->own.plane == height * width) { /* both layouts are compact */
        squash(&u->squash, kernels, u->sum, u->state, u->own.size);
        return;
    }
    for (int map = 0; map < u->shape.maps; map++) {
        const size_t begin = own_row(u, map, 0);
        squash(&u->squash, kernels, u->sum + begin, u->squashed, (height - 1) * u->own.pitch + width);
        const float *from = u->squashed;
        float *to = u->state + read_row(u, map, 0);
        for (size_t row = 0; row < height; row++, from += u->own.pitch, to += u->read.pitch)
            for (size_t i = 0; i < width; i++)
                to[i] = from[i];
    }
}

/* y = f'(a) dC/dx; keeps f' for the second pass */
void sn_units_backward(const sn_units *u)
{
    for (int map = 0; map < u->shape.maps; map++)
        for (int row = 0; row < u->shape.height; row++) {
            const size_t own = own_row(u, map, row), read = read_row(u, map, row);
            const float *back = u->back + read;
            float *restrict slope = u->slope + own, *restrict y = u->y + own;
            find_slopes(&u->squash, u->sum + own, u->state + read, slope, u->shape.width);
            for (int i = 0; i < u->shape.width; i++)
                y[i] = slope[i] * back[i];
        }
}

/* h = f'(a)^2 s, plus, for Newton, f''(a) dC/dx */
void sn_units_backward2(const sn_units *u, sn_diagonal diagonal)
{
    const sn_squash f = u->squash;
    for (int map = 0; map < u->shape.maps; map++)
        for (int row = 0; row < u->shape.height; row++) {
            const size_t own = own_row(u, map, row), read = read_row(u, map, row);
            const float *a = u->sum + own, *slope = u->slope + own;
            const float *x = u->state + read, *s = u->back2 + read, *back = u->back + read;
            float *restrict h = u->h + own;
            for (int i = 0; i < u->shape.width; i++)
                h[i] = slope[i] * slope[i] * s[i];
            if (diagonal == SN_NEWTON)
                for (int i = 0; i < u->shape.width; i++)
                    h[i] += bend(&f, a[i], x[i], slope[i]) * back[i];
        }
}

const float *sn_squared_states(const sn_built *layer)
{
    const sn_units *below = layer->below;
    layer->kernels->square(below->state, below->state2, below->read.size);
    return below->state2;
}
