/* chips.h: the descriptions in this folder, declared from targets.def. */
#ifndef MOTE_TARGET_CHIPS_H
#define MOTE_TARGET_CHIPS_H

#include "../target.h"

#define TARGET(symbol) extern const struct mote_target mote_target_##symbol;
#include "../targets.def"
#undef TARGET

#define MOTE_KIB(count) ((uint32_t)(count) * 1024U)
#define MOTE_MHZ(count) ((uint32_t)(count) * 1000000U)

#endif
