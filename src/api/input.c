/* Input vectors from files: raw bytes, arrays, archives of arrays, pictures. */
#include "input.h"

#include "../base/file.h"
#include "../base/npz.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LARGEST_DATA_BYTES ((size_t)1 << 30)

bool mote_input_ends_in(const char *path, const char *ending)
{
    const size_t length = strlen(path), ending_length = strlen(ending);
    return length >= ending_length && strcasecmp(path + length - ending_length, ending) == 0;
}

/* ---- Elements ---- */

void mote_input_range(enum mote_dtype dtype, int64_t *least, int64_t *greatest)
{
    *least = dtype == MOTE_S8 ? INT8_MIN : dtype == MOTE_S16 ? INT16_MIN : dtype == MOTE_S32 ? INT32_MIN : 0;
    *greatest = dtype == MOTE_S8    ? INT8_MAX
                : dtype == MOTE_U8  ? UINT8_MAX
                : dtype == MOTE_S16 ? INT16_MAX
                : dtype == MOTE_S32 ? INT32_MAX
                                    : 1; /* bool */
}

bool mote_input_takes_reals(const struct mote_tensor *tensor)
{
    if (tensor->dtype == MOTE_F32) return true;
    return tensor->quant.count == 1 && (tensor->dtype == MOTE_S8 || tensor->dtype == MOTE_U8 ||
                                        tensor->dtype == MOTE_S16 || tensor->dtype == MOTE_S32);
}

static void store_integer(uint8_t *to, size_t element_bytes, int64_t value)
{
    for (size_t i = 0; i < element_bytes; i++) to[i] = (uint8_t)((uint64_t)value >> (8 * i));
}

void mote_input_store(const struct mote_tensor *tensor, double real, uint8_t *to)
{
    const float single = (float)real;
    if (tensor->dtype == MOTE_F32) {
        uint32_t raw;
        memcpy(&raw, &single, sizeof raw);
        store_integer(to, sizeof raw, raw);
        return;
    }
    int64_t least, greatest;
    mote_input_range(tensor->dtype, &least, &greatest);
    const double value = (double)roundf(single / mote_tensor_scale(tensor)) + mote_tensor_zero_point(tensor);
    const int64_t clamped = value <= (double)least ? least : value >= (double)greatest ? greatest : (int64_t)value;
    store_integer(to, mote_dtype_bytes(tensor->dtype), clamped);
}

/* ---- Arrays ---- */

static size_t drop_ones(const size_t *dims, int32_t rank, size_t *kept)
{
    size_t count = 0;
    for (int32_t i = 0; i < rank; i++)
        if (dims[i] != 1) kept[count++] = dims[i];
    return count;
}

/* Equal but for axes of length 1? */
static bool same_shape(const size_t *a, int32_t a_rank, const size_t *b, int32_t b_rank)
{
    size_t a_kept[MOTE_NPY_MAX_RANK], b_kept[MOTE_NPY_MAX_RANK];
    const size_t count = drop_ones(a, a_rank, a_kept);
    return count == drop_ones(b, b_rank, b_kept) && memcmp(a_kept, b_kept, count * sizeof *a_kept) == 0;
}

/* Number of vectors in an array for a tensor, 0 when the shapes do not go together: the tensor's own shape is one
 * vector; a first axis of another length, one more axis in front, or rows of all elements are many. */
static size_t count_vectors(const struct mote_npy *array, const struct mote_tensor *tensor)
{
    size_t dims[MOTE_MAX_RANK];
    const int32_t rank = tensor->shape.rank;
    for (int32_t i = 0; i < rank; i++) dims[i] = (size_t)tensor->shape.dims[i];
    if (array->element_count == 0) return 0;
    if (same_shape(array->dims, array->rank, dims, rank)) return 1;
    if (array->rank == 0) return 0;
    const size_t first = array->dims[0];
    if (array->rank == rank && dims[0] && first % dims[0] == 0 &&
        memcmp(array->dims + 1, dims + 1, (size_t)(rank - 1) * sizeof *dims) == 0)
        return first / dims[0];
    if (same_shape(array->dims + 1, array->rank - 1, dims, rank)) return first;
    return array->rank == 2 && array->dims[1] == (size_t)mote_shape_elements(&tensor->shape) ? first : 0;
}

