/* files.c: runs an image that is a program with files: under QEMU, or on this machine. The format of the files is in
 * harness/harness_files.c. */
#define _POSIX_C_SOURCE 200809L

#include "runner.h"

#include "../base/file.h"
#include "../base/process.h"
#include "../base/text.h"
#include "build.h"
#include "cycles.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE_BYTES ((size_t)1 << 30)
#define WATCHED_STACK_BYTES 0x40000u /* harness_sections.ld */
/* Wall-clock guard behind the instruction limit, for a simulator that is itself stuck: a floor of speed. */
#define GUARD_SECONDS 120u
#define GUARD_INSTRUCTIONS_PER_SECOND 5000000u

static const struct mote_qemu_machine machines[] = {
    {"mps2-an385", "harness_mps2.ld", 40},     /* 25 MHz */
    {"mps2-an386", "harness_mps2.ld", 40},     /* 25 MHz */
    {"mps2-an500", "harness_mps2.ld", 40},     /* 25 MHz */
    {"mps2-an505", "harness_an505.ld", 50},    /* 20 MHz */
    {"mps3-an547", "harness_an547.ld", 31.25}, /* 32 MHz */
    {"virt", "harness_virt.ld", 1},            /* minstret */
};

const struct mote_qemu_machine *mote_qemu_machine_find(const char *name)
{
    for (size_t i = 1; name && i < sizeof machines / sizeof machines[0]; i++) {
        if (strcmp(machines[i].name, name) == 0) return &machines[i];
    }
    return &machines[0];
}

enum harness_status { HARNESS_OK, HARNESS_LIMIT, HARNESS_FAULT, HARNESS_NO_INPUT, HARNESS_REFUSED };

struct harness_result {
    uint32_t status, vectors_done, stack_bytes, stack_watched, detail[2];
};

struct run {
    const struct mote_sim_job *job;
    const struct mote_elf_image *image;
    struct mote_arena *arena;
    struct mote_diag *diag;
    double instructions_per_tick; /* 0: nothing is counted */
    uint64_t limit;               /* instructions of one vector */
    const char *ticks_path;
    const char *plugin; /* QEMU's argument, NULL: none */
};

static char *in_folder(const struct run *run, const char *name)
{
    return mote_arena_printf(run->arena, "%s/%s", run->job->folder, name);
}

static enum mote_status write_input(const struct run *run)
{
    const struct mote_sim_job *job = run->job;
    const double ticks = run->instructions_per_tick > 0 ? (double)run->limit / run->instructions_per_tick : 0;
    const uint32_t head[2] = {(uint32_t)job->vector_count, 0};
    const uint64_t limit = (uint64_t)ticks + 1;
    struct mote_text text = {0};
    mote_text_append(&text, (const char *)head, sizeof head);
    mote_text_append(&text, (const char *)&limit, sizeof limit);
    mote_text_append(&text, (const char *)job->input,
                     job->vector_count * mote_sim_span_bytes(job->inputs, job->input_count));
    char *path = in_folder(run, "harness_input.bin");
    enum mote_status status = MOTE_ERR_MEMORY;
    if (path && !text.failed) {
        status = mote_file_write(path, text.bytes, text.length, run->diag);
    } else {
        mote_error_memory(run->diag);
    }
    mote_text_free(&text);
    return status;
}

/* Old files must not pass for new ones. */
static enum mote_status remove_results(const struct run *run)
{
    static const char *const names[] = {"harness_output.bin", "harness_ticks.bin", "harness_trace.bin",
                                        "harness_result.bin", MOTE_SIM_CYCLES_FILE};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = in_folder(run, names[i]);
        if (!path) return mote_error_memory(run->diag);
        unlink(path);
    }
    return MOTE_OK;
}

static enum mote_status read_result(const struct run *run, const char *name, uint8_t **bytes, size_t *byte_count)
{
    char *path = in_folder(run, name);
    if (!path) return mote_error_memory(run->diag);
    return mote_file_read(path, MAX_FILE_BYTES, run->arena, bytes, byte_count, run->diag);
}

