; mk_avr_exact.S: see mk_avr_exact.h.
;
; int8_t mk_avr_requantize_exactly(const struct mk_avr_requant *q, uint16_t channel, int32_t sum)
; r24                              r25:24                          r23:22            r21:18
;
; With x = sum - c and multiplier m: h = floor((|x| * m + 2^30 - (1 if x < 0)) / 2^31), the first rounding, whose ties go
; upwards; then h * 2^shift, rounded once more, ties away from zero. About 200 cycles, and 7 for each step of
; a shift by less than 5 or of a large number.
#include "mk_avr_macros.h"

#define X_0 r18
#define X_1 r19
#define X_2 r20
#define SHIFT r21       /* to the right */
#define M_0 r22
#define M_1 r23
#define M_2 r24
#define M_3 r25
#define NULL r27
#define LOW r16         /* bytes 0 to 2 of the product: is any of them not 0? */
#define P_3 r31
#define P_4 r26
#define P_5 r30
#define P_6 r17

        .macro  MULTIPLY_ADD x, m, low, middle, high
        mul     \x, \m
        add     \low, r0
        adc     \middle, r1
        adc     \high, NULL
        .endm

        FUNCTION mk_avr_requantize_exactly
        push    r16
        push    r17
        push    r28
        push    r29
        movw    r28, r24
        clr     NULL
        ldd     r25, Y + MK_AVR_EXACT_STEP - MK_AVR_REQUANT
        ldd     r30, Y + MK_AVR_EXACT - MK_AVR_REQUANT
        ldd     r31, Y + MK_AVR_EXACT + 1 - MK_AVR_REQUANT
        ldd     r24, Y + MK_AVR_EXACT_BANK - MK_AVR_REQUANT
        mul     r22, r25                ; Z = exact + channel * step
        add     r30, r0
        adc     r31, r1
        adc     r24, NULL
        mul     r23, r25
        add     r31, r0
        adc     r24, r1
#if defined(__AVR_HAVE_ELPM__)
        out     _SFR_IO_ADDR(RAMPZ), r24
#endif
        LOAD_FLASH r0, Z+
        sub     X_0, r0
        LOAD_FLASH r0, Z+
        sbc     X_1, r0
        LOAD_FLASH r0, Z+
        clt                             ; T: x is negative
        sbc     X_2, r0
        brpl    1f
        set
        com     X_2
        com     X_1
        neg     X_0
        sbci    X_1, 0xFF
        sbci    X_2, 0xFF
1:      LOAD_FLASH SHIFT, Z+
        LOAD_FLASH M_0, Z+
        LOAD_FLASH M_1, Z+
        LOAD_FLASH M_2, Z+
        LOAD_FLASH M_3, Z

        mul     X_0, M_0
        mov     LOW, r0
        mov     r26, r1
        clr     r30
        clr     r31
        MULTIPLY_ADD X_0, M_1, r26, r30, r31
        MULTIPLY_ADD X_1, M_0, r26, r30, r31
        or      LOW, r26
        clr     r26
        MULTIPLY_ADD X_0, M_2, r30, r31, r26
        MULTIPLY_ADD X_1, M_1, r30, r31, r26
        MULTIPLY_ADD X_2, M_0, r30, r31, r26
        or      LOW, r30
        clr     r30
        MULTIPLY_ADD X_0, M_3, r31, r26, r30
        MULTIPLY_ADD X_1, M_2, r31, r26, r30
        MULTIPLY_ADD X_2, M_1, r31, r26, r30
        clr     r17
        MULTIPLY_ADD X_1, M_3, r26, r30, r17
        MULTIPLY_ADD X_2, M_2, r26, r30, r17
        mul     X_2, M_3
        add     P_5, r0
        adc     P_6, r1

        ldi     r18, 0x40               ; 2^30; less 1, which matters only if the bytes below are 0
        brtc    2f
        cpse    LOW, NULL
        rjmp    2f
        subi    P_3, 1
        sbci    P_4, 0
        sbci    P_5, 0
        sbci    P_6, 0
2:      add     P_3, r18
        adc     P_4, NULL
        adc     P_5, NULL
        adc     P_6, NULL
        lsl     P_3                     ; h = (P_6, P_5, P_4)
        rol     P_4
        rol     P_5
        rol     P_6

3:      cpi     SHIFT, 9                ; whole bytes, but for the bit that rounds
        brlo    4f
        mov     P_4, P_5
        mov     P_5, P_6
        clr     P_6
        subi    SHIFT, 8
        rjmp    3b
4:      cpi     SHIFT, 5
        brlo    8f
        tst     P_6                     ; nothing is lost
        brne    8f
        ldi     r18, 8                  ; to the left, then a byte to the right
        sub     r18, SHIFT
        breq    9f
7:      lsl     P_4
        rol     P_5
        rol     P_6
        dec     r18
        brne    7b
9:      lsl     P_4                     ; carry = what rounds
        mov     P_4, P_5
        mov     P_5, P_6
        ldi     P_6, 0
        rjmp    6f
8:      tst     SHIFT
        clc
        breq    6f
5:      lsr     P_6
        ror     P_5
        ror     P_4
        dec     SHIFT
        brne    5b
6:      adc     P_4, NULL               ; the last bit shifted out
        adc     P_5, NULL
        adc     P_6, NULL

        ldd     r18, Y + MK_AVR_BELOW - MK_AVR_REQUANT
        ldd     r19, Y + MK_AVR_RANGE - MK_AVR_REQUANT
        or      P_5, P_6
        brts    below
        brne    most
        add     P_4, r18
        brcs    most
        cp      r19, P_4
        brsh    done
most:
        mov     P_4, r19
        rjmp    done
below:
        brne    least
        sub     r18, P_4
        mov     P_4, r18
        brcc    done
least:
        clr     P_4
done:
        ldd     r24, Y + MK_AVR_ACT_MIN - MK_AVR_REQUANT
        add     r24, P_4
        clr     r1
        pop     r29
        pop     r28
        pop     r17
        pop     r16
        ret
        END_FUNCTION mk_avr_requantize_exactly
