/* input.h: what the readers of data files share. */
#ifndef MOTE_API_INPUT_H
#define MOTE_API_INPUT_H

#include "session.h"

/* One real value as an element of a tensor: quantised (rounded half away from zero in single precision, as the QUANTIZE
 * operator of TensorFlow Lite does, and clamped) or as a float. `to` has room for an element. The tensor is f32, or
 * integer of at most 32 bits with one scale. */
void mote_input_store(const struct mote_tensor *tensor, double real, uint8_t *to);

/* Can mote_input_store write it? */
bool mote_input_takes_reals(const struct mote_tensor *tensor);

/* Least and greatest value of an integer type of at most 32 bits. */
void mote_input_range(enum mote_dtype dtype, int64_t *least, int64_t *greatest);

/* A picture's bytes become one vector of mote_tensor_bytes(tensor) in the arena. */
MOTE_MUST_CHECK enum mote_status mote_input_picture(const struct mote_tensor *tensor, const uint8_t *bytes,
                                                    size_t size_bytes, struct mote_arena *arena,
                                                    const uint8_t **vector, struct mote_diag *diag);

/* Does path end in `ending` (".npy"), in any case? */
bool mote_input_ends_in(const char *path, const char *ending);

#endif
