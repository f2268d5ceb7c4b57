/* mk_mve_depthwise.c: copies the input rows under some rows of outputs into cells, padding included, and hands them to the
 * windows; see mk_mve_depthwise.h. */
#include "mk_mve_depthwise.h"

#include "mk_armv7em_rows.h"
#include "mk_mve_copy.h"

enum { CELL = 16 }; /* bytes */

struct depthwise {
    const struct mk_conv_armv7em *c;
    int8_t *room;
    int narrow;
    uint32_t outputs_h, outputs_w; /* of a window */
    uint32_t cells_h, cells_w;
    uint32_t columns;               /* of the room */
    uint32_t row_step, column_step; /* in the room, in bytes */
    uint32_t rows;                  /* of outputs at a time, at most */
    uint32_t planned_rows;          /* what the windows are set up for; 0: nothing */
    int8_t pad[CELL];
    uint8_t cells[16];
    int8_t pattern[3 * CELL];
    struct mk_mve_segment segments[2];
    uint16_t offsets[MK_MVE_MOST_SUMS];
    int32_t sums[MK_MVE_MOST_SUMS];
    struct mk_mve_windows windows;
};

/* Cells are numbered column by column, as the weights are; in narrow rooms they lie row by row. */
static void set_cells(struct depthwise *d)
{
    for (uint32_t x = 0, i = 0; x < d->cells_w; x++)
        for (uint32_t y = 0; y < d->cells_h; y++, i++)
            d->cells[i] = (uint8_t)(y * d->row_step + x * d->column_step);
}

/* Rows of outputs that do not exist repeat the last one that does: the same sums go to the same outputs. */
static uint32_t row_of(const struct depthwise *d, uint32_t row)
{
    return row < d->planned_rows ? row : d->planned_rows - 1;
}

static void set_shifts(struct depthwise *d)
{
    const struct mk_conv_armv7em *c = d->c;
    uint32_t o = 0;
    for (uint32_t y = 0; y < d->outputs_h; y++)
        for (uint32_t x = 0; x < d->outputs_w; x++) {
            const int32_t column = (int32_t)(x * c->stride_w) - (d->narrow ? c->pad_left : 0);
            const int32_t shift = column * (int32_t)d->cells_h + (int32_t)(row_of(d, y) * c->stride_h);
            d->windows.shifted[o++] = d->pattern + CELL - shift;
        }
    while (o < MK_MVE_MOST_OUTPUTS) d->windows.shifted[o++] = d->pattern;
}

/* The offsets of the outputs of `count` windows, of which the first one's first output is given. */
static uint16_t *put_offsets(const struct depthwise *d, uint16_t *to, uint32_t row, uint32_t column, uint32_t count)
{
    const uint32_t channels = d->c->out_c, width = d->c->out_w;
    for (; count > 0; count--) {
        for (uint32_t y = 0; y < d->outputs_h; y++)
            for (uint32_t x = 0; x < d->outputs_w; x++)
                *to++ = (uint16_t)((row_of(d, row + y) * width + column + x) * channels);
        if (d->narrow) row += d->outputs_h;
        else column += d->outputs_w;
    }
    return to;
}

/* Windows side by side and, if they leave some outputs over, one more that overlaps its neighbour. */
static void plan_windows(struct depthwise *d, uint32_t rows)
{
    struct mk_mve_windows *w = &d->windows;
    const uint32_t outputs = d->narrow ? d->outputs_h : d->outputs_w, extent = d->narrow ? rows : d->c->out_w;
    const uint32_t step = d->narrow ? d->c->stride_h * d->row_step : d->c->stride_w * d->column_step;
    const uint32_t whole = extent < outputs ? 1 : extent / outputs, rest = extent < outputs ? 0 : extent % outputs;
    if (d->planned_rows == rows) return;
    d->planned_rows = rows;
    d->segments[0] = (struct mk_mve_segment){0, whole};
    d->segments[1] = (struct mk_mve_segment){(extent - outputs) * step, 1};
    w->segments = d->segments;
    w->segments_end = d->segments + (rest ? 2 : 1);
    w->step = outputs * step;
    set_shifts(d);
    const uint32_t last = extent - outputs;
    uint16_t *end = put_offsets(d, d->offsets, 0, 0, whole);
    if (rest) end = put_offsets(d, end, d->narrow ? last : 0, d->narrow ? 0 : last, 1);
    w->sum_count = (uint32_t)(end - d->offsets);
}

