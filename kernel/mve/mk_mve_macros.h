/* mk_mve_macros.h: what the assembly of this family shares. Included by .S files only. */
#ifndef MK_MVE_MACROS_H
#define MK_MVE_MACROS_H

        .syntax unified
        .thumb

        .macro  FUNCTION name
        .section .text.\name, "ax", %progbits
        .balign 4
        .global \name
        .thumb_func
        .type   \name, %function
\name:
        .endm

        .macro  END_FUNCTION name
        .size   \name, . - \name
        .endm

#endif
