/* scores.h: outputs as classes: the best one, its label, accuracy, and comparison with expected bytes. */
#ifndef MOTE_CLI_SCORES_H
#define MOTE_CLI_SCORES_H

#include "mote.h"

/* Elements of the first output: the number of classes. */
size_t mote_cli_class_count(const struct mote_model_info *model);

struct mote_cli_best {
    size_t index;
    double score; /* dequantised */
};
/* The greatest element of the first output of one vector; the first of equals. */
struct mote_cli_best mote_cli_best_class(const struct mote_model_info *model, const uint8_t *output);

/* A text file's lines; line ends (LF or CRLF) are cut off, empty lines at the end ignored. */
struct mote_cli_labels {
    char *text;
    const char **lines;
    size_t count;
};
/* Reads `count` labels; false after saying what is wrong. */
bool mote_cli_read_labels(const char *path, size_t count, struct mote_cli_labels *labels);
void mote_cli_free_labels(struct mote_cli_labels *labels);

/* Reads `count` class indices below class_count, one a line; the caller frees. False after saying what is wrong. */
bool mote_cli_read_classes(const char *path, size_t count, size_t class_count, size_t **classes);

/* Compares raw outputs; false after naming the first vector, output and element that differ. */
bool mote_cli_compare_outputs(const struct mote_model_info *model, const char *path, const uint8_t *expected,
                              size_t expected_bytes, const uint8_t *got, size_t vector_count);

#endif
