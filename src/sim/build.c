/* build.c: compiles what the emitter wrote with the target's compiler, and links it with a harness. */
#define _POSIX_C_SOURCE 200809L

#include "build.h"

#include "../base/file.h"
#include "../base/process.h"
#include "runner.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define COMPILE_TIMEOUT_SECONDS 600u
#define SECTIONS "-ffunction-sections -fdata-sections -fstack-usage"

/* What a family of targets needs besides the library. NULL-terminated lists. */
struct recipe {
    const char *flags;         /* of every compilation */
    const char *size_sources[4], *run_sources[5];
    const char *link_flags;
};

static const struct recipe recipes[] = {
    [MOTE_SIM_HOST] = {"-std=c99 -ffp-contract=off", {NULL}, {"harness_files.c", "harness_host.c", NULL}, "-lm"},
    /* Optimised for size, as emitted projects are. The linker's own limits are lifted, so that an image which does not fit
     * is measured and explained. */
    [MOTE_SIM_SIMAVR] = {"-std=gnu99 " MOTE_TARGET_AVR_FLAGS, {"harness_size.c", NULL}, {"harness_avr.c", NULL},
                         "-mrelax -Wl,--gc-sections -Wl,--defsym=__TEXT_REGION_LENGTH__=0x800000 "
                         "-Wl,--defsym=__DATA_REGION_LENGTH__=0xfe00 -lm"},
    [MOTE_SIM_QEMU_ARM] = {"-std=c99", {"harness_size.c", "harness_cortex_m_start.c", NULL},
                           {"harness_files.c", "harness_cortex_m.c", "harness_cortex_m_start.c", NULL},
                           "-nostartfiles --specs=nano.specs -Wl,--gc-sections -lm"},
    /* Freestanding for want of a C library; the compiler may still expand memcpy and its kin itself. */
    [MOTE_SIM_QEMU_RV32] = {"-std=c99 -ffreestanding -fbuiltin " MOTE_TARGET_RV32_FLAGS " -isystem " MOTE_SIM_OBJECTS "/include",
                            {"harness_size.c", "harness_rv32_start.S", "harness_rv32_memory.c", NULL},
                            {"harness_files.c", "harness_rv32.c", "harness_rv32_start.S", "harness_rv32_memory.c",
                             NULL},
                            "-nostdlib -Wl,--gc-sections -lgcc"},
};

/* ---- Command lines ---- */

struct command {
    const struct mote_sim_job *job;
    const char **items;
    size_t count, capacity;
    struct mote_arena *arena;
    bool failed; /* out of memory: the command is incomplete */
};

static struct command command_begin(const struct mote_sim_job *job, struct mote_arena *arena, size_t capacity)
{
    struct command command = {.job = job, .capacity = capacity + 64, .arena = arena};
    command.items = MOTE_NEW_ARRAY(arena, const char *, command.capacity + 1);
    command.failed = !command.items;
    if (!command.failed) command.items[command.count++] = job->target->compiler ? job->target->compiler : "cc";
    return command;
}

static void command_add(struct command *command, const char *item)
{
    if (!item || command->count == command->capacity) command->failed = true;
    if (!command->failed) command->items[command->count++] = item;
}

/* Adds each of the words that spaces separate. */
static void command_add_words(struct command *command, const char *words)
{
    while (words && *words) {
        const size_t length = strcspn(words, " ");
        if (length) command_add(command, mote_arena_printf(command->arena, "%.*s", (int)length, words));
        words += length + (words[length] == ' ');
    }
}

/* A simulation may be stopped while its image is built; how far the vectors are does not change by it. */
static bool may_go_on(void *context)
{
    const struct mote_sim_job *job = context;
    return !job->progress || job->progress(job->progress_context, 0, job->vector_count);
}

static enum mote_status command_run(const struct command *command, const char *purpose, struct mote_diag *diag)
{
    if (command->failed) return mote_error_memory(diag);
    struct mote_sim_job job = *command->job;
    const struct mote_process process = {.arguments = command->items,
                                         .folder = job.folder,
                                         .timeout_seconds = COMPILE_TIMEOUT_SECONDS,
                                         .may_go_on = may_go_on,
                                         .context = &job};
    struct mote_process_end end;
    enum mote_status status = mote_process_run(&process, &end, diag);
    if (status != MOTE_OK) return status;
    if (end.stopped) {
        status = mote_error(diag, MOTE_ERR_IO, "stopped while building");
    } else if (end.timed_out) {
        status = mote_error(diag, MOTE_ERR_IO, "%s: %s took longer than %u s", purpose, command->items[0],
                            COMPILE_TIMEOUT_SECONDS);
    } else if (end.exit_code != 0) {
        status = mote_error(diag, MOTE_ERR_INPUT, "%s: %s failed:\n%s", purpose, command->items[0],
                            end.errors.bytes ? end.errors.bytes : "(it said nothing)");
    }
    mote_process_end_free(&end);
    return status;
}

