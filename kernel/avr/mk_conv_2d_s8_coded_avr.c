/* mk_conv_2d_s8_coded_avr.c: 1x1 convolutions without padding, and fully connected layers, whose weights are stored in
 * fewer bytes; see mk_avr_coded.h. */
#include "mk_avr_coded.h"
#include "mk_avr_runs.h"

/* The input row that output row r reads. */
static const int8_t *row_of(const struct mk_conv_avr *c, const int8_t *in, uint16_t r)
{
    uint16_t first = 0;
    if (c->in_ring == 0) return *(const void *const *)(const void *)in; /* a table of one */
    for (; r >= c->out_h; r = (uint16_t)(r - c->out_h)) first = (uint16_t)(first + c->in_h);
    const uint16_t in_row = (uint16_t)((uint16_t)(first + r * c->stride_h) % c->in_ring);
    return in + (size_t)in_row * (uint16_t)(c->in_w * c->in_c);
}

void mk_conv_2d_s8_coded_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                             uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_tile t;
    mk_avr_tile_configure(&t, c);
    t.more_corrections[1][0] = (uint8_t)c->in_c;
    t.more_corrections[1][1] = (uint8_t)((c->in_c + 255u) >> 8);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c), step = (uint16_t)(c->stride_w * c->in_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        const int8_t *from = row_of(c, in, r);
        int8_t *to = out + (uint16_t)((r % c->out_ring) * out_row_bytes);
        for (uint16_t i = 0; i < c->out_w; i++, to += c->out_c, from += step) {
            const uint32_t sum = mk_avr_sum_run(from, c->in_c);
            t.operands = (const uint8_t *)from;
            t.more_corrections[0][0] = (uint8_t)sum;
            t.more_corrections[0][1] = (uint8_t)(sum >> 8);
            t.more_corrections[0][2] = (uint8_t)(sum >> 16);
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, sum);
            mk_avr_coded(&t);
        }
    }
}