/* The program to run: QEMU with its options, or the image itself. */
static void fill_arguments(const struct run *run, const char **arguments)
{
    const struct mote_target *target = run->job->target;
    const bool arm = target->simulator == MOTE_SIM_QEMU_ARM;
    const char *const options[] = {"-display", "none", "-monitor", "none", "-serial", "null", "-icount", "shift=0",
                                   "-semihosting-config", "enable=on,target=native", "-kernel",
                                   MOTE_SIM_RUN_IMAGE};
    size_t count = 0;
    if (target->simulator == MOTE_SIM_HOST) {
        arguments[count++] = MOTE_SIM_RUN_IMAGE;
    } else {
        arguments[count++] = arm ? "qemu-system-arm" : "qemu-system-riscv32";
        arguments[count++] = "-machine";
        arguments[count++] = target->simulator_machine;
        if (target->simulator_cpu) {
            arguments[count++] = "-cpu";
            arguments[count++] = target->simulator_cpu;
        }
        if (!arm) {
            arguments[count++] = "-bios";
            arguments[count++] = "none";
        }
        for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) arguments[count++] = options[i];
        if (run->plugin) {
            arguments[count++] = "-plugin";
            arguments[count++] = run->plugin;
        }
    }
    arguments[count] = NULL;
}

static unsigned guard_seconds(const struct run *run)
{
    const double seconds = (double)run->limit * (double)run->job->vector_count / GUARD_INSTRUCTIONS_PER_SECOND;
    return GUARD_SECONDS + (seconds > 1e8 ? 100000000u : (unsigned)seconds);
}

static enum mote_status explain_end(const struct run *run, const struct mote_process_end *end)
{
    const char *name = run->job->target->name;
    const char *said = end->errors.bytes ? end->errors.bytes : "";
    if (end->stopped) return mote_error(run->diag, MOTE_ERR_IO, "%s: stopped", name);
    if (end->timed_out) {
        return mote_error(run->diag, MOTE_ERR_IO, "%s: the simulator was stopped: no result after %u s", name,
                          guard_seconds(run));
    }
    if (end->signal || end->exit_code) {
        return mote_error(run->diag, MOTE_ERR_IO, "%s: the program crashed, the simulator ended with %s %d: %.*s", name,
                          end->signal ? "signal" : "status", end->signal ? end->signal : end->exit_code,
                          (int)strcspn(said, "\n"), said);
    }
    return MOTE_OK;
}

/* The program writes the ticks of each vector when it is done: the size of that file tells how many are. */
static bool may_go_on(void *context)
{
    const struct run *run = context;
    const struct mote_sim_job *job = run->job;
    if (!job->progress) return true;
    struct stat ticks;
    const bool exists = stat(run->ticks_path, &ticks) == 0;
    return job->progress(job->progress_context, exists ? (size_t)ticks.st_size / sizeof(uint64_t) : 0, job->vector_count);
}

static enum mote_status execute(struct run *run)
{
    const char *arguments[32];
    fill_arguments(run, arguments);
    run->ticks_path = in_folder(run, "harness_ticks.bin");
    if (!run->ticks_path) return mote_error_memory(run->diag);
    const struct mote_process process = {.arguments = arguments,
                                         .folder = run->job->folder,
                                         .timeout_seconds = guard_seconds(run),
                                         .may_go_on = may_go_on,
                                         .context = run};
    struct mote_process_end end;
    enum mote_status status = mote_process_run(&process, &end, run->diag);
    if (status != MOTE_OK) return status;
    if (end.exit_code > 0 && run->plugin && !mote_sim_cycles_loaded(run->job, run->arena)) {
        mote_process_end_free(&end); /* this QEMU takes no such plugin */
        run->plugin = NULL;
        return execute(run);
    }
    status = explain_end(run, &end);
    mote_process_end_free(&end);
    return status;
}

static enum mote_status explain_status(const struct run *run, const struct harness_result *result)
{
    const char *name = run->job->target->name;
    switch ((enum harness_status)result->status) {
    case HARNESS_OK: return MOTE_OK;
    case HARNESS_LIMIT:
        return mote_error(run->diag, MOTE_ERR_IO, "%s: vector %u did not end within %llu instructions", name,
                          result->vectors_done, (unsigned long long)run->limit);
    case HARNESS_FAULT:
        return mote_error(run->diag, MOTE_ERR_IO, "%s: the program crashed in vector %u at %#x in %s (cause %#x)", name,
                          result->vectors_done, result->detail[0],
                          mote_elf_image_function_at(run->image, result->detail[0]), result->detail[1]);
    case HARNESS_REFUSED:
        return mote_error(run->diag, MOTE_ERR_IO, "%s: the firmware refused the blob", name);
    case HARNESS_NO_INPUT: break;
    }
    return mote_error(run->diag, MOTE_ERR_IO, "%s: the program could not read its input", name);
}

