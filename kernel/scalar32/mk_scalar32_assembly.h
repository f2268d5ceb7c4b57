/* mk_scalar32_assembly.h: which machines have assembly of their own. Included by C and by assembly. */
#ifndef MK_SCALAR32_ASSEMBLY_H
#define MK_SCALAR32_ASSEMBLY_H

#if defined(__arm__) && defined(__thumb__)
#define MK_SCALAR32_TILE_IN_ASSEMBLY 1
#elif defined(__riscv) && __riscv_xlen == 32 && defined(__riscv_mul) && !defined(__riscv_32e)
#define MK_SCALAR32_TILE_IN_ASSEMBLY 1
#else
#define MK_SCALAR32_TILE_IN_ASSEMBLY 0
#endif

/* Products are looked up (mk_scalar32_squares.h). */
#if defined(__riscv) && !defined(__riscv_mul)
#define MK_SCALAR32_BY_SQUARES 1
#else
#define MK_SCALAR32_BY_SQUARES 0
#endif

/* On RV32, weights of 8 bits have no tile of their own. */
#if MK_SCALAR32_TILE_IN_ASSEMBLY && defined(__arm__)
#define MK_SCALAR32_BYTES_TILE_IN_ASSEMBLY 1
#else
#define MK_SCALAR32_BYTES_TILE_IN_ASSEMBLY 0
#endif

/* Four inputs of a chunk and sixteen sums need more registers than Arm has. */
#if MK_SCALAR32_TILE_IN_ASSEMBLY && defined(__riscv)
#define MK_SCALAR32_QUADS_IN_ASSEMBLY 1
#else
#define MK_SCALAR32_QUADS_IN_ASSEMBLY 0
#endif

/* So do the sums of two positions. */
#if MK_SCALAR32_TILE_IN_ASSEMBLY && defined(__riscv)
#define MK_SCALAR32_TWICE_IN_ASSEMBLY 1
#else
#define MK_SCALAR32_TWICE_IN_ASSEMBLY 0
#endif

/* The sums of depthwise layers of any filter. */
#if MK_SCALAR32_TILE_IN_ASSEMBLY && defined(__ARM_ARCH_6M__)
#define MK_SCALAR32_TAPS_IN_ASSEMBLY 1
#else
#define MK_SCALAR32_TAPS_IN_ASSEMBLY 0
#endif

/* It requantises by the high word or, where there is none, by estimate. */
#if MK_SCALAR32_TILE_IN_ASSEMBLY && defined(__ARM_ARCH_6M__)
#define MK_SCALAR32_BY_ESTIMATE 1
#else
#define MK_SCALAR32_BY_ESTIMATE 0
#endif

#endif
