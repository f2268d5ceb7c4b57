/* host.c: the machine mote itself runs on; no limits, no energy figure. */
#include "chips.h"

static const char *const families[] = {"host", "scalar32", "ref", NULL};
static const char *const reference_families[] = {"ref", NULL};

#define THIS_MACHINE(names)                                                                                            \
    .flash_bytes = UINT32_MAX, .ram_bytes = UINT32_MAX, .clock_hz = 0, .alignment_bytes = 8, .flash_is_memory = true,  \
    .families = (names), .simulator = MOTE_SIM_HOST

const struct mote_target mote_target_host = {.name = "host", .title = "this machine", THIS_MACHINE(families)};

static const struct mote_target reference = {
    .name = "reference", .title = "this machine, reference kernels", THIS_MACHINE(reference_families)};

const struct mote_target *mote_target_reference(void)
{
    return &reference;
}
