/* mk_armv7em_depthwise_3x3.c: see mk_armv7em_depthwise_3x3.h. */
#include "mk_armv7em_depthwise_3x3.h"

#include "mk_armv7em_rows.h"

/* Columns of padding: they are the same for all channels and rows. */
static void fill_columns(int32_t *from, const int32_t *end, int16_t value)
{
    const uint32_t half = (uint16_t)value;
    for (; from != end; from += 2) {
        from[0] = (int32_t)(half | half << 16);
        from[1] = value;
    }
}

void mk_armv7em_depthwise_3x3(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                              uint16_t row_end, int32_t *columns, int8_t *pad_row)
{
    const uint32_t left = (uint32_t)c->pad_left, all = (c->out_w - 1u) * c->stride_w + 3u, room = all - left;
    int32_t *const end = columns + all * MK_ARMV7EM_COLUMN_WORDS;
    int is_filled = 0;
    struct mk_armv7em_columns row;
    row.channels = c->in_c;
    row.inside = columns + left * MK_ARMV7EM_COLUMN_WORDS;
    row.inside_end = row.inside + (c->in_w < room ? c->in_w : room) * MK_ARMV7EM_COLUMN_WORDS;
    row.begin = columns;
    row.last = end - 3 * MK_ARMV7EM_COLUMN_WORDS;
    row.stream = c->stream;
    row.stream_end = c->stream + c->stream_words;
    row.way = c->way;
    fill_columns(columns, row.inside, c->pad_value);
    fill_columns(row.inside_end, end, c->pad_value);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_armv7em_rows_at(row.rows, c, in, r);
        for (int i = 0; i < 3; i++) {
            if (row.rows[i]) continue;
            if (!is_filled) memset(pad_row, c->pad_value, (size_t)c->in_w * c->in_c);
            is_filled = 1;
            row.rows[i] = pad_row;
        }
        row.out = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        if (c->stride_w == 1) mk_armv7em_depthwise_row_1(&row);
        else mk_armv7em_depthwise_row_2(&row);
    }
}
