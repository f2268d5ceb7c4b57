/* rng.h: repeatable random numbers for test vectors and verification. Not for secrets. */
#ifndef MOTE_BASE_RNG_H
#define MOTE_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. The whole state is one
 * word, so a seed names a sequence; equal on every host. */
struct mote_rng {
    uint64_t state;
};

void mote_rng_seed(struct mote_rng *rng, uint64_t seed);

uint64_t mote_rng_next(struct mote_rng *rng);

/* Uniform in 0..bound-1, without bias; bound must not be 0. */
uint64_t mote_rng_below(struct mote_rng *rng, uint64_t bound);

/* Uniform in [0, 1), a multiple of 2^-53. */
double mote_rng_unit(struct mote_rng *rng);

void mote_rng_fill(struct mote_rng *rng, uint8_t *bytes, size_t count);

#endif
