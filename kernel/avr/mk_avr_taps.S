; mk_avr_taps.S: see mk_avr_taps.h.
;
; Cycles: per tap and group of six channels 77, in the padding 67; per group 130 and requantisation.
#include "mk_avr_macros.h"

; Sums (low, middle, high): r2 r3 r4, r5 r6 r7, r8 r9 r10, r11 r12 r13, r14 r15 r18, r19 r20 r21.
; X = inputs, Y = list of pointers, Z = weights.
#define INPUT r16
#define WEIGHT r17
#define NULL r22
#define COUNT r23       /* of taps left */
#define CHANNEL r24
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

        .macro  SIGNED_MULTIPLY_ADD_6 loads
        SIGNED_MULTIPLY_ADD \loads, r2, r3, r4
        SIGNED_MULTIPLY_ADD \loads, r5, r6, r7
        SIGNED_MULTIPLY_ADD \loads, r8, r9, r10
        SIGNED_MULTIPLY_ADD \loads, r11, r12, r13
        SIGNED_MULTIPLY_ADD \loads, r14, r15, r18
        SIGNED_MULTIPLY_ADD \loads, r19, r20, r21
        .endm

        FUNCTION mk_avr_taps
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_group:
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        ldd     CHANNEL, Y + MK_AVR_PIXEL_BYTES ; all - those left
        ldd     r25, Y + MK_AVR_CHANNELS
        sub     CHANNEL, r25
        ldd     PAD, Y + MK_AVR_CORRECTION
        ldd     COUNT, Y + MK_AVR_OPERAND_COUNT
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        movw    r28, r26
        clr     NULL
        clr     r2
        clr     r3
        .irp    pair, 4,6,8,10,12,14,18,20
        movw    r\pair, r2
        .endr
        rjmp    next_tap
padding:
        mov     INPUT, PAD
        SIGNED_MULTIPLY_ADD_6 0
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
        SIGNED_MULTIPLY_ADD_6 1
        dec     COUNT
        brne    next_tap
taps_done:
        pop     r29                     ; Y = tile
        pop     r28
        STORE_FLASH_POINTER MK_AVR_WEIGHTS, r24
        .set    offset, MK_AVR_SUMS
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,18,19,20,21
        .if     (offset - MK_AVR_SUMS) % 3 == 2
        neg     r\n                     ; third bytes are kept negated
        .endif
        std     Y + offset, r\n
        .set    offset, offset + 1
        .endr
        ldi     r16, 6
        call    mk_avr_requantize_some
        breq    position_done
        rjmp    next_group

position_done:
        POP_CALLER_REGISTERS
        clr     r1
        ret
        END_FUNCTION mk_avr_taps
