#include "npz.h"

#include <string.h>
#include <zip.h>

/* libzip fills a copy of the archive's messages in; the text lives until the error is finished. */
static enum mote_status report_zip(zip_error_t *error, struct mote_diag *diag)
{
    const enum mote_status status = zip_error_code_zip(error) == ZIP_ER_MEMORY ? MOTE_ERR_MEMORY : MOTE_ERR_INPUT;
    mote_error(diag, status, "the .npz archive cannot be read: %s", zip_error_strerror(error));
    zip_error_fini(error);
    return status;
}

static bool ends_in_npy(const char *name)
{
    const size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".npy") == 0;
}

/* Unpacks one member into scratch memory. Reading one byte more than it should have makes libzip check its sum. */
static enum mote_status unpack_member(zip_t *zip, const zip_stat_t *stat, struct mote_arena *arena, uint8_t **bytes,
                                      struct mote_diag *diag)
{
    const size_t size = (size_t)stat->size;
    uint8_t *data = mote_arena_calloc(arena, size + 1, 1);
    if (!data) return mote_error_memory(diag);
    zip_file_t *file = zip_fopen_index(zip, stat->index, 0);
    if (!file)
        return mote_error(diag, MOTE_ERR_INPUT, "member \"%.100s\" of the .npz archive cannot be read: %s", stat->name,
                          zip_strerror(zip));
    size_t used = 0;
    zip_int64_t got;
    while (used <= size && (got = zip_fread(file, data + used, size + 1 - used)) > 0) used += (size_t)got;
    const bool failed = used <= size && got < 0;
    zip_fclose(file);
    if (failed || used != size)
        return mote_error(diag, MOTE_ERR_INPUT, "member \"%.100s\" of the .npz archive is damaged or truncated", stat->name);
    *bytes = data;
    return MOTE_OK;
}

static enum mote_status read_member(zip_t *zip, const zip_stat_t *stat, struct mote_arena *arena, struct mote_npy *array,
                                    struct mote_diag *diag)
{
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_NPZ_MAX_BYTES + 1024);
    uint8_t *bytes = NULL;
    enum mote_status status = unpack_member(zip, stat, &scratch, &bytes, diag);
    if (status == MOTE_OK) status = mote_npy_parse(bytes, (size_t)stat->size, arena, array, diag);
    mote_arena_free(&scratch);
    if (status != MOTE_OK) return status;
    char *name = mote_arena_string(arena, stat->name);
    if (!name) return mote_error_memory(diag);
    name[strlen(name) - 4] = 0;
    array->name = name;
    return MOTE_OK;
}

static enum mote_status read_members(zip_t *zip, struct mote_arena *arena, const struct mote_npy **arrays,
                                     size_t *array_count, struct mote_diag *diag)
{
    const zip_int64_t member_count = zip_get_num_entries(zip, 0);
    if (member_count > MOTE_NPZ_MAX_MEMBERS)
        return mote_error(diag, MOTE_ERR_INPUT, "the .npz archive has %lld members; at most %d are read",
                          (long long)member_count, MOTE_NPZ_MAX_MEMBERS);
    struct mote_npy *result = MOTE_NEW_ARRAY(arena, struct mote_npy, (size_t)(member_count > 0 ? member_count : 0));
    if (!result) return mote_error_memory(diag);
    size_t count = 0;
    zip_uint64_t total_bytes = 0;
    for (zip_uint64_t i = 0; i < (zip_uint64_t)member_count; i++) {
        zip_stat_t stat;
        zip_stat_init(&stat);
        const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_INDEX;
        if (zip_stat_index(zip, i, 0, &stat) != 0 || (stat.valid & needed) != needed)
            return mote_error(diag, MOTE_ERR_INPUT, "member %llu of the .npz archive has no name or no size",
                              (unsigned long long)i);
        if (!ends_in_npy(stat.name)) continue;
        if (stat.size > MOTE_NPZ_MAX_BYTES - total_bytes)
            return mote_error(diag, MOTE_ERR_INPUT, "the .npz archive unpacks to more than %zu bytes", MOTE_NPZ_MAX_BYTES);
        total_bytes += stat.size;
        const enum mote_status status = read_member(zip, &stat, arena, &result[count++], diag);
        if (status != MOTE_OK) return status;
    }
    if (!count) return mote_error(diag, MOTE_ERR_INPUT, "the archive holds no .npy array");
    *arrays = result;
    *array_count = count;
    return MOTE_OK;
}

enum mote_status mote_npz_parse(const uint8_t *bytes, size_t size_bytes, struct mote_arena *arena,
                                const struct mote_npy **arrays, size_t *array_count, struct mote_diag *diag)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, size_bytes, 0, &error);
    if (!source) return report_zip(&error, diag);
    zip_t *zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (!zip) {
        zip_source_free(source);
        return report_zip(&error, diag);
    }
    const enum mote_status status = read_members(zip, arena, arrays, array_count, diag);
    zip_discard(zip);
    zip_error_fini(&error);
    return status;
}
