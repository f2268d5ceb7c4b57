/* image.h: pictures (PNG, JPEG) from memory, and their resizing. Files are untrusted. */
#ifndef MOTE_BASE_IMAGE_H
#define MOTE_BASE_IMAGE_H

#include "arena.h"
#include "diag.h"

#include <stddef.h>
#include <stdint.h>

#define MOTE_IMAGE_MAX_SIDE 16384
#define MOTE_IMAGE_MAX_PIXELS (64 << 20)

struct mote_image {
    int32_t width, height; /* 1..MOTE_IMAGE_MAX_SIDE, their product at most MOTE_IMAGE_MAX_PIXELS */
    int32_t channels;      /* 1 (grey) or 3 (red, green, blue) */
    const uint8_t *pixels; /* height * width * channels samples, row by row from the top */
};

/* Reads a PNG or JPEG picture, told apart by the file's first bytes, into the arena. Samples are 8 bits, sRGB as stored;
 * palettes are looked up, 16-bit samples reduced, transparent pixels laid over black. MOTE_ERR_INPUT for damaged or
 * oversized files, MOTE_ERR_UNSUPPORTED for other formats and for CMYK. */
MOTE_MUST_CHECK enum mote_status mote_image_parse(const uint8_t *bytes, size_t size_bytes, struct mote_arena *arena,
                                                  struct mote_image *image, struct mote_diag *diag);

/* Resizes to height x width x channels (1 or 3) samples of 0..255, not rounded, in the arena; `*samples` points to them.
 *
 * Each axis on its own: output i of d takes from source s
 *   - s <= 2 d: linear interpolation between the two pixels around x = (i + 1/2) s/d - 1/2 (half-pixel centres), clamped
 *     to the edge pixels;
 *   - s > 2 d: the mean of the source from i s/d to (i + 1) s/d, pixels that are partly inside weighed by their part.
 * All weights are whole numbers, so sums are exact and one division rounds: the result is the same on every host.
 * Grey from colour: (299 R + 587 G + 114 B) / 1000 (ITU-R BT.601); colour from grey repeats it. */
MOTE_MUST_CHECK enum mote_status mote_image_resize(const struct mote_image *image, int32_t width, int32_t height,
                                                   int32_t channels, struct mote_arena *arena, const double **samples,
                                                   struct mote_diag *diag);

#endif
