/* check_avr.c: every AVR kernel against its reference: bytes, registers, stack pointer, surroundings; and its speed.
 *
 *     check_avr [seed [layers [target]]]
 *     check_avr host                       the kernels' portable twins only
 *
 * Random layers that a tuned kernel takes are compiled into one image per 24 of them, which runs each with ten patterns of
 * inputs, with separate and with overlapping memory. Then, without arguments, constants are put across the boundary of 64 KB
 * of flash, and the suite itself is checked: kernels broken on purpose must be caught. */
#include "check_avr.h"

#include "../../src/eval/eval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAYERS_PER_IMAGE = 24, PATTERNS = 10, SKIPPED = 77 };

static const struct check_mutation mutations[] = {
    {"mk_avr_sparse.S", "        RETURN_TO_C\n", "        POP_CALLER_REGISTERS\n        ret\n"},
    {"mk_avr_macros.h", "29,28,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2", "29,28,17,16,15,14,13,12,11,10,9,8,7,6,5,4,2,3"},
    {"mk_avr_window.S", "subi    STEP, -8", "subi    STEP, -10"},
    {"mk_avr_group.h", "sbci    \\third, 0", "nop"},
    {"mk_avr_requantize.S", "ldi     LEFT, 8", "ldi     LEFT, 9"},
    {"mk_avr_requantize_macros.h", "brsh    to_ambiguous", "nop"},
    {"mk_avr_requantize_macros.h", "brne    third_byte", "nop"},
    {"mk_avr_requantize_macros.h", "subi    FRACTION, 2 ", "subi    FRACTION, 40 "},
    {"mk_avr_requantize_macros.h", "cp      RANGE, RESULT", "cp      RANGE, RANGE"},
    {"mk_avr_requantize_macros.h", "cpse    M_2, NULL\n        rjmp    most ", "rjmp    most "},
    {"mk_avr_exact.S", "set\n", "clt\n"},
    {"mk_avr_exact.S", "subi    SHIFT, 8", "subi    SHIFT, 9"},
    {"mk_avr_exact.S", "ldi     r18, 8 ", "ldi     r18, 7 "},
    {"mk_avr_requantize.S", "adiw    r30, 3 ", "adiw    r30, 2 "},
    {"mk_avr_depthwise.S", "sbc     \\high, ZERO             ;", "nop ;"},
    {"mk_avr_depthwise.S", "clr     r19\n        clr     r22\n        clr     r25\n", ""},
    {"mk_avr_depthwise.S", "brtc    last_column", "nop"},
    {"mk_avr_depthwise.S", "sbrs    r1, 1 ", "sbrc    r1, 1 "},
    {"mk_avr_depthwise.S", "out     _SFR_IO_ADDR(SPL), r30", "nop"},
    {"mk_avr_depthwise.S", "LOAD_SMALL_INPUT \\pointer, \\pointer_low, \\pointer_high, column_too_large",
     "LOAD_INPUT \\pointer, \\pointer_low, \\pointer_high\n        cp      LIMIT, INPUT\n        brlo    column_too_large"},
    {"mk_avr_depthwise.S", "LOAD_SMALL_INPUT \\pointer, \\pointer_low, \\pointer_high, window_too_large\n        MULTIPLY_ADD \\weight, r4",
     "LOAD_INPUT \\pointer, \\pointer_low, \\pointer_high\n        MULTIPLY_ADD \\weight, r4"},
    {"mk_avr_depthwise.S", "LOAD_SMALL_INPUT \\pointer, \\pointer_low, \\pointer_high, window_too_large\n        MULTIPLY_ADD \\weight_0",
     "LOAD_INPUT \\pointer, \\pointer_low, \\pointer_high\n        MULTIPLY_ADD \\weight_0"},
    {"mk_avr_depthwise.S", "cpse    LIMIT, ZERO", "nop"},
    {"mk_avr_depthwise.S", "breq    1f                      ; the bias", "nop ;"},
    {"mk_avr_depthwise.S", "dec     BIAS_2", "nop"},
    {"mk_avr_depthwise.S", "brlt    rectified", "brmi    rectified"},
    {"mk_avr_depthwise.S", "sbrs    r16, 1\n        inc     DEPTH", "inc     DEPTH"},
    {"mk_avr_depthwise.S", "sbrs    r9, 1\n", "nop\n"},
    {"mk_avr_depthwise.S", "sbrc    r9, 2\n", "sbrs    r9, 2\n"},
    {"mk_avr_depthwise.S", "clr     r3\n        cpse", "nop\n        cpse"},
    {"mk_avr_depthwise.S", "bst     FLAGS, 7", "nop"},
    {"mk_avr_depthwise.S", "brtc    1f\n        mov     r20, SUM_2", "mov     r20, SUM_2"},
    {"mk_avr_depthwise.S", "ldd     r24, Y + MK_AVR_DW_LEFT_OVER\n", "clr     r24\n"},
    {"mk_avr_column.S", "sbc     \\high, NULL             ;", "nop ;"},
    {"mk_avr_column.S", "TAKE_TAP r19, r16, r17, r18", "TAKE_TAP r19, r16, r18, r17"},
    {"mk_avr_column.S", "dec     r17\n        brne    skip", "dec     r17"},
    {"mk_avr_column.S", ".irp    n, 20,21,22,23,24,25,26", ".irp    n, 20,21,22,23,25,24,26"},
    {"mk_avr_taps.S", "sbc     \\high, NULL             ;", "nop ;"},
    {"mk_avr_taps.S", "add     LEFT, r18", "ldi     LEFT, 1"},
    {"mk_avr_taps.S", "mov     INPUT, PAD", "clr     INPUT"},
    {"mk_avr_taps.S", "mov     r22, CHANNEL", "clr     r22"},
    {"mk_avr_narrow.S", "sub     r26, RETREAT", "nop"},
    {"mk_avr_narrow.S", "std     Y + MK_AVR_RECORDS, r2", "nop"},
    {"mk_avr_held.S", "sbc     SUM_2, NULL             ;", "nop ;"},
    {"mk_avr_held.S", "in      r0, _SFR_IO_ADDR(SREG)", "clr     r0"},
    {"mk_avr_held.S", "        clt\n", ""},
    {"mk_avr_held.S", "sub     r26, BACK", "nop"},
    {"mk_avr_held.S", "subi    PAIR_1, 0x80", "nop"},
    {"mk_avr_held.S", "brcs    \\none", "nop"},
    {"mk_conv_2d_s8_held_avr.c", "x <= f->last", "x <= f->last + 1"},
    {"mk_avr_requantize_macros.h", "ldi     FRACTION, 0x7F", "ldi     FRACTION, 0x7E"},
    {"mk_avr_single.S", "sbrc    r0, 1 ", "sbrs    r0, 1 "},
    {"mk_avr_single.S", "sbrc    r0, 0\n        rjmp    three", "rjmp    three"},
    {"mk_avr_differences.S", "brts    2f", "nop"},
    {"mk_avr_differences.S", "sbrc    \\third, 7\n        inc     r0", "nop"},
    {"mk_avr_differences.S", "cpi     ZEROS, 8 * 31", "cpi     ZEROS, 1"},
    {"mk_avr_differences.S", "brvs    no_byte", "nop"},
    {"mk_avr_differences.S", "brcs    chunk_ends", "nop"},
    {"mk_avr_chunk_macros.h", "brvs    overflow_\\index", "nop"},
    {"mk_conv_2d_s8_differences_k144_avr.c", "c->out_c * MK_AVR_RECORD_BYTES", "0u * c->out_c"},
    {"mk_avr_position.c", "p->x + (int16_t)c->stride_w", "p->x"},
    {"mk_avr_position.c", "p->left = c->out_w", "p->left = 1"},
    {"mk_avr_runs.S", "adiw    r30, 8", "adiw    r30, 7"},
    {"mk_avr_runs.S", "or      r0, r1", "mov     r0, r1"},
    {"mk_avr_columns.S", "rjmp    odd\n", "rjmp    even\n"},
    {"mk_avr_columns.S", "add     r30, r28", "nop"},
    {"mk_avr_columns.S", "lsl     r1                      ;", "tst     r1 ;"},
    {"mk_avr_columns.S", "std     Y + MK_AVR_CACHED_GROUPS, r18", "nop"},
    {"mk_avr_columns.S", "com     STEP", "clr     STEP"},
    {"mk_avr_columns.S", "gap_too_long:                           ; an entry for this zero\n        subi    STEP, -8", "gap_too_long:\n        subi    STEP, -7"},
    {"mk_avr_columns.S", "brne    pad\n", "nop\n"},
    {"mk_avr_window.c", "(rows - 1)", "(rows - 2)"},
    {"mk_avr_dense.S", "brcc    three_odd\n", "\n"},
    {"mk_avr_dense.S", "brcc    two_odd\n", "\n"},
    {"mk_avr_positions_macros.h", "adiw    r26, 3\n        inc", "adiw    r26, 2\n        inc"},
    {"mk_avr_macros.h", "add     \\count, \\low", "ldi     \\count, 1"},
    {"mk_avr_chunks.S", "brvs    overflow_\\index", "nop"},
    {"mk_avr_chunks.S", "sbrs    WEIGHT_0, 7 ", "sbrc    WEIGHT_0, 7 "},
    {"mk_avr_chunks.S", "add     r3, SIZE_1\n        brcs    chunk_ends", "add     r3, SIZE_1"},
    {"mk_avr_chunks.S", "sbrc    SUM_1, 7\n        dec     SUM_2\n", ""},
    {"mk_avr_chunks.S", "brcc    one\n", "\n"},
    {"mk_avr_chunks.S", "sub     \\value, SUBTRAHEND\n        brvs    no_byte", "sub     \\value, SUBTRAHEND"},
    {"mk_avr_chunks.S", "cpi     BETWEEN, 6 * 42", "cpi     BETWEEN, 1"},
    {"mk_avr_chunks.S", "breq    last_segment\n        rcall   end_segment", "breq    last_segment"},
    {"mk_avr_chunks.S", "std     Y + MK_AVR_WINDOW_OFFSET, r24", "nop"},
    {"mk_avr_chunks.S", "or      SIZE_0, VALUE_2", "nop"},
    {"mk_avr_chunks.S", "ldi     r24, RECORDS_BYTES\n", "ldi     r24, 0\n"},
    {"mk_avr_dense.S", "subi    r18, -4", "subi    r18, -5"},
    {"mk_avr_patch.c", "const int16_t right = beyond <= 0", "const int16_t right = beyond <= 1"},
    {"mk_avr_window.S", "brlt    ends_outside", "brge    ends_outside"},
    {"mk_avr_window.S", "cp      INSIDE, r18\n        brsh    2f", "cp      INSIDE, r18"},
    {"mk_avr_window.S", "ldi     STEP, 0xFF", "ldi     STEP, 0xF7"},
    {"mk_avr_window.S", "adc     r22, NULL", "nop"},
    {"mk_avr_window_macros.h", "std     Y + MK_AVR_CHANNELS, r26", "nop"},
    {"mk_avr_window.S", "dec     STEP\n", "nop\n"},
    {"mk_avr_window.S", "dec     STEP\n        mov     SUM, r18", "dec     STEP\n        clr     SUM"},
    {"mk_avr_sparse.S", "brpl    1f", "nop"},
    {"mk_avr_sparse.S", "lsl     r0\n", "nop\n"},
    {"mk_avr_sparse.S", "subi    \\third, 0x80", "nop"},
    {"mk_avr_sparse.S", "sbiw    r30, 1                  ; for the mark", "nop ;"},
    {"mk_avr_sparse.S", "sbiw    r30, 4 ", "sbiw    r30, 1 "},
    {"mk_avr_sparse.S", "sbiw    r24, 8 * (MK_AVR_WINDOW_GROUPS - 1) + 1", "sbiw    r24, 8 * MK_AVR_WINDOW_GROUPS"},
    {"mk_avr_steady.S", "ldi     LEFT, 8", "ldi     LEFT, 9"},
    {"mk_avr_steady.S", "or      r6, TEMP\n", "nop\n"},
    {"mk_avr_steady.S", "and     TEMP, SIGN", "nop"},
    {"mk_avr_steady.S", "RETURN_TO_C\n        END_FUNCTION mk_avr_steady_runs", "POP_CALLER_REGISTERS\n        ret\n        END_FUNCTION mk_avr_steady_runs"},
    {"mk_avr_steady.S", "movw    r26, PAD", "movw    r26, r28"},
    {"mk_avr_steady.S", "push    CHANNEL\n", "push    r20\n"},
    {"mk_average_pool_2d_s8_steady_avr.c", "0u - (sum >> 16)", "sum >> 16"},
    {"mk_avr_exact.S", "subi    P_3, 1", "subi    P_3, 0"},
    {"mk_avr_exact.S", "adc     P_4, NULL               ; the last", "nop ;"},
    {"mk_avr_coded.S", "swap    r29", "nop"},
    {"mk_avr_coded.S", "breq    3b", "nop"},
    {"mk_avr_coded.S", "sbc     SIGN, SIGN", "clr     SIGN"},
    {"mk_avr_coded.S", "mul     \\b2, SIXTEEN", "mul     \\b2, NULL"},
    {"mk_avr_coded.S", "adc     r27, NULL", "nop"},
    {"mk_avr_pool.S", "adc     r25, r1", "nop"},
    {"mk_avr_pool.S", "adc     r27, r23", "nop"},
    {"mk_average_pool_2d_s8_avr.c", "taps / 2", "taps / 3"},
    {"mk_average_pool_2d_s8_avr.c", "MOST_TAPS_16 = 254", "MOST_TAPS_16 = 1000"},
    {"mk_average_pool_2d_s8_avr.c", "columns == c->in_w", "columns <= c->in_w"},
    {"mk_softmax_table.h", "value > 255", "value > 256"},
    {"mk_softmax_table.h", "right = 35", "right = 36"},
    {"mk_avr_sum_tables.S", "rol     SUM_3\n        brvs    out_of_range\n        cp", "rol     SUM_3\n        cp"},
    {"mk_avr_sum_tables.S", "rol     SUM_3\n        brvs    out_of_range\n        lsl", "rol     SUM_3\n        lsl"},
    {"mk_avr_sum_tables.S", "sbci    r19, 0", "nop"},
    {"mk_avr_sum_tables.S", "RETURN_TO_C", "POP_CALLER_REGISTERS\n        ret"},
};

