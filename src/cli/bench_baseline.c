#include "bench_baseline.h"

#include <string.h>

const struct mote_cli_bench_figure mote_cli_bench_figures[] = {
    {"cycles", "cycles"}, {"instructions", "instructions"}, {"estimated_cycles", "~cycles"},
    {"arena_bytes", "arena"}, {"ram_bytes", "RAM"}, {"stack_bytes", "stack"}, {"worst_case_stack_bytes", "at worst"},
    {"flash_bytes", "flash"}, {"code_bytes", "code"},
};
const size_t mote_cli_bench_figure_count = sizeof mote_cli_bench_figures / sizeof mote_cli_bench_figures[0];

json_t *mote_cli_bench_read(const char *path)
{
    json_error_t error;
    json_t *baseline = json_load_file(path, 0, &error);
    if (!baseline) {
        mote_cli_error("%s: line %d: %s", path, error.line, error.text);
        return NULL;
    }
    if (json_is_array(json_object_get(baseline, "rows"))) return baseline;
    mote_cli_error("%s: not what 'mote bench --json' prints: there are no rows", path);
    json_decref(baseline);
    return NULL;
}

static bool same_text(const json_t *a, const json_t *b, const char *key)
{
    const char *x = json_string_value(json_object_get(a, key)), *y = json_string_value(json_object_get(b, key));
    return x && y && strcmp(x, y) == 0;
}

static const json_t *find_row(const json_t *baseline, const json_t *row)
{
    const json_t *rows = json_object_get(baseline, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *candidate = json_array_get(rows, i);
        if (same_text(candidate, row, "model") && same_text(candidate, row, "target")) return candidate;
    }
    return NULL;
}

/* Where a row's vectors came from; rows of old had random ones or those of the file that all shared. */
static const char *input_of(const json_t *row, const json_t *all)
{
    const char *own = json_string_value(json_object_get(row, "input")), *shared = json_string_value(json_object_get(all, "input"));
    return own ? own : shared ? shared : "random";
}

bool mote_cli_bench_same_inputs(const json_t *rows, const json_t *baseline)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i), *old_row = find_row(baseline, row);
        if (old_row && strcmp(input_of(row, NULL), input_of(old_row, baseline)) != 0) return false;
    }
    return true;
}

static bool has_run(const json_t *row)
{
    const char *outcome = json_string_value(json_object_get(row, "outcome"));
    return outcome && strcmp(outcome, "ok") == 0;
}

/* Estimates by a mean say nothing that instructions do not. */
static bool is_comparable(const json_t *row, const json_t *old_row, const char *key)
{
    static const char is_timed[] = "estimate_is_timed";
    return strcmp(key, "estimated_cycles") != 0 ||
           (json_is_true(json_object_get(row, is_timed)) && json_is_true(json_object_get(old_row, is_timed)));
}

static void compare_figures(const json_t *row, const json_t *old_row, double tolerance_percent, json_t *ratios, json_t *worse)
{
    for (size_t i = 0; i < mote_cli_bench_figure_count; i++) {
        const char *key = mote_cli_bench_figures[i].key;
        const json_t *now = json_object_get(row, key), *before = json_object_get(old_row, key);
        const double old_value = json_number_value(before), new_value = json_number_value(now);
        if (!is_comparable(row, old_row, key)) continue;
        if (json_is_number(before) && !json_is_number(now)) json_array_append_new(worse, json_string(key)); /* known no more */
        if (!json_is_number(now) || !json_is_number(before) || old_value <= 0) continue;
        json_object_set_new(ratios, key, json_real(new_value / old_value));
        if (new_value > old_value * (1 + tolerance_percent / 100)) json_array_append_new(worse, json_string(key));
    }
}

size_t mote_cli_bench_compare(json_t *rows, const json_t *baseline, double tolerance_percent)
{
    size_t worse_rows = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i), *ratios = json_object(), *worse = json_array();
        const json_t *old_row = find_row(baseline, row);
        if (old_row && has_run(row) && has_run(old_row)) compare_figures(row, old_row, tolerance_percent, ratios, worse);
        else if (old_row && has_run(old_row)) json_array_append_new(worse, json_string("outcome"));
        worse_rows += json_array_size(worse) > 0;
        json_object_set_new(row, "ratios", old_row ? ratios : json_null());
        if (!old_row) json_decref(ratios);
        json_object_set_new(row, "worse", worse);
    }
    return worse_rows;
}
