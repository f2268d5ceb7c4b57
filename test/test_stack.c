/* test_stack.c: the bound of the stack against what simulators measure, what has no bound, and stopping a run. Targets
 * whose compiler or simulator is not installed are skipped with a message. */
#include "../src/base/file.h"
#include "../src/sim/sim.h"
#include "../src/target/target.h"
#include "mote.h"
#include "sim_bench.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const target_names[] = {"atmega328p", "atmega1284p", "atmega2560", "cortex-m0", "cortex-m4", "rv32imc", "rv32ec"};
#define TARGET_COUNT (sizeof target_names / sizeof target_names[0])

/* ---- Small libraries written here ---- */

static const uint8_t input[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static const struct mote_sim_span input_span = {0, 8}, output_span = {16, 8};

static void begin(struct sim_bench *bench, const struct mote_target *target, const char *model_text, const char *assembly_text)
{
    sim_bench_begin(bench, target);
    sim_bench_put(bench, "model_glue.h",
        "#include <stdint.h>\nvoid model_run(uint8_t *arena);\n#define GLUE_ARENA_BYTES 64\n#define GLUE_ARENA_ALIGN 4\n"
        "#define GLUE_INPUTS { {0, 8} }\n#define GLUE_OUTPUTS { {16, 8} }\n#define GLUE_INPUT_COUNT 1\n"
        "#define GLUE_OUTPUT_COUNT 1\n#define GLUE_RUN(arena) model_run(arena)\n");
    sim_bench_put(bench, "model.c", model_text);
    if (assembly_text) sim_bench_put(bench, "more.S", assembly_text);
    bench->job = (struct mote_sim_job){.target = target,
                                       .folder = bench->folder,
                                       .arena_bytes = 64,
                                       .inputs = &input_span,
                                       .outputs = &output_span,
                                       .input_count = 1,
                                       .output_count = 1,
                                       .input = input,
                                       .vector_count = 1};
}

static const struct mote_target *find_target(size_t index)
{
    return sim_bench_target(target_names[index]);
}

#define NOINLINE "__attribute__((noinline, noclone)) "

/* Frames of several sizes, a deeper and a shallower branch, arguments on the stack, a jump instead of a call at the end. */
static const char chain_text[] =
    "#include \"model_glue.h\"\n"
    NOINLINE "static void leaf(volatile uint8_t *a)\n{\n    volatile uint8_t local[50];\n"
    "    for (int i = 0; i < 50; i++) local[i] = a[i % 8];\n    a[0] = local[49];\n}\n"
    NOINLINE "static void shallow(volatile uint8_t *a)\n{\n    volatile uint8_t local[9];\n"
    "    for (int i = 0; i < 9; i++) local[i] = a[i % 8];\n    a[1] = local[8];\n}\n"
    NOINLINE "static long long many(volatile uint8_t *a, long long b, long long c, long long d, long long e)\n{\n"
    "    leaf(a);\n    return b + c * d + e + a[2];\n}\n"
    "void model_run(uint8_t *arena)\n{\n"
    "    arena[16] = (uint8_t)many(arena, arena[3], arena[4], arena[5], arena[6]);\n    shallow(arena);\n    leaf(arena);\n}\n";

static void the_bound_of_a_chain_is_what_is_measured(void **state)
{
    (void)state;
    for (size_t i = 0; i < TARGET_COUNT; i++) {
        const struct mote_target *target = find_target(i);
        if (!target) continue;
        struct sim_bench bench;
        begin(&bench, target, chain_text, NULL);
        sim_bench_must_run(&bench);
        print_message("%s: measured %u, bound %u: %s\n", target->name, bench.result.stack_bytes,
                      bench.result.worst_case_stack_bytes, bench.result.worst_case_stack);
        assert_true(bench.result.worst_case_stack_bytes >= bench.result.stack_bytes);
        /* paint does not show what is reserved and not written */
        const uint32_t unseen_bytes = target->simulator == MOTE_SIM_SIMAVR ? 0 : 16;
        assert_true(bench.result.worst_case_stack_bytes <= bench.result.stack_bytes + unseen_bytes);
        assert_non_null(strstr(bench.result.worst_case_stack, "main > model_run > many > leaf"));
        sim_bench_end(&bench);
    }
}

static void expect_no_bound(const char *model_text, const char *assembly_text, const char *only_target, const char *why)
{
    for (size_t i = 0; i < TARGET_COUNT; i++) {
        const struct mote_target *target = find_target(i);
        if (!target || (only_target && strcmp(only_target, target->name) != 0)) continue;
        struct sim_bench bench;
        begin(&bench, target, model_text, assembly_text);
        sim_bench_must_run(&bench);
        print_message("%s: %s\n", target->name, bench.result.worst_case_stack);
        assert_int_equal(bench.result.worst_case_stack_bytes, 0);
        assert_non_null(strstr(bench.result.worst_case_stack, why));
        sim_bench_end(&bench);
    }
}

static void recursion_has_no_bound(void **state)
{
    (void)state;
    expect_no_bound("#include \"model_glue.h\"\n"
                    NOINLINE "static int deeper(volatile uint8_t *a, int n)\n{\n    volatile int kept = a[n % 8];\n"
                    "    return n ? deeper(a, n - 1) * 3 + kept : kept;\n}\n"
                    "void model_run(uint8_t *arena)\n{\n    arena[16] = (uint8_t)deeper(arena, arena[0]);\n}\n",
                    NULL, NULL, "deeper calls itself");
}

static void calls_through_pointers_have_no_bound(void **state)
{
    (void)state;
    expect_no_bound("#include \"model_glue.h\"\n"
                    NOINLINE "static void one(uint8_t *a)\n{\n    a[1] = 1;\n}\n"
                    "void (*volatile chosen)(uint8_t *) = one;\n"
                    "void model_run(uint8_t *arena)\n{\n    chosen(arena);\n    arena[16] = 1;\n}\n",
                    NULL, NULL, "model_run calls through a pointer");
}

static void arrays_of_any_size_have_no_bound(void **state)
{
    (void)state;
    expect_no_bound("#include \"model_glue.h\"\n"
                    NOINLINE "static void use(volatile uint8_t *a)\n{\n    a[0] = 1;\n}\n"
                    "void model_run(uint8_t *arena)\n{\n    volatile uint8_t local[arena[0] + 1];\n    use(local);\n"
                    "    arena[16] = local[0];\n}\n",
                    NULL, NULL, "model_run has a frame without bound");
}

/* ---- AVR assembly: no frames are stated, the code is followed ---- */

static const char call_assembly_text[] = "#include \"model_glue.h\"\nvoid twisted(uint8_t *a);\n"
                                         "void model_run(uint8_t *arena)\n{\n    twisted(arena);\n    arena[16] = 5;\n}\n";

/* 5 bytes pushed, 2 of them popped in front of the second call; `inner` takes 3 and room by a call of what follows; the
 * deepest place is reached through a jump backwards and a skip. */
#define ASSEMBLY_HEAD "    .section .text.twisted, \"ax\", @progbits\n    .global twisted\n    .type twisted, @function\n"
static const char twisted_text[] = ASSEMBLY_HEAD
    "inner:\n    push r28\n    push r29\n    push r16\n    rcall .+0\n    sbrs r24, 7\n    rjmp 1f\n    push r2\n    pop r2\n"
    "1:  .rept PC_BYTES\n    pop r0\n    .endr\n    pop r16\n    pop r29\n    pop r28\n    ret\n"
    "twisted:\n    push r2\n    push r3\n    push r4\n    push r5\n    push r6\n    ori r24, 0x80\n    rcall inner\n"
    "    pop r6\n    pop r5\n    rcall inner\n    pop r4\n    pop r3\n    pop r2\n    ret\n    .size twisted, . - twisted\n";

static void assembly_is_followed_instruction_by_instruction(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned call_bytes;
    } chips[] = {{"atmega328p", 2}, {"atmega2560", 3}};
    for (size_t i = 0; i < 2; i++) {
        const struct mote_target *target = mote_target_find(chips[i].name);
        const char *missing;
        if (!mote_sim_available(target, &missing)) continue;
        char text[2048];
        snprintf(text, sizeof text, "#define PC_BYTES %u\n%s", chips[i].call_bytes, twisted_text);
        struct sim_bench bench;
        begin(&bench, target, call_assembly_text, text);
        sim_bench_must_run(&bench);
        /* main, model_run, twisted, inner, room: 5 return addresses; 2 registers of model_run, 5 + 3 + 1 pushed */
        const unsigned expected = 5 * chips[i].call_bytes + 2 + 5 + 3 + 1;
        print_message("%s: measured %u, bound %u\n", target->name, bench.result.stack_bytes,
                      bench.result.worst_case_stack_bytes);
        assert_int_equal(bench.result.stack_bytes, expected);
        assert_int_equal(bench.result.worst_case_stack_bytes, expected);
        sim_bench_end(&bench);
    }
}

