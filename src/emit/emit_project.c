/* What surrounds the library: build files, a README with the figures, an example, and the simulators' glue. */
#include "internal.h"

#include "../plan/stream.h"

#include <inttypes.h>
#include <string.h>

static bool has_ending(const char *name, const char *ending)
{
    const size_t length = strlen(name), n = strlen(ending);
    return length > n && !strcmp(name + length - n, ending);
}

static bool is_source(const char *name)
{
    return has_ending(name, ".c") || has_ending(name, ".S");
}

static void write_standard_flags(const struct mote_target *target, const char *optimise, const char *between, struct mote_text *text)
{
    /* AVR's flash qualifiers are GNU C. Its fast loops are assembly; what is left to the compiler had better be small. */
    if (!target->flash_is_memory) {
        mote_text_printf(text, "-std=gnu99%s " MOTE_TARGET_AVR_FLAGS, between);
        return;
    }
    mote_text_printf(text, "-std=c99%s %s", between, optimise);
    /* Bare-metal compilers may come without a C library; memcpy stays something they may expand in place. */
    if (target->compiler) mote_text_printf(text, " -ffreestanding -fbuiltin");
    if (target->simulator == MOTE_SIM_QEMU_RV32) mote_text_printf(text, " " MOTE_TARGET_RV32_FLAGS);
}

void mote_emit_makefile(const struct mote_target *target, const char *optimise, const char *name, const char *headers,
                        const struct mote_emit_files *library, struct mote_text *text)
{
    const char *compiler = target->compiler ? target->compiler : "cc";
    const size_t length = strlen(compiler);
    const bool is_gcc = has_ending(compiler, "gcc");
    mote_text_printf(text, "CC = %s\nAR = %.*sar\nCFLAGS = %s ", compiler, is_gcc ? (int)length - 3 : 0, compiler,
                     target->compile_flags ? target->compile_flags : "");
    write_standard_flags(target, optimise, "", text);
    mote_text_printf(text, " -ffunction-sections -fdata-sections -Wall -Wextra\nCPPFLAGS = -I. -Ikernel\n\nOBJECTS =");
    for (size_t i = 0; i < library->count; i++)
        if (is_source(library->files[i].name))
            mote_text_printf(text, " \\\n    %s.o", library->files[i].name); /* x.c and x.S may both be there */
    mote_text_printf(text, "\n\nlib%s.a: $(OBJECTS)\n\trm -f $@\n\t$(AR) rcs $@ $(OBJECTS)\n\n", name);
    mote_text_printf(text, "$(OBJECTS): %s$(wildcard kernel/*.h kernel/*.def kernel/*.inl)\n\n"
                           "%%.c.o: %%.c\n\t$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@\n"
                           "%%.S.o: %%.S\n\t$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@\n\n",
                     headers);
}

static void write_makefile(const struct mote_plan *plan, const struct mote_emit_options *options,
                           const struct mote_emit_files *library, struct mote_text *text)
{
    mote_text_printf(text, "# Builds lib%s.a and, with `make example`, example/main.c for %s.\n", options->name,
                     plan->target->name);
    mote_emit_makefile(plan->target, mote_plan_compile_flags(plan), options->name, "model.h model_data.h ", library, text);
    mote_text_printf(text, "# On bare metal, add your board's start-up code and linker script to LDFLAGS.\nexample: example/main.elf\n"
                           "example/main.elf: example/main.c lib%s.a\n\t$(CC) $(CPPFLAGS) $(CFLAGS) -Wl,--gc-sections $(LDFLAGS) $^ -o $@\n\n"
                           "clean:\n\trm -f $(OBJECTS) lib%s.a example/main.elf\n\n.PHONY: example clean\n",
                     options->name, options->name);
}

static void write_cmake(const struct mote_plan *plan, const struct mote_emit_options *options,
                        const struct mote_emit_files *library, struct mote_text *text)
{
    const struct mote_target *target = plan->target;
    mote_text_printf(text, "# add_subdirectory() this folder, then target_link_libraries(your_program %s).\n"
                           "cmake_minimum_required(VERSION 3.13)\nproject(%s C ASM)\n\nadd_library(%s STATIC",
                     options->name, options->name, options->name);
    for (size_t i = 0; i < library->count; i++)
        if (is_source(library->files[i].name)) mote_text_printf(text, "\n    %s", library->files[i].name);
    mote_text_printf(text, ")\ntarget_include_directories(%s PUBLIC . PRIVATE kernel)\n", options->name);
    mote_text_printf(text, "# The chip's own flags (%s) are your toolchain file's business.\n",
                     target->compile_flags ? target->compile_flags : "none");
    mote_text_printf(text, "target_compile_options(%s PRIVATE $<$<COMPILE_LANGUAGE:C>:", options->name);
    write_standard_flags(target, mote_plan_compile_flags(plan), ">", text);
    mote_text_printf(text, " -ffunction-sections -fdata-sections)\n");
}

