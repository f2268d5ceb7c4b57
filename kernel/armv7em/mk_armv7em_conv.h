/* mk_armv7em_conv.h: what the conv_2d kernels of this family share; they differ in how many inputs under the filter they
 * have room for on the stack. */
#ifndef MK_ARMV7EM_CONV_H
#define MK_ARMV7EM_CONV_H

#include "mk_armv7em_tile.h"

/* How outputs lie in planes, in bytes: to the next position, row, channel, and from the first channel to the last. */
struct mk_armv7em_to_planes {
    uint32_t step, row_bytes, plane, span;
};

/* Room for the inputs of three positions, in words for alignment: as columns (6 * groups words) and as bytes (3 * groups). */
struct mk_armv7em_room {
    int32_t *columns, *vectors;
    const struct mk_armv7em_to_planes *planes; /* NULL: rows of bytes */
};

/* conv_2d from and to rows as every kernel; filter_h * filter_w * in_c inputs, rounded up to groups of four, fit the room.
 * Inputs are numbered as the tile gathers them: of each filter row whole groups of four, then the rests of all rows. */
void mk_armv7em_conv_2d(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                        uint16_t row_end, const struct mk_armv7em_room *room);

/* The body of a kernel with room for `inputs` inputs under the filter, a multiple of four. */
#define MK_ARMV7EM_CONV_2D_BY(conv_2d, name, inputs)                                                                   \
    void name(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p, uint16_t row_begin, uint16_t row_end) \
    {                                                                                                                  \
        int32_t columns[(inputs) / 4 * 6], vectors[(inputs) / 4 * 3];                                                  \
        const struct mk_armv7em_room room = {columns, vectors, NULL};                                                  \
        conv_2d(out, in, p, row_begin, row_end, &room);                                                                \
    }
/* The same to planes. */
#define MK_ARMV7EM_CONV_2D_PLANES_BY(conv_2d, name, inputs)                                                            \
    void name(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_planes_armv7em *p, uint16_t row_begin,            \
              uint16_t row_end)                                                                                        \
    {                                                                                                                  \
        int32_t columns[(inputs) / 4 * 6], vectors[(inputs) / 4 * 3];                                                  \
        struct mk_armv7em_to_planes planes;                                                                            \
        const struct mk_armv7em_room room = {columns, vectors, &planes};                                               \
        conv_2d(mk_armv7em_begin_planes(&planes, out, p, row_begin), in, &p->conv, row_begin, row_end, &room);         \
    }
#define MK_ARMV7EM_CONV_2D(name, inputs) MK_ARMV7EM_CONV_2D_BY(mk_armv7em_conv_2d, name, inputs)

#endif
