/* test_timing.c: cycles estimated from instructions against what the manuals' tables add up to by hand. A core whose compiler
 * or simulator is not installed, or whose QEMU takes no plugins, is skipped with a message. */
#include "../src/base/file.h"
#include "../src/sim/timing/timing.h"
#include "sim_bench.h"

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

enum { REPEATS = 50, NONE = -1 };

/* ---- A library of assembly, one step a row ---- */

static const uint8_t input[8];
static const struct mote_sim_span input_span = {0, 8}, output_span = {16, 8};

static void begin(struct sim_bench *bench, const struct mote_target *target)
{
    sim_bench_begin(bench, target);
    bench->job.arena_bytes = 256;
    bench->job.inputs = &input_span;
    bench->job.outputs = &output_span;
    bench->job.input_count = bench->job.output_count = bench->job.vector_count = 1;
    bench->job.input = input;
    bench->job.trace = bench->job.estimate = true;
    sim_bench_put(bench, "model_glue.h",
                  "#include <stdint.h>\nvoid model_run(uint8_t *arena);\n#define GLUE_ARENA_BYTES 256\n"
                  "#define GLUE_ARENA_ALIGN 8\n#define GLUE_INPUTS { {0, 8} }\n#define GLUE_OUTPUTS { {16, 8} }\n"
                  "#define GLUE_INPUT_COUNT 1\n#define GLUE_OUTPUT_COUNT 1\n#define GLUE_RUN(arena) model_run(arena)\n");
}

/* Code that is executed REPEATS times in a row. */
struct row {
    const char *code;
    int cycles[4]; /* of one time, for each of the cores; NONE: it has no such instruction */
    int once;      /* more in all, on the cores that pipeline loads */
};

struct family {
    const char *head, *step, *tail; /* of the assembly: before the rows, after each (its index is filled in), at the end */
    const struct row *rows;
    size_t row_count;
};

/* Steps 0 and 1 are empty: the first is entered in another way than all others. */
static void put_rows(const struct sim_bench *bench, const struct family *family, size_t column)
{
    static char text[1 << 16];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", family->head);
    for (size_t i = 0; i < family->row_count + 2; i++) {
        const struct row *row = i < 2 ? NULL : &family->rows[i - 2];
        if (row && row->cycles[column] != NONE)
            used += (size_t)snprintf(text + used, sizeof text - used, "    .rept %d\n    %s\n    .endr\n", REPEATS, row->code);
        used += (size_t)snprintf(text + used, sizeof text - used, family->step, (int)i);
    }
    used += (size_t)snprintf(text + used, sizeof text - used, "%s", family->tail);
    assert_true(used < sizeof text);
    sim_bench_put(bench, "model.S", text);
}

