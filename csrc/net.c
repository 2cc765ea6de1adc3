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

/* Background everywhere, or nothing to do if the image covers the planes. */
static void clear_input(const sn_net *net)
{
    const sn_units *input = &net->input;
    for (int map = 0; map < input->shape.maps; map++)
        for (int row = 0; row < input->shape.height; row++) {
            float *x =
                input->state + input->read.origin + (size_t)map * input->read.plane + (size_t)row * input->read.pitch;
            for (int i = 0; i < input->shape.width; i++)
                x[i] = net->background;
        }
}

static void set_input(const sn_net *net, const sn_patterns *patterns, int64_t p)
{
    const sn_units *input = &net->input;
    const size_t height = (size_t)patterns->height, width = (size_t)patterns->width;
    const size_t top = ((size_t)input->shape.height - height) / 2, left = ((size_t)input->shape.width - width) / 2;
    const float *image = patterns->images + (size_t)p * (size_t)input->shape.maps * height * width;
    if (patterns->height < input->shape.height || patterns->width < input->shape.width)
        clear_input(net);
    for (int map = 0; map < input->shape.maps; map++) {
        float *x = input->state + input->read.origin + (size_t)map * input->read.plane + top * input->read.pitch + left;
        for (size_t row = 0; row < height; row++, image += width, x += input->read.pitch)
            memcpy(x, image, width * sizeof *x);
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
        net->kernels->square(net->parameters + layer->counts.first, net->squares, sn_layer_parameters(layer));
        layer->kind->backward2(layer, net->squares, sink, diagonal);
    }
}

void sn_backward(sn_net *net) { sn_walk_back(net, &(sn_sink){.to = net->gradient}); }

const float *sn_backward2(sn_net *net, sn_diagonal diagonal)
{
    sn_walk_back2(net, diagonal, &(sn_sink){.to = net->instantaneous});
    return net->instantaneous;
}

void sn_evaluate(sn_net *net, const sn_patterns *patterns, int64_t first, int64_t count, float *outputs, float *costs)
{
    const size_t n = net->layers[net->count - 1].units.read.size;
    for (int64_t i = 0; i < count; i++) {
        sn_forward(net, patterns, first + i);
        sn_states(net, net->count, outputs + (size_t)i * n);
        if (costs)
            costs[i] = sn_cost_of(net, patterns, first + i);
    }
}