/* `rows` rows of the input, one after the other in memory, or of padding, to row `to_row` of the room. */
static void copy_rows(const struct depthwise *d, const int8_t *from, uint32_t to_row, uint32_t rows)
{
    const uint32_t channels = d->c->in_c, left = d->narrow ? 0 : (uint32_t)d->c->pad_left, needed = d->columns - left;
    const uint32_t columns = needed < d->c->in_w ? needed : d->c->in_w;
    const struct mk_mve_blocks blocks = {d->column_step, from ? channels : 0, channels, d->windows.block_bytes,
                                         from ? CELL : 0};
    mk_mve_copy_blocks(d->room + to_row * d->row_step + left * d->column_step, from ? from : d->pad, rows * columns, &blocks);
}

/* All that `rows` rows of outputs from row r on read, in a call from row_begin on: rows that lie side by side at once where
 * the room lets them. */
static void copy_input(const struct depthwise *d, const int8_t *in, uint16_t row_begin, uint32_t r, uint32_t rows)
{
    const struct mk_conv_armv7em *c = d->c;
    const uint16_t n = (uint16_t)(r / c->out_h);
    const int32_t origin = (int32_t)(r % c->out_h * c->stride_h) - c->pad_top;
    const int32_t needed = (int32_t)((rows - 1) * c->stride_h) + c->filter_h;
    for (int32_t k = 0; k < needed;) {
        const int32_t y = origin + k;
        int32_t count = 1;
        const int8_t *from = NULL;
        if (y >= 0 && y < c->in_h) {
            const uint16_t number = mk_input_number(n, c->in_h, (uint16_t)y, mk_table_begin(row_begin, c->stride_h, c->pad_top),
                                                    c->in_ring);
            from = mk_input_row(in, number, (size_t)c->in_w * c->in_c, c->in_ring);
            if (d->narrow && c->in_ring) {
                count = needed - k < c->in_h - y ? needed - k : c->in_h - y;
                if (count > c->in_ring - number) count = c->in_ring - number;
            }
        }
        copy_rows(d, from, (uint32_t)k, (uint32_t)count);
        k += count;
    }
}

/* The columns of padding, which stay as they are; their rows lie side by side. */
static void pad_sides(const struct depthwise *d)
{
    const struct mk_conv_armv7em *c = d->c;
    const uint32_t left = (uint32_t)c->pad_left, right = d->columns > left + c->in_w ? d->columns - left - c->in_w : 0;
    const struct mk_mve_blocks blocks = {CELL, 0, c->in_c, d->windows.block_bytes, 0};
    if (left) mk_mve_copy_blocks(d->room, d->pad, left * d->cells_h, &blocks);
    if (right) mk_mve_copy_blocks(d->room + (left + c->in_w) * d->column_step, d->pad, right * d->cells_h, &blocks);
}

