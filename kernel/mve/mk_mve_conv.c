/* mk_mve_conv.c: finds or gathers the inputs of positions and hands them to the tile; see mk_mve_conv.h.
 *
 * Where all inputs of a position lie side by side, as for pointwise layers, they are read where they are. Else the input
 * rows under the filter are copied to a strip, column by column: all filter rows of column x, then those of column x + 1.
 * There the inputs of every position lie side by side, and those of neighbours overlap, so that each input is copied once
 * per row of outputs whatever the width of the filter. */
#include "mk_mve_conv.h"

#include "mk_armv7em_rows.h"
#include "mk_mve_copy.h"
#include "mk_mve_short.h"

/* Columns of the strip. */
struct columns {
    uint32_t left, inside, right; /* in the padding, in the input, in the padding */
    uint32_t first;               /* input column of the first one inside */
};

struct conv {
    const struct mk_conv_armv7em *c;
    int8_t *strip;
    uint32_t strip_bytes;  /* without the slack */
    uint32_t column_bytes; /* of the strip */
    uint32_t inputs;       /* per position */
    int scatters;          /* few channels: several columns per vector */
    int is_short;          /* channels before positions: rows at a time whose outputs lie apart from their inputs */
    struct mk_mve_scatter scatter;
    uint32_t most;         /* positions of the strip */
    int is_planned;        /* the strip's columns are those of the row before, its padding is in place */
    struct columns columns;
    int8_t pad[16];
    struct mk_mve_tile tile;
    const int8_t *rows[MK_ARMV7EM_MOST_FILTER_ROWS]; /* under the filter; NULL in the padding */
};

static void run_tile(const struct conv *v)
{
    if (v->is_short) mk_mve_run_short(&v->tile);
    else mk_mve_run_tile(&v->tile, v->c->way);
}

static struct columns columns_under(const struct mk_conv_armv7em *c, uint32_t position, uint32_t positions)
{
    const int32_t first = (int32_t)(position * c->stride_w) - c->pad_left, in_w = c->in_w;
    const int32_t end = first + (int32_t)((positions - 1) * c->stride_w + c->filter_w);
    const int32_t begin_inside = first < 0 ? (end < 0 ? end : 0) : first < in_w ? first : in_w;
    const int32_t end_inside = end > in_w ? (begin_inside > in_w ? begin_inside : in_w) : end;
    const int32_t inside = end_inside > begin_inside ? end_inside - begin_inside : 0;
    return (struct columns){(uint32_t)(begin_inside - first), (uint32_t)inside, (uint32_t)(end - begin_inside - inside),
                            (uint32_t)(inside ? begin_inside : 0)};
}

/* Whole vectors of padding: may write up to 15 bytes more. */
static void fill(const struct conv *v, int8_t *to, uint32_t bytes)
{
    const struct mk_mve_blocks blocks = {16, 0, 16, 0, 0};
    if (bytes > 0) mk_mve_copy_blocks(to, v->pad, (bytes + 15) / 16, &blocks);
}

/* Columns and padding of the strip for `count` positions. */
static void plan_strip(struct conv *v, uint32_t position, uint32_t count)
{
    const uint32_t channels = v->c->in_c;
    const struct columns columns = columns_under(v->c, position, count);
    fill(v, v->strip, columns.left * v->column_bytes);
    fill(v, v->strip + (columns.left + columns.inside) * v->column_bytes, columns.right * v->column_bytes);
    v->columns = columns;
    v->is_planned = count == v->c->out_w;
    if (!v->scatters) return;
    const uint32_t bytes = columns.inside * channels;
    v->scatter.from_offset = columns.first * channels;
    v->scatter.whole = bytes < 16 ? 0 : (bytes - 16) / v->scatter.from_step + 1;
    v->scatter.rest = bytes - v->scatter.whole * v->scatter.from_step;
}

/* The inputs of all filter rows. */
static void copy_inputs(const struct conv *v)
{
    const uint32_t channels = v->c->in_c, count = v->columns.inside;
    int8_t *to = v->strip + v->columns.left * v->column_bytes;
    if (count == 0) return;
    if (v->scatters) {
        mk_mve_scatter(to, v->rows, v->c->filter_h, &v->scatter);
        return;
    }
    for (uint16_t fy = 0; fy < v->c->filter_h; fy++, to += channels) {
        const int8_t *const row = v->rows[fy];
        const struct mk_mve_blocks blocks = {v->column_bytes, row ? channels : 0, channels, 16, row ? 16 : 0};
        mk_mve_copy_blocks(to, row ? row + v->columns.first * channels : v->pad, count, &blocks);
    }
}

