/* layout.c: parameter structs as other chips' compilers lay them out. Members are naturally aligned, up to the chip's
 * strictest alignment; pointers, by a rule that a test holds, are the last ones. */
#include "blob.h"

#include "../plan/memory.h"

#include <string.h>

_Static_assert(sizeof(union mk_blob_params) <= UINT8_MAX, "blobs give the size of parameters in a byte"); /* the host's are the largest */

struct mote_blob_layout mote_blob_layout_of(const struct mote_target *target)
{
    enum { SMALL_AVR_FLASH_BYTES = 65536 }; /* pointers of 16 bits reach so far */
    if (!target->compiler) return (struct mote_blob_layout){sizeof(void *), sizeof(void *)};
    if (target->flash_is_memory) return (struct mote_blob_layout){4, 4};
    return (struct mote_blob_layout){target->flash_bytes > SMALL_AVR_FLASH_BYTES ? 3 : 2, 1};
}

/* Where members go, one after the other. */
struct cursor {
    struct mote_blob_layout layout;
    size_t at, strictest;
};

static size_t align_up(size_t at, size_t alignment)
{
    return (at + alignment - 1) / alignment * alignment;
}

/* The place of the next member, of count elements of that size. */
static size_t place(struct cursor *cursor, size_t bytes, size_t count)
{
    const size_t alignment = bytes < cursor->layout.alignment_bytes ? bytes : cursor->layout.alignment_bytes;
    const size_t at = align_up(cursor->at, alignment);
    if (alignment > cursor->strictest) cursor->strictest = alignment;
    cursor->at = at + bytes * count;
    return at;
}

static size_t member_bytes(const struct mote_field *field, struct mote_blob_layout layout)
{
    return mote_field_is_flash(field->kind) ? layout.pointer_bytes : mote_field_value_bytes(field->kind);
}

size_t mote_blob_params_bytes(const struct mote_params_type *type, struct mote_blob_layout layout, uint8_t *pointer_count)
{
    struct cursor cursor = {layout, 0, 1};
    uint8_t pointers = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mote_field *field = &type->fields[i];
        (void)place(&cursor, member_bytes(field, layout), field->array_length);
        pointers = (uint8_t)(pointers + mote_field_is_flash(field->kind));
    }
    if (pointer_count) *pointer_count = pointers;
    return align_up(cursor.at, cursor.strictest);
}

void mote_blob_params_write(const struct mote_params_type *type, struct mote_blob_layout layout, const void *params,
                            const uint32_t *places, uint8_t *out)
{
    struct cursor cursor = {layout, 0, 1};
    memset(out, 0, mote_blob_params_bytes(type, layout, NULL));
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mote_field *field = &type->fields[i];
        const size_t bytes = member_bytes(field, layout), at = place(&cursor, bytes, field->array_length);
        if (mote_field_is_flash(field->kind)) /* little-endian: the place's low bytes come first */
            memcpy(out + at, places++, bytes < sizeof *places ? bytes : sizeof *places);
        else memcpy(out + at, (const uint8_t *)params + field->offset, bytes * field->array_length);
    }
}

void mote_blob_params_read(const struct mote_params_type *type, struct mote_blob_layout layout, const uint8_t *in,
                           const uint8_t *bytes, void *params)
{
    struct cursor cursor = {layout, 0, 1};
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mote_field *field = &type->fields[i];
        const size_t size = member_bytes(field, layout), at = place(&cursor, size, field->array_length);
        uint8_t *to = (uint8_t *)params + field->offset;
        if (!mote_field_is_flash(field->kind)) {
            memcpy(to, in + at, size * field->array_length);
            continue;
        }
        uint32_t offset = 0;
        memcpy(&offset, in + at, size < sizeof offset ? size : sizeof offset);
        const void *pointer = offset ? bytes + offset : NULL;
        memcpy(to, &pointer, sizeof pointer);
    }
}

uint32_t mote_blob_kernel_id(const struct mote_kernel *kernel)
{
    return mk_blob_hash(MK_BLOB_HASH, kernel->name, (uint32_t)strlen(kernel->name));
}

const struct mote_kernel *mote_blob_kernel_of(uint32_t id)
{
    for (int i = 0; i < MOTE_KERNEL_COUNT; i++)
        if (mote_blob_kernel_id(mote_kernel_get((enum mote_kernel_id)i)) == id) return mote_kernel_get((enum mote_kernel_id)i);
    return NULL;
}

static const uint8_t types[MOTE_DTYPE_COUNT] = {
    [MOTE_S8] = MK_BLOB_S8,   [MOTE_U8] = MK_BLOB_U8,   [MOTE_S16] = MK_BLOB_S16,  [MOTE_S32] = MK_BLOB_S32,
    [MOTE_S64] = MK_BLOB_S64, [MOTE_F32] = MK_BLOB_F32, [MOTE_BOOL] = MK_BLOB_BOOL};

uint8_t mote_blob_type_of(enum mote_dtype dtype)
{
    return types[dtype];
}

enum mote_dtype mote_blob_dtype_of(uint8_t type)
{
    int dtype = 0;
    while (dtype < MOTE_DTYPE_COUNT && types[dtype] != type) dtype++;
    return (enum mote_dtype)dtype;
}

/* Of values at an operand of that C type, which is NULL if the kernel has no such operand. */
static uint8_t alignment_of(const char *c_type, struct mote_blob_layout layout)
{
    const uint32_t bytes = c_type ? mote_memory_type_bytes(c_type) : 1;
    return bytes < layout.alignment_bytes ? (uint8_t)bytes : layout.alignment_bytes;
}

struct mk_blob_kernel mote_blob_kernel(const struct mote_kernel *kernel, struct mote_blob_layout layout)
{
    const uint8_t out = alignment_of(kernel->out_type, layout), in = alignment_of(kernel->in_types[0], layout);
    struct mk_blob_kernel row = {.id = mote_blob_kernel_id(kernel),
                                 .alignment_bytes = out > in ? out : in,
                                 .second_alignment_bytes = alignment_of(kernel->takes_scratch ? "int32_t" : kernel->in_types[1], layout)};
    row.params_bytes = (uint8_t)mote_blob_params_bytes(kernel->params, layout, &row.pointer_count);
    return row;
}
