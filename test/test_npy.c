/* Arrays (.npy, .npz) are read as NumPy's format says, and nothing hostile gets through; random numbers are repeatable.
 * The expected bytes follow the description of the format in the NumPy manual (numpy.lib.format), written by hand. */
#include "base/json.h"
#include "base/npz.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include <cmocka.h>

struct bytes {
    uint8_t data[2048];
    size_t size;
};

static void append(struct bytes *bytes, const void *data, size_t size)
{
    assert_true(bytes->size + size <= sizeof bytes->data);
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

/* A file of that version: the length field has 2 bytes in version 1, else 4. */
static struct bytes make_file(int version, const char *header, const void *data, size_t data_bytes)
{
    struct bytes file = {.size = 0};
    const size_t length = strlen(header);
    const uint8_t prefix[] = {0x93, 'N', 'U', 'M', 'P', 'Y', (uint8_t)version, 0, (uint8_t)length, (uint8_t)(length >> 8), 0, 0};
    append(&file, prefix, version == 1 ? 10 : 12);
    append(&file, header, length);
    append(&file, data, data_bytes);
    return file;
}

static enum mote_status parse(const struct bytes *file, struct mote_arena *arena, struct mote_npy *array,
                              struct mote_diag *diag)
{
    /* An exact copy on the heap: a read past the end is seen by the sanitizer. */
    uint8_t *copy = malloc(file->size ? file->size : 1);
    assert_non_null(copy);
    memcpy(copy, file->data, file->size);
    const enum mote_status status = mote_npy_parse(copy, file->size, arena, array, diag);
    free(copy);
    return status;
}

struct fixture {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_npy array;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    mote_arena_init(&fixture->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&fixture->diag, "x.npy");
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

static void expect_ok(struct fixture *fixture, int version, const char *header, const void *data, size_t data_bytes)
{
    const struct bytes file = make_file(version, header, data, data_bytes);
    assert_int_equal(parse(&file, &fixture->arena, &fixture->array, &fixture->diag), MOTE_OK);
}

static void expect_error(struct fixture *fixture, enum mote_status status, const char *text, const char *header,
                         size_t data_bytes)
{
    static const uint8_t zeros[512];
    const struct bytes file = make_file(1, header, zeros, data_bytes);
    const size_t before = fixture->diag.count;
    assert_int_equal(parse(&file, &fixture->arena, &fixture->array, &fixture->diag), status);
    assert_int_equal(fixture->diag.count, before + 1);
    assert_non_null(strstr(fixture->diag.messages[before].text, text));
}

static void every_element_type_is_read(void **state)
{
    struct fixture *f = *state;
    const uint8_t bytes[16] = {0xff, 0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x86, 0, 0, 0x20, 0xc0, 0, 0, 0, 0};
    expect_ok(f, 1, "{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }\n", bytes, 2);
    assert_int_equal(mote_npy_integer(&f->array, 0), -1);
    assert_int_equal(mote_npy_integer(&f->array, 1), -128);
    expect_ok(f, 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n", bytes, 2);
    assert_int_equal(mote_npy_integer(&f->array, 0), 255);
    expect_ok(f, 1, "{'descr': '<i2', 'fortran_order': False, 'shape': (1,), }\n", bytes, 2);
    assert_int_equal(mote_npy_integer(&f->array, 0), -32513); /* 0x80ff */
    expect_ok(f, 1, "{'descr': '<u2', 'fortran_order': False, 'shape': (1,), }\n", bytes, 2);
    assert_int_equal(mote_npy_integer(&f->array, 0), 33023);
    expect_ok(f, 1, "{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }\n", bytes + 4, 4);
    assert_int_equal(mote_npy_integer(&f->array, 0), (int32_t)0x86050403);
    expect_ok(f, 1, "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }\n", bytes, 8);
    assert_true(mote_npy_integer(&f->array, 0) == (int64_t)UINT64_C(0x86050403020180ff));
    expect_ok(f, 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", bytes + 8, 4);
    assert_true(mote_npy_real(&f->array, 0) == -2.5); /* 0xc0200000 */
    const uint8_t one_and_a_half[8] = {0, 0, 0, 0, 0, 0, 0xf8, 0x3f};
    expect_ok(f, 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", one_and_a_half, 8);
    assert_true(mote_npy_real(&f->array, 0) == 1.5);
    expect_ok(f, 1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }\n", bytes + 1, 3);
    assert_int_equal(mote_npy_integer(&f->array, 0), 1);
}

static void big_endian_elements_are_turned(void **state)
{
    struct fixture *f = *state;
    const uint8_t bytes[8] = {0xff, 0xfe, 0x00, 0x03, 0xc0, 0x20, 0, 0};
    expect_ok(f, 1, "{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }\n", bytes, 4);
    assert_int_equal(mote_npy_integer(&f->array, 0), -2);
    assert_int_equal(mote_npy_integer(&f->array, 1), 3);
    expect_ok(f, 1, "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }\n", bytes + 4, 4);
    assert_true(mote_npy_real(&f->array, 0) == -2.5);
}

static void versions_and_spellings_of_the_header_are_read(void **state)
{
    struct fixture *f = *state;
    const uint8_t bytes[6] = {1, 2, 3, 4, 5, 6};
    for (int version = 1; version <= 3; version++) {
        expect_ok(f, version, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }          \n", bytes, 6);
        assert_int_equal(f->array.rank, 2);
        assert_int_equal(f->array.dims[0], 2);
        assert_int_equal(f->array.dims[1], 3);
        assert_int_equal(mote_npy_integer(&f->array, 5), 6);
    }
    expect_ok(f, 1, "{\"shape\":(6,),\"fortran_order\":False,\"descr\":\"|u1\"}", bytes, 6);
    assert_int_equal(f->array.rank, 1);
    expect_ok(f, 1, "{'descr': '|u1', 'fortran_order': False, 'shape': (), }", bytes, 1);
    assert_int_equal(f->array.rank, 0);
    assert_int_equal(f->array.element_count, 1);
    expect_ok(f, 1, "{'descr': '|u1', 'fortran_order': True, 'shape': (6,), }", bytes, 6); /* one axis: no order */
    expect_ok(f, 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 7), }", bytes, 0);
    assert_int_equal(f->array.element_count, 0);
}

static void what_cannot_be_read_is_said(void **state)
{
    struct fixture *f = *state;
    expect_error(f, MOTE_ERR_UNSUPPORTED, "ascontiguousarray", "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", 6);
    expect_error(f, MOTE_ERR_UNSUPPORTED, "\"<c8\"", "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8);
    expect_error(f, MOTE_ERR_UNSUPPORTED, "\"|O\"", "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8);
    expect_error(f, MOTE_ERR_UNSUPPORTED, "\"|i2\"", "{'descr': '|i2', 'fortran_order': False, 'shape': (1,), }", 2);
    expect_error(f, MOTE_ERR_UNSUPPORTED, "\"\"", "{'descr': '', 'fortran_order': False, 'shape': (1,), }", 2);
    expect_error(f, MOTE_ERR_INPUT, "dictionary", "{'descr': [('a', '<i2')], 'fortran_order': False, 'shape': (1,), }", 2);
    expect_error(f, MOTE_ERR_INPUT, "dictionary", "{'descr': '|u1', 'shape': (1,), }", 1);
    expect_error(f, MOTE_ERR_INPUT, "dictionary", "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), } x", 1);
    expect_error(f, MOTE_ERR_INPUT, "dictionary", "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }", 1);
    expect_error(f, MOTE_ERR_INPUT, "dictionary", "{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", 1);
    expect_error(f, MOTE_ERR_INPUT, "dictionary", "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,), }", 1);
    expect_error(f, MOTE_ERR_INPUT, "truncated", "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }", 11);
    expect_error(f, MOTE_ERR_INPUT, "too long", "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }", 13);
    expect_error(f, MOTE_ERR_INPUT, "impossibly large", "{'descr': '<i4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", 16);
    expect_error(f, MOTE_ERR_INPUT, "impossibly large",
                 "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 8);
}

static void no_prefix_of_a_file_is_an_array(void **state)
{
    struct fixture *f = *state;
    const uint8_t bytes[12] = {0};
    for (int version = 1; version <= 2; version++) {
        struct bytes file = make_file(version, "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }\n", bytes, 12);
        assert_int_equal(parse(&file, &f->arena, &f->array, &f->diag), MOTE_OK);
        while (file.size-- > 0) assert_int_equal(parse(&file, &f->arena, &f->array, &f->diag), MOTE_ERR_INPUT);
    }
}

/* Any changed byte gives an error or an array that is consistent in itself. */
static void changed_bytes_never_give_an_inconsistent_array(void **state)
{
    struct fixture *f = *state;
    const uint8_t bytes[12] = {0};
    const struct bytes original = make_file(1, "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 1), }\n", bytes, 12);
    int accepted = 0;
    for (size_t i = 0; i < original.size - 12; i++) {
        for (int value = 0; value < 256; value++) {
            struct bytes file = original;
            file.data[i] = (uint8_t)value;
            mote_arena_free(&f->arena);
            if (parse(&file, &f->arena, &f->array, &f->diag) != MOTE_OK) continue;
            size_t count = 1;
            for (int32_t k = 0; k < f->array.rank; k++) count *= f->array.dims[k];
            assert_int_equal(count, f->array.element_count);
            assert_int_equal(count * mote_npy_type_bytes(f->array.type), 12);
            accepted++;
        }
        mote_diag_free(&f->diag);
    }
    assert_true(accepted > 0);
}

static void failed_allocations_are_errors(void **state)
{
    struct fixture *f = *state;
    const uint8_t bytes[4] = {0};
    const struct bytes file = make_file(1, "{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }\n", bytes, 4);
    f->arena.fail_after = 0;
    f->array.rank = 77;
    assert_int_equal(parse(&file, &f->arena, &f->array, &f->diag), MOTE_ERR_MEMORY);
    assert_int_equal(f->array.rank, 77); /* untouched */
}

static void written_files_are_as_the_format_says(void **state)
{
    struct fixture *f = *state;
    const uint8_t elements[12] = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 0xff, 0xff};
    const struct mote_npy array = {.type = MOTE_NPY_I2, .rank = 2, .dims = {3, 2}, .element_count = 6, .data = elements};
    struct mote_text text = {0};
    mote_npy_format(&array, &text);
    assert_false(text.failed);
    static const char dictionary[] = "{'descr': '<i2', 'fortran_order': False, 'shape': (3, 2), }";
    assert_memory_equal(text.bytes, "\x93NUMPY\x01\x00", 8);
    const size_t header_bytes = (size_t)(uint8_t)text.bytes[8] + 256 * (size_t)(uint8_t)text.bytes[9];
    assert_int_equal((10 + header_bytes) % 64, 0);
    assert_memory_equal(text.bytes + 10, dictionary, sizeof dictionary - 1);
    for (size_t i = 10 + sizeof dictionary - 1; i < 10 + header_bytes - 1; i++) assert_int_equal(text.bytes[i], ' ');
    assert_int_equal(text.bytes[10 + header_bytes - 1], '\n');
    assert_int_equal(text.length, 10 + header_bytes + 12);
    assert_memory_equal(text.bytes + 10 + header_bytes, elements, 12);
    assert_int_equal(mote_npy_parse((const uint8_t *)text.bytes, text.length, &f->arena, &f->array, &f->diag), MOTE_OK);
    assert_int_equal(mote_npy_integer(&f->array, 5), -1);
    mote_text_free(&text);
}

static void written_shapes_are_tuples(void **state)
{
    (void)state;
    static const char *const expected[] = {"()", "(5,)", "(5, 1)"};
    for (int32_t rank = 0; rank < 3; rank++) {
        char shape[MOTE_NPY_SHAPE_BYTES];
        mote_npy_shape_text(&(struct mote_npy){.rank = rank, .dims = {5, 1}}, shape);
        assert_string_equal(shape, expected[rank]);
    }
    struct mote_npy longest = {.rank = MOTE_NPY_MAX_RANK};
    for (int i = 0; i < MOTE_NPY_MAX_RANK; i++) longest.dims[i] = SIZE_MAX;
    char shape[MOTE_NPY_SHAPE_BYTES];
    mote_npy_shape_text(&longest, shape);
    assert_int_equal(strlen(shape), 8 * 20 + 7 * 2 + 2);
}

/* ---- Archives ---- */

/* A zip archive in memory, made by libzip; the caller frees. */
static uint8_t *make_archive(const char *const *names, const struct bytes *files, size_t count, bool deflate, size_t *size)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    assert_non_null(source);
    zip_source_keep(source);
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    assert_non_null(zip);
    for (size_t i = 0; i < count; i++) {
        zip_source_t *member = zip_source_buffer(zip, files[i].data, files[i].size, 0);
        const zip_int64_t index = zip_file_add(zip, names[i], member, 0);
        assert_true(index >= 0);
        assert_int_equal(zip_set_file_compression(zip, (zip_uint64_t)index, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0), 0);
    }
    assert_int_equal(zip_close(zip), 0);
    zip_stat_t stat;
    assert_int_equal(zip_source_stat(source, &stat), 0);
    uint8_t *bytes = malloc((size_t)stat.size);
    assert_non_null(bytes);
    assert_int_equal(zip_source_open(source), 0);
    assert_true(zip_source_read(source, bytes, stat.size) == (zip_int64_t)stat.size);
    zip_source_close(source);
    zip_source_free(source);
    *size = (size_t)stat.size;
    return bytes;
}

static uint8_t *make_pair(bool deflate, size_t *size)
{
    static const char *const names[] = {"first.npy", "notes.txt", "arr_1.npy"};
    const int8_t a[3] = {1, -2, 3};
    const uint8_t b[64] = {9};
    const struct bytes files[] = {make_file(1, "{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }\n", a, 3),
                                  make_file(1, "not an array", a, 3),
                                  make_file(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (64,), }\n", b, 64)};
    return make_archive(names, files, 3, deflate, size);
}

static void archives_are_read_in_order_with_names(void **state)
{
    struct fixture *f = *state;
    for (int deflate = 0; deflate < 2; deflate++) {
        size_t size, count;
        const struct mote_npy *arrays;
        uint8_t *archive = make_pair(deflate, &size);
        assert_int_equal(mote_npz_parse(archive, size, &f->arena, &arrays, &count, &f->diag), MOTE_OK);
        free(archive);
        assert_int_equal(count, 2);
        assert_string_equal(arrays[0].name, "first");
        assert_string_equal(arrays[1].name, "arr_1");
        assert_int_equal(mote_npy_integer(&arrays[0], 1), -2);
        assert_int_equal(mote_npy_integer(&arrays[1], 0), 9);
    }
}

static void damaged_archives_are_errors(void **state)
{
    struct fixture *f = *state;
    size_t size, count;
    const struct mote_npy *arrays;
    uint8_t *archive = make_pair(false, &size);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1);
        memcpy(copy, archive, cut);
        assert_int_not_equal(mote_npz_parse(copy, cut, &f->arena, &arrays, &count, &f->diag), MOTE_OK);
        free(copy);
    }
    /* An element that changed is found by the archive's checksum: the last byte 9, 63 zeros precede the next header. */
    bool found = false;
    for (size_t i = 0; i + 64 < size && !found; i++) {
        static const uint8_t payload[64] = {9};
        found = memcmp(archive + i, payload, 64) == 0;
        if (found) archive[i] = 8;
    }
    assert_true(found);
    assert_int_equal(mote_npz_parse(archive, size, &f->arena, &arrays, &count, &f->diag), MOTE_ERR_INPUT);
    assert_non_null(strstr(f->diag.messages[f->diag.count - 1].text, "arr_1.npy"));
    free(archive);
}

static void archives_without_arrays_are_errors(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"a.txt"};
    const struct bytes file = make_file(1, "x", "y", 1);
    size_t size, count;
    const struct mote_npy *arrays;
    uint8_t *archive = make_archive(names, &file, 1, false, &size);
    assert_int_equal(mote_npz_parse(archive, size, &f->arena, &arrays, &count, &f->diag), MOTE_ERR_INPUT);
    free(archive);
}

static void failed_allocations_in_archives_are_errors(void **state)
{
    struct fixture *f = *state;
    size_t size, count;
    const struct mote_npy *arrays;
    uint8_t *archive = make_pair(true, &size);
    int failures = 0;
    for (long k = 0;; k++) {
        mote_arena_global_fail_after = k;
        const enum mote_status status = mote_npz_parse(archive, size, &f->arena, &arrays, &count, &f->diag);
        mote_arena_global_fail_after = -1;
        if (status == MOTE_OK) break;
        assert_int_equal(status, MOTE_ERR_MEMORY);
        failures++;
    }
    assert_true(failures >= 5); /* the list, and for each member its bytes, its elements and its name */
    free(archive);
}

/* ---- Random numbers, JSON strings ---- */

static void random_numbers_are_the_published_sequence(void **state)
{
    (void)state;
    /* The first outputs of SplitMix64 with the seed 1234567, as published with other implementations. */
    static const uint64_t expected[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                        UINT64_C(16408922859458223821)};
    struct mote_rng rng;
    mote_rng_seed(&rng, 1234567);
    for (size_t i = 0; i < 5; i++) assert_true(mote_rng_next(&rng) == expected[i]);
}

static void random_numbers_stay_in_their_bounds(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 1);
    int seen[7] = {0};
    for (int i = 0; i < 7000; i++) {
        const uint64_t value = mote_rng_below(&rng, 7);
        assert_true(value < 7);
        seen[value]++;
        const double unit = mote_rng_unit(&rng);
        assert_true(unit >= 0 && unit < 1);
    }
    for (int i = 0; i < 7; i++) assert_in_range(seen[i], 850, 1150); /* 5 standard deviations */
    assert_int_equal(mote_rng_below(&rng, 1), 0);
    uint8_t bytes[13] = {0}, after = 0;
    mote_rng_fill(&rng, bytes, 12);
    for (int i = 0; i < 12; i++) after |= bytes[i];
    assert_int_not_equal(after, 0);
    assert_int_equal(bytes[12], 0);
}

static void json_strings_are_valid_whatever_the_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"plain", "\"plain\""},
        {"a\"b\\c\n", "\"a\\u0022b\\u005cc\\u000a\""},
        {"\xc3\xa9", "\"\xc3\xa9\""},
        {"\xc3", "\"\xef\xbf\xbd\""},
        {"\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\""},             /* overlong */
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* surrogate */
        {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
        {"\xf0\x9f\x98", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xe2\x82x", "\"\xef\xbf\xbd\xef\xbf\xbdx\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mote_text text = {0};
        mote_json_string(&text, cases[i].from);
        assert_string_equal(text.bytes, cases[i].to);
        mote_text_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_element_type_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(big_endian_elements_are_turned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(versions_and_spellings_of_the_header_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_prefix_of_a_file_is_an_array, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changed_bytes_never_give_an_inconsistent_array, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failed_allocations_are_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(written_files_are_as_the_format_says, set_up, tear_down),
        cmocka_unit_test(written_shapes_are_tuples),
        cmocka_unit_test_setup_teardown(archives_are_read_in_order_with_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_archives_are_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(archives_without_arrays_are_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failed_allocations_in_archives_are_errors, set_up, tear_down),
        cmocka_unit_test(random_numbers_are_the_published_sequence),
        cmocka_unit_test(random_numbers_stay_in_their_bounds),
        cmocka_unit_test(json_strings_are_valid_whatever_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
