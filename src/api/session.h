/* session.h: what a session holds. The files of src/api are the one place that joins the stages. */
#ifndef MOTE_API_SESSION_H
#define MOTE_API_SESSION_H

#include "mote.h"

#include "../base/arena.h"
#include "../base/diag.h"
#include "../base/rng.h"
#include "../ir/graph.h"
#include "../blob/blob.h"
#include "../pass/pass.h"
#include "../plan/plan.h"

struct mote {
    struct mote_diag diag;
    struct mote_progress progress;

    struct mote_arena model_arena;     /* replaced by mote_load */
    char *model_path;                  /* NULL before a model is loaded */
    struct mote_graph *source;         /* as imported */
    struct mote_graph *graph;          /* after the passes */
    struct mote_channel_report channel_report; /* what remove_channels did, operator by operator */
    struct mote_model_info *model_info;
    struct mote_blob *blob;            /* what was loaded is a finished plan: there is no model, graph holds its ports only */
    struct mote_blob_info *blob_info;

    struct mote_arena plan_arena;      /* replaced by mote_plan */
    struct mote_plan *plan;
    struct mote_plan_info *plan_info;

    const struct mote_target *runtime_target; /* of the kernels collected for a firmware; NULL: none yet */
    bool runtime_kernels[MOTE_KERNEL_COUNT];
    bool runtime_streams;             /* one of the models is a stream */

    struct mote_arena result_arena;    /* replaced by each run or verification */
    struct mote_arena data_arena;      /* vectors read from files: until mote_free */

    struct mote_message *messages;     /* view of diag for the caller */
    size_t message_capacity;
};

/* False if the caller wants to stop. */
bool mote_session_report(struct mote *mote, const char *what, size_t done, size_t total);

/* Plans `graph` on the host with memory of its own for every tensor: the reference that targets are compared with. */
MOTE_MUST_CHECK enum mote_status mote_session_reference(struct mote *mote, const struct mote_graph *graph,
                                                        struct mote_arena *arena, struct mote_plan **plan);

/* MOTE_ERR_INPUT if nothing is planned yet; */
MOTE_MUST_CHECK enum mote_status mote_session_needs_plan(struct mote *mote);

/* MOTE_ERR_NO_FIT, besides, if the plan does not fit, and so nothing was `done`, as "written". */
MOTE_MUST_CHECK enum mote_status mote_session_needs_fit(struct mote *mote, const char *done);

/* MOTE_ERR_UNSUPPORTED if a blob is loaded: `what` needs a model. */
MOTE_MUST_CHECK enum mote_status mote_session_needs_model(struct mote *mote, const char *what);

/* Fills one input vector (all graph inputs in order): integers uniform over their type, floats uniform in [-1, 1). */
void mote_session_random_vector(const struct mote_graph *graph, struct mote_rng *rng, uint8_t *vector);

#endif
