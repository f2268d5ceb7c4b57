/* test_blob.c: blobs hold what a plan holds, run as it runs, and are refused as soon as one byte is missing or another. */
#include "../src/blob/blob.h"
#include "../src/eval/eval.h"
#include "plan_fixture.h"
#include "random_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- Layout ---- */

static void test_host_layout_is_the_compiler_s(void **state)
{
    (void)state;
    const struct mote_blob_layout layout = mote_blob_layout_of(mote_target_find("host"));
    for (int id = 0; id < MOTE_KERNEL_COUNT; id++) {
        const struct mote_params_type *type = mote_kernel_get((enum mote_kernel_id)id)->params;
        uint8_t pointers = 0, got[256], wanted[256] = {0};
        assert_int_equal(mote_blob_params_bytes(type, layout, &pointers), type->bytes);
        /* what a compiler puts where: each field's bytes get a value of their own, pointers hold their place */
        uint32_t places[MOTE_MAX_CONSTANTS];
        for (size_t i = 0, slot = 0; i < type->field_count; i++) {
            const struct mote_field *field = &type->fields[i];
            const bool flash = mote_field_is_flash(field->kind);
            const uint64_t place = 0x100 + i;
            if (flash) {
                assert_true(i + pointers >= type->field_count); /* pointers are the last members */
                places[slot++] = (uint32_t)place;
                memcpy(wanted + field->offset, &place, sizeof place);
            } else {
                memset(wanted + field->offset, (int)i + 1, mote_field_value_bytes(field->kind) * field->array_length);
            }
        }
        mote_blob_params_write(type, layout, wanted, places, got);
        assert_memory_equal(got, wanted, type->bytes);
    }
}

static void test_params_survive_every_layout(void **state)
{
    (void)state;
    static const struct mote_blob_layout layouts[] = {{2, 1}, {3, 1}, {4, 4}, {8, 8}};
    static const uint8_t blob[512];
    for (int id = 0; id < MOTE_KERNEL_COUNT; id++)
        for (size_t l = 0; l < sizeof layouts / sizeof layouts[0]; l++) {
            const struct mote_params_type *type = mote_kernel_get((enum mote_kernel_id)id)->params;
            uint8_t params[256], bytes[256], back[256] = {0}, again[256];
            uint32_t places[MOTE_MAX_CONSTANTS];
            for (size_t i = 0; i < sizeof params; i++) params[i] = (uint8_t)(i * 37 + 5);
            for (int i = 0; i < MOTE_MAX_CONSTANTS; i++) places[i] = (uint32_t)(64 + 8 * i);
            mote_blob_params_write(type, layouts[l], params, places, bytes);
            mote_blob_params_read(type, layouts[l], bytes, blob, back);
            mote_blob_params_write(type, layouts[l], back, places, again);
            assert_memory_equal(bytes, again, mote_blob_params_bytes(type, layouts[l], NULL));
            int slot = 0;
            for (size_t i = 0; i < type->field_count; i++) {
                const void *pointer;
                if (!mote_field_is_flash(type->fields[i].kind)) continue;
                memcpy(&pointer, back + type->fields[i].offset, sizeof pointer);
                assert_ptr_equal(pointer, blob + places[slot++]);
            }
        }
}

static void test_kernel_ids_are_distinct(void **state)
{
    (void)state;
    for (int i = 0; i < MOTE_KERNEL_COUNT; i++) {
        const struct mote_kernel *kernel = mote_kernel_get((enum mote_kernel_id)i);
        assert_ptr_equal(mote_blob_kernel_of(mote_blob_kernel_id(kernel)), kernel);
        assert_true(mote_blob_kernel(kernel, (struct mote_blob_layout){8, 8}).params_bytes == kernel->params->bytes);
    }
    /* Ids are part of the format: this one may never change. */
    assert_int_equal(mote_blob_kernel_id(mote_kernel_find("conv_2d_s8_ref")), 0x46d605b2);
    assert_int_equal(mk_blob_checksum((const uint8_t *)"123456789", 0, 9), 0xcbf43926); /* the check value of CRC-32 */
}

