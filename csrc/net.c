/* net.c - a built net at work: looking inside, and the passes over one pattern. */
#include "net.h"

#include <string.h>

/* ---- Looking inside ------------------------------------------------------------------------------------------- */

static const sn_units *units_of(const sn_net *net, int layer)
{
    return layer ? &net->layers[layer - 1].units : &net->input;
}

sn_counts sn_count(const sn_net *net, int layer)
{
    if (layer)
        return net->layers[layer - 1].counts;
    return (sn_counts){.shape = net->input.shape, .units = sn_unit_count(net->input.shape)};
}

int64_t sn_parameter_count(const sn_net *net) { return net->parameter_count; }

const sn_kernels *sn_kernels_in(const sn_net *net) { return net->kernels; }

float *sn_parameters(sn_net *net) { return net->parameters; }

float *sn_gradient(sn_net *net) { return net->gradient; }

float *sn_curvature(sn_net *net) { return net->curvature; }

void sn_states(const sn_net *net, int layer, float *states)
{
    const sn_units *units = units_of(net, layer);
    const size_t width = (size_t)units->shape.width;
    for (int map = 0; map < units->shape.maps; map++)
        for (int row = 0; row < units->shape.height; row++, states += width)
            memcpy(states,
                   units->state + units->read.origin + (size_t)map * units->read.plane +
                       (size_t)row * units->read.pitch,
                   width * sizeof *states);
}

/* ---- The passes over one pattern ------------------------------------------------------------------------------ */

/* Where an image lies in the input planes, and how large it is. */
typedef struct {
    size_t begin, height, width, floats;
} frame;

static frame frame_of(const sn_net *net, const sn_patterns *patterns)
{
    const sn_units *input = &net->input;
    const size_t top = (size_t)(input->shape.height - patterns->height) / 2;
    const size_t left = (size_t)(input->shape.width - patterns->width) / 2;
    return (frame){.begin = input->read.origin + top * input->read.pitch + left,
                   .height = (size_t)patterns->height,
                   .width = (size_t)patterns->width,
                   .floats = (size_t)input->shape.maps * (size_t)patterns->height * (size_t)patterns->width};
}

/* Background everywhere, or nothing to do if the image covers the planes; for all lanes of a unit. */
static void clear_input(const sn_net *net, const sn_patterns *patterns, float *x, size_t lanes)
{
    const sn_units *input = &net->input;
    if (patterns->height == input->shape.height && patterns->width == input->shape.width)
        return;
    for (int map = 0; map < input->shape.maps; map++)
        for (int row = 0; row < input->shape.height; row++) {
            float *to =
                x + lanes * (input->read.origin + (size_t)map * input->read.plane + (size_t)row * input->read.pitch);
            for (size_t i = 0; i < lanes * (size_t)input->shape.width; i++)
                to[i] = net->background;
        }
}

static void set_input(const sn_net *net, const sn_patterns *patterns, int64_t p)
{
    const sn_units *input = &net->input;
    const frame at = frame_of(net, patterns);
    const float *image = patterns->images + (size_t)p * at.floats;
    clear_input(net, patterns, input->state, 1);
    for (int map = 0; map < input->shape.maps; map++) {
        float *x = input->state + at.begin + (size_t)map * input->read.plane;
        for (size_t row = 0; row < at.height; row++, image += at.width, x += input->read.pitch)
            memcpy(x, image, at.width * sizeof *x);
    }
}

/* Patterns p to p + 7, of which `count` are there; the last stands for the others too. */
static void set_input8(const sn_net *net, const sn_patterns *patterns, int64_t p, int64_t count)
{
    const sn_units *input = &net->input;
    const frame at = frame_of(net, patterns);
    const float *images = patterns->images + (size_t)p * at.floats;
    clear_input(net, patterns, input->eight, SN_LANES);
    for (size_t map = 0; map < (size_t)input->shape.maps; map++)
        for (size_t row = 0; row < at.height; row++, images += at.width) {
            float *x = input->eight + SN_LANES * (at.begin + map * input->read.plane + row * input->read.pitch);
            if (count >= SN_LANES)
                net->kernels->interleave(images, at.floats, x, at.width);
            else
                for (size_t i = 0; i < SN_LANES * at.width; i++)
                    x[i] = images[(i % SN_LANES < (size_t)count ? i % SN_LANES : (size_t)count - 1) * at.floats +
                                  i / SN_LANES];
        }
}

void sn_forward(sn_net *net, const sn_patterns *patterns, int64_t p)
{
    set_input(net, patterns, p);
    for (int i = 0; i < net->count; i++) {
        const sn_built *layer = &net->layers[i];
        layer->kind->forward(layer, net->parameters + layer->counts.first);
        sn_units_forward(&layer->units, net->kernels);
    }
}

float sn_cost_of(sn_net *net, const sn_patterns *patterns, int64_t p)
{
    const sn_units *output = &net->layers[net->count - 1].units;
    const int n = (int)output->read.size;
    const float *d = patterns->targets + (size_t)patterns->target[p] * (size_t)n;
    const float cost = sn_cost_forward(&net->cost, output->state, d, output->back, n);
    sn_cost_backward2(&net->cost, output->back, d, output->back2, n);
    return cost;
}

void sn_walk_back(sn_net *net, const sn_sink *sink)
{
    for (int i = net->count; i-- > 0;) {
        const sn_built *layer = &net->layers[i];
        sn_units_backward(&layer->units, net->kernels);
        layer->kind->backward(layer, net->parameters + layer->counts.first, sink);
    }
}

void sn_walk_back2(sn_net *net, sn_diagonal diagonal, const sn_sink *sink)
{
    for (int i = net->count; i-- > 0;) {
        const sn_built *layer = &net->layers[i];
        sn_units_backward2(&layer->units, net->kernels, diagonal);
        layer->kind->backward2(layer, net->parameters + layer->counts.first, sink, diagonal);
    }
}

void sn_backward(sn_net *net) { sn_walk_back(net, &(sn_sink){.use = SN_KEEP, .to = net->gradient}); }

const float *sn_backward2(sn_net *net, sn_diagonal diagonal)
{
    sn_walk_back2(net, diagonal, &(sn_sink){.use = SN_KEEP, .to = net->instantaneous});
    return net->instantaneous;
}

static void forward8(sn_net *net, const sn_patterns *patterns, int64_t p, int64_t count)
{
    set_input8(net, patterns, p, count);
    for (int i = 0; i < net->count; i++) {
        const sn_built *layer = &net->layers[i];
        layer->kind->forward8(layer, net->parameters + layer->counts.first);
        sn_units_forward8(&layer->units, net->kernels);
    }
}

void sn_evaluate(sn_net *net, const sn_patterns *patterns, int64_t first, int64_t count, float *outputs, float *costs)
{
    const sn_units *output = &net->layers[net->count - 1].units;
    const size_t n = output->read.size;
    for (int64_t i = 0; i < count; i++, outputs += n) {
        if (i % SN_LANES == 0)
            forward8(net, patterns, first + i, count - i);
        for (size_t unit = 0; unit < n; unit++)
            outputs[unit] = output->eight[unit * SN_LANES + (size_t)i % SN_LANES];
        if (costs) {
            const float *d = patterns->targets + (size_t)patterns->target[first + i] * n;
            costs[i] = sn_cost_forward(&net->cost, outputs, d, output->back, (int)n);
        }
    }
}
