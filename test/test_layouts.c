/* test_layouts.c: tensors in planes between convolutions and 3x3 depthwise layers: the same bytes come out as from rows of NHWC,
 * on the host and on chips; and plans in which who touches a tensor takes it to lie otherwise are refused. */
#include "plan_fixture.h"
#include "random_layers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { HOST_NETWORKS = 60, CHIP_NETWORKS = 6, CHAINS = 5 };

/* ---- Equality ---- */

struct counts {
    int pairs, narrow, wide_weights, of_two_columns, strides, odd, gathered, valid;
};

static void count_layer(const struct mote_plan *plan, const struct mote_step *layer, void *context)
{
    (void)plan;
    struct counts *const counts = context;
    if (layer->kernel->stores_planes) {
        const struct mk_conv_armv7em *w = &((const struct mk_conv_planes_armv7em *)layer->params)->conv;
        counts->wide_weights += strstr(layer->kernel->name, "wide") != NULL;
        counts->odd += w->out_c % 2;
        counts->gathered += w->filter_h > 1;
    }
    if (!layer->kernel->reads_planes) return;
    const struct mk_conv_planes_armv7em *p = layer->params;
    counts->pairs++;
    counts->narrow += p->conv.out_w == 5 && p->conv.stride_w == 1 && p->row_words == 4;
    counts->strides += p->conv.stride_w == 2 || p->conv.stride_h > 1;
    counts->of_two_columns += p->conv.out_w % 6 < 3;
    counts->valid += p->conv.pad_left == 0 && p->conv.pad_top == 0;
}

static void planes_equal_the_reference_on_the_host(void **state)
{
    (void)state;
    struct counts counts = {0};
    random_layers_seed(21);
    random_pairs_on_host("cortex-m4", HOST_NETWORKS, CHAINS, count_layer, &counts);
    random_pairs_on_host("cortex-m4", HOST_NETWORKS, 1, count_layer, &counts); /* small models: weights of 16 bits */
    print_message("    %d tensors in planes: %d read in rows of five, %d with strides, %d without padding; %d from odd channels, "
                  "%d from filters of several rows, %d by weights of 16 bits\n",
                  counts.pairs, counts.narrow, counts.strides, counts.valid, counts.odd, counts.gathered, counts.wide_weights);
    assert_true(counts.pairs > 100 && counts.narrow > 5 && counts.strides > 10 && counts.valid > 5);
    assert_true(counts.odd > 10 && counts.gathered > 10 && counts.wide_weights > 10 && counts.wide_weights < counts.pairs);
}

static void planes_equal_the_reference_on_chips(void **state)
{
    (void)state;
    random_layers_seed(22);
    random_pairs_on_chip("cortex-m4", CHIP_NETWORKS, CHAINS);
    random_pairs_on_chip("cortex-m4", 2, 1);
    random_pairs_on_chip("cortex-m7", 1, CHAINS);
    random_pairs_on_chip("cortex-m33", 1, CHAINS);
}

/* ---- Memory ---- */

/* Keyword spotting for speed: the RAM for tensors, and how many of these lie in planes. */
static uint32_t plan_keyword_spotting(uint32_t ram_limit_bytes, int *planes)
{
    struct mote *mote = mote_new();
    assert_non_null(mote);
    assert_int_equal(mote_load(mote, "../shared/models/kws_ref_model.tflite"), MOTE_OK);
    const struct mote_plan_options options = {.optimize = MOTE_OPTIMIZE_SPEED, .ram_limit_bytes = ram_limit_bytes};
    assert_int_equal(mote_plan_with(mote, "cortex-m4", &options), MOTE_OK);
    const struct mote_plan_info *plan = mote_plan_info(mote);
    const uint32_t bytes = plan->arena_bytes;
    *planes = 0;
    for (size_t i = 0; i < plan->step_count; i++) *planes += plan->steps[i].planes_for != NULL;
    mote_free(mote);
    return bytes;
}

