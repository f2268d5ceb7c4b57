/* mk_conv_2d_s8_columns_k144_cached_avr.c: up to 144 inputs under the filter, and the weights of 16 channels in RAM; see
 * mk_avr_columns.h. */
#include "mk_avr_columns.h"

MK_AVR_CONV_2D_COLUMNS(mk_conv_2d_s8_columns_k144_cached_avr, 144, 16 * 144)
