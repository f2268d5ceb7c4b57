#include "draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Sizes in pixels. Coordinates are whole numbers, so that no locale can put commas into them. */
enum {
    LEFT = 84,
    TOP = 80,
    RIGHT = 150,
    PLOT_HEIGHT = 440,
    LETTER = 6, /* mean width of a letter in the labels' size */
    LINE = 14
};

static const char *const colours[] = {"#8ecae6", "#ffd166", "#a8d5a2", "#f4a6a0", "#c8b6ff",
                                      "#ffc8a2", "#9ad9cf", "#e3b5d3", "#cdd67a", "#b8c4d6"};

struct picture {
    const struct mote_plan *plan;
    struct mote_text *text;
    int32_t column; /* width of a step */
    uint64_t bytes; /* at the top of the plot */
};

/* Column 0 is the application's, before step 0. */
static int32_t x_of(const struct picture *p, int32_t step)
{
    return LEFT + (step + 1) * p->column;
}

static int32_t y_of(const struct picture *p, uint64_t address)
{
    return TOP + PLOT_HEIGHT - (int32_t)(address * PLOT_HEIGHT / p->bytes);
}

static void print_escaped(struct mote_text *text, const char *name, size_t limit)
{
    size_t count = 0;
    for (const unsigned char *c = (const unsigned char *)name; *c && count < limit; c++, count++) {
        if (*c == '&' || *c == '<' || *c == '>' || *c == '"' || *c == '\'') mote_text_printf(text, "&#%d;", *c);
        else if (*c < ' ' || *c > '~') mote_text_append(text, "?", 1);
        else mote_text_append(text, (const char *)c, 1);
    }
}

/* ---- Buffers ---- */

/* Name and size in the rectangle: across if they fit, else upwards, else only what fits, else nothing. */
static void label_buffer(const struct picture *p, int32_t buffer, int32_t x, int32_t y, int32_t width, int32_t height)
{
    const struct mote_draw_label name = mote_draw_name(p->plan, buffer);
    const struct mote_draw_number size = mote_draw_count(p->plan->buffers[buffer].bytes);
    const int32_t name_letters = (int32_t)strlen(name.text), size_letters = (int32_t)strlen(size.text);
    const int32_t wider = name_letters > size_letters ? name_letters : size_letters;
    const int32_t middle_x = x + width / 2, middle_y = y + height / 2;
    if (width >= wider * LETTER + 8 && height >= 2 * LINE) {
        mote_text_printf(p->text, "<text x='%d' y='%d' class='m'>", (int)middle_x, (int)middle_y - 2);
        print_escaped(p->text, name.text, 60);
        mote_text_printf(p->text, "</text><text x='%d' y='%d' class='m s'>%s</text>\n", (int)middle_x,
                         (int)middle_y + LINE - 3, size.text);
        return;
    }
    const bool is_upright = height > width && width >= LINE;
    const int32_t room = ((is_upright ? height : width) - 8) / LETTER;
    if (room < size_letters || (is_upright ? width : height) < LINE - 2) return;
    mote_text_printf(p->text, "<text class='m' x='%d' y='%d'", (int)middle_x, (int)middle_y + 4);
    if (is_upright) mote_text_printf(p->text, " transform='rotate(-90 %d %d)'", (int)middle_x, (int)middle_y);
    mote_text_printf(p->text, ">");
    const int32_t name_room = room - size_letters - 1;
    if (name_room >= 4 || name_room >= name_letters) {
        print_escaped(p->text, name.text, (size_t)name_room);
        mote_text_printf(p->text, " ");
    }
    mote_text_printf(p->text, "<tspan class='s'>%s</tspan></text>\n", size.text);
}

/* Does the step write its whole output over an input, so that the one grows as the other is used up? */
static bool is_gradual(const struct mote_plan *plan, int32_t step, int32_t buffer)
{
    uint32_t begin, end;
    if (step < 0 || step >= plan->step_count || !plan->steps[step].completes_tensor) return false;
    const struct mote_step *s = &plan->steps[step];
    for (int i = 0; i < 2; i++)
        if ((s->output.buffer == buffer || s->inputs[i].buffer == buffer) && mote_draw_overlap(plan, step, i, &begin, &end))
            return true;
    return false;
}

