/* run.c: a firmware for blobs that is this process: all kernels there are, and the loop that chips have. */
#include "blob.h"

#include "../eval/eval.h"

#include <string.h>

_Static_assert((int)MOTE_KERNEL_COUNT < (int)MK_BLOB_NO_KERNEL, "blobs number a firmware's kernels in a byte");

uint8_t mk_blob_kernel(uint8_t index, struct mk_blob_kernel *kernel)
{
    if (index >= MOTE_KERNEL_COUNT) return 0;
    *kernel = mote_blob_kernel(mote_kernel_get((enum mote_kernel_id)index), mote_blob_layout_of(mote_target_find("host")));
    return 1;
}

void mk_blob_call(uint8_t index, const struct mk_blob_call *call)
{
    const struct mote_eval_operands at = {call->out, call->in[0], call->in[1], call->in[1]};
    mote_eval_call((enum mote_kernel_id)index, &at, call->params, call->row_begin, call->row_end);
}

enum mote_status mote_blob_run(const struct mote_blob *blob, uint8_t *memory, const uint8_t *input, uint8_t *output,
                               struct mote_diag *diag)
{
    struct mk_blob opened;
    const enum mk_blob_error error = mk_blob_open(&opened, blob->bytes, blob->header.bytes);
    if (error != MK_BLOB_OK) return mote_error(diag, MOTE_ERR_INPUT, "blob: %s", mote_blob_error_text(error));
    const struct mk_blob_port *ports = blob->ports, *outputs = ports + blob->header.plan.input_count;
    if (blob->header.plan.stream_at) {
        do {
            memcpy(mk_blob_next_row(&opened, memory), input, blob->stream.row_bytes);
            input += blob->stream.row_bytes;
        } while (!mk_blob_push_row(&opened, memory));
    } else {
        for (uint8_t i = 0; i < blob->header.plan.input_count; i++) {
            memcpy(memory + ports[i].offset, input, ports[i].bytes);
            input += ports[i].bytes;
        }
        mk_blob_run(&opened, memory);
    }
    for (uint8_t i = 0; i < blob->header.plan.output_count; i++) {
        memcpy(output, memory + outputs[i].offset, outputs[i].bytes);
        output += outputs[i].bytes;
    }
    return MOTE_OK;
}