static void write_row(const char *what, int64_t bytes, int64_t limit, const char *remark, struct mote_text *text)
{
    mote_text_printf(text, "| %s | ", what);
    mote_emit_number(bytes, text);
    if (limit > 0) {
        mote_text_printf(text, " of ");
        mote_emit_number(limit, text);
    }
    mote_text_printf(text, " bytes | %s |\n", remark);
}

/* How an application calls the library, as C. */
static void write_usage(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const struct mote_tensor *in = &plan->graph->tensors[plan->graph->inputs[0]];
    const char *name = options->name, *type = mote_emit_c_type(in->dtype);
    if (plan->stream && plan->stream->strip_count) {
        mote_emit_strips_usage(plan, options, "", "/* ... fill it with `columns.count` columns of line y, from `columns.first` on ... */", text);
        return;
    }
    if (mote_plan_is_pushed(plan)) {
        const char *what = mote_emit_row_word(plan);
        mote_text_printf(text, "%s_begin(&arena);\ndo {\n    %s *%s = %s_next_%s(&arena); /* a %s of ", name, type, what, name,
                         what, what);
        mote_emit_shape(&in->shape, text);
        mote_text_printf(text, " */\n    /* ... fill it: one line of the camera, one frame of sound ... */\n"
                               "} while (!%s_push_%s(&arena));\n",
                         name, what);
        return;
    }
    mote_text_printf(text, "%s *input = %s_input%s(&arena);   /* ", type, name, plan->input_count > 1 ? "_0" : "");
    mote_emit_shape(&in->shape, text);
    mote_text_printf(text, " */\n/* ... fill it ... */\n%s_run(&arena);\n", name);
}

static void write_stack(const struct mote_emit_figures *figures, struct mote_text *text)
{
    const char *why = figures->worst_case_stack ? figures->worst_case_stack : "not analysed";
    if (figures->worst_case_stack_bytes)
        write_row("Stack, worst case", figures->worst_case_stack_bytes, 0,
                  "from frames and calls: no run goes deeper; interrupts of your own come on top", text);
    else
        mote_text_printf(text, "| Stack, worst case | unknown | %s |\n", why);
}

static void write_readme(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const struct mote_target *target = plan->target;
    const struct mote_emit_figures *figures = &options->figures;
    const bool limited = target->simulator != MOTE_SIM_HOST;
    mote_text_printf(text, "# %s for %s\n\nA neural network as plain C, made by mote from `", options->name, target->name);
    mote_emit_remark(options->source, text);
    mote_text_printf(text, "` for %s. ", target->title);
    mote_text_printf(text, "It needs no other library, no heap and no file; the outputs have the same bits as TensorFlow Lite's "
                           "reference kernels.\n\n");
    if (options->command) {
        mote_text_printf(text, "Made with: `");
        mote_emit_remark(options->command, text);
        mote_text_printf(text, "`\n\n");
    }
    mote_text_printf(text, "| | | |\n|---|---|---|\n");
    write_row("RAM for tensors", plan->arena_bytes, limited ? target->ram_bytes : 0,
              "the arena, owned by the caller", text);
    if (figures->measured) {
        write_row("RAM, static, in all", figures->ram_bytes, target->ram_bytes, "measured: library and a minimal main; the stack comes on top",
                  text);
        write_stack(figures, text);
        write_row("Flash in all", figures->flash_bytes, target->flash_bytes, "measured: library and a minimal main", text);
        write_row("of it code", figures->code_bytes, 0, "start-up included", text);
    }
    write_row("of it weights", (int64_t)plan->weight_bytes, 0, "as stored", text);
    write_row("of it weights, biases, multipliers and tables", (int64_t)plan->constant_bytes, 0, "as stored", text);
    mote_text_printf(text, "\n");
    mote_emit_number(plan->macs, text);
    mote_text_printf(text, " multiply-accumulates an inference.");
    if (!figures->measured) mote_text_printf(text, " Flash was not measured: the target's compiler was not at hand or not asked for.");
    mote_text_printf(text, "\n\n## Use\n\n```c\n#include \"model.h\"\n\nstatic union %s_arena arena;\n\n", options->name);
    const struct mote_tensor *out = &plan->graph->tensors[plan->graph->outputs[0]];
    write_usage(plan, options, text);
    mote_text_printf(text, "%s *output = %s_output%s(&arena); /* ", mote_emit_c_type(out->dtype), options->name,
                     plan->output_count > 1 ? "_0" : "");
    mote_emit_shape(&out->shape, text);
    mote_text_printf(text, " */\n```\n\n`make` builds `lib%s.a`; `make example` builds `example/main.c` with it; or `add_subdirectory()` "
                           "this folder in CMake.\n",
                     options->name);
    if (options->self_test)
        mote_text_printf(text, "`%s_self_test(&arena)` runs a stored input and returns 1 if the chip computed the reference's bits.\n",
                         options->name);
    mote_text_printf(text, "\n## Files\n\n- `model.h`, `model.c`: the interface, the kernel calls and the memory map\n"
                           "- `model_data.h`%s: weights, tables, parameters\n- `kernel/`: the kernels that this model calls\n"
                           "- `example/main.c`: a complete program\n",
                     target->flash_is_memory ? "" : " (and `model_data.S` if there are very large ones)");
}

