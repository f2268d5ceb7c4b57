#include "flatbuffer.h"

#include <string.h>

/* Real files share little: a budget of their size twice over, plus room for tiny ones, is never reached by them. */
#define BUDGET_FLOOR ((size_t)65536)

static void *reader_fail(struct mote_flatbuffer *reader, size_t offset, const char *error)
{
    if (!reader->error) {
        reader->error = error;
        reader->error_offset = offset;
    }
    return NULL;
}

static bool spend(struct mote_flatbuffer *reader, size_t offset, size_t cost)
{
    if (cost > reader->budget) reader_fail(reader, offset, "the same data is referred to far too often");
    if (reader->error) return false;
    reader->budget -= cost;
    return true;
}

/* The bytes [offset, offset + count), or NULL with the error kept. */
static const uint8_t *bytes_at(struct mote_flatbuffer *reader, size_t offset, size_t count)
{
    if (reader->error) return NULL;
    if (offset > reader->size_bytes || count > reader->size_bytes - offset)
        return reader_fail(reader, offset, "data lies outside of the file (is it truncated?)");
    return reader->bytes + offset;
}

static uint64_t little_endian(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; bytes && i < count; i++) value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static uint64_t load(struct mote_flatbuffer *reader, size_t offset, size_t count)
{
    return little_endian(bytes_at(reader, offset, count), count);
}

static int32_t to_i32(uint64_t bits)
{
    const uint32_t low = (uint32_t)bits;
    int32_t value;
    memcpy(&value, &low, sizeof value);
    return value;
}

static float to_f32(uint64_t bits)
{
    const uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return value;
}

bool mote_flatbuffer_open(struct mote_flatbuffer *reader, const uint8_t *bytes, size_t size_bytes,
                          const char *identifier)
{
    *reader = (struct mote_flatbuffer){.bytes = bytes, .size_bytes = size_bytes};
    reader->budget = size_bytes > (SIZE_MAX - BUDGET_FLOOR) / 2 ? SIZE_MAX : BUDGET_FLOOR + 2 * size_bytes;
    const uint8_t *found = bytes_at(reader, 4, 4);
    if (found && memcmp(found, identifier, 4) != 0) reader_fail(reader, 4, "the file identifier is another one");
    return !reader->error;
}

static struct mote_flatbuffer_table table_open(struct mote_flatbuffer *reader, size_t position)
{
    const struct mote_flatbuffer_table absent = {0};
    if (!spend(reader, position, 1)) return absent;
    const int64_t vtable = (int64_t)position - to_i32(load(reader, position, 4));
    if (reader->error) return absent;
    if (vtable < 0) {
        reader_fail(reader, position, "a table's vtable lies before the file");
        return absent;
    }
    struct mote_flatbuffer_table table = {.position = position, .vtable = (size_t)vtable};
    table.vtable_bytes = (uint16_t)load(reader, table.vtable, 2);
    table.table_bytes = (uint16_t)load(reader, table.vtable + 2, 2);
    if (!reader->error && (table.vtable_bytes < 4 || table.vtable_bytes % 2 || table.table_bytes < 4))
        reader_fail(reader, table.vtable, "a vtable is malformed");
    bytes_at(reader, table.vtable, table.vtable_bytes);
    bytes_at(reader, table.position, table.table_bytes);
    return reader->error ? absent : table;
}

/* Follows the forward reference that stands at `at`; 0 on an error. */
static size_t follow(struct mote_flatbuffer *reader, size_t at)
{
    const size_t distance = (size_t)load(reader, at, 4);
    if (!reader->error && (distance < 4 || distance > reader->size_bytes - at))
        reader_fail(reader, at, "a reference leads out of the file (is it truncated?)");
    return reader->error ? 0 : at + distance;
}

struct mote_flatbuffer_table mote_flatbuffer_root(struct mote_flatbuffer *reader)
{
    const size_t position = follow(reader, 0);
    return position ? table_open(reader, position) : (struct mote_flatbuffer_table){0};
}

/* Position of a field of `bytes` bytes, 0 if it is absent or on an error. */
static size_t field_position(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                             size_t bytes)
{
    if (reader->error || !table->position || 4 + 2 * (size_t)slot + 2 > table->vtable_bytes) return 0;
    const size_t offset = (size_t)load(reader, table->vtable + 4 + 2 * (size_t)slot, 2);
    if (offset == 0) return 0;
    if (offset < 4 || offset + bytes > table->table_bytes) {
        reader_fail(reader, table->vtable, "a field lies outside of its table");
        return 0;
    }
    return table->position + offset;
}

