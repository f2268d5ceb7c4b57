/* rv32.c: RV32IMC instructions by their timing. Encodings: The RISC-V Instruction Set Manual, volume I, version 20191213,
 * chapters 16 and 24. */
#include "timing.h"

static uint32_t bits(uint32_t word, unsigned low, unsigned count)
{
    return word >> low & ((1u << count) - 1);
}

static struct mote_timing_instruction simple(enum mote_timing_kind kind)
{
    return (struct mote_timing_instruction){.kind = kind};
}

/* A core that shifts step by step goes by fours first, then by ones. */
static struct mote_timing_instruction shift(uint32_t distance)
{
    return (struct mote_timing_instruction){.kind = MOTE_TIMING_SHIFT_IMMEDIATE,
                                            .count = (uint8_t)(distance / 4 + distance % 4)};
}

/* bytes_log2: of the access */
static struct mote_timing_instruction access(enum mote_timing_kind kind, uint32_t bytes_log2)
{
    return (struct mote_timing_instruction){.kind = kind, .access_bytes = bytes_log2 ? (uint8_t)(1u << bytes_log2) : 0};
}

static struct mote_timing_instruction operate_immediate(uint32_t code)
{
    enum { SHIFT_LEFT = 1, SET_LESS = 2, SHIFT_RIGHT = 5 };
    const uint32_t operation = bits(code, 12, 3), mark = bits(code, 20, 12);
    if (operation == SHIFT_LEFT || operation == SHIFT_RIGHT) return shift(bits(code, 20, 5));
    const bool goes_nowhere = bits(code, 7, 5) == 0 && bits(code, 15, 5) == 0;
    if (operation == SET_LESS && goes_nowhere && mark >= 1 && mark <= 5) /* a hint: of the harness */
        return (struct mote_timing_instruction){.kind = MOTE_TIMING_MARK, .count = (uint8_t)(mark - 1)};
    return simple(MOTE_TIMING_ALU);
}

static struct mote_timing_instruction operate(uint32_t code)
{
    enum { SHIFT_LEFT = 1, SHIFT_RIGHT = 5 };
    const uint32_t operation = bits(code, 12, 3);
    if (bits(code, 25, 7) == 1) {
        return simple(operation == 0  ? MOTE_TIMING_MULTIPLY
                      : operation < 4 ? MOTE_TIMING_MULTIPLY_HIGH
                                      : MOTE_TIMING_DIVIDE);
    }
    return simple(operation == SHIFT_LEFT || operation == SHIFT_RIGHT ? MOTE_TIMING_SHIFT_REGISTER : MOTE_TIMING_ALU);
}

static struct mote_timing_instruction decode_32(uint32_t code)
{
    const uint32_t width = bits(code, 12, 3), to = bits(code, 7, 5);
    switch (bits(code, 0, 7)) {
    case 0x03: return access(MOTE_TIMING_LOAD, width & 3);
    case 0x0F: return simple(MOTE_TIMING_BARRIER);
    case 0x13: return operate_immediate(code);
    case 0x17:
    case 0x37: return simple(MOTE_TIMING_ALU);
    case 0x23: return access(MOTE_TIMING_STORE, width);
    case 0x33: return operate(code);
    case 0x63: return simple(MOTE_TIMING_BRANCH_CONDITIONAL);
    case 0x67: return simple(to ? MOTE_TIMING_CALL_REGISTER : MOTE_TIMING_BRANCH_REGISTER);
    case 0x6F: return simple(to ? MOTE_TIMING_CALL : MOTE_TIMING_BRANCH);
    case 0x73: return simple(width ? MOTE_TIMING_STATUS : MOTE_TIMING_UNKNOWN); /* traps */
    default: return simple(MOTE_TIMING_UNKNOWN);
    }
}

/* ---- 16 bits ---- */

static struct mote_timing_instruction quadrant_0(uint32_t code)
{
    switch (bits(code, 13, 3)) {
    case 0: return simple(code ? MOTE_TIMING_ALU : MOTE_TIMING_UNKNOWN);
    case 2: return access(MOTE_TIMING_LOAD, 2);
    case 6: return access(MOTE_TIMING_STORE, 2);
    default: return simple(MOTE_TIMING_UNKNOWN); /* floating point */
    }
}

static struct mote_timing_instruction quadrant_1(uint32_t code)
{
    const uint32_t distance = bits(code, 2, 5) | bits(code, 12, 1) << 5;
    switch (bits(code, 13, 3)) {
    case 1: return simple(MOTE_TIMING_CALL);
    case 4: return bits(code, 10, 2) < 2 ? shift(distance) : simple(MOTE_TIMING_ALU);
    case 5: return simple(MOTE_TIMING_BRANCH);
    case 6:
    case 7: return simple(MOTE_TIMING_BRANCH_CONDITIONAL);
    default: return simple(MOTE_TIMING_ALU);
    }
}

static struct mote_timing_instruction jump_or_move(uint32_t code)
{
    if (bits(code, 2, 5)) return simple(MOTE_TIMING_ALU);
    if (!bits(code, 7, 5)) return simple(MOTE_TIMING_UNKNOWN); /* EBREAK */
    return simple(bits(code, 12, 1) ? MOTE_TIMING_CALL_REGISTER : MOTE_TIMING_BRANCH_REGISTER);
}

static struct mote_timing_instruction quadrant_2(uint32_t code)
{
    switch (bits(code, 13, 3)) {
    case 0: return shift(bits(code, 2, 5) | bits(code, 12, 1) << 5);
    case 2: return access(MOTE_TIMING_LOAD, 2);
    case 4: return jump_or_move(code);
    case 6: return access(MOTE_TIMING_STORE, 2);
    default: return simple(MOTE_TIMING_UNKNOWN);
    }
}

static struct mote_timing_instruction decode_16(uint32_t code)
{
    switch (bits(code, 0, 2)) {
    case 0: return quadrant_0(code);
    case 1: return quadrant_1(code);
    default: return quadrant_2(code);
    }
}

struct mote_timing_instruction mote_timing_decode_rv32(const uint8_t *code)
{
    const uint32_t first = code[0] | (uint32_t)code[1] << 8;
    const bool is_short = bits(first, 0, 2) != 3;
    struct mote_timing_instruction result =
        is_short ? decode_16(first) : decode_32(first | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 24);
    result.bytes = is_short ? 2 : 4;
    return result;
}
