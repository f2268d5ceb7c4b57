/* cmd_bench.c: mote bench: models by chips, all that an inference costs, and whether it got worse. */
#include "bench_baseline.h"
#include "bench_data.h"
#include "bench_table.h"
#include "scores.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TARGET, VECTORS, INPUT, PLAN, BASELINE = PLAN + MOTE_CLI_PLAN_OPTION_COUNT, TOLERANCE, PEERS, OUTPUT, JSON };
#define SHARED_MODELS "../shared/models"
enum { SEED = 1, MOST_MODELS = 1000, MOST_TARGETS = 64 };

static const struct mote_cli_option options[] = {
    [TARGET] = {"target", 't', "TARGETS", "chips or classes of them (avr, cortex-m, riscv, all),\nseparated by commas (default: all but the host)"},
    [VECTORS] = {"vectors", 'n', "N", "vectors to run, always the same ones (default: 4)"},
    [INPUT] = {"input", 'i', "FILE", "these vectors instead, for a single model"},
    MOTE_CLI_PLAN_OPTIONS(PLAN),
    [BASELINE] = {"baseline", 'b', "FILE", "compare with what --json or --output gave earlier; the\nexit status is 1 if a figure got worse"},
    [TOLERANCE] = {"tolerance", 0, "PERCENT", "how much a figure may grow before it is worse\n(default: 0.5)"},
    [PEERS] = {"peers", 0, "FILE", "figures of peers to set beside (default: ../peers.json\nas seen from the model, if it is there)"},
    [OUTPUT] = {"output", 'o', "FILE", "also write the JSON object to this file"},
    [JSON] = {"json", 0, NULL, "print one JSON object"},
};

struct bench {
    struct mote_cli_session *session;
    const struct mote_cli_args *args;
    struct mote_plan_options plan;
    struct mote_target_info targets[MOST_TARGETS];
    size_t target_count, vector_count, task, task_count;
    struct mote_cli_bench_vectors vectors; /* of the current model */
    json_t *rows;
    bool failed;          /* a row did not come out for another reason than the chip's size or missing tools */
};

/* ---- One row ---- */

/* What is short, in a word. */
static const char *lacks(const struct mote_plan_info *plan)
{
    if (!plan || (!plan->lacks_ram && !plan->lacks_flash)) return NULL;
    return plan->lacks_ram && plan->lacks_flash ? "RAM and flash" : plan->lacks_ram ? "RAM" : "flash";
}

/* null where the chip has no such limit. */
static json_t *share(double used_bytes, uint32_t limit_bytes)
{
    return mote_cli_has_limit(limit_bytes) && used_bytes > 0 ? json_real(used_bytes / limit_bytes) : json_null();
}

struct field {
    const char *key;
    json_t *value;
};

static void add_fields(json_t *row, const struct field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) json_object_set_new(row, fields[i].key, fields[i].value);
}

static void add_figures(json_t *row, const struct mote_run_report *report, const struct mote_target_info *target)
{
    const uint32_t stack_bytes =
        report->worst_case_stack_bytes > report->stack_bytes ? report->worst_case_stack_bytes : report->stack_bytes;
    const uint32_t total_bytes = report->ram_bytes ? report->ram_bytes + stack_bytes : 0;
    const struct field figures[] = {
        {"macs", json_integer((json_int_t)report->macs)},
        {"weight_bytes", json_integer((json_int_t)report->weight_bytes)},
        {"cycles", mote_cli_json_real(report->cycles)},
        {"instructions", mote_cli_json_real(report->instructions)},
        {"estimated_cycles", mote_cli_json_real(report->estimated_cycles)},
        {"estimate_is_timed", json_boolean(report->estimate_is_timed)},
        {"milliseconds", mote_cli_json_real(report->milliseconds)},
        {"energy_uj", mote_cli_json_real(report->energy_uj)},
        {"arena_bytes", mote_cli_json_size(report->arena_bytes)},
        {"ram_bytes", mote_cli_json_size(report->ram_bytes)},
        {"stack_bytes", mote_cli_json_size(report->stack_bytes)},
        {"worst_case_stack_bytes", mote_cli_json_size(report->worst_case_stack_bytes)},
        {"total_ram_bytes", mote_cli_json_size(total_bytes)},
        {"flash_bytes", mote_cli_json_size(report->flash_bytes)},
        {"code_bytes", mote_cli_json_size(report->code_bytes)},
        {"ram_share", share(total_bytes, target->ram_bytes)},
        {"flash_share", share(report->flash_bytes, target->flash_bytes)},
    };
    add_fields(row, figures, sizeof figures / sizeof figures[0]);
}