/* The target, with the timing of another core or its own. */
static void check_core(const char *target_name, const char *core_name, const struct family *family, size_t column)
{
    const struct mote_target *target = sim_bench_target(target_name);
    if (!target) return;
    struct mote_target variant = *target;
    variant.timing = core_name;
    struct sim_bench bench;
    begin(&bench, &variant);
    put_rows(&bench, family, column);
    sim_bench_must_run(&bench);
    assert_int_equal(bench.result.trace_count, family->row_count + 2);
    if (bench.result.estimated_cycles < 0 && bench.result.traces[0].estimated_cycles < 0) {
        print_message("skipped %s: QEMU takes no plugins here\n", core_name);
        sim_bench_end(&bench);
        return;
    }
    const struct mote_timing_core *core = mote_timing_core_find(core_name);
    const double empty = bench.result.traces[1].estimated_cycles;
    double sum = bench.result.traces[0].estimated_cycles + empty;
    unsigned wrong = 0;
    for (size_t i = 0; i < family->row_count; i++) {
        const struct row *row = &family->rows[i];
        const double cycles = bench.result.traces[i + 2].estimated_cycles;
        const int expected = row->cycles[column] == NONE ? 0 : REPEATS * row->cycles[column] + core->pipelines_loads * row->once;
        sum += cycles;
        if (cycles - empty == expected) continue;
        print_error("%s: %s: %g cycles, expected %d\n", core_name, row->code, cycles - empty, expected);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    assert_true(bench.result.estimated_cycles >= sum); /* and what leads from the last step to the end */
    assert_true(bench.result.estimated_cycles < sum + 200);
    sim_bench_end(&bench);
}

/* ---- Cortex-M ---- */

/* r5: 64 bytes into the arena; the word there holds its own address. r7 = 0. Rows may use r0 to r3, r6, r8, r9 and lr. What
 * repeats is a multiple of 4 bytes, so that every row begins at a word. */
static const char thumb_head[] = "    .syntax unified\n    .thumb\n    .text\n    .balign 4\n    .globl model_run\n"
                                 "    .type model_run, %function\n    .thumb_func\nmodel_run:\n    push {r4-r7, lr}\n"
                                 "    mov r6, r8\n    mov r7, r9\n    push {r6, r7}\n    mov r4, r0\n    mov r5, r0\n    adds r5, #64\n    str r5, [r5]\n    movs r7, #0\n    nop\n";
static const char thumb_step[] = "    movs r0, #%d\n    mov r1, r4\n    movs r2, #1\n    nop\n    bl mote_trace\n";
static const char thumb_tail[] = "    pop {r6, r7}\n    mov r8, r6\n    mov r9, r7\n    pop {r4-r7, pc}\n    .size model_run, . - model_run\n";

static const struct row thumb_rows[] = {
    /* Cortex-M0, Cortex-M0+, Cortex-M3, Cortex-M4 */
    {"nop", {1, 1, 1, 1}, 0},
    {"adds r6, #1", {1, 1, 1, 1}, 0},
    {"add r8, r9", {1, 1, 1, 1}, 0},
    {"muls r6, r7", {1, 1, 1, 1}, 0},
    {"mrs r6, ipsr", {4, 3, 2, 2}, 0},
    /* loads and stores, and what is pipelined */
    {"ldr r6, [r5]", {2, 2, 1, 1}, 1},
    {"ldr r6, [r5]\n ldr r3, [r5, #4]", {4, 4, 2, 2}, 1},
    {"ldrb r6, [r5]\n ldrh r3, [r5, #4]\n ldrsb r2, [r5, r7]\n adds r6, #1", {7, 7, 5, 5}, 0},
    {"ldr r6, [r5]\n adds r6, #1", {3, 3, 3, 3}, 0},
    {"ldr r6, [r5]\n ldr r6, [r6]", {4, 4, 3, 3}, 1},
    {"ldr r6, [r5]\n str r6, [r5, #4]", {4, 4, 3, 3}, 0},
    {"ldr r6, [r5]\n str r6, [r5, r7]\n str r5, [r5]", {6, 6, 4, 4}, 0},
    {"str r5, [r5]", {2, 2, 1, 1}, 0},
    {"strb r5, [r4, r7]", {2, 2, 2, 2}, 0},
    {"adds r3, r7, #4\n ldr r6, [r5, r3]", {3, 3, 4, 4}, 0},
    {"ldr r6, [sp, #4]\n ldr r6, [sp]", {4, 4, 2, 2}, 1},
    {"ldmia r5!, {r0-r3}\n subs r5, #16", {6, 6, 7, 7}, -1},
    {"stmia r5!, {r5}\n subs r5, #4", {3, 3, 4, 4}, -1},
    {"push {r0-r3, lr}\n pop {r0-r3}\n pop {r0}\n nop", {14, 14, 14, 14}, 0},
    /* branches */
    {"movs r6, #10\n 1: subs r6, #1\n bne 1b", {39, 30, 30, 30}, 0},
    {"b 1f\n nop\n 1:", {3, 2, 2, 2}, 0},
    {"cmp r5, r5\n beq 1f\n nop\n nop\n 1:", {4, 3, 3, 3}, 0},
    {"cmp r5, r5\n bne 1f\n nop\n nop\n 1:", {4, 4, 4, 4}, 0},
    {"bl 1f\n b 2f\n 1: bx lr\n 2:", {10, 7, 7, 7}, 0},
    {"adr r6, 1f\n adds r6, #1\n blx r6\n nop\n 1: nop\n nop\n", {7, 6, 7, 7}, 0},
    {"adr r6, 1f\n nop\n mov pc, r6\n nop\n 1:", {5, 4, 5, 5}, 0},
    {"adr r6, 1f\n adds r6, #1\n push {r6}\n pop {pc}\n nop\n nop\n 1:", {9, 8, 9, 9}, 0},
    /* ARMv7-M */
    {"add.w r6, r6, #1", {NONE, NONE, 1, 1}, 0},
    {"b 1f\n nop\n 1: add.w r6, r6, #1", {NONE, NONE, 3, 3}, 0},
    {"b 1f\n nop\n nop\n 1: add.w r6, r6, #1\n nop", {NONE, NONE, 5, 5}, 0}, /* its target lies across a word's end */
    {"movs r6, #0\n cbz r6, 1f\n nop\n nop\n 1:", {NONE, NONE, 3, 3}, 0},
    {"cmp r5, r5\n ite eq\n moveq r6, r5\n movne r6, r4", {NONE, NONE, 4, 4}, 0},
    {"movs r6, #0\n tbb [pc, r6]\n .byte 1, 1", {NONE, NONE, 8, 8}, 0}, /* its address waits, too */
    {"adr.w r6, 1f\n orr r6, #1\n str r6, [r5, #8]\n ldr pc, [r5, #8]\n nop\n 1:", {NONE, NONE, 8, 8}, 0},
    {"ldr.w r6, [r5, #2]", {NONE, NONE, 2, 2}, 1}, /* in two halfwords */
    {"ldr.w r6, [r5, #1]", {NONE, NONE, 3, 3}, 1}, /* in a byte, a halfword and a byte */
    {"ldrh.w r6, [r5, #1]", {NONE, NONE, 2, 2}, 1},
    {"ldrb.w r6, [r5, #1]", {NONE, NONE, 1, 1}, 1},
    {"ldr r6, [r5], #4\n ldr r3, [r5], #-4", {NONE, NONE, 4, 4}, 0},
    {"ldr r6, [r5, #4]\n ldr r3, [r5], #0", {NONE, NONE, 3, 3}, 0},
    {"ldrd r0, r1, [r5]", {NONE, NONE, 3, 3}, 0},
    {"strd r5, r6, [r5]", {NONE, NONE, 3, 3}, 0},
    {"ldmia.w r5, {r0-r3, r8, r9}", {NONE, NONE, 7, 7}, 0},
    {"ldr.w r6, [r5, r7, lsl #2]\n str.w r6, [r5, #4]", {NONE, NONE, 3, 3}, 0},
    {"mla r0, r1, r2, r0", {NONE, NONE, 2, 1}, 0},
    {"mls r0, r1, r2, r0", {NONE, NONE, 2, 1}, 0},
    {"smull r0, r1, r2, r3", {NONE, NONE, 5, 1}, 0},
    {"umlal r0, r1, r2, r3", {NONE, NONE, 7, 1}, 0},
    {"sdiv r0, r1, r2", {NONE, NONE, 12, 12}, 0},
    {"ubfx r0, r1, #3, #4\n ssat r2, #8, r3, asr #4\n clz r1, r0", {NONE, NONE, 3, 3}, 0},
    /* ARMv7E-M and its floating point */
    {"smlad r0, r1, r2, r0", {NONE, NONE, NONE, 1}, 0},
    {"smlabt r0, r1, r2, r0\n smmla r1, r0, r2, r3\n sxtb16 r2, r3, ror #8\n pkhbt r3, r0, r1, lsl #16", {NONE, NONE, NONE, 4}, 0},
    {"smlald r0, r1, r2, r3\n uadd8 r0, r1, r2\n usad8 r1, r0, r2", {NONE, NONE, NONE, 3}, 0},
    {"vadd.f32 s0, s1, s2", {NONE, NONE, NONE, 1}, 0},
    {"vmla.f32 s0, s1, s2", {NONE, NONE, NONE, 3}, 0},
    {"vdiv.f32 s0, s1, s2", {NONE, NONE, NONE, 14}, 0},
    {"vmov r6, s0", {NONE, NONE, NONE, 2}, 0},
    {"vldr s0, [r5]\n vstr s0, [r5, #4]", {NONE, NONE, NONE, 4}, 0},
    {"vldmia r5, {s0-s3}", {NONE, NONE, NONE, 5}, 0},
};

static const struct family thumb = {thumb_head, thumb_step, thumb_tail, thumb_rows, sizeof thumb_rows / sizeof thumb_rows[0]};

static void cortex_m_cycles_equal_the_manuals_tables(void **state)
{
    (void)state;
    check_core("cortex-m0", "cortex-m0", &thumb, 0);
    check_core("cortex-m0plus", "cortex-m0plus", &thumb, 1);
    check_core("cortex-m3", "cortex-m3", &thumb, 2);
    check_core("cortex-m4", "cortex-m4", &thumb, 3);
    check_core("cortex-m33", "cortex-m33", &thumb, 3);
}

static void a_small_multiplier_takes_32_cycles(void **state)
{
    (void)state;
    static const struct row rows[] = {{"muls r6, r7", {32, NONE, NONE, NONE}, 0}, {"adds r6, r7", {1, NONE, NONE, NONE}, 0}};
    static const struct family family = {thumb_head, thumb_step, thumb_tail, rows, 2};
    check_core("cortex-m0", "cortex-m0-slow-multiply", &family, 0);
    check_core("cortex-m0plus", "cortex-m0plus-slow-multiply", &family, 0);
}

/* ---- RISC-V ---- */

static const char rv32_head[] = "    .text\n    .globl model_run\n    .type model_run, @function\nmodel_run:\n"
                                "    addi sp, sp, -16\n    sw ra, 12(sp)\n    sw s0, 8(sp)\n    mv s0, a0\n";
static const char rv32_step[] = "    li a0, %d\n    mv a1, s0\n    li a2, 1\n    call mote_trace\n";
static const char rv32_tail[] = "    lw s0, 8(sp)\n    lw ra, 12(sp)\n    addi sp, sp, 16\n    ret\n"
                                "    .size model_run, . - model_run\n";

static const struct row rv32_rows[] = {
    /* Ibex, PicoRV32 */
    {"addi t0, t0, 1", {1, 3, 0, 0}, 0},
    {"add t0, t1, t2", {1, 3, 0, 0}, 0},
    {"lui t0, 5", {1, 3, 0, 0}, 0},
    {"slt t0, t1, t2", {1, 3, 0, 0}, 0},
    {"lw t0, 64(s0)", {2, 5, 0, 0}, 0},
    {"lbu t0, 65(s0)", {2, 5, 0, 0}, 0},
    {"sw t0, 64(s0)", {2, 5, 0, 0}, 0},
    {"slli a0, a0, 7", {1, 8, 0, 0}, 0}, /* 4 and a cycle for each of 4, 1, 1, 1 */
    {"srai a0, a0, 31", {1, 14, 0, 0}, 0},
    {"sll t0, t1, t2", {1, 14, 0, 0}, 0},
    {"beq zero, zero, 1f\n nop\n 1:", {3, 5, 0, 0}, 0},
    {"bne zero, zero, 1f\n nop\n 1:", {2, 6, 0, 0}, 0},
    {"j 1f\n nop\n 1:", {2, 3, 0, 0}, 0},
    {"jal ra, 1f\n j 2f\n 1: ret\n 2:", {6, 12, 0, 0}, 0},
    {"li a0, 10\n 1: addi a0, a0, -1\n bnez a0, 1b", {39, 81, 0, 0}, 0},
    {"mul t0, t1, t2", {3, NONE, 0, 0}, 0},
    {"mulhu t0, t1, t2", {4, NONE, 0, 0}, 0},
    {"divu t0, t1, t2", {38, NONE, 0, 0}, 0},
};

static const struct family rv32 = {rv32_head, rv32_step, rv32_tail, rv32_rows, sizeof rv32_rows / sizeof rv32_rows[0]};

static void riscv_cycles_equal_the_cores_documentation(void **state)
{
    (void)state;
    check_core("rv32imc", "ibex", &rv32, 0);
    check_core("rv32i", "picorv32", &rv32, 1);
}

/* ---- When there is an estimate, and when not ---- */

static void the_timings_of_all_targets_exist(void **state)
{
    (void)state;
    size_t count, timed = 0;
    const struct mote_target *const *all = mote_target_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (!all[i]->timing) continue;
        assert_non_null(mote_timing_core_find(all[i]->timing));
        assert_non_null(all[i]->timing_source);
        assert_true(all[i]->cycles_per_instruction > 0 && all[i]->cycles_source); /* without plugins */
        timed++;
    }
    assert_true(timed >= 7);
    assert_null(mote_timing_core_find("cortex-m"));
}

