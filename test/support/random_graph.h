/* random_graph.h: random quantised networks for tests of passes and analyses: every operator that lowering takes, sparse
 * weights, constant and dead channels, padded borders, branches. */
#ifndef TEST_SUPPORT_RANDOM_GRAPH_H
#define TEST_SUPPORT_RANDOM_GRAPH_H

#include "../../src/base/rng.h"
#include "../../src/ir/graph.h"

/* A graph that verifies and has a plan on the host; int8, or int16 activations where wide. NULL when the arena is
 * full. */
struct mote_graph *random_graph(struct mote_arena *arena, struct mote_rng *rng, int32_t op_limit, bool wide);

/* The same for an image of up to 20 x 24 pixels: convolutions, pools, elementwise operators and residual sums one after the
 * other, then a mean. */
struct mote_graph *random_image_graph(struct mote_arena *arena, struct mote_rng *rng, int32_t op_limit, bool wide);

/* Inputs of one inference: kind 0 all least, 1 all greatest, 2 least and greatest at random, 3 near the zero point, else
 * uniform. */
void random_graph_input(const struct mote_graph *graph, struct mote_rng *rng, int kind, uint8_t *input);

/* ---- Pieces, for graphs made by hand ---- */
/* An activation tensor of one scale; its shape is filled in by random_graph_finish_op. */
int32_t test_graph_activation(struct mote_graph *graph, enum mote_dtype dtype, float scale, int64_t zero_point);
/* A constant whose elements are given as int64; scales of 1 in a row if count > 1, along axis. */
int32_t test_graph_constant(struct mote_graph *graph, enum mote_dtype dtype, struct mote_shape shape, const int64_t *values,
                            float scale);
/* Shapes the outputs of the last op; false if the op makes no sense. */
bool test_graph_shape_last_op(struct mote_graph *graph);

#endif
