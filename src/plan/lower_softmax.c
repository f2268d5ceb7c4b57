/* SOFTMAX over the last axis; doc/SPEC.md, "SOFTMAX". */
#include "fixed_point.h"
#include "lower_util.h"
#include "tables.h"

#include <math.h>
#include <string.h>

/* More equal terms than this would overflow the Q12.19 sum. */
#define MOST_DEPTH_S8 4095

/* int8: differences are scaled to Q5.26; those below -diff_min would pass 31 real units and count as zero. */
static enum mote_status set_scale_s8(struct mote_lower *lower, const struct mote_op *op, struct mk_softmax *p)
{
    const double scale = (double)mote_tensor_scale(&lower->graph->tensors[op->inputs[0]]);
    const double real = fmin((double)op->attrs.softmax.beta * scale * 67108864.0, 2147483647.0);
    int shift = 0;
    if (real > 1.0) mote_quantize_multiplier(real, &p->multiplier, &shift);
    if (!(real > 1.0) || shift < 0)
        return mote_lower_unsupported(lower, op, op->inputs[0], "beta times scale must be above 2^-26");
    p->shift = (int16_t)shift;
    p->diff_min = -(int32_t)(((int64_t)31 << 26) >> shift);
    return MOTE_OK;
}

/* int16: differences are scaled so that [-65535, 0] stands for [-10, 0]. */
static enum mote_status set_scale_s16(struct mote_lower *lower, const struct mote_op *op, struct mk_softmax *p)
{
    const double scale = (double)mote_tensor_scale(&lower->graph->tensors[op->inputs[0]]);
    int shift;
    mote_quantize_multiplier(scale * (double)op->attrs.softmax.beta / (10.0 / 65535.0), &p->multiplier, &shift);
    p->shift = (int16_t)shift;
    if (p->multiplier >= 0 && shift <= 15) return MOTE_OK; /* 65535 * 2^15 still fits */
    return mote_lower_unsupported(lower, op, op->inputs[0], "beta times scale must be below 5 for int16");
}

static enum mote_status check_quantisation(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    enum mote_status status = mote_lower_check_per_tensor(lower, op, op->inputs[0]);
    if (status == MOTE_OK) status = mote_lower_check_per_tensor(lower, op, op->outputs[0]);
    if (status != MOTE_OK) return status;
    const float scale = mote_tensor_scale(out);
    const int32_t zero_point = mote_tensor_zero_point(out);
    if (out->dtype == MOTE_S8 && (scale != 1.0f / 256.0f || zero_point != -128))
        return mote_lower_unsupported(lower, op, op->outputs[0], "int8 needs scale 1/256 and zero point -128");
    const float expected = in->dtype == MOTE_S8 ? 1.0f / 65536.0f : 1.0f / 32768.0f;
    const int32_t expected_zero_point = in->dtype == MOTE_S8 ? -32768 : 0;
    if (out->dtype == MOTE_S16 && (fabsf(scale - expected) > 0.001f * expected || zero_point != expected_zero_point))
        return mote_lower_unsupported(lower, op, op->outputs[0],
                                      in->dtype == MOTE_S8 ? "int8 to int16 needs scale 1/65536 and zero point -32768"
                                                           : "int16 needs scale 1/32768 and zero point 0");
    return MOTE_OK;
}

static enum mote_status add_tables(struct mote_lower *lower, struct mote_step *step)
{
    int16_t table[MOTE_TABLE_S16];
    mote_table_softmax_exp(table);
    const enum mote_status status = mote_lower_constant(lower, step, "exp_table", table, MOTE_TABLE_S16, false);
    if (status != MOTE_OK) return status;
    mote_table_softmax_reciprocal(table);
    return mote_lower_constant(lower, step, "reciprocal_table", table, MOTE_TABLE_S16, false);
}

/* exp of each possible difference, up to the last that counts: terms below 2^11 add nothing to the sum, which is at least
 * 2^19 in Q12.19, and for the same reason are nothing as results, either. Returns their number. */
static uint16_t exponentials(const struct mk_softmax *p, int32_t table[256])
{
    enum { LEAST_TERM = 1 << 11 };
    uint16_t entries = 0;
    memset(table, 0, 256 * sizeof *table);
    for (int32_t d = 0; d < 256 && -d >= p->diff_min; d++) {
        const int64_t product = -(int64_t)d * ((int64_t)1 << p->shift) * p->multiplier;
        const int32_t x = (int32_t)((product + ((int64_t)1 << 30)) >> 31); /* Q5.26; above -2^31 as -d >= diff_min */
        table[d] = mote_fixed_exp_negative(x, 5);
        if (table[d] < LEAST_TERM) {
            table[d] = 0;
            break;
        }
        entries++;
    }
    return entries;
}

