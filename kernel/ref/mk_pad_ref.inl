/* mk_pad_ref.inl: one padding kernel. The includer defines MK_TYPE, the element type, and MK_NAME, the kernel's function. */
void MK_NAME(MK_TYPE *out, const MK_TYPE *in, MK_FLASH struct mk_pad *flash_params, uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_pad, p, flash_params);
    const MK_TYPE value = (MK_TYPE)p->value;
    const size_t in_row_elements = (size_t)p->in_w * p->in_c, out_row_elements = (size_t)p->out_w * p->out_c;
    const uint16_t after_c = (uint16_t)(p->out_c - p->before_c - p->in_c);
    for (uint16_t row = row_begin; row < row_end; row++) {
        /* Above the input these wrap to large numbers, so one comparison finds both borders. */
        const uint16_t n = (uint16_t)(row / p->out_h - p->before_n), y = (uint16_t)(row % p->out_h - p->before_h);
        MK_TYPE *to = out + (size_t)(row % p->out_ring) * out_row_elements;
        MK_TYPE *const end = to + out_row_elements;
        if (n < p->in_n && y < p->in_h) {
            const uint16_t in_row = (uint16_t)(((uint32_t)n * p->in_h + y) % p->in_ring);
            const MK_TYPE *from = in + (size_t)in_row * in_row_elements;
            for (size_t i = (size_t)p->before_w * p->out_c; i; i--) *to++ = value;
            for (uint16_t x = 0; x < p->in_w; x++) {
                for (uint16_t c = p->before_c; c; c--) *to++ = value;
                for (uint16_t c = p->in_c; c; c--) *to++ = *from++;
                for (uint16_t c = after_c; c; c--) *to++ = value;
            }
        }
        while (to < end) *to++ = value;
    }
}
#undef MK_NAME
#undef MK_TYPE
