@ mk_mve_requantize_macros.h: sums in core registers to outputs, for the assembly of convolutions and fully connected layers. The
@ stack pointer is at a copy of the tile (mk_mve_layout.h), and at `scale` from it lies the layer's scale; r5: the records; r0, r2, r4 and
@ q2, q3, q6, q7 are used.

        @ s = scale * sum + b: into q0, and q2 for the second position.
        .macro  LOAD_SUMS two
        vmov    q6[2], q6[0], r0, r4
        vmov    q6[3], q6[1], r2, r6
        .if \two
        vmov    q7[2], q7[0], r8, r12
        vmov    q7[3], q7[1], r10, lr
        vldrw.32 q2, [r5]
        .endif
        vldrw.32 q0, [r5], #16
        ldr     r0, [sp, #scale]
        vmla.s32 q0, q6, r0
        .if \two
        vmla.s32 q2, q7, r0
        .endif
        vldrw.32 q3, [r5], #16
        .endm

        @ The outputs are the upper halves of what comes of this, saturated.
        .macro  HIGH_WORD two, to_0, to_1
        vqdmulh.s32 \to_0, q0, q3
        .if \two
        vqdmulh.s32 \to_1, q2, q3
        .endif
        .endm

        @ Requantised sums, to two vectors; then, of even and odd channels in q4 and q0, q5 and q2, halves in order in q0, q2.
        .macro  FAST_REQUANTIZE two, to_0, to_1
        LOAD_SUMS \two
        HIGH_WORD \two, \to_0, \to_1
        .endm

        .macro  FAST_MERGE two
        vsri.32 q0, q4, #16
        .if \two
        vsri.32 q2, q5, #16
        .endif
        .endm

        .macro  SIGN_REQUANTIZE two, to_0, to_1
        LOAD_SUMS \two
        vldrw.32 q6, [r5], #16
        vldrw.32 q7, [r5], #16
        vpt.s32 lt, q0, q6
        vaddt.i32 q0, q0, q7
        .if \two
        vpt.s32 lt, q2, q6
        vaddt.i32 q2, q2, q7
        .endif
        HIGH_WORD \two, \to_0, \to_1
        .endm

        .macro  SIGN_MERGE two
        FAST_MERGE \two
        .endm

        @ The reference rounds halves away from zero, VRSHL upwards: one less for what is negative and will be shifted.
        .macro  EXACT_SHIFT x
        vand    q7, \x, q6
        vshr.s32 q7, q7, #31
        vqadd.s32 \x, \x, q7
        vrshl.s32 \x, \x, q6
        .endm

        .macro  EXACT_REQUANTIZE two, to_0, to_1
        LOAD_SUMS \two
        vldrw.32 q6, [r5], #16
        vshl.s32 q0, q0, q6
        vqrdmulh.s32 q0, q0, q3
        .if \two
        vshl.s32 q2, q2, q6
        vqrdmulh.s32 q2, q2, q3
        .endif
        vldrw.32 q6, [r5], #16
        EXACT_SHIFT q0
        .if \two
        EXACT_SHIFT q2
        .endif
        ldr     r0, [sp, #MK_MVE_TILE_ZERO_POINT]
        ldrd    r2, r4, [sp, #MK_MVE_TILE_ACT_MIN]
        vdup.32 q6, r2
        vdup.32 q7, r4
        vadd.i32 q0, q0, r0
        vmax.s32 q0, q0, q6
        vmin.s32 \to_0, q0, q7
        .if \two
        vadd.i32 q2, q2, r0
        vmax.s32 q2, q2, q6
        vmin.s32 \to_1, q2, q7
        .endif
        .endm

        .macro  EXACT_MERGE two
        vshl.i32 q0, q0, #16
        vmovnb.i32 q0, q4
        .if \two
        vshl.i32 q2, q2, #16
        vmovnb.i32 q2, q5
        .endif
        .endm