static enum mote_status report_shape(const struct mote_npy *array, const struct mote_tensor *tensor,
                                     struct mote_diag *diag)
{
    char have[MOTE_NPY_SHAPE_BYTES], want[MOTE_NPY_SHAPE_BYTES];
    struct mote_npy wanted = {.rank = tensor->shape.rank};
    for (int32_t i = 0; i < wanted.rank; i++) wanted.dims[i] = (size_t)tensor->shape.dims[i];
    mote_npy_shape_text(array, have);
    mote_npy_shape_text(&wanted, want);
    if (array->element_count == 0) return mote_error(diag, MOTE_ERR_INPUT, "the array of shape %s is empty", have);
    return mote_error(diag, MOTE_ERR_INPUT,
                      "the array has the shape %s, but the input \"%.100s\" is %s; many vectors go along a first axis", have,
                      tensor->name, want);
}

/* Where the elements of one array go: input `offset_bytes` into each vector of stride_bytes. */
struct placement {
    const struct mote_tensor *tensor;
    uint8_t *vectors;
    size_t offset_bytes, stride_bytes, count;
};

static uint8_t *element_at(const struct placement *placement, size_t index)
{
    const size_t per_vector = (size_t)mote_shape_elements(&placement->tensor->shape);
    return placement->vectors + index / per_vector * placement->stride_bytes + placement->offset_bytes +
           index % per_vector * mote_dtype_bytes(placement->tensor->dtype);
}

static enum mote_status place_reals(const struct mote_npy *array, const struct placement *placement,
                                    struct mote_diag *diag)
{
    if (!mote_input_takes_reals(placement->tensor))
        return mote_error(diag, MOTE_ERR_INPUT,
                          "the array holds floats, but the input \"%.100s\" (%s) has no scale to quantise them with",
                          placement->tensor->name, mote_dtype_name(placement->tensor->dtype));
    for (size_t i = 0; i < array->element_count; i++) {
        const double real = mote_npy_real(array, i);
        if (!isfinite(real))
            return mote_error(diag, MOTE_ERR_INPUT, "element %zu of the array is not a finite number", i);
        mote_input_store(placement->tensor, real, element_at(placement, i));
    }
    return MOTE_OK;
}

/* Bytes of a picture and quantised values both come as unsigned arrays; taking one for the other gives nonsense. */
static bool is_ambiguous(const struct mote_npy *array, const struct mote_tensor *tensor)
{
    return (array->type == MOTE_NPY_U1 || array->type == MOTE_NPY_U2) && tensor->quant.count > 0 &&
           tensor->dtype != MOTE_U8;
}

static enum mote_status place_integers(const struct mote_npy *array, const struct placement *placement,
                                       struct mote_diag *diag)
{
    const struct mote_tensor *tensor = placement->tensor;
    if (is_ambiguous(array, tensor))
        return mote_error(diag, MOTE_ERR_INPUT,
                          "the array is unsigned (%s), but the input \"%.100s\" is %s; save quantised values as int8 or "
                          "int16, real values as float32",
                          mote_npy_type_name(array->type), tensor->name, mote_dtype_name(tensor->dtype));
    int64_t least = INT64_MIN, greatest = INT64_MAX;
    if (tensor->dtype != MOTE_S64) mote_input_range(tensor->dtype, &least, &greatest);
    for (size_t i = 0; i < array->element_count; i++) {
        const int64_t value = mote_npy_integer(array, i);
        if (value < least || value > greatest)
            return mote_error(diag, MOTE_ERR_INPUT,
                              "element %zu of the array is %" PRId64 ", but the input \"%.100s\" is %s; integers are "
                              "quantised values, floats are quantised",
                              i, value, tensor->name, mote_dtype_name(tensor->dtype));
        store_integer(element_at(placement, i), mote_dtype_bytes(tensor->dtype), value);
    }
    return MOTE_OK;
}

