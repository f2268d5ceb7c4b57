/* test_golden.c: whole models, bit for bit.
 *
 * Every model of ../shared/models and its folder seanet for which ../shared/golden has vectors is imported, verified,
 * planned for the host and evaluated; the outputs of all vectors, and the tensor that each operator writes, must be the
 * bytes that the reference kernels gave. Models are found by listing the folder, so that new ones are tested, too.
 * A model may be skipped only if it has an operator that no mote operator is named after, or computes in float. */
#include "../src/base/file.h"
#include "../src/eval/eval.h"
#include "../src/import/tflite.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define MODELS "../shared/models"
#define GOLDEN "../shared/golden"
#define MOST_FILE_BYTES ((size_t)64 << 20)
#define MOST_MODELS 256
#define MOST_LAYERS 512
#define LAYER_VECTORS 32

static struct {
    int models, skipped;
    long vectors, layers;
} total;

struct blob {
    uint8_t *bytes;
    size_t size;
};

/* Golden bytes of one operator's output. */
struct layer {
    int64_t op; /* in the file */
    size_t offset, bytes;
};

struct model {
    char folder[128], name[128]; /* folder below MODELS and GOLDEN: "" or "/seanet" */
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph;
    struct mote_plan *plan;
    uint8_t *memory, *output;
    json_t *layers_json;
    struct layer layers[MOST_LAYERS];
    size_t layer_count;
    uint64_t *hashes; /* [LAYER_VECTORS][layer_count] */
    struct blob layer_bytes[2]; /* of vectors 0 and 16 */
    int vector;                 /* being evaluated; -1: one without golden layers */
};

static bool try_read(struct model *m, struct blob *blob, const char *format, const char *a, const char *b,
                     const char *c)
{
    char path[512];
    snprintf(path, sizeof path, format, a, b, c);
    if (!mote_file_exists(path)) return false;
    assert_int_equal(mote_file_read(path, MOST_FILE_BYTES, &m->arena, &blob->bytes, &blob->size, &m->diag), MOTE_OK);
    return true;
}

static void print_diag(const struct mote_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++) print_message("    %s\n", diag->messages[i].text);
}

/* ---- Golden layers ---- */

static uint64_t fnv1a(const uint8_t *bytes, size_t count)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}

static size_t json_size(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_true(json_is_integer(value) && json_integer_value(value) >= 0);
    return (size_t)json_integer_value(value);
}

static void read_layers(struct model *m)
{
    char path[512];
    snprintf(path, sizeof path, GOLDEN "%s/layers/%s.layers.json", m->folder, m->name);
    if (!mote_file_exists(path)) return;
    m->layers_json = json_load_file(path, 0, NULL);
    assert_true(json_is_array(m->layers_json));
    m->layer_count = json_array_size(m->layers_json);
    assert_in_range(m->layer_count, 1, MOST_LAYERS);
    for (size_t i = 0; i < m->layer_count; i++) {
        const json_t *entry = json_array_get(m->layers_json, i);
        m->layers[i] = (struct layer){.op = (int64_t)json_size(entry, "op"),
                                      .offset = json_size(entry, "offset"),
                                      .bytes = json_size(entry, "bytes")};
    }
    struct blob text;
    assert_true(try_read(m, &text, GOLDEN "%s/layers/%s%s", m->folder, m->name, ".layers.fnv"));
    m->hashes = MOTE_NEW_ARRAY(&m->arena, uint64_t, LAYER_VECTORS * m->layer_count);
    const char *at = mote_arena_copy(&m->arena, text.bytes, text.size);
    assert_non_null(m->hashes);
    assert_non_null(at);
    for (size_t i = 0; i < LAYER_VECTORS * m->layer_count; i++) {
        char *end;
        m->hashes[i] = strtoull(at, &end, 16);
        assert_true(end > at);
        at = end;
    }
    assert_true(try_read(m, &m->layer_bytes[0], GOLDEN "%s/layers/%s%s", m->folder, m->name, ".layers.v0.bin"));
    assert_true(try_read(m, &m->layer_bytes[1], GOLDEN "%s/layers/%s%s", m->folder, m->name, ".layers.v16.bin"));
}

