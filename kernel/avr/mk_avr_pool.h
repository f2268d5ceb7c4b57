/* mk_avr_pool.h: sums of a channel over columns (mk_avr_pool.S). */
#ifndef MK_AVR_POOL_H
#define MK_AVR_POOL_H

#include "mote_kernel.h"

/* The sum of x + 128 over `count` >= 1 elements that lie `step` bytes apart. */
uint16_t mk_avr_sum_column(const int8_t *from, uint16_t step, uint8_t count);

#endif
