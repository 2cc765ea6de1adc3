/* declare.c - a libFuzzer harness: any bytes are a declaration. sn_check judges it; if it passes, it is built, and if
 * it is small it is started, presented with patterns and learned from. Started by ./fuzz.
 *
 * Besides what the sanitizers find it aborts if a refusal has no sentence, if counts disagree with each other or with
 * what is counted here, if states and counts do not fit, or if judging or planning takes a second. The arrays of a
 * declaration are as long as it says, and not a byte longer. Blocks of more than ROOM cannot be had (the linker wraps
 * calloc), so that the plan of any net that passes is made, but no memory is filled. */
#define _POSIX_C_SOURCE 200809L
#include "sn.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_LAYERS = 6, MOST_PATTERNS = 11, MOST_ROWS = 64, MOST_FAN = 96, MOST_PROTOTYPES = 1 << 16 };
static const size_t ROOM = 1 << 20;
static const int64_t SMALL = 2000; /* floats of states and connections: a presentation takes some microseconds */

#define DEMAND(condition) ((condition) ? (void)0 : abort())

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return size && count > ROOM / size ? NULL : __real_calloc(count, size);
}

/* ---- Numbers from bytes ----------------------------------------------------------------------------------------- */

typedef struct {
    const uint8_t *at, *end;
} bytes;

static unsigned take_byte(bytes *b) { return b->at < b->end ? *b->at++ : 0; }

static uint32_t take_word(bytes *b)
{
    uint32_t word = 0;
    for (int i = 0; i < 4; i++)
        word |= (uint32_t)take_byte(b) << 8 * i;
    return word;
}

/* -8 to 183, powers of 2, what is next to limits, or anything. */
static int take_int(bytes *b)
{
    static const int special[] = {INT_MIN, INT_MIN + 1, INT_MAX,       INT_MAX - 1,       46340,  46341,
                                  65535,   65537,       SN_MOST_UNITS, SN_MOST_UNITS + 1, -65536, 1 << 30};
    const unsigned tag = take_byte(b);
    if (tag < 192)
        return (int)tag - 8;
    if (tag < 216)
        return 1 << (tag - 192 + 7);
    if (tag < 216 + sizeof special / sizeof *special)
        return special[tag - 216];
    return (int)take_word(b);
}

/* -3 to 3, what is next to limits, or anything. */
static float take_float(bytes *b)
{
    static const float special[] = {INFINITY, -INFINITY, NAN,   FLT_MAX, -FLT_MAX, FLT_MIN,
                                    1e-40f,   0,         -0.0f, 1e30f,   1e-30f,   0.999999f};
    const unsigned tag = take_byte(b);
    if (tag < 200)
        return (float)((int)tag - 100) / 32;
    if (tag < 200 + sizeof special / sizeof *special)
        return special[tag - 200];
    const uint32_t word = take_word(b);
    float x;
    memcpy(&x, &word, sizeof x);
    return x;
}

static float *take_floats(bytes *b, size_t count)
{
    float *x = malloc(count * sizeof *x);
    for (size_t i = 0; i < count; i++)
        x[i] = take_float(b);
    return x;
}

/* Cheap numbers for many: bytes as they come, around 0, then over again. */
static float *fill_floats(bytes *b, size_t count)
{
    const bytes begin = *b;
    float *x = malloc(count * sizeof *x);
    for (size_t i = 0; i < count; i++) {
        if (b->at == b->end)
            *b = begin;
        x[i] = (float)take_byte(b) / 128 - 1;
    }
    return x;
}

/* ---- A declaration from bytes ----------------------------------------------------------------------------------- */

/* The counts of a layer as the papers count them, if it were right; and the floats that it may keep. */
typedef struct {
    sn_shape shape;
    int64_t parameters, connections, floats;
} counted;

static int64_t product(sn_shape s) { return (int64_t)s.maps * s.height * s.width; }

static int64_t kernels_of(const sn_layer *layer, sn_shape below)
{
    int64_t kernels = layer->rows > 0 ? 0 : (int64_t)layer->maps * below.maps;
    for (int map = 0; map < layer->rows; map++)
        kernels += layer->fan[map];
    return kernels;
}

static sn_shape shape_of(const sn_layer *l, sn_shape below)
{
    if (l->kind == SN_AVERAGE)
        return (sn_shape){below.maps, below.height / l->kernel[0], below.width / l->kernel[1]};
    if (l->kind == SN_FULL || l->kind == SN_RBF)
        return (sn_shape){l->maps, 1, 1};
    if (l->kind != SN_LOCAL)
        return below;
    return (sn_shape){l->maps, (below.height + 2 * l->pad[0] - l->kernel[0]) / l->stride[0] + 1,
                      (below.width + 2 * l->pad[1] - l->kernel[1]) / l->stride[1] + 1};
}

