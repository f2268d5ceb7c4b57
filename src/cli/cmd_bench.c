/* cmd_bench.c: mote bench: models by chips, all that an inference costs, and whether it got worse. */
#include "bench_baseline.h"

#include <stdlib.h>
#include <string.h>

enum { TARGET, VECTORS, INPUT, BASELINE, TOLERANCE, OUTPUT, PROFILE_DATA, JSON };
enum { SEED = 1, MOST_MODELS = 1000, MOST_TARGETS = 64 };

static const struct mote_cli_option options[] = {
    [TARGET] = {"target", 't', "TARGETS", "chips, separated by commas (default: all but the host)"},
    [VECTORS] = {"vectors", 'n', "N", "random vectors, always the same ones (default: 4)"},
    [INPUT] = {"input", 'i', "FILE", "these vectors instead, for a single model"},
    [BASELINE] = {"baseline", 'b', "FILE", "compare with what --json or --output gave earlier; the\nexit status is 1 if a figure got worse"},
    [TOLERANCE] = {"tolerance", 0, "PERCENT", "how much a figure may grow before it is worse\n(default: 0.5)"},
    [OUTPUT] = {"output", 'o', "FILE", "also write the JSON object to this file"},
    [PROFILE_DATA] = MOTE_CLI_PROFILE_DATA_OPTION,
    [JSON] = {"json", 0, NULL, "print one JSON object"},
};

struct bench {
    struct mote_cli_session *session;
    const struct mote_cli_args *args;
    struct mote_target_info targets[MOST_TARGETS];
    size_t target_count, vector_count;
    const uint8_t *input; /* of the current model */
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

static void add_figures(json_t *row, const struct mote_run_report *report, const struct mote_target_info *target)
{
    const uint32_t stack_bytes =
        report->worst_case_stack_bytes > report->stack_bytes ? report->worst_case_stack_bytes : report->stack_bytes;
    const struct {
        const char *key;
        json_t *value;
    } figures[] = {
        {"macs", json_integer((json_int_t)report->macs)},
        {"weight_bytes", json_integer((json_int_t)report->weight_bytes)},
        {"cycles", mote_cli_json_real(report->cycles)},
        {"instructions", mote_cli_json_real(report->instructions)},
        {"estimated_cycles", mote_cli_json_real(report->estimated_cycles)},
        {"milliseconds", mote_cli_json_real(report->milliseconds)},
        {"energy_uj", mote_cli_json_real(report->energy_uj)},
        {"arena_bytes", mote_cli_json_size(report->arena_bytes)},
        {"ram_bytes", mote_cli_json_size(report->ram_bytes)},
        {"stack_bytes", mote_cli_json_size(report->stack_bytes)},
        {"worst_case_stack_bytes", mote_cli_json_size(report->worst_case_stack_bytes)},
        {"flash_bytes", mote_cli_json_size(report->flash_bytes)},
        {"code_bytes", mote_cli_json_size(report->code_bytes)},
        {"ram_share", share(report->ram_bytes ? (double)report->ram_bytes + stack_bytes : 0, target->ram_bytes)},
        {"flash_share", share(report->flash_bytes, target->flash_bytes)},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) json_object_set_new(row, figures[i].key, figures[i].value);
}

static const char *outcome_of(enum mote_status status)
{
    switch (status) {
    case MOTE_OK: return "ok";
    case MOTE_ERR_NO_FIT: return "no_fit";
    case MOTE_ERR_UNSUPPORTED: return "unsupported";
    default: return "failed";
    }
}

static void bench_target(struct bench *bench, const char *model, const struct mote_target_info *target)
{
    struct mote_cli_session *session = bench->session;
    struct mote_run_report report;
    const struct mote_run_options run_options = {.input = bench->input, .vector_count = bench->vector_count};
    json_t *row = json_pack("{s:o, s:s}", "model", mote_cli_json_text(model), "target", target->name);
    enum mote_status status = mote_plan(session->mote, target->name);
    const bool can_run = status == MOTE_OK && target->available;
    if (can_run) status = mote_run(session->mote, &run_options, &report);
    const char *outcome = status == MOTE_OK && !can_run ? "unavailable" : outcome_of(status);
    const char *why = !strcmp(outcome, "unavailable") ? target->missing : status == MOTE_OK ? NULL : mote_cli_last_error(session);
    json_object_set_new(row, "outcome", json_string(outcome));
    json_object_set_new(row, "lacks", status == MOTE_ERR_NO_FIT ? mote_cli_json_text(lacks(mote_plan_info(session->mote))) : json_null());
    json_object_set_new(row, "why", mote_cli_json_text(why));
    if (can_run && status == MOTE_OK) add_figures(row, &report, target);
    json_array_append_new(bench->rows, row);
    mote_cli_clear_progress();
    if (strcmp(outcome, "failed") == 0) {
        bench->failed = true;
        mote_cli_show_messages(session);
    }
    session->messages_shown = mote_message_count(session->mote); /* what does not fit stands in the row */
}

static void bench_model(struct bench *bench, const char *path)
{
    struct mote *mote = bench->session->mote;
    const char *input_path = bench->args->values[INPUT];
    enum mote_status status = mote_load(mote, path);
    if (status == MOTE_OK && input_path) status = mote_read_input(mote, input_path, &bench->input, &bench->vector_count);
    else if (status == MOTE_OK) status = mote_random_input(mote, SEED, bench->vector_count, &bench->input);
    if (status == MOTE_OK) status = mote_cli_take_samples(bench->session, bench->args->values[PROFILE_DATA]);
    mote_cli_show_messages(bench->session);
    if (status != MOTE_OK) {
        bench->failed = true;
        return;
    }
    const struct mote_cli_text name = mote_cli_stem(path);
    for (size_t i = 0; i < bench->target_count && !mote_cli_interrupted(); i++)
        bench_target(bench, name.text, &bench->targets[i]);
}

/* ---- For people ---- */

static void number_cell(struct mote_cli_table *table, const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    mote_cli_table_cell(table, "%s", json_is_number(value) ? mote_cli_real(json_number_value(value)).text : "-");
}

static void share_cell(struct mote_cli_table *table, const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);
    if (json_is_number(value)) mote_cli_table_cell(table, "%.1f %%", 100 * json_number_value(value));
    else mote_cli_table_cell(table, "-");
}

