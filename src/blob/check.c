/* check.c: whether the kernels of the ref family keep within arena and blob, and within what C defines, with a blob's
 * parameters. Kernels trust their parameters, because the compiler has made them; a blob from elsewhere may say anything.
 *
 * Each check states what the kernel (kernel/ref) needs of its parameters; one per parameter struct. Extents are computed as real
 * numbers of 53 bits or 64-bit integers, which none of the products below exceeds by more than it matters. */
#include "blob.h"

#include "../plan/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One step, and what there is for it. */
struct check {
    const struct mote_blob *blob;
    const struct mote_blob_call_read *call;
    uint32_t rows_end;        /* greatest row + 1 */
    size_t out_bytes, in_bytes[2]; /* from the step's places to the arena's end */
    size_t out_element, in_element;
    double work;
    const char *wrong;        /* the first thing that is; NULL: all is well */
    bool unjudged;            /* nothing is known of such a kernel's needs */
};

static void require(struct check *c, bool condition, const char *what)
{
    if (!condition && !c->wrong) c->wrong = what;
}

static double rows_of(const struct check *c)
{
    return c->call->step.row_end > c->call->step.row_begin ? c->call->step.row_end - c->call->step.row_begin : 0;
}

static void writes(struct check *c, double elements)
{
    require(c, elements * (double)c->out_element <= (double)c->out_bytes, "writes past the arena's end");
    c->work += rows_of(c) + elements;
}

static void reads(struct check *c, int input, double elements)
{
    require(c, elements * (double)c->in_element <= (double)c->in_bytes[input], "reads past the arena's end");
}

/* `count` values of `bytes` each behind a pointer. */
static void wants(struct check *c, const void *pointer, double count, size_t bytes)
{
    const uint8_t *at = pointer;
    require(c, at != NULL, "lacks a constant");
    if (c->wrong) return;
    require(c, count * (double)bytes <= (double)(c->blob->header.bytes - (size_t)(at - c->blob->bytes)),
            "reads constants past the blob's end");
}

/* Of mk_multiply_by_quantized_multiplier. */
static void shifts_by(struct check *c, int shift)
{
    require(c, shift >= -31 && shift <= 30, "shifts by too many bits");
}

static void shifts_by_each(struct check *c, const int8_t *shift, double count)
{
    wants(c, shift, count, 1);
    for (double i = 0; !c->wrong && i < count; i++) shifts_by(c, *shift++);
}

/* ---- Convolutions ---- */

/* The filter's first and last tap stay numbers of 32 bits. */
static void check_axis(struct check *c, uint16_t out, uint16_t stride, uint16_t filter, uint16_t dilation)
{
    require(c, out > 0 && filter > 0 && dilation > 0, "has an axis of no length");
    require(c, (double)out * stride + (double)filter * dilation < 1 << 30, "reaches too far");
}

static void check_conv(struct check *c, const struct mk_conv *p, const int64_t *wide_bias)
{
    const char *name = c->call->kernel->name;
    const bool depthwise = !strncmp(name, "depthwise", 9), transpose = !strncmp(name, "transpose", 9), wide = wide_bias != NULL;
    const double taps = (double)p->filter_h * p->filter_w;
    const double filter_c = depthwise ? 1 : transpose ? p->in_c : p->filter_c;
    require(c, p->in_ring > 0 && p->out_ring > 0 && p->batches > 0, "has a ring of no rows");
    require(c, p->in_h > 0 && p->in_w > 0 && p->in_c > 0 && p->out_c > 0 && p->stride_h > 0 && p->stride_w > 0, "has an empty input");
    check_axis(c, p->out_h, p->stride_h, p->filter_h, p->dilation_h);
    check_axis(c, p->out_w, p->stride_w, p->filter_w, p->dilation_w);
    if (c->wrong) return;
    require(c, c->rows_end <= (double)p->batches * p->out_h, "has more rows than its output");
    require(c, p->dilation_h <= p->in_ring || p->in_ring >= p->in_h, "steps over its ring"); /* else one tap at most is inside */
    if (depthwise) require(c, p->out_c % p->in_c == 0, "has channels without inputs");
    if (!depthwise && !transpose)
        require(c, p->filter_c > 0 && p->in_c % p->filter_c == 0 && p->out_c % (p->in_c / p->filter_c) == 0, "has uneven groups");
    reads(c, 0, (double)p->in_ring * p->in_w * p->in_c);
    writes(c, (double)p->out_ring * p->out_w * p->out_c);
    wants(c, p->weights, taps * filter_c * p->out_c, 1);
    wants(c, p->multiplier, p->out_c, 4);
    shifts_by_each(c, p->shift, p->out_c);
    if (p->bias && !wide) wants(c, p->bias, p->out_c, 4);
    c->work += rows_of(c) * p->out_w * p->out_c * (1 + taps * filter_c);
}

