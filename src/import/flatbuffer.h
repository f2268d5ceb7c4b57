/* flatbuffer.h: a reader of flatbuffers in untrusted bytes, without generated code.
 *
 * Every access is checked against the buffer and no alignment is assumed. The first error sticks: from then on every
 * read gives its default, every vector is empty and every table absent, so that callers check `error` now and then
 * instead of after each read.
 *
 * Offsets may lead several references to one table or vector, so a small file can describe an endless amount of work.
 * `budget` bounds it: each opened table and each element of an opened vector costs one, and a file that asks for more
 * than a multiple of its own size is in error. */
#ifndef MOTE_IMPORT_FLATBUFFER_H
#define MOTE_IMPORT_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mote_flatbuffer {
    const uint8_t *bytes;
    size_t size_bytes;
    size_t budget;
    const char *error; /* NULL: all is well so far */
    size_t error_offset;
};

/* Positions are from the buffer's start; position 0 means absent. */
struct mote_flatbuffer_table {
    size_t position, vtable;
    uint16_t vtable_bytes, table_bytes;
};

struct mote_flatbuffer_vector {
    size_t position; /* of the first element */
    uint32_t count;
    uint32_t element_bytes;
};

/* Begins reading; false if the buffer is too small or its file identifier is not the given four characters. */
bool mote_flatbuffer_open(struct mote_flatbuffer *reader, const uint8_t *bytes, size_t size_bytes,
                          const char *identifier);
struct mote_flatbuffer_table mote_flatbuffer_root(struct mote_flatbuffer *reader);

/* The fields of a table by slot number; the default where the table or the field is absent. */
uint8_t mote_flatbuffer_u8(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                           uint8_t absent);
int32_t mote_flatbuffer_i32(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                            int32_t absent);
uint32_t mote_flatbuffer_u32(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                             uint32_t absent);
uint64_t mote_flatbuffer_u64(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                             uint64_t absent);
float mote_flatbuffer_f32(struct mote_flatbuffer *reader, const struct mote_flatbuffer_table *table, unsigned slot,
                          float absent);
struct mote_flatbuffer_table mote_flatbuffer_table(struct mote_flatbuffer *reader,
                                                   const struct mote_flatbuffer_table *table, unsigned slot);
struct mote_flatbuffer_vector mote_flatbuffer_vector(struct mote_flatbuffer *reader,
                                                     const struct mote_flatbuffer_table *table, unsigned slot,
                                                     uint32_t element_bytes);

/* A vector of bytes that is used in place and so costs no budget. */
struct mote_flatbuffer_vector mote_flatbuffer_blob(struct mote_flatbuffer *reader,
                                                   const struct mote_flatbuffer_table *table, unsigned slot);

/* The elements of a vector; an index beyond its end is an error of the file and gives 0. */
int32_t mote_flatbuffer_i32_at(struct mote_flatbuffer *reader, const struct mote_flatbuffer_vector *vector,
                               uint32_t index);
int64_t mote_flatbuffer_i64_at(struct mote_flatbuffer *reader, const struct mote_flatbuffer_vector *vector,
                               uint32_t index);
float mote_flatbuffer_f32_at(struct mote_flatbuffer *reader, const struct mote_flatbuffer_vector *vector,
                             uint32_t index);
struct mote_flatbuffer_table mote_flatbuffer_table_at(struct mote_flatbuffer *reader,
                                                      const struct mote_flatbuffer_vector *vector, uint32_t index);

#endif
