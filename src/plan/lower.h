/* lower.h: operators to kernel calls. One mote_lower_<op> per row of ops.def, in lower_<family>.c: it checks the types,
 * computes multipliers and tables, packs constants and adds steps. */
#ifndef MOTE_PLAN_LOWER_H
#define MOTE_PLAN_LOWER_H

#include "../ir/quant.h"
#include "../pass/intervals.h"
#include "plan.h"

struct mote_lower {
    struct mote_plan *plan;   /* being built; its step, buffer and constant arrays grow through the calls below */
    const struct mote_graph *graph;
    struct mote_diag *diag;
    int32_t op_index;         /* of the op being lowered */
    size_t spread_bytes; /* of flash that packed weights take beyond their plain form, so far */
    double most_cycles_per_byte; /* what a byte of flash is worth, see pack_avr_coded.h; negative: nothing is coded */
    struct mote_intervals *intervals; /* NULL until someone asks: mote_lower_sums */
    int32_t step_capacity, buffer_capacity, constant_capacity;
};

#define MOTE_OP(KIND, name, ...)                                                                                       \
    MOTE_MUST_CHECK enum mote_status mote_lower_##name(struct mote_lower *lower, const struct mote_op *op);
#include "../ir/ops.def"
#undef MOTE_OP

/* Adds a step that runs the kernel `base_name` ("conv_2d_s8") of the best family the target has, with zeroed parameters
 * of the right type in step->params, name, op, tensor = op's output `output`, output operand, and inputs wired to op's
 * data inputs `input_indices` (indices into op->inputs; -1 for none), rows 0..row_end.
 * Constant inputs are loaded into RAM by a load step that is added first. NULL when memory is out or no such kernel
 * exists; the reason is in diag and in *status. Valid until the next step is added. */
struct mote_step *mote_lower_step(struct mote_lower *lower, const struct mote_op *op, const char *base_name,
                                  const int input_indices[2], int output, uint32_t row_end, enum mote_status *status);

/* Adds a constant of `count` elements (copied) and binds it to the flash field `field` of the step's params, also as the
 * host pointer. `suffix` names it: op3_<suffix>. is_weight counts it in plan->weight_bytes. Constants with equal content
 * and kind are stored once. NULL data leaves the field NULL. */
MOTE_MUST_CHECK enum mote_status mote_lower_constant(struct mote_lower *lower, struct mote_step *step, const char *field,
                                                     const void *data, size_t count, bool is_weight);

/* Sets aside scratch memory for the step that was added last, whose kernel takes some. Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_lower_scratch(struct mote_lower *lower, struct mote_step *step, uint32_t bytes);

/* Makes output `output` of op an alias of its input 0: no step. */
MOTE_MUST_CHECK enum mote_status mote_lower_alias(struct mote_lower *lower, const struct mote_op *op);

/* *sums: for each output channel of the op being lowered, which has weights, all sums that it can reach for any input of the
 * graph, bias included; NULL if nothing is known. In the plan's arena. Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_lower_sums(struct mote_lower *lower, const struct mote_interval **sums);

/* MOTE_ERR_UNSUPPORTED, text "op 3 CONV_2D, tensor ...: <reason>". */
enum mote_status mote_lower_unsupported(struct mote_lower *lower, const struct mote_op *op, int32_t tensor,
                                        const char *reason);

/* ---- Shape helpers ---- */
struct mote_nhwc {
    uint16_t n, h, w, c;
};
/* The tensor's shape as NHWC, leading axes of 1 added, ranks above 4 folded into n; false if an extent passes 65535 or
 * W * C does. */
bool mote_lower_nhwc(const struct mote_shape *shape, struct mote_nhwc *nhwc);
/* Rows of the 2-D view in which elementwise kernels see a tensor: rows x row_elements = all elements, both <= 65535 and
 * rows as large as the NHWC view gives; false if impossible. */
bool mote_lower_rows(const struct mote_shape *shape, uint16_t *rows, uint16_t *row_elements);

#endif
