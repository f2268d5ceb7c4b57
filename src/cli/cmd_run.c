/* cmd_run.c: mote run: a model on its chip's simulator, with all it costs. */
#include "cli.h"
#include "profile.h"
#include "scores.h"

#include <stdlib.h>
#include <string.h>

enum { TARGET, INPUT, OUTPUT, LABELS, CLASSES, EXPECT, BLOB, PROFILE, PROFILE_SVG, PLAN, PLAIN_KERNELS = PLAN + MOTE_CLI_PLAN_OPTION_COUNT, JSON };

static const struct mote_cli_option options[] = {
    [TARGET] = {"target", 't', "TARGET", "the chip ('mote targets' lists them; default: host, or\nthe one that a blob was packed for)"},
    [INPUT] = {"input", 'i', "FILE", "input vectors: raw, .npy, .npz, .png or .jpg"},
    [OUTPUT] = {"output", 'o', "FILE", "write the outputs: .npy, .json, or raw by any other ending"},
    [LABELS] = {"labels", 0, "FILE", "one label per line: print each vector's best one"},
    [CLASSES] = {"classes", 0, "FILE", "one expected class index per line and vector:\nprint the top-1 accuracy"},
    [EXPECT] = {"expect", 0, "FILE", "raw outputs that must come out, byte for byte"},
    [BLOB] = {"blob", 0, NULL, "pack the model, and run it as firmware for blobs does"},
    [PROFILE] = {"profile", 0, NULL, "where the time goes, by function and by layer, as far\nas the simulator can tell"},
    [PROFILE_SVG] = {"profile-svg", 0, "FILE", "draw the layers' share of it as bars"},
    MOTE_CLI_PLAN_OPTIONS(PLAN),
    [PLAIN_KERNELS] = {"plain-kernels", 0, NULL, "only kernels of portable C, to see what the tuned ones are\nworth"},
    [JSON] = {"json", 0, NULL, "print one JSON object"},
};

/* ---- For people ---- */

static void figure(struct mote_cli_table *table, const char *what, double value, const char *unit, const char *note)
{
    if (value < 0) return;
    mote_cli_table_cell(table, "  %s", what);
    mote_cli_table_cell(table, "%s", mote_cli_real(value).text);
    mote_cli_table_cell(table, "%s", unit);
    mote_cli_table_cell(table, "%s", note ? note : "");
}

static void unknown_figure(struct mote_cli_table *table, const char *what, const char *why)
{
    mote_cli_table_cell(table, "  %s", what);
    mote_cli_table_cell(table, "unknown");
    mote_cli_table_cell(table, "%s", "");
    mote_cli_table_cell(table, "%s", why);
}

static void size_figure(struct mote_cli_table *table, const char *what, size_t value, const char *note)
{
    if (value) figure(table, what, (double)value, "bytes", note);
}

static const char *milliseconds_note(const struct mote_run_report *report)
{
    return report->cycles >= 0 ? "from the cycles at the chip's clock"
           : report->estimated_cycles >= 0 ? "estimate, from the estimated cycles"
                                           : "measured on this machine";
}

static const char *estimated_from(const struct mote_run_report *report)
{
    if (report->estimated_cycles < 0) return NULL;
    return report->estimate_is_timed ? "instruction timings" : "mean per instruction";
}