/* ---- Sources and objects ---- */

static bool is_library_source(const char *name)
{
    const size_t length = strlen(name);
    if (length < 3 || strncmp(name, "harness_", 8) == 0) return false;
    return strcmp(name + length - 2, ".c") == 0 || strcmp(name + length - 2, ".S") == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool append_path(struct mote_sim_objects *to, const char *path, struct mote_arena *arena)
{
    if (to->count == to->capacity) {
        const size_t capacity = to->capacity ? 2 * to->capacity : 64;
        const char **grown = MOTE_NEW_ARRAY(arena, const char *, capacity);
        if (!grown) return false;
        if (to->count) memcpy(grown, to->paths, to->count * sizeof *grown);
        *to = (struct mote_sim_objects){grown, to->count, capacity};
    }
    to->paths[to->count++] = path;
    return true;
}

/* Appends the sources in folder/sub ("" or "kernel/") to *sources, sorted; a missing sub-folder holds none. */
static enum mote_status list_sources(const struct mote_sim_job *job, const char *sub, struct mote_arena *arena,
                                     struct mote_sim_objects *sources, struct mote_diag *diag)
{
    char *path = mote_arena_printf(arena, "%s/%s", job->folder, sub);
    if (!path) return mote_error_memory(diag);
    DIR *folder = opendir(path);
    if (!folder && *sub && errno == ENOENT) return MOTE_OK;
    if (!folder) return mote_error(diag, MOTE_ERR_IO, "%s: %s", path, strerror(errno));
    const size_t first = sources->count;
    bool failed = false;
    for (struct dirent *entry; !failed && (entry = readdir(folder));) {
        if (!is_library_source(entry->d_name)) continue;
        char *name = mote_arena_printf(arena, "%s%s", sub, entry->d_name);
        failed = !name || !append_path(sources, name, arena);
    }
    closedir(folder);
    if (failed) return mote_error_memory(diag);
    if (sources->count > first) qsort(sources->paths + first, sources->count - first, sizeof *sources->paths, by_name);
    return MOTE_OK;
}

/* Compiles one source; *object receives the path of the result. */
static enum mote_status compile_source(const struct mote_sim_job *job, const char *source, const char *more_flags,
                                       struct mote_arena *arena, const char **object, struct mote_diag *diag)
{
    const struct recipe *recipe = &recipes[job->target->simulator];
    char *path = mote_arena_printf(arena, MOTE_SIM_OBJECTS "/%s.o", source);
    if (!path) return mote_error_memory(diag);
    for (char *c = path + sizeof MOTE_SIM_OBJECTS; *c; c++) {
        if (*c == '/') *c = '_';
    }
    struct command command = command_begin(job, arena, 0);
    command_add_words(&command, job->target->compile_flags);
    command_add_words(&command, job->optimise ? job->optimise : "-O2");
    command_add_words(&command, SECTIONS);
    command_add_words(&command, recipe->flags);
    command_add_words(&command, more_flags);
    command_add_words(&command, "-I . -I kernel -c");
    if (job->trace) command_add(&command, "-DMOTE_TRACE");
    command_add(&command, source);
    command_add(&command, "-o");
    command_add(&command, path);
    const enum mote_status status = command_run(&command, source, diag);
    if (status == MOTE_OK) *object = path;
    return status;
}

/* ---- The harness ---- */

static enum mote_status make_folder(const char *path, struct mote_diag *diag)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return MOTE_OK;
    return mote_error(diag, MOTE_ERR_IO, "%s: %s", path, strerror(errno));
}

static enum mote_status write_file(const struct mote_sim_job *job, const char *name,
                                   const struct mote_embedded_file *file, struct mote_arena *arena,
                                   struct mote_diag *diag)
{
    char *path = mote_arena_printf(arena, "%s/%s", job->folder, name);
    return path ? mote_file_write(path, file->text, file->bytes, diag) : mote_error_memory(diag);
}

static enum mote_status write_harness(const struct mote_sim_job *job, struct mote_arena *arena, struct mote_diag *diag)
{
    char *objects = mote_arena_printf(arena, "%s/" MOTE_SIM_OBJECTS, job->folder);
    char *include = mote_arena_printf(arena, "%s/" MOTE_SIM_OBJECTS "/include", job->folder);
    if (!objects || !include) return mote_error_memory(diag);
    enum mote_status status = make_folder(objects, diag);
    if (status == MOTE_OK) status = make_folder(include, diag);
    size_t count;
    const struct mote_embedded_file *files = mote_sim_harness(job->target, &count);
    for (size_t i = 0; i < count && status == MOTE_OK; i++) {
        status = write_file(job, files[i].name, &files[i], arena, diag);
        if (status == MOTE_OK && strcmp(files[i].name, "harness_string.h") == 0) {
            status = write_file(job, MOTE_SIM_OBJECTS "/include/string.h", &files[i], arena, diag);
        }
    }
    return status;
}

