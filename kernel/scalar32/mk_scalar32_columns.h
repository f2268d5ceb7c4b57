/* mk_scalar32_columns.h: a row of outputs of a depthwise 3x3 convolution, channel by channel: nine weights, each input
 * loaded once for all outputs it belongs to. Inputs are stored values: the zero point is in the values with which sums start.
 * At most one column of padding on either side: what is to be added for it is known beforehand.
 * The stream has for each channel: a start, what the padding adds on the left and on the right; a record; three words of
 * weights, one per filter row, the first weight in the lowest byte and nothing in the highest. */
#ifndef MK_SCALAR32_COLUMNS_H
#define MK_SCALAR32_COLUMNS_H

#include "mote_kernel.h"

enum { MK_SCALAR32_STARTS = 3, MK_SCALAR32_TAP_WORDS = 3 };

/* Assembly knows the layout. */
struct mk_scalar32_columns {
    const int8_t *rows[3]; /* the first input inside, of the first channel */
    uint32_t step;         /* from one input to the next, and from one output to the next */
    int8_t *out;
    uint32_t inside;       /* outputs without padding on their right */
    uint32_t left, right;  /* 1: the first output has padding on its left, one after the others has on its right */
    const int32_t *stream, *stream_end;
    int32_t least, most;   /* the rest as in struct mk_conv_scalar32 */
    uint32_t shift_before, shift_after;
    int32_t slack;
    uint32_t stride;       /* 1 or 2 */
    int32_t out_zero_point;
    uint32_t record_words;
    const struct mk_conv_scalar32 *conv; /* for the portable twin */
};

/* All channels of the stream. In C the outputs are at most MK_SCALAR32_MOST_COLUMNS. */
enum { MK_SCALAR32_MOST_COLUMNS = 32 };
void mk_scalar32_columns(const struct mk_scalar32_columns *c);

/* The same in assembly, any number of outputs; on Cortex-M0 the way must be estimate, elsewhere high, with a sign or without. */
void mk_scalar32_columns_assembly(const struct mk_scalar32_columns *c);

#endif
