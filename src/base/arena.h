/* arena.h: host memory. One arena per stage, freed as a whole; no per-object free. */
#ifndef MOTE_BASE_ARENA_H
#define MOTE_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct mote_arena_block;

/* limit_bytes bounds all allocations (a hostile file cannot ask for more). fail_after is a test hook: when >= 0,
 * that many further allocations succeed and every later one fails. */
struct mote_arena {
    struct mote_arena_block *head;
    size_t used_bytes, limit_bytes;
    long fail_after;
};

#define MOTE_ARENA_DEFAULT_LIMIT ((size_t)1 << 30)

void mote_arena_init(struct mote_arena *arena, size_t limit_bytes);
void mote_arena_free(struct mote_arena *arena);

/* Returns count * size zeroed bytes aligned for any type, or NULL when count * size overflows, passes the limit, or
 * memory is out. A request for zero bytes returns a valid pointer. */
void *mote_arena_calloc(struct mote_arena *arena, size_t count, size_t size);

/* Copies bytes (with a zero byte behind, so strings are safe); NULL as above. */
void *mote_arena_copy(struct mote_arena *arena, const void *data, size_t bytes);
char *mote_arena_string(struct mote_arena *arena, const char *text);
char *mote_arena_printf(struct mote_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define MOTE_NEW(arena, type) ((type *)mote_arena_calloc((arena), 1, sizeof(type)))
#define MOTE_NEW_ARRAY(arena, type, count) ((type *)mote_arena_calloc((arena), (count), sizeof(type)))

/* A test hook for every arena in the process that has no hook of its own: the number of allocations that still
 * succeed, or -1 for no limit. */
extern long mote_arena_global_fail_after;

#endif