static enum mote_status place(const struct mote_npy *array, const struct placement *placement, struct mote_diag *diag)
{
    if (mote_npy_type_is_float(array->type) || placement->tensor->dtype == MOTE_F32)
        return place_reals(array, placement, diag);
    return place_integers(array, placement, diag);
}

/* ---- Vectors ---- */

struct vectors {
    const uint8_t *bytes;
    size_t count;
};

static const struct mote_tensor *input_tensor(const struct mote *mote, int32_t index)
{
    return &mote->graph->tensors[mote->graph->inputs[index]];
}

/* arrays[i] goes to input i; all must hold the same number of vectors. */
static enum mote_status place_arrays(struct mote *mote, const struct mote_npy *const *arrays, struct vectors *vectors)
{
    struct placement placement = {.stride_bytes = mote->model_info->vector_input_bytes};
    for (int32_t i = 0; i < mote->graph->input_count; i++) {
        const size_t count = count_vectors(arrays[i], input_tensor(mote, i));
        if (!count) return report_shape(arrays[i], input_tensor(mote, i), &mote->diag);
        if (i && count != placement.count)
            return mote_error(&mote->diag, MOTE_ERR_INPUT, "the first array holds %zu vectors, the one of input %d holds %zu",
                              placement.count, (int)i, count);
        placement.count = count;
    }
    placement.vectors = mote_arena_calloc(&mote->data_arena, placement.count, placement.stride_bytes);
    if (!placement.vectors) return mote_error_memory(&mote->diag);
    for (int32_t i = 0; i < mote->graph->input_count; i++) {
        placement.tensor = input_tensor(mote, i);
        const enum mote_status status = place(arrays[i], &placement, &mote->diag);
        if (status != MOTE_OK) return status;
        placement.offset_bytes += mote_tensor_bytes(placement.tensor);
    }
    *vectors = (struct vectors){placement.vectors, placement.count};
    return MOTE_OK;
}

static enum mote_status need_one_input(struct mote *mote, const char *what)
{
    if (mote->graph->input_count == 1) return MOTE_OK;
    return mote_error(&mote->diag, MOTE_ERR_INPUT, "the model has %d inputs, %s gives one; use an .npz archive or raw bytes",
                      (int)mote->graph->input_count, what);
}

static enum mote_status read_npy(struct mote *mote, const uint8_t *bytes, size_t size_bytes, struct mote_arena *scratch,
                                 struct vectors *vectors)
{
    struct mote_npy array;
    enum mote_status status = need_one_input(mote, "an .npy array");
    if (status == MOTE_OK) status = mote_npy_parse(bytes, size_bytes, scratch, &array, &mote->diag);
    return status == MOTE_OK ? place_arrays(mote, &(const struct mote_npy *){&array}, vectors) : status;
}

static const struct mote_npy *find_array(const struct mote_npy *arrays, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(arrays[i].name, name) == 0) return &arrays[i];
    return NULL;
}

static enum mote_status read_npz(struct mote *mote, const uint8_t *bytes, size_t size_bytes, struct mote_arena *scratch,
                                 struct vectors *vectors)
{
    const struct mote_npy *arrays = NULL;
    size_t array_count = 0;
    const enum mote_status status = mote_npz_parse(bytes, size_bytes, scratch, &arrays, &array_count, &mote->diag);
    if (status != MOTE_OK) return status;
    const size_t input_count = (size_t)mote->graph->input_count;
    const struct mote_npy **chosen = MOTE_NEW_ARRAY(scratch, const struct mote_npy *, input_count);
    if (!chosen) return mote_error_memory(&mote->diag);
    bool by_name = true;
    for (size_t i = 0; i < input_count && by_name; i++) {
        chosen[i] = find_array(arrays, array_count, input_tensor(mote, (int32_t)i)->name);
        by_name = chosen[i] != NULL;
    }
    if (!by_name && array_count != input_count)
        return mote_error(&mote->diag, MOTE_ERR_INPUT, "the archive has %zu arrays that are not named as the model's %zu inputs",
                          array_count, input_count);
    for (size_t i = 0; i < input_count && !by_name; i++) chosen[i] = &arrays[i];
    return place_arrays(mote, chosen, vectors);
}

