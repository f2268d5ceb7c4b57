#include "pack_avr_coded.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As in kernel/avr/mk_avr_coded.h. */
enum { GROUP = 8, NIBBLES = 16, LARGEST_BASE = 128, LONGEST_LIST = 255, LONGEST_GAP = 255, FORM_BYTES = 0, FORM_NIBBLES = 1 };

/* Cycles of kernel/avr/mk_avr_coded.S: per input, per correction, and once per group. Inputs are taken as nonzero. */
static const double nibble_input_cycles = 67, byte_input_cycles = 71, correction_cycles = 20, group_cycles = 500;

/* Flash for everything but constants: start-up, the emitted calls, the kernels of this family with the exact
 * requantisation in C. The anomaly detector's has 10,835. */
enum { CODE_RESERVE_BYTES = 11264 };

bool mote_code_is_pointwise(const struct mk_conv_avr *p)
{
    return p->filter_h == 1 && p->filter_w == 1 && p->pad_top == 0 && p->pad_left == 0 &&
           (p->out_h - 1) * p->stride_h < p->in_h && (p->out_w - 1) * p->stride_w < p->in_w;
}

double mote_code_uncoded_cycles(const char *base_name)
{
    if (!strncmp(base_name, "conv_2d_s8_dense", strlen("conv_2d_s8_dense"))) return 58;
    if (!strncmp(base_name, "conv_2d_s8_chunks", strlen("conv_2d_s8_chunks"))) return 52;
    if (!strcmp(base_name, "conv_2d_s8_single")) return 68;
    if (!strcmp(base_name, "conv_2d_s8_differences_k144")) return 62;
    return !strncmp(base_name, "conv_2d_s8_sparse", strlen("conv_2d_s8_sparse")) ? 70 : byte_input_cycles;
}

/* ---- One group ---- */

struct group {
    const int8_t *weights; /* [channels][taps] */
    int32_t channels, taps;
    int32_t base;          /* nibble = weight + base */
    size_t bytes;          /* as nibbles */
    int32_t corrections;
};

/* Appends to `out`, which may be NULL; returns the new end's index. */
static size_t put(uint8_t *out, size_t at, int32_t byte)
{
    if (out) out[at] = (uint8_t)byte;
    return at + 1;
}

