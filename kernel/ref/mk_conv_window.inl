/* mk_conv_window.inl: where the filter of conv_2d and depthwise_conv_2d lies on the input, once per variant. What is
 * the same for all outputs of a row, and for all channels of an output position, is computed once. */
#include "mk_window.h"

struct mk_conv_window {
    uint16_t first_row;   /* of the input's ring or table: the first filter row inside the input reads it */
    struct mk_taps taps_y;
    struct mk_taps taps_x;
    size_t first_element; /* of an input row: the first tap inside reads it; 0 if there is none */
    uint32_t first_tap;   /* the number of the first tap inside, counted row by row through the filter */
};

/* Moves the window to output row r of a call from row_begin on. */
static MK_NOINLINE void mk_conv_window_row(struct mk_conv_window *window, const MK_CONV *c, uint16_t row_begin, uint16_t r)
{
    const uint16_t n = (uint16_t)(r / c->out_h), y = (uint16_t)(r % c->out_h);
    const int32_t origin = (int32_t)((uint32_t)y * c->stride_h) - c->pad_top;
    window->taps_y = mk_taps_inside(origin, c->in_h, c->filter_h, c->dilation_h);
    const int32_t first = origin + (int32_t)((uint32_t)window->taps_y.begin * c->dilation_h);
    window->first_row = mk_input_number(n, c->in_h, (uint16_t)first, mk_table_begin(row_begin, c->stride_h, c->pad_top),
                                        c->in_ring);
}

/* Moves the window to output position x of its row. */
static MK_NOINLINE void mk_conv_window_column(struct mk_conv_window *window, const MK_CONV *c, uint16_t x)
{
    const int32_t origin = (int32_t)((uint32_t)x * c->stride_w) - c->pad_left;
    window->taps_x = mk_taps_inside(origin, c->in_w, c->filter_w, c->dilation_w);
    window->first_element = 0;
    if (window->taps_x.begin < window->taps_x.end)
        window->first_element = (size_t)(origin + (int32_t)((uint32_t)window->taps_x.begin * c->dilation_w)) * c->in_c;
    window->first_tap = (uint32_t)window->taps_y.begin * c->filter_w + window->taps_x.begin;
}
