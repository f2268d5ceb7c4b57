/* mk_conv_2d_s8_dense_avr.c: convolutions of at most 64 inputs per output whose inputs are hardly ever zero; see
 * mk_avr_dense.h. */
#include "mk_avr_dense.h"

void mk_conv_2d_s8_dense_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                             uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    uint8_t patches[MK_AVR_DENSE_PIXELS * MK_AVR_LIST_TAPS];
    struct mk_avr_window w;
    mk_avr_window_begin(&w, c, patches, MK_AVR_DENSE_CHANNELS);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_window_row(&w, c, out, in, r);
        mk_avr_dense(&w);
    }
}
