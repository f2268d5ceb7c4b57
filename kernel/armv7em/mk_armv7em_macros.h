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

#endif
