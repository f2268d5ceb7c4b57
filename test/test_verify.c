/* test_verify.c: mote_verify finds kernels that are broken, and names the right operator, tensor, channel and position.
 *
 * The kernels that mote emits come from the table mote_kernel_files. This program has a table of its own (the linker then
 * leaves the library's out), filled with the files of kernel/, in which one kernel at a time is damaged: its source is kept
 * under another name, and a function of the kernel's name calls it and spoils what it wrote. What mote_verify must say
 * is computed here from the undamaged layers. Chips whose compiler or simulator is missing are left out. */
#include "../src/api/session.h"
#include "../src/base/embed.h"
#include "../src/base/file.h"
#include "../src/base/text.h"
#include "../src/eval/eval.h"
#include "tflite_writer.h"

#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- The table of kernels ---- */

#define MOST_FILES 512

struct mote_embedded_file mote_kernel_files[MOST_FILES];
size_t mote_kernel_files_count;

static struct mote_arena file_arena;
static const char *const folders[] = {"include", "ref", "avr", "armv6m", "armv7m", "armv7em", "mve", "rv32", "dsp"};

static void add_kernel_file(const char *folder, const char *name)
{
    char path[512];
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    snprintf(path, sizeof path, "kernel/%s/%s", folder, name);
    assert_true(mote_kernel_files_count < MOST_FILES);
    assert_int_equal(mote_file_read(path, (size_t)1 << 20, &file_arena, &bytes, &size_bytes, NULL), MOTE_OK);
    struct mote_embedded_file *file = &mote_kernel_files[mote_kernel_files_count++];
    *file = (struct mote_embedded_file){mote_arena_string(&file_arena, path + strlen("kernel/")), (char *)bytes, size_bytes};
    assert_non_null(file->name);
}

static int read_kernels(void **state)
{
    (void)state;
    mote_arena_init(&file_arena, MOTE_ARENA_DEFAULT_LIMIT);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "kernel/%s", folders[i]);
        DIR *folder = opendir(path);
        for (const struct dirent *entry; folder && (entry = readdir(folder));)
            if (entry->d_name[0] != '.') add_kernel_file(folders[i], entry->d_name);
        if (folder) closedir(folder);
    }
    return mote_kernel_files_count ? 0 : -1;
}

static int forget_kernels(void **state)
{
    (void)state;
    mote_arena_free(&file_arena);
    return 0;
}

static struct mote_embedded_file *find_file(const char *name)
{
    for (size_t i = 0; i < mote_kernel_files_count; i++)
        if (!strcmp(mote_kernel_files[i].name, name)) return &mote_kernel_files[i];
    fail_msg("there is no kernel/%s", name);
    return NULL;
}

/* ---- Two networks ---- */

#define DIMS(...) (sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), (const int32_t[]){__VA_ARGS__}

