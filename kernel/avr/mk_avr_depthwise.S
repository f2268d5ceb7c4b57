; mk_avr_depthwise.S: see mk_avr_depthwise.h.
;
; Cycles, column by column: per input 25 if nonzero, 7 if zero; per window 13 more (to the stack, sums anew, loop).
; At stride 2: per input 19 if it lies under two windows, 12 if under one, 7 if zero; per window 18 more.
; Per output 46 to requantise, 23 if the sum is negative; per channel and row about 170.
#include "mk_avr_macros.h"
#include "mk_avr_depthwise_layout.h"

; First half, registers. X, Y, Z = the three rows; weights of the filter's columns 0, 1, 2 in row order:
; column 0 r18 r20 r22, column 1 r19 r21 r23, column 2 r2 r3 r13 (moved to r17 for mulsu, which takes r16-r23 only).
#define INPUT r16
#define WEIGHT r17
#define LEFT r24       /* columns */
#define STEP r25       /* bytes from column to column: channels */
#define ZERO r14       /* and r15 */
#define DEPTH r15      /* bytes on the stack */
; Sums (low, middle, high) of three windows: r4 r5 r10, r6 r7 r11, r8 r9 r12; their parts go round.

        .macro  SIGNED_MULTIPLY_ADD weight, low, middle, high
        mulsu   \weight, INPUT
        sbc     \high, ZERO             ; carry = sign of the product
        add     \low, r0
        adc     \middle, r1
        adc     \high, ZERO
        .endm

        .macro  TAKE_INPUT pointer, pointer_low, pointer_high, weight_0, weight_1, weight_2, a0, a1, a2, b0, b1, b2, c0, c1, c2
        ld      INPUT, \pointer
        add     \pointer_low, STEP
        adc     \pointer_high, ZERO
        subi    INPUT, 0x80
        breq    1f
        SIGNED_MULTIPLY_ADD \weight_0, \c0, \c1, \c2
        SIGNED_MULTIPLY_ADD \weight_1, \b0, \b1, \b2
        mov     WEIGHT, \weight_2
        SIGNED_MULTIPLY_ADD WEIGHT, \a0, \a1, \a2
1:
        .endm

        /* A column, where a (low, middle, high) sums the window whose last column this is, b and c the two next ones. Then a
         * begins anew. After the last column b, the window around it, is kept, too; `next`, if given, is where more follow. */
        .macro  TAKE_COLUMN a0, a1, a2, b0, b1, b2, c0, c1, c2, next
        TAKE_INPUT X, r26, r27, r18, r19, r2, \a0, \a1, \a2, \b0, \b1, \b2, \c0, \c1, \c2
        TAKE_INPUT Y, r28, r29, r20, r21, r3, \a0, \a1, \a2, \b0, \b1, \b2, \c0, \c1, \c2
        TAKE_INPUT Z, r30, r31, r22, r23, r13, \a0, \a1, \a2, \b0, \b1, \b2, \c0, \c1, \c2
        push    \a2
        push    \a1
        push    \a0
        clr     \a0
        clr     \a1
        clr     \a2
        dec     LEFT
        .ifb    \next
        brne    2f
        .else
        breq    3f
        rjmp    \next
3:
        .endif
        push    \b2
        push    \b1
        push    \b0
        .ifb    \next
        rjmp    sums_done
        .endif
2:
        .endm

        /* For window a only. */
        .macro  TAKE_ONCE pointer, pointer_low, pointer_high, weight
        ld      INPUT, \pointer
        add     \pointer_low, STEP
        adc     \pointer_high, ZERO
        subi    INPUT, 0x80
        breq    1f
        SIGNED_MULTIPLY_ADD \weight, r4, r5, r10
1:
        .endm

        /* For window a, as one of its last column, and for b, as one of its first. */
        .macro  TAKE_TWICE pointer, pointer_low, pointer_high, weight_a, weight_b
        ld      INPUT, \pointer
        add     \pointer_low, STEP
        adc     \pointer_high, ZERO
        subi    INPUT, 0x80
        breq    1f
        SIGNED_MULTIPLY_ADD \weight_b, r6, r7, r11
        mov     WEIGHT, \weight_a
        SIGNED_MULTIPLY_ADD WEIGHT, r4, r5, r10
1:
        .endm

; Second half, registers. Y = out, Z = d.
#define AMBIGUOUS_FROM r2
#define RANGE r3
#define ACT_MIN r4
#define NULL r7
#define M_0 r8
#define M_1 r9
#define M_2 r10
#define BIAS_0 r11
#define BIAS_1 r12
#define BIAS_2 r13
#define OUT_STEP r14
#define OUTPUTS r15
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

        /* Takes r24 windows off the stack. */
        .macro  DROP_WINDOWS
        rjmp    2f
1:      pop     r0
        pop     r0
        pop     r0
2:      subi    r24, 1
        brcc    1b
        .endm

        FUNCTION mk_avr_depthwise_3x3
        PUSH_CALLER_REGISTERS
        movw    r28, r24
#if defined(__AVR_HAVE_ELPM__)
        ldd     r24, Y + MK_AVR_DW_WEIGHTS + 2
        out     _SFR_IO_ADDR(RAMPZ), r24 ; stays with the weights all the time
#endif