/* How the plan proceeds, and what the chip lacks for it. */
static void add_plan(json_t *row, const struct mote_plan_info *plan, bool fits)
{
    const struct field fields[] = {
        {"schedule", plan ? json_string(mote_cli_schedule_name(plan->schedule)) : json_null()},
        {"strips", mote_cli_json_size(plan ? plan->strips : 0)},
        {"lacks", fits ? json_null() : mote_cli_json_text(lacks(plan))},
        {"missing_ram_bytes", mote_cli_json_size(plan && !fits ? plan->missing_ram_bytes : 0)},
        {"missing_flash_bytes", mote_cli_json_size(plan && !fits ? plan->missing_flash_bytes : 0)},
    };
    add_fields(row, fields, sizeof fields / sizeof fields[0]);
}

static void add_peer(json_t *row, const json_t *peers, const char *model, const char *target)
{
    json_t *peer = peers ? mote_cli_bench_peer(peers, model, target) : NULL;
    const double ours = json_number_value(json_object_get(row, "instructions"));
    const double theirs = json_number_value(json_object_get(peer, "instructions"));
    json_object_set_new(row, "peer_ratio", ours > 0 && theirs > 0 ? json_real(theirs / ours) : json_null());
    json_object_set_new(row, "peer", peer ? peer : json_null());
}

static const char *outcome_of(enum mote_status status)
{
    switch (status) {
    case MOTE_OK: return "ok";
    case MOTE_ERR_NO_FIT: return "no_fit";
    case MOTE_ERR_UNSUPPORTED: return "unsupported";
    case MOTE_ERR_MISMATCH: return "different";
    default: return "failed";
    }
}

static enum mote_status run_and_compare(struct bench *bench, struct mote_run_report *report)
{
    struct mote *mote = bench->session->mote;
    const struct mote_cli_bench_vectors *vectors = &bench->vectors;
    const struct mote_model_info *model = mote_model_info(mote);
    const enum mote_status status =
        mote_run(mote, &(struct mote_run_options){.input = vectors->input, .vector_count = vectors->count}, report);
    if (status != MOTE_OK || !vectors->expected) return status;
    const bool equal = mote_cli_compare_outputs(model, vectors->expected_path, vectors->expected,
                                                vectors->count * model->vector_output_bytes, report->output, vectors->count);
    return equal ? MOTE_OK : MOTE_ERR_MISMATCH;
}

static void bench_target(struct bench *bench, const char *model, const json_t *peers, const struct mote_target_info *target)
{
    struct mote_cli_session *session = bench->session;
    const struct mote_cli_bench_vectors *vectors = &bench->vectors;
    struct mote_run_report report;
    json_t *row = json_pack("{s:o, s:s, s:o, s:I}", "model", mote_cli_json_text(model), "target", target->name, "input",
                            mote_cli_json_text(vectors->source), "vectors", (json_int_t)vectors->count);
    mote_cli_begin_task("%zu of %zu, %s on %s", ++bench->task, bench->task_count, model, target->name);
    enum mote_status status = mote_plan_with(session->mote, target->name, &bench->plan);
    const bool can_run = status == MOTE_OK && target->available;
    if (can_run) status = run_and_compare(bench, &report);
    const char *outcome = status == MOTE_OK && !can_run ? "unavailable" : outcome_of(status);
    const char *why = status == MOTE_OK ? (can_run ? NULL : target->missing)
                      : status == MOTE_ERR_MISMATCH ? "the outputs differ from the golden ones" : mote_cli_last_error(session);
    json_object_set_new(row, "outcome", json_string(outcome));
    json_object_set_new(row, "why", mote_cli_json_text(why));
    add_plan(row, mote_plan_info(session->mote), status != MOTE_ERR_NO_FIT);
    if (can_run && status == MOTE_OK) {
        add_figures(row, &report, target);
        json_object_set_new(row, "golden_vectors", mote_cli_json_size(vectors->expected ? vectors->count : 0));
    }
    add_peer(row, peers, model, target->name);
    json_array_append_new(bench->rows, row);
    mote_cli_clear_progress();
    if (strcmp(outcome, "failed") == 0 || strcmp(outcome, "different") == 0) {
        bench->failed = true;
        mote_cli_show_messages(session);
    }
    session->messages_shown = mote_message_count(session->mote); /* what does not fit stands in the row */
}

