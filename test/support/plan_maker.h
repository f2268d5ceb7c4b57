/* plan_maker.h: plans made by hand, for tests of what works on plans without a graph or lowering. */
#ifndef TEST_SUPPORT_PLAN_MAKER_H
#define TEST_SUPPORT_PLAN_MAKER_H

#include "../../src/plan/plan.h"

/* An empty plan with room for this many of each; NULL when the arena is full. */
struct mote_plan *plan_maker_new(struct mote_arena *arena, int32_t buffers, int32_t steps, int32_t constants);

int32_t plan_maker_buffer(struct mote_plan *plan, uint32_t bytes, uint32_t alignment_bytes);
void plan_maker_input(struct mote_plan *plan, int32_t buffer);
void plan_maker_output(struct mote_plan *plan, int32_t buffer);

/* A step of the kernel with zeroed parameters that computes rows 0..rows of `out`; out_rows == rows, one batch entry. */
struct mote_step *plan_maker_step(struct mote_plan *plan, const char *kernel, int32_t out, uint32_t rows,
                                  uint32_t row_bytes);
/* Input 0, 1, ... of the step: in_rows rows per batch entry of out_rows output rows; stride 0: needs everything. */
void plan_maker_reads(struct mote_step *step, int32_t buffer, uint32_t row_bytes, struct mote_row_map map,
                      uint32_t window_rows);

/* Scratch memory for the step, whose kernel takes some. */
void plan_maker_scratch(struct mote_plan *plan, struct mote_step *step, uint32_t bytes);

/* A SAME layer of `filter` rows and stride 1 between tensors of `rows` rows; returns the output's buffer. */
int32_t plan_maker_same(struct mote_plan *plan, const char *kernel, int32_t in, uint32_t rows, uint32_t in_row_bytes,
                        uint32_t out_row_bytes, uint32_t filter);

/* The keyword-spotting network DS-CNN of MLPerf Tiny: 49 x 10 input, a 10 x 4 convolution of stride 2 to 25 x 5 x 64,
 * four pairs of 3 x 3 depthwise and 1 x 1 convolutions, average pooling, 12 classes, softmax. */
struct mote_plan *plan_maker_keyword_spotting(struct mote_arena *arena);

#endif
