/* mk_scale_ref.inl: the loops of one elementwise kernel with struct mk_scale. The includer defines MK_NAME, the kernel's
 * function, MK_IN and MK_OUT, the element types, and MK_ELEMENT(p, x), the value of one output element. */
void MK_NAME(MK_OUT *out, const MK_IN *in, MK_FLASH struct mk_scale *flash_params, uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_scale, p, flash_params);
    for (uint16_t row = row_begin; row < row_end; row++) {
        const MK_IN *from = in + (size_t)(row % p->in_ring) * p->row_elements;
        MK_OUT *to = out + (size_t)(row % p->out_ring) * p->row_elements;
        for (uint16_t i = 0; i < p->row_elements; i++) to[i] = (MK_OUT)MK_ELEMENT(p, (int32_t)from[i]);
    }
}
#undef MK_NAME
#undef MK_IN
#undef MK_OUT
#undef MK_ELEMENT
