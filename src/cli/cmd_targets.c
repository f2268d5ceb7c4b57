/* cmd_targets.c: mote targets: the chips, and everything known of one of them. */
#include "cli.h"

enum { JSON };

static const struct mote_cli_option options[] = {
    [JSON] = {"json", 0, NULL, "print one JSON object"},
};

static json_t *target_json(const struct mote_target_info *target)
{
    json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:b, s:b}", "name", target->name, "title", target->title,
                             "flash_bytes", mote_cli_json_limit(target->flash_bytes), "ram_bytes",
                             mote_cli_json_limit(target->ram_bytes), "clock_hz", mote_cli_json_size(target->clock_hz),
                             "families", target->families, "simulator", target->simulator, "cycle_exact",
                             target->cycle_exact, "available", target->available);
    json_object_set_new(json, "missing", mote_cli_json_text(target->missing));
    json_object_set_new(json, "timing_source", mote_cli_json_text(target->timing_source));
    json_object_set_new(json, "cycles_source", mote_cli_json_text(target->cycles_source));
    if (target->energy_amperes <= 0) {
        json_object_set_new(json, "energy", json_null());
        return json;
    }
    json_object_set_new(json, "energy",
                        json_pack("{s:f, s:f, s:f, s:o}", "volts", target->energy_volts, "amperes", target->energy_amperes,
                                  "hertz", target->energy_hertz, "source", mote_cli_json_text(target->energy_source)));
    return json;
}

/* "131,072", or "-" where a limit means nothing. */
static void number_cell(struct mote_cli_table *table, uint32_t value)
{
    mote_cli_table_cell(table, "%s", mote_cli_has_limit(value) ? mote_cli_number(value).text : "-");
}

static bool print_table(void)
{
    struct mote_cli_table table = {0};
    mote_cli_table_column(&table, "target", false);
    mote_cli_table_column(&table, "flash bytes", true);
    mote_cli_table_column(&table, "RAM bytes", true);
    mote_cli_table_column(&table, "MHz", true);
    mote_cli_table_column(&table, "simulator", false);
    mote_cli_table_column(&table, "available", false);
    mote_cli_table_column(&table, "chip", false);
    for (size_t i = 0; i < mote_target_count(); i++) {
        const struct mote_target_info target = mote_target_info(i);
        mote_cli_table_cell(&table, "%s", target.name);
        number_cell(&table, target.flash_bytes);
        number_cell(&table, target.ram_bytes);
        mote_cli_table_cell(&table, "%s", target.clock_hz ? mote_cli_real(target.clock_hz / 1e6).text : "-");
        mote_cli_table_cell(&table, "%s", target.simulator);
        mote_cli_table_cell(&table, "%s%s", target.available ? "yes" : "no: install ",
                            target.available || !target.missing ? "" : target.missing);
        mote_cli_table_cell(&table, "%s", target.title);
    }
    return mote_cli_table_print(&table);
}

static void row(struct mote_cli_table *table, const char *what, const char *value)
{
    mote_cli_table_cell(table, "  %s", what);
    mote_cli_table_cell(table, "%s", value ? value : "unknown");
}

static void energy_row(struct mote_cli_table *table, const struct mote_target_info *target)
{
    mote_cli_table_cell(table, "  active current");
    if (target->energy_amperes > 0)
        mote_cli_table_cell(table, "%g mA at %g V and %g MHz (typical): %.4g nJ per cycle", target->energy_amperes * 1e3,
                            target->energy_volts, target->energy_hertz / 1e6,
                            target->energy_amperes * target->energy_volts / target->energy_hertz * 1e9);
    else
        mote_cli_table_cell(table, "unknown: no energy estimates");
}

static bool print_target(const struct mote_target_info *target)
{
    struct mote_cli_table table = {0};
    mote_cli_table_column(&table, NULL, false);
    mote_cli_table_column(&table, NULL, false);
    printf("%s%s%s: %s\n", mote_cli_style(stdout, MOTE_CLI_BOLD), target->name, mote_cli_style(stdout, MOTE_CLI_NORMAL),
           target->title);
    if (mote_cli_has_limit(target->flash_bytes)) row(&table, "flash bytes", mote_cli_number(target->flash_bytes).text);
    if (mote_cli_has_limit(target->ram_bytes)) row(&table, "RAM bytes", mote_cli_number(target->ram_bytes).text);
    if (target->clock_hz) row(&table, "clock Hz", mote_cli_number(target->clock_hz).text);
    row(&table, "kernel families", target->families);
    row(&table, "simulator", target->simulator);
    row(&table, "available", target->available ? "yes" : "no");
    if (!target->available) row(&table, "to install", target->missing);
    row(&table, "cycles", target->cycle_exact     ? "exact"
                          : target->cycles_source ? "estimated from instructions"
                                                  : "not counted: time is measured");
    if (target->timing_source) row(&table, "source", target->timing_source);
    if (target->cycles_source)
        row(&table, target->timing_source ? "  without plugins" : "source", target->cycles_source);
    energy_row(&table, target);
    if (target->energy_source) row(&table, "source", target->energy_source);
    return mote_cli_table_print(&table);
}

static int run(const struct mote_cli_args *args)
{
    struct mote_target_info target;
    if (args->operand && !mote_cli_find_target(args->verb, args->operand, &target)) return MOTE_CLI_USAGE;
    if (!args->values[JSON]) {
        const bool ok = args->operand ? print_target(&target) : print_table();
        return ok ? MOTE_CLI_DONE : MOTE_CLI_FAILED;
    }
    struct mote_cli_session session;
    if (!mote_cli_open(&session, true)) return MOTE_CLI_FAILED;
    json_t *array = json_array();
    for (size_t i = 0; i < mote_target_count(); i++) {
        const struct mote_target_info info = mote_target_info(i);
        if (!args->operand || info.name == target.name) json_array_append_new(array, target_json(&info));
    }
    json_object_set_new(session.json, "targets", array);
    return mote_cli_close(&session, true);
}

const struct mote_cli_verb mote_cli_targets = {
    .name = "targets",
    .operands = "[TARGET]",
    .operand_max = 1,
    .summary = "list the chips, or everything known of one",
    .details = "The simulator column says how a model is run on the chip here; \"available\" whether its compiler and\n"
               "simulator are installed, and if not, the packages to install.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .examples = "  mote targets\n  mote targets atmega1284p\n  mote targets --json\n",
    .run = run,
};