/* ---- Runs ---- */

/* Portable kernels only, which are those that mote can judge. */
static const struct mote_plan_wishes plain = {.plain_kernels = true};

/* The plan's blob, in a block of its own that ends where it ends. */
static uint8_t *pack(const struct plan_fixture *f, const struct mote_blob_test *test, size_t *bytes)
{
    struct mote_text text = {0};
    plan_fixture_require_ok(f, mote_blob_write(f->plan, test, &text, NULL));
    uint8_t *copy = malloc(text.length);
    assert_non_null(copy);
    memcpy(copy, text.bytes, text.length);
    *bytes = text.length;
    mote_text_free(&text);
    return copy;
}

static void check_vector(struct plan_fixture *f, const struct mote_blob *blob, const uint8_t *input)
{
    const size_t output_bytes = mote_eval_output_bytes(f->plan);
    uint8_t *memory = plan_fixture_junk(f->plan->arena_bytes), *output = plan_fixture_junk(output_bytes);
    uint8_t *expected = plan_fixture_run(f->plan, input);
    plan_fixture_require_ok(f, mote_blob_run(blob, memory, input, output, &f->diag));
    assert_memory_equal(output, expected, output_bytes);
    free(memory);
    free(output);
    free(expected);
}

static int judged, unjudged;

static void check_random_graph(struct mote_rng *rng, bool wide, bool image)
{
    struct plan_fixture f;
    plan_fixture_begin(&f);
    f.graph = image ? random_image_graph(&f.arena, rng, 8, wide) : random_graph(&f.arena, rng, 8, wide);
    assert_non_null(f.graph);
    plan_fixture_require_ok(&f, mote_plan_build_with(f.graph, mote_target_find("host"), plain, &f.arena, &f.plan, &f.diag));
    const size_t input_bytes = mote_eval_input_bytes(f.plan);
    struct mote_blob *blob = NULL;
    size_t bytes;
    uint8_t *packed = pack(&f, NULL, &bytes), *input = plan_fixture_junk(input_bytes);
    plan_fixture_require_ok(&f, mote_blob_read(packed, bytes, &f.arena, &blob, &f.diag));
    const enum mote_status status = mote_blob_check(blob, NULL, &f.diag);
    if (status != MOTE_ERR_UNSUPPORTED) plan_fixture_require_ok(&f, status); /* what the compiler makes is never found wrong */
    judged += status == MOTE_OK;
    unjudged += status != MOTE_OK;
    for (int kind = 0; kind < 5; kind++) {
        random_graph_input(f.graph, rng, kind, input);
        check_vector(&f, blob, input);
    }
    free(packed);
    free(input);
    plan_fixture_end(&f);
}

static void test_random_networks_run_as_planned(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 77);
    for (int i = 0; i < 200; i++) check_random_graph(&rng, i % 3 == 2, i % 2 == 1);
    assert_true(judged > 3 * unjudged); /* the judge knows most of what there is */
}

static void test_models_run_as_planned(void **state)
{
    (void)state;
    static const char *const names[] = {"kws_ref_model", "ad01_int8", "vww_96_int8", "pretrainedResnet_quant", "str_ww_ref_model"};
    if (!plan_fixture_has_models()) skip();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct plan_fixture f;
        struct mote_rng rng;
        plan_fixture_begin(&f);
        plan_fixture_load(&f, names[i]);
        plan_fixture_require_ok(&f, mote_plan_build_with(f.graph, mote_target_find("host"), plain, &f.arena, &f.plan, &f.diag));
        struct mote_blob *blob = NULL;
        size_t bytes;
        uint8_t *packed = pack(&f, NULL, &bytes), *input = plan_fixture_junk(mote_eval_input_bytes(f.plan));
        plan_fixture_require_ok(&f, mote_blob_read(packed, bytes, &f.arena, &blob, &f.diag));
        plan_fixture_require_ok(&f, mote_blob_check(blob, NULL, &f.diag));
        mote_rng_seed(&rng, i);
        mote_rng_fill(&rng, input, mote_eval_input_bytes(f.plan));
        check_vector(&f, blob, input);
        free(packed);
        free(input);
        plan_fixture_end(&f);
    }
}

