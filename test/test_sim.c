/* test_sim.c: the simulators, each with a tiny library written here. Targets whose compiler or simulator is not
 * installed are skipped with a message. */
#include "../src/base/file.h"
#include "../src/base/process.h"
#include "../src/sim/sim.h"
#include "../src/target/target.h"
#include "sim_bench.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ARENA_BYTES 64u
#define VECTOR_BYTES 8u

static const uint8_t two_vectors[2 * VECTOR_BYTES] = {0, 1, 2, 3, 127, 128, 254, 255, 9, 8, 7, 6, 5, 4, 3, 2};
static const struct mote_sim_span input_span = {0, VECTOR_BYTES}, output_span = {16, VECTOR_BYTES};

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

/* Adds 1 to each byte; the 1 lies in flash, in a source of its own in kernel/. */
static const char add_one_text[] = "#include \"model.h\"\n"
                                   "#include \"one.h\"\n"
                                   "void model_run(uint8_t *arena)\n"
                                   "{\n"
                                   "    for (int i = 0; i < 8; i++) arena[16 + i] = (uint8_t)(arena[i] + ONE);\n"
                                   "}\n";
static const char one_header_text[] = "#if defined(__AVR__)\n"
                                      "#include <avr/pgmspace.h>\n"
                                      "extern const __flash unsigned char one[2];\n"
                                      "#else\n"
                                      "extern const unsigned char one[2];\n"
                                      "#endif\n"
                                      "#define ONE one[1]\n";
static const char one_text[] = "#include \"one.h\"\n"
                               "#if defined(__AVR__)\n"
                               "const __flash unsigned char one[2] = {7, 1};\n"
                               "#else\n"
                               "const unsigned char one[2] = {7, 1};\n"
                               "#endif\n";

static void put_glue(const struct sim_bench *bench, unsigned arena_bytes)
{
    char text[1024];
    snprintf(text, sizeof text, "%s#define GLUE_ARENA_BYTES %u\n", glue_text, arena_bytes);
    sim_bench_put(bench, "model_glue.h", text);
}

static void begin(struct sim_bench *bench, const struct mote_target *target, const char *model_text)
{
    sim_bench_begin(bench, target);
    const struct mote_process mkdir_kernel = {
        .arguments = (const char *const[]){"mkdir", "kernel", NULL}, .folder = bench->folder, .timeout_seconds = 10};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&mkdir_kernel, &end, &bench->diag), MOTE_OK);
    mote_process_end_free(&end);
    sim_bench_put(bench, "model.h", header_text);
    sim_bench_put(bench, "model.c", model_text);
    put_glue(bench, ARENA_BYTES);
    bench->job = (struct mote_sim_job){.target = target,
                                       .folder = bench->folder,
                                       .arena_bytes = ARENA_BYTES,
                                       .inputs = &input_span,
                                       .outputs = &output_span,
                                       .input_count = 1,
                                       .output_count = 1,
                                       .input = two_vectors,
                                       .vector_count = 2};
}

static enum mote_status run(struct sim_bench *bench)
{
    return mote_sim_run(&bench->job, &bench->arena, &bench->result, &bench->diag);
}

/* Runs a model once and returns what it measured; the arena-held parts of the result are gone. */
static struct mote_sim_result measure(const struct mote_target *target, const char *model_text)
{
    struct sim_bench bench;
    begin(&bench, target, model_text);
    sim_bench_must_run(&bench);
    const struct mote_sim_result result = bench.result;
    sim_bench_end(&bench);
    return result;
}

/* Runs a model that must fail with this status and a text that contains `words`. */
static void must_fail(struct sim_bench *bench, enum mote_status expected, const char *words)
{
    struct mote_sim_result untouched;
    memset(&untouched, 0x5A, sizeof untouched);
    bench->result = untouched;
    assert_int_equal(run(bench), expected);
    assert_memory_equal(&bench->result, &untouched, sizeof untouched);
    assert_true(bench->diag.count > 0);
    const char *text = bench->diag.messages[bench->diag.count - 1].text;
    if (!strstr(text, words)) fail_msg("expected \"%s\" in: %s", words, text);
    sim_bench_end(bench);
}

