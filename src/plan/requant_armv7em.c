/* requant_armv7em.c: the numbers by which the armv7em kernels requantise. */
#include "pack_armv7em.h"

struct mote_requant_reference mote_armv7em_reference(const struct mote_weighted *w,
                                                      const struct mote_armv7em_channel *c)
{
    return (struct mote_requant_reference){.multiplier = c->multiplier,
                                           .shift = c->shift,
                                           .zero_point = w->out_zero_point,
                                           .min = w->act_min,
                                           .max = w->act_max};
}

bool mote_armv7em_find_records(const struct mote_weighted *w, const struct mote_armv7em_channel *channels, int32_t count,
                               int32_t scale, int n, struct mote_armv7em_record *records, bool *has_sign)
{
    *has_sign = false;
    for (int32_t i = 0; i < count; i++) {
        const struct mote_requant_reference reference = mote_armv7em_reference(w, &channels[i]);
        struct mote_requant_high_word found;
        if (!mote_requant_search_high_word(&reference, (int32_t)channels[i].low, (int32_t)channels[i].high,
                                           scale, n, &found))
            return false;
        records[i] = (struct mote_armv7em_record){{found.multiplier, found.addend, found.sign_term}, 0};
        *has_sign = *has_sign || found.sign_term != 0;
    }
    return true;
}

/* The same without sign terms, but with biases. */
static bool find_fine_records(const struct mote_weighted *w, const struct mote_armv7em_channel *channels, int32_t count,
                              int32_t scale, int n, struct mote_armv7em_record *records)
{
    for (int32_t i = 0; i < count; i++) {
        const struct mote_requant_reference reference = mote_armv7em_reference(w, &channels[i]);
        struct mote_requant_high_word found;
        int32_t bias;
        if (!mote_requant_search_fine_high_word(&reference, (int32_t)channels[i].low, (int32_t)channels[i].high, scale, n,
                                                &found, &bias))
            return false;
        records[i] = (struct mote_armv7em_record){{found.multiplier, found.addend, 0}, bias};
    }
    return true;
}

uint32_t mote_armv7em_requantise(const struct mote_weighted *w, const struct mote_armv7em_channel *channels,
                                 int32_t channel_count, int32_t scale, bool is_fine, struct mote_armv7em_record *records,
                                 int *record_words)
{
    static const struct {
        int n;
        uint32_t way, way_sign;
    } ways[] = {{MK_ARMV7EM_LARGE_SHIFT, MK_ARMV7EM_LARGE, MK_ARMV7EM_LARGE_SIGN},
                {MK_ARMV7EM_SMALL_SHIFT, MK_ARMV7EM_SMALL, MK_ARMV7EM_SMALL_SIGN}};
    *record_words = 2;
    for (int accept_sign = 0; accept_sign < 2; accept_sign++)
        for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
            bool has_sign;
            if (!mote_armv7em_find_records(w, channels, channel_count, scale, ways[i].n, records, &has_sign)) continue;
            if (has_sign && !accept_sign) continue;
            *record_words = has_sign ? 3 : 2;
            return has_sign ? ways[i].way_sign : ways[i].way;
        }
    for (size_t i = 0; is_fine && i < sizeof ways / sizeof ways[0]; i++)
        if (find_fine_records(w, channels, channel_count, scale, ways[i].n, records)) return ways[i].way;
    for (int32_t i = 0; i < channel_count; i++)
        records[i] = (struct mote_armv7em_record){{channels[i].multiplier, channels[i].shift, 0}, 0};
    return MK_ARMV7EM_EXACT;
}

/* The addend goes with the bias: words are M and what is added to 256 times the bias. */
static bool find_plain_records(const struct mote_weighted *w, const struct mote_armv7em_channel *channels, int32_t count,
                               int32_t scale, struct mote_armv7em_record *records)
{
    for (int32_t i = 0; i < count; i++) {
        const struct mote_requant_reference reference = mote_armv7em_reference(w, &channels[i]);
        struct mote_requant_before found;
        if (!mote_requant_search_before(&reference, (int32_t)channels[i].low, (int32_t)channels[i].high, scale,
                                        MK_ARMV7EM_SMALL_SHIFT + 1, &found) ||
            found.sign_term != 0)
            return false;
        records[i] = (struct mote_armv7em_record){{found.multiplier, found.addend, 0}, 0};
    }
    return true;
}

uint32_t mote_armv7em_requantise_planes(const struct mote_weighted *w, const struct mote_armv7em_channel *channels,
                                        int32_t channel_count, int32_t scale, struct mote_armv7em_record *records,
                                        int *record_words)
{
    bool has_sign;
    *record_words = 1;
    if (find_plain_records(w, channels, channel_count, scale, records)) return MK_ARMV7EM_SMALL;
    *record_words = 3;
    if (mote_armv7em_find_records(w, channels, channel_count, scale, MK_ARMV7EM_SMALL_SHIFT, records, &has_sign))
        return MK_ARMV7EM_SMALL_SIGN;
    if (mote_armv7em_find_records(w, channels, channel_count, scale, MK_ARMV7EM_LARGE_SHIFT, records, &has_sign))
        return MK_ARMV7EM_LARGE_SIGN;
    return MK_ARMV7EM_EXACT;
}
