/* kernels.h - the handful of loops that carry the speed: what they do. How is in kernels_body.h, which is compiled once
 * for each tier of processors; a net holds the table of the tier that it was built for.
 *
 * Lengths are in floats. No two arrays of a call overlap. Nothing is read or written past an array's end but where it
 * says "whole lanes": there up to a multiple of SN_LANES.
 */
#ifndef SN_KERNELS_H
#define SN_KERNELS_H

#include "exact.h"
#include "sn.h"

enum { SN_LANES = 8 };

static inline size_t sn_whole_lanes(size_t n) { return (n + SN_LANES - 1) / SN_LANES * SN_LANES; }

/* Where a row begins in a bordered plane, and in the columns of that plane (taps.h); and of SN_PAIRS the row that comes
 * next in the columns, or the same again. */
typedef struct {
    int32_t plane, other, columns;
} sn_row;

/* How bordered planes and their columns lie. SN_ONE and SN_TWO are strides. SN_PAIRS: a stride of 2, rows of 4 units,
 * up to 6 columns, and the units of a source's row lie among the 8 numbers from 2 `before` on. */
typedef struct {
    enum { SN_ONE, SN_TWO, SN_PAIRS, SN_FARTHER } kind;
    size_t maps, pitch, source; /* from one map to the next: of bordered planes, and of their columns */
    size_t plane;               /* from the columns for one column of the kernel to those for the next */
    size_t columns, width;      /* how many of them, and the units in a row */
    size_t across;              /* bordered columns of a plane that are a stride apart, in whole lanes */
    float *mask; /* [columns][across] 1 where columns tell of a unit, 0 where a neighbouring row begins */
    size_t before;
} sn_columns;

/* The use of the derivatives d that a pass finds, applied as soon as a kernel has found eight: parameters learn while
 * all that it takes is at hand, and no layer knows a rule. */
typedef enum {
    SN_KEEP, /* to = d */
    SN_ADD,  /* to += share d: a first-order step if `to` are the parameters and the share is -epsilon */
    SN_RUN,  /* H = (1 - gamma) H + gamma d;  to -= epsilon g / (mu + |H|), with the g that the pass before has kept */
    SN_DROP  /* nothing */
} sn_use;

typedef struct {
    sn_use use;
    /* SN_RUN follows: weights whose g is the product of two numbers that will still be there need not be kept. */
    bool later;
    float *to; /* like `gradient` and `curvature` a vector of all parameters */
    float share;
    const sn_rule *rule;
    const float *gradient;
    float *curvature;
} sn_sink;

/* A tap is a connection that a whole plane of units shares: one weight, and where the plane that it reads begins. These
 * are the sums over taps of eight units at a time, for 8 k < n, in whole lanes:
 *
 *     out[8 k + lane] = bias + sum over the taps t of w[t] x[tap[t] + k step + lane]
 *
 * And so for as many planes as have the same taps: what the next one has comes after w_pitch, bias_pitch and out_pitch
 * places. With `from`, weights of planes lie side by side, w_pitch is 1 and step SN_LANES. */
typedef struct {
    size_t w_pitch;
    const int32_t *from; /* where the weight of each tap is; NULL: one after another */
    const int32_t *tap;
    size_t taps, step;
    const float *bias; /* bias[k bias_step], or with `bias_lanes` bias[8 k + lane]; NULL: 0 */
    size_t bias_pitch, bias_step;
    bool bias_lanes;
    float *out;
    size_t out_pitch, planes, n;
} sn_sums;

/* A map that reads a source, and where its weights for that begin. */
typedef struct {
    int32_t map, at;
} sn_reader;

/* What the taps of one source bring to all maps that read it, added to their sums: places 0 to n of the planes of
 * `sum`, which lie `pitch` apart, in whole lanes. */
typedef struct {
    const sn_reader *reader;
    size_t readers;
    const int32_t *tap;
    size_t taps;
    float *sum;
    size_t pitch, n;
} sn_source;

