/* full.c - full connection: every unit sees every unit below; a_i = sum_j w_ij x_j + b_i.
 *
 * And local connections whose kernel covers all of all source planes (local.c), which are the same but for a border
 * that they may read, and a bias that they may lack. */
#include "layer.h"

static bool shape(sn_built *layer, const sn_complaint *complaint)
{
    const int units = layer->declared.maps;
    if (units < 1)
        return sn_complain(complaint, layer->declared.name, "units must be at least 1, not %d", units);
    const int64_t inputs = sn_unit_count(layer->below->shape);
    layer->units.shape = (sn_shape){units, 1, 1};
    layer->counts.weights = sn_times(units, inputs);
    layer->counts.biases = units;
    layer->counts.connections = sn_plus(layer->counts.weights, units);
    return true;
}

void sn_full_lay_out(sn_built *layer, sn_arena *arena)
{
    const size_t inputs = layer->below->read.size;
    layer->units.own = sn_compact(layer->units.shape);
    int32_t *tap = layer->plan = sn_take(arena, inputs, sizeof *tap);
    for (size_t j = 0; tap && j < inputs; j++)
        tap[j] = (int32_t)(SN_LANES * j);
}

static void lay_out(sn_built *layer, sn_arena *arena)
{
    layer->below->read = sn_compact(layer->below->shape);
    sn_full_lay_out(layer, arena);
}

static void start(const sn_built *layer, float *fan_in)
{
    for (size_t u = 0; u < sn_layer_parameters(layer); u++)
        fan_in[u] = (float)(layer->below->read.size + (layer->counts.biases > 0));
}

static const float *biases(const sn_built *layer, const float *w)
{
    return layer->counts.biases ? w + layer->counts.weights : NULL;
}

static void forward(const sn_built *layer, const float *w)
{
    layer->kernels->full(w, layer->below->state, biases(layer, w), layer->units.sum, (size_t)layer->declared.maps,
                         layer->below->read.size);
}

static void forward8(const sn_built *layer, const float *w)
{
    const size_t inputs = layer->below->read.size, units = (size_t)layer->declared.maps;
    const sn_layout to = layer->units.read;
    layer->kernels->correlate(w, layer->below->eight,
                              &(sn_sums){.w_pitch = inputs,
                                         .tap = layer->plan,
                                         .taps = inputs,
                                         .step = SN_LANES,
                                         .bias = biases(layer, w),
                                         .bias_pitch = 1,
                                         .out = layer->units.eight + SN_LANES * to.origin,
                                         .out_pitch = SN_LANES * to.plane,
                                         .planes = units,
                                         .n = SN_LANES},
                              1);
}

static void give_biases(const sn_built *layer, const float *y, const sn_sink *sink)
{
    layer->kernels->give(y, (size_t)layer->counts.biases, sink, (size_t)(layer->counts.first + layer->counts.weights));
}

/* back_j = sum_i w_ij y_i;  g_ij = y_i x_j, which the second pass can make again;  g_b = y */
static void backward(const sn_built *layer, const float *w, const sn_sink *sink)
{
    const sn_units *units = &layer->units, *below = layer->below;
    sn_sink of_weights = *sink;
    if (sink->later)
        of_weights.use = SN_DROP;
    if (below->back || of_weights.use != SN_DROP) /* without either a sixth of a second-order step would be idle */
        layer->kernels->full_back(w, below->state, units->y, below->back, (size_t)layer->declared.maps,
                                  below->read.size, &of_weights, (size_t)layer->counts.first);
    give_biases(layer, units->y, sink);
}

static void backward2(const sn_built *layer, const float *w, const sn_sink *sink, sn_diagonal diagonal)
{
    (void)diagonal;
    const sn_units *units = &layer->units, *below = layer->below;
    layer->kernels->full_back2(w, below->state, units->y, units->h, below->back2, (size_t)layer->declared.maps,
                               below->read.size, sink, (size_t)layer->counts.first);
    give_biases(layer, units->h, sink);
}

const sn_layer_kind sn_full_kind = {
    .shape = shape,
    .lay_out = lay_out,
    .start = start,
    .forward = forward,
    .forward8 = forward8,
    .backward = backward,
    .backward2 = backward2,
};
