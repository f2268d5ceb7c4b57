/* test_weighted.c: the convolution kernels against the formulas of doc/SPEC.md, tap by tap, on random layers with what
 * the golden models lack: groups, dilation, depth multipliers, odd strides and padding; whole, and row by row from
 * rings of the fewest rows. And what lowering refuses. */
#include "../src/base/rng.h"
#include "../src/ir/quant.h"
#include "../src/plan/plan.h"
#include "mote_kernel.h"
#include "../kernel/ref/mk_requantize.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum kind { CONV, DEPTHWISE, TRANSPOSED };
enum variant { S8, S16, S16W };

static struct mote_rng rng;

static int32_t between(int32_t least, int32_t most)
{
    return least + (int32_t)(mote_rng_next(&rng) % (uint64_t)((int64_t)most - least + 1));
}

/* ---- Fixed-point steps ---- */

/* By division with remainder, as the specification words it; exact for every pair of words. */
static int64_t nearest(int64_t numerator, int64_t denominator, bool ties_away)
{
    int64_t quotient = numerator / denominator, rest = numerator % denominator;
    if (rest < 0) {
        rest += denominator;
        quotient--;
    }
    const bool up = 2 * rest > denominator || (2 * rest == denominator && !(ties_away && numerator < 0));
    return quotient + up;
}

static void fixed_point_steps_round_as_specified(void **state)
{
    (void)state;
    static const int32_t edges[] = {INT32_MIN, INT32_MIN + 1, -65537, -65536, -32769, -32768,  -2,       -1,
                                    0,         1,             2,      32767,  32768,  1 << 30, -(1 << 30), INT32_MAX};
    enum { EDGES = sizeof edges / sizeof edges[0] };
    for (int i = 0; i < 200000; i++) {
        const bool edge = i < EDGES * EDGES;
        const int32_t a = edge ? edges[i / EDGES] : (int32_t)mote_rng_next(&rng) >> between(0, 31);
        const int32_t b = edge ? edges[i % EDGES] : (int32_t)mote_rng_next(&rng) >> between(0, 31);
        const bool saturates = a == INT32_MIN && b == INT32_MIN;
        const int64_t high = saturates ? INT32_MAX : nearest((int64_t)a * b, (int64_t)1 << 31, false);
        assert_int_equal(mk_doubling_high_multiply_64(a, b), high);
        assert_int_equal(mk_doubling_high_multiply_16(a, b), high);
        for (int bits = 0; bits < 32; bits++)
            assert_int_equal(mk_rounding_shift_right(a, bits), nearest(a, (int64_t)1 << bits, true));
    }
}

/* ---- Random layers ---- */

struct layer {
    enum kind kind;
    enum variant variant;
    struct mk_conv p; /* all but the pointers, for every variant */
    int32_t *x;
    int8_t *weights;
    int64_t *bias;
    int32_t *multiplier;
    int8_t *shift;
};

static size_t input_elements(const struct layer *l)
{
    return (size_t)l->p.batches * l->p.in_h * l->p.in_w * l->p.in_c;
}

static size_t output_elements(const struct layer *l)
{
    return (size_t)l->p.batches * l->p.out_h * l->p.out_w * l->p.out_c;
}

static size_t weight_elements(const struct layer *l)
{
    return (size_t)l->p.filter_h * l->p.filter_w * l->p.out_c * (l->kind == DEPTHWISE ? 1 : l->p.filter_c);
}

/* A random extent of the output, at least 1, that windows of the given reach and padding have on the input. */
static uint16_t forward_extent(uint16_t in, uint16_t filter, uint16_t stride, uint16_t dilation, int16_t pad)
{
    const int32_t room = in + 2 * pad - ((filter - 1) * dilation + 1);
    return (uint16_t)(room < 0 ? 1 : room / stride + 1);
}