uint8_t mote_flatbuffer_u8(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                           uint8_t absent)
{
    const size_t position = field_position(reader, table, slot, 1);
    return position ? (uint8_t)load(reader, position, 1) : absent;
}

int32_t mote_flatbuffer_i32(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                            int32_t absent)
{
    const size_t position = field_position(reader, table, slot, 4);
    return position ? to_i32(load(reader, position, 4)) : absent;
}

uint32_t mote_flatbuffer_u32(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                             uint32_t absent)
{
    const size_t position = field_position(reader, table, slot, 4);
    return position ? (uint32_t)load(reader, position, 4) : absent;
}

uint64_t mote_flatbuffer_u64(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                             uint64_t absent)
{
    const size_t position = field_position(reader, table, slot, 8);
    return position ? load(reader, position, 8) : absent;
}

float mote_flatbuffer_f32(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                          float absent)
{
    const size_t position = field_position(reader, table, slot, 4);
    return position ? to_f32(load(reader, position, 4)) : absent;
}

struct mote_flatbuffer_table mote_flatbuffer_table(struct mote_flatbuffer *reader,
                                                   const struct mote_flatbuffer_table *table, unsigned slot)
{
    const size_t field = field_position(reader, table, slot, 4);
    const size_t position = field ? follow(reader, field) : 0;
    return position ? table_open(reader, position) : (struct mote_flatbuffer_table){0};
}

static struct mote_flatbuffer_vector vector_open(struct mote_flatbuffer *reader,
                                                 const struct mote_flatbuffer_table *table, unsigned slot,
                                                 uint32_t element_bytes, bool counted)
{
    const struct mote_flatbuffer_vector absent = {0};
    const size_t field = field_position(reader, table, slot, 4);
    const size_t position = field ? follow(reader, field) : 0;
    if (!position) return absent;
    const uint32_t count = (uint32_t)load(reader, position, 4);
    if (!reader->error && count > (reader->size_bytes - position - 4) / element_bytes)
        reader_fail(reader, position, "a vector reaches beyond the file (is it truncated?)");
    if (reader->error || (counted && !spend(reader, position, count))) return absent;
    return (struct mote_flatbuffer_vector){.position = position + 4, .count = count, .element_bytes = element_bytes};
}

struct mote_flatbuffer_vector mote_flatbuffer_vector(struct mote_flatbuffer *reader,
                                                     const struct mote_flatbuffer_table *table, unsigned slot,
                                                     uint32_t element_bytes)
{
    return vector_open(reader, table, slot, element_bytes, true);
}

struct mote_flatbuffer_vector mote_flatbuffer_blob(struct mote_flatbuffer *reader,
                                                   const struct mote_flatbuffer_table *table, unsigned slot)
{
    return vector_open(reader, table, slot, 1, false);
}

/* Position of an element that has as many bytes as the vector was opened with; 0 on an error. */
static size_t element_position(struct mote_flatbuffer *reader, const struct mote_flatbuffer_vector *vector,
                               uint32_t index, uint32_t bytes)
{
    if (!reader->error && (index >= vector->count || vector->element_bytes != bytes))
        reader_fail(reader, vector->position, "an index is beyond the end of its vector");
    return reader->error ? 0 : vector->position + (size_t)index * bytes;
}

int32_t mote_flatbuffer_i32_at(struct mote_flatbuffer *reader, const struct mote_flatbuffer_vector *vector,
                               uint32_t index)
{
    const size_t position = element_position(reader, vector, index, 4);
    return position ? to_i32(load(reader, position, 4)) : 0;
}

int64_t mote_flatbuffer_i64_at(struct mote_flatbuffer *reader, const struct mote_flatbuffer_vector *vector,
                               uint32_t index)
{
    const size_t position = element_position(reader, vector, index, 8);
    const uint64_t bits = position ? load(reader, position, 8) : 0;
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float mote_flatbuffer_f32_at(struct mote_flatbuffer *reader, const struct mote_flatbuffer_vector *vector,
                             uint32_t index)
{
    const size_t position = element_position(reader, vector, index, 4);
    return position ? to_f32(load(reader, position, 4)) : 0.0f;
}

struct mote_flatbuffer_table mote_flatbuffer_table_at(struct mote_flatbuffer *reader,
                                                      const struct mote_flatbuffer_vector *vector, uint32_t index)
{
    const size_t at = element_position(reader, vector, index, 4);
    const size_t position = at ? follow(reader, at) : 0;
    return position ? table_open(reader, position) : (struct mote_flatbuffer_table){0};
}
