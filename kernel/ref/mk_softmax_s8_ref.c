/* Softmax of int8 with int8 results (scale 1/256, zero point -128); doc/SPEC.md, "SOFTMAX". */
#include "mk_exp_ref.h"

#define MK_NAME mk_softmax_s8_ref
#define MK_OUT int8_t
#define MK_OUT_MIN INT8_MIN
#define MK_OUT_MAX INT8_MAX
#define MK_OUT_BITS 8
#include "mk_softmax_s8_ref.inl"
