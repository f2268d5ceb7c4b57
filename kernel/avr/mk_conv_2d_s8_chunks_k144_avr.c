/* mk_conv_2d_s8_chunks_k144_avr.c: at most 144 inputs per output, mostly small or zero; see mk_avr_chunks.h. */
#include "mk_avr_chunks.h"

void mk_conv_2d_s8_chunks_k144_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                                   uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    uint8_t patches[MK_AVR_CHUNK_BYTES];
    struct mk_avr_window w;
    mk_avr_window_begin(&w, c, patches, MK_AVR_CHUNK_CHANNELS);
    for (uint16_t r = row_begin; r < row_end;) {
        r = mk_avr_window_rows(&w, c, out, in, r, row_end);
        mk_avr_chunks(&w);
    }
}
