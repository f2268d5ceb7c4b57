/* mk_armv7em_position.h: the tile for a single position, as of fully connected layers (mk_armv7em_position.S). */
#ifndef MK_ARMV7EM_POSITION_H
#define MK_ARMV7EM_POSITION_H

#include "mk_armv7em_tile.h"

/* All output channels of one position, four at a time. */
void mk_armv7em_dual_1(const struct mk_armv7em_tile *tile);

#endif
