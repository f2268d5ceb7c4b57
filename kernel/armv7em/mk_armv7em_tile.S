@ mk_armv7em_tile.S: see mk_armv7em_tile.h.
#include "mk_armv7em_tile_macros.h"

        @ What is on the stack besides: first word of the stream, triples left, next row, next byte of the rests, what comes after the unrolled
        @ loop, with wide weights after its last pass and where that ends, bytes of rest per row, what comes after a row's head, the rests
        .equ    begin, MK_ARMV7EM_TILE_BYTES + 8
        .equ    more, MK_ARMV7EM_TILE_BYTES + 12
        .equ    next_row, MK_ARMV7EM_TILE_BYTES + 16
        .equ    next_rest, MK_ARMV7EM_TILE_BYTES + 20
        .equ    after, MK_ARMV7EM_TILE_BYTES + 24
        .equ    after_last, MK_ARMV7EM_TILE_BYTES + 28
        .equ    loops_end, MK_ARMV7EM_TILE_BYTES + 32
        .equ    rest, MK_ARMV7EM_TILE_BYTES + 36
        .equ    after_head, MK_ARMV7EM_TILE_BYTES + 40
        .equ    rests, MK_ARMV7EM_TILE_BYTES + 48
        .equ    most_rest, 48                               @ bytes of a position: 16 filter rows, 3 each
        .equ    frame_bytes_3, rests + 3 * most_rest

        @ Groups of inputs, and threes of words, that are unrolled.
#if defined(MK_OPTIMIZE_SIZE)
        .equ    unrolled_3, 2
        .equ    unrolled_wide, 2
#else
        .equ    unrolled_3, 16
        .equ    unrolled_wide, 10
#endif

@ void mk_armv7em_dual_3(const struct mk_armv7em_tile *tile, uint32_t triples)
@ r0-r2 = S_A at three positions, r3-r5 = S_A + 256 * S_B, r6-r8 inputs, r9, r10 weights, r11 = weights of A, r12 =
@ columns, lr = stream. A group takes 17 instructions for 24 products (0.71 each); a pair of channels 34 to 42 more, and 4
@ per 16 groups beyond the first 16. About 60 once per call; to gather three positions 20, 14 per filter row, 11 per group, 8 per byte of rest;
@ bytes of rest of three rows, one each, together 20.
@
@ void mk_armv7em_wide_3(const struct mk_armv7em_tile *tile, uint32_t triples)
@ The same with r0-r2 = 256 * S_A, r3-r5 = 256 * S_B, r9-r11 weights: three words of inputs of each position take 23
@ instructions for 36 products (0.64 each), a pair of channels 28 to 36 more, 2 more where one or two words are left over, and 4 per
@ 30 words beyond the first 32.

        .macro  HALF_GROUP_3 weights
        ldm     r12!, {r6-r8}
        smlad   r3, r6, \weights, r3
        smlad   r4, r7, \weights, r4
        smlad   r5, r8, \weights, r5
        sxtb16  r11, \weights
        smlad   r0, r6, r11, r0
        smlad   r1, r7, r11, r1
        smlad   r2, r8, r11, r2
        .endm

        @ Wide: the next word of inputs of each position, by a word of weights of A and one of B; by one of either.
        .macro  PRODUCTS_3 a, b, c, weights
        smlad   \a, r6, \weights, \a
        smlad   \b, r7, \weights, \b
        smlad   \c, r8, \weights, \c
        .endm

        .macro  WORD_3 weights_a, weights_b
        ldm     r12!, {r6-r8}
        PRODUCTS_3 r0, r1, r2, \weights_a
        PRODUCTS_3 r3, r4, r5, \weights_b
        .endm

        @ The bytes at r11 of three rows as one group of a position.
        .macro  THREE_BYTES even, odd
        ldrsb   \even, [r1, r11]
        ldrsb   r10, [r3, r11]
        ldrsb   \odd, [r2, r11]
        pkhbt   \even, \even, r10, lsl #16
        .endm

        @ Sums of A and A + 256 B to 256 times those of A, B.
        .macro  SORT_SUMS
        sub     r3, r3, r0
        sub     r4, r4, r1
        sub     r5, r5, r2
        lsl     r2, r2, #8
        lsl     r1, r1, #8
        lsl     r0, r0, #8
        .endm

        @ Outputs of one channel from the sums a, b, c at the first, second and third position, at r10 and r11, r12 bytes behind; `first`
        @ says where and how r10 moves on.
        .macro  OUTPUTS_3 a, b, c, m, addend, n, has_sign, store, first
        REQUANTIZE \c, \m, \addend, r8, r9, \n, \has_sign
        REQUANTIZE \b, \m, \addend, r8, r9, \n, \has_sign
        REQUANTIZE \a, \m, \addend, r8, r9, \n, \has_sign
        \store  \c, [r10, r12]
        \store  \b, [r10, r11]
        \store  \a, \first
        .endm

        @ The sums are in registers: outputs of two channels, and on to the next pair.
        .macro  WAY_3 form, name, n, has_sign
        .thumb_func
