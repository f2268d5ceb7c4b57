/* Blobs from any bytes: the chip's loader, mote's reader, the judge of parameters, and the run of what passes them all. The
 * checksum is repaired first, or nothing would get far; the bytes as they are go to both loaders, too. */
#include "blob/blob.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

#define MOST_WORK 2e6 /* turns of inner loops: a second at most under the sanitizers */

static void run(const struct mote_blob *blob, struct mote_arena *arena, struct mote_diag *diag)
{
    const struct mk_blob_plan *plan = &blob->header.plan;
    size_t in = 0, out = 0;
    for (int i = 0; i < plan->input_count + plan->output_count; i++) *(i < plan->input_count ? &in : &out) += blob->ports[i].bytes;
    uint8_t *memory = malloc(plan->arena_bytes ? plan->arena_bytes : 1); /* exact, so that a step past its end is seen */
    uint8_t *input = mote_arena_calloc(arena, in, 1), *output = mote_arena_calloc(arena, out, 1);
    if (memory && input && output) {
        memset(memory, 0x5a, plan->arena_bytes);
        fuzz_require(mote_blob_run(blob, memory, input, output, diag) == MOTE_OK, "a blob that was opened runs");
    }
    free(memory);
}

static void try_bytes(const uint8_t *bytes, size_t size)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_blob *blob = NULL;
    struct mk_blob opened;
    double work = 0;
    mote_arena_init(&arena, FUZZ_ARENA_BYTES);
    mote_diag_init(&diag, "fuzz");
    const enum mk_blob_error error = mk_blob_open(&opened, bytes, (uint32_t)size);
    const enum mote_status status = mote_blob_read(bytes, size, &arena, &blob, &diag);
    fuzz_require((status == MOTE_OK) == (blob != NULL), "a blob comes with success only");
    fuzz_require(status == MOTE_OK || diag.count > 0, "a blob that is refused is told why");
    if (blob && blob->target->simulator == MOTE_SIM_HOST && blob->header.plan.arena_bytes <= FUZZ_SIMULATED_BYTES &&
        mote_blob_check(blob, &work, &diag) == MOTE_OK && work <= MOST_WORK && error == MK_BLOB_OK)
        run(blob, &arena, &diag);
    mote_diag_free(&diag);
    mote_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mk_blob_header header;
    uint8_t *copy = size ? malloc(size) : NULL; /* aligned, which data need not be */
    if (!copy) return 0;
    memcpy(copy, data, size);
    try_bytes(copy, size);
    if (size >= sizeof header) {
        const uint32_t from = offsetof(struct mk_blob_header, target);
        memcpy(&header, copy, sizeof header);
        header.magic = MK_BLOB_MAGIC;
        header.version = MK_BLOB_VERSION;
        header.abi = MK_ABI;
        header.bytes = (uint32_t)size;
        memcpy(copy, &header, sizeof header);
        header.checksum = mk_blob_checksum(copy, from, header.bytes - from);
        memcpy(copy, &header, sizeof header);
        try_bytes(copy, size);
    }
    free(copy);
    return 0;
}
