/* mk_blob_test.c: what an application may want besides running a blob: its inputs and outputs, and proof that it works. */
#include "mk_blob.h"

struct mk_blob_port mk_blob_port(const struct mk_blob *blob, uint8_t index)
{
    struct mk_blob_port port;
    mk_blob_read(blob->bytes, blob->plan.ports_at + index * (uint32_t)sizeof port, &port, sizeof port);
    return port;
}

uint32_t mk_blob_hash(uint32_t hash, const void *bytes, uint32_t count)
{
    for (const uint8_t *byte = bytes; count > 0; count--) hash = (hash ^ *byte++) * UINT32_C(16777619);
    return hash;
}

#if !defined(MK_BLOB_WITHOUT_STREAMS)
/* The stored input, pushed row by row. */
static void mk_blob_push_stored(struct mk_blob *blob, void *arena, uint32_t at)
{
    const uint32_t row_bytes = mk_blob_stream(blob).row_bytes;
    mk_blob_begin(blob);
    do {
        mk_flash_copy(mk_blob_next_row(blob, arena), mk_flash_skip_s8((MK_FLASH int8_t *)blob->bytes, at), (size_t)row_bytes);
        at += row_bytes;
    } while (!mk_blob_push_row(blob, arena));
}
#endif

uint8_t mk_blob_self_test(struct mk_blob *blob, void *arena)
{
    uint32_t expected, hash = MK_BLOB_HASH, at = blob->plan.test_at;
    if (!at) return 0;
    mk_blob_read(blob->bytes, at, &expected, sizeof expected);
    at += 4;
    for (uint8_t i = 0; i < blob->plan.input_count && !blob->plan.stream_at; i++) {
        const struct mk_blob_port port = mk_blob_port(blob, i);
        mk_flash_copy((uint8_t *)arena + (size_t)port.offset, mk_flash_skip_s8((MK_FLASH int8_t *)blob->bytes, at),
                      (size_t)port.bytes);
        at += port.bytes;
    }
#if !defined(MK_BLOB_WITHOUT_STREAMS)
    if (blob->plan.stream_at) mk_blob_push_stored(blob, arena, at);
    else
#endif
        mk_blob_run(blob, arena);
    for (uint8_t i = 0; i < blob->plan.output_count; i++) {
        const struct mk_blob_port port = mk_blob_port(blob, (uint8_t)(blob->plan.input_count + i));
        hash = mk_blob_hash(hash, (uint8_t *)arena + (size_t)port.offset, port.bytes);
    }
    return hash == expected;
}
