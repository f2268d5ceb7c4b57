/* differential: writes random models for other implementations to run, and compares mote with what they gave.
 *
 *     differential generate FOLDER operators|graphs COUNT SEED [FIRST]   model_NNNN.tflite and model_NNNN.in.bin
 *     differential compare FOLDER operators|graphs COUNT SEED [FIRST]    reads, of each judge that is there,
 *                                                                        model_NNNN.JUDGE.bin or model_NNNN.JUDGE.refused
 *
 * The judges are "tflm" (TensorFlow Lite Micro), which decides, and "litert" (LiteRT's reference kernels), which differs
 * from it in known cases; FOLDER/JUDGE.txt holds the judge's release ("1.2.0"). COUNT models from number FIRST
 * (default 0) of the sequence that SEED names. Each is run as it was imported with memory of its own for every tensor, then
 * with mote's passes and its memory plan for the host, and for an AVR (the assembly's portable twins). The exit status
 * is 0 if all is equal. */
#include "generate.h"

#include "api/session.h"
#include "base/file.h"
#include "eval/eval.h"
#include "target/target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VECTORS 8
#define MOST_FILE_BYTES ((size_t)1 << 26)

enum { TFLM, LITERT, JUDGES };

struct judge {
    const char *name, *title;
    bool present;
    char release[40];
    unsigned compared, refused; /* models */
    unsigned long long values;  /* compared */
};

struct run {
    const char *folder;
    bool graphs;
    uint32_t count, first;
    uint64_t seed;
    bool newer; /* LiteRT is of release 1.4 or later */
    struct judge judges[JUDGES];
    unsigned refused, failed; /* models that mote refused with good reason; all that went wrong */
};

/* One model being compared. */
struct subject {
    struct run *run;
    uint32_t index;
    struct model_case m;
    struct mote *mote;
    struct mote_arena arena; /* files, plans, memory */
    const uint8_t *in;
    const uint8_t *expected[JUDGES]; /* NULL: not there, or refused */
};

static const char *path_of(const struct run *run, uint32_t index, const char *suffix, char path[1200])
{
    snprintf(path, 1200, "%s/model_%04u.%s", run->folder, (unsigned)index, suffix);
    return path;
}

static const char *judge_path(const struct subject *s, const struct judge *judge, const char *suffix, char path[1200])
{
    char name[40];
    snprintf(name, sizeof name, "%s.%s", judge->name, suffix);
    return path_of(s->run, s->index, name, path);
}

/* ---- generate ---- */

static bool write_case(const struct run *run, uint32_t index, struct mote_diag *diag)
{
    static struct model_case m;
    generate_case(&m, run->graphs, run->seed, index);
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
    for (size_t i = 0; i < diag.count; i++) fprintf(stderr, "%s\n", diag.messages[i].text);
    mote_diag_free(&diag);
    return ok ? 0 : 1;
}

/* ---- compare ---- */

static void print_subject(const struct subject *s, const char *what)
{
    printf("%s %u: %s\n  %s\n", s->run->graphs ? "graph" : "operator", (unsigned)s->index, s->m.text, what);
    for (size_t i = 0; i < mote_message_count(s->mote); i++) printf("  %s\n", mote_message(s->mote, i)->text);
}

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

/* What the judge's results may be apart. */
static double tolerance(const struct subject *s, const struct judge *judge)
{
    if (judge == &s->run->judges[TFLM]) return 0.0;
    const enum case_rule rule = s->run->newer ? s->m.newer_rule : s->m.rule;
    return rule == RULE_ONE_STEP ? 1.0 : rule == RULE_EXACT ? 0.0 : HUGE_VAL;
}