/* ---- A small network for what follows ---- */

struct small {
    struct plan_fixture f;
    uint8_t *blob, input[4096];
    size_t bytes;
};

/* The plan, with a self-test. */
static void small_pack(struct small *s)
{
    uint8_t *output = plan_fixture_run(s->f.plan, s->input);
    const struct mote_blob_test test = {
        s->input, mk_blob_hash(MK_BLOB_HASH, output, (uint32_t)mote_eval_output_bytes(s->f.plan))};
    free(output);
    s->blob = pack(&s->f, &test, &s->bytes);
}

static void small_begin(struct small *s)
{
    struct mote_rng rng;
    plan_fixture_begin(&s->f);
    mote_rng_seed(&rng, 5);
    do s->f.graph = random_image_graph(&s->f.arena, &rng, 5, false);
    while (s->f.graph && s->f.graph->op_count < 4);
    assert_non_null(s->f.graph);
    plan_fixture_require_ok(&s->f, mote_plan_build_with(s->f.graph, mote_target_find("host"), plain, &s->f.arena, &s->f.plan, &s->f.diag));
    assert_true(mote_eval_input_bytes(s->f.plan) <= sizeof s->input);
    random_graph_input(s->f.graph, &rng, 4, s->input);
    small_pack(s);
}

static void small_end(struct small *s)
{
    free(s->blob);
    plan_fixture_end(&s->f);
}

static void repair_checksum(uint8_t *blob, size_t bytes)
{
    struct mk_blob_header header;
    const uint32_t from = offsetof(struct mk_blob_header, target);
    memcpy(&header, blob, sizeof header);
    if (header.bytes < sizeof header || header.bytes > bytes) return;
    header.checksum = mk_blob_checksum(blob, from, header.bytes - from);
    memcpy(blob, &header, sizeof header);
}

static void check_self_test(struct small *s)
{
    struct mk_blob blob;
    uint8_t *memory = plan_fixture_junk(s->f.plan->arena_bytes);
    assert_int_equal(mk_blob_open(&blob, s->blob, (uint32_t)s->bytes), MK_BLOB_OK);
    assert_int_equal(mk_blob_self_test(&blob, memory), 1);
    assert_int_equal(mk_blob_self_test(&blob, memory), 1); /* the next inference begins anew */
    s->blob[blob.plan.test_at] ^= 1; /* of the hash */
    assert_int_equal(mk_blob_self_test(&blob, memory), 0);
    blob.plan.test_at = 0;
    assert_int_equal(mk_blob_self_test(&blob, memory), 0);
    free(memory);
}

static void test_self_test_tells_right_from_wrong(void **state)
{
    (void)state;
    struct small s;
    small_begin(&s);
    check_self_test(&s);
    small_end(&s);
}

/* ---- Damage ---- */

static enum mote_status read_quietly(const uint8_t *bytes, size_t count, bool *runs)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_blob *blob = NULL;
    double work = 0;
    mote_arena_init(&arena, (size_t)64 << 20);
    mote_diag_init(&diag, "blob");
    const enum mote_status status = mote_blob_read(bytes, count, &arena, &blob, &diag);
    assert_true(status == MOTE_OK || diag.count > 0);
    *runs = false;
    if (status == MOTE_OK && blob->header.plan.arena_bytes < 1 << 20 && mote_blob_check(blob, &work, &diag) == MOTE_OK && work < 1e7) {
        size_t in = 1, out = 1;
        for (int i = 0; i < blob->header.plan.input_count + blob->header.plan.output_count; i++)
            *(i < blob->header.plan.input_count ? &in : &out) += blob->ports[i].bytes;
        uint8_t *memory = plan_fixture_junk(blob->header.plan.arena_bytes), *input = plan_fixture_junk(in), *output = plan_fixture_junk(out);
        *runs = mote_blob_run(blob, memory, input, output, &diag) == MOTE_OK;
        free(memory);
        free(input);
        free(output);
    }
    mote_diag_free(&diag);
    mote_arena_free(&arena);
    return status;
}