/* Broken only where a constant lies across a boundary of 64 KB. */
static const struct check_mutation far_mutations[] = {
    {"mk_avr_macros.h", "inc     \\temp", "nop"},
    {"mk_avr_group.h", "inc     r24", "nop"},
    {"mk_avr_sum_tables.S", "adc     r0, NULL", "nop"},
    {"mk_avr_coded.S", "\nbank_crossed:\n        NEXT_BANK r0", "\nbank_crossed:"},
    {"mk_avr_columns.S", "brcs    careful_input\n        NEXT_BANK r0", "brcs    careful_input"},
    {"mk_avr_sparse.S", "brcs    1f\n        NEXT_BANK r0", "brcs    1f"},
    {"mk_avr_sparse.S", "ori     INPUT, 7", "nop"},
    {"mk_avr_sparse.S", "brts    to_careful_input", "nop"},
    {"mk_avr_sparse.S", "rcall   step_back\n        rjmp    2f", "nop"},
    {"mk_avr_differences.S", "brne    next_input\n        NEXT_BANK r0", "brne    next_input"},
    {"mk_avr_chunks.S", "brne    1f\n        NEXT_BANK \\temp", "brne    1f"},
};

static void print_errors(const struct mote_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++) printf("  %s\n", diag->messages[i].text);
}

