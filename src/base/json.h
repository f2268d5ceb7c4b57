/* json.h: pieces of JSON text (RFC 8259). */
#ifndef MOTE_BASE_JSON_H
#define MOTE_BASE_JSON_H

#include "text.h"

/* Appends a quoted string. Control characters, quotes and backslashes are escaped; bytes that are no UTF-8 become
 * U+FFFD, so names from untrusted files cannot make the text invalid. */
void mote_json_string(struct mote_text *text, const char *string);

#endif
