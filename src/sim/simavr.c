/* simavr.c: runs an image on a simulated AVR, cycle exact.
 *
 * The harness (harness/harness_avr.c) writes a code to GPIOR0 whenever something is to be done; the callback on that
 * register moves inputs and outputs directly between the job and the simulated RAM and reads the cycle counter. The
 * stack pointer is looked at after every instruction. */
#include "runner.h"

#include <avr_flash.h>
#include <sim_avr.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define GPIOR0 0x3Eu /* data address, the same on all chips here */
#define DATA_BASE 0x800000u /* where the linker's address space has the RAM */
#define PAINT 0xA5u

enum signal { SIGNAL_READY = 1, SIGNAL_START, SIGNAL_END, SIGNAL_CALIBRATE_START, SIGNAL_CALIBRATE_END,
              SIGNAL_TRACE_BEGIN, SIGNAL_TRACE_END, SIGNAL_ROW };

/* What ended the run; the text comes later, outside of the simulator's callbacks. */
enum ending { RUNNING, DONE, CRASHED, SLEPT, OVER_LIMIT, STACK_BELOW_RAM, BAD_TRACE, BAD_ROW, OUT_OF_MEMORY, STOPPED };

struct function {
    const char *name;
    uint32_t begin;
    uint64_t cycles, calls;
};

struct simulation {
    const struct mote_sim_job *job;
    struct mote_arena *arena;
    avr_t *avr;
    enum ending ending;

    uint32_t arena_address, trace_address, row_address; /* in the chip's data memory */
    uint32_t ram_begin, static_end;
    uint32_t stack_lowest;

    uint8_t *output;
    size_t vectors_done, rows_done; /* rows: inputs pushed in this vector */
    bool inside; /* between start and end */
    uint64_t start_cycle, excluded_cycles, signal_cycles, limit, deadline;
    uint64_t calibrated_cycle, opened_cycle;
    uint64_t instructions, start_instructions, total_instructions, ask_at;
    uint64_t total_cycles, least_cycles, most_cycles;

    uint64_t step_cycle, step_excluded, trace_begin;
    struct mote_sim_trace *traces;
    size_t trace_count, trace_capacity;

    struct function *functions;
    size_t function_count;
    uint16_t *function_of; /* by word of flash; function_count = none */
};

/* ---- Set-up ---- */

static void say_nothing(avr_t *avr, const int level, const char *format, va_list args)
{
    (void)avr;
    (void)level;
    (void)format;
    (void)args;
}

static void on_sleep(avr_t *avr, avr_cycle_count_t how_long)
{
    (void)how_long;
    avr->state = cpu_Done; /* nothing here would wake it up */
}

/* simavr reports an access past the end of RAM or flash, and then makes it. Memories as large as the addresses reach
 * keep a program that goes astray from reaching this one. */
static bool widen_memories(avr_t *avr)
{
    const size_t flash_bytes = avr->rampz ? (size_t)1 << 24 : (size_t)1 << 16;
    uint8_t *data = realloc(avr->data, (size_t)1 << 16);
    if (data) avr->data = data;
    uint8_t *flash = realloc(avr->flash, flash_bytes + 4);
    if (flash) avr->flash = flash;
    if (!data || !flash) return false;
    memset(flash, 0xFF, flash_bytes + 4);
    memset(data + avr->ramend + 1, 0, ((size_t)1 << 16) - avr->ramend - 1);
    return true;
}

static bool load_flash(avr_t *avr, const struct mote_elf_image *image)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct mote_elf_segment *segment = &image->segments[i];
        if (segment->address >= DATA_BASE) continue; /* EEPROM, fuses */
        if (segment->address > avr->flashend) return false;
        if (segment->byte_count > avr->flashend + 1 - segment->address) return false;
        memcpy(avr->flash + segment->address, segment->bytes, segment->byte_count);
    }
    return true;
}

static uint32_t data_address(const struct mote_elf_image *image, const char *name)
{
    const struct mote_elf_symbol *symbol = mote_elf_image_find(image, name);
    return symbol ? symbol->address & 0xFFFFu : 0;
}

/* ---- Signals of the harness ---- */

static void feed_inputs(struct simulation *sim)
{
    const struct mote_sim_job *job = sim->job;
    const uint8_t *from = job->input + sim->vectors_done * mote_sim_span_bytes(job->inputs, job->input_count);
    for (size_t i = 0; i < job->input_count; i++) {
        memcpy(sim->avr->data + sim->arena_address + job->inputs[i].offset, from, job->inputs[i].bytes);
        from += job->inputs[i].bytes;
    }
}

