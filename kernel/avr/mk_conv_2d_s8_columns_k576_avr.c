/* mk_conv_2d_s8_columns_k576_avr.c: up to 576 inputs under the filter; see mk_avr_columns.h. */
#include "mk_avr_columns.h"

MK_AVR_CONV_2D_COLUMNS(mk_conv_2d_s8_columns_k576_avr, 576, 0)
