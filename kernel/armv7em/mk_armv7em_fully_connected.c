/* mk_armv7em_fully_connected.c: see mk_armv7em_fully_connected.h. */
#include "mk_armv7em_fully_connected.h"

#include "mk_window.h"

/* Whole groups are widened where they are; what is left of the last one is copied first: nothing beyond it is read. */
static void widen(int16_t *columns, const int8_t *in, uint32_t inputs)
{
    if (inputs >= 4) mk_armv7em_widen_1(columns, in, inputs / 4);
    if (inputs % 4 == 0) return;
    int32_t rest = 0;
    memcpy(&rest, in + inputs / 4 * 4, inputs % 4);
    mk_armv7em_widen_1(columns + inputs / 4 * 4, (const int8_t *)&rest, 1);
}

void mk_armv7em_fully_connected(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                                uint16_t row_end, int16_t *columns)
{
    struct mk_armv7em_tile tile;
    tile.groups = (c->in_c + 3u) / 4u;
    tile.columns = columns;
    tile.columns_end = columns + 4 * tile.groups;
    tile.step_1 = tile.step_2 = 0;
    tile.stream = c->stream;
    tile.way = c->way;
    tile.zero_point = c->out_zero_point;
    tile.act_min = c->act_min;
    tile.act_max = c->act_max;
    for (uint16_t r = row_begin; r < row_end; r++) {
        const uint16_t row = (uint16_t)(c->in_ring ? r % c->in_ring : 0);
        widen(columns, mk_input_row(in, row, c->in_c, c->in_ring), c->in_c);
        tile.out = out + (size_t)(r % c->out_ring) * c->out_c;
        tile.last = tile.out + c->out_c - 1;
        mk_armv7em_dual_1(&tile);
    }
}