static void assembly_that_moves_the_stack_pointer_has_no_bound(void **state)
{
    (void)state;
    expect_no_bound(call_assembly_text,
                    ASSEMBLY_HEAD "twisted:\n    in r30, 0x3d\n    in r31, 0x3e\n    out 0x3e, r31\n    out 0x3d, r30\n    ret\n"
                                  "    .size twisted, . - twisted\n",
                    "atmega328p", "twisted sets the stack pointer");
}

static void assembly_that_pushes_in_a_loop_has_no_bound(void **state)
{
    (void)state;
    expect_no_bound(call_assembly_text,
                    ASSEMBLY_HEAD "twisted:\n    ldi r24, 9\n1:  push r24\n    dec r24\n    brne 1b\n    ldi r24, 9\n"
                                  "2:  pop r25\n    dec r24\n    brne 2b\n    ret\n    .size twisted, . - twisted\n",
                    "atmega328p", "twisted pushes without bound");
}

/* ---- Models ---- */

static void check_model(const char *path, const char *target)
{
    struct mote *mote = mote_new();
    const uint8_t *vectors;
    struct mote_run_report report;
    assert_non_null(mote);
    assert_int_equal(mote_load(mote, path), MOTE_OK);
    assert_int_equal(mote_random_input(mote, 7, 2, &vectors), MOTE_OK);
    if (mote_plan(mote, target) != MOTE_OK) {
        assert_false(mote_plan_info(mote)->fits);
        print_message("%s does not fit %s\n", path, target);
        mote_free(mote);
        return;
    }
    const enum mote_status status = mote_run(mote, &(struct mote_run_options){.input = vectors, .vector_count = 2}, &report);
    for (size_t i = 0; i < mote_message_count(mote); i++) print_error("%s\n", mote_message(mote, i)->text);
    assert_int_equal(status, MOTE_OK);
    print_message("%s on %s: measured %u, bound %u: %s\n", path, target, report.stack_bytes, report.worst_case_stack_bytes,
                  report.worst_case_stack);
    assert_true(report.stack_bytes > 0);
    assert_true(report.worst_case_stack_bytes >= report.stack_bytes);
    assert_true(report.worst_case_stack_bytes <= report.stack_bytes + report.stack_bytes / 2); /* or it is of no use */
    mote_free(mote);
}