next_channel:
        LOAD_WEIGHTS
        LOAD_FLASH r18, Z+
        LOAD_FLASH r19, Z+
        LOAD_FLASH r2, Z+
        LOAD_FLASH r20, Z+
        LOAD_FLASH r21, Z+
        LOAD_FLASH r3, Z+
        LOAD_FLASH r22, Z+
        LOAD_FLASH r23, Z+
        LOAD_FLASH r13, Z+
        STORE_WEIGHTS
        clr     ZERO
        ldd     r24, Y + MK_AVR_DW_ROW_MASK
        cpi     r24, 7
        breq    rows_inside
        sbrc    r24, 0
        rjmp    1f
        clr     r18
        clr     r19
        clr     r2
1:      sbrc    r24, 1
        rjmp    2f
        clr     r20
        clr     r21
        clr     r3
2:      sbrc    r24, 2
        rjmp    rows_inside
        clr     r22
        clr     r23
        clr     r13
rows_inside:
        push    r28
        push    r29
        ldd     LEFT, Y + MK_AVR_DW_COLUMNS
        ldd     DEPTH, Y + MK_AVR_DW_DEPTH
        ldd     STEP, Y + MK_AVR_DW_CHANNELS
        ldd     r17, Y + MK_AVR_DW_BY_WINDOWS
        bst     r17, 0                  ; T: window by window
        brtc    1f
        ldd     LEFT, Y + MK_AVR_DW_OUTPUTS
        sbrs    r17, 1
        inc     LEFT
1:
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
        clr     r4
        clr     r5
        movw    r6, r4
        movw    r8, r4
        movw    r10, r4
        clr     r12
        brtc    next_columns
        rjmp    begin_windows

next_columns:
        TAKE_COLUMN r4, r5, r10, r6, r7, r11, r8, r9, r12
        TAKE_COLUMN r6, r7, r11, r8, r9, r12, r4, r5, r10
        TAKE_COLUMN r8, r9, r12, r4, r5, r10, r6, r7, r11, next_columns
sums_done:
        in      r30, _SFR_IO_ADDR(SPL)  ; Y = d, which lies above the sums
        in      r31, _SFR_IO_ADDR(SPH)
        add     r30, DEPTH
        adc     r31, ZERO
        ldd     r29, Z + 1
        ldd     r28, Z + 2
        LOAD_WEIGHTS
        LOAD_RECORD
        STORE_WEIGHTS
        ldd     AMBIGUOUS_FROM, Y + MK_AVR_DW_AMBIGUOUS_FROM
        ldd     RANGE, Y + MK_AVR_DW_RANGE
        ldd     ACT_MIN, Y + MK_AVR_DW_ACT_MIN
        clr     NULL
        ldd     OUT_STEP, Y + MK_AVR_DW_CHANNELS
        ldd     OUTPUTS, Y + MK_AVR_DW_OUTPUTS
        ldd     r24, Y + MK_AVR_DW_WINDOWS_AFTER
        DROP_WINDOWS
        movw    r30, r28                ; Z = d
        ldd     r24, Z + MK_AVR_DW_CHANNEL
        ldd     r28, Z + MK_AVR_DW_OUT
        ldd     r29, Z + MK_AVR_DW_OUT + 1
        add     r28, r24
        adc     r29, NULL

next_output:                            ; last column first
        pop     SUM_0
        pop     SUM_1
        pop     SUM_2
        add     SUM_0, BIAS_0
        adc     SUM_1, BIAS_1
        adc     SUM_2, BIAS_2
        REQUANTIZE
store:
        st      Y, RESULT
stored:
        sub     r28, OUT_STEP
        sbc     r29, NULL
        dec     OUTPUTS
        brne    next_output

        ldd     r24, Z + MK_AVR_DW_WINDOWS_BEFORE
        DROP_WINDOWS
        pop     r29
        pop     r28
        ldd     r24, Y + MK_AVR_DW_CHANNEL
        inc     r24
        std     Y + MK_AVR_DW_CHANNEL, r24
        ldd     r25, Y + MK_AVR_DW_CHANNELS
        cpse    r24, r25
        rjmp    next_channel
        rjmp    channels_done

rectified:
        st      Y, ACT_MIN
        rjmp    stored

        REQUANTIZE_BRANCHES
channels_done:
        RETURN_TO_C

begin_windows:                          ; r17 = how
        bst     r17, 2                  ; T: the last window lacks its last column
        sbrs    r17, 1                  ; the first one lacks its first
        rjmp    last_column             ; of a window before it
next_window:
        TAKE_ONCE X, r26, r27, r19
        TAKE_ONCE Y, r28, r29, r21
        TAKE_ONCE Z, r30, r31, r23
        cpi     LEFT, 1
        brne    last_column
        brts    window_done
last_column:                            ; the next window's first
        TAKE_TWICE X, r26, r27, r2, r18
        TAKE_TWICE Y, r28, r29, r3, r20
        TAKE_TWICE Z, r30, r31, r13, r22
window_done:
        push    r10
        push    r5
        push    r4
        movw    r4, r6
        mov     r10, r11
        clr     r6
        clr     r7
        clr     r11
        dec     LEFT
        breq    windows_done
        rjmp    next_window
windows_done:
        rjmp    sums_done

ambiguous:                              ; mk_avr_requantize_exactly(&d->requant, channel, sum)
        push    r30
        push    r31
        PUSH_BANK
        movw    r18, SUM_0
        mov     r20, SUM_2
        ldd     r22, Z + MK_AVR_DW_CHANNEL
        clr     r23
        movw    r24, r30
        adiw    r24, MK_AVR_DW_REQUANT
        REQUANTIZE_EXACTLY
        pop     r31
        pop     r30
        rjmp    store
        END_FUNCTION mk_avr_depthwise_3x3
