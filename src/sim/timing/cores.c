/* cores.c: the tables of the manuals. Where a manual gives a range that depends on operands, which nobody knows here, the
 * greatest value stands. Memory has no wait states.
 *
 * Cortex-M0   Cortex-M0 Technical Reference Manual r0p0 (DDI 0432C), table 3-1
 * Cortex-M0+  Cortex-M0+ Technical Reference Manual r0p1 (DDI 0484C), table 3-1
 * Cortex-M3   Cortex-M3 Technical Reference Manual r2p1 (100165), table 3-1 and section 3.3.2, "Load/store timings"
 * Cortex-M4   Cortex-M4 Technical Reference Manual r0p1 (DDI 0439), tables 3-1 and 7-1 and the same section
 * Cortex-M33  its manual (100230) has no such table: the Cortex-M4's, one instruction at a time. That it issues some pairs of
 *             16-bit instructions together is not counted, so it should be faster.
 * Ibex        lowRISC Ibex documentation, "Pipeline Details", the default configuration: two stages, the three-cycle
 *             multiplier, no branch target ALU
 * PicoRV32    its README, "Cycles per Instruction Performance", dual-port registers, two-stage shifts
 *
 * The refill P of the Cortex-M3 and M4 ranges from 1 to 3 "depending on the alignment and width of the target instruction, and
 * whether the processor manages to speculate the address early". Taken here: 1 after a branch to a label, 2 after one to a
 * register (both so in the instruction timing of the Cortex-M3 manual r1p1, DDI 0337E), 3 after a load of the program
 * counter (3.3.2: at least five cycles), and one more, up to 3, where the target is a 32-bit instruction across a word's
 * end, in block.c. That an IT instruction can be folded is not counted.
 *
 * Read in the manual's text: the Cortex-M3's, PicoRV32's, and, as printed in reference manuals of chips, most of the Cortex-M0's,
 * M0+'s and M4's; Ibex's in a copy of its table. Recalled, not checked: calls, pops of the program counter, special registers and
 * barriers of the Cortex-M0 and M0+, and that a branch to a register has the refill of 2. */
#include "timing.h"

#include <string.h>

/* What most kinds cost on every Cortex-M. A loaded or stored register more takes a cycle more. */
#define CORTEX_M_COMMON                                                                                                 \
    [MOTE_TIMING_ALU] = {.cycles = 1}, [MOTE_TIMING_LOAD] = {.cycles = 2},                                               \
    [MOTE_TIMING_LOAD_MULTIPLE] = {.cycles = 1, .per_count = 1}, [MOTE_TIMING_STORE_INDEXED] = {.cycles = 2},            \
    [MOTE_TIMING_STORE_MULTIPLE] = {.cycles = 1, .per_count = 1}

/* ARMv6-M: `taken` of a branch to a label and to a register, and of a call; of a pop into the program counter. */
#define CORTEX_M0_COSTS(multiply_cycles, branch, call, pop, status_cycles)                                              \
    {                                                                                                                  \
        CORTEX_M_COMMON, [MOTE_TIMING_STORE] = {.cycles = 2}, [MOTE_TIMING_MULTIPLY] = {.cycles = multiply_cycles},      \
        [MOTE_TIMING_BRANCH_CONDITIONAL] = {.cycles = 1, .taken = branch},                                              \
        [MOTE_TIMING_BRANCH] = {.cycles = 1, .taken = branch}, [MOTE_TIMING_CALL] = {.cycles = 1, .taken = call},        \
        [MOTE_TIMING_BRANCH_REGISTER] = {.cycles = 1, .taken = branch},                                                 \
        [MOTE_TIMING_CALL_REGISTER] = {.cycles = 1, .taken = branch},                                                   \
        [MOTE_TIMING_MOVE_TO_PC] = {.cycles = 1, .taken = branch},                                                      \
        [MOTE_TIMING_LOAD_MULTIPLE_PC] = {.cycles = 1, .taken = pop, .taken_per_count = 1},                             \
        [MOTE_TIMING_STATUS] = {.cycles = status_cycles}, [MOTE_TIMING_BARRIER] = {.cycles = status_cycles}             \
    }

/* ARMv7-M. A store at an offset is "always one cycle". */
#define CORTEX_M3_COMMON                                                                                                \
    CORTEX_M_COMMON, [MOTE_TIMING_STORE] = {.cycles = 1}, [MOTE_TIMING_LOAD_DOUBLE] = {.cycles = 1, .per_count = 1},      \
    [MOTE_TIMING_STORE_DOUBLE] = {.cycles = 1, .per_count = 1}, [MOTE_TIMING_MULTIPLY] = {.cycles = 1},                 \
    [MOTE_TIMING_DIVIDE] = {.cycles = 12}, [MOTE_TIMING_IF_THEN] = {.cycles = 1}, [MOTE_TIMING_STATUS] = {.cycles = 2},  \
    [MOTE_TIMING_BARRIER] = {.cycles = 4}, [MOTE_TIMING_BRANCH_CONDITIONAL] = {.cycles = 1, .taken = 1},                \
    [MOTE_TIMING_BRANCH] = {.cycles = 1, .taken = 1}, [MOTE_TIMING_CALL] = {.cycles = 1, .taken = 1},                    \
    [MOTE_TIMING_BRANCH_REGISTER] = {.cycles = 1, .taken = 2},                                                          \
    [MOTE_TIMING_CALL_REGISTER] = {.cycles = 1, .taken = 2}, [MOTE_TIMING_MOVE_TO_PC] = {.cycles = 1, .taken = 2},       \
    [MOTE_TIMING_BRANCH_TABLE] = {.cycles = 1, .taken = 5}, [MOTE_TIMING_LOAD_PC] = {.cycles = 1, .taken = 4},           \
    [MOTE_TIMING_LOAD_MULTIPLE_PC] = {.cycles = 1, .taken = 3, .taken_per_count = 1}

