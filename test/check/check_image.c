/* check_image.c: layers to one image: each layer's emitted library under a prefix of its own, a table of them, and the
 * program of check_target.c in place of a model. */
#include "check_avr.h"
#include "check_target.h"

#include "../../src/base/embed.h"
#include "../../src/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

extern const struct mote_embedded_file check_target_files[];
extern const size_t check_target_files_count;

enum { PATTERNS = 10 };

/* `text` with every `from` replaced; from malloc. */
static char *replace_all(const char *text, const char *from, const char *to)
{
    struct mote_text out = {0};
    for (const char *at; *from && (at = strstr(text, from)); text = at + strlen(from)) {
        mote_text_append(&out, text, (size_t)(at - text));
        mote_text_append(&out, to, strlen(to));
    }
    mote_text_append(&out, text, strlen(text));
    return out.bytes;
}

static enum mote_status write_file(const char *folder, const char *name, const char *text, struct mote_diag *diag)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return mote_file_write(path, text, strlen(text), diag);
}

static const char *embedded_text(const char *name)
{
    for (size_t i = 0; i < check_target_files_count; i++)
        if (!strcmp(check_target_files[i].name, name)) return check_target_files[i].text;
    return "";
}

/* A kernel's source, changed if it is the one to be broken; the assembly functions that check_wrap.S wraps get the name that it
 * calls them by. */
static enum mote_status write_kernel(const char *folder, const struct mote_emit_file *file, const struct check_mutation *mutation,
                                     struct mote_diag *diag)
{
    const bool changes = mutation && !strcmp(file->name + strlen("kernel/"), mutation->file);
    if (changes && !strstr(file->text, mutation->from))
        return mote_error(diag, MOTE_ERR_INPUT, "%s does not contain \"%s\"", mutation->file, mutation->from);
    char *text = changes ? replace_all(file->text, mutation->from, mutation->to) : replace_all(file->text, "", "");
    const bool assembly = !strcmp(file->name + strlen(file->name) - 2, ".S");
    const char *at = assembly ? embedded_text("check_wrap.S") : "";
    while ((at = strstr(at, "\n        WRAP    "))) {
        at += strlen("\n        WRAP    ");
        char from[64], to[80];
        const int length = (int)strcspn(at, ", \n");
        snprintf(from, sizeof from, "FUNCTION %.*s\n", length, at);
        snprintf(to, sizeof to, "FUNCTION %.*s_checked\n", length, at);
        char *renamed = replace_all(text, from, to);
        free(text);
        text = renamed;
    }
    const enum mote_status status = write_file(folder, file->name, text, diag);
    free(text);
    return status;
}

/* The check_kernel that calls a plan's last step. A kernel of two inputs is called by way of a function that knows where the
 * second lies. */
static void print_kernel(struct mote_text *text, const struct mote_plan *plan, const char *prefix)
{
    const struct mote_step *step = &plan->steps[plan->step_count - 1];
    const bool has_two = step->inputs[1].buffer >= 0;
    if (has_two)
        mote_text_printf(text, "extern const int8_t *check_second;\n"
                               "static void %s_call(int8_t *out, const int8_t *in, MK_FLASH struct %s *p, uint16_t begin, uint16_t end)\n"
                               "{\n    mk_%s(out, in, check_second, p, begin, end);\n}\n",
                         prefix, step->kernel->params->name, step->kernel->name);
    mote_text_printf(text, "#include \"check_target.h\"\nconst struct check_kernel %s_kernel = {(void (*)(void))%s%s, &%s, "
                           "%u, %u, %u, %u, %d, %d};\n",
                     prefix, has_two ? prefix : "mk_", has_two ? "_call" : step->kernel->name, step->name,
                     plan->buffers[step->output.buffer].offset, plan->buffers[step->inputs[0].buffer].offset,
                     has_two ? plan->buffers[step->inputs[1].buffer].offset : 0, step->row_end, step->rows_descend,
                     mote_granularity_descends(step->kernel->granularity));
}

/* Writes a plan's library with all its names prefixed, and the check_kernel that calls its last step. */
static enum mote_status write_plan(const char *folder, const struct mote_plan *plan, const char *prefix,
                                   const struct check_options *options, struct mote_arena *arena, struct mote_diag *diag)
{
    const struct mote_emit_options emit = {.name = prefix, .source = "check"};
    struct mote_emit_files files = {0};
    enum mote_status status = mote_emit_library(plan, &emit, arena, &files, diag);
    for (size_t i = 0; status == MOTE_OK && i < files.count; i++) {
        const struct mote_emit_file *file = &files.files[i];
        if (!strncmp(file->name, "kernel/", 7)) {
            status = write_kernel(folder, file, options->mutation, diag);
            continue;
        }
        char name[96], header[96];
        snprintf(name, sizeof name, "%s_%s", prefix, file->name);
        snprintf(header, sizeof header, "\"%s_model", prefix);
        char *text = replace_all(file->text, "\"model", header);
        if (!strcmp(file->name, "model.c")) {
            struct mote_text more = {0};
            mote_text_printf(&more, "%s\n", text);
            print_kernel(&more, plan, prefix);
            free(text);
            text = more.bytes;
        }
        status = write_file(folder, name, text, diag);
        free(text);
    }
    return status;
}