static void random_extents(struct layer *l)
{
    struct mk_conv *p = &l->p;
    const bool dilated = l->kind != TRANSPOSED && between(0, 1);
    const uint16_t groups = (uint16_t)(l->kind == CONV ? between(1, 3) : 1);
    p->batches = (uint16_t)between(1, 2);
    p->in_h = (uint16_t)between(1, 9), p->in_w = (uint16_t)between(1, 9);
    p->filter_h = (uint16_t)between(1, 4), p->filter_w = (uint16_t)between(1, 4);
    p->stride_h = (uint16_t)between(1, 3), p->stride_w = (uint16_t)between(1, 3);
    p->dilation_h = (uint16_t)(dilated ? between(1, 3) : 1), p->dilation_w = (uint16_t)(dilated ? between(1, 3) : 1);
    p->pad_top = (int16_t)between(0, 3), p->pad_left = (int16_t)between(0, 3);
    p->filter_c = (uint16_t)between(1, 5);
    p->in_c = (uint16_t)(p->filter_c * groups);
    p->out_c = (uint16_t)(l->kind == DEPTHWISE ? p->in_c * between(1, 3) : groups * between(1, 3));
    if (l->kind == DEPTHWISE) p->filter_c = 1;
    if (l->kind == TRANSPOSED) {
        p->out_h = (uint16_t)between(1, p->in_h * p->stride_h + 2);
        p->out_w = (uint16_t)between(1, p->in_w * p->stride_w + 2);
    } else {
        p->out_h = forward_extent(p->in_h, p->filter_h, p->stride_h, p->dilation_h, p->pad_top);
        p->out_w = forward_extent(p->in_w, p->filter_w, p->stride_w, p->dilation_w, p->pad_left);
    }
}

static struct layer random_layer(enum kind kind, enum variant variant)
{
    struct layer l = {.kind = kind, .variant = variant};
    random_extents(&l);
    const int32_t most = variant == S8 ? INT8_MAX : INT16_MAX;
    l.p.in_offset = (int16_t)(variant == S8 ? between(-127, 128) : 0);
    l.p.out_zero_point = (int16_t)(variant == S8 ? between(-128, 127) : 0);
    l.p.act_min = (int16_t)between(-most - 1, 0), l.p.act_max = (int16_t)between(1, most);
    l.x = calloc(input_elements(&l), sizeof *l.x);
    l.weights = malloc(weight_elements(&l));
    l.bias = calloc(l.p.out_c, sizeof *l.bias);
    l.multiplier = calloc(l.p.out_c, sizeof *l.multiplier);
    l.shift = malloc(l.p.out_c);
    assert_true(l.x && l.weights && l.bias && l.multiplier && l.shift);
    for (size_t i = 0; i < input_elements(&l); i++) l.x[i] = between(-most - 1, most);
    for (size_t i = 0; i < weight_elements(&l); i++) l.weights[i] = (int8_t)between(-128, 127);
    for (size_t i = 0; i < l.p.out_c; i++) {
        l.bias[i] = between(-100000, 100000);
        l.multiplier[i] = between(1 << 30, INT32_MAX);
        l.shift[i] = (int8_t)between(-12, 2);
    }
    return l;
}

static void free_layer(struct layer *l)
{
    free(l->x);
    free(l->weights);
    free(l->bias);
    free(l->multiplier);
    free(l->shift);
}

/* ---- The specification, tap by tap ---- */

static int64_t tap_product(const struct layer *l, int n, int y, int x, int i, int o, int fy, int fx, int k)
{
    const struct mk_conv *p = &l->p;
    if (y < 0 || y >= p->in_h || x < 0 || x >= p->in_w) return 0;
    const int64_t value = l->x[((n * p->in_h + y) * p->in_w + x) * p->in_c + i];
    const int weight = l->kind == DEPTHWISE ? (fy * p->filter_w + fx) * p->out_c + o
                                            : ((o * p->filter_h + fy) * p->filter_w + fx) * p->filter_c + k;
    return (value + p->in_offset) * l->weights[weight];
}

static int64_t specified_sum(const struct layer *l, int n, int y, int x, int o)
{
    const struct mk_conv *p = &l->p;
    int64_t sum = l->bias[o];
    for (int fy = 0; fy < p->filter_h; fy++)
        for (int fx = 0; fx < p->filter_w; fx++)
            for (int k = 0; k < p->filter_c; k++) {
                if (l->kind == TRANSPOSED) {
                    const int up_y = y + p->pad_top - fy, up_x = x + p->pad_left - fx;
                    if (up_y % p->stride_h || up_x % p->stride_w) continue;
                    sum += tap_product(l, n, up_y / p->stride_h, up_x / p->stride_w, k, o, fy, fx, k);
                    continue;
                }
                const int in_y = y * p->stride_h - p->pad_top + fy * p->dilation_h;
                const int in_x = x * p->stride_w - p->pad_left + fx * p->dilation_w;
                const int group = o / (p->out_c / (p->in_c / p->filter_c));
                const int channel = l->kind == DEPTHWISE ? o / (p->out_c / p->in_c) : group * p->filter_c + k;
                sum += tap_product(l, n, in_y, in_x, channel, o, fy, fx, k);
            }
    return sum;
}

