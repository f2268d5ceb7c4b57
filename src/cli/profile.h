/* profile.h: where an inference's time goes, by function and by layer. */
#ifndef MOTE_CLI_PROFILE_H
#define MOTE_CLI_PROFILE_H

#include "cli.h"

/* Prints the tables of functions and of layers. */
bool mote_cli_print_profile(const struct mote_run_report *report);
/* Adds "functions", "layers" and "layer_vectors". */
void mote_cli_add_profile(json_t *json, const struct mote_run_report *report);
/* Draws the layers' costs as bars; false after saying what is wrong. */
bool mote_cli_write_profile_svg(const char *path, const char *model, const struct mote_run_report *report);

#endif
