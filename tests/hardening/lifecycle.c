/* lifecycle.c - nets of every kind from their declaration to their end, on a tier or on all: `lifecycle [TIER]`. Every
 * invalid declaration of a list is refused with its sentence, and building fails cleanly whenever memory runs out. To
 * be linked with -Wl,--wrap=malloc,--wrap=calloc, and run under LeakSanitizer or valgrind (./sanitize). */
#include "nets.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Memory that runs out --------------------------------------------------------------------------------------- */

static int calls_left = INT_MAX; /* until one fails */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size) { return calls_left-- > 0 ? __real_malloc(size) : NULL; }
void *__wrap_calloc(size_t count, size_t size) { return calls_left-- > 0 ? __real_calloc(count, size) : NULL; }

/* How many calls a net needs: the first n that does not fail. */
static int calls_to_build(const sn_declaration *declaration, sn_tier tier)
{
    for (int n = 0;; n++) {
        calls_left = n;
        sn_net *net = sn_build(declaration, tier);
        calls_left = INT_MAX;
        sn_free(net);
        if (net)
            return n;
    }
}

/* ---- What is refused -------------------------------------------------------------------------------------------- */

static const int TWO[] = {2, 1}, TWICE[] = {0, 0, 0}, FAR[] = {0, 1, 0}, NEGATIVE[] = {0, -1, 0}, NONE[] = {1, 0};
static const float ENDLESS[] = {0, INFINITY, 0, 0};

#define LOCAL(...)                                                                                                     \
    {.kind = SN_LOCAL, .name = "x", .squash = PLAIN, .maps = 2, .kernel = {1, 1}, .stride = {1, 1}, __VA_ARGS__}
#define FULL(...) {.kind = SN_FULL, .name = "x", .squash = PLAIN, .maps = 2, __VA_ARGS__}

static const struct {
    const char *words; /* of its sentence */
    sn_layer layer;
} REFUSED[] = {
    {"kind must be", {.kind = SN_KINDS, .name = "x"}},
    {"kind must be", {.kind = (sn_kind)-1, .name = "x"}},
    {"squash must be", {.kind = SN_FULL, .name = "x", .maps = 1, .squash = {.kind = SN_SQUASHES}}},
    {"amplitude and slope", {.kind = SN_FULL, .name = "x", .maps = 1, .squash = {SN_TANH, 0, 1, 0}}},
    {"amplitude and slope", {.kind = SN_FULL, .name = "x", .maps = 1, .squash = {SN_TANH, 1, NAN, 0}}},
    {"amplitude and slope", {.kind = SN_FULL, .name = "x", .maps = 1, .squash = {SN_TANH, 1e30f, 1e30f, 0}}},
    {"units must be", FULL(.maps = 0)},
    {"units must be", FULL(.maps = INT_MIN)},
    {"more than", FULL(.maps = INT_MAX)},
    {"maps must be", LOCAL(.maps = 0)},
    {"bias must be", LOCAL(.bias = SN_BIASES)},
    {"background must be", LOCAL(.background = NAN)},
    {"kernel 0", LOCAL(.kernel = {0, 1})},
    {"stride 0", LOCAL(.stride = {1, 0})},
    {"pad -1", LOCAL(.pad = {-1, 0})},
    {"larger than its source plane", LOCAL(.kernel = {INT_MAX, 1})},
    {"larger than its source plane of 2x2 with its padding", LOCAL(.kernel = {1, 5}, .pad = {0, 1})},
    {"too large", LOCAL(.maps = INT_MAX)},
    {"too large", LOCAL(.pad = {INT_MAX, INT_MAX})},
    {"too large", LOCAL(.kernel = {1, 99999}, .pad = {0, 50000})},
    {"table has 1 rows for 2 maps", LOCAL(.rows = 1, .fan = TWO, .sources = FAR)},
    {"table has -1 rows", LOCAL(.rows = -1)},
    {"no source map", LOCAL(.rows = 2, .fan = NONE, .sources = FAR)},
    {"source map 0 twice", LOCAL(.rows = 2, .fan = TWO, .sources = TWICE)},
    {"source map 1; there are 0 to 0", LOCAL(.rows = 2, .fan = TWO, .sources = FAR)},
    {"source map -1; there are 0 to 0", LOCAL(.rows = 2, .fan = TWO, .sources = NEGATIVE)},
    {"size must be", {.kind = SN_AVERAGE, .name = "x", .squash = PLAIN, .kernel = {0, 2}}},
    {"do not tile", {.kind = SN_AVERAGE, .name = "x", .squash = PLAIN, .kernel = {2, 3}}},
    {"at least one prototype", {.kind = SN_RBF, .name = "x", .squash = PLAIN, .inputs = 4}},
    {"prototypes have 3", {.kind = SN_RBF, .name = "x", .squash = PLAIN, .maps = 1, .inputs = 3}},
    {"prototypes must be finite",
     {.kind = SN_RBF, .name = "x", .squash = PLAIN, .maps = 1, .inputs = 4, .prototypes = ENDLESS}},
    {"more than", {.kind = SN_RBF, .name = "x", .squash = PLAIN, .maps = INT_MAX, .inputs = 4}}, /* none are there */
    {"rate must be", {.kind = SN_DROPOUT, .name = "x", .squash = PLAIN, .rate = 1}},
    {"rate must be", {.kind = SN_DROPOUT, .name = "x", .squash = PLAIN, .rate = NAN}},
};