static uint32_t read_u16(const struct simulation *sim, uint32_t address)
{
    return sim->avr->data[address] | (uint32_t)sim->avr->data[address + 1] << 8;
}

/* Writes the next input where the image wants it, which must be where the job says. */
static void feed_row(struct simulation *sim)
{
    const struct mote_sim_job *job = sim->job;
    const struct mote_sim_span *span = &job->inputs[sim->rows_done];
    const uint32_t address = read_u16(sim, sim->row_address);
    if (sim->rows_done >= job->input_count || address != sim->arena_address + span->offset) {
        sim->ending = BAD_ROW;
        return;
    }
    const uint8_t *vector = job->input + sim->vectors_done * mote_sim_span_bytes(job->inputs, job->input_count);
    memcpy(sim->avr->data + address, vector + mote_sim_span_bytes(job->inputs, sim->rows_done), span->bytes);
    sim->rows_done++;
    sim->excluded_cycles += sim->signal_cycles;
}

static void fetch_outputs(struct simulation *sim)
{
    const struct mote_sim_job *job = sim->job;
    uint8_t *to = sim->output + sim->vectors_done * mote_sim_span_bytes(job->outputs, job->output_count);
    for (size_t i = 0; i < job->output_count; i++) {
        memcpy(to, sim->avr->data + sim->arena_address + job->outputs[i].offset, job->outputs[i].bytes);
        to += job->outputs[i].bytes;
    }
}

static void begin_vector(struct simulation *sim)
{
    sim->inside = true;
    sim->excluded_cycles = sim->step_excluded = 0;
    sim->start_cycle = sim->step_cycle = sim->avr->cycle;
    sim->start_instructions = sim->instructions;
    sim->deadline = sim->avr->cycle + sim->limit;
}

static void end_vector(struct simulation *sim)
{
    const uint64_t cycles = sim->avr->cycle - sim->start_cycle - sim->signal_cycles - sim->excluded_cycles;
    sim->inside = false;
    sim->total_cycles += cycles;
    sim->total_instructions += sim->instructions - sim->start_instructions - 2; /* ldi, out */
    if (sim->vectors_done == 0 || cycles < sim->least_cycles) sim->least_cycles = cycles;
    if (cycles > sim->most_cycles) sim->most_cycles = cycles;
    fetch_outputs(sim);
    sim->vectors_done++;
    sim->ask_at = 0;
}

static bool grow_traces(struct simulation *sim)
{
    if (sim->trace_count < sim->trace_capacity) return true;
    const size_t capacity = sim->trace_capacity ? 2 * sim->trace_capacity : 64;
    struct mote_sim_trace *grown = MOTE_NEW_ARRAY(sim->arena, struct mote_sim_trace, capacity);
    if (!grown) return false;
    if (sim->trace_count) memcpy(grown, sim->traces, sim->trace_count * sizeof *grown);
    sim->traces = grown;
    sim->trace_capacity = capacity;
    return true;
}

/* The harness has stored step, address and size of a step's output. */
static void take_trace(struct simulation *sim)
{
    const uint32_t step = read_u16(sim, sim->trace_address);
    const uint32_t address = read_u16(sim, sim->trace_address + 2), bytes = read_u16(sim, sim->trace_address + 4);
    const uint64_t spent = sim->trace_begin - sim->step_cycle - sim->signal_cycles;
    if (address < sim->ram_begin || bytes > sim->avr->ramend + 1u - address) {
        sim->ending = BAD_TRACE;
        return;
    }
    uint8_t *copy = grow_traces(sim) ? mote_arena_copy(sim->arena, sim->avr->data + address, bytes) : NULL;
    if (!copy) {
        sim->ending = OUT_OF_MEMORY;
        return;
    }
    sim->traces[sim->trace_count++] = (struct mote_sim_trace){.vector = sim->vectors_done,
                                                              .step = (uint16_t)step,
                                                              .bytes = copy,
                                                              .byte_count = bytes,
                                                              .cycles = (double)spent,
                                                              .instructions = -1,
                                                              .estimated_cycles = -1};
    sim->step_cycle = sim->avr->cycle;
    sim->excluded_cycles += sim->avr->cycle - sim->trace_begin + sim->signal_cycles;
}

