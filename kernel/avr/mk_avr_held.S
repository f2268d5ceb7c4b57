; mk_avr_held.S: see mk_avr_held.h.
;
; Cycles: 8 per input and position (LD 2, MULS 2, SBC, ADD, ADC, ADC), 7.5 in all rows of the filter but the last. Of one filter row
; 43 more per output, or 20 if the sum is negative. Of several: 16 more per position in the first row (always 9 inputs), 21 in those
; between, and 49 or 26 in the last. Per channel about 110, and 70 more for each filter row.
#include "mk_avr_macros.h"
#include "mk_avr_held_layout.h"

; X = inputs. Y = d, which is on the stack while positions pass by: then Y = out, or a sum. Weights in r16-r24, which MULS takes.
#define SUM_0 r2
#define SUM_1 r3
#define SUM_2 r4
#define NULL r9
#define COUNT r10
#define OUT_STEP r11
#define BACK r12
#define INPUT r25
#define PAIR_0 r28      /* in all rows but the last */
#define PAIR_1 r29
; T set: sums start from the bias, in the first row in
#define BIAS_0 r6       /* and r7 */
#define BIAS_2 r5
; and where there is no other in (T then skips the ninth input as well)
#define LAST_BIAS_0 r30 /* and r31 */
#define LAST_BIAS_2 r13
; T clear: from those at Z.

; The last row.
#define M_0 r5
#define M_1 r6
#define M_2 r7
#define AMBIGUOUS_FROM r8
#define FRACTION r25
#define RESULT r14
#define OVERFLOW r15
#include "mk_avr_requantize_macros.h"

        .macro  TAKE_INPUT weight
        ld      INPUT, X+
        muls    \weight, INPUT
        sbc     SUM_2, NULL             ; carry = sign of the product
        add     SUM_0, r0
        adc     SUM_1, r1
        adc     SUM_2, NULL
        .endm

        /* Two products make 16 bits, less than 2^15 in size; with 2^15 added, which is taken off the bias, their sum is positive and
         * needs no third byte. 15 cycles. */
        .macro  TAKE_TWO_INPUTS weight, next_weight
        ld      INPUT, X+
        muls    \weight, INPUT
        movw    PAIR_0, r0
        subi    PAIR_1, 0x80
        ld      INPUT, X+
        muls    \next_weight, INPUT
        add     PAIR_0, r0
        adc     PAIR_1, r1
        add     SUM_0, PAIR_0
        adc     SUM_1, PAIR_1
        adc     SUM_2, NULL
        .endm

        /* r16-r23, from flash. */
        .macro  LOAD_8_WEIGHTS
        .irp    n, 16,17,18,19,20,21,22,23
        LOAD_FLASH r\n, Z+
        .endr
        .endm

        .macro  LOAD_WEIGHT_POINTER
        ldd     r30, Y + MK_AVR_HELD_WEIGHTS
        ldd     r31, Y + MK_AVR_HELD_WEIGHTS + 1
        .endm

        .macro  STORE_WEIGHT_POINTER
        std     Y + MK_AVR_HELD_WEIGHTS, r30
        std     Y + MK_AVR_HELD_WEIGHTS + 1, r31
        .endm

        /* Y = d: all parts of a row are still to be taken. */
        .macro  BEGIN_PARTS
        ldd     r25, Y + MK_AVR_HELD_PARTS_PER_ROW
        std     Y + MK_AVR_HELD_PARTS_LEFT, r25
        .endm

        /* COUNT, BACK, X = the next part; `none`: where to go if there is none. Keeps Z. Destroys r0, r1, r14, r25. */
        .macro  NEXT_PART none
        movw    r0, r30
        pop     r31                     ; Z = d
        pop     r30
        push    r30
        push    r31
        ldd     r25, Z + MK_AVR_HELD_PARTS_LEFT
        subi    r25, 1
        brcs    \none
        std     Z + MK_AVR_HELD_PARTS_LEFT, r25
        ldd     r26, Z + MK_AVR_HELD_PART
        ldd     r27, Z + MK_AVR_HELD_PART + 1
        ld      COUNT, X+
        ld      BACK, X+
        ld      r25, X+
        ld      r14, X+
        std     Z + MK_AVR_HELD_PART, r26
        std     Z + MK_AVR_HELD_PART + 1, r27
        mov     r26, r25
        mov     r27, r14
        movw    r30, r0
        .endm

        .macro  GO_BACK
        sub     r26, BACK
        sbc     r27, NULL
        .endm

        FUNCTION mk_avr_held
        PUSH_CALLER_REGISTERS
        movw    r28, r24
        clr     NULL
#if defined(__AVR_HAVE_ELPM__)
        ldd     r24, Y + MK_AVR_HELD_WEIGHTS + 2
        out     _SFR_IO_ADDR(RAMPZ), r24 ; stays with the weights all the time
#endif
        ldd     OUT_STEP, Y + MK_AVR_HELD_CHANNEL_COUNT
next_channel:
        ldd     r24, Y + MK_AVR_HELD_PARTS
        ldd     r25, Y + MK_AVR_HELD_PARTS + 1
        std     Y + MK_AVR_HELD_PART, r24
        std     Y + MK_AVR_HELD_PART + 1, r25
        LOAD_WEIGHT_POINTER
        LOAD_FLASH BIAS_0, Z+
        LOAD_FLASH r7, Z+
        LOAD_FLASH BIAS_2, Z+
        set
        ldd     r24, Y + MK_AVR_HELD_ROWS
        rjmp    next_row
