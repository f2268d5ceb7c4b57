; mk_avr_sparse.S: see mk_avr_sparse.h.
#define INPUT r16
#define WEIGHT r17 /* or n */
#include "mk_avr_chunk_macros.h"
#include "mk_avr_window_macros.h"

; void mk_avr_sparse(struct mk_avr_large_window *w)
; 16-bit sums of a chunk (low, middle) in r2 r3, r4 r5 ... r14 r15, r24 r25; r18-r23, r28, r29: the sums of the middle bytes of
; chunks, signed. How often these overflow is counted, negated, in the third bytes of the sums in RAM. X = list, Z = the byte
; before the next entry's weights; T: the weights may cross a boundary; on the stack: the tile, groups left, and the sums of the group.
; Per entry 65 cycles: 8 for the entry, 7 for each of eight multiply-accumulates (LPM 3, MULSU 2, ADD, ADC), 1 more for the loop; 68 in
; groups by which weights cross a boundary of 64 KB of flash. Per chunk about 31, per group of eight channels about 95 more; per
; position, or four groups of it, 120, and requantisation.

        .macro  COUNT_OVERFLOW index
overflow_\index:
        ldi     INPUT, 2 * (3 * \index + 2)
        rcall   overflow
        rjmp    flushed_\index
        .endm

        /* The sum to RAM, where its third byte is, 2^15 larger. */
        .macro  STORE_SUM index, low, third
        subi    \third, 0x80
        std     Y + 3 * \index, \low
        std     Y + 3 * \index + 1, \third
        .endm

        FUNCTION mk_avr_sparse
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_position:
        ldd     r30, Y + MK_AVR_WINDOW_TILE + MK_AVR_OPERANDS
        ldd     r31, Y + MK_AVR_WINDOW_TILE + MK_AVR_OPERANDS + 1
        clt
        call    mk_avr_gather_window
        BEGIN_POSITION
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        rcall   step_back
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
1:
#if defined(__AVR_HAVE_ELPM__)
        clt
        ldd     r24, Y + MK_AVR_GROUP_BYTES
        ldd     r25, Y + MK_AVR_GROUP_BYTES + 1
        .rept   MK_AVR_WINDOW_GROUPS_LOG2
        lsl     r24
        rol     r25
        .endr
        add     r24, r30
        adc     r25, r31
        brcc    2f
        set                             ; one of them may cross a boundary
2:
#endif
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        subi    r28, lo8(MK_AVR_WINDOW_TILE - MK_AVR_WINDOW_SUMS)
        sbci    r29, hi8(MK_AVR_WINDOW_TILE - MK_AVR_WINDOW_SUMS)
next_group:                             ; Y = its sums, r16 = groups left
        push    r16
        push    r28
        push    r29
        clr     r2
        clr     r3
        .irp    index, 0,1,2,3,4,5,6,7
        std     Y + 3 * \index + 2, r2
        .endr
        .irp    pair, 4,6,8,10,12,14,18,20,22,24,28
        movw    r\pair, r2
        .endr
#if defined(__AVR_HAVE_ELPM__)
        brts    next_careful_entry
#endif
        rjmp    next_entry

#if defined(__AVR_HAVE_ELPM__)
careful_input:
        ld      INPUT, X+
        SIGNED_MULTIPLY_ADD_8 mulsu, Z
next_careful_entry:
        ld      WEIGHT, X+
        mov     INPUT, WEIGHT
        ori     INPUT, 7                ; n without marks
        sub     r30, INPUT
        sbci    r31, 0xFF               ; carry clear: past 64 KB
        brcs    1f
        NEXT_BANK r0
1:      sbrc    WEIGHT, 0
        rjmp    careful_input
        rjmp    chunk_done
#endif

next_input:
        ld      INPUT, X+
        SIGNED_MULTIPLY_ADD_8 mulsu, Z
next_entry:
        ld      WEIGHT, X+
        sub     r30, WEIGHT             ; Z += 256 - n
        sbci    r31, 0xFF
        sbrc    WEIGHT, 0
        rjmp    next_input
chunk_done:
        FLUSH   0, r3, r18
        FLUSH   1, r5, r19
        FLUSH   2, r7, r20
        FLUSH   3, r9, r21
        FLUSH   4, r11, r22
        FLUSH   5, r13, r23
        FLUSH   6, r15, r28
        FLUSH   7, r25, r29
        sbrs    WEIGHT, 1
        rjmp    list_done
#if defined(__AVR_HAVE_ELPM__)
        brts    to_careful_input
#endif
        sbiw    r30, 1                  ; for the mark
        rjmp    next_input
#if defined(__AVR_HAVE_ELPM__)
to_careful_input:
        rjmp    careful_input
#endif

        .irp    index, 0,1,2,3,4,5,6,7
        COUNT_OVERFLOW \index
        .endr

list_done:
        movw    r16, r28
        pop     r29
        pop     r28
        STORE_SUM 0, r2, r18
        STORE_SUM 1, r4, r19
        STORE_SUM 2, r6, r20
        STORE_SUM 3, r8, r21
        STORE_SUM 4, r10, r22
        STORE_SUM 5, r12, r23
        STORE_SUM 6, r14, r16
        STORE_SUM 7, r24, r17
        adiw    r28, MK_AVR_SUMS_BYTES
        ld      r24, X+                 ; the list, once more
        ld      r25, X
        movw    r26, r24
#if defined(__AVR_HAVE_ELPM__)
        brtc    1f
        rcall   step_back
        rjmp    2f
#endif
1:      sbiw    r30, 4                  ; for the mark, and 1
2:      pop     r16
        dec     r16
        breq    groups_done
        rjmp    next_group
groups_done:
        pop     r29
        pop     r28
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

step_back:                              ; to the byte before the group
        sbiw    r30, 1
#if defined(__AVR_HAVE_ELPM__)
        brcc    1f
        in      r24, _SFR_IO_ADDR(RAMPZ)
        dec     r24
        out     _SFR_IO_ADDR(RAMPZ), r24
1:
#endif
        ret

#if defined(__AVR_3_BYTE_PC__)
#define RETURN_BYTES 3
#else
#define RETURN_BYTES 2
#endif
overflow:                               ; of the sum whose third byte is INPUT / 2 behind the first; N: upwards
        brpl    1f
        inc     INPUT
1:      push    r26
        push    r27
        in      r26, _SFR_IO_ADDR(SPL)
        in      r27, _SFR_IO_ADDR(SPH)
        adiw    r26, 3 + RETURN_BYTES
        ld      r1, X+
        ld      r0, X
        movw    r26, r0
        lsr     INPUT
        sbc     r0, r0                  ; -1 upwards, else 0
        lsl     r0
        inc     r0
        add     r26, INPUT
        brcc    2f
        inc     r27
2:      ld      r1, X
        add     r1, r0
        st      X, r1
        pop     r27
        pop     r26
        ret
        END_FUNCTION mk_avr_sparse
