/* tier.c - what this processor can do. */
#include "kernels.h"

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#endif

static const char *const NAMES[SN_TIERS] = {
    [SN_PORTABLE] = "portable",
    [SN_FMAF] = "fmaf",
    [SN_AVX2] = "avx2",
    [SN_NEON] = "neon",
};

/* AVX2 and FMA, and an operating system that keeps the wide registers. */
static bool has_avx2(void)
{
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#elif defined(_MSC_VER) && defined(_M_X64)
    int leaf1[4], leaf7[4];
    __cpuid(leaf1, 1);
    __cpuidex(leaf7, 7, 0);
    const bool saved = (leaf1[2] & (1 << 27)) && (_xgetbv(0) & 6) == 6;
    return saved && (leaf1[2] & (1 << 12)) && (leaf7[1] & (1 << 5));
#else
    return false;
#endif
}

const sn_kernels *sn_kernels_of(sn_tier tier)
{
    switch (tier) {
    case SN_PORTABLE:
        return sn_portable_kernels;
    case SN_FMAF:
        return sn_fmaf_kernels;
    case SN_AVX2:
        return has_avx2() ? sn_avx2_kernels : NULL;
    case SN_NEON:
        return sn_neon_kernels;
    default:
        return NULL;
    }
}

const char *sn_tier_name(sn_tier tier) { return (unsigned)tier < SN_TIERS ? NAMES[tier] : NULL; }

bool sn_tier_runs(sn_tier tier) { return sn_kernels_of(tier) != NULL; }

sn_tier sn_best_tier(void) { return sn_tier_runs(SN_AVX2) ? SN_AVX2 : sn_tier_runs(SN_NEON) ? SN_NEON : SN_PORTABLE; }
