; mk_avr_columns.S: see mk_avr_columns.h.
#include "mk_avr_group.h"

; void mk_avr_columns(struct mk_avr_tile *t)
; Registers: mk_avr_group.h. r29 = pairs of entries left, X = list; on the stack, the tile and the lists left.
; Per entry 72.5 cycles: 8.5 for the entry, 8 for each of eight multiply-accumulates; 75 in a group that crosses a boundary
; of 64 KB of flash. Per list about 30 more, per group about 110 and requantisation.

        .macro  NEXT_ENTRY
        ld      r28, X+
        sub     r30, r28                ; Z += 256 - n
        sbci    r31, 0xFF               ; carry clear: past 64 KB
        .endm

        FUNCTION mk_avr_columns
        PUSH_CALLER_REGISTERS
        movw    r28, r24
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
        ldd     r0, Y + MK_AVR_OPERAND_COUNT
        push    r28
        push    r29
        push    r0
next_list:
        ld      r29, X+
#if defined(__AVR_HAVE_ELPM__)
        brts    1f
        rjmp    careful_list
1:
#endif
        lsr     r29                     ; in twos: an odd number enters in the middle
        brcs    odd_list
        brne    even
        rjmp    list_done
odd_list:
        inc     r29
        rjmp    odd
even:
        NEXT_ENTRY
        ld      r28, X+
        MULTIPLY_ADD_8 Z
odd:
        NEXT_ENTRY
        ld      r28, X+
        MULTIPLY_ADD_8 Z
        dec     r29
        breq    list_done
        rjmp    even
list_done:
        ld      r28, X+
        clr     r1
        add     r30, r28
        adc     r31, r1
#if defined(__AVR_HAVE_ELPM__)
        brcc    1f
        NEXT_BANK r0
1:
#endif
        pop     r0
        dec     r0
        breq    sums_done
        push    r0
        ld      r0, X+
        ld      r27, X
        mov     r26, r0
        rjmp    next_list

#if defined(__AVR_HAVE_ELPM__)
careful_list:
        tst     r29
        breq    list_done
next_careful_entry:
        NEXT_ENTRY
        brcs    careful_input
        NEXT_BANK r0
careful_input:
        ld      r28, X+
        MULTIPLY_ADD_8 Z
        dec     r29
        brne    next_careful_entry
        rjmp    list_done
#endif

sums_done:
        pop     r29
        pop     r28
        STORE_SUMS
        call    mk_avr_requantize_group
        breq    2f
        rjmp    next_group
2:      POP_CALLER_REGISTERS
        clr     r1
        ret
        END_FUNCTION mk_avr_columns
