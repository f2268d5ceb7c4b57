/* mk_depthwise_conv_2d_s8_3x3_scalar32.c: depthwise 3x3 convolutions with stride 1 or 2 along rows, channel by channel: the
 * nine weights stay in registers while a row's sums are made, each input being loaded once for all outputs it belongs to;
 * then the sums are requantised. Inputs are stored values: the zero point is in the values with which sums start. At most
 * one column of padding on either side: what is to be added for it is known beforehand.
 * Per channel: nine weights; a start, and what the padding adds on the left and on the right; a record. */
#include "mk_scalar32_requantize.h"
#include "mk_scalar32_rows.h"

enum { MOST_SUMS = 32, STARTS = 3 };

/* A row of outputs, or a part of one. */
struct stretch {
    const int8_t *rows[3]; /* the first input inside, first channel */
    uint32_t step;         /* from one input to the next */
    uint32_t inside;       /* outputs but the last one if padding is on its right */
    int left, right;       /* padding there */
};

static inline int32_t dot(int32_t x0, int32_t x1, int32_t x2, int32_t w0, int32_t w1, int32_t w2)
{
    return x0 * w0 + x1 * w1 + x2 * w2;
}

#define NEXT_COLUMN (x0 = *a, x1 = *b, x2 = *c, a += step, b += step, c += step)
#define PRODUCTS(fx) dot(x0, x1, x2, w##fx, w3##fx, w6##fx)

/* One channel's sums with stride 1, taps and starts being its. */
static inline void sum_row_1(int32_t *sums, const struct stretch *s, uint32_t channel, const int8_t *taps,
                             const int32_t *starts)
{
    const int8_t *a = s->rows[0] + channel, *b = s->rows[1] + channel, *c = s->rows[2] + channel;
    const uint32_t step = s->step;
    const int32_t w0 = taps[0], w1 = taps[1], w2 = taps[2], w30 = taps[3], w31 = taps[4], w32 = taps[5], w60 = taps[6],
                  w61 = taps[7], w62 = taps[8], start = starts[0];
    int32_t x0, x1, x2, first = start + starts[1];
    if (!s->left) {
        NEXT_COLUMN;
        first = start + PRODUCTS(0);
    }
    NEXT_COLUMN;
    first += PRODUCTS(1);
    int32_t second = start + PRODUCTS(0);
    for (const int32_t *end = sums + s->inside; sums != end;) {
        NEXT_COLUMN;
        *sums++ = first + PRODUCTS(2);
        first = second + PRODUCTS(1);
        second = start + PRODUCTS(0);
    }
    if (s->right) *sums = first + starts[2];
}

/* With stride 2. */
static inline void sum_row_2(int32_t *sums, const struct stretch *s, uint32_t channel, const int8_t *taps,
                             const int32_t *starts)
{
    const int8_t *a = s->rows[0] + channel, *b = s->rows[1] + channel, *c = s->rows[2] + channel;
    const uint32_t step = s->step;
    const int32_t w0 = taps[0], w1 = taps[1], w2 = taps[2], w30 = taps[3], w31 = taps[4], w32 = taps[5], w60 = taps[6],
                  w61 = taps[7], w62 = taps[8], start = starts[0];
    int32_t x0, x1, x2, sum = start + starts[1];
    if (!s->left) {
        NEXT_COLUMN;
        sum = start + PRODUCTS(0);
    }
    for (const int32_t *end = sums + s->inside; sums != end;) {
        NEXT_COLUMN;
        sum += PRODUCTS(1);
        NEXT_COLUMN;
        *sums++ = sum + PRODUCTS(2);
        sum = start + PRODUCTS(0);
    }
    if (s->right) {
        NEXT_COLUMN;
        *sums = sum + PRODUCTS(1) + starts[2];
    }
}

/* All channels of the stretch; `count` outputs each. */
static MK_NOINLINE void run_stretch(int8_t *out, const struct mk_conv_scalar32 *p, const struct stretch *s, uint32_t count)
{
    int32_t sums[MOST_SUMS];
    const int8_t *taps = p->taps;
    const int32_t *starts = p->starts, *record = p->records;
    for (uint32_t channel = 0; channel < s->step; channel++, taps += 9, starts += STARTS) {
        if (p->stride_w == 1) sum_row_1(sums, s, channel, taps, starts);
        else sum_row_2(sums, s, channel, taps, starts);
        record = mk_scalar32_finish(out + channel, s->step, sums, count, record, p);
    }
}

/* The same where some rows are padding: their weights count as 0, and their part of the starts is taken back. */
static MK_NOINLINE void run_padded(int8_t *out, const struct mk_conv_scalar32 *p, const struct stretch *s, uint32_t count,
                                   const int8_t *const *rows)
{
    int32_t sums[MOST_SUMS];
    const int32_t *record = p->records;
    for (uint32_t channel = 0; channel < s->step; channel++) {
        int8_t taps[9];
        int32_t starts[STARTS] = {p->starts[STARTS * channel], 0, 0};
        memcpy(taps, p->taps + 9 * (size_t)channel, sizeof taps);
        for (int fy = 0; fy < 3; fy++) {
            int8_t *const w = taps + 3 * fy;
            if (!rows[fy]) {
                starts[0] += (w[0] + w[1] + w[2]) * p->in_zero_point;
                w[0] = w[1] = w[2] = 0;
            }
            starts[1] += w[0] * p->in_zero_point;
            starts[2] += w[2] * p->in_zero_point;
        }
        if (p->stride_w == 1) sum_row_1(sums, s, channel, taps, starts);
        else sum_row_2(sums, s, channel, taps, starts);
        record = mk_scalar32_finish(out + channel, s->step, sums, count, record, p);
    }
}

/* `count` outputs of a row from number x on. */
static void run_part(int8_t *out, const struct mk_conv_scalar32 *p, const int8_t *const *rows, uint32_t x, uint32_t count)
{
    const int32_t origin = (int32_t)(x * p->stride_w) - p->pad_left;
    const int8_t *const any = rows[0] ? rows[0] : rows[1] ? rows[1] : rows[2];
    struct stretch s;
    s.step = p->in_c;
    s.left = origin < 0;
    s.right = origin + (int32_t)((count - 1) * p->stride_w) + 3 > p->in_w;
    s.inside = count - (s.right ? 1u : 0u);
    for (int fy = 0; fy < 3; fy++)
        s.rows[fy] = (rows[fy] ? rows[fy] : any) + (size_t)(s.left ? 0 : origin) * p->in_c;
    if (rows[0] && rows[1] && rows[2]) run_stretch(out, p, &s, count);
    else run_padded(out, p, &s, count, rows);
}

void mk_depthwise_conv_2d_s8_3x3_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *flash_params,
                                          uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, p, flash_params);
    const int8_t *rows[3];
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_scalar32_rows_at(rows, p, in, r);
        int8_t *to = out + (size_t)(r % p->out_ring) * p->out_w * p->out_c;
        for (uint32_t x = 0; x < p->out_w; x += MOST_SUMS, to += MOST_SUMS * (size_t)p->out_c)
            run_part(to, p, rows, x, p->out_w - x < MOST_SUMS ? p->out_w - x : MOST_SUMS);
    }
}
