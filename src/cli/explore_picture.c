/* explore_picture.c: explored plans as a scatter plot: RAM with the stack from left to right, time upwards, flash beside the
 * points; those that no other plan beats are joined by a line. */
#include "explore.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 900, HEIGHT = 520, LEFT = 110, RIGHT = 60, TOP = 60, BOTTOM = 70, MOST_TICKS = 6 };

struct axis {
    double least, most, step; /* between ticks */
};

/* 1, 2 or 5 times a power of ten, so that there are a few ticks. */
static double tick_step(double range)
{
    static const double factors[] = {2, 2.5, 2};
    double step = 1;
    for (int i = 0; range / step > MOST_TICKS; i++) step *= factors[i % 3];
    return step;
}

/* A twelfth of air on both sides. */
static struct axis axis_of(const struct mote_cli_explored *list, size_t count, bool of_time)
{
    struct axis axis = {0};
    for (size_t i = 0; i < count; i++) {
        const double value = of_time ? list[i].time : list[i].ram_bytes;
        if (i == 0 || value < axis.least) axis.least = value;
        if (i == 0 || value > axis.most) axis.most = value;
    }
    const double air = axis.most > axis.least ? (axis.most - axis.least) / 12 : axis.most / 12 + 1;
    axis.least = axis.least > air ? axis.least - air : 0;
    axis.most += air;
    axis.step = tick_step(axis.most - axis.least);
    return axis;
}

static double x_of(const struct axis *axis, double bytes)
{
    return LEFT + (bytes - axis->least) / (axis->most - axis->least) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct axis *axis, double time)
{
    return HEIGHT - BOTTOM - (time - axis->least) / (axis->most - axis->least) * (HEIGHT - TOP - BOTTOM);
}

