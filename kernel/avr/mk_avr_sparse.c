/* mk_avr_sparse.c: convolutions that skip zeros, position by position; see mk_avr_sparse.h. */
#include "mk_avr_sparse.h"

void mk_avr_convolve_sparse(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                            uint16_t row_end, uint8_t *list)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_large_window w;
    mk_avr_window_begin(&w.window, c, list, MK_AVR_CHANNELS_PER_GROUP);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_window_row(&w.window, c, out, in, r);
        mk_avr_sparse(&w);
    }
}
