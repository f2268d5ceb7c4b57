/* explore.h: the plans that a model allows on a chip, each built and simulated, and which of them are worth having. */
#ifndef MOTE_CLI_EXPLORE_H
#define MOTE_CLI_EXPLORE_H

#include "cli.h"

struct mote_cli_explore {
    const char *model;      /* path of the loaded model, as it was given */
    const char *svg_path;   /* NULL: no picture */
    const uint8_t *input;   /* one vector; NULL: a random one */
    bool all;               /* list plans that another one beats in everything, too */
};

/* Builds and simulates schedules, bands and aims, and answers with the plans that no other one beats in RAM, flash and time
 * at once, as a table or JSON; `base` gives what else was asked for. */
bool mote_cli_explore_plans(struct mote_cli_session *session, const struct mote_target_info *target,
                            const struct mote_plan_options *base, const struct mote_cli_explore *how);

/* explore_picture.c: RAM against time; writes the file. */
struct mote_cli_explored;
bool mote_cli_explore_draw(const struct mote_cli_explored *list, size_t count, const struct mote_target_info *target,
                           const char *path);

/* One plan, measured. */
struct mote_cli_explored {
    struct mote_plan_options options;
    enum mote_schedule schedule;
    uint32_t strips, arena_bytes, ram_bytes, flash_bytes, code_bytes; /* RAM: with the stack */
    double time;             /* cycles if they are exact, else instructions */
    bool exact, on_front;
};

#endif
