/* The UCI handwritten digits: reading, the split into training and held-out rows, and the model's input format. */
#ifndef DIGITS_DATA_H
#define DIGITS_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DIGITS_SIZE = 8,
    DIGITS_PIXELS = DIGITS_SIZE * DIGITS_SIZE,
    DIGITS_CLASSES = 10,
    DIGITS_MAX_ROWS = 2000,
    DIGITS_PIXEL_MAX = 16,
    DIGITS_INPUT_ZERO_POINT = -128,
};

/* The model's input holds pixels 0..16 with this scale, so that all 256 codes are used. */
#define DIGITS_INPUT_SCALE (16.0f / 255.0f)

struct digits_data {
    size_t count;
    uint8_t pixels[DIGITS_MAX_ROWS][DIGITS_PIXELS]; /* 0..16, row by row */
    uint8_t labels[DIGITS_MAX_ROWS];                /* 0..9 */
};

/* A set of rows, as indices into a struct digits_data. */
struct digits_rows {
    size_t count;
    uint16_t index[DIGITS_MAX_ROWS];
};

/* A small generator of random numbers (splitmix64), the same sequence on every machine. */
struct digits_random {
    uint64_t state;
};

uint64_t digits_random_next(struct digits_random *random);

/* Uniform in [0, 1). */
float digits_random_unit(struct digits_random *random);

/* Puts the rows in random order (Fisher and Yates). */
void digits_rows_shuffle(struct digits_rows *rows, struct digits_random *random);

/* Reads lines of 64 pixels and a label from a gzip file; false, with the reason on stderr, if anything is amiss. */
bool digits_data_read(struct digits_data *data, const char *path);

/*
 * Splits by the documented rule: for each digit from 0 to 9, its rows in file order are shuffled by one
 * generator of fixed seed, and the first fifth (rounded) is held out. Both sets come out in ascending order.
 */
void digits_data_split(const struct digits_data *data, struct digits_rows *training, struct digits_rows *held_out);

/* Writes one row index per line. */
bool digits_rows_write(const struct digits_rows *rows, const char *path);

/* Reads what digits_rows_write wrote; every index must be below row_count. */
bool digits_rows_read(struct digits_rows *rows, size_t row_count, const char *path);

/* Quantises one pixel, 0..16, to the model's input. */
int8_t digits_quantize_pixel(uint8_t pixel);

#endif
