/* mk_avr_requantize.h: the assembly routine that all eight-channel tiles end in (mk_avr_requantize.S). */
#ifndef MK_AVR_REQUANTIZE_H
#define MK_AVR_REQUANTIZE_H

#include "mk_avr_tile.h"

#endif
