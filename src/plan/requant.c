#include "requant.h"

#include "../ir/quant.h"

/* Bounds are computed in 128 bits: (output value) * 2^62 does not fit 64. */
__extension__ typedef __int128 wide;

int32_t mote_requant_reference(const struct mote_requant_reference *reference, int32_t accumulator)
{
    const int64_t scaled =
        mote_multiply_by_quantized_multiplier(accumulator, reference->multiplier, reference->shift);
    const int64_t value = scaled + reference->zero_point;
    return value < reference->min ? reference->min : value > reference->max ? reference->max : (int32_t)value;
}

int32_t mote_requant_apply(const struct mote_requant *requant, const struct mote_requant_reference *reference,
                           int32_t accumulator)
{
    const bool negative = accumulator < 0, by_magnitude = requant->form == MOTE_REQUANT_SIGN_MAGNITUDE;
    wide x = (wide)accumulator * requant->accumulator_scale;
    if (negative && by_magnitude) x = -x;
    const int64_t addend = negative && !by_magnitude ? requant->addend_negative : requant->addend;
    wide scaled = (x * requant->multiplier + addend) >> requant->shift;
    if (negative && by_magnitude) scaled = -scaled;
    scaled += reference->zero_point;
    return scaled < reference->min ? reference->min : scaled > reference->max ? reference->max : (int32_t)scaled;
}

bool mote_requant_is_monotone(const struct mote_requant_reference *reference, int32_t low, int32_t high)
{
    if (reference->multiplier < 0 || reference->shift < -31 || reference->shift > 30) return false;
    const int64_t unit = (int64_t)1 << (reference->shift > 0 ? reference->shift : 0);
    if (low * unit < INT32_MIN || high * unit > INT32_MAX) return false;
    const int32_t ends[2] = {low, high};
    for (int i = 0; i < 2; i++) { /* the zero point is added in 32 bits */
        const int64_t scaled =
            mote_multiply_by_quantized_multiplier(ends[i], reference->multiplier, reference->shift);
        if (scaled + reference->zero_point < INT32_MIN || scaled + reference->zero_point > INT32_MAX) return false;
    }
    return true;
}

/* ---- What a substitute must do: a few comparisons that imply equality everywhere ---- */

/* The output for `accumulator` must be at least `value`, or must be below it. */
struct condition {
    int32_t accumulator, value;
    bool at_least;
};

enum { MOST_STEPS = 255, MOST_CONDITIONS = 2 * MOST_STEPS + 4 };

struct conditions {
    struct condition list[MOST_CONDITIONS];
    int count;
};

static void add_condition(struct conditions *conditions, int32_t accumulator, int32_t value, bool at_least)
{
    conditions->list[conditions->count++] = (struct condition){accumulator, value, at_least};
}

/* The output at *below is less than value, the one at *above is not; and still so after one of them has moved to
 * `accumulator`, if that lies between them. */
static void split(const struct mote_requant_reference *reference, int32_t value, int64_t accumulator, int64_t *below,
                  int64_t *above)
{
    if (accumulator <= *below || accumulator >= *above) return;
    if (mote_requant_reference(reference, (int32_t)accumulator) >= value) *above = accumulator;
    else *below = accumulator;
}

/* The least accumulator in (low, high] whose output is at least value; the output at low is less, the one at high is
 * not. Steps are nearly equally wide: it is looked for first around `expected`. */
static int32_t find_step(const struct mote_requant_reference *reference, int32_t low, int32_t high, int32_t value,
                         int64_t expected)
{
    int64_t below = low, above = high;
    split(reference, value, expected - 2, &below, &above);
    split(reference, value, expected + 2, &below, &above);
    while (above - below > 1) {
        const int64_t middle = (above + below) >> 1;
        split(reference, value, middle, &below, &above);
    }
    return (int32_t)above;
}

/* The output at one end of a stretch on which the substitute is monotone must not pass the reference's. Where that is
 * the clamp's own bound, it cannot. */
