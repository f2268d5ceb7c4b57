/* check_armv7em_layers.c: the assembly of convolutions, dense and depthwise layers in kernel/armv7em on the simulated chip:
 * call-saved registers survive, every output byte is written and no byte around the outputs. What it computes is tested
 * layer by layer elsewhere. Prints each fault and "done". */
#include "mk_armv7em_depthwise.h"
#include "mk_armv7em_planes.h"
#include "mk_armv7em_position.h"

#include "check_cortex_m.h"

static int32_t words[4096], stream[1024]; /* zeros, but for what streams say of channels: all outputs are zero */
static int16_t columns[12 * 64];

static uint32_t record_words(uint32_t way)
{
    return way == MK_ARMV7EM_SMALL_SIGN || way == MK_ARMV7EM_LARGE_SIGN ? 3 : 2;
}

static struct mk_armv7em_tile tile_of(uint32_t way, uint32_t channels, uint32_t groups, uint32_t positions)
{
    return (struct mk_armv7em_tile){
        .out = out + GUARD, .step_1 = channels, .step_2 = 2 * channels, .columns = columns,
        .columns_end = columns + 4 * positions * groups, .last = out + GUARD + channels - 1, .stream = stream,
        .groups = groups, .way = way, .act_min = -128, .act_max = 127};
}

/* Three positions: from columns, and gathered from filter rows with and without a rest. */
static void check_three_positions(const char *name, mk_armv7em_positions_3 *run, uint32_t way, uint32_t channels)
{
    const int8_t *const rows[3] = {(int8_t *)words, (int8_t *)words + 1, (int8_t *)words + 2};
    for (uint32_t groups = 1; groups <= 36; groups++) {
        struct mk_armv7em_tile tile = tile_of(way, channels, groups, 3);
        check(name, (void *)run, (void *const[5]){&tile, 0}, 3 * channels);
    }
    for (uint32_t i = 1; i < 3 * 4 * 6 * 3; i++) {
        const uint32_t rest = i / 3 % 4, head = i / 12 % 6, height = i / 72 + 1, triples = i % 3 + 1;
        const uint32_t rest_groups = (rest * height + 3) / 4, groups = head * height + rest_groups;
        if (groups == 0) continue;
        struct mk_armv7em_tile tile = tile_of(way, channels, groups, 3);
        tile.in_step = 4 * head + rest, tile.head = head, tile.rest = rest, tile.rest_groups = rest_groups;
        tile.in_rows = rows, tile.in_rows_end = rows + height;
        check(name, (void *)run, (void *const[5]){&tile, (void *)triples}, 3 * triples * channels);
    }
}

/* Planes of rows side by side, without padding: no byte may be left out. */
static void check_three_positions_in_planes(const char *name, mk_armv7em_positions_3 *run, uint32_t channels)
{
    const int8_t *const rows[1] = {(int8_t *)words};
    for (uint32_t i = 0; i < 5 * 4 * 5; i++) {
        const uint32_t triples = i % 5, width = i / 5 % 4 + 3, groups = i / 20 + 1, positions = 3 * (triples ? triples : 1);
        struct mk_armv7em_tile tile = tile_of(MK_ARMV7EM_TO_PLANES, channels, groups, 3);
        struct mk_armv7em_places places = {.next = out + GUARD + 6, .left = width == 3 ? 3 : width - 3, .width = width,
                                           .span = 2 * positions * (channels - 1)};
        tile.step_1 = 2, tile.step_2 = 4, tile.plane = 2 * positions, tile.last = out + GUARD + places.span;
        tile.places = &places, tile.in_step = 4 * groups, tile.head = groups, tile.in_rows = rows, tile.in_rows_end = rows + 1;
        check(name, (void *)run, (void *const[5]){&tile, (void *)triples}, 2 * positions * channels);
    }
}

static void check_tiles(void)
{
    for (uint32_t channels = 1; channels <= 9; channels++) {
        check_three_positions_in_planes("dual_3, planes", mk_armv7em_dual_3, channels);
        check_three_positions_in_planes("wide_3, planes", mk_armv7em_wide_3, channels);
    }
    for (uint32_t way = MK_ARMV7EM_EXACT; way <= MK_ARMV7EM_LARGE_SIGN; way++)
        for (uint32_t channels = 1; channels <= 9; channels++) {
            check_three_positions("dual_3", mk_armv7em_dual_3, way, channels);
            check_three_positions("wide_3", mk_armv7em_wide_3, way, channels);
            for (uint32_t groups = 1; groups <= 20; groups++) {
                struct mk_armv7em_tile tile = tile_of(way, channels, groups, 1);
                check("dual_1", (void *)mk_armv7em_dual_1, (void *const[5]){&tile}, channels);
            }
        }
    for (uint32_t groups = 1; groups <= 20; groups++) {
        check("widen_1", (void *)mk_armv7em_widen_1, (void *const[5]){out + GUARD, words, (void *)groups}, 8 * groups);
        check("widen_3", (void *)mk_armv7em_widen_3, (void *const[5]){out + GUARD, words, words, words, (void *)groups},
              24 * groups);
    }
}

