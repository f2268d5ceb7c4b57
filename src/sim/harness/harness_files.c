/* harness_files.c: runs the model on a machine that can read and write files.
 *
 * harness_input.bin   u32 vector count, u32 zero, u64 tick limit of one vector, then the vectors
 * harness_output.bin  the outputs of every vector
 * harness_ticks.bin   u64 ticks of every vector
 * harness_trace.bin   per step: u32 step, u32 bytes, u64 ticks since the step before, the bytes; before the steps of the first
 *                     vector, records of no step: pairs of 0xFFFE and 0xFFFF, with nothing between the two but being traced
 * harness_result.bin  u32 status, u32 vectors done, u32 deepest stack in bytes, u32 stack watched, two u32 of detail: after
 *                     success the ticks that opening the model took
 * All numbers are little-endian. */
#include "harness_platform.h"

static void fill_row(void *row) __attribute__((unused)); /* of models whose input is pushed row by row */
#define GLUE_FILL_ROW(row) fill_row(row)
#include "model_glue.h"

#ifndef GLUE_OPEN
#define GLUE_OPEN() 0
#endif

#define PAINT 0xC5A3E917u

struct span {
    uint32_t offset, bytes;
};
static const struct span inputs[] = GLUE_INPUTS;
static const struct span outputs[] = GLUE_OUTPUTS;

uint8_t mote_arena[GLUE_ARENA_BYTES] __attribute__((aligned(GLUE_ARENA_ALIGN)));

static struct {
    uint32_t vectors, zero;
    uint64_t limit;
} job;
static struct {
    uint32_t status, vectors_done, stack_bytes, stack_watched, detail[2];
} result;

void harness_finish(uint32_t status, uint32_t detail, uint32_t more_detail)
{
    result.status = status;
    result.detail[0] = detail;
    result.detail[1] = more_detail;
    const int file = harness_open("harness_result.bin", 1);
    harness_write(file, &result, sizeof result);
    harness_close(file);
    harness_exit();
}

#ifdef MOTE_TRACE
static int trace_file;
static uint64_t trace_last, trace_excluded;

static void record(uint64_t now, uint16_t step, const void *data, size_t bytes)
{
    const uint64_t ticks = now - trace_last - 2 * HARNESS_MARK_TICKS;
    const uint32_t head[4] = {step, (uint32_t)bytes, (uint32_t)ticks, (uint32_t)(ticks >> 32)};
    harness_write(trace_file, head, sizeof head);
    harness_write(trace_file, data, bytes);
    trace_last = harness_clock_read();
    trace_excluded += trace_last - now + 2 * HARNESS_MARK_TICKS;
    HARNESS_MARK(HARNESS_RESUME);
}

void mote_trace(uint16_t step, const void *data, size_t bytes);
__attribute__((noinline)) void mote_trace(uint16_t step, const void *data, size_t bytes)
{
    HARNESS_MARK(HARNESS_STEP);
    record(harness_clock_read(), step, data, bytes);
}

void mote_trace_rows(uint16_t step, const void *row_0, size_t row_bytes, uint16_t row, uint16_t rows);
__attribute__((noinline)) void mote_trace_rows(uint16_t step, const void *row_0, size_t row_bytes, uint16_t row, uint16_t rows)
{
    HARNESS_MARK(HARNESS_STEP);
    const uint64_t now = harness_clock_read(); /* products are calls where there is no multiplication */
    record(now, step, (const void *)((uintptr_t)row_0 + (rows ? row * row_bytes : 0)), rows ? rows * row_bytes : row_bytes);
}

/* Pairs, each after another while, so that the ticks of a coarse clock fall anywhere between the two. */
static void trace_nothing(void)
{
    enum { PAIRS = 64, AFTER_SOMETHING = 0xFFFE, AFTER_NOTHING };
    HARNESS_MARK(HARNESS_PAUSE);
    harness_clock_start(job.limit);
    HARNESS_MARK(HARNESS_RESUME);
    for (uint16_t i = 0; i < PAIRS; i++) {
        for (volatile uint16_t wait = i; wait; wait--) continue;
        mote_trace(AFTER_SOMETHING, mote_arena, 0);
        mote_trace(AFTER_NOTHING, mote_arena, 0);
    }
    HARNESS_MARK(HARNESS_PAUSE);
    harness_clock_stop();
}
#endif

static int input_file;
static uint64_t fill_ticks; /* spent on reading rows, not on the model */

static size_t rows_read;

