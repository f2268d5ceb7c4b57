/* harness_size.c: the smallest program that holds the model, to measure flash and static RAM. */
#include "model_glue.h"

#include <stdint.h>

uint8_t mote_arena[GLUE_ARENA_BYTES] __attribute__((aligned(GLUE_ARENA_ALIGN)));

int main(void)
{
    for (;;) GLUE_RUN(mote_arena);
}
