; mk_avr_steady.S: see mk_avr_steady.h. Every conditional branch depends on counts of channels, taps and runs, or on a record.
#include "mk_avr_group.h"

; mk_avr_steady_group: Y = tile. Takes tile.sums, reads the records of at most eight channels, writes the outputs, and advances
; tile.records, .out and .channels. Keeps Y; destroys all other registers. Not callable from C: returns with the Z flag set
; when no channels are left. 153 cycles per output of shift 32, 155 of shift 40.
#define NULL r9
#define MOST_ABOVE r10
#define MOST_BELOW r11
#define ZERO_POINT r12
#define LEFT r16
#define TEMP r17
#define DIGIT r18       /* of the multiplier */
#define SIGN r19        /* 0xFF: the sum is negative */
#define SUM_0 r20
#define SUM_1 r21
#define SUM_2 r22
#define CARRIES r23

        /* product += SUM * DIGIT; the bytes from \b3 on were 0 */
        .macro  MULTIPLY_DIGIT b0, b1, b2, b3
        LOAD_FLASH DIGIT, Z+
        mul     SUM_0, DIGIT
        add     \b0, r0
        adc     \b1, r1
        adc     \b2, NULL
        adc     \b3, NULL
        mul     SUM_1, DIGIT
        add     \b1, r0
        adc     \b2, r1
        adc     \b3, NULL
        mul     SUM_2, DIGIT
        add     \b2, r0
        adc     \b3, r1
        .endm

        FUNCTION mk_avr_steady_group
        clr     NULL
        ldd     MOST_ABOVE, Y + MK_AVR_RANGE
        ldd     MOST_BELOW, Y + MK_AVR_BELOW
        sub     MOST_ABOVE, MOST_BELOW
        ldd     ZERO_POINT, Y + MK_AVR_ACT_MIN
        add     ZERO_POINT, MOST_BELOW
        ; LEFT = min(channels, 8); channels -= LEFT
        ldd     r24, Y + MK_AVR_CHANNELS
        ldd     r25, Y + MK_AVR_CHANNELS + 1
        ldi     LEFT, 8
        cp      r24, LEFT
        cpc     r25, NULL
        brsh    1f
        mov     LEFT, r24
1:      sub     r24, LEFT
        sbc     r25, NULL
        std     Y + MK_AVR_CHANNELS, r24
        std     Y + MK_AVR_CHANNELS + 1, r25
        LOAD_FLASH_POINTER MK_AVR_RECORDS, r24
        ldd     r24, Y + MK_AVR_OUT
        ldd     r25, Y + MK_AVR_OUT + 1
        movw    r26, r28
        adiw    r26, MK_AVR_SUMS
        push    r28
        push    r29
        movw    r28, r24                ; X = sums, Y = out, Z = records
next_channel:
        ld      SUM_0, X+
        ld      SUM_1, X+
        ld      CARRIES, X+             ; the third byte comes negated
        LOAD_FLASH TEMP, Z+
        add     SUM_0, TEMP
        LOAD_FLASH TEMP, Z+
        adc     SUM_1, TEMP
        LOAD_FLASH SUM_2, Z+
        adc     SUM_2, NULL
        sub     SUM_2, CARRIES
        mov     SIGN, SUM_2             ; SUM = its size
        lsl     SIGN
        sbc     SIGN, SIGN
        eor     SUM_0, SIGN
        eor     SUM_1, SIGN
        eor     SUM_2, SIGN
        sub     SUM_0, SIGN
        sbc     SUM_1, SIGN
        sbc     SUM_2, SIGN
        .irp    n, 2,3,4,5,6,7,8
        clr     r\n
        .endr
        MULTIPLY_DIGIT r2, r3, r4, r5
        MULTIPLY_DIGIT r3, r4, r5, r6
        MULTIPLY_DIGIT r4, r5, r6, r7
        MULTIPLY_DIGIT r5, r6, r7, r8
        LOAD_FLASH DIGIT, Z+            ; the addend
        add     r3, DIGIT
        LOAD_FLASH DIGIT, Z+
        adc     r4, DIGIT
        LOAD_FLASH DIGIT, Z+
        adc     r5, DIGIT
        LOAD_FLASH DIGIT, Z+
        adc     r6, DIGIT
        adc     r7, NULL
        adc     r8, NULL
        LOAD_FLASH DIGIT, Z+            ; a shift of 32 or 40
        tst     DIGIT
        breq    1f
        mov     r6, r7
        mov     r7, r8
        clr     r8
1:      or      r7, r8                  ; r6 = 255 if more than a byte
        cp      NULL, r7
        sbc     TEMP, TEMP
        or      r6, TEMP
        mov     TEMP, MOST_ABOVE        ; the bound on the side of the sum
        eor     TEMP, MOST_BELOW
        and     TEMP, SIGN
        eor     TEMP, MOST_ABOVE
        cp      r6, TEMP                ; the smaller one
        sbc     CARRIES, CARRIES
        sub     r6, TEMP
        and     r6, CARRIES
        add     r6, TEMP
        eor     r6, SIGN                ; with the sum's sign
        sub     r6, SIGN
        add     r6, ZERO_POINT
        st      Y+, r6
        dec     LEFT
        breq    group_done
        rjmp    next_channel
