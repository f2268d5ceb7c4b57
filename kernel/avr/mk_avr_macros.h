/* mk_avr_macros.h: what the assembly of all AVR kernels shares. Included by .S files only.
 *
 * Conventions: r1 is 0 on entry and must be 0 on return (mul destroys it); r2-r17, r28, r29 belong to the caller. */
#ifndef MK_AVR_MACROS_H
#define MK_AVR_MACROS_H

#include "mk_avr_layout.h"

#include <avr/io.h>

/* Chips above 64 KB read flash by ELPM with the third address byte in RAMPZ; both instructions take 3 cycles. */
#if defined(__AVR_HAVE_ELPM__)
#define LOAD_FLASH elpm
#else
#define LOAD_FLASH lpm
#endif

        /* Z (and RAMPZ) = the flash address at Y + offset; destroys temp. */
        .macro  LOAD_FLASH_POINTER offset, temp
        ldd     r30, Y + \offset
        ldd     r31, Y + \offset + 1
#if defined(__AVR_HAVE_ELPM__)
        ldd     \temp, Y + \offset + 2
        out     _SFR_IO_ADDR(RAMPZ), \temp
#endif
        .endm

        .macro  STORE_FLASH_POINTER offset, temp
        std     Y + \offset, r30
        std     Y + \offset + 1, r31
#if defined(__AVR_HAVE_ELPM__)
        in      \temp, _SFR_IO_ADDR(RAMPZ)
        std     Y + \offset + 2, \temp
#endif
        .endm

        /* RAMPZ += 1, after Z was advanced past a 64 KB boundary by plain arithmetic. */
        .macro  NEXT_BANK temp
#if defined(__AVR_HAVE_ELPM__)
        in      \temp, _SFR_IO_ADDR(RAMPZ)
        inc     \temp
        out     _SFR_IO_ADDR(RAMPZ), \temp
#endif
        .endm

        /* Keeps RAMPZ on the stack, one byte where there is one; destroys r0. */
        .macro  PUSH_BANK
#if defined(__AVR_HAVE_ELPM__)
        in      r0, _SFR_IO_ADDR(RAMPZ)
        push    r0
#endif
        .endm

        .macro  POP_BANK
#if defined(__AVR_HAVE_ELPM__)
        pop     r0
        out     _SFR_IO_ADDR(RAMPZ), r0
#endif
        .endm

        /* After `count` was subtracted from high:low, how many are left: if there were fewer, `count` = these, and none are
         * left. Stores high:low at Y + offset. */
        .macro  TAKE_AT_MOST count, low, high, offset
        brcc    1f
        add     \count, \low
        clr     \low
        clr     \high
1:      std     Y + \offset, \low
        std     Y + \offset + 1, \high
        .endm

        /* Y = where the next output goes: then Y = tile, from the stack, whose `out` that is. Destroys r24, r25. */
        .macro  END_OUTPUTS
        movw    r24, r28
        pop     r29
        pop     r28
        std     Y + MK_AVR_OUT, r24
        std     Y + MK_AVR_OUT + 1, r25
        .endm

        .macro  PUSH_CALLER_REGISTERS
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,28,29
        push    r\n
        .endr
        .endm

        .macro  POP_CALLER_REGISTERS
        .irp    n, 29,28,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2
        pop     r\n
        .endr
        .endm

        .macro  RETURN_TO_C
        POP_CALLER_REGISTERS
        clr     r1
        ret
        .endm

        .macro  FUNCTION name
        .section .text.\name, "ax", @progbits
        .global \name
        .type   \name, @function
\name:
        .endm

        .macro  END_FUNCTION name
        .size   \name, . - \name
        .endm

#endif
