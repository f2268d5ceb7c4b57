/* Vectors from files, through the public API: shapes, quantisation, pictures, archives; what is wrong is said. The
 * expected values are computed here from the formulas that mote.h and the manual state. */
#include "mote.h"

#include "base/npy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <png.h>
#include <zip.h>

#include <cmocka.h>

#define MODELS "../shared/models/"

struct fixture {
    struct mote *mote;
    char path[64];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->mote = mote_new();
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    mote_free(f->mote);
    free(f);
    return 0;
}

static void write_file(struct fixture *f, const char *ending, const void *bytes, size_t size)
{
    snprintf(f->path, sizeof f->path, "test_input_%ld%s", (long)getpid(), ending);
    FILE *file = fopen(f->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_npy(struct fixture *f, struct mote_npy array)
{
    array.element_count = 1;
    for (int32_t i = 0; i < array.rank; i++) array.element_count *= array.dims[i];
    struct mote_text text = {0};
    mote_npy_format(&array, &text);
    assert_false(text.failed);
    write_file(f, ".npy", text.bytes, text.length);
    mote_text_free(&text);
}

static enum mote_status read_back(struct fixture *f, const uint8_t **input, size_t *count)
{
    const enum mote_status status = mote_read_input(f->mote, f->path, input, count);
    remove(f->path);
    return status;
}

/* Reading fails, and the last message names the file and says `text`. */
static void expect_error(struct fixture *f, const char *text)
{
    const uint8_t *input = NULL;
    size_t count = 77;
    assert_int_not_equal(read_back(f, &input, &count), MOTE_OK);
    assert_null(input);
    assert_int_equal(count, 77);
    const char *message = mote_message(f->mote, mote_message_count(f->mote) - 1)->text;
    if (!strstr(message, f->path) || !strstr(message, text)) fail_msg("\"%s\" does not say \"%s\"", message, text);
}

/* ---- Arrays: hello_world has one input element, [1, 1], scale 0.0244801156, zero point -128 ---- */

static void floats_are_quantised_as_stated(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mote_load(f->mote, MODELS "hello_world_int8.tflite"), MOTE_OK);
    const float scale = mote_model_info(f->mote)->inputs[0].scale;
    /* halves are rounded away from zero, values beyond the range are clamped */
    const float reals[] = {0, scale * 100, scale * 2.5f, scale * 3.5f, -1, 1000, -1e30f, 1e30f, scale * 2.4f, scale * 200.6f};
    const int8_t expected[] = {-128, -28, -125, -124, -128, 127, -128, 127, -126, 73};
    write_npy(f, (struct mote_npy){.type = MOTE_NPY_F4, .rank = 1, .dims = {10}, .data = (const uint8_t *)reals});
    const uint8_t *input;
    size_t count;
    assert_int_equal(read_back(f, &input, &count), MOTE_OK);
    assert_int_equal(count, 10);
    for (size_t i = 0; i < 10; i++) assert_int_equal((int8_t)input[i], expected[i]);
}

static void integers_are_quantised_values(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mote_load(f->mote, MODELS "hello_world_int8.tflite"), MOTE_OK);
    const uint8_t *input;
    size_t count;
    const int8_t bytes[] = {-128, 0, 127};
    write_npy(f, (struct mote_npy){.type = MOTE_NPY_I1, .rank = 2, .dims = {3, 1}, .data = (const uint8_t *)bytes});
    assert_int_equal(read_back(f, &input, &count), MOTE_OK);
    assert_int_equal(count, 3);
    assert_memory_equal(input, bytes, 3);
    const int64_t wide[] = {-128, 127};
    write_npy(f, (struct mote_npy){.type = MOTE_NPY_I8, .rank = 1, .dims = {2}, .data = (const uint8_t *)wide});
    assert_int_equal(read_back(f, &input, &count), MOTE_OK);
    assert_int_equal((int8_t)input[0], -128);
    assert_int_equal((int8_t)input[1], 127);
    const int64_t too_wide[] = {-128, 128};
    write_npy(f, (struct mote_npy){.type = MOTE_NPY_I8, .rank = 1, .dims = {2}, .data = (const uint8_t *)too_wide});
    expect_error(f, "element 1 of the array is 128");
    const uint8_t pixels[] = {3, 4};
    write_npy(f, (struct mote_npy){.type = MOTE_NPY_U1, .rank = 1, .dims = {2}, .data = pixels});
    expect_error(f, "unsigned (u1)");
}

