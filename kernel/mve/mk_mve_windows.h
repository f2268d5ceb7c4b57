/* mk_mve_windows.h: the inner loops of depthwise convolutions on cores with Helium.
 *
 * One vector holds up to 16 inputs of one channel, a window of some rows and columns, gathered from a copy of the input in
 * which the channels lie in blocks of 16 and neighbouring cells (a cell: the 16 channels of a block at one place) at most 240
 * bytes apart. One multiply-accumulate across the vector is one output; the window gives several, with the weights shifted:
 * the cells of a window are numbered column by column, and the weights as a pattern that is shifted by whole cells, zeros
 * coming in.
 *
 * The sums of a channel go to memory, window by window, and are then requantised eight at a time and scattered to the
 * outputs.
 *
 * Stream. Four words: scale, how many rows and columns of outputs a window gives, and whether a window
 * spans whole rows of the input ("narrow"). Then per channel: the pattern, 16 weights; the fields of the record as in
 * mk_mve_tile.h; in narrow layers the start of each output's sum, which is what the padding left and right contributes. */
#ifndef MK_MVE_WINDOWS_H
#define MK_MVE_WINDOWS_H

#include "mote_kernel.h"

#include "mk_mve_windows_layout.h"

enum { MK_MVE_MOST_OUTPUTS = 5, MK_MVE_WINDOWS_HEADER_WORDS = 4 };

/* Windows in a row. */
struct mk_mve_segment {
    uint32_t offset; /* of the first one's first cell, in bytes */
    uint32_t count;
};

/* Assembly knows the layout: mk_mve_windows_layout.h. in, out, channels and stream are advanced. */
struct mk_mve_windows {
    const int8_t *in;     /* first channel, first cell */
    uint32_t block_bytes; /* from a block of channels to the next */
    int8_t *out;          /* first channel */
    uint32_t channels;
    const int32_t *stream; /* without its header */
    uint32_t record_bytes; /* of the stream, per channel */
    int32_t scale;
    const struct mk_mve_segment *segments, *segments_end;
    uint32_t step;           /* bytes from a window to the next in a segment */
    int32_t *sums;           /* room for sum_count, rounded up to eight */
    const uint16_t *offsets; /* of each sum's output; as many as there is room for sums */
    uint32_t sum_count;
    const uint8_t *cells;    /* 16: of each cell of a window, in bytes */
    uint32_t lanes;          /* cells of a window */
    uint32_t outputs;        /* of a window: 1 to 5 */
    uint32_t starts;         /* sums start from the record's numbers */
    uint32_t way;            /* enum mk_mve_way */
    int32_t zero_point, act_min, act_max; /* of the exact way alone */
    int8_t *pattern;         /* 16 bytes with 16 zeros on either side, to which each channel's pattern is copied */
    const int8_t *shifted[MK_MVE_MOST_OUTPUTS]; /* each output's weights, within these 48 bytes; all valid */
};

/* All channels of all windows. */
void mk_mve_windows(struct mk_mve_windows *windows);

#endif
