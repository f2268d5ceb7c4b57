/* stream.h: streamed plans: an order of events, each of one row, and a place in the arena for every row.
 *
 * The application hands the input over row by row; each row is followed by all steps that it makes possible, each of
 * which computes one row from rows that are still there. Rows thus die soon after they are born, and only a few of each
 * tensor are alive at a time. Every step computes its rows in ascending order. The compiler knows when every row is born and dies, so it also chooses where it lies.
 *
 *     plan -> accumulate.c: global pools in two steps -> strips.c: the first steps once per strip, if wanted
 *          -> schedule.c, delay.c: events -> stream.c: pieces, offsets, choice */
#ifndef MOTE_PLAN_STREAM_H
#define MOTE_PLAN_STREAM_H

#include "plan.h"

enum {
    MOTE_TAKE_ROW = -1,         /* as event.step: the application delivers row `row` of input `input` */
    MOTE_STREAM_ROWS = UINT16_MAX, /* pieces, at most */
    MOTE_STREAM_WINDOW = 64        /* rows that a step may read to compute one; the device keeps their addresses on its stack */
};
#define MOTE_ALL_ROWS UINT32_MAX /* as event.row: the step runs all its rows in one call */

struct mote_stream_event {
    int32_t step;  /* or MOTE_TAKE_ROW */
    int32_t input; /* of a row taken: which of the plan's inputs */
    uint32_t row;  /* the first output row that the step computes, or MOTE_ALL_ROWS */
    uint32_t rows; /* how many from there on, in one call; of one or of all rows: 1 */
};

/* What lives and dies by itself: a row of a buffer, or a whole buffer. Rows that one call writes or reads as one piece of
 * memory lie side by side: they have the same first row of their group. */
struct mote_stream_piece {
    int32_t buffer;
    uint32_t row; /* MOTE_ALL_ROWS: the whole buffer */
    uint32_t group_row;
    uint32_t bytes, alignment_bytes;
    int32_t first_event, last_event; /* written first, read last; first > last: nobody uses it */
    uint32_t offset;
};

struct mote_stream_buffer {
    uint32_t row_count; /* 0: the buffer is one piece */
    uint32_t row_bytes;
    int32_t first_piece; /* row r is piece first_piece + r */
    uint32_t ring_rows;  /* sliding: the last so many rows are kept, the row of frame f in slot f % ring_rows of the piece */
    uint32_t first_column, column_count; /* in strips: the columns of the tensor that the rows hold; 0, 0: all */
};

/* The events of a stream that does not slide as a list of numbers: a step; step_count + input: the input's next row is taken;
 * mote_stream_to_end_entry() + step: the step's rows from the next to the last; and, of a pushed stream, if `loops`,
 * mote_stream_loop_entry(): the next two entries say how many to go back and how many times. Loops are not nested. */
struct mote_stream_list {
    const uint16_t *entries;
    size_t count;
    bool loops;
};

struct mote_stream {
    struct mote_stream_event *events;
    int32_t event_count;
    struct mote_stream_piece *pieces;
    int32_t piece_count;
    struct mote_stream_buffer *buffers; /* one per buffer of the plan */
    int32_t split_step;                 /* steps before it run as soon as they can, those from it on one after the other */
    bool slides;                        /* the events are those of one frame, of a window that slides (slide.c) */
    bool whole_input;                   /* fused: the application hands over whole inputs, no row is taken */
    uint32_t band_positions;            /* calls compute so many positions of a tensor, if rows are so many; 0: one row */
    int32_t fused_from, whole_from;     /* fused: steps before the one and from the other on run whole */
    uint32_t table_rows;                /* entries of the longest table of row pointers that a kernel is handed */
    uint32_t strip_count;               /* vertical strips, each with an input of its own; 0: the image is not divided */
    int32_t *step_strips;               /* in strips: per step, the strip that it belongs to; -1: none, it runs once */
    uint32_t input_columns;             /* in strips: of a whole row of the input */
    struct mote_stream_list list;       /* the events as programs have them */
};

/* Rows [begin, end) of an operand that output row `row` reads. MOTE_ALL_ROWS: all. */
struct mote_row_range {
    uint32_t begin, end;
};
struct mote_row_range mote_stream_rows_read(const struct mote_operand *in, uint32_t row);
/* The same for all rows of an event. */
struct mote_row_range mote_stream_event_reads(const struct mote_operand *in, const struct mote_stream_event *event);

/* Calls are for several rows: kernels are handed rows as if the tensor were whole, with rings to match. */
static inline bool mote_stream_is_banded(const struct mote_stream *stream)
{
    return stream->band_positions != 0;
}

/* Rows that one call of the step computes, at most. */
uint32_t mote_stream_band(const struct mote_plan *plan, const struct mote_stream *stream, int32_t step);

/* The step belongs to those of a fused plan that run depth first, some rows at a time. */
static inline bool mote_stream_fuses(const struct mote_stream *stream, int32_t step)
{
    return stream->fused_from <= step && step < stream->whole_from;
}

