/* draw.h: pictures of memory plans: which buffer lies where, and when. Both take plans that mote_plan_verify accepts. */
#ifndef MOTE_PLAN_DRAW_H
#define MOTE_PLAN_DRAW_H

#include "../base/text.h"
#include "plan.h"

/* For a terminal of that many columns (at least 60 are used), in UTF-8: steps downwards, addresses across. */
void mote_plan_draw_text(const struct mote_plan *plan, struct mote_text *text, int columns);

/* As an SVG document: steps along x, addresses along y, one shape per buffer: a rectangle, but with a slanted edge where
 * a step writes over its own input, since the output grows there as the input is used up. */
void mote_plan_draw_svg(const struct mote_plan *plan, struct mote_text *text);

/* The same for streamed plans (draw_stream.c): a line per step, at its fullest event; a rectangle per row. And all events
 * and places, one per line, which follow the plan's own text; they cannot be read back. */
void mote_stream_draw_text(const struct mote_plan *plan, struct mote_text *text, int columns);
void mote_stream_draw_svg(const struct mote_plan *plan, struct mote_text *text);
void mote_stream_print(const struct mote_plan *plan, struct mote_text *text);

/* ---- Shared by all ---- */
struct mote_draw_number {
    char text[24];
};
/* 8640 -> "8,640" */
struct mote_draw_number mote_draw_count(uint64_t value);
struct mote_draw_label {
    char text[64];
};
/* What to call a buffer where there is little room: after the step that writes it ("op3"), since tensors' names are long
 * and much alike; an input of the network by its own name, without the path of scopes that converters put before it. */
struct mote_draw_label mote_draw_name(const struct mote_plan *plan, int32_t buffer);
/* The addresses that the step's output shares with an input it writes over; false if there are none. */
bool mote_draw_overlap(const struct mote_plan *plan, int32_t step, int input, uint32_t *begin, uint32_t *end);

#endif
