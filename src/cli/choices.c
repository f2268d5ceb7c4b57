/* choices.c: which kernels a plan has, and why, where zeros among the inputs could be skipped; which layouts, and why. */
#include "cli.h"

static const char *const reasons[] = {[MOTE_CHOICE_NONE] = NULL,
                                      [MOTE_CHOICE_DEFAULT] = "default",
                                      [MOTE_CHOICE_MEASURED] = "measured",
                                      [MOTE_CHOICE_CONSTANT_TIME] = "constant_time"};

struct mote_cli_text mote_cli_choice(const struct mote_step_info *step)
{
    struct mote_cli_text text = {""};
    if (step->choice == MOTE_CHOICE_CONSTANT_TIME) snprintf(text.text, sizeof text.text, "constant time");
    else if (step->choice != MOTE_CHOICE_NONE)
        snprintf(text.text, sizeof text.text, "%s%.0f %% of the inputs zero (%s), %s", step->choice == MOTE_CHOICE_DEFAULT ? "~" : "",
                 100 * step->zero_share, reasons[step->choice], step->skips_zeros ? "skipped" : "not skipped");
    return text;
}

bool mote_cli_print_choices(const struct mote_plan_info *plan)
{
    struct mote_cli_table table = {0};
    size_t count = 0;
    for (size_t i = 0; i < plan->step_count; i++) count += plan->steps[i].choice != MOTE_CHOICE_NONE;
    if (!count) return true;
    mote_cli_table_column(&table, "step", false);
    mote_cli_table_column(&table, "kernel", false);
    mote_cli_table_column(&table, "because", false);
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct mote_step_info *step = &plan->steps[i];
        if (step->choice == MOTE_CHOICE_NONE) continue;
        mote_cli_table_cell(&table, "%s", step->name);
        mote_cli_table_cell(&table, "%s", step->kernel);
        mote_cli_table_cell(&table, "%s", mote_cli_choice(step).text);
    }
    putchar('\n');
    return mote_cli_table_print(&table);
}

json_t *mote_cli_json_choice(const struct mote_step_info *step)
{
    if (step->choice == MOTE_CHOICE_NONE) return json_null();
    return json_pack("{s:s, s:f, s:b}", "reason", reasons[step->choice], "zero_share", step->zero_share, "skips_zeros",
                     step->skips_zeros);
}

static size_t count_planes(const struct mote_plan_info *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->step_count; i++) count += plan->steps[i].planes_for != NULL;
    return count;
}

bool mote_cli_has_planes(const struct mote_plan_info *plan)
{
    return count_planes(plan) > 0;
}

void mote_cli_print_layouts(const struct mote_plan_info *plan)
{
    const size_t count = count_planes(plan);
    if (count)
        printf("  layouts     %zu tensor%s in planes of 16-bit rows, as the depthwise layers behind read them\n", count,
               count > 1 ? "s" : "");
}

json_t *mote_cli_json_layout(const struct mote_step_info *step)
{
    if (!step->planes_for) return json_pack("{s:s}", "kind", "rows");
    return json_pack("{s:s, s:s}", "kind", "planes", "for", step->planes_for);
}
