/* mk_scalar32_list.c: the lists in C, for machines without assembly of their own; see mk_scalar32_list.h. */
#include "mk_scalar32_list.h"

#include "mk_scalar32_assembly.h"

#if !MK_SCALAR32_TILE_IN_ASSEMBLY
static inline void append(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset, int32_t sign)
{
    for (const int8_t *const end = in + count; in != end; in++, offset += 4 * MK_SCALAR32_GROUP_WORDS) {
        const int32_t size = sign * (*in - l->zero_point);
        if (size <= 0) continue;
        if (l->room >= 0 && size > l->room) {
            l->end->offset = offset;
            l->end->input = 0;
            l->end++;
            l->room = -1;
        }
        l->room = l->room < 0 ? MK_SCALAR32_MOST_IN_CHUNK - size : -1;
        l->total += sign * size;
        l->end->offset = offset;
        l->end->input = sign * size;
        l->end++;
    }
}

void mk_scalar32_append_positive(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset)
{
    append(l, in, count, offset, 1);
}

void mk_scalar32_append_negative(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset)
{
    append(l, in, count, offset, -1);
}

void mk_scalar32_tile_positions(const struct mk_scalar32_listed *p, const int8_t *in, uint32_t positions, int32_t *to,
                                struct mk_scalar32_missing *missing)
{
    for (; positions > 0; positions--, in += p->step, to += p->groups * MK_SCALAR32_GROUP_SUMS) {
        struct mk_scalar32_list l = {.end = p->list, .room = -1, .zero_point = INT8_MIN};
        append(&l, in, p->inputs, 0, 1);
        mk_scalar32_close_chunk(&l);
        mk_scalar32_tile(p->list, l.end, p->weights, p->group_bytes, p->starts, to, p->groups);
        *missing++ = (struct mk_scalar32_missing){0, MK_SCALAR32_WEIGHT_OFFSET * (uint32_t)l.total};
    }
}
#endif

#if !MK_SCALAR32_QUADS_IN_ASSEMBLY
static inline void append_quads(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset, int32_t sign)
{
    for (const int8_t *const end = in + count; in != end; in++, offset += 4 * MK_SCALAR32_GROUP_WORDS) {
        const int32_t size = sign * (*in - l->zero_point);
        if (size <= 0) continue;
        if (size > l->room) mk_scalar32_close_quad(l);
        l->room -= size;
        l->total += sign * size;
        *l->end++ = (struct mk_scalar32_entry){offset, sign * size};
        if (--l->left == 0) mk_scalar32_begin_quad(l);
    }
}

void mk_scalar32_append_positive_quads(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset)
{
    append_quads(l, in, count, offset, 1);
}

void mk_scalar32_append_negative_quads(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset)
{
    append_quads(l, in, count, offset, -1);
}
#endif
