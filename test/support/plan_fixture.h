/* plan_fixture.h: a graph and its plan in an arena, run on memory full of junk and compared with golden vectors; for cmocka
 * tests. */
#ifndef TEST_SUPPORT_PLAN_FIXTURE_H
#define TEST_SUPPORT_PLAN_FIXTURE_H

#include "../../src/plan/plan.h"

struct plan_fixture {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph;
    struct mote_plan *plan;
};

void plan_fixture_begin(struct plan_fixture *f);
void plan_fixture_end(struct plan_fixture *f);

/* Fails the test, and prints the diagnostics, unless status is MOTE_OK. */
void plan_fixture_require_ok(const struct plan_fixture *f, enum mote_status status);

/* Models and golden vectors are in ../shared. */
bool plan_fixture_has_models(void);

/* Reads ../shared/models/NAME.tflite into the graph, before any pass. */
void plan_fixture_load(struct plan_fixture *f, const char *name);

/* Memory of its own block, so that the sanitizer sees its ends, full of junk; the caller frees it. */
uint8_t *plan_fixture_junk(size_t bytes);

/* The outputs of one vector; the caller frees them. */
uint8_t *plan_fixture_run(const struct mote_plan *plan, const uint8_t *input);

/* Runs the plan on ../shared/golden/NAME + in_suffix; fails the test unless NAME + out_suffix comes out. */
void plan_fixture_check_golden(struct plan_fixture *f, const char *name, const char *in_suffix, const char *out_suffix);

#endif
