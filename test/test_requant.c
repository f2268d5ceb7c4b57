/* Substitutes for the reference's requantisation: what is proved must hold for every accumulator, by trying them all. */
#include "../src/base/file.h"
#include "../src/import/tflite.h"
#include "../src/ir/quant.h"
#include "../src/pass/intervals.h"
#include "../src/pass/pass.h"
#include "../src/plan/requant.h"
#include "base/rng.h"

#include "../kernel/ref/mk_requantize.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct channel {
    struct mote_requant_reference reference;
    int32_t low, high;
};

/* Scales, zero points, clamps and reachable accumulators as layers have them; at most 2^18 accumulators. */
static struct channel random_channel(struct mote_rng *rng)
{
    struct channel c = {.reference = {.min = -128, .max = 127}};
    const int exponent = (int)mote_rng_below(rng, 16) - 14;
    mote_quantize_multiplier((1.0 + mote_rng_unit(rng)) * (exponent < 0 ? 1.0 / (1 << -exponent) : 1 << exponent),
                             &c.reference.multiplier, &c.reference.shift);
    switch (mote_rng_below(rng, 4)) {
    case 0: c.reference.zero_point = -128; break; /* ReLU */
    case 1: c.reference.zero_point = c.reference.min = (int32_t)mote_rng_below(rng, 200) - 128; break;
    case 2: c.reference.zero_point = (int32_t)mote_rng_below(rng, 21) - 10; break;
    default:
        c.reference.zero_point = (int32_t)mote_rng_below(rng, 256) - 128;
        c.reference.max = c.reference.min + (int32_t)mote_rng_below(rng, 256);
        break;
    }
    const int64_t span = 1 + (int64_t)mote_rng_below(rng, (uint64_t)1 << mote_rng_below(rng, 19));
    c.low = -(int32_t)mote_rng_below(rng, (uint64_t)span + 1000);
    c.high = (int32_t)(c.low + span);
    return c;
}

static bool equal_everywhere(const struct mote_requant *r, const struct channel *c)
{
    for (int32_t acc = c->low; acc <= c->high; acc++)
        if (mote_requant_apply(r, &c->reference, acc) != mote_requant_reference(&c->reference, acc)) return false;
    return true;
}

static void reference_is_what_the_kernels_compute(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        const struct channel c = random_channel(&rng);
        const int32_t acc = c.low + (int32_t)mote_rng_below(&rng, (uint64_t)(c.high - c.low + 1));
        const struct mote_requant_reference *r = &c.reference;
        const int32_t scaled = mk_multiply_by_quantized_multiplier(acc, r->multiplier, r->shift);
        assert_int_equal(mk_clamp(scaled + r->zero_point, r->min, r->max), mote_requant_reference(r, acc));
    }
}

/* Every form and every width of multiplier: found means equal for all reachable accumulators. */
static void found_substitutes_are_equal_for_every_accumulator(void **state)
{
    (void)state;
    static const enum mote_requant_form forms[] = {MOTE_REQUANT_PLAIN, MOTE_REQUANT_SIGN_TERM,
                                                   MOTE_REQUANT_SIGN_MAGNITUDE};
    static const int bits[] = {8, 16, 24, 31};
    struct mote_rng rng;
    mote_rng_seed(&rng, 2);
    int found[3][4] = {{0}};
    for (int i = 0; i < 150; i++) {
        const struct channel c = random_channel(&rng);
        for (size_t f = 0; f < 3; f++)
            for (size_t b = 0; b < 4; b++) {
                const struct mote_requant_limits limits = {.multiplier_bits = bits[b],
                                                           .least_shift = 8,
                                                           .most_shift = 47,
                                                           .accumulator_scale = 1};
                struct mote_requant r;
                if (!mote_requant_search(&c.reference, c.low, c.high, forms[f], &limits, &r)) continue;
                assert_true(r.multiplier >> bits[b] == 0);
                assert_true(mote_requant_prove(&r, &c.reference, c.low, c.high));
                assert_true(equal_everywhere(&r, &c));
                found[f][b]++;
            }
    }
    /* The search is no use if it finds nothing: with 31 bits and a sign term the two roundings can always be followed. */
    assert_int_equal(found[1][3], 150);
    assert_true(found[1][2] > 140 && found[2][2] > 130 && found[0][2] > 60);
}

