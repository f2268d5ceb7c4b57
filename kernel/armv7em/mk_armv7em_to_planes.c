/* mk_armv7em_to_planes.c: see mk_armv7em_to_planes.h. */
#include "mk_armv7em_to_planes.h"

#include "mk_armv7em_fill.h"

int8_t *mk_armv7em_begin_planes(struct mk_armv7em_to_planes *planes, int8_t *out, const struct mk_conv_planes_armv7em *p,
                                uint16_t row_begin)
{
    int32_t *const words = (int32_t *)(void *)out;
    planes->step = 2;
    planes->row_bytes = 4u * p->row_words;
    planes->plane = 4u * p->plane_words;
    planes->span = planes->plane * (p->conv.out_c - 1u);
    if (row_begin == 0)
        mk_armv7em_fill(words, words + (size_t)p->plane_words * p->conv.out_c + p->edge_words, p->conv.out_zero_point, 16);
    return out + 2u * p->first;
}
