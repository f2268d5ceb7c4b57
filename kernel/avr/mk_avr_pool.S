; mk_avr_pool.S: see mk_avr_pool.h.
;
; uint16_t mk_avr_sum_column(const int8_t *from, uint16_t step, uint8_t count)
;          r25:24                         r25:24         r23:22         r20
; 10 cycles per element.
#include "mk_avr_macros.h"

        FUNCTION mk_avr_sum_column
        movw    r26, r24
        clr     r24
        clr     r25
1:      ld      r18, X
        add     r26, r22
        adc     r27, r23
        subi    r18, 0x80
        add     r24, r18
        adc     r25, r1
        dec     r20
        brne    1b
        ret
        END_FUNCTION mk_avr_sum_column
