/* pack_sum.c: see pack_sum.h.
 *
 * The reference rounds each operand to a finer grid, adds, and rounds again. One table entry per operand value says what it
 * adds to the output, in units of 2^-22. The entries of b are taken from the arithmetic; then, for each a, every b leaves an
 * interval in which the entry of a must lie so that the sum is rounded to the very byte that the reference gives. The
 * intersection of these 256 intervals is hardly ever empty, and any entry in it is proven right by its construction.
 *
 * Where the chip multiplies fast, entries need no table: those of b are made to lie on a line, and if a line with whole
 * numbers for slope and start goes through all the intervals of a, it is as good. Mostly one does. */
#include "pack_sum.h"

#include "lower_util.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRACTION_BITS = 22,  /* of tables */
    LINE_BITS = 21,      /* of lines: multipliers, 8 bits finer, have room for slopes below 4 */
    LEAST_ELEMENTS = 1024
};

typedef void sum_kernel(int8_t *, const int8_t *, const int8_t *, const struct mk_binary *, uint16_t, uint16_t);

/* What an operand contributes to the output before rounding, in units of 2^-22. */
static double contribution(const struct mk_binary *p, int x, int offset, int32_t multiplier, int shift)
{
    const double grid = nearbyint(ldexp((double)multiplier * (x + offset), p->left_shift + shift - 31));
    return grid * ldexp((double)p->out_multiplier, p->out_shift - 31 + FRACTION_BITS);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Entries that give outputs[i] with every b[i]. */
struct entries {
    int64_t low, high;
};

static struct entries entries_for(const struct mk_binary *p, const int8_t *outputs, const int32_t *b, int bits)
{
    struct entries entries = {INT32_MIN, INT32_MAX};
    const int64_t one = (int64_t)1 << bits;
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) {
        entries.low = larger(entries.low, (outputs[i] > p->act_min ? outputs[i] * one : INT32_MIN) - b[i]);
        entries.high = smaller(entries.high, (outputs[i] < p->act_max ? (outputs[i] + 1) * one - 1 : INT32_MAX) - b[i]);
    }
    return entries;
}

static int8_t operand_of(int index)
{
    return (int8_t)(index < 128 ? index : index - MOTE_SUM_ENTRIES);
}

/* The same for every value of a, from the reference, in units of 2^-bits. */
static void find_entries(const struct mk_binary *p, sum_kernel *reference, const int32_t b[MOTE_SUM_ENTRIES], int bits,
                         struct entries entries[MOTE_SUM_ENTRIES])
{
    struct mk_binary row = *p;
    row.batches = row.height = row.width = row.a_ring = row.b_ring = row.out_ring = 1;
    row.channels = MOTE_SUM_ENTRIES;
    row.a_step_c = 0;
    row.b_step_c = 1;
    int8_t operands[MOTE_SUM_ENTRIES], outputs[MOTE_SUM_ENTRIES];
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) operands[i] = operand_of(i);
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) {
        reference(outputs, &operands[i], operands, &row, 0, 1);
        entries[i] = entries_for(p, outputs, b, bits);
    }
}

static double sign_of(sum_kernel *reference)
{
    return reference == mk_sub_s8_ref ? -1.0 : 1.0;
}

bool mote_sum_tables(const struct mk_binary *p, sum_kernel *reference, int32_t a[MOTE_SUM_ENTRIES],
                     int32_t b[MOTE_SUM_ENTRIES])
{
    struct entries entries[MOTE_SUM_ENTRIES];
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) {
        const double entry =
            sign_of(reference) * nearbyint(contribution(p, operand_of(i), p->b_offset, p->b_multiplier, p->b_shift));
        if (fabs(entry) > INT32_MAX) return false;
        b[i] = (int32_t)entry;
    }
    find_entries(p, reference, b, FRACTION_BITS, entries);
    const double start = ldexp(p->out_zero_point + 0.5, FRACTION_BITS);
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) {
        const double wanted = start + contribution(p, operand_of(i), p->a_offset, p->a_multiplier, p->a_shift);
        if (entries[i].low > entries[i].high) return false;
        a[i] = (int32_t)larger(entries[i].low,
                               smaller(entries[i].high, (int64_t)nearbyint(fmin(fmax(wanted, INT32_MIN), INT32_MAX))));
    }
    return true;
}

/* ---- Lines ---- */

/* floor(multiplier * x / 256), as the kernels compute it. */
static int64_t on_line(int64_t multiplier, int x)
{
    const int64_t product = multiplier * x;
    return (product - (int64_t)((uint64_t)product & 255)) / 256;
}

/* What one step of an operand contributes, in units of 2^-(LINE_BITS + 8). */
static double slope(const struct mk_binary *p, int32_t multiplier, int shift)
{
    return ldexp((double)multiplier * p->out_multiplier, p->left_shift + shift + p->out_shift - 62 + LINE_BITS + 8);
}

