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

/* The lists of the columns under the filter: a new column takes the place of the leftmost. In this order so that a pointer
 * reaches all of it. */
struct ring {
    uint8_t columns, slot; /* in all; the leftmost's */
    int16_t listed;        /* columns up to there */
    uint16_t list_bytes;
    uint8_t *lists, *leftmost;
    uint32_t input_sum; /* of x' over all columns */
    struct mk_avr_column column;
    uint16_t sums[MK_AVR_COLUMNS]; /* in each list */
};

/* Not inlined, like what follows: in a frame as large as the caller's every access takes three instructions. */
static MK_NOINLINE void take_column(struct ring *ring)
{
    uint16_t *const old_sum = &ring->sums[ring->slot];
    ring->column.list = ring->leftmost;
    ring->leftmost += ring->list_bytes;
    if (++ring->slot == ring->columns) {
        ring->slot = 0;
        ring->leftmost = ring->lists;
    }
    ring->column.right = ring->leftmost;
    ring->input_sum -= *old_sum;
    *old_sum = mk_avr_list_column(&ring->column);
    ring->input_sum += *old_sum;
}

/* Lists what is missing of the columns from x on. */
static MK_NOINLINE void take_columns(struct ring *ring, const struct mk_conv_avr *c, int16_t x)
{
    if (ring->listed < x) ring->listed = x;
    for (; ring->listed < x + ring->columns; ring->listed++) {
        ring->column.outside = ring->listed < 0 || ring->listed >= (int16_t)c->in_w;
        ring->column.first = (uint16_t)((uint16_t)ring->listed * ring->column.in_c);
        take_column(ring);
    }
}

/* Copies the weights of as many groups as fit; returns their number. */
static uint8_t fill_cache(const struct mk_conv_avr *c, uint16_t group_bytes, uint8_t *cache, uint16_t cache_bytes)
{
    uint16_t bytes = 0, left = c->out_c;
    uint8_t groups = 0;
    for (; left > 0 && cache_bytes - bytes >= group_bytes; groups++) {
        bytes = (uint16_t)(bytes + group_bytes);
        left = (uint16_t)(left > MK_AVR_CHANNELS_PER_GROUP ? left - MK_AVR_CHANNELS_PER_GROUP : 0);
    }
    mk_flash_copy(cache, c->weights, bytes);
    return groups;
}

static MK_NOINLINE void begin(struct ring *ring, struct mk_avr_tile *t, const struct mk_conv_avr *c, uint8_t *lists)
{
    ring->columns = (uint8_t)c->filter_w;
    ring->slot = 0;
    ring->lists = ring->leftmost = lists;
    ring->input_sum = 0;
    memset(ring->sums, 0, sizeof ring->sums);
    ring->column.in_c = (uint8_t)c->in_c;
    ring->column.filter_h = (uint8_t)c->filter_h;
    ring->column.pad_value = (uint8_t)c->pad_value;
    ring->list_bytes = (uint16_t)MK_AVR_LIST_BYTES((uint16_t)(ring->column.filter_h * ring->column.in_c));
    mk_avr_tile_configure(t, c);
    t->operand_count = ring->columns;
}

struct cache {
    uint8_t *weights;
    uint8_t groups;
};

static MK_NOINLINE void compute_row(struct ring *ring, struct mk_avr_tile *t, const struct mk_conv_avr *c,
                                    const struct cache *cache, int8_t *to)
{
    int16_t x = (int16_t)-c->pad_left;
    ring->listed = x;
    for (uint16_t i = c->out_w; i > 0; i--, to += c->out_c, x = (int16_t)(x + (int16_t)c->stride_w)) {
        take_columns(ring, c, x);
        t->operands = ring->leftmost;
        t->cached = cache->weights;
        t->cached_groups = cache->groups;
        mk_avr_tile_begin(t, c->weights, c->records, to, c->out_c, ring->input_sum);
        mk_avr_columns(t);
    }
}

void mk_avr_convolve_columns(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                             uint16_t row_end, uint8_t *lists, uint16_t cache_bytes)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_tile t;
    struct ring ring;
    begin(&ring, &t, c, lists);
    struct cache cache = {.weights = lists + (uint16_t)(ring.columns * ring.list_bytes)};
    cache.groups = fill_cache(c, t.group_bytes, cache.weights, cache_bytes);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&ring.column.rows, c, in, r);
        compute_row(&ring, &t, c, &cache, out + (uint16_t)((r % c->out_ring) * out_row_bytes));
    }
}
