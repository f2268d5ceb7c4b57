/* mk_conv_2d_s8_sparse_avr.c: at most 64 inputs per output; see mk_avr_sparse.h. */
#include "mk_avr_sparse.h"

void mk_conv_2d_s8_sparse_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                              uint16_t row_end)
{
    uint8_t list[MK_AVR_SPARSE_LIST_BYTES(MK_AVR_LIST_TAPS)];
    mk_avr_convolve_sparse(out, in, p, row_begin, row_end, list);
}