/* Operators of the first network, and its shapes. */
enum { CONV, DEPTHWISE, ADD, FULLY_CONNECTED, OPS };
enum { HEIGHT = 5, WIDTH = 6, IN_CHANNELS = 2, CHANNELS = 3, CLASSES = 4, ELEMENTS = HEIGHT * WIDTH * CHANNELS };
static const char *const op_names[OPS] = {"CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "FULLY_CONNECTED"};
static const char *const tensor_names[OPS] = {"conv", "depthwise", "sum", "classes"};

static int activation(struct tflw *w, const char *name, float scale, int64_t zero_point, size_t rank, const int32_t *dims)
{
    const struct tflw_quant quant = {&scale, &zero_point, 1, 0};
    return tflw_tensor(w, name, TFLW_INT8, rank, dims, &quant, NULL, 0);
}

static int weights(struct tflw *w, struct mote_rng *rng, int axis, size_t rank, const int32_t *dims)
{
    static const float scales[] = {0.01f, 0.008f, 0.012f, 0.009f};
    int8_t data[512];
    size_t count = 1;
    for (size_t i = 0; i < rank; i++) count *= (size_t)dims[i];
    assert_true(count <= sizeof data);
    for (size_t i = 0; i < count; i++) data[i] = (int8_t)((int)mote_rng_below(rng, 255) - 127);
    const struct tflw_quant quant = {scales, NULL, (size_t)dims[axis], axis};
    return tflw_tensor(w, "weights", TFLW_INT8, rank, dims, &quant, data, count);
}

static uint8_t *finish(struct tflw *w, size_t *size_bytes)
{
    uint8_t *bytes = tflw_finish(w, size_bytes);
    if (!bytes) fail_msg("%s", tflw_error(w));
    tflw_free(w);
    return bytes;
}

/* x -> conv -> depthwise -> conv + depthwise -> fully connected. The sum is an output, too. */
static uint8_t *make_network(size_t *size_bytes)
{
    struct tflw *w = tflw_new();
    struct mote_rng rng;
    mote_rng_seed(&rng, 11);
    const struct tflw_options same = {.padding = TFLW_SAME};
    const int x = activation(w, "x", 0.05f, 3, DIMS(1, HEIGHT, WIDTH, IN_CHANNELS));
    const int conv = activation(w, tensor_names[CONV], 0.2f, -5, DIMS(1, HEIGHT, WIDTH, CHANNELS));
    const int depthwise = activation(w, tensor_names[DEPTHWISE], 0.5f, 9, DIMS(1, HEIGHT, WIDTH, CHANNELS));
    const int sum = activation(w, tensor_names[ADD], 0.6f, 1, DIMS(1, HEIGHT, WIDTH, CHANNELS));
    const int classes = activation(w, tensor_names[FULLY_CONNECTED], 3.0f, -2, DIMS(1, CLASSES));
    tflw_op(w, TFLW_CONV_2D, 0, (int[]){x, weights(w, &rng, 0, DIMS(CHANNELS, 3, 3, IN_CHANNELS)), -1}, 3, &conv, 1, &same);
    tflw_op(w, TFLW_DEPTHWISE_CONV_2D, 0, (int[]){conv, weights(w, &rng, 3, DIMS(1, 3, 3, CHANNELS)), -1}, 3, &depthwise, 1,
            &same);
    tflw_op(w, TFLW_ADD, 0, (int[]){conv, depthwise}, 2, &sum, 1, &(struct tflw_options){0});
    tflw_op(w, TFLW_FULLY_CONNECTED, 0, (int[]){sum, weights(w, &rng, 0, DIMS(CLASSES, ELEMENTS)), -1}, 3, &classes, 1,
            &(struct tflw_options){0});
    tflw_io(w, &x, 1, (int[]){sum, classes}, 2);
    return finish(w, size_bytes);
}

/* a + b alone. */
static uint8_t *make_sum(size_t *size_bytes)
{
    struct tflw *w = tflw_new();
    const int a = activation(w, "a", 0.05f, 3, DIMS(1, 3, 4, CHANNELS)), b = activation(w, "b", 0.031f, -7, DIMS(1, 3, 4, CHANNELS));
    const int sum = activation(w, "sum", 0.083f, 2, DIMS(1, 3, 4, CHANNELS));
    tflw_op(w, TFLW_ADD, 0, (int[]){a, b}, 2, &sum, 1, &(struct tflw_options){0});
    tflw_io(w, (int[]){a, b}, 2, &sum, 1);
    return finish(w, size_bytes);
}

/* ---- A session with one network on one chip, and what its layers are ---- */

enum { EXTREME_VECTORS = 4, GIVEN_VECTORS = 3, VECTORS = EXTREME_VECTORS + GIVEN_VECTORS, MOST_LAYER_BYTES = 128 };

struct bench {
    const char *target;
    uint8_t *file;
    struct mote *mote;
    struct mote_arena arena;
    const struct mote_plan *reference;
    uint8_t given[GIVEN_VECTORS * 128];
    int8_t layers[VECTORS][OPS][MOST_LAYER_BYTES]; /* undamaged */
    size_t input_bytes;
    size_t vector; /* while the reference runs */
    struct mote_verify_report report;
};

static void keep_layer(void *context, int32_t step, const uint8_t *bytes, size_t size_bytes)
{
    struct bench *b = context;
    assert_true(size_bytes <= MOST_LAYER_BYTES && b->reference->steps[step].op < OPS);
    memcpy(b->layers[b->vector][b->reference->steps[step].op], bytes, size_bytes);
}

/* The vectors that mote_verify documents: all least, all greatest, all zero point, least and greatest in turn; then the
 * caller's. */
static void make_vector(const struct bench *b, size_t vector, uint8_t *input)
{
    const struct mote_graph *graph = b->mote->source;
    if (vector >= EXTREME_VECTORS) {
        memcpy(input, b->given + (vector - EXTREME_VECTORS) * b->input_bytes, b->input_bytes);
        return;
    }
    for (int32_t i = 0; i < graph->input_count; i++) {
        const struct mote_tensor *t = &graph->tensors[graph->inputs[i]];
        for (size_t k = 0; k < mote_tensor_bytes(t); k++) {
            const int value = vector == 2 ? mote_tensor_zero_point(t) : vector == 1 || (vector == 3 && k % 2) ? 127 : -128;
            *input++ = (uint8_t)value;
        }
    }
}

static void run_reference(struct bench *b)
{
    struct mote_plan *plan = NULL;
    assert_int_equal(mote_session_reference(b->mote, b->mote->source, &b->arena, &plan), MOTE_OK);
    b->reference = plan;
    uint8_t *memory = mote_arena_calloc(&b->arena, plan->arena_bytes, 1);
    uint8_t *input = mote_arena_calloc(&b->arena, b->input_bytes, 1);
    uint8_t *output = mote_arena_calloc(&b->arena, b->mote->model_info->vector_output_bytes, 1);
    for (b->vector = 0; b->vector < VECTORS; b->vector++) {
        make_vector(b, b->vector, input);
        mote_eval_run(plan, memory, input, output, keep_layer, b);
    }
}

static bool begin(struct bench *b, const char *target, uint8_t *(*make)(size_t *))
{
    *b = (struct bench){.target = target};
    for (size_t i = 0; i < mote_target_count(); i++) {
        const struct mote_target_info info = mote_target_info(i);
        if (strcmp(info.name, target) != 0 || info.available) continue;
        print_message("    %s is left out: %s is missing\n", target, info.missing);
        return false;
    }
    size_t size_bytes = 0;
    b->file = make(&size_bytes);
    b->mote = mote_new();
    mote_arena_init(&b->arena, MOTE_ARENA_DEFAULT_LIMIT);
    assert_int_equal(mote_load_memory(b->mote, "probe.tflite", b->file, size_bytes), MOTE_OK);
    assert_int_equal(mote_plan(b->mote, target), MOTE_OK);
    b->input_bytes = b->mote->model_info->vector_input_bytes;
    assert_true(GIVEN_VECTORS * b->input_bytes <= sizeof b->given);
    struct mote_rng rng;
    mote_rng_seed(&rng, 5);
    for (size_t i = 0; i < GIVEN_VECTORS * b->input_bytes; i++) b->given[i] = (uint8_t)mote_rng_below(&rng, 256);
    run_reference(b);
    return true;
}

static void end(struct bench *b)
{
    mote_free(b->mote);
    mote_arena_free(&b->arena);
    free(b->file);
}

static enum mote_status verify(struct bench *b)
{
    const struct mote_verify_options options = {.input = b->given, .input_vectors = GIVEN_VECTORS};
    const enum mote_status status = mote_verify(b->mote, &options, &b->report);
    if (status != MOTE_OK && status != MOTE_ERR_MISMATCH)
        for (size_t i = 0; i < mote_message_count(b->mote); i++) print_error("%s\n", mote_message(b->mote, i)->text);
    return status;
}

/* ---- Damage ---- */

static const struct mote_step *step_of(const struct bench *b, int32_t op)
{
    const struct mote_plan *plan = b->mote->plan;
    for (int32_t i = 0; i < plan->step_count; i++)
        if (plan->graph->ops[plan->steps[i].op].source_index == op) return &plan->steps[i];
    fail_msg("operator %d has no step", (int)op);
    return NULL;
}

/* C for "this call is of that operator", when several share the kernel. */
static const char *call_is_meant(const struct bench *b, const struct mote_step *step, char text[64])
{
    int users = 0;
    for (int32_t i = 0; i < b->mote->plan->step_count; i++) users += b->mote->plan->steps[i].kernel == step->kernel;
    const struct mote_shape *shape = &b->mote->plan->graph->tensors[step->tensor].shape;
    snprintf(text, 64, users == 1 ? "1" : "p->out_c == %d", (int)shape->dims[shape->rank - 1]);
    return text;
}

/* The kernel's arguments behind `out`, with or without types. */
static void write_arguments(const struct mote_kernel *kernel, bool typed, struct mote_text *text)
{
    static const char *const names[] = {"in", "in2"};
    for (int i = 0; i < kernel->input_count; i++) {
        if (typed) mote_text_printf(text, ", const %s *%s", kernel->in_types[i], names[i]);
        else mote_text_printf(text, ", %s", names[i]);
    }
    if (typed) mote_text_printf(text, ", MK_FLASH struct %s *p, uint16_t begin, uint16_t end", kernel->params->name);
    else mote_text_printf(text, ", p, begin, end");
}

/* Replaces the step's kernel in the table by one that runs it and then the statements `spoil`, which may use out, p,
 * begin and end. Returns the file's former content. */
static struct mote_embedded_file damage(struct bench *b, const struct mote_step *step, const char *spoil)
{
    struct mote_embedded_file *file = find_file(step->kernel->source);
    const struct mote_embedded_file whole = *file;
    const char *name = step->kernel->name, *out = step->kernel->out_type;
    char meant[64];
    struct mote_text text = {0};
    if (strcmp(file->name + strlen(file->name) - 2, ".c") != 0) fail_msg("%s is not C: damage it in another way", file->name);
    mote_text_printf(&text, "#define mk_%s mk_undamaged\n", name);
    mote_text_append(&text, whole.text, whole.bytes);
    mote_text_printf(&text, "\n#undef mk_%s\n", name);
    for (int i = 0; i < 2; i++) { /* prototype, function */
        mote_text_printf(&text, "void mk_%s(%s *out", name, out);
        write_arguments(step->kernel, true, &text);
        mote_text_printf(&text, i ? ")\n{\n    mk_undamaged(out" : ");\n");
    }
    write_arguments(step->kernel, false, &text);
    mote_text_printf(&text, ");\n    if (!(%s)) return;\n    %s\n}\n", call_is_meant(b, step, meant), spoil);
    assert_false(text.failed);
    file->bytes = text.length;
    file->text = mote_arena_copy(&file_arena, text.bytes, text.length);
    mote_text_free(&text);
    assert_non_null(file->text);
    return whole;
}

/* ---- What must be reported ---- */

struct expected {
    size_t vector;
    int32_t op;
    size_t element;
    int expected, got;
};

/* The first element in which a damaged layer differs; spoiled(correct layer, element) is what the damage makes of it. */
static struct expected first_difference(const struct bench *b, int32_t op, size_t elements,
                                        int (*spoiled)(const int8_t *layer, size_t element))
{
    for (size_t v = 0; v < VECTORS; v++)
        for (size_t i = 0; i < elements; i++) {
            const int8_t *layer = b->layers[v][op];
            if (spoiled(layer, i) != layer[i]) return (struct expected){v, op, i, layer[i], spoiled(layer, i)};
        }
    fail_msg("the damage has no effect");
    return (struct expected){0};
}

static void check_report(const struct bench *b, const struct expected *e)
{
    const struct mote_verify_report *r = &b->report;
    const struct mote_shape *shape = &b->reference->graph->tensors[step_of(b, e->op)->tensor].shape;
    size_t element = 0;
    assert_string_equal(r->target, b->target);
    assert_false(r->equal);
    assert_int_equal(r->source_index, e->op);
    assert_int_equal(r->vector, e->vector);
    assert_int_equal(r->rank, shape->rank);
    for (int32_t i = 0; i < r->rank; i++) element = element * (size_t)shape->dims[i] + (size_t)r->position[i];
    assert_int_equal(element, e->element);
    assert_int_equal(r->position[r->rank - 1], e->element % (size_t)shape->dims[shape->rank - 1]);
    assert_int_equal(r->expected, e->expected);
    assert_int_equal(r->got, e->got);
}

/* The name of the operator and its tensor, also in the message. */
static void check_names(const struct bench *b, const char *op_type, const char *tensor)
{
    const struct mote_verify_report *r = &b->report;
    const char *message = mote_message(b->mote, mote_message_count(b->mote) - 1)->text;
    assert_string_equal(r->op_type, op_type);
    assert_string_equal(r->tensor, tensor);
    assert_non_null(strstr(message, op_type));
    assert_non_null(strstr(message, tensor));
    assert_non_null(strstr(message, b->target));
}

/* ---- Tests ---- */

static const char *const targets[] = {"atmega328p", "cortex-m4"};
enum { TARGETS = sizeof targets / sizeof targets[0] };

static void undamaged_kernels_are_equal(void **state)
{
    (void)state;
    for (size_t i = 0; i < TARGETS; i++) {
        struct bench b;
        if (!begin(&b, targets[i], make_network)) continue;
        assert_int_equal(b.mote->plan->step_count, OPS);
        assert_int_equal(verify(&b), MOTE_OK);
        assert_true(b.report.equal);
        assert_int_equal(b.report.vectors, VECTORS);
        assert_int_equal(b.report.layers, OPS);
        end(&b);
    }
}

/* Damages the kernel of `op` on each chip and checks the report. */
static void check_damage(int32_t op, size_t elements, const char *spoil, int (*spoiled)(const int8_t *, size_t))
{
    for (size_t i = 0; i < TARGETS; i++) {
        struct bench b;
        if (!begin(&b, targets[i], make_network)) continue;
        const struct expected e = first_difference(&b, op, elements, spoiled);
        const struct mote_embedded_file whole = damage(&b, step_of(&b, op), spoil);
        const enum mote_status status = verify(&b);
        *find_file(whole.name) = whole;
        assert_int_equal(status, MOTE_ERR_MISMATCH);
        check_report(&b, &e);
        check_names(&b, op_names[op], tensor_names[op]);
        end(&b);
    }
}

static int last_channel_is_zero(const int8_t *layer, size_t i)
{
    return i % CHANNELS == CHANNELS - 1 ? 0 : layer[i];
}

static void a_channel_that_is_left_out_is_found(void **state)
{
    (void)state;
    check_damage(CONV, ELEMENTS, "for (uint16_t i = begin * 6; i < end * 6; i++) out[i * 3 + 2] = 0;", last_channel_is_zero);
}

static int right_border_repeats(const int8_t *layer, size_t i)
{
    return i / CHANNELS % WIDTH == WIDTH - 1 ? layer[i - CHANNELS] : layer[i];
}

static void a_wrong_right_border_is_found(void **state)
{
    (void)state;
    check_damage(DEPTHWISE, ELEMENTS,
                 "for (uint16_t r = begin; r < end; r++)\n"
                 "        for (uint16_t c = 0; c < 3; c++) out[(r * 6 + 5) * 3 + c] = out[(r * 6 + 4) * 3 + c];",
                 right_border_repeats);
}

static int one_more(const int8_t *layer, size_t i)
{
    return layer[i] < 127 ? layer[i] + 1 : 127;
}

static void a_wrong_zero_point_is_found(void **state)
{
    (void)state;
    check_damage(FULLY_CONNECTED, CLASSES,
                 "for (uint16_t i = begin * 4; i < end * 4; i++) out[i] = (int8_t)(out[i] < 127 ? out[i] + 1 : 127);", one_more);
}

/* One value in one place is wrong, and mostly not met: the vector must be the right one. */
static void a_rare_value_is_found_in_its_vector(void **state)
{
    (void)state;
    for (size_t i = 0; i < TARGETS; i++) {
        struct bench b;
        if (!begin(&b, targets[i], make_network)) continue;
        /* the value that only the last vector has */
        const int8_t value = b.layers[VECTORS - 1][ADD][7];
        for (size_t v = 0; v + 1 < VECTORS; v++) assert_int_not_equal(b.layers[v][ADD][7], value);
        const struct expected e = {VECTORS - 1, ADD, 7, value, value ^ 1};
        char spoil[96];
        snprintf(spoil, sizeof spoil, "if (begin == 0 && out[7] == %d) out[7] ^= 1;", value);
        const struct mote_embedded_file whole = damage(&b, step_of(&b, ADD), spoil);
        const enum mote_status status = verify(&b);
        *find_file(whole.name) = whole;
        assert_int_equal(status, MOTE_ERR_MISMATCH);
        check_report(&b, &e);
        end(&b);
    }
}

/* ---- Floats ---- */

static uint8_t *make_reals(size_t *size_bytes)
{
    struct tflw *w = tflw_new();
    const int x = activation(w, "x", 0.25f, 0, DIMS(1, CLASSES));
    const int y = tflw_tensor(w, "reals", TFLW_FLOAT32, DIMS(1, CLASSES), NULL, NULL, 0);
    tflw_op(w, TFLW_DEQUANTIZE, 0, &x, 1, &y, 1, &(struct tflw_options){0});
    tflw_io(w, &x, 1, &y, 1);
    return finish(w, size_bytes);
}

/* Floats are told as numbers, with the steps between them; 0 and -0 do not count as apart. */
static void floats_are_told_as_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *spoil;
        float expected, got;
        int64_t ulps;
    } cases[] = {
        {"((unsigned char *)out)[8] ^= 3;", 25.0f, 25.0000057f, 3},
        {"out[2] = -out[2];", 25.0f, -25.0f, 2 * (int64_t)0x41c80000},
    };
    size_t size_bytes = 0;
    uint8_t *file = make_reals(&size_bytes);
    const int8_t input[CLASSES] = {1, 2, 100, -3};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench b = {.mote = mote_new()};
        assert_int_equal(mote_load_memory(b.mote, "reals.tflite", file, size_bytes), MOTE_OK);
        assert_int_equal(mote_plan(b.mote, "atmega1284p"), MOTE_OK);
        char spoil[128];
        snprintf(spoil, sizeof spoil, "if (out[2] == 25.0f) %s", cases[i].spoil);
        const struct mote_embedded_file whole = damage(&b, &b.mote->plan->steps[0], spoil);
        const struct mote_verify_options options = {.input = (const uint8_t *)input, .input_vectors = 1};
        const enum mote_status status = mote_verify(b.mote, &options, &b.report);
        *find_file(whole.name) = whole;
        assert_int_equal(status, MOTE_ERR_MISMATCH);
        assert_true(b.report.is_real && b.report.position[1] == 2);
        assert_true(b.report.expected_real == cases[i].expected && b.report.got_real == cases[i].got);
        assert_int_equal(b.report.ulps, cases[i].ulps);
        const char *text = mote_message(b.mote, mote_message_count(b.mote) - 1)->text;
        assert_non_null(strstr(text, "expected 25, got "));
        assert_non_null(strstr(text, "ULPs apart"));
        mote_free(b.mote);
    }
    free(file);
}

