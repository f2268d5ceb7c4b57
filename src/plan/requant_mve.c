/* requant_mve.c: the numbers by which the mve kernels requantise. */
#include "pack_mve.h"
#include "requant.h"

enum { MOST_SCALE_LOG2 = 14, TRIES = 4, SHIFT = 16 };

static struct mote_requant_reference reference_of(const struct mote_weighted *w, const struct mote_armv7em_channel *c)
{
    return (struct mote_requant_reference){.multiplier = c->multiplier,
                                           .shift = c->shift,
                                           .zero_point = w->out_zero_point,
                                           .min = w->act_min,
                                           .max = w->act_max};
}

/* The records for a scale; false if some channel has none. *has_sign: some channel needs its sign term. */
static bool find_records(const struct mote_weighted *w, const struct mote_armv7em_channel *channels, int32_t count,
                         int scale_log2, struct mote_mve_record *records, bool *has_sign)
{
    *has_sign = false;
    for (int32_t i = 0; i < count; i++) {
        const struct mote_requant_reference reference = reference_of(w, &channels[i]);
        struct mote_requant_before found;
        if (!mote_requant_search_before(&reference, (int32_t)channels[i].low, (int32_t)channels[i].high, 1 << scale_log2,
                                        SHIFT, &found))
            return false;
        records[i] = (struct mote_mve_record){{found.addend, found.multiplier, found.addend, found.sign_term}};
        *has_sign = *has_sign || found.sign_term != 0;
    }
    return true;
}

/* The largest scale at which all sums fit 31 bits. */
static int largest_scale_log2(const struct mote_armv7em_channel *channels, int32_t count)
{
    int64_t largest = 1;
    for (int32_t i = 0; i < count; i++) {
        if (-channels[i].low > largest) largest = -channels[i].low;
        if (channels[i].high > largest) largest = channels[i].high;
    }
    int log2 = MOST_SCALE_LOG2;
    while (log2 > 0 && largest << log2 > INT32_MAX) log2--;
    return log2;
}

static void record_exactly(const struct mote_armv7em_channel *channels, int32_t count, struct mote_mve_record *records)
{
    for (int32_t i = 0; i < count; i++) {
        const int shift = channels[i].shift;
        records[i] = (struct mote_mve_record){
            {0, channels[i].multiplier, shift > 0 ? shift : 0, shift < 0 ? shift : 0}};
    }
}

/* With the scale 2^k a channel's factor is multiplier * 2^(shift + 16 - k), which must be below 2^31: k is at most what the
 * channel with the greatest shift allows. A larger scale leaves more fractions of a sum for the roundings to go to. */
struct mote_mve_requant mote_mve_requantise(const struct mote_weighted *w, const struct mote_armv7em_channel *channels,
                                            int32_t channel_count, struct mote_mve_record *records)
{
    const int largest = largest_scale_log2(channels, channel_count);
    int greatest_shift = INT8_MIN;
    for (int32_t i = 0; i < channel_count; i++)
        if (channels[i].shift > greatest_shift) greatest_shift = channels[i].shift;
    const int start = largest < SHIFT + greatest_shift ? largest : SHIFT + greatest_shift;
    for (int log2 = start; log2 >= 0 && log2 > start - TRIES; log2--) {
        bool has_sign;
        if (!find_records(w, channels, channel_count, log2, records, &has_sign)) continue;
        return (struct mote_mve_requant){has_sign ? MK_MVE_SIGN : MK_MVE_FAST, 1 << log2, has_sign ? 4 : 2};
    }
    record_exactly(channels, channel_count, records);
    return (struct mote_mve_requant){MK_MVE_EXACT, 1, 4};
}