/* Calls `check` with every target that has its tools here. */
static void for_each_target(void (*check)(const struct mote_target *))
{
    size_t count;
    const struct mote_target *const *all = mote_target_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (sim_bench_target(all[i]->name)) check(all[i]);
    }
}

/* ---- Targets and processes ---- */

static void every_target_is_found_and_falls_back_to_ref(void **state)
{
    (void)state;
    size_t count;
    const struct mote_target *const *all = mote_target_all(&count);
    assert_true(count >= 11);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(mote_target_find(all[i]->name), all[i]);
        size_t families = 0;
        while (all[i]->families[families]) families++;
        assert_true(families > 0);
        assert_string_equal(all[i]->families[families - 1], "ref");
        if (all[i]->energy.amperes > 0) assert_non_null(all[i]->energy.source);
        if (all[i]->cycles_per_instruction > 0) assert_non_null(all[i]->cycles_source);
    }
    assert_null(mote_target_find("z80"));
}

static void energy_is_power_times_time(void **state)
{
    (void)state;
    struct mote_target target = {.energy = {.volts = 5, .amperes = 0.01, .hertz = 8e6}};
    /* 50 mW for 1 s are 50000 uJ */
    assert_true(mote_target_energy_uj(&target, 8e6) > 49999.9 && mote_target_energy_uj(&target, 8e6) < 50000.1);
    target.energy.amperes = 0;
    assert_true(mote_target_energy_uj(&target, 8e6) < 0);
}

static void a_process_hands_back_what_it_wrote(void **state)
{
    (void)state;
    const char *const arguments[] = {"sh", "-c", "pwd; echo \"$1\" >&2; exit 3", "sh", "a b; $c", NULL};
    const struct mote_process process = {.arguments = arguments, .folder = "/", .timeout_seconds = 10};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_string_equal(end.output.bytes, "/\n");
    assert_string_equal(end.errors.bytes, "a b; $c\n");
    assert_int_equal(end.exit_code, 3);
    assert_false(end.timed_out);
    mote_process_end_free(&end);
}

static void a_process_that_never_ends_is_stopped(void **state)
{
    (void)state;
    const struct mote_process process = {.arguments = (const char *const[]){"sleep", "1000", NULL},
                                         .timeout_seconds = 1};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_true(end.timed_out);
    assert_int_equal(end.signal, SIGTERM);
    mote_process_end_free(&end);
}

static void a_process_that_ignores_the_request_to_end_is_killed(void **state)
{
    (void)state;
    const struct mote_process process = {
        .arguments = (const char *const[]){"sh", "-c", "trap '' TERM; while :; do :; done", NULL}, .timeout_seconds = 1};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_true(end.timed_out);
    assert_int_equal(end.signal, SIGKILL);
    mote_process_end_free(&end);
}

static bool refuse(void *context)
{
    (void)context;
    return false;
}

static void what_a_stopped_process_started_has_ended_too(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0); /* inherited by all of them */
    const struct mote_process process = {
        .arguments = (const char *const[]){"sh", "-c", "sh -c 'sleep 1000; true' & echo started; wait", NULL}, .may_go_on = refuse};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_true(end.stopped);
    mote_process_end_free(&end);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 0); /* the end: nobody holds the other side; -1 if one does */
    close(ends[0]);
}

static void a_process_may_write_more_than_is_kept(void **state)
{
    (void)state;
    const struct mote_process process = {.arguments = (const char *const[]){"head", "-c", "5000000", "/dev/zero", NULL},
                                         .timeout_seconds = 60};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_int_equal(end.exit_code, 0);
    assert_true(end.output.length >= 1 << 20 && end.output.length < 2 << 20);
    mote_process_end_free(&end);
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct mote_diag diag;
    mote_diag_init(&diag, NULL);
    const struct mote_process process = {.arguments = (const char *const[]){"mote-no-such-program", NULL},
                                         .timeout_seconds = 1};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, &diag), MOTE_ERR_IO);
    assert_int_equal(diag.count, 1);
    assert_non_null(strstr(diag.messages[0].text, "mote-no-such-program"));
    assert_false(mote_process_exists("mote-no-such-program"));
    assert_true(mote_process_exists("sh"));
    mote_diag_free(&diag);
}

