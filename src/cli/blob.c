/* blob.c: what is in a blob, for mote inspect. */
#include "cli.h"

static void print_header(const struct mote_blob_info *blob, const struct mote_model_info *model)
{
    fputs(mote_cli_style(stdout, MOTE_CLI_BOLD), stdout);
    mote_cli_print_safe(stdout, model->name);
    printf("%s: a plan packed for %s\n", mote_cli_style(stdout, MOTE_CLI_NORMAL), blob->target);
    mote_cli_print_tensors("input", model->inputs, model->input_count);
    mote_cli_print_tensors("output", model->outputs, model->output_count);
    printf("  blob        %s bytes, checksum %08x, format %u, kernels of version %u\n", mote_cli_number((int64_t)blob->bytes).text,
           (unsigned)blob->checksum, blob->version, blob->abi);
    printf("  layout      pointers of %u bytes, alignment %u\n", blob->pointer_bytes, blob->alignment_bytes);
    printf("  arena       %s bytes of RAM for tensors\n", mote_cli_number(blob->arena_bytes).text);
    printf("  self-test   %s\n\n", blob->has_self_test ? "yes" : "none");
}

static bool print_steps(const struct mote_blob_info *blob)
{
    struct mote_cli_table table = {0};
    static const char *const headings[] = {"step", "kernel", "rows", "output at", "input at", "", "parameters at", "bytes"};
    for (int i = 0; i < 8; i++) mote_cli_table_column(&table, headings[i], i != 1);
    for (size_t i = 0; i < blob->step_count; i++) {
        const struct mote_blob_step_info *step = &blob->steps[i];
        mote_cli_table_cell(&table, "%zu", i);
        mote_cli_table_cell(&table, "%s", step->kernel);
        mote_cli_table_cell(&table, "%s%u-%u", step->last_row_first ? "last first, " : "", (unsigned)step->row_begin,
                            (unsigned)step->row_end);
        mote_cli_table_cell(&table, "%u", (unsigned)step->output_offset);
        for (size_t k = 0; k < 2; k++)
            mote_cli_table_cell(&table, "%s", k < step->input_count ? mote_cli_number(step->input_offset[k]).text : "");
        mote_cli_table_cell(&table, "%zu", step->params_at);
        mote_cli_table_cell(&table, "%zu", step->params_bytes);
    }
    return mote_cli_table_print(&table);
}

static json_t *steps_json(const struct mote_blob_info *blob)
{
    json_t *array = json_array();
    for (size_t i = 0; i < blob->step_count; i++) {
        const struct mote_blob_step_info *step = &blob->steps[i];
        json_t *inputs = json_array();
        for (size_t k = 0; k < step->input_count; k++) json_array_append_new(inputs, json_integer(step->input_offset[k]));
        json_array_append_new(array, json_pack("{s:s, s:I, s:I, s:b, s:I, s:o, s:I, s:I}", "kernel", step->kernel, "row_begin",
                                               (json_int_t)step->row_begin, "row_end", (json_int_t)step->row_end,
                                               "last_row_first", step->last_row_first, "output_offset",
                                               (json_int_t)step->output_offset, "input_offsets", inputs, "params_at",
                                               (json_int_t)step->params_at, "params_bytes", (json_int_t)step->params_bytes));
    }
    return array;
}

static json_t *blob_json(const struct mote_blob_info *blob, const struct mote_model_info *model)
{
    return json_pack("{s:s, s:i, s:i, s:I, s:I, s:I, s:i, s:i, s:b, s:o, s:o, s:o}", "target", blob->target, "version",
                     (int)blob->version, "abi", (int)blob->abi, "bytes", (json_int_t)blob->bytes, "checksum",
                     (json_int_t)blob->checksum, "arena_bytes", (json_int_t)blob->arena_bytes, "pointer_bytes",
                     (int)blob->pointer_bytes, "alignment_bytes", (int)blob->alignment_bytes, "self_test", blob->has_self_test,
                     "inputs", mote_cli_json_tensors(model->inputs, model->input_count), "outputs",
                     mote_cli_json_tensors(model->outputs, model->output_count), "steps", steps_json(blob));
}

bool mote_cli_show_blob(struct mote_cli_session *session)
{
    const struct mote_blob_info *blob = mote_blob_info(session->mote);
    const struct mote_model_info *model = mote_model_info(session->mote);
    if (session->json) {
        json_object_set_new(session->json, "blob", blob_json(blob, model));
        return true;
    }
    print_header(blob, model);
    return print_steps(blob);
}