/* The outline of the bytes in use, clockwise from the lower left. Where the step of birth or death is gradual, the edge
 * is slanted over that step's column: upwards with ascending rows, downwards with descending ones. */
static void outline_buffer(const struct picture *p, int32_t index)
{
    const struct mote_plan *plan = p->plan;
    const struct mote_buffer *b = &plan->buffers[index];
    const int32_t left = x_of(p, b->first_step) + 1, right = x_of(p, b->last_step + 1) - 1, width = p->column - 2;
    const int32_t bottom = y_of(p, b->offset);
    int32_t top = y_of(p, (uint64_t)b->offset + b->bytes);
    if (top == bottom) top--; /* small buffers show, too */
    int32_t bottom_left = left, top_left = left, bottom_right = right, top_right = right;
    if (is_gradual(plan, b->first_step, index)) {
        if (plan->steps[b->first_step].rows_descend) bottom_left += width;
        else top_left += width;
    }
    if (b->last_step > b->first_step && is_gradual(plan, b->last_step, index)) {
        if (plan->steps[b->last_step].rows_descend) top_right -= width;
        else bottom_right -= width;
    }
    mote_text_printf(p->text, "%d,%d %d,%d %d,%d %d,%d", (int)bottom_left, (int)bottom, (int)top_left, (int)top,
                     (int)top_right, (int)top, (int)bottom_right, (int)bottom);
}

static void draw_buffer(const struct picture *p, int32_t index)
{
    const struct mote_buffer *b = &p->plan->buffers[index];
    if (b->first_step > b->last_step) return;
    mote_text_printf(p->text, "<polygon class='b' fill='%s' points='",
                     colours[(size_t)index % (sizeof colours / sizeof colours[0])]);
    outline_buffer(p, index);
    mote_text_printf(p->text, "'><title>");
    print_escaped(p->text, b->name ? b->name : "", 200);
    mote_text_printf(p->text, ": %s bytes at %s</title></polygon>\n", mote_draw_count(b->bytes).text,
                     mote_draw_count(b->offset).text);
}

static void draw_label(const struct picture *p, int32_t index)
{
    const struct mote_buffer *b = &p->plan->buffers[index];
    if (b->first_step > b->last_step) return;
    const int32_t x = x_of(p, b->first_step), y = y_of(p, (uint64_t)b->offset + b->bytes);
    label_buffer(p, index, x, y, x_of(p, b->last_step + 1) - x, y_of(p, b->offset) - y);
}

/* ---- Axes and lines ---- */