/* Compares one vector's outputs; prints the first difference. Returns false if there is one. */
static bool compare_vector(const struct subject *s, struct judge *judge, const char *way, int vector, const uint8_t *ours,
                           const uint8_t *theirs)
{
    const struct mote_graph *graph = s->mote->source;
    const double most = tolerance(s, judge);
    for (int32_t o = 0; o < graph->output_count; o++) {
        const struct mote_tensor *t = &graph->tensors[graph->outputs[o]];
        const size_t count = (size_t)mote_shape_elements(&t->shape);
        for (size_t i = 0; i < count; i++) {
            const double apart = distance(t->dtype, ours, theirs, i);
            if (apart <= most) continue;
            char what[200];
            snprintf(what, sizeof what, "%s, %s, vector %d, output %d, element %zu: %g apart", judge->title, way, vector,
                     (int)o, i, apart);
            print_subject(s, what);
            return false;
        }
        judge->values += count;
        ours += mote_tensor_bytes(t);
        theirs += mote_tensor_bytes(t);
    }
    return true;
}

/* Runs the plan on all vectors and compares with all judges. */
static bool compare_plan(struct subject *s, const struct mote_plan *plan, const char *way)
{
    const size_t in_vector = mote_eval_input_bytes(plan), out_vector = mote_eval_output_bytes(plan);
    uint8_t *memory = mote_arena_calloc(&s->arena, 1, plan->arena_bytes + 1);
    uint8_t *ours = mote_arena_calloc(&s->arena, 1, out_vector);
    if (!memory || !ours) abort();
    for (int v = 0; v < VECTORS; v++) {
        mote_eval_run(plan, memory, s->in + (size_t)v * in_vector, ours, NULL, NULL);
        for (int j = 0; j < JUDGES; j++)
            if (s->expected[j] &&
                !compare_vector(s, &s->run->judges[j], way, v, ours, s->expected[j] + (size_t)v * out_vector))
                return false;
    }
    return true;
}

static bool read_exactly(struct subject *s, const char *path, size_t bytes, const uint8_t **data)
{
    uint8_t *read;
    size_t size;
    if (mote_file_read(path, MOST_FILE_BYTES, &s->arena, &read, &size, &s->mote->diag) != MOTE_OK || size != bytes) {
        print_subject(s, path);
        return false;
    }
    *data = read;
    return true;
}

/* Input and judges' results; counts who judges. */
static bool read_data(struct subject *s, const struct mote_plan *plan)
{
    char path[1200];
    if (!read_exactly(s, path_of(s->run, s->index, "in.bin", path), VECTORS * mote_eval_input_bytes(plan), &s->in))
        return false;
    for (int j = 0; j < JUDGES; j++) {
        struct judge *judge = &s->run->judges[j];
        if (!judge->present) continue;
        const bool refused = mote_file_exists(judge_path(s, judge, "refused", path));
        judge->refused += refused;
        if (refused || tolerance(s, judge) > 1.0) continue;
        judge->compared++;
        if (!read_exactly(s, judge_path(s, judge, "bin", path), VECTORS * mote_eval_output_bytes(plan), &s->expected[j]))
            return false;
    }
    return true;
}

/* The model's plans, each compared. */
static bool compare_model(struct subject *s, struct mote_plan *reference)
{
    if (!read_data(s, reference) || !compare_plan(s, reference, "as imported")) return false;
    static const char *const targets[] = {"host", "atmega1284p"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct mote_plan *plan;
        const struct mote_target *target = mote_target_find(targets[i]);
        if (mote_plan_build(s->mote->graph, target, &s->arena, &plan, &s->mote->diag) != MOTE_OK ||
            mote_plan_verify(plan, &s->mote->diag) != MOTE_OK) {
            print_subject(s, "cannot be planned after the passes");
            return false;
        }
        char way[60];
        snprintf(way, sizeof way, "planned for %s", targets[i]);
        if (!compare_plan(s, plan, way)) return false;
    }
    return true;
}

