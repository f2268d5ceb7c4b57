/* requant_avr.c: the numbers by which the AVR kernels requantise.
 *
 * Let z = x * M for a sum x and the real multiplier M = multiplier * 2^(shift - 31) < 1, e = -shift and t = 2^-(e + 1) (0 if
 * e is 0). The reference's first rounding adds half a unit of the grid 2^-e before the second adds 1/2, so that for x >= 0
 * its result is exactly floor(z + 1/2 + t). For x < 0 it is minus that of |x|, except that exact ties of the first rounding
 * go the other way: somewhere in [floor(z + 1/2 - t - tiny), floor(z + 1/2 + t)].
 * With B, the distance of the least output from the zero point, the kernel wants floor(z + D + something below 2 t), where
 * D = B + 1/2 - t; or D = 1/2 + t and nothing more if B = 0, as negative sums then give the least output anyway. It computes
 * a lower bound of 256 * (z + D) as 256 * (x + c) * m * 2^-24, where x + c comes for the price of adding a bias, and without
 * the product's low bytes. All that it may miss is added up here in units of 1/256; a result whose fraction is nearer to the
 * next integer than that is ambiguous. */
#include "pack_avr.h"

#include <math.h>

enum {
    LARGEST_SUM = 1 << 23,
    LARGEST_OFFSET = 1 << 22,
    DROPPED_BYTES = 3,    /* low bytes of three partial products: at most (255 + 255 + 255) / 256 */
    LAST_BYTE = 1,        /* what is left of them when they are added up and the carries are taken */
    LEAST_AMBIGUOUS = 160 /* at most a third of the results may need the exact way */
};
static const double tiny = 0x1p-20;

/* What a channel's outputs should be before the bounds, as the head of this file says. */
struct line {
    double slope, least, most; /* M, D, and D with all that may be added */
    double largest_sum;
};

static struct line line_of(const struct mote_weighted *w, int32_t k, int64_t largest_sum)
{
    const int32_t below = w->out_zero_point - w->act_min;
    const double t = w->shift[k] ? ldexp(0.5, w->shift[k]) : 0.0;
    const double least = below == 0 ? 0.5 + t : below + 0.5 - t - tiny;
    return (struct line){ldexp((double)w->multiplier[k], w->shift[k] - 31), least, below + 0.5 + t, (double)largest_sum};
}

/* The largest x + c of a result that may be below 256: past it the kernel's own bound is 256 or more, whatever it drops. */
static double last_of(const struct line *line, const struct mote_requant_avr_channel *channel)
{
    const double end = line->largest_sum + channel->offset, slope = ldexp((double)channel->multiplier, -24);
    return slope * end > 260.0 ? 260.0 / slope : end;
}

/* The room, at x + c, between the kernel's bound (with all bytes) and the line, which must not be negative. */
static double room_at(const struct line *line, const struct mote_requant_avr_channel *channel, double end)
{
    return (end - channel->offset) * line->slope + line->least - end * ldexp((double)channel->multiplier, -24);
}

static double least_room(const struct line *line, const struct mote_requant_avr_channel *channel)
{
    const double first = fmax(0.0, channel->offset - line->largest_sum);
    return fmin(room_at(line, channel, first), room_at(line, channel, last_of(line, channel)));
}

static double most_room(const struct line *line, const struct mote_requant_avr_channel *channel)
{
    const double first = fmax(0.0, channel->offset - line->largest_sum);
    return fmax(room_at(line, channel, first), room_at(line, channel, last_of(line, channel))) + line->most - line->least;
}

/* Slope to the nearest, and the largest offset that keeps the bound below the line. */
static struct mote_requant_avr_channel fit(const struct line *line)
{
    struct mote_requant_avr_channel channel = {.multiplier = (int32_t)floor(ldexp(line->slope, 24) + 0.5)};
    if (channel.multiplier > 0xFFFFFF) channel.multiplier = 0xFFFFFF;
    if (line->least >= line->slope * LARGEST_OFFSET) { /* hardly any slope: it gives way */
        channel.offset = LARGEST_OFFSET;
        channel.multiplier = (int32_t)floor(ldexp(line->least / LARGEST_OFFSET, 24));
    } else {
        channel.offset = (int32_t)(line->least / line->slope);
        const double room = least_room(line, &channel);
        if (room < 0) channel.offset -= (int32_t)ceil(-room / line->slope);
    }
    while (channel.multiplier > 0 && least_room(line, &channel) < 0) channel.multiplier--;
    return channel;
}

