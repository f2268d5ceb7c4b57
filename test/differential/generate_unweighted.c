#include "generate.h"

#include <math.h>
#include <string.h>

/* ---- Binary operators ---- */

/* Gives the operands shapes that broadcast to `out`: each axis of one of them may be 1, leading axes may be missing. */
static int narrow(struct model_case *m, const int32_t *out, int rank, int32_t *shape)
{
    const int dropped = chance(m, 30) ? pick(m, 0, rank - 1) : 0;
    for (int i = dropped; i < rank; i++) shape[i - dropped] = chance(m, 35) ? 1 : out[i];
    return rank - dropped;
}

static void broadcast(int32_t *out, const int32_t *a, int a_rank, const int32_t *b, int b_rank)
{
    const int rank = a_rank > b_rank ? a_rank : b_rank;
    for (int i = 0; i < rank; i++) {
        const int32_t x = i < rank - a_rank ? 1 : a[i - (rank - a_rank)];
        const int32_t y = i < rank - b_rank ? 1 : b[i - (rank - b_rank)];
        out[i] = x > y ? x : y;
    }
}

/* Ratios of scales are formed by TensorFlow Lite Micro in single precision (SUB) and in double precision (MUL), and by
 * LiteRT the other way round: equal only where the scales are powers of two. */
static void choose_rule(struct model_case *m, enum tflw_operator code, bool powers_of_two)
{
    if ((code == TFLW_SUB || code == TFLW_MUL) && !powers_of_two) set_rule(m, RULE_ONE_STEP);
}

void generate_binary(struct model_case *m)
{
    static const struct {
        enum tflw_operator code;
        const char *name;
    } ops[] = {{TFLW_ADD, "ADD"}, {TFLW_SUB, "SUB"}, {TFLW_MUL, "MUL"}, {TFLW_MAXIMUM, "MAXIMUM"}, {TFLW_MINIMUM, "MINIMUM"}};
    const int op = pick(m, 0, 4);
    const enum tflw_type type = chance(m, 35) ? TFLW_INT16 : TFLW_INT8;
    const bool compares = ops[op].code == TFLW_MAXIMUM || ops[op].code == TFLW_MINIMUM;
    note(m, "%s", ops[op].name);
    const int rank = pick(m, 1, 4);
    int32_t wide[4], a_shape[4], b_shape[4], out_shape[4];
    pick_shape(m, rank, 6, wide);
    int a_rank = rank, b_rank = rank;
    memcpy(a_shape, wide, sizeof wide);
    memcpy(b_shape, wide, sizeof wide);
    if (chance(m, 60)) a_rank = narrow(m, wide, rank, a_shape);
    if (chance(m, 60)) b_rank = narrow(m, wide, rank, b_shape);
    broadcast(out_shape, a_shape, a_rank, b_shape, b_rank);

    const bool powers_of_two = chance(m, 40);
    struct quantisation a = pick_quantisation(m, type), b = pick_quantisation(m, type), out = pick_quantisation(m, type);
    if (powers_of_two) {
        a.scale = pick_scale(m, true);
        b.scale = pick_scale(m, true);
        out.scale = pick_scale(m, true);
    }
    if (compares) a = b = out; /* the operator compares stored values */
    if (ops[op].code == TFLW_MUL && chance(m, 70))
        out.scale = a.scale * b.scale * (float)(powers_of_two ? 1 << pick(m, 4, 8) : pick(m, 10, 300)); /* products fit */
    choose_rule(m, ops[op].code, powers_of_two);
    m->may_be_refused = true; /* scales 2^19 (2^14 for int16) apart */
    int inputs[2];
    const int constant = chance(m, 25) ? pick(m, 0, 1) : 2;
    inputs[0] = (constant == 0 ? add_random_constant : add_activation)(m, "a", type, a_rank, a_shape, a);
    inputs[1] = (constant == 1 ? add_random_constant : add_activation)(m, "b", type, b_rank, b_shape, b);
    const int result =
        add_activation(m, "out", type, a_rank > b_rank ? a_rank : b_rank, out_shape, out);
    struct tflw_options options = {0};
    if (!compares) options.activation = pick_activation(m);
    finish_model(m, ops[op].code, inputs, 2, &result, 1, &options);
    int data_inputs[2], count = 0;
    for (int i = 0; i < 2; i++)
        if (i != constant) data_inputs[count++] = inputs[i];
    name_io(m, data_inputs, count, &result, 1);
}

/* ---- Activations ---- */

static void unary(struct model_case *m, enum tflw_operator code, const struct tflw_options *options, enum tflw_type in_type,
                  struct quantisation in, enum tflw_type out_type, struct quantisation out)
{
    int32_t shape[4];
    const int rank = pick(m, 1, 4);
    pick_shape(m, rank, 7, shape);
    const int input = add_activation(m, "in", in_type, rank, shape, in);
    const int output = add_activation(m, "out", out_type, rank, shape, out);
    finish_model(m, code, &input, 1, &output, 1, options);
    name_io(m, &input, 1, &output, 1);
}

