; mk_avr_single.S: see mk_avr_single.h.
#include "mk_avr_group.h"

; void mk_avr_single(struct mk_avr_tile *t)
; Registers: mk_avr_group.h. r29 = fours of inputs left, X = inputs.
; Per input 68 cycles for eight multiply-accumulates: 3 for x', 8 for each, 1 for the loop. Per group of eight channels
; about 90 more, and requantisation.

        .macro  TAKE_INPUT
        ld      r28, X+
        subi    r28, 0x80
        MULTIPLY_ADD_8 Z+
        .endm

        FUNCTION mk_avr_single
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_group:
        BEGIN_GROUP
        START_SUMS
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        ldd     r0, Y + MK_AVR_PIXELS
        ldd     r29, Y + MK_AVR_OPERAND_COUNT
        sbrc    r0, 1                   ; what is left over comes first
        rjmp    two_or_three
        sbrc    r0, 0
        rjmp    one
four:
        TAKE_INPUT
three:
        TAKE_INPUT
two:
        TAKE_INPUT
one:
        TAKE_INPUT
        dec     r29
        breq    sums_done
        rjmp    four
two_or_three:
        sbrc    r0, 0
        rjmp    three
        rjmp    two
sums_done:
        pop     r29
        pop     r28
        STORE_SUMS
        call    mk_avr_requantize_group
        breq    1f
        rjmp    next_group
1:      POP_CALLER_REGISTERS
        clr     r1
        ret
        END_FUNCTION mk_avr_single
