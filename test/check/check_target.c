/* check_target.c: see check_target.h. check_cases.h is made by the host: the cases, and MOST_IN_BYTES, MOST_OUT_BYTES and
 * MOST_ARENA_BYTES over all of them. */
#include "check_target.h"

#include "check_cases.h"

enum { GUARD_BYTES = 24, GUARD = 0x5A, FIRST_JUNK = 0x31 };
#if defined(__AVR_HAVE_ELPM__)
enum { CHECK_FIRST_ARGUMENT = 14 }; /* of the registers that a kernel must restore, the lowest that holds an argument */
#else
enum { CHECK_FIRST_ARGUMENT = 16 };
#endif

/* For check_call.S. */
struct check_frame {
    void (*function)(void);
    void *out;
    const void *in;
    MK_FLASH void *params;
    uint16_t row_begin, row_end;
};
extern uint8_t check_registers_after[32];
extern uint8_t check_stack_moved;
/* For check_wrap.S. */
extern uint8_t check_function_bad;

void check_call(const struct check_frame *frame);

void mote_trace(uint16_t step, const void *data, size_t bytes);
void check_run(uint8_t *exchange);

static int8_t input[MOST_IN_BYTES], input_kept[MOST_IN_BYTES];
static int8_t expected[MOST_OUT_BYTES];
static int8_t output[GUARD_BYTES + MOST_OUT_BYTES + GUARD_BYTES];
static int8_t arena[GUARD_BYTES + MOST_ARENA_BYTES + GUARD_BYTES];

const int8_t *check_second; /* where the second input lies, for the function that calls a kernel of two */

static uint32_t random_state;

static uint8_t random_byte(void)
{
    random_state = random_state * 1664525u + 1013904223u; /* Knuth, Lewis */
    return (uint8_t)(random_state >> 24);
}

static uint16_t in_bytes(const struct check_case *c)
{
    return (uint16_t)(c->first_bytes + c->second_bytes);
}

/* Small, many of them the zero point, most in stretches. */
static int8_t near_zero_point(int8_t zero_point, uint16_t i)
{
    const uint8_t byte = random_byte();
    if (byte < 64 || (i / 64 % 2 && byte < 255)) return zero_point;
    if (byte == 255) return (int8_t)random_byte();
    const int16_t value = (int16_t)(zero_point + random_byte() % 33 - 16);
    return (int8_t)(value < INT8_MIN ? INT8_MIN : value > INT8_MAX ? INT8_MAX : value);
}

static int8_t input_byte(const struct check_case *c, uint8_t pattern, uint16_t i)
{
    switch (pattern) {
    case 0: return INT8_MIN;
    case 1: return INT8_MAX;
    case 2: return c->zero_point;
    case 3: return i % 2 ? INT8_MIN : INT8_MAX;
    case 4: return random_byte() % 2 ? INT8_MIN : (int8_t)random_byte();
    case 5: return random_byte() % 64 ? INT8_MIN : (int8_t)random_byte(); /* long gaps */
    case 6: return random_byte() % 8 ? (int8_t)(INT8_MIN + random_byte() % 32) : (int8_t)random_byte();
    case 7: return near_zero_point(c->zero_point, i);
    case 8: return (int8_t)(INT8_MIN + 52 + i % 8); /* nine times 127 or -128 times this, in 16 bits or just not */
    default: return (int8_t)random_byte();
    }
}

/* Bit n: register n; bit 1: r1 is not 0. */
static uint32_t bad_registers(void)
{
    uint32_t bad = check_registers_after[1] ? 2 : 0;
    for (uint8_t n = 2; n < 30; n++) {
        if (n >= 18 && n < 28) continue;
        if (n >= CHECK_FIRST_ARGUMENT && n < 18) continue; /* arguments: checked against themselves in check_call.S */
        if (check_registers_after[n] != (uint8_t)(FIRST_JUNK + n)) bad |= (uint32_t)1 << n;
    }
    for (uint8_t n = CHECK_FIRST_ARGUMENT; n < 18; n++)
        if (check_registers_after[n]) bad |= (uint32_t)1 << n;
    return bad;
}

static void call(const struct check_kernel *k, int8_t *out, const int8_t *in, uint16_t row_begin, uint16_t row_end)
{
    const struct check_frame frame = {k->function, out, in, k->params, row_begin, row_end};
    check_call(&frame);
}

static uint8_t guards_broken(const int8_t *area, uint16_t bytes)
{
    for (uint8_t i = 0; i < GUARD_BYTES; i++)
        if (area[i] != GUARD || area[GUARD_BYTES + bytes + i] != GUARD) return 1;
    return 0;
}

static void compare(const int8_t *got, uint16_t bytes, struct check_report *report)
{
    for (uint16_t i = 0; i < bytes; i++) {
        if (got[i] == expected[i]) continue;
        if (report->mismatches++) continue;
        report->first_mismatch = i;
        report->expected = expected[i];
        report->got = got[i];
    }
}

static void run_tuned(const struct check_case *c, uint8_t overlaps, struct check_report *report)
{
    int8_t *const area = overlaps ? arena : output;
    const uint16_t area_bytes = overlaps ? MOST_ARENA_BYTES : c->out_bytes;
    int8_t *const out = area + GUARD_BYTES + (overlaps ? c->tuned->out_offset : 0);
    int8_t *const in = overlaps ? area + GUARD_BYTES + c->tuned->in_offset : input;
    int8_t *const second = overlaps ? area + GUARD_BYTES + c->tuned->second_offset : input + c->first_bytes;
    memset(area, GUARD, (size_t)area_bytes + 2 * GUARD_BYTES);
    if (overlaps) {
        memcpy(in, input, c->first_bytes);
        memcpy(second, input + c->first_bytes, c->second_bytes);
    }
    check_second = second;
    check_function_bad = 0;
    mote_trace(1000, out, 1);
    if (overlaps && c->tuned->rows_descend && c->tuned->in_one_call) {
        call(c->tuned, out, in, c->tuned->row_end, 0);
    } else if (overlaps && c->tuned->rows_descend) {
        for (uint16_t r = c->tuned->row_end; r-- > 0;) call(c->tuned, out, in, r, (uint16_t)(r + 1));
    } else {
        call(c->tuned, out, in, 0, c->tuned->row_end);
    }
    mote_trace(1001, out, 1);
    report->bad_registers = bad_registers();
    report->bad_function = check_function_bad;
    report->bad_stack = check_stack_moved;
    report->bad_guards = guards_broken(area, area_bytes);
    report->bad_input = !overlaps && memcmp(input, input_kept, in_bytes(c)) != 0;
    compare(out, c->out_bytes, report);
}

void check_run(uint8_t *exchange)
{
    struct check_request request;
    struct check_report report;
    memcpy(&request, exchange, sizeof request);
    memset(&report, 0, sizeof report);
    const struct check_case *const c = &check_cases[request.number];
    random_state = request.seed;
    for (uint16_t i = 0; i < in_bytes(c); i++) input[i] = input_byte(c, request.pattern, i);
    memcpy(input_kept, input, sizeof input_kept);
    check_second = input + c->first_bytes;
    call(c->reference, expected, input, 0, c->reference->row_end);
    run_tuned(c, request.overlaps, &report);
    memcpy(exchange + sizeof request, &report, sizeof report);
}
