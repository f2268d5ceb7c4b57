/* bench_baseline.h: the rows of a benchmark, compared with those of an earlier one. */
#ifndef MOTE_CLI_BENCH_BASELINE_H
#define MOTE_CLI_BENCH_BASELINE_H

#include "cli.h"

/* The figures that may not get worse: names in a row's object, and headings. All are better the smaller they are. */
struct mote_cli_bench_figure {
    const char *key, *heading;
};
extern const struct mote_cli_bench_figure mote_cli_bench_figures[];
extern const size_t mote_cli_bench_figure_count;

/* Reads an object that `mote bench --json` printed; the caller releases it. NULL after saying what is wrong. */
json_t *mote_cli_bench_read(const char *path);

/* Adds "ratios" (figure -> new / old) and "worse" (names of figures that grew by more than tolerance percent, or "outcome"
 * if a row that ran does not any more) to every row that the baseline has, too. Returns how many rows got worse. */
size_t mote_cli_bench_compare(json_t *rows, const json_t *baseline, double tolerance_percent);

/* Were all rows that the baseline has, too, measured with vectors of the same origin? */
bool mote_cli_bench_same_inputs(const json_t *rows, const json_t *baseline);

#endif
