/* rbf.c - radial-basis outputs with fixed prototypes: a_i = sum_j (x_j - w_ij)^2 (1998, equation 7).
 *
 * There is nothing to train here. da_i/dx_j = 2 (x_j - w_ij), and the second derivative is 2 for every connection.
 * Newton takes it as it comes, times dC/da_i; Levenberg-Marquardt, never negative, takes of dC/da_i what is positive
 * (sn_units.positive_back): where a prototype attracts, a distance is a parabola. To drop it like the second
 * derivatives of squashing would leave nothing where learning starts, because p (1 - p) vanishes at distances of 80; to
 * take the positive part of the whole d_i - p_i would leave nothing where it ends, because p is d there. The rule would
 * run away. */
#include "layer.h"

#include <math.h>

static bool shape(sn_built *layer, const sn_complaint *complaint)
{
    const sn_layer *declared = &layer->declared;
    const int64_t inputs = sn_unit_count(layer->below->shape);
    if (declared->maps < 1)
        return sn_complain(complaint, declared->name, "needs at least one prototype");
    if (declared->inputs != inputs)
        return sn_complain(complaint, declared->name, "prototypes have %d components, and there are %lld units below",
                           declared->inputs, (long long)inputs);
    layer->units.shape = (sn_shape){declared->maps, 1, 1};
    layer->counts.connections = sn_times(declared->maps, inputs);
    if (layer->counts.connections > SN_LIMIT) /* the caller complains of it */
        return true;
    for (int64_t i = 0; i < layer->counts.connections; i++)
        if (!isfinite(declared->prototypes[i]))
            return sn_complain(complaint, declared->name, "prototypes must be finite");
    return true;
}

static void lay_out(sn_built *layer, sn_arena *arena)
{
    (void)arena;
    layer->units.own = sn_compact(layer->units.shape);
    layer->below->read = sn_compact(layer->below->shape);
}

static void start(const sn_built *layer, float *fan_in)
{
    (void)layer;
    (void)fan_in;
}

static void forward(const sn_built *layer, const float *w)
{
    (void)w;
    const float *prototype = layer->declared.prototypes, *x = layer->below->state;
    for (int i = 0; i < layer->declared.maps; i++, prototype += layer->declared.inputs) {
        float sum = 0;
        for (int j = 0; j < layer->declared.inputs; j++)
            sum += (x[j] - prototype[j]) * (x[j] - prototype[j]);
        layer->units.sum[i] = sum;
    }
}

static void forward8(const sn_built *layer, const float *w)
{
    (void)w;
    const float *prototype = layer->declared.prototypes, *x = layer->below->eight;
    float *sum = layer->units.eight + SN_LANES * layer->units.read.origin;
    layer->kernels->distances8(prototype, x, (size_t)layer->declared.maps, (size_t)layer->declared.inputs, sum,
                               SN_LANES * layer->units.read.plane);
}

/* dC/dx_j = sum_i y_i 2 (x_j - w_ij) */
static void backward(const sn_built *layer, const float *w, const sn_sink *sink)
{
    (void)w;
    (void)sink;
    const float *x = layer->below->state, *y = layer->units.y;
    float *back = layer->below->back;
    if (!back)
        return;
    for (int j = 0; j < layer->declared.inputs; j++)
        back[j] = 0;
    const float *prototype = layer->declared.prototypes;
    for (int i = 0; i < layer->declared.maps; i++, prototype += layer->declared.inputs)
        for (int j = 0; j < layer->declared.inputs; j++)
            back[j] += y[i] * 2 * (x[j] - prototype[j]);
}

/* s_j = sum_i h_i (2 (x_j - w_ij))^2 + 2 y_i, or 2 times what is positive in y_i */
static void backward2(const sn_built *layer, const float *w, const sn_sink *sink, sn_diagonal diagonal)
{
    (void)w;
    (void)sink;
    const float *x = layer->below->state, *y = layer->units.y, *h = layer->units.h,
                *positive_back = layer->units.positive_back;
    float *back2 = layer->below->back2;
    if (!back2)
        return;
    for (int j = 0; j < layer->declared.inputs; j++)
        back2[j] = 0;
    const float *prototype = layer->declared.prototypes;
    for (int i = 0; i < layer->declared.maps; i++, prototype += layer->declared.inputs) {
        const float positive = positive_back ? positive_back[i] : y[i] > 0 ? y[i] : 0;
        const float bend = 2 * (diagonal == SN_NEWTON ? y[i] : positive);
        for (int j = 0; j < layer->declared.inputs; j++) {
            const float slope = 2 * (x[j] - prototype[j]);
            back2[j] += h[i] * slope * slope + bend;
        }
    }
}

const sn_layer_kind sn_rbf_kind = {
    .shape = shape,
    .lay_out = lay_out,
    .start = start,
    .forward = forward,
    .forward8 = forward8,
    .forward_in_order = forward,
    .backward = backward,
    .backward2 = backward2,
};
