; mk_avr_differences.S: see mk_avr_differences.h.
#define INPUT r28
#define WEIGHT r29
#include "mk_avr_chunk_macros.h"
#include "mk_avr_group.h"

; void mk_avr_differences(struct mk_avr_tile *t)
; 16-bit sums of a chunk (low, middle) in r2 r3, r4 r5 ... r14 r15, r24 r25; r16-r23: the sums of the middle bytes of chunks,
; signed. How often these overflow is counted, negated, in the third bytes of the tile's sums. X = list, Z = weights; on the
; stack: the tile.
; Per difference 61 cycles for eight multiply-accumulates: 4 for the difference, 7 for each (LPM 3, MULS 2, ADD, ADC), 1 for the
; loop. Per run of zeros 12, per chunk about 33, per group of eight channels about 190, and requantisation.

        .macro  COUNT_OVERFLOW index, third
overflow_\index:
        ldi     WEIGHT, 3 * \index + 2
        bst     \third, 7
        rcall   overflow
        rjmp    flushed_\index
        .endm

        /* The sum to the tile; destroys r0. */
        .macro  STORE_SUM index, low, third
        std     Y + MK_AVR_SUMS + 3 * \index, \low
        std     Y + MK_AVR_SUMS + 3 * \index + 1, \third
        ldd     r0, Y + MK_AVR_SUMS + 3 * \index + 2
        sbrc    \third, 7
        inc     r0
        std     Y + MK_AVR_SUMS + 3 * \index + 2, r0
        .endm

        FUNCTION mk_avr_differences
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_group:
        BEGIN_GROUP
        clr     r2
        clr     r3
        .irp    pair, 4,6,8,10,12,14,16,18,20,22,24
        movw    r\pair, r2
        .endr
        .irp    index, 0,1,2,3,4,5,6,7
        std     Y + MK_AVR_SUMS + 3 * \index + 2, r2
        .endr
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        rjmp    next_input

multiply:
        SIGNED_MULTIPLY_ADD_8 muls, Z+
next_input:
        ld      INPUT, X+
        tst     INPUT
        brne    multiply
        ld      INPUT, X+
        cpi     INPUT, 3
        brlo    chunk_done
        add     r30, INPUT              ; zeros
        brcc    next_input
        inc     r31
        brne    next_input
        NEXT_BANK r0
        rjmp    next_input

        COUNT_OVERFLOW 0, r16
        COUNT_OVERFLOW 1, r17
        COUNT_OVERFLOW 2, r18
        COUNT_OVERFLOW 3, r19
chunk_done:
        FLUSH   0, r3, r16
        FLUSH   1, r5, r17
        FLUSH   2, r7, r18
        FLUSH   3, r9, r19
        FLUSH   4, r11, r20
        FLUSH   5, r13, r21
        FLUSH   6, r15, r22
        FLUSH   7, r25, r23
        tst     INPUT
        brne    sums_done
        rjmp    next_input

        COUNT_OVERFLOW 4, r20
        COUNT_OVERFLOW 5, r21
        COUNT_OVERFLOW 6, r22
        COUNT_OVERFLOW 7, r23

sums_done:
        pop     r29
        pop     r28
        STORE_SUM 0, r2, r16
        STORE_SUM 1, r4, r17
        STORE_SUM 2, r6, r18
        STORE_SUM 3, r8, r19
        STORE_SUM 4, r10, r20
        STORE_SUM 5, r12, r21
        STORE_SUM 6, r14, r22
        STORE_SUM 7, r24, r23
        call    mk_avr_requantize_group
        breq    position_done
        rjmp    next_group
position_done:
        RETURN_TO_C

#if defined(__AVR_3_BYTE_PC__)
#define RETURN_BYTES 3
#else
#define RETURN_BYTES 2
#endif
overflow:                               ; of the sum whose third byte is WEIGHT behind the tile's first; T: upwards
        push    r26
        push    r27
        in      r26, _SFR_IO_ADDR(SPL)
        in      r27, _SFR_IO_ADDR(SPH)
        adiw    r26, 3 + RETURN_BYTES
        ld      r0, X+
        ld      r26, X
        mov     r27, r0
        adiw    r26, MK_AVR_SUMS
        add     r26, WEIGHT
        brcc    1f
        inc     r27
1:      ld      r0, X
        dec     r0
        brts    2f
        inc     r0
        inc     r0
2:      st      X, r0
        pop     r27
        pop     r26
        ret
        END_FUNCTION mk_avr_differences

; uint8_t mk_avr_list_differences(uint8_t *list, const int8_t *from, uint8_t count, int8_t zero_point)
; 17 cycles per difference, 8 per zero.
#define ZERO_POINT r18
#define DIFFERENCE r19
#define LEFT r20
#define ROOM_USED r21   /* by the chunk, less 1 */
#define ZEROS r22       /* that are still to be listed, 8 for each */
#define SIZE r23

        FUNCTION mk_avr_list_differences
        movw    r26, r22
        movw    r30, r24
        clr     ROOM_USED
        clr     ZEROS
next:
        ld      DIFFERENCE, X+
        sub     DIFFERENCE, ZERO_POINT
        brvs    no_byte
        breq    zero
        tst     ZEROS
        brne    list_zeros
zeros_listed:
        mov     SIZE, DIFFERENCE
        sbrc    SIZE, 7
        neg     SIZE
        add     ROOM_USED, SIZE
        brcs    chunk_ends
fits:
        st      Z+, DIFFERENCE
        dec     LEFT
        brne    next
ended:
        st      Z+, r1
        ldi     r24, MK_AVR_DIFFERENCES_END
        st      Z, r24
        ret
no_byte:
        clr     r24
        ret
list_zeros:
        st      Z+, r1
        st      Z+, ZEROS
        clr     ZEROS
        rjmp    zeros_listed
chunk_ends:                             ; before this one
        st      Z+, r1
        st      Z+, r1
        mov     ROOM_USED, SIZE
        dec     ROOM_USED
        rjmp    fits
zero:
        subi    ZEROS, -8
        dec     LEFT
        breq    ended
        cpi     ZEROS, 8 * 31
        brne    next
        st      Z+, r1
        st      Z+, ZEROS
        clr     ZEROS
        rjmp    next
        END_FUNCTION mk_avr_list_differences
