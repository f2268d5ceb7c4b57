/* Softmax of int8 with int16 results (scale 1/65536, zero point -32768); doc/SPEC.md, "SOFTMAX". */
#include "mk_exp_ref.h"

#define MK_NAME mk_softmax_s8_s16_ref
#define MK_OUT int16_t
#define MK_OUT_MIN (-(int32_t)32767 - 1)
#define MK_OUT_MAX INT16_MAX
#define MK_OUT_BITS 16
#include "mk_softmax_s8_ref.inl"