static const struct {
    const char *words;
    sn_declaration declaration;
} REFUSED_NETS[] = {
    {"at least one unit", {.input = {0, 2, 2}}},
    {"would have more than", {.input = {INT_MAX, INT_MAX, INT_MAX}}},
    {"the input's background", {.input = {1, 2, 2}, .background = INFINITY}},
    {"at least one layer", {.input = {1, 2, 2}, .count = 0}},
    {"at least one layer", {.input = {1, 2, 2}, .count = INT_MIN}},
    {"cost must be", {.input = {1, 2, 2}, .count = 1, .cost = {.kind = SN_COSTS}}},
    {"j must be positive", {.input = {1, 2, 2}, .count = 1, .cost = {SN_RBF_DISCRIMINATIVE, 0}}},
};

/* With room for all of the sentence, for a part of it, and for nothing: in memory of exactly that size. */
static bool refuses(const sn_declaration *declaration, const char *words)
{
    for (size_t room = 0; room < 160; room++) {
        char *sentence = malloc(room);
        const bool passed = sn_check(declaration, sentence, room);
        const bool whole = room == 159 && strstr(sentence, words);
        if (passed || (room == 159 && !whole) || (room && !memchr(sentence, 0, room))) {
            fprintf(stderr, "not refused with \"%s\": %s\n", words, room ? sentence : "");
            free(sentence);
            return false;
        }
        free(sentence);
    }
    return true;
}

static int refuse_all(void)
{
    int wrong = 0;
    for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++)
        wrong +=
            !refuses(&(sn_declaration){.input = {1, 2, 2}, .count = 1, .layers = &REFUSED[i].layer}, REFUSED[i].words);
    for (size_t i = 0; i < sizeof REFUSED_NETS / sizeof *REFUSED_NETS; i++)
        wrong += !refuses(&REFUSED_NETS[i].declaration, REFUSED_NETS[i].words);
    return wrong;
}

/* ---- A net's life ----------------------------------------------------------------------------------------------- */

/* Under AddressSanitizer nobody may read past a vector of parameters and the 16 floats of its slack. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
static bool is_guarded(sn_net *n)
{
    const float *end = sn_parameters(n) + sn_parameter_count(n) + 16;
    return !__asan_address_is_poisoned(end - 1) && __asan_address_is_poisoned(end) &&
           __asan_address_is_poisoned(end + 16);
}
#else
static bool is_guarded(sn_net *n) { return n != NULL; }
#endif

static int live(int net, int rule, sn_tier tier)
{
    sn_net *n = trained(net, rule, tier);
    if (!n || !is_guarded(n))
        return 1;
    for (int count = 1; count <= PATTERNS; count += 6) { /* not a multiple of eight; arrays of exactly that size */
        float *outputs = malloc((size_t)count * CLASSES * sizeof *outputs),
              *costs = malloc((size_t)count * sizeof *costs);
        sn_evaluate(n, &PATTERNS_OF_ALL, PATTERNS - count, count, outputs, costs);
        free(outputs);
        free(costs);
    }
    sn_forward(n, &PATTERNS_OF_ALL, PATTERNS - 1);
    sn_cost_of(n, &PATTERNS_OF_ALL, PATTERNS - 1);
    sn_backward(n);
    sn_backward2(n, SN_NEWTON);
    for (int layer = 0; layer <= NETS[net].declaration.count; layer++) {
        float *states = malloc((size_t)sn_count(n, layer).units * sizeof *states);
        sn_states(n, layer, states);
        free(states);
    }
    sn_free(n);
    return 0;
}

int main(int count, char **arguments)
{
    make_patterns();
    int wrong = refuse_all();
    for (int tier = 0; tier < SN_TIERS; tier++) {
        if (!sn_tier_runs((sn_tier)tier) || (count > 1 && strcmp(arguments[1], sn_tier_name((sn_tier)tier))))
            continue;
        for (int net = 0; net < NETS_COUNT; net++) {
            char sentence[1];
            wrong += !sn_check(&NETS[net].declaration, sentence, sizeof sentence);
            wrong += calls_to_build(&NETS[net].declaration, (sn_tier)tier) != 2;
            for (int rule = 0; rule < RULES_COUNT; rule++)
                wrong += live(net, rule, (sn_tier)tier);
        }
    }
    sn_free(NULL);
    printf("lifecycle: %d wrong\n", wrong);
    return wrong > 0;
}
