/* full.c - full connection: every unit sees every unit below; a_i = sum_j w_ij x_j + b_i. */
#include "layer.h"

static bool shape(sn_built *layer, const sn_complaint *complaint)
{
    const int units = layer->told.maps;
    if (units < 1)
        return sn_complain(complaint, layer->told.name, "units must be at least 1, not %d", units);
    const int64_t inputs = sn_unit_count(layer->below->shape);
    layer->units.shape = (sn_shape){units, 1, 1};
    layer->counts.weights = sn_times(units, inputs);
    layer->counts.biases = units;
    layer->counts.connections = sn_plus(layer->counts.weights, units);
    return true;
}

static void lay_out(sn_built *layer, sn_arena *arena)
{
    (void)arena;
    layer->units.own = sn_compact(layer->units.shape);
    layer->below->read = sn_compact(layer->below->shape);
}

static size_t input_count(const sn_built *layer) { return (size_t)sn_unit_count(layer->below->shape); }

static void start(const sn_built *layer, float *fan_in)
{
    const int64_t parameters = layer->counts.weights + layer->counts.biases;
    for (int64_t u = 0; u < parameters; u++)
        fan_in[u] = (float)(input_count(layer) + 1);
}

static void forward(const sn_built *layer, const float *w)
{
    layer->kernels->full(w, layer->below->state, w + layer->counts.weights, layer->units.sum, (size_t)layer->told.maps,
                         input_count(layer));
}

/* back_j = sum_i w_ij y_i;  g_ij = y_i x_j;  g_b = y */
static void walk_back(const sn_built *layer, const float *w, const float *x, const float *y, float *back,
                      const sn_sink *sink)
{
    const size_t units = (size_t)layer->told.maps, first = (size_t)layer->counts.first;
    layer->kernels->full_back(w, x, y, back, units, input_count(layer), sink, first);
    layer->kernels->give(y, units, sink, first + (size_t)layer->counts.weights);
}

static void backward(const sn_built *layer, const float *w, const sn_sink *sink)
{
    walk_back(layer, w, layer->below->state, layer->units.y, layer->below->back, sink);
}

static void backward2(const sn_built *layer, const float *w2, const sn_sink *sink, sn_diagonal diagonal)
{
    (void)diagonal;
    walk_back(layer, w2, sn_squared_states(layer), layer->units.h, layer->below->back2, sink);
}

const sn_layer_kind sn_full_kind = {
    .shape = shape,
    .lay_out = lay_out,
    .start = start,
    .forward = forward,
    .backward = backward,
    .backward2 = backward2,
};
