/* bench_data.h: what lies beside a model for a benchmark: golden vectors, and figures of peers. */
#ifndef MOTE_CLI_BENCH_DATA_H
#define MOTE_CLI_BENCH_DATA_H

#include "cli.h"

/* Vectors and, if they are known, the outputs that must come of them. */
struct mote_cli_bench_vectors {
    const uint8_t *input;
    size_t count;
    const char *source;      /* "golden", "random", or the file's name */
    uint8_t *expected;       /* count * vector_output_bytes; NULL: not known. Released by mote_cli_bench_release */
    char expected_path[1024];
};

/* For a loaded model DIR/NAME.tflite: at most `count` of the golden vectors of DIR or of DIR/../golden (NAME.in.bin and
 * NAME.out.bin), from the middle of the file on, where realistic ones begin; `count` random ones of the seed if there are
 * none. Only outputs of integers are known to the bit. */
MOTE_MUST_CHECK enum mote_status mote_cli_bench_vectors(struct mote *mote, const char *model_path, uint64_t seed, size_t count,
                                                        struct mote_cli_bench_vectors *vectors);
void mote_cli_bench_release(struct mote_cli_bench_vectors *vectors);

/* The peers' figures in the file, or without one in DIR/../peers.json if that exists. NULL if there are none; *failed is set
 * after saying why. */
json_t *mote_cli_bench_read_peers(const char *path, const char *model_path, bool *failed);

/* The peer's figures for a model on a target, as an object: "instructions", "arena_bytes", "ram_bytes" (in all), "code_bytes",
 * "flash_bytes" (with the model), null where they were not measured. NULL if it has none at all. */
json_t *mote_cli_bench_peer(const json_t *peers, const char *model, const char *target);

#endif