static void write_example_run(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const struct mote_tensor *in = &plan->graph->tensors[plan->graph->inputs[0]];
    const char *name = options->name, *type = mote_emit_c_type(in->dtype);
    if (plan->stream && plan->stream->strip_count) {
        mote_emit_strips_usage(plan, options, "    ", "for (uint16_t i = 0; i < columns.elements; i++) row[i] = read_sensor(i);", text);
        return;
    }
    if (mote_plan_is_pushed(plan)) {
        const char *what = mote_emit_row_word(plan);
        mote_text_printf(text, "    %s_begin(&arena);\n    do {\n        %s *%s = %s_next_%s(&arena);\n"
                               "        for (uint16_t i = 0; i < ",
                         name, type, what, name, what);
        mote_emit_upper(name, text);
        mote_text_printf(text, "_INPUT_%s_ELEMENTS; i++) %s[i] = read_sensor(i);\n    } while (!%s_push_%s(&arena));\n",
                         plan->stream->slides ? "FRAME" : "ROW", what, name, what);
        return;
    }
    mote_text_printf(text, "    %s *input = %s_input%s(&arena);\n", type, name, plan->input_count > 1 ? "_0" : "");
    mote_text_printf(text, "    for (uint16_t i = 0; i < %" PRId64 "u; i++) input[i] = read_sensor(i);\n\n    %s_run(&arena);\n",
                     mote_shape_elements(&in->shape), name);
}

static void write_example(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name;
    const struct mote_tensor *in = &plan->graph->tensors[plan->graph->inputs[0]];
    const struct mote_tensor *out = &plan->graph->tensors[plan->graph->outputs[0]];
    const char *out_suffix = plan->output_count > 1 ? "_0" : "";
    mote_emit_banner(plan, options, "main.c: a complete program: one inference, and the index of the greatest output.", text);
    mote_text_printf(text, "#include \"model.h\"\n\nstatic union %s_arena arena;\n\n", name);
    mote_text_printf(text, "/* Read it in the debugger, or replace it by what your application does. */\nvolatile uint16_t best_index;\n\n");
    mote_text_printf(text, "/* Replace this by your sensor. */\nstatic %s read_sensor(uint16_t i)\n{\n    (void)i;\n    return 0;\n}\n\n",
                     mote_emit_c_type(in->dtype));
    mote_text_printf(text, "int main(void)\n{\n");
    if (options->self_test) mote_text_printf(text, "    if (!%s_self_test(&arena)) return 1; /* this chip computes other bits */\n", name);
    write_example_run(plan, options, text);
    mote_text_printf(text, "\n    const %s *output = %s_output%s(&arena);\n    uint16_t best = 0;\n",
                     mote_emit_c_type(out->dtype), name, out_suffix);
    mote_text_printf(text, "    for (uint16_t i = 1; i < %" PRId64 "u; i++)\n        if (output[i] > output[best]) best = i;\n"
                           "    best_index = best;\n    return 0;\n}\n",
                     mote_shape_elements(&out->shape));
}