/* Everything that all rows share; returns how many rows of outputs fit the room. */
static void begin(struct depthwise *d, const struct mk_conv_armv7em *c, uint32_t room_bytes)
{
    struct mk_mve_windows *w = &d->windows;
    const uint32_t blocks = (c->in_c + 15u) / 16;
    d->c = c;
    d->outputs_h = (uint32_t)c->stream[1];
    d->outputs_w = (uint32_t)c->stream[2];
    d->narrow = (int)c->stream[3];
    d->cells_h = (d->outputs_h - 1) * c->stride_h + c->filter_h;
    d->cells_w = d->narrow ? c->in_w : (d->outputs_w - 1) * c->stride_w + c->filter_w;
    d->columns = d->narrow ? c->in_w : (c->out_w - 1u) * c->stride_w + c->filter_w;
    d->row_step = d->narrow ? CELL * (uint32_t)c->in_w : CELL;
    d->column_step = d->narrow ? CELL : CELL * d->cells_h;
    d->planned_rows = 0;
    if (d->narrow) {
        const uint32_t room_rows = room_bytes / (d->row_step * blocks);
        const uint32_t most = MK_MVE_MOST_SUMS / (d->outputs_h * d->outputs_w) * d->outputs_h;
        d->rows = (room_rows - c->filter_h) / c->stride_h + 1;
        if (d->rows > most - d->outputs_h) d->rows = most - d->outputs_h;
        if (d->rows < 1) d->rows = 1;
    } else {
        d->rows = d->outputs_h;
    }
    const uint32_t longest = d->rows > d->outputs_h ? d->rows : d->outputs_h;
    w->block_bytes = d->narrow ? ((longest - 1) * c->stride_h + c->filter_h) * d->row_step
                               : d->columns * d->column_step;
    memset(d->pad, c->pad_value, sizeof d->pad);
    memset(d->pattern, 0, sizeof d->pattern);
    memset(d->cells, 0, sizeof d->cells);
    set_cells(d);
    w->record_bytes = 16 + 4 * (c->way == MK_MVE_FAST ? 2u : 4u) + (d->narrow ? 4 * d->outputs_h * d->outputs_w : 0);
    w->scale = c->stream[0];
    w->sums = d->sums;
    w->offsets = d->offsets;
    w->cells = d->cells;
    w->lanes = d->cells_h * d->cells_w;
    w->outputs = d->outputs_h * d->outputs_w;
    w->starts = (uint32_t)d->narrow;
    w->way = c->way;
    w->zero_point = c->out_zero_point;
    w->act_min = c->act_min;
    w->act_max = c->act_max;
    w->pattern = d->pattern + CELL;
}

/* How many rows of outputs are done at a time, at most `left` of them: from row r on, or up to and with it. They are of one
 * batch entry and side by side in memory. As all of their inputs are copied before the first output is written, this is
 * right in either order. */
static uint32_t rows_at(const struct depthwise *d, uint16_t r, uint32_t left, int ascends)
{
    const struct mk_conv_armv7em *c = d->c;
    const uint32_t of_entry = (uint32_t)(ascends ? c->out_h - r % c->out_h : r % c->out_h + 1);
    const uint32_t of_ring = (uint32_t)(ascends ? c->out_ring - r % c->out_ring : r % c->out_ring + 1);
    uint32_t rows = d->rows < left ? d->rows : left;
    if (rows > of_entry) rows = of_entry;
    return rows < of_ring ? rows : of_ring;
}

void mk_mve_depthwise(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin, uint16_t row_end,
                      int8_t *room, uint32_t room_bytes)
{
    struct depthwise d;
    d.room = room;
    begin(&d, c, room_bytes);
    if (!d.narrow) pad_sides(&d);
    const int ascends = row_begin < row_end;
    for (uint32_t left = (uint32_t)(ascends ? row_end - row_begin : row_begin - row_end), rows; left > 0; left -= rows) {
        const uint16_t next = (uint16_t)(ascends ? row_end - left : row_end + left - 1);
        rows = rows_at(&d, next, left, ascends);
        const uint16_t r = (uint16_t)(ascends ? next : next + 1 - rows);
        plan_windows(&d, rows);
        copy_input(&d, in, row_begin, r, rows);
        d.windows.in = room;
        d.windows.out = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        d.windows.channels = c->out_c;
        d.windows.stream = c->stream + MK_MVE_WINDOWS_HEADER_WORDS;
        mk_mve_windows(&d.windows);
    }
}
