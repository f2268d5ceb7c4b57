/* removals.c: what exact passes took out of each operator, why, and how wide its sums are. */
#include "cli.h"

#include <string.h>

static void cell_of_change(struct mote_cli_table *table, int64_t before, int64_t after)
{
    if (before == after) mote_cli_table_cell(table, "%s", mote_cli_number(after).text);
    else mote_cli_table_cell(table, "%s -> %s", mote_cli_number(before).text, mote_cli_number(after).text);
}

static void append(struct mote_cli_text *text, int64_t count, const char *what)
{
    const size_t used = strlen(text->text);
    if (count)
        snprintf(text->text + used, sizeof text->text - used, "%s%.26s %s", used ? ", " : "", mote_cli_number(count).text, what);
}

static struct mote_cli_text reasons(const struct mote_op_weights_info *w)
{
    struct mote_cli_text text = {""};
    append(&text, w->zero_channels, "always zero");
    append(&text, w->constant_channels, "constant");
    append(&text, w->unread_channels, "unread");
    if (w->channels == w->channels_before) append(&text, w->weights_before - w->weights, "weights of input channels gone");
    return text;
}

bool mote_cli_print_removals(const struct mote_model_info *model)
{
    struct mote_cli_table table = {0};
    static const char *const headings[] = {"op",       "channels",   "weights", "of them zero", "MACs",
                                           "sum bits", "in 16 bits", "what went, and the proof"};
    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++) mote_cli_table_column(&table, headings[i], i < 7);
    size_t count = 0;
    for (size_t i = 0; i < model->op_count; i++) {
        const struct mote_op_weights_info *w = model->ops[i].weights;
        if (!w) continue;
        count++;
        mote_cli_table_cell(&table, "%d", (int)model->ops[i].source_index);
        cell_of_change(&table, w->channels_before, w->channels);
        cell_of_change(&table, w->weights_before, w->weights);
        mote_cli_table_cell(&table, "%s", mote_cli_number(w->weights - w->nonzero_weights).text);
        cell_of_change(&table, w->macs_before, w->macs);
        mote_cli_table_cell(&table, "%s", w->accumulator_bits ? mote_cli_number(w->accumulator_bits).text : "");
        mote_cli_table_cell(&table, "%s", w->accumulator_bits ? mote_cli_number(w->channels_of_16_bits).text : "");
        mote_cli_table_cell(&table, "%s", reasons(w).text);
    }
    if (count)
        printf("\n%sWeights before and after the passes, and widths of sums%s\n", mote_cli_style(stdout, MOTE_CLI_BOLD),
               mote_cli_style(stdout, MOTE_CLI_NORMAL));
    return mote_cli_table_print(&table);
}

json_t *mote_cli_json_weights(const struct mote_op_weights_info *w)
{
    if (!w) return json_null();
    const struct {
        const char *key;
        int64_t value;
    } rows[] = {
        {"channels_before", w->channels_before}, {"channels", w->channels}, {"weights_before", w->weights_before},
        {"weights", w->weights}, {"nonzero_weights", w->nonzero_weights}, {"macs_before", w->macs_before}, {"macs", w->macs},
        {"always_zero_channels", w->zero_channels}, {"constant_channels", w->constant_channels},
        {"unread_channels", w->unread_channels}, {"channels_of_16_bits", w->channels_of_16_bits},
    };
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        json_object_set_new(json, rows[i].key, json_integer((json_int_t)rows[i].value));
    json_object_set_new(json, "accumulator_bits", mote_cli_json_size((size_t)w->accumulator_bits));
    return json;
}