group_done:
        END_OUTPUTS
        STORE_FLASH_POINTER MK_AVR_RECORDS, r24
        ldd     r24, Y + MK_AVR_CHANNELS
        ldd     r25, Y + MK_AVR_CHANNELS + 1
        or      r24, r25
        ret
        END_FUNCTION mk_avr_steady_group

; void mk_avr_steady_finish(struct mk_avr_tile *t)
        FUNCTION mk_avr_steady_finish
        PUSH_CALLER_REGISTERS
        movw    r28, r24
        call    mk_avr_steady_group
        RETURN_TO_C
        END_FUNCTION mk_avr_steady_finish

; void mk_avr_steady_runs(struct mk_avr_tile *t)
; Registers: mk_avr_group.h. Per input and group of eight channels 70 cycles.
        FUNCTION mk_avr_steady_runs
        PUSH_CALLER_REGISTERS
        movw    r28, r24
runs_next_group:
        BEGIN_GROUP
        START_SUMS
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
next_run:
        ld      r0, X+
        ld      r1, X+
        ld      r29, X+
        tst     r29
        breq    runs_done
        push    r26
        push    r27
        movw    r26, r0
next_input:
        ld      r28, X+
        subi    r28, 0x80
        MULTIPLY_ADD_8 Z+
        dec     r29
        brne    next_input
        pop     r27
        pop     r26
        rjmp    next_run
runs_done:
        pop     r29
        pop     r28
        STORE_SUMS
        call    mk_avr_steady_group
        breq    runs_position_done
        rjmp    runs_next_group
runs_position_done:
        RETURN_TO_C
        END_FUNCTION mk_avr_steady_runs

; void mk_avr_steady_taps(struct mk_avr_tile *t)
; Sums of four channels: r2 r3 r4, r5 r6 r7, r8 r9 r10, r11 r12 r13. Per tap and four channels 59 cycles.
#define PAD r14         /* and r15: four inputs that stand for the padding */
#define INPUT r16
#define WEIGHT r17
#define COUNT r18
#define ZERO r20
#define CHANNEL r21

        .macro  SIGNED_MULTIPLY_ADD low, middle, high
        ld      INPUT, X+
        subi    INPUT, 0x80
        LOAD_FLASH WEIGHT, Z+
        mulsu   WEIGHT, INPUT
        sbc     \high, ZERO             ; carry = sign of the product
        add     \low, r0
        adc     \middle, r1
        adc     \high, ZERO
        .endm

        .macro  STORE_SUM low, middle, high
        st      X+, \low
        st      X+, \middle
        neg     \high
        st      X+, \high
        .endm

        FUNCTION mk_avr_steady_taps
        PUSH_CALLER_REGISTERS
        movw    r28, r24
        clr     CHANNEL
taps_next_group:
        clr     ZERO
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        movw    r26, r28
        adiw    r26, MK_AVR_MORE_CORRECTIONS
        movw    PAD, r26
        clt                             ; T: the second four of eight channels
next_four:
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13
        clr     r\n
        .endr
        ldd     COUNT, Y + MK_AVR_OPERAND_COUNT
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        movw    r28, r26
next_tap:
        ld      r26, Y+
        ld      r27, Y+
        tst     r27                     ; no tensor lies below address 256
        breq    padding
        add     r26, CHANNEL
        adc     r27, ZERO
have_inputs:
        SIGNED_MULTIPLY_ADD r2, r3, r4
        SIGNED_MULTIPLY_ADD r5, r6, r7
        SIGNED_MULTIPLY_ADD r8, r9, r10
        SIGNED_MULTIPLY_ADD r11, r12, r13
        dec     COUNT
        brne    next_tap
        pop     r29
        pop     r28
        movw    r26, r28
        adiw    r26, MK_AVR_SUMS
        brtc    1f
        adiw    r26, 12
1:      STORE_SUM r2, r3, r4
        STORE_SUM r5, r6, r7
        STORE_SUM r8, r9, r10
        STORE_SUM r11, r12, r13
        subi    CHANNEL, -4
        brts    have_eight
        set
        rjmp    next_four
padding:
        movw    r26, PAD
        rjmp    have_inputs
have_eight:
        STORE_FLASH_POINTER MK_AVR_WEIGHTS, r24
        push    CHANNEL
        call    mk_avr_steady_group
        pop     CHANNEL
        breq    taps_position_done
        rjmp    taps_next_group
taps_position_done:
        RETURN_TO_C
        END_FUNCTION mk_avr_steady_taps
