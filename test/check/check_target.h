/* check_target.h: what runs on the chip's simulator: a kernel and its reference on the same inputs, in one image. */
#ifndef CHECK_TARGET_H
#define CHECK_TARGET_H

#include "mote_kernel.h"

/* A kernel call as the plan has it. */
struct check_kernel {
    void (*function)(void);
    MK_FLASH void *params;
    uint16_t out_offset, in_offset, second_offset; /* in the plan's arena */
    uint16_t row_end;
    uint8_t rows_descend; /* in the plan's arena: the last row first, */
    uint8_t in_one_call;  /* all together or else one at a time */
};

struct check_case {
    const struct check_kernel *tuned, *reference;
    uint16_t first_bytes, second_bytes, out_bytes; /* of both inputs; 0: there is one */
    int8_t zero_point; /* of the inputs */
};

/* By which the host asks for one run, and what it hears. All little-endian, no padding on AVR. */
struct check_request {
    uint16_t number;  /* of the case */
    uint8_t pattern;  /* of the inputs */
    uint8_t overlaps; /* input and output lie in one arena as the plan says */
    uint32_t seed;
};
struct check_report {
    uint32_t bad_registers; /* bit n: register n was not restored; bit 1: r1 is not 0 */
    uint8_t bad_stack;      /* the stack pointer was not restored */
    uint8_t bad_guards;     /* bytes around the output were written */
    uint8_t bad_input;      /* the input was written although the output lies elsewhere */
    uint8_t bad_function;   /* an assembly function did not restore a register, or left r1 other than 0 */
    uint16_t mismatches, first_mismatch;
    int8_t expected, got;
};

#endif
