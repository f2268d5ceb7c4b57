/* check.h: what must hold of every graph and plan that a fuzz target gets out of its input; aborts where it does not. */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include "ir/graph.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The most memory that the target gives to one input. */
#define FUZZ_ARENA_BYTES ((size_t)128 << 20)

/* The plan's verifier simulates every byte of the arena, in time and memory; larger arenas teach nothing new. */
#define FUZZ_SIMULATED_BYTES ((uint32_t)1 << 16)

/* Aborts with the text unless the condition holds. */
void fuzz_require(bool condition, const char *text);

/* Verifies the graph; one that passes must print and parse to itself, and any plan made of it for the chip that `choice`
 * picks must verify and survive its text form. */
void fuzz_check_graph(const struct mote_graph *graph, unsigned choice);

/* The plan must print, parse and print the same. */
void fuzz_check_plan_text(const struct mote_plan *plan);

#endif