static void what_is_no_number_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mote_load(f->mote, MODELS "hello_world_int8.tflite"), MOTE_OK);
    const uint32_t nan_and_infinity[] = {0x7fc00000, 0x7f800000};
    for (int i = 0; i < 2; i++) {
        write_npy(f, (struct mote_npy){.type = MOTE_NPY_F4, .rank = 1, .dims = {1},
                                       .data = (const uint8_t *)&nan_and_infinity[i]});
        expect_error(f, "element 0 of the array is not a finite number");
    }
}

/* ---- Shapes: the keyword model's input is [1, 49, 10, 1] ---- */

static void shapes_say_how_many_vectors(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mote_load(f->mote, MODELS "kws_ref_model.tflite"), MOTE_OK);
    static int8_t elements[3 * 490];
    for (size_t i = 0; i < sizeof elements; i++) elements[i] = (int8_t)(i * 7);
    static const struct {
        int32_t rank;
        size_t dims[5], count; /* 0: refused */
    } cases[] = {
        {4, {1, 49, 10, 1}, 1}, {2, {49, 10}, 1},  {3, {49, 10, 1}, 1}, {4, {3, 49, 10, 1}, 3},  {3, {3, 49, 10}, 3},
        {2, {3, 490}, 3},       {5, {3, 1, 49, 10, 1}, 3}, {1, {490}, 0}, {2, {10, 49}, 0},      {3, {3, 10, 49}, 0},
        {1, {1470}, 0},         {2, {2, 245}, 0},  {0, {0}, 0},         {4, {0, 49, 10, 1}, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mote_npy array = {.type = MOTE_NPY_I1, .rank = cases[i].rank, .data = (const uint8_t *)elements};
        memcpy(array.dims, cases[i].dims, sizeof cases[i].dims);
        write_npy(f, array);
        if (!cases[i].count) {
            expect_error(f, "array");
            continue;
        }
        const uint8_t *input;
        size_t count;
        assert_int_equal(read_back(f, &input, &count), MOTE_OK);
        assert_int_equal(count, cases[i].count);
        assert_memory_equal(input, elements, count * 490);
    }
}

static void raw_files_hold_whole_vectors(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mote_load(f->mote, MODELS "kws_ref_model.tflite"), MOTE_OK);
    static const uint8_t bytes[981];
    const uint8_t *input;
    size_t count;
    write_file(f, ".bin", bytes, 980);
    assert_int_equal(read_back(f, &input, &count), MOTE_OK);
    assert_int_equal(count, 2);
    write_file(f, ".bin", bytes, 981);
    expect_error(f, "981 bytes are no whole number of input vectors of 490 bytes");
    write_file(f, ".bin", bytes, 0);
    expect_error(f, "0 bytes");
}

static void files_that_are_not_there_are_named(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mote_load(f->mote, MODELS "kws_ref_model.tflite"), MOTE_OK);
    snprintf(f->path, sizeof f->path, "no_such_file.npy");
    expect_error(f, "No such file");
}

/* ---- Archives: an addition of two int16 inputs ---- */

