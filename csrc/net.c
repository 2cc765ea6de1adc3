/* net.c - a net: its input, its layers in order, the vectors of its parameters, all in one block of memory. */
#include "kernels.h"
#include "layer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const sn_layer_kind *const KINDS[SN_KINDS] = {
    [SN_LOCAL] = &sn_local_kind,
    [SN_AVERAGE] = &sn_average_kind,
    [SN_FULL] = &sn_full_kind,
    [SN_RBF] = &sn_rbf_kind,
};

struct sn_net {
    void *block; /* what malloc gave; the net itself lies in it */
    sn_shape input_shape;
    float background;
    sn_cost cost;
    sn_units input;
    int count;
    sn_built *layers; /* [count] */
    int64_t parameter_count;
    float *parameters, *gradient, *curvature; /* three vectors of one shape, */
    float *squares, *instantaneous;           /* and what the second pass needs */
};

/* ---- Counting without overflow -------------------------------------------------------------------------------- */

enum { ALIGNMENT = 64 }; /* a cache line, and more than any vector needs */

static int64_t saturate(int64_t n)
{
    return n > SN_LIMIT ? (int64_t)SN_LIMIT + 1 : n;
}

int64_t sn_plus(int64_t a, int64_t b)
{
    return saturate(a + b);
}

int64_t sn_times(int64_t a, int64_t b)
{
    return saturate(saturate(a) * saturate(b));
}

int64_t sn_unit_count(sn_shape shape)
{
    return sn_times(sn_times(shape.maps, shape.height), shape.width);
}

sn_layout sn_compact(sn_shape shape)
{
    const size_t plane = (size_t)shape.height * (size_t)shape.width;
    return (sn_layout){.plane = plane, .pitch = (size_t)shape.width, .size = (size_t)shape.maps * plane};
}

/* ---- Judging -------------------------------------------------------------------------------------------------- */

