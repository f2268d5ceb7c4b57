/* mk_armv7em_conv.c: gathers the inputs of three output positions and hands them to the tile; see mk_armv7em_conv.h.
 *
 * Each filter row's inputs are rounded up to whole groups; what lies in the excess does not count, its weights being zero.
 * Where three positions of a row lie wholly inside the input, they are widened where they are; else each position is first
 * copied, the padding filled in, and positions of several rows may share a tile. */
#include "mk_armv7em_conv.h"

#include "mk_armv7em_rows.h"

struct conv {
    const struct mk_conv_armv7em *c;
    int16_t *columns;
    int8_t *vectors;
    uint32_t vector_bytes, run_bytes; /* of all filter rows, and of one, in whole groups */
    uint32_t waiting;                 /* positions copied to `vectors`, 0..2 */
    int8_t *out[3];                   /* theirs */
    struct mk_armv7em_tile tile;
    const int8_t *rows[MK_ARMV7EM_MOST_FILTER_ROWS]; /* under the filter; NULL in the padding */
};

static inline int8_t *copy(int8_t *to, const int8_t *from, uint32_t bytes)
{
    for (; bytes >= 16; bytes -= 16, to += 16, from += 16) memcpy(to, from, 16); /* four loads, four stores */
    for (; bytes >= 4; bytes -= 4, to += 4, from += 4) memcpy(to, from, 4);
    for (; bytes > 0; bytes--) *to++ = *from++;
    return to;
}

static inline int8_t *fill(int8_t *to, int8_t value, uint32_t bytes)
{
    for (; bytes > 0; bytes--) *to++ = value;
    return to;
}

/* The tile for the positions whose columns are ready: `count` of them. */
static void run_tile(struct conv *v, uint32_t count)
{
    v->tile.out = v->out[0];
    v->tile.last = v->out[0] + v->c->out_c - 1;
    v->tile.step_1 = count > 1 ? (uint32_t)(v->out[1] - v->out[0]) : 0;
    v->tile.step_2 = count > 2 ? (uint32_t)(v->out[2] - v->out[0]) : v->tile.step_1;
    mk_armv7em_dual_3(&v->tile);
}

static void run_waiting(struct conv *v)
{
    if (v->waiting == 0) return;
    mk_armv7em_widen_3(v->columns, v->vectors, v->vectors + v->vector_bytes, v->vectors + 2 * v->vector_bytes,
                       v->tile.groups);
    run_tile(v, v->waiting);
    v->waiting = 0;
}

/* Copies the inputs of the position whose filter begins at column x; with three the tile runs. */
static void add_position(struct conv *v, int32_t x, int8_t *out)
{
    const struct mk_conv_armv7em *c = v->c;
    int8_t *to = v->vectors + v->waiting * v->vector_bytes;
    const struct mk_taps taps = mk_taps_inside(x, c->in_w, c->filter_w, 1);
    const uint32_t left = (uint32_t)taps.begin * c->in_c, inside = (uint32_t)(taps.end - taps.begin) * c->in_c;
    const uint32_t right = (uint32_t)(c->filter_w - taps.end) * c->in_c;
    const int8_t pad = (int8_t)c->pad_value;
    const size_t first = (size_t)((x + taps.begin) * (int32_t)c->in_c); /* unused if nothing is inside */
    for (uint16_t fy = 0; fy < c->filter_h; fy++, to += v->run_bytes) {
        if (!v->rows[fy] || !inside) {
            (void)fill(to, pad, left + inside + right);
            continue;
        }
        (void)fill(to, pad, left);
        (void)copy(to + left, v->rows[fy] + first, inside);
        (void)fill(to + left + inside, pad, right);
    }
    v->out[v->waiting++] = out;
    if (v->waiting == 3) run_waiting(v);
}

/* Three positions of a row, the first one's filter beginning at column x, inside the input all of them. */
static void run_inside(struct conv *v, int32_t x, int8_t *out)
{
    const struct mk_conv_armv7em *c = v->c;
    const uint32_t step = (uint32_t)c->stride_w * c->in_c, groups = v->run_bytes / 4;
    const size_t first = (size_t)x * c->in_c;
    int16_t *to = v->columns;
    for (uint16_t fy = 0; fy < c->filter_h; fy++, to += 12 * groups) {
        if (v->rows[fy]) {
            const int8_t *from = v->rows[fy] + first;
            mk_armv7em_widen_3(to, from, from + step, from + 2 * step, groups);
        } else {
            (void)fill(v->vectors, (int8_t)c->pad_value, v->run_bytes);
            mk_armv7em_widen_3(to, v->vectors, v->vectors, v->vectors, groups);
        }
    }
    for (uint32_t i = 0; i < 3; i++) v->out[i] = out + i * c->out_c;
    run_tile(v, 3);
}

/* `count` positions of a row. */
static void run_row(struct conv *v, int8_t *out, uint32_t count)
{
    const struct mk_conv_armv7em *c = v->c;
    const int32_t row_bytes = (int32_t)c->in_w * c->in_c, spare = row_bytes - (int32_t)v->run_bytes;
    const int32_t last_inside = spare < 0 ? -1 : spare / c->in_c - 2 * c->stride_w; /* nothing beyond the row is read */
    int32_t x = -c->pad_left;
    for (uint32_t i = 0; i < count;) {
        if (v->waiting == 0 && i + 3 <= count && x >= 0 && x <= last_inside) {
            run_inside(v, x, out);
            i += 3, x += 3 * c->stride_w, out += 3 * c->out_c;
        } else {
            add_position(v, x, out);
            i++, x += c->stride_w, out += c->out_c;
        }
    }
}

void mk_armv7em_conv_2d(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                        uint16_t row_end, const struct mk_armv7em_room *room)
{
    struct conv v;
    v.c = c;
    v.columns = (int16_t *)(void *)room->columns;
    v.vectors = (int8_t *)(void *)room->vectors;
    v.run_bytes = ((uint32_t)c->filter_w * c->in_c + 3) / 4 * 4;
    v.waiting = 0;
    v.vector_bytes = v.run_bytes * c->filter_h;
    v.tile.groups = v.vector_bytes / 4;
    v.tile.columns = v.columns;
    v.tile.columns_end = v.columns + 12 * v.tile.groups;
    v.tile.stream = c->stream;
    v.tile.way = c->way;
    v.tile.zero_point = c->out_zero_point;
    v.tile.act_min = c->act_min;
    v.tile.act_max = c->act_max;
    const uint32_t out_row_bytes = (uint32_t)c->out_w * c->out_c;
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_armv7em_rows_at(v.rows, c, in, r);
        run_row(&v, out + (r % c->out_ring) * out_row_bytes, c->out_w);
    }
    run_waiting(&v);
}
