/* mk_armv7em_macros.h: what the assembly of this family shares. Included by .S files only. */
#ifndef MK_ARMV7EM_MACROS_H
#define MK_ARMV7EM_MACROS_H

#include "mk_thumb_function.h"

        @ s = 256 * sum -> output byte: 2 instructions, 4 with a sign term. The record: m, c, and d if has_sign.
        .macro  REQUANTIZE s, m, c, d, t, n, has_sign
        .if \has_sign
        and     \t, \d, \s, asr #31
        smmla   \s, \s, \m, \c
        sub     \s, \s, \t
        .else
        smmla   \s, \s, \m, \c
        .endif
        ssat    \s, #8, \s, asr #\n
        .endm

        @ Four inputs of each position, at r1 to r3, to columns at r0.
        .macro  WIDEN_3
        ldr     r9, [r1], #4
        ldr     r10, [r2], #4
        ldr     r11, [r3], #4
        sxtb16  r4, r9
        sxtb16  r5, r10
        sxtb16  r6, r11
        sxtb16  r7, r9, ror #8
        sxtb16  r8, r10, ror #8
        sxtb16  r9, r11, ror #8
        stm     r0!, {r4-r9}
        .endm

        @ Four sums, shifted by n and saturated, to the next word of outputs; destroys a to d.
        .macro  STORE_FOUR a, b, c, d, n
        ssat    \a, #8, \a, asr #\n
        ssat    \c, #8, \c, asr #\n
        ssat    \b, #8, \b, asr #\n
        ssat    \d, #8, \d, asr #\n
        bfi     \a, \b, #8, #24                 @ bytes 0 and 1
        bfi     \c, \d, #8, #24                 @ bytes 2 and 3
        pkhbt   \a, \a, \c, lsl #16
        str     \a, [r0], #4
        .endm

#endif
