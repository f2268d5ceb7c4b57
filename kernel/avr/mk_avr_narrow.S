; mk_avr_narrow.S: see mk_avr_narrow.h.
;
; Cycles: per input 7 and per channel 9 more if nonzero, 9 if zero; per filter row 8; per position about 240 and
; requantisation.
#include "mk_avr_macros.h"

; Sums (low, middle, high): r4:r3:r2, r7:r6:r5, r10:r9:r8, r13:r12:r11, r18:r15:r14, r21:r20:r19.
; X = inputs, Y = list, Z = weights.
#define INPUT r16
#define WEIGHT r17
#define NULL r22
#define LEFT r23       /* inputs of the row */
#define ROWS r24
#define ROW_INPUTS r25

        .macro  SIGNED_MULTIPLY_ADD low, middle, high
        LOAD_FLASH WEIGHT, Z+
        mulsu   WEIGHT, INPUT
        sbc     \high, NULL             ; carry = sign of the product
        add     \low, r0
        adc     \middle, r1
        adc     \high, NULL
        .endm

        /* All filter rows for a number of channels; the jump to the next input spans 64 words at most. */
        .macro  SUM_CHANNELS channels
next_row_\channels:
        ld      r26, Y+
        ld      r27, Y+
        mov     LEFT, ROW_INPUTS
next_input_\channels:
        ld      INPUT, X+
        subi    INPUT, 0x80
        breq    zero_\channels
        SIGNED_MULTIPLY_ADD r2, r3, r4
        .if     \channels > 1
        SIGNED_MULTIPLY_ADD r5, r6, r7
        .endif
        .if     \channels > 2
        SIGNED_MULTIPLY_ADD r8, r9, r10
        .endif
        .if     \channels > 3
        SIGNED_MULTIPLY_ADD r11, r12, r13
        .endif
        .if     \channels > 4
        SIGNED_MULTIPLY_ADD r14, r15, r18
        .endif
        .if     \channels > 5
        SIGNED_MULTIPLY_ADD r19, r20, r21
        .endif
        dec     LEFT
        brne    next_input_\channels
row_done_\channels:
        dec     ROWS
        brne    next_row_\channels
        rjmp    sums_done
zero_\channels:
        adiw    r30, \channels
#if defined(__AVR_HAVE_ELPM__)
        brcc    1f
        NEXT_BANK r0
1:
#endif
        dec     LEFT
        brne    next_input_\channels
        rjmp    row_done_\channels
        .endm

        .macro  GO_IF channels
        cpi     INPUT, \channels
        brne    1f
        rjmp    next_row_\channels
1:
        .endm

        FUNCTION mk_avr_narrow
        PUSH_CALLER_REGISTERS
        movw    r28, r24
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        ldd     INPUT, Y + MK_AVR_CHANNELS
        ldd     ROWS, Y + MK_AVR_OPERAND_COUNT
        ldd     ROW_INPUTS, Y + MK_AVR_GROUP_BYTES
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        movw    r28, r26
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,18,19,20,21,22
        clr     r\n
        .endr
        GO_IF   1
        GO_IF   2
        GO_IF   3
        GO_IF   4
        GO_IF   5
        SUM_CHANNELS 6
sums_done:
        pop     r29                     ; Y = tile
        pop     r28
        .set    offset, MK_AVR_SUMS
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,18,19,20,21
        .if     (offset - MK_AVR_SUMS) % 3 == 2
        neg     r\n
        .endif
        std     Y + offset, r\n
        .set    offset, offset + 1
        .endr
        call    mk_avr_requantize_group
        POP_CALLER_REGISTERS
        clr     r1
        ret
        SUM_CHANNELS 1
        SUM_CHANNELS 2
        SUM_CHANNELS 3
        SUM_CHANNELS 4
        SUM_CHANNELS 5
        END_FUNCTION mk_avr_narrow
