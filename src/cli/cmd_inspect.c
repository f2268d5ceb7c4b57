/* cmd_inspect.c: mote inspect: what is in a model, and where the RAM goes on a chip. */
#include "cli.h"

#include <stdlib.h>

enum { TARGET, SVG, TEXT, GRAPH, ALTERNATIVES, PLAN, JSON = PLAN + MOTE_CLI_PLAN_OPTION_COUNT };

static const struct mote_cli_option options[] = {
    [TARGET] = {"target", 't', "TARGET", "plan for this chip (default: host)"},
    [SVG] = {"svg", 0, "FILE", "also draw the memory plan as SVG"},
    [TEXT] = {"text", 0, NULL, "print only the plan, in text form"},
    [GRAPH] = {"graph", 0, NULL, "print only the graph, in text form (.mgraph)"},
    [ALTERNATIVES] = {"alternatives", 0, NULL, "compare all schedules instead, with every useful number\nof strips; --svg draws RAM against work"},
    MOTE_CLI_PLAN_OPTIONS(PLAN),
    [JSON] = {"json", 0, NULL, "print one JSON object"},
};

/* ---- For people ---- */

void mote_cli_print_tensors(const char *what, const struct mote_tensor_info *tensors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("  %-11s %s", what, mote_cli_shape(&tensors[i]).text);
        if (tensors[i].quantised) printf(", scale %.7g, zero point %d", (double)tensors[i].scale, (int)tensors[i].zero_point);
        if (tensors[i].name && *tensors[i].name) fputs("  ", stdout), mote_cli_print_name(tensors[i].name);
        putchar('\n');
    }
}

static void print_summary(const struct mote_model_info *model)
{
    fputs(mote_cli_style(stdout, MOTE_CLI_BOLD), stdout);
    mote_cli_print_safe(stdout, model->name);
    printf("%s\n", mote_cli_style(stdout, MOTE_CLI_NORMAL));
    mote_cli_print_tensors("input", model->inputs, model->input_count);
    mote_cli_print_tensors("output", model->outputs, model->output_count);
    printf("  operators   %zu in the file, %zu after the passes\n", model->source_op_count, model->op_count);
    printf("  MACs        %s\n", mote_cli_number(model->macs).text);
    printf("  weights     %s bytes; all parameters %s bytes\n\n", mote_cli_number((int64_t)model->weight_bytes).text,
           mote_cli_number((int64_t)model->parameter_bytes).text);
}

static bool print_ops(const struct mote_model_info *model)
{
    struct mote_cli_table table = {0};
    mote_cli_table_column(&table, "op", true);
    mote_cli_table_column(&table, "type", false);
    mote_cli_table_column(&table, "output", false);
    mote_cli_table_column(&table, "MACs", true);
    mote_cli_table_column(&table, "parameter bytes", true);
    mote_cli_table_column(&table, "output bytes", true);
    for (size_t i = 0; i < model->op_count; i++) {
        const struct mote_op_info *op = &model->ops[i];
        if (op->source_index >= 0)
            mote_cli_table_cell(&table, "%d", (int)op->source_index);
        else
            mote_cli_table_cell(&table, "new");
        mote_cli_table_cell(&table, "%s", op->type);
        mote_cli_table_cell(&table, "%s", mote_cli_shape(&op->output).text);
        mote_cli_table_cell(&table, "%s", op->macs ? mote_cli_number(op->macs).text : "");
        mote_cli_table_cell(&table, "%s", op->parameter_bytes ? mote_cli_number((int64_t)op->parameter_bytes).text : "");
        mote_cli_table_cell(&table, "%s", mote_cli_number((int64_t)op->output.bytes).text);
    }
    return mote_cli_table_print(&table);
}

static void print_passes(const struct mote_model_info *model)
{
    bool any = false;
    for (size_t i = 0; i < model->pass_count; i++) {
        const struct mote_pass_info *pass = &model->passes[i];
        if (!pass->changes) continue;
        if (!any)
            printf("\n%sPasses that changed something%s\n", mote_cli_style(stdout, MOTE_CLI_BOLD),
                   mote_cli_style(stdout, MOTE_CLI_NORMAL));
        any = true;
        printf("  %-18s %3d  %s\n", pass->name, (int)pass->changes, pass->what);
    }
}

