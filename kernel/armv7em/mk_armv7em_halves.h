/* mk_armv7em_halves.h: two 16-bit numbers in a word. */
#ifndef MK_ARMV7EM_HALVES_H
#define MK_ARMV7EM_HALVES_H

#include "mote_kernel.h"

#if defined(__ARM_FEATURE_DSP)
static inline uint32_t mk_halves_add(uint32_t a, uint32_t b)
{
    uint32_t sum;
    __asm__("sadd16 %0, %1, %2" : "=r"(sum) : "r"(a), "r"(b));
    return sum;
}

static inline uint32_t mk_halves_subtract(uint32_t a, uint32_t b)
{
    uint32_t difference;
    __asm__("ssub16 %0, %1, %2" : "=r"(difference) : "r"(a), "r"(b));
    return difference;
}

/* Bytes 0 and 2 of a word, sign-extended; 1 and 3. */
static inline uint32_t mk_halves_widen_even(uint32_t word)
{
    uint32_t wide;
    __asm__("sxtb16 %0, %1" : "=r"(wide) : "r"(word));
    return wide;
}

static inline uint32_t mk_halves_widen_odd(uint32_t word)
{
    uint32_t wide;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(wide) : "r"(word));
    return wide;
}
#else
static inline uint32_t mk_halves_of(uint32_t low, uint32_t high)
{
    return (low & 0xffffu) | high << 16;
}

static inline uint32_t mk_halves_add(uint32_t a, uint32_t b)
{
    return mk_halves_of(a + b, (a >> 16) + (b >> 16));
}

static inline uint32_t mk_halves_subtract(uint32_t a, uint32_t b)
{
    return mk_halves_of(a - b, (a >> 16) - (b >> 16));
}

static inline uint32_t mk_halves_widen_even(uint32_t word)
{
    return mk_halves_of((uint32_t)(int8_t)(uint8_t)word, (uint32_t)(int8_t)(uint8_t)(word >> 16));
}

static inline uint32_t mk_halves_widen_odd(uint32_t word)
{
    return mk_halves_widen_even(word >> 8);
}
#endif

/* Four bytes, wherever they lie. */
static inline uint32_t mk_halves_load(const int8_t *from)
{
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

#endif
