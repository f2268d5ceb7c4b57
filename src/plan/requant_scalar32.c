/* requant_scalar32.c: the numbers by which the scalar32 kernels requantise; see kernel/scalar32/mk_scalar32_requantize.h. */
#include "pack_scalar32.h"

enum {
    SUM_SCALE = 256,      /* of the way by the high word */
    MOST_SHIFT_BEFORE = 10,
    MOST_SLACK_LOG2 = 2,  /* slack at most 2^shift_after over this power of two: else the exact way would decide too often */
    MOST_SHIFT_AFTER = 20,
    MOST_HIGH_SHIFT = 23  /* any byte's successor shifted by it has 32 bits: the kernels compare with that of the least output */
};

static int least_right_shift(const struct mote_armv7em_layer *layer)
{
    int least = 31;
    for (int32_t i = 0; i < layer->w->channels; i++)
        if (-layer->channels[i].shift < least) least = -layer->channels[i].shift;
    return least;
}

/* ---- By the high word ---- */

static void take_high(const struct mote_armv7em_layer *layer, int n, bool has_sign, struct mote_scalar32_requant *r)
{
    r->way = has_sign ? MK_SCALAR32_HIGH_SIGN : MK_SCALAR32_HIGH;
    r->record_words = has_sign ? 3 : 2;
    r->shift_after = n;
    int32_t *to = r->records;
    for (int32_t i = 0; i < layer->w->channels; i++)
        for (int k = 0; k < r->record_words; k++) *to++ = layer->records[i].words[k];
}

/* M has 31 bits for the largest multiplier with n = 7 + its right shift, and more room for C with less. */
static bool find_high(const struct mote_armv7em_layer *layer, struct mote_scalar32_requant *r)
{
    const int most = 7 + least_right_shift(layer), largest = most < MOST_HIGH_SHIFT ? most : MOST_HIGH_SHIFT;
    int with_sign = -1;
    bool has_sign;
    for (int n = largest; n >= 0 && n > largest - 3; n--) {
        if (!mote_armv7em_find_records(layer->w, layer->channels, layer->w->channels, SUM_SCALE, n, layer->records, &has_sign))
            continue;
        if (!has_sign) {
            take_high(layer, n, false, r);
            return true;
        }
        if (with_sign < 0) with_sign = n;
    }
    if (with_sign < 0) return false;
    (void)mote_armv7em_find_records(layer->w, layer->channels, layer->w->channels, SUM_SCALE, with_sign, layer->records,
                                    &has_sign);
    take_high(layer, with_sign, true, r);
    return true;
}

/* ---- By an estimate ---- */

/* All channels with these shifts; *slack is the largest they need. False if some channel cannot, or needs more than that share
 * of 2^after. */
static bool try_estimate(const struct mote_armv7em_layer *layer, int before, int after, double most_share, int32_t *records,
                         int32_t *slack)
{
    const int32_t most = (int32_t)(most_share * (1 << after));
    *slack = 0;
    for (int32_t i = 0; i < layer->w->channels; i++, records += 4) {
        const struct mote_armv7em_channel *c = &layer->channels[i];
        const struct mote_requant_reference reference = mote_armv7em_reference(layer->w, c);
        struct mote_requant_estimate e = {.shift_before = before, .shift_after = after};
        if (!mote_requant_find_estimate(&reference, (int32_t)c->low, (int32_t)c->high, &e) ||
            e.slack > most)
            return false;
        records[0] = e.multiplier;
        records[1] = e.addend;
        records[2] = c->multiplier;
        records[3] = c->shift;
        if (e.slack > *slack) *slack = e.slack;
    }
    return true;
}

/* The shifts with the least slack for their size; sums may lose low bits, but no high ones. */
static bool find_estimate(const struct mote_armv7em_layer *layer, struct mote_scalar32_requant *r)
{
    double least = 1.0 / (1 << MOST_SLACK_LOG2);
    int before = -1, after = 0;
    for (int a = MOST_SHIFT_AFTER; a >= 12; a -= 2)
        for (int b = 0; b <= MOST_SHIFT_BEFORE; b++) {
            int32_t slack;
            if (!try_estimate(layer, b, a, least, r->records, &slack)) continue;
            const double share = (double)slack / (double)(1 << a);
            if (share >= least) continue;
            least = share;
            before = b;
            after = a;
        }
    if (before < 0 || !try_estimate(layer, before, after, least, r->records, &r->slack)) return false;
    r->way = MK_SCALAR32_ESTIMATE;
    r->record_words = 4;
    r->shift_before = before;
    r->shift_after = after;
    /* the addends are those of the upper bound, with the largest slack: that must not leave 32 bits, either */
    for (int32_t i = 0; i < layer->w->channels; i++) {
        const int64_t addend = (int64_t)r->records[4 * i + 1] + r->slack;
        if (addend > INT32_MAX || (layer->channels[i].high >> before) * r->records[4 * i] + addend > INT32_MAX) return false;
        r->records[4 * i + 1] = (int32_t)addend;
    }
    return true;
}

bool mote_scalar32_requantise(const struct mote_target *target, struct mote_armv7em_layer *layer,
                              struct mote_arena *arena, struct mote_scalar32_requant *requant)
{
    const size_t channels = (size_t)layer->w->channels;
    *requant = (struct mote_scalar32_requant){.records = MOTE_NEW_ARRAY(arena, int32_t, 4 * channels)};
    layer->records = MOTE_NEW_ARRAY(arena, struct mote_armv7em_record, channels);
    if (!requant->records || !layer->records) return false;
    if ((target->multiplies_high && find_high(layer, requant)) || find_estimate(layer, requant)) return true;
    requant->way = MK_SCALAR32_EXACT;
    requant->record_words = 2;
    requant->shift_before = requant->shift_after = 0;
    requant->slack = 0;
    for (size_t i = 0; i < channels; i++) {
        requant->records[2 * i] = layer->channels[i].multiplier;
        requant->records[2 * i + 1] = layer->channels[i].shift;
    }
    return true;
}