/* ---- Every target ---- */

static void check_add_one(const struct mote_target *target)
{
    struct sim_bench bench;
    begin(&bench, target, add_one_text);
    sim_bench_put(&bench, "kernel/one.h", one_header_text);
    sim_bench_put(&bench, "kernel/one.c", one_text);
    sim_bench_must_run(&bench);
    for (size_t i = 0; i < sizeof two_vectors; i++) {
        assert_int_equal(bench.result.output[i], (uint8_t)(two_vectors[i] + 1));
    }
    if (target->simulator != MOTE_SIM_HOST) {
        assert_true(bench.result.flash_bytes > 20 && bench.result.flash_bytes < 2000);
        assert_true(bench.result.ram_bytes >= ARENA_BYTES && bench.result.ram_bytes < ARENA_BYTES + 16);
        assert_true(bench.result.stack_bytes >= 2 && bench.result.stack_bytes < 128);
        assert_int_equal(bench.result.ram_touched_bytes, bench.result.ram_bytes + bench.result.stack_bytes);
        assert_true(bench.result.instructions >= 0);
    }
    const bool exact = target->simulator == MOTE_SIM_SIMAVR;
    assert_true(exact ? bench.result.cycles > 16 : bench.result.cycles < 0);
    const struct mote_sim_result first = bench.result;
    sim_bench_must_run(&bench);
    assert_true(bench.result.cycles == first.cycles && bench.result.instructions == first.instructions);
    assert_int_equal(bench.result.stack_bytes, first.stack_bytes);
    sim_bench_end(&bench);
}

static void every_target_runs_the_model_and_repeats_its_counts(void **state)
{
    (void)state;
    for_each_target(check_add_one);
}

static void check_start_up(const struct mote_target *target)
{
    struct sim_bench bench;
    begin(&bench, target,
          "#include \"model.h\"\n"
          "static volatile uint8_t initialised[3] = {0x40, 0x41, 0x42};\n"
          "static volatile uint8_t zeroed[3];\n"
          "static volatile float half = 0.5f;\n"
          "void model_run(uint8_t *arena)\n{\n"
          "    for (int i = 0; i < 3; i++) arena[16 + i] = (uint8_t)(initialised[i] + zeroed[i]);\n"
          "    arena[19] = (uint8_t)(half * (float)arena[4]);\n"
          "#if defined(__ARM_FEATURE_MVE)\n"
          "    __asm__ volatile(\"vdup.8 q0, %1\\n\\tvstrb.8 q0, [%0]\" : : \"r\"(arena + 40), \"r\"(arena[5]) : "
          "\"memory\");\n"
          "    arena[20] = arena[55];\n"
          "#else\n    arena[20] = arena[5];\n#endif\n}\n");
    sim_bench_must_run(&bench);
    for (unsigned v = 0; v < 2; v++) {
        for (unsigned i = 0; i < 3; i++) assert_int_equal(bench.result.output[8 * v + i], 0x40 + i);
        assert_int_equal(bench.result.output[8 * v + 3], two_vectors[8 * v + 4] / 2);
        assert_int_equal(bench.result.output[8 * v + 4], two_vectors[8 * v + 5]);
    }
    sim_bench_end(&bench);
}

static void start_up_fills_memory_and_switches_the_fpu_and_helium_on(void **state)
{
    (void)state;
    for_each_target(check_start_up);
}

static void building_alone_gives_the_sizes_of_a_run(void **state)
{
    (void)state;
    const struct mote_target *target = sim_bench_target("atmega328p");
    if (!target) skip();
    struct sim_bench bench;
    begin(&bench, target, "#include \"model.h\"\nvoid model_run(uint8_t *arena) { arena[16] = arena[0]; }\n");
    char *path = NULL;
    struct mote_sim_result sizes;
    assert_int_equal(mote_sim_build(&bench.job, &bench.arena, &path, &sizes, &bench.diag), MOTE_OK);
    assert_true(mote_file_exists(path));
    sim_bench_must_run(&bench);
    assert_int_equal(sizes.flash_bytes, bench.result.flash_bytes);
    assert_int_equal(sizes.ram_bytes, bench.result.ram_bytes);
    assert_true(sizes.cycles < 0 && sizes.output == NULL);
    sim_bench_end(&bench);
}