/* All its tensors are alike, so planes always cost memory there. */
static void planes_take_no_more_memory_than_is_granted(void **state)
{
    (void)state;
    enum { WITHIN = 40000 };
    int planes;
    if (!plan_fixture_has_models()) skip();
    const uint32_t rows = plan_keyword_spotting(0, &planes);
    assert_int_equal(planes, 0);
    assert_int_equal(plan_keyword_spotting(rows, &planes), rows);
    assert_int_equal(planes, 0);
    const uint32_t granted = plan_keyword_spotting(WITHIN, &planes);
    assert_true(planes > 0 && granted > rows && granted <= WITHIN);
}

/* ---- Refusals ---- */

/* A plan of which one thing is changed. */
struct copy {
    struct mote_plan plan;
    struct mote_arena arena;
    struct mote_step *writer, *reader;
    struct mk_conv_planes_armv7em *written, *read;
    struct mote_buffer *buffer;
};

static void *copy_of(struct copy *c, const void *from, size_t bytes)
{
    void *const to = mote_arena_copy(&c->arena, from, bytes);
    assert_non_null(to);
    return to;
}

static void copy_plan(struct copy *c, const struct mote_plan *plan, const struct mote_step *reader)
{
    mote_arena_init(&c->arena, MOTE_ARENA_DEFAULT_LIMIT);
    c->plan = *plan;
    c->plan.steps = copy_of(c, plan->steps, (size_t)plan->step_count * sizeof *plan->steps);
    c->plan.buffers = copy_of(c, plan->buffers, (size_t)plan->buffer_count * sizeof *plan->buffers);
    c->reader = &c->plan.steps[reader - plan->steps];
    c->buffer = &c->plan.buffers[reader->inputs[0].buffer];
    for (int32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].output.buffer == reader->inputs[0].buffer) c->writer = &c->plan.steps[s];
    c->writer->params = c->written = copy_of(c, c->writer->params, sizeof *c->written);
    c->reader->params = c->read = copy_of(c, c->reader->params, sizeof *c->read);
}

static void other_kernel_reads(struct copy *c)
{
    c->reader->kernel = mote_kernel_find("depthwise_conv_2d_s8_3x3_2k_armv7em");
    c->reader->params = &c->read->conv;
}

static void other_kernel_writes(struct copy *c)
{
    c->writer->kernel = mote_kernel_find("conv_2d_s8_k64_armv7em");
    c->writer->params = &c->written->conv;
}

static void buffer_has_rows(struct copy *c)
{
    memset(&c->buffer->planes, 0, sizeof c->buffer->planes);
}

static void writer_has_other_planes(struct copy *c)
{
    c->written->plane_words++;
}

static void reader_has_other_rows(struct copy *c)
{
    c->read->row_words++;
}

static void first_value_lies_elsewhere(struct copy *c)
{
    c->written->first++;
}

/* The same wrong numbers everywhere. */
static void set_all(struct copy *c, struct mote_planes planes, uint32_t bytes)
{
    c->buffer->planes = planes;
    c->buffer->bytes = bytes;
    for (int i = 0; i < 2; i++) {
        struct mk_conv_planes_armv7em *const p = i ? c->read : c->written;
        p->plane_words = planes.plane_words;
        p->row_words = planes.row_words;
        p->first = planes.first;
        p->edge_words = planes.edge_words;
    }
}

static void rows_are_too_short(struct copy *c)
{
    struct mote_planes planes = c->buffer->planes;
    planes.row_words = (uint16_t)((c->read->conv.pad_left + c->read->conv.in_w + 1) / 2 - 1);
    planes.first = (uint16_t)(2 * planes.row_words * c->read->conv.pad_top + c->read->conv.pad_left);
    set_all(c, planes, c->buffer->bytes);
}

static void planes_overlap(struct copy *c)
{
    struct mote_planes planes = c->buffer->planes;
    planes.plane_words = (uint16_t)((c->read->conv.pad_top + c->read->conv.in_h) * planes.row_words - 1);
    planes.edge_words = (uint16_t)(c->buffer->bytes / 4 - (uint32_t)c->read->conv.in_c * planes.plane_words);
    set_all(c, planes, c->buffer->bytes);
}