static void write_npz(struct fixture *f, const char *const *names, const struct mote_npy *arrays, size_t count)
{
    snprintf(f->path, sizeof f->path, "test_input_%ld.npz", (long)getpid());
    struct mote_text texts[4] = {{0}};
    zip_t *zip = zip_open(f->path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    for (size_t i = 0; i < count; i++) {
        char name[1024];
        snprintf(name, sizeof name, "%s.npy", names[i]);
        mote_npy_format(&arrays[i], &texts[i]);
        zip_source_t *source = zip_source_buffer(zip, texts[i].bytes, texts[i].length, 0);
        assert_true(zip_file_add(zip, name, source, 0) >= 0);
    }
    assert_int_equal(zip_close(zip), 0);
    for (size_t i = 0; i < count; i++) mote_text_free(&texts[i]);
}

static void archives_are_matched_by_name_or_order(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mote_load(f->mote, MODELS "seanet/add0.tflite"), MOTE_OK);
    const struct mote_model_info *model = mote_model_info(f->mote);
    assert_int_equal(model->input_count, 2);
    struct mote_npy arrays[2];
    const size_t bytes = model->inputs[0].bytes;
    assert_int_equal(model->inputs[1].bytes, bytes);
    uint8_t *first = malloc(2 * bytes), *second = malloc(2 * bytes);
    memset(first, 3, 2 * bytes);
    memset(second, 4, 2 * bytes);
    const uint8_t *contents[] = {first, second};
    for (int i = 0; i < 2; i++)
        arrays[i] = (struct mote_npy){.type = MOTE_NPY_I2, .rank = 2, .dims = {2, bytes / 2}, .element_count = bytes,
                                      .data = contents[i]};
    const char *in_order[] = {"arr_0", "arr_1"};
    const char *swapped[] = {model->inputs[1].name, model->inputs[0].name};
    for (int by_name = 0; by_name < 2; by_name++) {
        const uint8_t *input;
        size_t count;
        write_npz(f, by_name ? swapped : in_order, arrays, 2);
        assert_int_equal(read_back(f, &input, &count), MOTE_OK);
        assert_int_equal(count, 2);
        for (size_t v = 0; v < 2; v++)
            for (size_t i = 0; i < 2 * bytes; i++) {
                const bool is_first = i < bytes;
                assert_int_equal(input[v * 2 * bytes + i], is_first != (by_name != 0) ? 3 : 4);
            }
    }
    write_npz(f, in_order, arrays, 1);
    expect_error(f, "1 arrays");
    arrays[1].dims[0] = 1;
    arrays[1].element_count = bytes / 2;
    write_npz(f, in_order, arrays, 2);
    expect_error(f, "2 vectors");
    write_npy(f, arrays[1]);
    expect_error(f, "2 inputs");
    free(first);
    free(second);
}

/* ---- Pictures ---- */

static void write_png(struct fixture *f, uint32_t width, uint32_t height, uint32_t format, const uint8_t *pixels)
{
    png_image png = {.version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = format};
    snprintf(f->path, sizeof f->path, "test_input_%ld.png", (long)getpid());
    assert_true(png_image_write_to_file(&png, f->path, 0, pixels, 0, NULL));
}

/* The digits' input covers 0..1 with scale 1/255 and zero point -128: pixel p becomes p - 128. */
static void pixels_are_scaled_to_the_input(void **state)
{
    struct fixture *f = *state;
    uint8_t pixels[28 * 28];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 11);
    assert_int_equal(mote_load(f->mote, MODELS "mnist_valid_q.tflite"), MOTE_OK);
    const uint8_t *input;
    size_t count;
    write_png(f, 28, 28, PNG_FORMAT_GRAY, pixels);
    assert_int_equal(read_back(f, &input, &count), MOTE_OK);
    assert_int_equal(count, 1);
    for (size_t i = 0; i < sizeof pixels; i++) assert_int_equal((int8_t)input[i], pixels[i] - 128);
}

