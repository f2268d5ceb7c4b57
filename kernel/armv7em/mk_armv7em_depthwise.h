/* mk_armv7em_depthwise.h: depthwise convolutions on cores with dual 16-bit multiplication. Sums are 256 times those of the
 * layer, because the weights are; requantisation is that of mk_armv7em_tile.h, as are the records. The stream is in the
 * order in which the kernels read it, in words; zero points are in the biases, which are 256 times the layer's, too.
 *
 * Any filter (taps). Four channels at a time: one word of each tap holds their inputs. Two taps' words a, b are sorted
 * into (a_i, b_i) for each channel i by PKHBT, PKHTB and SXTB16 and multiplied with (weight of a, weight of b). Channels
 * that are left over go with a group that overlaps the one before. Stream, per group: four biases, the first channel's
 * number; per pair of taps four words, one per channel: the weights of the first (low half) and second tap; four records.
 *
 * 3x3 with stride 1 or 2 along rows (columns). First four channels' inputs under a row of outputs are sorted into columns: per column and
 * channel two words, (row 0, row 1) and (row 2, any). Then each channel by itself runs along the columns, its weights in
 * registers, two outputs at a time. Stream, per group: the first channel's number; per channel five words of weights, (row
 * 0, row 1) of the three filter columns, (row 2's first, second), (row 2's third, 0); the bias; a record. It has no exact
 * way. */
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

/* One row of outputs of the 3x3 kernel. A column takes MK_ARMV7EM_COLUMN_WORDS words. */
struct mk_armv7em_columns {
    const int8_t *rows[3]; /* first input inside, first channel */
    uint32_t channels;     /* bytes from one input to the next, and from one output to the next */
    int32_t *inside, *inside_end; /* of the columns, where inputs inside go; those of the padding are there already */
    const int32_t *begin, *last;  /* first column of the first and last output */
    int8_t *out;
    const int32_t *stream, *stream_end;
    uint32_t way;
};

enum { MK_ARMV7EM_COLUMN_WORDS = 8 };

/* All channels of a row, with stride 1 and 2. */
void mk_armv7em_depthwise_row_1(const struct mk_armv7em_columns *columns);
void mk_armv7em_depthwise_row_2(const struct mk_armv7em_columns *columns);

/* The exact way from taps->sums, 256 times the layer's, to four channels' outputs; advances taps->stream. */
void mk_armv7em_depthwise_exactly(struct mk_armv7em_taps *taps, uint32_t channel);

#endif
