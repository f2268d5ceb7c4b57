/* requant_avr.c: the numbers by which the AVR kernels requantise.
 *
 * The reference's result for a sum x, multiplier M = multiplier * 2^(shift - 31) < 1 and e = -shift is, for x >= 0,
 *     floor(x * M + 1/2 + 2^-(e + 1))   (e = 0: without the last term),
 * since its first rounding adds half a unit of the finer grid 2^-e before the second adds the half. For x < 0 it is minus
 * that of |x|, except that exact ties of the first rounding go the other way, which lowers the term by 2^-e.
 * The kernel computes a lower bound of 256 times this, from m = floor(M * 2^24) and without the product's low bytes. All
 * that it may miss is added up here, in units of 1/256; a result whose fraction is nearer to the next integer than that is
 * ambiguous. */
#include "pack_avr.h"

#include <math.h>

enum {
    LARGEST_SUM = 1 << 23,
    DROPPED_BYTES = 3,    /* low bytes of three partial products: at most (255 + 255 + 255) / 256 */
    LEAST_AMBIGUOUS = 160 /* at most a third of the results may need the exact way */
};

static int32_t fixed_multiplier(int32_t multiplier, int shift)
{
    const int down = 7 - shift; /* from 31 to 24 fractional bits */
    return down > 30 ? 0 : multiplier >> down;
}

/* 256 * x * (M - m * 2^-24) at most, over all sums whose result may be below 256. */
static double multiplier_error(int32_t multiplier, int shift, int64_t largest_sum)
{
    const double real = ldexp((double)multiplier, shift - 31), kept = ldexp((double)fixed_multiplier(multiplier, shift), -24);
    double largest = (double)largest_sum;
    /* Past 260 / m the kernel's own bound is beyond 256, however much it dropped: the result saturates on both sides. */
    if (kept > 0.0 && 260.0 / kept < largest) largest = 260.0 / kept;
    return 256.0 * largest * (real - kept);
}

bool mote_requant_avr_prepare(const struct mote_weighted *w, const int64_t *largest_sum, struct mote_requant_avr *requant)
{
    const int32_t above = w->act_max - w->out_zero_point, below = w->out_zero_point - w->act_min;
    if (above < 0 || below < 0 || above > 255 || below > 255) return false;
    double least_term = 1.0, largest_term = 0.0, error = 0.0;
    for (int32_t i = 0; i < w->channels; i++) {
        const int32_t k = w->multiplier_count > 1 ? i : 0;
        if (largest_sum[i] >= LARGEST_SUM || w->shift[k] > 0 || w->multiplier[k] < 0) return false;
        const double grid = ldexp(1.0, w->shift[k]);
        const double term = w->shift[k] ? grid / 2 : 0.0;
        const double least = below == 0 ? term : term - grid;
        if (least < least_term) least_term = least;
        if (term > largest_term) largest_term = term;
        const double missed = multiplier_error(w->multiplier[k], w->shift[k], largest_sum[i]);
        if (missed > error) error = missed;
    }
    const double half = floor(256.0 * (0.5 + least_term));
    if (half < 0.0 || half > 255.0) return false;
    const double missed = 256.0 * (0.5 + largest_term) - half + error + DROPPED_BYTES;
    const double from = 256.0 - floor(missed) - 1.0;
    if (from < LEAST_AMBIGUOUS || from > 255.0) return false;
    *requant = (struct mote_requant_avr){above, below, (int32_t)half, (int32_t)from};
    return true;
}

static void put_24(int32_t value, uint8_t *bytes)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)((uint32_t)value >> 8);
    bytes[2] = (uint8_t)((uint32_t)value >> 16);
}

void mote_requant_avr_record(int32_t bias, int32_t multiplier, int shift, uint8_t record[MOTE_REQUANT_AVR_RECORD_BYTES])
{
    put_24(bias, record);
    put_24(fixed_multiplier(multiplier, shift), record + 3);
}

int32_t mote_requant_avr_distance(const struct mote_requant_avr *requant,
                                  const uint8_t record[MOTE_REQUANT_AVR_RECORD_BYTES], int32_t sum)
{
    const uint32_t size = sum < 0 ? 0u - (uint32_t)sum : (uint32_t)sum;
    const uint32_t a[3] = {size & 255, size >> 8 & 255, size >> 16};
    const uint32_t *const s = a;
    const uint32_t m[3] = {record[3], record[4], record[5]};
    /* Units of 2^-8, i.e. byte 2 of the product and up; the three partial products below lose their low byte. */
    uint64_t v = (uint32_t)requant->half;
    v += (uint64_t)s[2] * m[2] << 16;
    v += (uint64_t)(s[1] * m[2] + s[2] * m[1]) << 8;
    v += s[0] * m[2] + s[1] * m[1] + s[2] * m[0];
    v += (s[0] * m[1] >> 8) + (s[1] * m[0] >> 8);
    if (v >> 8 > 255) return 256;
    return (int32_t)(v & 255) >= requant->ambiguous_from ? -1 : (int32_t)(v >> 8);
}
