/* blob.h: sessions whose model is a blob: a finished plan. */
#ifndef MOTE_API_BLOB_H
#define MOTE_API_BLOB_H

#include "session.h"

/* Of a blob in the session's model arena: graph and model_info hold its inputs and outputs, and no operator. */
MOTE_MUST_CHECK enum mote_status mote_api_blob_load(struct mote *mote, const uint8_t *bytes, size_t size_bytes);
/* The plan that the blob is; target and options may not ask for another. */
MOTE_MUST_CHECK enum mote_status mote_api_blob_plan(struct mote *mote, const struct mote_target *target,
                                                    const struct mote_plan_options *options);

/* The session's plan as a blob in the arena, or the one that is loaded. test may be NULL. */
MOTE_MUST_CHECK enum mote_status mote_api_blob_get(struct mote *mote, const struct mote_blob_test *test,
                                                   struct mote_arena *arena, const struct mote_blob **blob);

#endif