/* Sums of 64 bits: below 2^47, and shifts that leave a rounding. */
static void check_wide(struct check *c, const int64_t *bias, const int8_t *shift, uint16_t channels, double inputs)
{
    if (bias) wants(c, bias, channels, 8);
    wants(c, shift, channels, 1);
    require(c, inputs < 1 << 23, "adds up too much");
    for (uint16_t i = 0; i < channels && !c->wrong; i++) {
        require(c, !bias || (bias[i] < INT64_C(1) << 46 && bias[i] > -(INT64_C(1) << 46)), "has too large a bias");
        require(c, shift[i] <= 7, "shifts by too many bits");
    }
}

static void check_mk_conv(struct check *c, const void *params)
{
    check_conv(c, params, NULL);
}

static void check_mk_conv_wide(struct check *c, const void *params)
{
    static const int64_t some = 0;
    const struct mk_conv_wide *p = params;
    struct mk_conv narrow;
    memcpy(&narrow, p, offsetof(struct mk_conv, weights)); /* the same fields but for the bias */
    narrow.weights = p->weights;
    narrow.bias = NULL;
    narrow.multiplier = p->multiplier;
    narrow.shift = p->shift;
    check_conv(c, &narrow, &some);
    check_wide(c, p->bias, p->shift, p->out_c, (double)p->filter_h * p->filter_w * p->in_c);
}

static void check_dense(struct check *c, const struct mk_fully_connected *p)
{
    require(c, p->in_ring > 0 && p->out_ring > 0, "has a ring of no rows");
    reads(c, 0, (double)p->in_ring * p->in_features);
    writes(c, (double)p->out_ring * p->out_features);
    wants(c, p->weights, (double)p->in_features * p->out_features, 1);
    wants(c, p->multiplier, p->per_channel ? p->out_features : 1, 4);
    shifts_by_each(c, p->shift, p->per_channel ? p->out_features : 1);
    if (p->bias) wants(c, p->bias, p->out_features, 4);
    c->work += rows_of(c) * p->out_features * (1.0 + p->in_features);
}

static void check_mk_fully_connected(struct check *c, const void *params)
{
    check_dense(c, params);
}

static void check_mk_fully_connected_wide(struct check *c, const void *params)
{
    const struct mk_fully_connected_wide *p = params;
    struct mk_fully_connected narrow;
    memcpy(&narrow, p, offsetof(struct mk_fully_connected, weights));
    narrow.weights = p->weights;
    narrow.bias = NULL;
    narrow.multiplier = p->multiplier;
    narrow.shift = p->shift;
    check_dense(c, &narrow);
    require(c, abs(p->weight_offset) <= 128, "has too large a zero point");
    if (p->bias) wants(c, p->bias, p->out_features, 8);
    for (uint16_t i = 0; i < p->out_features && p->bias && !c->wrong; i++)
        require(c, p->bias[i] < INT64_C(1) << 45 && p->bias[i] > -(INT64_C(1) << 45), "has too large a bias");
    for (uint16_t i = 0; i < (p->per_channel ? p->out_features : 1) && !c->wrong; i++)
        require(c, p->shift[i] <= 7, "shifts by too many bits");
}

/* ---- Pools, means ---- */

/* Every window has a tap inside the input. */
static void check_windows(struct check *c, uint16_t in, uint16_t out, uint16_t stride, uint16_t filter, int16_t pad)
{
    check_axis(c, out, stride, filter, 1);
    require(c, pad < filter && (double)(out - 1) * stride - pad < in, "has a window beside its input");
}