static counted count_local(const sn_layer *l, sn_shape below)
{
    const sn_shape shape = shape_of(l, below);
    const int64_t h = below.height + 2 * (int64_t)l->pad[0], w = below.width + 2 * (int64_t)l->pad[1];
    const int64_t places = (int64_t)shape.height * shape.width, field = (int64_t)l->kernel[0] * l->kernel[1];
    const int64_t taps = kernels_of(l, below) * field;
    const int64_t biases = l->bias == SN_BIAS_UNIT ? product(shape) : l->bias == SN_BIAS_MAP ? l->maps : 0;
    return (counted){shape, (l->shared ? taps : taps * places) + biases,
                     taps * places + (l->bias == SN_BIAS_NONE ? 0 : product(shape)),
                     below.maps * (h * w + field * (places + 16))};
}

/* Of a layer that has passed. */
static counted count(const sn_layer *l, sn_shape below)
{
    const int64_t inputs = product(below);
    const sn_shape shape = l->kind == SN_LOCAL ? below : shape_of(l, below);
    switch (l->kind) {
    case SN_LOCAL:
        return count_local(l, below);
    case SN_AVERAGE:
        return (counted){shape, 2 * below.maps, inputs + product(shape), 0};
    case SN_FULL:
        return (counted){shape, l->maps * (inputs + 1), l->maps * (inputs + 1), 0};
    case SN_RBF:
        return (counted){shape, 0, l->maps * inputs, 0};
    default:
        return (counted){shape, 0, inputs, 0};
    }
}

static void take_pair(bytes *b, int pair[2])
{
    pair[0] = take_int(b);
    pair[1] = take_int(b);
}

/* As many fans as there are rows, and as many sources as they sum up to. Rows that are more than these need no arrays
 * unless there are as many maps, for then they are refused before. */
static void take_table(bytes *b, sn_layer *layer)
{
    layer->rows = take_byte(b) % 4 ? layer->maps : take_int(b);
    if (layer->rows > MOST_ROWS)
        layer->rows = layer->rows == layer->maps ? 0 : layer->rows;
    if (layer->rows < 1 || layer->rows > MOST_ROWS)
        return;
    int *fan = malloc((size_t)layer->rows * sizeof *fan);
    size_t sum = 0;
    for (int map = 0; map < layer->rows; map++) {
        fan[map] = take_int(b);
        fan[map] = fan[map] > MOST_FAN ? MOST_FAN : fan[map];
        sum += fan[map] > 0 ? (size_t)fan[map] : 0;
    }
    int *sources = malloc(sum * sizeof *sources);
    for (size_t k = 0; k < sum; k++)
        sources[k] = take_int(b);
    layer->fan = fan;
    layer->sources = sources;
}

/* Prototypes that are more than the core may have are not there: it must not look. */
static void take_prototypes(bytes *b, sn_layer *layer, int64_t below)
{
    layer->inputs = take_byte(b) % 4 && below <= INT_MAX ? (int)below : take_int(b);
    const int64_t all = (int64_t)layer->maps * layer->inputs;
    if (layer->maps < 1 || layer->inputs < 1 || all > SN_LIMIT)
        return;
    if (all > MOST_PROTOTYPES)
        layer->inputs = -1;
    else
        layer->prototypes = take_byte(b) % 8 ? fill_floats(b, (size_t)all) : take_floats(b, (size_t)all);
}

static void take_layer(bytes *b, sn_layer *layer, int64_t below)
{
    static const char *const names[] = {"H1", "", NULL, "a name that is longer than the room for a sentence may be"};
    const unsigned kind = take_byte(b), options = take_byte(b);
    *layer =
        (sn_layer){.kind = (sn_kind)(kind < 250 ? (int)(kind % SN_KINDS) : take_int(b)), .name = names[options % 4]};
    layer->squash.kind = (sn_squash_kind)(options & 4   ? SN_TANH
                                          : options & 8 ? take_int(b)
                                                        : (int)(options >> 4) % SN_SQUASHES);
    layer->squash.amplitude = options & 4 ? 1.7159f : take_float(b);
    layer->squash.slope = options & 4 ? 2.0f / 3 : take_float(b);
    layer->squash.linear = options & 4 ? 0 : take_float(b);
    layer->maps = take_int(b);
    take_pair(b, layer->kernel);
    take_pair(b, layer->stride);
    take_pair(b, layer->pad);
    layer->background = take_float(b);
    const unsigned more = take_byte(b);
    layer->bias = (sn_bias)(more & 128 ? take_int(b) : (int)(more % SN_BIASES));
    layer->shared = more & 64;
    layer->rate = take_float(b);
    if (layer->kind == SN_LOCAL && more & 32)
        take_table(b, layer);
    if (layer->kind == SN_RBF)
        take_prototypes(b, layer, below);
}

