/* ADD, SUB, MUL, MAXIMUM and MINIMUM; doc/SPEC.md, "Binary operators". */
#include "lower_util.h"
#include "pack_sum.h"

#include <stdio.h>
#include <string.h>

/* ---- Geometry: output and operands as NHWC, a broadcast axis has extent 1 ---- */

struct geometry {
    int64_t out[MOTE_MAX_RANK], a[MOTE_MAX_RANK], b[MOTE_MAX_RANK];
    int axes;
};

static void align_right(const struct mote_shape *shape, int axes, int64_t *dims)
{
    for (int i = 0; i < axes; i++) dims[i] = i < axes - shape->rank ? 1 : shape->dims[i - (axes - shape->rank)];
}

/* Both axes i and i + 1 of an operand are the output's, or both are broadcast: it treats them as one axis. */
static bool mergeable(const int64_t *operand, const int64_t *out, int i)
{
    if (operand[i] == out[i] && operand[i + 1] == out[i + 1]) return true;
    return operand[i] == 1 && operand[i + 1] == 1;
}

static void merge(int64_t *dims, int axes, int i)
{
    dims[i] *= dims[i + 1];
    memmove(&dims[i + 1], &dims[i + 2], (size_t)(axes - i - 2) * sizeof *dims);
}

/* At most four axes, the outer ones merged first; false if broadcasting keeps more apart. */
static bool reduce_to_nhwc(struct geometry *g)
{
    while (g->axes > 4) {
        int i = 0;
        while (i < g->axes - 1 && !(mergeable(g->a, g->out, i) && mergeable(g->b, g->out, i))) i++;
        if (i == g->axes - 1) return false;
        merge(g->out, g->axes, i);
        merge(g->a, g->axes, i);
        merge(g->b, g->axes, i);
        g->axes--;
    }
    return true;
}

static bool fits_u16(const int64_t *nhwc)
{
    for (int i = 0; i < 4; i++)
        if (nhwc[i] < 1 || nhwc[i] > UINT16_MAX) return false;
    return nhwc[0] * nhwc[1] <= UINT16_MAX && nhwc[2] * nhwc[3] <= UINT16_MAX;
}

/* Operands that are as large as the output or one element need no axes: any split into rows does. */
static bool make_flat(const struct mote_shape *out, const struct mote_shape *a, const struct mote_shape *b,
                      struct geometry *g)
{
    const int64_t all = mote_shape_elements(out), of_a = mote_shape_elements(a), of_b = mote_shape_elements(b);
    uint16_t rows, row_elements;
    if ((of_a != all && of_a != 1) || (of_b != all && of_b != 1)) return false;
    if (!mote_lower_rows(out, &rows, &row_elements)) return false;
    const int64_t dims[4] = {1, rows, 1, row_elements}, one[4] = {1, 1, 1, 1};
    g->axes = 4;
    memcpy(g->out, dims, sizeof dims);
    memcpy(g->a, of_a == all ? dims : one, sizeof dims);
    memcpy(g->b, of_b == all ? dims : one, sizeof dims);
    return true;
}

static bool make_geometry(const struct mote_shape *out, const struct mote_shape *a, const struct mote_shape *b,
                          struct geometry *g)
{
    if (make_flat(out, a, b, g)) return true;
    g->axes = out->rank < 4 ? 4 : out->rank;
    align_right(out, g->axes, g->out);
    align_right(a, g->axes, g->a);
    align_right(b, g->axes, g->b);
    return reduce_to_nhwc(g) && fits_u16(g->out) && fits_u16(g->a) && fits_u16(g->b);
}

struct operand_steps {
    uint16_t row_step_n, row_step_h, step_w, step_c, row_elements, ring;
    bool broadcast;
};

static struct operand_steps make_steps(const int64_t *dims, const int64_t *out)
{
    struct operand_steps s = {
        .row_step_n = dims[0] == 1 ? 0 : (uint16_t)dims[1],
        .row_step_h = dims[1] == 1 ? 0 : 1,
        .step_w = dims[2] == 1 ? 0 : (uint16_t)dims[3],
        .step_c = dims[3] == 1 ? 0 : 1,
        .row_elements = (uint16_t)(dims[2] * dims[3]),
        .ring = (uint16_t)(dims[0] * dims[1]),
    };
    for (int i = 0; i < 4; i++) s.broadcast = s.broadcast || dims[i] != out[i];
    return s;
}

