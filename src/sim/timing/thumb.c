/* thumb.c: Thumb instructions by their timing. Encodings: ARMv7-M Architecture Reference Manual (DDI 0403), A5. */
#include "timing.h"

enum { SP = 13, LR = 14, PC = 15 };

static uint32_t bits(uint32_t word, unsigned low, unsigned count)
{
    return word >> low & ((1u << count) - 1);
}

static uint32_t bit(uint32_t word, unsigned index)
{
    return word >> index & 1;
}

static uint8_t count_ones(uint32_t word)
{
    uint8_t count = 0;
    for (; word; word &= word - 1) count++;
    return count;
}

/* The program counter is no result of data processing, and an address relative to it waits for nothing. */
static uint32_t set_of(uint32_t register_index)
{
    return register_index == PC ? 0 : UINT32_C(1) << register_index;
}

static struct mote_timing_instruction simple(enum mote_timing_kind kind)
{
    return (struct mote_timing_instruction){.kind = kind};
}

static struct mote_timing_instruction compute(enum mote_timing_kind kind, uint32_t result)
{
    return (struct mote_timing_instruction){.kind = kind, .results = set_of(result)};
}

/* size_log2: of bytes */
static struct mote_timing_instruction load(uint32_t result, uint32_t bases, uint32_t size_log2)
{
    return (struct mote_timing_instruction){.kind = result == PC ? MOTE_TIMING_LOAD_PC : MOTE_TIMING_LOAD,
                                            .access_bytes = size_log2 ? (uint8_t)(1u << size_log2) : 0,
                                            .results = set_of(result),
                                            .bases = bases};
}

static struct mote_timing_instruction store(enum mote_timing_kind kind, uint32_t bases, uint32_t size_log2)
{
    return (struct mote_timing_instruction){
        .kind = kind, .access_bytes = size_log2 ? (uint8_t)(1u << size_log2) : 0, .bases = bases};
}

static struct mote_timing_instruction multiple(bool is_load, uint32_t list, uint32_t base)
{
    const enum mote_timing_kind kind = !is_load          ? MOTE_TIMING_STORE_MULTIPLE
                                       : bit(list, PC) ? MOTE_TIMING_LOAD_MULTIPLE_PC
                                                       : MOTE_TIMING_LOAD_MULTIPLE;
    return (struct mote_timing_instruction){.kind = kind, .count = count_ones(list), .bases = set_of(base)};
}

/* ---- 16 bits ---- */

static struct mote_timing_instruction register_operation(uint32_t code)
{
    enum { TST = 8, CMP = 10, CMN = 11, MUL = 13 };
    const uint32_t operation = bits(code, 6, 4);
    if (operation == TST || operation == CMP || operation == CMN) return simple(MOTE_TIMING_ALU);
    return compute(operation == MUL ? MOTE_TIMING_MULTIPLY : MOTE_TIMING_ALU, bits(code, 0, 3));
}

/* Add, compare and move of any register, BX and BLX. */
static struct mote_timing_instruction high_register_operation(uint32_t code)
{
    const uint32_t to = bits(code, 0, 3) | bit(code, 7) << 3;
    switch (bits(code, 8, 2)) {
    case 1: return simple(MOTE_TIMING_ALU);
    case 3: return simple(bit(code, 7) ? MOTE_TIMING_CALL_REGISTER : MOTE_TIMING_BRANCH_REGISTER);
    default: return to == PC ? simple(MOTE_TIMING_MOVE_TO_PC) : compute(MOTE_TIMING_ALU, to);
    }
}

static struct mote_timing_instruction access_at_sum(uint32_t code)
{
    static const uint8_t size_log2[8] = {2, 1, 0, 0, 2, 1, 0, 1};
    const uint32_t operation = bits(code, 9, 3);
    const uint32_t bases = set_of(bits(code, 3, 3)) | set_of(bits(code, 6, 3));
    if (operation < 3) return store(MOTE_TIMING_STORE_INDEXED, bases, size_log2[operation]);
    return load(bits(code, 0, 3), bases, size_log2[operation]);
}

