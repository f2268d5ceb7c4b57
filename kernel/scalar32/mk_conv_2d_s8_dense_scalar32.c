/* mk_conv_2d_s8_dense_scalar32.c: convolutions and fully connected layers whose inputs are hardly ever zero: per position all
 * inputs under the filter become a list of words for the dense tile (mk_scalar32_tile.h), the zero point standing for those
 * in the padding; where the list is full, the tile runs and goes on from its own sums. */
#include "mk_scalar32_list.h"
#include "mk_scalar32_requantize.h"
#include "mk_scalar32_rows.h"

enum { LIST_INPUTS = 256, BLOCK_CHANNELS = 128 };

struct dense {
    const struct mk_conv_scalar32 *c;
    const int32_t *weights; /* of the block of channels, and of the list's first input */
    uint32_t groups, group_bytes;
    int32_t *end, *list; /* end of what is listed */
    int32_t *sums;
    const int32_t *from; /* where the tile finds the sums so far */
};

static void run_tile(struct dense *d)
{
    if ((d->end - d->list) % MK_SCALAR32_CHUNK) *d->end++ = 0;
    mk_scalar32_dense_tile(d->list, d->end, d->weights, d->group_bytes, d->from, d->sums, d->groups);
    d->weights += (d->end - d->list) * MK_SCALAR32_GROUP_WORDS;
    d->from = d->sums;
    d->end = d->list;
}

/* `count` inputs, or as many times the zero point if `in` is NULL. */
static void append(struct dense *d, const int8_t *in, uint32_t count)
{
    while (count > 0) {
        if (d->end == d->list + LIST_INPUTS) run_tile(d);
        uint32_t part = (uint32_t)(d->list + LIST_INPUTS - d->end);
        if (part > count) part = count;
        int32_t *to = d->end;
        int32_t *const end = to + part;
        count -= part;
        d->end = end;
        if (in) {
            mk_scalar32_widen(to, in, part);
            in += part;
        } else {
            while (to != end) *to++ = d->c->in_zero_point;
        }
    }
}

/* All inputs of the position whose filter begins at column x. */
static void append_position(struct dense *d, const int8_t *const *rows, int32_t x)
{
    const struct mk_conv_scalar32 *const c = d->c;
    const struct mk_taps taps = mk_taps_inside(x, c->in_w, c->filter_w, 1);
    const uint32_t run = (uint32_t)c->filter_w * c->in_c, left = (uint32_t)taps.begin * c->in_c;
    const uint32_t inside = (uint32_t)(taps.end - taps.begin) * c->in_c, right = run - left - inside;
    const size_t first = (size_t)(x + taps.begin) * c->in_c; /* unused if nothing is inside */
    for (uint16_t fy = 0; fy < c->filter_h; fy++) {
        if (!rows[fy] || !inside) {
            append(d, NULL, run);
        } else {
            append(d, NULL, left);
            append(d, rows[fy] + first, inside);
            append(d, NULL, right);
        }
    }
}

static const struct mk_scalar32_missing nothing_missing[MK_SCALAR32_MOST_POSITIONS];

/* One position: out_c channels, a block of them at a time. */
static void run_position(int8_t *out, struct dense *d, const int8_t *const *rows, int32_t x)
{
    const struct mk_conv_scalar32 *const c = d->c;
    const int32_t *records = c->records, *weights = c->weights, *starts = c->starts;
    for (uint32_t left = c->out_c; left > 0;) {
        const uint32_t channels = left < BLOCK_CHANNELS ? left : BLOCK_CHANNELS;
        d->groups = mk_scalar32_groups(channels);
        d->weights = weights;
        d->from = starts;
        append_position(d, rows, x);
        run_tile(d);
        records = mk_scalar32_finish_pairs(out, d->sums, channels, records, c, nothing_missing, 1);
        left -= channels;
        out += channels;
        starts += channels;
        weights += d->groups * d->group_bytes / 4;
    }
}

/* A row of positions whose inputs have room in the list, as many at a time as there is room for their sums. */
static void run_small_row(int8_t *out, struct dense *d, const int8_t *const *rows)
{
    const struct mk_conv_scalar32 *const c = d->c;
    const uint32_t run = (uint32_t)c->filter_w * c->in_c, sums = mk_scalar32_groups(c->out_c) * MK_SCALAR32_GROUP_SUMS;
    const uint32_t most = mk_scalar32_positions_at_once(BLOCK_CHANNELS, sums);
    uint32_t count = 0;
    int32_t x = -c->pad_left, has_all = 1;
    for (uint16_t fy = 0; fy < c->filter_h; fy++) has_all &= rows[fy] != NULL;
    for (uint16_t left = c->out_w; left > 0; left--, x += c->stride_w) {
        d->end = d->list;
        if (has_all && x >= 0 && x + c->filter_w <= c->in_w) {
            const size_t first = (size_t)x * c->in_c;
            for (uint16_t fy = 0; fy < c->filter_h; fy++) d->end = mk_scalar32_widen(d->end, rows[fy] + first, run);
        } else {
            append_position(d, rows, x);
        }
        if ((d->end - d->list) % MK_SCALAR32_CHUNK) *d->end++ = 0;
        mk_scalar32_dense_tile(d->list, d->end, c->weights, d->group_bytes, c->starts, d->sums + count * sums,
                               sums / MK_SCALAR32_GROUP_SUMS);
        if (++count < most && left > 1) continue;
        (void)mk_scalar32_finish_pairs(out, d->sums, c->out_c, c->records, c, nothing_missing, count);
        out += c->out_c * count;
        count = 0;
    }
    d->end = d->list;
}

void mk_conv_2d_s8_dense_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p, uint16_t row_begin,
                                  uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    int32_t list[LIST_INPUTS], sums[BLOCK_CHANNELS];
    const int8_t *rows[MK_SCALAR32_MOST_FILTER_ROWS];
    const uint32_t inputs = (uint32_t)c->filter_h * c->filter_w * c->in_c;
    struct dense d;
    d.c = c;
    d.group_bytes = (inputs + inputs % MK_SCALAR32_CHUNK) * 4 * MK_SCALAR32_GROUP_WORDS;
    d.list = d.end = list;
    d.sums = sums;
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_scalar32_rows_at(rows, c, in, row_begin, r);
        int8_t *to = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        int32_t x = -c->pad_left;
        if (inputs <= LIST_INPUTS && c->out_c <= BLOCK_CHANNELS) run_small_row(to, &d, rows);
        else for (uint16_t i = 0; i < c->out_w; i++, x += c->stride_w, to += c->out_c) run_position(to, &d, rows, x);
    }
}
