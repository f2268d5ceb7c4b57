/* mk_conv_2d_s8_sparse_avr.c: convolutions of at most 64 inputs per output that skip zeros; see mk_avr_sparse.h. */
#include "mk_avr_sparse.h"

void mk_conv_2d_s8_sparse_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                              uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    uint8_t list[2 * MK_AVR_LIST_TAPS];
    struct mk_avr_window w;
    mk_avr_window_begin(&w, c, list, MK_AVR_CHANNELS_PER_GROUP);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_window_row(&w, c, out, in, r);
        mk_avr_sparse(&w);
    }
}