static struct mote_timing_instruction access_at_offset(uint32_t code)
{
    const uint32_t bases = set_of(bits(code, 3, 3));
    const uint32_t size_log2 = bits(code, 13, 3) == 4 ? 1 : bit(code, 12) ? 0 : 2;
    return bit(code, 11) ? load(bits(code, 0, 3), bases, size_log2) : store(MOTE_TIMING_STORE, bases, size_log2);
}

static struct mote_timing_instruction access_on_stack(uint32_t code)
{
    return bit(code, 11) ? load(bits(code, 8, 3), set_of(SP), 2) : store(MOTE_TIMING_STORE, set_of(SP), 2);
}

/* If-then, hints, and among those that mean nothing to any core the marks of the harness. */
static struct mote_timing_instruction hint(uint32_t code)
{
    enum { FIRST_MARK = 0xA, LAST_MARK = 0xE };
    const uint32_t which = bits(code, 4, 4);
    if (bits(code, 0, 4) != 0) return simple(MOTE_TIMING_IF_THEN);
    if (which < FIRST_MARK || which > LAST_MARK) return simple(MOTE_TIMING_ALU);
    return (struct mote_timing_instruction){.kind = MOTE_TIMING_MARK, .count = (uint8_t)(which - FIRST_MARK)};
}

static struct mote_timing_instruction miscellaneous(uint32_t code)
{
    if ((code & 0xF500) == 0xB100) return simple(MOTE_TIMING_BRANCH_CONDITIONAL); /* CBZ, CBNZ */
    switch (bits(code, 8, 4)) {
    case 0x0: return compute(MOTE_TIMING_ALU, SP);
    case 0x2: return compute(MOTE_TIMING_ALU, bits(code, 0, 3)); /* extensions */
    case 0x4:
    case 0x5: return multiple(false, bits(code, 0, 8) | bit(code, 8) << LR, SP);
    case 0x6: return simple(MOTE_TIMING_STATUS); /* CPS */
    case 0xA: return compute(MOTE_TIMING_ALU, bits(code, 0, 3)); /* reversals */
    case 0xC:
    case 0xD: return multiple(true, bits(code, 0, 8) | bit(code, 8) << PC, SP);
    case 0xF: return hint(code);
    default: return simple(MOTE_TIMING_UNKNOWN);
    }
}

static struct mote_timing_instruction decode_16(uint32_t code)
{
    switch (bits(code, 12, 4)) {
    case 0x0:
    case 0x1: return compute(MOTE_TIMING_ALU, bits(code, 0, 3));
    case 0x2:
    case 0x3: return bits(code, 11, 2) == 1 ? simple(MOTE_TIMING_ALU) : compute(MOTE_TIMING_ALU, bits(code, 8, 3));
    case 0x4:
        if (bit(code, 11)) return load(bits(code, 8, 3), 0, 2);
        return bit(code, 10) ? high_register_operation(code) : register_operation(code);
    case 0x5: return access_at_sum(code);
    case 0x6:
    case 0x7:
    case 0x8: return access_at_offset(code);
    case 0x9: return access_on_stack(code);
    case 0xA: return compute(MOTE_TIMING_ALU, bits(code, 8, 3));
    case 0xB: return miscellaneous(code);
    case 0xC: return multiple(bit(code, 11), bits(code, 0, 8), bits(code, 8, 3));
    case 0xD: return simple(bits(code, 8, 4) < 0xE ? MOTE_TIMING_BRANCH_CONDITIONAL : MOTE_TIMING_UNKNOWN);
    default: return simple(MOTE_TIMING_BRANCH);
    }
}

/* ---- 32 bits: `high` is the first halfword ---- */

/* Operations with result 15 only set flags. */
static struct mote_timing_instruction data_processing(uint32_t low)
{
    return compute(MOTE_TIMING_ALU, bits(low, 8, 4));
}

