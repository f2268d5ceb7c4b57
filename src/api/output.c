/* Output vectors to files: arrays, JSON, raw bytes. */
#include "input.h"

#include "../base/file.h"
#include "../base/json.h"
#include "../base/npy.h"

#include <inttypes.h>
#include <math.h>

static const enum mote_npy_type npy_types[MOTE_DTYPE_COUNT] = {
    [MOTE_S8] = MOTE_NPY_I1,  [MOTE_U8] = MOTE_NPY_U1,  [MOTE_S16] = MOTE_NPY_I2, [MOTE_S32] = MOTE_NPY_I4,
    [MOTE_S64] = MOTE_NPY_I8, [MOTE_F32] = MOTE_NPY_F4, [MOTE_BOOL] = MOTE_NPY_B1,
};

static const struct mote_tensor *output_tensor(const struct mote *mote, int32_t index)
{
    return &mote->graph->tensors[mote->graph->outputs[index]];
}

/* The vectors along a first axis: in place of the tensor's own, if that has the length 1, else in front of it. */
static enum mote_status format_npy(struct mote *mote, const uint8_t *output, size_t vector_count, struct mote_text *text)
{
    if (mote->graph->output_count != 1)
        return mote_error(&mote->diag, MOTE_ERR_INPUT, "the model has %d outputs, an .npy file holds one; write .json or raw bytes",
                          (int)mote->graph->output_count);
    const struct mote_tensor *tensor = output_tensor(mote, 0);
    struct mote_npy array = {.type = npy_types[tensor->dtype], .rank = 1, .dims = {vector_count}, .data = output};
    for (int32_t i = tensor->shape.rank && tensor->shape.dims[0] == 1 ? 1 : 0; i < tensor->shape.rank; i++)
        array.dims[array.rank++] = (size_t)tensor->shape.dims[i];
    array.element_count = vector_count * (size_t)mote_shape_elements(&tensor->shape);
    mote_npy_format(&array, text);
    return MOTE_OK;
}

static void format_tensor(struct mote_text *text, const struct mote_tensor *tensor)
{
    mote_text_printf(text, "    {\"name\": ");
    mote_json_string(text, tensor->name ? tensor->name : "");
    mote_text_printf(text, ", \"dtype\": \"%s\", \"shape\": [", mote_dtype_name(tensor->dtype));
    for (int32_t i = 0; i < tensor->shape.rank; i++)
        mote_text_printf(text, "%s%" PRId32, i ? ", " : "", tensor->shape.dims[i]);
    mote_text_printf(text, "]");
    if (tensor->quant.count == 1)
        mote_text_printf(text, ", \"scale\": %.9g, \"zero_point\": %" PRId32, (double)mote_tensor_scale(tensor),
                         mote_tensor_zero_point(tensor));
    mote_text_printf(text, "}");
}

static void format_elements(struct mote_text *text, const struct mote_tensor *tensor, const uint8_t *bytes)
{
    const struct mote_npy view = {.type = npy_types[tensor->dtype], .data = bytes};
    const size_t count = (size_t)mote_shape_elements(&tensor->shape);
    mote_text_printf(text, "[");
    for (size_t i = 0; i < count; i++) {
        const char *separator = i ? ", " : "";
        if (tensor->dtype != MOTE_F32)
            mote_text_printf(text, "%s%" PRId64, separator, mote_npy_integer(&view, i));
        else if (isfinite(mote_npy_real(&view, i)))
            mote_text_printf(text, "%s%.9g", separator, mote_npy_real(&view, i));
        else
            mote_text_printf(text, "%snull", separator); /* JSON has no infinities */
    }
    mote_text_printf(text, "]");
}

/* {"outputs": [{...}], "vectors": [[[elements of output 0], ...], ...]}: integers are quantised values. */
static void format_json(struct mote *mote, const uint8_t *output, size_t vector_count, struct mote_text *text)
{
    mote_text_printf(text, "{\n  \"outputs\": [\n");
    for (int32_t i = 0; i < mote->graph->output_count; i++) {
        format_tensor(text, output_tensor(mote, i));
        mote_text_printf(text, i + 1 < mote->graph->output_count ? ",\n" : "\n  ],\n  \"vectors\": [\n");
    }
    for (size_t v = 0; v < vector_count; v++) {
        mote_text_printf(text, "    [");
        for (int32_t i = 0; i < mote->graph->output_count; i++) {
            if (i) mote_text_printf(text, ", ");
            format_elements(text, output_tensor(mote, i), output);
            output += mote_tensor_bytes(output_tensor(mote, i));
        }
        mote_text_printf(text, v + 1 < vector_count ? "],\n" : "]\n");
    }
    mote_text_printf(text, "  ]\n}\n");
}

enum mote_status mote_write_output(struct mote *mote, const char *path, const uint8_t *output, size_t vector_count)
{
    if (!mote->graph) return mote_error(&mote->diag, MOTE_ERR_INPUT, "no model is loaded");
    struct mote_text text = {0};
    enum mote_status status = MOTE_OK;
    if (mote_input_ends_in(path, ".npy"))
        status = format_npy(mote, output, vector_count, &text);
    else if (mote_input_ends_in(path, ".json"))
        format_json(mote, output, vector_count, &text);
    else
        return mote_file_write(path, output, vector_count * mote->model_info->vector_output_bytes, &mote->diag);
    if (status == MOTE_OK && text.failed) status = mote_error_memory(&mote->diag);
    if (status == MOTE_OK) status = mote_file_write(path, text.bytes, text.length, &mote->diag);
    mote_text_free(&text);
    return status;
}
