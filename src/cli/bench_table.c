#include "bench_table.h"

#include "bench_baseline.h"

#include <string.h>

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static bool has_number(const json_t *row, const char *key)
{
    return json_is_number(json_object_get(row, key));
}

static double number_of(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

static bool is_of(const json_t *row, const char *model)
{
    return strcmp(text_of(row, "model"), model) == 0;
}

static bool has_run(const json_t *row)
{
    return strcmp(text_of(row, "outcome"), "ok") == 0;
}

/* ---- Cells ---- */

static void number_cell(struct mote_cli_table *table, const json_t *row, const char *key)
{
    mote_cli_table_cell(table, "%s", has_number(row, key) ? mote_cli_real(number_of(row, key)).text : "");
}

static void size_cell(struct mote_cli_table *table, const json_t *row, const char *key)
{
    mote_cli_table_cell(table, "%s", has_number(row, key) ? mote_cli_number((int64_t)number_of(row, key)).text : "");
}

static void share_cell(struct mote_cli_table *table, const json_t *row, const char *key)
{
    if (has_number(row, key)) mote_cli_table_cell(table, "%.1f %%", 100 * number_of(row, key));
    else mote_cli_table_cell(table, "%s", "");
}

/* "whole", "4 strips", "slide" */
static void schedule_cell(struct mote_cli_table *table, const json_t *row)
{
    if (has_number(row, "strips")) mote_cli_table_cell(table, "%s strips", mote_cli_number((int64_t)number_of(row, "strips")).text);
    else mote_cli_table_cell(table, "%s", text_of(row, "schedule"));
}

/* Exact cycles, else instructions, else nothing. */
static void cycles_cell(struct mote_cli_table *table, const json_t *row)
{
    const bool exact = has_number(row, "cycles");
    if (exact || has_number(row, "instructions"))
        mote_cli_table_cell(table, "%s %s", mote_cli_real(number_of(row, exact ? "cycles" : "instructions")).text, exact ? "c" : "i");
    else
        mote_cli_table_cell(table, "%s", "");
}

static void milliseconds_cell(struct mote_cli_table *table, const json_t *row)
{
    mote_cli_table_cell(table, "%s%s", has_number(row, "estimated_cycles") ? "~" : "",
                        has_number(row, "milliseconds") ? mote_cli_real(number_of(row, "milliseconds")).text : "");
}

/* "RAM 6,688 and flash 1,204 bytes too few" */
static void lacks_cell(struct mote_cli_table *table, const json_t *row)
{
    const bool ram = has_number(row, "missing_ram_bytes"), flash = has_number(row, "missing_flash_bytes");
    mote_cli_table_cell(table, "does not fit: %s%s%s%s%s%s", ram ? "RAM " : "",
                        ram ? mote_cli_number((int64_t)number_of(row, "missing_ram_bytes")).text : "", ram && flash ? ", " : "",
                        flash ? "flash " : "", flash ? mote_cli_number((int64_t)number_of(row, "missing_flash_bytes")).text : "",
                        ram || flash ? " bytes too few" : text_of(row, "lacks"));
}

/* An error's text without the place in the model, which every row of the model has. */
static const char *without_place(const char *why)
{
    const char *end = strstr(why, "\": ");
    return end ? end + 3 : why;
}

/* What there is to say of a row, in few words. */
static void note_cell(struct mote_cli_table *table, const json_t *row)
{
    enum { MOST = 60 };
    const char *outcome = text_of(row, "outcome"), *why = without_place(text_of(row, "why"));
    const char *frame = strcmp(text_of(row, "schedule"), "slide") == 0 ? "per frame" : "";
    if (has_run(row) && has_number(row, "golden_vectors"))
        mote_cli_table_cell(table, "%s%s%s golden equal", frame, *frame ? ", " : "",
                            mote_cli_number((int64_t)number_of(row, "golden_vectors")).text);
    else if (has_run(row)) mote_cli_table_cell(table, "%s", frame);
    else if (strcmp(outcome, "no_fit") == 0) lacks_cell(table, row);
    else if (strcmp(outcome, "different") == 0) mote_cli_table_cell(table, "OUTPUTS DIFFER from the golden ones");
    else if (strcmp(outcome, "unavailable") == 0) mote_cli_table_cell(table, "not run: install %s", why);
    else mote_cli_table_cell(table, "%s: %.*s%s", outcome, MOST, why, strlen(why) > MOST ? "..." : "");
}

/* ---- Figures ---- */

static bool any_peer(const json_t *rows, const char *model)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (is_of(row, model) && has_run(row) && json_is_object(json_object_get(row, "peer"))) return true;
    }
    return false;
}

