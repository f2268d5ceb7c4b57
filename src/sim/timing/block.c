/* block.c: what instructions take one after the other. */
#include "timing.h"

static bool is_data_processing(enum mote_timing_kind kind)
{
    return kind >= MOTE_TIMING_ALU && kind <= MOTE_TIMING_DIVIDE;
}

/* Branches, and loads of the program counter. */
static bool goes_elsewhere(enum mote_timing_kind kind)
{
    return (kind >= MOTE_TIMING_BRANCH_CONDITIONAL && kind <= MOTE_TIMING_BRANCH_TABLE) || kind == MOTE_TIMING_LOAD_PC ||
           kind == MOTE_TIMING_LOAD_MULTIPLE_PC;
}

static bool is_single_access(enum mote_timing_kind kind)
{
    return kind == MOTE_TIMING_LOAD || kind == MOTE_TIMING_STORE || kind == MOTE_TIMING_STORE_INDEXED;
}

static uint32_t cost(const struct mote_timing_core *core, const struct mote_timing_instruction *instruction)
{
    const struct mote_timing_cost *row = &core->costs[instruction->kind];
    return row->cycles + (uint32_t)instruction->count * row->per_count;
}

/* Cycles more, or less, of an instruction for what is right before it. Cortex-M3 manual r2p1, 3.3.2, and the Cortex-M4's:
 * - A load or store whose address depends on the result of the data processing before it waits a cycle.
 * - A load or store after a load takes a cycle less, unless its address depends on what is loaded - or, as taken here, on
 *   the base register that the load updates. A store at an offset takes one cycle anyhow. Nothing is pipelined after a
 *   store, and loads and stores of several registers are not pipelined. */
static int pair_cycles(const struct mote_timing_core *core, const struct mote_timing_instruction *before,
                       const struct mote_timing_instruction *instruction)
{
    if (!core->pipelines_loads) return 0;
    const bool depends = (before->results & instruction->bases) != 0;
    if (depends && is_data_processing(before->kind)) return 1;
    if (depends || before->kind != MOTE_TIMING_LOAD || !is_single_access(instruction->kind)) return 0;
    return instruction->kind == MOTE_TIMING_STORE ? 0 : -1;
}

struct mote_timing_block mote_timing_block_begin(uint32_t address)
{
    return (struct mote_timing_block){.begin = address, .end = address};
}

void mote_timing_block_add(struct mote_timing_block *block, const struct mote_timing_core *core,
                           const struct mote_timing_instruction *instruction)
{
    const struct mote_timing_cost *row = &core->costs[instruction->kind];
    const bool is_first = block->begin == block->end;
    block->cycles += cost(core, instruction);
    if (is_first) block->first = *instruction;
    else block->cycles = (uint32_t)((int)block->cycles + pair_cycles(core, &block->last, instruction));
    block->last = *instruction;
    block->end += instruction->bytes;
    block->taken = row->taken + (uint32_t)instruction->count * row->taken_per_count;
    block->is_unknown |= row->cycles == 0;
}

/* Of branches only; a load of the program counter has the longest refill already. */
static uint32_t target_cycles(const struct mote_timing_block *block, const struct mote_timing_block *before,
                              const struct mote_timing_core *core)
{
    const bool is_load = before->last.kind == MOTE_TIMING_LOAD_PC || before->last.kind == MOTE_TIMING_LOAD_MULTIPLE_PC ||
                         before->last.kind == MOTE_TIMING_BRANCH_TABLE;
    return core->pipelines_loads && !is_load && block->first.bytes == 4 && block->begin % 4 != 0;
}

uint32_t mote_timing_block_cycles(const struct mote_timing_block *block, const struct mote_timing_block *before,
                                  const struct mote_timing_core *core)
{
    if (!before) return block->cycles;
    const enum mote_timing_kind kind = before->last.kind;
    if (!goes_elsewhere(kind)) {
        if (before->end != block->begin) return block->cycles;
        return (uint32_t)((int)block->cycles + pair_cycles(core, &before->last, &block->first));
    }
    const bool may_fall_through = kind == MOTE_TIMING_BRANCH_CONDITIONAL || core->is_thumb; /* in an IT block */
    if (may_fall_through && before->end == block->begin) return block->cycles;
    return block->cycles + before->taken + target_cycles(block, before, core);
}

uint32_t mote_timing_unaligned_cycles(uint32_t address, uint32_t access_bytes)
{
    if (access_bytes == 2) return address & 1;
    return address & 1 ? 2 : (address & 2) / 2;
}
