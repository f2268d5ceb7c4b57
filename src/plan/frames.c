#include "frames.h"

#include <string.h>

/* Held against the simulator by test/test_stack.c. mk_avr_depthwise_3x3 pushes 18 registers of its caller, 5 bytes of its own and 3 for each window of a row, of which there
 * is one more than columns (kernel/avr/mk_avr_depthwise.S). */
static uint32_t depthwise_3x3_bytes(const struct mk_conv_avr *params)
{
    return 18 + 5 + 3 * (params->in_w + 1u);
}

size_t mote_plan_frames(const struct mote_plan *plan, struct mote_plan_frame frames[MOTE_PLAN_FRAMES])
{
    uint32_t most = 0;
    for (int32_t i = 0; i < plan->step_count; i++) {
        const struct mote_step *step = &plan->steps[i];
        if (strcmp(step->kernel->name, "depthwise_conv_2d_s8_3x3_avr") != 0) continue;
        const uint32_t bytes = depthwise_3x3_bytes(step->params);
        if (bytes > most) most = bytes;
    }
    if (!most) return 0;
    frames[0] = (struct mote_plan_frame){"mk_avr_depthwise_3x3", most};
    return 1;
}
