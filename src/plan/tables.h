/* tables.h: functions of one int8 as tables, and the tables of the int16 softmax. What the reference computes for each
 * element with fixed-point arithmetic is computed here once for each of the 256 inputs; doc/SPEC.md has the formulas. */
#ifndef MOTE_PLAN_TABLES_H
#define MOTE_PLAN_TABLES_H

#include <stdint.h>

#define MOTE_TABLE_S8 256
#define MOTE_TABLE_S16 513

struct mote_table_quant {
    float in_scale, out_scale; /* finite, > 0 */
    int32_t in_zero_point, out_zero_point; /* within int8 */
};

/* Each fills table[x + 128] for x in [-128, 127] and returns NULL, or returns the reason, for people, why the reference
 * gives no defined result at these scales. */
const char *mote_table_relu(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8]);
const char *mote_table_relu6(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8]);
const char *mote_table_leaky_relu(const struct mote_table_quant *quant, float alpha, int8_t table[MOTE_TABLE_S8]);
const char *mote_table_logistic(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8]);
const char *mote_table_tanh(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8]);
const char *mote_table_hard_swish(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8]);
const char *mote_table_requantize(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8]);

/* exp(x) for x in [-10, 0] and 1 / (1 + x) for x in [0, 1], in Q0.15, for interpolation between 512 equal steps. */
void mote_table_softmax_exp(int16_t table[MOTE_TABLE_S16]);
void mote_table_softmax_reciprocal(int16_t table[MOTE_TABLE_S16]);

/* The quantised value of 6 with a given input quantisation, as RELU6 uses it, clipped to [low, high]. */
int32_t mote_table_quantized_six(float scale, int32_t zero_point, int32_t low, int32_t high);

#endif
