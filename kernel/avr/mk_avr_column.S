; mk_avr_column.S: see mk_avr_column.h.
;
; Cycles: per tap and four positions 33; per channel and four positions about 80 more, and per output 36, or 16 if the sum is
; negative.
#include "mk_avr_macros.h"
#include "mk_avr_column_layout.h"

; First half. Sums (low, middle, high): r2 r3 r10, r4 r5 r11, r6 r7 r12, r8 r9 r13. X = inputs, Y = d, Z = weights.
; Four neighbouring inputs in r16-r19, each of which is the first one in turn.
#define NULL r14
#define STEP r15        /* channels */
#define WEIGHT r20
#define LEFT r21        /* taps */

        .macro  LOAD_INPUT input
        ld      \input, X
        add     r26, STEP
        adc     r27, NULL
        .endm

        .macro  SIGNED_MULTIPLY_ADD input, low, middle, high
        muls    WEIGHT, \input
        sbc     \high, NULL             ; carry = sign of the product
        add     \low, r0
        adc     \middle, r1
        adc     \high, NULL
        .endm

        .macro  TAKE_TAP a, b, c, d
        LOAD_INPUT \d
        LOAD_FLASH WEIGHT, Z+
        SIGNED_MULTIPLY_ADD \a, r2, r3, r10
        SIGNED_MULTIPLY_ADD \b, r4, r5, r11
        SIGNED_MULTIPLY_ADD \c, r6, r7, r12
        SIGNED_MULTIPLY_ADD \d, r8, r9, r13
        dec     LEFT
        .endm

; Second half. X = out.
#define SUM_0 r2
#define SUM_1 r3
#define SUM_2 r10
#define AMBIGUOUS_FROM r25
#define FRACTION r17
#define RESULT r18
#define OVERFLOW r19
#define M_0 r20
#define M_1 r21
#define M_2 r22
#define RANGE r23
#define ACT_MIN r24
#define WANTED r16
#include "mk_avr_requantize_macros.h"

        /* the next position's sum to where the first one is */
        .macro  NEXT_SUM
        movw    r2, r4
        movw    r4, r6
        movw    r6, r8
        mov     r10, r11
        mov     r11, r12
        mov     r12, r13
        .endm

        FUNCTION mk_avr_column
        PUSH_CALLER_REGISTERS
        movw    r28, r24
        clr     NULL
        ldd     STEP, Y + MK_AVR_COLUMN_CHANNEL_COUNT
        ldd     AMBIGUOUS_FROM, Y + MK_AVR_COLUMN_AMBIGUOUS_FROM
        ldd     RANGE, Y + MK_AVR_COLUMN_RANGE
        ldd     ACT_MIN, Y + MK_AVR_COLUMN_ACT_MIN
        LOAD_FLASH_POINTER MK_AVR_COLUMN_WEIGHTS, r16
next_channel:
        LOAD_FLASH r2, Z+
        LOAD_FLASH r3, Z+
        LOAD_FLASH r10, Z+
        movw    r4, r2
        movw    r6, r2
        movw    r8, r2
        mov     r11, r10
        mov     r12, r10
        mov     r13, r10
        ldd     r26, Y + MK_AVR_COLUMN_IN
        ldd     r27, Y + MK_AVR_COLUMN_IN + 1
        ldd     r16, Y + MK_AVR_COLUMN_CHANNEL
        add     r26, r16
        adc     r27, NULL
        ldd     LEFT, Y + MK_AVR_COLUMN_TAPS
        LOAD_INPUT r16
        LOAD_INPUT r17
        LOAD_INPUT r18
        rjmp    next_taps
near_taps_done:
        rjmp    taps_done
next_taps:
        TAKE_TAP r16, r17, r18, r19
        breq    near_taps_done
        TAKE_TAP r17, r18, r19, r16
        breq    near_taps_done
        TAKE_TAP r18, r19, r16, r17
        breq    taps_done
        TAKE_TAP r19, r16, r17, r18
        breq    taps_done
        rjmp    next_taps
taps_done:
        LOAD_MULTIPLIER
        ldd     r26, Y + MK_AVR_COLUMN_OUT
        ldd     r27, Y + MK_AVR_COLUMN_OUT + 1
        ldd     r16, Y + MK_AVR_COLUMN_CHANNEL
        add     r26, r16
        adc     r27, NULL
        ldd     r17, Y + MK_AVR_COLUMN_SKIPPED
        tst     r17
        brne    skip
skipped:
        ldd     WANTED, Y + MK_AVR_COLUMN_WANTED
next_output:
        tst     SUM_2
        REQUANTIZE , mostly_narrow
store:
        st      X, RESULT
stored:
        add     r26, STEP
        adc     r27, NULL
        dec     WANTED
        breq    near_channel_done
        NEXT_SUM
        rjmp    next_output

rectified:
        st      X, ACT_MIN
        rjmp    stored
near_channel_done:
        rjmp    channel_done

skip:
        NEXT_SUM
        dec     r17
        brne    skip
        rjmp    skipped

        REQUANTIZE_BRANCHES mostly_narrow

channel_done:
        ldd     r16, Y + MK_AVR_COLUMN_CHANNEL
        inc     r16
        std     Y + MK_AVR_COLUMN_CHANNEL, r16
        cpse    r16, STEP
        rjmp    next_channel
        RETURN_TO_C

ambiguous:                              ; mk_avr_requantize_exactly(&d->requant, channel, sum)
        .irp    n, 20,21,22,23,24,25,26,27,30,31
        push    r\n
        .endr
        PUSH_BANK
        movw    r18, SUM_0
        mov     r20, SUM_2
        ldd     r22, Y + MK_AVR_COLUMN_CHANNEL
        clr     r23
        movw    r24, r28
        adiw    r24, MK_AVR_COLUMN_REQUANT
        REQUANTIZE_EXACTLY
        .irp    n, 31,30,27,26,25,24,23,22,21,20
        pop     r\n
        .endr
        rjmp    store
        END_FUNCTION mk_avr_column