/* Layers that every run has, whatever its seed. */
static size_t fixed_count(void)
{
    return check_layer_fixed_count + check_layer_steady_count;
}

/* Plans for number i: the fixed layers first, of them first those for kernels of constant time; then random ones, every fourth
 * for such kernels. *is_tuned: the target has room for it, and a tuned kernel takes it. */
static enum mote_status choose_layer(struct mote_rng *rng, const struct mote_target *target, struct mote_arena *arena,
                                     size_t i, struct check_plans *plans, bool *is_tuned)
{
    const uint32_t most_bytes = target->ram_bytes / 16;
    const bool steady_time = i < fixed_count() ? i < check_layer_steady_count : i % 4 == 0;
    const struct check_layer layer = i < check_layer_steady_count ? check_layers_steady[i]
                                     : i < fixed_count() ? check_layers_fixed[i - check_layer_steady_count]
                                                         : check_layer_random(rng, most_bytes, 8000);
    struct mote_diag refusal;
    mote_diag_init(&refusal, "");
    const enum mote_status status = check_layer_plan(&layer, target, steady_time, arena, plans, &refusal);
    mote_diag_free(&refusal);
    *is_tuned = status == MOTE_OK && check_plans_is_tuned(plans);
    return status == MOTE_ERR_UNSUPPORTED ? MOTE_OK : status;
}

