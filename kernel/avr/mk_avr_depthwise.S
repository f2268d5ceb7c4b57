; mk_avr_depthwise.S: see mk_avr_depthwise.h.
;
; Cycles in 16 bits, column by column: per input 20 if nonzero, 7 if zero; per window 10 more (to the stack, sums anew, loop).
; At stride 2: per input 16 if it lies under two windows, 12 if under one, 7 if zero; per window 15 more.
; In 24 bits: per input 25 if nonzero, at stride 2 under two windows 19 and under one 12, 7 if zero; per window 17 more.
; Per output 40 to requantise, 18 if the sum is negative, with 24 bits 13 and 8 more; per channel and row about 170.
#include "mk_avr_macros.h"
#include "mk_avr_depthwise_layout.h"

; First half, registers. X, Y, Z = the three rows. Weights, from the first row to the last: the filter's column 0 r17 r18 r19,
; column 1 r20 r21 r22, column 2 r23 r24 r25. Sums of 16 bits of three windows: r4 r5, r6 r7, r8 r9; the first of them is the
; window whose last column comes.
#define INPUT r16
#define BIAS r2         /* and r3: what sums of 16 bits start from */
#define LEFT r10        /* columns; window by window outputs */
#define LIMIT r11       /* inputs must be below */
#define D r12           /* and r13 */
#define ZERO r14
#define STEP r15        /* bytes from column to column: channels */
; In 24 bits sums have a third byte in r2, r3, r13. MULSU takes r16-r23 only: column 2's weights come to r23, the first of
; them from r11.
#define DEPTH r12       /* bytes on the stack */
#define WEIGHT r23

        /* Falls through if the input is not zero, else goes to 1. */
        .macro  LOAD_INPUT pointer, pointer_low, pointer_high
        ld      INPUT, \pointer
        add     \pointer_low, STEP
        adc     \pointer_high, ZERO
        subi    INPUT, 0x80
        breq    1f
        .endm

        .macro  LOAD_SMALL_INPUT pointer, pointer_low, pointer_high, too_large
        LOAD_INPUT \pointer, \pointer_low, \pointer_high
        cp      INPUT, LIMIT
        brsh    \too_large
        .endm

        .macro  MULTIPLY_ADD weight, low, high
        muls    \weight, INPUT
        add     \low, r0
        adc     \high, r1
        .endm

        .macro  TAKE_INPUT pointer, pointer_low, pointer_high, weight_0, weight_1, weight_2
        LOAD_SMALL_INPUT \pointer, \pointer_low, \pointer_high, column_too_large
        MULTIPLY_ADD \weight_0, r8, r9
        MULTIPLY_ADD \weight_1, r6, r7
        MULTIPLY_ADD \weight_2, r4, r5
1:
        .endm

        /* For the first window only. */
        .macro  TAKE_ONCE pointer, pointer_low, pointer_high, weight
        LOAD_SMALL_INPUT \pointer, \pointer_low, \pointer_high, window_too_large
        MULTIPLY_ADD \weight, r4, r5
1:
        .endm

        /* For the first window, as one of its last column, and for the second, as one of its first. */
        .macro  TAKE_TWICE pointer, pointer_low, pointer_high, weight_0, weight_2
        LOAD_SMALL_INPUT \pointer, \pointer_low, \pointer_high, window_too_large
        MULTIPLY_ADD \weight_0, r6, r7
        MULTIPLY_ADD \weight_2, r4, r5
1:
        .endm

        .macro  SIGNED_MULTIPLY_ADD weight, low, middle, high
        mulsu   \weight, INPUT
        sbc     \high, ZERO             ; carry = sign of the product
        add     \low, r0
        adc     \middle, r1
        adc     \high, ZERO
        .endm

        /* To sums of 24 bits: of three windows, of the first one only, and of the first and the second. */
        .macro  TAKE_ANY_INPUT pointer, pointer_low, pointer_high, weight_0, weight_1, weight_2
        LOAD_INPUT \pointer, \pointer_low, \pointer_high
        SIGNED_MULTIPLY_ADD \weight_0, r8, r9, r13
        SIGNED_MULTIPLY_ADD \weight_1, r6, r7, r3
        mov     WEIGHT, \weight_2
        SIGNED_MULTIPLY_ADD WEIGHT, r4, r5, r2
