/* host.c: the machine mote itself runs on; no limits, no energy figure. */
#include "chips.h"

static const char *const families[] = {"ref", NULL};

const struct mote_target mote_target_host = {
    .name = "host",
    .title = "this machine",
    .flash_bytes = UINT32_MAX,
    .ram_bytes = UINT32_MAX,
    .clock_hz = 0,
    .alignment_bytes = 8,
    .flash_is_memory = true,
    .families = families,
    .simulator = MOTE_SIM_HOST,
};
