/* options.c: the options of a verb: parsing, help, and what was probably meant. */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define LONG_BASE 256 /* getopt's value of option i is LONG_BASE + i, beyond all letters */
#define HELP_INDEX MOTE_CLI_MAX_OPTIONS

/* ---- Suggestions ---- */

/* Levenshtein distance of two words, cut to 31 letters. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[32];
    const size_t columns = strlen(b) < 31 ? strlen(b) : 31;
    for (size_t j = 0; j <= columns; j++) row[j] = j;
    for (size_t i = 0; a[i] && i < 31; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < columns; j++) {
            const size_t replaced = diagonal + (a[i] != b[j]);
            const size_t shifted = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            diagonal = row[j + 1];
            row[j + 1] = replaced < shifted ? replaced : shifted;
        }
    }
    return row[columns];
}

void mote_cli_suggest(const char *typed, const char *candidate, size_t *best_distance, const char **best)
{
    const size_t distance = edit_distance(typed, candidate);
    if (distance >= *best_distance || distance >= strlen(candidate)) return;
    *best_distance = distance;
    *best = candidate;
}

bool mote_cli_find_target(const struct mote_cli_verb *verb, const char *name, struct mote_target_info *target)
{
    size_t distance = MOTE_CLI_SUGGEST_DISTANCE;
    const char *nearest = NULL;
    for (size_t i = 0; i < mote_target_count(); i++) {
        const struct mote_target_info info = mote_target_info(i);
        if (strcmp(info.name, name) == 0) {
            *target = info;
            return true;
        }
        mote_cli_suggest(name, info.name, &distance, &nearest);
    }
    if (nearest)
        mote_cli_usage_error(verb, "unknown target '%s'; did you mean '%s'?", name, nearest);
    else
        mote_cli_usage_error(verb, "unknown target '%s'; 'mote targets' lists them", name);
    return false;
}

static bool is_of_class(const char *target, const char *class_name)
{
    static const struct {
        const char *name, *begin;
    } classes[] = {{"avr", "at"}, {"cortex-m", "cortex-m"}, {"riscv", "rv32"}, {"all", ""}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strcmp(class_name, classes[i].name) == 0) return strncmp(target, classes[i].begin, strlen(classes[i].begin)) == 0;
    return false;
}

static void add_target(const struct mote_target_info *target, struct mote_target_info *targets, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(targets[i].name, target->name) == 0) return;
    targets[(*count)++] = *target;
}

bool mote_cli_find_targets(const struct mote_cli_verb *verb, const char *names, struct mote_target_info *targets,
                           size_t *count)
{
    *count = 0;
    for (const char *text = names; text;) {
        char name[64];
        const size_t length = strcspn(text, ",");
        bool is_class = false;
        snprintf(name, sizeof name, "%.*s", (int)length, text);
        text = text[length] ? text + length + 1 : NULL;
        for (size_t i = 0; i < mote_target_count(); i++) {
            const struct mote_target_info target = mote_target_info(i);
            if (!is_of_class(target.name, name)) continue;
            is_class = true;
            add_target(&target, targets, count);
        }
        struct mote_target_info target;
        if (is_class) continue;
        if (!mote_cli_find_target(verb, name, &target)) return false;
        add_target(&target, targets, count);
    }
    return true;
}

/* ---- Help ---- */

static void print_option(const struct mote_cli_option *option)
{
    char left[64];
    snprintf(left, sizeof left, "%c%c%s--%s%s%s", option->letter ? '-' : ' ', option->letter ? option->letter : ' ',
             option->letter ? ", " : "  ", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    printf("  %-24s  ", left);
    for (const char *c = option->help; *c; c++) {
        putchar(*c);
        if (*c == '\n') printf("%28s", "");
    }
    putchar('\n');
}

static void print_help(const struct mote_cli_verb *verb)
{
    printf("usage: mote %s%s%s [OPTIONS]\n\n%s\n", verb->name, *verb->operands ? " " : "", verb->operands, verb->summary);
    if (verb->details) printf("\n%s\n", verb->details);
    printf("\nOptions:\n");
    for (int i = 0; i < verb->option_count; i++) print_option(&verb->options[i]);
    print_option(&(struct mote_cli_option){"help", 'h', NULL, "show this help"});
    printf("\nExamples:\n%s", verb->examples);
}

int mote_cli_usage_error(const struct mote_cli_verb *verb, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "%smote: error:%s ", mote_cli_style(stderr, MOTE_CLI_RED), mote_cli_style(stderr, MOTE_CLI_NORMAL));
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, " (see mote %s%s--help)\n", verb ? verb->name : "", verb ? " " : "");
    return MOTE_CLI_USAGE;
}

