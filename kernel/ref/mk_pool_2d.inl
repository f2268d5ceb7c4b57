/* mk_pool_2d.inl: the body of every pooling kernel, compiled once per kind and element type. The including file defines
 * MK_FUNCTION, MK_ELEMENT, MK_POOL_START (the first value), MK_POOL_STEP(value, x) and MK_POOL_FINISH(value, taps).
 * Every window has 1 to 65535 taps inside the input; only those count. */

void MK_FUNCTION(MK_ELEMENT *out, const MK_ELEMENT *in, MK_FLASH struct mk_pool *p, uint16_t row_begin,
                 uint16_t row_end)
{
    MK_PARAMS(struct mk_pool, c, p);
    const size_t in_row_bytes = (size_t)c->in_w * c->channels * sizeof(MK_ELEMENT);
    const size_t out_row_elements = (size_t)c->out_w * c->channels;
    for (uint16_t r = row_begin; r < row_end; r++) {
        const uint16_t n = (uint16_t)(r / c->out_h), y = (uint16_t)(r % c->out_h);
        const int32_t origin_y = (int32_t)((uint32_t)y * c->stride_h) - c->pad_top;
        const struct mk_taps taps_y = mk_taps_inside(origin_y, c->in_h, c->filter_h, 1);
        const uint16_t row = (uint16_t)(origin_y + taps_y.begin);
        const uint16_t first_row = mk_input_number(n, c->in_h, row, mk_table_begin(row_begin, c->stride_h, c->pad_top),
                                                   c->in_ring);
        MK_ELEMENT *to = out + (r % c->out_ring) * out_row_elements;
        for (uint16_t x = 0; x < c->out_w; x++) {
            const int32_t origin_x = (int32_t)((uint32_t)x * c->stride_w) - c->pad_left;
            const struct mk_taps taps_x = mk_taps_inside(origin_x, c->in_w, c->filter_w, 1);
            const uint16_t columns = (uint16_t)(taps_x.end - taps_x.begin);
            const uint16_t rows = (uint16_t)(taps_y.end - taps_y.begin);
            const size_t element = (size_t)(origin_x + taps_x.begin) * c->channels;
            for (uint16_t channel = 0; channel < c->channels; channel++) {
                int32_t value = MK_POOL_START;
                uint16_t in_row = first_row;
                for (uint16_t i = 0; i < rows; i++) {
                    const MK_ELEMENT *from = mk_input_row(in, in_row, in_row_bytes, c->in_ring);
                    from += element + channel;
                    for (uint16_t j = 0; j < columns; j++, from += c->channels) value = MK_POOL_STEP(value, *from);
                    in_row = mk_ring_forward(in_row, 1, c->in_ring);
                }
                value = MK_POOL_FINISH(value, (uint16_t)((uint32_t)rows * columns));
                *to++ = (MK_ELEMENT)mk_clamp(value, c->act_min, c->act_max);
            }
        }
    }
}

#undef MK_FUNCTION
#undef MK_POOL_START
#undef MK_POOL_STEP
#undef MK_POOL_FINISH
