/* mk_row_sums.inl: sums over rows and columns, one row at a time, once per pair of types. The including file defines
 * MK_FUNCTION, MK_ELEMENT, MK_SUM, and MK_COUNT, which holds the columns. The compiler has checked that no sum leaves
 * MK_SUM. */
void MK_FUNCTION(MK_SUM *out, const MK_ELEMENT *in, MK_FLASH struct mk_row_sums *flash_params, uint16_t row_begin,
                 uint16_t row_end)
{
    MK_PARAMS(struct mk_row_sums, p, flash_params);
    const MK_COUNT width = (MK_COUNT)p->width; /* at least 1 */
    const uint16_t channels = p->channels, ring = p->in_ring;
    if (row_begin == 0) memset(out, 0, channels * sizeof *out);
    for (uint16_t row = row_begin; row < row_end; row++) {
        const MK_ELEMENT *from = in + (size_t)(row < ring ? row : ring == 1 ? 0 : row % ring) * width * channels;
        MK_SUM *to = out;
        for (uint16_t left = channels; left > 0; left--, from++) { /* a channel's sum stays in registers */
            MK_SUM sum = *to;
            const MK_ELEMENT *at = from;
            MK_COUNT x = width;
            do {
                sum = (MK_SUM)(sum + *at);
                at += channels;
            } while (--x);
            *to++ = sum;
        }
    }
}
#undef MK_FUNCTION
#undef MK_ELEMENT
#undef MK_SUM
#undef MK_COUNT
