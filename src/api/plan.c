#include "info.h"

#include "../plan/draw.h"
#include "../plan/text.h"

#include <stdio.h>

static void forget_plan(struct mote *mote)
{
    mote_arena_free(&mote->plan_arena);
    mote->plan = NULL;
    mote->plan_info = NULL;
}

enum mote_status mote_plan(struct mote *mote, const char *target_name)
{
    if (!mote->graph) return mote_error(&mote->diag, MOTE_ERR_INPUT, "no model is loaded");
    const struct mote_target *target = mote_target_find(target_name);
    if (!target)
        return mote_error(&mote->diag, MOTE_ERR_INPUT, "unknown target \"%s\": `mote targets` lists them", target_name);
    forget_plan(mote);
    enum mote_status status = mote_plan_build(mote->graph, target, &mote->plan_arena, &mote->plan, &mote->diag);
    if (status == MOTE_OK) status = mote_plan_verify(mote->plan, &mote->diag);
    if (status != MOTE_OK) {
        forget_plan(mote);
        return status;
    }
    const enum mote_status fit = mote_plan_check_fit(mote->plan, &mote->diag);
    status = mote_info_plan(mote, fit == MOTE_OK);
    if (status != MOTE_OK) {
        forget_plan(mote);
        return status;
    }
    return fit;
}

enum mote_status mote_plan_render(struct mote *mote, enum mote_plan_form form, int columns, char **text)
{
    if (!mote->plan) return mote_error(&mote->diag, MOTE_ERR_INPUT, "nothing is planned yet");
    struct mote_text out = {0};
    switch (form) {
    case MOTE_PLAN_TEXT: mote_plan_print(mote->plan, &out); break;
    case MOTE_PLAN_DRAWING: mote_plan_draw_text(mote->plan, &out, columns); break;
    case MOTE_PLAN_SVG: mote_plan_draw_svg(mote->plan, &out); break;
    }
    if (out.failed || !out.bytes) {
        mote_text_free(&out);
        return mote_error_memory(&mote->diag);
    }
    *text = out.bytes;
    return MOTE_OK;
}
