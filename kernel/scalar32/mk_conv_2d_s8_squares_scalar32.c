/* mk_conv_2d_s8_squares_scalar32.c: convolutions and fully connected layers on cores that cannot multiply; see
 * mk_scalar32_squares.h. Per position and group of four channels the squares of input + weight are added up over all taps,
 * those in the padding with the zero point for input; less the squares of the inputs that is twice the sum, as `starts` hold
 * twice the biases less the squares of the weights. All modulo 2^32. Nothing is kept but four sums: for chips with little RAM.
 *
 * Weights: per group of four channels and tap four bytes; those of channels that do not exist are 0. */
#include "mk_scalar32_requantize.h"
#include "mk_scalar32_rows.h"
#include "mk_scalar32_squares.h"

enum { GROUP = MK_SCALAR32_SQUARES_GROUP };

/* Inputs of one filter row, `step` bytes apart: 1, or 0 for the same one. */
struct run {
    const int8_t *in;
    uint32_t count, step;
};

/* Where a position's inputs are: of each filter row three runs, left of the map, on it, and right of it. */
struct position {
    const struct mk_conv_scalar32 *c;
    const int8_t *const *rows;
    const int8_t *pad;
    size_t first;
    uint32_t left, inside, right;
};

static inline uint32_t square(int32_t root)
{
    return mk_scalar32_squares[MK_SCALAR32_MOST_ROOT + root];
}

static struct position position_at(const struct mk_conv_scalar32 *c, const int8_t *const *rows, const int8_t *pad, int32_t x)
{
    const struct mk_taps taps = mk_taps_inside(x, c->in_w, c->filter_w, 1);
    struct position p = {.c = c, .rows = rows, .pad = pad};
    p.left = (uint32_t)taps.begin * c->in_c;
    p.inside = (uint32_t)(taps.end - taps.begin) * c->in_c;
    p.right = (uint32_t)c->filter_w * c->in_c - p.left - p.inside;
    if (p.inside) p.first = (size_t)(x + taps.begin) * c->in_c;
    return p;
}

/* Run i of a filter row, 0 to 2. */
static struct run run_of(const struct position *p, uint16_t fy, int i)
{
    if (i == 0) return (struct run){p->pad, p->left, 0};
    if (i == 2) return (struct run){p->pad, p->right, 0};
    return p->rows[fy] ? (struct run){p->rows[fy] + p->first, p->inside, 1} : (struct run){p->pad, p->inside, 0};
}

static MK_NOINLINE uint32_t squares_of_inputs(const struct position *p)
{
    uint32_t sum = 0;
    for (uint16_t fy = 0; fy < p->c->filter_h; fy++)
        for (int i = 0; i < 3; i++) {
            struct run run = run_of(p, fy, i);
            for (; run.count > 0; run.count--, run.in += run.step) sum += square(*run.in);
        }
    return sum;
}

static void run_position(int8_t *out, const struct position *p)
{
    const struct mk_conv_scalar32 *const c = p->c;
    const uint32_t words = mk_scalar32_record_words(c->way), of_inputs = squares_of_inputs(p);
    const int8_t *weights = c->taps;
    const int32_t *records = c->records;
    for (uint32_t o = 0; o < c->out_c; o += GROUP, records += GROUP * words) {
        const uint32_t count = c->out_c - o < GROUP ? c->out_c - o : GROUP;
        uint32_t doubles[GROUP];
        int32_t sums[GROUP];
        for (int i = 0; i < GROUP; i++) doubles[i] = (uint32_t)c->starts[o + (uint32_t)i] - of_inputs;
        for (uint16_t fy = 0; fy < c->filter_h; fy++)
            for (int i = 0; i < 3; i++) {
                const struct run run = run_of(p, fy, i);
                const int8_t *const end = weights + GROUP * run.count;
                mk_scalar32_add_squares(doubles, run.in, run.step, weights, end);
                weights = end;
            }
        for (int i = 0; i < GROUP; i++) sums[i] = (int32_t)doubles[i] >> 1;
        mk_scalar32_finish_sums(out + o, sums, count, records, c);
    }
}

void mk_conv_2d_s8_squares_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p, uint16_t row_begin,
                                    uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    const int8_t *rows[MK_SCALAR32_MOST_FILTER_ROWS];
    const int8_t pad = (int8_t)c->in_zero_point;
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_scalar32_rows_at(rows, c, in, row_begin, r);
        int8_t *to = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        int32_t x = -c->pad_left;
        for (uint16_t i = 0; i < c->out_w; i++, x += c->stride_w, to += c->out_c) {
            const struct position position = position_at(c, rows, &pad, x);
            run_position(to, &position);
        }
    }
}
