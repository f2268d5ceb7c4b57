/* mk_avr_group.h: assembly macros of the tiles that sum eight channels at one position. Included by .S files only.
 *
 * Sums live in all registers but eight: low and middle bytes in the pairs r3:r2 to r15:r14 and r25:r24, and the third bytes,
 * as counts of carries downwards from zero (sbci needs no register that holds 0), in r16-r23. r28 = input, r29 is a counter,
 * X = inputs, Z = weights, r1:r0 = product. A multiply-accumulate takes 8 cycles: LPM 3, MUL 2, ADD, ADC, SBCI. */
#ifndef MK_AVR_GROUP_H
#define MK_AVR_GROUP_H

#include "mk_avr_macros.h"

        .macro  MULTIPLY_ADD low, high, third, pointer
        LOAD_FLASH r0, \pointer
        mul     r0, r28
        add     \low, r0
        adc     \high, r1
        sbci    \third, 0
        .endm

        /* All eight channels; the weights are read through Z+, the last one through `last` (Z+ or Z). */
        .macro  MULTIPLY_ADD_8 last
        MULTIPLY_ADD r2, r3, r16, Z+
        MULTIPLY_ADD r4, r5, r17, Z+
        MULTIPLY_ADD r6, r7, r18, Z+
        MULTIPLY_ADD r8, r9, r19, Z+
        MULTIPLY_ADD r10, r11, r20, Z+
        MULTIPLY_ADD r12, r13, r21, Z+
        MULTIPLY_ADD r14, r15, r22, Z+
        MULTIPLY_ADD r24, r25, r23, \last
        .endm

        /* Z = tile.weights, which then moves on by group_bytes; carry set: the group crosses a boundary of 64 KB. */
        .macro  BEGIN_GROUP
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        ldd     r26, Y + MK_AVR_GROUP_BYTES
        ldd     r27, Y + MK_AVR_GROUP_BYTES + 1
        add     r26, r30
        adc     r27, r31
        std     Y + MK_AVR_WEIGHTS, r26
        std     Y + MK_AVR_WEIGHTS + 1, r27
#if defined(__AVR_HAVE_ELPM__)
        brcc    1f
        inc     r24                     /* keeps the carry */
        std     Y + MK_AVR_WEIGHTS_BANK, r24
        dec     r24
1:
#endif
        .endm

        /* Sums = the correction of the tile at Y. */
        .macro  START_SUMS
        ldd     r2, Y + MK_AVR_CORRECTION
        ldd     r3, Y + MK_AVR_CORRECTION + 1
        ldd     r16, Y + MK_AVR_CORRECTION + 2
        .irp    pair, 4,6,8,10,12,14,24
        movw    r\pair, r2
        .endr
        .irp    third, 17,18,19,20,21,22,23
        mov     r\third, r16
        .endr
        .endm

        /* The sums to the tile at Y. */
        .macro  STORE_SUMS
        .set    offset, MK_AVR_SUMS
        .irp    pair, 2,4,6,8,10,12,14,24
        std     Y + offset, r\pair
        .set    offset, offset + 3
        .endr
        .set    offset, MK_AVR_SUMS + 1
        .irp    pair, 3,5,7,9,11,13,15,25
        std     Y + offset, r\pair
        .set    offset, offset + 3
        .endr
        .set    offset, MK_AVR_SUMS + 2
        .irp    third, 16,17,18,19,20,21,22,23
        std     Y + offset, r\third
        .set    offset, offset + 3
        .endr
        .endm

#endif
