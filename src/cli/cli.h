/* cli.h: what the verbs of the command line share. One verb per file (cmd_<verb>.c); main.c holds their table. */
#ifndef MOTE_CLI_CLI_H
#define MOTE_CLI_CLI_H

#include "mote.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Exit statuses. */
enum { MOTE_CLI_DONE = 0, MOTE_CLI_FAILED = 1, MOTE_CLI_USAGE = 2 };

/* ---- Arguments (options.c) ---- */

#define MOTE_CLI_MAX_OPTIONS 32

struct mote_cli_option {
    const char *name;     /* long name; every verb also has --help */
    char letter;          /* 0: none */
    const char *argument; /* NULL: a flag */
    const char *help;
};

struct mote_cli_args;

struct mote_cli_verb {
    const char *name, *operands; /* "run", "MODEL" */
    int operand_min, operand_max;
    const char *summary, *details, *examples;
    const struct mote_cli_option *options; /* option_count <= MOTE_CLI_MAX_OPTIONS; indexed as args->values */
    int option_count;
    int (*run)(const struct mote_cli_args *args);
};

struct mote_cli_args {
    const struct mote_cli_verb *verb;
    const char *values[MOTE_CLI_MAX_OPTIONS]; /* NULL: not given; "" for a flag */
    const char *operand;                      /* the first one; NULL: not given */
    char *const *operands;                    /* operand_count of them */
    int operand_count;
    const char *command;                      /* the whole command line as typed, quoted for a shell */
};

/* Parses argv[1..] of a verb (argv[0] is the verb). Returns -1 to go on, else the exit status: --help was printed or a
 * usage error was said. */
int mote_cli_parse(struct mote_cli_args *args, int argc, char **argv);

/* Says what is wrong in one line with a hint of the verb's help; returns MOTE_CLI_USAGE. verb may be NULL. */
int mote_cli_usage_error(const struct mote_cli_verb *verb, const char *format, ...) MOTE_PRINTF(2, 3);

/* Reads a decimal number of at most `most`; false after saying what is wrong with it. */
bool mote_cli_parse_number(const struct mote_cli_args *args, int option, uint64_t least, uint64_t most, uint64_t *value);

/* The options of how a plan is made stand side by side in a verb's options, in this order. */
enum {
    MOTE_CLI_OPTIMIZE,
    MOTE_CLI_SCHEDULE,
    MOTE_CLI_STRIPS,
    MOTE_CLI_BAND,
    MOTE_CLI_RAM_LIMIT,
    MOTE_CLI_CODED_WEIGHTS,
    MOTE_CLI_PROFILE_DATA,
    MOTE_CLI_CONSTANT_TIME,
    MOTE_CLI_PLAN_OPTION_COUNT
};

/* Their entries from index `first` on. */
#define MOTE_CLI_PLAN_OPTIONS(first)                                                                                    \
    [(first) + MOTE_CLI_OPTIMIZE] = {"optimize", 0, "WHAT",                                                             \
                                     "speed (spends flash and RAM), size (the least flash) or\n"                         \
                                     "balanced: little RAM at little cost (default)"},                                  \
    [(first) + MOTE_CLI_SCHEDULE] = {"schedule", 0, "HOW",                                                              \
                                     "whole, fused (the first layers rows by rows, depth\n"                             \
                                     "first), stream (the input comes row by row), strips (row\n"                       \
                                     "by row, once per vertical strip), slide (a window over\n"                         \
                                     "time, frame by frame), or auto: the best of whole and\n"                          \
                                     "fused; stream, then strips, if neither fits (default)"},                          \
    [(first) + MOTE_CLI_STRIPS] = {"strips", 0, "N",                                                                    \
                                   "strips in this number, or auto: as many as it takes\n"                              \
                                   "to fit (implies --schedule strips)"},                                               \
    [(first) + MOTE_CLI_BAND] = {"band", 0, "N",                                                                        \
                                 "positions of a tensor that a call computes, at least\n"                               \
                                 "(implies --schedule fused)"},                                                         \
    [(first) + MOTE_CLI_RAM_LIMIT] = {"ram-limit", 0, "BYTES",                                                          \
                                      "RAM that tensors may take: the fastest plan within it\n"                         \
                                      "(default: what the chip has)"},                                                  \
    [(first) + MOTE_CLI_CODED_WEIGHTS] = {"coded-weights", 0, "WHEN",                                                   \
                                          "weights in fewer bytes, without loss (AVR): never, always, or auto:\n"       \
                                          "if the flash is too small otherwise (default)"},                             \
    [(first) + MOTE_CLI_PROFILE_DATA] = {"profile-data", 0, "FILE",                                                     \
                                         "choose kernels by what these sample inputs show (formats as\nof run --input)"}, \
    [(first) + MOTE_CLI_CONSTANT_TIME] = {"constant-time", 0, NULL,                                                     \
                                          "only kernels whose running time does not depend on data (AVR)"}

