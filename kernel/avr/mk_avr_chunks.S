; mk_avr_chunks.S: see mk_avr_chunks.h.
#include "mk_avr_window_macros.h"

; void mk_avr_chunks(struct mk_avr_window *w)
; First half: 16-bit sums of a chunk (low, middle) in r2 r3, r4 r5 ... r14 r15, r20 r21, r22 r23: three positions of channel
; 0, then of channels 1 and 2. Their 24 bits, in the tile's scratch: the low byte, written last; the middle bytes' sum, signed;
; and how often that has overflowed. X = segments, Z = weights.
; Per step 52.5 cycles for 9 multiply-accumulates: three weights 9, each position 2 to load and 4 per product (MULS 2, ADD,
; ADC), 1.5 for the loop. Per segment about 17, per chunk about 64.
#define WEIGHT_0 r16
#define WEIGHT_1 r17
#define WEIGHT_2 r18
#define INPUT r19
#define LEFT r24        /* steps of the segment, in twos */
#define END r25         /* what comes after them */

; In the tile, behind the nine sums: the window's offset before its positions; what is taken from inputs; and how many bytes of
; records, those for differences from the zero point, to leave out.
#define OFFSET_BEFORE (MK_AVR_SUMS + 27)
#define ZERO_POINT (MK_AVR_SUMS + 29)
#define LEFT_OUT MK_AVR_CACHED_GROUPS
#define RECORDS_BYTES 18

        .macro  MULTIPLY_ADD weight, low, middle
        muls    \weight, INPUT
        add     \low, r0
        adc     \middle, r1
        .endm

        .macro  STEP
        LOAD_FLASH WEIGHT_0, Z+
        LOAD_FLASH WEIGHT_1, Z+
        LOAD_FLASH WEIGHT_2, Z+
        ld      INPUT, X+
        MULTIPLY_ADD WEIGHT_0, r2, r3
        MULTIPLY_ADD WEIGHT_1, r8, r9
        MULTIPLY_ADD WEIGHT_2, r14, r15
        ld      INPUT, X+
        MULTIPLY_ADD WEIGHT_0, r4, r5
        MULTIPLY_ADD WEIGHT_1, r10, r11
        MULTIPLY_ADD WEIGHT_2, r20, r21
        ld      INPUT, X+
        MULTIPLY_ADD WEIGHT_0, r6, r7
        MULTIPLY_ADD WEIGHT_1, r12, r13
        MULTIPLY_ADD WEIGHT_2, r22, r23
        .endm

        /* of sum \index, whose middle byte goes to its 24 bits */
        .macro  FLUSH index, middle
        ldd     WEIGHT_0, Y + MK_AVR_SUMS + 3 * \index + 1
        add     WEIGHT_0, \middle
        brvs    overflow_\index
flushed_\index:
        std     Y + MK_AVR_SUMS + 3 * \index + 1, WEIGHT_0
        clr     \middle
        .endm

        .macro  COUNT_OVERFLOW index
overflow_\index:
        ldd     WEIGHT_1, Y + MK_AVR_SUMS + 3 * \index + 2
        inc     WEIGHT_1
        sbrs    WEIGHT_0, 7             ; upwards, if it now looks negative
        subi    WEIGHT_1, 2
        std     Y + MK_AVR_SUMS + 3 * \index + 2, WEIGHT_1
        rjmp    flushed_\index
        .endm

#include "mk_avr_positions_macros.h"

        .macro  TAKE_SUM
        ld      SUM_0, X+
        ld      SUM_1, X+
        ld      SUM_2, X+
        sbrc    SUM_1, 7
        dec     SUM_2
        add     SUM_0, BIAS_0
        adc     SUM_1, BIAS_1
        adc     SUM_2, BIAS_2
        .endm

