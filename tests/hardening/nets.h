/* nets.h - small nets of every kind of layer, squash, cost and rule, and images for them: what lifecycle.c, threads.c
 * and bits.c work with. */
#ifndef NETS_H
#define NETS_H

#include "sn.h"

#include <stdlib.h>

enum { PATTERNS = 20, TRAINED_PASSES = 6, MOST_UNITS = 400, CLASSES = 5 };

#define TANH_1989 {SN_TANH, 1.7159f, 2.0f / 3, 0}
#define TWISTED   {SN_TANH, 1.5f, 0.5f, 0.05f}
#define PLAIN     {SN_LINEAR, 0, 0, 0}
#define RECTIFIED {SN_RELU, 0, 0, 0}

static const int RAGGED_FAN[] = {1, 3, 2}, RAGGED[] = {1, 2, 0, 1, 0, 1};
static const int ALL_FAN[] = {3, 3, 3, 2}, ALL[] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 2, 1};
static float PROTOTYPES[CLASSES * 6];

static const sn_layer SHARED[] = {
    {.kind = SN_LOCAL,
     .name = "H1",
     .squash = TANH_1989,
     .maps = 3,
     .kernel = {5, 5},
     .stride = {2, 2},
     .pad = {2, 2},
     .background = -1,
     .bias = SN_BIAS_UNIT,
     .shared = true},
    {.kind = SN_LOCAL,
     .name = "H2",
     .squash = TWISTED,
     .maps = 3,
     .kernel = {3, 2},
     .stride = {1, 2},
     .pad = {1, 0},
     .background = -1,
     .bias = SN_BIAS_MAP,
     .shared = true,
     .rows = 3,
     .fan = RAGGED_FAN,
     .sources = RAGGED},
    {.kind = SN_FULL, .name = "output", .squash = TANH_1989, .maps = CLASSES},
};
static const sn_layer UNSHARED[] = {
    {.kind = SN_LOCAL,
     .name = "H1",
     .squash = TANH_1989,
     .maps = 3,
     .kernel = {3, 4},
     .stride = {3, 3},
     .pad = {1, 1},
     .bias = SN_BIAS_NONE,
     .shared = true},
    {.kind = SN_LOCAL,
     .name = "H2",
     .squash = RECTIFIED,
     .maps = 4,
     .kernel = {2, 2},
     .stride = {1, 1},
     .bias = SN_BIAS_UNIT,
     .rows = 4,
     .fan = ALL_FAN,
     .sources = ALL},
    {.kind = SN_FULL, .name = "output", .squash = PLAIN, .maps = CLASSES},
};
static const sn_layer AVERAGES[] = {
    {.kind = SN_LOCAL,
     .name = "C1",
     .squash = TANH_1989,
     .maps = 2,
     .kernel = {5, 5},
     .stride = {1, 1},
     .pad = {2, 2},
     .background = -0.1f,
     .bias = SN_BIAS_MAP,
     .shared = true},
    {.kind = SN_AVERAGE, .name = "S2", .squash = TANH_1989, .kernel = {2, 2}},
    {.kind = SN_AVERAGE, .name = "S3", .squash = TWISTED, .kernel = {3, 1}},
    {.kind = SN_LOCAL,
     .name = "C4",
     .squash = TANH_1989,
     .maps = 9,
     .kernel = {2, 6},
     .stride = {1, 1},
     .bias = SN_BIAS_MAP,
     .shared = true},
    {.kind = SN_FULL, .name = "F5", .squash = TANH_1989, .maps = 6},
    {.kind = SN_RBF, .name = "output", .squash = PLAIN, .maps = CLASSES, .inputs = 6, .prototypes = PROTOTYPES},
};
/* Strides as large as an int can be. */
static const sn_layer FAR_APART[] = {
    {.kind = SN_LOCAL,
     .name = "H1",
     .squash = TANH_1989,
     .maps = 3,
     .kernel = {3, 4},
     .stride = {1, 2},
     .bias = SN_BIAS_MAP,
     .shared = true},
    {.kind = SN_LOCAL,
     .name = "H2",
     .squash = TANH_1989,
     .maps = 2,
     .kernel = {4, 3},
     .stride = {INT32_MAX, INT32_MAX},
     .pad = {2, 1},
     .background = -1,
     .bias = SN_BIAS_MAP,
     .shared = true},
    {.kind = SN_FULL, .name = "output", .squash = TANH_1989, .maps = CLASSES},
};
static const sn_layer DROPPED[] = {
    {.kind = SN_DROPOUT, .name = "D1", .squash = PLAIN, .rate = 0.1f},
    {.kind = SN_FULL, .name = "H1", .squash = RECTIFIED, .maps = 13},
    {.kind = SN_DROPOUT, .name = "D2", .squash = PLAIN, .rate = 0.5f},
    {.kind = SN_FULL, .name = "output", .squash = PLAIN, .maps = CLASSES},
};

