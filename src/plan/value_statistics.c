/* value_statistics.c: how often an operator's input is x' = 0, the least value of its type, and how large it is: measured on
 * samples, or guessed. */
#include "plan.h"

#include <math.h>

/* Tensors that begin at their zero point, as behind a ReLU. Measured in keyword spotting, ResNet-8 and visual wake words: behind
 * weighted operators 0.18 to 0.72, half of them below 0.47; behind sums 0.31 and 0.48; behind means over a map 0.02 to 0.08. */
static const double behind_relu = 0.5, behind_sum = 0.4, behind_mean = 0.05;

/* The operator that computes the tensor's values; -1: a graph input. */
static int32_t find_producer(const struct mote_graph *graph, int32_t tensor)
{
    int32_t op = mote_graph_producer(graph, tensor);
    while (op >= 0 && graph->ops[op].kind == MOTE_OP_RESHAPE) op = mote_graph_producer(graph, graph->ops[op].inputs[0]);
    return op;
}

static double guess(const struct mote_graph *graph, int32_t tensor)
{
    const struct mote_tensor *t = &graph->tensors[tensor];
    const int32_t producer = find_producer(graph, tensor);
    if (t->dtype != MOTE_S8 || t->quant.count != 1 || mote_tensor_zero_point(t) != INT8_MIN || producer < 0) return 0.0;
    const enum mote_op_kind kind = graph->ops[producer].kind;
    if (kind == MOTE_OP_AVERAGE_POOL_2D || kind == MOTE_OP_MEAN) return behind_mean;
    return kind == MOTE_OP_ADD || kind == MOTE_OP_SUB ? behind_sum : behind_relu;
}

double mote_plan_zero_share(const struct mote_graph *graph, int32_t tensor, bool *is_measured)
{
    const double share = mote_tensor_zero_share(&graph->tensors[tensor]);
    *is_measured = share >= 0;
    return *is_measured ? share : guess(graph, tensor);
}

/* What convolutions sum up of more than a few products, unclamped, spreads less, measured by the extremes that it was calibrated
 * to, than evenly. All that is known are eight tensors, five of ResNet-8 and three of streaming wake word: seven have mean sizes
 * of 10 to 16 and one of 26 on the realistic golden vectors, and of 16 to 32 on random ones. Of few products there is one
 * tensor, with 39 and 45; outputs of fully connected layers are anywhere between 4 and 121, mostly above 25. */
static const double behind_convolution = 20.0, unknown_size = 64.0;
enum { FEW_PRODUCTS = 4 };

static double guess_size(const struct mote_graph *graph, int32_t tensor)
{
    const struct mote_tensor *t = &graph->tensors[tensor];
    const int32_t producer = find_producer(graph, tensor);
    if (t->dtype != MOTE_S8 || t->quant.count != 1 || producer < 0) return unknown_size;
    const struct mote_op *op = &graph->ops[producer];
    if (op->kind != MOTE_OP_CONV_2D && op->kind != MOTE_OP_DEPTHWISE_CONV_2D) return unknown_size;
    const int64_t products = mote_op_macs(graph, op) / mote_shape_elements(&t->shape);
    return products > FEW_PRODUCTS ? hypot(behind_convolution, mote_tensor_zero_point(t)) : unknown_size;
}

double mote_plan_mean_size(const struct mote_graph *graph, int32_t tensor)
{
    const struct mote_statistics *measured = graph->tensors[tensor].statistics;
    return measured ? measured->mean_size : guess_size(graph, tensor);
}

/* Behind a ReLU 18 to 32 in visual wake words, 13 to 21 in keyword spotting, about 30 in ResNet-8, and there about 150 behind sums. */
static const double nonzero_behind_relu = 25.0, nonzero_elsewhere = 128.0;

double mote_plan_mean_nonzero(const struct mote_graph *graph, int32_t tensor)
{
    bool is_measured;
    const double share = mote_plan_zero_share(graph, tensor, &is_measured);
    const double mean = -(double)INT8_MIN - mote_plan_mean_size(graph, tensor); /* as long as hardly any are above 128 */
    if (!is_measured) return share >= behind_relu ? nonzero_behind_relu : nonzero_elsewhere;
    return share < 1 && mean > 0 ? mean / (1 - share) : 0;
}