enum mote_status mote_emit_project(const struct mote_plan *plan, const struct mote_emit_options *options,
                                   const struct mote_emit_files *library, struct mote_arena *arena,
                                   struct mote_emit_files *out, struct mote_diag *diag)
{
    struct mote_text makefile = {0}, cmake = {0}, readme = {0}, example = {0};
    write_makefile(plan, options, library, &makefile);
    write_cmake(plan, options, library, &cmake);
    write_readme(plan, options, &readme);
    write_example(plan, options, &example);
    struct {
        const char *name;
        struct mote_text *text;
    } files[] = {{"Makefile", &makefile}, {"CMakeLists.txt", &cmake}, {"README.md", &readme}, {"example/main.c", &example}};
    enum mote_status status = MOTE_OK;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const enum mote_status s = mote_emit_add(out, arena, files[i].name, files[i].text, diag);
        if (status == MOTE_OK) status = s;
    }
    return status;
}

static void write_spans(const struct mote_plan *plan, const char *what, const int32_t *buffers, int32_t count,
                        struct mote_text *text)
{
    mote_text_printf(text, "#define GLUE_%s_COUNT %" PRId32 "\n#define GLUE_%sS {", what, count, what);
    for (int32_t i = 0; i < count; i++)
        mote_text_printf(text, "%s{%" PRIu32 ", %" PRIu32 "}", i ? ", " : " ", plan->buffers[buffers[i]].offset,
                         plan->buffers[buffers[i]].bytes);
    mote_text_printf(text, " }\n");
}

/* Every row that is pushed, as an input of its own. */
static void write_rows(const struct mote_plan *plan, struct mote_text *text)
{
    uint32_t count = 0;
    mote_text_printf(text, "#define GLUE_PUSHED 1\n#define GLUE_INPUTS {");
    struct mote_stream_take take;
    while (mote_stream_next_take(plan, &count, &take))
        mote_text_printf(text, "%s{%" PRIu32 ", %" PRIu32 "}", count > 1 ? ", " : " ", take.offset, take.bytes);
    mote_text_printf(text, " }\n#define GLUE_INPUT_COUNT %" PRIu32 "\n", count);
}

static void write_glue_run(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name, *what = mote_emit_row_word(plan);
    mote_text_printf(text, "#ifndef GLUE_FILL_ROW\n#define GLUE_FILL_ROW(row) (void)(row)\n#endif\n"
                           "static inline void glue_run(union %s_arena *arena)\n{\n    %s_begin(arena);\n"
                           "    do {\n        void *row = %s_next_%s(arena);\n        GLUE_FILL_ROW(row);\n"
                           "    } while (!%s_push_%s(arena));\n}\n"
                           "#define GLUE_RUN(arena) glue_run((union %s_arena *)(void *)(arena))\n",
                     name, name, name, what, name, what, name);
}

enum mote_status mote_emit_glue(const struct mote_plan *plan, const struct mote_emit_options *options,
                                struct mote_arena *arena, struct mote_emit_files *out, struct mote_diag *diag)
{
    struct mote_text text = {0};
    mote_text_printf(&text, "#ifndef MODEL_GLUE_H\n#define MODEL_GLUE_H\n#include \"model.h\"\n#define GLUE_ARENA_BYTES %" PRIu32
                            "\n#define GLUE_ARENA_ALIGN %" PRIu32 "\n",
                     mote_emit_arena_bytes(plan), plan->arena_alignment_bytes > 1 ? UINT32_C(4) : UINT32_C(1));
    if (mote_plan_is_pushed(plan)) write_rows(plan, &text);
    else write_spans(plan, "INPUT", plan->inputs, plan->input_count, &text);
    write_spans(plan, "OUTPUT", plan->outputs, plan->output_count, &text);
    if (mote_plan_is_pushed(plan)) write_glue_run(plan, options, &text);
    else
        mote_text_printf(&text, "#define GLUE_RUN(arena) %s_run((union %s_arena *)(void *)(arena))\n", options->name,
                         options->name);
    mote_text_printf(&text, "#endif\n");
    return mote_emit_add(out, arena, "model_glue.h", &text, diag);
}
