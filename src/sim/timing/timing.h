/* timing.h: how many cycles the instructions that a core executes take, by its manual's table.
 *
 * This is built into a shared library that QEMU loads as a plugin (plugin.c), and into the tests. It is an estimate: memory
 * without wait states, and the assumptions of cores.c where a manual gives a range. */
#ifndef MOTE_SIM_TIMING_H
#define MOTE_SIM_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Instructions that no core tells apart are one kind. */
enum mote_timing_kind {
    MOTE_TIMING_UNKNOWN, /* not decoded: what contains it has no estimate */
    MOTE_TIMING_MARK,    /* of the harness; costs nothing */
    /* data processing */
    MOTE_TIMING_ALU,
    MOTE_TIMING_SHIFT_IMMEDIATE,
    MOTE_TIMING_SHIFT_REGISTER,
    MOTE_TIMING_MULTIPLY,
    MOTE_TIMING_MULTIPLY_HIGH, /* RISC-V: the upper half of the product */
    MOTE_TIMING_MULTIPLY_ADD,
    MOTE_TIMING_MULTIPLY_LONG,
    MOTE_TIMING_MULTIPLY_LONG_ADD,
    MOTE_TIMING_MULTIPLY_DSP, /* ARMv7E-M: halfwords, dual, most significant word */
    MOTE_TIMING_DIVIDE,
    /* loads and stores */
    MOTE_TIMING_LOAD,
    MOTE_TIMING_LOAD_PC,
    MOTE_TIMING_LOAD_DOUBLE,
    MOTE_TIMING_LOAD_MULTIPLE,
    MOTE_TIMING_LOAD_MULTIPLE_PC,
    MOTE_TIMING_STORE,
    MOTE_TIMING_STORE_INDEXED, /* at the sum of two registers */
    MOTE_TIMING_STORE_DOUBLE,
    MOTE_TIMING_STORE_MULTIPLE,
    MOTE_TIMING_FLOAT_LOAD,
    MOTE_TIMING_FLOAT_STORE,
    /* floating point */
    MOTE_TIMING_FLOAT,
    MOTE_TIMING_FLOAT_MOVE, /* between the two kinds of registers */
    MOTE_TIMING_FLOAT_MULTIPLY_ADD,
    MOTE_TIMING_FLOAT_DIVIDE,
    /* where execution goes */
    MOTE_TIMING_BRANCH_CONDITIONAL,
    MOTE_TIMING_BRANCH,
    MOTE_TIMING_CALL,
    MOTE_TIMING_BRANCH_REGISTER,
    MOTE_TIMING_CALL_REGISTER,
    MOTE_TIMING_MOVE_TO_PC,
    MOTE_TIMING_BRANCH_TABLE,
    /* the rest */
    MOTE_TIMING_IF_THEN,
    MOTE_TIMING_STATUS, /* special registers */
    MOTE_TIMING_BARRIER,
    MOTE_TIMING_KIND_COUNT
};

/* An instruction as far as its timing goes. */
struct mote_timing_instruction {
    enum mote_timing_kind kind;
    uint8_t bytes;        /* 2 or 4 */
    uint8_t count;        /* registers loaded or stored; steps of a shift; which mark */
    uint8_t access_bytes; /* of a load or store that need not be aligned: 2 or 4; else 0 */
    uint32_t results;     /* registers, a bit each, that data processing or a load writes */
    uint32_t bases;       /* registers, a bit each, that a load's or store's address is made of */
};

/* The instruction at `code`, of which as many bytes must be there as its first halfword asks for: 2 or 4. */
struct mote_timing_instruction mote_timing_decode_thumb(const uint8_t *code);
struct mote_timing_instruction mote_timing_decode_rv32(const uint8_t *code);

/* cycles + count * per_count, and when a branch is taken as many more. */
struct mote_timing_cost {
    uint8_t cycles, per_count, taken, taken_per_count; /* cycles = 0: the core has no such instruction */
};

struct mote_timing_core {
    const char *name;
    bool is_thumb;
    bool pipelines_loads;  /* the load/store timings of the Cortex-M3 and M4, see block.c */
    bool takes_any_address; /* unaligned accesses work, and cost more */
    struct mote_timing_cost costs[MOTE_TIMING_KIND_COUNT];
};

/* The core of that name, or NULL. */
const struct mote_timing_core *mote_timing_core_find(const char *name);

/* Instructions that are executed one after the other; only the last may be a branch. */
struct mote_timing_block {
    uint32_t begin, end; /* addresses */
    uint32_t cycles;     /* nothing before it regarded, the last branch not taken */
    uint32_t taken;      /* more when it is taken */
    bool is_unknown;     /* an instruction of it was not decoded, or is none of the core's */
    struct mote_timing_instruction first, last;
};

/* An empty block that begins at the address; instructions are added in order. */
struct mote_timing_block mote_timing_block_begin(uint32_t address);
void mote_timing_block_add(struct mote_timing_block *block, const struct mote_timing_core *core,
                           const struct mote_timing_instruction *instruction);

/* What the block takes when it is executed right after `before` (NULL: nothing is known of what was). The end of `before` is
 * part of it: its branch is taken if the block does not begin where `before` ends. */
uint32_t mote_timing_block_cycles(const struct mote_timing_block *block, const struct mote_timing_block *before,
                                  const struct mote_timing_core *core);

/* Cycles more for an access of 2 or 4 bytes at that address: it is done in two or three. */
uint32_t mote_timing_unaligned_cycles(uint32_t address, uint32_t access_bytes);

#endif