static void add_end(struct conditions *conditions, const struct mote_requant_reference *reference, int32_t accumulator,
                    bool is_low_end)
{
    const int32_t value = mote_requant_reference(reference, accumulator);
    if (is_low_end && value > reference->min) add_condition(conditions, accumulator, value, true);
    if (!is_low_end && value < reference->max) add_condition(conditions, accumulator, value + 1, false);
}

/* False if the range of outputs is too large to be listed or the reference is not monotone. A substitute that does not
 * decrease over the negative part of [low, high], nor over the rest, and meets the conditions, equals the reference. */
static bool make_conditions(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                            struct conditions *conditions)
{
    conditions->count = 0;
    if (low > high || reference->min > reference->max || (int64_t)reference->max - reference->min > MOST_STEPS ||
        !mote_requant_is_monotone(reference, low, high))
        return false;
    const int32_t first = mote_requant_reference(reference, low), last = mote_requant_reference(reference, high);
    int32_t from = low;
    int64_t width = 0;
    for (int32_t value = first + 1; value <= last; value++) {
        const int32_t step = find_step(reference, from, high, value, from + width);
        width = (int64_t)step - from;
        add_condition(conditions, step, value, true);
        add_condition(conditions, step - 1, value, false);
        from = step - 1;
    }
    add_end(conditions, reference, low, true);
    add_end(conditions, reference, high, false);
    if (low < 0 && high >= 0) {
        add_end(conditions, reference, -1, false);
        add_end(conditions, reference, 0, true);
    }
    return true;
}

bool mote_requant_prove(const struct mote_requant *requant, const struct mote_requant_reference *reference, int32_t low,
                        int32_t high)
{
    struct conditions conditions;
    if (requant->multiplier < 0 || requant->shift < 0 || requant->shift > 62 ||
        !make_conditions(reference, low, high, &conditions))
        return false;
    for (int i = 0; i < conditions.count; i++) {
        const struct condition *c = &conditions.list[i];
        if ((mote_requant_apply(requant, reference, c->accumulator) >= c->value) != c->at_least) return false;
    }
    return true;
}

/* ---- The addends that meet all conditions, for given m and s ---- */

struct bounds {
    wide least, most;
};

/* bounds[0] is for accumulators below 0, bounds[1] for the rest; the caller merges them where the form has one
 * addend. */
static void tighten(struct bounds bounds[2], const struct mote_requant *r,
                    const struct mote_requant_reference *reference, const struct condition *c)
{
    const wide unit = (wide)1 << r->shift;
    const wide product = (wide)c->accumulator * r->accumulator_scale * r->multiplier;
    struct bounds *b = &bounds[c->accumulator >= 0];
    const bool mirrored = c->accumulator < 0 && r->form == MOTE_REQUANT_SIGN_MAGNITUDE;
    /* plain: x m + c >= (v - zp) 2^s, or below it. mirrored, with |x|: zp - y >= v where y = (|x| m + c) >> s, hence
     * |x| m + c < (zp - v + 1) 2^s, or not */
    const wide edge = mirrored ? (reference->zero_point - (wide)c->value + 1) * unit + product
                               : ((wide)c->value - reference->zero_point) * unit - product;
    const bool from_below = mirrored ? !c->at_least : c->at_least;
    if (from_below && edge > b->least) b->least = edge;
    if (!from_below && edge - 1 < b->most) b->most = edge - 1;
}

static void find_bounds(const struct conditions *conditions, const struct mote_requant *r,
                        const struct mote_requant_reference *reference, struct bounds bounds[2])
{
    const wide limit = INT64_MAX;
    for (int i = 0; i < 2; i++) bounds[i] = (struct bounds){-limit, limit};
    for (int i = 0; i < conditions->count; i++) tighten(bounds, r, reference, &conditions->list[i]);
    if (r->form == MOTE_REQUANT_SIGN_TERM) return;
    for (int i = 0; i < 2; i++) {
        if (bounds[i].least > bounds[!i].least) bounds[!i].least = bounds[i].least;
        if (bounds[i].most < bounds[!i].most) bounds[!i].most = bounds[i].most;
    }
}

