/* frames.h: the stack of kernels whose code does not show it, because they push as much as the model's sizes say. */
#ifndef MOTE_PLAN_FRAMES_H
#define MOTE_PLAN_FRAMES_H

#include "plan.h"

enum { MOTE_PLAN_FRAMES = 1 };

struct mote_plan_frame {
    const char *function; /* static text */
    uint32_t bytes;       /* on the stack at most when it calls another one, return addresses not counted */
};

/* Fills in those of the plan; returns their number. */
size_t mote_plan_frames(const struct mote_plan *plan, struct mote_plan_frame frames[MOTE_PLAN_FRAMES]);

#endif
