#include "image.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

static enum mote_status check_dimensions(uint64_t width, uint64_t height, struct mote_diag *diag)
{
    if (width >= 1 && height >= 1 && width <= MOTE_IMAGE_MAX_SIDE && height <= MOTE_IMAGE_MAX_SIDE &&
        width * height <= MOTE_IMAGE_MAX_PIXELS)
        return MOTE_OK;
    return mote_error(diag, MOTE_ERR_INPUT, "the picture has %llu x %llu pixels; at most %d a side and %d in all are read",
                      (unsigned long long)width, (unsigned long long)height, MOTE_IMAGE_MAX_SIDE, MOTE_IMAGE_MAX_PIXELS);
}

static uint8_t *allocate_pixels(const struct mote_image *image, struct mote_arena *arena)
{
    return mote_arena_calloc(arena, (size_t)image->width * (size_t)image->height, (size_t)image->channels);
}

/* ---- PNG, through libpng's simplified interface ---- */

static enum mote_status read_png(png_image *png, struct mote_arena *arena, struct mote_image *image,
                                 struct mote_diag *diag)
{
    const enum mote_status status = check_dimensions(png->width, png->height, diag);
    if (status != MOTE_OK) return status;
    const bool is_colour = (png->format & PNG_FORMAT_FLAG_COLOR) != 0;
    struct mote_image result = {(int32_t)png->width, (int32_t)png->height, is_colour ? 3 : 1, NULL};
    png->format = is_colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    uint8_t *pixels = allocate_pixels(&result, arena);
    if (!pixels) return mote_error_memory(diag);
    const png_color black = {0, 0, 0};
    if (!png_image_finish_read(png, &black, pixels, 0, NULL) || png->warning_or_error != 0)
        return mote_error(diag, MOTE_ERR_INPUT, "the PNG picture is damaged: %s", png->message);
    result.pixels = pixels;
    *image = result;
    return MOTE_OK;
}

static enum mote_status parse_png(const uint8_t *bytes, size_t size_bytes, struct mote_arena *arena,
                                  struct mote_image *image, struct mote_diag *diag)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&png, bytes, size_bytes))
        return mote_error(diag, MOTE_ERR_INPUT, "the PNG picture is damaged: %s", png.message);
    const enum mote_status status = read_png(&png, arena, image, diag);
    png_image_free(&png);
    return status;
}

/* ---- JPEG, through libjpeg; its errors jump back here ---- */

#define JPEG_MAX_SCANS 100

/* Everything that must survive the jump lives in memory, not in locals of the function that jumps. */
struct jpeg_reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    char message[JMSG_LENGTH_MAX];
    struct mote_arena *arena;
    struct mote_image image;
    enum mote_status status;
    struct mote_diag *diag;
};

static _Noreturn void jpeg_fail(j_common_ptr common)
{
    struct jpeg_reader *reader = common->client_data;
    common->err->format_message(common, reader->message);
    longjmp(reader->escape, 1);
}

/* A warning (level -1) means damaged data: give up at once, before a crafted file makes thousands of them. */
static void jpeg_message(j_common_ptr common, int level)
{
    if (level < 0) jpeg_fail(common);
}

/* Each scan of a progressive picture visits every block again, however few bytes it has: a small file could keep us busy
 * for hours. Encoders make about ten. */
static void jpeg_limit_scans(j_common_ptr common)
{
    struct jpeg_reader *reader = common->client_data;
    if (reader->jpeg.input_scan_number <= JPEG_MAX_SCANS) return;
    snprintf(reader->message, sizeof reader->message, "more than %d scans", JPEG_MAX_SCANS);
    longjmp(reader->escape, 1);
}

