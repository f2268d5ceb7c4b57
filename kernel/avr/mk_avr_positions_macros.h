/* mk_avr_positions_macros.h: what the tiles share that sum a group of channels at up to three positions at a time
 * (mk_avr_dense.S, mk_avr_chunks.S): how their inputs are gathered, and the second half, from the sums, in the tile's scratch, to
 * outputs. Included by .S files only, which then define the macro TAKE_SUM: SUM_2 SUM_1 SUM_0 = the sum at X+ and the
 * channel's bias, the flags those of SUM_2. */
#ifndef MK_AVR_POSITIONS_MACROS_H
#define MK_AVR_POSITIONS_MACROS_H

/* X = sums, Y = out, Z = the records of the group, which stand behind its weights. */
#define AMBIGUOUS_FROM r2
#define RANGE r3
#define ACT_MIN r4
#define BACK_0 r5 /* and BACK_1: from behind a channel's outputs to the next channel's first */
#define BACK_1 r6
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
#define CHANNELS r24 /* of the group */
#define PIXELS_LEFT r25
#include "mk_avr_requantize_macros.h"

/* BACK, in the tile. */
#define MK_AVR_BACK MK_AVR_CACHED

        /* Y = window, r18 = positions: gathers their inputs. Then Y = tile at the first of them. Falls through to `gathered`, which
         * must follow; `store_correction position`: a macro that takes what GATHER returns for position 1 or 2, or empty. */
        .macro  GATHER_POSITIONS store_correction
        adiw    r28, MK_AVR_WINDOW_TILE
        std     Y + MK_AVR_PIXELS, r18
        clr     r30
        rcall   gather
        sbiw    r28, MK_AVR_WINDOW_TILE
        BEGIN_POSITION
        .irp    position, 1,2
        ldd     r18, Y + MK_AVR_PIXELS
        cpi     r18, \position + 1
        brlo    gathered
        ldi     r30, \position
        rcall   gather
        .ifnb   \store_correction
        \store_correction \position
        .endif
        .endr
        .endm

        /* The function that GATHER_POSITIONS calls: Y = tile, r30 = which position; result as that of mk_avr_gather_window. Inputs of
         * a position lie three bytes apart, or, if there are fewer positions, `fewer`, from `ahead` bytes behind tile.operands on. */
        .macro  GATHER fewer, ahead=0
gather:
        clr     r31
        ldd     r24, Y + MK_AVR_OPERANDS
        ldd     r25, Y + MK_AVR_OPERANDS + 1
        add     r30, r24
        adc     r31, r25
        .if     \ahead
        subi    r30, lo8(-(\ahead))
        sbci    r31, hi8(-(\ahead))
        .endif
        ldi     r21, 3
        .if     \fewer != 3
        ldd     r24, Y + MK_AVR_PIXELS
        cpse    r24, r21
        ldi     r21, \fewer
        .endif
        sbiw    r28, MK_AVR_WINDOW_TILE
        set
        call    mk_avr_gather_window
        adiw    r28, MK_AVR_WINDOW_TILE
        ret
        .endm

        /* Y = tile, whose positions are known. Comes before FINISH_POSITIONS; destroys r18, r19, r24, r25. */
        .macro  MEASURE_POSITIONS
        ldd     r18, Y + MK_AVR_PIXELS
        ldd     r19, Y + MK_AVR_PIXEL_BYTES
        mul     r18, r19
        movw    r24, r0
        ldd     r19, Y + MK_AVR_PIXEL_BYTES + 1
        mul     r18, r19
        add     r25, r0
        sbiw    r24, 1
        std     Y + MK_AVR_BACK, r24
        std     Y + MK_AVR_BACK + 1, r25
        .endm

        /* Y = tile, with three sums per channel, whatever the number of positions; Z = records. Goes to next_group while
         * channels are left, and to next_positions while positions of the window are; returns from the function. */
        .macro  FINISH_POSITIONS group
        ldd     AMBIGUOUS_FROM, Y + MK_AVR_AMBIGUOUS_FROM
        ldd     RANGE, Y + MK_AVR_RANGE
        ldd     ACT_MIN, Y + MK_AVR_ACT_MIN
        ldd     OUT_STEP_0, Y + MK_AVR_PIXEL_BYTES
        ldd     OUT_STEP_1, Y + MK_AVR_PIXEL_BYTES + 1
        ldd     PIXELS, Y + MK_AVR_PIXELS
        ldd     BACK_0, Y + MK_AVR_BACK
        ldd     BACK_1, Y + MK_AVR_BACK + 1
        clr     NULL
        ldi     CHANNELS, \group
        ldd     r18, Y + MK_AVR_CHANNELS
        ldd     r19, Y + MK_AVR_CHANNELS + 1
        sub     r18, CHANNELS
        sbc     r19, NULL
        TAKE_AT_MOST CHANNELS, r18, r19, MK_AVR_CHANNELS
        movw    r26, r28
        adiw    r26, MK_AVR_SUMS
        push    r28
        push    r29
        ldd     r18, Y + MK_AVR_OUT
        ldd     r19, Y + MK_AVR_OUT + 1
        movw    r28, r18
