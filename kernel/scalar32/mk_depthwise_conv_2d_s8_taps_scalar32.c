/* mk_depthwise_conv_2d_s8_taps_scalar32.c: depthwise convolutions with any filter of at most 32 taps, position by position,
 * four channels at a time. Weights are in the reference's order; inputs are stored values: the zero point is in the values
 * with which sums start. Channels that are left over go with four that overlap those before. */
#include "mk_scalar32_requantize.h"
#include "mk_scalar32_rows.h"
#include "mk_scalar32_taps.h"

enum { MOST_TAPS = 32, MOST_CHANNELS = 256, GROUP = 4, BLOCK_CHANNELS = 64 };

static void list_taps(const int8_t **list, const struct mk_conv_scalar32 *c, const int8_t *const *rows, int32_t x,
                      const int8_t *pad)
{
    const struct mk_taps taps = mk_taps_inside(x, c->in_w, c->filter_w, 1);
    for (uint16_t fy = 0; fy < c->filter_h; fy++)
        for (uint16_t fx = 0; fx < c->filter_w; fx++) {
            const int inside = rows[fy] != NULL && fx >= taps.begin && fx < taps.end;
            *list++ = inside ? rows[fy] + (size_t)(x + fx) * c->in_c : pad;
        }
}

/* All channels of a position, a block at a time; a block of less than four begins earlier. */
static void run_position(int8_t *out, const struct mk_conv_scalar32 *c, const int8_t *const *list)
{
    struct mk_scalar32_taps t = {.list = list, .list_end = list + (uint32_t)c->filter_h * c->filter_w, .weights = c->taps,
                                 .channels = c->out_c};
    const uint32_t channels = c->out_c, words = mk_scalar32_record_words(c->way);
    int32_t sums[BLOCK_CHANNELS];
    for (uint32_t first = 0; first < channels; first += BLOCK_CHANNELS) {
        if (first > channels - GROUP) first = channels - GROUP;
        const uint32_t count = channels - first < BLOCK_CHANNELS ? channels - first : BLOCK_CHANNELS;
        t.starts = c->starts + first, t.sums = sums, t.first = first, t.quads = count / GROUP;
        mk_scalar32_sum_taps(&t);
        if (count % GROUP) {
            const uint32_t last = count - GROUP;
            t.starts = c->starts + first + last, t.sums = sums + last, t.first = first + last, t.quads = 1;
            mk_scalar32_sum_taps(&t);
        }
        mk_scalar32_finish_sums(out + first, sums, count, c->records + first * words, c);
    }
}

void mk_depthwise_conv_2d_s8_taps_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p,
                                           uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    const int8_t *list[MOST_TAPS], *rows[MK_SCALAR32_MOST_FILTER_ROWS];
    int8_t pad[MOST_CHANNELS];
    memset(pad, c->in_zero_point, c->in_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_scalar32_rows_at(rows, c, in, row_begin, r);
        int8_t *to = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        int32_t x = -c->pad_left;
        for (uint16_t i = 0; i < c->out_w; i++, x += c->stride_w, to += c->out_c) {
            list_taps(list, c, rows, x, pad);
            run_position(to, c, list);
        }
    }
}