1:
        .endm

        .macro  TAKE_ANY_ONCE pointer, pointer_low, pointer_high, weight
        LOAD_INPUT \pointer, \pointer_low, \pointer_high
        SIGNED_MULTIPLY_ADD \weight, r4, r5, r2
1:
        .endm

        .macro  TAKE_ANY_TWICE pointer, pointer_low, pointer_high, weight_0, weight_2
        LOAD_INPUT \pointer, \pointer_low, \pointer_high
        SIGNED_MULTIPLY_ADD \weight_0, r6, r7, r3
        mov     WEIGHT, \weight_2
        SIGNED_MULTIPLY_ADD WEIGHT, r4, r5, r2
1:
        .endm

; Second half, registers. Y = out, D as above; T: sums have 24 bits, without the bias.
#define AMBIGUOUS_FROM r2
#define RANGE r3
#define ACT_MIN r4
#define BIAS_0 r5
#define BIAS_1 r6
#define BIAS_2 r7
#define RAISED r7       /* of sums of 16 bits */
#define M_0 r8
#define M_1 r9
#define M_2 r10
#define OUTPUTS r11
#define NULL r14        /* = ZERO */
#define FLAGS r16       /* MK_AVR_DW_BY_WINDOWS, bit 7: T */
#define FRACTION r17
#define RESULT r18
#define OVERFLOW r19
#define SUM_0 r20
#define SUM_1 r21
#define SUM_2 r23
#include "mk_avr_requantize_macros.h"

        .macro  LOAD_WEIGHTS
        ldd     r30, Y + MK_AVR_DW_WEIGHTS
        ldd     r31, Y + MK_AVR_DW_WEIGHTS + 1
        .endm

        .macro  STORE_WEIGHTS
        std     Y + MK_AVR_DW_WEIGHTS, r30
        std     Y + MK_AVR_DW_WEIGHTS + 1, r31
        .endm

        /* The stack as it was before the channel; Y = d. */
        .macro  RESTORE_STACK
        ldd     r30, Y + MK_AVR_DW_STACK
        ldd     r31, Y + MK_AVR_DW_STACK + 1
        in      r0, _SFR_IO_ADDR(SREG)
        cli
        out     _SFR_IO_ADDR(SPH), r31
        out     _SFR_IO_ADDR(SREG), r0
        out     _SFR_IO_ADDR(SPL), r30
        .endm

        FUNCTION mk_avr_depthwise_3x3
        PUSH_CALLER_REGISTERS
        movw    r28, r24
        in      r0, _SFR_IO_ADDR(SPL)
        std     Y + MK_AVR_DW_STACK, r0
        in      r0, _SFR_IO_ADDR(SPH)
        std     Y + MK_AVR_DW_STACK + 1, r0
#if defined(__AVR_HAVE_ELPM__)
        ldd     r24, Y + MK_AVR_DW_WEIGHTS + 2
        out     _SFR_IO_ADDR(RAMPZ), r24 ; stays with the weights all the time, of which each is read once
#endif
        clr     ZERO
        ldd     STEP, Y + MK_AVR_DW_CHANNELS

next_channel:                           ; Y = d
        movw    D, r28
        LOAD_WEIGHTS
        .irp    n, 17,20,23,18,21,24,19,22,25
        LOAD_FLASH r\n, Z+
        .endr
        LOAD_FLASH LIMIT, Z+
        LOAD_FLASH r2, Z+               ; BIAS
        LOAD_FLASH r3, Z+
        STORE_WEIGHTS
        ldd     r30, Y + MK_AVR_DW_ROW_MASK
        cpi     r30, 7
        breq    rows_inside
        sbrc    r30, 0
        rjmp    1f
        clr     r17
        clr     r20
        clr     r23
1:      sbrc    r30, 1
        rjmp    2f
        clr     r18
        clr     r21
        clr     r24
2:      sbrc    r30, 2
        rjmp    rows_inside
        clr     r19
        clr     r22
        clr     r25
rows_inside:
        cpse    LIMIT, ZERO
        rjmp    1f
        rjmp    in_24_bits
