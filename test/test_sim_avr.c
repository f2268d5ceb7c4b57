/* test_sim_avr.c: the cycle-exact simulator of AVR: cycles of every instruction, profiles, sleep, flash beyond 64 KB. */
#include "tiny_library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct mote_sim_result measure_avr(const struct mote_target *target, const char *assembly)
{
    struct sim_bench bench;
    char text[2048];
    snprintf(text, sizeof text,
             "#include \"model.h\"\n"
             "__attribute__((naked)) void model_run(uint8_t *arena)\n{\n    (void)arena;\n"
             "    __asm__ volatile(\"%s\\n\\tret\");\n}\n",
             assembly);
    tiny_library_begin(&bench, target, text);
    tiny_library_put_glue(&bench, 2 * TINY_LIBRARY_ARENA_BYTES); /* the code below walks up to 50 bytes away from the middle */
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
    tiny_library_begin(&bench, target,
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
    tiny_library_begin(&bench, target,
          "#include \"model.h\"\nvoid model_run(uint8_t *arena) { arena[16] = 1; __asm__ volatile(\"sei\\n\\tldi r24, "
          "1\\n\\tout 0x33, r24\\n\\tsleep\" : : : \"r24\"); }\n");
    tiny_library_must_fail(&bench, MOTE_ERR_IO, "went to sleep");
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
    tiny_library_begin(&bench, target, "");
    put_big_flash(&bench, tables);
    sim_bench_must_run(&bench);
    assert_true(bench.result.flash_bytes > tables * 30000);
    for (unsigned v = 0; v < 2; v++) {
        for (unsigned i = 0; i < tables; i++) {
            assert_int_equal(bench.result.output[8 * v + i], (uint8_t)(tiny_library_vectors[8 * v + i] + 18 * (i + 1)));
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
        tiny_library_begin(&bench, target, "");
        put_big_flash(&bench, rows[i].tables);
        tiny_library_must_fail(&bench, MOTE_ERR_NO_FIT, "too many");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(avr_cycles_equal_the_instruction_set_manual),
        cmocka_unit_test(a_profile_accounts_for_every_cycle),
        cmocka_unit_test(sleeping_for_ever_is_an_error),
        cmocka_unit_test(constants_beyond_64_and_128_kb_are_reached),
        cmocka_unit_test(too_much_flash_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
