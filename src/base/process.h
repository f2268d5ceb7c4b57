/* process.h: run a program to its end. No shell is involved; arguments reach the program as they are. */
#ifndef MOTE_BASE_PROCESS_H
#define MOTE_BASE_PROCESS_H

#include "diag.h"
#include "text.h"

#include <stdbool.h>

struct mote_process {
    const char *const *arguments; /* NULL-terminated; the first names the program, looked up in PATH */
    const char *folder;           /* where it runs; NULL = here */
    unsigned timeout_seconds;     /* it is ended after this long; 0 = never */
    bool (*may_go_on)(void *context); /* asked several times a second and at the end; false: it is ended. May be NULL */
    void *context;
};

struct mote_process_end {
    bool timed_out, stopped; /* stopped: may_go_on said no */
    int exit_code;  /* -1 if a signal ended it */
    int signal;     /* 0 if it exited by itself */
    struct mote_text output, errors; /* what it wrote, up to 1 MiB each; the rest is read and dropped */
};

/* Runs the program with an empty standard input and waits for it. If it is ended, so is what it started, unless that left
 * its process group. A program that runs and fails is MOTE_OK: look at
 * *end, which the caller releases with mote_process_end_free. MOTE_ERR_IO: it could not be started. */
MOTE_MUST_CHECK enum mote_status mote_process_run(const struct mote_process *process, struct mote_process_end *end,
                                                  struct mote_diag *diag);
void mote_process_end_free(struct mote_process_end *end);

/* Is a program of that name in PATH? */
bool mote_process_exists(const char *program);

#endif