static bool are_in(const int pair[2], int least)
{
    return pair[0] >= least && pair[1] >= least && pair[0] <= 1 << 20 && pair[1] <= 1 << 20;
}

/* Whether shapes may be computed without an overflow. */
static bool is_shape(sn_shape s)
{
    return s.maps > 0 && s.maps <= 1 << 20 && are_in((int[]){s.height, s.width}, 1) && product(s) <= 1 << 20;
}

static bool is_sane(const sn_layer *l, sn_shape below)
{
    return is_shape(below) && (l->kind != SN_LOCAL || (are_in(l->stride, 1) && are_in(l->pad, 0))) &&
           ((l->kind != SN_LOCAL && l->kind != SN_AVERAGE) || are_in(l->kernel, 1));
}

static void take_declaration(bytes *b, sn_declaration *declaration, sn_layer *layers)
{
    declaration->input.maps = take_int(b);
    declaration->input.height = take_int(b);
    declaration->input.width = take_int(b);
    declaration->background = take_float(b);
    const unsigned cost = take_byte(b);
    declaration->cost.kind = (sn_cost_kind)(cost < 250 ? (int)(cost % SN_COSTS) : take_int(b));
    declaration->cost.j = take_float(b);
    const unsigned count_byte = take_byte(b);
    declaration->count = count_byte < 250 ? (int)(count_byte % (MOST_LAYERS + 1)) : (int)-(take_word(b) >> 2);
    if (declaration->count > MOST_LAYERS)
        declaration->count = 0;
    declaration->layers = layers;
    sn_shape below = declaration->input;
    for (int i = 0; i < declaration->count; i++) {
        take_layer(b, &layers[i], is_shape(below) ? product(below) : -1);
        if (is_sane(&layers[i], below))
            below = shape_of(&layers[i], below);
    }
}

static void give_back(sn_declaration *declaration)
{
    for (int i = 0; i < declaration->count; i++) {
        free((void *)declaration->layers[i].fan);
        free((void *)declaration->layers[i].sources);
        free((void *)declaration->layers[i].prototypes);
    }
}

/* ---- What must be so -------------------------------------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool judge(bytes *b, const sn_declaration *declaration)
{
    const size_t room = take_byte(b);
    char *sentence = malloc(room + 1);
    sentence[0] = 0;
    const double started = seconds();
    const bool passed = sn_check(declaration, sentence, room);
    DEMAND(seconds() - started < 1);
    if (!passed && room) {
        DEMAND(memchr(sentence, 0, room));
        DEMAND(room == 1 || sentence[0]);
    }
    free(sentence);
    return passed;
}

/* Holds the counts of a net to those made here; returns what a presentation has to do. */
static int64_t count_net(const sn_net *net, const sn_declaration *declaration)
{
    int64_t parameters = 0, work = product(declaration->input);
    sn_shape below = declaration->input;
    DEMAND(sn_count(net, 0).units == work);
    for (int i = 0; i < declaration->count; i++) {
        const sn_counts got = sn_count(net, i + 1);
        const counted expected = count(&declaration->layers[i], below);
        DEMAND(memcmp(&got.shape, &expected.shape, sizeof got.shape) == 0);
        DEMAND(got.units == product(got.shape));
        DEMAND(got.connections == expected.connections);
        DEMAND(got.weights + got.biases == expected.parameters);
        DEMAND(got.first == parameters);
        parameters += got.weights + got.biases;
        work += got.units + got.connections + expected.floats;
        below = got.shape;
    }
    DEMAND(parameters == sn_parameter_count(net));
    return work;
}

/* All states are there, no more and no less than the counts say. */
static void look(const sn_net *net, const sn_declaration *declaration)
{
    for (int i = 0; i <= declaration->count; i++) {
        const size_t size = (size_t)sn_count(net, i).units * sizeof(float);
        float *states = malloc(size);
        sn_states(net, i, states);
        free(states);
    }
}

