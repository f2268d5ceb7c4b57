/*
 * Turns the held-out digits into raw model inputs for `mote run`: one int8 vector of 64 values per digit,
 * quantised as the model's input, and their labels as text.
 */
#include "digits_data.h"

#include <stdio.h>

static struct digits_data data;
static struct digits_rows rows;

static bool inputs_write(const char *path)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL;
    for (size_t i = 0; good && i < rows.count; i++) {
        int8_t input[DIGITS_PIXELS];
        for (size_t p = 0; p < DIGITS_PIXELS; p++) {
            input[p] = digits_quantize_pixel(data.pixels[rows.index[i]][p]);
        }
        good = fwrite(input, sizeof input, 1, file) == 1;
    }
    return file != NULL && fclose(file) == 0 && good;
}

static bool labels_write(const char *path)
{
    FILE *file = fopen(path, "w");
    bool good = file != NULL;
    for (size_t i = 0; good && i < rows.count; i++) {
        good = fprintf(file, "%u\n", (unsigned)data.labels[rows.index[i]]) > 0;
    }
    return file != NULL && fclose(file) == 0 && good;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: digits-to-bin digits.csv.gz heldout.txt digits.in.bin digits.labels.txt\n");
        return 2;
    }
    if (!digits_data_read(&data, argv[1]) || !digits_rows_read(&rows, data.count, argv[2])) {
        return 1;
    }
    if (!inputs_write(argv[3]) || !labels_write(argv[4])) {
        fprintf(stderr, "cannot write %s or %s\n", argv[3], argv[4]);
        return 1;
    }
    printf("%s: %zu digits of %d bytes\n", argv[3], rows.count, DIGITS_PIXELS);
    return 0;
}