/* The application pushes rows or frames; false: it hands over whole inputs. */
static inline bool mote_plan_is_pushed(const struct mote_plan *plan)
{
    return plan->stream && !plan->stream->whole_input;
}

/* The operand's rows are handed over as a table of pointers; false: as the address of one row or of the whole buffer. */
bool mote_stream_takes_table(const struct mote_stream *stream, const struct mote_operand *in);

/* The step is called for one row at a time. */
bool mote_stream_by_rows(const struct mote_plan *plan, const struct mote_stream *stream, int32_t step);

/* The piece of a row; of the whole buffer if it is in one piece. */
const struct mote_stream_piece *mote_stream_piece_of(const struct mote_stream *stream, int32_t buffer, uint32_t row);

/* Where row `row` of the buffer lies in the arena, also if the buffer is in one piece. */
uint32_t mote_stream_row_offset(const struct mote_stream *stream, const struct mote_operand *operand, uint32_t row);

/* Bytes alive during the event, less what may be shared by overwriting: no placement of the rows can do with less. */
uint32_t mote_stream_event_bytes(const struct mote_plan *plan, const struct mote_stream *stream, int32_t event);

/* The most of them over the events of a step, and the step in whose events they are the most. */
uint32_t mote_stream_step_bytes(const struct mote_plan *plan, int32_t step);
int32_t mote_stream_peak_step(const struct mote_plan *plan);

/* Entries of a buffer in the table of places: its rows; a buffer in one piece has one, or one per row that is written to it. */
uint32_t mote_stream_place_count(const struct mote_plan *plan, int32_t buffer);
/* Bytes from one row to the next that is written to a buffer in one piece; 0: it is written in one call. */
uint32_t mote_stream_row_step(const struct mote_plan *plan, int32_t buffer);
/* Places are numbered from buffer to buffer: the number of a buffer's first one, and where in the arena its r-th one lies. */
int32_t mote_stream_first_place(const struct mote_plan *plan, int32_t buffer);
uint32_t mote_stream_place_offset(const struct mote_plan *plan, int32_t buffer, uint32_t r);
/* Where a step finds an operand: for output row `row` it wants row `row * stride - pad`, or the one next to it of the `rows` rows
 * that there are; or, window not being 0, a table of so many rows from there on. */
struct mote_stream_place_map {
    int32_t first; /* the place of row 0 */
    int64_t rows, stride, pad, window;
    uint32_t offset; /* in each row; of tensors that are held in rows */
    uint32_t row_bytes; /* of banded plans: what kernels that count from row 0 take for a row of it; 0: they get what is there */
};
struct mote_stream_place_map mote_stream_output_map(const struct mote_plan *plan, const struct mote_step *step);
/* Kernels with fewer inputs get the first place of all, which they do not look at. */
struct mote_stream_place_map mote_stream_input_map(const struct mote_plan *plan, const struct mote_step *step, int input);
/* Events from `event` on that run one step up to its last row, one row each (never in banded plans), and can be told by that row's number; else 1. */
int32_t mote_stream_run_to_end(const struct mote_plan *plan, int32_t event);
/* ---- stream_list.c ----
 * The list of the plan's events, into its arena. Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_stream_list_events(const struct mote_plan *plan, struct mote_stream_list *list,
                                                         struct mote_diag *diag);
static inline int32_t mote_stream_to_end_entry(const struct mote_plan *plan)
{
    return plan->step_count + plan->input_count;
}
static inline int32_t mote_stream_loop_entry(const struct mote_plan *plan)
{
    return mote_stream_to_end_entry(plan) + plan->step_count;
}

/* ---- stream_tables.c ----
 * How many different offsets the entries of the table of places have if an index into a table of these, of a byte, takes less
 * room than the offset; else 0. */
uint32_t mote_stream_different_places(const struct mote_plan *plan);
/* Bytes of flash for the tables of events and places, as the emitter writes them. */
size_t mote_stream_table_bytes(const struct mote_plan *plan);
/* Numbers of steps and of rows fit in bytes; else in 16 bits. */
bool mote_stream_events_are_bytes(const struct mote_plan *plan);

/* Where the application writes the rows of an inference, one after the other (of a whole window, if it slides), and where
 * in the bytes of the whole input they are found: fills *take and counts *index up from 0; false after the last one. */
struct mote_stream_take {
    uint32_t offset, bytes, source;
};
bool mote_stream_next_take(const struct mote_plan *plan, uint32_t *index, struct mote_stream_take *take);

/* The row of a take event. */
struct mote_stream_take mote_stream_take_of(const struct mote_plan *plan, const struct mote_stream_event *event);

/* Bytes of the whole input of a plan in strips. */
size_t mote_stream_strips_input_bytes(const struct mote_plan *plan);
/* The strip that a step belongs to; -1: to none, it runs once. */
int32_t mote_stream_strip_of(const struct mote_stream *stream, int32_t step);
/* Does the step write or read only a part of the buffer's rows? */
bool mote_stream_is_part(const struct mote_stream *stream, const struct mote_operand *operand);

