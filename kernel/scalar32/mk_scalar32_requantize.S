/* mk_scalar32_requantize.S: sums to outputs in assembly, where there is any; see mk_scalar32_requantize.h. */
#include "mk_scalar32_assembly.h"

#if MK_SCALAR32_TILE_IN_ASSEMBLY && defined(__arm__)
#include "mk_scalar32_requantize_arm.inc"
#elif MK_SCALAR32_TILE_IN_ASSEMBLY
#include "mk_scalar32_requantize_rv32.inc"
#endif