/* The gradient to the weights of taps: for each of them sum over p < n of y[p] x[tap[t] + p]; n is a multiple of
 * SN_LANES. And so for as many planes as have the same taps: the y of the next one comes after y_pitch places, and its
 * weights after those of the plane before. */
typedef struct {
    const float *y, *x;
    size_t y_pitch, planes, n;
    const int32_t *tap;
    size_t taps;
} sn_dots;

/* f(a) = amplitude tanh(slope a) + linear a, and what kernels make it of:
 *
 *     tanh part = a p(s) / q(s), no more than the amplitude, where s = a^2, but `most` at most,
 *
 * with polynomials of these powers, constant first; that of s^4 in q is 1, which saves a multiplication. */
enum { SN_POWERS = 5 };

typedef struct {
    float p[SN_POWERS], q[SN_POWERS - 1], most;
    float amplitude, slope, linear;
} sn_curve;

/* Where units lie in two arrays: from one map and one row to the next, in the layout of their own layer (a, y, h) and
 * in that of the layer above (x, back, back2). */
typedef struct {
    size_t maps, rows, width;
    size_t own_plane, own_pitch, plane, pitch;
} sn_planes;

/* Of each block of 2x2: the sum of its states or of their squares, upper and lower ones added first; or the sum of its
 * states in the order in which average8 adds them up. */
typedef enum { SN_OF_STATES, SN_OF_SQUARES, SN_IN_ORDER } sn_block_sums;

/* M and H of SN_ADAMW, epsilon / (1 - (1 - beta)^t), and 1 / (1 - (1 - gamma)^t). */
typedef struct {
    float *mean, *square, step, correction;
} sn_moments;

typedef struct {
    /* sum_i a_i b_i */
    float (*dot)(const float *a, const float *b, size_t n);

    /* sum_r = sum_i x_i, for each of the rows of n that lie `pitch` apart. */
    void (*sum_rows)(const float *x, size_t rows, size_t pitch, size_t n, float *sum);

    /* Sums over taps, see sn_sums: `count` of them one after another. */
    void (*correlate)(const float *w, const float *x, const sn_sums *sums, size_t count);

    /* Adds what a source brings, see sn_source. */
    void (*add_source)(const float *w, const float *x, const sn_source *source);

    /* Gives the sums over taps, see sn_dots, to the sink; they are those of parameters `at` and following. */
    void (*correlate_back)(const sn_dots *dots, const sn_sink *sink, size_t at);

    /* sum_i = b_i + sum_j w_ij x_j; b may be NULL, for zeros */
    void (*full)(const float *w, const float *x, const float *b, float *sum, size_t units, size_t inputs);

    /* back_j = sum_i w_ij y_i, unless back is NULL, and y_i x_j for each w_ij, which are parameters `at` and following,
     * to the sink, which may move them when they have been read. */
    void (*full_back)(const float *w, const float *x, const float *y, float *back, size_t units, size_t inputs,
                      const sn_sink *sink, size_t at);

    /* The same with h for y, w_ij^2 and x_j^2; and y for SN_RUN, which has not kept the gradient y_i x_j. */
    void (*full_back2)(const float *w, const float *x, const float *y, const float *h, float *back2, size_t units,
                       size_t inputs, const sn_sink *sink, size_t at);

    /* Derivatives that were found otherwise to the sink; and rows of n that lie `pitch` apart. */
    void (*give)(const float *d, size_t n, const sn_sink *sink, size_t at);
    void (*give_rows)(const float *d, size_t rows, size_t pitch, size_t n, const sn_sink *sink, size_t at);

    /* to[8 i + lane] = from[lane pitch + i], for i < n: eight rows side by side. */
    void (*interleave)(const float *from, size_t pitch, float *to, size_t n);

    /* Rows of x to their columns: for each j the numbers of a row that are a stride apart from the j-th on. Not for
     * SN_FARTHER. */
    void (*to_columns)(const sn_columns *c, const sn_row *row, size_t rows, const float *x, float *to);

    /* And back: each number of a row = the sum of what columns hold for it. */
    void (*from_columns)(const sn_columns *c, const sn_row *row, size_t rows, const float *from, float *x);

    /* Blocks of 2x2, in whole lanes: the sums of those of x, whose rows lie `pitch` apart, for rows of `width` blocks
     * that lie one after another; and back, w y for every unit of a block. */
    void (*sum_blocks)(const float *x, size_t pitch, size_t rows, size_t width, sn_block_sums sums, float *block);
    void (*fill_blocks)(float w, const float *y, size_t rows, size_t width, float *back, size_t pitch);

    /* For eight patterns, any blocks: out = w (sum of the block) + b, for a row of `width` of them. */
    void (*average8)(float w, float b, const float *x, size_t pitch, size_t down, size_t across, size_t width,
                     float *out);

    /* For eight patterns: sum_i = sum_j (x_j - w_ij)^2, that of the next i after `pitch` places. */
    void (*distances8)(const float *w, const float *x, size_t units, size_t inputs, float *sum, size_t pitch);

    /* y_i = w x_i + b */
    void (*scale)(float w, float b, const float *x, float *y, size_t n);

    /* x = f(a), tanh or tanh and a line; in its place if both lie alike. */
    void (*squash)(const sn_curve *f, const sn_planes *at, const float *a, float *x);

    /* For linear = 0: y = f'(a) back, in whole lanes that are 0 after the units of a map. */
    void (*squash_back)(const sn_curve *f, const sn_planes *at, const float *x, const float *back, float *y);

    /* And h = f'(a)^2 back2, and + f''(a) back unless back is NULL. */
    void (*squash_back2)(const sn_curve *f, const sn_planes *at, const float *x, const float *back, const float *back2,
                         float *h);

    /* y_i = x_i^2; y may be x */
    void (*square)(const float *x, float *y, size_t n);

    /* Whether there is no NaN and no infinity. */
    bool (*all_finite)(const float *x, size_t n);

    /* x_i = 0 where kept_i is 0; the same where it is 1 */
    void (*keep)(const float *kept, float *x, size_t n);

    /* The rule SN_ADAMW, see sn_method. */
    void (*adamw)(const sn_rule *rule, const sn_moments *moments, const float *g, float *u, size_t n);

    /* The rule SN_FIXED, see sn_method. */
    void (*fixed)(const sn_rule *rule, const float *g, const float *curvature, float *u, size_t n);
} sn_kernels;

