/* A tensor with a border of one value; doc/SPEC.md, "PAD". */
#include "mote_kernel.h"

#define MK_NAME mk_pad_x8_ref
#define MK_TYPE uint8_t
#include "mk_pad_ref.inl"

#define MK_NAME mk_pad_x16_ref
#define MK_TYPE uint16_t
#include "mk_pad_ref.inl"

#define MK_NAME mk_pad_x32_ref
#define MK_TYPE uint32_t
#include "mk_pad_ref.inl"