/* Of input i; 0 if there is no such input. */
static uint32_t input_bytes(const struct check_plans *p, int32_t i)
{
    return i < p->tuned->input_count ? p->tuned->buffers[p->tuned->inputs[i]].bytes : 0;
}

static uint32_t output_bytes(const struct check_plans *p)
{
    return p->tuned->buffers[p->tuned->outputs[0]].bytes;
}

/* check_cases.h: the table of layers. */
static enum mote_status write_cases(const char *folder, const struct check_plans *plans, size_t count, struct mote_diag *diag)
{
    uint32_t most_in = 1, most_out = 1, most_arena = 1;
    struct mote_text text = {0};
    for (size_t i = 0; i < count; i++) {
        const uint32_t in = input_bytes(&plans[i], 0) + input_bytes(&plans[i], 1), out = output_bytes(&plans[i]), arena = plans[i].tuned->arena_bytes;
        if (in > most_in) most_in = in;
        if (out > most_out) most_out = out;
        if (arena > most_arena) most_arena = arena;
        mote_text_printf(&text, "extern const struct check_kernel check%zut_kernel, check%zur_kernel;\n", i, i);
    }
    mote_text_printf(&text, "#define MOST_IN_BYTES %u\n#define MOST_OUT_BYTES %u\n#define MOST_ARENA_BYTES %u\n"
                            "static const struct check_case check_cases[] = {\n",
                     most_in, most_out, most_arena);
    for (size_t i = 0; i < count; i++)
        mote_text_printf(&text, "    {&check%zut_kernel, &check%zur_kernel, %u, %u, %u, %d},\n", i, i, input_bytes(&plans[i], 0),
                         input_bytes(&plans[i], 1), output_bytes(&plans[i]), (int)plans[i].layer.in_zero_point);
    mote_text_printf(&text, "};\n");
    const enum mote_status status = write_file(folder, "check_cases.h", text.bytes, diag);
    mote_text_free(&text);
    return status;
}

static enum mote_status write_program(const char *folder, const struct check_options *options, struct mote_diag *diag)
{
    char glue[512], filler[256];
    const unsigned request = sizeof(struct check_request), report = sizeof(struct check_report);
    snprintf(glue, sizeof glue,
             "#include <stdint.h>\nvoid check_run(uint8_t *exchange);\n#define GLUE_ARENA_BYTES %u\n#define GLUE_ARENA_ALIGN 1\n"
             "#define GLUE_INPUTS {{0, %u}}\n#define GLUE_OUTPUTS {{%u, %u}}\n#define GLUE_INPUT_COUNT 1\n"
             "#define GLUE_OUTPUT_COUNT 1\n#define GLUE_RUN(arena) check_run(arena)\n",
             request + report, request, request, report);
    snprintf(filler, sizeof filler, "        .section .progmem.data.check_filler, \"a\", @progbits\n        .global check_filler\n"
                                    "check_filler:\n        .space %u, 0x5A\n",
             options->filler_bytes + 1);
    enum mote_status status = write_file(folder, "model_glue.h", glue, diag);
    /* the linker takes constants file by file, in alphabetical order */
    if (status == MOTE_OK && options->filler_bytes) status = write_file(folder, "a_filler.S", filler, diag);
    for (size_t i = 0; status == MOTE_OK && i < check_target_files_count; i++)
        status = write_file(folder, check_target_files[i].name, check_target_files[i].text, diag);
    return status;
}

static void add_speed(struct check_result *result, const struct check_plans *plans, double cycles)
{
    if (!plans->tuned->macs) return; /* pools */
    const char *kernel = check_plans_kernel(plans);
    size_t i = 0;
    while (i < result->speed_count && strcmp(result->speeds[i].kernel, kernel) != 0) i++;
    if (i == sizeof result->speeds / sizeof result->speeds[0]) return;
    if (i == result->speed_count) result->speeds[result->speed_count++] = (struct check_speed){kernel, 0, 0};
    result->speeds[i].cycles += cycles;
    result->speeds[i].macs += plans->layer.operator <= CHECK_FULLY_CONNECTED ? plans->tuned->macs : output_bytes(plans);
}

