/* The kernel sources that a plan calls, and all they include, from the copies embedded in the program. */
#include "internal.h"

#include "../base/embed.h"

#include <stdio.h>
#include <string.h>

extern const struct mote_embedded_file mote_kernel_files[];
extern const size_t mote_kernel_files_count;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const struct mote_embedded_file *find_file(const char *name)
{
    for (size_t i = 0; i < mote_kernel_files_count; i++)
        if (!strcmp(base_name(mote_kernel_files[i].name), base_name(name))) return &mote_kernel_files[i];
    return NULL;
}

static bool already_out(const struct mote_emit_files *out, const char *name)
{
    for (size_t i = 0; i < out->count; i++)
        if (!strcmp(out->files[i].name, name)) return true;
    return false;
}

static enum mote_status add_file(const struct mote_embedded_file *file, struct mote_arena *arena,
                                 struct mote_emit_files *out, struct mote_diag *diag)
{
    char name[256];
    snprintf(name, sizeof name, "kernel/%s", base_name(file->name));
    if (already_out(out, name)) return MOTE_OK;
    struct mote_text text = {0};
    mote_text_append(&text, file->text, file->bytes);
    return mote_emit_add(out, arena, name, &text, diag);
}

/* A header that declares functions brings along the source of the same name that defines them. */
static enum mote_status add_sources_of_header(const char *header, struct mote_arena *arena, struct mote_emit_files *out,
                                              struct mote_diag *diag)
{
    static const char *const endings[] = {"c", "S"};
    const char *dot = strrchr(header, '.');
    if (!dot || strcmp(dot, ".h") != 0) return MOTE_OK;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char name[136];
        snprintf(name, sizeof name, "%.*s.%s", (int)(dot - header), header, endings[i]);
        const struct mote_embedded_file *file = find_file(name);
        const enum mote_status status = file ? add_file(file, arena, out, diag) : MOTE_OK;
        if (status != MOTE_OK) return status;
    }
    return MOTE_OK;
}

/* Adds every file that `text` includes with quotes and that is one of the kernels' own. */
static enum mote_status add_includes(const char *text, struct mote_arena *arena, struct mote_emit_files *out,
                                     struct mote_diag *diag)
{
    static const char directive[] = "#include \"";
    for (const char *at = strstr(text, directive); at; at = strstr(at, directive)) {
        at += sizeof directive - 1;
        char name[128];
        const size_t length = strcspn(at, "\"\n");
        if (length >= sizeof name) continue;
        memcpy(name, at, length);
        name[length] = 0;
        const struct mote_embedded_file *file = find_file(name);
        if (!file) continue;
        enum mote_status status = add_file(file, arena, out, diag);
        if (status == MOTE_OK) status = add_sources_of_header(name, arena, out, diag);
        if (status != MOTE_OK) return status;
    }
    return MOTE_OK;
}

enum mote_status mote_emit_kernel_files(const char *const *names, size_t count, struct mote_arena *arena,
                                        struct mote_emit_files *out, struct mote_diag *diag)
{
    const size_t first = out->count;
    enum mote_status status = MOTE_OK;
    for (size_t i = 0; i < count && status == MOTE_OK; i++) {
        const struct mote_embedded_file *file = find_file(names[i]);
        status = file ? add_file(file, arena, out, diag)
                      : mote_error(diag, MOTE_ERR_UNSUPPORTED, "kernel source %s is missing from this program", names[i]);
    }
    for (size_t i = first; i < out->count && status == MOTE_OK; i++) /* grows while it runs: the closure */
        status = add_includes(out->files[i].text, arena, out, diag);
    return status;
}

enum mote_status mote_emit_prepend(struct mote_emit_files *out, struct mote_arena *arena, const char *name, const char *text,
                                   struct mote_diag *diag)
{
    for (size_t i = 0; i < out->count; i++) {
        struct mote_emit_file *file = &out->files[i];
        if (strcmp(file->name, name) != 0) continue;
        char *both = mote_arena_printf(arena, "%s%s", text, file->text);
        if (!both) return mote_error_memory(diag);
        *file = (struct mote_emit_file){file->name, both, strlen(both)};
    }
    return MOTE_OK;
}

enum mote_status mote_emit_note_planes(struct mote_emit_files *out, struct mote_arena *arena, struct mote_diag *diag)
{
    static const char none[] = "/* no kernel of this model stores planes */\n#define MK_ARMV7EM_HAS_PLANES 0\n";
    if (already_out(out, "kernel/mk_armv7em_to_planes.h")) return MOTE_OK;
    return mote_emit_prepend(out, arena, "kernel/mk_armv7em_layout.h", none, diag);
}

enum mote_status mote_emit_kernels(const struct mote_plan *plan, struct mote_arena *arena, struct mote_emit_files *out,
                                   struct mote_diag *diag)
{
    /* The model includes it also when it has no steps (a lone reshape). */
    const char **names = MOTE_NEW_ARRAY(arena, const char *, (size_t)plan->step_count + 1);
    if (!names) return mote_error_memory(diag);
    names[0] = "mote_kernel.h";
    for (int32_t i = 0; i < plan->step_count; i++) names[i + 1] = plan->steps[i].kernel->source;
    const enum mote_status status = mote_emit_kernel_files(names, (size_t)plan->step_count + 1, arena, out, diag);
    return status == MOTE_OK ? mote_emit_note_planes(out, arena, diag) : status;
}