/* The tables (tier_*.c): NULL for a tier that this build does not have. */
extern const sn_kernels *const sn_portable_kernels, *const sn_fmaf_kernels, *const sn_avx2_kernels,
                                                                                *const sn_neon_kernels;

/* The table of a tier that runs here (tier.c), else NULL. */
const sn_kernels *sn_kernels_of(sn_tier tier);

/* The table of a net (net.c). */
const sn_kernels *sn_kernels_in(const sn_net *net);

/* Sets a vector of all parameters to 0 where they are deleted (net.c); nothing to do if none is. */
void sn_clear_deleted(sn_net *net, float *vector);

/* ---- Input (input.c) -------------------------------------------------------------------------------------------- */

/* Pattern p is wanted next: brings its image, up to 4 KiB of it, near meanwhile. In a training that takes patterns in
 * random order the processor cannot guess it. */
void sn_expect(const sn_net *net, const sn_patterns *patterns, int64_t p);

/* ---- The passes, for learning (net.c) -------------------------------------------------------------------------- */

/* sn_forward_in, or sn_forward for a `training` that is NULL; sn_cost_of; and sn_backward and sn_backward2 into a sink.
 * None of them handles denormals (denormals.h): their callers do. */
void sn_walk_forward(sn_net *net, const sn_training *training, int64_t number, const sn_patterns *patterns, int64_t p);
float sn_walk_cost(sn_net *net, const sn_patterns *patterns, int64_t p);
void sn_walk_back(sn_net *net, const sn_sink *sink);
void sn_walk_back2(sn_net *net, sn_diagonal diagonal, const sn_sink *sink);

#endif
