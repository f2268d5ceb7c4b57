; mk_avr_coded.S: see mk_avr_coded.h.
#include "mk_avr_group.h"

#define MK_AVR_INPUT_SUM MK_AVR_MORE_CORRECTIONS
#define MK_AVR_INPUT_COUNT (MK_AVR_MORE_CORRECTIONS + 3)

        /* Two channels from one byte of weights: 14 cycles (LPM 3, twice MUL 2, ADD, ADC, SBCI, and SWAP). */
        .macro  MULTIPLY_ADD_NIBBLES low, high, third, low_2, high_2, third_2
        LOAD_FLASH r29, Z+
        mul     r29, r28
        add     \low, r0
        adc     \high, r1
        sbci    \third, 0
        swap    r29
        mul     r29, r28
        add     \low_2, r0
        adc     \high_2, r1
        sbci    \third_2, 0
        .endm

        /* Tile to the stack; X = inputs, r0 = low byte of their number, below it on the stack how often 256 begin. */
        .macro  BEGIN_INPUTS
        push    r28
        push    r29
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        ldd     r0, Y + MK_AVR_INPUT_COUNT + 1
        push    r0
        ldd     r0, Y + MK_AVR_INPUT_COUNT
        .endm

; Registers of the second half. Sums of two channels: (r22, r17:r16) and (r23, r19:r18). Y = the sums in the tile,
; Z = corrections.
#define START_0 r2 /* base * sum x', to be subtracted */
#define START_1 r3
#define START_2 r4
#define NULL r5
#define INPUTS r6 /* and r7 */
#define SIGN r8
#define PAIRS r9
#define COUNT r10
#define CORRECTIONS r24
#define SIXTEEN r25

        /* (a2, a1, a0) = (16 b - a) / 255 modulo 2^24, which is (a - 16 b) * 0x010101. */
        .macro  UNMIX a0, a1, a2, b0, b1, b2
        mul     \b0, SIXTEEN
        sub     \a0, r0
        sbc     \a1, r1
        sbc     \a2, NULL
        mul     \b1, SIXTEEN
        sub     \a1, r0
        sbc     \a2, r1
        mul     \b2, SIXTEEN
        sub     \a2, r0
        add     \a2, \a1
        add     \a2, \a0
        add     \a1, \a0
        adc     \a2, NULL
        .endm

; void mk_avr_coded(struct mk_avr_tile *t)
; Registers while summing: mk_avr_group.h; r29 is a weight, and the counter lies on the stack.
; Per input and group of nibbles 67 cycles if nonzero, 14 if zero (of bytes 71 and 10). Then, once per group of nibbles,
; about 500, and 20 per correction; requantisation.
        FUNCTION mk_avr_coded
        PUSH_CALLER_REGISTERS
        movw    r28, r24
next_group:
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        LOAD_FLASH r24, Z+
        tst     r24
        breq    bytes
        rjmp    nibbles

; ---- A group of bytes ----
bytes:
        START_SUMS
        BEGIN_INPUTS
        mov     r29, r0
        rjmp    next_input
#if defined(__AVR_HAVE_ELPM__)
bank_crossed:
        NEXT_BANK r0
        rjmp    input_done
#endif
zero_input:
        adiw    r30, 8
#if defined(__AVR_HAVE_ELPM__)
        brcs    bank_crossed
#endif
        rjmp    input_done
next_input:
        ld      r28, X+
        subi    r28, 0x80
        breq    zero_input
        MULTIPLY_ADD_8 Z+
input_done:
        dec     r29
        brne    next_input
        pop     r0
        dec     r0
        push    r0
        brne    next_input
        pop     r0
        pop     r29                     ; Y = tile
        pop     r28
        STORE_SUMS
        rjmp    group_done

; ---- A group of nibbles ----
nibbles:
        clr     r2
        clr     r3
        .irp    pair, 4,6,8,10,12,14,16,18,20,22,24
        movw    r\pair, r2
        .endr
        BEGIN_INPUTS
        push    r0
        rjmp    next_nibbles
