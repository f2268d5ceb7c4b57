/* cmd_verify.c: mote verify: every target against the reference, bit by bit. */
#include "cli.h"

#include <inttypes.h>
#include <string.h>

enum { TARGET, VECTORS, SEED, INPUT, PLAN, JSON = PLAN + MOTE_CLI_PLAN_OPTION_COUNT };

static const struct mote_cli_option options[] = {
    [TARGET] = {"target", 't', "TARGET", "a chip, or 'all' (default: all)"},
    [VECTORS] = {"vectors", 'n', "N", "random vectors (default: 4); extreme ones are always added"},
    [SEED] = {"seed", 's', "S", "seed of the random vectors (default: 1)"},
    [INPUT] = {"input", 'i', "FILE", "further vectors: raw, .npy, .npz, .png or .jpg"},
    MOTE_CLI_PLAN_OPTIONS(PLAN),
    [JSON] = {"json", 0, NULL, "print one JSON object"},
};

enum outcome { EQUAL, DIFFERENT, NO_FIT, UNAVAILABLE, FAILED };
static const char *const outcome_names[] = {"equal", "different", "no_fit", "unavailable", "failed"};

/* ---- One line, one object per target ---- */

static void begin_line(const char *target, enum outcome outcome)
{
    static const enum mote_cli_style styles[] = {MOTE_CLI_GREEN, MOTE_CLI_RED, MOTE_CLI_DIM, MOTE_CLI_DIM, MOTE_CLI_RED};
    static const char *const words[] = {"equal", "DIFFERENT", "does not fit", "skipped", "FAILED"};
    int width = 0;
    for (size_t i = 0; i < mote_target_count(); i++) {
        const int length = (int)strlen(mote_target_info(i).name);
        if (length > width) width = length;
    }
    printf("%-*s  %s%s%s: ", width, target, mote_cli_style(stdout, styles[outcome]), words[outcome],
           mote_cli_style(stdout, MOTE_CLI_NORMAL));
}

static void print_difference(const struct mote_verify_report *report)
{
    if (report->source_index >= 0) printf("op %d ", (int)report->source_index);
    printf("%s, tensor \"", report->op_type ? report->op_type : "?");
    mote_cli_print_name(report->tensor ? report->tensor : "?");
    printf("\", vector %zu, position (", report->vector);
    for (int32_t i = 0; i + 1 < report->rank && i < 5; i++) printf("%s%d", i ? ", " : "", (int)report->position[i]);
    if (report->rank > 0 && report->rank <= 6) printf("), channel %d", (int)report->position[report->rank - 1]);
    const char *end = report->rank > 0 && report->rank <= 6 ? "" : ")";
    if (!report->is_real) printf("%s: expected %d, got %d\n", end, (int)report->expected, (int)report->got);
    else if (report->ulps < 0) printf("%s: expected %.9g, got %.9g\n", end, (double)report->expected_real, (double)report->got_real);
    else
        printf("%s: expected %.9g, got %.9g, %" PRId64 " ULPs apart\n", end, (double)report->expected_real,
               (double)report->got_real, report->ulps);
}

/* What is short, in a line; the whole message is in the JSON object, and shown if one target was asked for. */
static void print_no_fit(const struct mote_plan_info *plan, const struct mote_target_info *target, const char *why)
{
    if (!plan || plan->fits) { /* it came out when the library was linked */
        mote_cli_print_safe(stdout, why);
    } else {
        printf("%s bytes of RAM for tensors, the chip has %s", mote_cli_number(plan->arena_bytes).text,
               mote_cli_number(target->ram_bytes).text);
        printf("; %s bytes of constants, the chip has %s of flash", mote_cli_number((int64_t)plan->constant_bytes).text,
               mote_cli_number(target->flash_bytes).text);
    }
    putchar('\n');
}

static void print_line(const struct mote_target_info *target, const struct mote_plan_info *plan, enum outcome outcome,
                       const struct mote_verify_report *report, const char *why)
{
    mote_cli_clear_progress();
    begin_line(target->name, outcome);
    if (outcome == EQUAL) {
        printf("%zu vectors, %zu layers, %s bytes compared\n", report->vectors, report->layers,
               mote_cli_number((int64_t)report->bytes).text);
    } else if (outcome == DIFFERENT) {
        print_difference(report);
    } else if (outcome == NO_FIT) {
        print_no_fit(plan, target, why);
    } else {
        mote_cli_print_safe(stdout, why);
        putchar('\n');
    }
    fflush(stdout);
}

/* JSON has no infinities and no NaN: as text. */
static json_t *real_json(float value)
{
    char text[32];
    json_t *json = json_real((double)value);
    if (json) return json;
    snprintf(text, sizeof text, "%g", (double)value);
    return json_string(text);
}

static json_t *difference_json(const struct mote_verify_report *report)
{
    json_t *position = json_array();
    for (int32_t i = 0; i < report->rank && i < 6; i++) json_array_append_new(position, json_integer(report->position[i]));
    json_t *json = json_pack("{s:I, s:i, s:o, s:o, s:o, s:o, s:i, s:i}", "vector", (json_int_t)report->vector, "source_index",
                     (int)report->source_index, "operator", mote_cli_json_text(report->op_type), "step",
                     mote_cli_json_text(report->step), "tensor", mote_cli_json_text(report->tensor), "position", position,
                     "expected", (int)report->expected, "got", (int)report->got);
    if (!report->is_real) return json;
    json_object_set_new(json, "expected", real_json(report->expected_real));
    json_object_set_new(json, "got", real_json(report->got_real));
    json_object_set_new(json, "ulps", report->ulps < 0 ? json_null() : json_integer((json_int_t)report->ulps));
    return json;
}

