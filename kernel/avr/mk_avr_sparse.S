; mk_avr_sparse.S: see mk_avr_sparse.h.
#include "mk_avr_group.h"
#include "mk_avr_window_macros.h"

; void mk_avr_sparse(struct mk_avr_window *w)
; Registers: mk_avr_group.h. r29 = entries left (or pairs of them), X = list.
; Per entry 72.5 cycles: 8.5 for the entry, 8 for each of eight multiply-accumulates; 75 in a group that crosses a boundary
; of 64 KB of flash. Per group of eight channels about 110 more, and requantisation.

        .macro  NEXT_ENTRY
        ld      r28, X+
        sub     r30, r28                ; Z += 256 - n
        sbci    r31, 0xFF               ; carry clear: past 64 KB
        .endm

        FUNCTION mk_avr_sparse
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_position:
        ldd     r30, Y + MK_AVR_WINDOW_TILE + MK_AVR_OPERANDS
        ldd     r31, Y + MK_AVR_WINDOW_TILE + MK_AVR_OPERANDS + 1
        ldi     r21, 0xFF
        clt
        call    mk_avr_gather_window
        BEGIN_POSITION
        ldd     r26, Y + MK_AVR_OPERANDS
        sub     r30, r26                ; entries of two bytes, at most 64
        lsr     r30
        std     Y + MK_AVR_OPERAND_COUNT, r30
next_group:
        BEGIN_GROUP
#if defined(__AVR_HAVE_ELPM__)
        brcs    crossing
        sbiw    r30, 1                  ; a group at the very start of a bank takes the careful way, too
        brcs    at_bank
        set                             ; T: no bank is crossed
        rjmp    begin_sums
at_bank:
        dec     r24
        out     _SFR_IO_ADDR(RAMPZ), r24
        rjmp    careful
crossing:
        sbiw    r30, 1
careful:
        clt
begin_sums:
#else
        sbiw    r30, 1
#endif
        START_SUMS
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        ldd     r29, Y + MK_AVR_OPERAND_COUNT
        tst     r29
        brne    1f
        rjmp    sums_done
1:
#if defined(__AVR_HAVE_ELPM__)
        brts    2f
        rjmp    next_careful_entry
2:
#endif
        inc     r29                     ; in twos: an odd number enters in the middle
        lsr     r29
        brcc    odd
even:
        NEXT_ENTRY
        ld      r28, X+
        MULTIPLY_ADD_8 Z
odd:
        NEXT_ENTRY
        ld      r28, X+
        MULTIPLY_ADD_8 Z
        dec     r29
        breq    to_sums_done
        rjmp    even
to_sums_done:
        rjmp    sums_done

#if defined(__AVR_HAVE_ELPM__)
bank_crossed:
        NEXT_BANK r0
        rjmp    careful_input
next_careful_entry:
        NEXT_ENTRY
        brcc    bank_crossed
careful_input:
        ld      r28, X+
        MULTIPLY_ADD_8 Z
        dec     r29
        brne    next_careful_entry
#endif
sums_done:
        pop     r29
        pop     r28
        STORE_SUMS
        call    mk_avr_requantize_group
        breq    position_done
        rjmp    next_group
position_done:
        COUNT_POSITION
        breq    row_done
        rjmp    next_position
row_done:
        POP_CALLER_REGISTERS
        clr     r1
        ret
        END_FUNCTION mk_avr_sparse
