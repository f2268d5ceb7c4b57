/* file.h: whole files in, whole files out. A file is written under a temporary name and renamed, so that readers see
 * the old content or the new, never a part. */
#ifndef MOTE_BASE_FILE_H
#define MOTE_BASE_FILE_H

#include "arena.h"
#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads all of path into the arena; at most max_bytes. */
MOTE_MUST_CHECK enum mote_status mote_file_read(const char *path, size_t max_bytes, struct mote_arena *arena,
                                                uint8_t **bytes, size_t *size_bytes, struct mote_diag *diag);

MOTE_MUST_CHECK enum mote_status mote_file_write(const char *path, const void *bytes, size_t size_bytes,
                                                 struct mote_diag *diag);

bool mote_file_exists(const char *path);

/* A folder that can be read and holds nothing. */
bool mote_folder_is_empty(const char *path);

/* A folder that becomes visible at `path` only when it is complete: files are written to a sibling of a temporary name,
 * commit renames it. An existing folder is an error unless replace, and is then removed only after the new one is whole. */
struct mote_folder {
    char path[1024], temporary[1100];
    bool replace;
};
MOTE_MUST_CHECK enum mote_status mote_folder_begin(struct mote_folder *folder, const char *path, bool replace,
                                                   struct mote_diag *diag);
/* name may contain one level of sub-folder ("kernel/x.c") */
MOTE_MUST_CHECK enum mote_status mote_folder_write(struct mote_folder *folder, const char *name, const void *bytes,
                                                   size_t size_bytes, struct mote_diag *diag);
MOTE_MUST_CHECK enum mote_status mote_folder_commit(struct mote_folder *folder, struct mote_diag *diag);
void mote_folder_abandon(struct mote_folder *folder);

/* Creates an empty folder for work in the system's temporary place; remove deletes it with all it holds. */
MOTE_MUST_CHECK enum mote_status mote_folder_temporary(char *path, size_t path_bytes, struct mote_diag *diag);
void mote_folder_remove(const char *path);

#endif