/* The vectors of the command line, the golden ones beside the model, or random ones. */
static enum mote_status read_vectors(struct bench *bench, const char *model_path)
{
    struct mote *mote = bench->session->mote;
    const char *path = bench->args->values[INPUT];
    if (!path) return mote_cli_bench_vectors(mote, model_path, SEED, bench->vector_count, &bench->vectors);
    bench->vectors.source = path;
    return mote_read_input(mote, path, &bench->vectors.input, &bench->vectors.count);
}

static void bench_model(struct bench *bench, const char *path)
{
    bool no_peers = false;
    enum mote_status status = mote_load(bench->session->mote, path);
    if (status == MOTE_OK) status = mote_cli_take_samples(bench->session, bench->args->values[PLAN + MOTE_CLI_PROFILE_DATA]);
    if (status == MOTE_OK) status = read_vectors(bench, path);
    mote_cli_show_messages(bench->session);
    json_t *peers = status == MOTE_OK ? mote_cli_bench_read_peers(bench->args->values[PEERS], path, &no_peers) : NULL;
    const struct mote_cli_text name = mote_cli_stem(path);
    if (status != MOTE_OK || no_peers) bench->failed = true;
    for (size_t i = 0; status == MOTE_OK && i < bench->target_count && !mote_cli_interrupted(); i++)
        bench_target(bench, name.text, peers, &bench->targets[i]);
    mote_cli_bench_release(&bench->vectors);
    json_decref(peers);
}

/* ---- The verb ---- */

static bool find_targets(struct bench *bench)
{
    const char *names = bench->args->values[TARGET];
    if (mote_target_count() > MOST_TARGETS) return false;
    if (names) return mote_cli_find_targets(bench->args->verb, names, bench->targets, &bench->target_count);
    for (size_t i = 0; i < mote_target_count(); i++) {
        const struct mote_target_info target = mote_target_info(i);
        if (strcmp(target.name, "host") != 0) bench->targets[bench->target_count++] = target;
    }
    return true;
}

/* Rows are found again by their model's name. */
static bool has_names_of_their_own(const struct mote_cli_args *args)
{
    for (int i = 0; i < args->operand_count; i++) {
        const struct mote_cli_text name = mote_cli_stem(args->operands[i]);
        for (int k = 0; k < i; k++) {
            if (strcmp(mote_cli_stem(args->operands[k]).text, name.text) != 0) continue;
            mote_cli_usage_error(args->verb, "two models are called '%s'", name.text);
            return false;
        }
    }
    return true;
}

static bool parse_tolerance(const struct mote_cli_args *args, double *percent)
{
    const char *text = args->values[TOLERANCE];
    if (!text) return true;
    char *end;
    const double value = strtod(text, &end);
    if (*text >= '0' && *text <= '9' && !*end && value >= 0 && value <= 1000) {
        *percent = value;
        return true;
    }
    mote_cli_usage_error(args->verb, "--tolerance wants a number from 0 to 1000, not '%s'", text);
    return false;
}

static json_t *report_json(const struct bench *bench)
{
    return json_pack("{s:s, s:I, s:o, s:o, s:O}", "version", MOTE_VERSION, "vectors", (json_int_t)bench->vector_count, "seed",
                     bench->args->values[INPUT] ? json_null() : json_integer(SEED), "input",
                     mote_cli_json_text(bench->args->values[INPUT]), "rows", bench->rows);
}

/* Figures of other vectors are not the same figures where kernels look at their data. */
static bool is_comparable(const json_t *report, const json_t *baseline, const char *path)
{
    if (json_equal(json_object_get(report, "vectors"), json_object_get(baseline, "vectors")) &&
        json_equal(json_object_get(report, "input"), json_object_get(baseline, "input")) &&
        json_equal(json_object_get(report, "seed"), json_object_get(baseline, "seed")) &&
        mote_cli_bench_same_inputs(json_object_get(report, "rows"), baseline))
        return true;
    return mote_cli_error("%s was measured with other vectors; use the same --vectors or --input", path);
}

