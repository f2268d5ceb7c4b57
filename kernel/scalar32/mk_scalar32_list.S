/* mk_scalar32_list.S: lists of inputs in assembly, where there is any; see mk_scalar32_list.h. */
#include "mk_scalar32_assembly.h"

#if MK_SCALAR32_TILE_IN_ASSEMBLY && defined(__arm__)
#include "mk_scalar32_list_arm.inc"
#elif MK_SCALAR32_TILE_IN_ASSEMBLY
#include "mk_scalar32_list_rv32.inc"
#endif
