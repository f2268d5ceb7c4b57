/* mk_average_pool_2d_s8_steady_avr.c: average pools whose windows lie inside the input, in a time that does not depend on
 * data: the division is a multiplication like that of a sum with weights; see mk_avr_steady.h. The records are eight equal
 * ones. */
#include "mk_avr_pool.h"
#include "mk_avr_steady.h"
#include "mk_pool_steps.h"

enum { HALF_RANGE_LOG2 = 7 };

/* Puts the sum of a channel's window, whose first element lies `element` bytes into row in_row, where mk_avr_steady_finish
 * takes it. */
static void sum_window(const struct mk_conv_avr *c, const int8_t *in, uint16_t in_row, uint16_t element, uint8_t *to)
{
    uint32_t sum = 0u - ((uint32_t)(uint16_t)(c->filter_h * c->filter_w) << HALF_RANGE_LOG2);
    for (uint16_t fy = 0; fy < c->filter_h; fy++) {
        const int8_t *const row = mk_input_row(in, in_row, (size_t)c->in_w * c->in_c, c->in_ring);
        sum += mk_avr_sum_column(row + element, c->in_c, (uint8_t)c->filter_w);
        in_row = mk_ring_forward(in_row, 1, c->in_ring);
    }
    to[0] = (uint8_t)sum;
    to[1] = (uint8_t)(sum >> 8);
    to[2] = (uint8_t)(0u - (sum >> 16)); /* tiles keep the third byte negated */
}

void mk_average_pool_2d_s8_steady_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                                      uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_tile t;
    mk_avr_tile_configure(&t, c);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        const uint16_t y = (uint16_t)(r % c->out_h * c->stride_h);
        const uint16_t in_row = mk_input_number((uint16_t)(r / c->out_h), c->in_h, y, y, c->in_ring);
        int8_t *to = out + (uint16_t)((r % c->out_ring) * out_row_bytes);
        uint16_t column = 0;
        for (uint16_t i = 0; i < c->out_w; i++, column = (uint16_t)(column + c->stride_w * c->in_c)) {
            uint16_t element = column;
            for (uint16_t left = c->out_c; left > 0;) {
                const uint8_t channels = (uint8_t)(left < MK_AVR_CHANNELS_PER_GROUP ? left : MK_AVR_CHANNELS_PER_GROUP);
                mk_avr_tile_begin(&t, c->records, c->records, to, channels, 0);
                for (uint8_t k = 0; k < channels; k++) sum_window(c, in, in_row, element++, t.sums + 3 * k);
                mk_avr_steady_finish(&t);
                to += channels;
                left = (uint16_t)(left - channels);
            }
        }
    }
}