/* A proof is given exactly where all accumulators agree, also for substitutes that are wrong in one place only. */
static void proof_agrees_with_exhaustion(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 3);
    int right = 0, wrong = 0;
    for (int i = 0; i < 1500; i++) {
        struct channel c = random_channel(&rng);
        if (c.high - c.low > 20000) c.high = c.low + 20000;
        const struct mote_requant_limits limits = {.multiplier_bits = 20, .least_shift = 0, .most_shift = 40,
                                                   .accumulator_scale = 1};
        struct mote_requant r;
        if (!mote_requant_search(&c.reference, c.low, c.high, (enum mote_requant_form)mote_rng_below(&rng, 3), &limits, &r))
            continue;
        const int64_t step = (int64_t)1 << mote_rng_below(&rng, (uint64_t)r.shift + 1);
        r.addend += (int64_t)mote_rng_below(&rng, 3) * step - step;
        r.addend_negative += (int64_t)mote_rng_below(&rng, 3) * step - step;
        const int32_t nudged = r.multiplier + (int32_t)mote_rng_below(&rng, 3) - 1;
        if (nudged >= 0) r.multiplier = nudged;
        const bool equal = equal_everywhere(&r, &c);
        assert_int_equal(mote_requant_prove(&r, &c.reference, c.low, c.high), equal);
        right += equal;
        wrong += !equal;
    }
    assert_true(right > 100 && wrong > 100);
}

static void limits_on_shift_and_addend_are_kept(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 4);
    int found = 0;
    for (int i = 0; i < 300; i++) {
        const struct channel c = random_channel(&rng);
        const struct mote_requant_limits limits = {.multiplier_bits = 24, .least_shift = 32, .most_shift = 40,
                                                   .addend_zero_bits = 16, .accumulator_scale = 1};
        struct mote_requant r;
        if (!mote_requant_search(&c.reference, c.low, c.high, MOTE_REQUANT_SIGN_TERM, &limits, &r)) continue;
        assert_in_range(r.shift, 32, 40);
        assert_int_equal(r.addend & 0xffff, 0);
        assert_int_equal(r.addend_negative & 0xffff, 0);
        assert_true(equal_everywhere(&r, &c));
        found++;
    }
    assert_true(found > 100);
}

static int32_t high_word_output(const struct mote_requant_high_word *h, int64_t scaled, int n)
{
    const int64_t c = scaled < 0 ? (int64_t)h->addend - h->sign_term : h->addend;
    const int64_t sum = scaled * h->multiplier + c * ((int64_t)1 << 32);
    const int64_t out = (sum >> 32) >> n;
    return out < INT8_MIN ? INT8_MIN : out > INT8_MAX ? INT8_MAX : (int32_t)out;
}

static void high_word_form_is_equal_for_every_accumulator(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 5);
    int found = 0, tried = 0;
    for (int i = 0; i < 400; i++) {
        const struct channel c = random_channel(&rng);
        const int32_t scale = mote_rng_below(&rng, 2) ? 256 : 192;
        if (c.reference.shift > 0) continue;
        const int n = 7 - c.reference.shift - (int)mote_rng_below(&rng, 3);
        struct mote_requant_high_word h;
        tried++;
        if (!mote_requant_search_high_word(&c.reference, c.low, c.high, scale, n, &h)) continue;
        for (int32_t acc = c.low; acc <= c.high; acc++)
            assert_int_equal(high_word_output(&h, (int64_t)acc * scale, n), mote_requant_reference(&c.reference, acc));
        found++;
    }
    assert_true(found * 2 > tried);
}

/* Where the addend behind the multiplication alone is too coarse, most of all. */
static void fine_high_word_form_is_equal_for_every_accumulator(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 8);
    int found = 0, tried = 0, coarse = 0;
    for (int i = 0; i < 400; i++) {
        const struct channel c = random_channel(&rng);
        const int32_t scale = mote_rng_below(&rng, 2) ? 256 : 192;
        if (c.reference.shift > 0 || c.reference.zero_point != c.reference.min || c.reference.min != INT8_MIN) continue;
        const int n = 7 - c.reference.shift - (int)mote_rng_below(&rng, 12);
        struct mote_requant_high_word h, other;
        int32_t b;
        if (n < 0) continue;
        tried++;
        if (!mote_requant_search_fine_high_word(&c.reference, c.low, c.high, scale, n, &h, &b)) continue;
        for (int32_t acc = c.low; acc <= c.high; acc++)
            assert_int_equal(high_word_output(&h, (int64_t)acc * scale + b, n), mote_requant_reference(&c.reference, acc));
        found++;
        coarse += mote_requant_search_high_word(&c.reference, c.low, c.high, scale, n, &other) && other.sign_term == 0;
    }
    print_message("    %d of %d, with a coarse addend alone %d\n", found, tried, coarse);
    assert_true(found * 2 > tried && coarse < found);
}

/* kernel/mve/mk_mve_tile.h */
static int32_t before_output(const struct mote_requant_before *r, int32_t accumulator, int32_t scale, int n)
{
    const int64_t x = (int64_t)accumulator * scale + r->addend + (accumulator < 0 ? r->sign_term : 0);
    assert_true(x >= INT32_MIN && x <= INT32_MAX);
    const int64_t value = x * r->multiplier >> 31 >> n;
    return (int32_t)(value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value);
}