bool sn_complain(const sn_complaint *complaint, const char *layer, const char *format, ...)
{
    int used = 0;
    if (layer)
        used = snprintf(complaint->sentence, complaint->room, "layer \"%s\": ", layer);
    if (used < 0 || (size_t)used >= complaint->room)
        return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint->sentence + used, complaint->room - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

static bool check_counts(const sn_built *layer, const sn_complaint *complaint)
{
    const sn_counts *c = &layer->counts;
    const char *what = c->units > SN_LIMIT                            ? "units"
                       : sn_plus(c->weights, c->biases) > SN_LIMIT ? "parameters"
                       : c->connections > SN_LIMIT                    ? "connections"
                                                                      : NULL;
    return !what || sn_complain(complaint, layer->told.name, "would have more than %d %s", SN_LIMIT, what);
}

static bool check_squash(const sn_layer *told, const sn_complaint *complaint)
{
    const sn_squash *f = &told->squash;
    if ((unsigned)f->kind >= SN_SQUASHES)
        return sn_complain(complaint, told->name, "squash must be one of 0 to %d, not %d", SN_SQUASHES - 1, f->kind);
    if (f->kind == SN_TANH && !(f->amplitude > 0 && f->slope > 0 && isfinite(f->amplitude * f->slope) && isfinite(f->linear)))
        return sn_complain(complaint, told->name, "squash needs positive amplitude and slope, not %g and %g",
                           (double)f->amplitude, (double)f->slope);
    return true;
}

/* Sets up a layer over the units below, and judges it. */
static bool shape_layer(sn_built *layer, const sn_layer *told, sn_units *below, const sn_complaint *complaint)
{
    if ((unsigned)told->kind >= SN_KINDS)
        return sn_complain(complaint, told->name, "kind must be one of 0 to %d, not %d", SN_KINDS - 1, told->kind);
    if (!check_squash(told, complaint))
        return false;
    *layer = (sn_built){.kind = KINDS[told->kind], .told = *told, .below = below};
    if (!layer->kind->shape(layer, complaint))
        return false;
    layer->units.squash = told->squash;
    layer->counts.shape = layer->units.shape;
    layer->counts.units = sn_unit_count(layer->units.shape);
    return check_counts(layer, complaint);
}

static bool check_input(const sn_declaration *declaration, const sn_complaint *complaint)
{
    const sn_shape input = declaration->input;
    if (input.maps < 1 || input.height < 1 || input.width < 1)
        return sn_complain(complaint, NULL, "input must have at least one unit, not %d maps of %dx%d", input.maps,
                           input.height, input.width);
    if (sn_unit_count(input) > SN_LIMIT)
        return sn_complain(complaint, NULL, "input of %d maps of %dx%d would have more than %d units", input.maps,
                           input.height, input.width, SN_LIMIT);
    if (declaration->count < 1)
        return sn_complain(complaint, NULL, "a net needs at least one layer");
    return true;
}

static bool check_cost(const sn_cost *cost, const sn_complaint *complaint)
{
    if ((unsigned)cost->kind >= SN_COSTS)
        return sn_complain(complaint, NULL, "cost must be one of 0 to %d, not %d", SN_COSTS - 1, cost->kind);
    if (cost->kind == SN_RBF_DISCRIMINATIVE && !(cost->j > 0 && isfinite(cost->j)))
        return sn_complain(complaint, NULL, "the cost's j must be positive, not %g", (double)cost->j);
    return true;
}

bool sn_check(const sn_declaration *declaration, char *sentence, size_t room)
{
    const sn_complaint complaint = {sentence, room};
    if (!check_input(declaration, &complaint) || !check_cost(&declaration->cost, &complaint))
        return false;
    sn_units below = {.shape = declaration->input};
    int64_t units = sn_unit_count(below.shape), connections = 0, parameters = 0;
    for (int i = 0; i < declaration->count; i++) {
        sn_built layer;
        if (!shape_layer(&layer, &declaration->layers[i], &below, &complaint))
            return false;
        units = sn_plus(units, layer.counts.units);
        connections = sn_plus(connections, layer.counts.connections);
        parameters = sn_plus(parameters, sn_plus(layer.counts.weights, layer.counts.biases));
        below = layer.units;
    }
    if (units > SN_LIMIT || connections > SN_LIMIT || parameters > SN_LIMIT)
        return sn_complain(&complaint, NULL, "the net would have more than %d units, connections or parameters", SN_LIMIT);
    return true;
}

/* ---- Building ------------------------------------------------------------------------------------------------- */

void *sn_take(sn_arena *arena, size_t count, size_t size)
{
    void *taken = arena->base ? arena->base + arena->used : NULL;
    arena->used += (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return taken;
}

float *sn_take_floats(sn_arena *arena, size_t count)
{
    return sn_take(arena, count + SN_SLACK, sizeof(float));
}

/* A copy of `count` things of `size` bytes in the arena. */
static const void *keep(sn_arena *arena, const void *from, size_t count, size_t size)
{
    void *copy = sn_take(arena, count, size);
    if (copy && count)
        memcpy(copy, from, count * size);
    return copy;
}

/* The arrays of a declaration, copied. Without a base the declaration goes on reading its own. */
static void keep_told(sn_layer *told, sn_arena *arena)
{
    size_t sources = 0;
    for (int map = 0; told->kind == SN_LOCAL && map < told->rows; map++)
        sources += (size_t)told->fan[map];
    const size_t rows = told->kind == SN_LOCAL ? (size_t)told->rows : 0;
    const size_t components = told->kind == SN_RBF ? (size_t)told->maps * (size_t)told->inputs : 0;
    const int *fan = keep(arena, told->fan, rows, sizeof *fan);
    const int *table = keep(arena, told->sources, sources, sizeof *table);
    const float *prototypes = keep(arena, told->prototypes, components, sizeof *prototypes);
    told->name = NULL; /* nothing complains any more */
    if (!arena->base)
        return;
    told->fan = fan;
    told->sources = table;
    told->prototypes = prototypes;
}

static void take_own(sn_units *units, sn_arena *arena)
{
    units->sum = sn_take_floats(arena, units->own.size);
    units->y = sn_take_floats(arena, units->own.size);
    units->h = sn_take_floats(arena, units->own.size);
}

/* After the layer above has said how it reads. The border keeps the background for good, squared in state2. */
static void take_read(sn_units *units, sn_arena *arena, float background)
{
    units->state = sn_take_floats(arena, units->read.size);
    units->state2 = sn_take_floats(arena, units->read.size);
    for (size_t i = 0; units->state && i < units->read.size; i++)
        units->state[i] = background;
}

static void take_back(sn_units *units, sn_arena *arena)
{
    units->back = sn_take_floats(arena, units->read.size);
    units->back2 = sn_take_floats(arena, units->read.size);
}

/* The input has no back: nothing is to be changed below it. */
static void lay_out_layers(sn_net *net, const sn_declaration *declaration, sn_arena *arena)
{
    for (int i = 0; i < net->count; i++) {
        sn_built *layer = &net->layers[i];
        shape_layer(layer, &declaration->layers[i], i ? &net->layers[i - 1].units : &net->input, NULL);
        layer->counts.first = net->parameter_count;
        net->parameter_count += layer->counts.weights + layer->counts.biases;
        keep_told(&layer->told, arena);
        layer->kind->lay_out(layer, arena);
        take_read(layer->below, arena, layer->told.background);
        take_own(&layer->units, arena);
        if (i > 0)
            take_back(layer->below, arena);
    }
    sn_units *output = &net->layers[net->count - 1].units;
    output->read = sn_compact(output->shape);
    take_read(output, arena, 0);
    take_back(output, arena);
}

/* Lays the whole net out, or, in an arena without a base, learns how large it is. */
static void lay_out_net(sn_net *net, sn_built *layers, const sn_declaration *declaration, sn_arena *arena)
{
    *net = (sn_net){
        .background = declaration->background,
        .cost = declaration->cost,
        .input = {.shape = declaration->input},
        .count = declaration->count,
        .layers = layers,
    };
    lay_out_layers(net, declaration, arena);
    const size_t n = (size_t)net->parameter_count;
    net->parameters = sn_take_floats(arena, n);
    net->gradient = sn_take_floats(arena, n);
    net->curvature = sn_take_floats(arena, n);
    net->squares = sn_take_floats(arena, n);
    net->instantaneous = sn_take_floats(arena, n);
}

sn_net *sn_build(const sn_declaration *declaration)
{
    const size_t layers_size = (size_t)declaration->count * sizeof(sn_built);
    sn_net plan;
    sn_built *planned = malloc(layers_size);
    if (!planned)
        return NULL;
    sn_arena arena = {0};
    sn_take(&arena, 1, sizeof(sn_net));
    sn_take(&arena, 1, layers_size);
    lay_out_net(&plan, planned, declaration, &arena);
    free(planned);

    char *block = calloc(1, arena.used + ALIGNMENT);
    if (!block)
        return NULL;
    arena = (sn_arena){.base = block + (ALIGNMENT - (uintptr_t)block % ALIGNMENT)};
    sn_net *net = sn_take(&arena, 1, sizeof *net);
    sn_built *layers = sn_take(&arena, 1, layers_size);
    lay_out_net(net, layers, declaration, &arena);
    net->block = block;
    return net;
}

void sn_free(sn_net *net)
{
    if (net)
        free(net->block);
}

/* ---- Start ---------------------------------------------------------------------------------------------------- */

/* splitmix64 (Steele, Lea and Flood 2014): every seed a good one, the same numbers everywhere. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void sn_start(sn_net *net, sn_start_rule rule, float x, uint64_t seed)
{
    float *fan_in = net->gradient;
    for (int i = 0; i < net->count; i++)
        net->layers[i].kind->start(&net->layers[i], fan_in + net->layers[i].counts.first);
    for (int64_t u = 0; u < net->parameter_count; u++) {
        const float f = fan_in[u];
        const float r = rule == SN_BY_FAN_IN ? x / f : rule == SN_BY_SQRT_FAN_IN ? x / sqrtf(f) : x;
        const int32_t sign_and_23_bits = (int32_t)(next_random(&seed) >> 40) - (1 << 23);
        net->parameters[u] = r * ((float)sign_and_23_bits * 0x1p-23f);
    }
    memset(net->gradient, 0, (size_t)net->parameter_count * sizeof(float));
}

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

int64_t sn_parameter_count(const sn_net *net)
{
    return net->parameter_count;
}

float *sn_parameters(sn_net *net)
{
    return net->parameters;
}

float *sn_gradient(sn_net *net)
{
    return net->gradient;
}

float *sn_curvature(sn_net *net)
{
    return net->curvature;
}

void sn_states(const sn_net *net, int layer, float *states)
{
    const sn_units *units = units_of(net, layer);
    const size_t width = (size_t)units->shape.width;
    for (int map = 0; map < units->shape.maps; map++)
        for (int row = 0; row < units->shape.height; row++, states += width)
            memcpy(states, units->state + units->read.origin + (size_t)map * units->read.plane + (size_t)row * units->read.pitch,
                   width * sizeof *states);
}

/* ---- The passes over one pattern ------------------------------------------------------------------------------ */

/* Background everywhere, or nothing to do if the image covers the planes. */
static void clear_input(const sn_net *net)
{
    const sn_units *input = &net->input;
    for (int map = 0; map < input->shape.maps; map++)
        for (int row = 0; row < input->shape.height; row++) {
            float *x = input->state + input->read.origin + (size_t)map * input->read.plane + (size_t)row * input->read.pitch;
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
        sn_units_forward(&layer->units);
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

void sn_backward(sn_net *net)
{
    memset(net->gradient, 0, (size_t)net->parameter_count * sizeof(float));
    for (int i = net->count; i-- > 0;) {
        const sn_built *layer = &net->layers[i];
        sn_units_backward(&layer->units);
        layer->kind->backward(layer, net->parameters + layer->counts.first, net->gradient + layer->counts.first);
    }
}

const float *sn_backward2(sn_net *net, sn_diagonal diagonal)
{
    memset(net->instantaneous, 0, (size_t)net->parameter_count * sizeof(float));
    sn_square(net->parameters, net->squares, (size_t)net->parameter_count);
    for (int i = net->count; i-- > 0;) {
        const sn_built *layer = &net->layers[i];
        const sn_units *below = layer->below;
        sn_units_backward2(&layer->units, diagonal);
        sn_square(below->state, below->state2, below->read.size);
        layer->kind->backward2(layer, net->squares + layer->counts.first, net->instantaneous + layer->counts.first,
                               diagonal);
    }
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