/* The image's RAM on the chip: static data and stack. The machine has more, so an excess is known exactly. */
static enum mote_status check_stack(const struct run *run, struct mote_sim_result *result)
{
    const struct mote_target *target = run->job->target;
    const uint32_t used_bytes = result->ram_bytes + result->stack_bytes;
    result->ram_touched_bytes = used_bytes;
    if (result->stack_bytes >= WATCHED_STACK_BYTES) {
        return mote_error(run->diag, MOTE_ERR_NO_FIT, "%s: the stack grew past %u bytes", target->name,
                          WATCHED_STACK_BYTES);
    }
    if (used_bytes <= target->ram_bytes) return MOTE_OK;
    if (run->job->lacks) run->job->lacks->ram_bytes = used_bytes - target->ram_bytes;
    return mote_error(run->diag, MOTE_ERR_NO_FIT,
                      "%s: the stack overflows: %u bytes of static data and %u of stack are %u more than the %u of RAM",
                      target->name, result->ram_bytes, result->stack_bytes, used_bytes - target->ram_bytes,
                      target->ram_bytes);
}

static enum mote_status take_outputs(const struct run *run, struct mote_sim_result *result)
{
    const struct mote_sim_job *job = run->job;
    size_t byte_count;
    uint8_t *bytes;
    const enum mote_status status = read_result(run, "harness_output.bin", &bytes, &byte_count);
    if (status != MOTE_OK) return status;
    if (byte_count != job->vector_count * mote_sim_span_bytes(job->outputs, job->output_count)) {
        return mote_error(run->diag, MOTE_ERR_IO, "%s: the program wrote %zu bytes of output, not %zu",
                          job->target->name, byte_count,
                          job->vector_count * mote_sim_span_bytes(job->outputs, job->output_count));
    }
    result->output = bytes;
    return MOTE_OK;
}

static enum mote_status take_counts(const struct run *run, struct mote_sim_result *result)
{
    size_t byte_count;
    uint8_t *bytes;
    const enum mote_status status = read_result(run, "harness_ticks.bin", &bytes, &byte_count);
    if (status != MOTE_OK) return status;
    if (byte_count != run->job->vector_count * sizeof(uint64_t)) {
        return mote_error(run->diag, MOTE_ERR_IO, "%s: the program did not count every vector", run->job->target->name);
    }
    if (!(run->instructions_per_tick > 0) || run->job->vector_count == 0) return MOTE_OK;
    double sum = 0;
    for (size_t i = 0; i < run->job->vector_count; i++) {
        uint64_t ticks;
        memcpy(&ticks, bytes + i * sizeof ticks, sizeof ticks);
        sum += (double)ticks;
    }
    result->instructions = sum * run->instructions_per_tick / (double)run->job->vector_count;
    return MOTE_OK;
}

struct trace_head {
    uint32_t step, byte_count;
    uint64_t ticks;
};
enum { AFTER_SOMETHING = 0xFFFE, AFTER_NOTHING }; /* steps of records that no step made */

/* Reads the record at *at and moves past it; false at the end or at a cut-off record. */
static bool next_trace(const uint8_t *bytes, size_t byte_count, size_t *at, struct trace_head *head)
{
    if (byte_count - *at < sizeof *head) return false;
    memcpy(head, bytes + *at, sizeof *head);
    if (head->byte_count > byte_count - *at - sizeof *head) return false;
    *at += sizeof *head + head->byte_count;
    return true;
}

/* Records of no step, which come first. */
static size_t count_no_steps(const uint8_t *bytes, size_t byte_count)
{
    struct trace_head head;
    size_t at = 0, count = 0;
    while (next_trace(bytes, byte_count, &at, &head) && head.step >= AFTER_SOMETHING) count++;
    return count;
}

static enum mote_status take_traces(const struct run *run, struct mote_sim_result *result)
{
    size_t byte_count, at = 0, count = 0;
    uint8_t *bytes;
    const enum mote_status status = read_result(run, "harness_trace.bin", &bytes, &byte_count);
    if (status != MOTE_OK) return status;
    struct trace_head head;
    while (next_trace(bytes, byte_count, &at, &head)) count++;
    const size_t vectors = run->job->vector_count, first = count_no_steps(bytes, byte_count);
    if (at != byte_count || vectors == 0 || (count - first) % vectors != 0) {
        return mote_error(run->diag, MOTE_ERR_IO, "%s: the trace of the steps is cut off", run->job->target->name);
    }
    struct mote_sim_trace *traces = MOTE_NEW_ARRAY(run->arena, struct mote_sim_trace, count);
    if (!traces) return mote_error_memory(run->diag);
    at = 0;
    for (size_t i = 0; next_trace(bytes, byte_count, &at, &head); i++) {
        /* every vector runs the same steps */
        traces[i] = (struct mote_sim_trace){.vector = i < first ? 0 : (i - first) / ((count - first) / vectors),
                                            .step = (uint16_t)head.step,
                                            .bytes = bytes + at - head.byte_count,
                                            .byte_count = head.byte_count,
                                            .cycles = -1,
                                            .instructions = -1,
                                            .estimated_cycles = -1};
        if (run->instructions_per_tick > 0) traces[i].instructions = (double)head.ticks * run->instructions_per_tick;
    }
    result->traces = traces;
    result->trace_count = count;
    return MOTE_OK;
}

