/* blob.h: plans as bytes that a chip runs in place (kernel/blob/mk_blob.h, doc/spec/blob.md): written, read, checked, and run in
 * this process by the device's own loop. */
#ifndef MOTE_BLOB_BLOB_H
#define MOTE_BLOB_BLOB_H

#include "../base/text.h"
#include "../plan/plan.h"

#include "mk_blob.h"

/* One golden inference, kept in the blob. */
struct mote_blob_test {
    const uint8_t *input; /* the graph inputs' bytes in order */
    uint32_t output_hash; /* mk_blob_hash of the outputs' bytes in order */
};

/* ---- layout.c: how a chip's compiler lays out a parameter struct ---- */

struct mote_blob_layout {
    uint8_t pointer_bytes;   /* of a pointer to flash */
    uint8_t alignment_bytes; /* at most, of any member */
};
struct mote_blob_layout mote_blob_layout_of(const struct mote_target *target);
/* Bytes of the struct on that chip; *pointer_count, which may be NULL, receives how many pointers end it. */
size_t mote_blob_params_bytes(const struct mote_params_type *type, struct mote_blob_layout layout, uint8_t *pointer_count);
/* From this machine's struct to the chip's bytes, with the given places instead of pointers, in field order; and back, with
 * pointers to `bytes` + place. */
void mote_blob_params_write(const struct mote_params_type *type, struct mote_blob_layout layout, const void *params,
                            const uint32_t *places, uint8_t *out);
void mote_blob_params_read(const struct mote_params_type *type, struct mote_blob_layout layout, const uint8_t *in,
                           const uint8_t *bytes, void *params);

/* The id of a kernel in blobs: the hash of its name. */
uint32_t mote_blob_kernel_id(const struct mote_kernel *kernel);
/* NULL if there is none. */
const struct mote_kernel *mote_blob_kernel_of(uint32_t id);
/* What a firmware for chips of that layout says of the kernel. */
struct mk_blob_kernel mote_blob_kernel(const struct mote_kernel *kernel, struct mote_blob_layout layout);

/* The type of a port's elements, as blobs number it, and back; MOTE_DTYPE_COUNT: there is none of that number. */
uint8_t mote_blob_type_of(enum mote_dtype dtype);
enum mote_dtype mote_blob_dtype_of(uint8_t type);

/* ---- write.c ---- */

/* Appends the plan as a blob to *text, which the caller frees also after a failure. test may be NULL. MOTE_ERR_UNSUPPORTED, with
 * the reason, for plans in strips, windows that slide, and what is too large for the format. */
MOTE_MUST_CHECK enum mote_status mote_blob_write(const struct mote_plan *plan, const struct mote_blob_test *test,
                                                 struct mote_text *text, struct mote_diag *diag);

/* ---- read.c: blobs from anywhere ---- */

struct mote_blob_call_read {
    const struct mote_kernel *kernel;
    struct mk_blob_step step;
    void *params; /* this machine's struct; its pointers point into the blob */
};

struct mote_blob {
    const uint8_t *bytes; /* aligned for any type; outlives this */
    size_t byte_count;
    const struct mote_target *target;
    struct mk_blob_header header;
    struct mk_blob_port *ports; /* inputs, then outputs */
    struct mk_blob_stream stream; /* all zero if it is none */
    struct mote_blob_call_read *calls; /* header.plan.step_count */
};

/* Does the file begin as a blob? */
bool mote_blob_is_one(const void *bytes, size_t byte_count);
/* Reads a blob for any chip that mote knows. MOTE_ERR_INPUT says what is wrong with it. The result refers to the bytes. */
MOTE_MUST_CHECK enum mote_status mote_blob_read(const void *bytes, size_t byte_count, struct mote_arena *arena,
                                                struct mote_blob **blob, struct mote_diag *diag);

/* Of a stream: where row `row` of the input goes in the arena. */
uint32_t mote_blob_input_row(const struct mote_blob *blob, uint32_t row);

/* ---- check.c ----
 * May the blob run in this process, whoever made it? MOTE_ERR_UNSUPPORTED if it is not for the host, is a stream, or calls a kernel
 * whose parameters mote cannot judge; MOTE_ERR_INPUT if parameters would lead a kernel out of the arena or the blob, or its
 * arithmetic out of what C defines. *work, which may be NULL, receives how often inner loops turn at most. */
MOTE_MUST_CHECK enum mote_status mote_blob_check(const struct mote_blob *blob, double *work, struct mote_diag *diag);

/* ---- run.c ----
 * One inference by mk_blob_run; the blob has passed mote_blob_check, `memory` has its arena's bytes aligned for any type.
 * Reads and writes the inputs' and outputs' bytes in order. MOTE_ERR_INPUT if mk_blob_open refuses it. */
MOTE_MUST_CHECK enum mote_status mote_blob_run(const struct mote_blob *blob, uint8_t *memory, const uint8_t *input,
                                               uint8_t *output, struct mote_diag *diag);
/* What an error of mk_blob_open means, for people. */
const char *mote_blob_error_text(enum mk_blob_error error);

#endif
