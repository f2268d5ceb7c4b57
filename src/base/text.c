#include "text.h"

#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_reserve(struct mote_text *text, size_t more)
{
    if (text->failed || more >= SIZE_MAX / 2 - text->length) return !(text->failed = true);
    const size_t needed = text->length + more + 1;
    if (needed <= text->capacity) return true;
    if (mote_arena_global_fail_after == 0) return !(text->failed = true);
    if (mote_arena_global_fail_after > 0) --mote_arena_global_fail_after;
    const size_t capacity = needed > 2 * text->capacity ? needed + 256 : 2 * text->capacity;
    char *grown = realloc(text->bytes, capacity);
    if (!grown) return !(text->failed = true);
    text->bytes = grown;
    text->capacity = capacity;
    return true;
}

void mote_text_append(struct mote_text *text, const char *bytes, size_t length)
{
    if (!text_reserve(text, length)) return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = 0;
}

void mote_text_printf(struct mote_text *text, const char *format, ...)
{
    char small[512];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < sizeof small) {
        mote_text_append(text, small, (size_t)length);
    } else if (length >= 0 && text_reserve(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void mote_text_free(struct mote_text *text)
{
    free(text->bytes);
    *text = (struct mote_text){0};
}
