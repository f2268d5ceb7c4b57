/* check_scalar32.c: the assembly of kernel/scalar32 on the simulated chip against its portable twins (check_scalar32_twins.c) with
 * random numbers: the same outputs, no byte around them, and call-saved registers survive. Prints each fault and "done". */
#include "mk_scalar32_columns.h"
#include "mk_scalar32_list.h"
#include "mk_scalar32_requantize.h"
#include "mk_scalar32_squares.h"
#include "mk_scalar32_taps.h"
#include "mk_scalar32_tile.h"
#include "mk_scalar32_twice.h"

enum { WORDS = 1024, GUARD_WORDS = 32, INPUTS = 4096, ROUNDS = 60, UNTOUCHED = 0x5A };

uint32_t check_scalar32_call(void *function, const uint32_t arguments[7]);
void twin_tile(void), twin_bytes_tile(void), twin_dense_tile(void), twin_append_positive(void), twin_append_negative(void),
    twin_dense_twice(void), twin_tile_positions(void), twin_sum_taps(void), twin_add_squares(void), twin_quads_tile(void),
    twin_append_positive_quads(void), twin_append_negative_quads(void), twin_columns(void), twin_finish_sums(void), twin_finish_pairs(void);

static int32_t out[WORDS], expected[WORDS], weights[WORDS], from[WORDS];
static int8_t in[INPUTS], bytes[INPUTS];
static uint32_t seed = 1;

static int semihost(uint32_t number, const void *block)
{
#if defined(__arm__)
    register uint32_t operation __asm__("r0") = number;
    register const void *argument __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(argument) : "memory");
#else
    register uint32_t operation __asm__("a0") = number;
    register const void *argument __asm__("a1") = block;
    __asm__ volatile(".option push\n.option norvc\n.balign 16\nslli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
                     : "+r"(operation) : "r"(argument) : "memory");
#endif
    return (int)operation;
}

static void print(const char *text)
{
    semihost(4, text);
}

/* From least to most. */
static int32_t any(int32_t least, int32_t most)
{
    seed = seed * 1664525u + 1013904223u;
    return least + (int32_t)((seed >> 8) % (uint32_t)(most - least + 1));
}

static uint32_t address(const void *p)
{
    return (uint32_t)(uintptr_t)p;
}

/* Both write to `out`, which `prepared` bytes of have been filled in. */
static void compare(const char *name, void (*function)(void), void (*twin)(void), const uint32_t a[7], const void *prepared,
                    uint32_t bytes)
{
    memset(out, UNTOUCHED, sizeof out);
    memcpy(out, prepared, bytes);
    ((void (*)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t))twin)(a[0], a[1], a[2], a[3], a[4], a[5],
                                                                                          a[6]);
    memcpy(expected, out, sizeof out);
    memset(out, UNTOUCHED, sizeof out);
    memcpy(out, prepared, bytes);
    const uint32_t lost = check_scalar32_call((void *)(uintptr_t)function, a);
    int differ = 0;
    for (int i = 0; i < WORDS; i++) differ |= out[i] != expected[i];
    if (!lost && !differ) return;
    print(name);
    print(lost ? ": a register is lost\n" : ": not what the twin writes\n");
}

static void fill(int8_t least_weight)
{
    for (int i = 0; i < INPUTS; i++) in[i] = (int8_t)(any(0, 2) ? any(-128, 127) : -128 + 64 * any(0, 3));
    for (int i = 0; i < WORDS; i++) {
        weights[i] = any(least_weight, 127) + 65536 * any(least_weight, 127);
        from[i] = any(-100000, 100000);
    }
}

static void check_tiles(void)
{
    static struct mk_scalar32_entry list[16];
    for (int round = 0; round < ROUNDS; round++) {
        const uint32_t chunks = (uint32_t)any(0, 7), groups = (uint32_t)any(1, 5), inputs = 16;
        const int sign = any(0, 1) ? 1 : -1;
        fill(-127);
        for (uint32_t i = 0; i < 2 * chunks; i++)
            list[i] = (struct mk_scalar32_entry){16 * (uint32_t)any(0, 15), sign * any(any(0, 1), 127)};
        const uint32_t end = address(list + 2 * chunks), to = address(out + GUARD_WORDS);
        int32_t words[WORDS / 4];
        for (int i = 0; i < WORDS / 4; i++) words[i] = any(2, 256) + 65536 * any(-128, 127);
        compare("tile", (void (*)(void))mk_scalar32_tile, twin_tile,
                (uint32_t[7]){address(list), end, address(words), 16 * 3, address(from), to, groups}, from, 0);
        compare("quads_tile", (void (*)(void))mk_scalar32_quads_tile, twin_quads_tile,
                (uint32_t[7]){address(list), address(list + chunks / 2 * MK_SCALAR32_QUAD), address(words), 16 * 3, address(from), to,
                              groups},
                from, 0);
        for (int i = 0; i < WORDS / 4; i++)
            words[i] = (int32_t)((uint32_t)any(1, 255) << 24 | (uint32_t)any(1, 255) << 16 | (uint32_t)any(1, 255) << 8) + any(1, 255);
        compare("bytes_tile", (void (*)(void))mk_scalar32_bytes_tile, twin_bytes_tile,
                (uint32_t[7]){address(list), end, address(words), 8 * inputs, address(from), to, groups}, from, 0);
    }
}