/* Reads these options, all but the samples; false after saying what is wrong. */
bool mote_cli_parse_plan(const struct mote_cli_args *args, int first, struct mote_plan_options *plan);

/* Finds a target by name; false after saying so, with the nearest name. */
bool mote_cli_find_target(const struct mote_cli_verb *verb, const char *name, struct mote_target_info *target);

/* Reads names of targets and of their classes (avr, cortex-m, riscv, all) with commas between, in their order and each once;
 * `targets` has room for mote_target_count() of them. False after saying what is wrong. */
bool mote_cli_find_targets(const struct mote_cli_verb *verb, const char *names, struct mote_target_info *targets,
                           size_t *count);

/* The candidate that is probably meant, or NULL: distance is the number of edits, smallest so far in *best_distance. */
void mote_cli_suggest(const char *typed, const char *candidate, size_t *best_distance, const char **best);
#define MOTE_CLI_SUGGEST_DISTANCE ((size_t)3) /* start value: anything nearer than this is worth suggesting */

/* ---- Terminal (terminal.c) ---- */

enum mote_cli_style { MOTE_CLI_NORMAL, MOTE_CLI_BOLD, MOTE_CLI_DIM, MOTE_CLI_RED, MOTE_CLI_GREEN, MOTE_CLI_YELLOW };

/* The escape sequence, or "" when the stream is no terminal or NO_COLOR is set. */
const char *mote_cli_style(FILE *stream, enum mote_cli_style style);
/* Columns of the terminal at stdout, 60..160; 100 when it is none. */
int mote_cli_columns(void);
/* Prints text of foreign origin without its control characters. */
void mote_cli_print_safe(FILE *stream, const char *text);
/* The same for the name of a tensor, which may be hundreds of characters long: at most the first 64, then "...". */
void mote_cli_print_name(const char *name);

struct mote_cli_text {
    char text[160];
};
struct mote_cli_text mote_cli_number(int64_t value);            /* "1,234,567" */
struct mote_cli_text mote_cli_real(double value);               /* 4 significant digits, thousands separated */
struct mote_cli_text mote_cli_stem(const char *path); /* a file's name without folders and ending */
struct mote_cli_text mote_cli_shape(const struct mote_tensor_info *tensor); /* "1x49x10x1 s8" */
/* "  flash   12,345 of 131,072 bytes  [###       ]   9 %" */
void mote_cli_print_bar(const char *what, uint64_t used, uint64_t limit);
/* Is a chip's memory size a limit, or does it mean nothing (the host)? */
bool mote_cli_has_limit(uint64_t bytes);

/* A table whose columns are as wide as their widest cell. Cells are added row by row. */
#define MOTE_CLI_MAX_COLUMNS 14
struct mote_cli_table {
    int column_count;
    const char *headings[MOTE_CLI_MAX_COLUMNS]; /* no heading row if the first is NULL */
    bool right_aligned[MOTE_CLI_MAX_COLUMNS];
    char **cells;
    size_t cell_count, cell_capacity;
    bool failed;
    const char *dim; /* rows whose first cell says so are dimmed; NULL: none are */
};
void mote_cli_table_column(struct mote_cli_table *table, const char *heading, bool right_aligned);
void mote_cli_table_cell(struct mote_cli_table *table, const char *format, ...) MOTE_PRINTF(2, 3);
/* Prints to stdout and frees the cells; false when memory ran out. */
bool mote_cli_table_print(struct mote_cli_table *table);

/* ---- Session (session.c) ---- */

struct mote_cli_session {
    struct mote *mote;
    json_t *json;         /* the object to print instead of text; NULL without --json */
    size_t messages_shown;
};