/* A row of outputs by way of the strip, as many positions at a time as fit. */
static void run_strip(struct conv *v, int8_t *out)
{
    const struct mk_conv_armv7em *c = v->c;
    for (uint32_t position = 0, now; position < c->out_w; position += now) {
        now = c->out_w - position < v->most ? c->out_w - position : v->most;
        if (!v->is_planned) plan_strip(v, position, now);
        copy_inputs(v);
        v->tile.in = v->strip;
        v->tile.positions = now;
        v->tile.out = out + position * c->out_c;
        run_tile(v);
    }
}

/* `count` positions whose inputs lie side by side, `step` bytes from one to the next, `bytes` bytes from the first one's on
 * that may be read. The last ones' excess may lie beyond: they are copied. */
static void run_direct(struct conv *v, int8_t *out, const int8_t *in, uint32_t bytes, uint32_t count)
{
    const uint32_t step = (uint32_t)v->c->stride_w * v->c->in_c, whole = v->tile.bytes_of_inputs;
    uint32_t direct = bytes < whole ? 0 : (bytes - whole) / step + 1;
    if (direct > count) direct = count;
    v->tile.step = step;
    if (direct > 0) {
        v->tile.in = in;
        v->tile.out = out;
        v->tile.positions = direct;
        run_tile(v);
    }
    if (direct == count) return;
    const struct mk_mve_blocks blocks = {0, 0, (count - direct - 1) * step + v->inputs, 16, 16};
    mk_mve_copy_blocks(v->strip, in + direct * step, 1, &blocks);
    v->tile.in = v->strip;
    v->tile.out = out + direct * v->c->out_c;
    v->tile.positions = count - direct;
    run_tile(v);
}

/* Rows of a ring that lie side by side with row r: it and those after it, or those before it. */
static uint32_t rows_beside(uint16_t r, uint16_t ring, int ascends)
{
    return (uint32_t)(ascends ? ring - r % ring : r % ring + 1);
}

/* Do `out_bytes` from `out` on and `in_bytes` from `in` on lie apart? */
static int are_apart(const int8_t *out, size_t out_bytes, const int8_t *in, size_t in_bytes)
{
    const uintptr_t o = (uintptr_t)out, i = (uintptr_t)in;
    return o + out_bytes <= i || i + in_bytes <= o;
}

/* May `count` positions from `out` and `in` on, of some rows, be one row, if outputs may lie over inputs of earlier rows, or, in
 * descending order, of later ones? Yes if they lie apart. Else not for short tiles, which write outputs of all positions before they
 * have read all inputs, nor in descending order, where outputs lie above their inputs; and where tiles take the last position of a row
 * together with the first of the next one, only if no output reaches the inputs of the position before. */
static int may_be_one(const struct conv *v, const int8_t *out, const int8_t *in, size_t count, int ascends)
{
    const size_t out_c = v->c->out_c, in_c = v->c->in_c, width = v->c->out_w;
    if (are_apart(out, count * out_c, in, count * in_c)) return 1;
    if (v->is_short || !ascends) return 0;
    if (width % 2 == 0 || (width - 1) * out_c >= in_c) return 1;
    const uintptr_t o = (uintptr_t)out, i = (uintptr_t)in;
    return o + 2 * out_c <= i && o + count * out_c <= i + (count - 2) * in_c;
}

/* How many rows from r on, of `left`, are one row in memory, input and output, for pointwise layers without stride. */
static uint32_t rows_as_one(const struct conv *v, const int8_t *out, const int8_t *in, uint16_t r, uint32_t left, int ascends)
{
    const struct mk_conv_armv7em *const c = v->c;
    const size_t in_row = (size_t)c->in_w * c->in_c, out_row = (size_t)c->out_w * c->out_c;
    if (c->filter_w != 1 || c->stride_w != 1 || c->stride_h != 1 || c->in_h != c->out_h || c->in_w != c->out_w ||
        c->in_ring == 0)
        return 1;
    const uint32_t in_rows = rows_beside(r, c->in_ring, ascends), out_rows = rows_beside(r, c->out_ring, ascends);
    uint32_t rows = in_rows < out_rows ? in_rows : out_rows;
    if (rows > left) rows = left;
    for (; rows > 1; rows /= 2) {
        const uint32_t first = ascends ? r : r + 1u - rows;
        if (may_be_one(v, out + first % c->out_ring * out_row, in + first % c->in_ring * in_row, rows * c->out_w, ascends)) break;
    }
    return rows;
}

