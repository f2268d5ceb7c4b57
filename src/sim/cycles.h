/* cycles.h: estimated cycles of a run under QEMU, by the plugin in timing/. */
#ifndef MOTE_SIM_CYCLES_H
#define MOTE_SIM_CYCLES_H

#include "elf_image.h"
#include "sim.h"

#define MOTE_SIM_CYCLES_FILE "harness_cycles.bin"

/* Writes the plugin into the job's folder if the job wants an estimate and its target has a timing. *argument receives QEMU's
 * argument, held by the arena, or NULL. */
MOTE_MUST_CHECK enum mote_status mote_sim_cycles_prepare(const struct mote_sim_job *job, struct mote_arena *arena,
                                                         const char **argument, struct mote_diag *diag);

/* Did QEMU load the plugin? One without support for plugins, or for others, ends at once. */
bool mote_sim_cycles_loaded(const struct mote_sim_job *job, struct mote_arena *arena);

/* Fills the estimates of *result and its traces, and its functions if the job wants a profile, from what the plugin wrote. They
 * stay negative, and there are no functions, if an instruction was executed whose timing is not known. */
MOTE_MUST_CHECK enum mote_status mote_sim_cycles_take(const struct mote_sim_job *job, const struct mote_elf_image *image,
                                                      struct mote_arena *arena, struct mote_sim_result *result,
                                                      struct mote_diag *diag);

#endif
