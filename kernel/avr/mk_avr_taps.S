; mk_avr_taps.S: see mk_avr_taps.h.
;
; Cycles: per tap and group of four channels 55, in the padding 51; per group about 105, and per output about 45, or 22 if the sum is
; negative.
#include "mk_avr_macros.h"

; First half. Sums (low, middle, high): r2 r3 r10, r4 r5 r11, r6 r7 r12, r8 r9 r13. X = inputs, Y = list of pointers, Z = weights;
; on the stack: the tile.
#define NULL r14
#define CHANNEL r15
#define INPUT r16
#define WEIGHT r17
#define COUNT r21       /* of taps left */
#define PAD r25

        .macro  SIGNED_MULTIPLY_ADD loads, low, middle, high
        .if     \loads
        ld      INPUT, X+
        .endif
        LOAD_FLASH WEIGHT, Z+
        muls    WEIGHT, INPUT
        sbc     \high, NULL             ; carry = sign of the product
        add     \low, r0
        adc     \middle, r1
        adc     \high, NULL
        .endm

        .macro  SIGNED_MULTIPLY_ADD_4 loads
        SIGNED_MULTIPLY_ADD \loads, r2, r3, r10
        SIGNED_MULTIPLY_ADD \loads, r4, r5, r11
        SIGNED_MULTIPLY_ADD \loads, r6, r7, r12
        SIGNED_MULTIPLY_ADD \loads, r8, r9, r13
        .endm

; Second half. X = out, Y = tile, Z = multipliers.
#define SUM_0 r2
#define SUM_1 r3
#define SUM_2 r10
#define LEFT r16        /* outputs of the group */
#define FRACTION r17
#define RESULT r18
#define OVERFLOW r19
#define M_0 r20
#define M_1 r21
#define M_2 r22
#define RANGE r23
#define ACT_MIN r24
#define AMBIGUOUS_FROM r25
#include "mk_avr_requantize_macros.h"

        FUNCTION mk_avr_taps
        PUSH_CALLER_REGISTERS
        movw    r28, r24
        clr     NULL
        clr     CHANNEL
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r16
next_group:
        .irp    n, 2,3,10,4,5,11,6,7,12,8,9,13
        LOAD_FLASH r\n, Z+
        .endr
        ldd     PAD, Y + MK_AVR_CORRECTION
        ldd     COUNT, Y + MK_AVR_OPERAND_COUNT
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        movw    r28, r26
        rjmp    next_tap
padding:
        mov     INPUT, PAD
        SIGNED_MULTIPLY_ADD_4 0
        dec     COUNT
        brne    next_tap
        rjmp    taps_done
next_tap:
        ld      r26, Y+
        ld      r27, Y+
        tst     r27                     ; no tensor lies below address 256
        breq    padding
        add     r26, CHANNEL
        adc     r27, NULL
        SIGNED_MULTIPLY_ADD_4 1
        dec     COUNT
        brne    next_tap
taps_done:
        pop     r29
        pop     r28
        ldd     RANGE, Y + MK_AVR_RANGE
        ldd     ACT_MIN, Y + MK_AVR_ACT_MIN
        ldd     AMBIGUOUS_FROM, Y + MK_AVR_AMBIGUOUS_FROM
        ldd     r26, Y + MK_AVR_OUT
        ldd     r27, Y + MK_AVR_OUT + 1
        ldd     r18, Y + MK_AVR_CHANNELS
        ldi     LEFT, 4
        sub     r18, LEFT
        brcc    1f
        add     LEFT, r18
        clr     r18
1:      std     Y + MK_AVR_CHANNELS, r18
next_output:
        LOAD_MULTIPLIER
        tst     SUM_2
        REQUANTIZE , mostly_narrow
store:
        st      X+, RESULT
stored:
        inc     CHANNEL
        dec     LEFT
        breq    group_done
        movw    r2, r4                  ; the next channel's sum to where the first one is
        movw    r4, r6
        movw    r6, r8
        mov     r10, r11
        mov     r11, r12
        mov     r12, r13
        rjmp    next_output

rectified:
        st      X+, ACT_MIN
        rjmp    stored

        REQUANTIZE_BRANCHES mostly_narrow

group_done:
        std     Y + MK_AVR_OUT, r26
        std     Y + MK_AVR_OUT + 1, r27
        ldd     r16, Y + MK_AVR_CHANNELS
        tst     r16
        breq    position_done
        rjmp    next_group
position_done:
        RETURN_TO_C

ambiguous:                              ; mk_avr_requantize_exactly(&tile.requant, channel, sum)
        .irp    n, 23,24,25,26,27,30,31
        push    r\n
        .endr
        PUSH_BANK
        movw    r18, SUM_0
        mov     r20, SUM_2
        mov     r22, CHANNEL
        clr     r23
        movw    r24, r28
        adiw    r24, MK_AVR_REQUANT
        REQUANTIZE_EXACTLY
        .irp    n, 31,30,27,26,25,24,23
        pop     r\n
        .endr
        rjmp    store
        END_FUNCTION mk_avr_taps
