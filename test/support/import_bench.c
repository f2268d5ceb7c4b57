/* import_bench.c: see import_bench.h. */
#include "import_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void import_bench_open(struct import_bench *bench)
{
    *bench = (struct import_bench){0};
    mote_arena_init(&bench->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&bench->diag, "");
}

void import_bench_close(struct import_bench *bench)
{
    mote_diag_free(&bench->diag);
    mote_arena_free(&bench->arena);
    free(bench->bytes);
}

enum mote_status import_bench_run(struct import_bench *bench, const uint8_t *bytes, size_t size_bytes)
{
    const enum mote_status status =
        mote_import_tflite(bytes, size_bytes, "model", &bench->arena, &bench->graph, &bench->diag);
    return status != MOTE_OK ? status : mote_graph_verify(bench->graph, &bench->diag);
}

void import_bench_expect(struct import_bench *bench, struct tflw *w, enum mote_status wanted)
{
    bench->bytes = tflw_finish(w, &bench->size_bytes);
    if (!bench->bytes) fail_msg("the writer says: %s", tflw_error(w));
    tflw_free(w);
    const enum mote_status status = import_bench_run(bench, bench->bytes, bench->size_bytes);
    for (size_t i = 0; status != wanted && i < bench->diag.count; i++)
        print_error("%s\n", bench->diag.messages[i].text);
    assert_int_equal(status, wanted);
}

bool import_bench_says(const struct import_bench *bench, const char *text)
{
    for (size_t i = 0; i < bench->diag.count; i++)
        if (strstr(bench->diag.messages[i].text, text)) return true;
    return false;
}

int import_bench_tensor(struct tflw *w, const char *name, size_t rank, const int32_t *dims)
{
    const float scale = 0.5f;
    const int64_t zero = -3;
    return tflw_tensor(w, name, TFLW_INT8, rank, dims, &(struct tflw_quant){&scale, &zero, 1, 0}, NULL, 0);
}

int import_bench_constant(struct tflw *w, const char *name, const int32_t *values, int32_t count)
{
    return tflw_tensor(w, name, TFLW_INT32, 1, &count, NULL, values, (size_t)count * sizeof *values);
}
