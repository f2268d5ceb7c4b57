/* mk_scalar32_gather.h: convolutions and fully connected layers by lists of inputs that are not zero; see
 * mk_scalar32_tile.h. Per position first the positive inputs under the filter are gathered, then the negative ones, if the
 * zero point allows any. Where the list is full, the tile runs and goes on from its own sums. Where it surely is not and the
 * channels are few, several positions are requantised at once.
 * A kernel includes this after it has defined how it stores weights:
 *   MK_SCALAR32_GATHER_TILE                      the tile
 *   MK_SCALAR32_GATHER_BYTES                     of weights, per group and input
 *   MK_SCALAR32_GATHER_CHUNK                     inputs of a chunk, 2 or 4
 *   MK_SCALAR32_GATHER_BY_TILE                   is it mk_scalar32_tile, for which several positions can be listed?
 *   MK_SCALAR32_GATHER_MISSING(borrows, total)   what sums lack, of so many negative chunks and the inputs' total */
#ifndef MK_SCALAR32_GATHER_H
#define MK_SCALAR32_GATHER_H

#include "mk_scalar32_list.h"
#include "mk_scalar32_requantize.h"
#include "mk_scalar32_rows.h"

enum {
    LIST_ENTRIES = MK_SCALAR32_GATHER_CHUNK == MK_SCALAR32_QUAD ? 256 : 128,
    LEAST_PART = 16, /* inputs that are worth another call */
    BLOCK_CHANNELS = 128,
    OFFSET_BYTES = 4 * MK_SCALAR32_GROUP_WORDS /* of an input, as lists count them */
};

struct gather {
    const struct mk_conv_scalar32 *c;
    const int32_t *weights, *starts; /* of the block of channels */
    uint32_t groups, group_bytes;
    struct mk_scalar32_entry *list; /* of LIST_ENTRIES */
    struct mk_scalar32_list l;
    int32_t *sums;
    const int32_t *from; /* where the tile finds the sums so far */
    const struct mk_scalar32_entry *negative; /* where those inputs begin in the list; NULL before the first */
    uint32_t borrows;                         /* chunks of them that the tile has seen */
    int is_pointwise;    /* a filter of one tap, no padding */
};

static void close_chunk(struct mk_scalar32_list *l)
{
    if (MK_SCALAR32_GATHER_CHUNK == MK_SCALAR32_QUAD) mk_scalar32_close_quad(l);
    else mk_scalar32_close_chunk(l);
}

static void run_tile(struct gather *g)
{
    close_chunk(&g->l);
    if (g->l.end == g->list && g->from == g->sums) return;
    if (g->negative) {
        g->borrows += (uint32_t)(g->l.end - g->negative) / MK_SCALAR32_GATHER_CHUNK;
        g->negative = g->list;
    }
    MK_SCALAR32_GATHER_TILE(g->list, g->l.end, g->weights, g->group_bytes, g->from, g->sums, g->groups);
    g->from = g->sums;
    g->l.end = g->list;
}

static void append(struct gather *g, const int8_t *in, uint32_t count, uint32_t offset, int32_t sign)
{
    const int has_quads = MK_SCALAR32_GATHER_CHUNK == MK_SCALAR32_QUAD;
    if (has_quads && sign > 0) mk_scalar32_append_positive_quads(&g->l, in, count, offset);
    else if (has_quads) mk_scalar32_append_negative_quads(&g->l, in, count, offset);
    else if (sign > 0) mk_scalar32_append_positive(&g->l, in, count, offset);
    else mk_scalar32_append_negative(&g->l, in, count, offset);
}

/* The same, but runs the tile where there might be room for few. */
static void append_many(struct gather *g, const int8_t *in, uint32_t count, uint32_t offset, int32_t sign)
{
    while (count > 0) {
        uint32_t part = (uint32_t)(g->list + LIST_ENTRIES - g->l.end) / MK_SCALAR32_GATHER_CHUNK;
        if (part < LEAST_PART && part < count) {
            run_tile(g);
            part = LIST_ENTRIES / MK_SCALAR32_GATHER_CHUNK;
        }
        if (part > count) part = count;
        append(g, in, part, offset, sign);
        in += part, count -= part, offset += part * OFFSET_BYTES;
    }
}

/* All inputs of one sign of the position whose filter begins at column x. */
static void gather_position(struct gather *g, const int8_t *const *rows, int32_t x, int32_t sign, int has_room)
{
    const struct mk_conv_scalar32 *const c = g->c;
    const struct mk_taps taps = mk_taps_inside(x, c->in_w, c->filter_w, 1);
    const uint32_t count = (uint32_t)(taps.end - taps.begin) * c->in_c;
    const uint32_t row_bytes = (uint32_t)c->filter_w * c->in_c * OFFSET_BYTES;
    uint32_t offset = (uint32_t)taps.begin * c->in_c * OFFSET_BYTES;
    for (uint16_t fy = 0; fy < c->filter_h; fy++, offset += row_bytes) {
        if (!rows[fy] || !count) continue;
        const int8_t *const in = rows[fy] + (size_t)(x + taps.begin) * c->in_c;
        if (has_room) append(g, in, count, offset, sign);
        else append_many(g, in, count, offset, sign);
    }
}

