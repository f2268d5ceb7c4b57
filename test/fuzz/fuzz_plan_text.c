/* The text form of plans from any bytes, on to the plan's verifier. */
#include "check.h"
#include "plan/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_plan *plan = NULL;
    mote_arena_init(&arena, FUZZ_ARENA_BYTES);
    mote_diag_init(&diag, "fuzz");
    const enum mote_status status = mote_plan_parse((const char *)data, size, &arena, &plan, &diag);
    fuzz_require((status == MOTE_OK) == (plan != NULL), "a plan comes with success only");
    fuzz_require(status == MOTE_OK || diag.count > 0, "a text that is refused is told why");
    if (plan) {
        fuzz_check_plan_text(plan);
        const size_t before = diag.count;
        const bool small = plan->arena_bytes <= FUZZ_SIMULATED_BYTES;
        const bool verified = small && mote_plan_verify(plan, &diag) == MOTE_OK;
        fuzz_require(!small || verified || diag.count > before, "a plan that does not verify is told why");
    }
    mote_diag_free(&diag);
    mote_arena_free(&arena);
    return 0;
}
