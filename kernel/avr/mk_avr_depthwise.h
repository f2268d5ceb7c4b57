/* mk_avr_depthwise.h: one output row of a 3x3 depthwise convolution on AVR (mk_avr_depthwise.S).
 *
 * Channel by channel each input is loaded once and multiplied into the windows that it belongs to: three at stride 1, one or two
 * at stride 2. Inputs that are zero are skipped. The sums of a row of windows go to the
 * stack (3 bytes each) and are then requantised together, with the channel's record (mk_avr_tile.h) in registers. Per channel
 * 15 bytes in flash: nine signed weights, row by row, and the record. Inputs are taken as x' = x + 128; what lies in the
 * padding counts as x' = 0, so there may be padding only if the inputs' zero point is -128. */
#ifndef MK_AVR_DEPTHWISE_H
#define MK_AVR_DEPTHWISE_H

#include "mk_avr_tile.h"

#include "mk_avr_depthwise_layout.h"

/* At stride 2. Unless the first column of the first window lies in the padding, a window precedes it (windows_before is 1), of
 * which only the last column is taken; windows_after is 0. */
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
    uint8_t columns;      /* of the input, at most MK_AVR_DEPTHWISE_COLUMNS */
    uint8_t channels;
    uint8_t channel;      /* current */
    int8_t *out;          /* channel 0 of the row's last output */
    uint8_t outputs;
    uint8_t windows_after;  /* windows that follow the last output's, */
    uint8_t windows_before; /* and precede the first output's */
    struct mk_avr_requant requant;
    uint8_t depth; /* bytes of all windows on the stack: 3 * (columns + 1), by windows 3 * (windows_before + outputs) */
    uint8_t by_windows; /* flags of enum mk_avr_depthwise_windows; 0: column by column */
};

/* Computes the row for all channels from the current one on. */
void mk_avr_depthwise_3x3(struct mk_avr_depthwise *d);

#endif