next_channel:
        LOAD_RECORD
        mov     PIXELS_LEFT, PIXELS
next_pixel:
        TAKE_SUM
        REQUANTIZE
store:
        st      Y, RESULT
stored:
        add     r28, OUT_STEP_0
        adc     r29, OUT_STEP_1
        dec     PIXELS_LEFT
        brne    next_pixel
        rjmp    channel_done

rectified:
        st      Y, ACT_MIN
        rjmp    stored

        REQUANTIZE_BRANCHES

channel_done:
        sub     r28, BACK_0
        sbc     r29, BACK_1
        dec     CHANNELS
        breq    group_done
        mov     r22, PIXELS             ; the next channel's sums lie behind three of this one
1:      cpi     r22, 3
        brsh    to_next_channel
        adiw    r26, 3
        inc     r22
        rjmp    1b
to_next_channel:
        rjmp    next_channel

group_done:
        END_OUTPUTS
        ldd     r24, Y + MK_AVR_CHANNELS
        ldd     r25, Y + MK_AVR_CHANNELS + 1
        or      r24, r25
        breq    positions_done
        rjmp    next_group

positions_done:                         ; out: behind all channels of all positions
        ldd     r24, Y + MK_AVR_OUT
        ldd     r25, Y + MK_AVR_OUT + 1
        adiw    r24, 1
        add     r24, BACK_0
        adc     r25, BACK_1
        sub     r24, OUT_STEP_0
        sbc     r25, OUT_STEP_1
        std     Y + MK_AVR_OUT, r24
        std     Y + MK_AVR_OUT + 1, r25
        sbiw    r28, MK_AVR_WINDOW_TILE
        ldd     r24, Y + MK_AVR_WINDOW_POSITIONS
        ldd     r25, Y + MK_AVR_WINDOW_POSITIONS + 1
        or      r24, r25
        breq    row_done
        rjmp    next_positions
row_done:
        RETURN_TO_C

ambiguous:                              ; mk_avr_requantize_exactly(&tile.requant, channel, sum)
        push    CHANNELS
        push    PIXELS_LEFT
        push    r26
        push    r27
        push    r30
        push    r31
        PUSH_BANK
#if defined(__AVR_HAVE_ELPM__)
#define PUSHED 7
#else
#define PUSHED 6
#endif
        mov     r26, CHANNELS
        in      r30, _SFR_IO_ADDR(SPL)
        in      r31, _SFR_IO_ADDR(SPH)
        ldd     r25, Z + PUSHED + 1     ; the tile
        ldd     r24, Z + PUSHED + 2
        movw    r30, r24
        movw    r18, SUM_0
        mov     r20, SUM_2
        CHANNEL_BEFORE r26, NULL
        adiw    r24, MK_AVR_REQUANT
        REQUANTIZE_EXACTLY
        pop     r31
        pop     r30
        pop     r27
        pop     r26
        pop     PIXELS_LEFT
        pop     CHANNELS
        rjmp    store
        .endm

#endif