/* The figures do not hang on what is in the harness: a constant or a variable more in the library is what they grow by. */
static void sizes_grow_by_what_the_library_grows(void **state)
{
    (void)state;
    const struct mote_target *target = sim_bench_target("cortex-m4");
    if (!target) skip();
    static const char text[] = "#include \"model.h\"\n"
                               "extern const uint8_t constants[N];\nconst uint8_t constants[N] = {1, 2, 3};\n"
                               "extern uint8_t variables[4 * N];\nuint8_t variables[4 * N];\n"
                               "void model_run(uint8_t *arena)\n{\n"
                               "    const volatile uint8_t *c = constants;\n    volatile uint8_t *v = variables;\n"
                               "    v[arena[0] & 3] = c[arena[1] & 3];\n    arena[16] = v[1];\n}\n";
    char small_text[1024], large_text[1024];
    snprintf(small_text, sizeof small_text, "#define N 256\n%s", text);
    snprintf(large_text, sizeof large_text, "#define N 1256\n%s", text);
    const struct mote_sim_result small = measure(target, small_text), large = measure(target, large_text);
    assert_int_equal(large.flash_bytes - small.flash_bytes, 1000);
    assert_int_equal(large.ram_bytes - small.ram_bytes, 4000);
}

static const char traced_text[] = "#include \"model.h\"\n"
                                  "void model_run(uint8_t *arena)\n"
                                  "{\n"
                                  "    for (int i = 0; i < 8; i++) arena[8 + i] = (uint8_t)(arena[i] ^ 0x55);\n"
                                  "#ifdef MOTE_TRACE\n"
                                  "    mote_trace(0, arena + 8, 8);\n"
                                  "#endif\n"
                                  "    for (int i = 0; i < 8; i++) arena[16 + i] = (uint8_t)(arena[8 + i] * 3);\n"
                                  "#ifdef MOTE_TRACE\n"
                                  "    mote_trace(300, arena + 16, 5);\n"
                                  "#endif\n"
                                  "}\n";

static void check_trace(const struct mote_target *target)
{
    struct sim_bench bench;
    begin(&bench, target, traced_text);
    bench.job.trace = true;
    sim_bench_must_run(&bench);
    assert_int_equal(bench.result.trace_count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct mote_sim_trace *trace = &bench.result.traces[i];
        assert_int_equal(trace->vector, i / 2);
        assert_int_equal(trace->step, i % 2 ? 300 : 0);
        assert_int_equal(trace->byte_count, i % 2 ? 5 : 8);
        if (target->simulator == MOTE_SIM_SIMAVR) assert_true(trace->cycles > 8 * 3 && trace->cycles < 1000);
        for (size_t j = 0; j < trace->byte_count; j++) {
            const uint8_t first = two_vectors[8 * (i / 2) + j] ^ 0x55;
            assert_int_equal(trace->bytes[j], i % 2 ? (uint8_t)(first * 3) : first);
        }
    }
    assert_int_equal(bench.result.output[0], (uint8_t)((two_vectors[0] ^ 0x55) * 3));
    sim_bench_end(&bench);
}

static void traces_deliver_every_step(void **state)
{
    (void)state;
    for_each_target(check_trace);
}

static void check_broken_source(const struct mote_target *target)
{
    struct sim_bench bench;
    begin(&bench, target, "#include \"model.h\"\nvoid model_run(uint8_t *arena) { arena[0] = undeclared_thing; }\n");
    must_fail(&bench, MOTE_ERR_INPUT, "undeclared_thing");
}

static void broken_sources_give_the_compilers_message(void **state)
{
    (void)state;
    for_each_target(check_broken_source);
}

static void check_endless_loop(const struct mote_target *target)
{
    if (target->simulator == MOTE_SIM_HOST) return; /* nothing counts there; the wall clock alone stops it */
    struct sim_bench bench;
    begin(&bench, target,
          "#include \"model.h\"\nvoid model_run(uint8_t *arena)\n{\n    volatile uint8_t *p = arena;\n"
          "    if (p[0] == 0) for (;;) p[1]++;\n    p[16] = 1;\n}\n");
    bench.job.cycle_limit = 1000000;
    must_fail(&bench, MOTE_ERR_IO, "vector 0 did not end within 1000000");
}