; Between: inputs become segments. r2, r3, r4 = used of the chunk's room, less 1; X = inputs, Y = this segment, Z = its end; on the
; stack: the tile.
#define STEPS r5        /* of the segment */
#define SUBTRAHEND r6
#define VALUE_0 r16
#define VALUE_1 r17
#define VALUE_2 r18
#define BETWEEN r19     /* the segment and the next step: its second byte */
#define MASK_1 r20
#define MASK_2 r21
#define SIZE_0 r22
#define SIZE_1 r23
#define SIZE_2 r24
#define INPUTS_LEFT r25

        /* \value = the input at X, less the zero point; 0 where \mask is. */
        .macro  TAKE_DIFFERENCE value, mask
        ld      \value, X+
        subi    \value, 0x80
        .ifnb   \mask
        and     \value, \mask
        .endif
        sub     \value, SUBTRAHEND
        brvs    no_byte
        .ifnb   \mask
        and     \value, \mask
        .endif
        .endm

        .macro  MEASURE size, value
        mov     \size, \value
        sbrc    \size, 7
        neg     \size
        .endm

        /* room of a chunk that begins with \size */
        .macro  BEGIN_CHUNK used, size
        mov     \used, \size
        cpse    \used, NULL
        dec     \used
        .endm

        /* Z += count, below 256; destroys temp */
        .macro  ADVANCE_WEIGHTS count, temp
        add     r30, \count
        brcc    1f
        inc     r31
        brne    1f
        NEXT_BANK \temp
1:
        .endm

        FUNCTION mk_avr_chunks
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_positions:
        ldd     r24, Y + MK_AVR_WINDOW_POSITIONS
        ldd     r25, Y + MK_AVR_WINDOW_POSITIONS + 1
        ldi     r18, 3
        sbiw    r24, 3
        TAKE_AT_MOST r18, r24, r25, MK_AVR_WINDOW_POSITIONS
        ldd     r24, Y + MK_AVR_WINDOW_OFFSET
        ldd     r25, Y + MK_AVR_WINDOW_OFFSET + 1
        ldd     r19, Y + MK_AVR_WINDOW_PAD
        ldi     r20, 0
        adiw    r28, MK_AVR_WINDOW_TILE
        std     Y + OFFSET_BEFORE, r24
        std     Y + OFFSET_BEFORE + 1, r25
gather_positions:                       ; r18 of them
        std     Y + ZERO_POINT, r19
        std     Y + LEFT_OUT, r20
        sbiw    r28, MK_AVR_WINDOW_TILE
        GATHER_POSITIONS

gathered:
        ldd     SUBTRAHEND, Y + ZERO_POINT
        ldd     INPUTS_LEFT, Y + MK_AVR_OPERAND_COUNT
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        ldd     r18, Y + MK_AVR_PIXELS
        ser     MASK_1
        ser     MASK_2
        cpi     r18, 3
        brsh    2f
        clr     MASK_2
        cpi     r18, 2
        brsh    2f
        clr     MASK_1
2:      push    r28
        push    r29
        movw    r28, r26
        movw    r30, r26
        adiw    r30, 2
        subi    r26, lo8(-(MK_AVR_CHUNK_HEAD_BYTES))
        sbci    r27, hi8(-(MK_AVR_CHUNK_HEAD_BYTES))
        clr     r2
        clr     r3
        clr     r4
        clr     NULL
        clr     STEPS
        clr     BETWEEN
        rjmp    next_step
no_byte:                                ; takes the inputs as they are, and the other records
        pop     r29
        pop     r28
        ldd     r24, Y + OFFSET_BEFORE
        ldd     r25, Y + OFFSET_BEFORE + 1
        ldd     r18, Y + MK_AVR_PIXELS
        sbiw    r28, MK_AVR_WINDOW_TILE
        std     Y + MK_AVR_WINDOW_OFFSET, r24
        std     Y + MK_AVR_WINDOW_OFFSET + 1, r25
        adiw    r28, MK_AVR_WINDOW_TILE
        ldi     r19, 0
        ldi     r20, RECORDS_BYTES
        rjmp    gather_positions

