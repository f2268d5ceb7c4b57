/* sim_bench.h: a library written by a test, built into an image and run on a target's simulator. */
#ifndef TEST_SUPPORT_SIM_BENCH_H
#define TEST_SUPPORT_SIM_BENCH_H

#include "../../src/sim/sim.h"

struct sim_bench {
    char folder[512]; /* holds the library's sources and model_glue.h */
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_sim_job job;
    struct mote_sim_result result; /* lives in the arena */
};

/* The target of that name if its compiler and simulator are installed; else says what is missing and returns NULL. */
const struct mote_target *sim_bench_target(const char *name);

/* An empty folder and a job on the target; fails the test if there can be none. To be ended. */
void sim_bench_begin(struct sim_bench *bench, const struct mote_target *target);
void sim_bench_end(struct sim_bench *bench);

/* Writes one file of the library. */
void sim_bench_put(const struct sim_bench *bench, const char *name, const char *text);

/* Builds and runs; a failure fails the test, with what was said. */
void sim_bench_must_run(struct sim_bench *bench);

#endif
