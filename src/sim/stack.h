/* stack.h: how deep the stack of a built image can get, without running it. */
#ifndef MOTE_SIM_STACK_H
#define MOTE_SIM_STACK_H

#include "build.h"

/* Finds the deepest chain of calls from main in the image at path and adds up its frames. Frames are the compiler's
 * (-fstack-usage, in *.su beside the objects); functions without, which are assembly or come from libraries, are followed
 * instruction by instruction. Fills worst_case_stack_bytes and worst_case_stack of *result; bytes stay 0 where no bound
 * can be found, as with recursion or calls through pointers, and the text says why: that is no error. */
MOTE_MUST_CHECK enum mote_status mote_sim_stack(const struct mote_sim_job *job, const struct mote_sim_objects *objects,
                                                const char *path, const struct mote_elf_image *image,
                                                struct mote_arena *arena, struct mote_sim_result *result,
                                                struct mote_diag *diag);

#endif