static void set_operand(struct mote_operand *operand, const struct operand_steps *s, const int64_t *out,
                        size_t element_bytes)
{
    const uint32_t row_bytes = (uint32_t)(s->row_elements * element_bytes);
    if (s->broadcast) mote_lower_map_everything(operand, (uint32_t)out[1], s->ring, row_bytes);
    else mote_lower_map_same_rows(operand, (uint32_t)out[1], row_bytes);
}

static void set_geometry(struct mote_step *step, const struct geometry *g, size_t element_bytes)
{
    struct mk_binary *p = step->params;
    const struct operand_steps a = make_steps(g->a, g->out), b = make_steps(g->b, g->out);
    p->batches = (uint16_t)g->out[0];
    p->height = (uint16_t)g->out[1];
    p->width = (uint16_t)g->out[2];
    p->channels = (uint16_t)g->out[3];
    p->a_row_step_n = a.row_step_n;
    p->a_row_step_h = a.row_step_h;
    p->a_step_w = a.step_w;
    p->a_step_c = a.step_c;
    p->a_row_elements = a.row_elements;
    p->a_ring = a.ring;
    p->b_row_step_n = b.row_step_n;
    p->b_row_step_h = b.row_step_h;
    p->b_step_w = b.step_w;
    p->b_step_c = b.step_c;
    p->b_row_elements = b.row_elements;
    p->b_ring = b.ring;
    p->out_ring = (uint16_t)(g->out[0] * g->out[1]);
    set_operand(&step->inputs[0], &a, g->out, element_bytes);
    set_operand(&step->inputs[1], &b, g->out, element_bytes);
    step->output.row_bytes = (uint32_t)((size_t)(g->out[2] * g->out[3]) * element_bytes);
}

/* ---- Arithmetic ---- */

struct scales {
    float a, b, out;
};

/* What the reference accepts as a multiplier below one: its shift must not be to the left. */
static bool small_multiplier(double real, int32_t *multiplier, int8_t *shift)
{
    int wide_shift;
    mote_quantize_multiplier(real, multiplier, &wide_shift);
    *shift = (int8_t)wide_shift;
    return real > 0.0 && real < 1.0 && wide_shift <= 0;
}

/* The inputs are brought to twice the larger of their scales with `left_shift` more bits, added, and scaled once more.
 * ADD divides in double precision and SUB in single: so does the reference. */
static bool set_additive_scales(struct mk_binary *p, enum mote_op_kind kind, const struct scales *s)
{
    const float larger = s->a > s->b ? s->a : s->b;
    const float steps = (float)((int32_t)1 << p->left_shift);
    double a, b, out;
    if (kind == MOTE_OP_ADD) {
        const double twice = 2 * (double)larger;
        a = (double)s->a / twice;
        b = (double)s->b / twice;
        out = twice / ((double)steps * (double)s->out);
    } else {
        const float twice = 2 * larger;
        a = (double)(s->a / twice);
        b = (double)(s->b / twice);
        out = (double)(twice / (steps * s->out));
    }
    return small_multiplier(a, &p->a_multiplier, &p->a_shift) && small_multiplier(b, &p->b_multiplier, &p->b_shift) &&
           small_multiplier(out, &p->out_multiplier, &p->out_shift);
}

static bool set_product_scale(struct mk_binary *p, const struct scales *s)
{
    int shift;
    mote_quantize_multiplier((double)s->a * (double)s->b / (double)s->out, &p->out_multiplier, &shift);
    p->out_shift = (int8_t)shift;
    return shift <= 30;
}

static enum mote_status check_operand(struct mote_lower *lower, const struct mote_op *op, int32_t tensor,
                                      enum mote_dtype dtype)
{
    const struct mote_tensor *t = &lower->graph->tensors[tensor];
    if (t->dtype != dtype || (dtype != MOTE_S8 && dtype != MOTE_S16))
        return mote_lower_unsupported_because(lower, op, tensor,
                                              "type %s; inputs and output must all be int8 or all be int16",
                                              mote_dtype_name(t->dtype));
    if (op->kind == MOTE_OP_MAXIMUM || op->kind == MOTE_OP_MINIMUM) return MOTE_OK;
    enum mote_status status = mote_lower_check_per_tensor(lower, op, tensor);
    if (status != MOTE_OK) return status;
    const int32_t zero_point = mote_tensor_zero_point(t);
    if (dtype == MOTE_S16 && (op->kind == MOTE_OP_MUL ? zero_point != 0 : zero_point == INT16_MIN))
        return mote_lower_unsupported_because(lower, op, tensor, "zero point %d; int16 wants 0", (int)zero_point);
    return MOTE_OK;
}

