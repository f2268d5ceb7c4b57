/* disassembly.c: reads what objdump prints: lines of `address:<tab>mnemonic<tab>operands`, a jump's target in front of its
 * symbol in angle brackets. */
#include "disassembly.h"

#include "../base/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One run of objdump prints at most this much code, some 40 characters for each 2 bytes: less than is captured. */
#define CHUNK_BYTES 0x4000u
#define OBJDUMP_TIMEOUT_SECONDS 60u

/* ---- Text ---- */

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(word, *words) == 0) return true;
    return false;
}

/* The address in front of "<symbol>"; 0 if there is none. */
static uint32_t target_in(const char *operands)
{
    const char *at = strrchr(operands, '<');
    if (!at) return 0;
    while (at > operands && at[-1] == ' ') at--;
    while (at > operands && strchr("0123456789abcdefx", at[-1])) at--;
    return (uint32_t)strtoul(at, NULL, 16);
}

/* The number behind '#'; *found tells whether there is one. */
static int32_t immediate_in(const char *operands, bool *found)
{
    const char *at = strchr(operands, '#');
    *found = at != NULL;
    return at ? (int32_t)strtol(at + 1, NULL, 10) : 0;
}

/* ---- AVR ---- */

static void classify_avr(const char *name, const char *operands, uint32_t call_bytes, struct mote_instruction *to)
{
    static const char *const skips[] = {"cpse", "sbrc", "sbrs", "sbic", "sbis", NULL};
    if (strcmp(name, "push") == 0) to->stack_bytes = 1;
    else if (strcmp(name, "pop") == 0) to->stack_bytes = -1;
    else if (strcmp(name, "ret") == 0 || strcmp(name, "reti") == 0) to->flow = MOTE_FLOW_RETURN;
    else if (strcmp(name, "call") == 0 || strcmp(name, "rcall") == 0) to->flow = MOTE_FLOW_CALL;
    else if (strcmp(name, "jmp") == 0 || strcmp(name, "rjmp") == 0) to->flow = MOTE_FLOW_JUMP;
    else if (strcmp(name, "icall") == 0 || strcmp(name, "eicall") == 0) to->flow = MOTE_FLOW_POINTER_CALL;
    else if (strcmp(name, "ijmp") == 0 || strcmp(name, "eijmp") == 0) to->flow = MOTE_FLOW_POINTER_JUMP;
    else if (begins(name, "br") && strcmp(name, "break") != 0) to->flow = MOTE_FLOW_BRANCH;
    else if (is_one_of(name, skips)) to->flow = MOTE_FLOW_SKIP;
    else if (strcmp(name, "out") == 0) to->sets_stack = begins(operands, "0x3d") || begins(operands, "0x3e");
    if (to->flow == MOTE_FLOW_JUMP && strstr(operands, "<__tablejump")) to->flow = MOTE_FLOW_TABLE;
    if (to->flow == MOTE_FLOW_CALL && begins(operands, ".+0")) { /* a call of what follows: room on the stack */
        to->flow = MOTE_FLOW_NEXT;
        to->stack_bytes = (int32_t)call_bytes;
    }
}

/* ---- Arm: Thumb and Thumb-2 ---- */

/* Bytes of a register list: "{r4, r5, lr}", "{d8-d15}". */
static int32_t register_list_bytes(const char *operands)
{
    int32_t bytes = 0;
    for (const char *at = strchr(operands, '{'); at && *at != '}' && *at;) {
        at += 1 + strspn(at + 1, " ");
        const int32_t each = *at == 'd' ? 8 : 4;
        const long first = strtol(at + 1, NULL, 10);
        at += strcspn(at, "-,}");
        bytes += each;
        if (*at != '-') continue;
        at += 1 + strspn(at + 1, " ");
        bytes += each * (int32_t)(strtol(at + 1, NULL, 10) - first);
        at += strcspn(at, ",}");
    }
    return bytes;
}

