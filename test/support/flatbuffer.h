/*
 * Writes a flatbuffer from front to back: a table first, then what it refers to, whose offset is then
 * patched into the table. Every offset thus points forward, as the format asks, and alignment is taken
 * from the buffer's start. Vtables stand directly before their tables and are not shared.
 *
 * All functions return positions from the buffer's start. After a failure (out of memory, or over 2 GB) they
 * do nothing and return 0; `failed` says so, and the caller needs to look only once, at the end.
 */
#ifndef FLATBUFFER_H
#define FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing buffer; starts as {0}. `bytes` comes from malloc and is the caller's to free. */
struct flatbuffer {
    uint8_t *bytes;
    size_t size, capacity;
    bool failed;
};

/* One field of a table that is about to be written; a reference holds 0 until it is patched. */
struct flatbuffer_field {
    uint8_t slot;
    uint8_t size; /* 1 or 4 bytes */
    uint32_t value;
};

/* Appends zero bytes and returns where they start. */
size_t flatbuffer_reserve(struct flatbuffer *o, size_t bytes);

/* Pads so that `ahead` bytes further on the position is a multiple of `alignment`, a power of two. */
void flatbuffer_align(struct flatbuffer *o, size_t alignment, size_t ahead);

/* Writes a table with its vtable before it. */
size_t flatbuffer_table(struct flatbuffer *o, const struct flatbuffer_field *fields, size_t count);

/* Patches the reference at position `at` to point at `target`, which lies further on. */
void flatbuffer_refer(struct flatbuffer *o, size_t at, size_t target);

/* Patches the reference in one field of a table already written. */
void flatbuffer_table_refer(struct flatbuffer *o, size_t table, size_t slot, size_t target);

/* Patches element `index` of a vector of references. */
void flatbuffer_vector_refer(struct flatbuffer *o, size_t vector, size_t index, size_t target);

/* Writes a vector's length and zeroed elements, which stand 4 bytes after the returned position and are aligned. */
size_t flatbuffer_vector(struct flatbuffer *o, size_t count, size_t element_bytes, size_t alignment);

size_t flatbuffer_vector_i32(struct flatbuffer *o, const int32_t *values, size_t count);
size_t flatbuffer_vector_i64(struct flatbuffer *o, const int64_t *values, size_t count);
size_t flatbuffer_vector_f32(struct flatbuffer *o, const float *values, size_t count);
size_t flatbuffer_vector_bytes(struct flatbuffer *o, const void *bytes, size_t count, size_t alignment);

/* Writes a string: a vector of bytes whose terminating zero is not counted. */
size_t flatbuffer_string(struct flatbuffer *o, const char *text);

/* The bits of a float, as a field's value. */
uint32_t flatbuffer_float_bits(float value);

#endif
