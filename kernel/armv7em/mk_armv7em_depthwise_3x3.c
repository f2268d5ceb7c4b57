/* mk_armv7em_depthwise_3x3.c: sorts the input rows of four channels, strip by strip, and hands them to the blocks; see
 * mk_armv7em_depthwise_3x3.h.
 *
 * Four channels go through all rows before the next four begin, so that few sorted rows are kept and each input row is
 * sorted once. Where the output overwrites its input this is right only if what is written for a channel lies where
 * that channel's inputs were; else rows are done one by one, all channels each. */
#include "mk_armv7em_depthwise_3x3.h"

#include "mk_armv7em_fill.h"
#include "mk_window.h"

#if defined(__arm__)
#define MK_CHECK(field, offset)                                                                                        \
    typedef char mk_armv7em_check_blocks_##field[offsetof(struct mk_armv7em_blocks, field) == (offset) ? 1 : -1]
MK_CHECK(step, MK_ARMV7EM_BLOCKS_STEP);
MK_CHECK(out, MK_ARMV7EM_BLOCKS_OUT);
MK_CHECK(out_row_bytes, MK_ARMV7EM_BLOCKS_OUT_ROW);
MK_CHECK(advance, MK_ARMV7EM_BLOCKS_ADVANCE);
MK_CHECK(out_end, MK_ARMV7EM_BLOCKS_OUT_END);
MK_CHECK(row_bytes, MK_ARMV7EM_BLOCKS_ROW);
MK_CHECK(kind, MK_ARMV7EM_BLOCKS_KIND);
MK_CHECK(way, MK_ARMV7EM_BLOCKS_WAY);
MK_CHECK(in_step, MK_ARMV7EM_BLOCKS_IN_STEP);
MK_CHECK(out_step, MK_ARMV7EM_BLOCKS_OUT_STEP);
MK_CHECK(count, MK_ARMV7EM_BLOCKS_COUNT);
MK_CHECK(in, MK_ARMV7EM_BLOCKS_IN);
MK_CHECK(plane_bytes, MK_ARMV7EM_BLOCKS_PLANE);
MK_CHECK(stream, MK_ARMV7EM_BLOCKS_STREAM);
MK_CHECK(stream_end, MK_ARMV7EM_BLOCKS_STREAM_END);
typedef char mk_armv7em_check_blocks_size[sizeof(struct mk_armv7em_blocks) == MK_ARMV7EM_BLOCKS_BYTES ? 1 : -1];

#define MK_CHECK_SORTING(field, offset)                                                                                \
    typedef char mk_armv7em_check_sorting_##field[offsetof(struct mk_armv7em_sorting, field) == (offset) ? 1 : -1]
MK_CHECK_SORTING(skip, MK_ARMV7EM_SORTING_SKIP);
MK_CHECK_SORTING(in_skip, MK_ARMV7EM_SORTING_IN_SKIP);
MK_CHECK_SORTING(column_bytes, MK_ARMV7EM_SORTING_COLUMN);
MK_CHECK_SORTING(plane_bytes, MK_ARMV7EM_SORTING_PLANE);
MK_CHECK_SORTING(ends, MK_ARMV7EM_SORTING_ENDS);
MK_CHECK_SORTING(doubles, MK_ARMV7EM_SORTING_DOUBLES);
MK_CHECK_SORTING(pad, MK_ARMV7EM_SORTING_PAD);
typedef char mk_armv7em_check_sorting_size[sizeof(struct mk_armv7em_sorting) == MK_ARMV7EM_SORTING_BYTES ? 1 : -1];
#endif

