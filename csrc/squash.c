/* squash.c - units: from total input to state, and back through the derivatives of the squashing function.
 *
 * The derivatives are computed from the total input a and the state x = f(a), so that no pass but the forward one calls
 * tanh. */
#include "layer.h"

/* x = f(a), for rows that lie a_pitch apart in a and `pitch` apart in x, which may be a. */
static void squash(const sn_squash *f, const sn_kernels *kernels, const float *a, size_t a_pitch, size_t rows,
                   size_t width, float *x, size_t pitch)
{
    if (f->kind == SN_TANH) {
        kernels->tanh(f->amplitude, f->slope, f->linear, a, a_pitch, rows, width, x, pitch);
        return;
    }
    for (size_t row = 0; row < rows; row++, a += a_pitch, x += pitch)
        for (size_t i = 0; i < width; i++)
            x[i] = f->kind == SN_RELU && a[i] < 0 ? 0 : a[i]; /* a NaN stays one, and is seen */
}

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

/* The plain tanh has kernels of its own. */
static bool is_plain(const sn_squash *f) { return f->kind == SN_TANH && f->linear == 0; }

/* The units of a map lie one after another in `own`, and in rows in `read`; which may be one row, if nothing lies
 * between them there either, or between the maps. */
typedef struct {
    size_t own, read, rows, width, pitch;
} place;

static bool is_compact(const sn_units *u)
{
    return u->own.size == u->read.size && u->own.plane == u->read.plane && u->own.pitch == u->read.pitch;
}

static int runs_of(const sn_units *u) { return is_compact(u) ? 1 : u->shape.maps; }

static place place_of(const sn_units *u, int map)
{
    const size_t height = (size_t)u->shape.height, width = (size_t)u->shape.width;
    if (is_compact(u))
        return (place){.rows = 1, .width = u->own.size};
    const bool one = u->read.pitch == width;
    return (place){.own = u->own.origin + (size_t)map * u->own.plane,
                   .read = u->read.origin + (size_t)map * u->read.plane,
                   .rows = one ? 1 : height,
                   .width = one ? height * width : width,
                   .pitch = u->read.pitch};
}

void sn_units_forward(const sn_units *u, const sn_kernels *kernels)
{
    for (int map = 0; map < runs_of(u); map++) {
        const place at = place_of(u, map);
        squash(&u->squash, kernels, u->sum + at.own, at.width, at.rows, at.width, u->state + at.read, at.pitch);
    }
}

/* In their places: `eight` holds the sums first. */
void sn_units_forward8(const sn_units *u, const sn_kernels *kernels)
{
    for (int map = 0; map < runs_of(u); map++) {
        const place at = place_of(u, map);
        const size_t pitch = SN_LANES * at.pitch;
        float *x = u->eight + SN_LANES * at.read;
        squash(&u->squash, kernels, x, pitch, at.rows, SN_LANES * at.width, x, pitch);
    }
}

/* Kernels write whole lanes, and connections read zeros after a map's n units of y. */
static void clear_after(float *y, size_t n)
{
    for (size_t i = n; i < sn_whole_lanes(n); i++)
        y[i] = 0;
}

/* y = f'(a) dC/dx */
void sn_units_backward(const sn_units *u, const sn_kernels *kernels)
{
    const sn_squash *f = &u->squash;
    for (int map = 0; map < runs_of(u); map++) {
        const place at = place_of(u, map);
        const float *a = u->sum + at.own, *x = u->state + at.read, *back = u->back + at.read;
        float *y = u->y + at.own;
        if (is_plain(f))
            kernels->tanh_back(f->amplitude, f->slope, x, back, at.pitch, at.rows, at.width, y);
        else
            for (size_t row = 0; row < at.rows; row++, x += at.pitch, back += at.pitch)
                for (size_t i = 0; i < at.width; i++)
                    *y++ = slope_at(f, *a++, x[i]) * back[i];
        clear_after(u->y + at.own, at.rows * at.width);
    }
}

/* h = f'(a)^2 s, plus, for Newton, f''(a) dC/dx */
void sn_units_backward2(const sn_units *u, const sn_kernels *kernels, sn_diagonal diagonal)
{
    const sn_squash *f = &u->squash;
    const bool newton = diagonal == SN_NEWTON;
    for (int map = 0; map < runs_of(u); map++) {
        const place at = place_of(u, map);
        const float *a = u->sum + at.own, *x = u->state + at.read, *back = u->back + at.read, *s = u->back2 + at.read;
        float *h = u->h + at.own;
        if (is_plain(f))
            kernels->tanh_back2(f->amplitude, f->slope, x, newton ? back : NULL, s, at.pitch, at.rows, at.width, h);
        else
            for (size_t row = 0; row < at.rows; row++, x += at.pitch, back += at.pitch, s += at.pitch)
                for (size_t i = 0; i < at.width; i++, a++) {
                    const float slope = slope_at(f, *a, x[i]);
                    *h++ = slope * slope * s[i] + (newton ? bend_at(f, *a, x[i]) * back[i] : 0);
                }
        clear_after(u->h + at.own, at.rows * at.width);
    }
}
