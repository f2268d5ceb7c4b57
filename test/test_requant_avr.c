/* The AVR kernels' short way from a sum to a byte gives the reference's byte wherever it does not ask for the exact way, and
 * seldom asks. */
#include "plan/pack_avr.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* With the offset, sums must stay below 2^23. */
enum { CHANNELS = 8, TOO_LARGE = 1 << 23, LARGEST = (1 << 22) - 1 };

struct layer {
    struct mote_weighted w;
    int32_t multiplier[CHANNELS];
    int8_t shift[CHANNELS];
    int64_t largest[CHANNELS];
    struct mote_requant_avr_channel channels[CHANNELS];
    struct mote_requant_avr requant;
};

/* Multipliers as trained layers have them: within a few powers of two. False if the kernels do not take the layer. */
static bool make_layer(struct layer *l, struct mote_rng *rng)
{
    const int shift = -(int)mote_rng_below(rng, 13);
    for (int i = 0; i < CHANNELS; i++) {
        l->multiplier[i] = (int32_t)((1u << 30) + mote_rng_below(rng, 1u << 30));
        l->shift[i] = (int8_t)(shift - (int)mote_rng_below(rng, 4));
        l->largest[i] = LARGEST;
    }
    const bool relu = mote_rng_below(rng, 2);
    l->w = (struct mote_weighted){.channels = CHANNELS, .multiplier_count = CHANNELS, .multiplier = l->multiplier,
                                  .shift = l->shift, .out_zero_point = -128, .act_min = -128, .act_max = 127};
    if (!relu) l->w.out_zero_point = (int16_t)((int)mote_rng_below(rng, 256) - 128);
    l->requant.channels = l->channels;
    return mote_requant_avr_prepare(&l->w, l->largest, &l->requant);
}

/* Returns whether the exact way is asked for. */
static bool check_sum(const struct layer *l, int channel, int32_t sum)
{
    const int32_t exact = l->w.out_zero_point - l->w.act_min +
                          mote_multiply_by_quantized_multiplier(sum, l->multiplier[channel], l->shift[channel]);
    const int32_t expected = exact < 0 ? 0 : exact > l->requant.range ? l->requant.range : exact;
    const int32_t level = mote_requant_avr_level(&l->requant, &l->channels[channel], sum);
    if (level >= 0) assert_int_equal(level, expected);
    return level < 0;
}

/* The least sum >= 0 whose exact result is at least `step`. */
static int32_t first_sum_of(const struct layer *l, int channel, int32_t step)
{
    int32_t low = 0, high = LARGEST;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (mote_multiply_by_quantized_multiplier(middle, l->multiplier[channel], l->shift[channel]) >= step) high = middle;
        else low = middle + 1;
    }
    return low;
}

static void equals_the_reference_around_every_step(void **state)
{
    (void)state;
    struct mote_rng rng;
    struct layer l;
    int taken = 0;
    mote_rng_seed(&rng, 5);
    for (int i = 0; i < 300; i++) {
        if (!make_layer(&l, &rng)) continue;
        taken++;
        for (int channel = 0; channel < CHANNELS; channel++)
            for (int32_t step = 1; step < 260; step++) {
                const int32_t first = first_sum_of(&l, channel, step);
                for (int32_t sum = first - 3; sum <= first + 3; sum++) {
                    if (sum < 0 || sum > LARGEST) continue;
                    check_sum(&l, channel, sum);
                    check_sum(&l, channel, -sum);
                }
            }
    }
    assert_true(taken > 100);
}

static void seldom_needs_the_exact_way(void **state)
{
    (void)state;
    struct mote_rng rng;
    struct layer l;
    mote_rng_seed(&rng, 6);
    for (int i = 0; i < 200; i++) {
        if (!make_layer(&l, &rng)) continue;
        int asked = 0, tried = 0;
        const int32_t share = 257 - l.requant.ambiguous_from; /* of 256, and as much again for chance */
        for (int channel = 0; channel < CHANNELS; channel++) {
            const int32_t range = first_sum_of(&l, channel, 255);
            for (int k = 0; k < 500; k++, tried++)
                asked += check_sum(&l, channel, (int32_t)mote_rng_below(&rng, (uint64_t)range + 1));
        }
        assert_true(asked * 128 <= tried * share + 128 * 20);
    }
}

static void refuses_what_it_cannot_do(void **state)
{
    (void)state;
    struct mote_rng rng;
    struct layer l;
    mote_rng_seed(&rng, 7);
    while (!make_layer(&l, &rng)) {
    }
    l.shift[3] = 1; /* a multiplier of 1 or more */
    assert_false(mote_requant_avr_prepare(&l.w, l.largest, &l.requant));
    l.shift[3] = -8;
    l.largest[2] = TOO_LARGE;
    assert_false(mote_requant_avr_prepare(&l.w, l.largest, &l.requant));
    l.largest[2] = LARGEST;
    l.w.act_min = (int16_t)(l.w.out_zero_point + 1); /* the zero point is no output */
    assert_false(mote_requant_avr_prepare(&l.w, l.largest, &l.requant));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_reference_around_every_step),
        cmocka_unit_test(seldom_needs_the_exact_way),
        cmocka_unit_test(refuses_what_it_cannot_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
