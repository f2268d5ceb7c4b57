#include "pass.h"

#include <string.h>

void mote_pass_remove_op(struct mote_graph *graph, int32_t index)
{
    const int32_t behind = graph->op_count - index - 1;
    memmove(&graph->ops[index], &graph->ops[index + 1], (size_t)behind * sizeof graph->ops[0]);
    graph->op_count--;
}

struct mote_op *mote_pass_single_consumer(struct mote_graph *graph, int32_t tensor)
{
    if (mote_graph_use_count(graph, tensor) != 1 || mote_graph_is_output(graph, tensor)) return NULL;
    for (int32_t i = 0; i < graph->op_count; i++)
        for (int32_t k = 0; k < graph->ops[i].input_count; k++)
            if (graph->ops[i].inputs[k] == tensor) return &graph->ops[i];
    return NULL;
}

int mote_pass_same_quantisation(const struct mote_tensor *a, const struct mote_tensor *b)
{
    return a->dtype == b->dtype && a->quant.count == 1 && b->quant.count == 1 &&
           mote_tensor_scale(a) == mote_tensor_scale(b) && mote_tensor_zero_point(a) == mote_tensor_zero_point(b);
}

enum mote_status mote_pass_remove_dead(struct mote_graph *graph, int32_t *changes, struct mote_diag *diag)
{
    (void)diag;
    int32_t removed = 0;
    for (int32_t i = graph->op_count - 1; i >= 0; i--) {
        bool used = false;
        for (int32_t k = 0; k < graph->ops[i].output_count; k++)
            used = used || mote_graph_use_count(graph, graph->ops[i].outputs[k]) > 0;
        if (used) continue;
        mote_pass_remove_op(graph, i);
        removed++;
    }
    *changes = removed;
    return MOTE_OK;
}
