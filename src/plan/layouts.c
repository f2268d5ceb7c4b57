/* layouts.c: tensors that their producer stores as their consumer wants them; doc/MEMORY.md, "Layouts". Steps are lowered as
 * for rows of NHWC; here a producer's and a consumer's kernels are exchanged for those that have planes between them. */
#include "layouts.h"

#include "cost.h"

#include <string.h>

enum {
    FILTER = 3,
    NARROW_WIDTH = 5, NARROW_WORDS = 4, /* rows of outputs that have a loop of their own, where rows of inputs are so long */
    LEAST_WIDTH = 3,                    /* of the producer's rows: three positions lie in two of them at most */
    SLACK_WORDS = 4,                    /* that are read in vain */
    FILLED_WORDS = 16                   /* at once */
};

/* ---- Geometry ---- */

static int32_t greater(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

bool mote_planes_between(const struct mk_conv_armv7em *producer, const struct mk_conv_armv7em *consumer, struct mote_planes *planes)
{
    const int32_t height = consumer->in_h, width = consumer->in_w, top = consumer->pad_top, left = consumer->pad_left;
    const int32_t read_rows = (consumer->out_h - 1) * consumer->stride_h + FILTER;
    const int32_t read_columns = (consumer->out_w - 1) * consumer->stride_w + FILTER;
    if (producer->out_h != height || producer->out_w != width || producer->out_c != consumer->in_c || width < LEAST_WIDTH ||
        producer->out_ring != height || consumer->in_ring != height || consumer->out_ring != consumer->out_h ||
        producer->out_zero_point != consumer->pad_value || top < 0 || left < 0)
        return false;
    const bool narrow = consumer->out_w == NARROW_WIDTH && consumer->stride_w == 1;
    /* Padding on both sides is there once. */
    const int32_t row_halves = greater(left + width, read_columns - left);
    const int32_t row_words = greater((row_halves + 1) / 2, narrow ? NARROW_WORDS : 0);
    const int32_t plane_rows = greater(top + height, read_rows - top);
    const int64_t plane_words = (int64_t)plane_rows * row_words, first = (int64_t)top * row_words * 2 + left;
    const int64_t all = plane_words * consumer->in_c;
    const int64_t read = all - plane_words + (int64_t)(read_rows - 1) * row_words + (read_columns + 1) / 2 + SLACK_WORDS;
    const int64_t needed = all > read ? all : read;
    const int64_t words = (needed + FILLED_WORDS - 1) / FILLED_WORDS * FILLED_WORDS, edge = words - all;
    if (plane_words > UINT16_MAX || first > UINT16_MAX || edge > UINT16_MAX || words > INT32_MAX / 4) return false;
    *planes = (struct mote_planes){.plane_words = (uint16_t)plane_words, .row_words = (uint16_t)row_words,
                                   .first = (uint16_t)first, .edge_words = (uint16_t)edge};
    return true;
}

uint32_t mote_planes_bytes(const struct mote_planes *planes, uint32_t channels)
{
    return 4 * ((uint32_t)planes->plane_words * channels + planes->edge_words);
}

void mote_planes_read(const struct mote_planes *planes, const uint8_t *from, uint32_t height, uint32_t width, uint32_t channels,
                      int8_t *to)
{
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (uint32_t c = 0; c < channels; c++) {
                const size_t half = (size_t)c * planes->plane_words * 2 + planes->first + (size_t)y * planes->row_words * 2 + x;
                int16_t value;
                memcpy(&value, from + 2 * half, sizeof value);
                *to++ = (int8_t)value;
            }
}

/* ---- Candidates ---- */

/* A producer and a consumer, as they are and as they would be. */
struct pair {
    struct mote_step *producer, *consumer;
    const struct mote_kernel *stores, *reads;
    struct mote_planes planes;
};

/* The kernel of the producer's name that stores planes: "conv_2d_s8_k64" to "conv_2d_s8_planes_k64". */
static const struct mote_kernel *storing_kernel(const struct mote_plan *plan, const struct mote_kernel *kernel)
{
    static const char prefix[] = "conv_2d_s8_";
    if (strncmp(kernel->name, prefix, sizeof prefix - 1) != 0) return NULL;
    const char *name = mote_arena_printf(plan->arena, "%splanes_%s", prefix, kernel->name + sizeof prefix - 1);
    const struct mote_kernel *stores = name ? mote_kernel_find(name) : NULL;
    return stores && stores->stores_planes && mote_target_has_kernel(plan->target, stores) ? stores : NULL;
}

/* The only step that writes the buffer, of which it writes all; NULL if there is none. */
static struct mote_step *only_writer(const struct mote_plan *plan, int32_t buffer)
{
    struct mote_step *found = NULL;
    for (int32_t s = 0; s < plan->step_count; s++) {
        if (plan->steps[s].output.buffer != buffer) continue;
        if (found || !plan->steps[s].completes_tensor || plan->steps[s].row_begin) return NULL;
        found = &plan->steps[s];
    }
    return found;
}

static bool has_other_readers(const struct mote_plan *plan, int32_t buffer, const struct mote_step *reader)
{
    if (plan->buffers[buffer].last_step >= plan->step_count) return true; /* the application */
    for (int32_t s = 0; s < plan->step_count; s++)
        for (int i = 0; i < 2; i++)
            if (plan->steps[s].inputs[i].buffer == buffer && &plan->steps[s] != reader) return true;
    return false;
}

/* Is it one of the 3x3 depthwise kernels that sort rows, "depthwise_conv_2d_s8_3x3_2k_armv7em"? */
static bool sorts_rows(const struct mote_kernel *kernel)
{
    static const char name[] = "depthwise_conv_2d_s8_3x3_";
    return !strncmp(kernel->name, name, sizeof name - 1) && !kernel->reads_planes && !strcmp(mote_kernel_family(kernel), "armv7em");
}

/* Is `consumer` the second step of a pair? */
static bool find_pair(const struct mote_plan *plan, struct mote_step *consumer, struct pair *pair)
{
    if (!sorts_rows(consumer->kernel)) return false;
    const struct mk_conv_armv7em *const reader = consumer->params;
    struct mote_step *const producer = only_writer(plan, consumer->inputs[0].buffer);
    if (!producer || consumer->row_begin || has_other_readers(plan, consumer->inputs[0].buffer, consumer)) return false;
    *pair = (struct pair){.producer = producer, .consumer = consumer, .stores = storing_kernel(plan, producer->kernel),
                          .reads = mote_plan_kernel(plan, "depthwise_conv_2d_s8_3x3_planes")};
    if (!pair->stores || !pair->reads) return false;
    const struct mk_conv_armv7em *const writer = producer->params;
    return writer->way == MK_ARMV7EM_LARGE && producer->row_end == writer->out_h && consumer->row_end == reader->out_h &&
           mote_planes_between(writer, reader, &pair->planes);
}

/* ---- Choice ---- */

static uint32_t peak_bytes(const struct mote_plan *plan)
{
    uint32_t most = 0;
    for (int32_t s = 0; s < plan->step_count; s++) {
        const uint32_t bytes = mote_plan_step_bytes(plan, s);
        if (bytes > most) most = bytes;
    }
    return most;
}

static bool exchange(const struct mote_plan *plan, struct mote_step *step, const struct mote_kernel *kernel,
                     const struct mote_planes *planes)
{
    struct mk_conv_planes_armv7em *const params = MOTE_NEW(plan->arena, struct mk_conv_planes_armv7em);
    if (!params) return false;
    *params = (struct mk_conv_planes_armv7em){.plane_words = planes->plane_words, .row_words = planes->row_words,
                                              .first = planes->first, .edge_words = planes->edge_words,
                                              .conv = *(const struct mk_conv_armv7em *)step->params};
    step->kernel = kernel;
    step->params = params;
    return true;
}

/* Tries it; what needs more memory than `most`, or takes longer, stays as it was. */
static enum mote_status try_pair(const struct mote_plan *plan, const struct pair *pair, uint32_t most, struct mote_diag *diag)
{
    struct mote_buffer *const b = &plan->buffers[pair->consumer->inputs[0].buffer];
    const struct mote_buffer buffer = *b;
    const struct mote_step producer = *pair->producer, consumer = *pair->consumer;
    const double cost = mote_cost_plan(plan, NULL);
    if (!exchange(plan, pair->producer, pair->stores, &pair->planes) ||
        !exchange(plan, pair->consumer, pair->reads, &pair->planes))
        return mote_error_memory(diag);
    pair->consumer->inputs[0].rows = (struct mote_row_map){0}; /* all of it is needed to the end */
    pair->consumer->inputs[0].window_rows = 0;
    b->planes = pair->planes;
    b->bytes = mote_planes_bytes(&b->planes, ((const struct mk_conv_armv7em *)producer.params)->out_c);
    if (b->alignment_bytes < sizeof(int32_t)) b->alignment_bytes = sizeof(int32_t);
    if (peak_bytes(plan) <= most && mote_cost_plan(plan, NULL) < cost) return MOTE_OK;
    *b = buffer;
    *pair->producer = producer;
    *pair->consumer = consumer;
    return MOTE_OK;
}

static enum mote_status try_all(struct mote_plan *plan, struct mote_diag *diag)
{
    const uint32_t peak = peak_bytes(plan), most = plan->layout_bytes > peak ? plan->layout_bytes : peak;
    for (int32_t s = 0; s < plan->step_count; s++) {
        struct pair pair;
        if (!find_pair(plan, &plan->steps[s], &pair)) continue;
        const enum mote_status status = try_pair(plan, &pair, most, diag);
        if (status != MOTE_OK) return status;
    }
    return MOTE_OK;
}

static bool has_sorting(const struct mote_plan *plan)
{
    for (int32_t s = 0; s < plan->step_count; s++)
        if (sorts_rows(plan->steps[s].kernel)) return true;
    return false;
}

/* A kernel that takes planes is more code, but less than one that sorts, so but for speed there is one or the other. */
enum mote_status mote_plan_choose_layouts(struct mote_plan *plan, struct mote_diag *diag)
{
    if (!has_sorting(plan)) return MOTE_OK;
    struct mote_step *const steps = plan->steps;
    struct mote_buffer *const buffers = plan->buffers;
    plan->steps = mote_arena_copy(plan->arena, steps, (size_t)plan->step_count * sizeof *steps);
    plan->buffers = mote_arena_copy(plan->arena, buffers, (size_t)plan->buffer_count * sizeof *buffers);
    if (!plan->steps || !plan->buffers) return mote_error_memory(diag);
    const enum mote_status status = try_all(plan, diag);
    if (status != MOTE_OK || plan->optimize == MOTE_PLAN_SPEED || !has_sorting(plan)) return status;
    plan->steps = steps;
    plan->buffers = buffers;
    return MOTE_OK;
}

bool mote_plan_has_layouts(const struct mote_plan *plan)
{
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (plan->buffers[i].planes.plane_words) return true;
    return false;
}