static void an_endless_loop_ends_by_the_limit(void **state)
{
    (void)state;
    for_each_target(check_endless_loop);
}

static void stack_text(char *text, size_t text_bytes, unsigned frame_bytes)
{
    snprintf(text, text_bytes,
             "#include \"model.h\"\n"
             "__attribute__((noinline)) static uint8_t fill(uint8_t seed)\n"
             "{\n"
             "    volatile uint8_t frame[%u];\n"
             "    for (uint16_t i = 0; i < sizeof frame; i++) frame[i] = seed;\n"
             "    return frame[seed];\n"
             "}\n"
             "void model_run(uint8_t *arena) { arena[16] = (uint8_t)(fill(arena[0]) + 1); }\n",
             frame_bytes);
}

static void check_stack_figure(const struct mote_target *target)
{
    if (target->simulator == MOTE_SIM_HOST) return;
    char text[1024];
    stack_text(text, sizeof text, 640);
    const struct mote_sim_result small = measure(target, text);
    stack_text(text, sizeof text, 640 + 512);
    const struct mote_sim_result large = measure(target, text);
    assert_true(small.stack_bytes >= 640 && small.stack_bytes < 640 + 64);
    if (large.stack_bytes - small.stack_bytes != 512) {
        fail_msg("%s: %u and %u bytes of stack differ by more than the frames", target->name, large.stack_bytes,
                 small.stack_bytes);
    }
}

static void the_stack_figure_follows_a_known_frame(void **state)
{
    (void)state;
    for_each_target(check_stack_figure);
}

static void check_stack_overflow(const struct mote_target *target)
{
    if (target->simulator == MOTE_SIM_HOST || target->ram_bytes > 64 * 1024) return; /* watched: 256 KB */
    struct sim_bench bench;
    char text[1024];
    /* half of the RAM is static, more than half is wanted by the stack */
    stack_text(text, sizeof text, target->ram_bytes / 2 + 100);
    begin(&bench, target, text);
    put_glue(&bench, target->ram_bytes / 2);
    must_fail(&bench, MOTE_ERR_NO_FIT, "the stack overflows");
}

static void stack_overflow_is_detected(void **state)
{
    (void)state;
    for_each_target(check_stack_overflow);
}

static void check_too_much_static_ram(const struct mote_target *target)
{
    if (target->simulator == MOTE_SIM_HOST || target->ram_bytes > 1024 * 1024) return;
    struct sim_bench bench;
    begin(&bench, target, add_one_text);
    sim_bench_put(&bench, "kernel/one.h", one_header_text);
    sim_bench_put(&bench, "kernel/one.c", one_text);
    put_glue(&bench, target->ram_bytes + 100);
    must_fail(&bench, MOTE_ERR_NO_FIT, "too many");
}

static void too_much_static_ram_is_an_error(void **state)
{
    (void)state;
    for_each_target(check_too_much_static_ram);
}

static void check_crash(const struct mote_target *target)
{
    if (target->simulator == MOTE_SIM_HOST) return;
    struct sim_bench bench;
    begin(&bench, target,
          "#include \"model.h\"\nvoid model_run(uint8_t *arena)\n{\n    arena[16] = 1;\n"
          "#if defined(__AVR__)\n    __asm__ volatile(\"sts 0xffff, r24\");\n" /* behind the RAM of every chip */
          "#elif defined(__arm__)\n    __asm__ volatile(\"udf #0\");\n"
          "#else\n    __asm__ volatile(\"unimp\");\n#endif\n}\n");
    bench.job.cycle_limit = 10000000;
    must_fail(&bench, MOTE_ERR_IO, "crashed in vector 0");
}

static void a_crash_is_an_error(void **state)
{
    (void)state;
    for_each_target(check_crash);
}

/* ---- Counting ---- */

