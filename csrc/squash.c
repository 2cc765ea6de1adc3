/* squash.c - units: from total input to state, and back through the derivatives of the squashing function.
 *
 * The derivatives are computed from the total input a and the state x = f(a), so that no pass but the forward one calls
 * tanh. */
#include "layer.h"

#include <math.h>

/* ---- The curve -------------------------------------------------------------------------------------------------- */

/* tanh z = z p(z^2) / q(z^2), both of degree 4, fitted to the least largest relative error up to 8.2 and then, rounded
 * to floats, searched in their neighbourhood; from 8.4855 on it is 1. The error is below 4e-7 (tests/test_squash.py),
 * or, where multiply-adds are rounded twice, up to 4.1e-7 of some amplitudes. Ours, because it then has the same bits
 * with every C library, and has no branch; a form with exp, right to 2 units in the last place, took half as long
 * again. Amplitude and slope go into the coefficients, which saves a fifth of the time. As the first ones are a power
 * of 2, the tanh of small numbers is what these are; of steep curves, with slopes of 7 and more, what is below 2e-20
 * may come to 0. */
sn_curve sn_curve_of(const sn_squash *f)
{
    static const double p[SN_POWERS] = {0x1p20, 0x1.153248p17, 0x1.e23c78p11, 0x1.8d2d46p4, 0x1.3092e2p-6};
    static const double q[SN_POWERS - 1] = {0x1p20, 0x1.dfee86p18, 0x1.b360d4p14, 0x1.782d96p8};
    const double amplitude = (double)f->amplitude, slope = (double)f->slope, square = slope * slope;
    sn_curve curve = {.amplitude = f->amplitude, .slope = f->slope, .linear = f->linear};
    double power = 1;
    for (int i = SN_POWERS - 1; i >= 0; i--, power /= square) {
        curve.p[i] = (float)(amplitude * slope * p[i] * power);
        if (i < SN_POWERS - 1)
            curve.q[i] = (float)(q[i] * power);
    }
    curve.most = (float)(8.4855 * 8.4855 / square);
    return curve;
}

/* ---- Derivatives ------------------------------------------------------------------------------------------------ */

/* f'(a) for all kinds but the plain tanh: with t = tanh(S a) = (x - D a) / A for TANH. */
static inline float slope_at(const sn_squash *f, float a, float x)
{
    if (f->kind != SN_TANH)
        return f->kind == SN_LINEAR || a > 0;
    const float t = (x - f->linear * a) / f->amplitude;
    return f->amplitude * f->slope * (1 - t * t) + f->linear;
}

/* f'' = -2 S t (f' - D); 0 for the other kinds */
static inline float bend_at(const sn_squash *f, float a, float x)
{
    const float t = f->kind == SN_TANH ? (x - f->linear * a) / f->amplitude : 0;
    return -2 * f->slope * t * (slope_at(f, a, x) - f->linear);
}

/* ---- Layouts ---------------------------------------------------------------------------------------------------- */

/* The plain tanh has kernels of its own. */
static bool is_plain(const sn_squash *f) { return f->kind == SN_TANH && f->linear == 0; }

/* One row, if nothing lies between the units, not even between maps. */
static bool is_compact(const sn_units *u)
{
    return u->own.origin == u->read.origin && u->own.size == u->read.size && u->own.plane == u->read.plane &&
           u->own.pitch == u->read.pitch;
}

/* One row of each map, if nothing lies between these. */
static sn_planes planes_of(const sn_units *u)
{
    const size_t height = (size_t)u->shape.height, width = (size_t)u->shape.width;
    if (is_compact(u))
        return (sn_planes){.maps = 1, .rows = 1, .width = u->own.size};
    const bool one = u->read.pitch == width;
    return (sn_planes){.maps = (size_t)u->shape.maps,
                       .rows = one ? 1 : height,
                       .width = one ? height * width : width,
                       .own_plane = u->own.plane,
                       .own_pitch = width,
                       .plane = u->read.plane,
                       .pitch = u->read.pitch};
}