/* Fills plans with layers that tuned kernels take. */
static enum mote_status choose_layers(struct mote_rng *rng, const struct mote_target *target, struct mote_arena *arena,
                                      struct check_plans *plans, size_t count, struct mote_diag *diag)
{
    for (size_t i = 0, next = 0; i < count; next++) {
        bool is_tuned;
        const enum mote_status status = choose_layer(rng, target, arena, next, &plans[i], &is_tuned);
        if (status != MOTE_OK) return mote_error(diag, status, "layer %zu cannot be planned", next);
        if (next < fixed_count() && !is_tuned)
            return mote_error(diag, MOTE_ERR_UNSUPPORTED, "fixed layer %zu is left to the reference", next);
        i += is_tuned && check_plans_fit(&plans[i], 1);
    }
    return MOTE_OK;
}

/* Those of the fixed layers whose kernels are made from the file that a mutation changes. `chosen`: room for all. */
static enum mote_status choose_affected(const struct check_plans *plans, const struct check_mutation *mutation,
                                        struct check_plans *chosen, size_t *count, struct mote_diag *diag)
{
    enum mote_status status = MOTE_OK;
    *count = 0;
    for (size_t i = 0; status == MOTE_OK && i < fixed_count(); i++) {
        bool uses;
        status = check_plans_use(&plans[i], mutation->file, &uses, diag);
        if (status == MOTE_OK && uses) chosen[(*count)++] = plans[i];
    }
    return status == MOTE_OK && *count == 0 ? mote_error(diag, MOTE_ERR_INPUT, "no fixed layer uses %s", mutation->file) : status;
}

