/* cmd_pack.c: mote pack: a model as data, and firmware that runs such data. */
#include "cli.h"

#include <string.h>

enum { TARGET, OUTPUT, RUNTIME, FORCE, SELF_TEST, NO_BUILD, PLAN, JSON = PLAN + MOTE_CLI_PLAN_OPTION_COUNT };

static const struct mote_cli_option options[] = {
    [TARGET] = {"target", 't', "TARGET", "the chip ('mote targets' lists them)"},
    [OUTPUT] = {"output", 'o', "FILE", "the blob to write; of one model only"},
    [RUNTIME] = {"runtime", 'r', "DIR", "the folder to create: firmware in C that runs blobs with\nthe kernels that the models need"},
    [FORCE] = {"force", 'f', NULL, "replace FILE and DIR if they exist"},
    [SELF_TEST] = {"self-test", 0, NULL, "keep a golden input and output hash in the blob"},
    [NO_BUILD] = {"no-build", 0, NULL, "do not build firmware to measure its code"},
    MOTE_CLI_PLAN_OPTIONS(PLAN),
    [JSON] = {"json", 0, NULL, "print one JSON object"},
};

/* ---- Reports ---- */

static json_t *report_json(const char *model, const struct mote_pack_report *report)
{
    const size_t built = report->built; /* figures that only a build tells are null without one */
    json_t *json = json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:b}", "model", mote_cli_json_text(model), "output",
                             mote_cli_json_text(report->output), "blob_bytes", (json_int_t)report->blob_bytes, "constant_bytes",
                             (json_int_t)report->constant_bytes, "step_count", (json_int_t)report->step_count, "kernel_count",
                             (json_int_t)report->kernel_count, "arena_bytes", (json_int_t)report->arena_bytes, "built",
                             report->built);
    json_object_set_new(json, "flash_bytes", mote_cli_json_size(built * report->flash_bytes));
    json_object_set_new(json, "code_bytes", mote_cli_json_size(built * report->code_bytes));
    json_object_set_new(json, "loop_bytes", mote_cli_json_size(built * report->loop_bytes));
    json_object_set_new(json, "loader_bytes", mote_cli_json_size(built * report->loader_bytes));
    json_object_set_new(json, "ram_bytes", mote_cli_json_size(built * report->ram_bytes));
    json_object_set_new(json, "worst_case_stack_bytes", mote_cli_json_size(built * report->worst_case_stack_bytes));
    json_object_set_new(json, "worst_case_stack", mote_cli_json_text(report->worst_case_stack));
    return json;
}

static void print_report(const char *model, const struct mote_pack_report *report, const struct mote_target_info *target)
{
    fputs(mote_cli_style(stdout, MOTE_CLI_BOLD), stdout);
    mote_cli_print_safe(stdout, report->output ? report->output : model);
    printf("%s for %s: %zu steps of %zu kernels\n", mote_cli_style(stdout, MOTE_CLI_NORMAL), report->target, report->step_count,
           report->kernel_count);
    printf("  blob        %s bytes, of these weights and tables %s\n", mote_cli_number((int64_t)report->blob_bytes).text,
           mote_cli_number((int64_t)report->constant_bytes).text);
    printf("  arena       %s bytes of RAM for tensors\n", mote_cli_number(report->arena_bytes).text);
    if (!report->built) return;
    printf("  code        %s bytes: loop %s, loader %s, kernels and start-up the rest\n", mote_cli_number(report->code_bytes).text,
           mote_cli_number(report->loop_bytes).text, mote_cli_number(report->loader_bytes).text);
    if (report->worst_case_stack_bytes)
        printf("  stack       %s bytes at worst: %s\n", mote_cli_number(report->worst_case_stack_bytes).text, report->worst_case_stack);
    else
        printf("  stack       no bound: %s\n", report->worst_case_stack);
    mote_cli_print_bar("flash", report->flash_bytes, target->flash_bytes);
    mote_cli_print_bar("RAM", (uint64_t)report->ram_bytes + report->worst_case_stack_bytes, target->ram_bytes);
}

/* ---- The verb ---- */

