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
