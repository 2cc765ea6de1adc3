/* kernels_body.h - the loops of kernels.h over vec8. A file for each tier includes it once, after vec8.h. */

/* For loops of a constant length over vectors that should all stay in registers; unless code should be small, or, for
 * sanitizers, which need many minutes else, be compiled as it is written. */
#if (defined(__GNUC__) || defined(__clang__)) && !defined(SN_PLAIN)
#define ALWAYS_INLINE __attribute__((always_inline))
#else
#define ALWAYS_INLINE
#endif
#if defined(SN_SMALL) || defined(SN_PLAIN)
#define UNROLL
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 16")
#else
#define UNROLL
#endif

enum { MOST_SUMS = 12 }; /* with what they are made from they fill the 16 registers of AVX2 */

/* The next of the blocks of at most `most` that `rest` is cut into: never a small one at the end if two of medium size
 * do it, for sums that are too few wait for each other. */
static inline size_t next_block(size_t most, size_t rest)
{
    return rest <= most ? rest : rest < 2 * most ? (rest + 1) / 2 : most;
}

static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }

#include "kernels_sums.h"

#include "kernels_sink.h"

#include "kernels_dots.h"

#include "kernels_planes.h"

#include "kernels_units.h"

static const sn_kernels table = {
    .dot = dot,
    .sum_rows = sum_rows,
    .correlate = correlate,
    .add_source = add_source,
    .correlate_back = correlate_back,
    .to_columns = to_columns,
    .from_columns = from_columns,
    .sum_blocks = sum_blocks,
    .fill_blocks = fill_blocks,
    .average8 = average8,
    .distances8 = distances8,
    .scale = scale,
    .full = full,
    .full_back = full_back,
    .full_back2 = full_back2,
    .give = give,
    .give_rows = give_rows,
    .interleave = interleave,
    .squash = squash,
    .squash_back = squash_back,
    .squash_back2 = squash_back2,
    .square = square,
    .all_finite = all_finite,
    .keep = keep,
    .fixed = fixed,
    .adamw = adamw,
};
