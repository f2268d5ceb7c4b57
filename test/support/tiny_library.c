/* tiny_library.c: see tiny_library.h. */
#include "tiny_library.h"

#include "../../src/base/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const uint8_t tiny_library_vectors[2 * TINY_LIBRARY_VECTOR_BYTES] = {0, 1, 2, 3, 127, 128, 254, 255, 9, 8, 7, 6, 5, 4, 3, 2};

static const struct mote_sim_span input_span = {0, TINY_LIBRARY_VECTOR_BYTES}, output_span = {16, TINY_LIBRARY_VECTOR_BYTES};

static const char glue_text[] = "#include \"model.h\"\n"
                                "#define GLUE_ARENA_ALIGN 4\n"
                                "#define GLUE_INPUTS { {0, 8} }\n"
                                "#define GLUE_OUTPUTS { {16, 8} }\n"
                                "#define GLUE_INPUT_COUNT 1\n"
                                "#define GLUE_OUTPUT_COUNT 1\n"
                                "#define GLUE_RUN(arena) model_run(arena)\n";

static const char header_text[] = "#include <stddef.h>\n"
                                  "#include <stdint.h>\n"
                                  "void model_run(uint8_t *arena);\n"
                                  "void mote_trace(uint16_t step, const void *data, size_t bytes);\n";

void tiny_library_put_glue(const struct sim_bench *bench, unsigned arena_bytes)
{
    char text[1024];
    snprintf(text, sizeof text, "%s#define GLUE_ARENA_BYTES %u\n", glue_text, arena_bytes);
    sim_bench_put(bench, "model_glue.h", text);
}

void tiny_library_begin(struct sim_bench *bench, const struct mote_target *target, const char *model_text)
{
    sim_bench_begin(bench, target);
    const struct mote_process mkdir_kernel = {
        .arguments = (const char *const[]){"mkdir", "kernel", NULL}, .folder = bench->folder, .timeout_seconds = 10};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&mkdir_kernel, &end, &bench->diag), MOTE_OK);
    mote_process_end_free(&end);
    sim_bench_put(bench, "model.h", header_text);
    sim_bench_put(bench, "model.c", model_text);
    tiny_library_put_glue(bench, TINY_LIBRARY_ARENA_BYTES);
    bench->job = (struct mote_sim_job){.target = target,
                                       .folder = bench->folder,
                                       .arena_bytes = TINY_LIBRARY_ARENA_BYTES,
                                       .inputs = &input_span,
                                       .outputs = &output_span,
                                       .input_count = 1,
                                       .output_count = 1,
                                       .input = tiny_library_vectors,
                                       .vector_count = 2};
}

struct mote_sim_result tiny_library_measure(const struct mote_target *target, const char *model_text)
{
    struct sim_bench bench;
    tiny_library_begin(&bench, target, model_text);
    sim_bench_must_run(&bench);
    const struct mote_sim_result result = bench.result;
    sim_bench_end(&bench);
    return result;
}

void tiny_library_must_fail(struct sim_bench *bench, enum mote_status expected, const char *words)
{
    struct mote_sim_result untouched;
    memset(&untouched, 0x5A, sizeof untouched);
    bench->result = untouched;
    assert_int_equal(mote_sim_run(&bench->job, &bench->arena, &bench->result, &bench->diag), expected);
    assert_memory_equal(&bench->result, &untouched, sizeof untouched);
    assert_true(bench->diag.count > 0);
    const char *text = bench->diag.messages[bench->diag.count - 1].text;
    if (!strstr(text, words)) fail_msg("expected \"%s\" in: %s", words, text);
    sim_bench_end(bench);
}