static struct mote_timing_instruction table_or_exclusive(uint32_t high, uint32_t low)
{
    const uint32_t base = bits(high, 0, 4);
    const uint32_t which = bits(low, 4, 4);
    if (!bit(high, 7)) { /* word */
        if (bit(high, 4)) return load(bits(low, 12, 4), set_of(base), 0);
        return bits(low, 12, 4) == PC ? simple(MOTE_TIMING_UNKNOWN) : store(MOTE_TIMING_STORE_INDEXED, set_of(base), 0);
    }
    if (bit(high, 4) && which < 2)
        return (struct mote_timing_instruction){.kind = MOTE_TIMING_BRANCH_TABLE,
                                                .bases = set_of(base) | set_of(bits(low, 0, 4))};
    return bit(high, 4) ? load(bits(low, 12, 4), set_of(base), 0) : store(MOTE_TIMING_STORE_INDEXED, set_of(base), 0);
}

static struct mote_timing_instruction multiple_or_double(uint32_t high, uint32_t low)
{
    const bool is_load = bit(high, 4), is_indexed = bit(high, 8), writes_back = bit(high, 5);
    const uint32_t base = bits(high, 0, 4);
    if (!bit(high, 6)) return multiple(is_load, low, base);
    if (!is_indexed && !writes_back) return table_or_exclusive(high, low);
    if (high == 0xE97F) return simple(MOTE_TIMING_UNKNOWN); /* SG */
    return (struct mote_timing_instruction){.kind = is_load ? MOTE_TIMING_LOAD_DOUBLE : MOTE_TIMING_STORE_DOUBLE,
                                            .count = 2,
                                            .bases = set_of(base)};
}

static struct mote_timing_instruction float_access(uint32_t high, uint32_t low)
{
    const bool is_load = bit(high, 4), is_single = bit(high, 8) && !bit(high, 5);
    const bool is_double = bit(low, 8);
    if (!is_single && !bit(high, 8) && !bit(high, 7)) return simple(MOTE_TIMING_FLOAT_MOVE); /* two at a time */
    return (struct mote_timing_instruction){.kind = is_load ? MOTE_TIMING_FLOAT_LOAD : MOTE_TIMING_FLOAT_STORE,
                                            .count = is_single ? (is_double ? 2 : 1) : (uint8_t)bits(low, 0, 8),
                                            .bases = set_of(bits(high, 0, 4))};
}

static struct mote_timing_instruction float_arithmetic(uint32_t high, uint32_t low)
{
    const uint32_t operation = bit(high, 7) << 2 | bits(high, 4, 2);
    switch (operation) {
    case 0:
    case 1:
    case 5:
    case 6: return simple(MOTE_TIMING_FLOAT_MULTIPLY_ADD);
    case 4: return simple(MOTE_TIMING_FLOAT_DIVIDE);
    case 7: /* move, compare, convert; square root */
        return simple(bits(high, 0, 4) == 1 && bits(low, 6, 2) == 3 ? MOTE_TIMING_FLOAT_DIVIDE : MOTE_TIMING_FLOAT);
    default: return simple(MOTE_TIMING_FLOAT);
    }
}

static struct mote_timing_instruction coprocessor(uint32_t high, uint32_t low)
{
    const uint32_t which = bits(low, 8, 4);
    if (which != 10 && which != 11) return simple(MOTE_TIMING_UNKNOWN);
    if (bits(high, 8, 8) == 0xFE) return simple(bit(low, 4) ? MOTE_TIMING_UNKNOWN : MOTE_TIMING_FLOAT);
    if (bits(high, 9, 7) == 0x76) return float_access(high, low); /* EC, ED */
    if (bits(high, 8, 8) != 0xEE) return simple(MOTE_TIMING_UNKNOWN);
    if (!bit(low, 4)) return float_arithmetic(high, low);
    /* the status register, in one cycle; else a register of the core */
    return simple(bits(high, 5, 3) == 7 ? MOTE_TIMING_FLOAT : MOTE_TIMING_FLOAT_MOVE);
}

static struct mote_timing_instruction branch_or_status(uint32_t high, uint32_t low)
{
    const bool is_call = bit(low, 14), is_plain = bit(low, 12);
    if (is_call) return simple(is_plain ? MOTE_TIMING_CALL : MOTE_TIMING_UNKNOWN);
    if (is_plain) return simple(MOTE_TIMING_BRANCH);
    if (bits(high, 7, 3) != 7) return simple(MOTE_TIMING_BRANCH_CONDITIONAL);
    switch (bits(high, 4, 7)) {
    case 0x38:
    case 0x39:
    case 0x3E:
    case 0x3F: return simple(MOTE_TIMING_STATUS);
    case 0x3A: return simple(MOTE_TIMING_ALU); /* hints */
    case 0x3B: return simple(MOTE_TIMING_BARRIER);
    default: return simple(MOTE_TIMING_UNKNOWN);
    }
}