static bool print_figures(const struct mote_run_report *report)
{
    struct mote_cli_table table = {0};
    mote_cli_table_column(&table, NULL, false);
    mote_cli_table_column(&table, NULL, true);
    mote_cli_table_column(&table, NULL, false);
    mote_cli_table_column(&table, NULL, false);
    printf("%s%zu vector%s on %s%s, per %s:\n", mote_cli_style(stdout, MOTE_CLI_BOLD), report->vectors,
           report->vectors == 1 ? "" : "s", report->target, mote_cli_style(stdout, MOTE_CLI_NORMAL),
           report->frames > 1 ? "frame" : "inference");
    figure(&table, "cycles", report->cycles, "", "exact");
    if (report->cycles >= 0 && report->cycles_min < report->cycles_max) {
        figure(&table, "  least", report->cycles_min, "", NULL);
        figure(&table, "  most", report->cycles_max, "", NULL);
    }
    figure(&table, "instructions", report->instructions, "", "counted");
    char source[256];
    snprintf(source, sizeof source, "estimate%s: %s", report->estimate_is_timed ? "" : ", one mean for all instructions",
             report->cycles_source ? report->cycles_source : "");
    if (report->cycles < 0) figure(&table, "cycles", report->estimated_cycles, "", source);
    figure(&table, "time", report->milliseconds, "ms", milliseconds_note(report));
    figure(&table, "energy", report->energy_uj, "uJ", "estimate, from the typical active current");
    figure(&table, "MACs", (double)report->macs, "", NULL);
    size_figure(&table, "arena", report->arena_bytes, "RAM for tensors");
    size_figure(&table, "RAM", report->ram_bytes, "static, arena included");
    size_figure(&table, "stack", report->stack_bytes, "deepest seen");
    if (report->worst_case_stack_bytes)
        size_figure(&table, "  at worst", report->worst_case_stack_bytes, report->worst_case_stack);
    else if (report->worst_case_stack)
        unknown_figure(&table, "  at worst", report->worst_case_stack);
    size_figure(&table, "flash", report->flash_bytes, "all of the image");
    size_figure(&table, "code", report->code_bytes, NULL);
    size_figure(&table, "  loop", report->loop_bytes, "goes through a blob's steps");
    size_figure(&table, "  loader", report->loader_bytes, "checks a blob");
    size_figure(&table, "blob", report->blob_bytes, "steps, weights and tables");
    figure(&table, "  opening", report->open_cycles, "cycles", "once, to check it");
    figure(&table, "  opening", report->open_instructions, "instructions", "once, to check it");
    size_figure(&table, "weights", report->weight_bytes, NULL);
    return mote_cli_table_print(&table);
}

/* What of the chip is used; the stack by its bound, if there is one. */
static void print_bars(const struct mote_run_report *report, const struct mote_target_info *target)
{
    if (!mote_cli_has_limit(target->ram_bytes) || !report->ram_bytes) return; /* the host */
    const uint32_t stack_bytes =
        report->worst_case_stack_bytes > report->stack_bytes ? report->worst_case_stack_bytes : report->stack_bytes;
    printf("  of the chip, the stack counted %s:\n", report->worst_case_stack_bytes ? "at its worst" : "as deep as it was seen");
    mote_cli_print_bar("flash", report->flash_bytes, target->flash_bytes);
    mote_cli_print_bar("RAM", (uint64_t)report->ram_bytes + stack_bytes, target->ram_bytes);
}

/* ---- For programs ---- */

