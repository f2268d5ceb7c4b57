#include "flatbuffer.h"

#include <stdlib.h>
#include <string.h>

size_t flatbuffer_reserve(struct flatbuffer *o, size_t bytes)
{
    if (o->failed || bytes > INT32_MAX - o->size) { /* offsets in a flatbuffer have 31 bits */
        o->failed = true;
        return 0;
    }
    if (o->size + bytes > o->capacity) {
        size_t wanted = 2 * (o->size + bytes) + 1024;
        uint8_t *grown = realloc(o->bytes, wanted);
        if (grown == NULL) {
            o->failed = true;
            return 0;
        }
        o->bytes = grown;
        o->capacity = wanted;
    }
    memset(o->bytes + o->size, 0, bytes);
    size_t at = o->size;
    o->size += bytes;
    return at;
}

void flatbuffer_align(struct flatbuffer *o, size_t alignment, size_t ahead)
{
    flatbuffer_reserve(o, (alignment - ((o->size + ahead) & (alignment - 1))) & (alignment - 1));
}

static void set_u16(struct flatbuffer *o, size_t at, size_t value)
{
    if (!o->failed) {
        o->bytes[at] = (uint8_t)value;
        o->bytes[at + 1] = (uint8_t)(value >> 8);
    }
}

static void set_u32(struct flatbuffer *o, size_t at, uint32_t value)
{
    set_u16(o, at, value & 0xFFFFu);
    set_u16(o, at + 2, value >> 16);
}

static void set_u64(struct flatbuffer *o, size_t at, uint64_t value)
{
    set_u32(o, at, (uint32_t)value);
    set_u32(o, at + 4, (uint32_t)(value >> 32));
}

/* Wide fields come first, so that all are aligned. */
size_t flatbuffer_table(struct flatbuffer *o, const struct flatbuffer_field *fields, size_t count)
{
    size_t slots = 0;
    for (size_t i = 0; i < count; i++) {
        slots = fields[i].slot + 1u > slots ? fields[i].slot + 1u : slots;
    }
    size_t vtable_bytes = 4 + 2 * slots;
    flatbuffer_align(o, 4, vtable_bytes);
    size_t vtable = flatbuffer_reserve(o, vtable_bytes);
    size_t table = flatbuffer_reserve(o, 4);
    for (uint8_t size = 4; size != 0; size = size == 4 ? 1 : 0) {
        for (size_t i = 0; i < count; i++) {
            if (fields[i].size != size) {
                continue;
            }
            size_t at = flatbuffer_reserve(o, size);
            set_u16(o, vtable + 4 + 2 * (size_t)fields[i].slot, at - table);
            if (size == 4) {
                set_u32(o, at, fields[i].value);
            } else if (!o->failed) {
                o->bytes[at] = (uint8_t)fields[i].value;
            }
        }
    }
    set_u16(o, vtable, vtable_bytes);
    set_u16(o, vtable + 2, o->size - table);
    set_u32(o, table, (uint32_t)(table - vtable));
    return table;
}

void flatbuffer_refer(struct flatbuffer *o, size_t at, size_t target)
{
    set_u32(o, at, (uint32_t)(target - at));
}

void flatbuffer_table_refer(struct flatbuffer *o, size_t table, size_t slot, size_t target)
{
    if (o->failed) {
        return;
    }
    size_t entry = table - (o->bytes[table] | (size_t)o->bytes[table + 1] << 8) + 4 + 2 * slot;
    size_t field = o->bytes[entry] | (size_t)o->bytes[entry + 1] << 8;
    flatbuffer_refer(o, table + field, target);
}

size_t flatbuffer_vector(struct flatbuffer *o, size_t count, size_t element_bytes, size_t alignment)
{
    flatbuffer_align(o, alignment, 4);
    size_t at = flatbuffer_reserve(o, 4);
    flatbuffer_reserve(o, count * element_bytes);
    set_u32(o, at, (uint32_t)count);
    return at;
}

size_t flatbuffer_vector_i32(struct flatbuffer *o, const int32_t *values, size_t count)
{
    size_t at = flatbuffer_vector(o, count, 4, 4);
    for (size_t i = 0; i < count; i++) {
        set_u32(o, at + 4 + 4 * i, (uint32_t)values[i]);
    }
    return at;
}

uint32_t flatbuffer_float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

size_t flatbuffer_vector_f32(struct flatbuffer *o, const float *values, size_t count)
{
    size_t at = flatbuffer_vector(o, count, 4, 4);
    for (size_t i = 0; i < count; i++) {
        set_u32(o, at + 4 + 4 * i, flatbuffer_float_bits(values[i]));
    }
    return at;
}

size_t flatbuffer_vector_i64(struct flatbuffer *o, const int64_t *values, size_t count)
{
    size_t at = flatbuffer_vector(o, count, 8, 8);
    for (size_t i = 0; i < count; i++) {
        set_u64(o, at + 4 + 8 * i, (uint64_t)values[i]);
    }
    return at;
}

size_t flatbuffer_vector_bytes(struct flatbuffer *o, const void *bytes, size_t count, size_t alignment)
{
    size_t at = flatbuffer_vector(o, count, 1, alignment);
    if (!o->failed && count != 0) {
        memcpy(o->bytes + at + 4, bytes, count);
    }
    return at;
}

size_t flatbuffer_string(struct flatbuffer *o, const char *text)
{
    size_t at = flatbuffer_vector_bytes(o, text, strlen(text), 4);
    flatbuffer_reserve(o, 1);
    return at;
}

void flatbuffer_vector_refer(struct flatbuffer *o, size_t vector, size_t index, size_t target)
{
    flatbuffer_refer(o, vector + 4 + 4 * index, target);
}
