#include "mote.h"

#include "../sim/sim.h"
#include "../target/target.h"

#include <stdio.h>

size_t mote_target_count(void)
{
    size_t count;
    mote_target_all(&count);
    return count;
}

static const char *simulator_title(enum mote_simulator simulator)
{
    switch (simulator) {
    case MOTE_SIM_HOST: return "this machine";
    case MOTE_SIM_SIMAVR: return "simavr (cycle exact)";
    case MOTE_SIM_QEMU_ARM:
    case MOTE_SIM_QEMU_RV32: return "QEMU (instructions)";
    }
    return "";
}

/* Family lists are few and constant; they are joined once into static text per target. */
static const char *families_text(const struct mote_target *target, size_t index)
{
    static char texts[64][96];
    if (index >= sizeof texts / sizeof texts[0]) return "";
    size_t used = 0;
    for (const char *const *family = target->families; *family && used < sizeof texts[0]; family++) {
        const int n = snprintf(texts[index] + used, sizeof texts[0] - used, "%s%s", used ? ", " : "", *family);
        if (n > 0) used += (size_t)n;
    }
    return texts[index];
}

struct mote_target_info mote_target_info(size_t index)
{
    size_t count;
    const struct mote_target *t = mote_target_all(&count)[index];
    struct mote_target_info info = {
        .name = t->name,
        .title = t->title,
        .flash_bytes = t->flash_bytes,
        .ram_bytes = t->ram_bytes,
        .clock_hz = t->clock_hz,
        .families = families_text(t, index),
        .simulator = simulator_title(t->simulator),
        .cycle_exact = t->simulator == MOTE_SIM_SIMAVR,
        .energy_volts = t->energy.volts,
        .energy_amperes = t->energy.amperes,
        .energy_hertz = t->energy.hertz,
        .energy_source = t->energy.source,
        .timing_source = t->timing_source,
        .cycles_source = t->cycles_source,
    };
    info.available = mote_sim_available(t, &info.missing);
    if (info.available) info.missing = NULL;
    return info;
}
