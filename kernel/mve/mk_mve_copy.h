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

/* Rows of bytes, in vectors of 16: byte i of a vector goes to `to + offsets[i]`; then `to` and the row move on by a step
 * each. `whole` vectors, which may write, right, some bytes of the next one, and one of `rest` bytes. */
struct mk_mve_scatter {
    uint8_t offsets[16];
    uint32_t to_step, from_step;
    uint32_t whole, rest;   /* rest: 0 to 15 */
    const int8_t *pad;      /* 16 bytes: each vector of a row that is NULL */
    uint32_t from_offset;   /* where rows begin that are not NULL */
    uint32_t row_step;      /* in `to`, from a row to the next */
};

/* `count` rows, at least one. Reads nothing but the bytes of the rows. */
void mk_mve_scatter(int8_t *to, const int8_t *const *rows, uint32_t count, const struct mk_mve_scatter *scatter);

#endif
