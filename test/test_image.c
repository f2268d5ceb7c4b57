/* Pictures are read as they were written, resized by the stated formulas, and damaged ones are refused. PNG and JPEG
 * files are made here with libpng and libjpeg; resizing is checked against a direct evaluation in floating point. */
#include "base/image.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#include <cmocka.h>

struct fixture {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_image image;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    mote_arena_init(&fixture->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&fixture->diag, "x.png");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    mote_arena_free(&fixture->arena);
    mote_diag_free(&fixture->diag);
    free(fixture);
    return 0;
}

struct file {
    uint8_t *bytes;
    size_t size;
};

static struct file make_png(uint32_t width, uint32_t height, uint32_t format, const void *pixels)
{
    png_image png = {.version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = format};
    png_alloc_size_t size = 0;
    assert_true(png_image_write_get_memory_size(png, size, 0, pixels, 0, NULL));
    struct file file = {malloc(size), size};
    assert_true(png_image_write_to_memory(&png, file.bytes, &size, 0, pixels, 0, NULL));
    file.size = size;
    return file;
}

static struct file make_jpeg(int width, int height, int channels, bool progressive, const uint8_t *pixels)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct file file = {0};
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &file.bytes, &size);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 100, TRUE);
    if (progressive) jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels + (size_t)jpeg.next_scanline * (size_t)width * (size_t)channels);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    file.size = size;
    return file;
}

static enum mote_status parse(struct fixture *f, struct file file, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, file.bytes, size);
    const enum mote_status status = mote_image_parse(copy, size, &f->arena, &f->image, &f->diag);
    free(copy);
    return status;
}

static void png_pixels_are_read_as_written(void **state)
{
    struct fixture *f = *state;
    uint8_t pixels[5 * 3 * 3];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 5);
    struct file file = make_png(5, 3, PNG_FORMAT_RGB, pixels);
    assert_int_equal(parse(f, file, file.size), MOTE_OK);
    assert_int_equal(f->image.width, 5);
    assert_int_equal(f->image.height, 3);
    assert_int_equal(f->image.channels, 3);
    assert_memory_equal(f->image.pixels, pixels, sizeof pixels);
    free(file.bytes);
    file = make_png(15, 3, PNG_FORMAT_GRAY, pixels);
    assert_int_equal(parse(f, file, file.size), MOTE_OK);
    assert_int_equal(f->image.channels, 1);
    assert_memory_equal(f->image.pixels, pixels, sizeof pixels);
    free(file.bytes);
}

static void transparent_pixels_are_black(void **state)
{
    struct fixture *f = *state;
    const uint8_t pixels[8] = {200, 100, 50, 255, 200, 100, 50, 0};
    struct file file = make_png(2, 1, PNG_FORMAT_RGBA, pixels);
    assert_int_equal(parse(f, file, file.size), MOTE_OK);
    const uint8_t expected[6] = {200, 100, 50, 0, 0, 0};
    assert_memory_equal(f->image.pixels, expected, 6);
    free(file.bytes);
}

static void jpeg_pixels_are_read_as_written(void **state)
{
    struct fixture *f = *state;
    for (int channels = 1; channels <= 3; channels += 2) {
        uint8_t pixels[16 * 8 * 3];
        for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(40 + 60 * (i % (size_t)channels));
        for (int progressive = 0; progressive < 2; progressive++) {
            struct file file = make_jpeg(16, 8, channels, progressive, pixels);
            assert_int_equal(parse(f, file, file.size), MOTE_OK);
            assert_int_equal(f->image.width, 16);
            assert_int_equal(f->image.height, 8);
            assert_int_equal(f->image.channels, channels);
            for (size_t i = 0; i < 16 * 8 * (size_t)channels; i++)
                assert_in_range(f->image.pixels[i] + 2 - pixels[i], 0, 4); /* the colour transform rounds */
            free(file.bytes);
        }
    }
}

static void cmyk_is_unsupported(void **state)
{
    struct fixture *f = *state;
    const uint8_t pixels[8 * 8 * 4] = {0};
    struct file file = make_jpeg(8, 8, 4, false, pixels);
    assert_int_equal(parse(f, file, file.size), MOTE_ERR_UNSUPPORTED);
    free(file.bytes);
}

/* Cut anywhere before the end of the pixels. What follows them is the IEND chunk of a PNG (12 bytes), which is not read,
 * and the end marker of a JPEG (2 bytes), which is. */
