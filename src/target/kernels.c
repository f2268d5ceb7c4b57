#include "kernels.h"

#include <stdio.h>
#include <string.h>

/* Field tables. */
#define FIELD(s, field, kind, length) {#field, kind, length, offsetof(struct s, field)},
#define U16(s, f) FIELD(s, f, MOTE_FIELD_U16, 1)
#define S16(s, f) FIELD(s, f, MOTE_FIELD_S16, 1)
#define S32(s, f) FIELD(s, f, MOTE_FIELD_S32, 1)
#define U8(s, f) FIELD(s, f, MOTE_FIELD_U8, 1)
#define S8(s, f) FIELD(s, f, MOTE_FIELD_S8, 1)
#define F32(s, f) FIELD(s, f, MOTE_FIELD_F32, 1)
#define ARRAY_U16(s, f, length) FIELD(s, f, MOTE_FIELD_U16, length)
#define ARRAY_S32(s, f, length) FIELD(s, f, MOTE_FIELD_S32, length)
#define FLASH_U8(s, f) FIELD(s, f, MOTE_FIELD_FLASH_U8, 1)
#define FLASH_S8(s, f) FIELD(s, f, MOTE_FIELD_FLASH_S8, 1)
#define FLASH_S16(s, f) FIELD(s, f, MOTE_FIELD_FLASH_S16, 1)
#define FLASH_S32(s, f) FIELD(s, f, MOTE_FIELD_FLASH_S32, 1)
#define FLASH_S64(s, f) FIELD(s, f, MOTE_FIELD_FLASH_S64, 1)
#define PARAMS(s) static const struct mote_field fields_##s[] = {
#define END_PARAMS(s) };
#include "params.def"
#undef PARAMS
#undef END_PARAMS
#undef FIELD

#define FIELD(s, f, kind, length)
#define PARAMS(s)                                                                                                      \
    static const struct mote_params_type params_##s = {#s, sizeof(struct s), fields_##s,                               \
                                                       sizeof fields_##s / sizeof fields_##s[0]};
#define END_PARAMS(s)
#include "params.def"

/* The end of a row: the source file, and if it is given the timing or a layout. */
#define MK_STEADY_TIME MOTE_TIMING_STEADY
#define MK_SKIPS_ZEROS MOTE_TIMING_SKIPS_ZEROS
#define MK_STORES_PLANES MOTE_TIMING_UNKNOWN, true
#define MK_READS_PLANES MOTE_TIMING_UNKNOWN, false, true
#define MK_KERNEL(kernel, struct_name, overlap, inputs, scratch, out, a, b, ...)                                               \
    {.id = MOTE_KERNEL_##kernel, .name = #kernel, .params = &params_##struct_name,                                     \
     .granularity = MOTE_GRANULARITY_##overlap, .input_count = inputs, .takes_scratch = scratch, .out_type = #out,     \
     .in_types = {a, b}, .source = __VA_ARGS__},

static const struct mote_kernel kernels[] = {
#define MK_KERNEL_0(name, params, granularity, out, ...) MK_KERNEL(name, params, granularity, 0, false, out, NULL, NULL, __VA_ARGS__)
#define MK_KERNEL_1(name, params, granularity, out, in, ...) MK_KERNEL(name, params, granularity, 1, false, out, #in, NULL, __VA_ARGS__)
#define MK_KERNEL_1S(name, params, granularity, out, in, ...) MK_KERNEL(name, params, granularity, 1, true, out, #in, NULL, __VA_ARGS__)
#define MK_KERNEL_2(name, params, granularity, out, a, b, ...) MK_KERNEL(name, params, granularity, 2, false, out, #a, #b, __VA_ARGS__)
#include "mote_kernels.def"
};

const struct mote_kernel *mote_kernel_get(enum mote_kernel_id id)
{
    return &kernels[id];
}

const struct mote_kernel *mote_kernel_find(const char *name)
{
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
        if (!strcmp(kernels[i].name, name)) return &kernels[i];
    return NULL;
}

