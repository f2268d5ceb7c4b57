/* mk_armv7em_conv.inl: hands output positions to the tile, three at a time; see mk_armv7em_conv.h. Included by a source that
 * defines MK_CONV_2D, the function's name, and MK_POSITIONS_3, the tile's.
 *
 * Where three neighbouring positions lie wholly inside the input, the tile gathers their inputs from the input rows: of each
 * filter row the whole groups of four (the head), then what is left of all rows (the rest). Other positions are copied
 * into vectors of the same order first, the padding filled in, and positions of several rows may share a tile. The last
 * group may be padded; what lies there does not count, its weights being zero. */
#include "mk_armv7em_conv.h"

#include "mk_armv7em_rows.h"

struct conv {
    const struct mk_conv_armv7em *c;
    int8_t *vectors;
    uint32_t vector_bytes, run_bytes, head_bytes; /* of all filter rows in whole groups, of one, and its head */
    uint32_t waiting;                             /* positions copied to `vectors`, 0..2 */
    int in_padding;                               /* does a filter row lie in the padding? */
    int8_t *out[3];                               /* theirs */
    uint32_t step, row_bytes, span;               /* bytes to the next position, row of outputs; from the first channel to the last */
    struct mk_armv7em_places places;
    struct mk_armv7em_tile tile;
    const int8_t *rows[MK_ARMV7EM_MOST_FILTER_ROWS]; /* under the filter; NULL in the padding */
};

static inline void copy(int8_t *to, const int8_t *from, uint32_t bytes)
{
    for (; bytes >= 4; bytes -= 4, to += 4, from += 4) memcpy(to, from, 4);
    for (; bytes > 0; bytes--) *to++ = *from++;
}

static void run_waiting(struct conv *v)
{
    struct mk_armv7em_tile *const t = &v->tile;
    if (v->waiting == 0) return;
    mk_armv7em_widen_3(t->columns, v->vectors, v->vectors + v->vector_bytes, v->vectors + 2 * v->vector_bytes, t->groups);
    t->out = v->out[0];
    t->last = v->out[0] + v->span;
    t->step_1 = v->waiting > 1 ? (uint32_t)(v->out[1] - v->out[0]) : 0;
    t->step_2 = v->waiting > 2 ? (uint32_t)(v->out[2] - v->out[0]) : t->step_1;
    MK_POSITIONS_3(t, 0);
    v->waiting = 0;
}

/* Where the next waiting position's inputs go. */
static int8_t *waiting_vector(const struct conv *v)
{
    return v->vectors + v->waiting * v->vector_bytes;
}

/* Its inputs are there; with three the tile runs. */
static void add_waiting(struct conv *v, int8_t *out)
{
    v->out[v->waiting++] = out;
    if (v->waiting == 3) run_waiting(v);
}

/* Of each filter row bytes [begin, end) to where they belong in the position's vector; they lie at byte `first` of the input
 * rows. */
static MK_NOINLINE void copy_rows(const struct conv *v, int8_t *head, size_t first, uint32_t begin, uint32_t end)
{
    const uint32_t head_bytes = v->head_bytes, rest_bytes = v->tile.rest, head_end = end < head_bytes ? end : head_bytes;
    const uint32_t in_head = begin < head_end ? head_end - begin : 0, in_rest = end - begin - in_head;
    const int8_t *const *const rows = v->tile.in_rows, *const *const rows_end = v->tile.in_rows_end;
    int8_t *rest = head + head_bytes * v->c->filter_h + (begin > head_bytes ? begin - head_bytes : 0);
    head += begin;
    for (const int8_t *const *row = rows; row != rows_end; row++, head += head_bytes)
        if (*row) copy(head, *row + first, in_head);
    if (in_rest == 0) return;
    first += in_head;
    for (const int8_t *const *row = rows; row != rows_end; row++, rest += rest_bytes)
        for (uint32_t i = 0; *row && i < in_rest; i++) rest[i] = (*row)[first + i];
}

