#include "generate.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void set_rule(struct model_case *m, enum case_rule rule)
{
    if (m->rule < rule) m->rule = rule;
    if (m->newer_rule < rule) m->newer_rule = rule;
}

int pick(struct model_case *m, int low, int high)
{
    return low + (int)mote_rng_below(&m->rng, (uint64_t)(high - low + 1));
}

bool chance(struct model_case *m, int percent)
{
    return pick(m, 0, 99) < percent;
}

enum tflw_activation pick_activation(struct model_case *m)
{
    static const char *const names[] = {"none", "relu", "relu_n1_to_1", "relu6"};
    const enum tflw_activation activation = (enum tflw_activation)pick(m, 0, 3);
    note(m, " act=%s", names[activation]);
    return activation;
}

void note(struct model_case *m, const char *format, ...)
{
    const size_t used = strlen(m->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(m->text + used, sizeof m->text - used, format, arguments);
    va_end(arguments);
}

float pick_scale(struct model_case *m, bool power_of_two)
{
    const int exponent = chance(m, 10) ? pick(m, -18, 5) : pick(m, -9, -3);
    return ldexpf(power_of_two ? 1.0f : (float)(1.0 + mote_rng_unit(&m->rng)), exponent);
}

struct quantisation pick_quantisation(struct model_case *m, enum tflw_type type)
{
    struct quantisation q = {.scale = pick_scale(m, false)};
    if (type == TFLW_INT8) q.zero_point = chance(m, 20) ? (chance(m, 50) ? -128 : 127) : pick(m, -128, 127);
    if (type == TFLW_UINT8) q.zero_point = pick(m, 0, 255);
    return q;
}

void pick_shape(struct model_case *m, int rank, int most, int32_t *shape)
{
    for (int i = 0; i < rank; i++) shape[i] = pick(m, 1, most);
}

const char *type_name(enum tflw_type type)
{
    switch (type) {
    case TFLW_FLOAT32: return "f32";
    case TFLW_INT32: return "s32";
    case TFLW_UINT8: return "u8";
    case TFLW_INT64: return "s64";
    case TFLW_INT16: return "s16";
    case TFLW_INT8: return "s8";
    default: return "?";
    }
}

size_t type_bytes(enum tflw_type type)
{
    switch (type) {
    case TFLW_UINT8:
    case TFLW_INT8: return 1;
    case TFLW_INT16: return 2;
    case TFLW_INT64: return 8;
    default: return 4;
    }
}

static void note_tensor(struct model_case *m, const char *name, enum tflw_type type, int rank, const int32_t *shape,
                        struct quantisation quant)
{
    note(m, " %s=%s[", name, type_name(type));
    for (int i = 0; i < rank; i++) note(m, "%s%d", i ? "," : "", (int)shape[i]);
    note(m, "]*%.9g%+d", (double)quant.scale, (int)quant.zero_point);
}

int add_activation(struct model_case *m, const char *name, enum tflw_type type, int rank, const int32_t *shape,
                   struct quantisation quant)
{
    note_tensor(m, name, type, rank, shape, quant);
    const struct tflw_quant q = {.scales = &quant.scale, .zero_points = &quant.zero_point, .count = 1};
    const int tensor =
        tflw_tensor(m->writer, name, type, (size_t)rank, shape, type == TFLW_FLOAT32 ? NULL : &q, NULL, 0);
    if (m->activation_count == MOST_ACTIVATIONS) abort();
    struct activation *a = &m->activations[m->activation_count++];
    *a = (struct activation){tensor, type, 1};
    for (int i = 0; i < rank; i++) a->count *= (size_t)shape[i];
    return tensor;
}

int add_random_constant(struct model_case *m, const char *name, enum tflw_type type, int rank, const int32_t *shape,
                        struct quantisation quant)
{
    note_tensor(m, name, type, rank, shape, quant);
    size_t bytes = type_bytes(type);
    for (int i = 0; i < rank; i++) bytes *= (size_t)shape[i];
    uint8_t *data = malloc(bytes + 1);
    if (!data) abort();
    mote_rng_fill(&m->rng, data, bytes);
    const struct tflw_quant q = {.scales = &quant.scale, .zero_points = &quant.zero_point, .count = 1};
    const int tensor = tflw_tensor(m->writer, name, type, (size_t)rank, shape, &q, data, bytes);
    free(data);
    return tensor;
}

int add_ints(struct model_case *m, const char *name, const int32_t *values, int count)
{
    const int32_t shape[1] = {count};
    return tflw_tensor(m->writer, name, TFLW_INT32, 1, shape, NULL, values, (size_t)count * sizeof *values);
}

void finish_model(struct model_case *m, enum tflw_operator code, const int *inputs, int input_count, const int *outputs,
                  int output_count, const struct tflw_options *options)
{
    tflw_op(m->writer, code, 0, inputs, (size_t)input_count, outputs, (size_t)output_count, options);
}

void name_io(struct model_case *m, const int *inputs, int input_count, const int *outputs, int output_count)
{
    for (int i = 0; i < input_count; i++)
        for (int k = 0; k < m->activation_count; k++)
            if (m->activations[k].tensor == inputs[i]) m->inputs[m->input_count++] = &m->activations[k];
    tflw_io(m->writer, inputs, (size_t)input_count, outputs, (size_t)output_count);
}

size_t vector_bytes(const struct model_case *m)
{
    size_t bytes = 0;
    for (int i = 0; i < m->input_count; i++) bytes += m->inputs[i]->count * type_bytes(m->inputs[i]->type);
    return bytes;
}

/* One value near or on the middle between two quantised ones, over more than their range. */
static float pick_float(struct model_case *m, int vector)
{
    const float steps = vector == 0 ? -80000.0f : vector == 1 ? 80000.0f : (float)pick(m, -300, 300) / 2.0f;
    return m->float_step * (chance(m, 50) ? steps : steps + (float)mote_rng_unit(&m->rng));
}

static void make_values(struct model_case *m, const struct activation *a, int vector, uint8_t *bytes)
{
    const size_t size = a->count * type_bytes(a->type);
    if (a->type == TFLW_FLOAT32) {
        for (size_t i = 0; i < a->count; i++) {
            const float value = pick_float(m, vector);
            memcpy(bytes + 4 * i, &value, sizeof value);
        }
        return;
    }
    mote_rng_fill(&m->rng, bytes, size);
    if (vector > 1) return;
    /* The high byte decides: 0x80 00.. is the smallest signed value, 0x7f ff.. the largest. */
    memset(bytes, vector == 0 ? 0x00 : 0xff, size);
    if (a->type == TFLW_UINT8) return;
    const size_t width = type_bytes(a->type);
    for (size_t i = width - 1; i < size; i += width) bytes[i] = vector == 0 ? 0x80 : 0x7f;
}

void make_vector(struct model_case *m, int index, uint8_t *bytes)
{
    for (int i = 0; i < m->input_count; i++) {
        make_values(m, m->inputs[i], index, bytes);
        bytes += m->inputs[i]->count * type_bytes(m->inputs[i]->type);
    }
}

void generate_case(struct model_case *m, bool graph, uint64_t seed, uint32_t index)
{
    static void (*const families[])(struct model_case *) = {
        generate_weighted, generate_binary,   generate_activation, generate_weighted,
        generate_movement, generate_reduction, generate_conversion,
    };
    *m = (struct model_case){.writer = tflw_new()};
    mote_rng_seed(&m->rng, seed * 0x9e3779b97f4a7c15u + index + (graph ? (uint64_t)1 << 40 : 0));
    if (graph) generate_graph(m);
    else families[index % (sizeof families / sizeof families[0])](m);
}
