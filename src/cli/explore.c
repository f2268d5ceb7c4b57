#include "explore.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PLANS = 64, SEED = 1 };

struct explore {
    struct mote_cli_session *session;
    const struct mote_target_info *target;
    const struct mote_plan_options *base;
    const struct mote_cli_explore *how;
    struct candidate {
        struct mote_plan_options options;
        bool if_new; /* of no interest if the candidate before it is a plan that was built already */
    } candidates[MOST_PLANS];
    uint64_t built[MOST_PLANS]; /* hashes of the plans that were built */
    size_t built_count;
    struct mote_cli_explored plans[MOST_PLANS];
    size_t candidate_count, count;
};

/* ---- What is tried ---- */

static void add(struct explore *x, struct mote_plan_options options)
{
    if (x->candidate_count < MOST_PLANS) x->candidates[x->candidate_count++].options = options;
}

static void add_if_new(struct explore *x, struct mote_plan_options options)
{
    add(x, options);
    x->candidates[x->candidate_count - 1].if_new = true;
}

/* Another aim than the default is of interest where it chooses other kernels. */
static void add_aim(struct explore *x, enum mote_optimize aim)
{
    struct mote_plan_options options = *x->base;
    options.optimize = aim;
    options.schedule = MOTE_SCHEDULE_WHOLE;
    add(x, options);
    options.schedule = MOTE_SCHEDULE_STREAM;
    add_if_new(x, options);
    options.schedule = MOTE_SCHEDULE_FUSED;
    options.band = 48;
    add_if_new(x, options);
}

/* Limits below what whole tensors need, each met by the fastest plan within it. */
static void add_limits(struct explore *x, struct mote_plan_options options)
{
    static const uint32_t percent[] = {85, 70, 55, 40, 25};
    if (mote_plan_with(x->session->mote, x->target->name,
                       &(struct mote_plan_options){.schedule = MOTE_SCHEDULE_WHOLE, .optimize = options.optimize}) == MOTE_ERR_MEMORY)
        return;
    const struct mote_plan_info *whole = mote_plan_info(x->session->mote);
    x->session->messages_shown = mote_message_count(x->session->mote); /* it need not fit */
    options.schedule = MOTE_SCHEDULE_FUSED;
    for (size_t i = 0; whole && i < sizeof percent / sizeof percent[0]; i++) {
        options.ram_limit_bytes = (uint32_t)((uint64_t)whole->arena_bytes * percent[i] / 100);
        if (options.ram_limit_bytes && (!x->base->ram_limit_bytes || options.ram_limit_bytes < x->base->ram_limit_bytes)) add(x, options);
    }
}

static void add_candidates(struct explore *x)
{
    static const enum mote_optimize aims[] = {MOTE_OPTIMIZE_BALANCED, MOTE_OPTIMIZE_SPEED, MOTE_OPTIMIZE_SIZE};
    static const uint32_t bands[] = {1, 15, 24, 48, 96};
    struct mote_plan_options options = *x->base;
    add(x, options); /* the default */
    options.schedule = MOTE_SCHEDULE_WHOLE;
    add(x, options);
    options.schedule = MOTE_SCHEDULE_STREAM;
    add(x, options);
    for (size_t a = 0; a < sizeof aims / sizeof aims[0]; a++)
        if (aims[a] != x->base->optimize) add_aim(x, aims[a]);
    for (size_t b = 0; b < sizeof bands / sizeof bands[0]; b++) {
        options.schedule = MOTE_SCHEDULE_FUSED;
        options.band = bands[b];
        add(x, options);
    }
    options.band = 0;
    add_limits(x, options);
    options.schedule = MOTE_SCHEDULE_STRIPS;
    add(x, options);
}

/* ---- Measuring ---- */

/* Has the plan been built, asked for in other words? Plans are told apart by their text (FNV-1a). */
static bool is_known(struct explore *x)
{
    char *text;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    if (mote_plan_render(x->session->mote, MOTE_PLAN_TEXT, 0, &text) != MOTE_OK) return false;
    for (const char *c = text; *c; c++) hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001B3);
    free(text);
    for (size_t i = 0; i < x->built_count; i++)
        if (x->built[i] == hash) return true;
    x->built[x->built_count++] = hash;
    return false;
}

