#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 * 1024)
#define ALIGNMENT ((size_t)16)

struct mote_arena_block {
    struct mote_arena_block *next;
    size_t capacity, used;
    _Alignas(16) unsigned char bytes[];
};

long mote_arena_global_fail_after = -1;

void mote_arena_init(struct mote_arena *arena, size_t limit_bytes)
{
    *arena = (struct mote_arena){.limit_bytes = limit_bytes, .fail_after = -1};
}

void mote_arena_free(struct mote_arena *arena)
{
    struct mote_arena_block *block = arena->head;
    while (block) {
        struct mote_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->head = NULL;
    arena->used_bytes = 0;
}

static int fails_on_request(struct mote_arena *arena)
{
    long *hook = arena->fail_after >= 0 ? &arena->fail_after : &mote_arena_global_fail_after;
    if (*hook < 0) return 0;
    if (*hook == 0) return 1;
    --*hook;
    return 0;
}

static struct mote_arena_block *block_with_room(struct mote_arena *arena, size_t bytes)
{
    struct mote_arena_block *head = arena->head;
    if (head && head->capacity - head->used >= bytes) return head;
    const size_t capacity = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct mote_arena_block *block = calloc(1, sizeof *block + capacity);
    if (!block) return NULL;
    block->capacity = capacity;
    block->next = head;
    arena->head = block;
    return block;
}

void *mote_arena_calloc(struct mote_arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) return NULL;
    size_t bytes = count * size;
    if (bytes > SIZE_MAX - ALIGNMENT || fails_on_request(arena)) return NULL;
    bytes = (bytes + ALIGNMENT) & ~(ALIGNMENT - 1); /* always at least one byte behind the object */
    if (bytes > arena->limit_bytes || arena->used_bytes > arena->limit_bytes - bytes) return NULL;
    struct mote_arena_block *block = block_with_room(arena, bytes);
    if (!block) return NULL;
    void *object = block->bytes + block->used;
    block->used += bytes;
    arena->used_bytes += bytes;
    return object;
}

void *mote_arena_copy(struct mote_arena *arena, const void *data, size_t bytes)
{
    void *copy = mote_arena_calloc(arena, bytes, 1);
    if (copy && bytes) memcpy(copy, data, bytes);
    return copy;
}

char *mote_arena_string(struct mote_arena *arena, const char *text)
{
    return mote_arena_copy(arena, text, strlen(text));
}

char *mote_arena_printf(struct mote_arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : mote_arena_calloc(arena, (size_t)length + 1, 1);
    if (text) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
