/* kernels.h: what the compiler knows of the kernels: one row per kernel (from mote_kernels.def) and the fields of each
 * parameter struct (from params.def), so that plans print, C is emitted and blobs are written without per-kernel code. */
#ifndef MOTE_TARGET_KERNELS_H
#define MOTE_TARGET_KERNELS_H

#include "mote_kernel.h"
#include "target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mote_kernel_id {
#define MK_KERNEL_0(name, ...) MOTE_KERNEL_##name,
#define MK_KERNEL_1(name, ...) MOTE_KERNEL_##name,
#define MK_KERNEL_1S(name, ...) MOTE_KERNEL_##name,
#define MK_KERNEL_2(name, ...) MOTE_KERNEL_##name,
#include "mote_kernels.def"
#undef MK_KERNEL_0
#undef MK_KERNEL_1
#undef MK_KERNEL_1S
#undef MK_KERNEL_2
    MOTE_KERNEL_COUNT
};

enum mote_field_kind {
    MOTE_FIELD_U16,
    MOTE_FIELD_S16,
    MOTE_FIELD_S32,
    MOTE_FIELD_U8,
    MOTE_FIELD_S8,
    MOTE_FIELD_F32,
    MOTE_FIELD_FLASH_U8, /* pointers to constants */
    MOTE_FIELD_FLASH_S8,
    MOTE_FIELD_FLASH_S16,
    MOTE_FIELD_FLASH_S32,
    MOTE_FIELD_FLASH_S64
};

struct mote_field {
    const char *name;
    enum mote_field_kind kind;
    uint8_t array_length; /* 1 for a scalar */
    size_t offset;        /* in the host's struct */
};

struct mote_params_type {
    const char *name; /* "mk_conv" */
    size_t bytes;     /* of the host's struct */
    const struct mote_field *fields;
    size_t field_count;
};

#define MOTE_MAX_CONSTANTS 6 /* flash pointers in one parameter struct, at most */

/* What an output may overwrite while it is computed: mote_kernel.h, "Overlap". */
enum mote_granularity {
    MOTE_GRANULARITY_ROW,
    MOTE_GRANULARITY_BOTH,
    MOTE_GRANULARITY_PIXEL,   /* as ROW, and within a row */
    MOTE_GRANULARITY_CHANNEL, /* as BOTH, and within a row */
    MOTE_GRANULARITY_ELEMENT
};

/* Kernels that compute rows in descending order as well. */
static inline bool mote_granularity_descends(enum mote_granularity granularity)
{
    return granularity == MOTE_GRANULARITY_BOTH || granularity == MOTE_GRANULARITY_CHANNEL;
}

/* How a kernel's running time depends on the values it is given. */
enum mote_timing {
    MOTE_TIMING_UNKNOWN,     /* in some way or other */
    MOTE_TIMING_STEADY,      /* not at all */
    MOTE_TIMING_SKIPS_ZEROS, /* the more inputs are x' = 0, the least value of their type, the faster */
};

struct mote_kernel {
    enum mote_kernel_id id;
    const char *name; /* "conv_2d_s8_ref"; the C function is mk_<name> */
    const struct mote_params_type *params;
    enum mote_granularity granularity;
    uint8_t input_count;
    bool takes_scratch;
    const char *out_type, *in_types[2]; /* C types: "int8_t" */
    const char *source;                 /* file below kernel/ */
    enum mote_timing timing;
    bool stores_planes, reads_planes; /* output or input in planes, mk_conv_planes_armv7em */
};

const struct mote_kernel *mote_kernel_get(enum mote_kernel_id id);
/* By full name ("conv_2d_s8_ref"); NULL if there is none. */
const struct mote_kernel *mote_kernel_find(const char *name);
/* The kernel of that base name ("conv_2d_s8") in the first of the target's families that has one; NULL if none has. */
const struct mote_kernel *mote_kernel_choose(const struct mote_target *target, const char *base_name);

/* The last part of its name: "avr", "ref". */
const char *mote_kernel_family(const struct mote_kernel *kernel);
/* The kernel belongs to one of the target's families. */
bool mote_target_has_kernel(const struct mote_target *target, const struct mote_kernel *kernel);

/* Fields by their names. NULL: the struct has none of that name. */
const struct mote_field *mote_params_find(const struct mote_params_type *type, const char *name);
/* The value of a scalar integer field, or `missing` if the struct has none of that name. */
int64_t mote_params_get(const struct mote_params_type *type, const void *params, const char *name, int64_t missing);
/* Sets a scalar integer field, if there is one of that name, to a value of its type. */
void mote_params_set(const struct mote_params_type *type, void *params, const char *name, int64_t value);

bool mote_field_is_flash(enum mote_field_kind kind);
/* Bytes of one value; of one pointed-to element for flash kinds. */
size_t mote_field_value_bytes(enum mote_field_kind kind);
const char *mote_field_c_type(enum mote_field_kind kind); /* of the value or the pointed-to element */

#endif