/* Says where a layer's first difference is, if its bytes are on file for this vector. */
static void show_difference(const struct model *m, const struct layer *layer, const uint8_t *bytes)
{
    if (m->vector != 0 && m->vector != 16) return;
    const uint8_t *golden = m->layer_bytes[m->vector == 16].bytes + layer->offset;
    size_t different = 0, first = 0;
    for (size_t i = 0; i < layer->bytes; i++)
        if (bytes[i] != golden[i] && different++ == 0) first = i;
    print_error("    %zu of %zu bytes differ; the first is byte %zu: %d, golden %d\n", different, layer->bytes, first,
                (int8_t)bytes[first], (int8_t)golden[first]);
}

static void check_layer(void *context, int32_t step, const uint8_t *bytes, size_t size_bytes)
{
    struct model *m = context;
    const struct mote_step *s = &m->plan->steps[step];
    const struct mote_op *op = &m->graph->ops[s->op];
    if (m->vector < 0 || m->vector >= LAYER_VECTORS || s->tensor != op->outputs[0]) return;
    for (size_t i = 0; i < m->layer_count; i++) {
        const struct layer *layer = &m->layers[i];
        if (layer->op != op->source_index) continue;
        assert_int_equal(size_bytes, layer->bytes);
        total.layers++;
        if (fnv1a(bytes, size_bytes) == m->hashes[(size_t)m->vector * m->layer_count + i]) return;
        print_error("%s, vector %d, op %d %s (%s): not the golden bytes\n", m->name, m->vector, op->source_index,
                    op->source_type, s->kernel->name);
        show_difference(m, layer, bytes);
        fail();
    }
}

/* ---- Models ---- */

/* Whether mote has to take the model: no float, and every operator is one of mote's or an alias of one. */
static bool must_be_supported(const char *folder, const char *name)
{
    static const char *const aliases[] = {"SQUEEZE", "EXPAND_DIMS", "PADV2"};
    char path[512];
    snprintf(path, sizeof path, GOLDEN "%s/%s.json", folder, name);
    json_t *json = json_load_file(path, 0, NULL);
    if (!json) return true; /* single int16 operators come without a description */
    bool supported = true;
    const char *op;
    json_t *value;
    json_object_foreach(json_object_get(json, "ops"), op, value) {
        bool known = false;
        for (int kind = 0; kind < MOTE_OP_COUNT; kind++) known |= !strcmp(mote_op_name((enum mote_op_kind)kind), op);
        for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) known |= !strcmp(aliases[i], op);
        supported &= known;
    }
    size_t i;
    json_array_foreach(json_object_get(json, "inputs"), i, value) {
        const char *type = json_string_value(json_object_get(value, "type"));
        supported &= type && strcmp(type, "FLOAT32") != 0;
    }
    json_decref(json);
    return supported;
}

static enum mote_status compile(struct model *m)
{
    struct blob file;
    assert_true(try_read(m, &file, MODELS "%s/%s%s", m->folder, m->name, ".tflite"));
    enum mote_status status = mote_import_tflite(file.bytes, file.size, m->name, &m->arena, &m->graph, &m->diag);
    if (status == MOTE_OK) status = mote_graph_verify(m->graph, &m->diag);
    if (status == MOTE_OK) status = mote_plan_build(m->graph, mote_target_reference(), &m->arena, &m->plan, &m->diag);
    if (status == MOTE_OK) status = mote_plan_verify(m->plan, &m->diag);
    return status;
}

