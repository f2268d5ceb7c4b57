/* TensorFlow Lite files from any bytes, on to graphs, their text form and plans. */
#include "check.h"
#include "import/tflite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph = NULL;
    mote_arena_init(&arena, FUZZ_ARENA_BYTES);
    mote_diag_init(&diag, "fuzz");
    const enum mote_status status = mote_import_tflite(data, size, "fuzz", &arena, &graph, &diag);
    fuzz_require((status == MOTE_OK) == (graph != NULL), "a graph comes with success only");
    fuzz_require(status == MOTE_OK || diag.count > 0, "a file that is refused is told why");
    fuzz_require(arena.used_bytes <= ((size_t)1 << 20) + 64 * size, "memory grows with the file only");
    if (graph) fuzz_check_graph(graph, (unsigned)size);
    mote_diag_free(&diag);
    mote_arena_free(&arena);
    return 0;
}
