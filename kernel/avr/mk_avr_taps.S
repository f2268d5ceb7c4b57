; mk_avr_taps.S: see mk_avr_taps.h.
;
; Cycles: per tap and pair of channels 35, in the padding 30; per output 53 to requantise a positive sum, 25 a negative one
; under ReLU, and about 20 more; per position about 120.
#include "mk_avr_macros.h"

; Y = list of pointers, Z = weights, X = inputs; r25:r24 = out.
#define AMBIGUOUS_FROM r2
#define RANGE r3
#define ACT_MIN r4
#define NULL r7
#define M_0 r8
#define M_1 r9
#define M_2 r10
#define SECOND_0 r11    /* sum of the second channel of a pair; the first one's is SUM */
#define SECOND_1 r12
#define SECOND_2 r13
#define CHANNEL r14     /* odd while the second channel is being requantised */
#define LEFT r15        /* channels */
#define X_FIRST r16
#define WEIGHT r17      /* and FRACTION */
#define FRACTION r17
#define RESULT r18
#define OVERFLOW r19
#define COUNT r19       /* of taps left; OVERFLOW comes later */
#define SUM_0 r20
#define SUM_1 r21
#define X_SECOND r22
#define SUM_2 r23
#define PAD r18         /* RESULT comes later */
#include "mk_avr_requantize_macros.h"

        .macro  SIGNED_MULTIPLY_ADD input, low, middle, high
        LOAD_FLASH WEIGHT, Z+
        mulsu   WEIGHT, \input
        sbc     \high, NULL             ; carry = sign of the product
        add     \low, r0
        adc     \middle, r1
        adc     \high, NULL
        .endm

        FUNCTION mk_avr_taps
        PUSH_CALLER_REGISTERS
        movw    r28, r24
        ldd     AMBIGUOUS_FROM, Y + MK_AVR_AMBIGUOUS_FROM
        ldd     RANGE, Y + MK_AVR_RANGE
        ldd     ACT_MIN, Y + MK_AVR_ACT_MIN
        clr     NULL
        clr     CHANNEL
        LOAD_FLASH_POINTER MK_AVR_WEIGHTS, r24
        ldd     LEFT, Y + MK_AVR_CHANNELS
        ldd     r24, Y + MK_AVR_OUT     ; r25:r24 = out
        ldd     r25, Y + MK_AVR_OUT + 1
        push    r28
        push    r29
        rjmp    next_pair

padding:
        mov     X_FIRST, PAD
        mov     X_SECOND, PAD
        rjmp    have_inputs

next_pair:
        pop     r29                     ; Y = tile
        pop     r28
        push    r28
        push    r29
        ldd     PAD, Y + MK_AVR_CORRECTION
        ldd     COUNT, Y + MK_AVR_OPERAND_COUNT
        ldd     r26, Y + MK_AVR_OPERANDS
        ldd     r27, Y + MK_AVR_OPERANDS + 1
        movw    r28, r26
        LOAD_FLASH SUM_0, Z+
        LOAD_FLASH SUM_1, Z+
        LOAD_FLASH SUM_2, Z+
        LOAD_FLASH SECOND_0, Z+
        LOAD_FLASH SECOND_1, Z+
        LOAD_FLASH SECOND_2, Z+
next_tap:
        ld      r26, Y+
        ld      r27, Y+
        tst     r27                     ; no tensor lies below address 256
        breq    padding
        add     r26, CHANNEL
        adc     r27, NULL
        ld      X_FIRST, X+
        ld      X_SECOND, X
        subi    X_FIRST, 0x80
        subi    X_SECOND, 0x80
have_inputs:
        SIGNED_MULTIPLY_ADD X_FIRST, SUM_0, SUM_1, SUM_2
        SIGNED_MULTIPLY_ADD X_SECOND, SECOND_0, SECOND_1, SECOND_2
        dec     COUNT
        brne    next_tap

have_sum:
        LOAD_FLASH M_0, Z+
        LOAD_FLASH M_1, Z+
        LOAD_FLASH M_2, Z+
        tst     SUM_2
        REQUANTIZE
store:
        movw    r26, r24
        st      X+, RESULT
        movw    r24, r26
        inc     CHANNEL
        dec     LEFT
        breq    position_done
        sbrs    CHANNEL, 0
        rjmp    next_pair
        mov     SUM_0, SECOND_0
        mov     SUM_1, SECOND_1
        mov     SUM_2, SECOND_2
        rjmp    have_sum

rectified:
        mov     RESULT, ACT_MIN
        rjmp    store

        REQUANTIZE_BRANCHES

position_done:
        pop     r0
        pop     r0
        POP_CALLER_REGISTERS
        clr     r1
        ret

ambiguous:                              ; mk_avr_requantize_exactly(&tile.requant, channel, sum)
        movw    r18, SUM_0
        mov     r20, SUM_2
        mov     r22, CHANNEL
        clr     r23
        pop     r27                     ; the tile
        pop     r26
        push    r26
        push    r27
        push    r24
        push    r25
        push    r30
        push    r31
#if defined(__AVR_HAVE_ELPM__)
        in      r0, _SFR_IO_ADDR(RAMPZ)
        push    r0
#endif
        movw    r24, r26
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
        pop     r25
        pop     r24
        rjmp    store
        END_FUNCTION mk_avr_taps