/* ---- Parsing ---- */

/* Fills the tables that getopt_long reads. */
static void make_getopt_tables(const struct mote_cli_verb *verb, struct option *table, char *letters)
{
    *letters++ = ':'; /* tell a missing argument from an unknown option */
    for (int i = 0; i < verb->option_count; i++) {
        const struct mote_cli_option *option = &verb->options[i];
        *table++ = (struct option){option->name, option->argument ? required_argument : no_argument, NULL, LONG_BASE + i};
        if (!option->letter) continue;
        *letters++ = option->letter;
        if (option->argument) *letters++ = ':';
    }
    *table++ = (struct option){"help", no_argument, NULL, LONG_BASE + HELP_INDEX};
    *table = (struct option){0};
    *letters++ = 'h';
    *letters = 0;
}

static int option_index(const struct mote_cli_verb *verb, int value)
{
    if (value >= LONG_BASE) return value - LONG_BASE;
    for (int i = 0; i < verb->option_count; i++)
        if (verb->options[i].letter == value) return i;
    return HELP_INDEX;
}

static int report_unknown(const struct mote_cli_verb *verb, const char *word, int letter)
{
    if (letter >= LONG_BASE)
        return mote_cli_usage_error(verb, "option '--%s' takes no value", letter - LONG_BASE == HELP_INDEX
                                                                              ? "help"
                                                                              : verb->options[letter - LONG_BASE].name);
    if (letter) return mote_cli_usage_error(verb, "unknown option '-%c'", letter);
    size_t distance = MOTE_CLI_SUGGEST_DISTANCE, name_length = strcspn(word + 2, "=");
    char name[32];
    snprintf(name, sizeof name, "%.*s", name_length < 31 ? (int)name_length : 31, word + 2);
    const char *nearest = NULL;
    for (int i = 0; i < verb->option_count; i++) mote_cli_suggest(name, verb->options[i].name, &distance, &nearest);
    if (nearest) return mote_cli_usage_error(verb, "unknown option '--%s'; did you mean '--%s'?", name, nearest);
    return mote_cli_usage_error(verb, "unknown option '--%s'", name);
}

static int check_operands(struct mote_cli_args *args, int count, char **operands)
{
    const struct mote_cli_verb *verb = args->verb;
    if (count < verb->operand_min) return mote_cli_usage_error(verb, "%s is missing", verb->operands);
    if (count > verb->operand_max) return mote_cli_usage_error(verb, "unexpected '%s'", operands[verb->operand_max]);
    if (count) args->operand = operands[0];
    args->operands = operands;
    args->operand_count = count;
    return -1;
}

int mote_cli_parse(struct mote_cli_args *args, int argc, char **argv)
{
    struct option table[MOTE_CLI_MAX_OPTIONS + 2];
    char letters[2 * MOTE_CLI_MAX_OPTIONS + 3];
    make_getopt_tables(args->verb, table, letters);
    opterr = 0;
    for (int value; (value = getopt_long(argc, argv, letters, table, NULL)) != -1;) {
        if (value == ':') return mote_cli_usage_error(args->verb, "option '%s' needs a value", argv[optind - 1]);
        if (value == '?') return report_unknown(args->verb, argv[optind - 1], optopt);
        const int index = option_index(args->verb, value);
        if (index == HELP_INDEX) {
            print_help(args->verb);
            return MOTE_CLI_DONE;
        }
        args->values[index] = optarg ? optarg : "";
    }
    return check_operands(args, argc - optind, argv + optind);
}

bool mote_cli_parse_number(const struct mote_cli_args *args, int option, uint64_t least, uint64_t most, uint64_t *value)
{
    const char *text = args->values[option];
    if (!text) return true;
    char *end;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || number < least || number > most) {
        mote_cli_usage_error(args->verb, "--%s wants a number from %" PRIu64 " to %" PRIu64 ", not '%s'",
                             args->verb->options[option].name, least, most, text);
        return false;
    }
    *value = number;
    return true;
}

