/* mk_conv_2d_s8_dense_scalar32.c: convolutions and fully connected layers whose inputs are hardly ever zero, or few: the dense tile
 * (mk_scalar32_tile.h) reads them where they are, of several positions at once. Under a filter that reaches into the padding they are
 * copied, the zero point standing for those that are not there: at most MOST_COPIED, if a layer has any padding. So are all positions
 * whose filter rows are short: side by side they are one run. */
#include "mk_scalar32_rows.h"
#include "mk_scalar32_twice.h"

enum { MOST_COPIED = 1024, BLOCK_CHANNELS = 128, LEAST_RUN = 8 };

/* Inputs that lie side by side: all, if filter rows are short and there is more than one. */
static uint32_t run_length(const struct mk_conv_scalar32 *c)
{
    const uint32_t run = (uint32_t)c->filter_w * c->in_c;
    return run < LEAST_RUN && run * c->filter_h <= MOST_COPIED ? run * c->filter_h : run;
}

/* Of one position: rows[fy] = its inputs in filter row fy, if there are any. */
static void copy_position(int8_t *to, const struct mk_conv_scalar32 *c, const int8_t *const *rows, int32_t x)
{
    const struct mk_taps taps = mk_taps_inside(x, c->in_w, c->filter_w, 1);
    const size_t run = (size_t)c->filter_w * c->in_c, inside = (size_t)(taps.end - taps.begin) * c->in_c;
    memset(to, c->in_zero_point, run * c->filter_h);
    if (!inside) return;
    const size_t first = (size_t)(x + taps.begin) * c->in_c;
    to += (size_t)taps.begin * c->in_c;
    for (uint16_t fy = 0; fy < c->filter_h; fy++, to += run)
        if (rows[fy]) memcpy(to, rows[fy] + first, inside);
}

/* How many of the next positions, at most `most`, from column x on have their filters on the map. */
static uint32_t count_inside(const struct mk_conv_scalar32 *c, int32_t x, uint32_t most)
{
    uint32_t count = 0;
    if (x < 0) return 0;
    for (; count < most && x + c->filter_w <= c->in_w; x += c->stride_w) count++;
    return count;
}

/* At most `most` positions of a row of outputs, a block of channels at a time. */
static void run_blocks(int8_t *out, struct mk_scalar32_dense *d, const struct mk_conv_scalar32 *c, uint32_t offset,
                       uint32_t positions)
{
    static const struct mk_scalar32_missing nothing_missing[MK_SCALAR32_MOST_POSITIONS];
    int32_t sums[BLOCK_CHANNELS];
    const int32_t *records = c->records;
    d->weights = c->weights;
    d->starts = c->starts;
    for (uint32_t left = c->out_c; left > 0;) {
        const uint32_t channels = left < BLOCK_CHANNELS ? left : BLOCK_CHANNELS;
        d->groups = mk_scalar32_groups(channels);
        mk_scalar32_dense_tile(d, offset, positions, sums);
        records = mk_scalar32_finish_pairs(out, sums, channels, records, c, nothing_missing, positions);
        left -= channels;
        out += channels;
        d->starts += channels;
        d->weights += d->groups * d->group_bytes / 4;
    }
}

/* Any number of positions of a row of outputs, at most `most` of which have room for their sums at once. */
static void run_positions(int8_t *out, struct mk_scalar32_dense *d, const struct mk_conv_scalar32 *c, uint32_t offset,
                          uint32_t positions, uint32_t most)
{
    const uint32_t pairs = mk_scalar32_has_twice(c) ? positions / 2 : 0;
    if (pairs > 0) {
        d->weights = c->weights;
        d->starts = c->starts;
        d->groups = mk_scalar32_groups(c->out_c);
        mk_scalar32_dense_twice(d, offset, 2 * pairs, out, c, c->records);
    }
    for (uint32_t done = 2 * pairs, count; done < positions; done += count) {
        count = positions - done < most ? positions - done : most;
        run_blocks(out + (size_t)done * c->out_c, d, c, offset + done * d->step, count);
    }
}

void mk_conv_2d_s8_dense_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p, uint16_t row_begin,
                                  uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    int8_t copied[MOST_COPIED];
    const int8_t *rows[MK_SCALAR32_MOST_FILTER_ROWS], *copied_rows[MK_SCALAR32_MOST_FILTER_ROWS];
    const uint32_t sums = mk_scalar32_groups(c->out_c) * MK_SCALAR32_GROUP_SUMS;
    const uint32_t most = mk_scalar32_positions_at_once(BLOCK_CHANNELS, sums);
    const uint32_t inputs = (uint32_t)c->filter_w * c->in_c * c->filter_h, run = run_length(c);
    struct mk_scalar32_dense d = {.run = run, .step = (uint32_t)c->stride_w * c->in_c,
                                  .group_bytes = inputs * 4 * MK_SCALAR32_GROUP_WORDS};
    const uint32_t runs = run == inputs ? 1 : c->filter_h;
    for (uint32_t i = 0; i < runs && inputs <= MOST_COPIED; i++) copied_rows[i] = copied + i * run;
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_scalar32_rows_at(rows, c, in, row_begin, r);
        int8_t *to = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        int32_t x = -c->pad_left, is_direct = runs == c->filter_h;
        for (uint16_t fy = 0; fy < c->filter_h; fy++) is_direct &= rows[fy] != NULL;
        for (uint32_t left = c->out_w, count; left > 0; left -= count, to += (size_t)count * c->out_c) {
            count = is_direct ? count_inside(c, x, left) : 0;
            d.rows = count ? rows : copied_rows;
            d.rows_end = d.rows + runs;
            if (count) {
                run_positions(to, &d, c, (uint32_t)x * c->in_c, count, most);
            } else {
                count = 1;
                copy_position(copied, c, rows, x);
                run_positions(to, &d, c, 0, 1, most);
            }
            x += (int32_t)(count * c->stride_w);
        }
    }
}
