/* mk_row_sums.inl: sums over rows and columns, one row at a time, once per pair of types. The including file defines
 * MK_FUNCTION, MK_ELEMENT and MK_SUM. The compiler has checked that no sum leaves MK_SUM. */
void MK_FUNCTION(MK_SUM *out, const MK_ELEMENT *in, MK_FLASH struct mk_row_sums *flash_params, uint16_t row_begin,
                 uint16_t row_end)
{
    MK_PARAMS(struct mk_row_sums, p, flash_params);
    if (row_begin == 0) memset(out, 0, p->channels * sizeof *out);
    for (uint16_t row = row_begin; row < row_end; row++) {
        const MK_ELEMENT *from = in + (size_t)(row % p->in_ring) * p->width * p->channels;
        for (uint16_t x = 0; x < p->width; x++)
            for (uint16_t c = 0; c < p->channels; c++) out[c] = (MK_SUM)(out[c] + *from++);
    }
}
#undef MK_FUNCTION
#undef MK_ELEMENT
#undef MK_SUM
