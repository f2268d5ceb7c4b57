/* tiny_library.h: a library of one small model written by a test, run on a target's simulator: eight bytes in, eight out. */
#ifndef TEST_SUPPORT_TINY_LIBRARY_H
#define TEST_SUPPORT_TINY_LIBRARY_H

#include "sim_bench.h"

enum { TINY_LIBRARY_ARENA_BYTES = 64, TINY_LIBRARY_VECTOR_BYTES = 8 };

/* The inputs of both vectors; they lie at the arena's beginning, the outputs from byte 16 on. */
extern const uint8_t tiny_library_vectors[2 * TINY_LIBRARY_VECTOR_BYTES];

/* A folder with the model, which defines `void model_run(uint8_t *arena)`, and a job for both vectors. To be ended by
 * sim_bench_end. */
void tiny_library_begin(struct sim_bench *bench, const struct mote_target *target, const char *model_text);

/* Another size of the arena. */
void tiny_library_put_glue(const struct sim_bench *bench, unsigned arena_bytes);

/* Runs a model once and returns what it measured; the arena-held parts of the result are gone. */
struct mote_sim_result tiny_library_measure(const struct mote_target *target, const char *model_text);

/* Runs a model that must fail with this status and a text that contains `words`, and ends the bench. */
void tiny_library_must_fail(struct sim_bench *bench, enum mote_status expected, const char *words);

#endif
