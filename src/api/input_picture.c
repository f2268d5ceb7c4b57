/* Pictures as input vectors: resized to the input, pixels scaled to the range that its quantisation covers. */
#include "input.h"

#include "../base/image.h"

/* The real value of a pixel p of 0..255 is p / divisor + offset: the three habits of training code. */
struct pixel_scaling {
    double least, greatest, divisor, offset;
    const char *text;
};

static const struct pixel_scaling scalings[] = {
    {0, 1, 255, 0, "p / 255"},
    {-1, 1, 127.5, -1, "p / 127.5 - 1"},
    {0, 255, 1, 0, "p"},
};

/* How much of two ranges is common: 1 when they are the same, 0 when they do not meet. */
static double overlap(double least, double greatest, const struct pixel_scaling *scaling)
{
    const double low = least > scaling->least ? least : scaling->least;
    const double high = greatest < scaling->greatest ? greatest : scaling->greatest;
    const double outer_low = least < scaling->least ? least : scaling->least;
    const double outer_high = greatest > scaling->greatest ? greatest : scaling->greatest;
    return high > low ? (high - low) / (outer_high - outer_low) : 0;
}

/* The scaling whose range is most like the one that the input's quantised values stand for. Guessing wrong would give
 * plausible nonsense, so an input that resembles none of them well is refused. */
static enum mote_status choose_scaling(const struct mote_tensor *tensor, const struct pixel_scaling **scaling,
                                       struct mote_diag *diag)
{
    if (tensor->quant.count != 1 || !mote_input_takes_reals(tensor))
        return mote_error(diag, MOTE_ERR_UNSUPPORTED,
                          "the input \"%.100s\" is not quantised, so nothing tells how pixels are scaled; give an .npy "
                          "array of what the model was trained with",
                          tensor->name);
    int64_t least, greatest;
    mote_input_range(tensor->dtype, &least, &greatest);
    const double scale = (double)mote_tensor_scale(tensor), zero_point = mote_tensor_zero_point(tensor);
    const double low = scale * ((double)least - zero_point), high = scale * ((double)greatest - zero_point);
    double best = 0.5; /* below half, any choice is a guess */
    for (size_t i = 0; i < sizeof scalings / sizeof scalings[0]; i++) {
        const double common = overlap(low, high, &scalings[i]);
        if (common <= best) continue;
        best = common;
        *scaling = &scalings[i];
    }
    if (best > 0.5) return MOTE_OK;
    return mote_error(diag, MOTE_ERR_UNSUPPORTED,
                      "the input \"%.100s\" covers %.4g to %.4g, which is none of 0..1, -1..1 and 0..255; give an .npy "
                      "array of what the model was trained with",
                      tensor->name, low, high);
}

struct picture_shape {
    int32_t height, width, channels;
};

/* [1, H, W, C], [H, W, C], [1, H, W] or [H, W], C being 1 or 3. */
static enum mote_status find_shape(const struct mote_tensor *tensor, struct picture_shape *shape, struct mote_diag *diag)
{
    const int32_t skipped = tensor->shape.rank >= 2 && tensor->shape.dims[0] == 1 ? 1 : 0;
    const int32_t rank = tensor->shape.rank - skipped;
    const int32_t *dims = tensor->shape.dims + skipped;
    const int32_t channels = rank == 3 ? dims[2] : 1;
    if ((rank != 2 && rank != 3) || (channels != 1 && channels != 3))
        return mote_error(diag, MOTE_ERR_INPUT,
                          "the input \"%.100s\" is no picture: its shape is not height, width and 1 or 3 channels",
                          tensor->name);
    *shape = (struct picture_shape){dims[0], dims[1], channels};
    return MOTE_OK;
}

static enum mote_status convert(const struct mote_tensor *tensor, const struct mote_image *image,
                                struct mote_arena *arena, uint8_t *vector, struct mote_diag *diag)
{
    struct picture_shape shape = {0};
    const struct pixel_scaling *scaling = NULL;
    const double *samples = NULL;
    enum mote_status status = find_shape(tensor, &shape, diag);
    if (status == MOTE_OK) status = choose_scaling(tensor, &scaling, diag);
    if (status == MOTE_OK)
        status = mote_image_resize(image, shape.width, shape.height, shape.channels, arena, &samples, diag);
    if (status != MOTE_OK) return status;
    const size_t element_bytes = mote_dtype_bytes(tensor->dtype);
    const size_t count = (size_t)shape.height * (size_t)shape.width * (size_t)shape.channels;
    for (size_t i = 0; i < count; i++)
        mote_input_store(tensor, samples[i] / scaling->divisor + scaling->offset, vector + i * element_bytes);
    mote_note(diag, MOTE_NOTE, "%d x %d pixels as %d x %d x %d, each pixel p as %s", (int)image->width,
              (int)image->height, (int)shape.width, (int)shape.height, (int)shape.channels, scaling->text);
    return MOTE_OK;
}

enum mote_status mote_input_picture(const struct mote_tensor *tensor, const uint8_t *bytes, size_t size_bytes,
                                    struct mote_arena *arena, const uint8_t **vector, struct mote_diag *diag)
{
    uint8_t *result = mote_arena_calloc(arena, mote_tensor_bytes(tensor), 1);
    if (!result) return mote_error_memory(diag);
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_image image;
    enum mote_status status = mote_image_parse(bytes, size_bytes, &scratch, &image, diag);
    if (status == MOTE_OK) status = convert(tensor, &image, &scratch, result, diag);
    mote_arena_free(&scratch);
    if (status == MOTE_OK) *vector = result;
    return status;
}