#define CORTEX_M3_COSTS                                                                                                 \
    {                                                                                                                  \
        CORTEX_M3_COMMON, [MOTE_TIMING_MULTIPLY_ADD] = {.cycles = 2}, [MOTE_TIMING_MULTIPLY_LONG] = {.cycles = 5},       \
        [MOTE_TIMING_MULTIPLY_LONG_ADD] = {.cycles = 7}                                                                 \
    }

#define CORTEX_M4_COSTS                                                                                                 \
    {                                                                                                                  \
        CORTEX_M3_COMMON, [MOTE_TIMING_MULTIPLY_ADD] = {.cycles = 1}, [MOTE_TIMING_MULTIPLY_LONG] = {.cycles = 1},       \
        [MOTE_TIMING_MULTIPLY_LONG_ADD] = {.cycles = 1}, [MOTE_TIMING_MULTIPLY_DSP] = {.cycles = 1},                    \
        [MOTE_TIMING_FLOAT] = {.cycles = 1}, [MOTE_TIMING_FLOAT_MOVE] = {.cycles = 2},                                  \
        [MOTE_TIMING_FLOAT_MULTIPLY_ADD] = {.cycles = 3}, [MOTE_TIMING_FLOAT_DIVIDE] = {.cycles = 14},                  \
        [MOTE_TIMING_FLOAT_LOAD] = {.cycles = 1, .per_count = 1},                                                       \
        [MOTE_TIMING_FLOAT_STORE] = {.cycles = 1, .per_count = 1}                                                       \
    }

static const struct mote_timing_core cores[] = {
    {.name = "cortex-m0", .is_thumb = true, .costs = CORTEX_M0_COSTS(1, 2, 3, 3, 4)},
    {.name = "cortex-m0-slow-multiply", .is_thumb = true, .costs = CORTEX_M0_COSTS(32, 2, 3, 3, 4)},
    {.name = "cortex-m0plus", .is_thumb = true, .costs = CORTEX_M0_COSTS(1, 1, 2, 2, 3)},
    {.name = "cortex-m0plus-slow-multiply", .is_thumb = true, .costs = CORTEX_M0_COSTS(32, 1, 2, 2, 3)},
    {.name = "cortex-m3", .is_thumb = true, .pipelines_loads = true, .takes_any_address = true, .costs = CORTEX_M3_COSTS},
    {.name = "cortex-m4", .is_thumb = true, .pipelines_loads = true, .takes_any_address = true, .costs = CORTEX_M4_COSTS},
    {.name = "cortex-m33", .is_thumb = true, .pipelines_loads = true, .takes_any_address = true, .costs = CORTEX_M4_COSTS},
    {.name = "ibex",
     .costs = {[MOTE_TIMING_ALU] = {.cycles = 1},
               [MOTE_TIMING_SHIFT_IMMEDIATE] = {.cycles = 1},
               [MOTE_TIMING_SHIFT_REGISTER] = {.cycles = 1},
               [MOTE_TIMING_MULTIPLY] = {.cycles = 3},
               [MOTE_TIMING_MULTIPLY_HIGH] = {.cycles = 4},
               [MOTE_TIMING_DIVIDE] = {.cycles = 38},
               [MOTE_TIMING_LOAD] = {.cycles = 2},
               [MOTE_TIMING_STORE] = {.cycles = 2},
               [MOTE_TIMING_STATUS] = {.cycles = 1},
               [MOTE_TIMING_BARRIER] = {.cycles = 2},
               [MOTE_TIMING_BRANCH_CONDITIONAL] = {.cycles = 1, .taken = 2},
               [MOTE_TIMING_BRANCH] = {.cycles = 1, .taken = 1},
               [MOTE_TIMING_CALL] = {.cycles = 1, .taken = 1},
               [MOTE_TIMING_BRANCH_REGISTER] = {.cycles = 1, .taken = 1},
               [MOTE_TIMING_CALL_REGISTER] = {.cycles = 1, .taken = 1}}},
    {.name = "picorv32",
     .costs = {[MOTE_TIMING_ALU] = {.cycles = 3},
               [MOTE_TIMING_SHIFT_IMMEDIATE] = {.cycles = 4, .per_count = 1},
               [MOTE_TIMING_SHIFT_REGISTER] = {.cycles = 14},
               [MOTE_TIMING_LOAD] = {.cycles = 5},
               [MOTE_TIMING_STORE] = {.cycles = 5},
               [MOTE_TIMING_BRANCH_CONDITIONAL] = {.cycles = 3, .taken = 2},
               [MOTE_TIMING_BRANCH] = {.cycles = 3},
               [MOTE_TIMING_CALL] = {.cycles = 3},
               [MOTE_TIMING_BRANCH_REGISTER] = {.cycles = 6},
               [MOTE_TIMING_CALL_REGISTER] = {.cycles = 6}}},
};

const struct mote_timing_core *mote_timing_core_find(const char *name)
{
    for (size_t i = 0; i < sizeof cores / sizeof cores[0]; i++) {
        if (strcmp(cores[i].name, name) == 0) return &cores[i];
    }
    return NULL;
}
