/* npy.h: NumPy's array files (.npy versions 1 to 3), from and to memory.
 * Format: numpy.lib.format in the NumPy manual. Files are untrusted. */
#ifndef MOTE_BASE_NPY_H
#define MOTE_BASE_NPY_H

#include "arena.h"
#include "diag.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOTE_NPY_MAX_RANK 8

/* In the order of mote_npy_type_name: "i1", "u1", ... */
enum mote_npy_type {
    MOTE_NPY_I1,
    MOTE_NPY_U1,
    MOTE_NPY_I2,
    MOTE_NPY_U2,
    MOTE_NPY_I4,
    MOTE_NPY_I8,
    MOTE_NPY_F4,
    MOTE_NPY_F8,
    MOTE_NPY_B1,
    MOTE_NPY_TYPE_COUNT
};

struct mote_npy {
    const char *name; /* the member's name in an .npz without its ending, else NULL */
    enum mote_npy_type type;
    int32_t rank;
    size_t dims[MOTE_NPY_MAX_RANK];
    size_t element_count; /* product of the dims */
    const uint8_t *data;  /* element_count elements in C order, little-endian whatever the file and the host are */
};

const char *mote_npy_type_name(enum mote_npy_type type); /* "i1" */
size_t mote_npy_type_bytes(enum mote_npy_type type);
bool mote_npy_type_is_float(enum mote_npy_type type);

/* Reads one array; the elements are copied into the arena. MOTE_ERR_INPUT when the bytes are no complete array,
 * MOTE_ERR_UNSUPPORTED for other element types and for Fortran order. */
MOTE_MUST_CHECK enum mote_status mote_npy_parse(const uint8_t *bytes, size_t size_bytes, struct mote_arena *arena,
                                                struct mote_npy *array, struct mote_diag *diag);

/* Appends a version 1 file to text; text->failed when memory is out. The array's name is not written. */
void mote_npy_format(const struct mote_npy *array, struct mote_text *text);

/* One element, index < element_count: of an integer or bool array, and of any array. */
int64_t mote_npy_integer(const struct mote_npy *array, size_t index);
double mote_npy_real(const struct mote_npy *array, size_t index);

/* "(2, 49, 10)", for messages. */
#define MOTE_NPY_SHAPE_BYTES 192
void mote_npy_shape_text(const struct mote_npy *array, char text[MOTE_NPY_SHAPE_BYTES]);

#endif
