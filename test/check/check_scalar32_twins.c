/* check_scalar32_twins.c: the portable twins of kernel/scalar32's assembly under other names, beside it in one image. */
#include "mk_scalar32_assembly.h"

#undef MK_SCALAR32_TILE_IN_ASSEMBLY
#define MK_SCALAR32_TILE_IN_ASSEMBLY 0
#undef MK_SCALAR32_BYTES_TILE_IN_ASSEMBLY
#define MK_SCALAR32_BYTES_TILE_IN_ASSEMBLY 0
#undef MK_SCALAR32_TAPS_IN_ASSEMBLY
#define MK_SCALAR32_TAPS_IN_ASSEMBLY 0
#undef MK_SCALAR32_QUADS_IN_ASSEMBLY
#define MK_SCALAR32_QUADS_IN_ASSEMBLY 0
#undef MK_SCALAR32_TWICE_IN_ASSEMBLY
#define MK_SCALAR32_TWICE_IN_ASSEMBLY 0
#undef MK_SCALAR32_BY_SQUARES
#define MK_SCALAR32_BY_SQUARES 0
#define mk_scalar32_squares twin_squares
#define mk_scalar32_add_squares twin_add_squares
#define mk_scalar32_tile twin_tile
#define mk_scalar32_bytes_tile twin_bytes_tile
#define mk_scalar32_dense_tile twin_dense_tile
#define mk_scalar32_dense_twice twin_dense_twice
#define mk_scalar32_tile_positions twin_tile_positions
#define mk_scalar32_append_positive twin_append_positive
#define mk_scalar32_append_negative twin_append_negative
#define mk_scalar32_quads_tile twin_quads_tile
#define mk_scalar32_append_positive_quads twin_append_positive_quads
#define mk_scalar32_append_negative_quads twin_append_negative_quads
#define mk_scalar32_columns twin_columns
#define mk_scalar32_exactly twin_exactly
#define mk_scalar32_sum_taps twin_sum_taps
#define mk_scalar32_finish twin_finish
#define mk_scalar32_finish_sums twin_finish_sums
#define mk_scalar32_finish_pairs twin_finish_pairs

#include "mk_scalar32_columns.c"
#include "mk_scalar32_list.c"
#include "mk_scalar32_requantize.c"
#include "mk_scalar32_squares.c"
#include "mk_scalar32_taps.c"
#include "mk_scalar32_tile.c"
#include "mk_scalar32_twice.c"
