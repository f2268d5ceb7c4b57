/* mk_avr_runs.h: eight channels at one output position straight from the inputs (mk_avr_runs.S): for filters with too many
 * inputs to gather. The inputs under the filter are given as runs that are contiguous in memory, in the order of the weights.
 * Inputs that are zero (x' = 0) are skipped here, too. */
#ifndef MK_AVR_RUNS_H
#define MK_AVR_RUNS_H

#include "mk_avr_requantize.h"

struct mk_avr_run {
    const int8_t *from; /* NULL: all x' of this run are zero */
    uint8_t count;      /* 1..255 */
};

/* The sum of x' over `count` >= 1 inputs. */
uint16_t mk_avr_sum_inputs(const int8_t *from, uint8_t count);

/* The same for any number of inputs. */
static inline uint32_t mk_avr_sum_run(const int8_t *from, uint16_t count)
{
    uint32_t sum = 0;
    while (count > 0) {
        const uint8_t part = (uint8_t)(count < 255 ? count : 255);
        sum += mk_avr_sum_inputs(from, part);
        from += part;
        count = (uint16_t)(count - part);
    }
    return sum;
}

/* Computes all channels of the position; tile.operands points to the runs, operand_count >= 1 is their number. */
void mk_avr_runs(struct mk_avr_tile *t);

#endif
