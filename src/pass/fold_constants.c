/* Exact: the operator is computed by the reference kernels themselves, once, on the host. */
#include "pass.h"

static bool all_constant(const struct mote_graph *graph, const struct mote_op *op)
{
    for (int32_t k = 0; k < op->input_count; k++)
        if (op->inputs[k] != MOTE_NO_TENSOR && !graph->tensors[op->inputs[k]].data) return false;
    return op->input_count > 0;
}

static bool any_graph_output(const struct mote_graph *graph, const struct mote_op *op)
{
    for (int32_t k = 0; k < op->output_count; k++)
        if (mote_graph_is_output(graph, op->outputs[k])) return true;
    return false;
}

enum mote_status mote_pass_fold_constants(struct mote_graph *graph, mote_pass_evaluate *evaluate, int32_t *changes,
                                          struct mote_diag *diag)
{
    int32_t folded = 0;
    for (int32_t i = 0; i < graph->op_count;) {
        const struct mote_op *op = &graph->ops[i];
        if (!all_constant(graph, op) || any_graph_output(graph, op)) {
            i++;
            continue;
        }
        uint8_t **results = MOTE_NEW_ARRAY(graph->arena, uint8_t *, (size_t)op->output_count);
        if (!results) return mote_error_memory(diag);
        const enum mote_status status = evaluate(graph, op, graph->arena, results, diag);
        if (status != MOTE_OK) return status;
        for (int32_t k = 0; k < op->output_count; k++) graph->tensors[op->outputs[k]].data = results[k];
        mote_pass_remove_op(graph, i);
        folded++;
    }
    *changes = folded;
    return MOTE_OK;
}