static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    struct small s;
    bool runs;
    small_begin(&s);
    for (size_t n = 0; n < s.bytes; n++) {
        struct mk_blob blob;
        uint8_t *cut = malloc(n ? n : 1); /* exact, so that a read past the end is seen */
        assert_non_null(cut);
        memcpy(cut, s.blob, n);
        assert_int_not_equal(mk_blob_open(&blob, cut, (uint32_t)n), MK_BLOB_OK);
        assert_int_not_equal(read_quietly(cut, n, &runs), MOTE_OK);
        struct mk_blob_header header; /* that says it is whole, with a checksum that holds */
        if (n >= sizeof header) {
            memcpy(&header, cut, sizeof header);
            header.bytes = (uint32_t)n;
            memcpy(cut, &header, sizeof header);
            repair_checksum(cut, n);
            (void)mk_blob_open(&blob, cut, (uint32_t)n);
            (void)read_quietly(cut, n, &runs);
        }
        free(cut);
    }
    assert_int_equal(read_quietly(s.blob, s.bytes, &runs), MOTE_OK);
    assert_true(runs);
    small_end(&s);
}

static void test_every_changed_byte_is_noticed_or_harmless(void **state)
{
    (void)state;
    static const uint8_t changes[] = {0x01, 0x80, 0xff, 0x10};
    struct small s;
    size_t ran = 0, refused = 0;
    small_begin(&s);
    for (size_t at = 0; at < s.bytes; at++)
        for (size_t k = 0; k < sizeof changes; k++) {
            struct mk_blob blob;
            bool runs;
            s.blob[at] ^= changes[k];
            assert_int_not_equal(mk_blob_open(&blob, s.blob, (uint32_t)s.bytes), MK_BLOB_OK);
            assert_int_not_equal(read_quietly(s.blob, s.bytes, &runs), MOTE_OK);
            const uint8_t checksum[4] = {s.blob[12], s.blob[13], s.blob[14], s.blob[15]};
            repair_checksum(s.blob, s.bytes);
            (void)mk_blob_open(&blob, s.blob, (uint32_t)s.bytes);
            (void)read_quietly(s.blob, s.bytes, &runs); /* must end, and touch nothing but its own */
            ran += runs;
            refused += !runs;
            memcpy(s.blob + 12, checksum, sizeof checksum);
            s.blob[at] ^= changes[k];
        }
    assert_true(ran > 0 && refused > 0);
    small_end(&s);
}

static void open_changed(const struct small *s, size_t at, uint32_t value, enum mk_blob_error wanted)
{
    struct mk_blob blob;
    uint8_t *copy = malloc(s->bytes);
    assert_non_null(copy);
    memcpy(copy, s->blob, s->bytes);
    memcpy(copy + at, &value, sizeof value);
    repair_checksum(copy, s->bytes);
    assert_int_equal(mk_blob_open(&blob, copy, (uint32_t)s->bytes), wanted);
    free(copy);
}

