/* mk_conv_rows.inl: where the filter of conv_2d and depthwise_conv_2d lies on the input, once per variant. */
#include "mk_window.h"

/* What is the same for all outputs of one row. */
struct mk_conv_row {
    struct mk_taps taps_y;
    uint16_t first_row;    /* of the input's ring, for tap taps_y.begin */
    uint16_t row_elements; /* of the input */
};

static MK_NOINLINE struct mk_conv_row mk_conv_row_at(const MK_CONV *c, uint16_t r)
{
    const uint16_t n = (uint16_t)(r / c->out_h), y = (uint16_t)(r % c->out_h);
    const int32_t origin = (int32_t)((uint32_t)y * c->stride_h) - c->pad_top;
    struct mk_conv_row row;
    row.taps_y = mk_taps_inside(origin, c->in_h, c->filter_h, c->dilation_h);
    const uint32_t first_row = (uint32_t)n * c->in_h + (uint32_t)origin + (uint32_t)row.taps_y.begin * c->dilation_h;
    row.first_row = (uint16_t)(first_row % c->in_ring);
    row.row_elements = (uint16_t)((uint32_t)c->in_w * c->in_c);
    return row;
}

/* The same along a row, for one output position. */
struct mk_conv_column {
    struct mk_taps taps_x;
    size_t first_element; /* of the input row, for tap taps_x.begin; 0 if there is none */
};

static inline struct mk_conv_column mk_conv_column_at(const MK_CONV *c, uint16_t x)
{
    const int32_t origin = (int32_t)((uint32_t)x * c->stride_w) - c->pad_left;
    struct mk_conv_column column = {mk_taps_inside(origin, c->in_w, c->filter_w, c->dilation_w), 0};
    if (column.taps_x.begin < column.taps_x.end)
        column.first_element = (size_t)(origin + (int32_t)((uint32_t)column.taps_x.begin * c->dilation_w)) * c->in_c;
    return column;
}