static void judge(const struct check_plans *plans, const struct check_request *request, const struct check_report *report,
                  struct check_result *result)
{
    if (!report->bad_registers && !report->bad_function && !report->bad_stack && !report->bad_guards && !report->bad_input && !report->mismatches) return;
    if (result->failures++) return;
    char layer[160];
    check_layer_print(&plans->layer, layer, sizeof layer);
    snprintf(result->first_failure, sizeof result->first_failure,
             "%s: %s; pattern %u%s: %u of the bytes differ (first at %u: %d, not %d), registers %08x, functions %02x, stack %u, guards %u, input %u",
             check_plans_kernel(plans), layer, request->pattern, request->overlaps ? " overlapping" : "", report->mismatches,
             report->first_mismatch, report->got, report->expected, (unsigned)report->bad_registers, report->bad_function, report->bad_stack,
             report->bad_guards, report->bad_input);
}

static enum mote_status run(const char *folder, const struct check_plans *plans, size_t count,
                            const struct check_options *options, struct mote_arena *arena, struct check_result *result,
                            struct mote_diag *diag)
{
    const size_t per_layer = 2 * (size_t)options->patterns, vectors = count * per_layer;
    struct check_request *requests = MOTE_NEW_ARRAY(arena, struct check_request, vectors);
    if (!requests) return mote_error_memory(diag);
    for (size_t v = 0; v < vectors; v++)
        requests[v] = (struct check_request){.number = (uint16_t)(v / per_layer), .overlaps = (uint8_t)(v % 2),
                                             .pattern = (uint8_t)(PATTERNS - 1 - v % per_layer / 2),
                                             .seed = (uint32_t)(plans[v / per_layer].layer.seed + v)};
    const struct mote_sim_span in = {0, sizeof *requests}, out = {sizeof *requests, sizeof(struct check_report)};
    const struct mote_sim_job job = {.target = options->target, .folder = folder, .arena_bytes = in.bytes + out.bytes,
                                     .inputs = &in, .outputs = &out, .input_count = 1, .output_count = 1,
                                     .input = (const uint8_t *)requests, .vector_count = vectors, .trace = true};
    struct mote_sim_result sim;
    const enum mote_status status = mote_sim_run(&job, arena, &sim, diag);
    if (status != MOTE_OK) return status;
    for (size_t v = 0; v < vectors; v++) {
        struct check_report report;
        memcpy(&report, sim.output + v * sizeof report, sizeof report);
        judge(&plans[v / per_layer], &requests[v], &report, result);
    }
    for (size_t i = 0; i < sim.trace_count; i++)
        if (sim.traces[i].step == 1001 && requests[sim.traces[i].vector].pattern == PATTERNS - 1)
            add_speed(result, &plans[sim.traces[i].vector / per_layer], sim.traces[i].cycles);
    return MOTE_OK;
}

enum mote_status check_plans_use(const struct check_plans *plans, const char *file, bool *uses, struct mote_diag *diag)
{
    const struct mote_emit_options emit = {.name = "check", .source = "check"};
    struct mote_emit_files files = {0};
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    const enum mote_status status = mote_emit_library(plans->tuned, &emit, &arena, &files, diag);
    *uses = false;
    for (size_t i = 0; status == MOTE_OK && i < files.count; i++)
        *uses = *uses || (!strncmp(files.files[i].name, "kernel/", 7) && !strcmp(files.files[i].name + 7, file));
    mote_arena_free(&arena);
    return status;
}

enum mote_status check_run_image(const struct check_plans *plans, size_t count, const struct check_options *options,
                                 struct check_result *result, struct mote_diag *diag)
{
    char folder[256], kernels[300];
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    enum mote_status status = mote_folder_temporary(folder, sizeof folder, diag);
    if (status != MOTE_OK) return status;
    snprintf(kernels, sizeof kernels, "%s/kernel", folder);
    if (mkdir(kernels, 0700)) status = mote_error(diag, MOTE_ERR_IO, "cannot create %s", kernels);
    if (status == MOTE_OK) status = write_program(folder, options, diag);
    if (status == MOTE_OK) status = write_cases(folder, plans, count, diag);
    for (size_t i = 0; status == MOTE_OK && i < count; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "check%zut", i);
        status = write_plan(folder, plans[i].tuned, prefix, options, &arena, diag);
        snprintf(prefix, sizeof prefix, "check%zur", i);
        if (status == MOTE_OK) status = write_plan(folder, plans[i].reference, prefix, options, &arena, diag);
    }
    if (status == MOTE_OK) status = run(folder, plans, count, options, &arena, result, diag);
    mote_folder_remove(folder);
    mote_arena_free(&arena);
    return status;
}
