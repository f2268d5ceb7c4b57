/* image.h: a planned model as files on disk, built and run. */
#ifndef MOTE_API_IMAGE_H
#define MOTE_API_IMAGE_H

#include "session.h"

#include "../emit/emit.h"
#include "../sim/sim.h"

/* Emits library, glue and harness into a temporary folder and describes a job that builds or runs it. The caller removes
 * the folder with mote_image_remove, also after a failure. */
struct mote_image {
    char folder[512];
    struct mote_sim_span *spans;
    struct mote_sim_job job;
};
MOTE_MUST_CHECK enum mote_status mote_image_prepare(struct mote *mote, struct mote_arena *arena, struct mote_image *image);
/* Its parts: the folder; files and the harness in it; the job. */
MOTE_MUST_CHECK enum mote_status mote_image_begin(struct mote *mote, struct mote_image *image);
MOTE_MUST_CHECK enum mote_status mote_image_write(struct mote *mote, const struct mote_image *image,
                                                  const struct mote_emit_files *files);
MOTE_MUST_CHECK enum mote_status mote_image_describe(struct mote *mote, struct mote_arena *arena, struct mote_image *image);
/* The vectors that a run is to get, `count` of them one behind the other; kept as they are, or cut up in the arena as the
 * image takes them. */
MOTE_MUST_CHECK enum mote_status mote_image_take_vectors(struct mote *mote, struct mote_arena *arena, struct mote_image *image,
                                                         const uint8_t *vectors, size_t count);
/* The same of a firmware with a blob in it, and no other kernels than the blob calls. */
MOTE_MUST_CHECK enum mote_status mote_image_prepare_blob(struct mote *mote, const struct mote_blob *blob,
                                                         struct mote_arena *arena, struct mote_image *image);
void mote_image_remove(struct mote_image *image);

/* Of a random input the reference's output hash. */
MOTE_MUST_CHECK enum mote_status mote_image_self_test(struct mote *mote, struct mote_arena *arena,
                                                      struct mote_emit_self_test *test);

/* Builds the planned library once, or firmware with the blob if it is not NULL, to state its size. Without the target's
 * compiler, and on the host, *measured and *sizes stay as they are: not an error. */
MOTE_MUST_CHECK enum mote_status mote_image_measure(struct mote *mote, const struct mote_blob *blob, struct mote_arena *arena,
                                                    struct mote_sim_result *sizes, bool *measured);

/* --force replaces what mote wrote earlier, which the file `mark` tells ("model.c"), not whatever a mistyped path names;
 * `what` it is ("a library") for the message. */
MOTE_MUST_CHECK enum mote_status mote_image_check_replaceable(struct mote *mote, const char *output, bool force,
                                                              const char *what, const char *mark);
/* Writes the files as a new folder, whole or not at all. */
MOTE_MUST_CHECK enum mote_status mote_image_write_folder(struct mote *mote, const char *output, bool force,
                                                         const struct mote_emit_files *files);

/* Progress of a simulation, for struct mote_sim_job; context is the session. */
bool mote_image_progress(void *context, size_t done, size_t total);
/* Notes in the plan's info what a build or a run has found to be short. */
void mote_image_note_lacks(struct mote *mote, const struct mote_sim_lack *lacks);

/* MOTE_ERR_NO_FIT if the built image exceeds the chip. */
MOTE_MUST_CHECK enum mote_status mote_image_check_fit(struct mote *mote, const struct mote_sim_result *sizes);

/* The C identifier of the model: `wanted`, or made of the model's path. MOTE_ERR_INPUT if wanted is not one. */
MOTE_MUST_CHECK enum mote_status mote_image_name(struct mote *mote, const char *wanted, struct mote_arena *arena,
                                                 const char **name);

#endif