/* No sum reaches any output but the least one. */
static bool is_constant(const struct line *line)
{
    return line->slope * line->largest_sum + line->most < 1.0;
}

/* A channel with sums up to largest_sum. *error: in units of 1/256, by how much the kernel's bound may miss the line. */
static bool fit_channel(const struct mote_weighted *w, int32_t channel, int64_t largest_sum, double *error,
                        struct mote_requant_avr_channel *fitted)
{
    const struct line line = line_of(w, channel, largest_sum);
    *fitted = is_constant(&line) ? (struct mote_requant_avr_channel){0, 0} : fit(&line);
    if (fitted->offset < 0 || largest_sum + fitted->offset >= LARGEST_SUM) return false;
    *error = fmax(*error, is_constant(&line) ? 0.0 : 256.0 * most_room(&line, fitted) + DROPPED_BYTES);
    return true;
}

bool mote_requant_avr_prepare(const struct mote_weighted *w, const int64_t *largest_sum, struct mote_requant_avr *requant)
{
    const int32_t below = w->out_zero_point - w->act_min, above = w->act_max - w->out_zero_point;
    if (above < 0 || below < 0 || above + below > 255) return false;
    int64_t largest = 0;
    for (int32_t i = 0; i < w->channels; i++) {
        if (largest_sum[i] >= LARGEST_SUM) return false;
        if (largest_sum[i] > largest) largest = largest_sum[i];
    }
    double error = 0.0;
    for (int32_t i = 0; i < w->multiplier_count; i++) {
        if (w->shift[i] > 0 || w->multiplier[i] < 0) return false;
        const int64_t sum = w->multiplier_count > 1 ? largest_sum[i] : largest;
        if (!fit_channel(w, i, sum, &error, &requant->channels[i])) return false;
    }
    const int32_t from = 255 - (int32_t)fmin(255.0, error);
    if (from < LEAST_AMBIGUOUS) return false;
    requant->range = above + below;
    requant->act_min = w->act_min;
    requant->below = below;
    requant->ambiguous_from = from;
    return true;
}

static void put_24(int32_t value, uint8_t *bytes)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)((uint32_t)value >> 8);
    bytes[2] = (uint8_t)((uint32_t)value >> 16);
}

void mote_requant_avr_record(const struct mote_requant_avr_channel *channel, int32_t bias,
                             uint8_t record[MOTE_REQUANT_AVR_RECORD_BYTES])
{
    put_24(bias + channel->offset, record);
    put_24(channel->multiplier, record + 3);
}

void mote_requant_avr_exact_record(const struct mote_requant_avr_channel *channel, int32_t multiplier, int shift,
                                   uint8_t record[MOTE_REQUANT_AVR_EXACT_BYTES])
{
    put_24(channel->offset, record);
    record[3] = (uint8_t)-shift;
    put_24(multiplier, record + 4);
    record[7] = (uint8_t)((uint32_t)multiplier >> 24);
}

int32_t mote_requant_avr_level(const struct mote_requant_avr *requant, const struct mote_requant_avr_channel *channel,
                               int32_t sum)
{
    const int32_t moved = sum + channel->offset;
    if (moved < 0) return 0;
    const uint32_t size = (uint32_t)moved, factor = (uint32_t)channel->multiplier;
    const uint32_t s[3] = {size & 255, size >> 8 & 255, size >> 16}, m[3] = {factor & 255, factor >> 8 & 255, factor >> 16};
    /* Units of 2^-8, i.e. byte 2 of the product and up; the three partial products below lose their low byte. */
    uint64_t v = (uint64_t)s[2] * m[2] << 16;
    v += (uint64_t)(s[1] * m[2] + s[2] * m[1]) << 8;
    v += s[0] * m[2] + s[1] * m[1] + s[2] * m[0];
    v += (s[0] * m[1] >> 8) + (s[1] * m[0] >> 8);
    if (v >> 8 > 255) return requant->range;
    if ((int32_t)(v & 255) >= requant->ambiguous_from) {
        /* Those low bytes, and one more, added up: by this the bound is at most LAST_BYTE below the product. */
        const uint32_t fraction = (uint32_t)(v & 255) + (((s[0] * m[0] >> 8) + (s[0] * m[1] & 255) + (s[1] * m[0] & 255)) >> 8);
        if ((int32_t)fraction >= requant->ambiguous_from + DROPPED_BYTES - LAST_BYTE) return -1;
    }
    return (int32_t)(v >> 8) < requant->range ? (int32_t)(v >> 8) : requant->range;
}