static void check_calibration(const struct mote_target *target)
{
    if (target->simulator != MOTE_SIM_QEMU_ARM && target->simulator != MOTE_SIM_QEMU_RV32) return;
    const struct mote_sim_result result =
        measure(target, "#include \"model.h\"\n"
                        "void model_run(uint8_t *arena)\n{\n"
                        "    uint32_t rounds = 1000000;\n"
                        "#if defined(__arm__)\n"
                        "    __asm__ volatile(\".syntax unified\\n1: subs %0, #1\\n\\tbne 1b\" : \"+l\"(rounds) : : \"cc\");\n"
                        "#else\n"
                        "    __asm__ volatile(\"1: addi %0, %0, -1\\n\\tbnez %0, 1b\" : \"+r\"(rounds));\n"
                        "#endif\n"
                        "    arena[16] = (uint8_t)rounds;\n}\n");
    /* two ticks of the slowest clock, and the call */
    assert_true(result.instructions > 2000000 - 100 && result.instructions < 2000000 + 100);
}

static void counted_instructions_agree_with_a_loop_of_known_length(void **state)
{
    (void)state;
    for_each_target(check_calibration);
}

static struct mote_sim_result measure_avr(const struct mote_target *target, const char *assembly)
{
    struct sim_bench bench;
    char text[2048];
    snprintf(text, sizeof text,
             "#include \"model.h\"\n"
             "__attribute__((naked)) void model_run(uint8_t *arena)\n{\n    (void)arena;\n"
             "    __asm__ volatile(\"%s\\n\\tret\");\n}\n",
             assembly);
    begin(&bench, target, text);
    put_glue(&bench, 2 * ARENA_BYTES); /* the code below walks up to 50 bytes away from the middle */
    sim_bench_must_run(&bench);
    const struct mote_sim_result result = bench.result;
    sim_bench_end(&bench);
    return result;
}

static const char *const avr_names[] = {"atmega328p", "atmega1284p", "atmega2560"};

static void avr_cycles_equal_the_instruction_set_manual(void **state)
{
    (void)state;
    /* AVR Instruction Set Manual, cycle columns of the AVRe+ core; call, rcall and ret take one more on chips with a
     * 22-bit program counter. Each sequence is repeated 50 times. r26:r27 point to the middle of the arena first. */
#define TO_MIDDLE "movw r26, r24\\n\\tsubi r26, lo8(-64)\\n\\tsbci r27, hi8(-64)"
    static const struct {
        const char *code;
        unsigned cycles, instructions, wide_pc_extra;
    } rows[] = {
        {"nop", 1, 1, 0},
        {"mul r18, r19", 2, 1, 0},
        {"muls r18, r19", 2, 1, 0},
        {"mulsu r18, r19", 2, 1, 0},
        {"fmul r18, r19", 2, 1, 0},
        {"movw r18, r20", 1, 1, 0},
        {"adiw r30, 1", 2, 1, 0},
        {"sbiw r30, 1", 2, 1, 0},
        {"ld r18, X", 2, 1, 0},
        {"ld r18, X+", 2, 1, 0},
        {"ld r18, -X", 2, 1, 0},
        {"st X, r18", 2, 1, 0},
        {"st X+, r18", 2, 1, 0},
        {"st -X, r18", 2, 1, 0},
        {"lds r18, mote_arena", 2, 1, 0},
        {"sts mote_arena, r18", 2, 1, 0},
        {"lpm r18, Z", 3, 1, 0},
        {"lpm r18, Z+", 3, 1, 0},
        {"push r18\\n\\tpop r18", 4, 2, 0},
        {"in r18, 0x3f", 1, 1, 0},
        {"rjmp .+0", 2, 1, 0},
        {".word 0x940c, pm(1f)\\n1:", 3, 1, 0}, /* jmp, as words: relaxation would make it rjmp */
        {"sec\\n\\tbrcs .+0", 3, 2, 0},                /* taken */
        {"clc\\n\\tbrcs .+0", 2, 2, 0},                /* not taken */
        {"clr r18\\n\\tsbrc r18, 0\\n\\tnop", 3, 2, 0},  /* skips one word */
        {"clr r18\\n\\tsbrs r18, 0\\n\\tnop", 3, 3, 0},  /* does not skip */
        {"clr r18\\n\\tsbrc r18, 0\\n\\tlds r19, mote_arena", 4, 2, 0}, /* skips two words */
        {"cpse r18, r18\\n\\tnop", 2, 1, 0},
        {"rcall 1f\\n\\trjmp 2f\\n1: ret\\n2:", 3 + 4 + 2, 3, 2},
        {".word 0x940e, pm(1f)\\n\\trjmp 2f\\n1: ret\\n2:", 4 + 4 + 2, 3, 2}, /* call */
    };
    enum { REPEATS = 50 };
    for (size_t n = 0; n < sizeof avr_names / sizeof avr_names[0]; n++) {
        const struct mote_target *target = sim_bench_target(avr_names[n]);
        if (!target) continue;
        const unsigned wide = strcmp(target->name, "atmega2560") == 0;
        const struct mote_sim_result empty = measure_avr(target, TO_MIDDLE);
        /* the arena's address into r24:r25, call (relaxed to rcall), three instructions, ret */
        assert_int_equal((unsigned)empty.cycles, 2 + (3 + wide) + 3 + (4 + wide));
        assert_int_equal((unsigned)empty.instructions, 7);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            if (n > 0 && i % 4 != 0 && rows[i].wide_pc_extra == 0) continue; /* the core is the same: a sample will do */
            char code[256];
            snprintf(code, sizeof code, TO_MIDDLE "\\n\\t.rept %d\\n\\t%s\\n\\t.endr", REPEATS, rows[i].code);
            const struct mote_sim_result result = measure_avr(target, code);
            const unsigned expected = REPEATS * (rows[i].cycles + wide * rows[i].wide_pc_extra);
            if ((unsigned)(result.cycles - empty.cycles) != expected) {
                fail_msg("%s: %s: %g cycles, expected %u", target->name, rows[i].code, result.cycles - empty.cycles,
                         expected);
            }
            assert_int_equal((unsigned)(result.instructions - empty.instructions), REPEATS * rows[i].instructions);
        }
    }
}

