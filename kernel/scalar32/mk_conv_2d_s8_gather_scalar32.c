/* mk_conv_2d_s8_gather_scalar32.c: convolutions and fully connected layers by lists of inputs that are not zero; see
 * mk_scalar32_tile.h. Per position first the positive inputs under the filter are gathered, then the negative ones, if the
 * zero point allows any; where the list is full, the tile runs and goes on from its own sums. */
#include "mk_scalar32_requantize.h"
#include "mk_scalar32_rows.h"
#include "mk_scalar32_tile.h"

enum { LIST_ENTRIES = 128, BLOCK_CHANNELS = 128 };

struct gather {
    const struct mk_conv_scalar32 *c;
    const int32_t *weights, *starts; /* of the block of channels */
    uint32_t groups, group_bytes;
    struct mk_scalar32_entry *end, *list; /* end of what is gathered; the list has LIST_ENTRIES */
    int32_t *sums;
    const int32_t *from;  /* where the tile finds the sums so far */
    int32_t room;         /* in the chunk that is begun; -1 if none is */
    int32_t total;        /* of the inputs */
    uint32_t borrows;     /* chunks of negative inputs */
};

static void run_tile(struct gather *g, int32_t sign)
{
    if (g->room >= 0) { /* the last chunk is not full */
        *g->end = (struct mk_scalar32_entry){g->end[-1].offset, 0};
        g->end++;
        g->room = -1;
    }
    if (g->end == g->list && g->from == g->sums) return;
    if (sign < 0) g->borrows += (uint32_t)(g->end - g->list) / MK_SCALAR32_CHUNK;
    mk_scalar32_tile(g->list, g->end, g->weights, g->group_bytes, g->from, g->sums, g->groups);
    g->from = g->sums;
    g->end = g->list;
}

/* Inputs of the given sign among `count`, which lie side by side as do their weights; there is room for two entries each. */
static inline void append(struct gather *g, const int8_t *in, uint32_t count, uint32_t offset, int32_t sign)
{
    const int32_t zero_point = g->c->in_zero_point;
    const int8_t *const in_end = in + count;
    struct mk_scalar32_entry *to = g->end;
    int32_t room = g->room, total = 0;
    for (; in != in_end; offset += 4 * MK_SCALAR32_GROUP_WORDS) {
        const int32_t size = sign > 0 ? *in++ - zero_point : zero_point - *in++;
        if (size <= 0) continue;
        total += size;
        to->offset = offset;
        if (size <= room) {
            room = -1;
        } else {
            if (room >= 0) {
                to->input = 0;
                to++;
                to->offset = offset;
            }
            room = MK_SCALAR32_MOST_IN_CHUNK - size;
        }
        to->input = sign > 0 ? size : -size;
        to++;
    }
    g->room = room;
    g->total += sign > 0 ? total : -total;
    g->end = to;
}

static MK_NOINLINE void append_positive(struct gather *g, const int8_t *in, uint32_t count, uint32_t offset)
{
    append(g, in, count, offset, 1);
}

static MK_NOINLINE void append_negative(struct gather *g, const int8_t *in, uint32_t count, uint32_t offset)
{
    append(g, in, count, offset, -1);
}

static void gather_run(struct gather *g, const int8_t *in, uint32_t count, uint32_t offset, int32_t sign)
{
    while (count > 0) {
        uint32_t part = (uint32_t)(g->list + LIST_ENTRIES - g->end) / 2;
        if (part > count) part = count;
        if (sign > 0) append_positive(g, in, part, offset);
        else append_negative(g, in, part, offset);
        in += part, count -= part, offset += part * 4 * MK_SCALAR32_GROUP_WORDS;
        if (count > 0) run_tile(g, sign);
    }
}

/* All inputs of one sign of the position whose filter begins at column x. */
static void gather_position(struct gather *g, const int8_t *const *rows, int32_t x, int32_t sign)
{
    const struct mk_conv_scalar32 *const c = g->c;
    const struct mk_taps taps = mk_taps_inside(x, c->in_w, c->filter_w, 1);
    const uint32_t count = (uint32_t)(taps.end - taps.begin) * c->in_c;
    const uint32_t row_bytes = (uint32_t)c->filter_w * c->in_c * 4 * MK_SCALAR32_GROUP_WORDS;
    uint32_t offset = (uint32_t)taps.begin * c->in_c * 4 * MK_SCALAR32_GROUP_WORDS;
    for (uint16_t fy = 0; fy < c->filter_h; fy++, offset += row_bytes)
        if (rows[fy] && count) gather_run(g, rows[fy] + (size_t)(x + taps.begin) * c->in_c, count, offset, sign);
    run_tile(g, sign);
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
        g->groups = (channels + MK_SCALAR32_GROUP - 1) / MK_SCALAR32_GROUP;
        g->from = g->starts;
        g->total = 0;
        g->borrows = 0;
        gather_position(g, rows, x, 1);
        if (c->in_zero_point > INT8_MIN) gather_position(g, rows, x, -1);
        records = mk_scalar32_finish_pairs(out, g->sums, channels, g->borrows,
                                           MK_SCALAR32_WEIGHT_OFFSET * (uint32_t)g->total, records, c);
        left -= channels;
        out += channels;
        g->starts += channels;
        g->weights += g->groups * g->group_bytes / 4;
    }
}

void mk_conv_2d_s8_gather_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p,
                                   uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    struct mk_scalar32_entry list[LIST_ENTRIES];
    int32_t sums[BLOCK_CHANNELS];
    const int8_t *rows[MK_SCALAR32_MOST_FILTER_ROWS];
    struct gather g;
    g.c = c;
    g.group_bytes = (uint32_t)c->filter_h * c->filter_w * c->in_c * 4 * MK_SCALAR32_GROUP_WORDS;
    g.list = g.end = list;
    g.sums = sums;
    g.room = -1;
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_scalar32_rows_at(rows, c, in, r);
        int8_t *to = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        int32_t x = -c->pad_left;
        for (uint16_t i = 0; i < c->out_w; i++, x += c->stride_w, to += c->out_c) run_position(to, &g, rows, x);
    }
}