static void test_errors_are_told_apart(void **state)
{
    (void)state;
    struct small s;
    struct mk_blob blob;
    small_begin(&s);
    const size_t plan = offsetof(struct mk_blob_header, plan), step = sizeof(struct mk_blob_header);
    const uint32_t arena = s.f.plan->arena_bytes;
    open_changed(&s, 0, 0x12345678, MK_BLOB_NO_BLOB);
    open_changed(&s, offsetof(struct mk_blob_header, version), 99, MK_BLOB_OTHER_VERSION);
    open_changed(&s, offsetof(struct mk_blob_header, version), MK_BLOB_VERSION | (MK_ABI + 1u) << 16, MK_BLOB_OTHER_VERSION);
    open_changed(&s, offsetof(struct mk_blob_header, bytes), (uint32_t)s.bytes + 1, MK_BLOB_CUT_OFF);
    open_changed(&s, offsetof(struct mk_blob_header, bytes), 8, MK_BLOB_CUT_OFF);
    open_changed(&s, offsetof(struct mk_blob_header, pointer_bytes), 0x0404, MK_BLOB_OTHER_CHIP);
    open_changed(&s, plan + offsetof(struct mk_blob_plan, arena_bytes), 3, MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, plan + offsetof(struct mk_blob_plan, steps_at), (uint32_t)s.bytes - 8, MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, plan + offsetof(struct mk_blob_plan, ports_at), UINT32_MAX, MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, plan + offsetof(struct mk_blob_plan, test_at), (uint32_t)s.bytes - 4, MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, step + offsetof(struct mk_blob_step, kernel), 1, MK_BLOB_UNKNOWN_KERNEL);
    open_changed(&s, step + offsetof(struct mk_blob_step, params_at), (uint32_t)s.bytes - 2, MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, step + offsetof(struct mk_blob_step, out), arena + 1, MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, step + offsetof(struct mk_blob_step, params_bytes), 5, MK_BLOB_OTHER_VERSION);
    s.blob[s.bytes - 1] ^= 1;
    assert_int_equal(mk_blob_open(&blob, s.blob, (uint32_t)s.bytes), MK_BLOB_DAMAGED);
    small_end(&s);
}

/* ---- Streams ---- */

static int streams;

static void check_random_stream(struct mote_rng *rng, bool wide)
{
    struct plan_fixture f;
    plan_fixture_begin(&f);
    f.graph = random_image_graph(&f.arena, rng, 7, wide);
    assert_non_null(f.graph);
    if (mote_plan_build_stream(f.graph, mote_target_find("host"), &f.arena, &f.plan, NULL) == MOTE_OK) {
        const size_t input_bytes = mote_eval_input_bytes(f.plan);
        struct mote_blob *blob = NULL;
        size_t bytes;
        uint8_t *packed = pack(&f, NULL, &bytes), *input = plan_fixture_junk(input_bytes);
        plan_fixture_require_ok(&f, mote_blob_read(packed, bytes, &f.arena, &blob, &f.diag));
        assert_int_equal(mote_blob_check(blob, NULL, &f.diag), MOTE_ERR_UNSUPPORTED); /* nobody judges streams yet */
        for (int kind = 0; kind < 5; kind++) {
            random_graph_input(f.graph, rng, kind, input);
            check_vector(&f, blob, input);
        }
        free(packed);
        free(input);
        streams++;
    }
    plan_fixture_end(&f);
}

static void test_random_streams_run_as_planned(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 78);
    for (int i = 0; i < 120; i++) check_random_stream(&rng, i % 3 == 2);
    assert_true(streams > 60);
}

/* The same network as small_begin's, as a stream. */
static void small_begin_stream(struct small *s)
{
    small_begin(s);
    free(s->blob);
    plan_fixture_require_ok(&s->f, mote_plan_build_stream(s->f.graph, mote_target_find("host"), &s->f.arena, &s->f.plan, &s->f.diag));
    small_pack(s);
}

static void test_streams_pass_their_self_test(void **state)
{
    (void)state;
    struct small s;
    small_begin_stream(&s);
    check_self_test(&s);
    small_end(&s);
}

