/* draw_stream.c: pictures and text of streamed plans: a line per step, at its fullest event; a rectangle per row. */
#include "draw.h"

#include "stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_CELLS = 30, LEAST_CELLS = 24, MOST_CELLS = 160, TOTAL_CELLS = 18 };

enum glyph { FREE, WAITING, READ, WRITTEN, SHARED };
static const char *const glyphs[] = {"·", "░", "▒", "█", "▚"};

/* ---- For terminals ---- */

static bool reads_piece(const struct mote_plan *plan, const struct mote_stream_event *event,
                        const struct mote_stream_piece *piece)
{
    if (event->step == MOTE_TAKE_ROW) return false;
    const struct mote_step *step = &plan->steps[event->step];
    for (int i = 0; i < step->kernel->input_count; i++) {
        if (step->inputs[i].buffer != piece->buffer) continue;
        if (piece->row == MOTE_ALL_ROWS) return true;
        const struct mote_row_range rows = mote_stream_event_reads(&step->inputs[i], event);
        if (rows.begin <= piece->row && piece->row < rows.end) return true;
    }
    return false;
}

static int32_t buffer_written(const struct mote_plan *plan, const struct mote_stream_event *event)
{
    return event->step == MOTE_TAKE_ROW ? plan->inputs[event->input] : plan->steps[event->step].output.buffer;
}

/* Every piece shows, however small. */
static void paint(const struct mote_plan *plan, uint64_t begin, uint64_t end, enum glyph glyph, enum glyph *cells,
                  int32_t count)
{
    const uint64_t all = plan->arena_bytes ? plan->arena_bytes : 1, first = begin * (uint64_t)count / all;
    uint64_t last = (end * (uint64_t)count + all / 2) / all;
    if (last <= first) last = first + 1;
    for (uint64_t i = first; i < last && i < (uint64_t)count; i++) cells[i] = glyph;
}

static void paint_event(const struct mote_plan *plan, int32_t event, enum glyph *cells, int32_t count)
{
    static const enum glyph layers[] = {WAITING, READ, WRITTEN, SHARED};
    const struct mote_stream *stream = plan->stream;
    const struct mote_stream_event *e = &stream->events[event];
    const struct mote_stream_piece *written = mote_stream_piece_of(stream, buffer_written(plan, e), e->row);
    for (int32_t i = 0; i < count; i++) cells[i] = FREE;
    for (size_t layer = 0; layer < sizeof layers / sizeof layers[0]; layer++)
        for (int32_t k = 0; k < stream->piece_count; k++) {
            const struct mote_stream_piece *p = &stream->pieces[k];
            if (p->first_event > event || p->last_event < event) continue;
            uint64_t begin = p->offset, end = begin + p->bytes;
            enum glyph glyph = p == written ? WRITTEN : reads_piece(plan, e, p) ? READ : WAITING;
            if (layers[layer] == SHARED && glyph == READ) {
                if (begin < written->offset) begin = written->offset;
                if (end > written->offset + written->bytes) end = (uint64_t)written->offset + written->bytes;
                glyph = SHARED;
            }
            if (glyph == layers[layer] && begin < end) paint(plan, begin, end, glyph, cells, count);
        }
}

static int32_t fullest_event(const struct mote_plan *plan, int32_t step)
{
    int32_t fullest = -1;
    uint32_t most = 0;
    for (int32_t e = 0; e < plan->stream->event_count; e++) {
        if (plan->stream->events[e].step != step) continue;
        const uint32_t bytes = mote_stream_event_bytes(plan, plan->stream, e);
        if (fullest < 0 || bytes > most) {
            fullest = e;
            most = bytes;
        }
    }
    return fullest;
}

static void print_line(const struct mote_plan *plan, int32_t step, int32_t cells, bool is_peak, struct mote_text *text)
{
    enum glyph line[MOST_CELLS];
    const int32_t event = fullest_event(plan, step);
    if (event < 0) return;
    const uint32_t row = plan->stream->events[event].row;
    char label[80];
    const char *name = step == MOTE_TAKE_ROW ? "(input)" : plan->steps[step].name;
    if (row == MOTE_ALL_ROWS) snprintf(label, sizeof label, "%.60s", name);
    else snprintf(label, sizeof label, "%.*s row %" PRIu32, LABEL_CELLS - 8, name, row);
    mote_text_printf(text, "%-*.*s ", LABEL_CELLS, LABEL_CELLS, label);
    paint_event(plan, event, line, cells);
    for (int32_t i = 0; i < cells; i++) mote_text_printf(text, "%s", glyphs[line[i]]);
    mote_text_printf(text, " %9s%s\n", mote_draw_count(mote_stream_event_bytes(plan, plan->stream, event)).text,
                     is_peak ? " < peak" : "");
}