/* Four channels' blocks, `count` of them side by side, in some rows. */
static void check_blocks(uint32_t kind, uint32_t way, uint32_t rows, uint32_t count, uint32_t channels)
{
    const uint32_t outputs = kind % 6 + 1, width = outputs * count, plane_words = 32;
    const struct mk_armv7em_blocks blocks = {
        .step = channels, .out = out + GUARD, .out_row_bytes = width * channels, .advance = -16 * (int32_t)plane_words,
        .out_end = out + GUARD + rows * width * channels, .row_bytes = 16 * plane_words, .kind = kind, .way = way,
        .in_step = 12, .out_step = outputs * channels, .count = count, .in = words, .plane_bytes = 4 * plane_words,
        .stream = stream, .stream_end = stream + channels * (way == MK_ARMV7EM_SMALL ? 8 : 10)};
    check("planes_3x3", (void *)mk_armv7em_planes_3x3, (void *const[5]){(void *)&blocks}, rows * width * channels);
}

/* Narrow rows, the planes one after the other. */
static void check_narrow_blocks(uint32_t rows, uint32_t channels)
{
    const uint32_t width = 5;
    const struct mk_armv7em_blocks blocks = {
        .step = channels, .out = out + GUARD, .out_row_bytes = width * channels, .advance = -32,
        .out_end = out + GUARD + rows * width * channels, .row_bytes = 16, .kind = MK_ARMV7EM_BLOCKS_NARROW, .way = MK_ARMV7EM_SMALL, .count = 1,
        .in = words, .plane_bytes = 16 * (rows + 2), .stream = stream, .stream_end = stream + channels * 8};
    check("planes_3x3, narrow", (void *)mk_armv7em_planes_3x3, (void *const[5]){(void *)&blocks}, rows * width * channels);
}

static void check_planes(void)
{
    for (uint32_t i = 0; i < 4 * 4; i++) check_narrow_blocks(i / 4 + 1, i % 4 + 1);
    static const uint32_t ways[3] = {MK_ARMV7EM_SMALL, MK_ARMV7EM_SMALL_SIGN, MK_ARMV7EM_LARGE_SIGN};
    for (uint32_t i = 0; i < 12 * 3 * 3 * 3 * 4; i++)
        check_blocks(i % 12, ways[i / 12 % 3], i / 36 % 3 + 1, i / 108 % 3 + 1, i / 324 + 1);
}

/* Planes as long as what is written: no byte may be left out. */
static void check_sorting(void)
{
    for (uint32_t i = 1; i < 2 * 2 * 2 * 5 * 3; i++) {
        const uint32_t first = i % 2, single = i / 2 % 2, last = i / 4 % 2, doubles = i / 8 % 5, rows = i / 40 + 1;
        const uint32_t plane_words = first + single + last + 2 * doubles, columns_inside = 2 * plane_words - first - last;
        const struct mk_armv7em_sorting sorting = {.skip = 12 * plane_words, .column_bytes = 5, .plane_bytes = 4 * plane_words,
                                                   .ends = first << 31 | single << 30 | last, .doubles = doubles};
        const int8_t *const from = (int8_t *)words, *const end = from + rows * 5 * columns_inside;
        if (plane_words == 0) continue;
        check("sort_planes", (void *)mk_armv7em_sort_planes,
              (void *const[5]){out + GUARD, (void *)from, (void *)end, (void *)&sorting}, 16 * plane_words * rows);
    }
}

/* Also where the places overlap, as those of strips of one row do. */
static void check_moving(void)
{
    static int32_t room[64];
    for (uint32_t i = 0; i < 2 * 10 * 4; i++) {
        const uint32_t ascends = i % 2, fours = i / 2 % 10, distance = 4 * (i / 20 + 1), from = ascends ? distance : 0;
        int32_t *const to = room + distance - from;
        check("move_fours", (void *)mk_armv7em_move_fours, (void *const[5]){out + GUARD, words, (void *)fours, (void *)ascends},
              16 * fours);
        for (uint32_t k = 0; k < 64; k++) room[k] = (int32_t)k;
        mk_armv7em_move_fours(to, room + from, fours, ascends);
        for (uint32_t k = 0; k < 4 * fours; k++)
            if (to[k] != (int32_t)(from + k)) print("move_fours: wrong\n");
    }
}

static void check_taps(void)
{
    const int8_t *list[32];
    for (uint32_t i = 0; i < 32; i++) list[i] = (int8_t *)words + i;
    for (uint32_t way = MK_ARMV7EM_EXACT; way <= MK_ARMV7EM_LARGE_SIGN; way++)
        for (uint32_t i = 0; i < 16 * 3; i++) {
            const uint32_t pairs = i % 16 + 1, groups = i / 16 + 1, words_each = 5 + 4 * pairs + 4 * record_words(way);
            memset(stream, 0, sizeof stream);
            for (uint32_t g = 0; g < groups; g++) stream[g * words_each + 4] = (int32_t)(4 * g);
            const struct mk_armv7em_taps taps = {.list = list, .list_end = list + 2 * pairs, .out = out + GUARD,
                                                 .stream = stream, .stream_end = stream + groups * words_each, .pairs = pairs,
                                                 .way = way, .act_min = -128, .act_max = 127};
            check("depthwise_taps", (void *)mk_armv7em_depthwise_taps, (void *const[5]){(void *)&taps}, 4 * groups);
        }
}

int main(void)
{
    check_tiles();
    check_planes();
    check_sorting();
    check_moving();
    check_taps();
    check_end();
    return 0;
}
