#include "npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_BYTES 6
#define MAX_HEADER_BYTES 65536

struct type_row {
    char text[3];
    uint8_t bytes;
    bool is_float;
};

static const struct type_row types[MOTE_NPY_TYPE_COUNT] = {
    [MOTE_NPY_I1] = {"i1", 1, false}, [MOTE_NPY_U1] = {"u1", 1, false}, [MOTE_NPY_I2] = {"i2", 2, false},
    [MOTE_NPY_U2] = {"u2", 2, false}, [MOTE_NPY_I4] = {"i4", 4, false}, [MOTE_NPY_I8] = {"i8", 8, false},
    [MOTE_NPY_F4] = {"f4", 4, true},  [MOTE_NPY_F8] = {"f8", 8, true},  [MOTE_NPY_B1] = {"b1", 1, false},
};

const char *mote_npy_type_name(enum mote_npy_type type)
{
    return types[type].text;
}

size_t mote_npy_type_bytes(enum mote_npy_type type)
{
    return types[type].bytes;
}

bool mote_npy_type_is_float(enum mote_npy_type type)
{
    return types[type].is_float;
}

/* ---- The header: a Python dictionary of three entries, of which only literals are understood ---- */

struct header {
    const char *at, *end;
    char descr[16];
    bool has_descr, has_order, has_shape, is_fortran;
    struct mote_npy *array;
};

static void skip_space(struct header *header)
{
    while (header->at < header->end && (*header->at == ' ' || *header->at == '\n' || *header->at == '\t')) header->at++;
}

/* Steps over c (after white space) if it comes next. */
static bool accept(struct header *header, char c)
{
    skip_space(header);
    if (header->at == header->end || *header->at != c) return false;
    header->at++;
    return true;
}

static bool accept_word(struct header *header, const char *word)
{
    const size_t length = strlen(word);
    skip_space(header);
    if ((size_t)(header->end - header->at) < length || memcmp(header->at, word, length) != 0) return false;
    header->at += length;
    return true;
}

/* Reads a quoted string without escapes, cut to fit in text. */
static bool read_string(struct header *header, char *text, size_t text_bytes)
{
    skip_space(header);
    if (header->at == header->end || (*header->at != '\'' && *header->at != '"')) return false;
    const char quote = *header->at++;
    size_t used = 0;
    while (header->at < header->end && *header->at != quote) {
        if (used + 1 < text_bytes) text[used++] = *header->at;
        header->at++;
    }
    text[used] = 0;
    return accept(header, quote);
}

static bool read_size(struct header *header, size_t *value)
{
    skip_space(header);
    const char *start = header->at;
    size_t result = 0;
    while (header->at < header->end && *header->at >= '0' && *header->at <= '9') {
        const size_t digit = (size_t)(*header->at - '0');
        if (result > (SIZE_MAX - digit) / 10) return false;
        result = result * 10 + digit;
        header->at++;
    }
    *value = result;
    return header->at > start;
}

static bool read_shape(struct header *header)
{
    if (!accept(header, '(')) return false;
    header->array->rank = 0;
    while (!accept(header, ')')) {
        if (header->array->rank == MOTE_NPY_MAX_RANK) return false;
        if (!read_size(header, &header->array->dims[header->array->rank++])) return false;
        if (!accept(header, ',')) return accept(header, ')');
    }
    return true;
}

static bool read_entry(struct header *header)
{
    char key[16];
    if (!read_string(header, key, sizeof key) || !accept(header, ':')) return false;
    if (strcmp(key, "descr") == 0) return header->has_descr = read_string(header, header->descr, sizeof header->descr);
    if (strcmp(key, "shape") == 0) return header->has_shape = read_shape(header);
    if (strcmp(key, "fortran_order") != 0) return false;
    header->is_fortran = accept_word(header, "True");
    return header->has_order = header->is_fortran || accept_word(header, "False");
}

static bool read_header(struct header *header)
{
    if (!accept(header, '{')) return false;
    while (!accept(header, '}')) {
        if (!read_entry(header)) return false;
        if (!accept(header, ',') && !accept(header, '}')) return false;
        if (header->at[-1] == '}') break;
    }
    skip_space(header);
    return header->at == header->end && header->has_descr && header->has_shape && header->has_order;
}