static void fill_row(void *row)
{
    HARNESS_MARK(HARNESS_PAUSE);
    const uint64_t begin = harness_clock_read();
    const struct span *span = &inputs[rows_read++];
    if (row != mote_arena + span->offset || harness_read(input_file, row, span->bytes) != span->bytes)
        harness_finish(HARNESS_NO_INPUT, result.vectors_done, (uint32_t)rows_read);
    fill_ticks += harness_clock_read() - begin + 2 * HARNESS_MARK_TICKS;
    HARNESS_MARK(HARNESS_RESUME);
}

static void read_inputs(int file)
{
    rows_read = 0;
#ifdef GLUE_PUSHED
    (void)file;
#else
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        if (harness_read(file, mote_arena + inputs[i].offset, inputs[i].bytes) != inputs[i].bytes) {
            harness_finish(HARNESS_NO_INPUT, result.vectors_done, 0);
        }
    }
#endif
}

static void write_outputs(int file)
{
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
        harness_write(file, mote_arena + outputs[i].offset, outputs[i].bytes);
    }
}

/* The free part of the stack is painted before the model runs; the lowest word that has lost its paint is how deep it
 * went. Counted from the stack pointer at the model's call, plus the frame of a main that does nothing but call it.
 * In line, because a function would use the stack that is being painted. */
#if defined(__arm__)
#define READ_STACK_POINTER "mov %0, sp"
#define MAIN_FRAME_BYTES 8u
#elif defined(__riscv)
#define READ_STACK_POINTER "mv %0, sp"
#ifdef __riscv_32e
#define MAIN_FRAME_BYTES 8u
#else
#define MAIN_FRAME_BYTES 16u
#endif
#endif

#ifdef READ_STACK_POINTER
static volatile uint32_t *intact_end = harness_stack_bottom; /* the paint below is intact */

#define WATCH_BEGIN()                                                                                                  \
    volatile uint32_t *stack_pointer;                                                                                  \
    __asm__ volatile(READ_STACK_POINTER : "=r"(stack_pointer));                                                        \
    for (volatile uint32_t *word = stack_pointer; word > intact_end;) *--word = PAINT
#define WATCH_END() record_depth(stack_pointer)

static void record_depth(volatile uint32_t *stack_pointer)
{
    volatile uint32_t *lowest = harness_stack_bottom;
    while (lowest < stack_pointer && *lowest == PAINT) lowest++;
    intact_end = lowest;
    const uint32_t depth = (uint32_t)((uintptr_t)stack_pointer - (uintptr_t)lowest) + MAIN_FRAME_BYTES;
    if (depth > result.stack_bytes) result.stack_bytes = depth;
    result.stack_watched = 1;
}
#else
#define WATCH_BEGIN()
#define WATCH_END()
#endif

int main(void)
{
    const int input = input_file = harness_open("harness_input.bin", 0);
    const int output = harness_open("harness_output.bin", 1);
    const int ticks_file = harness_open("harness_ticks.bin", 1);
#ifdef MOTE_TRACE
    trace_file = harness_open("harness_trace.bin", 1);
#endif
    if (harness_read(input, &job, sizeof job) != sizeof job) harness_finish(HARNESS_NO_INPUT, 0, 0);

    harness_clock_start(job.limit);
    const uint64_t before_open = harness_clock_read();
    if (GLUE_OPEN() != 0) harness_finish(HARNESS_REFUSED, 0, 0);
    const uint64_t open_ticks = harness_clock_read() - before_open;
    harness_clock_stop();
#ifdef MOTE_TRACE
    trace_nothing();
#endif

    for (; result.vectors_done < job.vectors; result.vectors_done++) {
        read_inputs(input);
        WATCH_BEGIN();
        harness_clock_start(job.limit);
#ifdef MOTE_TRACE
        trace_last = harness_clock_read();
        trace_excluded = 0;
#endif
        fill_ticks = 0;
        const uint64_t begin = harness_clock_read();
        HARNESS_MARK(HARNESS_BEGIN);
        GLUE_RUN(mote_arena);
        HARNESS_MARK(HARNESS_END);
        uint64_t ticks = harness_clock_read() - begin - fill_ticks - 2 * HARNESS_MARK_TICKS;
        harness_clock_stop();
        WATCH_END();
#ifdef MOTE_TRACE
        ticks -= trace_excluded;
#endif
        harness_write(ticks_file, &ticks, sizeof ticks);
        write_outputs(output);
    }
    harness_close(output);
    harness_close(ticks_file);
#ifdef MOTE_TRACE
    harness_close(trace_file);
#endif
    harness_finish(HARNESS_OK, (uint32_t)open_ticks, (uint32_t)(open_ticks >> 32));
}
