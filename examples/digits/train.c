/*
 * Trains the digits network, quantises it to int8 and writes it as a TensorFlow Lite file, with the list of the
 * rows that training never saw. Seeds are fixed: a second run on one machine gives the same bytes.
 */
#include "digits_quantize.h"

#include <stdio.h>

static struct digits_data data;
static struct digits_rows training, held_out;
static float parameters[DIGITS_PARAMETERS];
static struct digits_quantized_net quantized;

static void accuracy_print(const char *what, size_t correct, size_t count)
{
    printf("%-24s %4zu of %4zu right, %.2f %%\n", what, correct, count, 100.0 * (double)correct / (double)count);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: digits-train digits.csv.gz digits.tflite heldout.txt\n");
        return 2;
    }
    if (!digits_data_read(&data, argv[1])) {
        return 1;
    }
    digits_data_split(&data, &training, &held_out);
    printf("%zu digits: %zu to train on, %zu held out\n", data.count, training.count, held_out.count);
    digits_net_train(parameters, &data, &training);
    digits_quantize(&quantized, parameters, &data, &training);
    accuracy_print("float, training", digits_net_count_correct(parameters, &data, &training), training.count);
    accuracy_print("int8,  training", digits_quantized_count_correct(&quantized, &data, &training), training.count);
    accuracy_print("float, held out", digits_net_count_correct(parameters, &data, &held_out), held_out.count);
    accuracy_print("int8,  held out", digits_quantized_count_correct(&quantized, &data, &held_out), held_out.count);
    return digits_quantized_export(&quantized, argv[2]) && digits_rows_write(&held_out, argv[3]) ? 0 : 1;
}