/* Of a single register, at an offset, before or after the base is updated, or at a sum. */
static struct mote_timing_instruction single_access(uint32_t high, uint32_t low)
{
    const uint32_t base = bits(high, 0, 4), size_log2 = bits(high, 5, 2), of = bits(low, 12, 4);
    const bool is_load = bit(high, 4), is_sum = base != PC && !bit(high, 7) && !bit(low, 11);
    const bool writes_back = base != PC && !bit(high, 7) && bit(low, 11) && bit(low, 8);
    const uint32_t bases = set_of(base) | (is_sum ? set_of(bits(low, 0, 4)) : 0);
    if (size_log2 == 3) return simple(MOTE_TIMING_UNKNOWN);
    if (!is_load) return store(is_sum ? MOTE_TIMING_STORE_INDEXED : MOTE_TIMING_STORE, bases, size_log2);
    if (of == PC && size_log2 != 2) return simple(MOTE_TIMING_ALU); /* preload hints */
    struct mote_timing_instruction result = load(of, bases, size_log2);
    if (writes_back) result.results |= set_of(base);
    return result;
}

static struct mote_timing_instruction multiply(uint32_t high, uint32_t low)
{
    const uint32_t operation = bits(high, 4, 3);
    const bool adds = bits(low, 12, 4) != PC;
    enum mote_timing_kind kind = MOTE_TIMING_MULTIPLY_DSP;
    if (operation == 0) {
        const bool subtracts = bits(low, 4, 2) == 1;
        kind = adds || subtracts ? MOTE_TIMING_MULTIPLY_ADD : MOTE_TIMING_MULTIPLY;
    }
    return compute(kind, bits(low, 8, 4));
}

static struct mote_timing_instruction long_multiply_or_divide(uint32_t high, uint32_t low)
{
    const uint32_t operation = bits(high, 4, 3);
    if (operation == 1 || operation == 3) return compute(MOTE_TIMING_DIVIDE, bits(low, 8, 4));
    const bool is_word = bits(low, 4, 4) == 0 || (operation == 6 && bits(low, 4, 4) == 6); /* UMAAL */
    enum mote_timing_kind kind = MOTE_TIMING_MULTIPLY_DSP;
    if (is_word) kind = operation < 4 ? MOTE_TIMING_MULTIPLY_LONG : MOTE_TIMING_MULTIPLY_LONG_ADD;
    struct mote_timing_instruction result = compute(kind, bits(low, 8, 4));
    result.results |= set_of(bits(low, 12, 4));
    return result;
}

static struct mote_timing_instruction decode_32(uint32_t high, uint32_t low)
{
    switch (bits(high, 9, 7)) {
    case 0x74: return multiple_or_double(high, low); /* E8, E9 */
    case 0x75: return data_processing(low);          /* EA, EB */
    case 0x76:
    case 0x77:
    case 0x7E:
    case 0x7F: return coprocessor(high, low); /* EC to EF, FC to FF */
    case 0x78:
    case 0x79:
    case 0x7A:
    case 0x7B: return bit(low, 15) ? branch_or_status(high, low) : data_processing(low); /* F0 to F7 */
    case 0x7C: return single_access(high, low);                                        /* F8, F9 */
    default: /* FA, FB */
        if (!bit(high, 8)) return data_processing(low);
        return bit(high, 7) ? long_multiply_or_divide(high, low) : multiply(high, low);
    }
}

struct mote_timing_instruction mote_timing_decode_thumb(const uint8_t *code)
{
    enum { FIRST_OF_32_BITS = 0xE800 };
    const uint32_t first = code[0] | (uint32_t)code[1] << 8;
    const bool is_short = first < FIRST_OF_32_BITS;
    struct mote_timing_instruction result =
        is_short ? decode_16(first) : decode_32(first, code[2] | (uint32_t)code[3] << 8);
    result.bytes = is_short ? 2 : 4;
    return result;
}