/* A plan that is impossible or does not fit is no failure: it is left out. False: stop. */
static bool measure(struct explore *x, const struct mote_plan_options *options, const uint8_t *input)
{
    struct mote *mote = x->session->mote;
    struct mote_run_report report;
    enum mote_status status = mote_plan_with(mote, x->target->name, options);
    if (status == MOTE_OK && is_known(x)) return true;
    if (status == MOTE_OK) status = mote_run(mote, &(struct mote_run_options){.input = input, .vector_count = 1}, &report);
    if (status == MOTE_ERR_UNSUPPORTED || status == MOTE_ERR_NO_FIT) {
        x->session->messages_shown = mote_message_count(mote); /* why not is of no interest */
        return true;
    }
    if (status != MOTE_OK) return false;
    const struct mote_plan_info *info = mote_plan_info(mote);
    const uint32_t stack = report.worst_case_stack_bytes > report.stack_bytes ? report.worst_case_stack_bytes : report.stack_bytes;
    x->plans[x->count++] = (struct mote_cli_explored){
        .options = *options, .schedule = info->schedule, .strips = info->strips, .arena_bytes = report.arena_bytes,
        .ram_bytes = report.ram_bytes + stack, .flash_bytes = report.flash_bytes, .code_bytes = report.code_bytes,
        .time = report.cycles >= 0 ? report.cycles : report.instructions, .exact = report.cycles >= 0};
    return true;
}

/* Is `a` nowhere worse than `b` and better in something? */
static bool dominates(const struct mote_cli_explored *a, const struct mote_cli_explored *b)
{
    if (a->ram_bytes > b->ram_bytes || a->flash_bytes > b->flash_bytes || a->time > b->time) return false;
    return a->ram_bytes < b->ram_bytes || a->flash_bytes < b->flash_bytes || a->time < b->time;
}

static int by_ram(const void *a, const void *b)
{
    const struct mote_cli_explored *x = a, *y = b;
    if (x->ram_bytes != y->ram_bytes) return x->ram_bytes < y->ram_bytes ? -1 : 1;
    return x->time < y->time ? -1 : x->time > y->time;
}

static void find_front(struct explore *x)
{
    qsort(x->plans, x->count, sizeof x->plans[0], by_ram);
    for (size_t i = 0; i < x->count; i++) {
        x->plans[i].on_front = true;
        for (size_t k = 0; k < x->count; k++)
            if (dominates(&x->plans[k], &x->plans[i])) x->plans[i].on_front = false;
    }
}

/* ---- The answer ---- */

/* The path within quotes for a shell, if it needs them. */
static void quote(const char *path, char *to, size_t size)
{
    const bool is_plain = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./") == strlen(path);
    size_t at = 0;
    if (!is_plain) to[at++] = '\'';
    for (; *path && at + 6 < size; path++) {
        if (*path == '\'') at += (size_t)snprintf(to + at, size - at, "'\\''");
        else to[at++] = *path;
    }
    if (!is_plain) to[at++] = '\'';
    to[at] = 0;
}

/* What makes this plan. */
static void options_of(const struct mote_plan_options *o, char *text, size_t size)
{
    static const char *const aims[] = {"balanced", "speed", "size"};
    size_t at = 0;
    text[0] = 0;
    if (o->optimize) at += (size_t)snprintf(text + at, size - at, " --optimize %s", aims[o->optimize]);
    if (o->schedule) at += (size_t)snprintf(text + at, size - at, " --schedule %s", mote_cli_schedule_name(o->schedule));
    if (o->band) at += (size_t)snprintf(text + at, size - at, " --band %u", (unsigned)o->band);
    if (o->ram_limit_bytes) at += (size_t)snprintf(text + at, size - at, " --ram-limit %u", (unsigned)o->ram_limit_bytes);
    if (o->constant_time) snprintf(text + at, size - at, " --constant-time");
}

static void command_of(const struct explore *x, const char *options, char *text, size_t size)
{
    char path[300];
    quote(x->how->model, path, sizeof path);
    snprintf(text, size, "mote compile %s -t %s -o DIR%s", path, x->target->name, options);
}