static bool pack_model(struct mote_cli_session *session, const struct mote_cli_args *args, const char *model,
                       const struct mote_target_info *target, const struct mote_plan_options *plan)
{
    struct mote *mote = session->mote;
    const struct mote_pack_options pack_options = {
        .output = args->values[OUTPUT],
        .force = args->values[FORCE] != NULL,
        .self_test = args->values[SELF_TEST] != NULL,
        .skip_build = args->values[NO_BUILD] != NULL,
    };
    struct mote_pack_report report;
    if (mote_load(mote, model) != MOTE_OK) return false;
    if (mote_blob_info(mote) && !args->values[OUTPUT]) { /* its kernels are all that is wanted, and those it has already */
        struct mote_plan_options as_packed = *plan;
        as_packed.plain_kernels = false;
        return mote_plan_with(mote, target->name, &as_packed) == MOTE_OK && mote_runtime_add(mote) == MOTE_OK;
    }
    if (mote_cli_take_samples(session, args->values[PLAN + MOTE_CLI_PROFILE_DATA]) != MOTE_OK ||
        mote_plan_with(mote, target->name, plan) != MOTE_OK ||
        mote_pack(mote, &pack_options, &report) != MOTE_OK || mote_runtime_add(mote) != MOTE_OK)
        return false;
    mote_cli_clear_progress();
    if (session->json) json_array_append_new(json_object_get(session->json, "models"), report_json(model, &report));
    else print_report(model, &report, target);
    return true;
}

static bool write_runtime(struct mote_cli_session *session, const struct mote_cli_args *args)
{
    const struct mote_runtime_options runtime_options = {
        .output = args->values[RUNTIME], .command = args->command, .force = args->values[FORCE] != NULL};
    struct mote_runtime_report report;
    if (mote_runtime_write(session->mote, &runtime_options, &report) != MOTE_OK) return false;
    if (session->json) {
        json_object_set_new(session->json, "runtime",
                            json_pack("{s:o, s:I, s:I}", "output", mote_cli_json_text(args->values[RUNTIME]), "kernel_count",
                                      (json_int_t)report.kernel_count, "file_count", (json_int_t)report.file_count));
        return true;
    }
    printf("firmware with %zu kernels: %zu files in ", report.kernel_count, report.file_count);
    mote_cli_print_safe(stdout, args->values[RUNTIME]);
    putchar('\n');
    return true;
}

static bool pack(struct mote_cli_session *session, const struct mote_cli_args *args, const struct mote_target_info *target,
                 const struct mote_plan_options *plan)
{
    if (session->json) {
        json_object_set_new(session->json, "target", json_string(target->name));
        json_object_set_new(session->json, "models", json_array());
    }
    for (int i = 0; i < args->operand_count; i++)
        if (!pack_model(session, args, args->operands[i], target, plan)) return false;
    return !args->values[RUNTIME] || write_runtime(session, args);
}

static int run(const struct mote_cli_args *args)
{
    struct mote_target_info target;
    const char *output = args->values[OUTPUT], *runtime = args->values[RUNTIME];
    if (!args->values[TARGET]) return mote_cli_usage_error(args->verb, "--target is missing; 'mote targets' lists the chips");
    if ((!output && !runtime) || (output && !*output) || (runtime && !*runtime))
        return mote_cli_usage_error(args->verb, "nothing to write: --output FILE, --runtime DIR, or both");
    if (output && args->operand_count > 1)
        return mote_cli_usage_error(args->verb, "--output is one blob of one model: pack the others by themselves");
    if (!mote_cli_find_target(args->verb, args->values[TARGET], &target)) return MOTE_CLI_USAGE;
    struct mote_plan_options plan;
    if (!mote_cli_parse_plan(args, PLAN, &plan)) return MOTE_CLI_USAGE;
    plan.plain_kernels = strcmp(target.name, "host") == 0; /* the host runs no file whose kernels it cannot judge */
    plan.unfused = true; /* a blob cannot say fused plans yet */
    struct mote_cli_session session;
    if (!mote_cli_open(&session, args->values[JSON])) return MOTE_CLI_FAILED;
    return mote_cli_close(&session, pack(&session, args, &target, &plan));
}

const struct mote_cli_verb mote_cli_pack = {
    .name = "pack",
    .operands = "MODEL...",
    .operand_min = 1,
    .operand_max = 64,
    .summary = "turn a model into data that firmware runs from flash",
    .details = "The blob holds the list of kernel calls, their parameters, weights and tables; a chip runs it in place. Firmware\n"
               "for blobs holds the loader, the loop and the kernels of all models (or blobs) given: any blob that calls no others can\n"
               "replace an earlier one in the field. Plans of whole tensors and streams can be packed, not strips and windows\n"
               "that slide.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .examples = "  mote pack model.tflite --target atmega1284p -o model.mote --runtime firmware\n"
                "  mote pack old.tflite new.tflite --target cortex-m4 --runtime firmware --force\n"
                "  mote pack new.tflite --target cortex-m4 -o new.mote --self-test\n",
    .run = run,
};