static void addend_before_form_is_equal_for_every_accumulator(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 6);
    int found = 0, tried = 0, with_sign = 0;
    for (int i = 0; i < 400; i++) {
        const struct channel c = random_channel(&rng);
        const int scale_log2 = 6 + (int)mote_rng_below(&rng, 5), n = scale_log2 - c.reference.shift;
        if (c.reference.shift > 0) continue;
        struct mote_requant_before r;
        tried++;
        if (!mote_requant_search_before(&c.reference, c.low, c.high, 1 << scale_log2, n, &r)) continue;
        for (int32_t acc = c.low; acc <= c.high; acc++)
            assert_int_equal(before_output(&r, acc, 1 << scale_log2, n), mote_requant_reference(&c.reference, acc));
        found++;
        with_sign += r.sign_term != 0;
    }
    assert_true(found * 2 > tried);
    assert_true(with_sign > 0);
}

/* Where the estimate's two bounds agree they are the output, for every accumulator; and that is most of them. */
static void estimates_bound_the_output_for_every_accumulator(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 8);
    int found = 0;
    for (int i = 0; i < 600; i++) {
        const struct channel c = random_channel(&rng);
        struct mote_requant_estimate e = {.shift_before = (int)mote_rng_below(&rng, 7),
                                          .shift_after = 10 + (int)mote_rng_below(&rng, 11)};
        if (!mote_requant_find_estimate(&c.reference, c.low, c.high, &e)) continue;
        found++;
        assert_true(e.slack >= 0);
        for (int32_t acc = c.low; acc <= c.high; acc++) {
            const int64_t v = (int64_t)(acc >> e.shift_before) * e.multiplier + e.addend;
            assert_true(v >= INT32_MIN && v + e.slack <= INT32_MAX);
            const int32_t low = (int32_t)(v >> e.shift_after), high = (int32_t)((v + e.slack) >> e.shift_after);
            const int32_t output = mote_requant_reference(&c.reference, acc);
            if (low != high) continue;
            assert_int_equal(low < c.reference.min ? c.reference.min : low > c.reference.max ? c.reference.max : low,
                             output);
        }
    }
    assert_true(found > 100);
}

static void nothing_is_proved_of_wrapping_or_wide_references(void **state)
{
    (void)state;
    const struct mote_requant identity = {.form = MOTE_REQUANT_PLAIN, .accumulator_scale = 1, .multiplier = 1};
    const struct mote_requant_reference wraps = {.multiplier = 1 << 30, .shift = 20, .min = -128, .max = 127};
    assert_false(mote_requant_is_monotone(&wraps, -1, 1 << 11));
    assert_true(mote_requant_is_monotone(&wraps, -1, 1 << 10));
    assert_false(mote_requant_prove(&identity, &wraps, -1, 1 << 11));
    const struct mote_requant_reference s16 = {.multiplier = 1 << 30, .shift = 1, .min = INT16_MIN, .max = INT16_MAX};
    assert_false(mote_requant_prove(&identity, &s16, 0, 10));
    const struct mote_requant_reference one = {.multiplier = 1 << 30, .shift = 1, .min = -128, .max = 127};
    assert_true(mote_requant_prove(&identity, &one, -1000, 1000));
    assert_false(mote_requant_prove(&identity, &one, 1, 0));
}

static void constant_channels_need_no_multiplier(void **state)
{
    (void)state;
    const struct mote_requant_reference r = {.multiplier = 1500000000, .shift = -8, .zero_point = -128, .min = -128,
                                             .max = 127};
    const struct mote_requant_limits limits = {.multiplier_bits = 8, .most_shift = 8, .accumulator_scale = 1};
    struct mote_requant found;
    assert_true(mote_requant_search(&r, -90000, 20, MOTE_REQUANT_PLAIN, &limits, &found));
    for (int32_t acc = -90000; acc <= 20; acc++) assert_int_equal(mote_requant_apply(&found, &r, acc), -128);
}

/* ---- Whole models: how many channels need no two roundings ---- */

struct coverage {
    int channels, plain_16, plain_24, magnitude_16, magnitude_24, sign_16, sign_24, sign_31, high_word;
    int widest_sum, sums_of_16_bits;
};

static int is_found(const struct channel *c, enum mote_requant_form form, int bits)
{
    const struct mote_requant_limits limits = {.multiplier_bits = bits, .least_shift = 16, .most_shift = 47,
                                               .accumulator_scale = 1};
    struct mote_requant r;
    if (!mote_requant_search(&c->reference, c->low, c->high, form, &limits, &r)) return 0;
    assert_true(mote_requant_prove(&r, &c->reference, c->low, c->high));
    return 1;
}

