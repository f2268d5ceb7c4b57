/* verify_layouts.c: that all who touch a tensor take it to lie as it does. A tensor in planes has one writer, whose kernel
 * stores planes, and readers whose kernels take them, all with the numbers that the buffer has; and these numbers leave every
 * value and all padding that is read a place of its own within the buffer. Knows nothing of how they were chosen. */
#include "stream.h"
#include "verify.h"


enum { FILTER = 3, SLACK_WORDS = 4 /* which the kernel may read beyond the last one that counts */ };

static bool are_equal(const struct mote_planes *planes, const struct mk_conv_planes_armv7em *params)
{
    return planes->plane_words == params->plane_words && planes->row_words == params->row_words &&
           planes->first == params->first && planes->edge_words == params->edge_words;
}

/* A buffer that the kernel writes or reads, by its parameters in planes or not. */
static void check_side(struct mote_plan_check *check, const struct mote_step *step, int32_t buffer, bool takes_planes, const char *what)
{
    const struct mote_planes *planes = &check->plan->buffers[buffer].planes;
    const bool in_planes = planes->plane_words != 0;
    if (in_planes != takes_planes) mote_verify_fail(check, step->name, what, in_planes, takes_planes);
    else if (in_planes && !are_equal(planes, step->params))
        mote_verify_fail(check, step->name, "has other planes than the buffer", planes->plane_words,
                         ((const struct mk_conv_planes_armv7em *)step->params)->plane_words);
}

/* The only step that writes the buffer, NULL if there is not one. */
static const struct mote_step *writer_of(struct mote_plan_check *check, int32_t buffer)
{
    const struct mote_plan *plan = check->plan;
    const struct mote_step *writer = NULL;
    int64_t count = 0;
    for (int32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].output.buffer == buffer) {
            writer = &plan->steps[s];
            count++;
        }
    for (int32_t i = 0; i < plan->input_count; i++) count += plan->inputs[i] == buffer;
    for (int32_t i = 0; i < plan->output_count; i++)
        if (plan->outputs[i] == buffer) mote_verify_fail(check, plan->buffers[buffer].name, "is an output in planes", 1, 0);
    if (count != 1) mote_verify_fail(check, plan->buffers[buffer].name, "in planes has not one writer", count, 1);
    return count == 1 ? writer : NULL;
}

/* That nothing of a channel lies where another one's values or padding are, and all of it in the buffer. */
static void check_geometry(struct mote_plan_check *check, const struct mote_step *step, const struct mote_buffer *b)
{
    const struct mk_conv_planes_armv7em *p = step->params;
    const struct mk_conv_armv7em *c = &p->conv;
    const int64_t row_words = p->row_words, plane_words = p->plane_words, words = b->bytes / 4;
    const int64_t columns = (int64_t)(c->out_w - 1) * c->stride_w + FILTER, rows = (int64_t)(c->out_h - 1) * c->stride_h + FILTER;
    const int64_t last = (c->in_c - 1) * plane_words + (rows - 1) * row_words + (columns + 1) / 2 + SLACK_WORDS;
    if (c->filter_h != FILTER || c->filter_w != FILTER || c->stride_w < 1 || c->stride_w > 2 || c->pad_top < 0 || c->pad_left < 0 ||
        !c->out_h || !c->out_w || !c->in_c)
        mote_verify_fail(check, step->name, "takes no planes by its shape", c->filter_h, FILTER);
    if (p->first != 2 * row_words * c->pad_top + c->pad_left)
        mote_verify_fail(check, step->name, "has its first value elsewhere", p->first, 2 * row_words * c->pad_top + c->pad_left);
    if (2 * row_words < c->pad_left + c->in_w || 2 * row_words < columns - c->pad_left)
        mote_verify_fail(check, step->name, "has rows that are too short", row_words, (c->pad_left + c->in_w + 1) / 2);
    if (plane_words < (c->pad_top + c->in_h) * row_words || plane_words < (rows - c->pad_top) * row_words)
        mote_verify_fail(check, step->name, "has planes that are too small", plane_words, (c->pad_top + c->in_h) * row_words);
    if (b->bytes % 4 || words != c->in_c * plane_words + p->edge_words)
        mote_verify_fail(check, step->name, "has planes of another size than the buffer", words, c->in_c * plane_words + p->edge_words);
    if (last > words) mote_verify_fail(check, step->name, "reads beyond its planes", last, words);
    if (b->alignment_bytes % 4) mote_verify_fail(check, step->name, "has planes that are not aligned", b->alignment_bytes, 4);
}

/* The padding is what the writer fills all of the planes with, in its first call and once. */
static void check_writer(struct mote_plan_check *check, const struct mote_step *writer, const struct mote_step *reader)
{
    const struct mk_conv_armv7em *w = &((const struct mk_conv_planes_armv7em *)writer->params)->conv;
    const struct mk_conv_armv7em *r = &((const struct mk_conv_planes_armv7em *)reader->params)->conv;
    if (w->out_h != r->in_h || w->out_w != r->in_w || w->out_c != r->in_c)
        mote_verify_fail(check, reader->name, "reads planes of another shape", w->out_c, r->in_c);
    if (w->out_zero_point != r->pad_value)
        mote_verify_fail(check, reader->name, "wants other padding than there is", w->out_zero_point, r->pad_value);
    if (writer->row_begin != 0 || writer->row_end != w->out_h || writer->rows_descend || w->out_ring != w->out_h)
        mote_verify_fail(check, writer->name, "writes planes in part or downwards", writer->row_begin, 0);
    if (w->way != MK_ARMV7EM_LARGE) mote_verify_fail(check, writer->name, "has no way to planes", w->way, MK_ARMV7EM_LARGE);
}

void mote_verify_layouts(struct mote_plan_check *check)
{
    const struct mote_plan *plan = check->plan;
    for (int32_t s = 0; s < plan->step_count; s++) {
        const struct mote_step *step = &plan->steps[s];
        check_side(check, step, step->output.buffer, step->kernel->stores_planes, "writes a buffer of another layout");
        for (int i = 0; i < step->kernel->input_count; i++)
            check_side(check, step, step->inputs[i].buffer, step->kernel->reads_planes, "reads a buffer of another layout");
    }
    for (int32_t s = 0; s < plan->step_count && !check->error_count; s++) {
        const struct mote_step *step = &plan->steps[s];
        if (!step->kernel->reads_planes) continue;
        const int32_t buffer = step->inputs[0].buffer;
        const struct mote_step *const writer = writer_of(check, buffer);
        check_geometry(check, step, &plan->buffers[buffer]);
        if (step->inputs[0].rows.stride) mote_verify_fail(check, step->name, "reads planes by rows", step->inputs[0].rows.stride, 0);
        if (writer) check_writer(check, writer, step);
    }
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (plan->stream && plan->stream->buffers[i].row_count && plan->buffers[i].planes.plane_words)
            mote_verify_fail(check, plan->buffers[i].name, "lies in planes, row by row", 1, 0);
}
