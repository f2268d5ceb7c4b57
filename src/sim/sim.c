/* sim.c: the visible list of what a build and a run are. */
#include "sim.h"

#include "../base/process.h"
#include "build.h"
#include "runner.h"
#include "stack.h"

#include <stdlib.h>
#include <string.h>

/* tools/embed.cmake: all of harness/ */
extern const struct mote_embedded_file mote_sim_harness_files[];
extern const size_t mote_sim_harness_files_count;

const struct mote_embedded_file *mote_sim_harness(const struct mote_target *target, size_t *count)
{
    (void)target; /* the families share files; the few others do no harm */
    *count = mote_sim_harness_files_count;
    return mote_sim_harness_files;
}

static int by_falling_cycles(const void *a, const void *b)
{
    const struct mote_sim_function *x = a, *y = b;
    if (x->cycles != y->cycles) return x->cycles > y->cycles ? -1 : 1;
    return strcmp(x->name, y->name);
}

void mote_sim_sort_functions(struct mote_sim_function *functions, size_t count)
{
    if (count) qsort(functions, count, sizeof *functions, by_falling_cycles);
}

size_t mote_sim_span_bytes(const struct mote_sim_span *spans, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += spans[i].bytes;
    return bytes;
}

bool mote_sim_available(const struct mote_target *target, const char **missing)
{
    static const struct {
        const char *program, *text;
    } needs[][2] = {
        [MOTE_SIM_HOST] = {{"cc", "cc (Debian package gcc)"}},
        [MOTE_SIM_SIMAVR] = {{"avr-gcc", "avr-gcc (Debian packages gcc-avr and avr-libc)"}},
        [MOTE_SIM_QEMU_ARM] = {{"arm-none-eabi-gcc", "arm-none-eabi-gcc (Debian packages gcc-arm-none-eabi and "
                                                     "libnewlib-arm-none-eabi)"},
                               {"qemu-system-arm", "qemu-system-arm (Debian package qemu-system-arm)"}},
        [MOTE_SIM_QEMU_RV32] = {{"riscv64-unknown-elf-gcc",
                                 "riscv64-unknown-elf-gcc (Debian package gcc-riscv64-unknown-elf)"},
                                {"qemu-system-riscv32", "qemu-system-riscv32 (Debian package qemu-system-misc)"}},
    };
    for (int i = 0; i < 2; i++) {
        const char *program = needs[target->simulator][i].program;
        if (program && !mote_process_exists(program)) {
            *missing = needs[target->simulator][i].text;
            return false;
        }
    }
    return true;
}

/* A firmware for blobs: the functions of its loop, which run for each step, and of its loader. */
static void weigh_blob_code(const struct mote_elf_image *image, struct mote_sim_result *sizes)
{
    static const char *const loop[] = {"mk_blob_run",  "mk_blob_read",        "mk_blob_find_kernel", "mk_blob_load_params",
                                       "mk_blob_call", "mk_blob_kernel",      "mk_blob_point",       "mk_blob_next_row",
                                       "mk_blob_push_row", "mk_blob_run_event", "mk_blob_find",      "mk_blob_row",
                                       "mk_blob_event", "mk_blob_stream"};
    for (size_t i = 0; i < image->symbol_count; i++) {
        const struct mote_elf_symbol *symbol = &image->symbols[i];
        bool in_loop = false;
        if (!symbol->is_code || strncmp(symbol->name, "mk_blob_", 8) != 0) continue;
        for (size_t k = 0; k < sizeof loop / sizeof loop[0]; k++) in_loop = in_loop || !strcmp(symbol->name, loop[k]);
        *(in_loop ? &sizes->loop_bytes : &sizes->loader_bytes) += symbol->bytes;
    }
}

/* Links the size image, unless there is nothing to size: the host has no flash, and traced code is not what ships. */
static enum mote_status measure(const struct mote_sim_job *job, const struct mote_sim_objects *objects,
                                struct mote_arena *arena, struct mote_sim_result *sizes, struct mote_diag *diag)
{
    if (job->target->simulator == MOTE_SIM_HOST || job->trace) return MOTE_OK;
    struct mote_sim_linked linked;
    enum mote_status status = mote_sim_link(job, objects, MOTE_SIM_SIZE, arena, &linked, diag);
    if (status == MOTE_OK) status = mote_sim_measure(job, &linked.image, sizes, diag);
    if (status == MOTE_OK) weigh_blob_code(&linked.image, sizes);
    if (status == MOTE_OK)
        status = mote_sim_stack(job, &linked.objects, linked.path, &linked.image, arena, sizes, diag);
    return status;
}

static enum mote_status build(const struct mote_sim_job *job, struct mote_arena *arena, char **image_path,
                              struct mote_elf_image *image, struct mote_sim_result *sizes, struct mote_diag *diag)
{
    const char *missing;
    if (!mote_sim_available(job->target, &missing)) {
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "%s needs %s, which is not installed", job->target->name,
                          missing);
    }
    struct mote_sim_objects objects;
    enum mote_status status = mote_sim_compile(job, arena, &objects, diag);
    if (status == MOTE_OK) status = measure(job, &objects, arena, sizes, diag);
    struct mote_sim_linked linked;
    if (status == MOTE_OK) status = mote_sim_link(job, &objects, MOTE_SIM_RUN, arena, &linked, diag);
    if (status != MOTE_OK) return status;
    *image_path = linked.path;
    *image = linked.image;
    return MOTE_OK;
}

static const struct mote_sim_result nothing_measured = {
    .cycles = -1, .instructions = -1, .cycles_min = -1, .cycles_max = -1, .estimated_cycles = -1,
    .open_cycles = -1, .open_instructions = -1};

enum mote_status mote_sim_build(const struct mote_sim_job *job, struct mote_arena *arena, char **image_path,
                                struct mote_sim_result *sizes, struct mote_diag *diag)
{
    struct mote_sim_result result = nothing_measured;
    struct mote_elf_image image;
    const enum mote_status status = build(job, arena, image_path, &image, &result, diag);
    if (status == MOTE_OK) *sizes = result;
    return status;
}

enum mote_status mote_sim_run(const struct mote_sim_job *job, struct mote_arena *arena, struct mote_sim_result *result,
                              struct mote_diag *diag)
{
    struct mote_sim_result measured = nothing_measured;
    struct mote_elf_image image;
    char *path;
    enum mote_status status = build(job, arena, &path, &image, &measured, diag);
    if (status != MOTE_OK) return status;
    if (job->target->simulator == MOTE_SIM_SIMAVR) {
        status = mote_simavr_run(job, &image, arena, &measured, diag);
    } else {
        status = mote_sim_files_run(job, &image, arena, &measured, diag);
    }
    if (status == MOTE_OK) *result = measured;
    return status;
}
