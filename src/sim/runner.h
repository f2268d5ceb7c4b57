/* runner.h: the two ways of running an image. */
#ifndef MOTE_SIM_RUNNER_H
#define MOTE_SIM_RUNNER_H

#include "elf_image.h"
#include "sim.h"

#define MOTE_SIM_DEFAULT_LIMIT UINT64_C(4000000000)

/* Both fill what they measure of *result, whose sizes are already known (zero when job->trace: the image then holds
 * more than the library), and leave the rest alone. */

/* libsimavr, in this process: cycle exact. */
MOTE_MUST_CHECK enum mote_status mote_simavr_run(const struct mote_sim_job *job, const struct mote_elf_image *image,
                                                 struct mote_arena *arena, struct mote_sim_result *result,
                                                 struct mote_diag *diag);

/* A program of its own - QEMU, or the image itself on the host - that exchanges files in the job's folder. */
MOTE_MUST_CHECK enum mote_status mote_sim_files_run(const struct mote_sim_job *job, const struct mote_elf_image *image,
                                                    struct mote_arena *arena, struct mote_sim_result *result,
                                                    struct mote_diag *diag);

/* What the machine of a QEMU target needs. */
struct mote_qemu_machine {
    const char *name, *linker_script;
    double instructions_per_tick; /* of the clock that the harness reads, with -icount shift=0 */
};
/* The machine of that name; never NULL for a target of this project. */
const struct mote_qemu_machine *mote_qemu_machine_find(const char *name);

/* By falling cycles. */
void mote_sim_sort_functions(struct mote_sim_function *functions, size_t count);

/* Bytes of all inputs, or all outputs, of one vector. */
size_t mote_sim_span_bytes(const struct mote_sim_span *spans, size_t count);

#endif
