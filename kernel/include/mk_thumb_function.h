/* mk_thumb_function.h: how the assembly of the Cortex-M families begins and ends a function. Included by .S files only. */
#ifndef MK_THUMB_FUNCTION_H
#define MK_THUMB_FUNCTION_H

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