static void check_mk_pool(struct check *c, const void *params)
{
    const struct mk_pool *p = params;
    c->unjudged = strstr(c->call->kernel->name, "_pool_2d_") == NULL; /* average_sums is part of streams */
    require(c, p->in_ring > 0 && p->out_ring > 0 && p->batches > 0, "has a ring of no rows");
    check_windows(c, p->in_h, p->out_h, p->stride_h, p->filter_h, p->pad_top);
    check_windows(c, p->in_w, p->out_w, p->stride_w, p->filter_w, p->pad_left);
    require(c, (uint32_t)p->filter_h * p->filter_w <= UINT16_MAX, "has windows of too many taps");
    require(c, c->rows_end <= (double)p->batches * p->out_h, "has more rows than its output");
    reads(c, 0, (double)p->in_ring * p->in_w * p->channels);
    writes(c, (double)p->out_ring * p->out_w * p->channels);
    c->work += rows_of(c) * p->out_w * p->channels * (1.0 + (double)p->filter_h * p->filter_w);
}

static void check_mk_mean(struct check *c, const void *params)
{
    const struct mk_mean *p = params;
    c->unjudged = strstr(c->call->kernel->name, "_sums_") != NULL; /* part of streams */
    require(c, p->in_ring > 0 && p->out_ring > 0, "has a ring of no rows");
    shifts_by(c, p->shift);
    reads(c, 0, (double)p->in_ring * p->reduce * p->inner);
    writes(c, (double)p->out_ring * p->inner);
    c->work += rows_of(c) * p->inner * (1.0 + p->reduce);
}

/* ---- Two inputs ---- */

/* The greatest |(x + offset) * 2^left_shift * multiplier * 2^(shift - 31)| of an int8 or int16 x. */
static double greatest_term(const struct check *c, int16_t offset, int left_shift, int32_t multiplier, int shift)
{
    const double x = (c->in_element == 1 ? 128.0 : 32768.0) + abs(offset);
    return ldexp(ldexp(x, left_shift) * fabs((double)multiplier), shift - 31) + 1;
}

static void check_binary_arithmetic(struct check *c, const struct mk_binary *p)
{
    const double x = c->in_element == 1 ? 128.0 : 32768.0;
    require(c, p->left_shift >= 0 && p->left_shift <= 30, "shifts by too many bits");
    shifts_by(c, p->a_shift);
    shifts_by(c, p->b_shift);
    shifts_by(c, p->out_shift);
    if (c->wrong) return;
    if (!strncmp(c->call->kernel->name, "mul", 3)) {
        require(c, (x + abs(p->a_offset)) * (x + abs(p->b_offset)) <= INT32_MAX, "multiplies past 32 bits");
        return;
    }
    /* a left shift of terms may wrap: then the bound would not hold */
    require(c, p->a_shift <= 0 && p->b_shift <= 0, "shifts to the left");
    require(c, ldexp(x + abs(p->a_offset), p->left_shift) <= INT32_MAX && ldexp(x + abs(p->b_offset), p->left_shift) <= INT32_MAX,
            "shifts past 32 bits");
    require(c, greatest_term(c, p->a_offset, p->left_shift, p->a_multiplier, p->a_shift) +
                       greatest_term(c, p->b_offset, p->left_shift, p->b_multiplier, p->b_shift) <= INT32_MAX,
            "adds past 32 bits");
}

static double binary_extent(uint16_t ring, uint16_t row_elements, uint16_t width, uint16_t step_w, uint16_t channels, uint16_t step_c)
{
    return (ring - 1.0) * row_elements + (width - 1.0) * step_w + (channels - 1.0) * step_c + 1;
}

static void check_mk_binary(struct check *c, const void *params)
{
    const struct mk_binary *p = params;
    require(c, p->a_ring > 0 && p->b_ring > 0 && p->out_ring > 0 && p->height > 0 && p->width > 0 && p->channels > 0,
            "has an empty output");
    if (strncmp(c->call->kernel->name, "m", 1) || !strncmp(c->call->kernel->name, "mul", 3)) check_binary_arithmetic(c, p);
    if (c->wrong) return;
    reads(c, 0, binary_extent(p->a_ring, p->a_row_elements, p->width, p->a_step_w, p->channels, p->a_step_c));
    reads(c, 1, binary_extent(p->b_ring, p->b_row_elements, p->width, p->b_step_w, p->channels, p->b_step_c));
    writes(c, (double)p->out_ring * p->width * p->channels);
    c->work += rows_of(c) * p->width * p->channels;
}

/* ---- Elementwise, softmax ---- */