static int64_t specified_output(const struct layer *l, int n, int y, int x, int o)
{
    const int64_t sum = specified_sum(l, n, y, x, o);
    int64_t scaled;
    if (l->variant == S16W) {
        int64_t k = ((int64_t)l->multiplier[o] + 32768) / 65536;
        if (k > 32767) k = 32767;
        const int64_t divisor = (int64_t)1 << (15 - l->shift[o]);
        scaled = nearest(sum * k, divisor, false);
    } else {
        scaled = mote_multiply_by_quantized_multiplier((int32_t)sum, l->multiplier[o], l->shift[o]);
    }
    const int64_t value = scaled + l->p.out_zero_point;
    return value < l->p.act_min ? l->p.act_min : value > l->p.act_max ? l->p.act_max : value;
}

/* ---- The kernels ---- */

static void store(const struct layer *l, void *buffer, size_t i, int32_t value)
{
    if (l->variant == S8) ((int8_t *)buffer)[i] = (int8_t)value;
    else ((int16_t *)buffer)[i] = (int16_t)value;
}

static int32_t load(const struct layer *l, const void *buffer, size_t i)
{
    return l->variant == S8 ? ((const int8_t *)buffer)[i] : ((const int16_t *)buffer)[i];
}

static void call_narrow(const struct layer *l, void *out, const void *in, uint16_t begin, uint16_t end)
{
    int32_t bias[64];
    struct mk_conv p = l->p;
    for (int i = 0; i < p.out_c; i++) bias[i] = (int32_t)l->bias[i];
    p.weights = l->weights, p.bias = bias, p.multiplier = l->multiplier, p.shift = l->shift;
    if (l->variant == S16) mk_conv_2d_s16_ref(out, in, &p, begin, end);
    else if (l->kind == CONV) mk_conv_2d_s8_ref(out, in, &p, begin, end);
    else if (l->kind == DEPTHWISE) mk_depthwise_conv_2d_s8_ref(out, in, &p, begin, end);
    else mk_transpose_conv_s8_ref(out, in, &p, begin, end);
}

static void call_wide(const struct layer *l, void *out, const void *in, uint16_t begin, uint16_t end)
{
    const struct mk_conv *n = &l->p;
    const struct mk_conv_wide p = {
        n->batches,   n->in_h,      n->in_w,       n->in_c,       n->out_h,   n->out_w,    n->out_c,
        n->filter_h,  n->filter_w,  n->filter_c,   n->stride_h,   n->stride_w, n->dilation_h, n->dilation_w,
        n->pad_top,   n->pad_left,  n->in_ring,    n->out_ring,   n->in_offset, n->out_zero_point,
        n->act_min,   n->act_max,   l->weights,    l->bias,       l->multiplier, l->shift};
    if (l->kind == CONV) mk_conv_2d_s16w_ref(out, in, &p, begin, end);
    else if (l->kind == DEPTHWISE) mk_depthwise_conv_2d_s16w_ref(out, in, &p, begin, end);
    else mk_transpose_conv_s16w_ref(out, in, &p, begin, end);
}

static void call_kernel(const struct layer *l, void *out, const void *in, uint16_t begin, uint16_t end)
{
    if (l->variant == S16W) call_wide(l, out, in, begin, end);
    else call_narrow(l, out, in, begin, end);
}

static void check_row(const struct layer *l, const void *row, uint16_t r)
{
    const int n = r / l->p.out_h, y = r % l->p.out_h;
    for (int x = 0; x < l->p.out_w; x++)
        for (int o = 0; o < l->p.out_c; o++)
            assert_int_equal(load(l, row, (size_t)(x * l->p.out_c + o)), specified_output(l, n, y, x, o));
}

static void check_whole(struct layer *l)
{
    const size_t element = l->variant == S8 ? 1 : 2, row_elements = (size_t)l->p.out_w * l->p.out_c;
    const uint16_t rows = (uint16_t)(l->p.batches * l->p.out_h), cut = (uint16_t)between(0, rows);
    void *in = malloc(input_elements(l) * element), *out = malloc(output_elements(l) * element);
    assert_true(in && out);
    for (size_t i = 0; i < input_elements(l); i++) store(l, in, i, l->x[i]);
    l->p.in_ring = (uint16_t)(l->p.batches * l->p.in_h);
    l->p.out_ring = rows;
    call_kernel(l, out, in, 0, cut);
    call_kernel(l, out, in, cut, rows);
    for (uint16_t r = 0; r < rows; r++) check_row(l, (char *)out + r * row_elements * element, r);
    free(in);
    free(out);
}

