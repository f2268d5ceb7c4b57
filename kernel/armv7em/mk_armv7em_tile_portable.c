/* mk_armv7em_tile_portable.c: what the assembly of mk_armv7em_tile.S, mk_armv7em_position.S and mk_armv7em_widen.S computes, for other
 * machines; see the headers of these. */
#include "mk_armv7em_portable.h"
#include "mk_armv7em_position.h"

#if !defined(__arm__)
static int16_t low_half(int32_t word)
{
    return (int16_t)(uint16_t)word;
}

/* S_A and S_A + 256 * S_B: both weights of a pair with the inputs of one group at one position, `words` of them apart. */
static void add_group(uint32_t sums[2], const int16_t *columns, uint32_t words, const int32_t *weights)
{
    for (uint32_t half = 0; half < 4; half++) {
        const int32_t word = weights[half / 2];
        const int32_t both = half % 2 ? word >> 16 : low_half(word);
        const int32_t input = columns[half / 2 * words * 2 + half % 2];
        sums[0] += (uint32_t)(input * (int8_t)(uint8_t)both);
        sums[1] += (uint32_t)(input * both);
    }
}

/* Sums to outputs of 16 bits in planes. */
static void finish_planes(struct mk_armv7em_tile *tile, uint32_t channels, uint32_t positions)
{
    const int32_t steps[3] = {0, (int32_t)tile->step_1, (int32_t)tile->step_2};
    const int32_t *sums = tile->sums;
    for (; channels > 0; channels--, sums += positions, tile->stream += mk_armv7em_record_words(MK_ARMV7EM_LARGE)) {
        if (tile->out > tile->last) continue;
        for (uint32_t i = positions; i-- > 0;)
            *(int16_t *)(void *)(tile->out + steps[i]) =
                mk_armv7em_requantize(sums[i], tile->stream, MK_ARMV7EM_LARGE);
        tile->out += tile->plane;
    }
}

/* tile->sums, 256 times the layer's, to outputs; advances `out` and `stream`. */
static void finish(struct mk_armv7em_tile *tile, uint32_t channels, uint32_t positions)
{
    if (tile->way == MK_ARMV7EM_EXACT) {
        for (uint32_t i = 0; i < channels * positions; i++) tile->sums[i] >>= 8;
        mk_armv7em_finish_exactly(tile, channels, positions);
        return;
    }
    if (tile->way == MK_ARMV7EM_TO_PLANES) {
        finish_planes(tile, channels, positions);
        return;
    }
    const int32_t steps[3] = {0, (int32_t)tile->step_1, (int32_t)tile->step_2}; /* backwards where a ring begins anew */
    const int32_t *sums = tile->sums;
    for (; channels > 0; channels--, sums += positions, tile->stream += mk_armv7em_record_words(tile->way)) {
        if (tile->out > tile->last) continue;
        for (uint32_t i = positions; i-- > 0;)
            tile->out[steps[i]] = mk_armv7em_requantize(sums[i], tile->stream, tile->way);
        tile->out++;
    }
}

/* 256 times S_A and S_B, from S_A and S_A + 256 * S_B. */
static void set_sums(struct mk_armv7em_tile *tile, uint32_t a, uint32_t b, const uint32_t sums[2])
{
    tile->sums[a] = (int32_t)(sums[0] << 8);
    tile->sums[b] = (int32_t)(sums[1] - sums[0]);
}

typedef void run_3(struct mk_armv7em_tile *tile);

static void run_dual_3(struct mk_armv7em_tile *t)
{
    while (t->out <= t->last) {
        for (uint32_t i = 0; i < 3; i++) {
            uint32_t sums[2] = {(uint32_t)t->stream[0], (uint32_t)t->stream[1]};
            for (uint32_t g = 0; g < t->groups; g++)
                add_group(sums, t->columns + 12 * g + 2 * i, 3, t->stream + 2 + 2 * g);
            set_sums(t, i, 3 + i, sums);
        }
        t->stream += 2 + 2 * t->groups;
        finish(t, 2, 3);
    }
}

/* 256 times the sum of channel 0 or 1 of a pair at position i; the bias may be finer than that. */
static int32_t wide_sum(const struct mk_armv7em_tile *t, uint32_t channel, uint32_t i)
{
    uint32_t sum = (uint32_t)t->stream[channel];
    for (uint32_t word = 0; word < 2 * t->groups; word++) {
        const int16_t *const inputs = t->columns + 6 * word + 2 * i;
        const int32_t weights = t->stream[2 + 2 * word + channel];
        sum += (uint32_t)(inputs[0] * low_half(weights) + inputs[1] * (weights >> 16));
    }
    return (int32_t)sum;
}

