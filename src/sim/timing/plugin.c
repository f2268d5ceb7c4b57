/* plugin.c: a plugin of QEMU that adds up the cycles between the marks of the harness.
 *
 *     -plugin timing.so,core=cortex-m4,output=harness_cycles.bin[,blocks=on]
 *
 * The marks are instructions that do nothing (harness_platform.h: HARNESS_MARK). At each end, and at each step of a traced
 * run, a record is appended to the output: u32 which mark, u32 zero, u64 cycles. An empty output proves that QEMU took the plugin;
 * a record of UINT64_MAX cycles says that something was executed whose timing is not known. With blocks=on there follow, for
 * every block of instructions that was executed, u32 5, u32 address, u64 cycles in all, and u32 6, u32 address, u64 how often it
 * was entered other than by a conditional branch or from right before it.
 *
 * The prototypes are those of the documented interface, "QEMU TCG Plugins", version 1 (QEMU 4.2 to 8.2): Debian has no package
 * with its header. A QEMU with another version refuses the plugin, and what started it does without. */
#include "timing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* ---- QEMU's ---- */

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

enum { QEMU_PLUGIN_CB_NO_REGS = 0, QEMU_PLUGIN_MEM_RW = 3 };

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*callback)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_atexit_cb(uint64_t id, void (*callback)(uint64_t id, void *context), void *context);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*callback)(unsigned cpu, void *context),
                                            int flags, void *context);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
                                      void (*callback)(unsigned cpu, uint32_t info, uint64_t address, void *context),
                                      int flags, int direction, void *context);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

int qemu_plugin_version = 1;

/* ---- Ours ---- */

/* The codes of HARNESS_MARK, harness_platform.h. */
enum mark { MARK_BEGIN, MARK_END, MARK_PAUSE, MARK_RESUME, MARK_STEP };

struct spent_block {
    struct mote_timing_block block;
    uint64_t cycles, entries; /* between the marks */
    struct spent_block *next;
};

/* QEMU translates one instruction after the other into blocks, which live as long as it does; the machines have one core. */
static struct {
    const struct mote_timing_core *core;
    FILE *output;
    uint64_t cycles;          /* since QEMU started */
    struct spent_block *last; /* executed; NULL: right after a mark */
    struct spent_block *all;
    bool is_counting, met_unknown, tells_blocks;
    uint64_t vector_begin, step_begin, pause_begin;
} state;

enum { RECORD_CYCLES = 5, RECORD_ENTRIES = 6 };

static void append_record(uint32_t which, uint32_t address, uint64_t value)
{
    const uint32_t head[2] = {which, address};
    if (state.met_unknown) value = UINT64_MAX;
    fwrite(head, sizeof head, 1, state.output);
    fwrite(&value, sizeof value, 1, state.output);
}

/* What the block takes in this place. A branch that led here is booked with it. */
static uint64_t spend(struct spent_block *here)
{
    const struct mote_timing_block *before = state.last ? &state.last->block : NULL;
    const uint64_t cycles = mote_timing_block_cycles(&here->block, before, state.core);
    state.cycles += cycles;
    return cycles;
}

static void pass_mark(unsigned cpu, void *context)
{
    (void)cpu;
    struct spent_block *here = context; /* empty: what led here may have been a branch */
    const uint64_t refill = spend(here);
    if (state.is_counting && state.last) state.last->cycles += refill;
    state.last = NULL;
    const enum mark mark = (enum mark)here->block.first.count;
    const uint64_t now = state.cycles;
    state.is_counting = mark == MARK_BEGIN || mark == MARK_RESUME;
    switch (mark) {
    case MARK_BEGIN: state.vector_begin = state.step_begin = now; break;
    case MARK_END: append_record(mark, 0, now - state.vector_begin); break;
    case MARK_PAUSE: state.pause_begin = now; break;
    case MARK_RESUME:
        state.vector_begin += now - state.pause_begin;
        state.step_begin += now - state.pause_begin;
        break;
    case MARK_STEP:
        append_record(mark, 0, now - state.step_begin);
        state.pause_begin = state.step_begin = now;
        break;
    }
}

static bool is_entered(const struct mote_timing_block *block)
{
    if (!state.last) return false;
    const struct mote_timing_block *before = &state.last->block;
    return before->end != block->begin && before->last.kind != MOTE_TIMING_BRANCH_CONDITIONAL;
}

static void pass_block(unsigned cpu, void *context)
{
    (void)cpu;
    struct spent_block *here = context;
    const uint64_t cycles = spend(here);
    if (state.is_counting) {
        here->cycles += cycles;
        here->entries += is_entered(&here->block);
        state.met_unknown |= here->block.is_unknown;
    }
    state.last = here;
}

static void pass_access(unsigned cpu, uint32_t info, uint64_t address, void *context)
{
    (void)cpu;
    (void)info;
    const uint64_t cycles = mote_timing_unaligned_cycles((uint32_t)address, (uint32_t)(uintptr_t)context);
    state.cycles += cycles;
    if (state.is_counting && state.last) state.last->cycles += cycles;
}

static struct spent_block *new_block(uint32_t address)
{
    struct spent_block *block = calloc(1, sizeof *block);
    if (!block) abort();
    block->block = mote_timing_block_begin(address);
    block->next = state.all;
    state.all = block;
    return block;
}

/* A mark ends a block: what is before it and what follows are counted apart. */
static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    struct spent_block *block = NULL;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        const uint8_t *code = qemu_plugin_insn_data(insn); /* at a page's end it looks ahead: its size says too much */
        const struct mote_timing_instruction instruction =
            state.core->is_thumb ? mote_timing_decode_thumb(code) : mote_timing_decode_rv32(code);
        if (instruction.kind == MOTE_TIMING_MARK) {
            struct spent_block *mark = new_block((uint32_t)qemu_plugin_insn_vaddr(insn));
            mark->block.first = instruction;
            qemu_plugin_register_vcpu_insn_exec_cb(insn, pass_mark, QEMU_PLUGIN_CB_NO_REGS, mark);
            block = NULL;
            continue;
        }
        if (!block) {
            block = new_block((uint32_t)qemu_plugin_insn_vaddr(insn));
            qemu_plugin_register_vcpu_insn_exec_cb(insn, pass_block, QEMU_PLUGIN_CB_NO_REGS, block);
        }
        mote_timing_block_add(&block->block, state.core, &instruction);
        if (state.core->takes_any_address && instruction.access_bytes)
            qemu_plugin_register_vcpu_mem_cb(insn, pass_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
                                             (void *)(uintptr_t)instruction.access_bytes);
    }
}

static void finish(uint64_t id, void *context)
{
    (void)id;
    (void)context;
    for (const struct spent_block *block = state.tells_blocks ? state.all : NULL; block; block = block->next) {
        if (block->cycles) append_record(RECORD_CYCLES, block->block.begin, block->cycles);
        if (block->entries) append_record(RECORD_ENTRIES, block->block.begin, block->entries);
    }
    fclose(state.output);
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
    static const char core_key[] = "core=", output_key[] = "output=";
    const char *output = NULL;
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], core_key, strlen(core_key)) == 0) state.core = mote_timing_core_find(argv[i] + strlen(core_key));
        if (strcmp(argv[i], "blocks=on") == 0) state.tells_blocks = true;
        if (strncmp(argv[i], output_key, strlen(output_key)) == 0) output = argv[i] + strlen(output_key);
    }
    if (state.core && output) state.output = fopen(output, "wb");
    if (!state.output) return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, finish, NULL);
    return 0;
}
