/* bench_table.h: the rows of a benchmark, for people. */
#ifndef MOTE_CLI_BENCH_TABLE_H
#define MOTE_CLI_BENCH_TABLE_H

#include "cli.h"

/* Prints a table per model; rows of one model follow each other. with_ratios: the rows have been compared with earlier ones.
 * False when memory is out. */
bool mote_cli_bench_print(const json_t *rows, bool with_ratios);

#endif
