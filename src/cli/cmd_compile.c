/* cmd_compile.c: mote compile: a model becomes a C library for one chip. */
#include "explore.h"

#include <string.h>

enum { TARGET, OUTPUT, NAME, FORCE, SELF_TEST, NO_BUILD, EXPLORE, ALL, INPUT, SVG, PLAN, JSON = PLAN + MOTE_CLI_PLAN_OPTION_COUNT };

static const struct mote_cli_option options[] = {
    [TARGET] = {"target", 't', "TARGET", "the chip ('mote targets' lists them)"},
    [OUTPUT] = {"output", 'o', "DIR", "the folder to create"},
    [NAME] = {"name", 'n', "NAME", "C identifier that begins all names\n(default: from the model's file name)"},
    [FORCE] = {"force", 'f', NULL, "replace DIR if it exists"},
    [SELF_TEST] = {"self-test", 0, NULL, "add NAME_self_test() with a golden input and output hash"},
    [NO_BUILD] = {"no-build", 0, NULL, "do not build the library to measure its flash and RAM"},
    [EXPLORE] = {"explore", 0, NULL, "write nothing: build and simulate many plans, and list those\n"
                                     "that no other one beats in RAM, flash and time at once"},
    [ALL] = {"all", 0, NULL, "of --explore: list those that are beaten, too"},
    [INPUT] = {"input", 'i', "FILE", "of --explore: run this vector instead of a random one"},
    [SVG] = {"svg", 0, "FILE", "of --explore: also draw RAM against time"},
    MOTE_CLI_PLAN_OPTIONS(PLAN),
    [JSON] = {"json", 0, NULL, "print one JSON object"},
};

static json_t *report_json(const struct mote_compile_report *report, const struct mote_target_info *target)
{
    /* Figures that only a build tells are null without one. */
    const size_t built = report->built;
    json_t *json = json_pack("{s:s, s:s, s:o, s:I, s:b, s:I, s:I, s:I}", "name", report->name, "target", report->target,
                             "output", mote_cli_json_text(report->output), "file_count", (json_int_t)report->file_count,
                             "built", report->built, "arena_bytes", (json_int_t)report->arena_bytes, "constant_bytes",
                             (json_int_t)report->constant_bytes, "weight_bytes", (json_int_t)report->weight_bytes);
    json_object_set_new(json, "flash_bytes", mote_cli_json_size(built * report->flash_bytes));
    json_object_set_new(json, "code_bytes", mote_cli_json_size(built * report->code_bytes));
    json_object_set_new(json, "ram_bytes", mote_cli_json_size(built * report->ram_bytes));
    json_object_set_new(json, "worst_case_stack_bytes", mote_cli_json_size(built * report->worst_case_stack_bytes));
    json_object_set_new(json, "worst_case_stack", mote_cli_json_text(report->worst_case_stack));
    json_object_set_new(json, "target_flash_bytes", mote_cli_json_limit(target->flash_bytes));
    json_object_set_new(json, "target_ram_bytes", mote_cli_json_limit(target->ram_bytes));
    return json;
}

static json_t *steps_json(const struct mote_plan_info *plan)
{
    json_t *array = json_array();
    for (size_t i = 0; i < plan->step_count; i++)
        json_array_append_new(array, json_pack("{s:s, s:s, s:o, s:o}", "name", plan->steps[i].name, "kernel", plan->steps[i].kernel,
                                               "choice", mote_cli_json_choice(&plan->steps[i]), "layout",
                                               mote_cli_json_layout(&plan->steps[i])));
    return array;
}

static void print_stack(const struct mote_compile_report *report)
{
    const char *how = report->worst_case_stack ? report->worst_case_stack : "";
    if (report->worst_case_stack_bytes)
        printf("  stack       %s bytes at worst: %s\n", mote_cli_number(report->worst_case_stack_bytes).text, how);
    else
        printf("  stack       no bound: %s\n", how);
}

static void print_report(const struct mote_compile_report *report, const struct mote_target_info *target)
{
    printf("%s%s%s for %s: %zu files in ", mote_cli_style(stdout, MOTE_CLI_BOLD), report->name,
           mote_cli_style(stdout, MOTE_CLI_NORMAL), report->target, report->file_count);
    mote_cli_print_safe(stdout, report->output);
    printf("\n  arena       %s bytes of RAM for tensors\n", mote_cli_number(report->arena_bytes).text);
    printf("  constants   %s bytes, of these weights %s\n", mote_cli_number((int64_t)report->constant_bytes).text,
           mote_cli_number((int64_t)report->weight_bytes).text);
    if (!mote_cli_has_limit(target->flash_bytes)) return; /* the host has no limits to show */
    if (report->built) {
        printf("  code        %s bytes\n", mote_cli_number(report->code_bytes).text);
        print_stack(report);
        printf("  built with a minimal main%s:\n", report->worst_case_stack_bytes ? ", RAM with the stack" : ", RAM without stack");
        mote_cli_print_bar("flash", report->flash_bytes, target->flash_bytes);
        mote_cli_print_bar("RAM", (uint64_t)report->ram_bytes + report->worst_case_stack_bytes, target->ram_bytes);
    } else {
        printf("  not built; without code, start-up and stack:\n");
        mote_cli_print_bar("flash", report->constant_bytes, target->flash_bytes);
        mote_cli_print_bar("RAM", report->arena_bytes, target->ram_bytes);
    }
}