static void a_profile_accounts_for_every_cycle(void **state)
{
    (void)state;
    const struct mote_target *target = sim_bench_target("atmega328p");
    if (!target) skip();
    struct sim_bench bench;
    begin(&bench, target,
          "#include \"model.h\"\n"
          "__attribute__((noinline, noclone)) void leaf(volatile uint8_t *p);\n"
          "void leaf(volatile uint8_t *p) { for (uint8_t i = 0; i < 100; i++) *p += i; }\n"
          "void model_run(uint8_t *arena) { leaf(arena + 16); leaf(arena + 17); leaf(arena + 18); }\n");
    bench.job.profile = true;
    sim_bench_must_run(&bench);
    double sum = 0;
    for (size_t i = 0; i < bench.result.function_count; i++) sum += bench.result.functions[i].cycles;
    assert_true(sum >= bench.result.cycles && sum <= bench.result.cycles + 1); /* the code of the end signal: 1 */
    assert_string_equal(bench.result.functions[0].name, "leaf");
    assert_int_equal(bench.result.functions[0].calls, 3 * 2); /* of two vectors */
    assert_true(bench.result.functions[0].cycles > 0.9 * bench.result.cycles);
    sim_bench_end(&bench);
}

static void sleeping_for_ever_is_an_error(void **state)
{
    (void)state;
    const struct mote_target *target = sim_bench_target("atmega328p");
    if (!target) skip();
    struct sim_bench bench;
    begin(&bench, target,
          "#include \"model.h\"\nvoid model_run(uint8_t *arena) { arena[16] = 1; __asm__ volatile(\"sei\\n\\tldi r24, "
          "1\\n\\tout 0x33, r24\\n\\tsleep\" : : : \"r24\"); }\n");
    must_fail(&bench, MOTE_ERR_IO, "went to sleep");
}

/* ---- Flash beyond 64 KB ---- */

/* A model with `tables` tables of 30000 bytes in a source of their own, so that nothing is folded at compile time;
 * out[i] = in[i] + the last byte of table i + its first. */