/* ---- Type and size ---- */

static enum mote_status find_type(const char *descr, struct mote_npy *array, bool *big_endian, struct mote_diag *diag)
{
    const char order = descr[0];
    const char *code = order ? descr + 1 : descr;
    for (int i = 0; i < MOTE_NPY_TYPE_COUNT; i++) {
        if (strcmp(code, types[i].text) != 0) continue;
        if (order != '<' && order != '>' && !(order == '|' && types[i].bytes == 1)) break;
        array->type = (enum mote_npy_type)i;
        *big_endian = order == '>';
        return MOTE_OK;
    }
    return mote_error(diag, MOTE_ERR_UNSUPPORTED,
                      "elements of type \"%s\" cannot be read; save it as int8, uint8, int16, uint16, int32, int64, "
                      "float32, float64 or bool (array.astype)",
                      descr);
}

static enum mote_status check_size(struct mote_npy *array, size_t data_bytes, struct mote_diag *diag)
{
    char shape[MOTE_NPY_SHAPE_BYTES];
    mote_npy_shape_text(array, shape);
    const size_t element_bytes = types[array->type].bytes;
    size_t count = 1;
    for (int32_t i = 0; i < array->rank; i++) {
        if (array->dims[i] && count > SIZE_MAX / element_bytes / array->dims[i])
            return mote_error(diag, MOTE_ERR_INPUT, "the shape %s is impossibly large", shape);
        count *= array->dims[i];
    }
    if (data_bytes != count * element_bytes)
        return mote_error(diag, MOTE_ERR_INPUT, "%s: the shape %s of %s needs %zu bytes of elements, the file has %zu",
                          data_bytes < count * element_bytes ? "truncated" : "too long", shape, types[array->type].text,
                          count * element_bytes, data_bytes);
    array->element_count = count;
    return MOTE_OK;
}

static void copy_reversed(uint8_t *to, const uint8_t *from, size_t count, size_t element_bytes)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < element_bytes; j++)
            to[i * element_bytes + j] = from[i * element_bytes + element_bytes - 1 - j];
}

static enum mote_status copy_data(const uint8_t *data, bool big_endian, struct mote_arena *arena, struct mote_npy *array,
                                  struct mote_diag *diag)
{
    const size_t element_bytes = types[array->type].bytes;
    uint8_t *copy = mote_arena_calloc(arena, array->element_count, element_bytes);
    if (!copy) return mote_error_memory(diag);
    if (big_endian)
        copy_reversed(copy, data, array->element_count, element_bytes);
    else if (array->element_count)
        memcpy(copy, data, array->element_count * element_bytes);
    array->data = copy;
    return MOTE_OK;
}

/* Where the dictionary lies; versions 2 and 3 have a longer length field, 3 is UTF-8. */
static enum mote_status find_header(const uint8_t *bytes, size_t size_bytes, size_t *start, size_t *length,
                                    struct mote_diag *diag)
{
    if (size_bytes < MAGIC_BYTES || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0)
        return mote_error(diag, MOTE_ERR_INPUT, "not an .npy array: the file does not begin with \\x93NUMPY");
    if (size_bytes < 12) return mote_error(diag, MOTE_ERR_INPUT, "truncated: the header of the .npy array is cut off");
    if (bytes[6] < 1 || bytes[6] > 3)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, ".npy version %d.%d; versions 1 to 3 can be read", bytes[6], bytes[7]);
    const bool is_short = bytes[6] == 1;
    *start = is_short ? 10 : 12;
    *length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (!is_short) *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (*length > size_bytes - *start)
        return mote_error(diag, MOTE_ERR_INPUT, "truncated: the .npy header says %zu bytes, %zu are left", *length,
                          size_bytes - *start);
    if (*length > MAX_HEADER_BYTES)
        return mote_error(diag, MOTE_ERR_INPUT, "the .npy header of %zu bytes is longer than any array of numbers needs",
                          *length);
    return MOTE_OK;
}

