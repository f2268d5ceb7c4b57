; mk_avr_sparse.S: see mk_avr_sparse.h.
#include "mk_avr_macros.h"

; void mk_avr_gather(struct mk_avr_gather *g, const int8_t *from, uint8_t count)
;                                       r25:24               r23:22        r20
; 14 cycles per nonzero input, 10 per zero.
        FUNCTION mk_avr_gather
        push    r28
        push    r29
        movw    r28, r24
        movw    r26, r22                ; X = from
        ldd     r30, Y + 0              ; Z = next
        ldd     r31, Y + 1
        ldd     r21, Y + 2              ; step
        ldd     r24, Y + 3              ; sum
        ldd     r25, Y + 4
1:      ld      r18, X+
        subi    r18, 0x80
        breq    3f
2:      st      Z+, r21
        st      Z+, r18
        ldi     r21, 0xFF
        add     r24, r18
        adc     r25, r1
        dec     r20
        brne    1b
        rjmp    4f
3:      subi    r21, 8
        brcs    5f
        dec     r20
        brne    1b
4:      std     Y + 0, r30
        std     Y + 1, r31
        std     Y + 2, r21
        std     Y + 3, r24
        std     Y + 4, r25
        pop     r29
        pop     r28
        ret
5:      subi    r21, -8                 ; the gap would not fit: an entry for this zero
        rjmp    2b
        END_FUNCTION mk_avr_gather

; void mk_avr_sparse(struct mk_avr_tile *t)
; Sums live in all registers but six: low and middle bytes in the pairs below, and the third bytes, as counts of carries
; downwards from zero (sbci needs no register that holds 0), in r16-r23. r28 = x', r29 = entries left, X = list,
; Z = weights, r1:r0 = product.
; Per entry 74 cycles (73 up to 64 KB of flash): 10 for the entry, 8 for each of eight multiply-accumulates
; (LPM 3, MUL 2, ADD, ADC, SBCI). Per group of eight channels about 125 more, and requantisation.
        .macro  MULTIPLY_ADD low, high, third, pointer
        LOAD_FLASH r0, \pointer
        mul     r0, r28
        add     \low, r0
        adc     \high, r1
        sbci    \third, 0
        .endm

        FUNCTION mk_avr_sparse
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_group:
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        sbiw    r30, 1
#if defined(__AVR_HAVE_ELPM__)
        brcc    1f
        dec     r24
        out     _SFR_IO_ADDR(RAMPZ), r24
1:
#endif
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        ldd     r2, Y + MK_AVR_CORRECTION
        ldd     r3, Y + MK_AVR_CORRECTION + 1
        ldd     r16, Y + MK_AVR_CORRECTION + 2
        .irp    pair, 4,6,8,10,12,14,24
        movw    r\pair, r2
        .endr
        .irp    third, 17,18,19,20,21,22,23
        mov     r\third, r16
        .endr
        push    r28
        push    r29
        ldd     r29, Y + MK_AVR_OPERAND_COUNT
        tst     r29
        breq    to_sums_done
        rjmp    next_entry
to_sums_done:
        rjmp    sums_done
#if defined(__AVR_HAVE_ELPM__)
bank_crossed:
        NEXT_BANK r0
        rjmp    entry_input
#endif

next_entry:
        ld      r28, X+
        sub     r30, r28                ; Z += 256 - n
        sbci    r31, 0xFF
#if defined(__AVR_HAVE_ELPM__)
        brcc    bank_crossed
entry_input:
#endif
        ld      r28, X+
        MULTIPLY_ADD r2, r3, r16, Z+
        MULTIPLY_ADD r4, r5, r17, Z+
        MULTIPLY_ADD r6, r7, r18, Z+
        MULTIPLY_ADD r8, r9, r19, Z+
        MULTIPLY_ADD r10, r11, r20, Z+
        MULTIPLY_ADD r12, r13, r21, Z+
        MULTIPLY_ADD r14, r15, r22, Z+
        MULTIPLY_ADD r24, r25, r23, Z
        dec     r29
        brne    next_entry
sums_done:
        pop     r29
        pop     r28
        .set    offset, MK_AVR_SUMS
        .irp    pair, 2,4,6,8,10,12,14,24
        std     Y + offset, r\pair
        .set    offset, offset + 3
        .endr
        .set    offset, MK_AVR_SUMS + 1
        .irp    pair, 3,5,7,9,11,13,15,25
        std     Y + offset, r\pair
        .set    offset, offset + 3
        .endr
        .set    offset, MK_AVR_SUMS + 2
        .irp    third, 16,17,18,19,20,21,22,23
        std     Y + offset, r\third
        .set    offset, offset + 3
        .endr
        call    mk_avr_requantize_group
        breq    2f
        rjmp    next_group
2:      POP_CALLER_REGISTERS
        clr     r1
        ret
        END_FUNCTION mk_avr_sparse
