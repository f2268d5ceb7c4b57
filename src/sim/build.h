/* build.h: from an emitted library to images. */
#ifndef MOTE_SIM_BUILD_H
#define MOTE_SIM_BUILD_H

#include "elf_image.h"
#include "sim.h"

#define MOTE_SIM_OBJECTS "simulate" /* the folder, inside the job's, that holds objects and images */
#define MOTE_SIM_SIZE_IMAGE MOTE_SIM_OBJECTS "/size.elf"
#define MOTE_SIM_RUN_IMAGE MOTE_SIM_OBJECTS "/run.elf"

enum mote_sim_kind {
    MOTE_SIM_SIZE, /* the library with a main that only calls it */
    MOTE_SIM_RUN,  /* the library with the simulator's harness */
};

/* The compiled library of a job; lives in the arena. */
struct mote_sim_objects {
    const char **paths; /* relative to the job's folder */
    size_t count, capacity;
};

/* Writes the harness into the job's folder and compiles the library there. */
MOTE_MUST_CHECK enum mote_status mote_sim_compile(const struct mote_sim_job *job, struct mote_arena *arena,
                                                  struct mote_sim_objects *objects, struct mote_diag *diag);

struct mote_sim_linked {
    char *path;
    struct mote_elf_image image;
    struct mote_sim_objects objects; /* the library's and the harness's */
};

/* Links one image and reads it; all of *linked lives in the arena. */
MOTE_MUST_CHECK enum mote_status mote_sim_link(const struct mote_sim_job *job, const struct mote_sim_objects *objects,
                                               enum mote_sim_kind kind, struct mote_arena *arena,
                                               struct mote_sim_linked *linked, struct mote_diag *diag);

/* Fills the sizes of *result from an image and checks them against the chip. MOTE_ERR_NO_FIT names every excess. */
MOTE_MUST_CHECK enum mote_status mote_sim_measure(const struct mote_sim_job *job, const struct mote_elf_image *image,
                                                  struct mote_sim_result *result, struct mote_diag *diag);

#endif
