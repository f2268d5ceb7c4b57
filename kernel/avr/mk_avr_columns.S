; mk_avr_columns.S: see mk_avr_columns.h.
#include "mk_avr_group.h"

#define COLUMN_LIST 0
#define COLUMN_RIGHT 2
#define COLUMN_FIRST 4
#define COLUMN_IN_C 6
#define COLUMN_FILTER_H 7
#define COLUMN_PAD_VALUE 8
#define COLUMN_OUTSIDE 9
#define COLUMN_ROWS 10

; uint16_t mk_avr_list_column(const struct mk_avr_column *column)
;          r25:24                                         r25:24
; 14 cycles per nonzero input, 10 per zero, 5 per zero of padding; about 20 per row and 80 in all.
; Y = rows, X = inputs, Z = entries.
#define VALUE r18
#define PAD r19
#define LEFT r20
#define STEP r21 /* n of the next entry */
#define IN_C r22
#define ROWS r23
#define SUM_0 r24
#define SUM_1 r25
        FUNCTION mk_avr_list_column
        push    r16
        push    r17
        push    r28
        push    r29
        movw    r28, r24
        ldd     r30, Y + COLUMN_LIST
        ldd     r31, Y + COLUMN_LIST + 1
        ldd     r16, Y + COLUMN_RIGHT
        ldd     r17, Y + COLUMN_RIGHT + 1
        push    r16
        push    r17
        push    r30
        push    r31
        ldd     r16, Y + COLUMN_FIRST
        ldd     r17, Y + COLUMN_FIRST + 1
        ldd     IN_C, Y + COLUMN_IN_C
        ldd     ROWS, Y + COLUMN_FILTER_H
        ldd     PAD, Y + COLUMN_PAD_VALUE
        ldd     r0, Y + COLUMN_OUTSIDE
        adiw    r30, 1
        adiw    r28, COLUMN_ROWS
        ldi     STEP, 0xFF
        clr     SUM_0
        clr     SUM_1
next_row:
        ld      r26, Y+
        ld      r27, Y+
        mov     LEFT, IN_C
        cpse    r0, r1
        rjmp    next_padding
        tst     r27                     ; NULL: no row lies below 256
        breq    next_padding
        add     r26, r16
        adc     r27, r17
next_input:
        ld      VALUE, X+
        subi    VALUE, 0x80
        breq    zero
nonzero:
        st      Z+, STEP
        st      Z+, VALUE
        ldi     STEP, 0xFF
        add     SUM_0, VALUE
        adc     SUM_1, r1
        dec     LEFT
        brne    next_input
        rjmp    row_done
zero:
        subi    STEP, 8
        brcs    gap_too_long
        dec     LEFT
        brne    next_input
row_done:
        dec     ROWS
        brne    next_row
        movw    r18, r30
        com     STEP
        st      Z+, STEP
        pop     r27                     ; X = list
        pop     r26
        sub     r18, r26                ; 1 + 2 bytes per entry
        sbc     r19, r27
        lsr     r19
        ror     r18
        st      X, r18
        pop     r17
        pop     r16
        st      Z+, r16
        st      Z, r17
        pop     r29
        pop     r28
        pop     r17
        pop     r16
        ret

gap_too_long:                           ; an entry for this zero
        subi    STEP, -8
        rjmp    nonzero

next_padding:
        tst     PAD
        brne    pad
        subi    STEP, 8
        brcs    pad_gap_too_long
        dec     LEFT
        brne    next_padding
        rjmp    row_done
pad_gap_too_long:
        subi    STEP, -8
pad:
        st      Z+, STEP
        st      Z+, PAD
        ldi     STEP, 0xFF
        add     SUM_0, PAD
        adc     SUM_1, r1
        dec     LEFT
        brne    next_padding
        rjmp    row_done
        END_FUNCTION mk_avr_list_column

; void mk_avr_columns(struct mk_avr_tile *t)
; Registers: mk_avr_group.h. r29 = pairs of entries left, X = list; on the stack, the tile and the lists left, and in the same
; byte whether the weights are in RAM.
; Per entry 72.5 cycles: 8.5 for the entry, 8 for each of eight multiply-accumulates; 65 if the weights are in RAM, 75 in a
; group that crosses a boundary of 64 KB of flash. Per list about 30 more, per group about 110 and requantisation.
#define IN_RAM 7 /* bit of the lists left */

        .macro  MULTIPLY_ADD_FROM_RAM low, high, third, pointer
        ld      r0, \pointer
        mul     r0, r28
        add     \low, r0
        adc     \high, r1
        sbci    \third, 0
        .endm

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
        set                             ; T: weights in flash, and no bank is crossed
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
        ldd     r18, Y + MK_AVR_CACHED_GROUPS
        tst     r18
        breq    1f
        dec     r18
        std     Y + MK_AVR_CACHED_GROUPS, r18
        ldd     r30, Y + MK_AVR_CACHED
        ldd     r31, Y + MK_AVR_CACHED + 1
        ldd     r18, Y + MK_AVR_GROUP_BYTES
        ldd     r19, Y + MK_AVR_GROUP_BYTES + 1
        add     r18, r30
        adc     r19, r31
        std     Y + MK_AVR_CACHED, r18
        std     Y + MK_AVR_CACHED + 1, r19
        sbiw    r30, 1
        clt
        ldi     r18, 1 << IN_RAM
1:      ldd     r0, Y + MK_AVR_OPERAND_COUNT
        or      r0, r18
        START_SUMS
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        push    r0
next_list:
        ld      r29, X+
#if defined(__AVR_HAVE_ELPM__)
        brts    in_flash
        sbrs    r0, IN_RAM
        rjmp    careful_list
        rjmp    ram_list
in_flash:
#else
        sbrc    r0, IN_RAM
        rjmp    ram_list
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
        mov     r1, r0
        lsl     r1                      ; without IN_RAM
        breq    to_sums_done
        push    r0
        ld      r1, X+
        ld      r27, X
        mov     r26, r1
        rjmp    next_list

to_sums_done:
        rjmp    sums_done

ram_list:
        tst     r29
        brne    next_ram_entry
        rjmp    list_done
next_ram_entry:
        NEXT_ENTRY
        ld      r28, X+
        MULTIPLY_ADD_FROM_RAM r2, r3, r16, Z+
        MULTIPLY_ADD_FROM_RAM r4, r5, r17, Z+
        MULTIPLY_ADD_FROM_RAM r6, r7, r18, Z+
        MULTIPLY_ADD_FROM_RAM r8, r9, r19, Z+
        MULTIPLY_ADD_FROM_RAM r10, r11, r20, Z+
        MULTIPLY_ADD_FROM_RAM r12, r13, r21, Z+
        MULTIPLY_ADD_FROM_RAM r14, r15, r22, Z+
        MULTIPLY_ADD_FROM_RAM r24, r25, r23, Z
        dec     r29
        brne    next_ram_entry
        rjmp    list_done

#if defined(__AVR_HAVE_ELPM__)
careful_list:
        tst     r29
        brne    next_careful_entry
        rjmp    list_done
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
