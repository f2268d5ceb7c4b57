/* harness_size.c: the smallest program that holds the model, to measure flash and static RAM. */
#include "model_glue.h"

#include <stdint.h>

uint8_t mote_arena[GLUE_ARENA_BYTES] __attribute__((aligned(GLUE_ARENA_ALIGN)));

#ifndef GLUE_OPEN
#define GLUE_OPEN() 0
#endif

int main(void)
{
    if (GLUE_OPEN() != 0) return 1;
    for (;;) GLUE_RUN(mote_arena);
}