static bool is_arm_condition(const char *text)
{
    static const char *const conditions[] = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt",
                                             "le", "hs", "lo", NULL};
    char word[3] = {text[0], text[0] ? text[1] : 0, 0};
    return is_one_of(word, conditions) && (text[2] == 0 || text[2] == '.');
}

static void classify_arm_jump(const char *name, const char *operands, struct mote_instruction *to)
{
    static const char *const loops[] = {"cbz", "cbnz", "le", "letp", "wls", "wlstp.8", "wlstp.16", "wlstp.32", NULL};
    const bool bare = name[0] == 'b' && (name[1] == 0 || name[1] == '.');
    if (bare) to->flow = MOTE_FLOW_JUMP;
    else if ((name[0] == 'b' && is_arm_condition(name + 1)) || is_one_of(name, loops)) to->flow = MOTE_FLOW_BRANCH;
    else if (strcmp(name, "bl") == 0 || (strcmp(name, "blx") == 0 && to->target)) to->flow = MOTE_FLOW_CALL;
    else if (strcmp(name, "blx") == 0) to->flow = MOTE_FLOW_POINTER_CALL;
    else if (strcmp(name, "bx") == 0) to->flow = begins(operands, "lr") ? MOTE_FLOW_RETURN : MOTE_FLOW_POINTER_JUMP;
    else if (begins(name, "bx") && is_arm_condition(name + 2) && !begins(operands, "lr")) to->flow = MOTE_FLOW_POINTER_JUMP;
    else if (strcmp(name, "tbb") == 0 || strcmp(name, "tbh") == 0) to->flow = MOTE_FLOW_TABLE;
    else if (strcmp(name, "mov") == 0 && begins(operands, "pc, lr")) to->flow = MOTE_FLOW_RETURN;
    else if ((begins(name, "mov") || begins(name, "add") || begins(name, "ldr")) && begins(operands, "pc, "))
        to->flow = strstr(operands, "[sp]") ? MOTE_FLOW_RETURN : MOTE_FLOW_TABLE;
}

static void classify_arm_stack(const char *name, const char *operands, struct mote_instruction *to)
{
    bool has_immediate;
    const int32_t immediate = immediate_in(operands, &has_immediate);
    const bool pops = begins(name, "pop") || begins(name, "vpop") ||
                      ((begins(name, "ldmia") || begins(name, "vldmia")) && begins(operands, "sp!"));
    if (begins(name, "push") || begins(name, "vpush") ||
        ((begins(name, "stmdb") || begins(name, "vstmdb")) && begins(operands, "sp!"))) {
        to->stack_bytes = register_list_bytes(operands);
    } else if (pops) {
        const bool returns = strstr(operands, "pc") != NULL, conditional = begins(name, "pop") && is_arm_condition(name + 3);
        if (returns && conditional) return; /* if the condition does not hold, nothing happens */
        to->stack_bytes = -register_list_bytes(operands);
        if (returns) to->flow = MOTE_FLOW_RETURN;
    } else if (strstr(operands, "[sp, #-") && strchr(operands, '!')) {
        to->stack_bytes = -immediate;
    } else if (strstr(operands, "[sp], #")) {
        to->stack_bytes = -immediate;
    } else if (begins(operands, "sp, ") && begins(name, "sub") && has_immediate) {
        to->stack_bytes = immediate;
    } else if (begins(operands, "sp, ") && begins(name, "add") && has_immediate) {
        to->stack_bytes = -immediate;
    } else if (begins(operands, "sp, ")) {
        /* what compares it or loads and stores beside it leaves it alone */
        to->sets_stack = !begins(name, "cmp") && !begins(name, "ldm") && !begins(name, "stm") && !begins(name, "vldm") &&
                         !begins(name, "vstm");
    }
}

/* ---- RISC-V ---- */