#define NET(title, net_layers, ...)                                                                                    \
    {                                                                                                                  \
        title,                                                                                                         \
        {                                                                                                              \
            .input = {1, 12, 12}, .background = -1, .count = sizeof(net_layers) / sizeof(sn_layer),                    \
            .layers = net_layers, .cost = {__VA_ARGS__}                                                                \
        }                                                                                                              \
    }

static const struct {
    const char *name;
    sn_declaration declaration;
} NETS[] = {
    NET("shared", SHARED, SN_HALF_SQUARED, 0),
    NET("unshared", UNSHARED, SN_SOFTMAX, 0),
    NET("averages", AVERAGES, SN_RBF_DISCRIMINATIVE, 1),
    NET("far apart", FAR_APART, SN_HALF_SQUARED, 0),
    NET("dropout", DROPPED, SN_SOFTMAX, 0),
};
enum { NETS_COUNT = sizeof NETS / sizeof *NETS };

static const struct {
    const char *name;
    sn_rule rule;
} RULES[] = {
    {"first order", {.method = SN_FIRST_ORDER, .epsilon = 0.005f}},
    {"newton", {.method = SN_RUNNING, .diagonal = SN_NEWTON, .epsilon = 0.0005f, .mu = 0.05f, .gamma = 0.05f}},
    {"levenberg-marquardt",
     {.method = SN_RUNNING, .diagonal = SN_LEVENBERG_MARQUARDT, .epsilon = 0.0005f, .mu = 0.05f, .gamma = 0.05f}},
    {"fixed", {.method = SN_FIXED, .diagonal = SN_LEVENBERG_MARQUARDT, .epsilon = 0.0005f, .mu = 0.05f}},
    {"adamw",
     {.method = SN_ADAMW,
      .diagonal = SN_LEVENBERG_MARQUARDT,
      .epsilon = 0.002f,
      .mu = 1e-8f,
      .gamma = 0.001f,
      .beta = 0.1f,
      .decay = 0.01f}},
};
enum { RULES_COUNT = sizeof RULES / sizeof *RULES };

static const sn_distortion DISTORTION = {
    .shift = 1, .scale = 0.1f, .squeeze = 0.1f, .slant = 0.2f, .tan_half_turn = 0.1f};

/* Images smaller than the planes, desired outputs of one class each, and an order. */
static float IMAGES[PATTERNS * 10 * 11], TARGETS[CLASSES * CLASSES];
static int64_t TARGET[PATTERNS], ORDER[PATTERNS];

static const sn_patterns PATTERNS_OF_ALL = {IMAGES, 10, 11, TARGETS, TARGET, NULL};

/* Uniform in [-1, 1), in steps of 2^-23. */
static inline float draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)((int32_t)(*state >> 40) - (1 << 23)) * 0x1p-23f;
}

/* Once, before anything else. */
static inline void make_patterns(void)
{
    uint64_t state = 1989;
    for (size_t i = 0; i < sizeof IMAGES / sizeof *IMAGES; i++)
        IMAGES[i] = draw(&state);
    for (size_t i = 0; i < sizeof PROTOTYPES / sizeof *PROTOTYPES; i++)
        PROTOTYPES[i] = draw(&state) < 0 ? -1 : 1;
    for (size_t i = 0; i < sizeof TARGETS / sizeof *TARGETS; i++)
        TARGETS[i] = i % (CLASSES + 1) == 0;
    for (int64_t p = 0; p < PATTERNS; p++) {
        TARGET[p] = p % CLASSES;
        ORDER[p] = (7 * p + 3) % PATTERNS;
    }
}

/* Deletes two in eleven parameters. */
static inline void delete_some(sn_net *net)
{
    bool *deleted = calloc((size_t)sn_parameter_count(net) + 1, sizeof *deleted);
    for (int64_t u = 0; deleted && u < sn_parameter_count(net); u++)
        deleted[u] = u % 11 < 2;
    sn_set_deleted(net, deleted);
    free(deleted);
}

/* A net that was trained in every way: with a rule, with distortions and without, after measuring the curvature, and in
 * the last passes with deleted parameters. */
static inline sn_net *trained(int net, int rule, sn_tier tier)
{
    sn_net *n = sn_build(&NETS[net].declaration, tier);
    if (!n)
        return NULL;
    sn_start(n, SN_BY_SQRT_FAN_IN, 1.5f, (uint64_t)(net + 1));
    sn_add_curvature(n, RULES[rule].rule.diagonal, &PATTERNS_OF_ALL, ORDER, PATTERNS, 1.0f / (float)PATTERNS);
    double cost = 0;
    for (int pass = 0; pass < TRAINED_PASSES; pass++) {
        const sn_training training = {.rule = &RULES[rule].rule,
                                      .distortion = pass % 2 ? &DISTORTION : NULL,
                                      .seed = 7,
                                      .presented = (int64_t)pass * PATTERNS};
        if (pass == 4)
            delete_some(n);
        sn_train(n, &training, &PATTERNS_OF_ALL, ORDER, PATTERNS, &cost);
    }
    return n;
}

#endif