static void on_signal(avr_t *avr, avr_io_addr_t address, uint8_t value, void *context)
{
    struct simulation *sim = context;
    avr->data[address] = value;
    switch ((enum signal)value) {
    case SIGNAL_READY:
        if (!sim->opened_cycle) sim->opened_cycle = avr->cycle;
        if (sim->vectors_done == sim->job->vector_count) {
            sim->ending = DONE;
        } else if (!sim->job->input_is_pushed) {
            feed_inputs(sim);
        }
        sim->rows_done = 0;
        break;
    case SIGNAL_ROW: feed_row(sim); break;
    case SIGNAL_START: begin_vector(sim); break;
    case SIGNAL_END: end_vector(sim); break;
    case SIGNAL_CALIBRATE_START: sim->start_cycle = avr->cycle; break;
    case SIGNAL_CALIBRATE_END:
        sim->signal_cycles = avr->cycle - sim->start_cycle;
        sim->calibrated_cycle = avr->cycle;
        break;
    case SIGNAL_TRACE_BEGIN: sim->trace_begin = avr->cycle; break;
    case SIGNAL_TRACE_END: take_trace(sim); break;
    }
}

/* ---- Profile ---- */

static bool profile_begin(struct simulation *sim, const struct mote_elf_image *image)
{
    const size_t words = (sim->avr->flashend + 1) / 2;
    const struct mote_elf_symbol *symbols;
    if (!mote_elf_image_functions(image, DATA_BASE, sim->arena, &symbols, &sim->function_count)) return false;
    sim->functions = MOTE_NEW_ARRAY(sim->arena, struct function, sim->function_count + 1);
    sim->function_of = MOTE_NEW_ARRAY(sim->arena, uint16_t, words);
    if (!sim->functions || !sim->function_of || sim->function_count >= UINT16_MAX) return false;
    for (size_t i = 0; i < sim->function_count; i++)
        sim->functions[i] = (struct function){.name = symbols[i].name, .begin = symbols[i].address};
    size_t function = 0;
    for (size_t word = 0; word < words; word++) {
        while (function < sim->function_count && sim->functions[function].begin <= 2 * word) function++;
        sim->function_of[word] = (uint16_t)(function ? function - 1 : sim->function_count);
    }
    sim->functions[sim->function_count].name = "?";
    return true;
}

/* Books one executed instruction. A function is entered when its first instruction follows one of another function. */
static void profile_step(struct simulation *sim, uint32_t pc, uint64_t cycles, uint32_t next_pc)
{
    struct function *function = &sim->functions[sim->function_of[pc / 2]];
    function->cycles += cycles;
    if (next_pc > sim->avr->flashend) return; /* the next step will find the crash */
    struct function *next = &sim->functions[sim->function_of[next_pc / 2]];
    if (next != function && next->begin == next_pc) next->calls++;
}

static bool profile_end(const struct simulation *sim, struct mote_sim_result *result)
{
    struct mote_sim_function *functions = MOTE_NEW_ARRAY(sim->arena, struct mote_sim_function, sim->function_count + 1);
    if (!functions) return false;
    size_t count = 0;
    for (size_t i = 0; i <= sim->function_count; i++) {
        const struct function *function = &sim->functions[i];
        if (function->cycles == 0) continue;
        functions[count++] = (struct mote_sim_function){
            function->name, (double)function->cycles / (double)sim->vectors_done, function->calls};
    }
    mote_sim_sort_functions(functions, count);
    result->functions = functions;
    result->function_count = count;
    return true;
}

/* ---- The run ---- */

/* Compilers move the stack pointer by `out SPH`, `out SREG`, `out SPL`; until the last of them it means nothing. */
static bool leaves_stack_pointer_half_written(const avr_t *avr, uint32_t pc)
{
    const unsigned instruction = avr->flash[pc] | (unsigned)avr->flash[pc + 1] << 8;
    return (instruction & 0xFE0Eu) == 0xBE0Eu; /* out 0x3e or 0x3f */
}

static void look_at_stack(struct simulation *sim, uint32_t pc)
{
    const uint32_t pointer = sim->avr->data[R_SPL] | (uint32_t)sim->avr->data[R_SPH] << 8;
    if (pointer >= sim->stack_lowest || leaves_stack_pointer_half_written(sim->avr, pc)) return;
    sim->stack_lowest = pointer;
    if (pointer < sim->ram_begin) sim->ending = STACK_BELOW_RAM;
}

static void report_progress(struct simulation *sim)
{
    enum { EVERY_INSTRUCTIONS = 1 << 22 }; /* a tenth of a second or so */
    const struct mote_sim_job *job = sim->job;
    sim->ask_at = sim->instructions + EVERY_INSTRUCTIONS;
    if (job->progress && !job->progress(job->progress_context, sim->vectors_done, job->vector_count) &&
        sim->ending == RUNNING)
        sim->ending = STOPPED;
}