static void put_big_flash(const struct sim_bench *bench, unsigned tables)
{
    static const char head[] = "#include \"model.h\"\n"
                               "#if defined(__AVR_HAVE_ELPM__)\n#define FLASH const __memx\n"
                               "#elif defined(__AVR__)\n#define FLASH const __flash\n"
                               "#else\n#define FLASH const\n#endif\n"
                               "extern FLASH uint8_t *FLASH tables[];\n";
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", head);
    for (unsigned i = 0; i < tables; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "static FLASH uint8_t table%u[30000] = {[0] = %u, [29999] = %u};\n", i, i + 1,
                                 17 * (i + 1));
    }
    used += (size_t)snprintf(text + used, sizeof text - used, "FLASH uint8_t *FLASH tables[] = {");
    for (unsigned i = 0; i < tables; i++) used += (size_t)snprintf(text + used, sizeof text - used, "table%u, ", i);
    snprintf(text + used, sizeof text - used, "};\n");
    sim_bench_put(bench, "kernel/tables.c", text);
    snprintf(text, sizeof text,
             "%svoid model_run(uint8_t *arena)\n{\n"
             "    for (int i = 0; i < 8; i++) {\n"
             "        arena[16 + i] = i < %u ? (uint8_t)(arena[i] + tables[i][29999] + tables[i][0]) : 0;\n    }\n}\n",
             head, tables);
    sim_bench_put(bench, "model.c", text);
}

static void check_big_flash(const char *name, unsigned tables)
{
    const struct mote_target *target = sim_bench_target(name);
    if (!target) return;
    struct sim_bench bench;
    begin(&bench, target, "");
    put_big_flash(&bench, tables);
    sim_bench_must_run(&bench);
    assert_true(bench.result.flash_bytes > tables * 30000);
    for (unsigned v = 0; v < 2; v++) {
        for (unsigned i = 0; i < tables; i++) {
            assert_int_equal(bench.result.output[8 * v + i], (uint8_t)(two_vectors[8 * v + i] + 18 * (i + 1)));
        }
    }
    sim_bench_end(&bench);
}

static void constants_beyond_64_and_128_kb_are_reached(void **state)
{
    (void)state;
    check_big_flash("atmega1284p", 4);
    check_big_flash("atmega2560", 8);
}

static void too_much_flash_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned tables;
    } rows[] = {{"atmega328p", 2}, {"atmega1284p", 5}, {"atmega2560", 9}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct mote_target *target = sim_bench_target(rows[i].name);
        if (!target) continue;
        struct sim_bench bench;
        begin(&bench, target, "");
        put_big_flash(&bench, rows[i].tables);
        must_fail(&bench, MOTE_ERR_NO_FIT, "too many");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_target_is_found_and_falls_back_to_ref),
        cmocka_unit_test(energy_is_power_times_time),
        cmocka_unit_test(a_process_hands_back_what_it_wrote),
        cmocka_unit_test(a_process_that_never_ends_is_stopped),
        cmocka_unit_test(a_process_that_ignores_the_request_to_end_is_killed),
        cmocka_unit_test(what_a_stopped_process_started_has_ended_too),
        cmocka_unit_test(a_process_may_write_more_than_is_kept),
        cmocka_unit_test(a_program_that_is_not_there_is_an_error),
        cmocka_unit_test(every_target_runs_the_model_and_repeats_its_counts),
        cmocka_unit_test(start_up_fills_memory_and_switches_the_fpu_and_helium_on),
        cmocka_unit_test(building_alone_gives_the_sizes_of_a_run),
        cmocka_unit_test(sizes_grow_by_what_the_library_grows),
        cmocka_unit_test(traces_deliver_every_step),
        cmocka_unit_test(broken_sources_give_the_compilers_message),
        cmocka_unit_test(an_endless_loop_ends_by_the_limit),
        cmocka_unit_test(the_stack_figure_follows_a_known_frame),
        cmocka_unit_test(stack_overflow_is_detected),
        cmocka_unit_test(too_much_static_ram_is_an_error),
        cmocka_unit_test(a_crash_is_an_error),
        cmocka_unit_test(counted_instructions_agree_with_a_loop_of_known_length),
        cmocka_unit_test(avr_cycles_equal_the_instruction_set_manual),
        cmocka_unit_test(a_profile_accounts_for_every_cycle),
        cmocka_unit_test(sleeping_for_ever_is_an_error),
        cmocka_unit_test(constants_beyond_64_and_128_kb_are_reached),
        cmocka_unit_test(too_much_flash_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
