/* mk_armv7em_depthwise.h: depthwise convolutions of any filter on cores with dual 16-bit multiplication. Sums are 256 times those of the
 * layer, because the weights are; requantisation is that of mk_armv7em_tile.h, as are the records. The stream is in the
 * order in which the kernels read it, in words; zero points are in the biases, which are 256 times the layer's, too.
 *
 * Any filter (taps). Four channels at a time: one word of each tap holds their inputs. Two taps' words a, b are sorted
 * into (a_i, b_i) for each channel i by PKHBT, PKHTB and SXTB16 and multiplied with (weight of a, weight of b). Channels
 * that are left over go with a group that overlaps the one before. Stream, per group: four biases, the first channel's
 * number; per pair of taps four words, one per channel: the weights of the first (low half) and second tap; four records. */
#ifndef MK_ARMV7EM_DEPTHWISE_H
#define MK_ARMV7EM_DEPTHWISE_H

#include "mote_kernel.h"

#include "mk_armv7em_depthwise_layout.h"

/* One output position of the kernel for any filter. */
struct mk_armv7em_taps {
    const int8_t *const *list, *const *list_end; /* an even number of taps: their first channels */
    int8_t *out;
    const int32_t *stream, *stream_end;
    uint32_t pairs; /* of taps */
    uint32_t way;
    int32_t zero_point, act_min, act_max; /* of the exact way alone */
    int32_t sums[4];
};

/* All channels of one position. */
void mk_armv7em_depthwise_taps(const struct mk_armv7em_taps *taps);

/* The exact way from taps->sums, 256 times the layer's, to four channels' outputs; advances taps->stream. */
void mk_armv7em_depthwise_exactly(struct mk_armv7em_taps *taps, uint32_t channel);

#endif