struct run {
    const struct mk_conv_armv7em *c;
    int8_t *out;
    const int8_t *in;
    int32_t *room;
    uint32_t row_words, plane_words, first_word; /* to the next sorted row, plane; the first word that has a column of the input */
    uint32_t part_words, parts;                  /* a sorted row is so many parts side by side, plane_words apart */
    uint32_t sixes, others;                      /* blocks of six outputs, and the outputs of one more */
    uint32_t rows;                               /* of outputs that the room has the inputs for, or that there are */
    int sorts_padding;                           /* sorting writes every word of a row, the padding beside the input, too */
    uint32_t kept;                               /* rows that two neighbouring strips share */
    uint16_t table_begin;                        /* the row that entry 0 of a table of rows is */
    uint32_t channel, skipped;                   /* the group's first one, and how many of it are not asked for */
    struct mk_armv7em_sorting sorting;
    struct mk_armv7em_blocks blocks;
};

/* Rows of one batch entry. */
struct range {
    uint32_t entry, begin, end;
};

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Words of padding, a multiple of four. */
static MK_NOINLINE void fill(int32_t *to, const int32_t *end, int16_t value)
{
    mk_armv7em_fill(to, end, value, 4);
}

/* How many rows from `number` on, of at most `most`, lie side by side; in a ring, up to its end. */
static uint32_t rows_together(const struct run *run, uint32_t number, uint32_t most, uint32_t row_bytes)
{
    if (run->c->in_ring) return least(most, (uint32_t)run->c->in_ring - number);
    const int8_t *const *const rows = (const int8_t *const *)(const void *)run->in + number;
    uint32_t count = 1;
    while (count < most && rows[count] == rows[count - 1] + row_bytes) count++;
    return count;
}

/* Sorts rows [k, end) of those under the output rows from `first` on. */
static MK_NOINLINE void sort_rows(const struct run *run, uint32_t entry, uint32_t first, uint32_t k, uint32_t end)
{
    const struct mk_conv_armv7em *c = run->c;
    const int32_t origin = (int32_t)(first * c->stride_h) - c->pad_top;
    const uint32_t row_bytes = (uint32_t)c->in_w * c->in_c;
    uint32_t count;
    for (; k < end; k += count) {
        const int32_t y = origin + (int32_t)k;
        int32_t *const to = run->room + k * run->row_words;
        count = 1;
        if (y < 0 || y >= c->in_h) {
            for (uint32_t i = 0; i < run->parts; i++)
                fill(to + i * run->plane_words, to + i * run->plane_words + run->part_words, c->pad_value);
            continue;
        }
        const uint16_t number = mk_input_number((uint16_t)entry, c->in_h, (uint16_t)y, run->table_begin, c->in_ring);
        count = rows_together(run, number, least(end - k, (uint32_t)(c->in_h - y)), row_bytes);
        const int8_t *const from = (const int8_t *)mk_input_row(run->in, number, row_bytes, c->in_ring) + run->channel;
        mk_armv7em_sort_planes(to + run->first_word, from, from + count * row_bytes, &run->sorting);
    }
}

/* `count` blocks of so many outputs, the first one at output x. */
static MK_NOINLINE void run_blocks(struct run *run, int8_t *out, uint32_t rows, uint32_t x, uint32_t outputs, uint32_t count)
{
    struct mk_armv7em_blocks *const b = &run->blocks;
    b->kind = run->parts > 1 ? MK_ARMV7EM_BLOCKS_NARROW : outputs - 1 + (run->c->stride_w == 1 ? 6 : 0);
    b->count = count;
    b->in = run->room + run->skipped * run->plane_words + x * run->c->stride_w / 2;
    b->out = out + x * b->step;
    b->out_end = b->out + rows * b->out_row_bytes;
    mk_armv7em_planes_3x3(b);
}

/* The room's rows [from, from + kept) become [to, ...); `ascends` if these are lower. */
static MK_NOINLINE void keep_rows(const struct run *run, uint32_t to, uint32_t from, int ascends)
{
    for (uint32_t i = 0; i < run->parts; i++) {
        int32_t *const plane = run->room + i * run->plane_words;
        mk_armv7em_move_fours(plane + to * run->row_words, plane + from * run->row_words, run->kept * run->part_words / 4,
                              (uint32_t)ascends);
    }
}