/* mote may refuse what TensorFlow Lite Micro refuses; where that is not there, what LiteRT refuses or the generator says. */
static void count_refusal(struct subject *s, enum mote_status status)
{
    char path[1200];
    const struct judge *tflm = &s->run->judges[TFLM], *litert = &s->run->judges[LITERT];
    const bool fair = tflm->present ? mote_file_exists(judge_path(s, tflm, "refused", path))
                                    : s->m.may_be_refused || mote_file_exists(judge_path(s, litert, "refused", path));
    const bool expected = fair && status == MOTE_ERR_UNSUPPORTED;
    s->run->refused += expected;
    s->run->failed += !expected;
    if (!expected) print_subject(s, "refused by mote alone");
}

static void compare_case(struct run *run, uint32_t index)
{
    static struct subject s;
    char path[1200];
    s = (struct subject){.run = run, .index = index, .mote = mote_new()};
    if (!s.mote) abort();
    mote_arena_init(&s.arena, MOTE_ARENA_DEFAULT_LIMIT);
    generate_case(&s.m, run->graphs, run->seed, index);
    struct mote_plan *reference;
    enum mote_status status = mote_load(s.mote, path_of(run, index, "tflite", path));
    if (status == MOTE_OK) status = mote_session_reference(s.mote, s.mote->source, &s.arena, &reference);
    if (status != MOTE_OK) count_refusal(&s, status);
    else run->failed += !compare_model(&s, reference);
    mote_arena_free(&s.arena);
    mote_free(s.mote);
    tflw_free(s.m.writer);
}

static void read_releases(struct run *run)
{
    int major, minor;
    for (int j = 0; j < JUDGES; j++) {
        struct judge *judge = &run->judges[j];
        char path[1200];
        snprintf(path, sizeof path, "%s/%s.txt", run->folder, judge->name);
        FILE *file = fopen(path, "r");
        judge->present = file && fscanf(file, "%39s", judge->release) == 1;
        if (file) fclose(file);
    }
    if (sscanf(run->judges[LITERT].release, "%d.%d", &major, &minor) == 2)
        run->newer = major > 1 || (major == 1 && minor >= 4);
}

static int compare(struct run *run)
{
    bool ok = true, judged = false;
    read_releases(run);
    for (uint32_t i = run->first; i < run->first + run->count; i++) compare_case(run, i);
    for (int j = 0; j < JUDGES; j++) {
        const struct judge *judge = &run->judges[j];
        if (!judge->present) continue;
        judged = true;
        printf("%s %s: seed %llu, %u of %u %s compared (%d vectors, 3 plans each; %llu values), %u refused by it alone\n",
               judge->title, judge->release, (unsigned long long)run->seed, judge->compared, (unsigned)run->count,
               run->graphs ? "graphs" : "operators", VECTORS, judge->values, judge->refused);
    }
    printf("mote: %u refused as its judge did, %u failed\n", run->refused, run->failed);
    if (!judged) fprintf(stderr, "%s: nobody judged\n", run->folder);
    /* Refusals must stay the exception, or nothing is tested. */
    const struct judge *tflm = &run->judges[TFLM];
    if (tflm->present && run->count >= 50) ok = tflm->compared * 10 >= run->count * 9;
    return ok && judged && run->failed == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc < 6 || argc > 7) {
        fprintf(stderr, "usage: differential generate|compare FOLDER operators|graphs COUNT SEED [FIRST]\n");
        return 2;
    }
    struct run run = {
        .folder = argv[2],
        .graphs = strcmp(argv[3], "graphs") == 0,
        .count = (uint32_t)strtoul(argv[4], NULL, 10),
        .seed = strtoull(argv[5], NULL, 10),
        .first = argc > 6 ? (uint32_t)strtoul(argv[6], NULL, 10) : 0,
        .judges = {[TFLM] = {.name = "tflm", .title = "TensorFlow Lite Micro"},
                   [LITERT] = {.name = "litert", .title = "LiteRT"}},
    };
    return strcmp(argv[1], "generate") == 0 ? generate(&run) : compare(&run);
}
