/* graph.h: a neural network as tensors and operators in execution order.
 * A graph lives in one arena together with all it points to; passes rewrite it in place or build a new one. */
#ifndef MOTE_IR_GRAPH_H
#define MOTE_IR_GRAPH_H

#include "../base/arena.h"
#include "../base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOTE_MAX_RANK 6

enum mote_dtype { MOTE_S8, MOTE_U8, MOTE_S16, MOTE_S32, MOTE_S64, MOTE_F32, MOTE_BOOL, MOTE_DTYPE_COUNT };

enum mote_activation { MOTE_ACT_NONE, MOTE_ACT_RELU, MOTE_ACT_RELU_N1_TO_1, MOTE_ACT_RELU6, MOTE_ACT_COUNT };

enum mote_op_kind {
#define MOTE_OP(KIND, ...) MOTE_OP_##KIND,
#include "ops.def"
#undef MOTE_OP
    MOTE_OP_COUNT
};

struct mote_shape {
    int32_t rank; /* 0..MOTE_MAX_RANK */
    int32_t dims[MOTE_MAX_RANK];
};

/* real = scale * (q - zero_point). count is 0 (not quantised), 1 (per tensor) or dims[axis] (per channel). */
struct mote_quant {
    uint32_t count;
    int32_t axis;
    const float *scales;
    const int64_t *zero_points;
};

/* What sample inputs showed of a tensor's values, over all samples and elements. Hints for the choice of kernels: nothing
 * that is computed may depend on them. */
struct mote_statistics {
    uint64_t element_count;
    double zero_share; /* of the elements: the type's lowest value, which kernels that skip zeros (x' = 0) skip; 0 to 1 */
    double mean_size;  /* of the elements as they are stored, |q| */
};

struct mote_tensor {
    const char *name; /* as in the source file, for people; need not be unique */
    enum mote_dtype dtype;
    struct mote_shape shape;
    struct mote_quant quant;
    const uint8_t *data; /* constant: little-endian elements, aligned for the type; NULL for activations */
    /* For tensors that a pass took channels from: per index of the last axis, the index it had in the source file's tensor
     * of the same number, ascending. NULL: all are there. */
    const int32_t *kept_channels;
    const struct mote_statistics *statistics; /* NULL: unknown */
};

/* The attribute structs, from attrs.def; `none` is for operators without attributes. */
#define MOTE_ATTRS_BEGIN(s) struct mote_attrs_##s {
#define I(s, field) int32_t field;
#define F(s, field) float field;
#define E(s, field, e) enum mote_##e field;
#define V(s, field, length) int32_t field[length];
#define MOTE_ATTRS_END(s) };
struct mote_attrs_none {
    int32_t unused;
};
#include "attrs.def"
#undef MOTE_ATTRS_BEGIN
#undef MOTE_ATTRS_END
#undef I
#undef F
#undef E
#undef V

#define MOTE_NO_TENSOR (-1)

struct mote_op {
    enum mote_op_kind kind;
    int32_t source_index;    /* operator index in the source file, for messages; -1 if made by a pass */
    const char *source_type; /* operator name in the source file ("SQUEEZE"), for messages */
    int32_t input_count, output_count;
    int32_t *inputs, *outputs; /* tensor indices; an absent optional input is MOTE_NO_TENSOR */
    union {
        struct mote_attrs_conv conv;
        struct mote_attrs_fully_connected fully_connected;
        struct mote_attrs_pool pool;
        struct mote_attrs_binary binary;
        struct mote_attrs_softmax softmax;
        struct mote_attrs_pad pad;
        struct mote_attrs_reduce reduce;
        struct mote_attrs_leaky_relu leaky_relu;
        struct mote_attrs_concatenation concatenation;
        struct mote_attrs_strided_slice strided_slice;
        struct mote_attrs_split split;
        struct mote_attrs_none none;
    } attrs;
};

