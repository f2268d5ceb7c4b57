/* mk_armv7em_fill.h: padding in 16 bits. */
#ifndef MK_ARMV7EM_FILL_H
#define MK_ARMV7EM_FILL_H

#include "mote_kernel.h"

/* Both halves of words [to, end), `at_once` at a time, 4 or 16, of which they are a multiple. */
static inline void mk_armv7em_fill(int32_t *to, const int32_t *end, int16_t value, uint32_t at_once)
{
    struct four {
        int32_t words[4];
    };
    const uint32_t half = (uint16_t)value;
    const int32_t word = (int32_t)(half | half << 16);
    const struct four words = {{word, word, word, word}};
    for (; to != end; to += at_once) {
        struct four *const fours = (struct four *)(void *)to;
        fours[0] = words;
        if (at_once == 16) fours[1] = fours[2] = fours[3] = words;
    }
}

#endif
