/* pack_sum.c: see pack_sum.h.
 *
 * The reference rounds each operand to a finer grid, adds, and rounds again. One table entry per operand value says what it
 * adds to the output, in units of 2^-22. The entries of b are taken from the arithmetic; then, for each a, every b leaves an
 * interval in which the entry of a must lie so that the sum is rounded to the very byte that the reference gives. The
 * intersection of these 256 intervals is hardly ever empty, and any entry in it is proven right by its construction. */
#include "pack_sum.h"

#include "lower_util.h"

#include <math.h>
#include <string.h>

enum { FRACTION_BITS = 22, LEAST_ELEMENTS = 1024 };

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

/* The entry nearest to `wanted` that gives outputs[i] with every b[i]; false if there is none in 32 bits. */
static bool choose_entry(const struct mk_binary *p, const int8_t *outputs, const int32_t *b, double wanted, int32_t *entry)
{
    int64_t low = INT32_MIN, high = INT32_MAX;
    const int64_t one = (int64_t)1 << FRACTION_BITS;
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) {
        low = larger(low, (outputs[i] > p->act_min ? outputs[i] * one : INT32_MIN) - b[i]);
        high = smaller(high, (outputs[i] < p->act_max ? (outputs[i] + 1) * one - 1 : INT32_MAX) - b[i]);
    }
    if (low > high) return false;
    *entry = (int32_t)larger(low, smaller(high, (int64_t)nearbyint(fmin(fmax(wanted, INT32_MIN), INT32_MAX))));
    return true;
}

bool mote_sum_tables(const struct mk_binary *p, sum_kernel *reference, int32_t a[MOTE_SUM_ENTRIES],
                     int32_t b[MOTE_SUM_ENTRIES])
{
    struct mk_binary row = *p;
    row.batches = row.height = row.width = row.a_ring = row.b_ring = row.out_ring = 1;
    row.channels = MOTE_SUM_ENTRIES;
    row.a_step_c = 0;
    row.b_step_c = 1;
    int8_t operands[MOTE_SUM_ENTRIES], outputs[MOTE_SUM_ENTRIES];
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) operands[i] = (int8_t)(i < 128 ? i : i - MOTE_SUM_ENTRIES);
    const double sign = reference == mk_sub_s8_ref ? -1.0 : 1.0;
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) {
        const double entry = sign * nearbyint(contribution(p, operands[i], p->b_offset, p->b_multiplier, p->b_shift));
        if (fabs(entry) > INT32_MAX) return false;
        b[i] = (int32_t)entry;
    }
    const double start = ldexp(p->out_zero_point + 0.5, FRACTION_BITS);
    for (int i = 0; i < MOTE_SUM_ENTRIES; i++) {
        reference(outputs, &operands[i], operands, &row, 0, 1);
        const double wanted = start + contribution(p, operands[i], p->a_offset, p->a_multiplier, p->a_shift);
        if (!choose_entry(p, outputs, b, wanted, &a[i])) return false;
    }
    return true;
}

static enum mote_status add_tables(struct mote_lower *lower, struct mote_step *step, const int32_t *a, const int32_t *b)
{
    const enum mote_status status = mote_lower_constant(lower, step, "a_table", a, MOTE_SUM_ENTRIES, false);
    return status == MOTE_OK ? mote_lower_constant(lower, step, "b_table", b, MOTE_SUM_ENTRIES, false) : status;
}

enum mote_status mote_pack_sum(struct mote_lower *lower, const struct mote_op *op, const struct mk_binary *arithmetic,
                               uint16_t rows, uint16_t row_elements, bool *taken)
{
    const bool steady = lower->plan->steady_time;
    const char *name = steady ? "sum_tables_s8_steady" : "sum_tables_s8";
    int32_t a[MOTE_SUM_ENTRIES], b[MOTE_SUM_ENTRIES];
    *taken = false;
    if (!mote_plan_kernel(lower->plan, name) || ((uint32_t)rows * row_elements < LEAST_ELEMENTS && !steady) ||
        !mote_sum_tables(arithmetic, op->kind == MOTE_OP_SUB ? mk_sub_s8_ref : mk_add_s8_ref, a, b))
        return MOTE_OK;
    enum mote_status status;
    struct mote_step *step = mote_lower_step(lower, op, name, (const int[2]){0, 1}, 0, rows, &status);
    if (!step) return status;
    *(struct mk_sum_tables *)step->params = (struct mk_sum_tables){
        .row_elements = row_elements, .a_ring = rows, .b_ring = rows, .out_ring = rows,
        .act_min = arithmetic->act_min, .act_max = arithmetic->act_max,
    };
    for (int i = 0; i < 2; i++) mote_lower_map_same_rows(&step->inputs[i], rows, row_elements);
    step->output.row_bytes = row_elements;
    *taken = true;
    return add_tables(lower, step, a, b);
}