#if defined(__AVR_HAVE_ELPM__)
nibble_bank_crossed:
        NEXT_BANK r0
        rjmp    nibbles_done
#endif
zero_nibbles:
        adiw    r30, 4
#if defined(__AVR_HAVE_ELPM__)
        brcs    nibble_bank_crossed
#endif
        rjmp    nibbles_done
next_nibbles:
        ld      r28, X+
        subi    r28, 0x80
        breq    zero_nibbles
        MULTIPLY_ADD_NIBBLES r2, r3, r16, r4, r5, r17
        MULTIPLY_ADD_NIBBLES r6, r7, r18, r8, r9, r19
        MULTIPLY_ADD_NIBBLES r10, r11, r20, r12, r13, r21
        MULTIPLY_ADD_NIBBLES r14, r15, r22, r24, r25, r23
nibbles_done:
        pop     r0
        dec     r0
        push    r0
        brne    next_nibbles
        pop     r1                      ; 0, for another 256
        pop     r0
        dec     r0
        breq    unmix
        push    r0
        push    r1
        rjmp    next_nibbles

; ---- Nibbles to sums ----
unmix:
        pop     r29                     ; Y = tile
        pop     r28
        STORE_SUMS
        clr     NULL
        LOAD_FLASH r20, Z+              ; base
        ldd     r16, Y + MK_AVR_INPUT_SUM
        ldd     r17, Y + MK_AVR_INPUT_SUM + 1
        ldd     r18, Y + MK_AVR_INPUT_SUM + 2
        mul     r16, r20
        movw    START_0, r0
        clr     START_2
        mul     r17, r20
        add     START_1, r0
        adc     START_2, r1
        mul     r18, r20
        add     START_2, r0
        ldd     r6, Y + MK_AVR_OPERANDS
        ldd     r7, Y + MK_AVR_OPERANDS + 1
        push    r28
        push    r29
        adiw    r28, MK_AVR_SUMS
        ldi     SIXTEEN, 4
        mov     PAIRS, SIXTEEN
        ldi     SIXTEEN, 16
next_pair:
        ldd     r16, Y + 0
        ldd     r17, Y + 1
        ldd     r22, Y + 2              ; third bytes are negated in the tile
        neg     r22
        ldd     r18, Y + 3
        ldd     r19, Y + 4
        ldd     r23, Y + 5
        neg     r23
        movw    r20, r16
        mov     r24, r22
        UNMIX   r16, r17, r22, r18, r19, r23
        UNMIX   r18, r19, r23, r20, r21, r24
        rcall   correct_channel
        movw    r16, r18
        mov     r22, r23
        rcall   correct_channel
        dec     PAIRS
        brne    next_pair
        pop     r29                     ; Y = tile
        pop     r28

group_done:
        STORE_FLASH_POINTER MK_AVR_WEIGHTS, r0
        call    mk_avr_requantize_group
        breq    position_done
        rjmp    next_group
position_done:
        RETURN_TO_C

correct_channel:
        movw    r26, INPUTS
        sub     r16, START_0
        sbc     r17, START_1
        sbc     r22, START_2
3:      LOAD_FLASH CORRECTIONS, Z+
        mov     COUNT, CORRECTIONS
        tst     CORRECTIONS
        breq    2f
1:      LOAD_FLASH r0, Z+               ; gap
        LOAD_FLASH r20, Z+              ; d
        add     r26, r0
        adc     r27, NULL
        ld      r21, X
        subi    r21, 0x80
        mulsu   r20, r21
        sbc     SIGN, SIGN              ; carry is the product's sign
        add     r16, r0
        adc     r17, r1
        adc     r22, SIGN
        dec     CORRECTIONS
        brne    1b
        inc     COUNT                   ; 255: more follow
        breq    3b
2:      st      Y+, r16
        st      Y+, r17
        neg     r22
        st      Y+, r22
        ret
        END_FUNCTION mk_avr_coded
