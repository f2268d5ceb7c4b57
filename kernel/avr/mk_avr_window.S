; mk_avr_window.S: see mk_avr_window.h.
;
; mk_avr_gather_window: gathers the inputs of a position, and moves the window to the next. Not callable from C.
;   In:  Y = window, Z = where to put them. T clear: entries as mk_avr_sparse.h says.
;        T set: every x', r21 bytes apart.
;   Out: T set: Z behind the last; r24 r25 r22 = what sums start from, -128 * sum x' (low, middle and the third byte negated).
;   Keeps Y and T; destroys all other registers.
; Per position about 75 cycles, per row of the filter 35; per input of entries 12.5 if nonzero, 9.5 if zero, otherwise 10.5.
#include "mk_avr_macros.h"

#define PADDING r8
#define NULL r9
#define ROWS r10 /* and r11 */
#define LEFT r12 /* inputs of a row of the filter left of the input, in it, and right of it */
#define INSIDE r13
#define RIGHT r14
#define FILTER_ROWS r15
#define ROW r16
#define ROW_1 r17
#define COUNT r20
#define STEP r21
#define SUM r22 /* and r23 */
#define SUM_1 r23

        .macro  APPEND
        ld      r18, X+
        subi    r18, 0x80
        st      Z, r18
        add     r30, STEP
        adc     r31, NULL
        add     SUM, r18
        adc     SUM_1, NULL
        .endm

        /* An entry, unless the input is zero; `zero`: where those go. */
        .macro  APPEND_ENTRY zero
        ld      r18, X+
        subi    r18, 0x80
        breq    \zero
\zero\()_is_kept:                        ; after a gap that would not fit
        add     SUM, r18
        brcs    \zero\()_chunk_ends
\zero\()_fits:
        st      Z+, STEP
        st      Z+, r18
        ldi     STEP, 0xFF
        .endm

        /* Where APPEND_ENTRY branches to: a chunk ends before the entry. */
        .macro  END_CHUNK zero
\zero\()_chunk_ends:
        dec     STEP
        mov     SUM, r18
        rjmp    \zero\()_fits
        .endm

        FUNCTION mk_avr_gather_window
        clr     NULL
        clr     LEFT
        clr     RIGHT
        ldd     INSIDE, Y + MK_AVR_WINDOW_ROW_INPUTS
        ldd     FILTER_ROWS, Y + MK_AVR_WINDOW_FILTER_ROWS
        ldd     r26, Y + MK_AVR_WINDOW_ROW
        ldd     r27, Y + MK_AVR_WINDOW_ROW + 1
        movw    ROWS, r26
        ldd     r24, Y + MK_AVR_WINDOW_OFFSET
        ldd     r25, Y + MK_AVR_WINDOW_OFFSET + 1
        ldd     r18, Y + MK_AVR_WINDOW_STEP
        ldd     r19, Y + MK_AVR_WINDOW_STEP + 1
        add     r18, r24
        adc     r19, r25
        std     Y + MK_AVR_WINDOW_OFFSET, r18
        std     Y + MK_AVR_WINDOW_OFFSET + 1, r19
        movw    r18, r24
        sbrc    r25, 7
        rjmp    begins_outside
left_known:
        ldd     r18, Y + MK_AVR_WINDOW_LAST_INSIDE
        ldd     r19, Y + MK_AVR_WINDOW_LAST_INSIDE + 1
        sub     r18, r24
        sbc     r19, r25
        brlt    ends_outside
right_known:
        add     r24, LEFT
        adc     r25, NULL
        clr     SUM
        clr     SUM_1
        brts    next_row
        ldi     STEP, 0xFF
next_row:
        movw    r26, ROWS
        ld      ROW, X+
        ld      ROW_1, X+
        movw    ROWS, r26
        cp      ROW, NULL
        cpc     ROW_1, NULL
        breq    row_outside
        mov     COUNT, LEFT
        tst     COUNT
        breq    1f
        rcall   append_padding
1:      mov     COUNT, INSIDE
        tst     COUNT
        breq    2f
        movw    r26, ROW
        add     r26, r24
        adc     r27, r25
        rcall   append
2:      mov     COUNT, RIGHT
        tst     COUNT
        breq    row_done
last_part:
        rcall   append_padding
row_done:
        dec     FILTER_ROWS
        brne    next_row
        brtc    end_entries
        clr     r24                     ; 128 * sum, negated
        lsr     SUM_1
        ror     SUM
        ror     r24
        clr     r25
        neg     r24
        sbc     r25, SUM
        mov     r22, SUM_1
        adc     r22, NULL
        ret

end_entries:
        subi    STEP, 3
        st      Z, STEP
        ldd     r18, Y + MK_AVR_WINDOW_TILE + MK_AVR_OPERANDS
        ldd     r19, Y + MK_AVR_WINDOW_TILE + MK_AVR_OPERANDS + 1
        std     Z + 1, r18
        std     Z + 2, r19
        ret

row_outside:
        ldd     COUNT, Y + MK_AVR_WINDOW_ROW_INPUTS
        rjmp    last_part
begins_outside:
        rcall   take_outside
        mov     LEFT, r18
        rjmp    left_known
ends_outside:
        rcall   take_outside
        mov     RIGHT, r18
        rjmp    right_known

take_outside:                           ; r18 = the smaller of -r19:r18 > 0 and INSIDE, which is taken from there
        com     r19
        neg     r18
        sbci    r19, 0xFF
        tst     r19
        brne    1f
        cp      INSIDE, r18
        brsh    2f
1:      mov     r18, INSIDE
2:      sub     INSIDE, r18
        ret

append_padding:                         ; COUNT >= 1 times the same
        mov     PADDING, COUNT
1:      movw    r26, r28
        adiw    r26, MK_AVR_WINDOW_PAD
        ldi     COUNT, 1
        rcall   append
        dec     PADDING
        brne    1b
        ret

append:                                 ; COUNT >= 1 inputs from X
        brts    append_all
append_entries:
        inc     COUNT                   ; in twos: an odd number enters in the middle
        lsr     COUNT
        brcc    second_entry
first_entry:
        APPEND_ENTRY first_zero
second_entry:
        APPEND_ENTRY second_zero
entries_appended:
        dec     COUNT
        brne    first_entry
        ret
first_zero:
        subi    STEP, 8
        brcc    second_entry
        subi    STEP, -8
        rjmp    first_zero_is_kept
second_zero:
        subi    STEP, 8
        brcc    entries_appended
        subi    STEP, -8
        rjmp    second_zero_is_kept
        END_CHUNK first_zero
        END_CHUNK second_zero

append_all:
        inc     COUNT                   ; in twos: an odd number enters in the middle
        lsr     COUNT
        brcc    append_odd
append_even:
        APPEND
append_odd:
        APPEND
        dec     COUNT
        brne    append_even
        ret
        END_FUNCTION mk_avr_gather_window
