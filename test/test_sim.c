/* test_sim.c: every target's simulator, with a tiny library written here. Targets whose compiler or simulator is not
 * installed are skipped with a message; test_sim_avr.c has what is AVR's alone. */
#include "../src/base/file.h"
#include "../src/sim/sim.h"
#include "../src/target/target.h"
#include "tiny_library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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

/* Calls `check` with every target that has its tools here. */
static void for_each_target(void (*check)(const struct mote_target *))
{
    size_t count;
    const struct mote_target *const *all = mote_target_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (sim_bench_target(all[i]->name)) check(all[i]);
    }
}

/* ---- Every target ---- */

static void check_add_one(const struct mote_target *target)
{
    struct sim_bench bench;
    tiny_library_begin(&bench, target, add_one_text);
    sim_bench_put(&bench, "kernel/one.h", one_header_text);
    sim_bench_put(&bench, "kernel/one.c", one_text);
    sim_bench_must_run(&bench);
    for (size_t i = 0; i < sizeof tiny_library_vectors; i++) {
        assert_int_equal(bench.result.output[i], (uint8_t)(tiny_library_vectors[i] + 1));
    }
    if (target->simulator != MOTE_SIM_HOST) {
        assert_true(bench.result.flash_bytes > 20 && bench.result.flash_bytes < 2000);
        assert_true(bench.result.ram_bytes >= TINY_LIBRARY_ARENA_BYTES && bench.result.ram_bytes < TINY_LIBRARY_ARENA_BYTES + 16);
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
    tiny_library_begin(&bench, target,
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
        assert_int_equal(bench.result.output[8 * v + 3], tiny_library_vectors[8 * v + 4] / 2);
        assert_int_equal(bench.result.output[8 * v + 4], tiny_library_vectors[8 * v + 5]);
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
    tiny_library_begin(&bench, target, "#include \"model.h\"\nvoid model_run(uint8_t *arena) { arena[16] = arena[0]; }\n");
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
    const struct mote_sim_result small = tiny_library_measure(target, small_text), large = tiny_library_measure(target, large_text);
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
    tiny_library_begin(&bench, target, traced_text);
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
            const uint8_t first = tiny_library_vectors[8 * (i / 2) + j] ^ 0x55;
            assert_int_equal(trace->bytes[j], i % 2 ? (uint8_t)(first * 3) : first);
        }
    }
    assert_int_equal(bench.result.output[0], (uint8_t)((tiny_library_vectors[0] ^ 0x55) * 3));
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
    tiny_library_begin(&bench, target, "#include \"model.h\"\nvoid model_run(uint8_t *arena) { arena[0] = undeclared_thing; }\n");
    tiny_library_must_fail(&bench, MOTE_ERR_INPUT, "undeclared_thing");
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
    tiny_library_begin(&bench, target,
          "#include \"model.h\"\nvoid model_run(uint8_t *arena)\n{\n    volatile uint8_t *p = arena;\n"
          "    if (p[0] == 0) for (;;) p[1]++;\n    p[16] = 1;\n}\n");
    bench.job.cycle_limit = 1000000;
    tiny_library_must_fail(&bench, MOTE_ERR_IO, "vector 0 did not end within 1000000");
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
    const struct mote_sim_result small = tiny_library_measure(target, text);
    stack_text(text, sizeof text, 640 + 512);
    const struct mote_sim_result large = tiny_library_measure(target, text);
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
    tiny_library_begin(&bench, target, text);
    tiny_library_put_glue(&bench, target->ram_bytes / 2);
    tiny_library_must_fail(&bench, MOTE_ERR_NO_FIT, "the stack overflows");
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
    tiny_library_begin(&bench, target, add_one_text);
    sim_bench_put(&bench, "kernel/one.h", one_header_text);
    sim_bench_put(&bench, "kernel/one.c", one_text);
    tiny_library_put_glue(&bench, target->ram_bytes + 100);
    tiny_library_must_fail(&bench, MOTE_ERR_NO_FIT, "too many");
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
    tiny_library_begin(&bench, target,
          "#include \"model.h\"\nvoid model_run(uint8_t *arena)\n{\n    arena[16] = 1;\n"
          "#if defined(__AVR__)\n    __asm__ volatile(\"sts 0xffff, r24\");\n" /* behind the RAM of every chip */
          "#elif defined(__arm__)\n    __asm__ volatile(\"udf #0\");\n"
          "#else\n    __asm__ volatile(\"unimp\");\n#endif\n}\n");
    bench.job.cycle_limit = 10000000;
    tiny_library_must_fail(&bench, MOTE_ERR_IO, "crashed in vector 0");
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
        tiny_library_measure(target, "#include \"model.h\"\n"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_target_is_found_and_falls_back_to_ref),
        cmocka_unit_test(energy_is_power_times_time),
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