/* Copies the inputs of the position whose filter begins at column x. */
static void add_position(struct conv *v, int32_t x, int8_t *out)
{
    const struct mk_conv_armv7em *c = v->c;
    const int32_t begin = x < 0 ? -x : 0, end = c->in_w - x < c->filter_w ? c->in_w - x : c->filter_w; /* columns inside */
    int8_t *const to = waiting_vector(v);
    if (v->in_padding || end - begin < c->filter_w) memset(to, c->pad_value, v->vector_bytes);
    if (begin < end)
        copy_rows(v, to, (size_t)((x + begin) * (int32_t)c->in_c), (uint32_t)begin * c->in_c, (uint32_t)end * c->in_c);
    add_waiting(v, out);
}

/* In planes: the position after the first three of a row. Where the first of a row is not its column 0, all are in that row. */
static void expect_triple(struct conv *v, int8_t *next)
{
    const uint32_t width = v->places.width;
    v->places.next = width == 3 ? next + v->places.row_skip : next;
    v->places.left = width == 3 ? 3 : width - 3;
}

/* `triples` times three neighbouring positions inside the input, the first one's filter beginning at byte `offset` of the rows. */
static void run_inside(struct conv *v, uint32_t offset, int8_t *out, uint32_t triples)
{
    struct mk_armv7em_tile *const t = &v->tile;
    t->offset = offset;
    t->out = out;
    t->last = out + v->span;
    t->step_1 = v->step;
    t->step_2 = 2 * t->step_1;
    if (MK_ARMV7EM_HAS_PLANES && t->way == MK_ARMV7EM_TO_PLANES) expect_triple(v, out + 3 * v->step);
    MK_POSITIONS_3(t, triples);
}

/* Three neighbouring positions, the first one's filter beginning at column x, from a copy of what lies under them, padding
 * included, in the place of the vectors: none may wait there. False if there is no room for it. */
static int run_copied(struct conv *v, int32_t x, int8_t *out)
{
    const struct mk_conv_armv7em *c = v->c;
    const int32_t columns = 2 * c->stride_w + c->filter_w, begin = x < 0 ? -x : 0;
    const int32_t end = c->in_w - x < columns ? c->in_w - x : columns; /* columns inside */
    const uint32_t row_bytes = (uint32_t)columns * c->in_c, head_bytes = v->head_bytes;
    if (row_bytes * c->filter_h > 3 * v->vector_bytes) return 0;
    memset(v->vectors, c->pad_value, row_bytes * c->filter_h);
    v->head_bytes = row_bytes; /* whole rows, without rests */
    if (begin < end)
        copy_rows(v, v->vectors, (size_t)((x + begin) * (int32_t)c->in_c), (uint32_t)begin * c->in_c, (uint32_t)end * c->in_c);
    v->head_bytes = head_bytes;
    for (uint32_t fy = 0; fy < c->filter_h; fy++) v->rows[fy] = v->vectors + fy * row_bytes;
    run_inside(v, 0, out, 1);
    return 1;
}

/* Output row r. Positions that wait may be written after others of the row: nothing that is still read lies there. */
static void run_row(struct conv *v, int8_t *out, uint16_t r)
{
    const struct mk_conv_armv7em *c = v->c;
    const int32_t stride = c->stride_w, left = c->pad_left, width = c->out_w, most = (int32_t)c->in_w + left - c->filter_w;
    int32_t first = (left + stride - 1) / stride, end = most < 0 ? 0 : most / stride + 1; /* outputs inside */
    const int32_t y = (int32_t)(r % c->out_h * (uint32_t)c->stride_h) - c->pad_top;
    v->in_padding = y < 0 || y + c->filter_h > c->in_h;
    if (end > width) end = width;
    if (v->in_padding) end = 0;
    const int32_t triples = end > first ? (end - first) / 3 : 0;
    if (triples)
        run_inside(v, (uint32_t)(first * stride - left) * c->in_c, out + (uint32_t)first * v->step, (uint32_t)triples);
    else first = width;
    for (int32_t i = 0; i < width; i++) {
        if (i == first) i += 3 * triples;
        if (i + 3 == width && v->waiting == 0 && run_copied(v, i * stride - left, out + (uint32_t)i * v->step)) return;
        if (i < width) add_position(v, i * stride - left, out + (uint32_t)i * v->step);
    }
}

