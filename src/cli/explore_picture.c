/* explore_picture.c: explored plans as a scatter plot: RAM with the stack from left to right, time upwards, flash beside the
 * points; those that no other plan beats are joined by a line. */
#include "explore.h"

#include <stdlib.h>

enum { WIDTH = 900, HEIGHT = 520, LEFT = 110, RIGHT = 60, TOP = 60, BOTTOM = 70, TICKS = 5 };

struct axis {
    double least, most;
};

/* A twelfth of air on both sides. */
static struct axis axis_of(const struct mote_cli_explored *list, size_t count, bool of_time)
{
    struct axis axis = {0, 0};
    for (size_t i = 0; i < count; i++) {
        const double value = of_time ? list[i].time : list[i].ram_bytes;
        if (i == 0 || value < axis.least) axis.least = value;
        if (i == 0 || value > axis.most) axis.most = value;
    }
    const double air = axis.most > axis.least ? (axis.most - axis.least) / 12 : axis.most / 12 + 1;
    axis.least = axis.least > air ? axis.least - air : 0;
    axis.most += air;
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
    for (int i = 0; i <= TICKS; i++) {
        const double bytes = ram->least + (ram->most - ram->least) * i / TICKS, t = time->least + (time->most - time->least) * i / TICKS;
        fprintf(out, "<path d='M%d %.1f H%d' stroke='#eee'/><text x='%d' y='%.1f' text-anchor='end'>%s</text>\n", LEFT, y_of(time, t),
                WIDTH - RIGHT, LEFT - 8, y_of(time, t) + 4, mote_cli_number((int64_t)t).text);
        fprintf(out, "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>\n", x_of(ram, bytes), HEIGHT - BOTTOM + 18,
                mote_cli_number((int64_t)bytes).text);
    }
    fprintf(out, "<text x='%d' y='%d' text-anchor='middle'>bytes of RAM, with the stack</text>\n", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 24);
    fprintf(out, "<text x='20' y='%d' text-anchor='middle' transform='rotate(-90 20 %d)'>%s per inference</text>\n", HEIGHT / 2,
            HEIGHT / 2, exact ? "cycles" : "instructions");
}

/* Those on the front of RAM and time alone are joined; labels stand above and below by turns so that they do not meet. */
static void draw_points(FILE *out, const struct mote_cli_explored *list, size_t count, const struct axis *ram, const struct axis *time)
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
    size_t labels = 0;
    for (size_t i = 0; i < count; i++) {
        const double x = x_of(ram, list[i].ram_bytes), y = y_of(time, list[i].time);
        const bool front = list[i].on_front;
        fprintf(out, "<circle cx='%.1f' cy='%.1f' r='%d' fill='%s' stroke='%s'/>\n", x, y, front ? 5 : 4, front ? "#2a7" : "white",
                front ? "#2a7" : "#999");
        if (!front) continue;
        const bool right = x > WIDTH - RIGHT - 130;
        fprintf(out, "<text x='%.1f' y='%.1f'%s>%s, %s</text>\n", right ? x - 9 : x + 9, labels++ % 2 ? y + 16 : y - 8,
                right ? " text-anchor='end'" : "", mote_cli_schedule_name(list[i].schedule), mote_cli_number(list[i].flash_bytes).text);
    }
}

bool mote_cli_explore_draw(const struct mote_cli_explored *list, size_t count, const struct mote_target_info *target,
                           const char *path)
{
    const struct axis ram = axis_of(list, count, false), time = axis_of(list, count, true);
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (!out) return mote_cli_error("out of memory");
    fprintf(out, "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d' font-family='sans-serif' "
                 "font-size='12'>\n<rect width='100%%' height='100%%' fill='white'/>\n", WIDTH, HEIGHT, WIDTH, HEIGHT);
    draw_axes(out, &ram, &time, target->name, count > 0 && list[0].exact);
    draw_points(out, list, count, &ram, &time);
    fputs("</svg>\n", out);
    bool ok = fclose(out) == 0 || mote_cli_error("out of memory");
    ok = ok && mote_cli_write_file(path, text);
    free(text);
    return ok;
}
