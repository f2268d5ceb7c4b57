#include "draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_CELLS = 24, LEAST_CELLS = 24, MOST_CELLS = 160, TOTAL_CELLS = 18 };

struct mote_draw_number mote_draw_count(uint64_t value)
{
    struct mote_draw_number number;
    char digits[24];
    const int length = snprintf(digits, sizeof digits, "%" PRIu64, value);
    int to = 0;
    for (int i = 0; i < length && to + 2 < (int)sizeof number.text; i++) {
        if (i && (length - i) % 3 == 0) number.text[to++] = ',';
        number.text[to++] = digits[i];
    }
    number.text[to] = 0;
    return number;
}

struct mote_draw_label mote_draw_name(const struct mote_plan *plan, int32_t buffer)
{
    struct mote_draw_label label;
    const struct mote_buffer *b = &plan->buffers[buffer];
    if (b->first_step >= 0 && b->first_step < plan->step_count && plan->steps[b->first_step].output.buffer == buffer) {
        const struct mote_step *step = &plan->steps[b->first_step];
        const int length = (int)strcspn(step->name, "_");
        snprintf(label.text, sizeof label.text, "%.*s%s", length < 50 ? length : 50, step->name,
                 step->kernel->input_count ? "" : " load");
        return label;
    }
    const char *name = b->name ? b->name : "";
    for (const char *c = name; *c; c++)
        if ((*c == '/' || *c == ';') && c[1]) name = c + 1;
    snprintf(label.text, sizeof label.text, "%s", name);
    return label;
}

bool mote_draw_overlap(const struct mote_plan *plan, int32_t step, int input, uint32_t *begin, uint32_t *end)
{
    const struct mote_step *s = &plan->steps[step];
    if (s->inputs[input].buffer == MOTE_NO_BUFFER) return false;
    const struct mote_buffer *in = &plan->buffers[s->inputs[input].buffer], *out = &plan->buffers[s->output.buffer];
    *begin = in->offset > out->offset ? in->offset : out->offset;
    *end = in->offset + in->bytes < out->offset + out->bytes ? in->offset + in->bytes : out->offset + out->bytes;
    return *begin < *end;
}

/* ---- The picture in text ---- */

enum glyph { FREE, WAITING, READ, WRITTEN, SHARED };
static const char *const glyphs[] = {"·", "░", "▒", "█", "▚"};

struct canvas {
    const struct mote_plan *plan;
    int32_t cells;
    enum glyph glyph[MOST_CELLS];
    int32_t owner[MOST_CELLS]; /* the buffer painted last */
    char letter[MOST_CELLS];   /* of a name, instead of the glyph; 0: none */
};

/* Every buffer shows, however small. */
static void paint(struct canvas *c, uint32_t begin, uint32_t end, enum glyph glyph, int32_t owner)
{
    const uint64_t all = c->plan->arena_bytes ? c->plan->arena_bytes : 1, cells = (uint64_t)c->cells;
    const uint64_t first = begin * cells / all;
    uint64_t last = (end * cells + all / 2) / all;
    if (last <= first) last = first + 1;
    for (uint64_t i = first; i < last && i < cells; i++) {
        c->glyph[i] = glyph;
        c->owner[i] = owner;
    }
}

static void paint_buffer(struct canvas *c, int32_t buffer, enum glyph glyph)
{
    const struct mote_buffer *b = &c->plan->buffers[buffer];
    if (b->bytes) paint(c, b->offset, b->offset + b->bytes, glyph, buffer);
}

/* Into the longest run of cells that show the buffer, shared or not, if it holds at least four letters of the name. */
static void letter_run(struct canvas *c, int32_t buffer, bool is_shared, const char *name)
{
    int32_t best = 0, best_length = 0;
    for (int32_t i = 0, length = 0; i < c->cells; i++) {
        length = c->owner[i] == buffer && (c->glyph[i] == SHARED) == is_shared ? length + 1 : 0;
        if (length <= best_length) continue;
        best_length = length;
        best = i + 1 - length;
    }
    int32_t letters = (int32_t)strlen(name);
    if (best_length < letters + 4 && best_length < 8) return;
    if (letters > best_length - 4) letters = best_length - 4;
    c->letter[best + 1] = ' ';
    for (int32_t i = 0; i < letters; i++) {
        const char letter = name[i];
        c->letter[best + 2 + i] = letter >= ' ' && letter <= '~' ? letter : '?';
    }
    c->letter[best + 2 + letters] = ' ';
}

