/* alternatives.c: the schedules of a model side by side: as a table, as JSON, and as a picture of RAM against work. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

const char *mote_cli_schedule_name(enum mote_schedule schedule)
{
    static const char *const names[] = {[MOTE_SCHEDULE_AUTO] = "auto", [MOTE_SCHEDULE_WHOLE] = "whole",
                                        [MOTE_SCHEDULE_STREAM] = "stream", [MOTE_SCHEDULE_SLIDE] = "slide",
                                        [MOTE_SCHEDULE_STRIPS] = "strips", [MOTE_SCHEDULE_FUSED] = "fused"};
    return names[schedule];
}

static struct mote_cli_text name_of(const struct mote_plan_alternative *a)
{
    struct mote_cli_text name;
    if (a->strips) snprintf(name.text, sizeof name.text, "%u strips", (unsigned)a->strips);
    else snprintf(name.text, sizeof name.text, "%s", mote_cli_schedule_name(a->schedule));
    return name;
}

/* Work relative to the first alternative, which computes everything once. */
static double ratio_of(const struct mote_plan_alternative *list, size_t i)
{
    return list[0].macs > 0 ? (double)list[i].macs / (double)list[0].macs : 1;
}

static void remark_cell(struct mote_cli_table *table, const struct mote_plan_alternative *a)
{
    const char *frame = a->schedule == MOTE_SCHEDULE_SLIDE ? ", MACs per frame" : "";
    const char *chosen = a->is_chosen ? ", chosen" : "";
    if (a->fits && a->left_bytes)
        mote_cli_table_cell(table, "fits, %s bytes left for the stack%s%s", mote_cli_number(a->left_bytes).text, frame, chosen);
    else if (a->fits) mote_cli_table_cell(table, "fits%s%s", frame, chosen);
    else if (a->missing_bytes)
        mote_cli_table_cell(table, "%s bytes of RAM too few%s%s", mote_cli_number(a->missing_bytes).text, frame, chosen);
    else mote_cli_table_cell(table, "flash too small%s%s", frame, chosen);
}

static bool print_table(const struct mote_plan_alternative *list, size_t count)
{
    struct mote_cli_table table = {0};
    mote_cli_table_column(&table, "schedule", false);
    mote_cli_table_column(&table, "RAM bytes", true);
    mote_cli_table_column(&table, "lower bound", true);
    mote_cli_table_column(&table, "MACs", true);
    mote_cli_table_column(&table, "of whole", true);
    mote_cli_table_column(&table, "flash for tables", true);
    mote_cli_table_column(&table, "", false);
    for (size_t i = 0; i < count; i++) {
        mote_cli_table_cell(&table, "%s", name_of(&list[i]).text);
        mote_cli_table_cell(&table, "%s", mote_cli_number(list[i].arena_bytes).text);
        mote_cli_table_cell(&table, "%s", mote_cli_number(list[i].lower_bound_bytes).text);
        mote_cli_table_cell(&table, "%s", mote_cli_number(list[i].macs).text);
        mote_cli_table_cell(&table, "%.3f", ratio_of(list, i));
        mote_cli_table_cell(&table, "%s", list[i].table_bytes ? mote_cli_number((int64_t)list[i].table_bytes).text : "");
        remark_cell(&table, &list[i]);
    }
    const bool ok = mote_cli_table_print(&table);
    putchar('\n');
    return ok;
}

bool mote_cli_print_alternatives(struct mote *mote, bool with_strips)
{
    struct mote_plan_alternative list[MOTE_PLAN_ALTERNATIVES];
    size_t count;
    if (mote_plan_alternatives(mote, with_strips, list, &count) != MOTE_OK) return false;
    return count < 2 && !with_strips ? true : print_table(list, count);
}

static json_t *list_json(const struct mote_plan_alternative *list, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack("{s:s, s:I, s:I, s:I, s:I, s:f, s:I, s:b, s:I, s:I, s:b}", "schedule",
                                               mote_cli_schedule_name(list[i].schedule), "strips", (json_int_t)list[i].strips,
                                               "arena_bytes", (json_int_t)list[i].arena_bytes, "lower_bound_bytes",
                                               (json_int_t)list[i].lower_bound_bytes, "macs", (json_int_t)list[i].macs,
                                               "macs_ratio", ratio_of(list, i), "table_bytes", (json_int_t)list[i].table_bytes,
                                               "fits", list[i].fits, "missing_ram_bytes", (json_int_t)list[i].missing_bytes, "left_ram_bytes",
                                               (json_int_t)list[i].left_bytes,
                                               "chosen", list[i].is_chosen));
    return array;
}