static void step(struct simulation *sim)
{
    avr_t *avr = sim->avr;
    const uint32_t pc = avr->pc;
    const uint64_t cycle = avr->cycle;
    const bool was_inside = sim->inside;
    const int state = avr_run(avr);
    sim->instructions++;
    look_at_stack(sim, pc);
    if (was_inside && sim->inside && sim->functions) profile_step(sim, pc, avr->cycle - cycle, avr->pc);
    if (state != cpu_Running && sim->ending == RUNNING) sim->ending = state == cpu_Crashed ? CRASHED : SLEPT;
    if (avr->cycle > sim->deadline) sim->ending = OVER_LIMIT;
    if (sim->instructions >= sim->ask_at) report_progress(sim);
}

/* Deepest stack by the paint it has destroyed: never more than the stack pointer showed, or the watch is wrong. */
static uint32_t painted_lowest(const struct simulation *sim)
{
    uint32_t address = sim->static_end;
    while (address <= sim->avr->ramend && sim->avr->data[address] == PAINT) address++;
    return address;
}

static enum mote_status check_stack(const struct simulation *sim, struct mote_diag *diag)
{
    const uint32_t used = sim->avr->ramend - sim->stack_lowest;
    const uint32_t room = sim->avr->ramend + 1u - sim->static_end;
    if (used > room) {
        if (sim->job->lacks) sim->job->lacks->ram_bytes = used - room;
        return mote_error(diag, MOTE_ERR_NO_FIT,
                          "%s: the stack overflows: it grew to %u bytes where %u are free, %s%u too many; it has "
                          "overwritten static data",
                          sim->job->target->name, used, room, sim->ending == DONE ? "" : "at least ", used - room);
    }
    return MOTE_OK;
}

static enum mote_status explain(const struct simulation *sim, const struct mote_elf_image *image,
                                struct mote_diag *diag)
{
    const char *name = sim->job->target->name;
    const char *where = mote_elf_image_function_at(image, sim->avr->pc);
    const enum mote_status overflow = check_stack(sim, diag);
    if (overflow != MOTE_OK) return overflow; /* whatever happened after it is a consequence */
    switch (sim->ending) {
    case CRASHED:
        return mote_error(diag, MOTE_ERR_IO, "%s: the program crashed in vector %zu at %#x in %s", name,
                          sim->vectors_done, sim->avr->pc, where);
    case SLEPT:
        return mote_error(diag, MOTE_ERR_IO, "%s: the program went to sleep or ended in vector %zu at %#x in %s", name,
                          sim->vectors_done, sim->avr->pc, where);
    case OVER_LIMIT:
        return mote_error(diag, MOTE_ERR_IO, "%s: vector %zu did not end within %llu cycles; it was in %s", name,
                          sim->vectors_done, (unsigned long long)sim->limit, where);
    case BAD_TRACE:
        return mote_error(diag, MOTE_ERR_IO, "%s: a traced step of vector %zu lies outside of the RAM", name,
                          sim->vectors_done);
    case BAD_ROW:
        return mote_error(diag, MOTE_ERR_IO, "%s: row %zu of vector %zu is asked for at another place than planned", name,
                          sim->rows_done, sim->vectors_done);
    case OUT_OF_MEMORY: return mote_error_memory(diag);
    case STOPPED:
        return mote_error(diag, MOTE_ERR_IO, "%s: stopped after %zu of %zu vectors", name, sim->vectors_done,
                          sim->job->vector_count);
    default: return MOTE_OK;
    }
}

static enum mote_status take_results(const struct simulation *sim, struct mote_sim_result *result,
                                     struct mote_diag *diag)
{
    const uint32_t seen_lowest = painted_lowest(sim);
    const uint32_t painted_bytes = sim->avr->ramend + 1u - seen_lowest;
    result->stack_bytes = sim->avr->ramend - sim->stack_lowest;
    if (painted_bytes > result->stack_bytes) {
        return mote_error(diag, MOTE_ERR_IO,
                          "%s: RAM between the static data and the stack was written, at %#x; the stack ends at %#x",
                          sim->job->target->name, seen_lowest, sim->stack_lowest + 1);
    }
    /* the harness's own variables are not the model's */
    const uint32_t static_bytes = result->ram_bytes ? result->ram_bytes : sim->static_end - sim->ram_begin;
    result->ram_touched_bytes = static_bytes + result->stack_bytes;
    result->output = sim->output;
    result->traces = sim->traces;
    result->trace_count = sim->trace_count;
    if (sim->vectors_done == 0) return MOTE_OK;
    result->cycles = (double)sim->total_cycles / (double)sim->vectors_done;
    if (!sim->job->trace) result->instructions = (double)sim->total_instructions / (double)sim->vectors_done;
    result->cycles_min = (double)sim->least_cycles;
    result->cycles_max = (double)sim->most_cycles;
    result->open_cycles = (double)(sim->opened_cycle - sim->calibrated_cycle - sim->signal_cycles);
    if (sim->functions && !profile_end(sim, result)) return mote_error_memory(diag);
    return MOTE_OK;
}

