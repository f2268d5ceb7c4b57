/* test_file.c: files and folders appear whole or not at all. */
#include "../src/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct bench {
    char place[256];
    struct mote_arena arena;
    struct mote_diag diag;
};

static int setup(void **state)
{
    static struct bench bench;
    bench = (struct bench){0};
    mote_arena_init(&bench.arena, (size_t)1 << 24);
    mote_diag_init(&bench.diag, "");
    *state = &bench;
    return mote_folder_temporary(bench.place, sizeof bench.place, &bench.diag) == MOTE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    mote_folder_remove(bench->place);
    const int gone = !mote_file_exists(bench->place);
    mote_diag_free(&bench->diag);
    mote_arena_free(&bench->arena);
    return gone ? 0 : -1;
}

static const char *path_in(struct bench *bench, const char *name)
{
    return mote_arena_printf(&bench->arena, "%s/%s", bench->place, name);
}

static void expect_content(struct bench *bench, const char *path, const char *content)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    assert_int_equal(mote_file_read(path, 1000, &bench->arena, &bytes, &size_bytes, &bench->diag), MOTE_OK);
    assert_int_equal(size_bytes, strlen(content));
    assert_memory_equal(bytes, content, size_bytes);
}

static void what_is_written_is_read_back(void **state)
{
    struct bench *bench = *state;
    const char *path = path_in(bench, "a");
    assert_int_equal(mote_file_write(path, "one", 3, &bench->diag), MOTE_OK);
    expect_content(bench, path, "one");
    assert_int_equal(mote_file_write(path, "", 0, &bench->diag), MOTE_OK);
    expect_content(bench, path, "");
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0600, 0600);
}

static void large_files_are_read_whole_and_limits_kept(void **state)
{
    struct bench *bench = *state;
    enum { SIZE = 300001 };
    const char *path = path_in(bench, "large");
    uint8_t *content = mote_arena_calloc(&bench->arena, SIZE, 1), *bytes = NULL;
    size_t size_bytes = 7;
    for (size_t i = 0; i < SIZE; i++) content[i] = (uint8_t)(i * 31 >> 3);
    assert_int_equal(mote_file_write(path, content, SIZE, &bench->diag), MOTE_OK);
    assert_int_equal(mote_file_read(path, SIZE - 1, &bench->arena, &bytes, &size_bytes, &bench->diag), MOTE_ERR_INPUT);
    assert_null(bytes);
    assert_int_equal(size_bytes, 7);
    assert_int_equal(mote_file_read(path, SIZE, &bench->arena, &bytes, &size_bytes, &bench->diag), MOTE_OK);
    assert_int_equal(size_bytes, SIZE);
    assert_memory_equal(bytes, content, SIZE);
}

static void missing_files_and_folders_are_io_errors_with_their_name(void **state)
{
    struct bench *bench = *state;
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    const char *path = path_in(bench, "none/such");
    assert_int_equal(mote_file_read(path, 10, &bench->arena, &bytes, &size_bytes, &bench->diag), MOTE_ERR_IO);
    assert_non_null(strstr(bench->diag.messages[0].text, path));
    assert_int_equal(mote_file_write(path, "x", 1, &bench->diag), MOTE_ERR_IO);
    assert_int_equal(mote_file_read(bench->place, 10, &bench->arena, &bytes, &size_bytes, &bench->diag), MOTE_ERR_IO);
}

static void a_folder_is_seen_only_when_it_is_whole(void **state)
{
    struct bench *bench = *state;
    struct mote_folder folder;
    const char *path = path_in(bench, "out");
    assert_int_equal(mote_folder_begin(&folder, path, false, &bench->diag), MOTE_OK);
    assert_int_equal(mote_folder_write(&folder, "model.c", "c", 1, &bench->diag), MOTE_OK);
    assert_int_equal(mote_folder_write(&folder, "kernel/x.c", "k", 1, &bench->diag), MOTE_OK);
    assert_false(mote_file_exists(path));
    assert_int_equal(mote_folder_commit(&folder, &bench->diag), MOTE_OK);
    mote_folder_abandon(&folder); /* after a commit there is nothing left to remove */
    expect_content(bench, path_in(bench, "out/model.c"), "c");
    expect_content(bench, path_in(bench, "out/kernel/x.c"), "k");
}

static void an_abandoned_folder_leaves_nothing(void **state)
{
    struct bench *bench = *state;
    struct mote_folder folder;
    assert_int_equal(mote_folder_begin(&folder, path_in(bench, "out"), false, &bench->diag), MOTE_OK);
    assert_int_equal(mote_folder_write(&folder, "deep/x.c", "k", 1, &bench->diag), MOTE_OK);
    char temporary[sizeof folder.temporary];
    memcpy(temporary, folder.temporary, sizeof temporary);
    assert_true(mote_file_exists(temporary));
    mote_folder_abandon(&folder);
    assert_false(mote_file_exists(temporary));
    assert_false(mote_file_exists(path_in(bench, "out")));
}

static void a_folder_is_replaced_only_on_request(void **state)
{
    struct bench *bench = *state;
    struct mote_folder folder;
    const char *path = path_in(bench, "out");
    assert_int_equal(mote_folder_begin(&folder, path, false, &bench->diag), MOTE_OK);
    assert_int_equal(mote_folder_write(&folder, "old", "o", 1, &bench->diag), MOTE_OK);
    assert_int_equal(mote_folder_commit(&folder, &bench->diag), MOTE_OK);
    assert_int_equal(mote_folder_begin(&folder, path, false, &bench->diag), MOTE_ERR_IO);
    assert_int_equal(mote_folder_begin(&folder, path, true, &bench->diag), MOTE_OK);
    assert_int_equal(mote_folder_write(&folder, "new", "n", 1, &bench->diag), MOTE_OK);
    expect_content(bench, path_in(bench, "out/old"), "o");
    assert_int_equal(mote_folder_commit(&folder, &bench->diag), MOTE_OK);
    expect_content(bench, path_in(bench, "out/new"), "n");
    assert_false(mote_file_exists(path_in(bench, "out/old")));
}

static void names_cannot_leave_the_folder(void **state)
{
    struct bench *bench = *state;
    struct mote_folder folder;
    static const char *const names[] = {"../x", "/x", "a/../x", "a/b/c", "", "a/", "..", "a/."};
    assert_int_equal(mote_folder_begin(&folder, path_in(bench, "out"), false, &bench->diag), MOTE_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(mote_folder_write(&folder, names[i], "x", 1, &bench->diag), MOTE_ERR_INPUT);
    mote_folder_abandon(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_back, setup, teardown),
        cmocka_unit_test_setup_teardown(large_files_are_read_whole_and_limits_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(missing_files_and_folders_are_io_errors_with_their_name, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_is_seen_only_when_it_is_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(an_abandoned_folder_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_folder_is_replaced_only_on_request, setup, teardown),
        cmocka_unit_test_setup_teardown(names_cannot_leave_the_folder, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