static void the_bound_holds_for_whole_models(void **state)
{
    (void)state;
    static const char *const models[] = {"examples/digits/digits.tflite", "../shared/models/kws_ref_model.tflite"};
    for (size_t m = 0; m < 2; m++) {
        if (access(models[m], R_OK) != 0) {
            print_message("left out: %s is not here\n", models[m]);
            continue;
        }
        for (size_t i = 0; i < TARGET_COUNT; i++)
            if (find_target(i)) check_model(models[m], target_names[i]);
    }
}

/* On AVR a depthwise 3x3 keeps the sums of a whole row on the stack; how many says the planner, not the code. */
static void the_frame_that_grows_with_the_model_is_stated_right(void **state)
{
    (void)state;
    enum { COLUMNS = 60, CHANNELS = 2 };
    const struct mote_target *target = find_target(1);
    if (!target) return;
    char path[] = "/tmp/mote-test-stack-XXXXXX.mgraph";
    const int file = mkstemps(path, 7);
    assert_true(file >= 0);
    FILE *stream = fdopen(file, "w");
    fprintf(stream,
            "graph \"wide\" {\n  tensor 0 s8 [1 5 %d %d] \"in\" quant axis 0 [0.1:-128]\n"
            "  tensor 1 s8 [1 3 3 %d] \"w\" quant axis 3 [0.02:0 0.015:0] data [\n    "
            "0b30557a9fc4e90e33587da2c7ec11365b80\n  ]\n"
            "  tensor 2 s32 [%d] \"b\" quant axis 0 [0.002:0 0.0015:0] data [\n    640000009cffffff\n  ]\n"
            "  tensor 3 s8 [1 3 %d %d] \"out\" quant axis 0 [0.1:-5]\n  inputs [0]\n"
            "  op 0 DEPTHWISE_CONV_2D source 0 \"DEPTHWISE_CONV_2D\" inputs [0 1 2] outputs [3] {\n    stride_h 1\n"
            "    stride_w 1\n    dilation_h 1\n    dilation_w 1\n    pad_top 0\n    pad_bottom 0\n    pad_left 0\n"
            "    pad_right 0\n    activation none\n  }\n  outputs [3]\n}\n",
            COLUMNS, CHANNELS, CHANNELS, CHANNELS, COLUMNS - 2, CHANNELS);
    assert_int_equal(fclose(stream), 0);
    struct mote *mote = mote_new();
    const uint8_t *vectors;
    struct mote_run_report report;
    const enum mote_status loaded = mote_load(mote, path);
    for (size_t i = 0; i < mote_message_count(mote); i++) print_error("%s\n", mote_message(mote, i)->text);
    assert_int_equal(loaded, MOTE_OK);
    assert_int_equal(mote_random_input(mote, 5, 4, &vectors), MOTE_OK);
    assert_int_equal(mote_plan(mote, target->name), MOTE_OK);
    assert_string_equal(mote_plan_info(mote)->steps[0].kernel, "mk_depthwise_conv_2d_s8_3x3_avr");
    assert_int_equal(mote_run(mote, &(struct mote_run_options){.input = vectors, .vector_count = 4}, &report), MOTE_OK);
    print_message("%s: measured %u, bound %u: %s\n", target->name, report.stack_bytes, report.worst_case_stack_bytes,
                  report.worst_case_stack);
    assert_true(report.stack_bytes > 3 * COLUMNS);
    assert_true(report.worst_case_stack_bytes >= report.stack_bytes);
    assert_true(report.worst_case_stack_bytes <= report.stack_bytes + report.stack_bytes / 4);
    mote_free(mote);
    unlink(path);
}

