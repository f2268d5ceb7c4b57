#include "bench_data.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* DIR/<below>NAME<ending> for DIR/NAME.tflite; false if it is not there. */
static bool find_beside(const char *model_path, const char *below, const char *name, const char *ending, char *path, size_t size)
{
    const char *slash = strrchr(model_path, '/');
    const int length = slash ? (int)(slash - model_path) : 1;
    const int used = snprintf(path, size, "%.*s/%s%s%s", length, slash ? model_path : ".", below, name, ending);
    return used > 0 && (size_t)used < size && access(path, R_OK) == 0;
}

/* ---- Vectors ---- */

static bool has_integer_outputs(const struct mote_model_info *model)
{
    for (size_t i = 0; i < model->output_count; i++)
        if (model->outputs[i].dtype[0] == 'f') return false;
    return true;
}

/* Keeps the outputs of the vectors [first, first + count) of `total`. */
static enum mote_status take_expected(const struct mote_model_info *model, size_t first, size_t total,
                                      struct mote_cli_bench_vectors *vectors)
{
    size_t bytes;
    const size_t vector_bytes = model->vector_output_bytes;
    uint8_t *outputs = mote_cli_read_file(vectors->expected_path, &bytes);
    if (!outputs) return MOTE_ERR_IO;
    if (bytes != total * vector_bytes) {
        mote_cli_error("%s: %zu bytes, but %zu vectors of %zu output bytes make %zu", vectors->expected_path, bytes, total,
                       vector_bytes, total * vector_bytes);
        free(outputs);
        return MOTE_ERR_INPUT;
    }
    memmove(outputs, outputs + first * vector_bytes, vectors->count * vector_bytes);
    vectors->expected = outputs;
    return MOTE_OK;
}

enum mote_status mote_cli_bench_vectors(struct mote *mote, const char *model_path, uint64_t seed, size_t count,
                                        struct mote_cli_bench_vectors *vectors)
{
    static const char *const folders[] = {"", "../golden/"};
    const struct mote_model_info *model = mote_model_info(mote);
    const struct mote_cli_text name = mote_cli_stem(model_path);
    char input_path[sizeof vectors->expected_path];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        size_t total;
        if (!find_beside(model_path, folders[i], name.text, ".in.bin", input_path, sizeof input_path) ||
            !find_beside(model_path, folders[i], name.text, ".out.bin", vectors->expected_path, sizeof vectors->expected_path))
            continue;
        const enum mote_status status = mote_read_input(mote, input_path, &vectors->input, &total);
        if (status != MOTE_OK) return status;
        vectors->source = "golden";
        vectors->count = count < total ? count : total;
        const size_t first = total / 2 + vectors->count <= total ? total / 2 : total - vectors->count;
        vectors->input += first * model->vector_input_bytes;
        return has_integer_outputs(model) ? take_expected(model, first, total, vectors) : MOTE_OK;
    }
    vectors->source = "random";
    vectors->count = count;
    return mote_random_input(mote, seed, count, &vectors->input);
}

void mote_cli_bench_release(struct mote_cli_bench_vectors *vectors)
{
    free(vectors->expected);
    *vectors = (struct mote_cli_bench_vectors){0};
}

/* ---- Peers ---- */

json_t *mote_cli_bench_read_peers(const char *path, const char *model_path, bool *failed)
{
    char found[1024];
    json_error_t error;
    if (!path && find_beside(model_path, "../", "peers", ".json", found, sizeof found)) path = found;
    if (!path) return NULL;
    json_t *peers = json_load_file(path, 0, &error);
    if (peers && json_is_object(json_object_get(peers, "instructions"))) return peers;
    *failed = true;
    if (peers) mote_cli_error("%s: no figures of peers: there are no \"instructions\"", path);
    else mote_cli_error("%s: line %d: %s", path, error.line, error.text);
    json_decref(peers);
    return NULL;
}

/* The core whose figures stand for a target's: bench/README.md. */
static const char *core_of(const char *target)
{
    static const struct {
        const char *target, *core;
    } cores[] = {{"cortex-m0", "m0plus"}, {"cortex-m0plus", "m0plus"}, {"cortex-m3", "m3"}, {"cortex-m4", "m4"},
                 {"cortex-m33", "m4"}, {"cortex-m7", "m7"}, {"cortex-m55", "m55"}, {"rv32imc", "rv32imc-ref"}};
    for (size_t i = 0; i < sizeof cores / sizeof cores[0]; i++)
        if (strcmp(cores[i].target, target) == 0) return cores[i].core;
    return NULL;
}

/* peers[table][model], or [core] of that if there is one. */
static json_t *figure_of(const json_t *peers, const char *table, const char *model, const char *core)
{
    json_t *figure = json_object_get(json_object_get(peers, table), model);
    if (core) figure = json_object_get(figure, core);
    return json_is_number(figure) ? json_incref(figure) : json_null();
}

json_t *mote_cli_bench_peer(const json_t *peers, const char *model, const char *target)
{
    const char *core = core_of(target);
    if (!core) return NULL;
    const bool is_m4 = strcmp(core, "m4") == 0;
    json_t *instructions = figure_of(peers, "instructions", model, core);
    if (json_is_null(instructions)) return NULL;
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "instructions", instructions, "arena_bytes",
                     figure_of(peers, "arena_bytes", model, core), "ram_bytes",
                     is_m4 ? figure_of(peers, "total_ram_bytes_m4", model, NULL) : json_null(), "code_bytes",
                     figure_of(peers, "flash_code_bytes", model, core), "flash_bytes",
                     is_m4 ? figure_of(peers, "flash_with_model_bytes_m4", model, NULL) : json_null());
}