next_step:
        TAKE_DIFFERENCE VALUE_0
        TAKE_DIFFERENCE VALUE_1, MASK_1
        TAKE_DIFFERENCE VALUE_2, MASK_2
        mov     SIZE_0, VALUE_0
        or      SIZE_0, VALUE_1
        or      SIZE_0, VALUE_2
        breq    zeros
        MEASURE SIZE_0, VALUE_0
        MEASURE SIZE_1, VALUE_1
        MEASURE SIZE_2, VALUE_2
        add     r2, SIZE_0
        brcs    chunk_ends
        add     r3, SIZE_1
        brcs    chunk_ends
        add     r4, SIZE_2
        brcs    chunk_ends
room_taken:
        tst     BETWEEN
        brne    segment_ends
segment_begun:
        st      Z+, VALUE_0
        st      Z+, VALUE_1
        st      Z+, VALUE_2
        inc     STEPS
step_taken:
        dec     INPUTS_LEFT
        brne    next_step
        tst     BETWEEN                 ; the weights of zeros, too, are passed
        breq    last_segment
        rcall   end_segment
last_segment:
        ldi     BETWEEN, MK_AVR_CHUNK_LAST
        rcall   end_segment
        pop     r29
        pop     r28
        MEASURE_POSITIONS
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        rjmp    begin_group
chunk_ends:                             ; before this step
        ori     BETWEEN, 1
        BEGIN_CHUNK r2, SIZE_0
        BEGIN_CHUNK r3, SIZE_1
        BEGIN_CHUNK r4, SIZE_2
        rjmp    room_taken
segment_ends:
        rcall   end_segment
        rjmp    segment_begun
zeros:
        subi    BETWEEN, -6
        cpi     BETWEEN, 6 * 42
        brne    step_taken
        rcall   end_segment
        rjmp    step_taken
end_segment:
        st      Y, STEPS
        std     Y + 1, BETWEEN
        movw    r28, r30
        adiw    r30, 2
        clr     STEPS
        clr     BETWEEN
        ret

        GATHER  3, MK_AVR_CHUNK_HEAD_BYTES

next_group:                             ; behind the records that were not left out
        ldi     r24, RECORDS_BYTES
        ldd     r25, Y + LEFT_OUT
        sub     r24, r25
        ADVANCE_WEIGHTS r24, r25
begin_group:
        clr     r2
        clr     r3
        .irp    pair, 4,6,8,10,12,14,20,22
        movw    r\pair, r2
        .endr
        .irp    index, 0,1,2,3,4,5,6,7,8
        std     Y + MK_AVR_SUMS + 3 * \index + 1, r2
        std     Y + MK_AVR_SUMS + 3 * \index + 2, r2
        .endr
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        rjmp    next_segment
no_steps:
        rjmp    segment_done
next_segment:
        ld      LEFT, X+
        ld      END, X+
        inc     LEFT                    ; in twos: an odd number enters in the middle
        lsr     LEFT
        breq    no_steps
        brcc    one
two:
        STEP
one:
        STEP
        dec     LEFT
        breq    segment_done
        rjmp    two
segment_done:
        lsr     END
        brcs    chunk_done
chunk_goes_on:
        ADVANCE_WEIGHTS END, LEFT
        rjmp    next_segment
chunk_done:
        FLUSH   0, r3
        FLUSH   1, r5
        FLUSH   2, r7
        FLUSH   3, r9
        FLUSH   4, r11
        FLUSH   5, r13
        FLUSH   6, r15
        FLUSH   7, r21
        FLUSH   8, r23
        cpi     END, MK_AVR_CHUNK_LAST / 2
        brne    chunk_goes_on_far
        rjmp    sums_done
chunk_goes_on_far:
        rjmp    chunk_goes_on

        .irp    index, 0,1,2,3,4,5,6,7,8
        COUNT_OVERFLOW \index
        .endr

sums_done:
        .set    offset, MK_AVR_SUMS
        .irp    low, 2,4,6,8,10,12,14,20,22
        std     Y + offset, r\low
        .set    offset, offset + 3
        .endr
        ldd     r24, Y + LEFT_OUT
        ADVANCE_WEIGHTS r24, r25
        FINISH_POSITIONS 3
        END_FUNCTION mk_avr_chunks