enum mote_status mote_sim_compile(const struct mote_sim_job *job, struct mote_arena *arena,
                                  struct mote_sim_objects *objects, struct mote_diag *diag)
{
    struct mote_sim_objects result = {0};
    enum mote_status status = write_harness(job, arena, diag);
    if (status == MOTE_OK) status = list_sources(job, "", arena, &result, diag);
    if (status == MOTE_OK) status = list_sources(job, "kernel/", arena, &result, diag);
    if (status == MOTE_OK && result.count == 0) {
        status = mote_error(diag, MOTE_ERR_INPUT, "%s: no C sources here to build an image from", job->folder);
    }
    for (size_t i = 0; i < result.count && status == MOTE_OK; i++) {
        status = compile_source(job, result.paths[i], "", arena, &result.paths[i], diag);
    }
    if (status == MOTE_OK) *objects = result;
    return status;
}

/* Copies the list and compiles what the image needs besides the library into it. */
static enum mote_status add_harness(const struct mote_sim_job *job, const char *const *sources,
                                    const struct mote_sim_objects *library, struct mote_arena *arena,
                                    struct mote_sim_objects *all, struct mote_diag *diag)
{
    for (size_t i = 0; i < library->count; i++)
        if (!append_path(all, library->paths[i], arena)) return mote_error_memory(diag);
    for (; *sources; sources++) {
        const char *object = NULL;
        const enum mote_status status =
            compile_source(job, *sources, job->target->harness_flags, arena, &object, diag);
        if (status != MOTE_OK) return status;
        if (!append_path(all, object, arena)) return mote_error_memory(diag);
    }
    return MOTE_OK;
}

enum mote_status mote_sim_link(const struct mote_sim_job *job, const struct mote_sim_objects *objects,
                               enum mote_sim_kind kind, struct mote_arena *arena, struct mote_sim_linked *linked,
                               struct mote_diag *diag)
{
    const struct recipe *recipe = &recipes[job->target->simulator];
    const char *const *sources = kind == MOTE_SIM_SIZE ? recipe->size_sources : recipe->run_sources;
    const char *name = kind == MOTE_SIM_SIZE ? MOTE_SIM_SIZE_IMAGE : MOTE_SIM_RUN_IMAGE;
    struct mote_sim_linked result = {0};
    enum mote_status status = add_harness(job, sources, objects, arena, &result.objects, diag);
    if (status != MOTE_OK) return status;
    struct command command = command_begin(job, arena, result.objects.count);
    command_add_words(&command, job->target->compile_flags);
    for (size_t i = 0; i < result.objects.count; i++) command_add(&command, result.objects.paths[i]);
    if (job->target->simulator == MOTE_SIM_QEMU_ARM || job->target->simulator == MOTE_SIM_QEMU_RV32) {
        command_add(&command, "-T");
        command_add(&command, mote_qemu_machine_find(job->target->simulator_machine)->linker_script);
    }
    command_add_words(&command, recipe->link_flags);
    command_add(&command, "-o");
    command_add(&command, name);
    result.path = mote_arena_printf(arena, "%s/%s", job->folder, name);
    if (!result.path) return mote_error_memory(diag);
    status = command_run(&command, "linking", diag);
    if (status == MOTE_OK) status = mote_elf_image_read(result.path, arena, &result.image, diag);
    if (status == MOTE_OK) *linked = result;
    return status;
}

enum mote_status mote_sim_measure(const struct mote_sim_job *job, const struct mote_elf_image *image,
                                  struct mote_sim_result *result, struct mote_diag *diag)
{
    const struct mote_target *target = job->target;
    enum mote_status status = MOTE_OK;
    if (image->flash_bytes > target->flash_bytes) {
        status = mote_error(diag, MOTE_ERR_NO_FIT, "the image needs %u bytes of flash; %s has %u: %u too many",
                            image->flash_bytes, target->name, target->flash_bytes,
                            image->flash_bytes - target->flash_bytes);
        if (job->lacks) job->lacks->flash_bytes = image->flash_bytes - target->flash_bytes;
    }
    if (image->ram_bytes > target->ram_bytes) {
        status = mote_error(diag, MOTE_ERR_NO_FIT,
                            "the image needs %u bytes of RAM before any stack; %s has %u: %u too many",
                            image->ram_bytes, target->name, target->ram_bytes, image->ram_bytes - target->ram_bytes);
        if (job->lacks) job->lacks->ram_bytes = image->ram_bytes - target->ram_bytes;
    }
    if (status != MOTE_OK) return status;
    result->flash_bytes = image->flash_bytes;
    result->ram_bytes = image->ram_bytes;
    return MOTE_OK;
}
