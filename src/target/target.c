#include "target.h"

#include "chips/chips.h"

#include <string.h>

static const struct mote_target *const targets[] = {
#define TARGET(symbol) &mote_target_##symbol,
#include "targets.def"
#undef TARGET
};

const struct mote_target *const *mote_target_all(size_t *count)
{
    *count = sizeof targets / sizeof targets[0];
    return targets;
}

const struct mote_target *mote_target_find(const char *name)
{
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        if (strcmp(targets[i]->name, name) == 0) return targets[i];
    }
    return NULL;
}

double mote_target_energy_uj(const struct mote_target *target, double cycles)
{
    const struct mote_energy *energy = &target->energy;
    if (!(energy->volts > 0 && energy->amperes > 0 && energy->hertz > 0) || cycles < 0) return -1;
    return energy->volts * energy->amperes * cycles / energy->hertz * 1e6;
}