/* One group of channels in all rows of the range. */
static void run_group(struct run *run, const struct range *range, int ascends)
{
    const struct mk_conv_armv7em *c = run->c;
    const uint32_t entry_row = range->entry * c->out_h, stride = c->stride_h;
    uint32_t rows = 0; /* of the strip before */
    for (uint32_t left = range->end - range->begin; left > 0;) {
        const uint32_t bound = entry_row + (ascends ? range->end - left : range->begin + left - 1); /* a row of the strip */
        const uint32_t slot = bound % c->out_ring;
        const uint32_t most = least(least(left, run->rows), ascends ? c->out_ring - slot : slot + 1);
        const uint32_t first = ascends ? range->end - left : range->begin + left - most;
        const uint32_t needed = (most - 1) * stride + 3;
        uint32_t sorted = 0;
        if (rows) {
            sorted = run->kept;
            keep_rows(run, ascends ? 0 : most * stride, ascends ? rows * stride : 0, ascends);
        }
        sort_rows(run, range->entry, first, ascends ? sorted : 0, ascends ? needed : needed - sorted);
        rows = most;
        left -= most;
        int8_t *const to = run->out + (ascends ? slot : slot + 1 - most) * run->blocks.out_row_bytes + run->channel + run->skipped;
        if (run->sixes) run_blocks(run, to, most, 0, 6, run->sixes);
        if (run->others) run_blocks(run, to, most, 6 * run->sixes, run->others, 1);
    }
}

static void run_range(struct run *run, const struct range *range, int ascends)
{
    const struct mk_conv_armv7em *c = run->c;
    const uint32_t record_words = c->way == MK_ARMV7EM_SMALL ? 8 : 10;
    struct mk_armv7em_blocks *const b = &run->blocks;
    b->stream_end = c->stream;
    for (uint32_t channel = 0; channel < c->in_c; channel += 4) {
        run->channel = least(channel, c->in_c - 4u);
        run->skipped = channel - run->channel;
        b->stream = b->stream_end;
        b->stream_end = b->stream + (4 - run->skipped) * record_words;
        run_group(run, range, ascends);
    }
}

/* The words of a sorted row, 4 * plane_words, lie together; but for narrow blocks, of five outputs, plane by plane, row by row.
 * `rows` of outputs are wanted at a time. */
static void arrange(struct run *run, uint32_t plane_words, uint32_t room_bytes, uint32_t rows)
{
    const struct mk_conv_armv7em *c = run->c;
    const int is_narrow = c->out_w == 5 && c->stride_w == 1 && c->way == MK_ARMV7EM_SMALL;
    run->rows = least(rows, (room_bytes / 16 / plane_words - 3) / c->stride_h + 1);
    run->row_words = is_narrow ? 4 : 4 * plane_words;
    run->plane_words = is_narrow ? 4 * ((run->rows - 1) * c->stride_h + 3) : plane_words;
    run->part_words = run->row_words;
    run->parts = is_narrow ? 4 : 1;
}