static void prepare_scatter(struct conv *v)
{
    const uint32_t channels = v->c->in_c, last = 15 / channels * v->column_bytes + 15 % channels;
    v->scatters = channels <= 8 && last <= UINT8_MAX;
    if (!v->scatters) return;
    v->scatter.pad = v->pad;
    v->scatter.row_step = channels;
    for (uint32_t i = 0; i < 16; i++)
        v->scatter.offsets[i] = (uint8_t)(i / channels * v->column_bytes + i % channels);
    v->scatter.from_step = 16 / channels * channels;
    v->scatter.to_step = 16 / channels * v->column_bytes;
}

/* One filter row, and no padding. */
static int is_direct(const struct mk_conv_armv7em *c)
{
    return c->filter_h == 1 && c->pad_left == 0 && c->pad_top == 0 &&
           (uint32_t)(c->out_w - 1) * c->stride_w + c->filter_w <= c->in_w &&
           (uint32_t)(c->out_h - 1) * c->stride_h < c->in_h;
}

/* Row `left` of a range from its end; rows in descending order come in it from the last to the first. */
static uint16_t row_at(uint16_t row_begin, uint16_t row_end, uint32_t left)
{
    return (uint16_t)(row_begin < row_end ? row_end - left : row_end + left - 1);
}

/* How many bytes lie from the current row of inputs on up to those that the call's last row of outputs reads, `more` rows of outputs
 * on: no more need be memory, as of a fused plan's rows. What is read there beyond a position's inputs meets weights of zero. */
static uint32_t readable_bytes(const struct conv *v, const int8_t *in, uint32_t more)
{
    const struct mk_conv_armv7em *const c = v->c;
    const uint32_t row_bytes = (uint32_t)c->in_w * c->in_c;
    if (c->in_ring == 0) return row_bytes;
    const uint32_t in_ring = (uint32_t)(in + c->in_ring * row_bytes - v->rows[0]), in_call = (more * c->stride_h + 1) * row_bytes;
    return in_call < in_ring ? in_call : in_ring;
}

static void run_direct_rows(struct conv *v, int8_t *out, const int8_t *in, uint16_t row_begin, uint16_t row_end)
{
    const struct mk_conv_armv7em *const c = v->c;
    const size_t out_row_bytes = (size_t)c->out_w * c->out_c;
    const int ascends = row_begin < row_end;
    const uint32_t last = (ascends ? row_end : row_begin) - 1u;
    for (uint32_t left = (uint32_t)(ascends ? row_end - row_begin : row_begin - row_end), rows; left > 0; left -= rows) {
        const uint16_t next = row_at(row_begin, row_end, left);
        rows = rows_as_one(v, out, in, next, left, ascends);
        const uint16_t r = (uint16_t)(ascends ? next : next + 1 - rows);
        mk_armv7em_rows_at(v->rows, c, in, row_begin, r);
        run_direct(v, out + (r % c->out_ring) * out_row_bytes, v->rows[0], readable_bytes(v, in, last - r), rows * c->out_w);
    }
}

static void run_strip_rows(struct conv *v, int8_t *out, const int8_t *in, uint16_t row_begin, uint16_t row_end)
{
    const struct mk_conv_armv7em *const c = v->c;
    const size_t out_row_bytes = (size_t)c->out_w * c->out_c;
    v->most = (v->strip_bytes / v->column_bytes - c->filter_w) / c->stride_w + 1;
    v->tile.step = c->stride_w * v->column_bytes;
    v->is_planned = 0;
    prepare_scatter(v);
    memset(v->pad, c->pad_value, sizeof v->pad);
    for (uint32_t left = (uint32_t)(row_begin < row_end ? row_end - row_begin : row_begin - row_end); left > 0; left--) {
        const uint16_t r = row_at(row_begin, row_end, left);
        mk_armv7em_rows_at(v->rows, c, in, row_begin, r);
        run_strip(v, out + (r % c->out_ring) * out_row_bytes);
    }
}

void mk_mve_conv_2d(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin, uint16_t row_end,
                    int8_t *room, uint32_t room_bytes)
{
    struct conv v;
    v.c = c;
    v.strip = room;
    v.strip_bytes = room_bytes - MK_MVE_SLACK;
    v.column_bytes = (uint32_t)c->filter_h * c->in_c;
    v.inputs = c->filter_w * v.column_bytes;
    v.tile.bytes_of_inputs = (v.inputs + 15) / 16 * 16;
    v.tile.channels = c->out_c;
    v.tile.stream = c->stream;
    v.tile.zero_point = c->out_zero_point;
    v.tile.act_min = c->act_min;
    v.tile.act_max = c->act_max;
    v.is_short = mk_mve_is_short(&v.tile, c->way, c->out_w);
    if (is_direct(c)) run_direct_rows(&v, out, in, row_begin, row_end);
    else run_strip_rows(&v, out, in, row_begin, row_end);
}
