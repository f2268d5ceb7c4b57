; mk_avr_dense.S: see mk_avr_dense.h.
#include "mk_avr_macros.h"

; void mk_avr_gather_dense(struct mk_avr_gather_dense *g, const int8_t *from, uint8_t count)
;                          r25:24                        r23:22              r20
; 12 cycles per input.
        FUNCTION mk_avr_gather_dense
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
        st      Z, r18
        add     r30, r21
        adc     r31, r1
        add     r24, r18
        adc     r25, r1
        dec     r20
        brne    1b
        std     Y + 0, r30
        std     Y + 1, r31
        std     Y + 3, r24
        std     Y + 4, r25
        pop     r29
        pop     r28
        ret
        END_FUNCTION mk_avr_gather_dense

; void mk_avr_dense(struct mk_avr_tile *t)
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

; Second half. X = sums, Y = out, Z = tile.
#define HALF r2
#define AMBIGUOUS_FROM r3
#define MOST_ABOVE r4
#define MOST_BELOW r5
#define ZERO_POINT r6
#define NULL r7
#define M_0 r8
#define M_1 r9
#define M_2 r10
#define BIAS_0 r11
#define BIAS_1 r12
#define BIAS_2 r13
#define PIXELS r14
#define OUT_STEP_0 r15
#define OUT_STEP_1 r16
#define FRACTION r17
#define RESULT r18
#define OVERFLOW r19
#define SUM_0 r20
#define SUM_1 r21
#define SUM_2 r23
#include "mk_avr_requantize_macros.h"

        FUNCTION mk_avr_dense
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_pair:
        START_PIXEL MK_AVR_CORRECTION, r2, r3, r16, r8, r19
        START_PIXEL MK_AVR_MORE_CORRECTIONS, r4, r5, r17, r10, r20
        START_PIXEL MK_AVR_MORE_CORRECTIONS + 3, r6, r7, r18, r12, r21
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        ldd     r24, Y + MK_AVR_PIXELS
        ldd     LEFT, Y + MK_AVR_OPERAND_COUNT
        cpi     r24, 3
        breq    three_pixels
        rjmp    two_pixels
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
        STORE_FLASH_POINTER MK_AVR_WEIGHTS, r24 ; now at the next pair
        STORE_SUM 0, r2, r3, r16
        STORE_SUM 1, r4, r5, r17
        STORE_SUM 2, r6, r7, r18
        STORE_SUM 3, r8, r9, r19
        STORE_SUM 4, r10, r11, r20
        STORE_SUM 5, r12, r13, r21
        movw    r26, r28
        adiw    r26, MK_AVR_SUMS
        ldd     HALF, Y + MK_AVR_HALF
        ldd     AMBIGUOUS_FROM, Y + MK_AVR_AMBIGUOUS_FROM
        ldd     MOST_ABOVE, Y + MK_AVR_MOST_ABOVE
        ldd     MOST_BELOW, Y + MK_AVR_MOST_BELOW
        ldd     ZERO_POINT, Y + MK_AVR_ZERO_POINT
        ldd     OUT_STEP_0, Y + MK_AVR_PIXEL_BYTES
        ldd     OUT_STEP_1, Y + MK_AVR_PIXEL_BYTES + 1
        clr     NULL
        set                             ; T: the first channel of the pair
next_channel:
        LOAD_FLASH_POINTER MK_AVR_RECORDS, r24
        LOAD_FLASH BIAS_0, Z+
        LOAD_FLASH BIAS_1, Z+
        LOAD_FLASH BIAS_2, Z+
        LOAD_FLASH M_0, Z+
        LOAD_FLASH M_1, Z+
        LOAD_FLASH M_2, Z+
        STORE_FLASH_POINTER MK_AVR_RECORDS, r24
        ldd     PIXELS, Y + MK_AVR_PIXELS
        ldd     r24, Y + MK_AVR_OUT
        ldd     r25, Y + MK_AVR_OUT + 1
        movw    r30, r28                ; Z = tile
        movw    r28, r24                ; Y = out
        adiw    r24, 1
        std     Z + MK_AVR_OUT, r24
        std     Z + MK_AVR_OUT + 1, r25
        clr     r24                     ; a copy of T, which requantisation needs
        bld     r24, 0
        push    r24
next_pixel:
        clt
        ld      SUM_0, X+
        ld      SUM_1, X+
        ld      r22, X+                 ; the third byte comes negated
        add     SUM_0, BIAS_0
        adc     SUM_1, BIAS_1
        mov     SUM_2, BIAS_2
        adc     SUM_2, NULL
        sub     SUM_2, r22
        REQUANTIZE
store:
        st      Y, RESULT
stored:
        add     r28, OUT_STEP_0
        adc     r29, OUT_STEP_1
        dec     PIXELS
        breq    channel_done
        rjmp    next_pixel

        REQUANTIZE_BRANCHES
rectified:
        st      Y, ZERO_POINT
        rjmp    stored

channel_done:
        movw    r28, r30                ; Y = tile
        ldd     r24, Y + MK_AVR_CHANNELS
        ldd     r25, Y + MK_AVR_CHANNELS + 1
        sbiw    r24, 1
        std     Y + MK_AVR_CHANNELS, r24
        std     Y + MK_AVR_CHANNELS + 1, r25
        pop     r22
        breq    positions_done
        bst     r22, 0
        brts    second_channel
        rjmp    next_pair
second_channel:
        clt
        movw    r26, r28
        adiw    r26, MK_AVR_SUMS + 9
        rjmp    next_channel

positions_done:
        POP_CALLER_REGISTERS
        clr     r1
        ret

ambiguous:                              ; mk_avr_requantize_exactly(tile, sum, out)
        SUM_TO_ARGUMENT
        push    r26
        push    r27
        push    r30
        push    r31
        movw    r24, r30
        movw    r18, r28
        clr     r1
        call    mk_avr_requantize_exactly
        pop     r31
        pop     r30
        pop     r27
        pop     r26
        rjmp    stored
        END_FUNCTION mk_avr_dense
