/* mk_avr_depthwise.h: one output row of a 3x3 depthwise convolution on AVR (mk_avr_depthwise.S).
 *
 * Channel by channel each input is loaded once and multiplied into the windows that it belongs to: three at stride 1, one or two
 * at stride 2. Inputs that are zero are skipped. The sums of a row of windows go to the stack and are then requantised
 * together, with the channel's record (mk_avr_tile.h) in registers. Inputs are taken as x' = x + 128; what lies in the
 * padding counts as x' = 0, so there may be padding only if the inputs' zero point is -128.
 *
 * Sums have 16 bits, bias included, as long as all x' of the three rows are below the channel's limit, at most 128: then all
 * complete sums lie in a range of less than 65536, as is proven from the weights, and x' is a signed byte. They are kept
 * raised by a multiple of 256, so that the range is that of 16 signed bits. If an input is not below the limit, the channel's
 * row is computed once more with sums of 24 bits. A limit of 0 asks for these at once.
 *
 * Per channel 16 bytes in flash: nine signed weights, row by row, the limit, and the record, whose bias is raised; in the place
 * of the bias's third byte stands by how many 256, signed, unless the limit is 0. */
#ifndef MK_AVR_DEPTHWISE_H
#define MK_AVR_DEPTHWISE_H

#include "mk_avr_tile.h"

#include "mk_avr_depthwise_layout.h"

enum { MK_AVR_DEPTHWISE_LIMIT = 9, MK_AVR_DEPTHWISE_RECORD = 10, MK_AVR_DEPTHWISE_BYTES = 10 + MK_AVR_RECORD_BYTES }; /* per channel */

/* At stride 2. Unless the first column of the first window lies in the padding, a window precedes it, of which only the last
 * column is taken. */
enum mk_avr_depthwise_windows {
    MK_AVR_BY_WINDOWS = 1,
    MK_AVR_FIRST_IS_PADDED = 2, /* the first column of the first window, */
    MK_AVR_LAST_IS_PADDED = 4   /* the last column of the last window lies in the padding */
};

/* Windows are counted by the column of their centre, from -1 to columns - 1. */
struct mk_avr_depthwise {
#if defined(__AVR__)
    uint16_t weights; /* of the current channel */
    uint8_t weights_bank;
#else
    const uint8_t *weights;
#endif
    const int8_t *row[3]; /* first column and channel of the input rows; any readable row where row_mask has a 0 */
    uint8_t row_mask;     /* bit k: row k lies inside the input */
    uint8_t channels;
    uint8_t channel;      /* current */
    int8_t *out;          /* channel 0 of the row's last output */
    uint8_t outputs;
    uint8_t left_over;    /* windows that follow the last output's, of those that are computed */
    struct mk_avr_requant requant;
    uint8_t left;       /* columns, at most MK_AVR_DEPTHWISE_COLUMNS; by windows outputs */
    uint8_t by_windows; /* flags of enum mk_avr_depthwise_windows; 0: column by column */
#if defined(__AVR__)
    uint16_t stack; /* scratch: the stack pointer */
#else
    uint8_t columns; /* of the input */
#endif
};

/* Computes the row for all channels from the current one on. */
void mk_avr_depthwise_3x3(struct mk_avr_depthwise *d);

#endif
