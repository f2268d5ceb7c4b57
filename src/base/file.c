#define _XOPEN_SOURCE 700 /* nftw, mkstemp, mkdtemp */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_READ_BYTES ((size_t)64 * 1024)

static enum mote_status io_error(struct mote_diag *diag, const char *verb, const char *path)
{
    return mote_error(diag, MOTE_ERR_IO, "cannot %s %s: %s", verb, path, strerror(errno));
}

/* ---- Reading ---- */

struct growing {
    uint8_t *bytes;
    size_t length, capacity;
};

/* Reads to the end of the file or past max_bytes, whichever comes first; 0, or an errno value. */
static int read_all(int file, size_t max_bytes, struct growing *content)
{
    for (;;) {
        if (content->length == content->capacity) {
            const size_t capacity = content->capacity ? 2 * content->capacity : FIRST_READ_BYTES;
            uint8_t *grown = realloc(content->bytes, capacity);
            if (!grown) return ENOMEM;
            content->bytes = grown;
            content->capacity = capacity;
        }
        const ssize_t got = read(file, content->bytes + content->length, content->capacity - content->length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        content->length += (size_t)got;
        if (got == 0 || content->length > max_bytes) return 0;
    }
}

enum mote_status mote_file_read(const char *path, size_t max_bytes, struct mote_arena *arena, uint8_t **bytes,
                                size_t *size_bytes, struct mote_diag *diag)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return io_error(diag, "open", path);
    struct growing content = {0};
    const int failure = read_all(file, max_bytes, &content);
    close(file);
    enum mote_status status = MOTE_OK;
    uint8_t *copy = NULL;
    if (failure == ENOMEM) {
        status = mote_error_memory(diag);
    } else if (failure) {
        errno = failure;
        status = io_error(diag, "read", path);
    } else if (content.length > max_bytes) {
        status = mote_error(diag, MOTE_ERR_INPUT, "%s has more than %zu bytes, the most that is read", path, max_bytes);
    } else {
        copy = mote_arena_copy(arena, content.bytes, content.length);
        if (!copy) status = mote_error_memory(diag);
    }
    if (status == MOTE_OK) {
        *bytes = copy;
        *size_bytes = content.length;
    }
    free(content.bytes);
    return status;
}

/* ---- Writing ---- */