/* One position: out_c channels, a block of them at a time. */
static void run_position(int8_t *out, struct gather *g, const int8_t *const *rows, int32_t x)
{
    const struct mk_conv_scalar32 *const c = g->c;
    const int32_t *records = c->records;
    g->weights = c->weights;
    g->starts = c->starts;
    for (uint32_t left = c->out_c; left > 0;) {
        const uint32_t channels = left < BLOCK_CHANNELS ? left : BLOCK_CHANNELS;
        g->groups = mk_scalar32_groups(channels);
        g->from = g->starts;
        g->l.total = 0;
        g->borrows = 0;
        g->negative = NULL;
        gather_position(g, rows, x, 1, 0);
        if (c->in_zero_point > INT8_MIN) {
            close_chunk(&g->l);
            g->negative = g->l.end;
            gather_position(g, rows, x, -1, 0);
        }
        run_tile(g);
        const struct mk_scalar32_missing missing = MK_SCALAR32_GATHER_MISSING(g->borrows, (uint32_t)g->l.total);
        records = mk_scalar32_finish_pairs(out, g->sums, channels, records, c, &missing, 1);
        left -= channels;
        out += channels;
        g->starts += channels;
        g->weights += g->groups * g->group_bytes / 4;
    }
}

/* All inputs of a position in one list, which must have room for them. */
static struct mk_scalar32_missing list_position(struct gather *g, const int8_t *const *rows, int32_t x)
{
    const struct mk_conv_scalar32 *const c = g->c;
    uint32_t borrows = 0;
    g->l.end = g->list;
    g->l.total = 0;
    if (g->is_pointwise) append(g, rows[0] + (size_t)x * c->in_c, c->in_c, 0, 1);
    else gather_position(g, rows, x, 1, 1);
    close_chunk(&g->l);
    if (c->in_zero_point > INT8_MIN) {
        const struct mk_scalar32_entry *const negative = g->l.end;
        gather_position(g, rows, x, -1, 1);
        close_chunk(&g->l);
        borrows = (uint32_t)(g->l.end - negative) / MK_SCALAR32_GATHER_CHUNK;
    }
    return MK_SCALAR32_GATHER_MISSING(borrows, (uint32_t)g->l.total);
}

/* A row of positions of one tap with inputs of one sign. */
static void run_pointwise_row(int8_t *out, const struct gather *g, const int8_t *in)
{
    const struct mk_conv_scalar32 *const c = g->c;
    struct mk_scalar32_missing missing[MK_SCALAR32_MOST_POSITIONS];
    const struct mk_scalar32_listed l = {.list = g->list, .inputs = c->in_c, .step = (uint32_t)c->stride_w * c->in_c, .weights = c->weights,
                                         .group_bytes = g->group_bytes, .starts = c->starts, .groups = mk_scalar32_groups(c->out_c)};
    const uint32_t most = mk_scalar32_positions_at_once(BLOCK_CHANNELS, l.groups * MK_SCALAR32_GROUP_SUMS);
    for (uint32_t left = c->out_w; left > 0;) {
        const uint32_t count = left < most ? left : most;
        mk_scalar32_tile_positions(&l, in, count, g->sums, missing);
        (void)mk_scalar32_finish_pairs(out, g->sums, c->out_c, c->records, c, missing, count);
        left -= count;
        in += count * l.step;
        out += count * c->out_c;
    }
}

/* A row of positions with such lists, as many at a time as there is room for their sums. */
static void run_small_row(int8_t *out, struct gather *g, const int8_t *const *rows)
{
    const struct mk_conv_scalar32 *const c = g->c;
    struct mk_scalar32_missing missing[MK_SCALAR32_MOST_POSITIONS];
    const uint32_t groups = mk_scalar32_groups(c->out_c), sums = groups * MK_SCALAR32_GROUP_SUMS;
    const uint32_t most = mk_scalar32_positions_at_once(BLOCK_CHANNELS, sums);
    uint32_t count = 0;
    int32_t x = -c->pad_left;
    for (uint16_t left = c->out_w; left > 0; left--, x += c->stride_w) {
        missing[count] = list_position(g, rows, x);
        MK_SCALAR32_GATHER_TILE(g->list, g->l.end, c->weights, g->group_bytes, c->starts, g->sums + count * sums, groups);
        if (++count < most && left > 1) continue;
        (void)mk_scalar32_finish_pairs(out, g->sums, c->out_c, c->records, c, missing, count);
        out += c->out_c * count;
        count = 0;
    }
}

static inline void mk_scalar32_gather(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p,
                                      uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    struct mk_scalar32_entry list[LIST_ENTRIES];
    int32_t sums[BLOCK_CHANNELS];
    const int8_t *rows[MK_SCALAR32_MOST_FILTER_ROWS];
    const uint32_t inputs = (uint32_t)c->filter_h * c->filter_w * c->in_c;
    const int is_small = MK_SCALAR32_GATHER_CHUNK * inputs <= LIST_ENTRIES && c->out_c <= BLOCK_CHANNELS;
    const int is_pointwise = c->filter_h * c->filter_w == 1 && c->pad_left == 0 && c->pad_top == 0;
    struct gather g = {.c = c, .is_pointwise = is_pointwise, .group_bytes = inputs * MK_SCALAR32_GATHER_BYTES, .list = list, .sums = sums,
                       .l = {.end = list, .room = -1, .zero_point = c->in_zero_point}};
    if (MK_SCALAR32_GATHER_CHUNK == MK_SCALAR32_QUAD) mk_scalar32_begin_quad(&g.l);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_scalar32_rows_at(rows, c, in, row_begin, r);
        int8_t *to = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        int32_t x = -c->pad_left;
        if (MK_SCALAR32_GATHER_BY_TILE && is_small && is_pointwise && c->in_zero_point == INT8_MIN) run_pointwise_row(to, &g, rows[0]);
        else if (is_small) run_small_row(to, &g, rows);
        else for (uint16_t i = 0; i < c->out_w; i++, x += c->stride_w, to += c->out_c) run_position(to, &g, rows, x);
    }
}

#endif
