; mk_avr_requantize.S: eight sums to eight output bytes; the arithmetic is explained in mk_avr_tile.h.
;
; mk_avr_requantize_group: Y = tile. Takes tile.sums, reads the records of at most eight channels, writes the outputs, and
; advances tile.records, .out and .channels. Keeps Y; destroys all other registers.
; mk_avr_requantize_some: of at most r16 channels.
; mk_avr_requantize_sums: of at most r16 channels, whose sums are at X.
; Not callable from C: return with Z flag set when no channels are left.
;
; Cycles per output: 61, 30 if negative; sums that need the third byte 22 more. About 60 for the group.
#include "mk_avr_macros.h"

#define AMBIGUOUS_FROM r2
#define RANGE r3
#define ACT_MIN r4
#define NULL r5
#define AFTER r6 /* and r7: channels after this group */
#define TILE r8 /* and r9 */
#define LEFT r16 /* channels of this group */
#define FRACTION r17
#define RESULT r18
#define OVERFLOW r19
#define SUM_0 r20
#define SUM_1 r21
#define SUM_2 r23
#define M_0 r24
#define M_1 r25
#define M_2 r22
#include "mk_avr_requantize_macros.h"

        FUNCTION mk_avr_requantize_group
        ldi     LEFT, 8
        .global mk_avr_requantize_some
mk_avr_requantize_some:
        movw    r26, r28
        adiw    r26, MK_AVR_SUMS
        .global mk_avr_requantize_sums
mk_avr_requantize_sums:
        ldd     AMBIGUOUS_FROM, Y + MK_AVR_AMBIGUOUS_FROM
        ldd     RANGE, Y + MK_AVR_RANGE
        ldd     ACT_MIN, Y + MK_AVR_ACT_MIN
        clr     NULL
        ; LEFT = min(channels, LEFT); channels -= LEFT
        ldd     r24, Y + MK_AVR_CHANNELS
        ldd     r25, Y + MK_AVR_CHANNELS + 1
        sub     r24, LEFT
        sbc     r25, NULL
        TAKE_AT_MOST LEFT, r24, r25, MK_AVR_CHANNELS
        movw    AFTER, r24

        LOAD_FLASH_POINTER MK_AVR_RECORDS, r24
        ldd     r24, Y + MK_AVR_OUT
        ldd     r25, Y + MK_AVR_OUT + 1
        movw    TILE, r28
        movw    r28, r24                ; X = sums, Y = out, Z = records

next_channel:
        ld      SUM_0, X+
        ld      SUM_1, X+
        ld      r22, X+                 ; the third byte comes negated
        LOAD_FLASH r23, Z+
        add     SUM_0, r23
        LOAD_FLASH r23, Z+
        adc     SUM_1, r23
        LOAD_FLASH SUM_2, Z+
        adc     SUM_2, NULL
        sub     SUM_2, r22
        REQUANTIZE LOAD_MULTIPLIER
store:
        st      Y+, RESULT
        dec     LEFT
        brne    next_channel

        movw    r24, r28
        movw    r28, TILE
        std     Y + MK_AVR_OUT, r24
        std     Y + MK_AVR_OUT + 1, r25
        STORE_FLASH_POINTER MK_AVR_RECORDS, r24
        or      AFTER, r7
        ret

rectified:
        mov     RESULT, ACT_MIN
        adiw    r30, 3                  ; the multiplier is not needed
#if defined(__AVR_HAVE_ELPM__)
        brcc    store
        NEXT_BANK r0
#endif
        rjmp    store

        REQUANTIZE_BRANCHES

ambiguous:                              ; mk_avr_requantize_exactly(&tile.requant, channel, sum)
        push    r26
        push    r27
        push    r30
        push    r31
        PUSH_BANK
        movw    r18, SUM_0
        mov     r20, SUM_2
        movw    r30, TILE
        movw    r24, TILE
        adiw    r24, MK_AVR_REQUANT
        CHANNEL_BEFORE LEFT, NULL
        REQUANTIZE_EXACTLY
        pop     r31
        pop     r30
        pop     r27
        pop     r26
        rjmp    store
        END_FUNCTION mk_avr_requantize_group
