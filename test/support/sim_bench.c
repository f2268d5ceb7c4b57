#include "sim_bench.h"

#include "../../src/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const struct mote_target *sim_bench_target(const char *name)
{
    const struct mote_target *target = mote_target_find(name);
    const char *missing;
    assert_non_null(target);
    if (mote_sim_available(target, &missing)) return target;
    print_message("skipped %s: %s is missing\n", name, missing);
    return NULL;
}

void sim_bench_begin(struct sim_bench *bench, const struct mote_target *target)
{
    *bench = (struct sim_bench){.job = {.target = target, .folder = bench->folder}};
    mote_arena_init(&bench->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&bench->diag, NULL);
    assert_int_equal(mote_folder_temporary(bench->folder, sizeof bench->folder, &bench->diag), MOTE_OK);
}

void sim_bench_end(struct sim_bench *bench)
{
    mote_folder_remove(bench->folder);
    mote_diag_free(&bench->diag);
    mote_arena_free(&bench->arena);
}

void sim_bench_put(const struct sim_bench *bench, const char *name, const char *text)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", bench->folder, name);
    assert_int_equal(mote_file_write(path, text, strlen(text), NULL), MOTE_OK);
}

void sim_bench_must_run(struct sim_bench *bench)
{
    const enum mote_status status = mote_sim_run(&bench->job, &bench->arena, &bench->result, &bench->diag);
    for (size_t i = 0; i < bench->diag.count; i++) print_error("%s\n", bench->diag.messages[i].text);
    assert_int_equal(status, MOTE_OK);
}
