/* chance.h - random numbers: splitmix64 (Steele, Lea and Flood 2014). Every seed is a good one, and the numbers are the
 * same everywhere. */
#ifndef SN_CHANCE_H
#define SN_CHANCE_H

#include <stdint.h>

static inline uint64_t sn_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Uniform in [-1, 1), in steps of 2^-23. */
static inline float sn_random_around_0(uint64_t *state)
{
    const int32_t sign_and_23_bits = (int32_t)(sn_random(state) >> 40) - (1 << 23);
    return (float)sign_and_23_bits * 0x1p-23f;
}

/* A seed for the n-th of many things, each of which draws numbers of its own: they depend on nothing but n. */
static inline uint64_t sn_branch(uint64_t seed, uint64_t n)
{
    uint64_t state = seed ^ (n * 0xd1342543de82ef95u);
    return sn_random(&state);
}

#endif
