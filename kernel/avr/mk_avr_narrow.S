; mk_avr_narrow.S: see mk_avr_narrow.h.
;
; Cycles: per input 7 and per channel 9 more if nonzero, 10 if zero; per filter row 18; per position about 70, per channel
; 7 and requantisation; per call about 100.
#include "mk_avr_macros.h"

; Sums (low, middle, high): r4:r3:r2, r7:r6:r5, r10:r9:r8, r13:r12:r11, r18:r15:r14, r21:r20:r19.
; X = inputs, Y = list, Z = weights.
#define INPUT r16
#define WEIGHT r17
#define NULL r22
#define LEFT r23       /* inputs of the row */
#define RETREAT r24
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
zero_\channels:
        adiw    r30, \channels
#if defined(__AVR_HAVE_ELPM__)
        brcc    1f
        NEXT_BANK r0
1:
#endif
        dec     LEFT
        breq    row_done_\channels
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
        sub     r26, RETREAT            ; where the next position begins
        sbc     r27, NULL
        st      Y+, r26
        st      Y+, r27
next_row_\channels:
        ld      r26, Y
        ldd     r27, Y + 1
        mov     LEFT, ROW_INPUTS
        tst     r27                     ; no tensor lies below address 256
        brne    next_input_\channels
        pop     r29                     ; Y = tile
        pop     r28
        rjmp    store_\channels
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
        ldd     r2, Y + MK_AVR_RECORDS  ; kept on the stack
        push    r2
        ldd     r3, Y + MK_AVR_RECORDS + 1
        push    r3
#if defined(__AVR_HAVE_ELPM__)
        ldd     r4, Y + MK_AVR_RECORDS_BANK
        push    r4
#endif
        rjmp    begin_position

        SUM_CHANNELS 1
        SUM_CHANNELS 2
        SUM_CHANNELS 3

        .macro  STORE channel, low, middle, high
store_\channel:
        neg     \high                   ; as mk_avr_tile.h says
        std     Y + MK_AVR_SUMS + 3 * \channel - 3, \low
        std     Y + MK_AVR_SUMS + 3 * \channel - 2, \middle
        std     Y + MK_AVR_SUMS + 3 * \channel - 1, \high
        .endm

        STORE   6, r19, r20, r21
        STORE   5, r14, r15, r18
        STORE   4, r11, r12, r13
        STORE   3, r8, r9, r10
        STORE   2, r5, r6, r7
        STORE   1, r2, r3, r4
        call    mk_avr_requantize_group
        ldd     r16, Y + MK_AVR_PIXELS
        dec     r16
        std     Y + MK_AVR_PIXELS, r16
        brne    next_position
        pop     r0
        pop     r0
#if defined(__AVR_HAVE_ELPM__)
        pop     r0
#endif
        RETURN_TO_C

next_position:
#if defined(__AVR_HAVE_ELPM__)
        pop     r4
#endif
        pop     r3
        pop     r2
        push    r2
        push    r3
        std     Y + MK_AVR_RECORDS, r2
        std     Y + MK_AVR_RECORDS + 1, r3
#if defined(__AVR_HAVE_ELPM__)
        push    r4
        std     Y + MK_AVR_RECORDS_BANK, r4
#endif
begin_position:
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        ldd     INPUT, Y + MK_AVR_PIXEL_BYTES
        std     Y + MK_AVR_CHANNELS, INPUT
        ldd     ROW_INPUTS, Y + MK_AVR_GROUP_BYTES
        ldd     RETREAT, Y + MK_AVR_MORE_CORRECTIONS
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        movw    r28, r26
        clr     r2
        clr     r3
        .irp    n, 4,6,8,10,12,14,18,20
        movw    r\n, r2
        .endr
        clr     NULL
        GO_IF   1
        GO_IF   2
        GO_IF   3
        GO_IF   4
        GO_IF   5
        rjmp    next_row_6
        SUM_CHANNELS 4
        SUM_CHANNELS 5
        SUM_CHANNELS 6
        END_FUNCTION mk_avr_narrow
