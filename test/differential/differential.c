/* differential: writes random models for another implementation to run, and compares mote with what it gave.
 *
 *     differential generate FOLDER COUNT SEED [FIRST]   model_NNNN.tflite and model_NNNN.in.bin
 *     differential compare FOLDER COUNT SEED [FIRST]    reads model_NNNN.ref.bin or model_NNNN.refused
 *
 * FOLDER/reference.txt holds the release of the other implementation ("1.2.0").
 * COUNT models from number FIRST (default 0) of the sequence that SEED names. The exit status is 0 if all is equal. */
#include "generate.h"

#include "base/file.h"
#include "eval/eval.h"
#include "import/tflite.h"
#include "target/target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VECTORS 8
#define MOST_FILE_BYTES ((size_t)1 << 26)

struct run {
    const char *folder;
    uint32_t count, first;
    uint64_t seed;
    bool newer; /* the other implementation is of release 1.4 or later */
};

struct totals {
    unsigned compared, equal_values, refused_by_both, refused_by_reference, failed;
};

static char *path_of(const struct run *run, uint32_t index, const char *suffix, char path[1200])
{
    snprintf(path, 1200, "%s/model_%04u.%s", run->folder, (unsigned)index, suffix);
    return path;
}

static void print_messages(const struct mote_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++) fprintf(stderr, "  %s\n", diag->messages[i].text);
}

/* ---- generate ---- */

static bool write_case(const struct run *run, uint32_t index, struct mote_diag *diag)
{
    struct model_case m;
    generate_case(&m, run->seed, index);
    size_t model_bytes = 0;
    uint8_t *model = tflw_finish(m.writer, &model_bytes);
    if (!model) {
        fprintf(stderr, "model %u (%s): %s\n", (unsigned)index, m.text, tflw_error(m.writer));
        return false;
    }
    const size_t bytes = vector_bytes(&m);
    uint8_t *vectors = malloc(bytes * VECTORS + 1);
    if (!vectors) abort();
    for (int i = 0; i < VECTORS; i++) make_vector(&m, i, vectors + (size_t)i * bytes);
    char path[1200];
    const bool written = mote_file_write(path_of(run, index, "tflite", path), model, model_bytes, diag) == MOTE_OK &&
                         mote_file_write(path_of(run, index, "in.bin", path), vectors, bytes * VECTORS, diag) == MOTE_OK;
    free(vectors);
    free(model);
    tflw_free(m.writer);
    return written;
}

static int generate(const struct run *run)
{
    struct mote_diag diag;
    mote_diag_init(&diag, "");
    bool ok = true;
    for (uint32_t i = run->first; ok && i < run->first + run->count; i++) ok = write_case(run, i, &diag);
    print_messages(&diag);
    mote_diag_free(&diag);
    return ok ? 0 : 1;
}

/* ---- compare ---- */

/* How far element i of two outputs is apart in quantisation steps; floats are equal or infinitely far apart. */
static double distance(enum mote_dtype dtype, const uint8_t *ours, const uint8_t *theirs, size_t i)
{
    const size_t size = mote_dtype_bytes(dtype);
    ours += i * size;
    theirs += i * size;
    if (!memcmp(ours, theirs, size)) return 0.0;
    int64_t a = 0, b = 0;
    switch (dtype) {
    case MOTE_F32: return HUGE_VAL;
    case MOTE_S8: a = (int8_t)*ours, b = (int8_t)*theirs; break;
    case MOTE_U8: a = *ours, b = *theirs; break;
    case MOTE_S16: a = (int16_t)(ours[0] | ours[1] << 8), b = (int16_t)(theirs[0] | theirs[1] << 8); break;
    default: {
        int32_t c, d;
        memcpy(&c, ours, 4), memcpy(&d, theirs, 4);
        a = c, b = d;
    }
    }
    return fabs((double)(a - b));
}

/* Compares one vector's outputs; prints the first difference. Returns false if there is one. */
static bool compare_vector(const struct run *run, const struct mote_graph *graph, const struct model_case *m,
                           uint32_t index, int vector, const uint8_t *ours, const uint8_t *theirs, struct totals *totals)
{
    const enum case_rule rule = run->newer ? m->newer_rule : m->rule;
    for (int32_t o = 0; o < graph->output_count; o++) {
        const struct mote_tensor *t = &graph->tensors[graph->outputs[o]];
        const size_t count = (size_t)mote_shape_elements(&t->shape);
        for (size_t i = 0; i < count; i++) {
            const double apart = distance(t->dtype, ours, theirs, i);
            totals->equal_values += apart == 0.0;
            if (apart <= (rule == RULE_ONE_STEP ? 1.0 : 0.0)) continue;
            printf("model %u: %s\n  vector %d, output %d, element %zu: %g apart\n", (unsigned)index, m->text, vector,
                   (int)o, i, apart);
            return false;
        }
        ours += mote_tensor_bytes(t);
        theirs += mote_tensor_bytes(t);
    }
    return true;
}

