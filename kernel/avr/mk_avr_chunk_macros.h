/* mk_avr_chunk_macros.h: assembly macros of the tiles that add up eight channels' products in 16 bits, chunk by chunk. Included by .S
 * files only, which first define INPUT and WEIGHT, registers that the multiplication takes.
 *
 * The sums of a chunk (low, middle) are in r2 r3, r4 r5 ... r14 r15, r24 r25. Where it ends, the middle bytes go to sums of their own, and the
 * low bytes stay. A multiply-accumulate takes 7 cycles: LPM 3, MULS or MULSU 2, ADD, ADC. */
#ifndef MK_AVR_CHUNK_MACROS_H
#define MK_AVR_CHUNK_MACROS_H

#include "mk_avr_macros.h"

        .macro  SIGNED_MULTIPLY_ADD multiply, low, middle, pointer
        LOAD_FLASH WEIGHT, \pointer
        \multiply WEIGHT, INPUT
        add     \low, r0
        adc     \middle, r1
        .endm

        /* All eight channels; the weights are read through Z+, the last one through `last` (Z+ or Z). */
        .macro  SIGNED_MULTIPLY_ADD_8 multiply, last
        SIGNED_MULTIPLY_ADD \multiply, r2, r3, Z+
        SIGNED_MULTIPLY_ADD \multiply, r4, r5, Z+
        SIGNED_MULTIPLY_ADD \multiply, r6, r7, Z+
        SIGNED_MULTIPLY_ADD \multiply, r8, r9, Z+
        SIGNED_MULTIPLY_ADD \multiply, r10, r11, Z+
        SIGNED_MULTIPLY_ADD \multiply, r12, r13, Z+
        SIGNED_MULTIPLY_ADD \multiply, r14, r15, Z+
        SIGNED_MULTIPLY_ADD \multiply, r24, r25, \last
        .endm

        /* A chunk ends: `third` is the signed sum of middle bytes. If that overflows, goes to overflow_INDEX, whose N flag is set if upwards,
         * and which goes on at flushed_INDEX. */
        .macro  FLUSH index, middle, third
        add     \third, \middle
        brvs    overflow_\index
flushed_\index:
        clr     \middle
        .endm

#endif
