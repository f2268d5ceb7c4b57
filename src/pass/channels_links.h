/* channels_links.h: see channels_links.c. */
#ifndef MOTE_PASS_CHANNELS_LINKS_H
#define MOTE_PASS_CHANNELS_LINKS_H

#include "channels.h"

/* Joins channels that the operator only handles together, marks as needed those it cannot spare. What a weighted
 * operator needs by its weights is not looked at. */
void mote_channels_link(struct mote_channel_sets *sets, int32_t op_index);
/* All channels of the tensor are needed. */
void mote_channels_pin(struct mote_channel_sets *sets, int32_t tensor);

#endif