/* ---- Stopping ---- */

static bool count_down(void *context, size_t done, size_t total)
{
    int *left = context;
    (void)done;
    (void)total;
    return (*left)-- > 0;
}

static void a_run_stops_when_asked_to(void **state)
{
    (void)state;
    static const char endless_text[] = "#include \"model_glue.h\"\nvoid model_run(uint8_t *arena)\n{\n"
                                       "    volatile uint8_t *a = arena;\n    while (a[0]) continue;\n}\n";
    for (size_t i = 0; i < TARGET_COUNT; i++) {
        const struct mote_target *target = find_target(i);
        if (!target) continue;
        struct sim_bench bench;
        begin(&bench, target, endless_text, NULL);
        struct mote_sim_result sizes;
        char *path;
        int asked = 1000000; /* how often a build asks depends on its speed: build first, then count */
        bench.job.progress = count_down;
        bench.job.progress_context = &asked;
        assert_int_equal(mote_sim_build(&bench.job, &bench.arena, &path, &sizes, &bench.diag), MOTE_OK);
        int left = 2 * (1000000 - asked) + 3;
        bench.job.progress_context = &left;
        bench.job.cycle_limit = UINT64_C(1) << 40;
        assert_int_equal(mote_sim_run(&bench.job, &bench.arena, &bench.result, &bench.diag), MOTE_ERR_IO);
        assert_non_null(strstr(bench.diag.messages[bench.diag.count - 1].text, "stopped"));
        sim_bench_end(&bench);
    }
}