static void draw_axes(FILE *out, const struct axis *ram, const struct axis *time, const char *target, bool exact)
{
    fprintf(out, "<text x='%d' y='26' font-size='16'>Plans for %s: RAM against time</text>\n", LEFT, target);
    fprintf(out, "<text x='%d' y='44' fill='#666'>filled: beaten by no other plan in RAM, flash and time at once; the number is bytes of flash</text>\n", LEFT);
    fprintf(out, "<path d='M%d %d V%d H%d' fill='none' stroke='#333'/>\n", LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
    for (double t = ceil(time->least / time->step) * time->step; t <= time->most; t += time->step)
        fprintf(out, "<path d='M%d %.1f H%d' stroke='#eee'/><text x='%d' y='%.1f' text-anchor='end'>%s</text>\n", LEFT, y_of(time, t),
                WIDTH - RIGHT, LEFT - 8, y_of(time, t) + 4, mote_cli_number((int64_t)t).text);
    for (double bytes = ceil(ram->least / ram->step) * ram->step; bytes <= ram->most; bytes += ram->step)
        fprintf(out, "<path d='M%.1f %d v4' stroke='#333'/><text x='%.1f' y='%d' text-anchor='middle'>%s</text>\n", x_of(ram, bytes),
                HEIGHT - BOTTOM, x_of(ram, bytes), HEIGHT - BOTTOM + 18, mote_cli_number((int64_t)bytes).text);
    fprintf(out, "<text x='%d' y='%d' text-anchor='middle'>bytes of RAM, with the stack</text>\n", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 24);
    fprintf(out, "<text x='20' y='%d' text-anchor='middle' transform='rotate(-90 20 %d)'>%s per inference</text>\n", HEIGHT / 2,
            HEIGHT / 2, exact ? "cycles" : "instructions");
}

/* ---- Labels ---- */

struct box {
    double left, top, right, bottom;
};

static bool meet(const struct box *a, const struct box *b)
{
    return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* Is the place within the picture, and free of points and of the labels so far? */
static bool is_free(const struct box *place, const struct box *taken, size_t count)
{
    if (place->left < LEFT || place->right > WIDTH || place->top < TOP - 12 || place->bottom > HEIGHT - BOTTOM) return false;
    for (size_t i = 0; i < count; i++)
        if (meet(place, &taken[i])) return false;
    return true;
}

/* Beside the point: right or left of it, above or below, the nearest place that is free; if none is, right above it. */
static struct box find_place(double x, double y, double width, const struct box *taken, size_t count)
{
    enum { LINE = 14, GAP = 8, MOST_LINES = 8 };
    for (int i = 0; i < 4 * MOST_LINES; i++) {
        const double line = (i / 4 + 0.6) * (i % 2 ? LINE : -LINE), left = i / 2 % 2 ? x - GAP - width : x + GAP;
        const struct box place = {left, y + line - LINE / 2.0, left + width, y + line + LINE / 2.0};
        if (is_free(&place, taken, count)) return place;
    }
    return (struct box){x + GAP, y - LINE, x + GAP + width, y};
}

/* Those that no other plan beats say what they are; a line leads to a label that is not next to its point. */
static void draw_labels(FILE *out, const struct mote_cli_explored *list, size_t count, const struct axis *ram, const struct axis *time,
                        struct box *taken)
{
    const double letter = 6.8;
    size_t boxes = count; /* those of the points come first */
    for (size_t i = 0; i < count; i++) {
        const double x = x_of(ram, list[i].ram_bytes), y = y_of(time, list[i].time);
        char label[200];
        if (!list[i].on_front) continue;
        snprintf(label, sizeof label, "%s, %s", mote_cli_schedule_name(list[i].schedule), mote_cli_number(list[i].flash_bytes).text);
        const struct box place = find_place(x, y, letter * (double)strlen(label), taken, boxes);
        const double middle = (place.top + place.bottom) / 2;
        taken[boxes++] = place;
        if (middle > y + 12 || middle < y - 12)
            fprintf(out, "<path d='M%.1f %.1f L%.1f %.1f' stroke='#bbb'/>\n", x, y, place.left > x ? place.left - 2 : place.right + 2, middle);
        fprintf(out, "<text x='%.1f' y='%.1f'%s>%s</text>\n", place.left > x ? place.left : place.right, middle + 4,
                place.left > x ? "" : " text-anchor='end'", label);
    }
}

/* Those on the front of RAM and time alone are joined. */
static void draw_points(FILE *out, const struct mote_cli_explored *list, size_t count, const struct axis *ram, const struct axis *time,
                        struct box *taken)
{
    double fastest = 0;
    bool any = false;
    fprintf(out, "<path fill='none' stroke='#2a7' stroke-dasharray='4 3' d='");
    for (size_t i = 0; i < count; i++) { /* in ascending order of RAM */
        if (any && list[i].time >= fastest) continue;
        fprintf(out, "%c%.1f %.1f ", any ? 'L' : 'M', x_of(ram, list[i].ram_bytes), y_of(time, list[i].time));
        fastest = list[i].time;
        any = true;
    }
    fprintf(out, "'/>\n");
    for (size_t i = 0; i < count; i++) {
        const double x = x_of(ram, list[i].ram_bytes), y = y_of(time, list[i].time), radius = list[i].on_front ? 5 : 4;
        fprintf(out, "<circle cx='%.1f' cy='%.1f' r='%g' fill='%s' stroke='%s'/>\n", x, y, radius, list[i].on_front ? "#2a7" : "white",
                list[i].on_front ? "#2a7" : "#999");
        taken[i] = (struct box){x - radius, y - radius, x + radius, y + radius};
    }
}

bool mote_cli_explore_draw(const struct mote_cli_explored *list, size_t count, const struct mote_target_info *target,
                           const char *path)
{
    const struct axis ram = axis_of(list, count, false), time = axis_of(list, count, true);
    char *text = NULL;
    size_t bytes = 0;
    struct box *taken = calloc(2 * count + 1, sizeof *taken);
    FILE *out = taken ? open_memstream(&text, &bytes) : NULL;
    if (!out) {
        free(taken);
        return mote_cli_error("out of memory");
    }
    fprintf(out, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d' font-family='sans-serif' "
                 "font-size='12'>\n<rect width='100%%' height='100%%' fill='white'/>\n", WIDTH, HEIGHT, WIDTH, HEIGHT);
    draw_axes(out, &ram, &time, target->name, count > 0 && list[0].exact);
    draw_points(out, list, count, &ram, &time, taken);
    draw_labels(out, list, count, &ram, &time, taken);
    fputs("</svg>\n", out);
    bool ok = fclose(out) == 0 || mote_cli_error("out of memory");
    ok = ok && mote_cli_write_file(path, text);
    free(text);
    free(taken);
    return ok;
}
