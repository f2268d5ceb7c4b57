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

; Second half. X = sums, Y = out, Z = the records of the pair, which stand behind its weights.
#define AMBIGUOUS_FROM r2
#define RANGE r3
#define ACT_MIN r4
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
#define CHANNELS r24 /* of the pair */
#define PIXELS_LEFT r25
#include "mk_avr_requantize_macros.h"

/* What the sums of the second and third position start from lies behind the six sums. */
#define CORRECTION_1 (MK_AVR_SUMS + 18)
#define CORRECTION_2 (MK_AVR_SUMS + 21)

        .macro  STORE_CORRECTION offset
        std     Y + \offset, r24
        std     Y + \offset + 1, r25
        std     Y + \offset + 2, r22
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
        adiw    r28, MK_AVR_WINDOW_TILE
        std     Y + MK_AVR_PIXELS, r18
        clr     r30
        rcall   gather
        sbiw    r28, MK_AVR_WINDOW_TILE
        BEGIN_POSITION
        ldd     r18, Y + MK_AVR_PIXELS
        cpi     r18, 2
        brlo    gathered
        ldi     r30, 1
        rcall   gather
        STORE_CORRECTION CORRECTION_1
        ldd     r18, Y + MK_AVR_PIXELS
        cpi     r18, 3
        brlo    gathered
        ldi     r30, 2
        rcall   gather
        STORE_CORRECTION CORRECTION_2
gathered:
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
next_pair:
        START_PIXEL MK_AVR_CORRECTION, r2, r3, r16, r8, r19
        START_PIXEL CORRECTION_1, r4, r5, r17, r10, r20
        START_PIXEL CORRECTION_2, r6, r7, r18, r12, r21
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        ldd     r24, Y + MK_AVR_PIXELS
        ldd     LEFT, Y + MK_AVR_OPERAND_COUNT
        cpi     r24, 3
        breq    three_pixels
        rjmp    two_pixels

gather:                                 ; Y = tile, r30 = which position; result as that of mk_avr_gather_window
        clr     r31
        ldd     r24, Y + MK_AVR_OPERANDS
        ldd     r25, Y + MK_AVR_OPERANDS + 1
        add     r30, r24
        adc     r31, r25
        ldi     r21, 3
        ldd     r24, Y + MK_AVR_PIXELS
        cpse    r24, r21
        ldi     r21, 2
        sbiw    r28, MK_AVR_WINDOW_TILE
        set
        call    mk_avr_gather_window
        adiw    r28, MK_AVR_WINDOW_TILE
        ret

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
        ldd     AMBIGUOUS_FROM, Y + MK_AVR_AMBIGUOUS_FROM
        ldd     RANGE, Y + MK_AVR_RANGE
        ldd     ACT_MIN, Y + MK_AVR_ACT_MIN
        ldd     OUT_STEP_0, Y + MK_AVR_PIXEL_BYTES
        ldd     OUT_STEP_1, Y + MK_AVR_PIXEL_BYTES + 1
        ldd     PIXELS, Y + MK_AVR_PIXELS
        clr     NULL
        ldi     CHANNELS, 2
        ldd     r18, Y + MK_AVR_CHANNELS
        ldd     r19, Y + MK_AVR_CHANNELS + 1
        sub     r18, CHANNELS
        sbc     r19, NULL
        brcc    1f
        ldi     CHANNELS, 1             ; an odd channel comes last
        clr     r18
        clr     r19
1:      std     Y + MK_AVR_CHANNELS, r18
        std     Y + MK_AVR_CHANNELS + 1, r19
        movw    r26, r28
        adiw    r26, MK_AVR_SUMS
        push    r28
        push    r29
        ldd     r18, Y + MK_AVR_OUT
        ldd     r19, Y + MK_AVR_OUT + 1
        movw    r28, r18
next_channel:
        push    r28
        push    r29
        LOAD_FLASH BIAS_0, Z+
        LOAD_FLASH BIAS_1, Z+
        LOAD_FLASH BIAS_2, Z+
        LOAD_FLASH M_0, Z+
        LOAD_FLASH M_1, Z+
        LOAD_FLASH M_2, Z+
        mov     PIXELS_LEFT, PIXELS
next_pixel:
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
        dec     PIXELS_LEFT
        breq    channel_done
        rjmp    next_pixel

rectified:
        st      Y, ACT_MIN
        rjmp    stored

        REQUANTIZE_BRANCHES

channel_done:
        pop     r29
        pop     r28
        adiw    r28, 1
        dec     CHANNELS
        breq    pair_done
        mov     r22, PIXELS             ; the second channel's sums lie behind three of the first
1:      cpi     r22, 3
        brsh    to_next_channel
        adiw    r26, 3
        inc     r22
        rjmp    1b
to_next_channel:
        rjmp    next_channel

pair_done:
        movw    r24, r28
        pop     r29
        pop     r28
        std     Y + MK_AVR_OUT, r24
        std     Y + MK_AVR_OUT + 1, r25
        ldd     r24, Y + MK_AVR_CHANNELS
        ldd     r25, Y + MK_AVR_CHANNELS + 1
        or      r24, r25
        breq    positions_done
        rjmp    next_pair

positions_done:                         ; out: behind all channels of all positions
        ldd     r24, Y + MK_AVR_OUT
        ldd     r25, Y + MK_AVR_OUT + 1
        dec     PIXELS
        mul     PIXELS, OUT_STEP_0
        add     r24, r0
        adc     r25, r1
        mul     PIXELS, OUT_STEP_1
        add     r25, r0
        std     Y + MK_AVR_OUT, r24
        std     Y + MK_AVR_OUT + 1, r25
        sbiw    r28, MK_AVR_WINDOW_TILE
        ldd     r24, Y + MK_AVR_WINDOW_POSITIONS
        ldd     r25, Y + MK_AVR_WINDOW_POSITIONS + 1
        or      r24, r25
        breq    row_done
        rjmp    next_positions
row_done:
        POP_CALLER_REGISTERS
        clr     r1
        ret

ambiguous:                              ; mk_avr_requantize_exactly(&tile.requant, channel, sum)
        push    CHANNELS
        push    PIXELS_LEFT
        push    r26
        push    r27
        push    r30
        push    r31
#if defined(__AVR_HAVE_ELPM__)
        in      r0, _SFR_IO_ADDR(RAMPZ)
        push    r0
#define PUSHED 7
#else
#define PUSHED 6
#endif
        mov     r26, CHANNELS
        in      r30, _SFR_IO_ADDR(SPL)
        in      r31, _SFR_IO_ADDR(SPH)
        ldd     r25, Z + PUSHED + 3     ; the tile, pushed before the channel's output
        ldd     r24, Z + PUSHED + 4
        movw    r30, r24
        movw    r18, SUM_0
        mov     r20, SUM_2
        CHANNEL_BEFORE r26, NULL
        adiw    r24, MK_AVR_REQUANT
        clr     r1
        call    mk_avr_requantize_exactly
        mov     RESULT, r24
#if defined(__AVR_HAVE_ELPM__)
        pop     r0
        out     _SFR_IO_ADDR(RAMPZ), r0
#endif
        pop     r31
        pop     r30
        pop     r27
        pop     r26
        pop     PIXELS_LEFT
        pop     CHANNELS
        rjmp    store
        END_FUNCTION mk_avr_dense