/* The index of option's value among `count` names; 0 if it was not given, -1 after saying what it wants. */
static int parse_choice(const struct mote_cli_args *args, int option, const char *const *names, int count, const char *wanted)
{
    const char *value = args->values[option];
    for (int i = 0; value && i < count; i++)
        if (strcmp(value, names[i]) == 0) return i;
    if (!value) return 0;
    mote_cli_usage_error(args->verb, "--%s wants %s, not '%s'", args->verb->options[option].name, wanted, value);
    return -1;
}

/* Strips of a number, or as many as it takes. */
static bool parse_strips(const struct mote_cli_args *args, int strips, struct mote_plan_options *plan)
{
    const char *text = args->values[strips];
    uint64_t count = 0;
    if (!text) return true;
    if (strcmp(text, "auto") != 0 && !mote_cli_parse_number(args, strips, 2, MOTE_PLAN_MOST_STRIPS, &count)) return false;
    if (plan->schedule != MOTE_SCHEDULE_AUTO && plan->schedule != MOTE_SCHEDULE_STRIPS) {
        mote_cli_usage_error(args->verb, "--strips goes with --schedule strips only");
        return false;
    }
    plan->schedule = MOTE_SCHEDULE_STRIPS;
    plan->strips = (uint32_t)count;
    return true;
}

static bool parse_band(const struct mote_cli_args *args, int band, struct mote_plan_options *plan)
{
    uint64_t positions = 0;
    if (!mote_cli_parse_number(args, band, 1, MOTE_PLAN_MOST_BAND, &positions)) return false;
    if (!positions) return true;
    if (plan->schedule != MOTE_SCHEDULE_AUTO && plan->schedule != MOTE_SCHEDULE_FUSED) {
        mote_cli_usage_error(args->verb, "--band goes with --schedule fused only");
        return false;
    }
    plan->schedule = MOTE_SCHEDULE_FUSED;
    plan->band = (uint32_t)positions;
    return true;
}

bool mote_cli_parse_plan(const struct mote_cli_args *args, int first, struct mote_plan_options *plan)
{
    static const char *const schedules[] = {
        [MOTE_SCHEDULE_AUTO] = "auto", [MOTE_SCHEDULE_WHOLE] = "whole", [MOTE_SCHEDULE_STREAM] = "stream",
        [MOTE_SCHEDULE_SLIDE] = "slide", [MOTE_SCHEDULE_STRIPS] = "strips", [MOTE_SCHEDULE_FUSED] = "fused"};
    static const char *const aims[] = {
        [MOTE_OPTIMIZE_BALANCED] = "balanced", [MOTE_OPTIMIZE_SPEED] = "speed", [MOTE_OPTIMIZE_SIZE] = "size"};
    static const char *const codings[] = {
        [MOTE_CODED_WEIGHTS_AUTO] = "auto", [MOTE_CODED_WEIGHTS_NEVER] = "never", [MOTE_CODED_WEIGHTS_ALWAYS] = "always"};
    *plan = (struct mote_plan_options){0};
    uint64_t limit = 0;
    if (!mote_cli_parse_number(args, first + MOTE_CLI_RAM_LIMIT, 1, UINT32_MAX, &limit)) return false;
    const int chosen = parse_choice(args, first + MOTE_CLI_SCHEDULE, schedules, 6, "whole, fused, stream, strips, slide or auto");
    const int coding = chosen < 0 ? -1 : parse_choice(args, first + MOTE_CLI_CODED_WEIGHTS, codings, 3, "never, always or auto");
    const int aim = coding < 0 ? -1 : parse_choice(args, first + MOTE_CLI_OPTIMIZE, aims, 3, "speed, size or balanced");
    if (aim < 0) return false;
    plan->optimize = (enum mote_optimize)aim;
    plan->ram_limit_bytes = (uint32_t)limit;
    plan->schedule = (enum mote_schedule)chosen;
    plan->coded_weights = (enum mote_coded_weights)coding;
    plan->constant_time = args->values[first + MOTE_CLI_CONSTANT_TIME] != NULL;
    return parse_strips(args, first + MOTE_CLI_STRIPS, plan) && parse_band(args, first + MOTE_CLI_BAND, plan);
}
