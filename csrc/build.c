/* build.c - from a declaration that passed to a net: one block of memory, laid out once, and the start of its
 * parameters. */
#include "net.h"

#include "chance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- The arena ------------------------------------------------------------------------------------------------ */

static const size_t MOST = SIZE_MAX / 2;
enum { ALIGNMENT = 64 }; /* a cache line, and more than any vector needs */

/* AddressSanitizer knows one block for all of a net. So that it sees reads past one array into the next, there is then
 * a gap after each that must not be touched; the arrays' own slack is not in it. */
#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#include <sanitizer/asan_interface.h>
enum { GAP = 2 * ALIGNMENT };
#define FORBID(from, to) ASAN_POISON_MEMORY_REGION(from, (size_t)((to) - (from)))
#else
enum { GAP = 0 };
#define FORBID(from, to) ((void)0)
#endif

void *sn_take(sn_arena *arena, size_t count, size_t size)
{
    char *taken = arena->base ? arena->base + arena->used : NULL;
    const size_t most = MOST - arena->used; /* so many bytes no memory has: sn_build gives up */
    const size_t bytes = count > most / size ? most : (count * size + GAP + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    arena->used += bytes < most ? bytes : most;
    if (taken)
        FORBID(taken + count * size, arena->base + arena->used);
    return taken;
}

float *sn_take_floats(sn_arena *arena, size_t count) { return sn_take(arena, count + SN_SLACK, sizeof(float)); }

/* A copy of `count` things of `size` bytes in the arena. */
static const void *keep(sn_arena *arena, const void *from, size_t count, size_t size)
{
    void *copy = sn_take(arena, count, size);
    if (copy && count)
        memcpy(copy, from, count * size);
    return copy;
}

/* The arrays of a declaration, copied. Without a base the declaration goes on reading its own. */
static void keep_arrays(sn_layer *declared, sn_arena *arena)
{
    size_t sources = 0;
    for (int map = 0; declared->kind == SN_LOCAL && map < declared->rows; map++)
        sources += (size_t)declared->fan[map];
    const size_t rows = declared->kind == SN_LOCAL ? (size_t)declared->rows : 0;
    const size_t components = declared->kind == SN_RBF ? (size_t)declared->maps * (size_t)declared->inputs : 0;
    const int *fan = keep(arena, declared->fan, rows, sizeof *fan);
    const int *table = keep(arena, declared->sources, sources, sizeof *table);
    const float *prototypes = keep(arena, declared->prototypes, components, sizeof *prototypes);
    declared->name = NULL; /* nothing complains any more */
    if (!arena->base)
        return;
    declared->fan = fan;
    declared->sources = table;
    declared->prototypes = prototypes;
}

static void take_own(sn_units *units, sn_arena *arena)
{
    units->sum = sn_take_floats(arena, units->own.size);
    units->y = sn_take_floats(arena, units->own.size);
    units->h = sn_take_floats(arena, units->own.size);
}

/* After the layer above has said how it reads. The border keeps the background for good. */
static void take_read(sn_units *units, sn_arena *arena, float background)
{
    units->state = sn_take_floats(arena, units->read.size);
    units->eight = sn_take_floats(arena, (size_t)sn_times((int64_t)units->read.size, SN_LANES));
    if (!units->state)
        return;
    for (size_t i = 0; i < units->read.size; i++)
        units->state[i] = background;
    for (size_t i = 0; i < SN_LANES * units->read.size; i++)
        units->eight[i] = background;
}

static void take_back(sn_units *units, sn_arena *arena)
{
    units->back = sn_take_floats(arena, units->read.size);
    units->back2 = sn_take_floats(arena, units->read.size);
}

/* The input has no back: nothing is to be changed below it (but see sn_input_gradient). */
static void lay_out_layers(sn_net *net, const sn_declaration *declaration, sn_arena *arena)
{
    for (int i = 0; i < net->count; i++) {
        sn_built *layer = &net->layers[i];
        sn_shape_layer(layer, &declaration->layers[i], i ? &net->layers[i - 1].units : &net->input, NULL);
        if (layer->units.squash.kind == SN_TANH)
            layer->units.curve = sn_curve_of(&layer->units.squash);
        layer->kernels = net->kernels;
        layer->chance = &net->chance;
        layer->number = i + 1;
        layer->counts.first = net->parameter_count;
        net->parameter_count += layer->counts.weights + layer->counts.biases;
        keep_arrays(&layer->declared, arena);
        layer->kind->lay_out(layer, arena);
        take_read(layer->below, arena, layer->declared.background);
        sn_units_lay_out(layer->below);
        take_own(&layer->units, arena);
        if (i > 0)
            take_back(layer->below, arena);
    }
    sn_units *output = &net->layers[net->count - 1].units;
    output->read = sn_compact(output->shape);
    take_read(output, arena, 0);
    sn_units_lay_out(output);
    take_back(output, arena);
    output->positive_back = sn_take_floats(arena, output->read.size);
}

/* A vector of all parameters, in which the slice of the layer that has most begins with a cache line: vectors that lie
 * across two lines take twice as long to read, and longer to write. */
static float *take_parameters(const sn_net *net, sn_arena *arena)
{
    const size_t line = ALIGNMENT / sizeof(float);
    const sn_built *largest = net->layers;
    for (int i = 1; i < net->count; i++)
        if (net->layers[i].counts.weights > largest->counts.weights)
            largest = &net->layers[i];
    const size_t before = (line - (size_t)largest->counts.first % line) % line;
    float *taken = sn_take_floats(arena, before + (size_t)net->parameter_count);
    return taken ? taken + before : NULL;
}

/* Lays the whole net out, or, in an arena without a base, learns how large it is. */
static void lay_out_net(sn_net *net, sn_built *layers, const sn_declaration *declaration, sn_tier tier, sn_arena *arena)
{
    *net = (sn_net){
        .kernels = sn_kernels_of(tier),
        .background = declaration->background,
        .cost = declaration->cost,
        .input = {.shape = declaration->input},
        .count = declaration->count,
        .layers = layers,
    };
    lay_out_layers(net, declaration, arena);
    net->framed = sn_take_floats(
        arena, (size_t)sn_times(declaration->input.height + SN_FRAME, declaration->input.width + SN_FRAME));
    net->parameters = take_parameters(net, arena);
    net->gradient = take_parameters(net, arena);
    net->curvature = take_parameters(net, arena);
    net->momentum = take_parameters(net, arena);
    net->instantaneous = take_parameters(net, arena);
    net->kept = take_parameters(net, arena);
    net->input_back = sn_take_floats(arena, net->input.read.size);
}

/* The size of a net's block, MOST if no memory has as much; 0 if there is not even enough to plan it. */
static size_t plan(sn_net *net, const sn_declaration *declaration)
{
    const size_t count = (size_t)declaration->count;
    sn_built *layers = malloc(count * sizeof *layers);
    if (!layers)
        return 0;
    sn_arena arena = {0};
    sn_take(&arena, 1, sizeof *net);
    sn_take(&arena, count, sizeof *layers);
    lay_out_net(net, layers, declaration, SN_PORTABLE, &arena);
    free(layers);
    return arena.used;
}

size_t sn_size(const sn_declaration *declaration, int64_t *parameters)
{
    sn_net net = {0};
    const size_t size = plan(&net, declaration);
    *parameters = net.parameter_count;
    return size;
}

sn_net *sn_build(const sn_declaration *declaration, sn_tier tier)
{
    sn_net planned;
    const size_t size = plan(&planned, declaration);
    char *block = size && size < MOST ? calloc(1, size + ALIGNMENT) : NULL;
    if (!block)
        return NULL;
    sn_arena arena = {.base = block + (ALIGNMENT - (uintptr_t)block % ALIGNMENT)};
    sn_net *net = sn_take(&arena, 1, sizeof *net);
    sn_built *layers = sn_take(&arena, (size_t)declaration->count, sizeof *layers);
    lay_out_net(net, layers, declaration, tier, &arena);
    net->block = block;
    sn_set_deleted(net, NULL);
    return net;
}

void sn_free(sn_net *net)
{
    if (net)
        free(net->block);
}

/* ---- Start ---------------------------------------------------------------------------------------------------- */

void sn_start(sn_net *net, sn_start_rule rule, float x, uint64_t seed)
{
    for (int i = 0; i < net->count; i++) /* each F stands where its parameter will */
        net->layers[i].kind->start(&net->layers[i], net->parameters + net->layers[i].counts.first);
    for (int64_t u = 0; u < net->parameter_count; u++) {
        const float f = net->parameters[u];
        const float r = rule == SN_BY_FAN_IN ? x / f : rule == SN_BY_SQRT_FAN_IN ? x / sqrtf(f) : x;
        net->parameters[u] = r * sn_random_around_0(&seed);
    }
    sn_clear_deleted(net, net->parameters);
}