static enum mote_status begin_jpeg(struct jpeg_reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    jpeg_read_header(jpeg, TRUE);
    enum mote_status status = check_dimensions(jpeg->image_width, jpeg->image_height, reader->diag);
    if (status != MOTE_OK) return status;
    if (jpeg->num_components != 1 && jpeg->num_components != 3)
        return mote_error(reader->diag, MOTE_ERR_UNSUPPORTED,
                          "the JPEG picture has %d components; convert it to grey or RGB", jpeg->num_components);
    jpeg->out_color_space = jpeg->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg->dct_method = JDCT_ISLOW; /* the accurate one, the same on every host */
    reader->image = (struct mote_image){(int32_t)jpeg->image_width, (int32_t)jpeg->image_height, jpeg->num_components, NULL};
    return MOTE_OK;
}

static enum mote_status read_jpeg(struct jpeg_reader *reader)
{
    const enum mote_status status = begin_jpeg(reader);
    if (status != MOTE_OK) return status;
    uint8_t *pixels = allocate_pixels(&reader->image, reader->arena);
    if (!pixels) return mote_error_memory(reader->diag);
    jpeg_start_decompress(&reader->jpeg);
    const size_t row_bytes = (size_t)reader->image.width * (size_t)reader->image.channels;
    while (reader->jpeg.output_scanline < reader->jpeg.output_height) {
        JSAMPROW row = pixels + row_bytes * reader->jpeg.output_scanline;
        jpeg_read_scanlines(&reader->jpeg, &row, 1);
    }
    jpeg_finish_decompress(&reader->jpeg);
    reader->image.pixels = pixels;
    return MOTE_OK;
}

static enum mote_status parse_jpeg(const uint8_t *bytes, size_t size_bytes, struct mote_arena *arena,
                                   struct mote_image *image, struct mote_diag *diag)
{
    struct jpeg_reader reader = {.arena = arena, .diag = diag, .status = MOTE_ERR_INPUT};
    reader.jpeg.err = jpeg_std_error(&reader.errors);
    reader.jpeg.client_data = &reader;
    reader.errors.error_exit = jpeg_fail;
    reader.errors.emit_message = jpeg_message;
    if (setjmp(reader.escape) == 0) {
        jpeg_create_decompress(&reader.jpeg); /* clears the struct but for err and client_data */
        reader.progress.progress_monitor = jpeg_limit_scans;
        reader.jpeg.progress = &reader.progress;
        reader.jpeg.mem->max_memory_to_use = 512L << 20;
        jpeg_mem_src(&reader.jpeg, bytes, (unsigned long)size_bytes);
        reader.status = read_jpeg(&reader);
    } else {
        reader.status = mote_error(diag, MOTE_ERR_INPUT, "the JPEG picture is damaged: %s", reader.message);
    }
    jpeg_destroy_decompress(&reader.jpeg);
    if (reader.status == MOTE_OK) *image = reader.image;
    return reader.status;
}

enum mote_status mote_image_parse(const uint8_t *bytes, size_t size_bytes, struct mote_arena *arena,
                                  struct mote_image *image, struct mote_diag *diag)
{
    static const uint8_t png_signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (size_bytes >= sizeof png_signature && memcmp(bytes, png_signature, sizeof png_signature) == 0)
        return parse_png(bytes, size_bytes, arena, image, diag);
    if (size_bytes >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff)
        return parse_jpeg(bytes, size_bytes, arena, image, diag);
    return mote_error(diag, size_bytes ? MOTE_ERR_UNSUPPORTED : MOTE_ERR_INPUT,
                      size_bytes ? "neither a PNG nor a JPEG picture" : "the picture's file is empty");
}

/* ---- Resizing ---- */

/* The source pixels that one output position reads: weights[k] of pixel first + k, k < count. */
struct taps {
    int32_t first, count;
    int64_t *weights;
};

/* The taps of a whole axis; each output's weights sum to total. */
struct axis {
    struct taps *taps;
    int64_t total;
};

/* x = ((2 i + 1) s - d) / (2 d): pixel floor(x) has the weight 1 - fraction, the next one the fraction, in units of 1/(2 d). */
static void set_linear_taps(struct taps *taps, int64_t position, int64_t source, int64_t destination)
{
    const int64_t unit = 2 * destination, last = (source - 1) * unit;
    int64_t x = (2 * position + 1) * source - destination;
    x = x < 0 ? 0 : x > last ? last : x;
    taps->first = (int32_t)(x / unit);
    taps->count = x % unit ? 2 : 1;
    taps->weights[0] = unit - x % unit;
    taps->weights[1] = x % unit;
}