/* ---- Rounding: the kernel's own source is changed ---- */

/* TensorFlow Lite's two roundings (doc/SPEC.md, "Requantisation") for shifts to the right; the second one may be left out. */
static int32_t rescale(int64_t x, int32_t multiplier, int shift, bool rounds)
{
    const int64_t high = (x * multiplier + ((int64_t)1 << 30)) >> 31; /* x is small: no overflow */
    const int64_t magnitude = (high < 0 ? -high : high) + (rounds && shift < 0 ? (int64_t)1 << (-shift - 1) : 0);
    const int64_t shifted = magnitude >> -shift;
    return (int32_t)(high < 0 ? -shifted : shifted);
}

static int add_formula(const struct mk_binary *p, int a, int b, bool rounds)
{
    const int64_t left = (int64_t)1 << p->left_shift;
    const int32_t sum = rescale((a + p->a_offset) * left, p->a_multiplier, p->a_shift, rounds) +
                        rescale((b + p->b_offset) * left, p->b_multiplier, p->b_shift, rounds);
    const int32_t out = rescale(sum, p->out_multiplier, p->out_shift, rounds) + p->out_zero_point;
    return out < p->act_min ? p->act_min : out > p->act_max ? p->act_max : out;
}

static struct mote_embedded_file replace(const char *name, const char *old, const char *new)
{
    struct mote_embedded_file *file = find_file(name);
    const struct mote_embedded_file whole = *file;
    const char *at = strstr(whole.text, old);
    if (!at || strstr(at + 1, old)) fail_msg("kernel/%s does not hold \"%s\" once: damage it in another way", name, old);
    struct mote_text text = {0};
    mote_text_append(&text, whole.text, (size_t)(at - whole.text));
    mote_text_printf(&text, "%s%s", new, at + strlen(old));
    assert_false(text.failed);
    file->bytes = text.length;
    file->text = mote_arena_copy(&file_arena, text.bytes, text.length);
    mote_text_free(&text);
    return whole;
}