/* This one covers 0..255: scale 1, zero point -128. Colour, 4 x 4 blocks of one colour each, shrunk to a quarter. */
static void large_pictures_are_averaged(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mote_load(f->mote, MODELS "pretrainedResnet_quant.tflite"), MOTE_OK);
    static uint8_t pixels[128 * 128 * 3];
    for (size_t y = 0; y < 128; y++)
        for (size_t x = 0; x < 128; x++)
            for (size_t c = 0; c < 3; c++) pixels[(y * 128 + x) * 3 + c] = (uint8_t)((y / 4) * 5 + (x / 4) * 3 + c);
    const uint8_t *input;
    size_t count;
    write_png(f, 128, 128, PNG_FORMAT_RGB, pixels);
    assert_int_equal(read_back(f, &input, &count), MOTE_OK);
    for (size_t y = 0; y < 32; y++)
        for (size_t x = 0; x < 32; x++)
            for (size_t c = 0; c < 3; c++)
                assert_int_equal((int8_t)input[(y * 32 + x) * 3 + c], (int)(uint8_t)(y * 5 + x * 3 + c) - 128);
}

static void inputs_that_are_no_pictures_refuse_them(void **state)
{
    struct fixture *f = *state;
    const uint8_t pixel = 9;
    static const struct {
        const char *model, *text;
    } cases[] = {
        {MODELS "ad01_int8.tflite", "no picture"},              /* 640 numbers */
        {MODELS "kws_ref_model.tflite", "none of 0..1"},        /* has the shape, but covers -123..26 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(mote_load(f->mote, cases[i].model), MOTE_OK);
        write_png(f, 1, 1, PNG_FORMAT_GRAY, &pixel);
        expect_error(f, cases[i].text);
    }
}

/* ---- Outputs ---- */

static void outputs_are_written_as_arrays_and_json(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(mote_load(f->mote, MODELS "mnist_valid_q.tflite"), MOTE_OK);
    int8_t output[20];
    for (int i = 0; i < 20; i++) output[i] = (int8_t)(i * 13 - 128);
    snprintf(f->path, sizeof f->path, "test_input_%ld.npy", (long)getpid());
    assert_int_equal(mote_write_output(f->mote, f->path, (const uint8_t *)output, 2), MOTE_OK);
    FILE *file = fopen(f->path, "rb");
    assert_non_null(file);
    char text[4096];
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    remove(f->path);
    struct mote_arena arena;
    struct mote_npy array;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    assert_int_equal(mote_npy_parse((const uint8_t *)text, size, &arena, &array, NULL), MOTE_OK);
    assert_int_equal(array.type, MOTE_NPY_I1);
    assert_int_equal(array.rank, 2);
    assert_int_equal(array.dims[0], 2);
    assert_int_equal(array.dims[1], 10);
    assert_memory_equal(array.data, output, 20);
    mote_arena_free(&arena);

    snprintf(f->path, sizeof f->path, "test_input_%ld.json", (long)getpid());
    assert_int_equal(mote_write_output(f->mote, f->path, (const uint8_t *)output, 2), MOTE_OK);
    file = fopen(f->path, "rb");
    assert_non_null(file);
    size = fread(text, 1, sizeof text - 1, file);
    text[size] = 0;
    fclose(file);
    remove(f->path);
    assert_non_null(strstr(text, "[[-128, -115, -102, -89, -76, -63, -50, -37, -24, -11]],"));
    assert_non_null(strstr(text, "[[2, 15, 28, 41, 54, 67, 80, 93, 106, 119]]"));
    assert_non_null(strstr(text, "\"dtype\": \"s8\", \"shape\": [1, 10], \"scale\": 0.00390625, \"zero_point\": -128"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(floats_are_quantised_as_stated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(integers_are_quantised_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_number_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shapes_say_how_many_vectors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(raw_files_hold_whole_vectors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_that_are_not_there_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(archives_are_matched_by_name_or_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pixels_are_scaled_to_the_input, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_pictures_are_averaged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(inputs_that_are_no_pictures_refuse_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(outputs_are_written_as_arrays_and_json, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
