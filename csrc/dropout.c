/* dropout.c - dropout: in each presentation for learning a share of the units below, drawn anew, is left out, and the
 * others are that much larger (Srivastava et al., JMLR 15, 2014, "inverted"); all are there for all that is not
 * learning.
 *
 * One unit above each one below: a = m x, where m is 0 or 1 / (1 - rate), or 1. */
#include "layer.h"

#include "chance.h"
#include "loops.h"

#include <string.h>

static bool shape(sn_built *layer, const sn_complaint *complaint)
{
    const float rate = layer->declared.rate;
    if (!(rate >= 0 && rate < 1))
        return sn_complain(complaint, layer->declared.name, "rate must be at least 0 and less than 1, not %g",
                           (double)rate);
    layer->units.shape = layer->below->shape;
    layer->counts.connections = sn_unit_count(layer->units.shape);
    return true;
}

static void lay_out(sn_built *layer, sn_arena *arena)
{
    layer->units.own = layer->below->read = sn_compact(layer->units.shape);
    layer->plan = sn_take_floats(arena, layer->units.own.size);
}

static void start(const sn_built *layer, float *fan_in)
{
    (void)layer;
    (void)fan_in;
}

/* Two units share the 64 bits of a random number. */
static void draw(const sn_built *layer, float *m)
{
    const double share = (double)layer->declared.rate;
    const uint32_t limit = (uint32_t)(share * 0x1p32);
    const float kept = (float)(1 / (1 - share));
    uint64_t state = sn_branch(layer->chance->seed, (uint64_t)layer->number), bits = 0;
    for (size_t i = 0; i < layer->units.own.size; i++, bits >>= 32) {
        if (i % 2 == 0)
            bits = sn_random(&state);
        m[i] = (uint32_t)bits < limit ? 0 : kept;
    }
}

static void forward(const sn_built *layer, const float *w)
{
    (void)w;
    float *m = layer->plan;
    if (layer->chance->learning)
        draw(layer, m);
    else
        for (size_t i = 0; i < layer->units.own.size; i++)
            m[i] = 1;
    sn_multiply(m, layer->below->state, layer->units.sum, layer->units.own.size);
}

static void forward8(const sn_built *layer, const float *w)
{
    (void)w;
    const sn_layout to = layer->units.read;
    const float *x = layer->below->eight;
    const size_t row = SN_LANES * (size_t)layer->units.shape.width;
    for (size_t map = 0; map < (size_t)layer->units.shape.maps; map++)
        for (size_t r = 0; r < (size_t)layer->units.shape.height; r++, x += row)
            memcpy(layer->units.eight + SN_LANES * (to.origin + map * to.plane + r * to.pitch), x, row * sizeof *x);
}

/* back = m y */
static void backward(const sn_built *layer, const float *w, const sn_sink *sink)
{
    (void)w;
    (void)sink;
    if (layer->below->back)
        sn_multiply(layer->plan, layer->units.y, layer->below->back, layer->units.own.size);
}

/* s = m^2 h */
static void backward2(const sn_built *layer, const float *w, const sn_sink *sink, sn_diagonal diagonal)
{
    (void)w;
    (void)sink;
    (void)diagonal;
    float *back2 = layer->below->back2;
    if (!back2)
        return;
    sn_multiply(layer->plan, layer->units.h, back2, layer->units.own.size);
    for (size_t i = 0; i < layer->units.own.size; i++)
        back2[i] *= ((const float *)layer->plan)[i];
}

const sn_layer_kind sn_dropout_kind = {
    .shape = shape,
    .lay_out = lay_out,
    .start = start,
    .forward = forward,
    .forward8 = forward8,
    .forward_in_order = forward,
    .backward = backward,
    .backward2 = backward2,
};
