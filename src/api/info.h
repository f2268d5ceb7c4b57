/* info.h: views of graphs and plans for the caller. */
#ifndef MOTE_API_INFO_H
#define MOTE_API_INFO_H

#include "session.h"

/* Fill mote->model_info and mote->plan_info from the graph and the plan. */
MOTE_MUST_CHECK enum mote_status mote_info_model(struct mote *mote, const struct mote_pass_info *passes,
                                                 size_t pass_count);
MOTE_MUST_CHECK enum mote_status mote_info_plan(struct mote *mote, bool fits);

#endif