static int most_shift(const struct mote_accumulators *acc)
{
    int most = -31;
    for (int32_t i = 0; i < acc->channels; i++)
        if (acc->shift[i] > most) most = acc->shift[i];
    return most;
}

static void cover(const struct mote_accumulators *acc, int32_t channel, struct coverage *sum)
{
    const struct mote_interval reach = acc->sums[channel];
    const struct channel c = {{acc->multiplier[channel], acc->shift[channel], acc->out_zero_point, acc->act_min, acc->act_max},
                              (int32_t)reach.low, (int32_t)reach.high};
    const int bits = mote_interval_bits(reach);
    struct mote_requant_high_word high_word;
    assert_true(bits <= 32);
    sum->channels++;
    if (bits > sum->widest_sum) sum->widest_sum = bits;
    sum->sums_of_16_bits += bits <= 16;
    sum->plain_16 += is_found(&c, MOTE_REQUANT_PLAIN, 16);
    sum->plain_24 += is_found(&c, MOTE_REQUANT_PLAIN, 24);
    sum->magnitude_16 += is_found(&c, MOTE_REQUANT_SIGN_MAGNITUDE, 16);
    sum->magnitude_24 += is_found(&c, MOTE_REQUANT_SIGN_MAGNITUDE, 24);
    sum->sign_16 += is_found(&c, MOTE_REQUANT_SIGN_TERM, 16);
    sum->sign_24 += is_found(&c, MOTE_REQUANT_SIGN_TERM, 24);
    sum->sign_31 += is_found(&c, MOTE_REQUANT_SIGN_TERM, 31);
    const int n = 7 - most_shift(acc);
    sum->high_word += mote_requant_search_high_word(&c.reference, c.low, c.high, 256, n, &high_word);
}

static void models_hardly_need_two_roundings(void **state)
{
    (void)state;
    static const char *const names[] = {"kws_ref_model", "pretrainedResnet_quant", "vww_96_int8", "ad01_int8",
                                        "str_ww_ref_model"};
    print_message("%-24s %8s %8s %8s %8s %8s %8s %8s %8s %8s %8s %8s\n", "model", "channels", "sums 16", "widest",
                  "plain16", "plain24", "magn16", "magn24", "sign16", "sign24", "sign31", "high");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct mote_arena arena;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        char path[128];
        snprintf(path, sizeof path, "../shared/models/%s.tflite", names[i]);
        if (!mote_file_exists(path)) skip();
        uint8_t *bytes = NULL;
        size_t size_bytes = 0;
        struct mote_graph *graph = NULL;
        struct mote_intervals *intervals = NULL;
        int32_t changes;
        assert_int_equal(mote_file_read(path, (size_t)64 << 20, &arena, &bytes, &size_bytes, NULL), MOTE_OK);
        assert_int_equal(mote_import_tflite(bytes, size_bytes, path, &arena, &graph, NULL), MOTE_OK);
        assert_int_equal(mote_pass_remove_channels(graph, NULL, &changes, NULL), MOTE_OK);
        assert_int_equal(mote_intervals_build(graph, &arena, &intervals, NULL), MOTE_OK);
        struct coverage c = {0};
        for (int32_t k = 0; k < graph->op_count; k++)
            for (int32_t o = 0; o < intervals->accumulators[k].channels; o++) cover(&intervals->accumulators[k], o, &c);
        print_message("%-24s %8d %8d %8d %8d %8d %8d %8d %8d %8d %8d %8d\n", names[i], c.channels,
                      c.sums_of_16_bits, c.widest_sum, c.plain_16, c.plain_24, c.magnitude_16, c.magnitude_24, c.sign_16, c.sign_24, c.sign_31, c.high_word);
        assert_true(c.widest_sum <= 24);
        assert_int_equal(c.sign_31, c.channels);
        assert_true(c.sign_24 * 100 >= c.channels * 99);
        assert_true(c.magnitude_24 * 100 >= c.channels * 99);
        mote_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_is_what_the_kernels_compute),
        cmocka_unit_test(found_substitutes_are_equal_for_every_accumulator),
        cmocka_unit_test(proof_agrees_with_exhaustion),
        cmocka_unit_test(limits_on_shift_and_addend_are_kept),
        cmocka_unit_test(high_word_form_is_equal_for_every_accumulator),
        cmocka_unit_test(fine_high_word_form_is_equal_for_every_accumulator),
        cmocka_unit_test(addend_before_form_is_equal_for_every_accumulator),
        cmocka_unit_test(estimates_bound_the_output_for_every_accumulator),
        cmocka_unit_test(nothing_is_proved_of_wrapping_or_wide_references),
        cmocka_unit_test(constant_channels_need_no_multiplier),
        cmocka_unit_test(models_hardly_need_two_roundings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