static void peer_cells(struct mote_cli_table *table, const json_t *row)
{
    number_cell(table, has_run(row) ? json_object_get(row, "peer") : NULL, "instructions");
    if (has_number(row, "peer_ratio")) mote_cli_table_cell(table, "%.2fx", number_of(row, "peer_ratio"));
    else mote_cli_table_cell(table, "%s", "");
}

static bool print_figures(const json_t *rows, const char *model)
{
    static const char *const headings[] = {"target", "schedule", "cycles/instr.", "~cycles", "ms", "~uJ", "tensors", "RAM in all",
                                           "of the RAM", "code", "flash", "of the flash", "peer instr.", "ratio"};
    const size_t count = sizeof headings / sizeof headings[0];
    const bool with_peer = any_peer(rows, model);
    struct mote_cli_table table = {0};
    for (size_t i = 0; i < (with_peer ? count : count - 2); i++) mote_cli_table_column(&table, headings[i], i > 1);
    mote_cli_table_column(&table, "", false);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!is_of(row, model)) continue;
        mote_cli_table_cell(&table, "%s", text_of(row, "target"));
        schedule_cell(&table, row);
        cycles_cell(&table, row);
        number_cell(&table, row, "estimated_cycles");
        milliseconds_cell(&table, row);
        number_cell(&table, row, "energy_uj");
        size_cell(&table, row, "arena_bytes");
        size_cell(&table, row, "total_ram_bytes");
        share_cell(&table, row, "ram_share");
        size_cell(&table, row, "code_bytes");
        size_cell(&table, row, "flash_bytes");
        share_cell(&table, row, "flash_share");
        if (with_peer) peer_cells(&table, row);
        note_cell(&table, row);
    }
    return mote_cli_table_print(&table);
}

/* ---- Comparison ---- */

static bool is_worse(const json_t *row, const char *key)
{
    const json_t *worse = json_object_get(row, "worse");
    for (size_t i = 0; i < json_array_size(worse); i++)
        if (strcmp(json_string_value(json_array_get(worse, i)), key) == 0) return true;
    return false;
}

static void ratio_cells(struct mote_cli_table *table, const json_t *row)
{
    for (size_t k = 0; k < mote_cli_bench_figure_count; k++) {
        const char *key = mote_cli_bench_figures[k].key;
        const json_t *ratio = json_object_get(json_object_get(row, "ratios"), key);
        const char *mark = is_worse(row, key) ? "!" : "";
        if (json_is_number(ratio)) mote_cli_table_cell(table, "%s%.3f", mark, json_number_value(ratio));
        else mote_cli_table_cell(table, "%s-", mark);
    }
}

static bool print_ratios(const json_t *rows, const char *model)
{
    struct mote_cli_table table = {0};
    mote_cli_table_column(&table, "new / old", false);
    for (size_t i = 0; i < mote_cli_bench_figure_count; i++)
        mote_cli_table_column(&table, mote_cli_bench_figures[i].heading, true);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!is_of(row, model) || (!has_run(row) && !is_worse(row, "outcome"))) continue;
        mote_cli_table_cell(&table, "%s%s", text_of(row, "target"),
                            json_is_null(json_object_get(row, "ratios")) ? " (new)"
                            : is_worse(row, "outcome")                   ? " (no longer runs!)"
                                                                         : "");
        ratio_cells(&table, row);
    }
    return mote_cli_table_print(&table);
}

/* ---- All ---- */

static bool print_model(const json_t *rows, const char *model, bool with_ratios)
{
    printf("%s", mote_cli_style(stdout, MOTE_CLI_BOLD));
    mote_cli_print_safe(stdout, model);
    printf("%s, per inference:\n", mote_cli_style(stdout, MOTE_CLI_NORMAL));
    bool ok = print_figures(rows, model);
    if (with_ratios) ok = print_ratios(rows, model) && ok;
    putchar('\n');
    return ok;
}

bool mote_cli_bench_print(const json_t *rows, bool with_ratios)
{
    bool ok = true;
    const char *last = NULL;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *model = text_of(json_array_get(rows, i), "model");
        if (!last || strcmp(last, model) != 0) ok = print_model(rows, model, with_ratios) && ok;
        last = model;
    }
    return ok;
}