static void classify_riscv(const char *name, const char *operands, struct mote_instruction *to)
{
    /* t0 is the other link register, of the compiler's library; compilers put no other address there to jump to. */
    if (strcmp(name, "ret") == 0 || (strcmp(name, "jr") == 0 && strcmp(operands, "t0") == 0)) to->flow = MOTE_FLOW_RETURN;
    else if (strcmp(name, "j") == 0) to->flow = MOTE_FLOW_JUMP;
    else if (strcmp(name, "jal") == 0) to->flow = MOTE_FLOW_CALL;
    else if (strcmp(name, "jalr") == 0) to->flow = to->target ? MOTE_FLOW_CALL : MOTE_FLOW_POINTER_CALL;
    else if (strcmp(name, "jr") == 0) to->flow = to->target ? MOTE_FLOW_JUMP : MOTE_FLOW_POINTER_JUMP;
    else if (name[0] == 'b' && strchr("elgn", name[1] ? name[1] : 'x')) to->flow = MOTE_FLOW_BRANCH;
    else if ((strcmp(name, "add") == 0 || strcmp(name, "addi") == 0) && begins(operands, "sp,sp,") &&
             strchr("-0123456789", operands[6]))
        to->stack_bytes = -(int32_t)strtol(operands + 6, NULL, 10);
    else if (begins(operands, "sp,") && name[0] != 's') /* sw sp,... only stores it */
        to->sets_stack = true;
    else if (begins(operands, "sp,") && begins(name, "sub"))
        to->sets_stack = true;
}

/* ---- Lines ---- */

static void classify(const struct mote_target *target, const char *name, const char *operands, struct mote_instruction *to)
{
    to->target = target_in(operands);
    switch (target->simulator) {
    case MOTE_SIM_SIMAVR: classify_avr(name, operands, mote_disassembly_call_bytes(target), to); break;
    case MOTE_SIM_QEMU_ARM:
        classify_arm_jump(name, operands, to);
        classify_arm_stack(name, operands, to);
        break;
    case MOTE_SIM_QEMU_RV32: classify_riscv(name, operands, to); break;
    case MOTE_SIM_HOST: break;
    }
}

/* Reads a line, which it may cut into pieces; false if it holds no instruction. */
static bool read_line(const struct mote_target *target, char *line, struct mote_instruction *instruction)
{
    char *end;
    const unsigned long address = strtoul(line, &end, 16);
    if (end == line || end[0] != ':' || end[1] != '\t' || end[2] == '.') return false;
    char *name = end + 2;
    char *operands = name + strcspn(name, "\t");
    if (*operands) *operands++ = 0;
    *instruction = (struct mote_instruction){.address = (uint32_t)address};
    name[strcspn(name, " ")] = 0;
    classify(target, name, operands, instruction);
    return true;
}

static size_t count_lines(const char *text)
{
    size_t count = 1;
    for (; *text; text++) count += *text == '\n';
    return count;
}

static bool append_lines(const struct mote_target *target, char *text, struct mote_arena *arena,
                         struct mote_disassembly *disassembly)
{
    const size_t capacity = disassembly->count + count_lines(text);
    struct mote_instruction *grown = MOTE_NEW_ARRAY(arena, struct mote_instruction, capacity);
    if (!grown) return false;
    if (disassembly->count) memcpy(grown, disassembly->instructions, disassembly->count * sizeof *grown);
    disassembly->instructions = grown;
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        if (read_line(target, line, &grown[disassembly->count])) disassembly->count++;
    }
    return true;
}

/* ---- objdump ---- */

struct range {
    uint32_t begin, end;
};

/* Where the code that holds the address ends at most: at data, or with the segment. */
static uint32_t end_of_code(const struct mote_elf_image *image, uint32_t address, const struct mote_elf_symbol *data)
{
    uint32_t end = address;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct mote_elf_segment *segment = &image->segments[i];
        if (address - segment->address < segment->byte_count) end = segment->address + segment->byte_count;
    }
    return data && data->address < end ? data->address : end;
}

