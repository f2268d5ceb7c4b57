/* cycles.c: hands QEMU the plugin that adds up cycles, and reads what it wrote. */
#include "cycles.h"

#include "../base/file.h"
#include "build.h"

#include <string.h>

#define MOST_FILE_BYTES ((size_t)1 << 30)
#define PLUGIN MOTE_SIM_OBJECTS "/timing.so"

/* tools/embed.cmake: the plugin, as it was built for this machine */
extern const struct mote_embedded_file mote_sim_timing_files[];

/* timing/plugin.c */
enum mark { MARK_END = 1, MARK_STEP = 4 };
struct record {
    uint32_t mark, zero;
    uint64_t cycles; /* UINT64_MAX: not known */
};

enum mote_status mote_sim_cycles_prepare(const struct mote_sim_job *job, struct mote_arena *arena, const char **argument,
                                         struct mote_diag *diag)
{
    const char *core = job->target->timing;
    *argument = NULL;
    if (!job->estimate || !core) return MOTE_OK;
    char *path = mote_arena_printf(arena, "%s/" PLUGIN, job->folder);
    char *text = mote_arena_printf(arena, PLUGIN ",core=%s,output=" MOTE_SIM_CYCLES_FILE, core);
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

static bool next_record(const uint8_t *bytes, size_t byte_count, size_t *at, struct record *record)
{
    if (byte_count - *at < sizeof *record) return false;
    memcpy(record, bytes + *at, sizeof *record);
    *at += sizeof *record;
    return true;
}

enum mote_status mote_sim_cycles_take(const struct mote_sim_job *job, struct mote_arena *arena,
                                      struct mote_sim_result *result, struct mote_diag *diag)
{
    char *path = path_of_output(job, arena);
    uint8_t *bytes;
    size_t byte_count, at = 0, vectors = 0, steps = 0;
    if (!path) return mote_error_memory(diag);
    const enum mote_status status = mote_file_read(path, MOST_FILE_BYTES, arena, &bytes, &byte_count, diag);
    if (status != MOTE_OK) return status;
    double sum = 0;
    bool is_known = true;
    struct record record;
    while (next_record(bytes, byte_count, &at, &record)) {
        is_known &= record.cycles != UINT64_MAX;
        if (record.mark == MARK_END) {
            vectors++;
            sum += (double)record.cycles;
        } else if (record.mark == MARK_STEP) {
            if (steps < result->trace_count && is_known) result->traces[steps].estimated_cycles = (double)record.cycles;
            steps++;
        }
    }
    if (at != byte_count || vectors != job->vector_count || steps != result->trace_count)
        return mote_error(diag, MOTE_ERR_IO, "%s: the cycles of %zu vectors and %zu steps were counted, not of %zu and %zu",
                          job->target->name, vectors, steps, job->vector_count, result->trace_count);
    if (is_known && vectors) result->estimated_cycles = sum / (double)vectors;
    return MOTE_OK;
}
