#include "digits_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { SPLIT_SEED = 1998, HELD_OUT_DIVISOR = 5, LINE_BYTES = 512 };

uint64_t digits_random_next(struct digits_random *random)
{
    /* Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014. */
    random->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = random->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

float digits_random_unit(struct digits_random *random)
{
    return (float)(digits_random_next(random) >> 40) / 16777216.0f;
}

void digits_rows_shuffle(struct digits_rows *rows, struct digits_random *random)
{
    for (size_t i = rows->count; i > 1; i--) {
        size_t j = (size_t)(digits_random_next(random) % i);
        uint16_t kept = rows->index[i - 1];
        rows->index[i - 1] = rows->index[j];
        rows->index[j] = kept;
    }
}

/* Parses one line into row `row`; false if it is not 64 pixels of 0..16 and a label of 0..9. */
static bool row_parse(struct digits_data *data, size_t row, const char *line)
{
    for (size_t i = 0; i <= DIGITS_PIXELS; i++) {
        char *end;
        long value = strtol(line, &end, 10);
        bool is_label = i == DIGITS_PIXELS;
        bool separated = is_label ? *end == '\n' || *end == '\r' || *end == '\0' : *end == ',';
        if (end == line || !separated || value < 0 || value > (is_label ? DIGITS_CLASSES - 1 : DIGITS_PIXEL_MAX)) {
            return false;
        }
        if (is_label) {
            data->labels[row] = (uint8_t)value;
        } else {
            data->pixels[row][i] = (uint8_t)value;
        }
        line = end + 1;
    }
    return true;
}

bool digits_data_read(struct digits_data *data, const char *path)
{
    gzFile file = gzopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: cannot open; examples/digits/fetch-data makes it\n", path);
        return false;
    }
    char line[LINE_BYTES];
    bool good = true;
    data->count = 0;
    while (good && gzgets(file, line, sizeof line) != NULL) {
        good = data->count < DIGITS_MAX_ROWS && row_parse(data, data->count, line);
        data->count += good;
    }
    good = good && gzeof(file) && data->count > 0;
    gzclose(file);
    if (!good) {
        fprintf(stderr, "%s: line %zu is not 64 pixels of 0..16 and a digit\n", path, data->count + 1);
    }
    return good;
}

static int index_compare(const void *a, const void *b)
{
    uint16_t x = *(const uint16_t *)a;
    uint16_t y = *(const uint16_t *)b;
    return (x > y) - (x < y);
}

static void rows_sort(struct digits_rows *rows)
{
    qsort(rows->index, rows->count, sizeof rows->index[0], index_compare);
}

void digits_data_split(const struct digits_data *data, struct digits_rows *training, struct digits_rows *held_out)
{
    struct digits_random random = {SPLIT_SEED};
    training->count = 0;
    held_out->count = 0;
    for (int digit = 0; digit < DIGITS_CLASSES; digit++) {
        struct digits_rows same = {0};
        for (size_t row = 0; row < data->count; row++) {
            if (data->labels[row] == digit) {
                same.index[same.count++] = (uint16_t)row;
            }
        }
        digits_rows_shuffle(&same, &random);
        size_t held_out_count = (same.count + HELD_OUT_DIVISOR / 2) / HELD_OUT_DIVISOR;
        for (size_t i = 0; i < same.count; i++) {
            struct digits_rows *to = i < held_out_count ? held_out : training;
            to->index[to->count++] = same.index[i];
        }
    }
    rows_sort(training);
    rows_sort(held_out);
}

bool digits_rows_write(const struct digits_rows *rows, const char *path)
{
    FILE *file = fopen(path, "w");
    bool good = file != NULL;
    for (size_t i = 0; good && i < rows->count; i++) {
        good = fprintf(file, "%u\n", (unsigned)rows->index[i]) > 0;
    }
    good = file != NULL && fclose(file) == 0 && good;
    if (!good) {
        fprintf(stderr, "%s: cannot write\n", path);
    }
    return good;
}

bool digits_rows_read(struct digits_rows *rows, size_t row_count, const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "%s: cannot open\n", path);
        return false;
    }
    char line[LINE_BYTES];
    bool good = true;
    rows->count = 0;
    while (good && fgets(line, sizeof line, file) != NULL) {
        char *end;
        unsigned long index = strtoul(line, &end, 10);
        good = end != line && *end == '\n' && index < row_count && rows->count < DIGITS_MAX_ROWS;
        if (good) {
            rows->index[rows->count++] = (uint16_t)index;
        }
    }
    fclose(file);
    if (!good) {
        fprintf(stderr, "%s: line %zu is not the index of one of %zu rows\n", path, rows->count + 1, row_count);
    }
    return good;
}

int8_t digits_quantize_pixel(uint8_t pixel)
{
    int code = (pixel * 255 + DIGITS_PIXEL_MAX / 2) / DIGITS_PIXEL_MAX; /* pixel / scale, rounded half up */
    return (int8_t)(code + DIGITS_INPUT_ZERO_POINT);
}
