/* diag.h: the diagnostic sink. The library reports what is wrong here and never prints.
 * The caller of the library owns the sink; messages are kept in order until it is freed. */
#ifndef MOTE_BASE_DIAG_H
#define MOTE_BASE_DIAG_H

#include "mote_status.h"

#include <stdbool.h>
#include <stddef.h>

enum mote_severity { MOTE_NOTE, MOTE_WARNING, MOTE_ERROR };

struct mote_diag_message {
    enum mote_severity severity;
    enum mote_status status; /* of errors */
    char *text;              /* "file: op 3 CONV_2D (tensor "x"): what is wrong; what to do" */
};

struct mote_diag {
    struct mote_diag_message *messages;
    size_t count, capacity;
    bool out_of_memory; /* a message was lost */
    char file[256];     /* what messages are about, prefixed to each; may be empty */
};

/* Where in a model something is wrong. op_index < 0 and NULL strings are left out of the text. */
struct mote_where {
    long op_index;
    const char *op_type;
    const char *tensor;
};

void mote_diag_init(struct mote_diag *diag, const char *file);
void mote_diag_free(struct mote_diag *diag);

/* Records an error and returns its status, so that callers can write `return mote_error(...)`. diag may be NULL. */
enum mote_status mote_error(struct mote_diag *diag, enum mote_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
enum mote_status mote_error_at(struct mote_diag *diag, enum mote_status status, struct mote_where where,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));
void mote_note(struct mote_diag *diag, enum mote_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Out of memory, said once in the same words everywhere. */
enum mote_status mote_error_memory(struct mote_diag *diag);

#endif