static void add_figures(json_t *json, const struct mote_run_report *report, bool profile)
{
    const struct {
        const char *key;
        json_t *value;
    } rows[] = {
        {"target", mote_cli_json_text(report->target)},
        {"vectors", json_integer((json_int_t)report->vectors)},
        {"frames_per_vector", json_integer((json_int_t)report->frames)},
        {"cycles", mote_cli_json_real(report->cycles)},
        {"cycles_min", mote_cli_json_real(report->cycles < 0 ? -1 : report->cycles_min)},
        {"cycles_max", mote_cli_json_real(report->cycles < 0 ? -1 : report->cycles_max)},
        {"instructions", mote_cli_json_real(report->instructions)},
        {"estimated_cycles", mote_cli_json_real(report->estimated_cycles)},
        {"estimated_from", mote_cli_json_text(estimated_from(report))},
        {"cycles_source", mote_cli_json_text(report->cycles_source)},
        {"milliseconds", mote_cli_json_real(report->milliseconds)},
        {"milliseconds_source", mote_cli_json_text(milliseconds_note(report))},
        {"energy_uj", mote_cli_json_real(report->energy_uj)},
        {"energy_source", mote_cli_json_text(report->energy_source)},
        {"arena_bytes", mote_cli_json_size(report->arena_bytes)},
        {"ram_bytes", mote_cli_json_size(report->ram_bytes)},
        {"stack_bytes", mote_cli_json_size(report->stack_bytes)},
        {"worst_case_stack_bytes", mote_cli_json_size(report->worst_case_stack_bytes)},
        {"worst_case_stack", mote_cli_json_text(report->worst_case_stack)},
        {"flash_bytes", mote_cli_json_size(report->flash_bytes)},
        {"code_bytes", mote_cli_json_size(report->code_bytes)},
        {"weight_bytes", json_integer((json_int_t)report->weight_bytes)},
        {"constant_bytes", json_integer((json_int_t)report->constant_bytes)},
        {"blob_bytes", mote_cli_json_size(report->blob_bytes)},
        {"loop_bytes", mote_cli_json_size(report->loop_bytes)},
        {"loader_bytes", mote_cli_json_size(report->loader_bytes)},
        {"open_cycles", mote_cli_json_real(report->open_cycles)},
        {"open_instructions", mote_cli_json_real(report->open_instructions)},
        {"macs", json_integer((json_int_t)report->macs)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) json_object_set_new(json, rows[i].key, rows[i].value);
    if (profile) mote_cli_add_profile(json, report);
}

/* ---- Best labels, accuracy, expected bytes ---- */

static bool show_labels(struct mote_cli_session *session, const char *path, const struct mote_run_report *report)
{
    const struct mote_model_info *model = mote_model_info(session->mote);
    struct mote_cli_labels labels;
    if (!mote_cli_read_labels(path, mote_cli_class_count(model), &labels)) return false;
    json_t *array = session->json ? json_array() : NULL;
    if (!array) putchar('\n');
    for (size_t i = 0; i < report->vectors; i++) {
        const struct mote_cli_best best = mote_cli_best_class(model, report->output + i * model->vector_output_bytes);
        const char *label = labels.lines[best.index];
        if (array) {
            json_array_append_new(array, json_pack("{s:I, s:o, s:f}", "class", (json_int_t)best.index, "label",
                                                   mote_cli_json_text(label), "score", best.score));
            continue;
        }
        printf("  vector %zu: ", i);
        mote_cli_print_safe(stdout, label);
        printf(" (%.4g)\n", best.score);
    }
    if (array) json_object_set_new(session->json, "top1", array);
    mote_cli_free_labels(&labels);
    return true;
}

static bool show_accuracy(struct mote_cli_session *session, const char *path, const struct mote_run_report *report)
{
    const struct mote_model_info *model = mote_model_info(session->mote);
    size_t *classes;
    if (!mote_cli_read_classes(path, report->vectors, mote_cli_class_count(model), &classes)) return false;
    size_t right = 0;
    for (size_t i = 0; i < report->vectors; i++)
        right += mote_cli_best_class(model, report->output + i * model->vector_output_bytes).index == classes[i];
    free(classes);
    const double accuracy = (double)right / (double)report->vectors;
    if (session->json)
        json_object_set_new(session->json, "accuracy", json_real(accuracy));
    else
        printf("\n  top-1 accuracy %.2f %% (%zu of %zu)\n", 100 * accuracy, right, report->vectors);
    return true;
}

static bool check_expected(struct mote_cli_session *session, const char *path, const struct mote_run_report *report)
{
    const struct mote_model_info *model = mote_model_info(session->mote);
    size_t size_bytes;
    uint8_t *expected = mote_cli_read_file(path, &size_bytes);
    if (!expected) return false;
    const bool equal = mote_cli_compare_outputs(model, path, expected, size_bytes, report->output, report->vectors);
    free(expected);
    if (session->json)
        json_object_set_new(session->json, "as_expected", json_boolean(equal));
    else if (equal)
        printf("\n  outputs are as expected: %zu bytes equal\n", size_bytes);
    return equal;
}

/* ---- The verb ---- */

static bool show_figures(const struct mote_run_report *report, const struct mote_target_info *target, bool profile)
{
    if (!print_figures(report)) return false;
    print_bars(report, target);
    return !profile || mote_cli_print_profile(report);
}

static bool show_results(struct mote_cli_session *session, const struct mote_cli_args *args,
                         const struct mote_target_info *target, const struct mote_run_report *report)
{
    bool ok = true;
    mote_cli_clear_progress();
    if (session->json)
        add_figures(session->json, report, args->values[PROFILE] != NULL);
    else
        ok = show_figures(report, target, args->values[PROFILE] != NULL);
    if (args->values[PROFILE_SVG])
        ok &= mote_cli_write_profile_svg(args->values[PROFILE_SVG], mote_cli_stem(args->operand).text, report);
    if (args->values[OUTPUT])
        ok &= mote_write_output(session->mote, args->values[OUTPUT], report->output, report->vectors) == MOTE_OK;
    if (args->values[LABELS]) ok &= show_labels(session, args->values[LABELS], report);
    if (args->values[CLASSES]) ok &= show_accuracy(session, args->values[CLASSES], report);
    if (args->values[EXPECT]) ok &= check_expected(session, args->values[EXPECT], report);
    return ok;
}

/* Of a blob it is known only when it is loaded. */
static bool choose_target(const struct mote_cli_session *session, const struct mote_cli_args *args, struct mote_target_info *target)
{
    const char *packed_for = mote_model_info(session->mote)->packed_for;
    return args->values[TARGET] || !packed_for || mote_cli_find_target(args->verb, packed_for, target);
}

static bool run_model(struct mote_cli_session *session, const struct mote_cli_args *args, struct mote_target_info *target,
                      const struct mote_plan_options *plan)
{
    struct mote *mote = session->mote;
    const uint8_t *input;
    struct mote_run_options run_options = {.profile = args->values[PROFILE] || args->values[PROFILE_SVG],
                                           .as_blob = args->values[BLOB] != NULL};
    if (mote_load(mote, args->operand) != MOTE_OK || !choose_target(session, args, target) ||
        mote_read_input(mote, args->values[INPUT], &input, &run_options.vector_count) != MOTE_OK ||
        mote_cli_take_samples(session, args->values[PLAN + MOTE_CLI_PROFILE_DATA]) != MOTE_OK ||
        mote_plan_with(mote, target->name, plan) != MOTE_OK)
        return false;
    if (!target->available)
        return mote_cli_error("%s cannot be run here: install %s", target->name, target->missing ? target->missing : "its tools");
    run_options.input = input;
    struct mote_run_report report;
    return mote_run(mote, &run_options, &report) == MOTE_OK && show_results(session, args, target, &report);
}

static int run(const struct mote_cli_args *args)
{
    struct mote_target_info target;
    if (!args->values[INPUT]) return mote_cli_usage_error(args->verb, "--input is missing: raw, .npy, .npz, .png or .jpg");
    if (!mote_cli_find_target(args->verb, args->values[TARGET] ? args->values[TARGET] : "host", &target))
        return MOTE_CLI_USAGE;
    struct mote_plan_options plan;
    if (!mote_cli_parse_plan(args, PLAN, &plan)) return MOTE_CLI_USAGE;
    plan.plain_kernels = args->values[PLAIN_KERNELS] != NULL;
    plan.unfused = args->values[BLOB] != NULL; /* a blob cannot say fused plans yet */
    struct mote_cli_session session;
    if (!mote_cli_open(&session, args->values[JSON])) return MOTE_CLI_FAILED;
    return mote_cli_close(&session, run_model(&session, args, &target, &plan));
}

const struct mote_cli_verb mote_cli_run = {
    .name = "run",
    .operands = "MODEL",
    .operand_min = 1,
    .operand_max = 1,
    .summary = "run a model on a chip's simulator: outputs, time, energy, memory",
    .details = "Input files: .npy and .npz arrays of the input's shape, or with one more axis in front for many vectors\n"
               "(integers are quantised values, floats are quantised); .png and .jpg pictures are resized and scaled\n"
               "to the input's range; any other file is raw bytes. Cycles are exact on AVR; elsewhere instructions are\n"
               "counted, and cycles, time and energy are estimates: by the core's instruction timings where it has such a\n"
               "table and QEMU takes plugins, else by a mean (see 'mote targets NAME').",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .examples = "  mote run model.tflite --target atmega1284p --input samples.npy\n"
                "  mote run model.tflite -t cortex-m4 -i cat.jpg --labels labels.txt\n"
                "  mote run model.tflite -t atmega2560 -i test.npy --classes classes.txt --profile\n"
                "  mote run model.mote --input samples.npy\n"
                "  mote run model.tflite -t host -i in.bin --expect golden.bin --output out.npy --json\n",
    .run = run,
};
