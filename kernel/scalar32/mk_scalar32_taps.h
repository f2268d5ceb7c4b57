/* mk_scalar32_taps.h: sums of depthwise filters of any shape at one position. */
#ifndef MK_SCALAR32_TAPS_H
#define MK_SCALAR32_TAPS_H

#include "mote_kernel.h"

/* Assembly knows the layout. */
struct mk_scalar32_taps {
    const int8_t *const *list, *const *list_end; /* the inputs of each tap, from channel 0 on */
    const int8_t *weights;                       /* of channel 0, then of the other channels, tap by tap */
    uint32_t channels;
    const int32_t *starts; /* of the first channel to be summed */
    int32_t *sums;         /* the same */
    uint32_t first, quads; /* that channel, and how many times four there are; at least 1 */
};

void mk_scalar32_sum_taps(const struct mk_scalar32_taps *t);

#endif
