#include "rng.h"

void mote_rng_seed(struct mote_rng *rng, uint64_t seed)
{
    rng->state = seed;
}

uint64_t mote_rng_next(struct mote_rng *rng)
{
    rng->state += UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio, made odd */
    uint64_t z = rng->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t mote_rng_below(struct mote_rng *rng, uint64_t bound)
{
    /* The first 2^64 mod bound values would make small results more likely: draw again. */
    const uint64_t rejected = (UINT64_MAX - bound + 1) % bound;
    uint64_t value = mote_rng_next(rng);
    while (value < rejected) value = mote_rng_next(rng);
    return value % bound;
}

double mote_rng_unit(struct mote_rng *rng)
{
    return (double)(mote_rng_next(rng) >> 11) * 0x1p-53;
}

void mote_rng_fill(struct mote_rng *rng, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i += 8) {
        const uint64_t word = mote_rng_next(rng);
        for (size_t j = i; j < count && j < i + 8; j++) bytes[j] = (uint8_t)(word >> (8 * (j - i)));
    }
}
