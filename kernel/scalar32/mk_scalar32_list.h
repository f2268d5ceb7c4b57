/* mk_scalar32_list.h: lists of inputs for the tiles (mk_scalar32_tile.h). */
#ifndef MK_SCALAR32_LIST_H
#define MK_SCALAR32_LIST_H

#include "mk_scalar32_tile.h"

/* Assembly knows the layout. */
struct mk_scalar32_list {
    struct mk_scalar32_entry *end; /* of what is listed */
    int32_t room;                  /* in the chunk that is begun; -1 if none is */
    int32_t total;                 /* of the inputs */
    int32_t zero_point;
    uint32_t left;                 /* of quads: entries until the one that is begun is full */
};

/* Appends the inputs above the zero point, or those below it, among `count`, at least 1, which lie side by side as do their
 * weights from `offset` on. There must be room for two entries each. */
void mk_scalar32_append_positive(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset);
void mk_scalar32_append_negative(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset);

/* The same in chunks of four (mk_scalar32_quads_tile); room is 255 and left is 4 where none is begun. There must be room for four
 * entries each. */
void mk_scalar32_append_positive_quads(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset);
void mk_scalar32_append_negative_quads(struct mk_scalar32_list *l, const int8_t *in, uint32_t count, uint32_t offset);

/* Positions of one tap each, at least one input, with nothing below the zero point, which is -128. Assembly knows the layout. */
struct mk_scalar32_listed {
    struct mk_scalar32_entry *list; /* has room for two entries per input */
    uint32_t inputs, step;          /* from one position's inputs to the next one's: bytes */
    const int32_t *weights;
    uint32_t group_bytes;
    const int32_t *starts; /* the sums' first values */
    uint32_t groups;
};

/* Lists the inputs of `positions` positions, at least 1, and adds them up by mk_scalar32_tile, one after the other; `missing` gets
 * what the sums of each lack. */
void mk_scalar32_tile_positions(const struct mk_scalar32_listed *l, const int8_t *in, uint32_t positions, int32_t *to,
                                struct mk_scalar32_missing *missing);

/* Fills up the last chunk. */
static inline void mk_scalar32_close_chunk(struct mk_scalar32_list *l)
{
    if (l->room < 0) return;
    l->end->offset = l->end[-1].offset;
    l->end->input = 0;
    l->end++;
    l->room = -1;
}

/* No quad is begun. */
static inline void mk_scalar32_begin_quad(struct mk_scalar32_list *l)
{
    l->room = MK_SCALAR32_MOST_IN_CHUNK;
    l->left = MK_SCALAR32_QUAD;
}

/* Fills up the last quad, with weights that are there. */
static inline void mk_scalar32_close_quad(struct mk_scalar32_list *l)
{
    for (; l->left < MK_SCALAR32_QUAD && l->left > 0; l->left--, l->end++) {
        l->end->offset = l->end[-1].offset;
        l->end->input = 0;
    }
    mk_scalar32_begin_quad(l);
}

#endif