static double estimate_of(const struct mote_target *target, const struct family *family, size_t column, bool is_wanted)
{
    struct sim_bench bench;
    begin(&bench, target);
    put_rows(&bench, family, column);
    bench.job.estimate = is_wanted;
    bench.job.trace = false;
    sim_bench_put(&bench, "trace.c", "#include <stddef.h>\n#include <stdint.h>\nvoid mote_trace(uint16_t s, const void *d, size_t n);\n"
                           "void mote_trace(uint16_t s, const void *d, size_t n)\n{\n    (void)s, (void)d, (void)n;\n}\n");
    sim_bench_must_run(&bench);
    assert_true(bench.result.instructions > 0);
    const double estimated = bench.result.estimated_cycles;
    sim_bench_end(&bench);
    return estimated;
}

static const struct row one_row[] = {{"nop", {1, 1, 1, 1}, 0}};
static const struct family one = {thumb_head, thumb_step, thumb_tail, one_row, 1};

static void there_is_no_estimate_of_what_the_core_does_not_have(void **state)
{
    (void)state;
    const struct mote_target *target = sim_bench_target("cortex-m0");
    if (!target) skip();
    if (estimate_of(target, &one, 0, true) < 0) skip(); /* no plugins */
    assert_true(estimate_of(target, &one, 0, false) < 0);
    static const struct row rows[] = {{".inst.n 0xBF08\n nop", {1, 1, 1, 1}, 0}}; /* it eq: the machine has it, the core not */
    static const struct family foreign = {thumb_head, thumb_step, thumb_tail, rows, 1};
    assert_true(estimate_of(target, &foreign, 0, true) < 0);
}