static enum mote_status set_arithmetic(struct mote_lower *lower, const struct mote_op *op, struct mk_binary *p)
{
    const struct mote_tensor *tensors = lower->graph->tensors;
    const struct mote_tensor *a = &tensors[op->inputs[0]], *b = &tensors[op->inputs[1]], *out = &tensors[op->outputs[0]];
    const struct scales scales = {mote_tensor_scale(a), mote_tensor_scale(b), mote_tensor_scale(out)};
    int32_t act_min, act_max;
    mote_activation_range(op->attrs.binary.activation, out, &act_min, &act_max);
    p->a_offset = (int16_t)-mote_tensor_zero_point(a);
    p->b_offset = (int16_t)-mote_tensor_zero_point(b);
    p->out_zero_point = (int16_t)mote_tensor_zero_point(out);
    p->act_min = (int16_t)act_min;
    p->act_max = (int16_t)act_max;
    if (op->kind == MOTE_OP_MUL) {
        if (set_product_scale(p, &scales)) return MOTE_OK;
        return mote_lower_unsupported(lower, op, op->outputs[0], "scale is smaller than the inputs' product by 2^30");
    }
    p->left_shift = out->dtype == MOTE_S16 ? 15 : 20;
    if (set_additive_scales(p, op->kind, &scales)) return MOTE_OK;
    return mote_lower_unsupported_because(lower, op, op->outputs[0],
                                          "scales too far apart: the larger input scale must be positive and below 2^%d "
                                          "times the output scale, as the reference requires",
                                          p->left_shift - 1);
}

/* Of two tensors of the output's shape. */
static bool is_plain_sum(const struct mote_op *op, const struct geometry *g)
{
    return (op->kind == MOTE_OP_ADD || op->kind == MOTE_OP_SUB) && !memcmp(g->a, g->out, 4 * sizeof g->out[0]) &&
           !memcmp(g->b, g->out, 4 * sizeof g->out[0]);
}

static enum mote_status lower_binary(struct mote_lower *lower, const struct mote_op *op, const char *name)
{
    const struct mote_tensor *tensors = lower->graph->tensors;
    const struct mote_tensor *out = &tensors[op->outputs[0]];
    const int32_t operands[3] = {op->outputs[0], op->inputs[0], op->inputs[1]};
    enum mote_status status;
    for (int i = 0; i < 3; i++)
        if ((status = check_operand(lower, op, operands[i], out->dtype)) != MOTE_OK) return status;

    struct geometry geometry;
    if (!make_geometry(&out->shape, &tensors[op->inputs[0]].shape, &tensors[op->inputs[1]].shape, &geometry))
        return mote_lower_unsupported(lower, op, op->outputs[0],
                                      "shape: at most 4 axes after merging, N*H and W*C at most 65535");
    char base_name[32];
    snprintf(base_name, sizeof base_name, "%s_%s", name, out->dtype == MOTE_S16 ? "s16" : "s8");
    struct mk_binary arithmetic = {0};
    const bool rescales = op->kind != MOTE_OP_MAXIMUM && op->kind != MOTE_OP_MINIMUM;
    if (rescales && (status = set_arithmetic(lower, op, &arithmetic)) != MOTE_OK) return status;
    if (!rescales) {
        mote_lower_warn_requantised(lower, op, op->inputs[0], op->outputs[0]);
        mote_lower_warn_requantised(lower, op, op->inputs[1], op->outputs[0]);
    }
    if (out->dtype == MOTE_S8 && is_plain_sum(op, &geometry)) {
        bool taken;
        status = mote_pack_sum(lower, op, &arithmetic, (uint16_t)(geometry.out[0] * geometry.out[1]),
                               (uint16_t)(geometry.out[2] * geometry.out[3]), &taken);
        if (status != MOTE_OK || taken) return status;
    }
    struct mote_step *step = mote_lower_step(lower, op, base_name, (const int[2]){0, 1}, 0,
                                             (uint32_t)(geometry.out[0] * geometry.out[1]), &status);
    if (!step) return status;
    *(struct mk_binary *)step->params = arithmetic;
    set_geometry(step, &geometry, mote_dtype_bytes(out->dtype));
    return MOTE_OK;
}

enum mote_status mote_lower_add(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_binary(lower, op, "add");
}

enum mote_status mote_lower_sub(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_binary(lower, op, "sub");
}

enum mote_status mote_lower_mul(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_binary(lower, op, "mul");
}

enum mote_status mote_lower_maximum(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_binary(lower, op, "maximum");
}

enum mote_status mote_lower_minimum(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_binary(lower, op, "minimum");
}