static bool print_steps(const struct mote_plan_info *plan)
{
    struct mote_cli_table table = {0};
    const bool has_planes = mote_cli_has_planes(plan);
    mote_cli_table_column(&table, "step", false);
    mote_cli_table_column(&table, "kernel", false);
    mote_cli_table_column(&table, "MACs", true);
    mote_cli_table_column(&table, "constant bytes", true);
    mote_cli_table_column(&table, "output bytes", true);
    if (has_planes) mote_cli_table_column(&table, "output's layout", false);
    mote_cli_table_column(&table, "at", true);
    mote_cli_table_column(&table, "RAM bytes", true);
    mote_cli_table_column(&table, "", false);
    mote_cli_table_column(&table, "kernel chosen because", false);
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct mote_step_info *step = &plan->steps[i];
        mote_cli_table_cell(&table, "%s", step->name);
        mote_cli_table_cell(&table, "%s", step->kernel);
        mote_cli_table_cell(&table, "%s", step->macs ? mote_cli_number(step->macs).text : "");
        mote_cli_table_cell(&table, "%s", step->constant_bytes ? mote_cli_number((int64_t)step->constant_bytes).text : "");
        mote_cli_table_cell(&table, "%s", mote_cli_number(step->output_bytes).text);
        if (has_planes) mote_cli_table_cell(&table, "%s%s", step->planes_for ? "planes for " : "", step->planes_for ? step->planes_for : "");
        mote_cli_table_cell(&table, "%s", mote_cli_number(step->output_offset).text);
        mote_cli_table_cell(&table, "%s", mote_cli_number(step->live_bytes).text);
        mote_cli_table_cell(&table, "%s", i == plan->peak_step ? "peak" : "");
        mote_cli_table_cell(&table, "%s", mote_cli_choice(step).text);
    }
    return mote_cli_table_print(&table);
}

static bool print_plan(struct mote *mote)
{
    const struct mote_plan_info *plan = mote_plan_info(mote);
    char *drawing;
    if (mote_plan_render(mote, MOTE_PLAN_DRAWING, mote_cli_columns(), &drawing) != MOTE_OK) return false;
    printf("\n%sMemory plan for %s%s\n%s\n", mote_cli_style(stdout, MOTE_CLI_BOLD), plan->target,
           mote_cli_style(stdout, MOTE_CLI_NORMAL), drawing);
    free(drawing);
    printf("  peak        %s bytes of RAM for tensors\n", mote_cli_number(plan->arena_bytes).text);
    printf("  lower bound %s bytes: no placement of these buffers needs less\n",
           mote_cli_number(plan->lower_bound_bytes).text);
    if (plan->schedule == MOTE_SCHEDULE_STRIPS)
        printf("  strips      %s: the input comes so many times\n", mote_cli_number(plan->strips).text);
    if (plan->schedule == MOTE_SCHEDULE_STREAM || plan->schedule == MOTE_SCHEDULE_STRIPS || plan->schedule == MOTE_SCHEDULE_FUSED)
        printf("  tables      %s bytes of flash: the order of %s events, the places of rows\n\n",
               mote_cli_number((int64_t)plan->table_bytes).text, mote_cli_number((int64_t)plan->event_count).text);
    else
        printf("  naive       %s bytes: without overlap and in-place\n\n", mote_cli_number(plan->naive_bytes).text);
    return mote_cli_print_alternatives(mote, false) && print_steps(plan);
}

/* ---- For programs ---- */

json_t *mote_cli_json_tensors(const struct mote_tensor_info *tensors, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(array, mote_cli_json_tensor(&tensors[i]));
    return array;
}