/* Runs of odd and even lengths, also of one input. */
static void check_dense_tile(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        const int8_t *rows[4];
        const uint32_t count = (uint32_t)any(1, 4), run = (uint32_t)any(1, 9), groups = (uint32_t)any(1, 5);
        const uint32_t positions = (uint32_t)any(1, 4), more_bytes = 16 * (uint32_t)any(0, 1);
        fill(-127);
        for (uint32_t i = 0; i < count; i++) rows[i] = in + any(0, INPUTS - 64);
        const struct mk_scalar32_dense d = {.rows = rows, .rows_end = rows + count, .run = run, .step = (uint32_t)any(0, 9),
                                            .weights = weights, .group_bytes = 16 * count * run, .starts = from, .groups = groups};
        compare("dense_tile", (void (*)(void))mk_scalar32_dense_tile, twin_dense_tile,
                (uint32_t[7]){address(&d), more_bytes, positions, address(out + GUARD_WORDS)}, from, 0);
    }
}

/* Many inputs are the zero point, or all are; what is missing is written behind the sums. */
static void check_tile_positions(void)
{
    static struct mk_scalar32_entry list[2 * 40];
    static int32_t words[WORDS];
    for (int round = 0; round < ROUNDS; round++) {
        const uint32_t inputs = (uint32_t)any(1, 40), groups = (uint32_t)any(1, 5), positions = (uint32_t)any(1, 4);
        const int32_t most = any(0, 3) ? any(-128, 127) : -128;
        fill(-127);
        for (int i = 0; i < INPUTS; i++)
            if (in[i] > most || any(0, 1)) in[i] = -128;
        for (int i = 0; i < WORDS; i++) words[i] = any(2, 256) + 65536 * any(-128, 127);
        const struct mk_scalar32_listed l = {.list = list, .inputs = inputs, .step = (uint32_t)any(0, 50), .weights = words,
                                             .group_bytes = 16 * (inputs < 12 ? inputs : 12), .starts = from, .groups = groups};
        compare("tile_positions", (void (*)(void))mk_scalar32_tile_positions, twin_tile_positions,
                (uint32_t[7]){address(&l), address(in + any(0, 3)), positions, address(out + GUARD_WORDS),
                              address(out + 2 * GUARD_WORDS + 8 * groups * positions)},
                from, 0);
    }
}

static void check_lists(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        fill(-127);
        const uint32_t count = (uint32_t)any(1, 40), first = (uint32_t)any(0, 3);
        const int begun = any(0, 1);
        int32_t prepared[GUARD_WORDS];
        memset(prepared, UNTOUCHED, sizeof prepared);
        const struct mk_scalar32_list l = {.end = (struct mk_scalar32_entry *)(void *)(out + GUARD_WORDS),
                                           .room = begun ? any(0, 254) : -1, .total = any(-999, 999), .zero_point = any(-128, 127)};
        memcpy(prepared, &l, sizeof l);
        const uint32_t arguments[7] = {address(out), address(in + first), count, 160};
        compare("append_positive", (void (*)(void))mk_scalar32_append_positive, twin_append_positive, arguments, prepared,
                sizeof prepared);
        compare("append_negative", (void (*)(void))mk_scalar32_append_negative, twin_append_negative, arguments, prepared,
                sizeof prepared);
        struct mk_scalar32_list quads = l;
        quads.left = (uint32_t)any(1, MK_SCALAR32_QUAD);
        quads.room = quads.left == MK_SCALAR32_QUAD ? MK_SCALAR32_MOST_IN_CHUNK : any(0, 254);
        memcpy(prepared, &quads, sizeof quads);
        compare("append_positive_quads", (void (*)(void))mk_scalar32_append_positive_quads, twin_append_positive_quads, arguments,
                prepared, sizeof prepared);
        compare("append_negative_quads", (void (*)(void))mk_scalar32_append_negative_quads, twin_append_negative_quads, arguments,
                prepared, sizeof prepared);
    }
}