1:      clt
begin_row:
        ldd     LEFT, Y + MK_AVR_DW_LEFT
        ldd     r1, Y + MK_AVR_DW_BY_WINDOWS
        ldd     r16, Y + MK_AVR_DW_CHANNEL
        ldd     r26, Y + MK_AVR_DW_ROWS
        ldd     r27, Y + MK_AVR_DW_ROWS + 1
        add     r26, r16
        adc     r27, ZERO
        ldd     r30, Y + MK_AVR_DW_ROWS + 4
        ldd     r31, Y + MK_AVR_DW_ROWS + 5
        add     r30, r16
        adc     r31, ZERO
        ldd     r0, Y + MK_AVR_DW_ROWS + 2
        ldd     r29, Y + MK_AVR_DW_ROWS + 3
        mov     r28, r0
        add     r28, r16
        adc     r29, ZERO
        brtc    1f
        rjmp    begin_any_columns
1:      movw    r4, BIAS
        movw    r6, BIAS
        movw    r8, BIAS
        sbrc    r1, 0
        rjmp    begin_windows

next_column:
        TAKE_INPUT X, r26, r27, r17, r20, r23
        TAKE_INPUT Y, r28, r29, r18, r21, r24
        TAKE_INPUT Z, r30, r31, r19, r22, r25
        push    r5
        push    r4
        movw    r4, r6
        movw    r6, r8
        movw    r8, BIAS
        dec     LEFT
        brne    next_column
        push    r5                      ; the window around the last column
        push    r4
        rjmp    sums_done

column_too_large:                       ; once more, with sums of 24 bits
        movw    r28, D
        RESTORE_STACK
in_24_bits:
        push    r29
        push    r28
        push    LIMIT
        push    r3
        push    r2
        mov     r11, r23
        ldd     DEPTH, Y + MK_AVR_DW_LEFT ; 3 bytes for each, and for the window behind or, unless that is padded, before
        ldd     r16, Y + MK_AVR_DW_BY_WINDOWS
        sbrs    r16, 1
        inc     DEPTH
        mov     r16, DEPTH
        lsl     r16
        add     DEPTH, r16
        set
        rjmp    begin_row

begin_any_columns:
        clr     r4
        clr     r5
        movw    r6, r4
        movw    r8, r4
        movw    r2, r4
        clr     r13
        sbrc    r1, 0
        rjmp    begin_any_windows
next_any_column:
        TAKE_ANY_INPUT X, r26, r27, r17, r20, r11
        TAKE_ANY_INPUT Y, r28, r29, r18, r21, r24
        TAKE_ANY_INPUT Z, r30, r31, r19, r22, r25
        push    r2
        push    r5
        push    r4
        movw    r4, r6
        mov     r2, r3
        movw    r6, r8
        mov     r3, r13
        clr     r8
        clr     r9
        clr     r13
        dec     LEFT
        breq    1f
        rjmp    next_any_column
1:      push    r2
        push    r5
        push    r4
any_sums_done:
        in      r30, _SFR_IO_ADDR(SPL)
        in      r31, _SFR_IO_ADDR(SPH)
        add     r30, DEPTH
        adc     r31, ZERO
        ldd     BIAS_0, Z + 1
        ldd     BIAS_1, Z + 2
        ldd     r24, Z + 3              ; LIMIT
        ldd     r12, Z + 4              ; D
        ldd     r13, Z + 5
sums_done:
        movw    r28, D
        LOAD_WEIGHTS
        LOAD_FLASH RAISED, Z+
        LOAD_MULTIPLIER
        STORE_WEIGHTS
        brtc    1f
        tst     r24
        breq    1f                      ; the bias's third byte as it is
        sub     BIAS_1, RAISED
        mov     BIAS_2, NULL
        brge    1f
        dec     BIAS_2
1:      ldd     AMBIGUOUS_FROM, Y + MK_AVR_DW_AMBIGUOUS_FROM
        ldd     RANGE, Y + MK_AVR_DW_RANGE
        ldd     ACT_MIN, Y + MK_AVR_DW_ACT_MIN
        ldd     OUTPUTS, Y + MK_AVR_DW_OUTPUTS
        ldd     FLAGS, Y + MK_AVR_DW_BY_WINDOWS
        bld     FLAGS, 7
        ldd     r24, Y + MK_AVR_DW_LEFT_OVER
        rjmp    2f
