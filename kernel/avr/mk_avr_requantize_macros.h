/* mk_avr_requantize_macros.h: assembly macros that turn a sum into an output byte; the arithmetic is explained in
 * mk_avr_tile.h. Included by .S files, which first define
 *   SUM_0 SUM_1 SUM_2, M_0 M_1 M_2        sum and multiplier of a record; BIAS_0 BIAS_1 BIAS_2 for LOAD_RECORD
 *   AMBIGUOUS_FROM RANGE ACT_MIN, NULL (holds 0); without ACT_MIN outputs take all 256 values
 *   FRACTION (one of r16-r31), RESULT (even), OVERFLOW (the register after RESULT)
 * and provide the labels
 *   rectified   a negative sum: the output is ACT_MIN; near
 *   ambiguous   the exact way is needed
 *   store       RESULT is the output. */
#ifndef MK_AVR_REQUANTIZE_MACROS_H
#define MK_AVR_REQUANTIZE_MACROS_H

        /* What is at Z of a record; all keep the flags. */
        .macro  LOAD_MULTIPLIER
        LOAD_FLASH M_0, Z+
        LOAD_FLASH M_1, Z+
        LOAD_FLASH M_2, Z+
        .endm

        .macro  LOAD_RECORD
        LOAD_FLASH BIAS_0, Z+
        LOAD_FLASH BIAS_1, Z+
        LOAD_FLASH BIAS_2, Z+
        LOAD_MULTIPLIER
        .endm

        /* Adds a product whose low byte stands below FRACTION, of which only the high byte is kept, */
        .macro  ADD_HIGH_BYTE
        add     FRACTION, r1
        adc     RESULT, NULL
        adc     OVERFLOW, NULL
        .endm

        /* and one whose low byte belongs to FRACTION. */
        .macro  ADD_PRODUCT
        add     FRACTION, r0
        adc     RESULT, r1
        adc     OVERFLOW, NULL
        .endm

        /* The product of a sum below 65536 and a multiplier with M_2; falls through to the test of OVERFLOW. */
        .macro  MULTIPLY_WIDE
        mul     SUM_1, M_2              /* bytes 3 and 4 of the product */
        movw    RESULT, r0
        mul     SUM_0, M_1              /* bytes 1 and 2: byte 1 is left out */
        mov     FRACTION, r1
        mul     SUM_0, M_2              /* bytes 2 and 3 */
        ADD_PRODUCT
have_middle:
        mul     SUM_1, M_1              /* bytes 2 and 3 */
        ADD_PRODUCT
        mul     SUM_1, M_0              /* byte 1 is left out again, and so is byte 1 of SUM_0 * M_0 */
        ADD_HIGH_BYTE
        .endm

        /* Likewise where M_2 is 0, as of multipliers below 2^-8: byte 4 is 0. */
        .macro  MULTIPLY_NARROW
        mul     SUM_1, M_1
        mov     FRACTION, r0
        mov     RESULT, r1
        mul     SUM_0, M_1
        add     FRACTION, r1
        adc     RESULT, NULL
        mul     SUM_1, M_0
        add     FRACTION, r1
        adc     RESULT, NULL
        .endm

#if defined(ACT_MIN)
        /* RESULT = the output, from its distance to the least one; */
        .macro  BOUND_RESULT
        cp      RANGE, RESULT
        brlo    most
        add     RESULT, ACT_MIN
        .endm

        /* = the greatest output. */
        .macro  TAKE_GREATEST
        mov     RESULT, RANGE
        add     RESULT, ACT_MIN
        .endm
#else
        .macro  BOUND_RESULT
        ldi     FRACTION, 0x80
        add     RESULT, FRACTION
        .endm

        .macro  TAKE_GREATEST
        ldi     FRACTION, 0x7F
        mov     RESULT, FRACTION
        .endm
#endif

        /* Comes after the instruction that computed SUM_2, whose flags it uses; falls through to `store`, which must follow.
         * 29 cycles for a sum from 0 to 65535 with M in registers; for a larger one 10 where M_2 is not 0, else 36.
         * load_multiplier: a macro that keeps the flags, or empty. mostly_narrow: 21 cycles if M_2 is 0, 33 otherwise. */
        .macro  REQUANTIZE load_multiplier, mostly_narrow
        brmi    rectified
        \load_multiplier
        brne    third_byte
        REQUANTIZE_16_BITS \mostly_narrow
        .endm

        /* The same for a sum that is known to be from 0 to 65535, whatever the flags. */
        .macro  REQUANTIZE_16_BITS mostly_narrow
        .ifb    \mostly_narrow
        MULTIPLY_WIDE
        brne    most                    /* by the last ADC */
        .else
        tst     M_2
        brne    wide
        MULTIPLY_NARROW
        .endif
bounded:
        cp      FRACTION, AMBIGUOUS_FROM
        brsh    to_ambiguous
decided:
        BOUND_RESULT
        .endm

        /* What REQUANTIZE branches to; to be placed near it, where nothing falls into it. */
        .macro  REQUANTIZE_BRANCHES mostly_narrow
to_ambiguous:
        rjmp    nearly_ambiguous
        .ifnb   \mostly_narrow
wide:
        MULTIPLY_WIDE
        breq    bounded                 /* by the last ADC */
        .endif
most:
        TAKE_GREATEST
        rjmp    store
third_byte:                             /* sums of 65536 and more */
        cpse    M_2, NULL
        rjmp    most                    /* the product is at least 2^32 */
        mul     SUM_2, M_1              /* bytes 3 and 4 */
        movw    RESULT, r0
        mul     SUM_2, M_0              /* bytes 2 and 3 */
        mov     FRACTION, r0
        add     RESULT, r1
        adc     OVERFLOW, NULL
        mul     SUM_0, M_1              /* bytes 1 and 2 */
        ADD_HIGH_BYTE                   /* below 2^16: the sum is below 2^23 */
        rjmp    have_middle             /* nor does what follows carry */
nearly_ambiguous:                       /* the bytes left out, added up, decide a third of the cases or more */
        mul     SUM_0, M_0
        mov     OVERFLOW, r1
        mul     SUM_0, M_1
        add     OVERFLOW, r0
        adc     FRACTION, NULL          /* past 255: then the exact way is asked all the same */
        mul     SUM_1, M_0
        add     OVERFLOW, r0
        adc     FRACTION, NULL
        subi    FRACTION, 2             /* what is missing now is less by so much */
        cp      FRACTION, AMBIGUOUS_FROM
        brsh    1f
        rjmp    decided
1:      rjmp    ambiguous
        .endm

        /* RESULT = mk_avr_requantize_exactly(...), whose arguments are in place; then RAMPZ as it was at PUSH_BANK. */
        .macro  REQUANTIZE_EXACTLY
        clr     r1
        call    mk_avr_requantize_exactly
        mov     RESULT, r24
        POP_BANK
        .endm

        /* r23:r22 = the channel of the tile at Z `left` channels before those that it has still to begin; destroys r0. */
        .macro  CHANNEL_BEFORE left, null
        ldd     r22, Z + MK_AVR_PIXEL_BYTES
        ldd     r23, Z + MK_AVR_PIXEL_BYTES + 1
        ldd     r0, Z + MK_AVR_CHANNELS
        sub     r22, r0
        ldd     r0, Z + MK_AVR_CHANNELS + 1
        sbc     r23, r0
        sub     r22, \left
        sbc     r23, \null
        .endm

#endif