static void cut_files_are_refused(void **state)
{
    struct fixture *f = *state;
    uint8_t pixels[24 * 24 * 3];
    struct mote_rng rng;
    mote_rng_seed(&rng, 5);
    mote_rng_fill(&rng, pixels, sizeof pixels);
    struct file files[] = {make_png(24, 24, PNG_FORMAT_RGB, pixels), make_jpeg(24, 24, 3, false, pixels)};
    const size_t unread_bytes[] = {12, 0};
    for (int i = 0; i < 2; i++) {
        f->image.width = -7;
        for (size_t size = 0; size < files[i].size - unread_bytes[i]; size += 1 + size / 16) {
            const enum mote_status status = parse(f, files[i], size);
            assert_true(status == MOTE_ERR_INPUT || status == MOTE_ERR_UNSUPPORTED);
        }
        assert_int_equal(parse(f, files[i], files[i].size - unread_bytes[i] - 1), MOTE_ERR_INPUT);
        assert_int_equal(f->image.width, -7); /* untouched */
        assert_int_equal(parse(f, files[i], files[i].size), MOTE_OK);
        free(files[i].bytes);
    }
}

/* With any byte changed, a file is refused or gives a picture of sane size. */
static void changed_bytes_do_no_harm(void **state)
{
    struct fixture *f = *state;
    uint8_t pixels[16 * 16 * 3];
    struct mote_rng rng;
    mote_rng_seed(&rng, 6);
    mote_rng_fill(&rng, pixels, sizeof pixels);
    struct file files[] = {make_png(16, 16, PNG_FORMAT_RGB, pixels), make_jpeg(16, 16, 3, false, pixels),
                           make_jpeg(16, 16, 3, true, pixels)};
    for (int i = 0; i < 3; i++) {
        int refused = 0;
        for (int k = 0; k < 2000; k++) {
            const size_t at = (size_t)mote_rng_below(&rng, files[i].size);
            const uint8_t kept = files[i].bytes[at];
            files[i].bytes[at] = (uint8_t)mote_rng_next(&rng);
            mote_arena_free(&f->arena);
            if (parse(f, files[i], files[i].size) == MOTE_OK)
                assert_in_range((int64_t)f->image.width * f->image.height, 1, MOTE_IMAGE_MAX_PIXELS);
            else
                refused++;
            files[i].bytes[at] = kept;
        }
        assert_in_range(refused, 1, 2000);
        free(files[i].bytes);
        mote_diag_free(&f->diag);
    }
}

static void oversized_pictures_are_refused_before_they_are_unpacked(void **state)
{
    struct fixture *f = *state;
    const uint8_t pixel = 0;
    struct file file = make_png(1, 1, PNG_FORMAT_GRAY, &pixel);
    uint8_t *header = file.bytes + 16; /* width and height of the IHDR chunk, then its checksum */
    const uint32_t sides[2] = {MOTE_IMAGE_MAX_SIDE + 1, 1};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 4; k++) header[4 * i + k] = (uint8_t)(sides[i] >> (24 - 8 * k));
    uint32_t crc = UINT32_MAX; /* of the 17 bytes from the chunk's type on, PNG specification, annex D */
    for (const uint8_t *byte = file.bytes + 12; byte < file.bytes + 29; byte++) {
        crc ^= *byte;
        for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
    }
    for (int k = 0; k < 4; k++) file.bytes[29 + k] = (uint8_t)(~crc >> (24 - 8 * k));
    assert_int_equal(parse(f, file, file.size), MOTE_ERR_INPUT);
    assert_non_null(strstr(f->diag.messages[0].text, "16385 x 1"));
    free(file.bytes);
}

static void failed_allocations_are_errors(void **state)
{
    struct fixture *f = *state;
    const uint8_t pixels[8 * 8] = {0};
    struct file files[] = {make_png(8, 8, PNG_FORMAT_GRAY, pixels), make_jpeg(8, 8, 1, false, pixels)};
    for (int i = 0; i < 2; i++) {
        f->arena.fail_after = 0;
        assert_int_equal(parse(f, files[i], files[i].size), MOTE_ERR_MEMORY);
        f->arena.fail_after = -1;
        assert_int_equal(parse(f, files[i], files[i].size), MOTE_OK);
        free(files[i].bytes);
    }
    const double *samples;
    for (long k = 0; k < 5; k++) {
        f->arena.fail_after = k;
        assert_int_equal(mote_image_resize(&f->image, 4, 4, 1, &f->arena, &samples, &f->diag), MOTE_ERR_MEMORY);
    }
}

