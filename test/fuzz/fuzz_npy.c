/* Arrays, archives and pictures from any bytes: the first byte chooses the reader. What is accepted must be whole. */
#include "base/image.h"
#include "base/npz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches every element, so that the sanitizer sees an array that is shorter than it says. */
static void read_array(const struct mote_npy *array)
{
    double sum = 0;
    for (size_t i = 0; i < array->element_count; i++) sum += mote_npy_real(array, i);
    struct mote_text text = {0};
    mote_npy_format(array, &text);
    if (!text.failed && text.length < array->element_count && sum == sum) abort();
    mote_text_free(&text);
}

static void read_picture(const struct mote_image *image, struct mote_arena *arena, struct mote_diag *diag)
{
    const double *samples;
    if (mote_image_resize(image, 9, 7, 1, arena, &samples, diag) != MOTE_OK) return;
    for (int i = 0; i < 9 * 7; i++)
        if (!(samples[i] >= 0 && samples[i] <= 255)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    struct mote_arena arena;
    struct mote_diag diag;
    mote_arena_init(&arena, (size_t)64 << 20);
    mote_diag_init(&diag, "fuzz");
    struct mote_npy array;
    struct mote_image image;
    const struct mote_npy *arrays;
    size_t count;
    if (data[0] == 0) {
        if (mote_npy_parse(data + 1, size - 1, &arena, &array, &diag) == MOTE_OK) read_array(&array);
    } else if (data[0] == 1) {
        if (mote_npz_parse(data + 1, size - 1, &arena, &arrays, &count, &diag) == MOTE_OK)
            for (size_t i = 0; i < count; i++) read_array(&arrays[i]);
    } else if (mote_image_parse(data + 1, size - 1, &arena, &image, &diag) == MOTE_OK) {
        read_picture(&image, &arena, &diag);
    }
    mote_diag_free(&diag);
    mote_arena_free(&arena);
    return 0;
}
