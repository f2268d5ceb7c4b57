#include "scores.h"

#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Elements ---- */

static size_t element_count(const struct mote_tensor_info *tensor)
{
    size_t count = 1;
    for (int32_t i = 0; i < tensor->rank && i < 6; i++) count *= (size_t)tensor->dims[i];
    return count;
}

/* Reads a little-endian element of size_bytes (1, 2, 4 or 8) as an integer. */
static int64_t load_integer(const uint8_t *bytes, size_t size_bytes, bool is_signed)
{
    uint64_t raw = 0;
    for (size_t i = 0; i < size_bytes; i++) raw |= (uint64_t)bytes[i] << (8 * i);
    const uint64_t sign = UINT64_C(1) << (8 * size_bytes - 1);
    return (int64_t)(is_signed ? (raw ^ sign) - sign : raw);
}

/* The real value of an element; dtypes as in mote_tensor_info. */
static double load_real(const struct mote_tensor_info *tensor, const uint8_t *bytes, size_t size_bytes)
{
    if (strcmp(tensor->dtype, "f32") == 0) {
        const uint32_t raw = (uint32_t)load_integer(bytes, 4, false);
        float value;
        memcpy(&value, &raw, sizeof value);
        return (double)value;
    }
    const double value = (double)load_integer(bytes, size_bytes, tensor->dtype[0] == 's');
    return tensor->quantised ? (double)tensor->scale * (value - tensor->zero_point) : value;
}

size_t mote_cli_class_count(const struct mote_model_info *model)
{
    return element_count(&model->outputs[0]);
}

struct mote_cli_best mote_cli_best_class(const struct mote_model_info *model, const uint8_t *output)
{
    const struct mote_tensor_info *tensor = &model->outputs[0];
    const size_t count = element_count(tensor), size_bytes = count ? tensor->bytes / count : 0;
    struct mote_cli_best best = {0};
    for (size_t i = 0; i < count; i++) {
        const double score = load_real(tensor, output + i * size_bytes, size_bytes);
        if (i == 0 || score > best.score) best = (struct mote_cli_best){i, score};
    }
    return best;
}

/* ---- Text files of one entry per line ---- */

static bool split_lines(struct mote_cli_labels *labels, size_t size_bytes)
{
    while (size_bytes && (labels->text[size_bytes - 1] == '\n' || labels->text[size_bytes - 1] == '\r')) size_bytes--;
    labels->text[size_bytes] = 0;
    size_t capacity = 1;
    for (size_t i = 0; i < size_bytes; i++) capacity += labels->text[i] == '\n';
    labels->lines = calloc(capacity, sizeof *labels->lines);
    if (!labels->lines) return mote_cli_error("out of memory");
    for (char *line = labels->text; line && size_bytes;) {
        labels->lines[labels->count++] = line;
        char *end = strchr(line, '\n');
        if (end) *end = 0;
        const size_t length = strlen(line);
        if (length && line[length - 1] == '\r') line[length - 1] = 0;
        line = end ? end + 1 : NULL;
    }
    return true;
}

static bool read_lines(const char *path, struct mote_cli_labels *labels)
{
    size_t size_bytes;
    *labels = (struct mote_cli_labels){0};
    labels->text = (char *)mote_cli_read_file(path, &size_bytes);
    if (!labels->text) return false;
    bool ok = !memchr(labels->text, 0, size_bytes);
    ok = ok ? split_lines(labels, size_bytes) : mote_cli_error("%s: not a text file", path);
    if (!ok) mote_cli_free_labels(labels);
    return ok;
}

void mote_cli_free_labels(struct mote_cli_labels *labels)
{
    free(labels->text);
    free(labels->lines);
    *labels = (struct mote_cli_labels){0};
}

bool mote_cli_read_labels(const char *path, size_t count, struct mote_cli_labels *labels)
{
    if (!read_lines(path, labels)) return false;
    if (labels->count == count) return true;
    mote_cli_error("%s: %zu labels, but the model's first output has %zu elements", path, labels->count, count);
    mote_cli_free_labels(labels);
    return false;
}

static bool parse_classes(const char *path, const struct mote_cli_labels *lines, size_t class_count, size_t *classes)
{
    for (size_t i = 0; i < lines->count; i++) {
        char *end;
        errno = 0;
        const unsigned long long value = strtoull(lines->lines[i], &end, 10);
        if (lines->lines[i][0] < '0' || lines->lines[i][0] > '9' || *end || errno || value >= class_count)
            return mote_cli_error("%s: line %zu: '%.40s' is no class index from 0 to %zu", path, i + 1, lines->lines[i],
                                  class_count - 1);
        classes[i] = (size_t)value;
    }
    return true;
}

bool mote_cli_read_classes(const char *path, size_t count, size_t class_count, size_t **classes)
{
    struct mote_cli_labels lines;
    if (!read_lines(path, &lines)) return false;
    size_t *result = calloc(count + 1, sizeof *result);
    bool ok = result || mote_cli_error("out of memory");
    if (ok && lines.count != count) ok = mote_cli_error("%s: %zu classes for %zu vectors", path, lines.count, count);
    if (ok) ok = parse_classes(path, &lines, class_count, result);
    mote_cli_free_labels(&lines);
    if (ok)
        *classes = result;
    else
        free(result);
    return ok;
}

/* ---- Expected bytes ---- */

/* Names the output and the element that the byte at `offset` of one vector's outputs belongs to. */
static bool report_difference(const struct mote_model_info *model, const char *path, size_t vector, size_t offset,
                              const uint8_t *expected, const uint8_t *got)
{
    size_t output = 0, start = 0;
    while (output + 1 < model->output_count && offset >= start + model->outputs[output].bytes)
        start += model->outputs[output++].bytes;
    const struct mote_tensor_info *tensor = &model->outputs[output];
    const size_t count = element_count(tensor), size_bytes = count ? tensor->bytes / count : 1;
    const size_t element = (offset - start) / size_bytes, at = start + element * size_bytes;
    if (strcmp(tensor->dtype, "f32") == 0)
        return mote_cli_error("%s: vector %zu, output %zu, element %zu: expected %.9g, got %.9g", path, vector, output,
                              element, load_real(tensor, expected + at, 4), load_real(tensor, got + at, 4));
    const bool is_signed = tensor->dtype[0] == 's';
    return mote_cli_error("%s: vector %zu, output %zu, element %zu: expected %lld, got %lld", path, vector, output, element,
                          (long long)load_integer(expected + at, size_bytes, is_signed),
                          (long long)load_integer(got + at, size_bytes, is_signed));
}

bool mote_cli_compare_outputs(const struct mote_model_info *model, const char *path, const uint8_t *expected,
                              size_t expected_bytes, const uint8_t *got, size_t vector_count)
{
    const size_t vector_bytes = model->vector_output_bytes;
    if (expected_bytes != vector_count * vector_bytes)
        return mote_cli_error("%s: %zu bytes, but %zu vectors of %zu output bytes make %zu", path, expected_bytes,
                              vector_count, vector_bytes, vector_count * vector_bytes);
    for (size_t i = 0; i < expected_bytes; i++)
        if (expected[i] != got[i]) {
            const size_t start = i / vector_bytes * vector_bytes;
            return report_difference(model, path, i / vector_bytes, i - start, expected + start, got + start);
        }
    return true;
}
