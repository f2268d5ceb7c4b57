; check_wrap.S: stands before every assembly function of the kernels (whose name then ends in _checked) and sees that it
; restores the registers that it must, whatever the C around it does with them. Arguments and results pass through; r17:r16,
; if it is an argument (WRAP name, 1), is compared with itself.
#define JUNK 0x62

        .section .bss
        .global check_function_bad      ; 0 if all went well
check_function_bad:
        .space  1
fifth_argument:
        .space  2

        .macro  WRAP name, has_fifth=0
        .weak   \name\()_checked
        .section .text.check_wrap.\name, "ax", @progbits
        .global \name
        .type   \name, @function
\name:
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,28,29
        push    r\n
        ldi     r26, JUNK + \n
        .if     !\has_fifth || (\n != 16 && \n != 17)
        mov     r\n, r26
        .endif
        .endr
        sts     fifth_argument, r16
        sts     fifth_argument + 1, r17
        call    \name\()_checked
        mov     r27, r1                 ; collects all differences
        .irp    n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,28,29
        ldi     r26, JUNK + \n
        eor     r26, r\n
        or      r27, r26
        .endr
        lds     r26, fifth_argument
        eor     r26, r16
        or      r27, r26
        lds     r26, fifth_argument + 1
        eor     r26, r17
        or      r27, r26
        lds     r26, check_function_bad
        or      r26, r27
        sts     check_function_bad, r26
        clr     r1
        .irp    n, 29,28,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2
        pop     r\n
        .endr
        ret
        .size   \name, . - \name
        .endm

        WRAP    mk_avr_sparse
        WRAP    mk_avr_dense
        WRAP    mk_avr_chunks
        WRAP    mk_avr_sum_inputs
        WRAP    mk_avr_runs
        WRAP    mk_avr_list_column
        WRAP    mk_avr_columns
        WRAP    mk_avr_narrow
        WRAP    mk_avr_held
        WRAP    mk_avr_single
        WRAP    mk_avr_list_differences
        WRAP    mk_avr_differences
        WRAP    mk_avr_depthwise_3x3
        WRAP    mk_avr_requantize_exactly
        WRAP    mk_avr_steady_runs
        WRAP    mk_avr_steady_taps
        WRAP    mk_avr_steady_finish
        WRAP    mk_avr_taps
        WRAP    mk_avr_coded
        WRAP    mk_avr_sum_column
        WRAP    mk_avr_sum_tables, 1
