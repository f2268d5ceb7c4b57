/* mk_avr_dense.c: convolutions whose inputs are hardly ever zero; see mk_avr_dense.h. */
#include "mk_avr_dense.h"

void mk_avr_convolve_dense(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                           uint16_t row_end, uint8_t *patches)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_window w;
    mk_avr_window_begin(&w, c, patches, MK_AVR_DENSE_CHANNELS);
    for (uint16_t r = row_begin; r < row_end;) {
        r = mk_avr_window_rows(&w, c, out, in, r, row_end);
        mk_avr_dense(&w);
    }
}
