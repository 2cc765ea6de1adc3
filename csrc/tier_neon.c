/* tier_neon.c - the kernels for 64-bit ARM processors, all of which have NEON and its fused multiply-add. */
#include "kernels.h"

#if defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__))

#define VEC8_NEON
#include "vec8.h"

#include "kernels_body.h"

const sn_kernels *const sn_neon_kernels = &table;

#else

const sn_kernels *const sn_neon_kernels = NULL;

#endif
