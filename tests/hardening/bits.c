/* bits.c - trains nets of every kind with every rule on a tier, and prints a hash of all that came of it: `bits TIER`.
 * With fused multiply-adds the lines are the same on every tier, compiler and C library (tests/test_bits.py). */
#include "nets.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a over the bytes of every float, the lowest first, whichever of them the machine stores first. */
static uint64_t hash(uint64_t h, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        for (int byte = 0; byte < 4; byte++)
            h = (h ^ (bits >> (8 * byte) & 0xff)) * 0x100000001b3u;
    }
    return h;
}

static const uint64_t EMPTY = 0xcbf29ce484222325u;

static bool print(int net, int rule, sn_tier tier)
{
    float outputs[PATTERNS * CLASSES], costs[PATTERNS], states[MOST_UNITS];
    sn_net *n = trained(net, rule, tier);
    if (!n)
        return false;
    const size_t size = (size_t)sn_parameter_count(n);
    sn_evaluate(n, &PATTERNS_OF_ALL, 0, PATTERNS - 1, outputs, costs);
    sn_forward(n, &PATTERNS_OF_ALL, 1);
    const float cost = sn_cost_of(n, &PATTERNS_OF_ALL, 1);
    sn_backward(n);
    const float *instantaneous = sn_backward2(n, RULES[rule].rule.diagonal);
    uint64_t of_states = hash(EMPTY, &cost, 1);
    for (int layer = 0; layer <= NETS[net].declaration.count; layer++) {
        sn_states(n, layer, states);
        of_states = hash(of_states, states, (size_t)sn_count(n, layer).units);
    }
    uint64_t passes = hash(hash(EMPTY, sn_gradient(n), size), instantaneous, size);
    sn_input_gradient(n, states);
    passes = hash(passes, states, (size_t)sn_count(n, 0).units);
    printf("%s, %s: parameters %016" PRIx64 " curvature %016" PRIx64 " momentum %016" PRIx64, NETS[net].name,
           RULES[rule].name, hash(EMPTY, sn_parameters(n), size), hash(EMPTY, sn_curvature(n), size),
           hash(EMPTY, sn_momentum(n), size));
    printf(" outputs %016" PRIx64 " states %016" PRIx64 " derivatives %016" PRIx64 " cost %.4g\n",
           hash(hash(EMPTY, outputs, (PATTERNS - 1) * CLASSES), costs, PATTERNS - 1), of_states, passes, (double)cost);
    sn_free(n);
    return true;
}

/* Many presentations of a net, by the papers' rule: what differs late differs here. */
static bool print_long(int net, sn_tier tier, long presentations)
{
    enum { LEVENBERG_MARQUARDT = 2 };
    sn_net *n = trained(net, LEVENBERG_MARQUARDT, tier);
    if (!n)
        return false;
    double cost = 0;
    for (int64_t presented = (int64_t)TRAINED_PASSES * PATTERNS; presented < presentations; presented += PATTERNS) {
        const sn_training training = {.rule = &RULES[LEVENBERG_MARQUARDT].rule, .seed = 7, .presented = presented};
        sn_train(n, &training, &PATTERNS_OF_ALL, ORDER, PATTERNS, &cost);
    }
    printf("%s, %ld presentations: parameters %016" PRIx64 "\n", NETS[net].name, presentations,
           hash(EMPTY, sn_parameters(n), (size_t)sn_parameter_count(n)));
    sn_free(n);
    return true;
}

int main(int count, char **arguments)
{
    make_patterns();
    const long presentations = count == 3 ? strtol(arguments[2], NULL, 10) : 500;
    for (int tier = 0; (count == 2 || count == 3) && tier < SN_TIERS; tier++)
        if (strcmp(arguments[1], sn_tier_name((sn_tier)tier)) == 0) {
            if (!sn_tier_runs((sn_tier)tier))
                return 3; /* not on this processor */
            bool all = true;
            for (int net = 0; net < NETS_COUNT; net++) {
                all &= print_long(net, (sn_tier)tier, presentations);
                for (int rule = 0; rule < RULES_COUNT; rule++)
                    all &= print(net, rule, (sn_tier)tier);
            }
            return all ? 0 : 1;
        }
    return 2;
}