/* ---- At work ---------------------------------------------------------------------------------------------------- */

static void evaluate(sn_net *net, const sn_patterns *patterns, int64_t first, int64_t count, size_t outputs, bool costs)
{
    float *out = malloc((size_t)count * outputs * sizeof *out);
    float *cost = costs ? malloc((size_t)count * sizeof *cost) : NULL;
    sn_evaluate(net, patterns, first, count, out, cost);
    free(out);
    free(cost);
}

static void learn(bytes *b, sn_net *net, const sn_patterns *patterns, int64_t count)
{
    const unsigned options = take_byte(b);
    const bool usual = options & 4;
    const sn_rule rule = {.method = (sn_method)(options % 4),
                          .diagonal = options & 8 ? SN_NEWTON : SN_LEVENBERG_MARQUARDT,
                          .epsilon = usual ? 0.001f : take_float(b),
                          .mu = usual ? 0.05f : take_float(b),
                          .gamma = usual ? 0.05f : take_float(b),
                          .beta = usual ? 0.1f : take_float(b),
                          .decay = usual ? 0.01f : take_float(b)};
    sn_distortion distortion = {.whole = options & 16};
    float *const members[] = {&distortion.shift, &distortion.scale, &distortion.squeeze, &distortion.slant,
                              &distortion.tan_half_turn};
    for (int i = 0; i < 5 && options & 32; i++)
        *members[i] = take_float(b);
    const sn_training training = {.rule = &rule,
                                  .distortion = options & 32 ? &distortion : NULL,
                                  .seed = take_word(b),
                                  .presented = options & 64 ? 0 : (int64_t)take_word(b)};
    int64_t order[3];
    for (int i = 0; i < 3; i++)
        order[i] = take_byte(b) % count;
    double cost = 0;
    if (options & 128)
        sn_add_curvature(net, rule.diagonal, patterns, order, 1, 1);
    const int64_t learned = sn_train(net, &training, patterns, order, 3, &cost);
    DEMAND(learned >= 0 && learned <= 3);
    DEMAND(isfinite(cost));
}

static void run(bytes *b, sn_net *net, const sn_declaration *declaration)
{
    const sn_shape input = declaration->input;
    const size_t outputs = (size_t)sn_count(net, declaration->count).units;
    const int64_t count = 1 + take_byte(b) % MOST_PATTERNS, rows = 1 + take_byte(b) % 3;
    const int height = 1 + (int)(take_byte(b) % (unsigned)input.height),
              width = 1 + (int)(take_byte(b) % (unsigned)input.width);
    const unsigned wild = take_byte(b);
    const size_t pixels = (size_t)count * (size_t)input.maps * (size_t)height * (size_t)width;
    sn_start(net, (sn_start_rule)(wild % 3), wild & 4 ? take_float(b) : 1, take_word(b));
    float *images = (wild & 8 ? take_floats : fill_floats)(b, pixels);
    float *targets = (wild & 16 ? take_floats : fill_floats)(b, (size_t)rows * outputs);
    int64_t *target = malloc((size_t)count * sizeof *target);
    for (int64_t i = 0; i < count; i++)
        target[i] = i % rows;
    const sn_patterns patterns = {images, height, width, targets, target, NULL};
    learn(b, net, &patterns, count);
    sn_forward(net, &patterns, count - 1);
    sn_cost_of(net, &patterns, count - 1);
    sn_backward(net);
    sn_backward2(net, wild & 32 ? SN_NEWTON : SN_LEVENBERG_MARQUARDT);
    look(net, declaration);
    const int64_t first = wild & 64 ? count / 2 : 0;
    evaluate(net, &patterns, first, count - first, outputs, wild & 128);
    free(images);
    free(targets);
    free(target);
}

static void build_and_run(bytes *b, const sn_declaration *declaration)
{
    const sn_tier tier = (sn_tier)(take_byte(b) % SN_TIERS);
    const double started = seconds();
    sn_net *net = sn_build(declaration, sn_tier_runs(tier) ? tier : sn_best_tier());
    DEMAND(seconds() - started < 1);
    if (net && count_net(net, declaration) <= SMALL)
        run(b, net, declaration);
    sn_free(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bytes b = {data, data + size};
    sn_declaration declaration;
    sn_layer *layers = malloc(MOST_LAYERS * sizeof *layers);
    take_declaration(&b, &declaration, layers);
    if (judge(&b, &declaration))
        build_and_run(&b, &declaration);
    give_back(&declaration);
    free(layers);
    return 0;
}
