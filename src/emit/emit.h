/* emit.h: a plan as C that a person can read: a self-contained library, a project around it, and the glue that the
 * simulators' harness needs. Everything is text in memory; writing it to disk is the caller's business. */
#ifndef MOTE_EMIT_EMIT_H
#define MOTE_EMIT_EMIT_H

#include "../base/text.h"
#include "../plan/plan.h"

struct mote_emit_file {
    char *name; /* relative to the output folder: "model.c", "kernel/mote_kernel.h" */
    char *text;
    size_t bytes;
};

/* One golden inference, to be checked on the chip at boot. */
struct mote_emit_self_test {
    const uint8_t *input; /* the graph inputs' bytes in order */
    uint32_t output_hash; /* mk_blob_hash (32-bit FNV-1a) of the outputs' bytes in order */
};

/* Measured on the built library; measured is false when it could not be built here. */
struct mote_emit_figures {
    bool measured;
    uint32_t flash_bytes, code_bytes, ram_bytes;
    uint32_t worst_case_stack_bytes; /* 0: not known */
    const char *worst_case_stack;    /* the chain of calls, or why it is not known */
};

struct mote_emit_options {
    const char *name;    /* C identifier that prefixes everything */
    const char *source;  /* the model's file name, for comments */
    const char *command; /* that made this, for comments; may be NULL */
    const struct mote_emit_self_test *self_test; /* may be NULL */
    struct mote_emit_figures figures;
};

struct mote_emit_files {
    struct mote_emit_file *files;
    size_t count, capacity;
};

/* model.h, model.c, model_data.h (and model_data.S where constants are too large for the target's C compiler), and the
 * kernels that the plan calls with all they include, in kernel/. Appends to `out`; all text in the arena. */
MOTE_MUST_CHECK enum mote_status mote_emit_library(const struct mote_plan *plan, const struct mote_emit_options *options,
                                                   struct mote_arena *arena, struct mote_emit_files *out,
                                                   struct mote_diag *diag);

/* Makefile, CMakeLists.txt, README.md, example/main.c for the library in `library`. */
MOTE_MUST_CHECK enum mote_status mote_emit_project(const struct mote_plan *plan, const struct mote_emit_options *options,
                                                   const struct mote_emit_files *library, struct mote_arena *arena,
                                                   struct mote_emit_files *out, struct mote_diag *diag);

/* model_glue.h, by which the simulators' harness knows the model (src/sim/sim.h). */
MOTE_MUST_CHECK enum mote_status mote_emit_glue(const struct mote_plan *plan, const struct mote_emit_options *options,
                                                struct mote_arena *arena, struct mote_emit_files *out,
                                                struct mote_diag *diag);

/* ---- Firmware for blobs (emit_runtime.c) ---- */

struct mote_emit_runtime {
    const struct mote_target *target;
    const struct mote_kernel *const *kernels; /* that blobs may call, each once */
    size_t kernel_count;
    bool with_streams;   /* for blobs that are streams, too */
    const char *command; /* that made this, for comments; may be NULL */
};
/* mk_blob_kernels.c and, in kernel/, the loader, the loop, the kernels and all they include. */
MOTE_MUST_CHECK enum mote_status mote_emit_runtime(const struct mote_emit_runtime *runtime, struct mote_arena *arena,
                                                   struct mote_emit_files *out, struct mote_diag *diag);
/* Makefile and README.md around it. */
MOTE_MUST_CHECK enum mote_status mote_emit_runtime_project(const struct mote_emit_runtime *runtime, struct mote_arena *arena,
                                                           struct mote_emit_files *out, struct mote_diag *diag);
/* What makes a program for the simulators' harness of such firmware and one blob: model.c, model_blob.S, model_glue.h. */
struct mote_blob;
MOTE_MUST_CHECK enum mote_status mote_emit_blob_program(const struct mote_blob *blob, struct mote_arena *arena,
                                                        struct mote_emit_files *out, struct mote_diag *diag);

/* The arena as emitted: the plan's, and for a streamed plan the state of the stream. */
uint32_t mote_emit_arena_bytes(const struct mote_plan *plan);

/* A C identifier made of a file's name: "../my-model.v2.tflite" -> "my_model_v2". */
char *mote_emit_identifier(struct mote_arena *arena, const char *path);

#endif