static json_t *ops_json(const struct mote_model_info *model)
{
    json_t *array = json_array();
    for (size_t i = 0; i < model->op_count; i++) {
        const struct mote_op_info *op = &model->ops[i];
        json_array_append_new(array,
                              json_pack("{s:i, s:s, s:o, s:o, s:I, s:I, s:o}", "source_index", (int)op->source_index, "type",
                                        op->type, "input", mote_cli_json_tensor(&op->input), "output",
                                        mote_cli_json_tensor(&op->output), "macs", (json_int_t)op->macs,
                                        "parameter_bytes", (json_int_t)op->parameter_bytes, "weights",
                                        mote_cli_json_weights(op->weights)));
    }
    return array;
}

static json_t *passes_json(const struct mote_model_info *model)
{
    json_t *array = json_array();
    for (size_t i = 0; i < model->pass_count; i++)
        json_array_append_new(array, json_pack("{s:s, s:o, s:i}", "name", model->passes[i].name, "what",
                                               mote_cli_json_text(model->passes[i].what), "changes",
                                               (int)model->passes[i].changes));
    return array;
}

static json_t *model_json(const struct mote_model_info *model)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:I, s:I, s:I}", "name", mote_cli_json_text(model->name), "inputs",
                     mote_cli_json_tensors(model->inputs, model->input_count), "outputs",
                     mote_cli_json_tensors(model->outputs, model->output_count), "operators", ops_json(model),
                     "source_operator_count", (json_int_t)model->source_op_count, "passes", passes_json(model), "macs",
                     (json_int_t)model->macs, "weight_bytes", (json_int_t)model->weight_bytes, "parameter_bytes",
                     (json_int_t)model->parameter_bytes);
}

static json_t *steps_json(const struct mote_plan_info *plan)
{
    json_t *array = json_array();
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct mote_step_info *step = &plan->steps[i];
        json_array_append_new(array,
                              json_pack("{s:s, s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "name", step->name, "kernel",
                                        step->kernel, "source_index", (int)step->source_index, "macs",
                                        (json_int_t)step->macs, "live_bytes", (json_int_t)step->live_bytes, "output_bytes",
                                        (json_int_t)step->output_bytes, "output_offset", (json_int_t)step->output_offset,
                                        "constant_bytes", (json_int_t)step->constant_bytes, "choice",
                                        mote_cli_json_choice(step), "layout", mote_cli_json_layout(step)));
    }
    return array;
}

static json_t *plan_json(const struct mote_plan_info *plan)
{
    return json_pack("{s:s, s:I, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "schedule",
                     mote_cli_schedule_name(plan->schedule), "table_bytes", (json_int_t)plan->table_bytes, "target", plan->target, "fits", plan->fits,
                     "arena_bytes", (json_int_t)plan->arena_bytes, "lower_bound_bytes",
                     (json_int_t)plan->lower_bound_bytes, "naive_bytes", (json_int_t)plan->naive_bytes, "peak_step",
                     (json_int_t)plan->peak_step, "constant_bytes", (json_int_t)plan->constant_bytes, "weight_bytes",
                     (json_int_t)plan->weight_bytes, "macs", (json_int_t)plan->macs, "steps", steps_json(plan));
}

/* ---- The verb ---- */

static bool print_graph_text(struct mote *mote)
{
    char *text;
    if (mote_graph_text(mote, false, &text) != MOTE_OK) return false;
    fputs(text, stdout);
    free(text);
    return true;
}

static bool print_plan_text(struct mote *mote)
{
    char *text;
    if (mote_plan_render(mote, MOTE_PLAN_TEXT, mote_cli_columns(), &text) != MOTE_OK) return false;
    fputs(text, stdout);
    free(text);
    return true;
}

static bool write_svg(struct mote *mote, const char *path)
{
    char *svg;
    if (mote_plan_render(mote, MOTE_PLAN_SVG, mote_cli_columns(), &svg) != MOTE_OK) return false;
    const bool ok = mote_cli_write_file(path, svg);
    free(svg);
    return ok;
}

/* Shows the plan in the form asked for; it exists even if it does not fit. */
static bool show_plan(struct mote_cli_session *session, const struct mote_cli_args *args)
{
    bool ok = true;
    if (args->values[TEXT]) {
        ok = print_plan_text(session->mote);
    } else if (session->json) {
        json_object_set_new(session->json, "plan", plan_json(mote_plan_info(session->mote)));
    } else {
        ok = print_plan(session->mote);
    }
    return (!args->values[SVG] || write_svg(session->mote, args->values[SVG])) && ok;
}

