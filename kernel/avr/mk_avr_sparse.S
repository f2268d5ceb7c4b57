; mk_avr_sparse.S: see mk_avr_sparse.h.
#include "mk_avr_group.h"
#include "mk_avr_window_macros.h"

; void mk_avr_sparse(struct mk_avr_large_window *w)
; Registers: mk_avr_group.h. r29 = pairs of entries left, X = list, Z = the byte before the next entry's weights.
; Per entry 72.5 cycles: 8.5 for the entry, 8 for each of eight multiply-accumulates; 75 in a group that crosses a boundary
; of 64 KB of flash. Per group of eight channels about 115 more; per position, or four groups of it, 110, and requantisation.

#define NEXT_SUMS MK_AVR_MORE_CORRECTIONS /* two bytes */
#define GROUPS_LEFT (MK_AVR_MORE_CORRECTIONS + 2)
#define TAIL (MK_AVR_MORE_CORRECTIONS + 3) /* weights to skip behind the last entry, bytes */

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
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        sub     r30, r26                ; entries of two bytes, at most 255
        sbc     r31, r27
        lsr     r31
        ror     r30
        std     Y + MK_AVR_OPERAND_COUNT, r30
        com     r21                     ; the weights of the zeros at the end
        std     Y + TAIL, r21
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        sbiw    r30, 1
#if defined(__AVR_HAVE_ELPM__)
        brcc    next_groups
        dec     r24
        out     _SFR_IO_ADDR(RAMPZ), r24
#endif
next_groups:
        ldi     r16, MK_AVR_WINDOW_GROUPS      ; at most so many at a time
        ldd     r24, Y + MK_AVR_CHANNELS
        ldd     r25, Y + MK_AVR_CHANNELS + 1
        sbiw    r24, 8 * (MK_AVR_WINDOW_GROUPS - 1) + 1
        brcc    1f
        subi    r24, -8 * MK_AVR_WINDOW_GROUPS ; rounded up
        lsr     r24
        lsr     r24
        lsr     r24
        mov     r16, r24
1:      std     Y + GROUPS_LEFT, r16
        movw    r26, r28
        subi    r26, lo8(MK_AVR_WINDOW_TILE - MK_AVR_WINDOW_SUMS)
        sbci    r27, hi8(MK_AVR_WINDOW_TILE - MK_AVR_WINDOW_SUMS)
next_group:
        std     Y + NEXT_SUMS, r26
        std     Y + NEXT_SUMS + 1, r27
#if defined(__AVR_HAVE_ELPM__)
        ldd     r24, Y + MK_AVR_GROUP_BYTES
        ldd     r25, Y + MK_AVR_GROUP_BYTES + 1
        add     r24, r30
        adc     r25, r31                ; carry set: crosses a boundary
#endif
        START_SUMS                      ; keeps the carry
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        ldd     r29, Y + MK_AVR_OPERAND_COUNT
#if defined(__AVR_HAVE_ELPM__)
        brcc    1f
        rjmp    careful
1:
#endif
        lsr     r29                     ; in twos: an odd number enters in the middle
        brcs    begin_odd
        brne    even
        rjmp    list_done
begin_odd:
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

#if defined(__AVR_HAVE_ELPM__)
careful:
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
#endif
list_done:
        pop     r29
        pop     r28
        ldd     r26, Y + TAIL
        ldi     r27, 0
        add     r30, r26
        adc     r31, r27
#if defined(__AVR_HAVE_ELPM__)
        brcc    1f
        NEXT_BANK r0
1:
#endif
        ldd     r26, Y + NEXT_SUMS
        ldd     r27, Y + NEXT_SUMS + 1
        .irp    n, 2,3,16,4,5,17,6,7,18,8,9,19,10,11,20,12,13,21,14,15,22,24,25,23
        st      X+, r\n
        .endr
        ldd     r24, Y + GROUPS_LEFT
        dec     r24
        std     Y + GROUPS_LEFT, r24
        breq    groups_done
        rjmp    next_group
groups_done:
        STORE_FLASH_POINTER MK_AVR_WEIGHTS, r24
        movw    r26, r28
        subi    r26, lo8(MK_AVR_WINDOW_TILE - MK_AVR_WINDOW_SUMS)
        sbci    r27, hi8(MK_AVR_WINDOW_TILE - MK_AVR_WINDOW_SUMS)
        ldi     r16, 8 * MK_AVR_WINDOW_GROUPS
        call    mk_avr_requantize_sums
        breq    position_done
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        rjmp    next_groups
position_done:
        COUNT_POSITION
        breq    row_done
        rjmp    next_position
row_done:
        RETURN_TO_C
        END_FUNCTION mk_avr_sparse
