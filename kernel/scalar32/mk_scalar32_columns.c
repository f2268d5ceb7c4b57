/* mk_scalar32_columns.c: the twin in C, for all ways; see mk_scalar32_columns.h. */
#include "mk_scalar32_columns.h"

#include "mk_scalar32_requantize.h"

struct channel {
    int32_t w[9], start, left, right;
};

static void load_channel(struct channel *k, const int32_t *stream, const int32_t *taps)
{
    k->start = stream[0], k->left = stream[1], k->right = stream[2];
    for (int row = 0; row < 3; row++)
        for (int i = 0; i < 3; i++) k->w[3 * row + i] = (int8_t)(taps[row] >> 8 * i);
}

#define NEXT_COLUMN (x0 = *a, x1 = *b, x2 = *c, a += step, b += step, c += step)
#define PRODUCTS(fx) (x0 * k->w[fx] + x1 * k->w[3 + fx] + x2 * k->w[6 + fx])

/* One channel's sums, whose first inputs are a, b, c; with stride 1. */
static void sum_row_1(int32_t *sums, const struct mk_scalar32_columns *r, const struct channel *k, const int8_t *a,
                      const int8_t *b, const int8_t *c)
{
    const uint32_t step = r->step;
    int32_t x0, x1, x2, first = k->start + k->left;
    if (!r->left) {
        NEXT_COLUMN;
        first = k->start + PRODUCTS(0);
    }
    NEXT_COLUMN;
    first += PRODUCTS(1);
    int32_t second = k->start + PRODUCTS(0);
    for (const int32_t *end = sums + r->inside; sums != end;) {
        NEXT_COLUMN;
        *sums++ = first + PRODUCTS(2);
        first = second + PRODUCTS(1);
        second = k->start + PRODUCTS(0);
    }
    if (r->right) *sums = first + k->right;
}

/* With stride 2. */
static void sum_row_2(int32_t *sums, const struct mk_scalar32_columns *r, const struct channel *k, const int8_t *a,
                      const int8_t *b, const int8_t *c)
{
    const uint32_t step = r->step;
    int32_t x0, x1, x2, sum = k->start + k->left;
    if (!r->left) {
        NEXT_COLUMN;
        sum = k->start + PRODUCTS(0);
    }
    for (const int32_t *end = sums + r->inside; sums != end;) {
        NEXT_COLUMN;
        sum += PRODUCTS(1);
        NEXT_COLUMN;
        *sums++ = sum + PRODUCTS(2);
        sum = k->start + PRODUCTS(0);
    }
    if (r->right) {
        NEXT_COLUMN;
        *sums = sum + PRODUCTS(1) + k->right;
    }
}

void mk_scalar32_columns(const struct mk_scalar32_columns *r)
{
    int32_t sums[MK_SCALAR32_MOST_COLUMNS];
    const int8_t *a = r->rows[0], *b = r->rows[1], *c = r->rows[2];
    int8_t *out = r->out;
    for (const int32_t *stream = r->stream; stream != r->stream_end; a++, b++, c++, out++) {
        const int32_t *const record = stream + MK_SCALAR32_STARTS;
        const int32_t *const taps = record + r->record_words;
        struct channel k;
        load_channel(&k, stream, taps);
        if (r->stride == 1) sum_row_1(sums, r, &k, a, b, c);
        else sum_row_2(sums, r, &k, a, b, c);
        mk_scalar32_finish(out, r->step, sums, r->inside + r->right, record, r->conv);
        stream = taps + MK_SCALAR32_TAP_WORDS;
    }
}