/* How far apart the bounds of c are, at the narrower place; negative: no c. Concave in m, being a minimum of functions
 * linear in m. */
static wide room(const struct conditions *conditions, const struct mote_requant *r,
                 const struct mote_requant_reference *reference)
{
    struct bounds b[2];
    find_bounds(conditions, r, reference, b);
    const wide negative = b[0].most - b[0].least, positive = b[1].most - b[1].least;
    return negative < positive ? negative : positive;
}

/* The number within the bounds with the most trailing zeros, if that is at least zero_bits; of those the one closest
 * to zero. */
static bool roundest(const struct bounds *bounds, int zero_bits, int64_t *number)
{
    if (bounds->least > bounds->most) return false;
    for (int bits = 62; bits >= zero_bits; bits--) {
        const wide unit = (wide)1 << bits;
        wide least = bounds->least / unit * unit;
        if (least < bounds->least) least += unit;
        if (least > bounds->most) continue;
        wide chosen = least;
        if (least < 0) { /* towards zero as far as the upper bound lets it */
            const wide most = bounds->most < 0 ? -((-bounds->most + unit - 1) / unit) * unit : 0;
            chosen = most;
        }
        *number = (int64_t)chosen;
        return true;
    }
    return false;
}

/* ---- The search ---- */

struct search {
    const struct mote_requant_reference *reference;
    const struct mote_requant_limits *limits;
    const struct conditions *conditions;
    struct mote_requant candidate; /* form, scale and shift are set */
};

/* An addend within the bounds that is a multiple of m once the zero point's part is added; of those the one closest to
 * zero. */
static bool multiple(const struct search *search, const struct bounds *bounds, int64_t *number)
{
    const wide m = search->candidate.multiplier;
    const wide zero_point = (wide)search->reference->zero_point * ((wide)1 << search->candidate.shift);
    const wide nearest = bounds->least > 0 ? bounds->least : bounds->most < 0 ? bounds->most : 0;
    if (m == 0 || bounds->least > bounds->most) return false;
    wide times = (nearest + zero_point) / m;
    if (times * m - zero_point < bounds->least) times++;
    if (times * m - zero_point > bounds->most) times--;
    const wide addend = times * m - zero_point;
    if (addend < bounds->least || addend > bounds->most) return false;
    *number = (int64_t)addend;
    return true;
}

/* An addend of the kind that the limits ask for. */
static bool choose_addend(const struct search *search, const struct bounds *bounds, int64_t *number)
{
    return search->limits->addend_before ? multiple(search, bounds, number)
                                         : roundest(bounds, search->limits->addend_zero_bits, number);
}

static struct bounds intersection(const struct bounds *a, const struct bounds *b)
{
    return (struct bounds){a->least > b->least ? a->least : b->least, a->most < b->most ? a->most : b->most};
}

static bool try_multiplier(struct search *search, int64_t multiplier, struct mote_requant *result)
{
    if (multiplier < 0 || multiplier >> search->limits->multiplier_bits) return false;
    search->candidate.multiplier = (int32_t)multiplier;
    struct bounds b[2];
    find_bounds(search->conditions, &search->candidate, search->reference, b);
    struct mote_requant found = search->candidate;
    const struct bounds both = intersection(&b[0], &b[1]);
    /* One addend for both signs if there is one. */
    if (choose_addend(search, &both, &found.addend)) found.addend_negative = found.addend;
    else if (!choose_addend(search, &b[1], &found.addend) || !choose_addend(search, &b[0], &found.addend_negative))
        return false;
    *result = found;
    return true;
}