static void milliseconds_cell(struct mote_cli_table *table, const json_t *row)
{
    const bool is_estimate = json_is_number(json_object_get(row, "estimated_cycles"));
    mote_cli_table_cell(table, "%s%s", is_estimate ? "~" : "",
                        mote_cli_real(json_number_value(json_object_get(row, "milliseconds"))).text);
}

static bool is_of(const json_t *row, const char *model, bool has_run)
{
    const char *name = json_string_value(json_object_get(row, "model"));
    const char *outcome = json_string_value(json_object_get(row, "outcome"));
    return name && outcome && strcmp(name, model) == 0 && (strcmp(outcome, "ok") == 0) == has_run;
}

static bool print_figures(const json_t *rows, const char *model)
{
    static const char *const headings[] = {"target", "cycles", "instructions", "ms", "~uJ", "arena", "RAM", "stack",
                                           "at worst", "of the RAM", "flash", "code", "of the flash"};
    struct mote_cli_table table = {0};
    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++) mote_cli_table_column(&table, headings[i], i > 0);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!is_of(row, model, true)) continue;
        mote_cli_table_cell(&table, "%s", json_string_value(json_object_get(row, "target")));
        number_cell(&table, row, "cycles");
        number_cell(&table, row, "instructions");
        milliseconds_cell(&table, row);
        number_cell(&table, row, "energy_uj");
        number_cell(&table, row, "arena_bytes");
        number_cell(&table, row, "ram_bytes");
        number_cell(&table, row, "stack_bytes");
        number_cell(&table, row, "worst_case_stack_bytes");
        share_cell(&table, row, "ram_share");
        number_cell(&table, row, "flash_bytes");
        number_cell(&table, row, "code_bytes");
        share_cell(&table, row, "flash_share");
    }
    return mote_cli_table_print(&table);
}

/* "  not run: atmega328p (RAM), cortex-m4 (unavailable)" */
static void print_not_run(const json_t *rows, const char *model)
{
    const char *before = "  not run: ";
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!is_of(row, model, false)) continue;
        const char *what = json_string_value(json_object_get(row, "lacks"));
        const char *outcome = json_string_value(json_object_get(row, "outcome"));
        printf("%s%s (%s)", before, json_string_value(json_object_get(row, "target")), what ? what : outcome);
        before = ", ";
    }
    if (*before == ',') putchar('\n');
}

static bool is_worse(const json_t *row, const char *key)
{
    const json_t *worse = json_object_get(row, "worse");
    for (size_t i = 0; i < json_array_size(worse); i++)
        if (strcmp(json_string_value(json_array_get(worse, i)), key) == 0) return true;
    return false;
}