/* ---- stream_overlap.c ----
 * A parameter of a step's kernel by its name, `missing` if it has none. */
int64_t mote_stream_field(const struct mote_step *step, const char *name, int64_t missing);

/* Offsets of one piece less those of another that exclude each other: those inside open intervals. */
enum { MOTE_STREAM_CONFLICTS = 3 };
struct mote_stream_conflicts {
    int count;
    struct {
        int64_t low, high;
    } list[MOTE_STREAM_CONFLICTS];
};
/* Where piece a must not lie, counted from piece b. */
struct mote_stream_conflicts mote_stream_find_conflicts(const struct mote_plan *plan, const struct mote_stream *stream,
                                                        const struct mote_stream_piece *a, const struct mote_stream_piece *b);
/* Bytes that `out` may have in common with `in`, at most, in the event that writes it; 0: they may not overlap. */
int64_t mote_stream_common_bytes(const struct mote_plan *plan, const struct mote_stream *stream,
                                 const struct mote_stream_piece *in, const struct mote_stream_piece *out);

/* ---- stream.c, for strips.c ----
 * The steps of a streamed plan, and which of its buffers are held in rows; nothing is ordered or placed yet. */
MOTE_MUST_CHECK enum mote_status mote_stream_prepare(const struct mote_graph *graph, const struct mote_target *target,
                                                     struct mote_plan_wishes wishes, struct mote_arena *arena,
                                                     struct mote_plan **plan, struct mote_stream *divided,
                                                     struct mote_diag *diag);
/* The least bytes that the divided plan's events need at once if steps before `split_step` run as soon as they can.
 * MOTE_ERR_UNSUPPORTED: there are too many rows. */
MOTE_MUST_CHECK enum mote_status mote_stream_bound(const struct mote_plan *plan, const struct mote_stream *divided,
                                                   int32_t split_step, int64_t *bytes);
/* The least bytes, in the better of the orders with and without delay, and what that one costs (cost.h). */
MOTE_MUST_CHECK enum mote_status mote_stream_weigh(const struct mote_plan *plan, const struct mote_stream *divided,
                                                   int32_t split_step, int64_t *bytes, double *cost);
/* Chooses order and places for a divided plan, and makes it a streamed one. Steps before first_split run as soon as
 * they can in every order that is tried. */
MOTE_MUST_CHECK enum mote_status mote_stream_finish(struct mote_plan *plan, const struct mote_stream *divided,
                                                    int32_t first_split, struct mote_diag *diag);
/* The same with the one order in which steps before `split_step` run as soon as they can. */
MOTE_MUST_CHECK enum mote_status mote_stream_finish_at(struct mote_plan *plan, const struct mote_stream *divided,
                                                       int32_t split_step, struct mote_diag *diag);

/* ---- slide.c ----
 * Frames of the input that the window holds. */
uint32_t mote_stream_frames(const struct mote_plan *plan);
/* Where the row that belongs to frame `frame`, counted from the beginning of time, lies in the arena. */
uint32_t mote_stream_slot_offset(const struct mote_stream *stream, int32_t buffer, uint64_t frame);

/* What the bytes of a buffer hold before the first frame: the zero point of signed bytes, else 0. No reported output depends on it, but
 * kernels that skip zeros take no longer then than later. */
uint8_t mote_stream_fill(const struct mote_plan *plan, int32_t buffer);

/* ---- accumulate.c ----
 * Replaces every pool and mean over a whole tensor by a step that adds up rows and one that finishes, so that the tensor
 * need not be whole. */
MOTE_MUST_CHECK enum mote_status mote_stream_accumulate(struct mote_plan *plan, struct mote_diag *diag);
bool mote_stream_is_accumulator(const struct mote_step *step);

/* ---- schedule.c ----
 * Says which buffers are held row by row, sets the kernels' rings accordingly, and fills stream->buffers. */
MOTE_MUST_CHECK enum mote_status mote_stream_divide(struct mote_plan *plan, struct mote_stream *stream,
                                                    struct mote_diag *diag);
/* The same in two parts; stream->whole_from is respected. */
MOTE_MUST_CHECK enum mote_status mote_stream_divide_buffers(const struct mote_plan *plan, struct mote_stream *stream,
                                                            struct mote_arena *arena, struct mote_diag *diag);
void mote_stream_set_rings(const struct mote_plan *plan, struct mote_stream *stream);
/* Fills stream->events for a split. */
MOTE_MUST_CHECK enum mote_status mote_stream_schedule(const struct mote_plan *plan, int32_t split_step,
                                                      struct mote_arena *arena, struct mote_stream *stream,
                                                      struct mote_diag *diag);

/* ---- delay.c ----
 * Moves events later where that shortens lives by more than it lengthens others. */
void mote_stream_delay(const struct mote_plan *plan, struct mote_stream *stream);

#endif