/* ---- The picture ---- */

enum { WIDTH = 720, HEIGHT = 440, LEFT = 80, TOP = 40, BOTTOM = 60, RIGHT = 150 };

struct scale {
    double most_bytes, most_macs;
};

static double x_of(const struct scale *scale, double macs)
{
    return LEFT + macs / scale->most_macs * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct scale *scale, double bytes)
{
    return HEIGHT - BOTTOM - bytes / scale->most_bytes * (HEIGHT - TOP - BOTTOM);
}

static void draw_axes(FILE *out, const struct scale *scale, const char *target)
{
    fprintf(out, "<text x=\"%d\" y=\"20\">RAM for tensors against multiply-accumulates on %s</text>\n", LEFT, target);
    fprintf(out, "<path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"#333\"/>\n", LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
    for (int i = 0; i <= 4; i++) {
        const double bytes = scale->most_bytes * i / 4, macs = scale->most_macs * i / 4;
        fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", LEFT - 8, y_of(scale, bytes) + 4,
                mote_cli_number((int64_t)bytes).text);
        fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x_of(scale, macs), HEIGHT - BOTTOM + 18,
                mote_cli_number((int64_t)macs).text);
    }
    fprintf(out, "<text x=\"%d\" y=\"%d\">multiply-accumulates; left axis: bytes</text>\n", LEFT, HEIGHT - 14);
}

static void write_svg(FILE *out, const struct mote_plan_alternative *list, size_t count, const struct mote_target_info *target)
{
    struct scale scale = {1, 1};
    for (size_t i = 0; i < count; i++) {
        if (list[i].arena_bytes > scale.most_bytes) scale.most_bytes = list[i].arena_bytes;
        if ((double)list[i].macs > scale.most_macs) scale.most_macs = (double)list[i].macs;
    }
    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
                 "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT);
    draw_axes(out, &scale, target->name);
    if (mote_cli_has_limit(target->ram_bytes) && target->ram_bytes <= scale.most_bytes)
        fprintf(out, "<path d=\"M%d %.1f H%d\" stroke=\"#c33\" stroke-dasharray=\"6 4\"/>\n<text x=\"%d\" y=\"%.1f\" fill=\"#c33\">%s bytes on the chip</text>\n",
                LEFT, y_of(&scale, target->ram_bytes), WIDTH - RIGHT, WIDTH - RIGHT + 6, y_of(&scale, target->ram_bytes) + 4,
                mote_cli_number(target->ram_bytes).text);
    for (size_t i = 0; i < count; i++) {
        const double x = x_of(&scale, (double)list[i].macs), y = y_of(&scale, list[i].arena_bytes);
        fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\"/>\n<text x=\"%.1f\" y=\"%.1f\">%s: %s</text>\n", x, y,
                list[i].is_chosen ? 6 : 4, list[i].fits ? "#2a7" : "#999", x + 9, y - 5, name_of(&list[i]).text,
                mote_cli_number(list[i].arena_bytes).text);
    }
    fputs("</svg>\n", out);
}

static bool draw(const struct mote_plan_alternative *list, size_t count, const char *target_name, const char *path)
{
    struct mote_target_info target = {0};
    for (size_t i = 0; i < mote_target_count(); i++)
        if (strcmp(mote_target_info(i).name, target_name) == 0) target = mote_target_info(i);
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (!out) return mote_cli_error("out of memory");
    write_svg(out, list, count, &target);
    bool ok = fclose(out) == 0 || mote_cli_error("out of memory");
    ok = ok && mote_cli_write_file(path, text);
    free(text);
    return ok;
}

bool mote_cli_show_alternatives(struct mote_cli_session *session, const char *svg_path)
{
    struct mote_plan_alternative list[MOTE_PLAN_ALTERNATIVES];
    size_t count;
    if (mote_plan_alternatives(session->mote, true, list, &count) != MOTE_OK) return false;
    bool ok = true;
    if (session->json) json_object_set_new(session->json, "alternatives", list_json(list, count));
    else ok = print_table(list, count);
    return (!svg_path || draw(list, count, mote_plan_info(session->mote)->target, svg_path)) && ok;
}