row_done:
        pop     r29
        pop     r28
        clt
        LOAD_WEIGHT_POINTER
        ldd     r24, Y + MK_AVR_HELD_ROWS_LEFT
        dec     r24
next_row:
        std     Y + MK_AVR_HELD_ROWS_LEFT, r24
        LOAD_8_WEIGHTS
        BEGIN_PARTS
        cpi     r24, 1
        brne    1f
        rjmp    last_row
1:      LOAD_FLASH r24, Z+
        STORE_WEIGHT_POINTER
        ldd     r30, Y + MK_AVR_HELD_SUMS
        ldd     r31, Y + MK_AVR_HELD_SUMS + 1
        push    r28
        push    r29
next_part:
        NEXT_PART row_done
next_position:
        brts    from_bias
        ld      SUM_0, Z
        ldd     SUM_1, Z + 1
        ldd     SUM_2, Z + 2
        rjmp    sum_begun
from_bias:
        movw    SUM_0, BIAS_0
        mov     SUM_2, BIAS_2
sum_begun:
        TAKE_TWO_INPUTS r16, r17
        TAKE_TWO_INPUTS r18, r19
        TAKE_TWO_INPUTS r20, r21
        TAKE_TWO_INPUTS r22, r23
        TAKE_INPUT r24
        st      Z+, SUM_0
        st      Z+, SUM_1
        st      Z+, SUM_2
        GO_BACK
        dec     COUNT
        breq    to_next_part
        rjmp    next_position
to_next_part:
        rjmp    next_part
near_channel_done:
        rjmp    channel_done

last_row:                               ; T set: the first one as well
        brts    1f
        LOAD_FLASH r24, Z+
1:      LOAD_FLASH SUM_0, Z+
        LOAD_FLASH SUM_1, Z+
        LOAD_FLASH SUM_2, Z+
        STORE_WEIGHT_POINTER
        movw    LAST_BIAS_0, BIAS_0
        mov     LAST_BIAS_2, BIAS_2
        brts    2f
        ldd     r30, Y + MK_AVR_HELD_SUMS
        ldd     r31, Y + MK_AVR_HELD_SUMS + 1
2:      mov     M_0, SUM_0
        mov     M_1, SUM_1
        mov     M_2, SUM_2
        ldd     AMBIGUOUS_FROM, Y + MK_AVR_HELD_AMBIGUOUS_FROM
        ldd     r14, Y + MK_AVR_HELD_CHANNEL
        ldd     r26, Y + MK_AVR_HELD_OUT
        ldd     r27, Y + MK_AVR_HELD_OUT + 1
        push    r28
        push    r29
        add     r26, r14
        adc     r27, NULL
        movw    r28, r26
next_last_part:
        NEXT_PART near_channel_done
next_output:
        brts    from_last_bias
        ld      SUM_0, Z+
        ld      SUM_1, Z+
        ld      SUM_2, Z+
        rjmp    last_sum_begun
from_last_bias:
        movw    SUM_0, LAST_BIAS_0
        mov     SUM_2, LAST_BIAS_2
last_sum_begun:
        .irp    n, 16,17,18,19,20,21,22,23
        TAKE_INPUT r\n
        .endr
        brts    requantize              ; with the flags of SUM_2
        TAKE_INPUT r24
requantize:
        REQUANTIZE
store:
        st      Y, RESULT
stored:
        add     r28, OUT_STEP
        adc     r29, NULL
        GO_BACK
        dec     COUNT
        breq    to_next_last_part
        rjmp    next_output
to_next_last_part:
        rjmp    next_last_part

rectified:
        ldi     r25, 0x80
        st      Y, r25
        rjmp    stored

        REQUANTIZE_BRANCHES

channel_done:
        pop     r29
        pop     r28
        ldd     r24, Y + MK_AVR_HELD_CHANNEL
        inc     r24
        std     Y + MK_AVR_HELD_CHANNEL, r24
        cpse    r24, OUT_STEP
        rjmp    next_channel
        RETURN_TO_C

ambiguous:                              ; mk_avr_requantize_exactly(&d->requant, channel, sum)
        .irp    n, 18,19,20,21,22,23,24,26,27,30,31
        push    r\n
        .endr
        in      r0, _SFR_IO_ADDR(SREG)  ; T
        push    r0
        PUSH_BANK
#if defined(__AVR_HAVE_ELPM__)
#define PUSHED 13
#else
#define PUSHED 12
#endif
        in      r30, _SFR_IO_ADDR(SPL)
        in      r31, _SFR_IO_ADDR(SPH)
        ldd     r25, Z + PUSHED + 1     ; d
        ldd     r24, Z + PUSHED + 2
        movw    r30, r24
        movw    r18, SUM_0
        mov     r20, SUM_2
        ldd     r22, Z + MK_AVR_HELD_CHANNEL
        clr     r23
        adiw    r24, MK_AVR_HELD_REQUANT
        REQUANTIZE_EXACTLY
        pop     r0
        out     _SFR_IO_ADDR(SREG), r0
        .irp    n, 31,30,27,26,24,23,22,21,20,19,18
        pop     r\n
        .endr
        rjmp    store
        END_FUNCTION mk_avr_held