/* The last input row that output row y of one batch entry reads. */
static int last_row(const struct layer *l, int y)
{
    const struct mk_conv *p = &l->p;
    const int last = l->kind == TRANSPOSED ? (y + p->pad_top) / p->stride_h
                                           : y * p->stride_h - p->pad_top + (p->filter_h - 1) * p->dilation_h;
    return last < 0 ? -1 : last < p->in_h ? last : p->in_h - 1;
}

/* Row by row: the input ring holds only as many rows as one output row reads, and older rows are overwritten. */
static void check_streamed(struct layer *l)
{
    const struct mk_conv *p = &l->p;
    const size_t element = l->variant == S8 ? 1 : 2;
    const size_t in_row = (size_t)p->in_w * p->in_c, out_row = (size_t)p->out_w * p->out_c;
    const int span = p->filter_h - 1, reach = 1 + (l->kind == TRANSPOSED ? span / p->stride_h : span * p->dilation_h);
    l->p.in_ring = (uint16_t)(reach < p->in_h ? reach : p->in_h);
    l->p.out_ring = (uint16_t)between(1, 3);
    void *in = malloc(l->p.in_ring * in_row * element), *out = malloc(l->p.out_ring * out_row * element);
    assert_true(in && out);
    int stored = 0;
    for (int n = 0; n < p->batches; n++)
        for (int y = 0; y < p->out_h; y++) {
            for (; stored <= n * p->in_h + last_row(l, y); stored++)
                for (size_t i = 0; i < in_row; i++)
                    store(l, in, (size_t)(stored % p->in_ring) * in_row + i, l->x[(size_t)stored * in_row + i]);
            const uint16_t r = (uint16_t)(n * p->out_h + y);
            call_kernel(l, out, in, r, (uint16_t)(r + 1));
            check_row(l, (char *)out + r % l->p.out_ring * out_row * element, r);
        }
    free(in);
    free(out);
}

static void check_kernels(enum kind kind, enum variant variant)
{
    for (int i = 0; i < 150; i++) {
        struct layer l = random_layer(kind, variant);
        check_whole(&l);
        check_streamed(&l);
        free_layer(&l);
    }
}

static void conv_2d_computes_what_the_specification_says(void **state)
{
    (void)state;
    check_kernels(CONV, S8);
    check_kernels(CONV, S16);
    check_kernels(CONV, S16W);
}

static void depthwise_conv_2d_computes_what_the_specification_says(void **state)
{
    (void)state;
    check_kernels(DEPTHWISE, S8);
    check_kernels(DEPTHWISE, S16W);
}

static void transpose_conv_computes_what_the_specification_says(void **state)
{
    (void)state;
    check_kernels(TRANSPOSED, S8);
    check_kernels(TRANSPOSED, S16W);
}

/* ---- Lowering ---- */

static const float half[] = {0.5f};
static const int64_t zero[] = {0}, one[] = {1}, far_off[] = {-129};
static const uint8_t zeros[64];
static const uint8_t huge_bias[16] = {0, 0, 0, 0, 0, 0x80, 0, 0}; /* 2^47, little-endian */

/* A 1 x 2 x 2 x 2 -> 1 x 1 x 1 x 2 convolution that lowers; the caller breaks it. */
struct small_conv {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph;
    struct mote_op *op;
    struct mote_tensor *x, *weights, *bias, *out;
};

static struct mote_tensor quantised(enum mote_dtype dtype, struct mote_shape shape, const uint8_t *data)
{
    return (struct mote_tensor){.name = "t", .dtype = dtype, .shape = shape, .quant = {1, 0, half, zero}, .data = data};
}