static bool print_ratios(const json_t *rows, const char *model)
{
    struct mote_cli_table table = {0};
    mote_cli_table_column(&table, "new / old", false);
    for (size_t i = 0; i < mote_cli_bench_figure_count; i++)
        mote_cli_table_column(&table, mote_cli_bench_figures[i].heading, true);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!is_of(row, model, true) && !is_worse(row, "outcome")) continue;
        if (!is_of(row, model, true) && !is_of(row, model, false)) continue;
        mote_cli_table_cell(&table, "%s%s", json_string_value(json_object_get(row, "target")),
                            json_is_null(json_object_get(row, "ratios")) ? " (new)"
                            : is_worse(row, "outcome")                   ? " (no longer runs!)"
                                                                         : "");
        for (size_t k = 0; k < mote_cli_bench_figure_count; k++) {
            const char *key = mote_cli_bench_figures[k].key;
            const json_t *ratio = json_object_get(json_object_get(row, "ratios"), key);
            const char *mark = is_worse(row, key) ? "!" : "";
            if (json_is_number(ratio)) mote_cli_table_cell(&table, "%s%.3f", mark, json_number_value(ratio));
            else mote_cli_table_cell(&table, "%s-", mark);
        }
    }
    return mote_cli_table_print(&table);
}

static bool print_model(const struct bench *bench, const char *model)
{
    printf("%s", mote_cli_style(stdout, MOTE_CLI_BOLD));
    mote_cli_print_safe(stdout, model);
    printf("%s, per inference:\n", mote_cli_style(stdout, MOTE_CLI_NORMAL));
    bool ok = print_figures(bench->rows, model);
    print_not_run(bench->rows, model);
    if (bench->args->values[BASELINE]) ok = print_ratios(bench->rows, model) && ok;
    putchar('\n');
    return ok;
}

/* Rows of one model follow each other. */
static bool print_rows(const struct bench *bench)
{
    bool ok = true;
    const char *last = NULL;
    for (size_t i = 0; i < json_array_size(bench->rows); i++) {
        const char *model = json_string_value(json_object_get(json_array_get(bench->rows, i), "model"));
        if (!last || strcmp(last, model) != 0) ok = print_model(bench, model) && ok;
        last = model;
    }
    return ok;
}

/* ---- The verb ---- */

static bool parse_targets(struct bench *bench)
{
    const char *text = bench->args->values[TARGET];
    for (size_t i = 0; !text && i < mote_target_count() && bench->target_count < MOST_TARGETS; i++) {
        const struct mote_target_info target = mote_target_info(i);
        if (strcmp(target.name, "host") != 0) bench->targets[bench->target_count++] = target;
    }
    while (text && bench->target_count < MOST_TARGETS) {
        char name[64];
        const size_t length = strcspn(text, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, text);
        if (!mote_cli_find_target(bench->args->verb, name, &bench->targets[bench->target_count++])) return false;
        text = text[length] ? text + length + 1 : NULL;
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
        json_equal(json_object_get(report, "seed"), json_object_get(baseline, "seed")))
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
    else ok = print_rows(bench) && ok;
    json_decref(report);
    return ok;
}

static int run(const struct mote_cli_args *args)
{
    uint64_t vectors = 4;
    double tolerance_percent = 0.5;
    struct bench bench = {.args = args};
    if (!parse_targets(&bench) || !mote_cli_parse_number(args, VECTORS, 1, 100000, &vectors) ||
        !parse_tolerance(args, &tolerance_percent) || !has_names_of_their_own(args))
        return MOTE_CLI_USAGE;
    if (args->values[INPUT] && args->operand_count > 1)
        return mote_cli_usage_error(args->verb, "--input is for a single model");
    if (args->values[PROFILE_DATA] && args->operand_count > 1)
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
    for (int i = 0; i < args->operand_count && !mote_cli_interrupted(); i++) bench_model(&bench, args->operands[i]);
    const bool ok = finish(&bench, baseline, tolerance_percent);
    json_decref(bench.rows);
    json_decref(baseline);
    return mote_cli_close(&session, ok);
}

const struct mote_cli_verb mote_cli_bench = {
    .name = "bench",
    .operands = "MODEL...",
    .operand_min = 1,
    .operand_max = MOST_MODELS,
    .summary = "measure models on many chips, and compare with an earlier time",
    .details = "A row per model and chip: cycles (exact) or instructions (counted), time and energy (estimates where\n"
               "marked ~), RAM for tensors, static RAM, deepest stack seen and at worst, flash, and code. A chip that\n"
               "cannot hold a model says what is short; that is no failure.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .examples = "  mote bench model.tflite\n"
                "  mote bench *.tflite --target atmega1284p,cortex-m4 --output before.json\n"
                "  mote bench *.tflite --target atmega1284p,cortex-m4 --baseline before.json --tolerance 2\n",
    .run = run,
};
