/* target.h: what mote knows of a chip. One const description per chip in chips/<name>.c; a row in targets.def adds it. */
#ifndef MOTE_TARGET_TARGET_H
#define MOTE_TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mote_simulator {
    MOTE_SIM_HOST,      /* in this process */
    MOTE_SIM_SIMAVR,    /* libsimavr: cycle exact */
    MOTE_SIM_QEMU_ARM,  /* qemu-system-arm: instructions */
    MOTE_SIM_QEMU_RV32, /* qemu-system-riscv32: instructions */
};

/* Typical active supply current from the datasheet, the basis of every energy estimate. */
struct mote_energy {
    double volts, amperes, hertz; /* amperes drawn at this voltage and clock; 0 = unknown */
    const char *source;           /* document, table or figure */
};

/* How emitted projects compile C for AVR: the fast loops are assembly, what is left had better be small. GCC's own -Os still
 * splits words where moving pairs is shorter, and saves registers by 18 pushes in every function. */
#define MOTE_TARGET_AVR_FLAGS "-Os -mrelax -mcall-prologues -mstrict-X -fno-split-wide-types -fno-inline-small-functions"
/* How code for RISC-V is compiled, besides: a jump through a table looks like one through a pointer there, and the stack of
 * what jumps through pointers has no bound (sim/stack.h). */
#define MOTE_TARGET_RV32_FLAGS "-fno-jump-tables"

struct mote_target {
    const char *name;        /* "atmega328p": what the user types */
    const char *title;       /* "Microchip ATmega328P (Arduino Uno), 8-bit AVR" */
    uint32_t flash_bytes;    /* program memory for code and weights */
    uint32_t ram_bytes;      /* all RAM, stack included */
    uint32_t clock_hz;       /* at which milliseconds are stated */
    uint8_t alignment_bytes; /* strictest that loads need: 1 on AVR, 4 on 32-bit cores */
    bool flash_is_memory;    /* constants are reached by plain loads */
    bool lacks_multiplication; /* products are calls of the compiler's library */
    bool many_registers;       /* some 28 that kernels may use */
    bool multiplies_high;    /* the upper half of a 32 x 32 bit product takes an instruction or two */
    const char *const *families; /* kernel families in order of preference, NULL-terminated; the last is "ref" */

    const char *compiler;        /* "avr-gcc"; NULL for the host */
    const char *compile_flags;   /* "-mmcu=atmega328p"; chip selection only */
    enum mote_simulator simulator;
    const char *simulator_machine; /* simavr mcu name or qemu machine */
    const char *simulator_cpu;     /* qemu -cpu, NULL for the machine's own */
    const char *harness_flags;     /* more for the simulation's own code, which does what the library must not; or NULL */

    /* Where a simulator only counts instructions: the core of src/sim/timing/cores.c whose timing the instructions are given,
     * NULL if there is none; and cycles per instruction for want of that. 0 and NULL where cycles are exact. */
    const char *timing, *timing_source;
    double cycles_per_instruction;
    const char *cycles_source;
    struct mote_energy energy;
};

/* All targets in the order they are listed to users; *count receives their number. */
const struct mote_target *const *mote_target_all(size_t *count);

/* The target of that name, or NULL. */
const struct mote_target *mote_target_find(const char *name);

/* This machine with the reference kernels alone: what everything else is compared with. Not among the targets of users. */
const struct mote_target *mote_target_reference(void);

/* Estimated energy in microjoules of `cycles` cycles at the datasheet's operating point; negative when unknown. */
double mote_target_energy_uj(const struct mote_target *target, double cycles);

#endif
