/* mk_armv7em_planes_portable.c: what the assembly of mk_armv7em_planes.S computes, for other machines. */
#include "mk_armv7em_planes.h"
#include "mk_armv7em_portable.h"

#if !defined(__arm__)
/* One half of the words from `in` on. */
static int32_t half_at(const int32_t *in, uint32_t half)
{
    return half % 2 ? in[half / 2] >> 16 : (int16_t)(uint16_t)in[half / 2];
}

/* 256 times the sum, bias included, of the output whose first column is half `column`. */
static int32_t sum_at(const struct mk_armv7em_blocks *b, const int32_t *in, uint32_t column, const int32_t *record)
{
    uint32_t sum = (uint32_t)record[0];
    for (uint32_t y = 0; y < 3; y++, in += b->row_bytes / 4, record += 2)
        for (uint32_t x = 0; x < 3; x++) /* w0, w1 of the first word, w2 of the second */
            sum += (uint32_t)(half_at(in, column + x) * half_at(record + 1, x < 2 ? x : 3));
    return (int32_t)sum;
}

/* Without a sign term the addend is in the sum. */
static int8_t requantize(int32_t sum, const int32_t *record, uint32_t way)
{
    const int32_t plain[2] = {record[0], 0};
    return mk_armv7em_requantize(sum, way == MK_ARMV7EM_SMALL ? plain : record, way);
}

/* One channel of a block. */
static void run_block(const struct mk_armv7em_blocks *b, int8_t *out, const int32_t *in, const int32_t *record)
{
    const int is_narrow = b->kind == MK_ARMV7EM_BLOCKS_NARROW;
    const uint32_t stride = b->kind < 6 ? 2 : 1, outputs = is_narrow ? 5 : b->kind % 6 + 1;
    const int32_t row_words = ((is_narrow ? 3 : 2) * (int32_t)b->row_bytes + b->advance) / 4;
    const int8_t *const end = out + (b->out_end - b->out);
    for (; out != end; out += b->out_row_bytes, in += row_words)
        for (uint32_t x = 0; x < outputs; x++)
            out[x * b->step] = requantize(sum_at(b, in, x * stride, record), record + 7, b->way);
}

void mk_armv7em_planes_3x3(const struct mk_armv7em_blocks *b)
{
    const int32_t *plane = b->in;
    int8_t *out = b->out;
    for (const int32_t *record = b->stream; record != b->stream_end; record += b->way == MK_ARMV7EM_SMALL ? 8 : 10) {
        for (uint32_t i = 0; i < b->count; i++)
            run_block(b, out + i * b->out_step, plane + i * (b->in_step / 4), record);
        plane += b->plane_bytes / 4;
        out++;
    }
}

void mk_armv7em_move_fours(int32_t *to, const int32_t *from, uint32_t fours, uint32_t ascends)
{
    const uint32_t words = 4 * fours;
    for (uint32_t i = 0; i < words; i++) {
        const uint32_t at = ascends ? i : words - 1 - i;
        to[at] = from[at];
    }
}

/* A word of each of four planes from two columns. */
static int32_t *sort_word(int32_t *to, const int8_t *left, const int8_t *right, uint32_t plane_bytes)
{
    for (uint32_t i = 0; i < 4; i++)
        to[i * (plane_bytes / 4)] = (int32_t)((uint32_t)(uint16_t)left[i] | (uint32_t)(uint16_t)right[i] << 16);
    return to + 1;
}

void mk_armv7em_sort_planes(int32_t *to, const int8_t *in, const int8_t *in_end, const struct mk_armv7em_sorting *s)
{
    int8_t pad[4];
    memcpy(pad, &s->pad, sizeof pad);
    const uint32_t columns = s->column_bytes;
    for (; in != in_end; in += s->in_skip, to += s->skip / 4) {
        if (s->ends >> 31) {
            to = sort_word(to, pad, in, s->plane_bytes);
            in += columns;
        }
        for (uint32_t i = (s->ends >> 30 & 1) + 2 * s->doubles; i > 0; i--, in += 2 * columns)
            to = sort_word(to, in, in + columns, s->plane_bytes);
        if (s->ends & 1) {
            to = sort_word(to, in, pad, s->plane_bytes);
            in += columns;
        }
    }
}
#else
typedef int mk_armv7em_planes_portable_is_not_for_arm;
#endif