struct loaded {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph;
    struct mote_plan *plan;
};

static enum mote_status load(const struct run *run, uint32_t index, struct loaded *l)
{
    char path[1200];
    uint8_t *bytes;
    size_t size;
    mote_arena_init(&l->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&l->diag, "");
    enum mote_status status =
        mote_file_read(path_of(run, index, "tflite", path), MOST_FILE_BYTES, &l->arena, &bytes, &size, &l->diag);
    if (status == MOTE_OK) status = mote_import_tflite(bytes, size, "model", &l->arena, &l->graph, &l->diag);
    if (status == MOTE_OK) status = mote_graph_verify(l->graph, &l->diag);
    if (status == MOTE_OK)
        status = mote_plan_build(l->graph, mote_target_find("host"), &l->arena, &l->plan, &l->diag);
    return status == MOTE_OK ? mote_plan_verify(l->plan, &l->diag) : status;
}

static bool compare_outputs(const struct run *run, uint32_t index, const struct model_case *m, struct loaded *l,
                            struct totals *totals)
{
    char path[1200];
    uint8_t *in, *theirs;
    size_t in_bytes, their_bytes;
    if (mote_file_read(path_of(run, index, "in.bin", path), MOST_FILE_BYTES, &l->arena, &in, &in_bytes, &l->diag) ||
        mote_file_read(path_of(run, index, "ref.bin", path), MOST_FILE_BYTES, &l->arena, &theirs, &their_bytes, &l->diag)) {
        print_messages(&l->diag);
        return false;
    }
    const size_t in_vector = mote_eval_input_bytes(l->plan), out_vector = mote_eval_output_bytes(l->plan);
    if (in_bytes != VECTORS * in_vector || their_bytes != VECTORS * out_vector) {
        printf("model %u: %s\n  bytes per vector differ\n", (unsigned)index, m->text);
        return false;
    }
    uint8_t *memory = mote_arena_calloc(&l->arena, 1, l->plan->arena_bytes);
    uint8_t *ours = mote_arena_calloc(&l->arena, 1, out_vector);
    if (!memory || !ours) abort();
    for (int v = 0; v < VECTORS; v++) {
        mote_eval_run(l->plan, memory, in + (size_t)v * in_vector, ours, NULL, NULL);
        if (!compare_vector(run, l->graph, m, index, v, ours, theirs + (size_t)v * out_vector, totals)) return false;
    }
    totals->compared++;
    return true;
}

static void compare_case(const struct run *run, uint32_t index, struct totals *totals)
{
    struct model_case m;
    struct loaded l = {0};
    char path[1200];
    generate_case(&m, run->seed, index);
    const bool reference_refused = mote_file_exists(path_of(run, index, "refused", path));
    const enum mote_status status = load(run, index, &l);
    if (status != MOTE_OK) {
        const bool expected = status == MOTE_ERR_UNSUPPORTED && (reference_refused || m.may_be_refused);
        totals->refused_by_both += expected;
        totals->failed += !expected;
        if (!expected) {
            printf("model %u: %s\n  refused by mote alone:\n", (unsigned)index, m.text);
            fflush(stdout);
            print_messages(&l.diag);
        }
    } else if (reference_refused) {
        totals->refused_by_reference++;
    } else if (!compare_outputs(run, index, &m, &l, totals)) {
        totals->failed++;
    }
    mote_diag_free(&l.diag);
    mote_arena_free(&l.arena);
    tflw_free(m.writer);
}

static bool read_release(struct run *run)
{
    char path[1200];
    int major, minor;
    snprintf(path, sizeof path, "%s/reference.txt", run->folder);
    FILE *file = fopen(path, "r");
    const bool ok = file && fscanf(file, "%d.%d", &major, &minor) == 2;
    if (file) fclose(file);
    if (!ok) fprintf(stderr, "%s: no release number\n", path);
    else run->newer = major > 1 || (major == 1 && minor >= 4);
    return ok;
}

static int compare(struct run *run)
{
    struct totals totals = {0};
    if (!read_release(run)) return 1;
    for (uint32_t i = run->first; i < run->first + run->count; i++) compare_case(run, i, &totals);
    printf("seed %llu: %u models of %d vectors compared, %u values equal; not compared: %u refused by mote, %u by the "
           "reference alone; %u failed\n",
           (unsigned long long)run->seed, totals.compared, VECTORS, totals.equal_values, totals.refused_by_both,
           totals.refused_by_reference, totals.failed);
    /* Refusals must stay the exception, or nothing is tested. */
    return totals.failed || (run->count >= 50 && totals.compared * 5 < run->count * 4) ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: differential generate|compare FOLDER COUNT SEED [FIRST]\n");
        return 2;
    }
    struct run run = {
        .folder = argv[2],
        .count = (uint32_t)strtoul(argv[3], NULL, 10),
        .seed = strtoull(argv[4], NULL, 10),
        .first = argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) : 0,
    };
    return strcmp(argv[1], "generate") == 0 ? generate(&run) : compare(&run);
}
