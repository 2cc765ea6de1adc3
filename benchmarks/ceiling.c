/* ceiling.c - what one core can do at most: multiply-adds with all operands in registers, and a triad from a cache;
 * and whether it is left to do it.
 *
 * Compiled when the benchmark runs, with -march=native: this is a yardstick for the machine at hand, no part of the core. */
#include <stddef.h>

typedef float vec8 __attribute__((vector_size(32)));

enum { CHAINS = 12 }; /* two multiply-adds a cycle of four or five cycles each, and to spare */

/* Returns a number that depends on all of rounds * CHAINS * 8 multiply-adds. */
float multiply_adds(size_t rounds)
{
    vec8 sum[CHAINS];
    const vec8 a = {0.999f, 0.998f, 0.997f, 0.996f, 0.995f, 0.994f, 0.993f, 0.992f}, b = a + 0.1f;
    for (int i = 0; i < CHAINS; i++)
        sum[i] = a * (float)i;
    for (size_t round = 0; round < rounds; round++) {
        sum[0] = sum[0] * a + b, sum[1] = sum[1] * a + b, sum[2] = sum[2] * a + b, sum[3] = sum[3] * a + b;
        sum[4] = sum[4] * a + b, sum[5] = sum[5] * a + b, sum[6] = sum[6] * a + b, sum[7] = sum[7] * a + b;
        sum[8] = sum[8] * a + b, sum[9] = sum[9] * a + b, sum[10] = sum[10] * a + b, sum[11] = sum[11] * a + b;
    }
    vec8 total = sum[0];
    for (int i = 1; i < CHAINS; i++)
        total += sum[i];
    return total[0] + total[1] + total[2] + total[3] + total[4] + total[5] + total[6] + total[7];
}

/* Something for every part of a core: multiply-adds with one operand from memory, and shifts. Whatever shares the core
 * makes it slower, which no clock tells otherwise. Returns a number that depends on all of it. */
float all_at_once(size_t rounds)
{
    enum { SUMS = 8, NUMBERS = 4 };
    vec8 x[2 * SUMS], sum[SUMS] = {{0}};
    const vec8 a = {0.999f, 0.998f, 0.997f, 0.996f, 0.995f, 0.994f, 0.993f, 0.992f};
    size_t n[NUMBERS] = {1, 2, 3, 4}, total = 0;
    for (int i = 0; i < 2 * SUMS; i++)
        x[i] = a * (float)i;
    for (size_t round = 0; round < rounds; round++) {
        const vec8 *from = x + (n[0] & (SUMS - 1));
        for (int i = 0; i < SUMS; i++)
            sum[i] = sum[i] * a + from[i];
        for (int i = 0; i < NUMBERS; i++) {
            n[i] ^= n[i] << 13;
            n[i] ^= n[i] >> 7;
            n[i] ^= n[i] << 17;
        }
    }
    for (int i = 1; i < SUMS; i++)
        sum[0] += sum[i];
    for (int i = 0; i < NUMBERS; i++)
        total += n[i];
    return sum[0][0] + sum[0][1] + sum[0][2] + sum[0][3] + sum[0][4] + sum[0][5] + sum[0][6] + sum[0][7] + (float)total;
}

/* x_i += w y_i, `rounds` times over n floats. */
void triad(float *x, const float *y, float w, size_t n, size_t rounds)
{
    for (size_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < n; i++)
            x[i] += w * y[i];
}