static bool write_all(int file, const uint8_t *bytes, size_t count)
{
    while (count) {
        const ssize_t written = write(file, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

/* mkstemp and mkdtemp make things that only the owner can see; what users get has the mode they asked for by umask. */
static mode_t user_mode(mode_t full)
{
    const mode_t mask = umask(0);
    umask(mask);
    return full & ~mask;
}

/* A path that is written directly because it is no regular file ("/dev/stdout"). */
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static enum mote_status write_direct(const char *path, const void *bytes, size_t size_bytes, struct mote_diag *diag)
{
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return io_error(diag, "open", path);
    const bool written = write_all(file, bytes, size_bytes);
    const enum mote_status status = written ? MOTE_OK : io_error(diag, "write", path);
    close(file);
    return status;
}

enum mote_status mote_file_write(const char *path, const void *bytes, size_t size_bytes, struct mote_diag *diag)
{
    if (is_special(path)) return write_direct(path, bytes, size_bytes, diag);
    const size_t length = strlen(path);
    char *temporary = malloc(length + sizeof ".XXXXXX");
    if (!temporary) return mote_error_memory(diag);
    memcpy(temporary, path, length);
    memcpy(temporary + length, ".XXXXXX", sizeof ".XXXXXX");
    const int file = mkstemp(temporary);
    if (file < 0) {
        free(temporary);
        return io_error(diag, "create", path);
    }
    bool done = write_all(file, bytes, size_bytes) && fchmod(file, user_mode(0666)) == 0;
    done = close(file) == 0 && done;
    done = done && rename(temporary, path) == 0;
    const enum mote_status status = done ? MOTE_OK : io_error(diag, "write", path);
    if (!done) unlink(temporary);
    free(temporary);
    return status;
}

bool mote_folder_is_empty(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) return false;
    bool empty = true;
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        empty = empty && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."));
    closedir(folder);
    return empty;
}

bool mote_file_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

/* ---- Folders ---- */

enum mote_status mote_folder_begin(struct mote_folder *folder, const char *path, bool replace, struct mote_diag *diag)
{
    *folder = (struct mote_folder){.replace = replace};
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    if (length == 0 || length >= sizeof folder->path)
        return mote_error(diag, MOTE_ERR_INPUT, "the folder's path is empty or over %zu bytes",
                          sizeof folder->path - 1);
    memcpy(folder->path, path, length);
    if (mote_file_exists(folder->path) && !replace)
        return mote_error(diag, MOTE_ERR_IO, "%s exists already; choose another folder or allow it to be replaced",
                          folder->path);
    snprintf(folder->temporary, sizeof folder->temporary, "%s.new-XXXXXX", folder->path);
    if (!mkdtemp(folder->temporary)) {
        folder->temporary[0] = 0;
        return io_error(diag, "create", folder->path);
    }
    return MOTE_OK;
}

/* Whether a name stays inside of its folder: at most one sub-folder, no "..", not absolute. */
static bool name_is_inside(const char *name)
{
    const char *slash = strchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    return name[0] != '/' && name[0] != '.' && base[0] && base[0] != '.' && !strchr(base, '/');
}

enum mote_status mote_folder_write(struct mote_folder *folder, const char *name, const void *bytes, size_t size_bytes,
                                   struct mote_diag *diag)
{
    char path[sizeof folder->temporary + 300];
    const size_t length = strlen(name);
    if (!name_is_inside(name) || length > 255)
        return mote_error(diag, MOTE_ERR_INPUT, "\"%s\" is not the name of a file in a folder", name);
    const char *slash = strchr(name, '/');
    if (slash) {
        snprintf(path, sizeof path, "%s/%.*s", folder->temporary, (int)(slash - name), name);
        if (mkdir(path, 0777) != 0 && errno != EEXIST) return io_error(diag, "create", path);
    }
    snprintf(path, sizeof path, "%s/%s", folder->temporary, name);
    return mote_file_write(path, bytes, size_bytes, diag);
}

/* Puts the new folder in the place of the old one, which is first moved aside and moved back if that fails. */
static enum mote_status swap_in(struct mote_folder *folder, struct mote_diag *diag)
{
    char aside[sizeof folder->temporary];
    snprintf(aside, sizeof aside, "%s.old-XXXXXX", folder->path);
    if (!mkdtemp(aside)) return io_error(diag, "create", aside);
    /* An empty folder may be renamed over. */
    if (rename(folder->path, aside) != 0) {
        const enum mote_status status = io_error(diag, "replace", folder->path);
        rmdir(aside);
        return status;
    }
    if (rename(folder->temporary, folder->path) != 0) {
        const enum mote_status status = io_error(diag, "replace", folder->path);
        if (rename(aside, folder->path) != 0) mote_note(diag, MOTE_WARNING, "the old folder is now %s", aside);
        return status;
    }
    mote_folder_remove(aside);
    return MOTE_OK;
}

enum mote_status mote_folder_commit(struct mote_folder *folder, struct mote_diag *diag)
{
    if (chmod(folder->temporary, user_mode(0777)) != 0) return io_error(diag, "finish", folder->temporary);
    if (mote_file_exists(folder->path)) {
        if (!folder->replace) return mote_error(diag, MOTE_ERR_IO, "%s exists already", folder->path);
        const enum mote_status status = swap_in(folder, diag);
        if (status != MOTE_OK) return status;
    } else if (rename(folder->temporary, folder->path) != 0) {
        return io_error(diag, "create", folder->path);
    }
    folder->temporary[0] = 0;
    return MOTE_OK;
}

void mote_folder_abandon(struct mote_folder *folder)
{
    if (folder->temporary[0]) mote_folder_remove(folder->temporary);
    folder->temporary[0] = 0;
}

enum mote_status mote_folder_temporary(char *path, size_t path_bytes, struct mote_diag *diag)
{
    const char *place = getenv("TMPDIR");
    const int length = snprintf(path, path_bytes, "%s/mote-XXXXXX", place && place[0] ? place : "/tmp");
    if (length < 0 || (size_t)length >= path_bytes)
        return mote_error(diag, MOTE_ERR_IO, "the path of the temporary folder is too long");
    return mkdtemp(path) ? MOTE_OK : io_error(diag, "create", path);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *position)
{
    (void)info;
    (void)type;
    (void)position;
    remove(path);
    return 0;
}

void mote_folder_remove(const char *path)
{
    enum { MOST_OPEN_FOLDERS = 16 };
    nftw(path, remove_entry, MOST_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}