const struct mote_kernel *mote_kernel_choose(const struct mote_target *target, const char *base_name)
{
    for (const char *const *family = target->families; *family; family++) {
        char name[96];
        snprintf(name, sizeof name, "%s_%s", base_name, *family);
        const struct mote_kernel *kernel = mote_kernel_find(name);
        if (kernel) return kernel;
    }
    return NULL;
}

const char *mote_kernel_family(const struct mote_kernel *kernel)
{
    const char *last = strrchr(kernel->name, '_');
    return last ? last + 1 : "";
}

bool mote_target_has_kernel(const struct mote_target *target, const struct mote_kernel *kernel)
{
    for (const char *const *family = target->families; *family; family++)
        if (!strcmp(mote_kernel_family(kernel), *family)) return true;
    return false;
}

bool mote_field_is_flash(enum mote_field_kind kind)
{
    return kind >= MOTE_FIELD_FLASH_U8;
}

static const struct {
    size_t bytes;
    const char *c_type;
} field_kinds[] = {
    [MOTE_FIELD_U16] = {2, "uint16_t"},      [MOTE_FIELD_S16] = {2, "int16_t"},       [MOTE_FIELD_S32] = {4, "int32_t"},
    [MOTE_FIELD_U8] = {1, "uint8_t"},        [MOTE_FIELD_S8] = {1, "int8_t"},         [MOTE_FIELD_F32] = {4, "float"},
    [MOTE_FIELD_FLASH_U8] = {1, "uint8_t"},  [MOTE_FIELD_FLASH_S8] = {1, "int8_t"},   [MOTE_FIELD_FLASH_S16] = {2, "int16_t"},
    [MOTE_FIELD_FLASH_S32] = {4, "int32_t"}, [MOTE_FIELD_FLASH_S64] = {8, "int64_t"},
};

size_t mote_field_value_bytes(enum mote_field_kind kind)
{
    return field_kinds[kind].bytes;
}

const char *mote_field_c_type(enum mote_field_kind kind)
{
    return field_kinds[kind].c_type;
}

const struct mote_field *mote_params_find(const struct mote_params_type *type, const char *name)
{
    for (size_t i = 0; i < type->field_count; i++)
        if (!strcmp(type->fields[i].name, name)) return &type->fields[i];
    return NULL;
}

/* A scalar integer as its type has it. */
union integer {
    uint16_t u16;
    int16_t s16;
    int32_t s32;
    uint8_t u8;
    int8_t s8;
};

int64_t mote_params_get(const struct mote_params_type *type, const void *params, const char *name, int64_t missing)
{
    const struct mote_field *field = mote_params_find(type, name);
    if (!field) return missing;
    union integer v;
    const size_t bytes = mote_field_value_bytes(field->kind);
    if (mote_field_is_flash(field->kind) || bytes > sizeof v) return missing;
    memcpy(&v, (const char *)params + field->offset, bytes);
    switch (field->kind) {
    case MOTE_FIELD_U16: return v.u16;
    case MOTE_FIELD_S16: return v.s16;
    case MOTE_FIELD_S32: return v.s32;
    case MOTE_FIELD_U8: return v.u8;
    case MOTE_FIELD_S8: return v.s8;
    default: return missing;
    }
}

void mote_params_set(const struct mote_params_type *type, void *params, const char *name, int64_t value)
{
    const struct mote_field *field = mote_params_find(type, name);
    if (!field) return;
    union integer v;
    switch (field->kind) {
    case MOTE_FIELD_U16: v.u16 = (uint16_t)value; break;
    case MOTE_FIELD_S16: v.s16 = (int16_t)value; break;
    case MOTE_FIELD_S32: v.s32 = (int32_t)value; break;
    case MOTE_FIELD_U8: v.u8 = (uint8_t)value; break;
    case MOTE_FIELD_S8: v.s8 = (int8_t)value; break;
    default: return;
    }
    memcpy((char *)params + field->offset, &v, mote_field_value_bytes(field->kind));
}
