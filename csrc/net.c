/* net.c - a built net at work: looking inside, and the passes over one pattern. */
#include "net.h"

#include "chance.h"
#include "denormals.h"

#include <string.h>

/* ---- Looking inside ------------------------------------------------------------------------------------------- */

static const sn_units *units_of(const sn_net *net, int layer)
{
    return layer ? &net->layers[layer - 1].units : &net->input;
}

/* Copies the numbers of the units from an array in the layout `read` to [maps][height][width]. */
static void copy_units(const sn_units *units, const float *from, float *to)
{
    const size_t width = (size_t)units->shape.width;
    for (int map = 0; map < units->shape.maps; map++)
        for (int row = 0; row < units->shape.height; row++, to += width)
            memcpy(to, from + units->read.origin + (size_t)map * units->read.plane + (size_t)row * units->read.pitch,
                   width * sizeof *to);
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

float *sn_momentum(sn_net *net) { return net->momentum; }

void sn_states(const sn_net *net, int layer, float *states)
{
    const sn_units *units = units_of(net, layer);
    copy_units(units, units->state, states);
}

bool sn_all_finite(const sn_net *net, const float *x, size_t n) { return net->kernels->all_finite(x, n); }

/* ---- Deleted parameters --------------------------------------------------------------------------------------- */

const float *sn_kept(const sn_net *net) { return net->kept; }

void sn_clear_deleted(sn_net *net, float *vector)
{
    if (net->some_deleted)
        net->kernels->keep(net->kept, vector, (size_t)net->parameter_count);
}

void sn_set_deleted(sn_net *net, const bool *deleted)
{
    net->some_deleted = false;
    for (int64_t u = 0; u < net->parameter_count; u++) {
        const bool gone = deleted && deleted[u];
        net->kept[u] = gone ? 0 : 1;
        net->some_deleted |= gone;
    }
    sn_clear_deleted(net, net->parameters);
    sn_clear_deleted(net, net->curvature);
    sn_clear_deleted(net, net->momentum);
}

/* ---- The passes over one pattern ------------------------------------------------------------------------------ */

void sn_walk_forward(sn_net *net, const sn_training *training, int64_t number, const sn_patterns *patterns, int64_t p)
{
    const uint64_t seed = training ? sn_branch(training->seed, (uint64_t)number) : 0;
    net->chance = (sn_chance){.learning = training != NULL, .seed = seed};
    if (training && training->distortion)
        sn_input_distorted(net, patterns, p, training->distortion, seed);
    else
        sn_input(net, patterns, p);
    for (int i = 0; i < net->count; i++) {
        const sn_built *layer = &net->layers[i];
        layer->kind->forward(layer, net->parameters + layer->counts.first);
        sn_units_forward(&layer->units, net->kernels);
    }
}

float sn_walk_cost(sn_net *net, const sn_patterns *patterns, int64_t p)
{
    const sn_units *output = &net->layers[net->count - 1].units;
    const int n = (int)output->read.size;
    const float *d = patterns->targets + (size_t)patterns->target[p] * (size_t)n;
    const float cost = sn_cost_forward(&net->cost, output->state, d, output->back, n);
    sn_cost_backward2(&net->cost, output->back, d, output->back2, output->positive_back, n);
    if (!patterns->weight)
        return cost;
    const float v = patterns->weight[p];
    sn_cost_weigh(v, output->back, output->back2, output->positive_back, n);
    return v * cost;
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

/* The same for those outside. */

void sn_forward(sn_net *net, const sn_patterns *patterns, int64_t p)
{
    const sn_float_mode before = sn_flush_denormals();
    sn_walk_forward(net, NULL, 0, patterns, p);
    sn_set_float_mode(before);
}

void sn_forward_in(sn_net *net, const sn_training *training, int64_t number, const sn_patterns *patterns, int64_t p)
{
    const sn_float_mode before = sn_flush_denormals();
    sn_walk_forward(net, training, number, patterns, p);
    sn_set_float_mode(before);
}

/* Every parameter is a factor or an addend of some total input, and an infinite one times 0 is a NaN. There are many
 * times fewer sums than parameters. */
bool sn_sums_finite(const sn_net *net)
{
    bool finite = true;
    for (int i = 0; i < net->count; i++)
        finite &= net->kernels->all_finite(net->layers[i].units.sum, net->layers[i].units.own.size);
    return finite;
}

float sn_cost_of(sn_net *net, const sn_patterns *patterns, int64_t p)
{
    const sn_float_mode before = sn_flush_denormals();
    const float cost = sn_walk_cost(net, patterns, p);
    sn_set_float_mode(before);
    return cost;
}

void sn_backward(sn_net *net)
{
    const sn_float_mode before = sn_flush_denormals();
    sn_walk_back(net, &(sn_sink){.use = SN_KEEP, .to = net->gradient});
    sn_set_float_mode(before);
}

/* The first layer goes back to the input only where there is something to set. */
void sn_input_gradient(sn_net *net, float *gradient)
{
    const sn_float_mode before = sn_flush_denormals();
    net->input.back = net->input_back;
    sn_walk_back(net, &(sn_sink){.use = SN_DROP});
    net->input.back = NULL;
    copy_units(&net->input, net->input_back, gradient);
    sn_set_float_mode(before);
}

const float *sn_backward2(sn_net *net, sn_diagonal diagonal)
{
    const sn_float_mode before = sn_flush_denormals();
    sn_walk_back2(net, diagonal, &(sn_sink){.use = SN_KEEP, .to = net->instantaneous});
    sn_set_float_mode(before);
    return net->instantaneous;
}

/* ---- Eight patterns at once ----------------------------------------------------------------------------------- */

/* The number of layers, from the first one on, that one pattern can pass with the bits that it has among eight. */
static int layers_in_order(const sn_net *net)
{
    int layers = 0;
    while (layers < net->count && net->layers[layers].kind->forward_in_order)
        layers++;
    return layers;
}

/* Takes `count` patterns through so many layers, one after another, and puts each into its lane. */
static void forward_few(sn_net *net, const sn_patterns *patterns, int64_t p, int64_t count, int layers)
{
    const sn_units *top = units_of(net, layers);
    net->chance = (sn_chance){.learning = false};
    for (int64_t lane = 0; lane < count; lane++) {
        sn_input(net, patterns, p + lane);
        for (int i = 0; i < layers; i++) {
            const sn_built *layer = &net->layers[i];
            layer->kind->forward_in_order(layer, net->parameters + layer->counts.first);
            sn_units_forward(&layer->units, net->kernels);
        }
        for (size_t i = 0; i < top->read.size; i++)
            top->eight[i * SN_LANES + (size_t)lane] = top->state[i];
    }
}

/* Up to 5 patterns take less time one after another: so do 5 of the zip-code net's, but not 6 of LeNet-1's. */
enum { FEW = 5 };

static void forward8(sn_net *net, const sn_patterns *patterns, int64_t p, int64_t count)
{
    const int first = count <= FEW ? layers_in_order(net) : 0;
    if (first > 0)
        forward_few(net, patterns, p, count, first);
    else
        sn_input8(net, patterns, p, count);
    for (int i = first; i < net->count; i++) {
        const sn_built *layer = &net->layers[i];
        sn_expect8(net, patterns, p + SN_LANES, count - SN_LANES, i);
        layer->kind->forward8(layer, net->parameters + layer->counts.first);
        sn_units_forward8(&layer->units, net->kernels);
    }
}

void sn_evaluate(sn_net *net, const sn_patterns *patterns, int64_t first, int64_t count, float *outputs, float *costs)
{
    const sn_units *output = &net->layers[net->count - 1].units;
    const size_t n = output->read.size;
    const sn_float_mode before = sn_flush_denormals();
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
    sn_set_float_mode(before);
}