/* Readers and loader agree on all but what only one of them asks for, and neither leaves the bytes. */
static void test_every_changed_byte_of_a_stream_is_survived(void **state)
{
    (void)state;
    struct small s;
    size_t opened = 0, refused = 0;
    small_begin_stream(&s);
    for (size_t at = 0; at < s.bytes; at++)
        for (unsigned change = 1; change < 256; change *= 5) {
            struct mk_blob blob;
            bool runs;
            const uint8_t checksum[4] = {s.blob[12], s.blob[13], s.blob[14], s.blob[15]};
            s.blob[at] ^= (uint8_t)change;
            repair_checksum(s.blob, s.bytes);
            const bool is_open = mk_blob_open(&blob, s.blob, (uint32_t)s.bytes) == MK_BLOB_OK;
            opened += is_open;
            refused += !is_open;
            (void)read_quietly(s.blob, s.bytes, &runs);
            memcpy(s.blob + 12, checksum, sizeof checksum);
            s.blob[at] ^= (uint8_t)change;
        }
    assert_true(opened > 0 && refused > 0);
    for (size_t n = 0; n < s.bytes; n++) {
        struct mk_blob blob;
        uint8_t *cut = malloc(n ? n : 1);
        assert_non_null(cut);
        memcpy(cut, s.blob, n);
        assert_int_not_equal(mk_blob_open(&blob, cut, (uint32_t)n), MK_BLOB_OK);
        free(cut);
    }
    small_end(&s);
}

static void test_stream_tables_are_checked(void **state)
{
    (void)state;
    struct small s;
    struct mk_blob_header header;
    struct mk_blob_stream stream;
    small_begin_stream(&s);
    memcpy(&header, s.blob, sizeof header);
    memcpy(&stream, s.blob + header.plan.stream_at, sizeof stream);
    const size_t at = header.plan.stream_at, event = stream.events_at, operand = stream.operands_at;
    open_changed(&s, at + offsetof(struct mk_blob_stream, events_at), (uint32_t)s.bytes - 2, MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, at + offsetof(struct mk_blob_stream, operands_at), UINT32_MAX, MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, at + offsetof(struct mk_blob_stream, places_at), (uint32_t)s.bytes - 2, MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, event, 0, MK_BLOB_OUT_OF_BOUNDS);                       /* the first one does not take a row */
    open_changed(&s, event, MK_BLOB_TAKE | 0xfff0u << 16, MK_BLOB_OUT_OF_BOUNDS); /* a row that is not there */
    open_changed(&s, event, MK_BLOB_TAKE | 1u << 16, MK_BLOB_OUT_OF_BOUNDS); /* not from the top */
    open_changed(&s, event + 4, 0x7fff, MK_BLOB_OUT_OF_BOUNDS);              /* a step that is not there */
    open_changed(&s, at + offsetof(struct mk_blob_stream, row_bytes), stream.row_bytes - 1, MK_BLOB_OUT_OF_BOUNDS); /* not all of it */
    open_changed(&s, operand, 0xfff0u | 1u << 16, MK_BLOB_OUT_OF_BOUNDS);    /* a place that is not there */
    open_changed(&s, operand + offsetof(struct mk_blob_operand, window), 2, MK_BLOB_OUT_OF_BOUNDS); /* a table to write to */
    open_changed(&s, operand + sizeof(struct mk_blob_operand) + offsetof(struct mk_blob_operand, window), MK_BLOB_MOST_WINDOW + 1,
                 MK_BLOB_OUT_OF_BOUNDS);
    open_changed(&s, stream.places_at, s.f.plan->arena_bytes + 1, MK_BLOB_OUT_OF_BOUNDS);
    const size_t input = stream.places_at + 4 * (size_t)(stream.first_input + stream.input_rows - 1);
    open_changed(&s, input, s.f.plan->arena_bytes - stream.row_bytes + 1, MK_BLOB_OUT_OF_BOUNDS); /* its last byte is outside */
    open_changed(&s, input, s.f.plan->arena_bytes - stream.row_bytes, MK_BLOB_OK);
    small_end(&s);
}

/* What the loop leaves of its stack are pointers that lead nowhere. */
static void spoil_stack(void)
{
    volatile uint8_t junk[8192];
    for (size_t i = 0; i < sizeof junk; i++) junk[i] = 0xff;
}

