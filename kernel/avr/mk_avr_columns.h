/* mk_avr_columns.h: eight channels at one output position from lists of the nonzero inputs of each column under the filter
 * (mk_avr_columns.S): for filters with too many inputs to gather them anew at every position. A column's list serves all
 * positions whose filters cover it. Zeros cost nothing but their share of the listing.
 *
 * A list: its number of entries, the entries, the bytes of weights to skip behind the last one, and the address of the list
 * of the column to the right. The weights are ordered by column of the filter, then row, then channel.
 * An entry (n, x'): advance the weights by 256 - n bytes, then use x'. After an entry the weights stand at the last of its
 * eight bytes, and the first list starts one byte before the weights; so neighbouring inputs have n = 255 and every skipped
 * one takes 8 off. A gap of more than 31 inputs takes an entry with x' = 0. */
#ifndef MK_AVR_COLUMNS_H
#define MK_AVR_COLUMNS_H

#include "mk_avr_patch.h"
#include "mk_avr_requantize.h"

enum {
    MK_AVR_COLUMNS = 8,        /* of a filter, at most */
    MK_AVR_COLUMN_INPUTS = 255 /* under one of them, at most */
};

/* Of a list of a column of `inputs`. */
#define MK_AVR_LIST_BYTES(inputs) (2u * (inputs) + 2u + sizeof(uint8_t *))

/* A column of inputs to be listed; the offsets are known to mk_avr_columns.S. */
struct mk_avr_column {
    uint8_t *list;  /* to be written */
    uint8_t *right; /* the list of the column to the right */
    uint16_t first; /* offset of the column's inputs in their rows */
    uint8_t in_c, filter_h;
    uint8_t pad_value; /* x' */
    uint8_t outside;   /* all inputs are padding; else where the row is NULL */
    struct mk_avr_patch_rows rows;
};

/* Returns the sum of x' over the column. */
uint16_t mk_avr_list_column(const struct mk_avr_column *column);

/* Computes all channels of the position; tile.operands is the first column's list, operand_count >= 1 the columns. Takes the
 * weights of the first tile.cached_groups groups of channels from tile.cached: RAM is read in two cycles, flash in three. */
void mk_avr_columns(struct mk_avr_tile *t);

/* The kernel, given memory for the lists of a filter's columns, and behind them cache_bytes for weights. */
void mk_avr_convolve_columns(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                             uint16_t row_end, uint8_t *lists, uint16_t cache_bytes);

/* The kernel `name` for at most so many inputs per output, which it lists on the stack, and with as many weights there as fit
 * cache_bytes. */
#define MK_AVR_CONV_2D_COLUMNS(name, inputs, cache_bytes)                                                              \
    void name(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin, uint16_t row_end)     \
    {                                                                                                                  \
        uint8_t lists[2 * (inputs) + MK_AVR_COLUMNS * MK_AVR_LIST_BYTES(0) + (cache_bytes)];                           \
        mk_avr_convolve_columns(out, in, p, row_begin, row_end, lists, cache_bytes);                                   \
    }

#endif