/* The multiplier in [low, high] that leaves the most room for c. */
static int64_t roomiest(struct search *search, int64_t low, int64_t high)
{
    while (high > low) {
        const int64_t middle = low + (high - low) / 2;
        search->candidate.multiplier = (int32_t)middle;
        const wide here = room(search->conditions, &search->candidate, search->reference);
        search->candidate.multiplier = (int32_t)(middle + 1);
        const wide next = room(search->conditions, &search->candidate, search->reference);
        if (next > here) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* multiplier * 2^(shift of the reference - 31) = m * accumulator_scale * 2^-s: m times 256, or -1 if too large. */
static int64_t natural_multiplier_256(const struct search *search)
{
    const int up = search->candidate.shift + search->reference->shift - 31 + 8 + search->limits->multiplier_excess_log2;
    wide natural = search->reference->multiplier;
    if (up >= 0) natural = natural << up;
    else natural = up < -62 ? 0 : natural >> -up;
    natural /= search->limits->accumulator_scale;
    return natural >> (search->limits->multiplier_bits + 8) ? -1 : (int64_t)natural;
}

static wide room_of(struct search *search, int64_t multiplier)
{
    search->candidate.multiplier = (int32_t)multiplier;
    return room(search->conditions, &search->candidate, search->reference);
}

/* The multiplier closest to `limit`, on the way from `best`, that leaves room for some c. */
static int64_t last_with_room(struct search *search, int64_t best, int64_t limit)
{
    int64_t with = best, without = limit;
    if (room_of(search, limit) >= 0) return limit;
    while (with - without > 1 || without - with > 1) {
        const int64_t middle = with + (without - with) / 2;
        if (room_of(search, middle) >= 0) with = middle;
        else without = middle;
    }
    return with;
}

/* Looks at the window around the natural multiplier: relative 2^-6, at least 4. Where some c does but no round one,
 * other multipliers with room, evenly spaced, move c. *clipped: the limit on m cut the window. */
static bool search_shift(struct search *search, bool *clipped, struct mote_requant *result)
{
    enum { SAMPLES = 64 };
    const int64_t natural = natural_multiplier_256(search);
    *clipped = true;
    if (natural < 0) return false;
    const int64_t centre = (natural + 128) >> 8, window = (centre >> 6) + 4;
    const int64_t greatest = ((int64_t)1 << search->limits->multiplier_bits) - 1;
    const int64_t low = centre > window ? centre - window : 0;
    const int64_t high = centre + window < greatest ? centre + window : greatest;
    *clipped = high == greatest;
    if (try_multiplier(search, centre, result)) return true;
    const int64_t best = roomiest(search, low, high);
    if (room_of(search, best) < 0) return false;
    if (try_multiplier(search, best, result)) return true;
    const int64_t from = last_with_room(search, best, low), to = last_with_room(search, best, high);
    for (int64_t i = 0; i <= SAMPLES; i++)
        if (try_multiplier(search, from + (to - from) * i / SAMPLES, result)) return true;
    return false;
}

bool mote_requant_search(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                         enum mote_requant_form form, const struct mote_requant_limits *limits,
                         struct mote_requant *result)
{
    struct conditions conditions;
    if (limits->multiplier_bits < 1 || limits->multiplier_bits > 31 || limits->accumulator_scale < 1 ||
        limits->least_shift < 0 || limits->most_shift > 62 || limits->addend_zero_bits < 0 ||
        limits->addend_zero_bits > 62 || !make_conditions(reference, low, high, &conditions))
        return false;
    struct search search = {.reference = reference, .limits = limits, .conditions = &conditions};
    search.candidate = (struct mote_requant){.form = form, .accumulator_scale = limits->accumulator_scale};
    for (int shift = limits->most_shift; shift >= limits->least_shift; shift--) {
        bool clipped;
        search.candidate.shift = shift;
        if (search_shift(&search, &clipped, result)) return true;
        if (!clipped) return false; /* (m, c) with a smaller shift is (2 m, 2 c) with this one */
    }
    return false;
}

/* ---- High-word form ---- */

/* saturate8 clamps at int8's bounds: the channel's own must be these, or out of its reach. */
static bool clamp_at_int8(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                          struct mote_requant_reference *full)
{
    *full = *reference;
    full->min = INT8_MIN;
    full->max = INT8_MAX;
    if (reference->min < full->min || reference->max > full->max) return false;
    return mote_requant_is_monotone(reference, low, high) &&
           mote_requant_reference(full, low) == mote_requant_reference(reference, low) &&
           mote_requant_reference(full, high) == mote_requant_reference(reference, high);
}

static bool fits_32(wide value)
{
    return value >= INT32_MIN && value <= INT32_MAX;
}

/* (acc' + b) * m + c * 2^32 fits 64 bits, and acc' + b fits 32. */
static bool sum_fits(int32_t acc, int32_t scale, wide b, int32_t m, wide c)
{
    const wide first = (wide)acc * scale + b, sum = first * m + c * ((wide)1 << 32);
    return fits_32(first) && fits_32(c) && sum >= INT64_MIN && sum <= INT64_MAX;
}

bool mote_requant_search_high_word(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                                   int32_t accumulator_scale, int n, struct mote_requant_high_word *result)
{
    struct mote_requant_reference full;
    if (n < 0 || n > 30 || !clamp_at_int8(reference, low, high, &full)) return false;
    const struct mote_requant_limits limits = {.multiplier_bits = 31,
                                               .least_shift = 32 + n,
                                               .most_shift = 32 + n,
                                               .addend_zero_bits = 32,
                                               .accumulator_scale = accumulator_scale};
    struct mote_requant found;
    if (!mote_requant_search(&full, low, high, MOTE_REQUANT_SIGN_TERM, &limits, &found)) return false;
    const wide zero_point = (wide)reference->zero_point * ((wide)1 << n), addend = (found.addend >> 32) + zero_point;
    const wide sign_term = (found.addend >> 32) - (found.addend_negative >> 32);
    const wide addend_at_low = low < 0 ? addend - sign_term : addend, addend_at_high = high < 0 ? addend - sign_term : addend;
    if (!sum_fits(low, accumulator_scale, 0, found.multiplier, addend_at_low) ||
        !sum_fits(high, accumulator_scale, 0, found.multiplier, addend_at_high))
        return false;
    if (!fits_32(addend) || !fits_32(sign_term)) return false;
    *result = (struct mote_requant_high_word){found.multiplier, (int32_t)addend, (int32_t)sign_term};
    return true;
}

/* The addend that was found, split into one before the multiplication, to nearest, and `coarse` * 2^32 behind it. */
static bool split_addend(const struct mote_requant *found, const struct mote_requant_reference *full, int32_t low, int32_t high,
                         int n, int64_t coarse, struct mote_requant_high_word *result, int32_t *b)
{
    const wide unit = (wide)1 << 32, m = found->multiplier, addend = coarse + (wide)full->zero_point * ((wide)1 << n);
    const wide before = (found->addend - coarse * unit + m / 2) / m;
    struct mote_requant split = *found;
    split.addend = (int64_t)(coarse * unit + before * m);
    split.addend_negative = split.addend;
    if (!sum_fits(low, found->accumulator_scale, before, found->multiplier, addend) ||
        !sum_fits(high, found->accumulator_scale, before, found->multiplier, addend) ||
        !mote_requant_prove(&split, full, low, high))
        return false;
    *result = (struct mote_requant_high_word){found->multiplier, (int32_t)addend, 0};
    *b = (int32_t)before;
    return true;
}

bool mote_requant_search_fine_high_word(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                                        int32_t accumulator_scale, int n, struct mote_requant_high_word *result, int32_t *b)
{
    enum { MOST_TRIES = 64 }; /* each leaves another remainder */
    struct mote_requant_reference full;
    if (n < 0 || n > 30 || !clamp_at_int8(reference, low, high, &full)) return false;
    const struct mote_requant_limits limits = {.multiplier_bits = 31,
                                               .least_shift = 32 + n,
                                               .most_shift = 32 + n,
                                               .accumulator_scale = accumulator_scale};
    struct mote_requant found;
    if (!mote_requant_search(&full, low, high, MOTE_REQUANT_PLAIN, &limits, &found) || found.multiplier < 1) return false;
    for (int64_t i = 0; i < MOST_TRIES; i++)
        if (split_addend(&found, &full, low, high, n, (found.addend >> 32) - i, result, b)) return true;
    return false;
}

/* ---- Addend before the multiplication ---- */

static bool search_before(const struct mote_requant_reference *full, int32_t low, int32_t high,
                          const struct mote_requant_limits *limits, struct mote_requant_before *result)
{
    struct mote_requant found;
    if (!mote_requant_search(full, low, high, MOTE_REQUANT_SIGN_TERM, limits, &found)) return false;
    const wide zero_point = (wide)full->zero_point * ((wide)1 << limits->most_shift);
    const wide addend = (found.addend + zero_point) / found.multiplier;
    const wide negative = (found.addend_negative + zero_point) / found.multiplier;
    const wide first = (wide)low * limits->accumulator_scale, last = (wide)high * limits->accumulator_scale;
    if (!fits_32(addend) || !fits_32(negative) || !fits_32(negative - addend) || !fits_32(first + addend) ||
        !fits_32(last + addend) || !fits_32(first + negative) || !fits_32(last + negative))
        return false;
    *result = (struct mote_requant_before){found.multiplier, (int32_t)addend, (int32_t)(negative - addend)};
    return true;
}

bool mote_requant_search_before(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                                int32_t accumulator_scale, int n, struct mote_requant_before *result)
{
    enum { MOST_EXCESS_LOG2 = 6 };
    struct mote_requant_reference full;
    if (n < 0 || n > 20 || !clamp_at_int8(reference, low, high, &full)) return false;
    struct mote_requant_limits limits = {.multiplier_bits = 31,
                                         .least_shift = 31 + n,
                                         .most_shift = 31 + n,
                                         .accumulator_scale = accumulator_scale,
                                         .addend_before = true};
    for (; limits.multiplier_excess_log2 <= MOST_EXCESS_LOG2; limits.multiplier_excess_log2++)
        if (search_before(&full, low, high, &limits, result)) return true; /* a larger m has a smaller addend */
    return false;
}

/* ---- Estimates in 32 bits ---- */

/* The real multiplier times 2^(shift_before + shift_after), to nearest; -1 if it does not fit. */
static int64_t natural_estimate(const struct mote_requant_reference *reference, const struct mote_requant_estimate *e)
{
    const int down = 31 - reference->shift - e->shift_before - e->shift_after;
    if (down < 0 || down > 62) return down < 0 ? -1 : 0;
    return down == 0 ? reference->multiplier : ((int64_t)reference->multiplier + ((int64_t)1 << (down - 1))) >> down;
}

bool mote_requant_find_estimate(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                                struct mote_requant_estimate *estimate)
{
    struct conditions conditions;
    struct mote_requant_estimate e = *estimate;
    const int64_t m = natural_estimate(reference, &e);
    if (m < 0 || m > INT32_MAX || !make_conditions(reference, low, high, &conditions)) return false;
    const int64_t unit = (int64_t)1 << e.shift_after;
    wide addend = (wide)INT32_MAX, slack = 0;
    for (int i = 0; i < conditions.count; i++) { /* below `value` the estimate must stay below it */
        const struct condition *c = &conditions.list[i];
        const wide most = c->value * unit - 1 - (wide)(c->accumulator >> e.shift_before) * m;
        if (!c->at_least && most < addend) addend = most;
    }
    if (addend == INT32_MAX) addend = reference->max * unit; /* no condition: all of the outputs are the largest */
    for (int i = 0; i < conditions.count; i++) {
        const struct condition *c = &conditions.list[i];
        const wide missing = c->value * unit - (wide)(c->accumulator >> e.shift_before) * m - addend;
        if (c->at_least && missing > slack) slack = missing;
    }
    const wide least = (wide)(low >> e.shift_before) * m + addend, most = (wide)(high >> e.shift_before) * m + addend;
    if (!fits_32(addend) || !fits_32(slack) || !fits_32(least) || !fits_32(most + slack) ||
        !fits_32((wide)(low >> e.shift_before) * m) || !fits_32((wide)(high >> e.shift_before) * m))
        return false;
    e.multiplier = (int32_t)m;
    e.addend = (int32_t)addend;
    e.slack = (int32_t)slack;
    *estimate = e;
    return true;
}
