; mk_avr_runs.S: see mk_avr_runs.h.
#include "mk_avr_group.h"

; uint16_t mk_avr_sum_inputs(const int8_t *from, uint8_t count)
;          r25:24                       r25:24        r22
; 8 cycles per input.
        FUNCTION mk_avr_sum_inputs
        movw    r26, r24
        clr     r24
        clr     r25
1:      ld      r18, X+
        subi    r18, 0x80
        add     r24, r18
        adc     r25, r1
        dec     r22
        brne    1b
        ret
        END_FUNCTION mk_avr_sum_inputs

; void mk_avr_runs(struct mk_avr_tile *t)
; Registers: mk_avr_group.h. Between runs r28, r29 (the tile, from the stack), X, r0 and r1 are free.
; Per input 71 cycles if nonzero, 10 if zero (11 above 64 KB of flash); per run and group about 40 more, per group about 140
; and requantisation.
        FUNCTION mk_avr_runs
        PUSH_CALLER_REGISTERS
        movw    r28, r24
        ldd     r2, Y + MK_AVR_OPERANDS
        ldd     r3, Y + MK_AVR_OPERANDS + 1
        ldd     r4, Y + MK_AVR_OPERAND_COUNT
        push    r2                      ; the list as it was: stays on the stack
        push    r3
        push    r4
        rjmp    next_group

skip_run:                               ; r0 inputs that are all zero
        clr     r1                      ; Z += 8 * r0
        lsl     r0
        rol     r1
        lsl     r0
        rol     r1
        lsl     r0
        rol     r1
        add     r30, r0
        adc     r31, r1
#if defined(__AVR_HAVE_ELPM__)
        brcc    run_done
        NEXT_BANK r0
#endif
        rjmp    run_done

#if defined(__AVR_HAVE_ELPM__)
bank_crossed:
        NEXT_BANK r0
        rjmp    zero_done
#endif

zero_input:
        adiw    r30, 8
#if defined(__AVR_HAVE_ELPM__)
        brcs    bank_crossed
zero_done:
#endif
        dec     r29
        breq    run_done
next_input:
        ld      r28, X+
        subi    r28, 0x80
        breq    zero_input
        MULTIPLY_ADD_8 Z+
        dec     r29
        brne    next_input
run_done:
        pop     r29                     ; Y = tile
        pop     r28
        ldd     r0, Y + MK_AVR_OPERAND_COUNT
        dec     r0
        breq    sums_done
        std     Y + MK_AVR_OPERAND_COUNT, r0
next_run:
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        adiw    r26, 3
        std     Y + MK_AVR_OPERANDS, r26
        std     Y + MK_AVR_OPERANDS + 1, r27
        push    r28
        push    r29
        ld      r29, -X                 ; count
        ld      r1, -X                  ; from
        ld      r0, -X
        movw    r26, r0
        or      r0, r1
        brne    next_input
        mov     r0, r29
        rjmp    skip_run

sums_done:
        STORE_SUMS
        call    mk_avr_requantize_group
        breq    position_done
next_group:
        pop     r4                      ; the list again
        pop     r3
        pop     r2
        push    r2
        push    r3
        push    r4
        std     Y + MK_AVR_OPERANDS, r2
        std     Y + MK_AVR_OPERANDS + 1, r3
        std     Y + MK_AVR_OPERAND_COUNT, r4
        BEGIN_GROUP
        START_SUMS
        rjmp    next_run

position_done:
        pop     r0
        pop     r0
        pop     r0
        RETURN_TO_C
        END_FUNCTION mk_avr_runs