/* 1, 2 or 5 times a power of ten (or of two where it is memory's habit): at most eight ticks. */
static uint64_t tick_step(uint64_t bytes)
{
    uint64_t step = 1;
    for (int i = 0; bytes / step > 8; i++) step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

static void draw_axis(const struct picture *p, int32_t right)
{
    const uint64_t step = tick_step(p->bytes);
    for (uint64_t at = 0; at <= p->bytes; at += step)
        mote_text_printf(p->text, "<line x1='%d' y1='%d' x2='%d' y2='%d' class='g'/><text x='%d' y='%d' class='e'>%s</text>\n",
                         LEFT, (int)y_of(p, at), (int)right, (int)y_of(p, at), LEFT - 8, (int)y_of(p, at) + 4,
                         mote_draw_count(at).text);
}

static void label_column(const struct picture *p, int32_t s, const char *name)
{
    const int32_t x = x_of(p, s) + p->column / 2 + 4, y = TOP + PLOT_HEIGHT + 12;
    mote_text_printf(p->text, "<text x='%d' y='%d' class='e' transform='rotate(-50 %d %d)'>", (int)x, (int)y, (int)x,
                     (int)y);
    print_escaped(p->text, name, 26);
    mote_text_printf(p->text, "</text>\n");
}

static void draw_level(const struct picture *p, int32_t right, uint64_t bytes, const char *what, const char *class,
                       int32_t label_shift)
{
    mote_text_printf(p->text, "<line x1='%d' y1='%d' x2='%d' y2='%d' class='%s'/>", LEFT, (int)y_of(p, bytes),
                     (int)right + 6, (int)y_of(p, bytes), class);
    mote_text_printf(p->text, "<text x='%d' y='%d' class='l'>%s</text><text x='%d' y='%d' class='l s'>%s bytes</text>\n",
                     (int)right + 10, (int)(y_of(p, bytes) + label_shift), what, (int)right + 10,
                     (int)(y_of(p, bytes) + label_shift + LINE), mote_draw_count(bytes).text);
}

static void draw_levels(const struct picture *p, int32_t right)
{
    const struct mote_plan *plan = p->plan;
    if (plan->lower_bound_bytes == plan->arena_bytes) {
        draw_level(p, right, plan->arena_bytes, "peak = lower bound", "p", 4);
        return;
    }
    const int32_t apart = y_of(p, plan->lower_bound_bytes) - y_of(p, plan->arena_bytes);
    draw_level(p, right, plan->arena_bytes, "peak", "p", 0);
    draw_level(p, right, plan->lower_bound_bytes, "lower bound", "d", apart < 2 * LINE + 4 ? 2 * LINE + 4 - apart : 0);
}

static void draw_head(const struct picture *p, int32_t width, int32_t height)
{
    mote_text_printf(p->text,
                     "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' viewBox='0 0 %d %d' "
                     "font-family='DejaVu Sans, Verdana, Arial, sans-serif' font-size='10'>\n"
                     "<style>.m{text-anchor:middle}.e{text-anchor:end}.s{fill:#333;font-size:9px}"
                     ".t{font-size:15px;font-weight:bold}.k{fill:#b00020}"
                     ".b{stroke:#444;stroke-width:1;fill-opacity:.85}.g{stroke:#ddd}"
                     ".p{stroke:#b00020;stroke-width:1.5}"
                     ".d{stroke:#1d4ed8;stroke-width:1.5;stroke-dasharray:6 4}</style>\n"
                     "<rect width='%d' height='%d' fill='#fff'/>\n",
                     (int)width, (int)height, (int)width, (int)height, (int)width, (int)height);
    mote_text_printf(p->text,
                     "<text x='%d' y='26' class='t'>Memory plan: %s bytes</text><text x='%d' y='44'>lower bound %s, whole "
                     "tensors without overlap %s; slanted edges: a step writes over its input as it is used up</text>\n",
                     LEFT, mote_draw_count(p->plan->arena_bytes).text, LEFT,
                     mote_draw_count(p->plan->lower_bound_bytes).text, mote_draw_count(p->plan->naive_bytes).text);
}

void mote_plan_draw_svg(const struct mote_plan *plan, struct mote_text *text)
{
    const int32_t columns = plan->step_count + 2;
    struct picture p = {.plan = plan, .text = text, .column = 1200 / columns, .bytes = plan->arena_bytes};
    if (p.column > 84) p.column = 84;
    if (p.column < 22) p.column = 22;
    if (!p.bytes) p.bytes = 1;
    const int32_t right = LEFT + columns * p.column;
    const int32_t least_width = 900; /* for the heading */
    const int32_t width = right + RIGHT > least_width ? right + RIGHT : least_width;
    draw_head(&p, width, TOP + PLOT_HEIGHT + 130);
    const int32_t peak = mote_plan_peak_step(plan);
    mote_text_printf(text, "<rect x='%d' y='%d' width='%d' height='%d' fill='#fdeaea'/>\n", (int)x_of(&p, peak), TOP - 8,
                     (int)p.column, PLOT_HEIGHT + 8);
    mote_text_printf(text, "<text x='%d' y='%d' class='m k'>peak step</text>\n", (int)(x_of(&p, peak) + p.column / 2),
                     TOP - 12);
    draw_axis(&p, right);
    for (int32_t i = 0; i < plan->buffer_count; i++) draw_buffer(&p, i);
    for (int32_t i = 0; i < plan->buffer_count; i++) draw_label(&p, i);
    label_column(&p, -1, "input");
    for (int32_t s = 0; s < plan->step_count; s++) label_column(&p, s, plan->steps[s].name);
    label_column(&p, plan->step_count, "output");
    draw_levels(&p, right);
    mote_text_printf(text, "</svg>\n");
}
