; check_call.S: void check_call(const struct check_frame *frame)
; Calls the kernel of the frame with junk in all registers that it must restore, then keeps what it left in them.
; Arguments by avr-gcc's convention: from r25 downwards, each beginning at an even register.
#include <avr/io.h>

#define JUNK 0x31                       /* register n holds JUNK + n */

        .section .bss
        .global check_registers_after
check_registers_after:
        .space  32
        .global check_stack_moved
check_stack_moved:
        .space  1
stack_before:
        .space  2
arguments:                              ; r14-r17, or r16 and r17
        .space  4

        .section .text.check_call, "ax", @progbits
        .global check_call
        .type   check_call, @function
check_call:
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,28,29
        push    r\n
        .endr
        movw    r26, r24
        ld      r30, X+                 ; function
        ld      r31, X+
        ld      r24, X+                 ; out
        ld      r25, X+
        ld      r22, X+                 ; in
        ld      r23, X+
#if defined(__AVR_HAVE_ELPM__)
        ld      r18, X+                 ; params: 24 bits in r20-r18
        ld      r19, X+
        ld      r20, X+
        ld      r16, X+                 ; row_begin
        ld      r17, X+
        ld      r14, X+                 ; row_end
        ld      r15, X+
        sts     arguments, r14
        sts     arguments + 1, r15
        sts     arguments + 2, r16
        sts     arguments + 3, r17
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,28,29
        ldi     r26, JUNK + \n
        mov     r\n, r26
        .endr
#else
        ld      r20, X+
        ld      r21, X+
        ld      r18, X+
        ld      r19, X+
        ld      r16, X+
        ld      r17, X+
        sts     arguments + 2, r16
        sts     arguments + 3, r17
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,28,29
        ldi     r26, JUNK + \n
        mov     r\n, r26
        .endr
#endif
        in      r26, _SFR_IO_ADDR(SPL)
        in      r27, _SFR_IO_ADDR(SPH)
        sts     stack_before, r26
        sts     stack_before + 1, r27
        ldi     r26, 0xDB               ; junk in what a kernel may destroy, and T set
        ldi     r27, 0xC4
        mov     r0, r26
        set
        clr     r1
        icall
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,28,29
        sts     check_registers_after + \n, r\n
        .endr
        clr     r1
        ; arguments that are not what they were
#if defined(__AVR_HAVE_ELPM__)
        lds     r18, arguments
        eor     r18, r14
        sts     check_registers_after + 14, r18
        lds     r18, arguments + 1
        eor     r18, r15
        sts     check_registers_after + 15, r18
#endif
        lds     r18, arguments + 2
        eor     r18, r16
        sts     check_registers_after + 16, r18
        lds     r18, arguments + 3
        eor     r18, r17
        sts     check_registers_after + 17, r18
        ; the stack pointer
        in      r26, _SFR_IO_ADDR(SPL)
        in      r27, _SFR_IO_ADDR(SPH)
        lds     r18, stack_before
        lds     r19, stack_before + 1
        clr     r20
        cp      r18, r26
        cpc     r19, r27
        breq    1f
        inc     r20
        in      r0, _SFR_IO_ADDR(SREG)
        cli
        out     _SFR_IO_ADDR(SPH), r19
        out     _SFR_IO_ADDR(SREG), r0
        out     _SFR_IO_ADDR(SPL), r18
1:      sts     check_stack_moved, r20
        .irp    n, 29,28,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2
        pop     r\n
        .endr
        ret
        .weak   check_filler            ; keeps the filler of flash, if there is one
        ldi     r24, lo8(check_filler)
        .size   check_call, . - check_call
