#include "lower_util.h"

#include <stdarg.h>
#include <stdio.h>

enum mote_status mote_lower_unsupported_because(struct mote_lower *lower, const struct mote_op *op, int32_t tensor,
                                                const char *format, ...)
{
    char reason[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return mote_lower_unsupported(lower, op, tensor, reason);
}

void mote_lower_warn(struct mote_lower *lower, const struct mote_op *op, int32_t tensor, const char *text)
{
    const char *name = lower->graph->tensors[tensor].name;
    mote_note(lower->diag, MOTE_WARNING, "op %d %s, tensor \"%s\": %s", (int)op->source_index, mote_op_name(op->kind),
              name ? name : "", text);
}

enum mote_status mote_lower_check_per_tensor(struct mote_lower *lower, const struct mote_op *op, int32_t tensor)
{
    const struct mote_tensor *t = &lower->graph->tensors[tensor];
    if (t->quant.count == 1) return MOTE_OK;
    return mote_lower_unsupported(lower, op, tensor,
                                  t->quant.count ? "is quantised per channel; this operator needs one scale"
                                                 : "has no quantisation; quantise the model with one scale per tensor");
}

bool mote_lower_same_quant(const struct mote_tensor *a, const struct mote_tensor *b)
{
    if (a->quant.count != b->quant.count || a->quant.count > 1) return false;
    return a->quant.count == 0 || (mote_tensor_scale(a) == mote_tensor_scale(b) &&
                                   mote_tensor_zero_point(a) == mote_tensor_zero_point(b));
}

void mote_lower_warn_requantised(struct mote_lower *lower, const struct mote_op *op, int32_t input, int32_t output)
{
    if (!mote_lower_same_quant(&lower->graph->tensors[input], &lower->graph->tensors[output]))
        mote_lower_warn(lower, op, input,
                        "is quantised otherwise than the output; stored values are taken as they are, as the reference does");
}

void mote_lower_map_same_rows(struct mote_operand *operand, uint32_t rows, uint32_t row_bytes)
{
    operand->row_bytes = row_bytes;
    operand->rows = (struct mote_row_map){.out_rows = rows, .in_rows = rows, .stride = 1, .pad = 0};
    operand->window_rows = 1;
}

void mote_lower_map_everything(struct mote_operand *operand, uint32_t rows, uint32_t in_rows, uint32_t row_bytes)
{
    operand->row_bytes = row_bytes;
    operand->rows = (struct mote_row_map){.out_rows = rows, .in_rows = in_rows, .stride = 0, .pad = 0};
    operand->window_rows = 0;
}

struct mote_step *mote_lower_elementwise(struct mote_lower *lower, const struct mote_op *op, const char *base_name,
                                         uint16_t *rows, uint16_t *row_elements, enum mote_status *status)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]];
    const struct mote_tensor *out = &lower->graph->tensors[op->outputs[0]];
    if (!mote_lower_rows(&out->shape, rows, row_elements)) {
        *status = mote_lower_unsupported(lower, op, op->outputs[0],
                                         "has no split into at most 65535 rows of at most 65535 elements");
        return NULL;
    }
    struct mote_step *step = mote_lower_step(lower, op, base_name, (const int[2]){0, -1}, 0, *rows, status);
    if (!step) return NULL;
    mote_lower_map_same_rows(&step->inputs[0], *rows, (uint32_t)(*row_elements * mote_dtype_bytes(in->dtype)));
    step->output.row_bytes = (uint32_t)(*row_elements * mote_dtype_bytes(out->dtype));
    return step;
}
