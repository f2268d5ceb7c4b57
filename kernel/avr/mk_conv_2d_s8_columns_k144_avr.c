/* mk_conv_2d_s8_columns_k144_avr.c: up to 144 inputs under the filter; see mk_avr_columns.h. */
#include "mk_avr_columns.h"

MK_AVR_CONV_2D_COLUMNS(mk_conv_2d_s8_columns_k144_avr, 144, 0)