static int32_t clamp(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int32_t nibble_of(int32_t weight, int32_t base)
{
    return clamp(weight + base, 0, NIBBLES - 1);
}

/* The corrections of a channel, in lists of at most LONGEST_LIST, each behind its count. *corrections += their number. */
static size_t put_corrections(const int8_t *weights, int32_t taps, int32_t base, uint8_t *out, size_t at, int32_t *corrections)
{
    size_t count_at = at++;
    int32_t last = 0, count = 0;
    for (int32_t i = 0; i < taps; i++) {
        int32_t missing = weights[i] - (nibble_of(weights[i], base) - base);
        while (missing != 0) {
            const int32_t gap = i - last < LONGEST_GAP ? i - last : LONGEST_GAP;
            last += gap;
            const int32_t part = last == i ? clamp(missing, INT8_MIN, INT8_MAX) : 0;
            missing -= part;
            at = put(out, put(out, at, gap), part);
            ++*corrections;
            if (++count < LONGEST_LIST) continue;
            put(out, count_at, count);
            count_at = at++;
            count = 0;
        }
    }
    put(out, count_at, count);
    return at;
}

static size_t put_nibbles(const struct group *g, uint8_t *out, size_t at)
{
    for (int32_t i = 0; i < g->taps; i++)
        for (int32_t o = 0; o < GROUP; o += 2) {
            const int32_t low = o < g->channels ? nibble_of(g->weights[o * g->taps + i], g->base) : 0;
            const int32_t high = o + 1 < g->channels ? nibble_of(g->weights[(o + 1) * g->taps + i], g->base) : 0;
            at = put(out, at, low + 16 * high);
        }
    return at;
}

static size_t put_bytes(const struct group *g, uint8_t *out, size_t at)
{
    for (int32_t i = 0; i < g->taps; i++)
        for (int32_t o = 0; o < GROUP; o++) at = put(out, at, 128 + (o < g->channels ? g->weights[o * g->taps + i] : 0));
    return at;
}

static size_t put_all_corrections(const struct group *g, uint8_t *out, size_t at, int32_t *corrections)
{
    for (int32_t o = 0; o < GROUP; o++) {
        const bool present = o < g->channels;
        at = put_corrections(g->weights + (present ? o * g->taps : 0), present ? g->taps : 0, g->base, out, at, corrections);
    }
    return at;
}

static size_t put_group(const struct group *g, bool nibbles, uint8_t *out, size_t at)
{
    int32_t corrections = 0;
    at = put(out, at, nibbles ? FORM_NIBBLES : FORM_BYTES);
    if (!nibbles) return put_bytes(g, out, at);
    at = put(out, put_nibbles(g, out, at), g->base);
    return put_all_corrections(g, out, at, &corrections);
}

/* The base under which most weights are nibbles. */
static int32_t best_base(const struct group *g)
{
    int32_t histogram[256] = {0}, best = 0, most = -1;
    for (int32_t i = 0; i < g->channels * g->taps; i++) histogram[g->weights[i] + 128]++;
    for (int32_t base = 0; base <= LARGEST_BASE; base++) {
        int32_t inside = 0;
        for (int32_t n = 0; n < NIBBLES; n++) inside += histogram[n - base + 128];
        if (inside <= most) continue;
        most = inside;
        best = base;
    }
    return best;
}

static struct group measure_group(const struct mote_code_layer *layer, int32_t first)
{
    struct group g = {.weights = layer->weights + (size_t)first * (size_t)layer->taps, .taps = layer->taps};
    g.channels = layer->channels - first < GROUP ? layer->channels - first : GROUP;
    g.base = best_base(&g);
    g.bytes = put_group(&g, true, NULL, 0);
    put_all_corrections(&g, NULL, 0, &g.corrections);
    return g;
}

/* What coding a group costs in cycles per inference, and saves in bytes; false if it saves nothing. */
struct deal {
    double cycles, bytes;
};

static bool make_deal(const struct mote_code_layer *layer, const struct group *g, struct deal *deal)
{
    const size_t uncoded = (size_t)g->taps * GROUP;
    if (g->bytes >= uncoded) return false;
    deal->bytes = (double)(uncoded - g->bytes);
    deal->cycles = layer->positions * (g->taps * (nibble_input_cycles - layer->uncoded_cycles) +
                                       g->corrections * correction_cycles + group_cycles);
    return true;
}

/* ---- A layer ---- */

static bool is_worth(const struct mote_code_layer *layer, const struct group *g, double most_cycles_per_byte)
{
    struct deal deal;
    return make_deal(layer, g, &deal) && deal.cycles <= most_cycles_per_byte * deal.bytes;
}

enum mote_status mote_code_weights(const struct mote_code_layer *layer, double most_cycles_per_byte,
                                   struct mote_arena *arena, struct mote_coded *coded, struct mote_diag *diag)
{
    *coded = (struct mote_coded){0};
    if (most_cycles_per_byte < 0) return MOTE_OK;
    const size_t groups = ((size_t)layer->channels + GROUP - 1) / GROUP, uncoded = groups * GROUP * (size_t)layer->taps;
    uint8_t *bytes = MOTE_NEW_ARRAY(arena, uint8_t, uncoded + groups);
    if (!bytes) return mote_error_memory(diag);
    size_t at = 0;
    for (int32_t first = 0; first < layer->channels; first += GROUP) {
        const struct group g = measure_group(layer, first);
        at = put_group(&g, is_worth(layer, &g, most_cycles_per_byte), bytes, at);
    }
    if (at < uncoded) *coded = (struct mote_coded){bytes, at};
    return MOTE_OK;
}

/* ---- The price ---- */

/* The layer behind a step that the kernel of coded weights could run as well; false if there is none. */
static bool find_layer(const struct mote_plan *plan, const struct mote_step *step, struct mote_code_layer *layer)
{
    const struct mote_op *op = &plan->graph->ops[step->op];
    if (strcmp(step->kernel->params->name, "mk_conv_avr") != 0 || op->kind == MOTE_OP_DEPTHWISE_CONV_2D) return false;
    const struct mk_conv_avr *p = step->params;
    if (!mote_code_is_pointwise(p)) return false;
    char base_name[96];
    snprintf(base_name, sizeof base_name, "%s", step->kernel->name);
    *strrchr(base_name, '_') = 0;
    *layer = (struct mote_code_layer){.weights = (const int8_t *)plan->graph->tensors[op->inputs[1]].data,
                                      .channels = p->out_c, .taps = p->in_c,
                                      .positions = (double)(step->row_end - step->row_begin) * p->out_w,
                                      .uncoded_cycles = mote_code_uncoded_cycles(base_name)};
    return layer->weights != NULL;
}

static int by_price(const void *a, const void *b)
{
    const struct deal *x = a, *y = b;
    const double difference = x->cycles * y->bytes - y->cycles * x->bytes;
    return (difference > 0) - (difference < 0);
}

static size_t most_deals(const struct mote_plan *plan)
{
    size_t count = 0;
    struct mote_code_layer layer;
    for (int32_t i = 0; i < plan->step_count; i++)
        if (find_layer(plan, &plan->steps[i], &layer)) count += ((size_t)layer.channels + GROUP - 1) / GROUP;
    return count;
}

static size_t collect_deals(const struct mote_plan *plan, struct deal *deals)
{
    size_t count = 0;
    struct mote_code_layer layer;
    for (int32_t i = 0; i < plan->step_count; i++) {
        if (!find_layer(plan, &plan->steps[i], &layer)) continue;
        for (int32_t first = 0; first < layer.channels; first += GROUP) {
            const struct group g = measure_group(&layer, first);
            if (make_deal(&layer, &g, &deals[count])) count++;
        }
    }
    return count;
}

enum mote_status mote_code_choose_price(const struct mote_plan *plan, double *most_cycles_per_byte, struct mote_diag *diag)
{
    const struct mote_target *target = plan->target;
    double missing = (double)plan->constant_bytes + CODE_RESERVE_BYTES - (double)target->flash_bytes;
    *most_cycles_per_byte = MOTE_CODE_NOTHING;
    if (missing <= 0 || !mote_plan_kernel(plan, "conv_2d_s8_coded")) return MOTE_OK;
    const size_t most = most_deals(plan);
    missing += (double)most; /* every group has a byte that says its form */
    struct deal *deals = MOTE_NEW_ARRAY(plan->arena, struct deal, most);
    if (!deals) return mote_error_memory(diag);
    const size_t count = collect_deals(plan, deals);
    qsort(deals, count, sizeof *deals, by_price);
    *most_cycles_per_byte = INFINITY;
    for (size_t i = 0; i < count; i++) {
        missing -= deals[i].bytes;
        if (missing > 0) continue;
        *most_cycles_per_byte = fmax(0.0, deals[i].cycles / deals[i].bytes);
        break;
    }
    return MOTE_OK;
}
