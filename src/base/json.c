#include "json.h"

#include <stdint.h>

/* Bytes of the UTF-8 character at `at`, 0 if it is none (Unicode, table 3-7: no overlong forms, no surrogates). */
static size_t character_bytes(const unsigned char *at)
{
    const unsigned char first = at[0], second = first ? at[1] : 0;
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    const unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned char greatest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > greatest) return 0;
    const size_t bytes = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (size_t i = 2; i < bytes; i++) /* a zero byte ends the loop before it is passed */
        if (at[i] < 0x80 || at[i] > 0xbf) return 0;
    return bytes;
}

void mote_json_string(struct mote_text *text, const char *string)
{
    mote_text_append(text, "\"", 1);
    for (const unsigned char *at = (const unsigned char *)string; *at;) {
        const size_t bytes = character_bytes(at);
        if (bytes == 0)
            mote_text_append(text, "\xef\xbf\xbd", 3);
        else if (*at < 0x20 || *at == '"' || *at == '\\')
            mote_text_printf(text, "\\u%04x", *at);
        else
            mote_text_append(text, (const char *)at, bytes);
        at += bytes ? bytes : 1;
    }
    mote_text_append(text, "\"", 1);
}
