/* mk_fully_connected_s8_k1024_armv7em.c: up to 1024 inputs; see mk_armv7em_fully_connected.h. */
#include "mk_armv7em_fully_connected.h"

MK_ARMV7EM_FULLY_CONNECTED(mk_fully_connected_s8_k1024_armv7em, 1024)