static enum mote_status read_picture(struct mote *mote, const uint8_t *bytes, size_t size_bytes, struct vectors *vectors)
{
    const enum mote_status status = need_one_input(mote, "a picture");
    vectors->count = 1;
    if (status != MOTE_OK) return status;
    return mote_input_picture(input_tensor(mote, 0), bytes, size_bytes, &mote->data_arena, &vectors->bytes, &mote->diag);
}

static enum mote_status read_raw(struct mote *mote, const uint8_t *bytes, size_t size_bytes, struct vectors *vectors)
{
    const size_t vector_bytes = mote->model_info->vector_input_bytes;
    if (!vector_bytes || size_bytes == 0 || size_bytes % vector_bytes != 0)
        return mote_error(&mote->diag, MOTE_ERR_INPUT, "%zu bytes are no whole number of input vectors of %zu bytes",
                          size_bytes, vector_bytes);
    vectors->bytes = mote_arena_copy(&mote->data_arena, bytes, size_bytes);
    vectors->count = size_bytes / vector_bytes;
    return vectors->bytes ? MOTE_OK : mote_error_memory(&mote->diag);
}

static enum mote_status read_vectors(struct mote *mote, const char *path, struct mote_arena *scratch, struct vectors *vectors)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    mote->diag.file[0] = 0; /* the reader of files names the file itself */
    const enum mote_status status = mote_file_read(path, LARGEST_DATA_BYTES, scratch, &bytes, &size_bytes, &mote->diag);
    if (status != MOTE_OK) return status;
    snprintf(mote->diag.file, sizeof mote->diag.file, "%s", path);
    if (mote_input_ends_in(path, ".npy")) return read_npy(mote, bytes, size_bytes, scratch, vectors);
    if (mote_input_ends_in(path, ".npz")) return read_npz(mote, bytes, size_bytes, scratch, vectors);
    if (mote_input_ends_in(path, ".png") || mote_input_ends_in(path, ".jpg") || mote_input_ends_in(path, ".jpeg"))
        return read_picture(mote, bytes, size_bytes, vectors);
    return read_raw(mote, bytes, size_bytes, vectors);
}

enum mote_status mote_read_input(struct mote *mote, const char *path, const uint8_t **input, size_t *vector_count)
{
    if (!mote->graph) return mote_error(&mote->diag, MOTE_ERR_INPUT, "no model is loaded");
    char file[sizeof mote->diag.file];
    memcpy(file, mote->diag.file, sizeof file);
    struct mote_arena scratch;
    mote_arena_init(&scratch, 4 * MOTE_ARENA_DEFAULT_LIMIT);
    struct vectors vectors = {0};
    const enum mote_status status = read_vectors(mote, path, &scratch, &vectors);
    mote_arena_free(&scratch);
    memcpy(mote->diag.file, file, sizeof file);
    if (status != MOTE_OK) return status;
    *input = vectors.bytes;
    *vector_count = vectors.count;
    return MOTE_OK;
}

enum mote_status mote_random_input(struct mote *mote, uint64_t seed, size_t vector_count, const uint8_t **input)
{
    if (!mote->source) return mote_error(&mote->diag, MOTE_ERR_INPUT, "no model is loaded");
    const size_t bytes = mote->model_info->vector_input_bytes;
    uint8_t *vectors = mote_arena_calloc(&mote->data_arena, vector_count, bytes);
    if (!vectors) return mote_error_memory(&mote->diag);
    struct mote_rng rng;
    mote_rng_seed(&rng, seed);
    for (size_t i = 0; i < vector_count; i++) mote_session_random_vector(mote->source, &rng, vectors + i * bytes);
    *input = vectors;
    return MOTE_OK;
}
