/* import_bench.h: one import of a TensorFlow Lite model, of a file or made by tflite_writer. */
#ifndef TEST_SUPPORT_IMPORT_BENCH_H
#define TEST_SUPPORT_IMPORT_BENCH_H

#include "../../src/import/tflite.h"
#include "tflite_writer.h"

/* One import and all that it needs. */
struct import_bench {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph;
    uint8_t *bytes; /* of a model made by tflite_writer */
    size_t size_bytes;
};

void import_bench_open(struct import_bench *bench);
void import_bench_close(struct import_bench *bench);

/* Imports and verifies; bench->graph is the result. */
enum mote_status import_bench_run(struct import_bench *bench, const uint8_t *bytes, size_t size_bytes);

/* Finishes, imports and frees a model; on a status other than the wanted one the messages are printed. */
void import_bench_expect(struct import_bench *bench, struct tflw *w, enum mote_status wanted);

/* Does a message contain the text? */
bool import_bench_says(const struct import_bench *bench, const char *text);

/* An int8 tensor of scale 0.5 and zero point -3; a vector of numbers. */
int import_bench_tensor(struct tflw *w, const char *name, size_t rank, const int32_t *dims);
int import_bench_constant(struct tflw *w, const char *name, const int32_t *values, int32_t count);

#endif
