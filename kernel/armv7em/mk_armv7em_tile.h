/* mk_armv7em_tile.h: the inner loops of convolutions and fully connected layers on cores with dual 16-bit multiplication
 * (Cortex-M4, M7, M33): sums of products of int16 inputs ("columns") with packed int8 weights, and their requantisation.
 *
 * Columns. A group is four consecutive inputs k..k+3 of each position, as 16-bit numbers, in two words per position: the
 * first holds k (low half) and k+2, the second k+1 and k+3, which is how SXTB16 widens four bytes. The count of inputs is
 * rounded up to whole groups; weights of the missing ones are zero. Inputs are stored values: the zero point is in the
 * bias, and taps in the padding hold the zero point.
 *
 * Stream. Everything that is read in the channel loop, in reading order, in words. For a pair of output channels A, B:
 * bias A, bias A + 256 * bias B; per group two words, of which every half is (weight of A) + 256 * (weight of B), for the
 * inputs in the columns' order; then the records of A and of B. One multiplication with such a half gives S_A + 256 * S_B
 * for two channels' sums S, one with its low byte, sign-extended, S_A: three instructions for four products and no
 * unpacking of B. The difference of the two is 256 * S_B, exact modulo 2^32. The compiler has checked that all halves fit
 * 16 signed bits and that |sum| < 2^23 with the bias. fully_connected takes two pairs side by side: the four biases, per
 * group the words of the first and then of the second pair, four records. An odd channel is paired with zeros.
 *
 * Wide stream. Every half holds 256 times one weight. For a pair of output channels A, B: 256 times bias A, 256 times bias B;
 * per word of a position's columns one word of A and one of B; the records. Twice as large, but sums need no sorting out.
 *
 * Records. With s = 256 * sum, the fast ways give  saturate8((((C << 32) + s * M) >> 32) >> n)  in two instructions,
 * SMMLA and SSAT; record: M, C. The ways with a sign term subtract D from C where s < 0; record: M, C, D. n is one of two.
 * The compiler has proven for every sum a channel can reach that the byte is the reference's (src/plan/requant.h).
 * Where it has not, the exact way does the reference's arithmetic; record: multiplier, shift.
 *
 * Planes. With the way MK_ARMV7EM_TO_PLANES, which is MK_ARMV7EM_LARGE otherwise, outputs are stored in 16 bits, those of a
 * channel side by side, `plane` bytes from those of the channel before (mk_armv7em_planes.h). */
#ifndef MK_ARMV7EM_TILE_H
#define MK_ARMV7EM_TILE_H

#include "mote_kernel.h"

#include "mk_armv7em_layout.h"
#include "mk_armv7em_widen.h"

enum { MK_ARMV7EM_TO_PLANES = MK_ARMV7EM_LARGE_SIGN + 1 }; /* behind enum mk_armv7em_way */

/* Where the next three positions lie in planes; the tile moves it on. Assembly knows the layout: mk_armv7em_layout.h. */
struct mk_armv7em_places {
    int8_t *next;      /* the first channel of the next position */
    uint32_t left;     /* positions of its row from it on, at least 1 */
    uint32_t width;    /* positions of a row, at least 3 */
    uint32_t row_skip; /* bytes from behind a row's last position to the next row's first one */
    uint32_t span;     /* from a position's first channel to its last one */
};

/* Assembly knows the layout: mk_armv7em_layout.h. */
struct mk_armv7em_tile {
    int8_t *out;             /* first channel of the first position */
    uint32_t step_1, step_2; /* bytes from the first position's outputs to those of the second and third */
    int16_t *columns;
    int8_t *last;            /* last channel of the first position */
    uint32_t plane;          /* of MK_ARMV7EM_TO_PLANES alone: bytes from one channel's output to the next one's */
    const int32_t *stream;
    uint32_t groups;         /* at least 1 */
    uint32_t way;            /* enum mk_armv7em_way */
    int32_t zero_point, act_min, act_max; /* of the exact way alone */
    const int16_t *columns_end;
    struct mk_armv7em_places *places; /* of MK_ARMV7EM_TO_PLANES alone, where triples > 1 */
    /* Where inputs are gathered from, for the first position: */
    uint32_t offset;         /* in bytes, into each row */
    uint32_t in_step;        /* bytes from one position to the next */
    uint32_t head, rest;     /* of each row so many whole groups and then so many bytes, at most 3 */
    uint32_t rest_groups;    /* the groups that the rest of all rows make, one after the other, the last one padded */
    const int8_t *const *in_rows, *const *in_rows_end; /* one for each filter row, at most 16 */
    int32_t sums[6];         /* for the exact way: channel A at up to three positions, then channel B; or four channels */
};

/* All output channels of three positions, two channels at a time. Three positions always: of those that are not wanted
 * the outputs go where a wanted one's go afterwards. The order of writing is third, second, first position.
 * triples = 0: the columns are there. Else so many times three neighbouring positions, step_1 bytes apart in the output, or where
 * tile->places has them: the inputs of three are gathered into the columns before anything of them is written, first the heads of all filter rows,
 * then the rests. */
typedef void mk_armv7em_positions_3(const struct mk_armv7em_tile *tile, uint32_t triples);
mk_armv7em_positions_3 mk_armv7em_dual_3, mk_armv7em_wide_3; /* the latter takes a wide stream */

/* The exact way from the sums of a tile in progress: of `channels` channels at `positions` positions, none beyond
 * tile->last. Advances the tile's `out` and `stream`. */
void mk_armv7em_finish_exactly(struct mk_armv7em_tile *tile, uint32_t channels, uint32_t positions);

#endif
