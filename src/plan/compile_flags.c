/* compile_flags.c: how the C compiler is to optimise the kernels of a plan. */
#include "plan.h"

#include <string.h>

/* Is all of the work done by kernels of Cortex-M4's family, whose loops are assembly? What is left for the compiler then takes 7 to 9 % less
 * flash and 0.1 to 1.6 % more time if it is optimised for size (doc/kernels/armv7em.md, "Code"). */
static bool is_mostly_assembly(const struct mote_plan *plan)
{
    for (int32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].macs > 0 && strcmp(mote_kernel_family(plan->steps[s].kernel), "armv7em") != 0) return false;
    return true;
}

const char *mote_plan_compile_flags(const struct mote_plan *plan)
{
    if (plan->optimize == MOTE_PLAN_SIZE) return "-Os -DMK_OPTIMIZE_SIZE";
    return plan->optimize == MOTE_PLAN_BALANCED && is_mostly_assembly(plan) ? "-Os" : "-O2";
}
