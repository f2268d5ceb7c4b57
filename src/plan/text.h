/* text.h: plans as text, and back. The text holds everything but the graph: it can be read, compared, and run. */
#ifndef MOTE_PLAN_TEXT_H
#define MOTE_PLAN_TEXT_H

#include "../base/text.h"
#include "plan.h"

/* Appends the plan. Numbers are decimal, floats and constants hexadecimal (each element most significant digit first);
 * names are quoted, with \xNN for what does not print. */
void mote_plan_print(const struct mote_plan *plan, struct mote_text *text);

/* Reads what mote_plan_print wrote; printing the result gives the same text. The text may come from anywhere: memory is
 * at most some ten times its length, nothing recurses, and errors (MOTE_ERR_INPUT) name the line. The plan, all of it in
 * the arena, has no graph and is well-formed as text only: mote_plan_verify says whether it may be run. */
MOTE_MUST_CHECK enum mote_status mote_plan_parse(const char *text, size_t bytes, struct mote_arena *arena,
                                                 struct mote_plan **plan, struct mote_diag *diag);

/* Names of the element types of constants: "s8"; NULL for kinds that are no constants. */
const char *mote_plan_constant_type(enum mote_field_kind kind);

#endif
