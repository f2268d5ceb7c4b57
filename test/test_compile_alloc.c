/* test_compile_alloc.c: a whole compile, from a file's bytes to a folder of C, in which every allocation fails in turn: each
 * time a clean error, nothing written, nothing leaked, and a session that can do it again. */
#include "../src/base/arena.h"
#include "../src/base/file.h"
#include "../src/base/text.h"
#include "../src/ir/text.h"
#include "mote.h"
#include "random_graph.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct model {
    const char *name, *target;
    const uint8_t *bytes;
    size_t size_bytes;
    char folder[512], output[600]; /* the compiled library goes to output, in folder */
};

static size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (folder) closedir(folder);
    return count;
}

static enum mote_status compile(struct mote *mote, const struct model *model, struct mote_compile_report *report)
{
    const struct mote_compile_options options = {
        .output = model->output, .command = "mote compile", .self_test = true, .skip_build = true};
    enum mote_status status = mote_load_memory(mote, model->name, model->bytes, model->size_bytes);
    if (status == MOTE_OK) status = mote_plan(mote, model->target);
    return status == MOTE_OK ? mote_compile(mote, &options, report) : status;
}

static void print_messages(const struct mote *mote)
{
    for (size_t i = 0; i < mote_message_count(mote); i++) print_error("%s\n", mote_message(mote, i)->text);
}

static void must_compile(struct mote *mote, const struct model *model)
{
    struct mote_compile_report report;
    const enum mote_status status = compile(mote, model, &report);
    if (status != MOTE_OK) print_messages(mote);
    assert_int_equal(status, MOTE_OK);
    assert_int_equal(count_entries(model->folder), 1);
    assert_true(report.file_count > 8 && count_entries(model->output) > 4);
    mote_folder_remove(model->output);
}

/* True if a compile with that many allocations runs out of them. */
static bool fails_after(long allowed, const struct model *model)
{
    enum { EVERY = 16 };
    struct mote_compile_report report, untouched;
    memset(&report, 0xa5, sizeof report);
    untouched = report;
    struct mote *mote = mote_new();
    assert_non_null(mote);
    mote_arena_global_fail_after = allowed;
    const enum mote_status status = compile(mote, model, &report);
    mote_arena_global_fail_after = -1;
    if (status != MOTE_OK) {
        if (status != MOTE_ERR_MEMORY) print_error("status %d after %ld allocations\n", (int)status, allowed);
        if (status != MOTE_ERR_MEMORY) print_messages(mote);
        assert_int_equal(status, MOTE_ERR_MEMORY);
        assert_true(mote_message_count(mote) > 0);
        const struct mote_message *last = mote_message(mote, mote_message_count(mote) - 1);
        assert_int_equal(last->kind, MOTE_MESSAGE_ERROR);
        assert_non_null(strstr(last->text, "memory"));
        assert_memory_equal(&report, &untouched, sizeof report);
        if (count_entries(model->folder) != 0) fail_msg("after %ld allocations it failed, but wrote something", allowed);
        if (allowed % EVERY == 0) must_compile(mote, model);
    } else {
        mote_folder_remove(model->output);
    }
    mote_free(mote);
    return status != MOTE_OK;
}

static void check_model(struct model *model)
{
    assert_int_equal(mote_folder_temporary(model->folder, sizeof model->folder, NULL), MOTE_OK);
    snprintf(model->output, sizeof model->output, "%s/out", model->folder);
    struct mote *mote = mote_new();
    must_compile(mote, model);
    mote_free(mote);
    long allowed = 0;
    while (fails_after(allowed, model)) allowed++;
    print_message("    %s for %s: %ld allocations\n", model->name, model->target, allowed);
    assert_true(allowed > 200);
    mote_folder_remove(model->folder);
}

static void digits_survive_every_failed_allocation(void **state)
{
    (void)state;
    struct mote_arena arena;
    uint8_t *bytes = NULL;
    struct model model = {.name = "digits.tflite", .target = "atmega328p"};
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    assert_int_equal(mote_file_read("examples/digits/digits.tflite", (size_t)1 << 20, &arena, &bytes, &model.size_bytes, NULL),
                     MOTE_OK);
    model.bytes = bytes;
    check_model(&model);
    mote_arena_free(&arena);
}

static int32_t count_kinds(const struct mote_graph *graph)
{
    bool met[MOTE_OP_COUNT] = {false};
    int32_t count = 0;
    for (int32_t i = 0; i < graph->op_count; i++) {
        count += !met[graph->ops[i].kind];
        met[graph->ops[i].kind] = true;
    }
    return count;
}

/* A network of at least that many kinds of operators, as text. */
static void make_text(struct mote_text *text, int32_t least_kinds)
{
    bool found = false;
    for (uint64_t seed = 1; !found; seed++) {
        struct mote_arena arena;
        struct mote_rng rng;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        mote_rng_seed(&rng, seed);
        const struct mote_graph *graph = random_graph(&arena, &rng, 24, seed % 2);
        found = graph && count_kinds(graph) >= least_kinds;
        if (found) mote_graph_print(graph, text);
        mote_arena_free(&arena);
    }
    assert_false(text->failed);
}

static void many_kinds_of_operators_survive_every_failed_allocation(void **state)
{
    (void)state;
    struct mote_text text = {0};
    make_text(&text, 11);
    struct model model = {
        .name = "many.mgraph", .target = "cortex-m4", .bytes = (const uint8_t *)text.bytes, .size_bytes = text.length};
    check_model(&model);
    mote_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_survive_every_failed_allocation),
        cmocka_unit_test(many_kinds_of_operators_survive_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