static void a_wrong_rounding_is_found(void **state)
{
    (void)state;
    static const char *const by_reference[] = {"atmega328p", "cortex-m3"}; /* where so few elements are added as the reference does */
    for (size_t i = 0; i < sizeof by_reference / sizeof by_reference[0]; i++) {
        struct bench b;
        if (!begin(&b, by_reference[i], make_sum)) continue;
        const struct mk_binary *p = step_of(&b, 0)->params;
        assert_true(p->a_shift <= 0 && p->b_shift <= 0 && p->out_shift <= 0);
        struct expected e = {0};
        bool found = false;
        const size_t elements = b.input_bytes / 2;
        for (size_t v = 0; v < VECTORS; v++) {
            uint8_t input[sizeof b.given];
            make_vector(&b, v, input);
            for (size_t k = 0; k < elements; k++) {
                const int8_t x = (int8_t)input[k], y = (int8_t)input[elements + k];
                assert_int_equal(add_formula(p, x, y, true), b.layers[v][0][k]);
                const int wrong = add_formula(p, x, y, false);
                if (wrong != b.layers[v][0][k] && !found) e = (struct expected){v, 0, k, b.layers[v][0][k], wrong};
                found = found || wrong != b.layers[v][0][k];
            }
        }
        assert_true(found);
        const struct mote_embedded_file whole =
            replace("ref/mk_requantize.h", "magnitude = (magnitude >> 1) + (magnitude & 1u);", "magnitude = magnitude >> 1;");
        const enum mote_status status = verify(&b);
        *find_file(whole.name) = whole;
        assert_int_equal(status, MOTE_ERR_MISMATCH);
        check_report(&b, &e);
        check_names(&b, "ADD", "sum");
        end(&b);
    }
}