static void check_elementwise(struct check *c, uint16_t row_elements, uint16_t in_ring, uint16_t out_ring)
{
    require(c, in_ring > 0 && out_ring > 0, "has a ring of no rows");
    reads(c, 0, (double)in_ring * row_elements);
    writes(c, (double)out_ring * row_elements);
    c->work += rows_of(c) * row_elements;
}

static void check_mk_lut(struct check *c, const void *params)
{
    const struct mk_lut *p = params;
    check_elementwise(c, p->row_elements, p->in_ring, p->out_ring);
    wants(c, p->table, 256, 1);
}

static void check_mk_scale(struct check *c, const void *params)
{
    const struct mk_scale *p = params;
    const char *name = c->call->kernel->name;
    if (!strncmp(name, "logistic", 8) || !strncmp(name, "tanh", 4)) { /* by a table of the kernel's own, not by rescaling */
        require(c, p->in_shift >= 0 && p->in_shift <= 30, "shifts by too many bits");
        require(c, p->multiplier > -32768 && p->multiplier < 32768, "multiplies past 32 bits");
    } else {
        shifts_by(c, p->in_shift);
        shifts_by(c, p->alt_shift); /* of leaky_relu; 0 elsewhere */
    }
    check_elementwise(c, p->row_elements, p->in_ring, p->out_ring);
}

static void check_mk_affine(struct check *c, const void *params)
{
    const struct mk_affine *p = params;
    require(c, p->zero_point > -(1 << 30) && p->zero_point < 1 << 30, "has too large a zero point");
    check_elementwise(c, p->row_elements, p->in_ring, p->out_ring);
}

static void check_mk_softmax(struct check *c, const void *params)
{
    const struct mk_softmax *p = params;
    c->unjudged = strcmp(c->call->kernel->in_types[0], "int8_t") != 0; /* int16 takes tables, whose contents matter */
    require(c, p->depth > 0 && p->depth < 4096, "has vectors of no length, or too long ones");
    require(c, p->diff_min <= 0 && p->multiplier >= 0 && p->shift >= 0 && p->shift <= 31, "rises with the difference");
    if (c->wrong) return;
    const double least = p->diff_min < -255 ? 255 : -(double)p->diff_min;
    require(c, ldexp(least, p->shift) <= INT32_MAX, "shifts past 32 bits");
    reads(c, 0, (double)p->in_ring * p->vectors * p->depth);
    writes(c, (double)p->out_ring * p->vectors * p->depth);
    require(c, p->in_ring > 0 && p->out_ring > 0, "has a ring of no rows");
    c->work += rows_of(c) * p->vectors * p->depth * 100;
}

/* ---- Movement ---- */

static void check_mk_pad(struct check *c, const void *params)
{
    const struct mk_pad *p = params;
    require(c, p->in_ring > 0 && p->out_ring > 0 && p->out_h > 0, "has a ring of no rows");
    require(c, p->before_w + p->in_w <= p->out_w && p->before_c + p->in_c <= p->out_c, "holds less than its input");
    reads(c, 0, (double)p->in_ring * p->in_w * p->in_c);
    writes(c, (double)p->out_ring * p->out_w * p->out_c);
    c->work += rows_of(c) * p->out_w * p->out_c;
}

/* The bytes [low, high) that a side of a copy touches in row 0, counted from where it starts. */
struct extent {
    double low, high;
};

static struct extent extent_of_row(const struct mk_copy *p, int32_t start, const int32_t stride[5])
{
    struct extent extent = {start, (double)start + p->element_bytes};
    for (int k = 1; k < 5; k++) {
        const double reach = (p->size[k] - 1.0) * stride[k];
        extent.low += reach < 0 ? reach : 0;
        extent.high += reach > 0 ? reach : 0;
    }
    return extent;
}

static void check_copy_side(struct check *c, struct extent row, int32_t stride, size_t bytes)
{
    const double reach = (c->rows_end - 1.0) * stride;
    require(c, row.low + (reach < 0 ? reach : 0) >= 0, "copies from or to before the arena");
    require(c, row.high + (reach > 0 ? reach : 0) <= (double)(bytes < INT32_MAX ? bytes : INT32_MAX), "copies from or to past the arena's end");
    require(c, fabs((double)stride * c->rows_end) <= INT32_MAX, "steps past 32 bits"); /* a row's own term comes first */
}