static json_t *line_json(const struct mote_target_info *target, enum outcome outcome,
                         const struct mote_verify_report *report, const char *why)
{
    json_t *json = json_pack("{s:s, s:s}", "target", target->name, "outcome", outcome_names[outcome]);
    if (outcome == EQUAL || outcome == DIFFERENT) {
        json_object_set_new(json, "vectors", json_integer((json_int_t)report->vectors));
        json_object_set_new(json, "layers", json_integer((json_int_t)report->layers));
        json_object_set_new(json, "bytes", json_integer((json_int_t)report->bytes));
    } else {
        json_object_set_new(json, "why", mote_cli_json_text(why));
    }
    if (outcome == DIFFERENT) json_object_set_new(json, "difference", difference_json(report));
    return json;
}

/* ---- Verification ---- */

static enum outcome verify_target(struct mote *mote, const struct mote_target_info *target,
                                  const struct mote_plan_options *plan,
                                  const struct mote_verify_options *verify_options, struct mote_verify_report *report)
{
    enum mote_status status = mote_plan_with(mote, target->name, plan);
    if (status == MOTE_ERR_NO_FIT) return NO_FIT;
    if (status != MOTE_OK) return FAILED;
    if (!target->available) return UNAVAILABLE;
    status = mote_verify(mote, verify_options, report);
    /* A library too big only once its code is linked does not fit either. */
    return status == MOTE_OK             ? EQUAL
           : status == MOTE_ERR_MISMATCH ? DIFFERENT
           : status == MOTE_ERR_NO_FIT   ? NO_FIT
                                         : FAILED;
}

/* Verifies one target and tells of it; its messages are in its line. */
static enum outcome show_target(struct mote_cli_session *session, const struct mote_target_info *target,
                                const struct mote_plan_options *plan,
                                const struct mote_verify_options *verify_options, bool is_only_target)
{
    struct mote_verify_report report = {0};
    const enum outcome outcome = verify_target(session->mote, target, plan, verify_options, &report);
    char skipped[200];
    snprintf(skipped, sizeof skipped, "its compiler or simulator is missing: install %s",
             target->missing ? target->missing : "its tools");
    const char *why = outcome == UNAVAILABLE ? skipped : mote_cli_last_error(session);
    if (session->json)
        json_array_append_new(json_object_get(session->json, "targets"), line_json(target, outcome, &report, why));
    else
        print_line(target, mote_plan_info(session->mote), outcome, &report, why);
    if (!is_only_target) session->messages_shown = mote_message_count(session->mote);
    return outcome;
}

static bool verify(struct mote_cli_session *session, const struct mote_cli_args *args,
                   const struct mote_target_info *only, const struct mote_plan_options *plan,
                   struct mote_verify_options verify_options)
{
    if (session->json) json_object_set_new(session->json, "targets", json_array());
    if (mote_load(session->mote, args->operand) != MOTE_OK) return false;
    if (mote_blob_info(session->mote))
        return mote_cli_error("%s: a blob holds no model to compare with: verify the model, or use mote run --expect", args->operand);
    if (args->values[INPUT] && mote_read_input(session->mote, args->values[INPUT], &verify_options.input,
                                               &verify_options.input_vectors) != MOTE_OK)
        return false;
    if (mote_cli_take_samples(session, args->values[PLAN + MOTE_CLI_PROFILE_DATA]) != MOTE_OK) return false;
    mote_cli_show_messages(session);
    size_t equal = 0, wrong = 0;
    for (size_t i = 0; i < mote_target_count(); i++) {
        const struct mote_target_info target = mote_target_info(i);
        if (only && strcmp(only->name, target.name) != 0) continue;
        const enum outcome outcome = show_target(session, &target, plan, &verify_options, only != NULL);
        equal += outcome == EQUAL;
        wrong += outcome == DIFFERENT || outcome == FAILED;
    }
    mote_cli_show_messages(session);
    if (!equal && !wrong) mote_cli_error("nothing was verified: no target could run");
    return equal && !wrong;
}

static int run(const struct mote_cli_args *args)
{
    uint64_t vectors = 4, seed = 1;
    struct mote_target_info target;
    const char *name = args->values[TARGET] ? args->values[TARGET] : "all";
    const bool all = strcmp(name, "all") == 0;
    if ((!all && !mote_cli_find_target(args->verb, name, &target)) ||
        !mote_cli_parse_number(args, VECTORS, 0, 1000000, &vectors) ||
        !mote_cli_parse_number(args, SEED, 0, UINT64_MAX, &seed))
        return MOTE_CLI_USAGE;
    struct mote_plan_options plan;
    if (!mote_cli_parse_plan(args, PLAN, &plan)) return MOTE_CLI_USAGE;
    struct mote_cli_session session;
    if (!mote_cli_open(&session, args->values[JSON])) return MOTE_CLI_FAILED;
    const struct mote_verify_options verify_options = {.vectors = (size_t)vectors, .seed = seed};
    return mote_cli_close(&session, verify(&session, args, all ? NULL : &target, &plan, verify_options));
}

const struct mote_cli_verb mote_cli_verify = {
    .name = "verify",
    .operands = "MODEL",
    .operand_min = 1,
    .operand_max = 1,
    .summary = "compare chips with the reference, bit by bit, layer by layer",
    .details = "One line per target: equal, or the first layer and element that differ, or why it was not run. The exit\n"
               "status is 0 only if all that fit and can run are equal, and at least one ran.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .examples = "  mote verify model.tflite\n"
                "  mote verify model.tflite --target atmega1284p --vectors 16 --seed 7\n"
                "  mote verify model.tflite --target all --input samples.npy --json\n",
    .run = run,
};