static bool compile(struct mote_cli_session *session, const struct mote_cli_args *args,
                    const struct mote_target_info *target, const struct mote_plan_options *plan)
{
    const struct mote_compile_options compile_options = {
        .output = args->values[OUTPUT],
        .name = args->values[NAME],
        .command = args->command,
        .force = args->values[FORCE] != NULL,
        .self_test = args->values[SELF_TEST] != NULL,
        .skip_build = args->values[NO_BUILD] != NULL,
    };
    struct mote_compile_report report;
    if (mote_load(session->mote, args->operand) != MOTE_OK ||
        mote_cli_take_samples(session, args->values[PLAN + MOTE_CLI_PROFILE_DATA]) != MOTE_OK ||
        mote_plan_with(session->mote, target->name, plan) != MOTE_OK ||
        mote_compile(session->mote, &compile_options, &report) != MOTE_OK)
        return false;
    const struct mote_plan_info *plan_info = mote_plan_info(session->mote);
    mote_cli_clear_progress();
    if (session->json) {
        json_object_update_new(session->json, report_json(&report, target));
        json_object_set_new(session->json, "steps", steps_json(plan_info));
        return true;
    }
    print_report(&report, target);
    mote_cli_print_layouts(plan_info);
    return mote_cli_print_choices(plan_info);
}

static bool explore(struct mote_cli_session *session, const struct mote_cli_args *args, const struct mote_target_info *target,
                    const struct mote_plan_options *plan)
{
    struct mote_cli_explore how = {.model = args->operand, .svg_path = args->values[SVG], .all = args->values[ALL] != NULL};
    size_t vectors;
    return mote_load(session->mote, args->operand) == MOTE_OK &&
           mote_cli_take_samples(session, args->values[PLAN + MOTE_CLI_PROFILE_DATA]) == MOTE_OK &&
           (!args->values[INPUT] || mote_read_input(session->mote, args->values[INPUT], &how.input, &vectors) == MOTE_OK) &&
           mote_cli_explore_plans(session, target, plan, &how);
}

/* What goes with --explore only, and what does not go with it. */
static int check_explore(const struct mote_cli_args *args)
{
    static const int of_explore[] = {ALL, INPUT, SVG}, of_compile[] = {OUTPUT, NAME, FORCE, SELF_TEST, NO_BUILD};
    const bool explores = args->values[EXPLORE] != NULL;
    for (size_t i = 0; !explores && i < sizeof of_explore / sizeof of_explore[0]; i++)
        if (args->values[of_explore[i]])
            return mote_cli_usage_error(args->verb, "--%s goes with --explore only", options[of_explore[i]].name);
    for (size_t i = 0; explores && i < sizeof of_compile / sizeof of_compile[0]; i++)
        if (args->values[of_compile[i]])
            return mote_cli_usage_error(args->verb, "--explore writes no library, so it does not go with --%s", options[of_compile[i]].name);
    return -1;
}

static int run(const struct mote_cli_args *args)
{
    struct mote_target_info target;
    if (!args->values[TARGET]) return mote_cli_usage_error(args->verb, "--target is missing; 'mote targets' lists the chips");
    const int wrong = check_explore(args);
    if (wrong >= 0) return wrong;
    if (!args->values[EXPLORE] && (!args->values[OUTPUT] || !*args->values[OUTPUT]))
        return mote_cli_usage_error(args->verb, "--output is missing: the folder to create");
    if (!mote_cli_find_target(args->verb, args->values[TARGET], &target)) return MOTE_CLI_USAGE;
    struct mote_plan_options plan;
    if (!mote_cli_parse_plan(args, PLAN, &plan)) return MOTE_CLI_USAGE;
    struct mote_cli_session session;
    if (!mote_cli_open(&session, args->values[JSON])) return MOTE_CLI_FAILED;
    return mote_cli_close(&session, args->values[EXPLORE] ? explore(&session, args, &target, &plan)
                                                          : compile(&session, args, &target, &plan));
}

const struct mote_cli_verb mote_cli_compile = {
    .name = "compile",
    .operands = "MODEL",
    .operand_min = 1,
    .operand_max = 1,
    .summary = "turn a model into a C library for a chip",
    .details = "The folder appears whole or not at all. It holds C sources, a header, the kernels, a build file and a\n"
               "README with the figures. The library is built once to measure it, if the chip's compiler is installed.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .examples = "  mote compile model.tflite --target atmega1284p -o out\n"
                "  mote compile model.tflite --target cortex-m4 --explore --svg plans.svg\n"
                "  mote compile model.tflite --target cortex-m4 -o out --name keywords --self-test --force\n",
    .run = run,
};