static int check_kernels(const struct mote_target *target, uint64_t seed, size_t layers, struct check_plans *plans,
                         struct mote_arena *arena)
{
    struct check_result result = {0};
    struct mote_diag diag;
    struct mote_rng rng;
    const size_t per_image = target->flash_bytes > 65536 ? LAYERS_PER_IMAGE : 3;
    mote_diag_init(&diag, "");
    mote_rng_seed(&rng, seed);
    enum mote_status status = choose_layers(&rng, target, arena, plans, layers, &diag);
    for (size_t i = 0, count; status == MOTE_OK && i < layers; i += count) {
        for (count = 1; count < per_image && i + count < layers && check_plans_fit(plans + i, count + 1);) count++;
        const struct check_options options = {.target = target, .patterns = PATTERNS};
        status = check_run_image(plans + i, count, &options, &result, &diag);
    }
    printf("%s, seed %llu: %zu layers, %d failures\n", target->name, (unsigned long long)seed, layers, result.failures);
    if (result.failures) printf("  %s\n", result.first_failure);
    for (size_t i = 0; i < result.speed_count; i++)
        printf("  %-34s %6.2f cycles per multiply-accumulate, or else per output (small layers)\n", result.speeds[i].kernel,
               result.speeds[i].cycles / (double)result.speeds[i].macs);
    print_errors(&diag);
    mote_diag_free(&diag);
    return status != MOTE_OK || result.failures;
}

/* A broken kernel did something wrong, crashed or let the stack overflow. Other errors are no proof: text that is no longer
 * there or does not assemble, an image larger than the chip. */
static bool is_caught(enum mote_status status, const struct check_result *result, const struct mote_diag *diag)
{
    if (status == MOTE_OK) return result->failures > 0;
    return status == MOTE_ERR_IO || (status == MOTE_ERR_NO_FIT && strstr(diag->messages[diag->count - 1].text, "stack overflows"));
}

/* Each layer of many constants by itself, the boundary of 64 KB of flash within the weights of its first groups of channels;
 * stops at a failure. The linker takes the reference's constants first. */
