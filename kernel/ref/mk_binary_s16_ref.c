/* Binary operators on int16; doc/SPEC.md, "Binary operators". */
#include "mk_binary_ref.h"

#define MK_TYPE int16_t

#define MK_NAME mk_add_s16_ref
#define MK_ELEMENT mk_binary_add
#include "mk_binary_ref.inl"

#define MK_NAME mk_sub_s16_ref
#define MK_ELEMENT mk_binary_sub
#include "mk_binary_ref.inl"

#define MK_NAME mk_mul_s16_ref
#define MK_ELEMENT mk_binary_mul
#include "mk_binary_ref.inl"

#define MK_NAME mk_maximum_s16_ref
#define MK_ELEMENT mk_binary_maximum
#include "mk_binary_ref.inl"

#define MK_NAME mk_minimum_s16_ref
#define MK_ELEMENT mk_binary_minimum
#include "mk_binary_ref.inl"
