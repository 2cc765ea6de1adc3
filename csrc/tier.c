/* tier.c - what this processor can do. */
#include "kernels.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <cpuid.h>
#elif defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#endif

static const char *const NAMES[SN_TIERS] = {
    [SN_PORTABLE] = "portable",
    [SN_FMAF] = "fmaf",
    [SN_AVX2] = "avx2",
    [SN_NEON] = "neon",
};

/* Both questions are put to the processor itself: __builtin_cpu_supports answers 0 with zig's runtime, and does not
 * link with clang-cl. */
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

static void cpuid(unsigned leaf, unsigned registers[4])
{
    if (!__get_cpuid_count(leaf, 0, &registers[0], &registers[1], &registers[2], &registers[3]))
        memset(registers, 0, 4 * sizeof *registers);
}

/* The registers that the operating system keeps, XCR0; only where OSXSAVE says that it may be read. */
static unsigned kept_registers(void)
{
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

#elif defined(_MSC_VER) && defined(_M_X64)

static void cpuid(unsigned leaf, unsigned registers[4])
{
    int of[4];
    __cpuid(of, 0);
    if ((unsigned)of[0] < leaf)
        memset(of, 0, sizeof of);
    else
        __cpuidex(of, (int)leaf, 0);
    memcpy(registers, of, sizeof of);
}

static unsigned kept_registers(void) { return (unsigned)_xgetbv(0); }

#endif

/* AVX2 and FMA, and an operating system that keeps the wide registers. */
static bool has_avx2(void)
{
#if (defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))) || (defined(_MSC_VER) && defined(_M_X64))
    enum { EBX = 1, ECX = 2 };
    const unsigned fma = 1u << 12, osxsave = 1u << 27, avx2 = 1u << 5, sse_and_avx = 6;
    unsigned leaf1[4], leaf7[4];
    cpuid(1, leaf1);
    cpuid(7, leaf7);
    return (leaf1[ECX] & osxsave) && (kept_registers() & sse_and_avx) == sse_and_avx && (leaf1[ECX] & fma) &&
           (leaf7[EBX] & avx2);
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
