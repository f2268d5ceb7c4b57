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
/* The vectors that a run is to get, `count` of them one behind the other; kept as they are, or cut up in the arena as the
 * image takes them. */
MOTE_MUST_CHECK enum mote_status mote_image_take_vectors(struct mote *mote, struct mote_arena *arena, struct mote_image *image,
                                                         const uint8_t *vectors, size_t count);
void mote_image_remove(struct mote_image *image);

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