/* ---- Writes beyond the output ---- */

/* Where the first element behind (or before) `op`'s output that belongs to `victim` lies, counted from the output's start. */
static int32_t neighbour_at(const struct bench *b, int32_t op, int32_t victim, size_t *element)
{
    const struct mote_plan *plan = b->mote->plan;
    const struct mote_buffer *own = &plan->buffers[step_of(b, op)->output.buffer];
    const struct mote_buffer *other = &plan->buffers[step_of(b, victim)->output.buffer];
    const bool above = other->offset > own->offset;
    *element = above ? 0 : other->bytes - 1;
    return (int32_t)(other->offset + (uint32_t)*element) - (int32_t)own->offset;
}

/* Depthwise convolution overruns into its input, which the sum reads after it: the sum shows it. */
static void an_overrun_into_a_live_tensor_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < TARGETS; i++) {
        struct bench b;
        if (!begin(&b, targets[i], make_network)) continue;
        struct expected e = {.op = ADD};
        const int32_t at = neighbour_at(&b, DEPTHWISE, CONV, &e.element);
        assert_true(at == -1 || at == ELEMENTS); /* just beyond the output, at one of its ends */
        const struct mk_binary *p = step_of(&b, ADD)->params;
        const int8_t *conv = b.layers[0][CONV], *depthwise = b.layers[0][DEPTHWISE];
        assert_int_equal(step_of(&b, ADD)->inputs[0].buffer, step_of(&b, CONV)->output.buffer);
        e.expected = b.layers[0][ADD][e.element];
        assert_int_equal(add_formula(p, conv[e.element], depthwise[e.element], true), e.expected);
        e.got = add_formula(p, ~conv[e.element], depthwise[e.element], true);
        assert_int_not_equal(e.expected, e.got);
        char spoil[96];
        snprintf(spoil, sizeof spoil, "if (%s) out[%d] = (int8_t)~out[%d];", at < 0 ? "begin == 0" : "end == 5", (int)at, (int)at);
        const struct mote_embedded_file whole = damage(&b, step_of(&b, DEPTHWISE), spoil);
        const enum mote_status status = verify(&b);
        *find_file(whole.name) = whole;
        assert_int_equal(status, MOTE_ERR_MISMATCH);
        check_report(&b, &e);
        check_names(&b, "ADD", "sum");
        end(&b);
    }
}