static void letter_shared(struct canvas *c, const struct mote_step *step, int input)
{
    char label[80];
    snprintf(label, sizeof label, "%.32s over %.32s", mote_draw_name(c->plan, step->output.buffer).text,
             mote_draw_name(c->plan, step->inputs[input].buffer).text);
    letter_run(c, step->output.buffer, true, label);
}

/* Bars between neighbours that look the same. */
static void letter_borders(struct canvas *c)
{
    for (int32_t i = 1; i < c->cells; i++)
        if (c->owner[i] != c->owner[i - 1] && c->glyph[i] == c->glyph[i - 1] && !c->letter[i]) c->letter[i] = '|';
}

static bool is_live(const struct mote_buffer *b, int32_t step)
{
    return b->first_step <= step && step <= b->last_step;
}

static void paint_step(struct canvas *c, int32_t s)
{
    const struct mote_plan *plan = c->plan;
    for (int32_t i = 0; i < c->cells; i++) {
        c->glyph[i] = FREE;
        c->owner[i] = MOTE_NO_BUFFER;
        c->letter[i] = 0;
    }
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (is_live(&plan->buffers[i], s)) paint_buffer(c, i, WAITING);
    if (s >= 0 && s < plan->step_count) {
        const struct mote_step *step = &plan->steps[s];
        uint32_t begin, end;
        for (int i = 0; i < 2; i++)
            if (step->inputs[i].buffer != MOTE_NO_BUFFER) paint_buffer(c, step->inputs[i].buffer, READ);
        paint_buffer(c, step->output.buffer, WRITTEN);
        for (int i = 0; i < 2; i++)
            if (mote_draw_overlap(plan, s, i, &begin, &end)) {
                paint(c, begin, end, SHARED, step->output.buffer);
                letter_shared(c, step, i);
            }
    }
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (is_live(&plan->buffers[i], s)) letter_run(c, i, false, mote_draw_name(plan, i).text);
    letter_borders(c);
}

static void print_line(struct canvas *c, struct mote_text *text, int32_t s, const char *label, bool is_peak)
{
    paint_step(c, s);
    mote_text_printf(text, "%-*.*s ", LABEL_CELLS, LABEL_CELLS, label);
    for (int32_t i = 0; i < c->cells; i++) {
        if (c->letter[i]) mote_text_append(text, &c->letter[i], 1);
        else mote_text_printf(text, "%s", glyphs[c->glyph[i]]);
    }
    mote_text_printf(text, " %9s%s\n", mote_draw_count(mote_plan_live_bytes(c->plan, s)).text, is_peak ? " < peak" : "");
}

static void print_head(const struct canvas *c, struct mote_text *text)
{
    const struct mote_plan *plan = c->plan;
    const uint64_t per_cell = (plan->arena_bytes + (uint64_t)c->cells - 1) / (uint64_t)c->cells;
    mote_text_printf(text, "peak %s bytes, lower bound %s, without overlap %s; a cell is about %s bytes\n",
                     mote_draw_count(plan->arena_bytes).text, mote_draw_count(plan->lower_bound_bytes).text,
                     mote_draw_count(plan->naive_bytes).text, mote_draw_count(per_cell).text);
    mote_text_printf(text, "%s written  %s read  %s written over what is read  %s kept for later  %s free\n",
                     glyphs[WRITTEN], glyphs[READ], glyphs[SHARED], glyphs[WAITING], glyphs[FREE]);
    mote_text_printf(text, "%-*s 0%*s %9s\n", LABEL_CELLS, "step", (int)c->cells - 1,
                     mote_draw_count(plan->arena_bytes).text, "bytes to");
}

void mote_plan_draw_text(const struct mote_plan *plan, struct mote_text *text, int columns)
{
    struct canvas c = {.plan = plan, .cells = columns - LABEL_CELLS - TOTAL_CELLS};
    if (c.cells < LEAST_CELLS) c.cells = LEAST_CELLS;
    if (c.cells > MOST_CELLS) c.cells = MOST_CELLS;
    print_head(&c, text);
    const int32_t peak = mote_plan_peak_step(plan);
    print_line(&c, text, -1, "(input is given)", false);
    for (int32_t s = 0; s < plan->step_count; s++) print_line(&c, text, s, plan->steps[s].name, s == peak);
    print_line(&c, text, plan->step_count, "(output is taken)", false);
}
