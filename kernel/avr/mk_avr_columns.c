/* mk_avr_columns.c: convolutions of many inputs per output that skip zeros; see mk_avr_columns.h. */
#include "mk_avr_columns.h"

#if defined(__AVR__)
#define MK_AVR_CHECK(field, offset) typedef char mk_avr_check_##field[offsetof(struct mk_avr_column, field) == (offset) ? 1 : -1]
MK_AVR_CHECK(right, 2);
MK_AVR_CHECK(first, 4);
MK_AVR_CHECK(in_c, 6);
MK_AVR_CHECK(filter_h, 7);
MK_AVR_CHECK(pad_value, 8);
MK_AVR_CHECK(outside, 9);
MK_AVR_CHECK(rows, 10);
#endif

/* The lists of the columns under the filter: a new column takes the place of the leftmost. */
struct ring {
    uint8_t columns, slot; /* in all; the leftmost's */
    uint16_t list_bytes;
    uint8_t *lists, *leftmost;
    uint32_t input_sum;            /* of x' over all columns */
    uint16_t sums[MK_AVR_COLUMNS]; /* in each list */
};

static void take_column(struct ring *ring, struct mk_avr_column *column)
{
    uint16_t *const old_sum = &ring->sums[ring->slot];
    column->list = ring->leftmost;
    ring->leftmost += ring->list_bytes;
    if (++ring->slot == ring->columns) {
        ring->slot = 0;
        ring->leftmost = ring->lists;
    }
    column->right = ring->leftmost;
    ring->input_sum -= *old_sum;
    *old_sum = mk_avr_list_column(column);
    ring->input_sum += *old_sum;
}

/* Copies the weights of as many groups as fit; returns their number. */
static uint8_t fill_cache(const struct mk_conv_avr *c, const struct mk_avr_tile *t, uint8_t *cache, uint16_t cache_bytes)
{
    uint16_t bytes = 0, left = c->out_c;
    uint8_t groups = 0;
    for (; left > 0 && cache_bytes - bytes >= t->group_bytes; groups++) {
        bytes = (uint16_t)(bytes + t->group_bytes);
        left = (uint16_t)(left > MK_AVR_CHANNELS_PER_GROUP ? left - MK_AVR_CHANNELS_PER_GROUP : 0);
    }
    mk_flash_copy(cache, c->weights, bytes);
    return groups;
}

void mk_avr_convolve_columns(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                             uint16_t row_end, uint8_t *lists, uint16_t cache_bytes)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    const uint8_t in_c = (uint8_t)c->in_c;
    struct mk_avr_column column = {.in_c = in_c, .filter_h = (uint8_t)c->filter_h, .pad_value = (uint8_t)c->pad_value};
    struct ring ring = {.columns = (uint8_t)c->filter_w, .lists = lists, .leftmost = lists};
    struct mk_avr_tile t;
    ring.list_bytes = (uint16_t)MK_AVR_LIST_BYTES((uint16_t)(c->filter_h * c->in_c));
    mk_avr_tile_configure(&t, c);
    t.operand_count = ring.columns;
    uint8_t *const cache = lists + (uint16_t)(ring.columns * ring.list_bytes);
    const uint8_t cached_groups = fill_cache(c, &t, cache, cache_bytes);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&column.rows, c, in, r);
        int8_t *to = out + (uint16_t)((r % c->out_ring) * out_row_bytes);
        int16_t x = (int16_t)-c->pad_left, listed = x; /* up to there */
        for (uint16_t i = 0; i < c->out_w; i++, to += c->out_c, x = (int16_t)(x + (int16_t)c->stride_w)) {
            if (listed < x) listed = x;
            for (; listed < x + ring.columns; listed++) {
                column.outside = listed < 0 || listed >= (int16_t)c->in_w;
                column.first = (uint16_t)((uint16_t)listed * in_c);
                take_column(&ring, &column);
            }
            t.operands = ring.leftmost;
            t.cached = cache;
            t.cached_groups = cached_groups;
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, ring.input_sum);
            mk_avr_columns(&t);
        }
    }
}
