/* mk_avr_requantize_macros.h: assembly macros that turn a sum into an output byte; the arithmetic is explained in
 * mk_avr_tile.h. Included by .S files, which first define
 *   SUM_0 SUM_1 SUM_2, M_0 M_1 M_2        sum (destroyed if negative) and multiplier
 *   HALF AMBIGUOUS_FROM MOST_ABOVE MOST_BELOW ZERO_POINT, NULL (holds 0)
 *   FRACTION, RESULT (even), OVERFLOW (the register after RESULT)
 * and provide the labels
 *   rectified   a negative sum under ReLU: the output is the zero point
 *   ambiguous   the exact way is needed; the sum is negated if T is set
 *   store       RESULT is the output. */
#ifndef MK_AVR_REQUANTIZE_MACROS_H
#define MK_AVR_REQUANTIZE_MACROS_H

        /* Comes after the instruction that set the sum's sign, with T clear; falls through to `store`, which must follow.
         * 43 cycles for a positive sum below 65536 with M in registers. load_multiplier: a macro, or empty. */
        .macro  REQUANTIZE load_multiplier
        brmi    negative
magnitude:
        \load_multiplier
        mov     FRACTION, HALF
        mul     SUM_1, M_2              /* bytes 3 and 4 of the product */
        movw    RESULT, r0
        mul     SUM_0, M_2              /* bytes 2 and 3 */
        add     FRACTION, r0
        adc     RESULT, r1
        adc     OVERFLOW, NULL
        mul     SUM_1, M_1              /* bytes 2 and 3 */
        add     FRACTION, r0
        adc     RESULT, r1
        adc     OVERFLOW, NULL
        mul     SUM_0, M_1              /* bytes 1 and 2: byte 1 is left out */
        add     FRACTION, r1
        adc     RESULT, NULL
        adc     OVERFLOW, NULL
        mul     SUM_1, M_0              /* likewise; byte 1 of SUM_0 * M_0 is left out, too */
        add     FRACTION, r1
        adc     RESULT, NULL
        adc     OVERFLOW, NULL
        tst     SUM_2
        brne    third_byte
have_result:
        tst     OVERFLOW
        brne    most
        cp      FRACTION, AMBIGUOUS_FROM
        brsh    to_ambiguous
        brts    below
        cp      MOST_ABOVE, RESULT
        brlo    most
        add     RESULT, ZERO_POINT
        .endm

        /* What REQUANTIZE branches to; to be placed near it, where nothing falls into it. */
        .macro  REQUANTIZE_BRANCHES
to_ambiguous:
        rjmp    ambiguous
negative:
        tst     MOST_BELOW
        breq    rectified
        set
        NEGATE_SUM
        rjmp    magnitude
third_byte:                             /* sums of 65536 and more */
        mul     SUM_2, M_2              /* bytes 4 and 5 */
        add     OVERFLOW, r0
        brcs    most
        tst     r1
        brne    most
        mul     SUM_2, M_1              /* bytes 3 and 4 */
        add     RESULT, r0
        adc     OVERFLOW, r1
        brcs    most
        mul     SUM_2, M_0              /* bytes 2 and 3 */
        add     FRACTION, r0
        adc     RESULT, r1
        adc     OVERFLOW, NULL
        brcs    most
        rjmp    have_result
most:                                   /* the bound on the side of the sum */
        brts    most_below
        mov     RESULT, MOST_ABOVE
        add     RESULT, ZERO_POINT
        rjmp    store
below:
        cp      MOST_BELOW, RESULT
        brlo    most_below
        mov     r0, ZERO_POINT
        sub     r0, RESULT
        mov     RESULT, r0
        rjmp    store
most_below:
        mov     RESULT, ZERO_POINT
        sub     RESULT, MOST_BELOW
        rjmp    store
        .endm

        .macro  NEGATE_SUM
        com     SUM_2
        com     SUM_1
        neg     SUM_0
        sbci    SUM_1, 0xFF
        sbci    SUM_2, 0xFF
        .endm

        /* The sum as it was, sign extended, as the second argument of a C function (r23:r20). SUM_0 SUM_1 SUM_2 must be
         * r20 r21 r23. */
        .macro  SUM_TO_ARGUMENT
        brtc    1f
        NEGATE_SUM
1:      mov     r22, SUM_2
        clr     r23
        sbrc    r22, 7
        com     r23
        .endm

#endif