/* In units of 1/d of a source pixel, output i covers i s .. (i + 1) s, and source pixel k covers k d .. (k + 1) d. */
static void set_area_taps(struct taps *taps, int64_t position, int64_t source, int64_t destination)
{
    const int64_t begin = position * source, end = begin + source;
    taps->first = (int32_t)(begin / destination);
    taps->count = 0;
    for (int64_t k = taps->first; k * destination < end; k++) {
        const int64_t low = k * destination > begin ? k * destination : begin;
        const int64_t high = (k + 1) * destination < end ? (k + 1) * destination : end;
        taps->weights[taps->count++] = high - low;
    }
}

static bool make_axis(struct axis *axis, int32_t source, int32_t destination, struct mote_arena *arena)
{
    const bool is_area = source > 2 * (int64_t)destination;
    const size_t tap_count = is_area ? (size_t)(source / destination) + 2 : 2;
    int64_t *weights = MOTE_NEW_ARRAY(arena, int64_t, (size_t)destination * tap_count);
    axis->taps = MOTE_NEW_ARRAY(arena, struct taps, (size_t)destination);
    if (!weights || !axis->taps) return false;
    axis->total = is_area ? source : 2 * (int64_t)destination;
    for (int32_t i = 0; i < destination; i++) {
        axis->taps[i].weights = weights + (size_t)i * tap_count;
        if (is_area)
            set_area_taps(&axis->taps[i], i, source, destination);
        else
            set_linear_taps(&axis->taps[i], i, source, destination);
    }
    return true;
}

/* Weighted sum over a window of one channel; at most 255 * 2^15 * 2^15. */
static int64_t sum_window(const struct mote_image *image, const struct taps *rows, const struct taps *columns,
                          int32_t channel)
{
    int64_t sum = 0;
    for (int32_t y = 0; y < rows->count; y++) {
        const size_t start = (size_t)(rows->first + y) * (size_t)image->width + (size_t)columns->first;
        const uint8_t *pixel = image->pixels + start * (size_t)image->channels + channel;
        int64_t row_sum = 0;
        for (int32_t x = 0; x < columns->count; x++) row_sum += columns->weights[x] * pixel[(size_t)x * (size_t)image->channels];
        sum += rows->weights[y] * row_sum;
    }
    return sum;
}

static void resize_pixel(const struct mote_image *image, const struct taps *rows, const struct taps *columns,
                         int64_t total, int32_t channels, double *samples)
{
    int64_t sums[3];
    for (int32_t c = 0; c < 3; c++) sums[c] = c < image->channels ? sum_window(image, rows, columns, c) : sums[0];
    if (channels == 1 && image->channels == 3) {
        samples[0] = (double)(299 * sums[0] + 587 * sums[1] + 114 * sums[2]) / (double)(1000 * total);
        return;
    }
    for (int32_t c = 0; c < channels; c++) samples[c] = (double)sums[c] / (double)total;
}

enum mote_status mote_image_resize(const struct mote_image *image, int32_t width, int32_t height, int32_t channels,
                                   struct mote_arena *arena, const double **samples, struct mote_diag *diag)
{
    enum mote_status status = check_dimensions((uint64_t)width, (uint64_t)height, diag);
    if (status != MOTE_OK) return status;
    struct axis columns, rows;
    double *result = MOTE_NEW_ARRAY(arena, double, (size_t)width * (size_t)height * (size_t)channels);
    if (!result || !make_axis(&columns, image->width, width, arena) || !make_axis(&rows, image->height, height, arena))
        return mote_error_memory(diag);
    for (int32_t y = 0; y < height; y++)
        for (int32_t x = 0; x < width; x++)
            resize_pixel(image, &rows.taps[y], &columns.taps[x], rows.total * columns.total, channels,
                         result + ((size_t)y * (size_t)width + (size_t)x) * (size_t)channels);
    *samples = result;
    return MOTE_OK;
}
