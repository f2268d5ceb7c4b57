/* cycles.c: hands QEMU the plugin that adds up cycles, and reads what it wrote. */
#include "cycles.h"

#include "../base/file.h"
#include "build.h"
#include "runner.h"

#include <string.h>

#define MOST_FILE_BYTES ((size_t)1 << 30)
#define PLUGIN MOTE_SIM_OBJECTS "/timing.so"

/* tools/embed.cmake: the plugin, as it was built for this machine */
extern const struct mote_embedded_file mote_sim_timing_files[];

/* timing/plugin.c */
enum { END_CYCLES = 1, STEP_CYCLES = 4, BLOCK_CYCLES = 5, BLOCK_ENTRIES = 6 };
struct record {
    uint32_t which, address;
    uint64_t value; /* UINT64_MAX: not known */
};

enum mote_status mote_sim_cycles_prepare(const struct mote_sim_job *job, struct mote_arena *arena, const char **argument,
                                         struct mote_diag *diag)
{
    const char *core = job->target->timing;
    *argument = NULL;
    if (!job->estimate || !core) return MOTE_OK;
    char *path = mote_arena_printf(arena, "%s/" PLUGIN, job->folder);
    char *text = mote_arena_printf(arena, PLUGIN ",core=%s,output=" MOTE_SIM_CYCLES_FILE "%s", core,
                                   job->profile ? ",blocks=on" : "");
    if (!path || !text) return mote_error_memory(diag);
    const enum mote_status status = mote_file_write(path, mote_sim_timing_files[0].text, mote_sim_timing_files[0].bytes, diag);
    if (status == MOTE_OK) *argument = text;
    return status;
}

static char *path_of_output(const struct mote_sim_job *job, struct mote_arena *arena)
{
    return mote_arena_printf(arena, "%s/" MOTE_SIM_CYCLES_FILE, job->folder);
}

bool mote_sim_cycles_loaded(const struct mote_sim_job *job, struct mote_arena *arena)
{
    const char *path = path_of_output(job, arena);
    return path && mote_file_exists(path);
}

/* What is added up while the records are read. */
struct reading {
    const struct mote_sim_job *job;
    struct mote_sim_result *result;
    double cycles;
    size_t vectors, steps;
    bool is_known;
    const struct mote_elf_symbol *symbols; /* of functions, by rising address */
    struct mote_sim_function *functions;   /* one for each of them */
    size_t function_count;
};

/* The function that holds the address; NULL: none does. */
static struct mote_sim_function *function_at(const struct reading *reading, uint32_t address)
{
    size_t low = 0, high = reading->function_count; /* the last that begins at or before it is in [low, high) */
    if (!high || reading->symbols[0].address > address) return NULL;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (reading->symbols[middle].address <= address) low = middle;
        else high = middle;
    }
    return &reading->functions[low];
}

static void take_block(const struct reading *reading, const struct record *record)
{
    struct mote_sim_function *function = function_at(reading, record->address);
    if (!function) return;
    if (record->which == BLOCK_CYCLES) function->cycles += (double)record->value / (double)reading->job->vector_count;
    else if (reading->symbols[function - reading->functions].address == record->address) function->calls += record->value;
}

static void take_record(struct reading *reading, const struct record *record)
{
    struct mote_sim_result *result = reading->result;
    reading->is_known &= record->value != UINT64_MAX;
    switch (record->which) {
    case END_CYCLES:
        reading->vectors++;
        reading->cycles += (double)record->value;
        break;
    case STEP_CYCLES:
        if (reading->steps < result->trace_count && reading->is_known)
            result->traces[reading->steps].estimated_cycles = (double)record->value;
        reading->steps++;
        break;
    default: take_block(reading, record);
    }
}

static bool prepare_functions(struct reading *reading, const struct mote_elf_image *image, struct mote_arena *arena)
{
    if (!reading->job->profile) return true;
    if (!mote_elf_image_functions(image, UINT32_MAX, arena, &reading->symbols, &reading->function_count)) return false;
    reading->functions = MOTE_NEW_ARRAY(arena, struct mote_sim_function, reading->function_count + 1);
    for (size_t i = 0; reading->functions && i < reading->function_count; i++)
        reading->functions[i].name = reading->symbols[i].name;
    return reading->functions != NULL;
}

static void finish(struct reading *reading)
{
    struct mote_sim_result *result = reading->result;
    result->estimated_cycles = reading->cycles / (double)reading->vectors;
    size_t count = 0;
    for (size_t i = 0; i < reading->function_count; i++)
        if (reading->functions[i].cycles > 0) reading->functions[count++] = reading->functions[i];
    mote_sim_sort_functions(reading->functions, count);
    result->functions = reading->functions;
    result->function_count = count;
}

enum mote_status mote_sim_cycles_take(const struct mote_sim_job *job, const struct mote_elf_image *image,
                                      struct mote_arena *arena, struct mote_sim_result *result, struct mote_diag *diag)
{
    struct reading reading = {.job = job, .result = result, .is_known = true};
    char *path = path_of_output(job, arena);
    if (!path || !prepare_functions(&reading, image, arena)) return mote_error_memory(diag);
    uint8_t *bytes;
    size_t byte_count, at = 0;
    const enum mote_status status = mote_file_read(path, MOST_FILE_BYTES, arena, &bytes, &byte_count, diag);
    if (status != MOTE_OK) return status;
    for (struct record record; byte_count - at >= sizeof record; at += sizeof record) {
        memcpy(&record, bytes + at, sizeof record);
        take_record(&reading, &record);
    }
    if (at != byte_count || reading.vectors != job->vector_count || reading.steps != result->trace_count)
        return mote_error(diag, MOTE_ERR_IO, "%s: the cycles of %zu vectors and %zu steps were counted, not of %zu and %zu",
                          job->target->name, reading.vectors, reading.steps, job->vector_count, result->trace_count);
    if (reading.is_known && reading.vectors) finish(&reading);
    return MOTE_OK;
}
