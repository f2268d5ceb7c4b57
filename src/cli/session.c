/* session.c: opening and closing a session, its messages, files and JSON. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE_BYTES ((size_t)1 << 30)

/* ---- Messages ---- */

static void print_message(enum mote_message_kind kind, const char *text)
{
    static const char *const names[] = {"note", "warning", "error"};
    static const enum mote_cli_style styles[] = {MOTE_CLI_DIM, MOTE_CLI_YELLOW, MOTE_CLI_RED};
    mote_cli_clear_progress();
    fflush(stdout);
    fprintf(stderr, "%smote: %s:%s ", mote_cli_style(stderr, styles[kind]), names[kind],
            mote_cli_style(stderr, MOTE_CLI_NORMAL));
    for (const char *line = text; *line; line++) { /* several lines are fine, other control characters are not */
        if (*line == '\n') {
            fputc('\n', stderr);
            continue;
        }
        fputc((unsigned char)*line < 0x20 || *line == 0x7f ? '?' : *line, stderr);
    }
    fputc('\n', stderr);
}

bool mote_cli_error(const char *format, ...)
{
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    print_message(MOTE_MESSAGE_ERROR, text);
    return false;
}

void mote_cli_show_messages(struct mote_cli_session *session)
{
    for (; session->messages_shown < mote_message_count(session->mote); session->messages_shown++) {
        const struct mote_message *message = mote_message(session->mote, session->messages_shown);
        print_message(message->kind, message->text);
    }
}

const char *mote_cli_last_error(const struct mote_cli_session *session)
{
    for (size_t i = mote_message_count(session->mote); i > 0; i--) {
        const struct mote_message *message = mote_message(session->mote, i - 1);
        if (message->kind == MOTE_MESSAGE_ERROR) return message->text;
    }
    return "";
}

/* ---- JSON ---- */

json_t *mote_cli_json_text(const char *text)
{
    if (!text) return json_null();
    json_t *json = json_string(text);
    if (json) return json;
    char *ascii = strdup(text);
    if (!ascii) return NULL;
    for (char *c = ascii; *c; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    json = json_string(ascii);
    free(ascii);
    return json;
}

json_t *mote_cli_json_real(double value)
{
    return value < 0 ? json_null() : json_real(value);
}

json_t *mote_cli_json_size(size_t value)
{
    return value ? json_integer((json_int_t)value) : json_null();
}

json_t *mote_cli_json_limit(uint32_t bytes)
{
    return mote_cli_has_limit(bytes) ? json_integer(bytes) : json_null();
}

json_t *mote_cli_json_tensor(const struct mote_tensor_info *tensor)
{
    json_t *dims = json_array();
    for (int32_t i = 0; i < tensor->rank && i < 6; i++) json_array_append_new(dims, json_integer(tensor->dims[i]));
    json_t *json = json_pack("{s:o, s:s, s:o, s:I}", "name", mote_cli_json_text(tensor->name), "dtype", tensor->dtype,
                             "shape", dims, "bytes", (json_int_t)tensor->bytes);
    if (!tensor->quantised) return json;
    json_object_set_new(json, "scale", json_real((double)tensor->scale));
    json_object_set_new(json, "zero_point", json_integer(tensor->zero_point));
    return json;
}

static json_t *json_messages(const struct mote *mote)
{
    static const char *const names[] = {"note", "warning", "error"};
    json_t *array = json_array();
    for (size_t i = 0; i < mote_message_count(mote); i++) {
        const struct mote_message *message = mote_message(mote, i);
        json_array_append_new(array, json_pack("{s:s, s:o}", "kind", names[message->kind], "text",
                                               mote_cli_json_text(message->text)));
    }
    return array;
}

/* ---- The session ---- */

bool mote_cli_open(struct mote_cli_session *session, bool json)
{
    *session = (struct mote_cli_session){.mote = mote_new(), .json = json ? json_object() : NULL};
    if (session->mote && (session->json || !json)) {
        mote_cli_watch(session->mote);
        return true;
    }
    mote_free(session->mote);
    json_decref(session->json);
    return mote_cli_error("out of memory");
}

int mote_cli_close(struct mote_cli_session *session, bool ok)
{
    mote_cli_clear_progress();
    mote_cli_show_messages(session);
    if (session->json) {
        json_object_set_new(session->json, "ok", json_boolean(ok));
        json_object_set_new(session->json, "messages", json_messages(session->mote));
        if (json_dumpf(session->json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0)
            ok = mote_cli_error("the JSON object cannot be written");
        putchar('\n');
        json_decref(session->json);
    }
    mote_free(session->mote);
    return ok ? MOTE_CLI_DONE : MOTE_CLI_FAILED;
}

enum mote_status mote_cli_take_samples(struct mote_cli_session *session, const char *path)
{
    const uint8_t *samples;
    size_t count;
    if (!path) return MOTE_OK;
    const enum mote_status status = mote_read_input(session->mote, path, &samples, &count);
    return status == MOTE_OK ? mote_take_samples(session->mote, samples, count) : status;
}

/* ---- Files ---- */

static uint8_t *read_stream(FILE *stream, size_t *size_bytes)
{
    size_t capacity = 0, used = 0;
    uint8_t *bytes = NULL;
    do {
        capacity = capacity ? 2 * capacity : 65536;
        uint8_t *grown = capacity > MAX_FILE_BYTES ? NULL : realloc(bytes, capacity);
        if (!grown) {
            errno = capacity > MAX_FILE_BYTES ? EFBIG : ENOMEM;
            free(bytes);
            return NULL;
        }
        bytes = grown;
        used += fread(bytes + used, 1, capacity - used, stream);
    } while (used == capacity);
    if (ferror(stream)) {
        free(bytes);
        return NULL;
    }
    bytes[used] = 0; /* used < capacity: text files end in a zero byte */
    *size_bytes = used;
    return bytes;
}

uint8_t *mote_cli_read_file(const char *path, size_t *size_bytes)
{
    FILE *stream = fopen(path, "rb");
    uint8_t *bytes = stream ? read_stream(stream, size_bytes) : NULL;
    if (!bytes) mote_cli_error("%s: %s", path, strerror(errno));
    if (stream) fclose(stream);
    return bytes;
}

bool mote_cli_write_file(const char *path, const char *text)
{
    char temporary[4096];
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.%ld.part", path, (long)getpid()) >= sizeof temporary)
        return mote_cli_error("%.200s...: the name is too long", path);
    FILE *stream = fopen(temporary, "wb");
    if (!stream) return mote_cli_error("%s: %s", path, strerror(errno));
    const bool written = fputs(text, stream) >= 0;
    if (fclose(stream) == 0 && written && rename(temporary, path) == 0) return true;
    mote_cli_error("%s: %s", path, strerror(errno));
    remove(temporary);
    return false;
}
