#include "text.h"

#include <inttypes.h>
#include <string.h>

static void print_name(struct mote_text *text, const char *name)
{
    mote_text_append(text, "\"", 1);
    for (const unsigned char *c = (const unsigned char *)(name ? name : ""); *c; c++) {
        if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\') mote_text_printf(text, "\\x%02x", *c);
        else mote_text_append(text, (const char *)c, 1);
    }
    mote_text_append(text, "\"", 1);
}

const char *mote_plan_constant_type(enum mote_field_kind kind)
{
    switch (kind) {
    case MOTE_FIELD_FLASH_U8: return "u8";
    case MOTE_FIELD_FLASH_S8: return "s8";
    case MOTE_FIELD_FLASH_S16: return "s16";
    case MOTE_FIELD_FLASH_S32: return "s32";
    case MOTE_FIELD_FLASH_S64: return "s64";
    default: return NULL;
    }
}

/* The value's bits, whatever its type. */
static uint64_t load_bits(const void *at, size_t bytes)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (bytes) {
    case 1: memcpy(&u8, at, 1); return u8;
    case 2: memcpy(&u16, at, 2); return u16;
    case 4: memcpy(&u32, at, 4); return u32;
    default: memcpy(&u64, at, 8); return u64;
    }
}

static void print_constant(struct mote_text *text, int32_t index, const struct mote_constant *c)
{
    const size_t bytes = mote_field_value_bytes(c->kind), per_line = 40 / bytes;
    mote_text_printf(text, "constant %d ", (int)index);
    print_name(text, c->name);
    mote_text_printf(text, " %s %zu", mote_plan_constant_type(c->kind), c->count);
    for (size_t i = 0; i < c->count; i++)
        mote_text_printf(text, "%s%0*" PRIx64, i % per_line ? "" : "\n  ", (int)(2 * bytes),
                         load_bits((const char *)c->data + i * bytes, bytes));
    mote_text_printf(text, "\n");
}

static void print_buffer(struct mote_text *text, int32_t index, const struct mote_buffer *b)
{
    mote_text_printf(text, "buffer %d ", (int)index);
    print_name(text, b->name);
    mote_text_printf(text, " tensor %d bytes %" PRIu32 " align %" PRIu32 " steps %d %d at %" PRIu32, (int)b->tensor,
                     b->bytes, b->alignment_bytes, (int)b->first_step, (int)b->last_step, b->offset);
    if (b->planes.plane_words)
        mote_text_printf(text, " planes %u %u %u %u", b->planes.plane_words, b->planes.row_words, b->planes.first,
                         b->planes.edge_words);
    mote_text_append(text, "\n", 1);
}

static void print_value(struct mote_text *text, enum mote_field_kind kind, const void *at)
{
    const uint64_t bits = load_bits(at, mote_field_value_bytes(kind));
    switch (kind) {
    case MOTE_FIELD_S8: mote_text_printf(text, " %d", (int)(int8_t)bits); break;
    case MOTE_FIELD_S16: mote_text_printf(text, " %d", (int)(int16_t)bits); break;
    case MOTE_FIELD_S32: mote_text_printf(text, " %" PRId32, (int32_t)bits); break;
    case MOTE_FIELD_F32: mote_text_printf(text, " 0x%08" PRIx64, bits); break;
    default: mote_text_printf(text, " %" PRIu64, bits);
    }
}

static void print_params(struct mote_text *text, const struct mote_plan *plan, const struct mote_step *step)
{
    const struct mote_params_type *type = step->kernel->params;
    int slot = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mote_field *field = &type->fields[i];
        mote_text_printf(text, "  %s", field->name);
        if (mote_field_is_flash(field->kind)) {
            const int32_t constant = step->constants[slot++];
            if (constant < 0) mote_text_printf(text, " none");
            else {
                mote_text_printf(text, " #%d ", (int)constant);
                print_name(text, plan->constants[constant].name);
            }
        } else {
            const size_t bytes = mote_field_value_bytes(field->kind);
            for (size_t k = 0; k < field->array_length; k++)
                print_value(text, field->kind, (const char *)step->params + field->offset + k * bytes);
        }
        mote_text_printf(text, "\n");
    }
}

static void print_step(struct mote_text *text, const struct mote_plan *plan, int32_t index)
{
    const struct mote_step *step = &plan->steps[index];
    mote_text_printf(text, "step %d ", (int)index);
    print_name(text, step->name);
    mote_text_printf(text, " op %d kernel %s tensor %d rows %" PRIu32 " %" PRIu32 " descend %d completes %d macs %" PRId64 "\n",
                     (int)step->op, step->kernel->name, (int)step->tensor, step->row_begin, step->row_end,
                     step->rows_descend, step->completes_tensor, step->macs);
    for (int i = 0; i < step->kernel->input_count; i++) {
        const struct mote_operand *in = &step->inputs[i];
        mote_text_printf(text, "  in %d row %" PRIu32 " map %" PRIu32 " %" PRIu32 " %" PRId32 " %" PRId32 " window %" PRIu32 "\n",
                         (int)in->buffer, in->row_bytes, in->rows.out_rows, in->rows.in_rows, in->rows.stride,
                         in->rows.pad, in->window_rows);
    }
    if (step->kernel->takes_scratch) mote_text_printf(text, "  scratch %d\n", (int)step->scratch);
    mote_text_printf(text, "  out %d row %" PRIu32 "\n", (int)step->output.buffer, step->output.row_bytes);
    print_params(text, plan, step);
}

static void print_list(struct mote_text *text, const char *what, const int32_t *list, int32_t count)
{
    mote_text_printf(text, "%s", what);
    for (int32_t i = 0; i < count; i++) mote_text_printf(text, "%s%d", i && i % 24 == 0 ? "\n  " : " ", (int)list[i]);
    mote_text_printf(text, "\n");
}

void mote_plan_print(const struct mote_plan *plan, struct mote_text *text)
{
    const int32_t tensor_count = plan->graph ? plan->graph->tensor_count : plan->tensor_count;
    mote_text_printf(text, "plan 1 target ");
    print_name(text, plan->target ? plan->target->name : "");
    mote_text_printf(text, "\narena %" PRIu32 " align %" PRIu32 " bound %" PRIu32 " naive %" PRIu32 " descend %d\n",
                     plan->arena_bytes, plan->arena_alignment_bytes, plan->lower_bound_bytes, plan->naive_bytes,
                     plan->rows_may_descend);
    mote_text_printf(text, "flash %zu weights %zu macs %" PRId64 "\n", plan->constant_bytes, plan->weight_bytes,
                     plan->macs);
    mote_text_printf(text, "constants %d buffers %d steps %d inputs %d outputs %d tensors %d\n",
                     (int)plan->constant_count, (int)plan->buffer_count, (int)plan->step_count, (int)plan->input_count,
                     (int)plan->output_count, (int)tensor_count);
    for (int32_t i = 0; i < plan->constant_count; i++) print_constant(text, i, &plan->constants[i]);
    for (int32_t i = 0; i < plan->buffer_count; i++) print_buffer(text, i, &plan->buffers[i]);
    for (int32_t i = 0; i < plan->step_count; i++) print_step(text, plan, i);
    print_list(text, "inputs", plan->inputs, plan->input_count);
    print_list(text, "outputs", plan->outputs, plan->output_count);
    print_list(text, "tensors", plan->tensor_buffers, tensor_count);
    mote_text_printf(text, "end\n");
}
