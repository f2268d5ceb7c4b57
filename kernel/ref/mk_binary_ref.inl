/* mk_binary_ref.inl: the loops of one binary kernel. The includer defines MK_TYPE, the element type, MK_NAME, the
 * kernel's function, and MK_ELEMENT, a function of mk_binary_ref.h. */
void MK_NAME(MK_TYPE *out, const MK_TYPE *a, const MK_TYPE *b, MK_FLASH struct mk_binary *flash_params,
             uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_binary, p, flash_params);
    for (uint16_t row = row_begin; row < row_end; row++) {
        const uint16_t n = row / p->height, y = row % p->height;
        const uint16_t a_row = (uint16_t)((uint16_t)((uint32_t)n * p->a_row_step_n + (uint32_t)y * p->a_row_step_h) %
                                          p->a_ring);
        const uint16_t b_row = (uint16_t)((uint16_t)((uint32_t)n * p->b_row_step_n + (uint32_t)y * p->b_row_step_h) %
                                          p->b_ring);
        const MK_TYPE *a_column = a + (size_t)a_row * p->a_row_elements;
        const MK_TYPE *b_column = b + (size_t)b_row * p->b_row_elements;
        MK_TYPE *out_element = out + (size_t)(row % p->out_ring) * ((size_t)p->width * p->channels);
        for (uint16_t x = 0; x < p->width; x++) {
            const MK_TYPE *a_element = a_column, *b_element = b_column;
            for (uint16_t c = 0; c < p->channels; c++) {
                *out_element++ = (MK_TYPE)MK_ELEMENT(p, *a_element, *b_element);
                a_element += p->a_step_c;
                b_element += p->b_step_c;
            }
            a_column += p->a_step_w;
            b_column += p->b_step_w;
        }
    }
}
#undef MK_NAME
#undef MK_ELEMENT
