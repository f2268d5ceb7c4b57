/* text.h: growing text, kept in malloc memory until freed; errors stick and are checked once at the end. */
#ifndef MOTE_BASE_TEXT_H
#define MOTE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct mote_text {
    char *bytes; /* zero-terminated when not NULL */
    size_t length, capacity;
    bool failed; /* an allocation failed: the text is incomplete */
};

void mote_text_printf(struct mote_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void mote_text_append(struct mote_text *text, const char *bytes, size_t length);
void mote_text_free(struct mote_text *text);

#endif