static void generate_softmax(struct model_case *m)
{
    const enum tflw_type in_type = chance(m, 35) ? TFLW_INT16 : TFLW_INT8;
    const enum tflw_type out_type = in_type == TFLW_INT16 || chance(m, 30) ? TFLW_INT16 : TFLW_INT8;
    struct quantisation in = pick_quantisation(m, in_type), out = {1.0f / 256.0f, -128};
    if (in_type == TFLW_INT16) {
        in.scale = ldexpf(in.scale, -8);
        /* LiteRT makes its tables in double precision: two entries of 1/(1+x) differ. */
        set_rule(m, RULE_ONE_STEP);
    }
    if (out_type == TFLW_INT16) out = (struct quantisation){1.0f / 65536.0f, -32768};
    if (in_type == TFLW_INT16) out = (struct quantisation){1.0f / 32768.0f, 0};
    const struct tflw_options options = {.beta = chance(m, 70) ? 1.0f : (float)pick(m, 1, 40) / 16.0f};
    note(m, "SOFTMAX beta=%g", (double)options.beta);
    m->may_be_refused = true; /* scale * beta beyond its bounds */
    unary(m, TFLW_SOFTMAX, &options, in_type, in, out_type, out);
}

/* Results have a fixed scale and zero point. */
static void generate_sigmoid(struct model_case *m, bool tanh)
{
    const enum tflw_type type = chance(m, 40) ? TFLW_INT16 : TFLW_INT8;
    struct quantisation in = pick_quantisation(m, type);
    struct quantisation out = tanh ? (struct quantisation){1.0f / 128.0f, 0} : (struct quantisation){1.0f / 256.0f, -128};
    if (type == TFLW_INT16) {
        out = (struct quantisation){1.0f / 32768.0f, 0};
        in.scale = chance(m, 30) ? ldexpf(1.0f, -pick(m, 9, 14)) : ldexpf(in.scale, -6);
    }
    note(m, "%s", tanh ? "TANH" : "LOGISTIC");
    if (type == TFLW_INT8 && in.scale >= FIXED_POINT_SIGMOID_SCALE) set_rule(m, RULE_NOT_JUDGED);
    m->may_be_refused = true; /* int16 input scales from 2.66 on */
    unary(m, tanh ? TFLW_TANH : TFLW_LOGISTIC, NULL, type, in, type, out);
}

void generate_activation(struct model_case *m)
{
    const enum tflw_type type = chance(m, 30) ? TFLW_INT16 : TFLW_INT8;
    struct quantisation in = pick_quantisation(m, type), out = pick_quantisation(m, type);
    struct tflw_options options = {0};
    if (chance(m, 60)) out.scale = in.scale * (float)(0.25 + 2.0 * mote_rng_unit(&m->rng));
    m->may_be_refused = true; /* scales too far apart */
    switch (pick(m, 0, 7)) {
    case 0:
    case 1: generate_softmax(m); return;
    case 2: generate_sigmoid(m, false); return;
    case 3: generate_sigmoid(m, true); return;
    case 4:
        note(m, "RELU");
        /* LiteRT divides the scales in single precision. */
        if (chance(m, 60)) set_rule(m, RULE_ONE_STEP);
        else in.scale = pick_scale(m, true), out.scale = ldexpf(in.scale, pick(m, -2, 3));
        unary(m, TFLW_RELU, NULL, type, in, type, out);
        return;
    case 5:
        note(m, "RELU6");
        /* LiteRT rescales, TensorFlow Lite Micro does not. */
        if (chance(m, 30)) set_rule(m, RULE_NOT_JUDGED);
        else out = in;
        unary(m, TFLW_RELU6, NULL, type, in, type, out);
        return;
    case 6:
        options.alpha = (float)pick(m, -20, 40) / 32.0f;
        note(m, "LEAKY_RELU alpha=%g", (double)options.alpha);
        unary(m, TFLW_LEAKY_RELU, &options, type, in, type, out);
        return;
    default:
        note(m, "HARD_SWISH");
        in = pick_quantisation(m, TFLW_INT8);
        out = pick_quantisation(m, TFLW_INT8);
        unary(m, TFLW_HARD_SWISH, NULL, TFLW_INT8, in, TFLW_INT8, out);
        return;
    }
}

/* ---- Changes of type ---- */

void generate_conversion(struct model_case *m)
{
    static const enum tflw_type pairs[][2] = {
        {TFLW_FLOAT32, TFLW_INT8}, {TFLW_FLOAT32, TFLW_INT16}, {TFLW_INT8, TFLW_FLOAT32}, {TFLW_INT16, TFLW_FLOAT32},
        {TFLW_INT8, TFLW_INT8},    {TFLW_INT8, TFLW_INT16},    {TFLW_INT8, TFLW_INT32},   {TFLW_INT16, TFLW_INT8},
        {TFLW_INT16, TFLW_INT16},  {TFLW_INT16, TFLW_INT32},   {TFLW_INT32, TFLW_INT8},   {TFLW_INT32, TFLW_INT16},
        {TFLW_UINT8, TFLW_INT8},   {TFLW_INT8, TFLW_UINT8},
    };
    const enum tflw_type *types = pairs[pick(m, 0, (int)(sizeof pairs / sizeof pairs[0]) - 1)];
    struct quantisation in = pick_quantisation(m, types[0]), out = pick_quantisation(m, types[1]);
    if (types[0] == TFLW_INT32) in.scale = ldexpf(out.scale, -pick(m, 8, 26));
    if (types[1] == TFLW_INT32) out.scale = ldexpf(in.scale, -pick(m, 2, 12));
    m->may_be_refused = true;
    m->float_step = out.scale;
    if (types[1] == TFLW_FLOAT32) {
        note(m, "DEQUANTIZE");
        unary(m, TFLW_DEQUANTIZE, NULL, types[0], in, types[1], out);
    } else {
        note(m, "QUANTIZE");
        unary(m, TFLW_QUANTIZE, NULL, types[0], in, types[1], out);
    }
}
