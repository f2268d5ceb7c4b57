/* mk_avr_columns.c: convolutions of many inputs per output that skip zeros; see mk_avr_columns.h. Along a row of
 * outputs, the lists of the columns under the filter form a ring: a new column takes the place of the leftmost one. */
#include "mk_avr_columns.h"
#include "mk_avr_patch.h"

struct ring {
    uint8_t *lists, *leftmost;
    uint16_t list_bytes;
    uint16_t sums[MK_AVR_COLUMNS]; /* of x' in each list */
    uint8_t slot, columns;         /* of leftmost; in all */
};

/* Lists column x in the place of the leftmost. Returns by how much the sum over all columns grows. */
static int32_t list_column(struct ring *ring, const struct mk_conv_avr *c, const struct mk_avr_patch_rows *rows, int16_t x)
{
    struct mk_avr_gather g;
    const uint8_t outside = x < 0 || x >= (int16_t)c->in_w, pad = (uint8_t)c->pad_value, in_c = (uint8_t)c->in_c;
    const uint16_t first = outside ? 0 : (uint16_t)((uint16_t)x * in_c);
    uint8_t *const list = ring->leftmost;
    mk_avr_gather_begin(&g, list + 1);
    for (uint8_t fy = 0; fy < c->filter_h; fy++) {
        const int8_t *const row = rows->row[fy];
        if (outside || !row) mk_avr_gather_fill(&g, pad, in_c);
        else mk_avr_gather(&g, row + first, in_c);
    }
    *list = (uint8_t)((uint16_t)(g.next - list) / 2);
    *g.next++ = (uint8_t)~g.step;
    ring->leftmost += ring->list_bytes;
    const int32_t growth = (int32_t)g.sum - ring->sums[ring->slot];
    ring->sums[ring->slot] = g.sum;
    if (++ring->slot == ring->columns) {
        ring->slot = 0;
        ring->leftmost = ring->lists;
    }
    memcpy(g.next, &ring->leftmost, sizeof ring->leftmost);
    return growth;
}

void mk_avr_convolve_columns(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                             uint16_t row_end, uint8_t *lists)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct ring ring = {.lists = lists, .leftmost = lists, .columns = (uint8_t)c->filter_w};
    struct mk_avr_patch_rows rows;
    struct mk_avr_tile t;
    uint32_t input_sum = 0;
    ring.list_bytes = (uint16_t)MK_AVR_LIST_BYTES((uint16_t)(c->filter_h * c->in_c));
    mk_avr_tile_configure(&t, c);
    t.operand_count = ring.columns;
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&rows, c, in, r);
        int8_t *to = out + (uint16_t)((r % c->out_ring) * out_row_bytes);
        int16_t x = (int16_t)-c->pad_left, listed = x; /* up to there */
        for (uint16_t i = 0; i < c->out_w; i++, to += c->out_c, x = (int16_t)(x + (int16_t)c->stride_w)) {
            if (listed < x) listed = x;
            for (; listed < x + ring.columns; listed++) input_sum += (uint32_t)list_column(&ring, c, &rows, listed);
            t.operands = ring.leftmost;
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, input_sum);
            mk_avr_columns(&t);
        }
    }
}