static bool refuse(void *context, const char *what, size_t done, size_t total)
{
    (void)context;
    (void)what;
    (void)done;
    (void)total;
    return false;
}

static size_t count_entries(const char *folder)
{
    DIR *listing = opendir(folder);
    size_t count = 0;
    assert_non_null(listing);
    while (readdir(listing)) count++;
    closedir(listing);
    return count - 2; /* . and .. */
}

static void a_stopped_run_leaves_no_folder_behind(void **state)
{
    (void)state;
    char folder[] = "/tmp/mote-test-stack-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *outer = getenv("TMPDIR");
    char *kept = outer ? strdup(outer) : NULL;
    setenv("TMPDIR", folder, 1);
    for (size_t i = 0; i < TARGET_COUNT; i++) {
        if (!find_target(i)) continue;
        struct mote *mote = mote_new();
        const uint8_t *vectors;
        struct mote_run_report report;
        struct mote_verify_report verified;
        assert_int_equal(mote_load(mote, "examples/digits/digits.tflite"), MOTE_OK);
        assert_int_equal(mote_random_input(mote, 1, 1, &vectors), MOTE_OK);
        assert_int_equal(mote_plan(mote, target_names[i]), MOTE_OK);
        mote_set_progress(mote, (struct mote_progress){.report = refuse});
        assert_int_equal(mote_run(mote, &(struct mote_run_options){.input = vectors, .vector_count = 1}, &report), MOTE_ERR_IO);
        assert_int_equal(mote_verify(mote, &(struct mote_verify_options){.vectors = 1}, &verified), MOTE_ERR_IO);
        assert_int_equal(count_entries(folder), 0);
        mote_free(mote);
    }
    if (kept) setenv("TMPDIR", kept, 1);
    else unsetenv("TMPDIR");
    free(kept);
    assert_int_equal(rmdir(folder), 0);
}

/* ---- Layers ---- */

static void layers_add_up_to_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < TARGET_COUNT; i++) {
        if (!find_target(i)) continue;
        struct mote *mote = mote_new();
        const uint8_t *vectors;
        struct mote_run_report report;
        assert_int_equal(mote_load(mote, "examples/digits/digits.tflite"), MOTE_OK);
        assert_int_equal(mote_random_input(mote, 3, 2, &vectors), MOTE_OK);
        assert_int_equal(mote_plan(mote, target_names[i]), MOTE_OK);
        const struct mote_run_options options = {.input = vectors, .vector_count = 2, .profile = true};
        assert_int_equal(mote_run(mote, &options, &report), MOTE_OK);
        assert_int_equal(report.layer_vectors, 2);
        assert_true(report.layer_count > 0);
        double sum = 0;
        int64_t macs = 0;
        for (size_t k = 0; k < report.layer_count; k++) {
            sum += report.cycles >= 0 ? report.layers[k].cycles : report.layers[k].instructions;
            macs += report.layers[k].macs;
        }
        const double whole = report.cycles >= 0 ? report.cycles : report.instructions;
        print_message("%s: layers %.0f, whole %.0f\n", target_names[i], sum, whole);
        assert_int_equal(macs, report.macs);
        /* what hands a layer over, and ticks of 40 instructions at both its ends */
        const double most = 100.0 * (double)report.layer_count;
        assert_true(sum - whole < most && whole - sum < most);
        mote_free(mote);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bound_of_a_chain_is_what_is_measured),
        cmocka_unit_test(recursion_has_no_bound),
        cmocka_unit_test(calls_through_pointers_have_no_bound),
        cmocka_unit_test(arrays_of_any_size_have_no_bound),
        cmocka_unit_test(assembly_is_followed_instruction_by_instruction),
        cmocka_unit_test(assembly_that_moves_the_stack_pointer_has_no_bound),
        cmocka_unit_test(assembly_that_pushes_in_a_loop_has_no_bound),
        cmocka_unit_test(the_bound_holds_for_whole_models),
        cmocka_unit_test(the_frame_that_grows_with_the_model_is_stated_right),
        cmocka_unit_test(a_run_stops_when_asked_to),
        cmocka_unit_test(a_stopped_run_leaves_no_folder_behind),
        cmocka_unit_test(layers_add_up_to_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