enum mote_status mote_npy_parse(const uint8_t *bytes, size_t size_bytes, struct mote_arena *arena,
                                struct mote_npy *array, struct mote_diag *diag)
{
    size_t start = 0, length = 0;
    enum mote_status status = find_header(bytes, size_bytes, &start, &length, diag);
    if (status != MOTE_OK) return status;
    struct mote_npy result = {0};
    struct header header = {.at = (const char *)bytes + start, .array = &result};
    header.end = header.at + length;
    if (!read_header(&header))
        return mote_error(diag, MOTE_ERR_INPUT,
                          "the .npy header is not a dictionary of descr, fortran_order and a shape of at most %d axes",
                          MOTE_NPY_MAX_RANK);
    bool big_endian = false;
    status = find_type(header.descr, &result, &big_endian, diag);
    if (status == MOTE_OK) status = check_size(&result, size_bytes - start - length, diag);
    if (status != MOTE_OK) return status;
    if (header.is_fortran && result.rank > 1)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED,
                          "the array is in Fortran order; save numpy.ascontiguousarray(array) instead");
    status = copy_data(bytes + start + length, big_endian, arena, &result, diag);
    if (status == MOTE_OK) *array = result;
    return status;
}

/* ---- Writing ---- */

void mote_npy_format(const struct mote_npy *array, struct mote_text *text)
{
    char header[320], shape[MOTE_NPY_SHAPE_BYTES];
    mote_npy_shape_text(array, shape);
    const struct type_row *type = &types[array->type];
    int length = snprintf(header, sizeof header, "{'descr': '%c%s', 'fortran_order': False, 'shape': %s, }",
                          type->bytes == 1 ? '|' : '<', type->text, shape);
    /* The elements begin at a multiple of 64 bytes, and the header ends with a line feed. */
    while ((10 + length + 1) % 64 != 0) header[length++] = ' ';
    header[length++] = '\n';
    const char prefix[] = {1, 0, (char)(length & 0xff), (char)(length >> 8)};
    mote_text_append(text, MAGIC, MAGIC_BYTES);
    mote_text_append(text, prefix, sizeof prefix);
    mote_text_append(text, header, (size_t)length);
    mote_text_append(text, (const char *)array->data, array->element_count * type->bytes);
}

void mote_npy_shape_text(const struct mote_npy *array, char text[MOTE_NPY_SHAPE_BYTES])
{
    size_t used = 0;
    text[used++] = '(';
    for (int32_t i = 0; i < array->rank; i++) {
        const int n = snprintf(text + used, MOTE_NPY_SHAPE_BYTES - used, "%s%zu", i ? ", " : "", array->dims[i]);
        used += (size_t)n; /* at most 22 characters for each of 8 axes */
    }
    snprintf(text + used, MOTE_NPY_SHAPE_BYTES - used, array->rank == 1 ? ",)" : ")");
}

/* ---- Elements ---- */

static uint64_t load_little_endian(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

int64_t mote_npy_integer(const struct mote_npy *array, size_t index)
{
    const size_t element_bytes = types[array->type].bytes;
    const uint64_t raw = load_little_endian(array->data + index * element_bytes, element_bytes);
    switch (array->type) {
    case MOTE_NPY_I1: return (int8_t)raw;
    case MOTE_NPY_I2: return (int16_t)raw;
    case MOTE_NPY_I4: return (int32_t)raw;
    case MOTE_NPY_B1: return raw != 0;
    default: return (int64_t)raw;
    }
}

double mote_npy_real(const struct mote_npy *array, size_t index)
{
    if (!types[array->type].is_float) return (double)mote_npy_integer(array, index);
    const size_t element_bytes = types[array->type].bytes;
    const uint64_t raw = load_little_endian(array->data + index * element_bytes, element_bytes);
    if (array->type == MOTE_NPY_F8) {
        double value;
        memcpy(&value, &raw, sizeof value);
        return value;
    }
    const uint32_t raw_single = (uint32_t)raw;
    float value;
    memcpy(&value, &raw_single, sizeof value);
    return (double)value;
}