/* Runs all vectors of a file and compares with the golden outputs. */
static void check_vectors(struct model *m, const char *in_suffix, const char *out_suffix, bool has_layers)
{
    struct blob in, out;
    if (!try_read(m, &in, GOLDEN "%s/%s%s", m->folder, m->name, in_suffix)) return;
    assert_true(try_read(m, &out, GOLDEN "%s/%s%s", m->folder, m->name, out_suffix));
    const size_t in_bytes = mote_eval_input_bytes(m->plan), out_bytes = mote_eval_output_bytes(m->plan);
    const size_t vectors = out.size / out_bytes;
    assert_true(vectors > 0);
    assert_int_equal(in.size, vectors * in_bytes);
    assert_int_equal(out.size, vectors * out_bytes);
    for (size_t i = 0; i < vectors; i++) {
        m->vector = has_layers ? (int)i : -1;
        mote_eval_run(m->plan, m->memory, in.bytes + i * in_bytes, m->output, check_layer, m);
        total.vectors++;
        if (!memcmp(m->output, out.bytes + i * out_bytes, out_bytes)) continue;
        print_error("%s%s, vector %zu: the output differs\n", m->name, in_suffix, i);
        fail();
    }
}

/* Memory at a multiple of 16, in a block of its own so that the sanitizer sees its ends. */
static uint8_t *aligned_memory(size_t bytes)
{
    uint8_t *memory = aligned_alloc(16, (bytes + 15) / 16 * 16 + 16);
    assert_non_null(memory);
    return memory;
}

static void test_model(void **state)
{
    struct model *m = *state;
    const enum mote_status status = compile(m);
    if (status == MOTE_ERR_UNSUPPORTED && !must_be_supported(m->folder, m->name)) {
        print_message("    %s is beyond mote: %s\n", m->name, m->diag.count ? m->diag.messages[0].text : "");
        total.skipped++;
        skip();
    }
    if (status != MOTE_OK) print_diag(&m->diag);
    assert_int_equal(status, MOTE_OK);
    read_layers(m);
    m->memory = aligned_memory(m->plan->arena_bytes);
    m->output = aligned_memory(mote_eval_output_bytes(m->plan));
    check_vectors(m, ".in.bin", ".out.bin", m->layer_count > 0);
    check_vectors(m, ".edge.in.bin", ".edge.out.bin", false);
    total.models++;
}

static int set_up(void **state)
{
    struct model *m = calloc(1, sizeof *m);
    if (!m) return -1;
    const char *path = *state; /* folder and name, parted by a slash */
    const char *slash = strrchr(path, '/');
    snprintf(m->folder, sizeof m->folder, "%.*s", (int)(slash - path), path);
    snprintf(m->name, sizeof m->name, "%s", slash + 1);
    mote_arena_init(&m->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&m->diag, m->name);
    *state = m;
    return 0;
}

static int tear_down(void **state)
{
    struct model *m = *state;
    json_decref(m->layers_json);
    free(m->memory);
    free(m->output);
    mote_diag_free(&m->diag);
    mote_arena_free(&m->arena);
    free(m);
    return 0;
}

/* ---- The list of models ---- */

static char paths[MOST_MODELS][256]; /* "/kws_ref_model", "/seanet/conv0" */
static struct CMUnitTest tests[MOST_MODELS];
static size_t test_count;

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void list_models(const char *folder)
{
    char path[512];
    snprintf(path, sizeof path, MODELS "%s", folder);
    DIR *dir = opendir(path);
    if (!dir) return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".tflite") != 0 || test_count == MOST_MODELS) continue;
        char *name = paths[test_count];
        snprintf(name, sizeof paths[0], "%s/%.*s", folder, (int)(dot - entry->d_name), entry->d_name);
        snprintf(path, sizeof path, GOLDEN "%s.in.bin", name);
        if (mote_file_exists(path)) test_count++;
    }
    closedir(dir);
}

int main(void)
{
    if (!mote_file_exists(MODELS) || !mote_file_exists(GOLDEN)) {
        fprintf(stderr, "skipped: " MODELS " and " GOLDEN " are not here\n");
        return 77;
    }
    list_models("");
    list_models("/seanet");
    qsort(paths, test_count, sizeof paths[0], compare_names);
    for (size_t i = 0; i < test_count; i++)
        tests[i] = (struct CMUnitTest){paths[i], test_model, set_up, tear_down, paths[i]};
    const int failed = _cmocka_run_group_tests("golden models", tests, test_count, NULL, NULL);
    print_message("compared: %d models, %ld vectors, %ld layers of vectors; %d models beyond mote\n", total.models,
                  total.vectors, total.layers, total.skipped);
    return failed || total.models == 0;
}