/* The ways that there is assembly for. */
static struct mk_conv_scalar32 any_layer(void)
{
    struct mk_conv_scalar32 c = {.act_min = (int16_t)any(-128, -100), .act_max = (int16_t)any(90, 127),
                                 .out_zero_point = (int16_t)any(-128, 20)};
    if (MK_SCALAR32_BY_ESTIMATE) {
        c.way = MK_SCALAR32_ESTIMATE;
        c.shift_before = 2, c.shift_after = 20, c.slack = 1 << 18;
    } else {
        c.way = (uint16_t)any(MK_SCALAR32_HIGH, MK_SCALAR32_HIGH_SIGN);
        c.shift_after = 7;
    }
    return c;
}

/* A record for sums of up to 2^17; returns its end. Estimates are right for a multiplier of 2^-9 to 2^-8. */
static int32_t *put_record(int32_t *to, const struct mk_conv_scalar32 *c)
{
    const int32_t multiplier = any(1 << 30, INT32_MAX - 1);
    if (c->way == MK_SCALAR32_ESTIMATE) {
        *to++ = multiplier >> 17;
        *to++ = (c->out_zero_point + 1) * (1 << 20) - (1 << 19) + c->slack / 2;
    }
    *to++ = multiplier;
    *to++ = c->way == MK_SCALAR32_ESTIMATE ? -8 : c->out_zero_point * 128 + any(0, 127);
    if (c->way == MK_SCALAR32_HIGH_SIGN) *to++ = any(0, 99);
    return to;
}

static void check_requantising(void)
{
    static int32_t records[WORDS];
    for (int round = 0; round < ROUNDS; round++) {
        struct mk_conv_scalar32 c = any_layer();
        const uint32_t channels = (uint32_t)any(1, 20), positions = (uint32_t)any(1, 4);
        int32_t *end = records, sums[4 * 24];
        struct mk_scalar32_missing missing[4];
        for (uint32_t i = 0; i < channels; i++) end = put_record(end, &c);
        for (int i = 0; i < 4 * 24; i++) sums[i] = any(-(1 << 17), 1 << 17);
        int8_t *const to = (int8_t *)(out + GUARD_WORDS) + any(0, 3);
        compare("finish_sums", (void (*)(void))mk_scalar32_finish_sums_assembly, twin_finish_sums,
                (uint32_t[7]){address(to), address(sums), channels, address(records), address(&c)}, from, 0);
        for (uint32_t i = 0; i < positions; i++) {
            missing[i] = (struct mk_scalar32_missing){(uint32_t)any(0, 50), (uint32_t)any(-9999, 9999)};
            for (uint32_t k = 24 * i; k < 24 * i + 24; k += 2) {
                sums[k] += (int32_t)(missing[i].offsets + ((uint32_t)sums[k + 1] << 16));
                sums[k + 1] -= (int32_t)missing[i].borrows;
            }
        }
        const uint32_t padded = 8 * mk_scalar32_groups(channels);
        for (uint32_t i = 0; i < positions * padded; i++) sums[i] = sums[i / padded * 24 + i % padded];
        compare("finish_pairs", (void (*)(void))mk_scalar32_finish_pairs_assembly, twin_finish_pairs,
                (uint32_t[7]){address(to), address(sums), channels, address(records), address(&c), address(missing), positions}, from, 0);
    }
}

/* Sums of up to about 2^17. */
static void check_dense_twice(void)
{
    static int32_t records[WORDS];
    for (int round = 0; round < ROUNDS; round++) {
        const int8_t *rows[4];
        const uint32_t count = (uint32_t)any(1, 4), run = (uint32_t)any(1, 9), groups = (uint32_t)any(1, 5);
        struct mk_conv_scalar32 c = any_layer();
        c.way = MK_SCALAR32_HIGH;
        int32_t *end = records;
        fill(-127);
        for (uint32_t i = 0; i < count; i++) rows[i] = in + any(0, INPUTS - 128);
        for (uint32_t i = 0; i < 8 * groups; i++) end = put_record(end, &c);
        const struct mk_scalar32_dense d = {.rows = rows, .rows_end = rows + count, .run = run, .step = (uint32_t)any(0, 9),
                                            .weights = weights, .group_bytes = 16 * count * run, .starts = from, .groups = groups};
        compare("dense_twice", (void (*)(void))mk_scalar32_dense_twice, twin_dense_twice,
                (uint32_t[7]){address(&d), (uint32_t)any(0, 9), 2 * (uint32_t)any(1, 3),
                              address((int8_t *)(out + GUARD_WORDS) + any(0, 3)), address(&c), address(records)},
                from, 0);
    }
}

