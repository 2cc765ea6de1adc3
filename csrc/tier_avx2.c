/* tier_avx2.c - the kernels for x86-64 processors with AVX2 and FMA, whatever the rest is compiled for. */
#include "kernels.h"

/* Other compilers may know the processor but not its vectors. */
#if (defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))) || (defined(_M_X64) && defined(_MSC_VER))

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

#define VEC8_AVX2
#include "vec8.h"

#include "kernels_body.h"

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

const sn_kernels *const sn_avx2_kernels = &table;

#else

const sn_kernels *const sn_avx2_kernels = NULL;

#endif
