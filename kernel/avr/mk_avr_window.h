/* mk_avr_window.h: one row of outputs of a convolution with few inputs per output: where its filter lies, position by
 * position. The tiles that take the inputs as lists (mk_avr_sparse.h, mk_avr_dense.h) compute the whole row in one call, and
 * gather the inputs of each position by mk_avr_gather_window (mk_avr_window.S). */
#ifndef MK_AVR_WINDOW_H
#define MK_AVR_WINDOW_H

#include "mk_avr_patch.h"
#include "mk_avr_requantize.h"

/* The layout is that of mk_avr_layout.h on AVR. */
struct mk_avr_window {
#if defined(__AVR__)
    uint16_t weights; /* of all channels */
    uint8_t weights_bank;
    uint16_t records;
    uint8_t records_bank;
#else
    const uint8_t *weights, *records;
#endif
    uint16_t positions;      /* of the row, still to compute */
    uint8_t filter_rows;
    uint8_t row_inputs;      /* under a row of the filter */
    int16_t offset;          /* of the first of them in a row of the input, bytes; negative in the padding */
    uint16_t step;           /* from position to position */
    int16_t last_inside;     /* the largest offset of which all inputs are in the row; negative: none is */
    int8_t pad;              /* the input's zero point */
    const int8_t *const *row; /* filter_rows rows of the input; NULL: padding */
    struct mk_avr_tile tile;
    struct mk_avr_patch_rows rows;
};

/* With more scratch behind it: the sums of the tile, of more than one group (mk_avr_sparse.h). */
struct mk_avr_large_window {
    struct mk_avr_window window;
    uint8_t sums[MK_AVR_WINDOW_GROUPS * MK_AVR_SUMS_BYTES];
};

/* Fills in all that is the same for every row. group_channels: whose weights lie side by side. */
void mk_avr_window_begin(struct mk_avr_window *w, const struct mk_conv_avr *c, uint8_t *operands, uint8_t group_channels);

/* Moves to the begin of output row r. */
void mk_avr_window_row(struct mk_avr_window *w, const struct mk_conv_avr *c, int8_t *out, const int8_t *in, uint16_t r);

/* The same, for a tile that takes several positions at a time: where the rows from r on, before row_end, are single positions
 * side by side in memory, takes them for one row. Returns the row behind. */
uint16_t mk_avr_window_rows(struct mk_avr_window *w, const struct mk_conv_avr *c, int8_t *out, const int8_t *in, uint16_t r,
                            uint16_t row_end);

#if !defined(__AVR__)
/* The portable twins' way to a position's inputs: to[k * step] = x' of input k. Sets `correction`, and moves to the next. */
void mk_avr_gather_window_portable(struct mk_avr_window *w, uint8_t *to, uint8_t step, uint8_t correction[3]);
/* Points the tile at the first channel of the next position. */
void mk_avr_window_restart_portable(struct mk_avr_window *w);
#endif

#endif