static bool print_table(const struct explore *x)
{
    static const char beaten[] = "beaten";
    struct mote_cli_table table = {.dim = beaten};
    char text[500];
    mote_cli_table_column(&table, "", false);
    mote_cli_table_column(&table, "schedule", false);
    mote_cli_table_column(&table, "tensors", true);
    mote_cli_table_column(&table, "RAM in all", true);
    mote_cli_table_column(&table, "flash", true);
    mote_cli_table_column(&table, "code", true);
    mote_cli_table_column(&table, x->count && x->plans[0].exact ? "cycles" : "instructions", true);
    mote_cli_table_column(&table, "options", false);
    for (size_t i = 0; i < x->count; i++) {
        const struct mote_cli_explored *p = &x->plans[i];
        if (!p->on_front && !x->how->all) continue;
        options_of(&p->options, text, sizeof text);
        mote_cli_table_cell(&table, "%s", p->on_front ? "*" : beaten);
        mote_cli_table_cell(&table, "%s", mote_cli_schedule_name(p->schedule));
        mote_cli_table_cell(&table, "%s", mote_cli_number(p->arena_bytes).text);
        mote_cli_table_cell(&table, "%s", mote_cli_number(p->ram_bytes).text);
        mote_cli_table_cell(&table, "%s", mote_cli_number(p->flash_bytes).text);
        mote_cli_table_cell(&table, "%s", mote_cli_number(p->code_bytes).text);
        mote_cli_table_cell(&table, "%s", mote_cli_number((int64_t)(p->time + 0.5)).text);
        mote_cli_table_cell(&table, "%s", *text ? text + 1 : "none: the default");
    }
    printf("Plans for %s: * is beaten by no other one in RAM, flash and time at once; bytes, RAM in all with the stack\n",
           x->target->name);
    if (!mote_cli_table_print(&table)) return false;
    command_of(x, " OPTIONS", text, sizeof text);
    fputs("Take one with: ", stdout);
    mote_cli_print_safe(stdout, text);
    putchar('\n');
    return true;
}

static json_t *list_json(const struct explore *x)
{
    json_t *array = json_array();
    for (size_t i = 0; i < x->count; i++) {
        const struct mote_cli_explored *p = &x->plans[i];
        char options[200], command[600];
        if (!p->on_front && !x->how->all) continue;
        options_of(&p->options, options, sizeof options);
        command_of(x, options, command, sizeof command);
        json_array_append_new(array, json_pack("{s:b, s:s, s:I, s:I, s:I, s:I, s:f, s:o}", "on_front", p->on_front, "schedule",
                                               mote_cli_schedule_name(p->schedule), "arena_bytes", (json_int_t)p->arena_bytes,
                                               "total_ram_bytes", (json_int_t)p->ram_bytes, "flash_bytes",
                                               (json_int_t)p->flash_bytes, "code_bytes", (json_int_t)p->code_bytes,
                                               p->exact ? "cycles" : "instructions", p->time, "command",
                                               mote_cli_json_text(command)));
    }
    return array;
}

bool mote_cli_explore_plans(struct mote_cli_session *session, const struct mote_target_info *target,
                            const struct mote_plan_options *base, const struct mote_cli_explore *how)
{
    struct explore *x = calloc(1, sizeof *x);
    if (!x) return mote_cli_error("out of memory");
    x->session = session;
    x->target = target;
    x->base = base;
    x->how = how;
    const uint8_t *input = how->input;
    bool ok = input || mote_random_input(session->mote, SEED, 1, &input) == MOTE_OK;
    if (ok) add_candidates(x);
    bool is_new = true;
    for (size_t i = 0; i < x->candidate_count && ok && !mote_cli_interrupted(); i++) {
        if (x->candidates[i].if_new && !is_new) continue;
        const size_t built = x->built_count;
        mote_cli_begin_task("plan %zu of %zu", i + 1, x->candidate_count);
        ok = measure(x, &x->candidates[i].options, input);
        is_new = x->built_count > built;
    }
    mote_cli_clear_progress();
    find_front(x);
    if (ok && !x->count && base->ram_limit_bytes)
        ok = mote_cli_error("no plan for %s needs as little as %u bytes of RAM for tensors", target->name, (unsigned)base->ram_limit_bytes);
    else if (ok && !x->count) ok = mote_cli_error("no plan fits %s", target->name);
    if (ok && session->json) json_object_set_new(session->json, "plans", list_json(x));
    else if (ok) ok = print_table(x);
    if (ok && how->svg_path) ok = mote_cli_explore_draw(x->plans, x->count, target, how->svg_path);
    free(x);
    return ok;
}
