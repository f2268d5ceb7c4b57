/* mk_depthwise_conv_2d_s8_3x3_planes_armv7em.c: depthwise 3x3 convolutions whose input lies in planes already
 * (mk_armv7em_planes.h): the blocks alone, all channels at once. Rows upwards. */
#include "mk_armv7em_planes.h"

/* `count` blocks of so many outputs in each row, the first one at output x. */
static MK_NOINLINE void run_blocks(struct mk_armv7em_blocks *b, const struct mk_conv_armv7em *c, uint32_t kind, uint32_t x,
                                   uint32_t count)
{
    struct mk_armv7em_blocks blocks = *b;
    if (count == 0) return;
    blocks.kind = kind;
    blocks.count = count;
    blocks.in += x * c->stride_w / 2;
    blocks.out += x * b->step;
    blocks.out_end += x * b->step;
    mk_armv7em_planes_3x3(&blocks);
}

void mk_depthwise_conv_2d_s8_3x3_planes_armv7em(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_planes_armv7em *p,
                                                uint16_t row_begin, uint16_t row_end)
{
    const struct mk_conv_armv7em *const c = &p->conv;
    const int is_narrow = c->out_w == 5 && c->stride_w == 1 && c->way == MK_ARMV7EM_SMALL && p->row_words == 4;
    const uint32_t sixes = c->out_w / 6u, others = c->out_w % 6u, by_1 = c->stride_w == 1 ? 6 : 0;
    struct mk_armv7em_blocks b;
    if (row_begin == row_end) return;
    b.step = c->out_c;
    b.out_row_bytes = (uint32_t)c->out_w * c->out_c;
    b.out = out + row_begin * b.out_row_bytes;
    b.out_end = out + row_end * b.out_row_bytes;
    b.row_bytes = 4u * p->row_words;
    b.advance = (c->stride_h - (is_narrow ? 3 : 2)) * (int32_t)b.row_bytes;
    b.way = c->way;
    b.in_step = 12u * c->stride_w;
    b.out_step = 6 * b.step;
    b.in = (const int32_t *)(const void *)in + (uint32_t)row_begin * c->stride_h * p->row_words;
    b.plane_bytes = 4u * p->plane_words;
    b.stream = c->stream;
    b.stream_end = c->stream + c->stream_words;
    run_blocks(&b, c, by_1 + 5, 0, sixes);
    run_blocks(&b, c, is_narrow ? MK_ARMV7EM_BLOCKS_NARROW : by_1 + others - 1, 6 * sixes, others != 0);
}
