/* tflite_import.h: the state of one import, shared by tflite.c (model and tensors) and tflite_options.c (operators). */
#ifndef MOTE_IMPORT_TFLITE_IMPORT_H
#define MOTE_IMPORT_TFLITE_IMPORT_H

#include "../ir/graph.h"
#include "flatbuffer.h"

/* A tensor of the file, decoded. One with a problem is reported when an operator uses it. */
struct mote_tflite_tensor {
    struct mote_tensor tensor;
    int32_t graph_index; /* MOTE_NO_TENSOR until it is used */
    const char *problem;
    enum mote_status problem_status;
    bool reported;
};

struct mote_tflite {
    struct mote_flatbuffer file;
    struct mote_flatbuffer_vector buffers, op_codes;
    struct mote_tflite_tensor *tensors;
    int32_t tensor_count;
    struct mote_arena *arena;
    struct mote_graph *graph;
    struct mote_diag *diag;
    enum mote_status status; /* of the gravest problem so far */
    long problem_count;
    bool unknown_operator;
};

/* An operator of the file. */
struct mote_tflite_op {
    int32_t index;
    uint32_t code;
    const char *type; /* "CONV_2D", or the name of a custom operator */
    uint8_t options_type;
    struct mote_flatbuffer_table options;
    struct mote_flatbuffer_vector inputs, outputs;
};

/* How an operator of the file becomes one of the graph. */
struct mote_tflite_rule {
    uint8_t code;             /* enum BuiltinOperator */
    enum mote_op_kind kind;
    uint8_t options_type;     /* in the union BuiltinOptions */
    uint8_t least_inputs, most_inputs; /* in the file; 255: any number */
    const char *data_inputs;  /* which of them the graph's operator reads, by digit, in its order; NULL: all */
    /* Fills op->attrs; op is not yet part of the graph, its inputs and outputs are. NULL: nothing to do. */
    enum mote_status (*fill)(struct mote_tflite *import, const struct mote_tflite_op *source, struct mote_op *op);
};

/* The rule for an operator code, or NULL; and all rules. */
const struct mote_tflite_rule *mote_tflite_rule_find(uint32_t code);
const struct mote_tflite_rule *mote_tflite_rules(size_t *count);
const char *mote_tflite_operator_name(uint32_t code); /* NULL if the code is unknown */

/* Records that the operator (or its tensor, an index in the file or MOTE_NO_TENSOR) cannot be taken; returns status. */
enum mote_status mote_tflite_problem(struct mote_tflite *import, const struct mote_tflite_op *op, int32_t tensor,
                                     enum mote_status status, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Records, once, that memory is out. */
enum mote_status mote_tflite_memory(struct mote_tflite *import);

/* Index in the file of the operator's input n; MOTE_NO_TENSOR if it has none. */
int32_t mote_tflite_input(struct mote_tflite *import, const struct mote_tflite_op *op, uint32_t n);

#endif