/* A step of the kernel `name`, whose rows are those of its input; NULL on failure, with the reason in *status. */
static struct mote_step *add_step(struct mote_lower *lower, const struct mote_op *op, const char *name, const struct mk_softmax *p,
                                  uint32_t rows, enum mote_status *status)
{
    const struct mote_graph *graph = lower->graph;
    struct mote_step *step = mote_lower_step(lower, op, name, (const int[2]){0, -1}, 0, rows, status);
    if (!step) return NULL;
    const uint32_t elements = (uint32_t)p->vectors * p->depth;
    mote_lower_map_same_rows(&step->inputs[0], rows, elements * (uint32_t)mote_dtype_bytes(graph->tensors[op->inputs[0]].dtype));
    step->output.row_bytes = elements * (uint32_t)mote_dtype_bytes(graph->tensors[op->outputs[0]].dtype);
    return step;
}

/* The int8 softmax by the kernel `name`, for exponentials from a table; in steady time it has all entries. */
static enum mote_status lower_by_table(struct mote_lower *lower, const struct mote_op *op, const char *name,
                                       const struct mk_softmax *p, uint32_t rows)
{
    int32_t table[256];
    const uint16_t most = exponentials(p, table), entries = lower->plan->steady_time ? 256 : most;
    enum mote_status status;
    struct mote_step *step = add_step(lower, op, name, p, rows, &status);
    if (!step) return status;
    *(struct mk_softmax_table *)step->params = (struct mk_softmax_table){
        .vectors = p->vectors, .depth = p->depth, .in_ring = p->in_ring, .out_ring = p->out_ring, .entries = entries};
    return mote_lower_constant(lower, step, "exp_table", table, entries, false);
}

/* The int8 softmax of two elements by a table of its results, up to the last distance that changes them. */
static enum mote_status lower_pair(struct mote_lower *lower, const struct mote_op *op, const struct mk_softmax *p, uint32_t rows)
{
    int32_t terms[256];
    int16_t table[256];
    exponentials(p, terms);
    for (int d = 0; d < 256; d++) {
        const int larger = mote_fixed_softmax_of_two(INT32_MAX, terms[d]), smaller = mote_fixed_softmax_of_two(terms[d], INT32_MAX);
        table[d] = (int16_t)((smaller + INT8_MIN) * 256 + (uint8_t)(larger + INT8_MIN));
    }
    uint8_t reach = 255;
    while (reach > 0 && !lower->plan->steady_time && table[reach] == table[reach - 1]) reach--;
    enum mote_status status;
    struct mote_step *step = add_step(lower, op, "softmax_pair_s8", p, rows, &status);
    if (!step) return status;
    *(struct mk_softmax_pair *)step->params =
        (struct mk_softmax_pair){.vectors = p->vectors, .in_ring = p->in_ring, .out_ring = p->out_ring, .reach = reach};
    return mote_lower_constant(lower, step, "table", table, (size_t)reach + 1, false);
}

static const char *kernel_name(enum mote_dtype in, enum mote_dtype out)
{
    if (in == MOTE_S8 && out == MOTE_S8) return "softmax_s8";
    if (in == MOTE_S8 && out == MOTE_S16) return "softmax_s8_s16";
    if (in == MOTE_S16 && out == MOTE_S16) return "softmax_s16";
    return NULL;
}

enum mote_status mote_lower_softmax(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    const char *name = kernel_name(in->dtype, out->dtype);
    if (!name)
        return mote_lower_unsupported_because(lower, op, op->inputs[0],
                                              "types %s to %s; supported: int8 to int8 or int16, int16 to int16",
                                              mote_dtype_name(in->dtype), mote_dtype_name(out->dtype));
    enum mote_status status = check_quantisation(lower, op);
    if (status != MOTE_OK) return status;
    struct mote_nhwc nhwc;
    if (in->shape.rank < 1 || !mote_lower_nhwc(&in->shape, &nhwc))
        return mote_lower_unsupported(lower, op, op->inputs[0], "shape: every extent and W*C at most 65535");
    if (in->dtype == MOTE_S8 && nhwc.c > MOST_DEPTH_S8)
        return mote_lower_unsupported(lower, op, op->inputs[0], "int8 softmax over more than 4095 elements overflows");
    const uint32_t rows = (uint32_t)nhwc.n * nhwc.h;
    struct mk_softmax params = {.vectors = nhwc.w, .depth = nhwc.c, .in_ring = (uint16_t)rows, .out_ring = (uint16_t)rows};
    status = in->dtype == MOTE_S8 ? set_scale_s8(lower, op, &params) : set_scale_s16(lower, op, &params);
    if (status != MOTE_OK) return status;
    const bool s8 = in->dtype == MOTE_S8 && out->dtype == MOTE_S8;
    if (s8 && nhwc.c == 2 && mote_plan_kernel(lower->plan, "softmax_pair_s8")) return lower_pair(lower, op, &params, rows);
    const char *by_table = lower->plan->steady_time ? "softmax_table_s8_steady" : "softmax_table_s8";
    if (s8 && mote_plan_kernel(lower->plan, by_table)) return lower_by_table(lower, op, by_table, &params, rows);
    struct mote_step *step = add_step(lower, op, name, &params, rows, &status);
    if (!step) return status;
    *(struct mk_softmax *)step->params = params;
    return in->dtype == MOTE_S16 ? add_tables(lower, step) : MOTE_OK;
}