static void check_functions(const char *name)
{
    const struct mote_target *target = sim_bench_target(name);
    if (!target) return;
    struct sim_bench bench;
    begin(&bench, target);
    sim_bench_put(&bench, "model.c",
        "#include \"model_glue.h\"\n"
        "__attribute__((noinline, noclone)) void leaf(volatile uint8_t *p);\n"
        "void leaf(volatile uint8_t *p)\n{\n    for (uint8_t i = 0; i < 100; i++) *p = (uint8_t)(*p + i);\n}\n"
        "void model_run(uint8_t *arena)\n{\n    leaf(arena + 16);\n    leaf(arena + 17);\n    leaf(arena + 18);\n}\n");
    static const uint8_t two[2 * sizeof input];
    bench.job.input = two;
    bench.job.vector_count = 2;
    bench.job.trace = false;
    bench.job.profile = true;
    sim_bench_must_run(&bench);
    const struct mote_sim_result *result = &bench.result;
    if (result->estimated_cycles >= 0) {
        double sum = 0;
        for (size_t i = 0; i < result->function_count; i++) sum += result->functions[i].cycles;
        assert_true(sum > result->estimated_cycles - 1e-6 && sum < result->estimated_cycles + 1e-6);
        assert_string_equal(result->functions[0].name, "leaf");
        assert_int_equal(result->functions[0].calls, 3 * 2); /* of two vectors */
        assert_true(result->functions[0].cycles > 0.9 * result->estimated_cycles);
    }
    sim_bench_end(&bench);
}

