/* mk_row_sums.inl: sums over rows and columns, one row at a time, once per pair of types. The including file defines
 * MK_FUNCTION, MK_ELEMENT and MK_SUM. The compiler has checked that no sum leaves MK_SUM. */
void MK_FUNCTION(MK_SUM *out, const MK_ELEMENT *in, MK_FLASH struct mk_row_sums *flash_params, uint16_t row_begin,
                 uint16_t row_end)
{
    MK_PARAMS(struct mk_row_sums, p, flash_params);
    const uint16_t width = p->width, channels = p->channels;
    if (row_begin == 0) memset(out, 0, channels * sizeof *out);
    for (uint16_t row = row_begin; row < row_end; row++) {
        const MK_ELEMENT *from = in + (size_t)(row < p->in_ring ? row : row % p->in_ring) * width * channels;
        MK_SUM *to = out;
        for (uint16_t left = channels; left > 0; left--, from++) { /* a channel's sum stays in registers */
            MK_SUM sum = *to;
            const MK_ELEMENT *at = from;
            for (uint16_t x = width; x > 0; x--, at += channels) sum = (MK_SUM)(sum + *at);
            *to++ = sum;
        }
    }
}
#undef MK_FUNCTION
#undef MK_ELEMENT
#undef MK_SUM
