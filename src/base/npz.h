/* npz.h: NumPy's archives of arrays (.npz: a zip file of .npy members), from memory. Archives are untrusted. */
#ifndef MOTE_BASE_NPZ_H
#define MOTE_BASE_NPZ_H

#include "npy.h"

#define MOTE_NPZ_MAX_MEMBERS 256
#define MOTE_NPZ_MAX_BYTES ((size_t)512 << 20) /* of all members, unpacked */

/* Reads every member whose name ends in .npy, in the archive's order; arrays and their names go into the arena.
 * MOTE_ERR_INPUT when the archive is damaged, passes the limits above or holds no array. */
MOTE_MUST_CHECK enum mote_status mote_npz_parse(const uint8_t *bytes, size_t size_bytes, struct mote_arena *arena,
                                                const struct mote_npy **arrays, size_t *array_count,
                                                struct mote_diag *diag);

#endif