bool mote_cli_open(struct mote_cli_session *session, bool json);
/* Shows the messages not shown yet on stderr. */
void mote_cli_show_messages(struct mote_cli_session *session);
/* Shows messages, prints and frees the JSON object with "ok" and "messages" added, frees all; returns the exit status. */
int mote_cli_close(struct mote_cli_session *session, bool ok);
/* An error of the command line itself, shown as the session's are; returns false. */
bool mote_cli_error(const char *format, ...) MOTE_PRINTF(1, 2);
/* The text of the session's last error, "" if there is none. */
const char *mote_cli_last_error(const struct mote_cli_session *session);

/* Reads the samples in the file, takes them into account for plans; does nothing without a path. */
MOTE_MUST_CHECK enum mote_status mote_cli_take_samples(struct mote_cli_session *session, const char *path);

/* Reads a whole file of at most 1 GiB; the caller frees. NULL after saying what is wrong. */
uint8_t *mote_cli_read_file(const char *path, size_t *size_bytes);
/* Writes a file whole or not at all; false after saying what is wrong. */
bool mote_cli_write_file(const char *path, const char *text);

/* ---- Kernels and why they were chosen (choices.c) ---- */

/* "48 % zero (measured): skipped"; "" if there was nothing to choose. */
struct mote_cli_text mote_cli_choice(const struct mote_step_info *step);
/* A table of the steps among whose kernels there was a choice. */
bool mote_cli_print_choices(const struct mote_plan_info *plan);
/* Does a step's output lie in planes? */
bool mote_cli_has_planes(const struct mote_plan_info *plan);
/* A line on how many do and why; nothing if none does. */
void mote_cli_print_layouts(const struct mote_plan_info *plan);
/* Of a step's output: {"kind": "rows"} or {"kind": "planes", "for"}. */
json_t *mote_cli_json_layout(const struct mote_step_info *step);
/* {"reason", "zero_share", "skips_zeros"}; null if there was nothing to choose. */
json_t *mote_cli_json_choice(const struct mote_step_info *step);

/* ---- What passes took out (removals.c) ---- */

/* A table of the operators with weights. */
bool mote_cli_print_removals(const struct mote_model_info *model);
/* null for NULL. */
json_t *mote_cli_json_weights(const struct mote_op_weights_info *weights);

/* ---- JSON (session.c) ---- */

/* Bytes that are no UTF-8 become '?'. NULL gives null. */
json_t *mote_cli_json_text(const char *text);
/* null when negative. */
json_t *mote_cli_json_real(double value);
/* null when 0. */
json_t *mote_cli_json_size(size_t value);
/* null when it is no limit. */
json_t *mote_cli_json_limit(uint32_t bytes);
json_t *mote_cli_json_tensor(const struct mote_tensor_info *tensor);
json_t *mote_cli_json_tensors(const struct mote_tensor_info *tensors, size_t count);

/* ---- Progress (progress.c) ---- */

/* Draws a bar with the time left on stderr, if that is a terminal and the work takes more than a second; the first
 * interrupt (Ctrl-C) cancels the work cleanly. */
void mote_cli_watch(struct mote *mote);
/* Says on stderr, if that is a terminal, which of many pieces of work begins; the bar stands behind it. */
void mote_cli_begin_task(const char *format, ...) MOTE_PRINTF(1, 2);
/* Has the user asked to stop? */
bool mote_cli_interrupted(void);
/* Removes the bar before something else is printed. */
void mote_cli_clear_progress(void);

/* ---- The verbs ---- */
extern const struct mote_cli_verb mote_cli_inspect, mote_cli_compile, mote_cli_run, mote_cli_verify, mote_cli_bench,
    mote_cli_pack, mote_cli_targets;

/* ---- Models and blobs (cmd_inspect.c, blob.c) ---- */

/* One line per tensor, "input" or "output" in front. */
void mote_cli_print_tensors(const char *what, const struct mote_tensor_info *tensors, size_t count);
/* What is in the blob that is loaded, as the answer of a verb: text or JSON. */
bool mote_cli_show_blob(struct mote_cli_session *session);

/* ---- Schedules (alternatives.c) ---- */

const char *mote_cli_schedule_name(enum mote_schedule schedule);

/* The table of what else could have been chosen; with every number of strips if asked for. */
bool mote_cli_print_alternatives(struct mote *mote, bool with_strips);

/* The same, as the answer of a verb: a table or JSON, and a picture in the file if there is one. */
bool mote_cli_show_alternatives(struct mote_cli_session *session, const char *svg_path);

#endif