/* No row of the output lies on the row of the input that it is copied from, for memcpy may not be asked to do that. */
static void check_copy_apart(struct check *c, const struct mk_copy *p, struct extent in, struct extent out)
{
    const double in_at = c->call->step.in[0], out_at = c->call->step.out;
    for (double r = c->call->step.row_begin; r < c->rows_end && !c->wrong; r++) {
        const double from = in_at + r * p->in_stride[0], to = out_at + r * p->out_stride[0];
        require(c, from + in.high <= to + out.low || to + out.high <= from + in.low, "copies rows onto themselves");
    }
}

static void check_mk_copy(struct check *c, const void *params)
{
    const struct mk_copy *p = params;
    double elements = rows_of(c);
    for (int k = 1; k < 5; k++) elements *= p->size[k];
    for (int k = 1; k < 5; k++) require(c, p->size[k] > 0, "copies nothing");
    c->work += elements + rows_of(c);
    if (c->rows_end == 0) return;
    const struct extent in = extent_of_row(p, p->in_start, p->in_stride), out = extent_of_row(p, p->out_start, p->out_stride);
    check_copy_side(c, in, p->in_stride[0], c->in_bytes[0]);
    check_copy_side(c, out, p->out_stride[0], c->out_bytes);
    check_copy_apart(c, p, in, out);
}

static void check_mk_load(struct check *c, const void *params)
{
    const struct mk_load *p = params;
    writes(c, (double)c->rows_end * p->row_bytes);
    wants(c, p->data, (double)c->rows_end * p->row_bytes, 1);
}

/* ---- The whole ---- */

static const struct {
    const char *params;
    void (*check)(struct check *c, const void *params);
} checks[] = {
    {"mk_conv", check_mk_conv},
    {"mk_conv_wide", check_mk_conv_wide},
    {"mk_fully_connected", check_mk_fully_connected},
    {"mk_fully_connected_wide", check_mk_fully_connected_wide},
    {"mk_pool", check_mk_pool},
    {"mk_mean", check_mk_mean},
    {"mk_binary", check_mk_binary},
    {"mk_lut", check_mk_lut},
    {"mk_scale", check_mk_scale},
    {"mk_affine", check_mk_affine},
    {"mk_softmax", check_mk_softmax},
    {"mk_pad", check_mk_pad},
    {"mk_copy", check_mk_copy},
    {"mk_load", check_mk_load},
};

static bool judge(struct check *c)
{
    const struct mote_kernel *kernel = c->call->kernel;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (strcmp(checks[i].params, kernel->params->name) != 0) continue;
        checks[i].check(c, c->call->params);
        return !c->unjudged;
    }
    return false;
}

enum mote_status mote_blob_check(const struct mote_blob *blob, double *work, struct mote_diag *diag)
{
    const struct mk_blob_plan *plan = &blob->header.plan;
    double all_work = 0;
    if (blob->target->simulator != MOTE_SIM_HOST)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "blob: it was packed for %s, not for this machine", blob->target->name);
    if (plan->stream_at) return mote_error(diag, MOTE_ERR_UNSUPPORTED, "blob: mote cannot judge whether a stream keeps in bounds here");
    for (uint16_t i = 0; i < plan->step_count; i++) {
        const struct mote_blob_call_read *call = &blob->calls[i];
        const struct mk_blob_step *s = &call->step;
        struct check c = {.blob = blob,
                          .call = call,
                          .rows_end = s->row_end > s->row_begin ? s->row_end : 0,
                          .out_bytes = plan->arena_bytes - s->out,
                          .in_bytes = {plan->arena_bytes - s->in[0], plan->arena_bytes - s->in[1]},
                          .out_element = mote_memory_type_bytes(call->kernel->out_type),
                          .in_element = call->kernel->in_types[0] ? mote_memory_type_bytes(call->kernel->in_types[0]) : 1};
        if (!judge(&c))
            return mote_error(diag, MOTE_ERR_UNSUPPORTED, "blob: step %u: mote cannot judge whether %s keeps in bounds here", i,
                              call->kernel->name);
        if (c.wrong) return mote_error(diag, MOTE_ERR_INPUT, "blob: step %u, %s, %s", i, call->kernel->name, c.wrong);
        all_work += c.work;
    }
    if (work) *work = all_work;
    return MOTE_OK;
}
