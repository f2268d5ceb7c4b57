/* mk_conv_2d_s8_runs_avr.c: convolutions with any number of inputs per output, and fully connected layers as 1x1
 * convolutions; see mk_avr_runs.h. */
#include "mk_avr_patch.h"
#include "mk_avr_runs.h"

enum {
    MOST_RUNS = 24,
    PAD_BYTES = 16 /* of the padding's value, where that is not zero */
};

struct runs {
    struct mk_avr_run run[MOST_RUNS];
    int8_t pad[PAD_BYTES];
    uint8_t pad_value; /* x' */
    uint8_t count;
    uint32_t input_sum;
};

static void add_run(struct runs *runs, const int8_t *from, uint16_t count)
{
    while (count > 0) {
        const uint8_t part = (uint8_t)(count < 255 ? count : 255);
        runs->run[runs->count].from = from;
        runs->run[runs->count++].count = part;
        runs->input_sum += mk_avr_sum_inputs(from, part);
        from += part;
        count = (uint16_t)(count - part);
    }
}

static void add_padding(struct runs *runs, uint16_t count)
{
    const uint8_t most = runs->pad_value ? PAD_BYTES : 255;
    while (count > 0) {
        const uint8_t part = (uint8_t)(count < most ? count : most);
        runs->run[runs->count].from = runs->pad_value ? runs->pad : NULL;
        runs->run[runs->count++].count = part;
        runs->input_sum += (uint16_t)(part * runs->pad_value);
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
            add_padding(runs, (uint16_t)(c->filter_w * c->in_c));
            continue;
        }
        add_padding(runs, (uint16_t)(columns.left * c->in_c));
        add_run(runs, rows->row[fy] + first, (uint16_t)(columns.inside * c->in_c));
        add_padding(runs, (uint16_t)(columns.right * c->in_c));
    }
}

void mk_conv_2d_s8_runs_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                            uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct runs runs;
    struct mk_avr_patch_rows rows;
    struct mk_avr_tile t;
    mk_avr_tile_configure(&t, c);
    runs.pad_value = (uint8_t)c->pad_value;
    memset(runs.pad, (int)c->pad_value - 128, PAD_BYTES);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&rows, c, in, r);
        int8_t *to = out + (uint16_t)((r % c->out_ring) * out_row_bytes);
        int16_t x = (int16_t)-c->pad_left;
        for (uint16_t i = 0; i < c->out_w; i++, to += c->out_c, x = (int16_t)(x + (int16_t)c->stride_w)) {
            collect(&runs, c, &rows, x);
            t.operands = (const uint8_t *)(const void *)runs.run;
            t.operand_count = runs.count;
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, runs.input_sum);
            mk_avr_runs(&t);
        }
    }
}
