/* quant.h: quantised arithmetic on the host, TensorFlow Lite's bit for bit (doc/SPEC.md); what lowering computes the
 * kernels' constants with, and passes their proofs. */
#ifndef MOTE_IR_QUANT_H
#define MOTE_IR_QUANT_H

#include "graph.h"

/* real -> multiplier in [2^30, 2^31) and shift with real = multiplier * 2^(shift - 31); 0 -> (0, 0).
 * shift < -31 gives (0, 0). */
void mote_quantize_multiplier(double real, int32_t *multiplier, int *shift);
int32_t mote_multiply_by_quantized_multiplier(int32_t x, int32_t multiplier, int shift); /* two roundings */

/* Activation bounds in the output's quantised domain, clipped to its type's range. */
void mote_activation_range(enum mote_activation activation, const struct mote_tensor *output, int32_t *min, int32_t *max);

/* From one unit of a weighted operator's accumulator to one of its output: input scale * weight scale / output scale.
 * The product is double, but rounded to float where the reference does: in fully connected layers with one weight scale.
 * Source: PopulateConvolutionQuantizationParams and GetQuantizedConvolutionMultipler of TensorFlow Lite. */
double mote_accumulator_scale(float in_scale, float weight_scale, float out_scale, bool float_product);

#endif
