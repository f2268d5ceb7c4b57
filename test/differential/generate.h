/* generate.h: random small models, of one operator each or of some, for comparison with other implementations. */
#ifndef GENERATE_H
#define GENERATE_H

#include "base/rng.h"
#include "tflite_writer.h"

#include <stdbool.h>

/* How results may differ from LiteRT's, and why. TensorFlow Lite Micro is to be met exactly, always. */
enum case_rule {
    RULE_EXACT,     /* not at all */
    RULE_ONE_STEP,  /* by one quantisation step: it forms a multiplier in another precision (said where it is chosen) */
    RULE_NOT_JUDGED /* by steps that later operators enlarge */
};

/* What is needed to make up data for an activation. */
struct activation {
    int tensor;
    enum tflw_type type;
    size_t count;
};

#define MOST_ACTIVATIONS 64

/* From this input scale on, TensorFlow Lite Micro's int8 LOGISTIC and TANH have no inputs left between their bounds and give
 * the lower one even for the real value 0; LiteRT goes by a table of the real function. */
#define FIXED_POINT_SIGMOID_SCALE 8.0f

/* One model under construction. `text` describes it for whoever has to understand a difference. */
struct model_case {
    struct tflw *writer;
    struct mote_rng rng;
    struct activation activations[MOST_ACTIVATIONS];
    int activation_count;
    const struct activation *inputs[MOST_ACTIVATIONS]; /* of the model */
    int input_count;
    float float_step; /* float inputs are made of multiples of half of it */
    enum case_rule rule, newer_rule; /* against LiteRT before and from release 1.4 */
    bool may_be_refused; /* the choice of parameters can leave what mote and its references accept */
    char text[4000];
};

/* ---- Choices (generate.c) ---- */
/* Loosens the comparison with LiteRT of any release to the rule; never tightens it. */
void set_rule(struct model_case *m, enum case_rule rule);
int pick(struct model_case *m, int low, int high); /* low..high */
bool chance(struct model_case *m, int percent);
enum tflw_activation pick_activation(struct model_case *m);
void note(struct model_case *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- Tensors ---- */
struct quantisation {
    float scale;
    int64_t zero_point;
};

/* A scale of about 2^-9 to 2^-3, now and then an extreme one; a power of two if asked for. */
float pick_scale(struct model_case *m, bool power_of_two);
/* Any zero point of int8; 0 for int16. */
struct quantisation pick_quantisation(struct model_case *m, enum tflw_type type);

/* shape[0..rank) of 1..most. */
void pick_shape(struct model_case *m, int rank, int most, int32_t *shape);

/* At most MOST_ACTIVATIONS. */
int add_activation(struct model_case *m, const char *name, enum tflw_type type, int rank, const int32_t *shape,
                   struct quantisation quant);
/* A constant of random values over the type's whole range. */
int add_random_constant(struct model_case *m, const char *name, enum tflw_type type, int rank, const int32_t *shape,
                        struct quantisation quant);
int add_ints(struct model_case *m, const char *name, const int32_t *values, int count);

void finish_model(struct model_case *m, enum tflw_operator code, const int *inputs, int input_count, const int *outputs,
                  int output_count, const struct tflw_options *options);

/* Names the model's inputs and outputs. */
void name_io(struct model_case *m, const int *inputs, int input_count, const int *outputs, int output_count);

const char *type_name(enum tflw_type type);
size_t type_bytes(enum tflw_type type);

/* Bytes of one vector: all inputs of the model, one after the other. */
size_t vector_bytes(const struct model_case *m);
/* Vector 0 has the smallest values, 1 the largest, all others are random. */
void make_vector(struct model_case *m, int index, uint8_t *bytes);

/* ---- Families: each call makes one model ---- */
void generate_weighted(struct model_case *m);   /* convolutions, fully connected */
void generate_reduction(struct model_case *m);  /* pools, mean */
void generate_binary(struct model_case *m);
void generate_activation(struct model_case *m); /* activations, softmax */
void generate_conversion(struct model_case *m); /* quantize, dequantize */
void generate_movement(struct model_case *m);   /* reshape, pad, concatenation, slices, split */

void generate_graph(struct model_case *m);      /* all of them, 3 to 20 operators */

/* Makes model `index` of the sequence that `seed` names: of one operator, or a graph. */
void generate_case(struct model_case *m, bool graph, uint64_t seed, uint32_t index);

#endif
