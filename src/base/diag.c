#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mote_diag_init(struct mote_diag *diag, const char *file)
{
    *diag = (struct mote_diag){0};
    if (file) snprintf(diag->file, sizeof diag->file, "%s", file);
}

void mote_diag_free(struct mote_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++) free(diag->messages[i].text);
    free(diag->messages);
    diag->messages = NULL;
    diag->count = diag->capacity = 0;
}

enum { LONGEST_TEXT = 2048 };

/* Appends to a text of at most LONGEST_TEXT bytes, cutting what does not fit; returns the new length. */
static size_t append(char *text, size_t used, const char *format, ...) MOTE_PRINTF(3, 4);
static size_t append(char *text, size_t used, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(text + used, LONGEST_TEXT - used, format, args);
    va_end(args);
    if (n < 0) return used;
    return (size_t)n < LONGEST_TEXT - used ? used + (size_t)n : LONGEST_TEXT - 1;
}

static void diag_add(struct mote_diag *diag, enum mote_severity severity, enum mote_status status,
                     struct mote_where where, const char *format, va_list args)
{
    if (!diag) return;
    char text[LONGEST_TEXT];
    size_t used = 0;
    const bool has_op = where.op_index >= 0 || where.op_type;
    if (diag->file[0]) used = append(text, used, "%s: ", diag->file);
    if (where.op_index >= 0) used = append(text, used, "op %ld", where.op_index);
    if (where.op_type) used = append(text, used, "%s%s", where.op_index >= 0 ? " " : "", where.op_type);
    if (where.tensor) used = append(text, used, "%stensor \"%.200s\"", has_op ? ", " : "", where.tensor);
    if (has_op || where.tensor) used = append(text, used, ": ");
    vsnprintf(text + used, sizeof text - used, format, args);
    if (diag->count == diag->capacity) {
        const size_t capacity = diag->capacity ? diag->capacity * 2 : 8;
        struct mote_diag_message *grown = realloc(diag->messages, capacity * sizeof *grown);
        if (!grown) {
            diag->out_of_memory = true;
            return;
        }
        diag->messages = grown;
        diag->capacity = capacity;
    }
    const size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (!copy) {
        diag->out_of_memory = true;
        return;
    }
    memcpy(copy, text, bytes);
    diag->messages[diag->count++] = (struct mote_diag_message){severity, status, copy};
}

enum mote_status mote_error(struct mote_diag *diag, enum mote_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_add(diag, MOTE_ERROR, status, (struct mote_where){.op_index = -1}, format, args);
    va_end(args);
    return status;
}

enum mote_status mote_error_at(struct mote_diag *diag, enum mote_status status, struct mote_where where,
                               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_add(diag, MOTE_ERROR, status, where, format, args);
    va_end(args);
    return status;
}

void mote_note(struct mote_diag *diag, enum mote_severity severity, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_add(diag, severity, MOTE_OK, (struct mote_where){.op_index = -1}, format, args);
    va_end(args);
}

enum mote_status mote_error_memory(struct mote_diag *diag)
{
    return mote_error(diag, MOTE_ERR_MEMORY, "out of memory (or the input asks for more than the limit)");
}