1:      pop     r0
        pop     r0
        brtc    2f
        pop     r0
2:      subi    r24, 1
        brcc    1b
        ldd     r24, Y + MK_AVR_DW_CHANNEL
        ldd     r0, Y + MK_AVR_DW_OUT
        ldd     r29, Y + MK_AVR_DW_OUT + 1
        mov     r28, r0
        add     r28, r24
        adc     r29, NULL

next_output:                            ; last column first
        pop     SUM_0
        pop     SUM_1
        brts    sum_of_24_bits
        sub     SUM_1, RAISED
        brlt    rectified
below_65536:
        REQUANTIZE_16_BITS
store:
        st      Y, RESULT
stored:
        sub     r28, STEP
        sbc     r29, NULL
        dec     OUTPUTS
        brne    next_output

        movw    r28, D
        RESTORE_STACK
        ldd     r24, Y + MK_AVR_DW_CHANNEL
        inc     r24
        std     Y + MK_AVR_DW_CHANNEL, r24
        cpse    r24, STEP
        rjmp    next_channel
        rjmp    channels_done

sum_of_24_bits:
        pop     SUM_2
        add     SUM_0, BIAS_0
        adc     SUM_1, BIAS_1
        adc     SUM_2, BIAS_2
        brmi    rectified
        breq    below_65536
        rjmp    third_byte
rectified:
        st      Y, ACT_MIN
        rjmp    stored

        REQUANTIZE_BRANCHES
channels_done:
        RETURN_TO_C

ambiguous:                              ; mk_avr_requantize_exactly(&d->requant, channel, sum)
        PUSH_BANK
        movw    r30, D
        movw    r18, SUM_0
        clr     r20
        brtc    1f
        mov     r20, SUM_2
1:      ldd     r22, Z + MK_AVR_DW_CHANNEL
        clr     r23
        movw    r24, r30
        adiw    r24, MK_AVR_DW_REQUANT
        REQUANTIZE_EXACTLY
        bst     FLAGS, 7
        rjmp    store

begin_windows:                          ; r1 = how
        bst     r1, 2                   ; T: the last window lacks its last column
        sbrs    r1, 1                   ; the first one lacks its first
        rjmp    last_column             ; of a window before it
next_window:
        TAKE_ONCE X, r26, r27, r20
        TAKE_ONCE Y, r28, r29, r21
        TAKE_ONCE Z, r30, r31, r22
        dec     LEFT
        brne    last_column
        brtc    last_column
        rjmp    window_done
window_too_large:
        rjmp    column_too_large
last_column:                            ; the next window's first
        TAKE_TWICE X, r26, r27, r17, r23
        TAKE_TWICE Y, r28, r29, r18, r24
        TAKE_TWICE Z, r30, r31, r19, r25
window_done:
        push    r5
        push    r4
        movw    r4, r6
        movw    r6, BIAS
        tst     LEFT
        breq    1f
        rjmp    next_window
1:      clt
        rjmp    sums_done

begin_any_windows:                      ; the same in 24 bits; T is set for these
        mov     r9, r1
        sbrs    r9, 1
        rjmp    last_any_column
next_any_window:
        TAKE_ANY_ONCE X, r26, r27, r20
        TAKE_ANY_ONCE Y, r28, r29, r21
        TAKE_ANY_ONCE Z, r30, r31, r22
        dec     LEFT
        brne    last_any_column
        sbrc    r9, 2
        rjmp    any_window_done
last_any_column:
        TAKE_ANY_TWICE X, r26, r27, r17, r11
        TAKE_ANY_TWICE Y, r28, r29, r18, r24
        TAKE_ANY_TWICE Z, r30, r31, r19, r25
any_window_done:
        push    r2
        push    r5
        push    r4
        movw    r4, r6
        mov     r2, r3
        clr     r6
        clr     r7
        clr     r3
        cpse    LEFT, ZERO
        rjmp    next_any_window
        rjmp    any_sums_done
        END_FUNCTION mk_avr_depthwise_3x3
