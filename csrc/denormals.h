/* denormals.h - while the core computes, floats too small to be normal (below 2^-126) are 0.
 *
 * Processors take up to a hundred times as long for a multiply-add with such a number, and learning makes them: an
 * average of what has become 0 halves again and again and ends among them for good. No result that means anything
 * depends on them. What the calling thread had set is restored before it goes on; other threads keep theirs.
 * Machines other than x86-64 and 64-bit ARM, WebAssembly among them, compute as they do. */
#ifndef SN_DENORMALS_H
#define SN_DENORMALS_H

#include <stdint.h>

typedef uint64_t sn_float_mode;

/* No compiler moves what reads or writes memory across these: "memory", or intrinsics that are as good. */
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

static inline sn_float_mode sn_get_float_mode(void)
{
    uint32_t mode;
    __asm__ volatile("stmxcsr %0" : "=m"(mode) : : "memory");
    return mode;
}
static inline void sn_set_float_mode(sn_float_mode mode)
{
    const uint32_t word = (uint32_t)mode;
    __asm__ volatile("ldmxcsr %0" : : "m"(word) : "memory");
}
#define SN_FLUSH 0x8040u /* results (FTZ) and operands (DAZ) */

#elif defined(_M_X64) && !defined(_M_ARM64EC)

#include <intrin.h>
static inline sn_float_mode sn_get_float_mode(void) { return _mm_getcsr(); }
static inline void sn_set_float_mode(sn_float_mode mode) { _mm_setcsr((unsigned)mode); }
#define SN_FLUSH 0x8040u

#elif defined(__aarch64__) && (defined(__GNUC__) || defined(__clang__))

static inline sn_float_mode sn_get_float_mode(void)
{
    sn_float_mode mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode) : : "memory");
    return mode;
}
static inline void sn_set_float_mode(sn_float_mode mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory"); }
#define SN_FLUSH (1u << 24) /* FZ, for both */

#else

static inline sn_float_mode sn_get_float_mode(void) { return 0; }
static inline void sn_set_float_mode(sn_float_mode mode) { (void)mode; }
#define SN_FLUSH 0u

#endif

/* Returns what sn_set_float_mode restores. */
static inline sn_float_mode sn_flush_denormals(void)
{
    const sn_float_mode before = sn_get_float_mode();
    sn_set_float_mode(before | SN_FLUSH);
    return before;
}

#endif