/* Wherever a window is said to lie, every entry of the table that its kernel gets is a row of the tensor. */
static void test_windows_beside_the_tensor_are_rows(void **state)
{
    (void)state;
    static const int16_t pads[] = {INT16_MIN, -1000, -1, 1, 1000, INT16_MAX};
    struct small s;
    struct mk_blob_header header;
    struct mk_blob_stream stream;
    int windows = 0;
    small_begin_stream(&s);
    memcpy(&header, s.blob, sizeof header);
    memcpy(&stream, s.blob + header.plan.stream_at, sizeof stream);
    uint8_t *memory = plan_fixture_junk(header.plan.arena_bytes);
    for (size_t i = 0; i < 3u * header.plan.step_count; i++) {
        struct mk_blob_operand operand, changed;
        uint8_t *at = s.blob + stream.operands_at + i * sizeof operand;
        memcpy(&operand, at, sizeof operand);
        if (!operand.window) continue;
        windows++;
        for (size_t k = 0; k < sizeof pads / sizeof pads[0]; k++) {
            struct mk_blob blob;
            changed = operand;
            changed.pad = pads[k];
            memcpy(at, &changed, sizeof changed);
            repair_checksum(s.blob, s.bytes);
            assert_int_equal(mk_blob_open(&blob, s.blob, (uint32_t)s.bytes), MK_BLOB_OK);
            spoil_stack();
            (void)mk_blob_self_test(&blob, memory); /* computes nonsense, of rows that are there */
        }
        memcpy(at, &operand, sizeof operand);
    }
    assert_true(windows > 0);
    free(memory);
    small_end(&s);
}

/* ---- What cannot be packed ---- */

static void test_strips_are_refused(void **state)
{
    (void)state;
    struct plan_fixture f;
    struct mote_text text = {0};
    if (!plan_fixture_has_models()) skip();
    plan_fixture_begin(&f);
    plan_fixture_load(&f, "vww_96_int8");
    plan_fixture_require_ok(&f, mote_plan_build_strips_with(f.graph, mote_target_find("host"), (struct mote_plan_wishes){0},
                                                            &(struct mote_strips_wanted){.count = 2}, &f.arena, &f.plan, &f.diag));
    assert_int_equal(mote_blob_write(f.plan, NULL, &text, &f.diag), MOTE_ERR_UNSUPPORTED);
    assert_non_null(strstr(f.diag.messages[f.diag.count - 1].text, "in strips"));
    mote_text_free(&text);
    plan_fixture_end(&f);
}

static void test_every_failed_allocation_is_told(void **state)
{
    (void)state;
    struct small s;
    small_begin(&s);
    for (long k = 0;; k++) {
        struct mote_arena arena;
        struct mote_blob *blob = NULL;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        arena.fail_after = k;
        const enum mote_status status = mote_blob_read(s.blob, s.bytes, &arena, &blob, &s.f.diag);
        mote_arena_free(&arena);
        assert_true(status == MOTE_OK || (status == MOTE_ERR_MEMORY && !blob));
        if (status == MOTE_OK) break;
    }
    small_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_layout_is_the_compiler_s),
        cmocka_unit_test(test_params_survive_every_layout),
        cmocka_unit_test(test_kernel_ids_are_distinct),
        cmocka_unit_test(test_random_networks_run_as_planned),
        cmocka_unit_test(test_models_run_as_planned),
        cmocka_unit_test(test_self_test_tells_right_from_wrong),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_every_changed_byte_is_noticed_or_harmless),
        cmocka_unit_test(test_errors_are_told_apart),
        cmocka_unit_test(test_random_streams_run_as_planned),
        cmocka_unit_test(test_streams_pass_their_self_test),
        cmocka_unit_test(test_every_changed_byte_of_a_stream_is_survived),
        cmocka_unit_test(test_stream_tables_are_checked),
        cmocka_unit_test(test_windows_beside_the_tensor_are_rows),
        cmocka_unit_test(test_strips_are_refused),
        cmocka_unit_test(test_every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
