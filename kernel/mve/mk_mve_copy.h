/* mk_mve_copy.h: copies into the layouts in which this family's inner loops read their inputs. */
#ifndef MK_MVE_COPY_H
#define MK_MVE_COPY_H

#include "mote_kernel.h"

/* Assembly knows these structs. */

/* `bytes` bytes per item, in blocks of 16 and a rest: byte i of item k goes from
 * from + k * from_step + i / 16 * from_block_step + i % 16 to the same of `to`. Nothing else is read or written. */
struct mk_mve_blocks {
    uint32_t to_step, from_step, bytes, to_block_step, from_block_step;
};

/* `count` items, at least one. */
void mk_mve_copy_blocks(int8_t *to, const int8_t *from, uint32_t count, const struct mk_mve_blocks *blocks);

/* Byte i of the first 16 goes to `to + offsets[i]`; then `to` and `from` move on by a step each, until `bytes` bytes counted
 * in steps of from_step are done. A vector may write, right, some bytes of the next one. */
struct mk_mve_scatter {
    uint8_t offsets[16];
    uint32_t to_step, from_step;
};

/* At least one byte. moves: 1, or 0 to take the same 16 bytes again for each vector. */
void mk_mve_scatter(int8_t *to, const int8_t *from, uint32_t bytes, const struct mk_mve_scatter *scatter, uint32_t moves);

#endif