static bool write_report(const char *path, const json_t *report)
{
    char *text = json_dumps(report, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    const bool ok = text ? mote_cli_write_file(path, text) : mote_cli_error("out of memory");
    free(text);
    return ok;
}

static bool finish(struct bench *bench, const json_t *baseline, double tolerance_percent)
{
    const char *baseline_path = bench->args->values[BASELINE], *output = bench->args->values[OUTPUT];
    json_t *report = report_json(bench);
    bool ok = !bench->failed && !mote_cli_interrupted() && json_array_size(bench->rows) > 0;
    if (baseline && is_comparable(report, baseline, baseline_path)) {
        const size_t worse = mote_cli_bench_compare(bench->rows, baseline, tolerance_percent);
        if (worse) ok = mote_cli_error("worse than %s by more than %g %%: %zu of %zu rows", baseline_path, tolerance_percent,
                                       worse, json_array_size(bench->rows));
    } else if (baseline) {
        ok = false;
    }
    if (output) ok = write_report(output, report) && ok;
    if (bench->session->json) json_object_update(bench->session->json, report);
    else ok = mote_cli_bench_print(bench->rows, baseline_path != NULL) && ok;
    json_decref(report);
    return ok;
}

/* Without models, those of MLPerf Tiny, if they are there. */
static void bench_models(struct bench *bench)
{
    static const char *const mlperf_tiny[] = {"kws_ref_model", "pretrainedResnet_quant", "vww_96_int8", "ad01_int8", "str_ww_ref_model"};
    const size_t count = sizeof mlperf_tiny / sizeof mlperf_tiny[0];
    const struct mote_cli_args *args = bench->args;
    const size_t operands = (size_t)args->operand_count;
    bench->task_count = (operands ? operands : count) * bench->target_count;
    for (size_t i = 0; i < operands && !mote_cli_interrupted(); i++) bench_model(bench, args->operands[i]);
    for (size_t i = 0; !operands && i < count && !mote_cli_interrupted(); i++) {
        char path[256];
        snprintf(path, sizeof path, SHARED_MODELS "/%s.tflite", mlperf_tiny[i]);
        bench_model(bench, path);
    }
}

static int run(const struct mote_cli_args *args)
{
    uint64_t vectors = 4;
    double tolerance_percent = 0.5;
    struct bench bench = {.args = args};
    if (!find_targets(&bench) || !mote_cli_parse_number(args, VECTORS, 1, 100000, &vectors) ||
        !mote_cli_parse_plan(args, PLAN, &bench.plan) ||
        !parse_tolerance(args, &tolerance_percent) || !has_names_of_their_own(args))
        return MOTE_CLI_USAGE;
    if (!args->operand_count && access(SHARED_MODELS, R_OK) != 0)
        return mote_cli_usage_error(args->verb, "MODEL is missing, and the models of MLPerf Tiny are not in " SHARED_MODELS);
    if (args->values[INPUT] && args->operand_count != 1)
        return mote_cli_usage_error(args->verb, "--input is for a single model");
    if (args->values[PLAN + MOTE_CLI_PROFILE_DATA] && args->operand_count != 1)
        return mote_cli_usage_error(args->verb, "--profile-data is for a single model");
    json_t *baseline = args->values[BASELINE] ? mote_cli_bench_read(args->values[BASELINE]) : NULL;
    if (args->values[BASELINE] && !baseline) return MOTE_CLI_FAILED;
    struct mote_cli_session session;
    if (!mote_cli_open(&session, args->values[JSON])) {
        json_decref(baseline);
        return MOTE_CLI_FAILED;
    }
    bench.session = &session;
    bench.rows = json_array();
    bench.vector_count = (size_t)vectors;
    bench_models(&bench);
    const bool ok = finish(&bench, baseline, tolerance_percent);
    json_decref(bench.rows);
    json_decref(baseline);
    return mote_cli_close(&session, ok);
}

const struct mote_cli_verb mote_cli_bench = {
    .name = "bench",
    .operands = "[MODEL...]",
    .operand_max = MOST_MODELS,
    .summary = "measure models on many chips, and compare with an earlier time",
    .details = "A row per model and chip: cycles (c, exact) or instructions (i, counted), cycles, time and energy (estimates\n"
               "where marked ~), RAM for tensors, RAM in all with the stack at worst, code and flash. A chip that cannot hold\n"
               "a model says how much is short; that is no failure. Vectors are the golden ones NAME.in.bin if they lie\n"
               "beside NAME.tflite or in ../golden from there, and every output is then compared with NAME.out.bin; else\n"
               "random ones. Without models: the five of MLPerf Tiny in ../shared/models. With --schedule slide the\n"
               "figures are those of one frame.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .examples = "  mote bench model.tflite\n"
                "  mote bench --target avr\n"
                "  mote bench wakeword.tflite --target avr,riscv --schedule slide\n"
                "  mote bench *.tflite --target atmega1284p,cortex-m4 --output before.json\n"
                "  mote bench *.tflite --target atmega1284p,cortex-m4 --baseline before.json --tolerance 2\n",
    .run = run,
};