static void a_profile_accounts_for_every_estimated_cycle(void **state)
{
    (void)state;
    check_functions("cortex-m0");
    check_functions("cortex-m4");
    check_functions("rv32imc");
}

/* A QEMU in the way of the real one. */
static void a_qemu_without_plugins_runs_without_an_estimate(void **state)
{
    (void)state;
    const struct mote_target *target = sim_bench_target("cortex-m4");
    if (!target) skip();
    char folder[512], path[1024], text[8192];
    const char *old = getenv("PATH");
    char *kept = strdup(old ? old : "");
    assert_non_null(kept);
    assert_int_equal(mote_folder_temporary(folder, sizeof folder, NULL), MOTE_OK);
    snprintf(path, sizeof path, "%s/qemu-system-arm", folder);
    snprintf(text, sizeof text,
             "#!/bin/sh\ncase \"$*\" in *-plugin*) echo 'invalid option' >&2; exit 1 ;; esac\nPATH='%s' exec qemu-system-arm \"$@\"\n",
             kept);
    assert_int_equal(mote_file_write(path, text, strlen(text), NULL), MOTE_OK);
    assert_int_equal(chmod(path, 0700), 0);
    snprintf(text, sizeof text, "%s:%s", folder, kept);
    setenv("PATH", text, 1);
    const double estimated = estimate_of(target, &one, 3, true);
    setenv("PATH", kept, 1);
    free(kept);
    mote_folder_remove(folder);
    assert_true(estimated < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_timings_of_all_targets_exist),
        cmocka_unit_test(cortex_m_cycles_equal_the_manuals_tables),
        cmocka_unit_test(a_small_multiplier_takes_32_cycles),
        cmocka_unit_test(riscv_cycles_equal_the_cores_documentation),
        cmocka_unit_test(there_is_no_estimate_of_what_the_core_does_not_have),
        cmocka_unit_test(a_profile_accounts_for_every_estimated_cycle),
        cmocka_unit_test(a_qemu_without_plugins_runs_without_an_estimate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
