; mk_avr_chunks.S: see mk_avr_chunks.h.
#include "mk_avr_window_macros.h"

; void mk_avr_chunks(struct mk_avr_large_window *w)
; First half: 16-bit sums of a chunk (low, middle) in r2 r3, r4 r5 ... r14 r15, r20 r21, r22 r23: three positions of channel
; 0, then of channels 1 and 2. Their 24 bits, in the tile's scratch: the low byte, written last; the middle bytes' sum, signed;
; and how often that has overflowed.
; Per input 52 cycles for 9 multiply-accumulates: three weights 9, each position 2 to load and 4 per product (MULS 2, ADD,
; ADC), 1 for the loop. Per chunk about 88.
#define WEIGHT_0 r16
#define WEIGHT_1 r17
#define WEIGHT_2 r18
#define INPUT r19
#define LEFT r24        /* inputs of the chunk */
#define NEXT r25        /* from the tile to the length of the next chunk */

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

        /* \size = the size of the input at X, which is kept as a signed number; 0 where \mask is. */
        .macro  TAKE_SIZE size, mask
        ld      \size, X
        subi    \size, 0x80
        .ifnb   \mask
        and     \size, \mask
        .endif
        st      X+, \size
        sbrc    \size, 7
        neg     \size
        .endm

        /* room of a chunk that begins with \size */
        .macro  BEGIN_CHUNK used, size
        mov     \used, \size
        cpse    \used, r5
        dec     \used
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
        GATHER_POSITIONS

; Cuts the inputs into chunks. r2, r3, r4 = their sizes' sums, less 1; r24 = inputs of this chunk; Z = lengths of chunks.
gathered:
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        movw    r30, r28
        subi    r30, -(MK_AVR_WINDOW_SUMS - MK_AVR_WINDOW_TILE)
        sbci    r31, 0xFF
        ldd     r18, Y + MK_AVR_PIXELS
        ser     r20
        ser     r21
        cpi     r18, 3
        brsh    2f
        clr     r21
        cpi     r18, 2
        brsh    2f
        clr     r20
2:      clr     r2
        clr     r3
        clr     r4
        clr     r5
        clr     r24
        ldd     r25, Y + MK_AVR_OPERAND_COUNT
next_size:
        TAKE_SIZE r16
        TAKE_SIZE r17, r20
        TAKE_SIZE r18, r21
        add     r2, r16
        brcs    chunk_ends
        add     r3, r17
        brcs    chunk_ends
        add     r4, r18
        brcs    chunk_ends
counted:
        inc     r24
        dec     r25
        brne    next_size
        st      Z+, r24
        st      Z, r5
        MEASURE_POSITIONS
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        rjmp    next_group
chunk_ends:                             ; before this input
        st      Z+, r24
        clr     r24
        BEGIN_CHUNK r2, r16
        BEGIN_CHUNK r3, r17
        BEGIN_CHUNK r4, r18
        rjmp    counted

        GATHER  3

next_group:
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
        ldi     NEXT, MK_AVR_WINDOW_SUMS - MK_AVR_WINDOW_TILE
next_chunk:
        movw    r16, r26
        movw    r26, r28
        ldi     r18, 0
        add     r26, NEXT
        adc     r27, r18
        ld      LEFT, X
        movw    r26, r16
        inc     NEXT
        mov     r16, LEFT
        subi    LEFT, -3                ; in fours: what is left over comes first
        lsr     LEFT
        lsr     LEFT
        brne    1f
        rjmp    sums_done
1:      sbrc    r16, 1
        rjmp    two_or_three
        sbrc    r16, 0
        rjmp    one
four:
        STEP
three:
        STEP
two:
        STEP
one:
        STEP
        dec     LEFT
        breq    chunk_done
        rjmp    four
two_or_three:
        sbrc    r16, 0
        rjmp    three
        rjmp    two
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
        rjmp    next_chunk

        .irp    index, 0,1,2,3,4,5,6,7,8
        COUNT_OVERFLOW \index
        .endr

sums_done:
        .set    offset, MK_AVR_SUMS
        .irp    low, 2,4,6,8,10,12,14,20,22
        std     Y + offset, r\low
        .set    offset, offset + 3
        .endr
        FINISH_POSITIONS 3
        END_FUNCTION mk_avr_chunks