/* Rows of a 1x1 convolution that lie side by side: one long row of `positions` positions. */
static void run_positions(struct conv *v, const int8_t *in, int8_t *out, uint32_t positions)
{
    const uint32_t triples = positions / 3;
    const struct mk_conv_armv7em *c = v->c;
    v->rows[0] = in;
    if (triples) run_inside(v, 0, out, triples);
    for (uint32_t i = 3 * triples; i < positions; i++) {
        copy_rows(v, waiting_vector(v), i * c->in_c, 0, c->in_c);
        add_waiting(v, out + i / c->out_w * v->row_bytes + i % c->out_w * v->step);
    }
}

static int is_pointwise(const struct mk_conv_armv7em *c)
{
    return c->filter_h == 1 && c->filter_w == 1 && c->stride_h == 1 && c->stride_w == 1 && c->in_w == c->out_w &&
           c->in_h == c->out_h && c->in_ring != 0;
}

static uint16_t least(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

static void prepare_planes(struct conv *v, const struct mk_armv7em_to_planes *planes)
{
    v->step = planes->step;
    v->row_bytes = planes->row_bytes;
    v->span = v->places.span = planes->span;
    v->places.width = v->c->out_w;
    v->places.row_skip = planes->row_bytes - v->c->out_w * planes->step;
    v->tile.plane = planes->plane;
    v->tile.places = &v->places;
    v->tile.way = MK_ARMV7EM_TO_PLANES;
}

static void prepare(struct conv *v, const struct mk_conv_armv7em *c, const struct mk_armv7em_room *room)
{
    struct mk_armv7em_tile *const t = &v->tile;
    v->c = c;
    v->vectors = (int8_t *)(void *)room->vectors;
    v->run_bytes = (uint32_t)c->filter_w * c->in_c;
    v->head_bytes = v->run_bytes / 4 * 4;
    v->waiting = 0;
    t->head = v->run_bytes / 4;
    t->rest = v->run_bytes % 4;
    t->rest_groups = (t->rest * c->filter_h + 3) / 4;
    t->groups = t->head * c->filter_h + t->rest_groups;
    v->vector_bytes = 4 * t->groups;
    t->columns = (int16_t *)(void *)room->columns;
    t->columns_end = t->columns + 12 * t->groups;
    t->stream = c->stream;
    t->way = c->way;
    t->zero_point = c->out_zero_point;
    t->act_min = c->act_min;
    t->act_max = c->act_max;
    t->in_step = (uint32_t)c->stride_w * c->in_c;
    t->in_rows = v->rows;
    t->in_rows_end = v->rows + c->filter_h;
    v->step = c->out_c;
    v->row_bytes = (uint32_t)c->out_w * c->out_c;
    v->span = c->out_c - 1u;
    if (MK_ARMV7EM_HAS_PLANES && room->planes) prepare_planes(v, room->planes);
}

void MK_CONV_2D(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin, uint16_t row_end,
                const struct mk_armv7em_room *room)
{
    struct conv v;
    prepare(&v, c, room);
    const uint32_t in_row_bytes = (uint32_t)c->in_w * c->in_c;
    const int flat = is_pointwise(c);
    uint16_t rows;
    for (uint16_t r = row_begin; r < row_end; r = (uint16_t)(r + rows)) {
        const uint16_t to_row = r % c->out_ring;
        int8_t *const to = out + to_row * v.row_bytes;
        rows = 1;
        if (flat) {
            const uint16_t from_row = r % c->in_ring;
            rows = least((uint16_t)(row_end - r),
                         least((uint16_t)(c->out_ring - to_row), (uint16_t)(c->in_ring - from_row)));
            run_positions(&v, in + from_row * in_row_bytes, to, (uint32_t)rows * c->out_w);
        } else {
            mk_armv7em_rows_at(v.rows, c, in, row_begin, r);
            run_row(&v, to, r);
        }
    }
    run_waiting(&v);
}
