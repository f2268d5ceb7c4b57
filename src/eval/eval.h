/* eval.h: run a plan in this process by calling its kernels. The reference that targets are compared with, the `host`
 * target, and the evaluator of constant folding. */
#ifndef MOTE_EVAL_EVAL_H
#define MOTE_EVAL_EVAL_H

#include "../plan/plan.h"

/* Called after each step with the bytes of the tensor it wrote; on streamed plans after each row, with that row:
 * a step's rows come in ascending order. */
typedef void mote_eval_trace(void *context, int32_t step, const uint8_t *bytes, size_t size_bytes);

/* One inference. `memory` has plan->arena_bytes bytes, 16-byte aligned; `input` holds the graph inputs' bytes in order,
 * `output` receives the outputs'. trace may be NULL. Cannot fail. */
void mote_eval_run(const struct mote_plan *plan, uint8_t *memory, const uint8_t *input, uint8_t *output,
                   mote_eval_trace *trace, void *context);

/* Sliding plans: takes frame number `frame` (0, 1, 2, ... without end) and computes what is new. From the frame on that
 * fills the window `output` receives the outputs; before, it is left alone. `memory` is the caller's from frame 0 on. */
void mote_eval_push_frame(const struct mote_plan *plan, uint8_t *memory, uint64_t frame, const uint8_t *input,
                          uint8_t *output);

/* What a kernel is handed besides its parameters; it takes as much of it as its row in mote_kernels.def says. */
struct mote_eval_operands {
    void *out;
    const void *a, *b;
    void *scratch;
};

/* Calls one kernel of this process. */
void mote_eval_call(enum mote_kernel_id kernel, const struct mote_eval_operands *at, const void *params, uint16_t begin,
                    uint16_t end);

/* Bytes of all inputs and of all outputs of one inference. */
size_t mote_eval_input_bytes(const struct mote_plan *plan);
size_t mote_eval_output_bytes(const struct mote_plan *plan);

/* Computes the outputs of one operator whose data inputs are all constant; *results[i] receives the bytes of output i,
 * in the arena. The form that mote_pass_fold_constants wants. */
MOTE_MUST_CHECK enum mote_status mote_eval_op(const struct mote_graph *graph, const struct mote_op *op,
                                              struct mote_arena *arena, uint8_t **results, struct mote_diag *diag);

#endif