static MK_NOINLINE void prepare(struct run *run, uint32_t room_bytes, uint32_t rows)
{
    const struct mk_conv_armv7em *c = run->c;
    struct mk_armv7em_sorting *const s = &run->sorting;
    struct mk_armv7em_blocks *const b = &run->blocks;
    const uint32_t columns = (c->out_w - 1u) * c->stride_w + 3, left = (uint32_t)c->pad_left;
    const uint32_t inside = least(c->in_w, columns - left), odd = left % 2, rest = inside - odd;
    arrange(run, (columns + 1) / 2, room_bytes, rows);
    run->first_word = left / 2;
    run->sixes = c->out_w / 6u;
    run->others = c->out_w % 6u;
    run->kept = c->stride_h < 3 ? 3u - c->stride_h : 0;
    s->column_bytes = c->in_c;
    s->plane_bytes = 4 * run->plane_words;
    s->ends = odd << 31 | rest / 2 % 2 << 30 | rest % 2;
    s->doubles = rest / 4;
    const uint32_t sorted = odd + rest / 2 + rest % 2;
    run->sorts_padding = run->first_word == 0 && sorted == (columns + 1) / 2;
    s->skip = 4 * (run->row_words - sorted);
    s->in_skip = (c->in_w - inside) * c->in_c;
    s->pad = (uint32_t)(uint8_t)c->pad_value * 0x01010101u;
    b->step = c->out_c;
    b->out_row_bytes = (uint32_t)c->out_w * c->out_c;
    b->row_bytes = 4 * run->row_words;
    b->in_step = 12u * c->stride_w;
    b->out_step = 6 * b->step;
    b->plane_bytes = s->plane_bytes;
    b->advance = (c->stride_h - (run->parts > 1 ? 3 : 2)) * (int32_t)b->row_bytes;
    b->way = c->way;
}

/* May a channel's outputs be written to [to, to_end) while other channels' inputs in [from, from + bytes) are still to be
 * read? */
static int are_apart(uintptr_t to, uintptr_t to_end, uintptr_t from, uintptr_t bytes, uint16_t channels)
{
    return to_end <= from || from + bytes <= to || (to > from ? to - from : from - to) % channels == 0;
}

/* The same of all that output rows [begin, end) read and write. */
static int channels_are_apart(const struct run *run, uint32_t begin, uint32_t end)
{
    const struct mk_conv_armv7em *c = run->c;
    const uintptr_t out_row_bytes = (uintptr_t)c->out_w * c->out_c, row_bytes = (uintptr_t)c->in_w * c->in_c;
    const uintptr_t to = (uintptr_t)run->out, from = (uintptr_t)run->in;
    if (c->in_ring) return are_apart(to, to + c->out_ring * out_row_bytes, from, c->in_ring * row_bytes, c->in_c);
    if (c->out_ring < end || end - begin < 2) return 0;
    const int32_t last = (int32_t)((end - 1) * c->stride_h) - c->pad_top + 2, in_last = c->in_h - 1;
    for (int32_t y = run->table_begin; y <= last && y <= in_last; y++) {
        const void *const row = mk_input_row(run->in, (uint16_t)(y - run->table_begin), row_bytes, 0);
        if (!are_apart(to + begin * out_row_bytes, to + end * out_row_bytes, (uintptr_t)row, row_bytes, c->in_c)) return 0;
    }
    return 1;
}

void mk_armv7em_depthwise_3x3(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                              uint16_t row_end, int32_t *room, uint32_t room_bytes)
{
    const int ascends = row_begin < row_end;
    uint32_t begin = ascends ? row_begin : row_end, end = ascends ? row_end : row_begin;
    struct run run;
    if (begin == end) return;
    run.c = c;
    run.out = out;
    run.in = in;
    run.room = room;
    run.table_begin = mk_table_begin(row_begin, c->stride_h, c->pad_top);
    const uint32_t most = channels_are_apart(&run, begin, end) ? c->out_h : 1;
    prepare(&run, room_bytes, least(most, end - begin));
    if (!run.sorts_padding) fill(room, room + ((run.rows - 1) * c->stride_h + 3) * run.part_words * run.parts, c->pad_value);
    while (begin < end) {
        const uint32_t entry = (ascends ? begin : end - 1) / c->out_h, entry_row = entry * c->out_h;
        struct range range = {entry, begin, end};
        if (range.begin < entry_row) range.begin = entry_row;
        range.end = least(range.end, entry_row + c->out_h);
        if (ascends) range.end = begin = least(range.end, range.begin + most);
        else if (range.end - range.begin > most) range.begin = range.end - most;
        if (!ascends) end = range.begin;
        range.begin -= entry_row;
        range.end -= entry_row;
        run_range(&run, &range, ascends);
    }
}