static void edge_is_missing(struct copy *c)
{
    struct mote_planes planes = c->buffer->planes;
    planes.edge_words = 0;
    set_all(c, planes, 4u * planes.plane_words * c->read->conv.in_c);
}

static void buffer_is_too_small(struct copy *c)
{
    c->buffer->bytes -= 16;
}

static void padding_differs(struct copy *c)
{
    c->read->conv.pad_value++;
}

static void channels_differ(struct copy *c)
{
    c->written->conv.out_c--;
}

static void padding_is_not_written(struct copy *c)
{
    c->writer->row_begin = 1;
}

static void rows_are_written_downwards(struct copy *c)
{
    c->writer->rows_descend = true;
}

static void way_stores_bytes(struct copy *c)
{
    c->written->conv.way = MK_ARMV7EM_LARGE_SIGN;
}

static void application_reads(struct copy *c)
{
    c->plan.outputs = copy_of(c, c->plan.outputs, (size_t)c->plan.output_count * sizeof *c->plan.outputs);
    c->plan.outputs[0] = c->reader->inputs[0].buffer;
    c->buffer->last_step = c->plan.step_count;
}

/* Where kernels go by rows they may write over what they have read; those with planes may not. */
static void output_lies_over_planes(struct copy *c)
{
    c->plan.buffers[c->reader->output.buffer].offset = c->buffer->offset;
}

static void planes_lie_over_input(struct copy *c)
{
    c->buffer->offset = (c->plan.buffers[c->writer->inputs[0].buffer].offset + 3u) & ~3u;
    c->plan.arena_bytes += c->buffer->bytes;
}

static void reader_goes_by_rows(struct copy *c)
{
    c->reader->inputs[0].rows = (struct mote_row_map){c->read->conv.out_h, c->read->conv.in_h, 1, 0};
}

static const struct {
    const char *name;
    void (*change)(struct copy *c);
} changes[] = {
#define CHANGE(name) {#name, name}
    CHANGE(other_kernel_reads), CHANGE(other_kernel_writes), CHANGE(buffer_has_rows), CHANGE(writer_has_other_planes),
    CHANGE(reader_has_other_rows), CHANGE(first_value_lies_elsewhere), CHANGE(rows_are_too_short), CHANGE(planes_overlap),
    CHANGE(edge_is_missing), CHANGE(buffer_is_too_small), CHANGE(padding_differs), CHANGE(channels_differ),
    CHANGE(padding_is_not_written), CHANGE(rows_are_written_downwards), CHANGE(way_stores_bytes), CHANGE(application_reads),
    CHANGE(output_lies_over_planes), CHANGE(planes_lie_over_input), CHANGE(reader_goes_by_rows),
};

static void expect_refusals(const struct mote_plan *plan, const struct mote_step *layer, void *context)
{
    int *const refused = context;
    if (!layer->kernel->reads_planes) return;
    assert_int_equal(mote_plan_verify(plan, NULL), MOTE_OK);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct copy c = {0};
        copy_plan(&c, plan, layer);
        changes[i].change(&c);
        if (mote_plan_verify(&c.plan, NULL) != MOTE_ERR_INPUT) fail_msg("not refused: %s", changes[i].name);
        mote_arena_free(&c.arena);
        ++*refused;
    }
}

static void wrong_layouts_are_refused(void **state)
{
    (void)state;
    int refused = 0;
    random_layers_seed(23);
    random_pairs_on_host("cortex-m4", 8, CHAINS, expect_refusals, &refused);
    print_message("    %d wrong plans refused\n", refused);
    assert_true(refused > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planes_equal_the_reference_on_the_host),
        cmocka_unit_test(planes_equal_the_reference_on_chips),
        cmocka_unit_test(planes_take_no_more_memory_than_is_granted),
        cmocka_unit_test(wrong_layouts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
