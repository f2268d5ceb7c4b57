/* mk_fully_connected_s8_vectors_mve.c: any multiple of 16 features, which are read where they are, else up to 992. */
#include "mk_armv7em_rows.h"
#include "mk_mve_vector.h"

enum { ROOM_BYTES = 1008 };

static void run_row(const struct mk_mve_tile *tile, uint32_t way)
{
    if (way == MK_MVE_FAST) mk_mve_vector_fast(tile);
    else if (way == MK_MVE_SIGN) mk_mve_vector_sign(tile);
    else mk_mve_vector_exact(tile);
}

/* Features that are no whole blocks go by way of the stack. */
static MK_NOINLINE void run_copied_row(struct mk_mve_tile *tile, const int8_t *in, uint32_t features, uint32_t way)
{
    int32_t room[ROOM_BYTES / 4];
    memset(room, 0, tile->bytes_of_inputs);
    memcpy(room, in, features);
    tile->in = (const int8_t *)(const void *)room;
    run_row(tile, way);
}

void mk_fully_connected_s8_vectors_mve(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p, uint16_t row_begin,
                                       uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_armv7em, c, p);
    struct mk_mve_tile tile;
    tile.bytes_of_inputs = (c->in_c + 15u) / 16 * 16;
    tile.positions = 1;
    tile.step = 0;
    tile.channels = c->out_c;
    tile.stream = c->stream;
    tile.zero_point = c->out_zero_point;
    tile.act_min = c->act_min;
    tile.act_max = c->act_max;
    const int ascends = row_begin < row_end;
    for (uint32_t left = (uint32_t)(ascends ? row_end - row_begin : row_begin - row_end); left > 0; left--) {
        const uint16_t r = (uint16_t)(ascends ? row_end - left : row_end + left - 1);
        tile.out = out + (size_t)(r % c->out_ring) * c->out_c;
        mk_armv7em_rows_at(&tile.in, c, in, row_begin, r);
        if (c->in_c == tile.bytes_of_inputs) run_row(&tile, c->way);
        else run_copied_row(&tile, tile.in, c->in_c, c->way);
    }
}