void sn_units_lay_out(sn_units *u)
{
    const sn_planes one = planes_of(u);
    const size_t plane = SN_LANES * one.plane, pitch = SN_LANES * one.pitch;
    u->alone = one;
    u->eighted = (sn_planes){.maps = one.maps,
                             .rows = one.rows,
                             .width = SN_LANES * one.width,
                             .own_plane = plane,
                             .own_pitch = pitch,
                             .plane = plane,
                             .pitch = pitch};
}

/* ---- Passes ----------------------------------------------------------------------------------------------------- */

static void squash(const sn_units *u, const sn_kernels *kernels, const sn_planes *at, const float *a, float *x)
{
    const bool relu = u->squash.kind == SN_RELU;
    if (u->squash.kind == SN_TANH) {
        kernels->squash(&u->curve, at, a, x);
        return;
    }
    for (size_t map = 0; map < at->maps; map++, a += at->own_plane, x += at->plane)
        for (size_t row = 0; row < at->rows; row++)
            for (size_t i = 0; i < at->width; i++) {
                const float total = a[row * at->own_pitch + i];
                x[row * at->pitch + i] = relu && total < 0 ? 0 : total; /* a NaN stays one, and is seen */
            }
}

void sn_units_forward(const sn_units *u, const sn_kernels *kernels)
{
    squash(u, kernels, &u->alone, u->sum + u->own.origin, u->state + u->read.origin);
}

/* In their places: `eight` holds the sums first. */
void sn_units_forward8(const sn_units *u, const sn_kernels *kernels)
{
    float *x = u->eight + SN_LANES * u->read.origin;
    squash(u, kernels, &u->eighted, x, x);
}

/* y = f'(a) dC/dx */
void sn_units_backward(const sn_units *u, const sn_kernels *kernels)
{
    const float *a = u->sum + u->own.origin, *x = u->state + u->read.origin, *back = u->back + u->read.origin;
    float *y = u->y + u->own.origin;
    if (is_plain(&u->squash)) {
        kernels->squash_back(&u->curve, &u->alone, x, back, y);
        return;
    }
    const sn_planes at = u->alone;
    for (size_t map = 0; map < at.maps; map++, a += at.own_plane, y += at.own_plane, x += at.plane, back += at.plane)
        for (size_t row = 0; row < at.rows; row++)
            for (size_t i = 0; i < at.width; i++) {
                const size_t own = row * at.own_pitch + i, read = row * at.pitch + i;
                y[own] = slope_at(&u->squash, a[own], x[read]) * back[read];
            }
}

/* h = f'(a)^2 s, plus, for Newton, f''(a) dC/dx */
void sn_units_backward2(const sn_units *u, const sn_kernels *kernels, sn_diagonal diagonal)
{
    const bool newton = diagonal == SN_NEWTON;
    const float *a = u->sum + u->own.origin, *x = u->state + u->read.origin;
    const float *back = u->back + u->read.origin, *s = u->back2 + u->read.origin;
    float *h = u->h + u->own.origin;
    if (is_plain(&u->squash)) {
        kernels->squash_back2(&u->curve, &u->alone, x, newton ? back : NULL, s, h);
        return;
    }
    const sn_planes at = u->alone;
    for (size_t map = 0; map < at.maps;
         map++, a += at.own_plane, h += at.own_plane, x += at.plane, back += at.plane, s += at.plane)
        for (size_t row = 0; row < at.rows; row++)
            for (size_t i = 0; i < at.width; i++) {
                const size_t own = row * at.own_pitch + i, read = row * at.pitch + i;
                const float slope = slope_at(&u->squash, a[own], x[read]);
                h[own] = slope * slope * s[read] + (newton ? bend_at(&u->squash, a[own], x[read]) * back[read] : 0);
            }
}