static enum mote_status run_across_banks(const struct mote_target *target, const struct check_plans *plans, size_t count,
                                         const struct check_mutation *mutation, struct check_result *result,
                                         struct mote_diag *diag)
{
    enum { MANY_BYTES = 512, BANK = 65536 };
    enum mote_status status = MOTE_OK;
    for (size_t i = 0; i < count && status == MOTE_OK && !result->failures; i++) {
        const size_t tuned_bytes = plans[i].tuned->constant_bytes;
        if (tuned_bytes < MANY_BYTES) continue;
        const uint32_t boundary = (uint32_t)(plans[i].reference->constant_bytes + tuned_bytes * 3 / 8);
        const struct check_options options = {.target = target, .mutation = mutation, .patterns = 3,
                                              .filler_bytes = BANK - boundary};
        status = check_run_image(plans + i, 1, &options, result, diag);
    }
    return status;
}

static int check_banks(const struct mote_target *target, const struct check_plans *plans, struct check_plans *affected)
{
    int failed = 0;
    for (size_t i = 0; i <= sizeof far_mutations / sizeof far_mutations[0]; i++) {
        const struct check_mutation *mutation = i ? &far_mutations[i - 1] : NULL;
        struct check_result result = {0};
        struct mote_diag diag;
        mote_diag_init(&diag, "");
        size_t count = fixed_count();
        enum mote_status status = mutation ? choose_affected(plans, mutation, affected, &count, &diag) : MOTE_OK;
        if (status == MOTE_OK) status = run_across_banks(target, mutation ? affected : plans, count, mutation, &result, &diag);
        const bool as_expected = mutation ? is_caught(status, &result, &diag)
                                          : status == MOTE_OK && !result.failures;
        if (!as_expected)
            printf("constants across 64 KB%s: %s\n", mutation ? ", broken kernel not caught" : "",
                   mutation ? mutation->from : result.first_failure);
        if (!as_expected) print_errors(&diag);
        failed |= !as_expected;
        mote_diag_free(&diag);
    }
    return failed;
}

/* Kernels broken on purpose: every one must be caught. Every fourth only, unless MOTE_LONG asks for all. */
static int check_suite(const struct mote_target *target, const struct check_plans *plans, struct check_plans *affected)
{
    const char *asked = getenv("MOTE_LONG");
    const size_t step = asked && *asked && strcmp(asked, "0") != 0 ? 1 : 4;
    int missed = 0, tried = 0;
    for (size_t i = 0; i < sizeof mutations / sizeof mutations[0]; i += step, tried++) {
        struct check_result result = {0};
        struct mote_diag diag;
        mote_diag_init(&diag, "");
        const struct check_options options = {.target = target, .mutation = &mutations[i], .patterns = PATTERNS};
        size_t count;
        enum mote_status status = choose_affected(plans, &mutations[i], affected, &count, &diag);
        for (size_t first = 0; status == MOTE_OK && !result.failures && first < count; first += LAYERS_PER_IMAGE) {
            const size_t rest = count - first;
            status = check_run_image(affected + first, rest < LAYERS_PER_IMAGE ? rest : LAYERS_PER_IMAGE, &options, &result, &diag);
        }
        if (!is_caught(status, &result, &diag)) {
            missed++;
            printf("not caught: %s: \"%s\"\n", mutations[i].file, mutations[i].from);
            print_errors(&diag);
        }
        mote_diag_free(&diag);
    }
    printf("%d broken kernels, %d not caught\n", tried, missed);
    return missed != 0;
}

/* One inference of a plan in this process; the output lives in the arena. */
static uint8_t *run_on_host(const struct mote_plan *plan, const uint8_t *input, struct mote_arena *arena)
{
    uint8_t *memory = mote_arena_calloc(arena, plan->arena_bytes, 1);
    uint8_t *output = mote_arena_calloc(arena, mote_eval_output_bytes(plan), 1);
    if (!memory || !output) return NULL;
    mote_eval_run(plan, memory, input, output, NULL, NULL);
    return output;
}