/* Finds what the harness and the linker have placed, and checks that the job's spans lie in the arena. */
static enum mote_status locate(struct simulation *sim, const struct mote_elf_image *image, struct mote_diag *diag)
{
    const struct mote_sim_job *job = sim->job;
    const struct mote_elf_symbol *arena = mote_elf_image_find(image, "mote_arena");
    sim->arena_address = data_address(image, "mote_arena");
    sim->trace_address = data_address(image, "mote_harness_trace");
    sim->row_address = data_address(image, "mote_harness_row");
    sim->static_end = data_address(image, "_end");
    sim->ram_begin = sim->avr->ioend + 1u;
    if (!arena || !sim->static_end || (job->trace && !sim->trace_address)) {
        return mote_error(diag, MOTE_ERR_IO, "%s: the image lacks the symbols of the harness", job->target->name);
    }
    if (sim->static_end > sim->avr->ramend + 1u) {
        if (job->lacks) job->lacks->ram_bytes = sim->static_end - sim->avr->ramend - 1u;
        return mote_error(diag, MOTE_ERR_NO_FIT, "%s: the static data end %u bytes past the RAM", job->target->name,
                          sim->static_end - sim->avr->ramend - 1u);
    }
    for (size_t i = 0; i < job->input_count + job->output_count; i++) {
        const struct mote_sim_span *span =
            i < job->input_count ? &job->inputs[i] : &job->outputs[i - job->input_count];
        if (span->offset > arena->bytes || span->bytes > arena->bytes - span->offset) {
            return mote_error(diag, MOTE_ERR_INPUT, "an input or output of the job lies outside of the model's arena");
        }
    }
    return MOTE_OK;
}

static enum mote_status prepare(struct simulation *sim, const struct mote_elf_image *image, struct mote_diag *diag)
{
    avr_t *avr = sim->avr;
    avr->sleep = on_sleep;
    avr->frequency = sim->job->target->clock_hz;
    if (!widen_memories(avr)) return mote_error_memory(diag);
    const enum mote_status status = locate(sim, image, diag);
    if (status != MOTE_OK) return status;
    if (!load_flash(avr, image)) {
        return mote_error(diag, MOTE_ERR_NO_FIT, "%s: the image is larger than the flash", sim->job->target->name);
    }
    memset(avr->data + sim->ram_begin, PAINT, avr->ramend + 1u - sim->ram_begin);
    avr_register_io_write(avr, GPIOR0, on_signal, sim);
    sim->stack_lowest = avr->ramend;
    sim->deadline = sim->limit; /* of the start-up code */
    const size_t output_bytes = mote_sim_span_bytes(sim->job->outputs, sim->job->output_count);
    sim->output = MOTE_NEW_ARRAY(sim->arena, uint8_t, sim->job->vector_count * output_bytes);
    if (!sim->output || (sim->job->profile && !profile_begin(sim, image))) return mote_error_memory(diag);
    return MOTE_OK;
}

enum mote_status mote_simavr_run(const struct mote_sim_job *job, const struct mote_elf_image *image,
                                 struct mote_arena *arena, struct mote_sim_result *result, struct mote_diag *diag)
{
    struct simulation sim = {.job = job, .arena = arena,
                             .limit = job->cycle_limit ? job->cycle_limit : MOTE_SIM_DEFAULT_LIMIT};
    avr_global_logger_set(say_nothing);
    sim.avr = avr_make_mcu_by_name(job->target->simulator_machine);
    if (!sim.avr) {
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "this simavr does not know the %s",
                          job->target->simulator_machine);
    }
    avr_init(sim.avr);
    struct mote_sim_result measured = *result;
    enum mote_status status = prepare(&sim, image, diag);
    if (status == MOTE_OK) {
        while (sim.ending == RUNNING) step(&sim);
        status = explain(&sim, image, diag);
    }
    if (status == MOTE_OK) status = take_results(&sim, &measured, diag);
    avr_terminate(sim.avr);
    free(sim.avr);
    if (status == MOTE_OK) *result = measured;
    return status;
}