struct mote_graph {
    struct mote_arena *arena; /* owns everything below */
    const char *name;
    struct mote_tensor *tensors;
    int32_t tensor_count, tensor_capacity;
    struct mote_op *ops; /* in an order that respects data flow */
    int32_t op_count, op_capacity;
    int32_t *inputs, *outputs; /* tensor indices */
    int32_t input_count, output_count;
};

/* ---- Construction. NULL or a negative index means that the arena is out of memory. ---- */
struct mote_graph *mote_graph_new(struct mote_arena *arena, const char *name);
/* A graph of its own in the same arena: tensor indices, names and constant data are the source's. */
struct mote_graph *mote_graph_clone(const struct mote_graph *source);
int32_t mote_graph_add_tensor(struct mote_graph *graph, struct mote_tensor tensor);
/* Copies the index lists into the graph's arena. Returns the new op, valid until the next one is added. */
struct mote_op *mote_graph_add_op(struct mote_graph *graph, enum mote_op_kind kind, const int32_t *inputs,
                                  int32_t input_count, const int32_t *outputs, int32_t output_count);

/* ---- Queries ---- */
const char *mote_op_name(enum mote_op_kind kind);     /* "CONV_2D" */
const char *mote_dtype_name(enum mote_dtype dtype);   /* "s8" */
size_t mote_dtype_bytes(enum mote_dtype dtype);
const char *mote_activation_name(enum mote_activation activation); /* "none", "relu", "relu_n1_to_1", "relu6" */
/* Product of the dims; graphs that passed the verifier have counts below 2^31. */
int64_t mote_shape_elements(const struct mote_shape *shape);
bool mote_shape_equal(const struct mote_shape *a, const struct mote_shape *b);
size_t mote_tensor_bytes(const struct mote_tensor *tensor);
/* Index of the op that writes the tensor, or -1 (graph input or constant). */
int32_t mote_graph_producer(const struct mote_graph *graph, int32_t tensor);
/* How many op inputs read the tensor, graph outputs counted too. */
int32_t mote_graph_use_count(const struct mote_graph *graph, int32_t tensor);
bool mote_graph_is_output(const struct mote_graph *graph, int32_t tensor);
bool mote_graph_is_input(const struct mote_graph *graph, int32_t tensor);
/* Where an op stands, for messages; tensor may be MOTE_NO_TENSOR. */
struct mote_where mote_where_op(const struct mote_graph *graph, const struct mote_op *op, int32_t tensor);
/* Multiply-accumulates of one op: out elements x filter taps per element for the weighted ops, else 0. */
int64_t mote_op_macs(const struct mote_graph *graph, const struct mote_op *op);

/* Output scale and zero point of a per-tensor quantised tensor (count == 1). */
float mote_tensor_scale(const struct mote_tensor *tensor);
int32_t mote_tensor_zero_point(const struct mote_tensor *tensor);
/* statistics->zero_share; negative: unknown. */
double mote_tensor_zero_share(const struct mote_tensor *tensor);

/* ---- Verification (verify.c, shape_*.c) ----
 * Every index in range, producers before consumers, single assignment, counts as in ops.def, attributes sane, types and
 * quantisation as the operators need them, every output shape equal to what the operator's shape rule computes. Reports
 * everything that is wrong; MOTE_ERR_INPUT if anything is. */
MOTE_MUST_CHECK enum mote_status mote_graph_verify(const struct mote_graph *graph, struct mote_diag *diag);

/* One shape rule per operator: the shapes its outputs must have. On an error the text is in diag. */
#define MOTE_OP(KIND, name, ...)                                                                                       \
    MOTE_MUST_CHECK enum mote_status mote_shape_##name(const struct mote_graph *graph, const struct mote_op *op,       \
                                                       int32_t output, struct mote_shape *shape,                       \
                                                       struct mote_diag *diag);
#include "ops.def"
#undef MOTE_OP

#endif
