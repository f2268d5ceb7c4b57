/* mk_conv_2d_s8_held_avr.c: convolutions with at most 8 or 9 inputs under a row of the filter, whose outputs take all 256
 * values; see mk_avr_held.h. */
#include "mk_avr_held.h"

#if defined(__AVR__)
#define MK_AVR_CHECK(field, offset) typedef char mk_avr_check_##field[offsetof(struct mk_avr_held, field) == (offset) ? 1 : -1]
MK_AVR_CHECK(weights, MK_AVR_HELD_WEIGHTS);
MK_AVR_CHECK(parts, MK_AVR_HELD_PARTS);
MK_AVR_CHECK(parts_per_row, MK_AVR_HELD_PARTS_PER_ROW);
MK_AVR_CHECK(rows, MK_AVR_HELD_ROWS);
MK_AVR_CHECK(channels, MK_AVR_HELD_CHANNEL_COUNT);
MK_AVR_CHECK(channel, MK_AVR_HELD_CHANNEL);
MK_AVR_CHECK(out, MK_AVR_HELD_OUT);
MK_AVR_CHECK(sums, MK_AVR_HELD_SUMS);
MK_AVR_CHECK(requant, MK_AVR_HELD_REQUANT);
MK_AVR_CHECK(rows_left, MK_AVR_HELD_ROWS_LEFT);
MK_AVR_CHECK(part, MK_AVR_HELD_PART);
MK_AVR_CHECK(parts_left, MK_AVR_HELD_PARTS_LEFT);
#endif

/* A call's positions and memory. */
struct frame {
    struct mk_avr_held d;
    uint8_t taps;      /* read per position */
    uint8_t positions; /* of a row, */
    uint8_t inside;    /* and those of them that see no padding left or right, if any */
    int16_t last;      /* column at which the last of these can begin */
    struct mk_avr_held_part parts[MK_AVR_HELD_ROW_COUNT * MK_AVR_HELD_MOST_PARTS];
    int8_t padding[MK_AVR_HELD_TAPS]; /* of a row of the filter outside the input */
    union {
        struct {
            uint8_t sums[3 * MK_AVR_HELD_COLUMNS];
            int8_t patches[MK_AVR_HELD_ROW_COUNT * MK_AVR_HELD_PADDED * MK_AVR_HELD_TAPS];
        } several; /* rows of the filter, or padding */
        int8_t row[MK_AVR_HELD_ROW_BYTES];
    } scratch;
};

/* What is the same for all rows. Not inlined, like what follows: on a frame as large as this every access takes three
 * instructions. */
static MK_NOINLINE void configure(struct frame *f, const struct mk_conv_avr *c)
{
    struct mk_avr_held *const d = &f->d;
    d->parts = f->parts;
    d->rows = (uint8_t)c->filter_h;
    d->channels = (uint8_t)c->out_c;
    d->sums = f->scratch.several.sums;
    mk_avr_requant_configure(&d->requant, c);
    f->taps = d->rows > 1 ? MK_AVR_HELD_TAPS : MK_AVR_HELD_TAPS_OF_ONE;
    memset(f->padding, (uint8_t)(c->pad_value - 128u), sizeof f->padding);
    f->positions = (uint8_t)c->out_w;
    f->last = (int16_t)((int16_t)c->in_w - (int16_t)c->filter_w);
    const uint8_t stride = (uint8_t)c->stride_w;
    int16_t x = (int16_t)((uint8_t)(f->positions - 1) * stride - (uint16_t)c->pad_left);
    f->inside = f->positions; /* less those beyond either end */
    for (; x > f->last && f->inside > 0; x = (int16_t)(x - stride)) f->inside--;
    for (x = (int16_t)-c->pad_left; x < 0 && f->inside > 0; x = (int16_t)(x + stride)) f->inside--;
}

/* The inputs of the position at column x, padding among them. */
static MK_NOINLINE void fill_patch(const struct frame *f, const struct mk_conv_avr *c, const int8_t *row, int16_t x, int8_t *to)
{
    const uint8_t channels = (uint8_t)c->in_c;
    memcpy(to, f->padding, MK_AVR_HELD_TAPS);
    int16_t at = (int16_t)(x * (int16_t)channels);
    for (uint8_t taps = (uint8_t)c->filter_w; taps > 0; taps--, x++)
        for (uint8_t i = channels; i > 0; i--, to++, at++)
            if ((uint16_t)x < c->in_w) *to = row[at];
}

/* The parts of a row of the filter that lies on `row`, or outside the input (NULL); those that see padding one by one. *patch:
 * room for their inputs, which moves on. Returns the next part. */
static MK_NOINLINE struct mk_avr_held_part *add_parts(const struct frame *f, const struct mk_conv_avr *c, const int8_t *row,
                                                      struct mk_avr_held_part *part, int8_t **patch)
{
    const uint8_t taps = f->taps, stride = (uint8_t)c->stride_w;
    int16_t x = (int16_t)-c->pad_left;
    for (uint8_t left = f->positions, count; left > 0; left = (uint8_t)(left - count), part++) {
        const uint8_t is_inside = x >= 0 && x <= f->last;
        count = is_inside ? f->inside : 1;
        part->count = count;
        part->back = row ? 0 : taps;
        part->in = row ? *patch : f->padding;
        if (is_inside && row) {
            part->back = (uint8_t)(taps - (uint8_t)(stride * (uint8_t)c->in_c));
            part->in = row + (uint16_t)((uint16_t)x * c->in_c);
        } else if (row) {
            fill_patch(f, c, row, x, *patch);
            *patch += taps;
        }
        x = (int16_t)(x + (int16_t)(count * stride));
    }
    return part;
}

/* Channel by channel, the outputs must not overwrite the row that they are made of, as those of a filter of one column may:
 * then a copy of it is taken. */
static MK_NOINLINE void keep_row(struct frame *f, const struct mk_conv_avr *c, const int8_t **row)
{
    const uint8_t positions = f->positions;
    const uint16_t in_bytes = (uint16_t)(positions * (uint8_t)c->in_c), out_bytes = (uint16_t)(positions * f->d.channels);
    if ((uint8_t)c->filter_w > 1 || !*row || f->d.out >= *row + in_bytes || *row >= f->d.out + out_bytes) return;
    memcpy(f->scratch.row, *row, in_bytes);
    *row = f->scratch.row;
}

static MK_NOINLINE void compute_rows(struct frame *f, const struct mk_conv_avr *c, int8_t *out, const int8_t *in, uint16_t r,
                                     uint16_t row_end)
{
    struct mk_avr_patch_rows rows;
    for (; r < row_end; r++) {
        f->d.out = out + (uint16_t)(mk_avr_ring_row(r, c->out_ring) * (uint16_t)(f->positions * f->d.channels));
        mk_avr_patch_rows_at(&rows, c, in, r);
        keep_row(f, c, rows.row);
        struct mk_avr_held_part *part = f->parts;
        int8_t *patch = f->scratch.several.patches;
        for (uint8_t k = 0; k < f->d.rows; k++) {
            part = add_parts(f, c, rows.row[k], part, &patch);
            if (k == 0) f->d.parts_per_row = (uint8_t)(part - f->parts);
        }
        f->d.channel = 0;
        MK_AVR_SET_FLASH(&f->d, weights, c->weights);
        mk_avr_held(&f->d);
    }
}

void mk_conv_2d_s8_held_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct frame f;
    configure(&f, c);
    compute_rows(&f, c, out, in, row_begin, row_end);
}
