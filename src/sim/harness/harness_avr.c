/* harness_avr.c: runs the model under simavr.
 *
 * The image does no input or output of its own. It writes a code to GPIOR0, a register without function; the simulator
 * sees the write, and fills or reads the arena in the simulated RAM, or looks at the cycle counter. The pair CALIBRATE_*
 * measures what the signalling itself costs. */
#include <avr/io.h>
#include <stddef.h>
#include <stdint.h>

enum { SIGNAL_READY = 1, SIGNAL_START, SIGNAL_END, SIGNAL_CALIBRATE_START, SIGNAL_CALIBRATE_END, SIGNAL_TRACE_BEGIN,
       SIGNAL_TRACE_END, SIGNAL_ROW };

#define SIGNAL(code)                                                                                                   \
    __asm__ volatile("ldi r24, %1\n\tout %0, r24" : : "I"(_SFR_IO_ADDR(GPIOR0)), "M"(code) : "r24", "memory")

/* The simulator fills the row whose address it finds here. */
extern void *mote_harness_row;
#define GLUE_FILL_ROW(row)                                                                                             \
    do {                                                                                                               \
        mote_harness_row = (row);                                                                                      \
        SIGNAL(SIGNAL_ROW);                                                                                            \
    } while (0)
#include "model_glue.h"
#ifdef GLUE_PUSHED
void *mote_harness_row;
#endif
#ifndef GLUE_OPEN
#define GLUE_OPEN() 0
#endif

uint8_t mote_arena[GLUE_ARENA_BYTES] __attribute__((aligned(GLUE_ARENA_ALIGN)));

#ifdef MOTE_TRACE
struct {
    uint16_t step;
    const void *data;
    uint16_t bytes;
} mote_harness_trace;

void mote_trace(uint16_t step, const void *data, size_t bytes);
void mote_trace(uint16_t step, const void *data, size_t bytes)
{
    SIGNAL(SIGNAL_TRACE_BEGIN);
    mote_harness_trace.step = step;
    mote_harness_trace.data = data;
    mote_harness_trace.bytes = (uint16_t)bytes;
    SIGNAL(SIGNAL_TRACE_END);
}
#endif

int main(void)
{
    SIGNAL(SIGNAL_CALIBRATE_START);
    SIGNAL(SIGNAL_CALIBRATE_END);
    if (GLUE_OPEN() != 0) __asm__ volatile("cli\n\tsleep"); /* which ends the simulation */
    for (;;) { /* the simulator stops after the last vector */
        SIGNAL(SIGNAL_READY);
        SIGNAL(SIGNAL_START);
        GLUE_RUN(mote_arena);
        SIGNAL(SIGNAL_END);
    }
}
