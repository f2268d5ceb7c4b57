/* mk_blob_open.c: is it a blob that this firmware can run? */
#include "mk_blob.h"

/* CRC-32 of the bytes 0 to 15, and of 0, 16, ... 240: that of any byte is the sum of two of them. */
static MK_FLASH uint32_t mk_blob_crcs[32] = {
    0x00000000, 0x77073096, 0xee0e612c, 0x990951ba, 0x076dc419, 0x706af48f, 0xe963a535, 0x9e6495a3,
    0x0edb8832, 0x79dcb8a4, 0xe0d5e91e, 0x97d2d988, 0x09b64c2b, 0x7eb17cbd, 0xe7b82d07, 0x90bf1d91,
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

static uint32_t mk_blob_crc_of(uint8_t index)
{
    MK_FLASH void *entry = mk_flash_skip_s8((MK_FLASH int8_t *)mk_blob_crcs, (uint8_t)(4u * index));
    return (uint32_t)mk_flash_s32(entry);
}

uint32_t mk_blob_checksum(MK_FLASH uint8_t *begin, uint32_t at, uint32_t count)
{
    uint32_t crc = ~UINT32_C(0);
    while (count > 0) {
        uint8_t bytes[32];
        const uint8_t some = (uint8_t)(count < sizeof bytes ? count : sizeof bytes);
        mk_blob_read(begin, at, bytes, some);
        at += some;
        count -= some;
        for (uint8_t i = 0; i < some; i++) {
            const uint8_t index = (uint8_t)((uint8_t)crc ^ bytes[i]);
            crc = (crc >> 8) ^ mk_blob_crc_of(index & 15u) ^ mk_blob_crc_of((uint8_t)(16u + (index >> 4)));
        }
    }
    return ~crc;
}

static uint8_t mk_blob_is_inside(uint32_t at, uint32_t bytes, uint32_t all_bytes)
{
    return at <= all_bytes && bytes <= all_bytes - at;
}

static enum mk_blob_error mk_blob_check_header(const struct mk_blob_header *header, uint32_t most_bytes)
{
    if (header->magic != MK_BLOB_MAGIC) return MK_BLOB_NO_BLOB;
    if (header->version != MK_BLOB_VERSION || header->abi != MK_ABI) return MK_BLOB_OTHER_VERSION;
    if (header->pointer_bytes != sizeof(MK_FLASH void *) || header->alignment_bytes != MK_BLOB_ALIGNMENT)
        return MK_BLOB_OTHER_CHIP;
    if (header->bytes > most_bytes || header->bytes < sizeof *header) return MK_BLOB_CUT_OFF;
    return MK_BLOB_OK;
}

/* The tables lie in the blob, and what ports name lies in the arena. */
static enum mk_blob_error mk_blob_check_ports(MK_FLASH uint8_t *begin, const struct mk_blob_header *header)
{
    const struct mk_blob_plan *plan = &header->plan;
    uint16_t count = (uint16_t)(plan->input_count + plan->output_count);
    uint32_t at = plan->ports_at, test_bytes = 4;
    if (!mk_blob_is_inside(plan->steps_at, plan->step_count * (uint32_t)sizeof(struct mk_blob_step), header->bytes) ||
        !mk_blob_is_inside(at, count * (uint32_t)sizeof(struct mk_blob_port), header->bytes))
        return MK_BLOB_OUT_OF_BOUNDS;
    for (uint16_t i = 0; i < count; i++, at += (uint32_t)sizeof(struct mk_blob_port)) {
        uint32_t span[2]; /* offset, bytes */
        mk_blob_read(begin, at, span, sizeof span);
        /* a stream's input is never whole */
        if (!(plan->stream_at && i < plan->input_count) && !mk_blob_is_inside(span[0], span[1], plan->arena_bytes))
            return MK_BLOB_OUT_OF_BOUNDS;
        if (i >= plan->input_count || !plan->test_at) continue;
        /* all inputs together, too: their sum must not wrap */
        if (span[1] > header->bytes - test_bytes) return MK_BLOB_OUT_OF_BOUNDS;
        test_bytes += span[1];
    }
    if (plan->test_at && !mk_blob_is_inside(plan->test_at, test_bytes, header->bytes)) return MK_BLOB_OUT_OF_BOUNDS;
    return MK_BLOB_OK;
}

/* The pointers at the end of a step's parameters name places in the blob. */
static uint8_t mk_blob_pointers_are_inside(MK_FLASH uint8_t *begin, uint32_t end, uint8_t pointers, uint32_t all_bytes)
{
    for (; pointers > 0; pointers--) {
        uint32_t place[2] = {0, 0}; /* pointers have 2, 3, 4 or 8 bytes */
        end -= (uint32_t)sizeof(MK_FLASH void *);
        mk_blob_read(begin, end, place, sizeof(MK_FLASH void *));
        if (place[1] || place[0] > all_bytes || place[0] % MK_BLOB_ALIGNMENT) return 0;
    }
    return 1;
}

static enum mk_blob_error mk_blob_check_step(MK_FLASH uint8_t *begin, uint32_t at, const struct mk_blob_header *header)
{
    struct mk_blob_step step;
    struct mk_blob_kernel kernel;
    mk_blob_read(begin, at, &step, sizeof step);
    if (mk_blob_find_kernel(step.kernel, &kernel) == MK_BLOB_NO_KERNEL) return MK_BLOB_UNKNOWN_KERNEL;
    if (step.params_bytes != kernel.params_bytes) return MK_BLOB_OTHER_VERSION;
    if (!mk_blob_is_inside(step.params_at, step.params_bytes, header->bytes) ||
        !mk_blob_pointers_are_inside(begin, step.params_at + step.params_bytes, kernel.pointer_count, header->bytes))
        return MK_BLOB_OUT_OF_BOUNDS;
    const uint32_t offsets[3] = {step.in[1], step.in[0], step.out};
    for (uint8_t i = 0, alignment = kernel.second_alignment_bytes; i < 3; i++, alignment = kernel.alignment_bytes)
        if (offsets[i] > header->plan.arena_bytes || offsets[i] % alignment) return MK_BLOB_OUT_OF_BOUNDS;
    return MK_BLOB_OK;
}

#if !defined(MK_BLOB_WITHOUT_STREAMS)
/* Every row of the input is taken once, from the top, the first one first; together they are input_bytes. */
static uint8_t mk_blob_events_are_sound(MK_FLASH uint8_t *begin, const struct mk_blob_stream *stream, uint16_t step_count,
                                        uint32_t input_bytes)
{
    uint16_t taken = 0;
    for (uint16_t i = 0; i < stream->event_count; i++) {
        struct mk_blob_event event;
        mk_blob_read(begin, stream->events_at + i * (uint32_t)sizeof event, &event, sizeof event);
        if (event.step != MK_BLOB_TAKE) {
            if (event.step >= step_count || i == 0) return 0;
            continue;
        }
        if (event.row != taken || stream->row_bytes > input_bytes) return 0;
        input_bytes -= stream->row_bytes;
        taken++;
    }
    return taken == stream->input_rows && input_bytes == 0;
}

/* Whichever row a step is asked for, it finds rows among the operand's own: those must be places. */
static uint8_t mk_blob_operands_are_sound(MK_FLASH uint8_t *begin, const struct mk_blob_stream *stream,
                                          const struct mk_blob_plan *plan)
{
    uint8_t which = 0; /* output, first input, second input */
    for (uint32_t i = 0; i < 3 * (uint32_t)plan->step_count; i++, which = (uint8_t)(which == 2 ? 0 : which + 1)) {
        struct mk_blob_operand operand;
        mk_blob_read(begin, stream->operands_at + i * (uint32_t)sizeof operand, &operand, sizeof operand);
        if (!operand.rows || !mk_blob_is_inside(operand.first, operand.rows, stream->place_count) ||
            operand.window > (which == 1 ? MK_BLOB_MOST_WINDOW : 0) || operand.offset > plan->arena_bytes)
            return 0;
    }
    return 1;
}

/* The tables of a stream lie in the blob, and name nothing that is not there. */
static uint8_t mk_blob_stream_is_sound(MK_FLASH uint8_t *begin, const struct mk_blob_header *header)
{
    const struct mk_blob_plan *plan = &header->plan;
    struct mk_blob_stream stream;
    uint32_t input_bytes;
    if (plan->input_count != 1 || !mk_blob_is_inside(plan->stream_at, sizeof stream, header->bytes)) return 0;
    mk_blob_read(begin, plan->stream_at, &stream, sizeof stream);
    mk_blob_read(begin, plan->ports_at + (uint32_t)offsetof(struct mk_blob_port, bytes), &input_bytes, sizeof input_bytes);
    if (!stream.event_count || !mk_blob_is_inside(stream.first_input, stream.input_rows, stream.place_count) ||
        !mk_blob_is_inside(stream.events_at, stream.event_count * (uint32_t)sizeof(struct mk_blob_event), header->bytes) ||
        !mk_blob_is_inside(stream.operands_at, 3 * (uint32_t)plan->step_count * sizeof(struct mk_blob_operand), header->bytes) ||
        !mk_blob_is_inside(stream.places_at, 4 * (uint32_t)stream.place_count, header->bytes))
        return 0;
    for (uint16_t i = 0; i < stream.place_count; i++) {
        uint32_t offset;
        mk_blob_read(begin, stream.places_at + 4 * (uint32_t)i, &offset, sizeof offset);
        /* the application writes whole rows of the input */
        const uint8_t is_input = (uint16_t)(i - stream.first_input) < stream.input_rows;
        if (!mk_blob_is_inside(offset, is_input ? stream.row_bytes : 0, plan->arena_bytes)) return 0;
    }
    return mk_blob_operands_are_sound(begin, &stream, plan) &&
           mk_blob_events_are_sound(begin, &stream, plan->step_count, input_bytes);
}
#endif

enum mk_blob_error mk_blob_open(struct mk_blob *blob, MK_FLASH void *bytes, uint32_t most_bytes)
{
    struct mk_blob_header header;
    MK_FLASH uint8_t *begin = bytes;
    if (most_bytes < sizeof header) return MK_BLOB_CUT_OFF;
#if !defined(__AVR__)
    if ((uintptr_t)begin % MK_BLOB_ALIGNMENT) return MK_BLOB_OTHER_CHIP;
#endif
    mk_blob_read(begin, 0, &header, sizeof header);
    enum mk_blob_error error = mk_blob_check_header(&header, most_bytes);
    if (error != MK_BLOB_OK) return error;
    const uint8_t summed_from = offsetof(struct mk_blob_header, target);
    if (mk_blob_checksum(begin, summed_from, header.bytes - summed_from) != header.checksum) return MK_BLOB_DAMAGED;
    error = mk_blob_check_ports(begin, &header);
#if defined(MK_BLOB_WITHOUT_STREAMS)
    if (header.plan.stream_at) error = MK_BLOB_NO_STREAMS;
#else
    if (error == MK_BLOB_OK && header.plan.stream_at && !mk_blob_stream_is_sound(begin, &header)) error = MK_BLOB_OUT_OF_BOUNDS;
#endif
    uint32_t at = header.plan.steps_at;
    for (uint16_t i = header.plan.step_count; i > 0 && error == MK_BLOB_OK; i--, at += (uint32_t)sizeof(struct mk_blob_step))
        error = mk_blob_check_step(begin, at, &header);
    if (error != MK_BLOB_OK) return error;
    blob->bytes = begin;
    blob->plan = header.plan;
    blob->next_event = 0;
    return MK_BLOB_OK;
}
