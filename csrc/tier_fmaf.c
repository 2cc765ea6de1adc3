/* tier_fmaf.c - the kernels with a fused multiply-add in software (exact.h): slow, but with the bits of the tiers that
 * have the instruction. */
#define VEC8_FMAF
#include "vec8.h"

#include "kernels_body.h"

const sn_kernels *const sn_fmaf_kernels = &table;