/* The last layer spoils an output that was right when its own step ended: no layer differs, the outputs do. */
static void an_overrun_into_a_finished_output_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < TARGETS; i++) {
        struct bench b;
        if (!begin(&b, targets[i], make_network)) continue;
        size_t element;
        const int32_t at = neighbour_at(&b, FULLY_CONNECTED, ADD, &element);
        char spoil[64];
        snprintf(spoil, sizeof spoil, "out[%d] = (int8_t)~out[%d];", (int)at, (int)at);
        const struct mote_embedded_file whole = damage(&b, step_of(&b, FULLY_CONNECTED), spoil);
        const enum mote_status status = verify(&b);
        *find_file(whole.name) = whole;
        assert_int_equal(status, MOTE_ERR_MISMATCH);
        assert_string_equal(b.report.step, "output");
        assert_int_equal(b.report.vector, 0);
        end(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undamaged_kernels_are_equal),
        cmocka_unit_test(a_channel_that_is_left_out_is_found),
        cmocka_unit_test(a_wrong_right_border_is_found),
        cmocka_unit_test(a_wrong_zero_point_is_found),
        cmocka_unit_test(a_rare_value_is_found_in_its_vector),
        cmocka_unit_test(floats_are_told_as_numbers),
        cmocka_unit_test(a_wrong_rounding_is_found),
        cmocka_unit_test(an_overrun_into_a_live_tensor_is_found),
        cmocka_unit_test(an_overrun_into_a_finished_output_is_found),
    };
    return cmocka_run_group_tests(tests, read_kernels, forget_kernels);
}