static void run_wide_3(struct mk_armv7em_tile *t)
{
    while (t->out <= t->last) {
        for (uint32_t i = 0; i < 6; i++) t->sums[i] = wide_sum(t, i / 3, i % 3);
        t->stream += 2 + 4 * t->groups;
        finish(t, 2, 3);
    }
}

/* The inputs of three positions, the first one at t->offset. */
static void gather_3(const struct mk_armv7em_tile *t)
{
    int8_t rests[3][48] = {{0}};
    int16_t *to = t->columns;
    uint32_t at = 0;
    for (const int8_t *const *row = t->in_rows; row != t->in_rows_end; row++, at += t->rest) {
        const int8_t *const from = *row + t->offset;
        mk_armv7em_widen_3(to, from, from + t->in_step, from + 2 * t->in_step, t->head);
        to += 12 * t->head;
        for (uint32_t i = 0; i < 3; i++) memcpy(rests[i] + at, from + i * t->in_step + 4 * t->head, t->rest);
    }
    mk_armv7em_widen_3(to, rests[0], rests[1], rests[2], t->rest_groups);
}

/* The next place. */
static int8_t *take_place(struct mk_armv7em_places *places)
{
    int8_t *const taken = places->next;
    places->next += 2;
    if (--places->left == 0) {
        places->next += places->row_skip;
        places->left = places->width;
    }
    return taken;
}

/* The outputs of the next three positions; `last` is the last channel of the first one so far. */
static void move_on(struct mk_armv7em_tile *t, int8_t *last)
{
    if (t->way == MK_ARMV7EM_TO_PLANES) {
        t->out = take_place(t->places);
        t->last = t->out + t->places->span;
        t->step_1 = (uint32_t)(take_place(t->places) - t->out);
        t->step_2 = (uint32_t)(take_place(t->places) - t->out);
        return;
    }
    t->out = last + 1 + 2 * t->step_1;
    t->last = last + 3 * t->step_1;
}

static void run_triples(const struct mk_armv7em_tile *tile, uint32_t triples, run_3 *run)
{
    struct mk_armv7em_tile t = *tile;
    if (triples == 0) run(&t);
    for (; triples > 0; triples--) {
        int8_t *const last = t.last;
        t.stream = tile->stream;
        gather_3(&t);
        run(&t);
        if (triples > 1) move_on(&t, last);
        t.offset += 3 * t.in_step;
    }
}

void mk_armv7em_dual_3(const struct mk_armv7em_tile *tile, uint32_t triples)
{
    run_triples(tile, triples, run_dual_3);
}

void mk_armv7em_wide_3(const struct mk_armv7em_tile *tile, uint32_t triples)
{
    run_triples(tile, triples, run_wide_3);
}

void mk_armv7em_dual_1(const struct mk_armv7em_tile *tile)
{
    struct mk_armv7em_tile t = *tile;
    while (t.out <= t.last) {
        for (uint32_t pair = 0; pair < 2; pair++) {
            uint32_t sums[2] = {(uint32_t)t.stream[2 * pair], (uint32_t)t.stream[2 * pair + 1]};
            for (uint32_t g = 0; g < t.groups; g++)
                add_group(sums, t.columns + 4 * g, 1, t.stream + 4 + 4 * g + 2 * pair);
            set_sums(&t, 2 * pair, 2 * pair + 1, sums);
        }
        t.stream += 4 + 4 * t.groups;
        finish(&t, 4, 1);
    }
}

void mk_armv7em_widen_1(int16_t *columns, const int8_t *in, uint32_t groups)
{
    for (; groups > 0; groups--, in += 4, columns += 4) {
        columns[0] = in[0];
        columns[1] = in[2];
        columns[2] = in[1];
        columns[3] = in[3];
    }
}

void mk_armv7em_widen_3(int16_t *columns, const int8_t *in_0, const int8_t *in_1, const int8_t *in_2, uint32_t groups)
{
    const int8_t *const in[3] = {in_0, in_1, in_2};
    for (uint32_t g = 0; g < groups; g++, columns += 12)
        for (uint32_t i = 0; i < 3; i++) {
            int16_t group[4];
            mk_armv7em_widen_1(group, in[i] + 4 * g, 1);
            memcpy(columns + 2 * i, group, 4);
            memcpy(columns + 6 + 2 * i, group + 2, 4);
        }
}
#else
typedef int mk_armv7em_tile_portable_is_not_for_arm;
#endif
