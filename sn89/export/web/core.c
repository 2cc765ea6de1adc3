/* core.c - the simulator for a web page: what the page calls. build.sh compiles
 * it to WebAssembly together with csrc/.
 *
 * The page reads and writes arrays in the module's memory; it makes room for
 * them with `room`, which never ends: a page builds a few nets and is gone. */
#include "kernels.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(#name))) name

void *EXPORT(room)(size_t bytes) { return calloc(1, bytes); }

/* A net is declared in words of 32 bits, floats by their bits: maps, height, width
 * and background of the input, cost and j, the number of layers; and of every
 * layer kind, squash (4), maps, kernel (2), stride (2), pad (2), background,
 * bias, shared, rows, fan [rows], sources [sum of fan], inputs, prototypes
 * [maps][inputs], rate. */
typedef union {
    int32_t i;
    float f;
} word;

static const word *tell_layer(sn_layer *layer, const word *at)
{
    *layer = (sn_layer){.kind = (sn_kind)at[0].i,
                        .name = "",
                        .squash = {(sn_squash_kind)at[1].i, at[2].f, at[3].f, at[4].f},
                        .maps = at[5].i,
                        .kernel = {at[6].i, at[7].i},
                        .stride = {at[8].i, at[9].i},
                        .pad = {at[10].i, at[11].i},
                        .background = at[12].f,
                        .bias = (sn_bias)at[13].i,
                        .shared = at[14].i,
                        .rows = at[15].i,
                        .fan = &at[16].i};
    at += 16 + layer->rows;
    layer->sources = &at->i;
    for (int row = 0; row < layer->rows; row++)
        at += layer->fan[row];
    layer->inputs = at->i;
    layer->prototypes = &at[1].f;
    at += 1 + (layer->kind == SN_RBF ? layer->maps * layer->inputs : 0);
    layer->rate = at->f;
    return at + 1;
}

/* NULL if no such net can be. */
sn_net *EXPORT(build)(const word *at)
{
    const int count = at[6].i;
    sn_layer *layers = calloc((size_t)count, sizeof *layers);
    const sn_declaration declaration = {.input = {at[0].i, at[1].i, at[2].i},
                                        .background = at[3].f,
                                        .cost = {(sn_cost_kind)at[4].i, at[5].f},
                                        .count = count,
                                        .layers = layers};
    at += 7;
    for (int i = 0; i < count; i++)
        at = tell_layer(&layers[i], at);
    char sentence[1];
    return sn_check(&declaration, sentence, sizeof sentence) ? sn_build(&declaration, SN_PORTABLE) : NULL;
}

float *EXPORT(parameters)(sn_net *net) { return sn_parameters(net); }

float *EXPORT(gradient)(sn_net *net) { return sn_gradient(net); }

float *EXPORT(curvature)(sn_net *net) { return sn_curvature(net); }

void EXPORT(start)(sn_net *net, int rule, float x, uint32_t seed) { sn_start(net, (sn_start_rule)rule, x, seed); }

void EXPORT(states)(const sn_net *net, int layer, float *states) { sn_states(net, layer, states); }

/* Images, one row of desired outputs for each class, and labels. */
sn_patterns *EXPORT(patterns)(const float *images, int height, int width, const float *targets, const int32_t *labels,
                              int count)
{
    sn_patterns *patterns = malloc(sizeof *patterns);
    int64_t *target = malloc((size_t)count * sizeof *target);
    if (!patterns || !target)
        return NULL;
    for (int i = 0; i < count; i++)
        target[i] = labels[i];
    *patterns = (sn_patterns){images, height, width, targets, target, NULL};
    return patterns;
}

void EXPORT(forward)(sn_net *net, const sn_patterns *patterns, int p) { sn_forward(net, patterns, p); }

/* What is desired of the first of some patterns. */
void EXPORT(want)(sn_patterns *patterns, int label) { ((int64_t *)patterns->target)[0] = label; }

/* After forward, for the same pattern: dC/dx of every unit of the input. */
void EXPORT(input_gradient)(sn_net *net, const sn_patterns *patterns, int p, float *gradient)
{
    sn_cost_of(net, patterns, p);
    sn_input_gradient(net, gradient);
}

/* A byte for each parameter: 1 if it is deleted, else 0. */
void EXPORT(set_deleted)(sn_net *net, const bool *deleted) { sn_set_deleted(net, deleted); }

/* Sets the gradient of a pattern's cost; returns the cost. */
float EXPORT(derive)(sn_net *net, const sn_patterns *patterns, int p)
{
    sn_forward(net, patterns, p);
    const float cost = sn_cost_of(net, patterns, p);
    sn_backward(net);
    return cost;
}

void EXPORT(evaluate)(sn_net *net, const sn_patterns *patterns, int first, int count, float *outputs, float *costs)
{
    sn_evaluate(net, patterns, first, count, outputs, costs);
}

/* Learns from `count` patterns in the order given, from `first` on; returns the
 * sum of their costs, or NaN. */
double EXPORT(train)(sn_net *net, const sn_patterns *patterns, int first, int count, int method, int diagonal,
                     float epsilon, float mu, float gamma)
{
    const sn_rule rule = {
        .method = (sn_method)method, .diagonal = (sn_diagonal)diagonal, .epsilon = epsilon, .mu = mu, .gamma = gamma};
    const sn_training training = {.rule = &rule};
    double cost = 0;
    for (int64_t i = first; i < first + count; i++)
        if (sn_train(net, &training, patterns, &i, 1, &cost) == 0)
            return 0.0 / 0.0;
    return cost;
}

/* The tier that is for comparing bits is left out. */
const sn_kernels *const sn_fmaf_kernels = NULL;

/* The core writes sentences about nets that cannot be; the page is only given
 * nets that can. */
int vsnprintf(char *text, size_t room, const char *format, va_list arguments)
{
    (void)format;
    (void)arguments;
    if (room)
        *text = 0;
    return 0;
}

int snprintf(char *text, size_t room, const char *format, ...)
{
    (void)format;
    if (room)
        *text = 0;
    return 0;
}