static void check_columns(void)
{
    static int32_t stream[WORDS];
    for (int round = 0; round < 3 * ROUNDS; round++) {
        fill(-127);
        struct mk_conv_scalar32 conv = any_layer();
        const uint32_t channels = (uint32_t)any(1, 9), stride = (uint32_t)any(1, 2), left = (uint32_t)any(0, 1), right = (uint32_t)any(0, 1);
        const uint32_t inside = (uint32_t)any(right && (stride == 2 || left) ? 0 : 1, 12);
        int32_t *end = stream;
        for (uint32_t i = 0; i < channels; i++) {
            for (int k = 0; k < 3; k++) *end++ = any(-9999, 9999);
            end = put_record(end, &conv);
            for (int k = 0; k < 3; k++) *end++ = any(0, 0xFFFFFF);
        }
        const struct mk_scalar32_columns c = {
            .rows = {in, in + 600, in + 1200}, .step = channels, .out = (int8_t *)(out + GUARD_WORDS) + any(0, 3), .inside = inside,
            .left = left, .right = right, .stream = stream, .stream_end = end, .least = conv.act_min, .most = conv.act_max,
            .shift_before = conv.shift_before, .shift_after = conv.shift_after, .slack = conv.slack, .stride = stride,
            .out_zero_point = conv.out_zero_point, .record_words = mk_scalar32_record_words(conv.way), .conv = &conv};
        compare("columns", (void (*)(void))mk_scalar32_columns_assembly, twin_columns, (uint32_t[7]){address(&c)}, from, 0);
    }
}

/* Weights of 8 bits; without multiplication none is -128. */
static void fill_bytes(void)
{
    const int32_t least = MK_SCALAR32_BY_SQUARES ? -127 : -128;
    for (int i = 0; i < INPUTS; i++) bytes[i] = (int8_t)(any(0, 3) ? any(least, 127) : any(0, 1) ? least : 127);
}

static void check_taps(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        fill(-127);
        fill_bytes();
        const int8_t *list[6];
        const uint32_t taps = (uint32_t)any(1, 6), first = (uint32_t)any(0, 9), quads = (uint32_t)any(1, 5);
        for (uint32_t i = 0; i < taps; i++) list[i] = in + any(0, INPUTS - 64);
        const struct mk_scalar32_taps t = {.list = list, .list_end = list + taps, .weights = bytes,
                                           .channels = first + 4 * quads + (uint32_t)any(0, 3), .starts = from,
                                           .sums = out + GUARD_WORDS, .first = first, .quads = quads};
        compare("sum_taps", (void (*)(void))mk_scalar32_sum_taps, twin_sum_taps, (uint32_t[7]){address(&t)}, from, 0);
    }
}

static void check_squares(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        fill(-127);
        fill_bytes();
        const uint32_t inputs = (uint32_t)any(0, 40), step = (uint32_t)any(0, 1), first = (uint32_t)any(0, 3);
        int32_t prepared[GUARD_WORDS + MK_SCALAR32_SQUARES_GROUP];
        memset(prepared, UNTOUCHED, sizeof prepared);
        for (int i = 0; i < MK_SCALAR32_SQUARES_GROUP; i++) prepared[GUARD_WORDS + i] = any(-9999999, 9999999);
        compare("add_squares", (void (*)(void))mk_scalar32_add_squares, twin_add_squares,
                (uint32_t[7]){address(out + GUARD_WORDS), address(in + first), step, address(bytes + first),
                              address(bytes + first + MK_SCALAR32_SQUARES_GROUP * inputs)},
                prepared, sizeof prepared);
    }
}

int main(void)
{
    if (MK_SCALAR32_TILE_IN_ASSEMBLY) {
        check_tiles();
        check_dense_tile();
        check_tile_positions();
        check_lists();
        check_requantising();
        if (MK_SCALAR32_TWICE_IN_ASSEMBLY) check_dense_twice();
        check_columns();
    }
    check_taps();
    check_squares();
    print("done\n");
#if defined(__arm__)
    semihost(0x18, (const void *)0x20026);
#else
    static const uint32_t reason[2] = {0x20026, 0};
    semihost(0x18, reason);
#endif
    return 0;
}
