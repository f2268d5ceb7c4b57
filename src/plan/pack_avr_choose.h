/* pack_avr_choose.h: which AVR kernel takes a convolution or fully connected layer: what each asks for, and what it costs by
 * estimate. */
#ifndef MOTE_PLAN_PACK_AVR_CHOOSE_H
#define MOTE_PLAN_PACK_AVR_CHOOSE_H

#include "pack_avr.h"

struct mote_pack_avr_kernel {
    const char *name;    /* NULL: none takes it */
    int32_t group;       /* channels whose weights lie side by side */
    int64_t stack_bytes; /* for inputs and weights, beyond what every kernel may take */
};

/* The fastest kernel for a layer of so many inputs per output; of a minor one, the fastest of those that earlier layers use, if any
 * does. The plan notes its stack. */
struct mote_pack_avr_kernel mote_pack_avr_choose(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps);

/* Of conv_2d_s8_held: weights in registers for a row of the filter, of which some may be zero. */
int64_t mote_pack_avr_held_taps(const struct mote_pack_conv *conv);

#endif