/* Puts the output of a plan of one step on its input, a few bytes farther than it must: then rows do not lie on rows. */
static bool overlap_askew(struct mote_plan *plan)
{
    enum { ASKEW = 3 };
    const struct mote_step *const step = &plan->steps[0];
    if (plan->step_count != 1 || step->kernel->input_count != 1 || step->kernel->granularity == MOTE_GRANULARITY_ELEMENT ||
        step->rows_descend)
        return false;
    const int64_t distance = mote_plan_overlap_distance(plan, step, 0);
    struct mote_buffer *const in = &plan->buffers[step->inputs[0].buffer], *const out = &plan->buffers[step->output.buffer];
    if (distance < 0 || distance > in->bytes) return false;
    out->offset = 0;
    in->offset = (uint32_t)distance + ASKEW;
    return true;
}

/* The portable twins, with what the packer made for the chip, against the reference kernels. */
static int check_twins(const struct mote_target *target, uint64_t seed, size_t layers, struct check_plans *plans,
                       struct mote_arena *arena)
{
    enum { VECTORS = 8 };
    int failures = 0, askew = 0;
    struct mote_diag diag;
    struct mote_rng rng;
    mote_diag_init(&diag, "");
    mote_rng_seed(&rng, seed);
    const enum mote_status status = choose_layers(&rng, target, arena, plans, layers, &diag);
    for (size_t i = 0; status == MOTE_OK && i < layers; i++) {
        mote_plan_spread(plans[i].tuned); /* kernels are called once for all rows, which overlap may not allow */
        mote_plan_spread(plans[i].reference);
        for (int v = 0; v < VECTORS; v++) {
            if (v == VECTORS / 2) askew += overlap_askew(plans[i].tuned);
            const size_t bytes = mote_eval_input_bytes(plans[i].tuned), out_bytes = mote_eval_output_bytes(plans[i].tuned);
            uint8_t *input = mote_arena_calloc(arena, bytes, 1);
            if (!input) return 1;
            memset(input, 0x80, bytes);
            if (v == 1) for (size_t b = 0; b < bytes; b++) input[b] = (uint8_t)(0x80 + 52 + b % 8); /* as in check_target.c */
            if (v > 1) mote_rng_fill(&rng, input, bytes);
            const uint8_t *got = run_on_host(plans[i].tuned, input, arena);
            const uint8_t *expected = run_on_host(plans[i].reference, input, arena);
            if (got && expected && !memcmp(got, expected, out_bytes)) continue;
            char layer[160];
            check_layer_print(&plans[i].layer, layer, sizeof layer);
            if (!failures++) printf("%s on the host: %s\n", check_plans_kernel(&plans[i]), layer);
        }
    }
    printf("host, seed %llu: %zu layers, %d of them also askew on their inputs, %d failures\n", (unsigned long long)seed, layers,
           askew, failures);
    print_errors(&diag);
    mote_diag_free(&diag);
    return status != MOTE_OK || failures || !askew;
}

int main(int argc, char **argv)
{
    const bool host = argc > 1 && !strcmp(argv[1], "host");
    const uint64_t seed = argc > 1 && !host ? strtoull(argv[1], NULL, 0) : 1;
    const size_t layers = argc > 2 ? strtoul(argv[2], NULL, 0) : host ? 300 : fixed_count() + LAYERS_PER_IMAGE / 2;
    const struct mote_target *target = mote_target_find(argc > 3 ? argv[3] : "atmega1284p");
    const char *missing;
    if (!target || !layers) return 2;
    if (!host && !mote_sim_available(target, &missing)) {
        printf("skipped: %s is missing\n", missing);
        return SKIPPED;
    }
    struct mote_arena arena;
    setvbuf(stdout, NULL, _IOLBF, 0);
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct check_plans *plans = MOTE_NEW_ARRAY(&arena, struct check_plans, layers);
    struct check_plans *affected = MOTE_NEW_ARRAY(&arena, struct check_plans, fixed_count());
    int failed = !plans || !affected ? 1
                 : host ? check_twins(target, seed, layers, plans, &arena)
                        : check_kernels(target, seed, layers, plans, &arena);
    if (!failed && argc <= 1) failed = check_suite(target, plans, affected);
    if (!failed && argc <= 1) failed = check_banks(target, plans, affected);
    mote_arena_free(&arena);
    return failed;
}
