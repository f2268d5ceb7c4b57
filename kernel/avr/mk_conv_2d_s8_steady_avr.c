/* mk_conv_2d_s8_steady_avr.c: convolutions, and fully connected layers as 1x1 convolutions, in a time that does not depend
 * on data; see mk_avr_steady.h. */
#include "mk_avr_patch.h"
#include "mk_avr_pool.h"
#include "mk_avr_steady.h"

enum { MOST_RUNS = 32, LONGEST_RUN = 255, PAD_BYTES = 32 };

struct runs {
    struct mk_avr_steady_run run[MOST_RUNS + 1];
    int8_t pad[PAD_BYTES];
    uint8_t count;
    uint32_t input_sum;
};

/* Runs of at most `longest` inputs; `step` is how far the next one lies behind. */
static void add_runs(struct runs *runs, const int8_t *from, uint16_t count, uint8_t longest, uint8_t step)
{
    while (count > 0) {
        const uint8_t part = (uint8_t)(count < longest ? count : longest);
        runs->run[runs->count].from = from;
        runs->run[runs->count++].count = part;
        runs->input_sum += mk_avr_sum_column(from, 1, part);
        from += step;
        count = (uint16_t)(count - part);
    }
}

/* The runs of the position whose filter begins at column x. */
static void collect(struct runs *runs, const struct mk_conv_avr *c, const struct mk_avr_patch_rows *rows, int16_t x)
{
    const struct mk_avr_patch_columns columns = mk_avr_patch_columns_at(c, x);
    const uint16_t first = (uint16_t)((uint16_t)(x + columns.left) * c->in_c);
    runs->count = 0;
    runs->input_sum = 0;
    for (uint8_t fy = 0; fy < c->filter_h; fy++) {
        if (!rows->row[fy] || !columns.inside) {
            add_runs(runs, runs->pad, (uint16_t)(c->filter_w * c->in_c), PAD_BYTES, 0);
            continue;
        }
        add_runs(runs, runs->pad, (uint16_t)(columns.left * c->in_c), PAD_BYTES, 0);
        add_runs(runs, rows->row[fy] + first, (uint16_t)(columns.inside * c->in_c), LONGEST_RUN, LONGEST_RUN);
        add_runs(runs, runs->pad, (uint16_t)(columns.right * c->in_c), PAD_BYTES, 0);
    }
    runs->run[runs->count].count = 0;
}

void mk_conv_2d_s8_steady_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                              uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct runs runs;
    struct mk_avr_patch_rows rows;
    struct mk_avr_tile t;
    mk_avr_tile_configure(&t, c);
    memset(runs.pad, (int)c->pad_value - 128, PAD_BYTES);
    t.operands = (const uint8_t *)(const void *)runs.run;
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&rows, c, in, r);
        int8_t *to = out + (uint16_t)((r % c->out_ring) * out_row_bytes);
        int16_t x = (int16_t)-c->pad_left;
        for (uint16_t i = 0; i < c->out_w; i++, to += c->out_c, x = (int16_t)(x + (int16_t)c->stride_w)) {
            collect(&runs, c, &rows, x);
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, runs.input_sum);
            mk_avr_steady_runs(&t);
        }
    }
}