/* ---- Resizing ---- */

/* One sample straight from the formulas of image.h, in floating point. */
static double linear_weight(double x, int source, int pixel)
{
    x = x < 0 ? 0 : x > source - 1 ? source - 1 : x;
    const double distance = fabs(x - pixel);
    return distance < 1 ? 1 - distance : 0;
}

static double area_weight(double begin, double end, int pixel)
{
    const double low = begin > pixel ? begin : pixel, high = end < pixel + 1 ? end : pixel + 1;
    return high > low ? (high - low) / (end - begin) : 0;
}

static double axis_weight(int source, int destination, int position, int pixel)
{
    const double ratio = (double)source / destination;
    if (source > 2 * destination) return area_weight(position * ratio, (position + 1) * ratio, pixel);
    return linear_weight((position + 0.5) * ratio - 0.5, source, pixel);
}

static double direct_sample(const struct mote_image *image, int width, int height, int x, int y, int channel)
{
    double sum = 0;
    for (int j = 0; j < image->height; j++)
        for (int i = 0; i < image->width; i++)
            sum += axis_weight(image->height, height, y, j) * axis_weight(image->width, width, x, i) *
                   image->pixels[(j * image->width + i) * image->channels + channel];
    return sum;
}

static void resizing_follows_the_formulas(void **state)
{
    struct fixture *f = *state;
    uint8_t pixels[23 * 17 * 3];
    struct mote_rng rng;
    mote_rng_seed(&rng, 7);
    mote_rng_fill(&rng, pixels, sizeof pixels);
    const struct mote_image image = {23, 17, 3, pixels};
    static const int sizes[][2] = {{23, 17}, {12, 9}, {11, 8}, {5, 3}, {1, 1}, {40, 30}, {46, 4}, {7, 34}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const int width = sizes[i][0], height = sizes[i][1];
        const double *samples;
        assert_int_equal(mote_image_resize(&image, width, height, 3, &f->arena, &samples, &f->diag), MOTE_OK);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                    assert_true(fabs(samples[(y * width + x) * 3 + c] - direct_sample(&image, width, height, x, y, c)) < 1e-9);
    }
}

static void the_same_size_keeps_the_pixels(void **state)
{
    struct fixture *f = *state;
    const uint8_t pixels[6] = {0, 255, 17, 4, 5, 6};
    const double *samples;
    assert_int_equal(mote_image_resize(&(struct mote_image){3, 2, 1, pixels}, 3, 2, 1, &f->arena, &samples, &f->diag), MOTE_OK);
    for (int i = 0; i < 6; i++) assert_true(samples[i] == pixels[i]);
}

static void colour_and_grey_are_converted(void **state)
{
    struct fixture *f = *state;
    const uint8_t colour[3] = {100, 200, 50}, grey[1] = {77};
    const double *samples;
    assert_int_equal(mote_image_resize(&(struct mote_image){1, 1, 3, colour}, 1, 1, 1, &f->arena, &samples, &f->diag), MOTE_OK);
    assert_true(samples[0] == 153.0); /* 29.9 + 117.4 + 5.7 */
    assert_int_equal(mote_image_resize(&(struct mote_image){1, 1, 1, grey}, 1, 1, 3, &f->arena, &samples, &f->diag), MOTE_OK);
    for (int i = 0; i < 3; i++) assert_true(samples[i] == 77.0);
}

static void the_mean_of_blocks_is_exact(void **state)
{
    struct fixture *f = *state;
    const uint8_t pixels[8] = {1, 2, 3, 4, 10, 20, 30, 44};
    const double *samples;
    assert_int_equal(mote_image_resize(&(struct mote_image){8, 1, 1, pixels}, 2, 1, 1, &f->arena, &samples, &f->diag), MOTE_OK);
    assert_true(samples[0] == 2.5);
    assert_true(samples[1] == 26.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(png_pixels_are_read_as_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(transparent_pixels_are_black, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jpeg_pixels_are_read_as_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cmyk_is_unsupported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cut_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changed_bytes_do_no_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(oversized_pictures_are_refused_before_they_are_unpacked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failed_allocations_are_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(resizing_follows_the_formulas, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_size_keeps_the_pixels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(colour_and_grey_are_converted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_mean_of_blocks_is_exact, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