/* The next stretch of code from symbol *index on, of CHUNK_BYTES or one function; false at the end. Data in between, such
 * as weights, are left out: they may be large, and would be taken for code. */
static bool next_range(const struct mote_elf_image *image, size_t *index, struct range *range)
{
    const struct mote_elf_symbol *symbols = image->symbols, *data = NULL;
    size_t i = *index;
    while (i < image->symbol_count && !symbols[i].is_code) i++;
    if (i == image->symbol_count) return false;
    range->begin = range->end = symbols[i].address;
    for (; i < image->symbol_count && !data; i++) {
        if (!symbols[i].is_code && symbols[i].bytes == 0) continue; /* a constant of the linker */
        if (symbols[i].is_code && symbols[i].address - range->begin >= CHUNK_BYTES && symbols[i].address >= range->end) {
            data = &symbols[i]; /* no data, but the next stretch */
            break;
        }
        const uint32_t end = symbols[i].address + symbols[i].bytes;
        if (!symbols[i].is_code) data = &symbols[i];
        else if (end > range->end) range->end = end;
    }
    /* Behind a mere label, code reaches further than its symbols say. */
    const uint32_t limit = end_of_code(image, range->begin, data);
    if (limit > range->end && limit - range->end < CHUNK_BYTES) range->end = limit;
    *index = i;
    return true;
}

static enum mote_status dump_range(const struct mote_target *target, const char *objdump, const char *path,
                                   const struct range *range, struct mote_arena *arena,
                                   struct mote_disassembly *disassembly, const char **why, struct mote_diag *diag)
{
    char start[64], stop[64];
    snprintf(start, sizeof start, "--start-address=%#x", range->begin);
    snprintf(stop, sizeof stop, "--stop-address=%#x", range->end);
    const char *const arguments[] = {objdump, "-d", "-w", "-z", "--no-show-raw-insn", start, stop, path, NULL};
    const struct mote_process process = {.arguments = arguments, .timeout_seconds = OBJDUMP_TIMEOUT_SECONDS};
    struct mote_process_end end;
    enum mote_status status = mote_process_run(&process, &end, diag);
    if (status != MOTE_OK) return status;
    if (end.timed_out || end.exit_code != 0 || !end.output.bytes) *why = "objdump failed";
    else if (!append_lines(target, end.output.bytes, arena, disassembly)) status = mote_error_memory(diag);
    mote_process_end_free(&end);
    return status;
}

uint32_t mote_disassembly_call_bytes(const struct mote_target *target)
{
    if (target->simulator != MOTE_SIM_SIMAVR) return 0;
    return target->flash_bytes > 0x20000u ? 3 : 2; /* program counters of 17 bits and more */
}

enum mote_status mote_disassemble(const struct mote_target *target, const char *path, const struct mote_elf_image *image,
                                  struct mote_arena *arena, struct mote_disassembly *disassembly, const char **why,
                                  struct mote_diag *diag)
{
    struct mote_disassembly result = {0};
    const size_t length = target->compiler ? strlen(target->compiler) : 0;
    *why = "the compiler's objdump is not installed";
    if (length < 3 || strcmp(target->compiler + length - 3, "gcc") != 0) return MOTE_OK;
    const char *objdump = mote_arena_printf(arena, "%.*sobjdump", (int)length - 3, target->compiler);
    if (!objdump) return mote_error_memory(diag);
    if (!mote_process_exists(objdump)) return MOTE_OK;
    *why = NULL;
    enum mote_status status = MOTE_OK;
    struct range range;
    for (size_t symbol = 0; status == MOTE_OK && !*why && next_range(image, &symbol, &range);) {
        if (range.end > range.begin) status = dump_range(target, objdump, path, &range, arena, &result, why, diag);
    }
    if (status == MOTE_OK) *disassembly = result;
    return status;
}