/* A start for that slope of a; false if there is none or sums could overflow. */
static bool choose_start(const struct entries entries[MOTE_SUM_ENTRIES], struct mk_sum_linear *line)
{
    int64_t low = INT64_MIN, high = INT64_MAX;
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) {
        const int64_t at = on_line(line->a_multiplier, operand_of(i));
        low = larger(low, entries[i].low - at);
        high = smaller(high, entries[i].high - at);
    }
    if (low > high) return false;
    const int64_t start = low + (high - low) / 2;
    const int64_t reach = (llabs((int64_t)line->a_multiplier) + llabs((int64_t)line->b_multiplier)) / 2 + 2;
    line->start = (int32_t)start;
    return start - reach >= INT32_MIN && start + reach <= INT32_MAX;
}

bool mote_sum_line(const struct mk_binary *p, sum_kernel *reference, struct mk_sum_linear *line)
{
    enum { TRIALS = 8 }; /* in each direction */
    const double of_a = nearbyint(slope(p, p->a_multiplier, p->a_shift));
    const double of_b = sign_of(reference) * nearbyint(slope(p, p->b_multiplier, p->b_shift));
    if (fabs(of_a) + TRIALS > INT32_MAX || fabs(of_b) > INT32_MAX) return false;
    struct entries entries[MOTE_SUM_ENTRIES];
    int32_t b[MOTE_SUM_ENTRIES];
    line->b_multiplier = (int32_t)of_b;
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) b[i] = (int32_t)on_line(line->b_multiplier, operand_of(i));
    find_entries(p, reference, b, LINE_BITS, entries);
    for (int trial = 0; trial <= 2 * TRIALS; trial++) {
        line->a_multiplier = (int32_t)of_a + (trial % 2 ? -(trial + 1) / 2 : trial / 2);
        if (choose_start(entries, line)) return true;
    }
    return false;
}

/* ---- Steps ---- */

static enum mote_status add_tables(struct mote_lower *lower, struct mote_step *step, const int32_t *a, const int32_t *b)
{
    const enum mote_status status = mote_lower_constant(lower, step, "a_table", a, MOTE_SUM_ENTRIES, false);
    return status == MOTE_OK ? mote_lower_constant(lower, step, "b_table", b, MOTE_SUM_ENTRIES, false) : status;
}

static enum mote_status add_step(struct mote_lower *lower, const struct mote_op *op, const char *name, uint16_t rows,
                                 uint16_t row_elements, struct mote_step **step)
{
    enum mote_status status;
    *step = mote_lower_step(lower, op, name, (const int[2]){0, 1}, 0, rows, &status);
    if (!*step) return status;
    for (int i = 0; i < 2; i++) mote_lower_map_same_rows(&(*step)->inputs[i], rows, row_elements);
    (*step)->output.row_bytes = row_elements;
    return MOTE_OK;
}

/* Families whose own kernel adds by tables do so faster than by another family's multiplications. */
static bool prefers_lines(const struct mote_plan *plan)
{
    const struct mote_kernel *line = mote_plan_kernel(plan, "sum_linear_s8"), *tables = mote_plan_kernel(plan, "sum_tables_s8");
    return line && (!tables || !strcmp(mote_kernel_family(line), mote_kernel_family(tables)));
}

static enum mote_status pack_line(struct mote_lower *lower, const struct mote_op *op, const struct mk_binary *arithmetic,
                                  sum_kernel *reference, uint16_t rows, uint16_t row_elements, bool *taken)
{
    struct mk_sum_linear line = {.row_elements = row_elements, .a_ring = rows, .b_ring = rows, .out_ring = rows,
                                 .act_min = arithmetic->act_min, .act_max = arithmetic->act_max};
    struct mote_step *step;
    if (!prefers_lines(lower->plan) || !mote_sum_line(arithmetic, reference, &line)) return MOTE_OK;
    const enum mote_status status = add_step(lower, op, "sum_linear_s8", rows, row_elements, &step);
    if (status != MOTE_OK) return status;
    *(struct mk_sum_linear *)step->params = line;
    *taken = true;
    return MOTE_OK;
}

enum mote_status mote_pack_sum(struct mote_lower *lower, const struct mote_op *op, const struct mk_binary *arithmetic,
                               uint16_t rows, uint16_t row_elements, bool *taken)
{
    const bool steady = lower->plan->steady_time;
    const char *name = steady ? "sum_tables_s8_steady" : "sum_tables_s8";
    sum_kernel *const reference = op->kind == MOTE_OP_SUB ? mk_sub_s8_ref : mk_add_s8_ref;
    int32_t a[MOTE_SUM_ENTRIES], b[MOTE_SUM_ENTRIES];
    *taken = false;
    enum mote_status status = pack_line(lower, op, arithmetic, reference, rows, row_elements, taken);
    if (status != MOTE_OK || *taken || !mote_plan_kernel(lower->plan, name) ||
        ((uint32_t)rows * row_elements < LEAST_ELEMENTS && !steady) || !mote_sum_tables(arithmetic, reference, a, b))
        return status;
    struct mote_step *step;
    if ((status = add_step(lower, op, name, rows, row_elements, &step)) != MOTE_OK) return status;
    *(struct mk_sum_tables *)step->params = (struct mk_sum_tables){
        .row_elements = row_elements, .a_ring = rows, .b_ring = rows, .out_ring = rows,
        .act_min = arithmetic->act_min, .act_max = arithmetic->act_max,
    };
    *taken = true;
    return add_tables(lower, step, a, b);
}
