; mk_avr_dense.S: see mk_avr_dense.h.
#include "mk_avr_window_macros.h"

; void mk_avr_dense(struct mk_avr_window *w)
; First half: sums (low, middle, third byte as a negative count of carries: see mk_avr_group.h) in
;   channel 0: r2 r3 r16, r4 r5 r17, r6 r7 r18;  channel 1: r8 r9 r19, r10 r11 r20, r12 r13 r21.
; Per input of three positions 43.5 cycles for 6 multiply-accumulates, of two 31.5 for 4: two weights 6, each position 2 to
; load and 5 per product (MUL 2, ADD, ADC, SBCI), 1.5 for the loop.
#define WEIGHT_0 r22
#define WEIGHT_1 r23
#define INPUT r24
#define LEFT r25

        .macro  MULTIPLY_ADD weight, low, middle, third
        mul     \weight, INPUT
        add     \low, r0
        adc     \middle, r1
        sbci    \third, 0
        .endm

        .macro  STEP pixels
        LOAD_FLASH WEIGHT_0, Z+
        LOAD_FLASH WEIGHT_1, Z+
        ld      INPUT, X+
        MULTIPLY_ADD WEIGHT_0, r2, r3, r16
        MULTIPLY_ADD WEIGHT_1, r8, r9, r19
        ld      INPUT, X+
        MULTIPLY_ADD WEIGHT_0, r4, r5, r17
        MULTIPLY_ADD WEIGHT_1, r10, r11, r20
        .if     \pixels == 3
        ld      INPUT, X+
        MULTIPLY_ADD WEIGHT_0, r6, r7, r18
        MULTIPLY_ADD WEIGHT_1, r12, r13, r21
        .endif
        .endm

        /* (low, middle, third) of both channels = a correction of the tile */
        .macro  START_PIXEL offset, low, middle, third, low_1, third_1
        ldd     \low, Y + \offset
        ldd     \middle, Y + \offset + 1
        ldd     \third, Y + \offset + 2
        movw    \low_1, \low
        mov     \third_1, \third
        .endm

        .macro  STORE_SUM index, low, middle, third
        std     Y + MK_AVR_SUMS + 3 * \index, \low
        std     Y + MK_AVR_SUMS + 3 * \index + 1, \middle
        std     Y + MK_AVR_SUMS + 3 * \index + 2, \third
        .endm

#include "mk_avr_positions_macros.h"

        .macro  TAKE_SUM
        ld      SUM_0, X+
        ld      SUM_1, X+
        ld      r22, X+                 ; the third byte comes negated
        add     SUM_0, BIAS_0
        adc     SUM_1, BIAS_1
        mov     SUM_2, BIAS_2
        adc     SUM_2, NULL
        sub     SUM_2, r22
        .endm

/* What the sums of the second and third position start from lies behind the six sums. */
#define CORRECTION(position) (MK_AVR_SUMS + 15 + 3 * position)

        .macro  STORE_CORRECTION position
        std     Y + CORRECTION(\position), r24
        std     Y + CORRECTION(\position) + 1, r25
        std     Y + CORRECTION(\position) + 2, r22
        .endm

        FUNCTION mk_avr_dense
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_positions:
        ldd     r24, Y + MK_AVR_WINDOW_POSITIONS
        ldd     r25, Y + MK_AVR_WINDOW_POSITIONS + 1
        ldi     r18, 3
        sbiw    r24, 4
        brcs    fewer_than_4
        brne    1f
        ldi     r18, 2
        rjmp    1f
fewer_than_4:
        mov     r18, r24
        subi    r18, -4
1:      adiw    r24, 4
        sub     r24, r18
        sbci    r25, 0
        std     Y + MK_AVR_WINDOW_POSITIONS, r24
        std     Y + MK_AVR_WINDOW_POSITIONS + 1, r25
        GATHER_POSITIONS STORE_CORRECTION
gathered:
        MEASURE_POSITIONS
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
next_group:
        START_PIXEL MK_AVR_CORRECTION, r2, r3, r16, r8, r19
        START_PIXEL CORRECTION(1), r4, r5, r17, r10, r20
        START_PIXEL CORRECTION(2), r6, r7, r18, r12, r21
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        ldd     r24, Y + MK_AVR_PIXELS
        ldd     LEFT, Y + MK_AVR_OPERAND_COUNT
        cpi     r24, 3
        breq    three_pixels
        rjmp    two_pixels

        GATHER  2

three_pixels:
        inc     LEFT                    ; in twos: an odd number enters in the middle
        lsr     LEFT
        brcc    three_odd
three_even:
        STEP    3
three_odd_step:
        STEP    3
        dec     LEFT
        brne    three_even
        rjmp    sums_done
three_odd:
        rjmp    three_odd_step
two_pixels:
        inc     LEFT
        lsr     LEFT
        brcc    two_odd
two_even:
        STEP    2
two_odd:
        STEP    2
        dec     LEFT
        brne    two_even
sums_done:
        STORE_SUM 0, r2, r3, r16
        STORE_SUM 1, r4, r5, r17
        STORE_SUM 2, r6, r7, r18
        STORE_SUM 3, r8, r9, r19
        STORE_SUM 4, r10, r11, r20
        STORE_SUM 5, r12, r13, r21
        FINISH_POSITIONS 2
        END_FUNCTION mk_avr_dense