static struct small_conv begin_conv(enum mote_dtype activations, enum mote_dtype bias)
{
    struct small_conv c = {0};
    mote_arena_init(&c.arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&c.diag, NULL);
    c.graph = mote_graph_new(&c.arena, "small");
    assert_non_null(c.graph);
    int32_t in[3], out;
    in[0] = mote_graph_add_tensor(c.graph, quantised(activations, (struct mote_shape){4, {1, 2, 2, 2}}, NULL));
    in[1] = mote_graph_add_tensor(c.graph, quantised(MOTE_S8, (struct mote_shape){4, {2, 2, 2, 2}}, zeros));
    in[2] = mote_graph_add_tensor(c.graph, quantised(bias, (struct mote_shape){1, {2}}, zeros));
    out = mote_graph_add_tensor(c.graph, quantised(activations, (struct mote_shape){4, {1, 1, 1, 2}}, NULL));
    c.op = mote_graph_add_op(c.graph, MOTE_OP_CONV_2D, in, 3, &out, 1);
    assert_non_null(c.op);
    c.op->attrs.conv = (struct mote_attrs_conv){.stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
    c.graph->inputs = c.op->inputs, c.graph->input_count = 1;
    c.graph->outputs = c.op->outputs, c.graph->output_count = 1;
    c.x = &c.graph->tensors[in[0]], c.weights = &c.graph->tensors[in[1]], c.bias = &c.graph->tensors[in[2]];
    c.out = &c.graph->tensors[out];
    return c;
}

static void expect_lowering(struct small_conv *c, enum mote_status expected, const char *words)
{
    struct mote_plan *plan = NULL;
    assert_int_equal(mote_plan_build(c->graph, mote_target_find("host"), &c->arena, &plan, &c->diag), expected);
    if (words) {
        assert_true(c->diag.count > 0);
        if (!strstr(c->diag.messages[0].text, words)) fail_msg("\"%s\" is not in: %s", words, c->diag.messages[0].text);
        assert_null(plan);
    }
    mote_diag_free(&c->diag);
    mote_arena_free(&c->arena);
}

static void lowering_takes_what_the_kernels_can_do(void **state)
{
    (void)state;
    static const struct {
        enum mote_dtype activations, bias;
    } fine[] = {{MOTE_S8, MOTE_S32}, {MOTE_S16, MOTE_S32}, {MOTE_S16, MOTE_S64}};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        struct small_conv c = begin_conv(fine[i].activations, fine[i].bias);
        expect_lowering(&c, MOTE_OK, NULL);
    }
}

static void lowering_refuses_what_the_kernels_cannot_do(void **state)
{
    (void)state;
    static const float infinite_scale[] = {1e38f * 10.0f}, large[] = {1e30f};
    struct small_conv c = begin_conv(MOTE_S8, MOTE_S64);
    expect_lowering(&c, MOTE_ERR_UNSUPPORTED, "bias of an int8 operator must be int32");
    c = begin_conv(MOTE_F32, MOTE_F32);
    expect_lowering(&c, MOTE_ERR_UNSUPPORTED, "must be int8 or int16");
    c = begin_conv(MOTE_S16, MOTE_S32);
    c.x->quant.zero_points = one;
    expect_lowering(&c, MOTE_ERR_UNSUPPORTED, "zero point other than 0");
    c = begin_conv(MOTE_S8, MOTE_S32);
    c.out->quant.zero_points = far_off;
    expect_lowering(&c, MOTE_ERR_UNSUPPORTED, "outside [-128, 127]");
    c = begin_conv(MOTE_S8, MOTE_S32);
    c.weights->quant.zero_points = one;
    expect_lowering(&c, MOTE_ERR_UNSUPPORTED, "weights must have zero point 0");
    c = begin_conv(MOTE_S8, MOTE_S32);
    c.weights->data = NULL;
    c.graph->input_count = 2; /* so that it is written by someone */
    expect_lowering(&c, MOTE_ERR_UNSUPPORTED, "weights must be constant");
    c = begin_conv(MOTE_S8, MOTE_S32);
    c.x->quant.scales = infinite_scale;
    expect_lowering(&c, MOTE_ERR_UNSUPPORTED, "finite and above 0");
    c = begin_conv(MOTE_S8, MOTE_S32);
    c.x->quant.scales = large;
    expect_lowering(&c, MOTE_ERR_UNSUPPORTED, "too large to compute with");
    c = begin_conv(MOTE_S16, MOTE_S64);
    c.bias->data = huge_bias;
    expect_lowering(&c, MOTE_ERR_UNSUPPORTED, "47 bits");
}

int main(void)
{
    mote_rng_seed(&rng, 20260101);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_point_steps_round_as_specified),
        cmocka_unit_test(conv_2d_computes_what_the_specification_says),
        cmocka_unit_test(depthwise_conv_2d_computes_what_the_specification_says),
        cmocka_unit_test(transpose_conv_computes_what_the_specification_says),
        cmocka_unit_test(lowering_takes_what_the_kernels_can_do),
        cmocka_unit_test(lowering_refuses_what_the_kernels_cannot_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