/* Of a blob there is one plan: shown even if it does not fit, or may not run here. */
static bool inspect_blob(struct mote_cli_session *session, const struct mote_cli_args *args)
{
    if (args->values[TEXT] || args->values[SVG] || args->values[ALTERNATIVES])
        return mote_cli_error("a blob is a finished plan: --text, --svg and --alternatives need the model it was made of");
    const bool shown = mote_cli_show_blob(session);
    const char *target = args->values[TARGET] ? args->values[TARGET] : mote_blob_info(session->mote)->target;
    return mote_plan_with(session->mote, target, NULL) == MOTE_OK && shown;
}

static bool inspect(struct mote_cli_session *session, const struct mote_cli_args *args,
                    const struct mote_plan_options *plan)
{
    struct mote *mote = session->mote;
    if (mote_load(mote, args->operand) != MOTE_OK) return false;
    if (args->values[GRAPH]) return print_graph_text(mote);
    if (mote_blob_info(mote)) return inspect_blob(session, args);
    if (mote_cli_take_samples(session, args->values[PLAN + MOTE_CLI_PROFILE_DATA]) != MOTE_OK) return false;
    const struct mote_model_info *model = mote_model_info(mote);
    bool ok = true;
    if (session->json) {
        json_object_set_new(session->json, "model", model_json(model));
    } else if (!args->values[TEXT] && !args->values[ALTERNATIVES]) {
        print_summary(model);
        ok = print_ops(model);
        print_passes(model);
        ok = mote_cli_print_removals(model) && ok;
    }
    const enum mote_status status = mote_plan_with(mote, args->values[TARGET] ? args->values[TARGET] : "host", plan);
    if (status != MOTE_OK && status != MOTE_ERR_NO_FIT) return false;
    if (args->values[ALTERNATIVES]) return mote_cli_show_alternatives(session, args->values[SVG]) && ok && status == MOTE_OK;
    return show_plan(session, args) && ok && status == MOTE_OK;
}

static int run(const struct mote_cli_args *args)
{
    struct mote_target_info target;
    if (args->values[TARGET] && !mote_cli_find_target(args->verb, args->values[TARGET], &target)) return MOTE_CLI_USAGE;
    if (!!args->values[TEXT] + !!args->values[GRAPH] + !!args->values[JSON] > 1)
        return mote_cli_usage_error(args->verb, "--text, --graph and --json exclude each other");
    if (args->values[ALTERNATIVES] && (args->values[TEXT] || args->values[GRAPH]))
        return mote_cli_usage_error(args->verb, "--alternatives compares plans, so it does not go with --text or --graph");
    if (args->values[GRAPH] && args->values[SVG])
        return mote_cli_usage_error(args->verb, "--graph makes no plan, so --svg has nothing to draw");
    struct mote_plan_options plan;
    if (!mote_cli_parse_plan(args, PLAN, &plan)) return MOTE_CLI_USAGE;
    struct mote_cli_session session;
    if (!mote_cli_open(&session, args->values[JSON])) return MOTE_CLI_FAILED;
    return mote_cli_close(&session, inspect(&session, args, &plan));
}

const struct mote_cli_verb mote_cli_inspect = {
    .name = "inspect",
    .operands = "MODEL",
    .operand_min = 1,
    .operand_max = 1,
    .summary = "show a model's operators, and where the RAM goes on a chip",
    .details = "If the model does not fit the chip, the plan is shown all the same, then what is short; the exit status\n"
               "is then 1.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .examples = "  mote inspect model.tflite\n"
                "  mote inspect model.tflite --target atmega1284p --svg plan.svg\n"
                "  mote inspect model.tflite --target atmega2560 --alternatives\n"
                "  mote inspect model.tflite --graph > model.mgraph\n"
                "  mote inspect model.mote\n",
    .run = run,
};
