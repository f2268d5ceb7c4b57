/* mk_avr_exact.h: a sum to an output byte by the reference's arithmetic (mk_avr_exact.S), for the few results that the short
 * way of mk_avr_tile.h leaves open. */
#ifndef MK_AVR_EXACT_H
#define MK_AVR_EXACT_H

#include "mote_kernel.h"

#include "mk_avr_layout.h"

/* to->field = an address in flash, as assembly takes it: 16 bits and, on chips that have banks, field_bank. */
#if defined(__AVR_HAVE_ELPM__)
#define MK_AVR_SET_FLASH(to, field, address)                                                                                       \
    ((to)->field = (uint16_t)(mk_flash_address)(address), (to)->field##_bank = (uint8_t)((mk_flash_address)(address) >> 16))
#elif defined(__AVR__)
#define MK_AVR_SET_FLASH(to, field, address) ((to)->field = (uint16_t)(address))
#else
#define MK_AVR_SET_FLASH(to, field, address) ((to)->field = (address))
#endif

/* How a layer requantises; the layout is that of mk_avr_layout.h on AVR. An exact record has eight bytes: the record's offset
 * c (24 bits), -shift, and the multiplier (32 bits). */
struct mk_avr_requant {
    uint8_t ambiguous_from;
    uint8_t range; /* the outputs are act_min to act_min + range */
    int8_t act_min;
    uint8_t below; /* zero point - act_min */
#if defined(__AVR__)
    uint16_t exact;
    uint8_t exact_bank;
#else
    const uint8_t *exact;
#endif
    uint8_t exact_step; /* from channel to channel: 8, or 0 if one record serves all */
};

static inline void mk_avr_requant_configure(struct mk_avr_requant *q, const struct mk_conv_avr *c)
{
    q->ambiguous_from = (uint8_t)c->ambiguous_from;
    q->range = (uint8_t)c->range;
    q->act_min = (int8_t)c->act_min;
    q->below = (uint8_t)c->below;
    MK_AVR_SET_FLASH(q, exact, c->exact);
    q->exact_step = (uint8_t)c->exact_step;
}

/* The output byte for x + c, where x is a sum of the channel with its bias; within 24 signed bits. */
int8_t mk_avr_requantize_exactly(const struct mk_avr_requant *q, uint16_t channel, int32_t sum);

#endif
