/* fixed_point.h: functions on 32-bit fixed-point numbers, gemmlowp's bit for bit (doc/SPEC.md, "Fixed-point functions").
 * Qm.n has m integer bits and n = 31 - m fraction bits besides the sign. */
#ifndef MOTE_PLAN_FIXED_POINT_H
#define MOTE_PLAN_FIXED_POINT_H

#include <stdint.h>

/* round(x / 2^exponent), halves away from zero; 0 <= exponent <= 31. */
int32_t mote_fixed_shift_right(int32_t x, int exponent);

/* exp(x) in Q0.31 for x <= 0 with 4 or 5 integer bits. */
int32_t mote_fixed_exp_negative(int32_t x, int integer_bits);

/* Softmax as int8 has it, 0 to 255 for 0 to 255/256, of an element whose exponential is `term`, beside one whose exponential is
 * `other`: Q0.31, the greater one of the two INT32_MAX and neither negative. */
uint8_t mote_fixed_softmax_of_two(int32_t term, int32_t other);

/* 1 / (1 + exp(-x)) and tanh(x) in Q0.31 for x in Q4.27, x > INT32_MIN. */
int32_t mote_fixed_logistic(int32_t x);
int32_t mote_fixed_tanh(int32_t x);

#endif