\name\()_\form:
        .if \has_sign
        ldm     lr!, {r6-r8}
        .else
        ldm     lr!, {r6-r9}                    @ of both channels
        .endif
        ldm     sp, {r10-r12}                   @ out, step_1, step_2
        .ifc    \form, dual
        SORT_SUMS
        .endif
        OUTPUTS_3 r0, r1, r2, r6, r7, \n, \has_sign, strb, "[r10], #1"
        .if \has_sign
        ldm     lr!, {r6-r8}
        .endif
        ldr     r0, [sp, #MK_ARMV7EM_LAST]
        cmp     r10, r0
        bhi     done_\form                          @ A was the last channel
        .if \has_sign
        OUTPUTS_3 r3, r4, r5, r6, r7, \n, 1, strb, "[r10], #1"
        .else
        OUTPUTS_3 r3, r4, r5, r8, r9, \n, 0, strb, "[r10], #1"
        .endif
        ldr     r12, [sp, #MK_ARMV7EM_COLUMNS]
        str     r10, [sp, #MK_ARMV7EM_OUT]
        bne     pair_\form                          @ B was not
        b       done_\form
        .endm

#if MK_ARMV7EM_HAS_PLANES
        @ The same to planes, without sign term; then on to where the next three positions lie.
        .macro  WAY_PLANES form, n
        .thumb_func
planes_\form:
        ldm     lr!, {r6-r9}
        ldm     sp, {r10-r12}                   @ out, step_1, step_2
        .ifc    \form, dual
        SORT_SUMS
        .endif
        OUTPUTS_3 r0, r1, r2, r6, r7, \n, 0, strh, [r10]
        ldrd    r0, r1, [sp, #MK_ARMV7EM_LAST]  @ and the plane's bytes
        add     r10, r10, r1
        cmp     r10, r0
        bhi     placed_\form                        @ A was the last channel
        OUTPUTS_3 r3, r4, r5, r8, r9, \n, 0, strh, [r10]
        add     r10, r10, r1
        ldr     r12, [sp, #MK_ARMV7EM_COLUMNS]
        str     r10, [sp, #MK_ARMV7EM_OUT]
        bne     pair_\form                          @ B was not
placed_\form:
        ldr     r0, [sp, #more]
        subs    r0, #1
        beq     return_\form
        ldr     r10, [sp, #MK_ARMV7EM_PLACES]
        ldm     r10, {r1-r5}                    @ next, left, width, row_skip, span
        str     r1, [sp, #MK_ARMV7EM_OUT]
        add     r5, r5, r1
        str     r5, [sp, #MK_ARMV7EM_LAST]
        mov     r6, r1
        NEXT_PLACE
        sub     r7, r1, r6
        NEXT_PLACE
        sub     r8, r1, r6
        NEXT_PLACE
        strd    r7, r8, [sp, #MK_ARMV7EM_STEP_1]
        strd    r1, r2, [r10]
        b       advance_\form
        .endm

        .macro  NEXT_PLACE
        adds    r1, #2
        subs    r2, #1
        itt     eq
        addeq   r1, r4
        moveq   r2, r3
        .endm
#endif

        @ As CHOOSE_PATHS: of 2 * groups words of each position two come before the loop, the others in threes, ten threes at
        @ a time, and one or two that are left over. Without a three the loop is left out.
        .macro  CHOOSE_WIDE_PATHS
        lsls    r2, #1
        subs    r2, #2
        movs    r4, #3
        udiv    r5, r2, r4
        mls     r2, r5, r4, r2                  @ left over
        ldr     r6, [sp, #MK_ARMV7EM_COLUMNS_END]
        mul     r4, r2, r4
        sub     r6, r6, r4, lsl #2
        str     r6, [sp, #loops_end]
        adr     r6, ways_wide
        ldr     r3, [r6, r3, lsl #2]
        str     r3, [sp, #tail]
        cbz     r2, 1f
        adr     r6, left_wide - 4
        ldr     r3, [r6, r2, lsl #2]
1:      str     r3, [sp, #after_last]
        cmp     r5, #unrolled_wide
        it      hi
        ldrhi   r3, long_word_wide
        str     r3, [sp, #after]
        cbz     r5, 2f
        subs    r5, #1
        movs    r4, #unrolled_wide
        udiv    r6, r5, r4
        mls     r5, r6, r4, r5
        adds    r5, #1
        movs    r4, #92
        adr     r6, end_wide
        mls     r3, r5, r4, r6
        adds    r3, #1                          @ Thumb
2:      str     r3, [sp, #entry]
        .endm

        @ The sums of a pair of channels, and on to the way to requantise.
        .macro  PAIR_OF_DUAL
pair_dual:
        ldrd    r2, r5, [lr], #8                @ biases, taken by the first products of each sum
        ldrd    r9, r10, [lr], #8
        ldm     r12!, {r6-r8}
        smlad   r3, r6, r9, r5
        smlad   r4, r7, r9, r5
        smlad   r5, r8, r9, r5
        sxtb16  r11, r9
        smlad   r0, r6, r11, r2
        smlad   r1, r7, r11, r2
        smlad   r2, r8, r11, r2
        HALF_GROUP_3 r10
        ldr     pc, [sp, #entry]
        .balign 4
ways_dual:                                      @ enum mk_armv7em_way
        .word   exact_dual, small_dual, small_sign_dual, large_dual, large_sign_dual
#if MK_ARMV7EM_HAS_PLANES
        .word   planes_dual
#endif
loop_dual:
        .rept   unrolled_3
        ldrd    r9, r10, [lr], #8
        HALF_GROUP_3 r9
        HALF_GROUP_3 r10
        .endr
        .org    loop_dual + unrolled_3 * 68             @ fails if a group is longer
end_dual:
        ldr     pc, [sp, #after]
long_dual:
        ldr     r6, [sp, #MK_ARMV7EM_COLUMNS_END]
        cmp     r12, r6
        bne     loop_dual
        ldr     pc, [sp, #tail]
        .endm

        .macro  PAIR_OF_WIDE
pair_wide:
        ldm     lr!, {r2, r5, r9, r10}          @ biases, taken by the first products of each sum
        ldm     r12!, {r6-r8}
        smlad   r0, r6, r9, r2
        smlad   r1, r7, r9, r2
        smlad   r2, r8, r9, r2
        smlad   r3, r6, r10, r5
        smlad   r4, r7, r10, r5
        smlad   r5, r8, r10, r5
        ldrd    r9, r10, [lr], #8
        WORD_3  r9, r10
        ldr     pc, [sp, #entry]
        .balign 4
ways_wide:                                      @ enum mk_armv7em_way
        .word   exact_wide, small_wide, small_sign_wide, large_wide, large_sign_wide
#if MK_ARMV7EM_HAS_PLANES
        .word   planes_wide
#endif
left_wide:
        .word   one_left_wide, two_left_wide
long_word_wide:
        .word   long_wide
loop_wide:
        .rept   unrolled_wide
        ldm     lr!, {r9-r11}
        WORD_3  r9, r10
        ldm     r12!, {r6-r8}
        PRODUCTS_3 r0, r1, r2, r11
        ldm     lr!, {r9-r11}
        PRODUCTS_3 r3, r4, r5, r9
        WORD_3  r10, r11
        .endr
        .org    loop_wide + unrolled_wide * 92             @ fails if three words are longer
end_wide:
        ldr     pc, [sp, #after]
        .thumb_func
long_wide:
        ldr     r6, [sp, #loops_end]
        cmp     r12, r6
        bne     loop_wide
        ldr     pc, [sp, #after_last]
        .thumb_func
two_left_wide:
        ldrd    r9, r10, [lr], #8
        WORD_3  r9, r10
        .thumb_func
one_left_wide:
        ldrd    r9, r10, [lr], #8
        WORD_3  r9, r10
        ldr     pc, [sp, #tail]
        .endm

        .macro  POSITIONS_3 form, name
        FUNCTION \name
        SAVE    frame_bytes_3
        mov     r7, r1
        COPY_TILE
        mov     lr, r1
        str     r1, [sp, #begin]
        ldm     r0, {r0, r1, r4-r6, r8-r11}
        stm     r12, {r0, r1, r4-r6, r8-r11}
        add     r12, sp, #rests
        str     r12, [sp, #next_rest]
        sub     r11, r11, r10                   @ bytes of in_rows
        cmp     r8, #1
        it      eq
        cmpeq   r11, #12
        it      eq
        moveq   r8, #0                          @ three rows with a byte each: by themselves
        str     r8, [sp, #rest]
        adr     r12, rest_\form
        cmp     r8, #0
        itt     eq
        adreq   r12, no_rest_\form
        cmpeq   r11, #4
        it      eq
        adreq   r12, gathered_\form             @ a single row
        add     r12, r12, #1                    @ Thumb
        str     r12, [sp, #after_head]
        mov     r8, r2
        .ifc    \form, dual
        CHOOSE_PATHS end_dual, unrolled_3, 68, ways_dual
        cmp     r8, #unrolled_3                 @ so many groups need one pass through the loop
        it      hi
        adrhi   r3, long_dual
        it      hi
        addhi   r3, #1                          @ Thumb
        str     r3, [sp, #after]
        .else
        CHOOSE_WIDE_PATHS
        .endif
        ldr     r12, [sp, #MK_ARMV7EM_COLUMNS]
        str     r7, [sp, #more]
        cmp     r7, #0
        bne     gather_\form
        adds    r7, #1
        str     r7, [sp, #more]
        b       pair_\form

next_\form:                                     @ on by three positions; r10 = behind the last channel of the first
        ldr     r2, [sp, #MK_ARMV7EM_STEP_1]
        add     r1, r10, r2, lsl #1
        str     r1, [sp, #MK_ARMV7EM_OUT]
        add     r1, r1, r2
        subs    r1, #1
        str     r1, [sp, #MK_ARMV7EM_LAST]
advance_\form:
        ldrd    r4, r5, [sp, #MK_ARMV7EM_OFFSET]
        str     r0, [sp, #more]
        add     r4, r4, r5
        add     r4, r4, r5, lsl #1
        str     r4, [sp, #MK_ARMV7EM_OFFSET]
gather_\form:
        ldr     r0, [sp, #MK_ARMV7EM_COLUMNS]
        ldr     lr, [sp, #MK_ARMV7EM_IN_ROWS]
row_\form:
        ldr     r1, [lr], #4
        ldrd    r4, r5, [sp, #MK_ARMV7EM_OFFSET]
        ldr     r12, [sp, #MK_ARMV7EM_HEAD]
        add     r1, r1, r4
        add     r2, r1, r5
        add     r3, r2, r5
        lsrs    r12, r12, #1
        bcc     1f
        WIDEN_3
1:      beq     3f
2:      WIDEN_3
        WIDEN_3
        subs    r12, #1
        bne     2b
3:      ldr     pc, [sp, #after_head]
        .balign 4
no_rest_\form:
        ldr     r4, [sp, #MK_ARMV7EM_IN_ROWS_END]
        cmp     lr, r4
        bne     row_\form
        ldr     r4, [sp, #MK_ARMV7EM_REST_GROUPS]
        cmp     r4, #0
        bne     three_bytes_\form
        b       gathered_\form

        .balign 4
rest_\form:
        ldr     r7, [sp, #next_rest]
        ldr     r12, [sp, #rest]
4:      ldrb    r4, [r1], #1
        ldrb    r5, [r2], #1
        ldrb    r6, [r3], #1
        strb    r5, [r7, #most_rest]
        strb    r6, [r7, #2 * most_rest]
        strb    r4, [r7], #1
        subs    r12, #1
        bne     4b
        str     r7, [sp, #next_rest]
        ldr     r4, [sp, #MK_ARMV7EM_IN_ROWS_END]
        cmp     lr, r4
        bne     row_\form
        add     r1, sp, #rests
        add     r2, sp, #rests + most_rest
        add     r3, sp, #rests + 2 * most_rest
        str     r1, [sp, #next_rest]
        ldr     r12, [sp, #MK_ARMV7EM_REST_GROUPS]
        bl      mk_armv7em_widen_groups
        b       gathered_\form

three_bytes_\form:                               @ of three rows, one each
        ldr     r10, [sp, #MK_ARMV7EM_IN_ROWS]
        ldm     r10, {r1-r3}
        ldrd    r11, r12, [sp, #MK_ARMV7EM_OFFSET]
        ldr     r10, [sp, #MK_ARMV7EM_HEAD]
        add     r11, r11, r10, lsl #2
        THREE_BYTES r4, r7
        add     r11, r11, r12
        THREE_BYTES r5, r8
        add     r11, r11, r12
        THREE_BYTES r6, r9
        stm     r0, {r4-r9}
        .balign 4
gathered_\form:
        ldr     lr, [sp, #begin]
        ldr     r12, [sp, #MK_ARMV7EM_COLUMNS]
        .ifc    \form, dual
        PAIR_OF_DUAL
        .else
        PAIR_OF_WIDE
        .endif

        WAY_3   \form, small, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0
        WAY_3   \form, small_sign, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 1
        WAY_3   \form, large, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 0
        WAY_3   \form, large_sign, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 1
#if MK_ARMV7EM_HAS_PLANES
        WAY_PLANES \form, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT
#endif

        .thumb_func
exact_\form:
        .ifc    \form, dual
        sub     r3, r3, r0
        sub     r4, r4, r1
        sub     r5, r5, r2
        .else
        asr     r0, r0, #8
        asr     r1, r1, #8
        asr     r2, r2, #8
        .endif
        asr     r3, r3, #8
        asr     r4, r4, #8
        asr     r5, r5, #8
        add     r6, sp, #MK_ARMV7EM_SUMS
        stm     r6, {r0-r5}
        str     lr, [sp, #MK_ARMV7EM_STREAM]
        mov     r0, sp
        movs    r1, #2
        movs    r2, #3
        bl      mk_armv7em_finish_exactly
        ldr     r12, [sp, #MK_ARMV7EM_COLUMNS]
        ldr     lr, [sp, #MK_ARMV7EM_STREAM]
        ldr     r10, [sp, #MK_ARMV7EM_OUT]
        ldr     r1, [sp, #MK_ARMV7EM_LAST]
        cmp     r10, r1
        bls     pair_\form
done_\form:
        ldr     r0, [sp, #more]
        subs    r0, #1
        bne     next_\form
return_\form:
        RETURN  frame_bytes_3

        END_FUNCTION \name
        .endm

        POSITIONS_3 dual, mk_armv7em_dual_3
        POSITIONS_3 wide, mk_armv7em_wide_3