void mote_stream_draw_text(const struct mote_plan *plan, struct mote_text *text, int columns)
{
    int32_t cells = columns - LABEL_CELLS - TOTAL_CELLS;
    if (cells < LEAST_CELLS) cells = LEAST_CELLS;
    if (cells > MOST_CELLS) cells = MOST_CELLS;
    mote_text_printf(text, "streamed: %" PRId32 " events; peak %s bytes, lower bound %s; every step at its fullest row\n",
                     plan->stream->event_count, mote_draw_count(plan->arena_bytes).text,
                     mote_draw_count(plan->lower_bound_bytes).text);
    mote_text_printf(text, "%s written  %s read  %s written over what is read  %s kept for later  %s free\n",
                     glyphs[WRITTEN], glyphs[READ], glyphs[SHARED], glyphs[WAITING], glyphs[FREE]);
    mote_text_printf(text, "%-*s 0%*s %9s\n", LABEL_CELLS, "step", (int)cells - 1,
                     mote_draw_count(plan->arena_bytes).text, "bytes");
    const int32_t peak = mote_stream_peak_step(plan);
    print_line(plan, MOTE_TAKE_ROW, cells, false, text);
    for (int32_t s = 0; s < plan->step_count; s++) {
        if (s == plan->stream->split_step) mote_text_printf(text, "(from here on layer by layer)\n");
        print_line(plan, s, cells, s == peak, text);
    }
}

/* ---- SVG ---- */

enum { LEFT = 84, TOP = 40, PLOT_WIDTH = 1200, PLOT_HEIGHT = 440 };

static const char *const colours[] = {"#8ecae6", "#ffd166", "#a8d5a2", "#f4a6a0", "#c8b6ff",
                                      "#ffc8a2", "#9ad9cf", "#e3b5d3", "#cdd67a", "#b8c4d6"};

void mote_stream_draw_svg(const struct mote_plan *plan, struct mote_text *text)
{
    const struct mote_stream *stream = plan->stream;
    const int64_t bytes = plan->arena_bytes ? plan->arena_bytes : 1, events = stream->event_count + 1;
    mote_text_printf(text, "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' "
                           "font-size='12'>\n<rect width='100%%' height='100%%' fill='white'/>\n"
                           "<text x='%d' y='20'>%s bytes for tensors over %" PRId32 " events; a rectangle is a row, a colour a "
                           "tensor</text>\n",
                     LEFT + PLOT_WIDTH + 40, TOP + PLOT_HEIGHT + 40, LEFT, mote_draw_count(plan->arena_bytes).text,
                     stream->event_count);
    for (int32_t i = 0; i < stream->piece_count; i++) {
        const struct mote_stream_piece *p = &stream->pieces[i];
        if (p->first_event > p->last_event) continue;
        const int64_t x = LEFT + (p->first_event < 0 ? 0 : p->first_event) * (int64_t)PLOT_WIDTH / events;
        const int64_t x_end = LEFT + (p->last_event + INT64_C(1)) * PLOT_WIDTH / events;
        const int64_t y = TOP + PLOT_HEIGHT - ((int64_t)p->offset + p->bytes) * PLOT_HEIGHT / bytes;
        const int64_t y_end = TOP + PLOT_HEIGHT - (int64_t)p->offset * PLOT_HEIGHT / bytes;
        mote_text_printf(text, "<rect x='%" PRId64 "' y='%" PRId64 "' width='%" PRId64 "' height='%" PRId64
                               "' fill='%s' stroke='#666' stroke-width='0.3'/>\n",
                         x, y, x_end > x ? x_end - x : 1, y_end > y ? y_end - y : 1,
                         colours[(size_t)p->buffer % (sizeof colours / sizeof colours[0])]);
    }
    mote_text_printf(text, "<text x='%d' y='%d'>0</text>\n<text x='%d' y='%d'>%s</text>\n</svg>\n", LEFT - 12,
                     TOP + PLOT_HEIGHT, LEFT - 60, TOP + 12, mote_draw_count(plan->arena_bytes).text);
}

/* ---- Text ---- */

void mote_stream_print(const struct mote_plan *plan, struct mote_text *text)
{
    const struct mote_stream *stream = plan->stream;
    mote_text_printf(text, "stream split %" PRId32 " events %" PRId32 " pieces %" PRId32 "\n", stream->split_step,
                     stream->event_count, stream->piece_count);
    for (int32_t i = 0; i < stream->event_count; i++) {
        const struct mote_stream_event *e = &stream->events[i];
        if (e->step == MOTE_TAKE_ROW) mote_text_printf(text, "event %" PRId32 " take %" PRIu32 "\n", i, e->row);
        else if (e->row == MOTE_ALL_ROWS) mote_text_printf(text, "event %" PRId32 " step %" PRId32 " all\n", i, e->step);
        else if (e->rows == 1) mote_text_printf(text, "event %" PRId32 " step %" PRId32 " row %" PRIu32 "\n", i, e->step, e->row);
        else mote_text_printf(text, "event %" PRId32 " step %" PRId32 " rows %" PRIu32 " to %" PRIu32 "\n", i, e->step, e->row, e->row + e->rows - 1);
    }
    for (int32_t i = 0; i < stream->piece_count; i++) {
        const struct mote_stream_piece *p = &stream->pieces[i];
        mote_text_printf(text, "piece buffer %" PRId32 " row %" PRId64 " bytes %" PRIu32 " at %" PRIu32 " events %" PRId32
                               " %" PRId32 "\n",
                         p->buffer, p->row == MOTE_ALL_ROWS ? INT64_C(-1) : (int64_t)p->row, p->bytes, p->offset,
                         p->first_event, p->last_event);
    }
}