/* Takes what being traced takes off every step and off the whole, and drops the records that tell it. */
static void take_off_tracing(struct mote_sim_result *result, size_t vectors)
{
    double instructions = 0, cycles = 0;
    size_t first = 0, pairs = 0;
    for (; first < result->trace_count && result->traces[first].step >= AFTER_SOMETHING; first++) {
        if (result->traces[first].step != AFTER_NOTHING) continue;
        instructions += result->traces[first].instructions;
        cycles += result->traces[first].estimated_cycles;
        pairs++;
    }
    if (!pairs) return;
    instructions /= (double)pairs;
    cycles /= (double)pairs;
    result->traces += first;
    result->trace_count -= first;
    const double per_vector = (double)result->trace_count / (double)vectors;
    if (result->instructions >= 0) result->instructions -= per_vector * instructions;
    if (result->estimated_cycles >= 0) result->estimated_cycles -= per_vector * cycles;
    for (size_t i = 0; i < result->trace_count; i++) {
        struct mote_sim_trace *trace = &result->traces[i];
        if (trace->instructions >= 0) trace->instructions -= instructions;
        if (trace->estimated_cycles >= 0) trace->estimated_cycles -= cycles;
    }
}

static enum mote_status take_results(const struct run *run, struct mote_sim_result *result)
{
    size_t byte_count;
    uint8_t *bytes;
    struct harness_result ending;
    enum mote_status status = read_result(run, "harness_result.bin", &bytes, &byte_count);
    if (status != MOTE_OK) return status;
    if (byte_count != sizeof ending) {
        return mote_error(run->diag, MOTE_ERR_IO, "%s: the program ended without a result", run->job->target->name);
    }
    memcpy(&ending, bytes, sizeof ending);
    status = explain_status(run, &ending);
    if (status != MOTE_OK) return status;
    const uint64_t open_ticks = ending.detail[0] | (uint64_t)ending.detail[1] << 32;
    if (run->instructions_per_tick > 0) result->open_instructions = (double)open_ticks * run->instructions_per_tick;
    result->stack_bytes = ending.stack_watched ? ending.stack_bytes : 0;
    if (ending.stack_watched && !run->job->trace) status = check_stack(run, result);
    if (status == MOTE_OK) status = take_outputs(run, result);
    if (status == MOTE_OK) status = take_counts(run, result);
    if (status == MOTE_OK && run->job->trace) status = take_traces(run, result);
    if (status == MOTE_OK && run->plugin) status = mote_sim_cycles_take(run->job, run->image, run->arena, result, run->diag);
    if (status == MOTE_OK && run->job->trace) take_off_tracing(result, run->job->vector_count);
    return status;
}

enum mote_status mote_sim_files_run(const struct mote_sim_job *job, const struct mote_elf_image *image,
                                    struct mote_arena *arena, struct mote_sim_result *result, struct mote_diag *diag)
{
    struct run run = {.job = job,
                      .image = image,
                      .arena = arena,
                      .diag = diag,
                      .limit = job->cycle_limit ? job->cycle_limit : MOTE_SIM_DEFAULT_LIMIT};
    if (job->target->simulator != MOTE_SIM_HOST) {
        run.instructions_per_tick = mote_qemu_machine_find(job->target->simulator_machine)->instructions_per_tick;
    }
    if (job->vector_count > UINT32_MAX) return mote_error(diag, MOTE_ERR_INPUT, "too many vectors in one run");
    struct mote_sim_result measured = *result;
    enum mote_status status = remove_results(&run);
    if (status == MOTE_OK) status = write_input(&run);
    if (status == MOTE_OK) status = mote_sim_cycles_prepare(job, arena, &run.plugin, diag);
    if (status == MOTE_OK) status = execute(&run);
    if (status == MOTE_OK) status = take_results(&run, &measured);
    if (status != MOTE_OK) return status;
    *result = measured;
    return MOTE_OK;
}
