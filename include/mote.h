/* mote.h: the whole host API of mote. Trained network in; C for a tiny chip, its cost and its proof out.
 *
 *     struct mote *m = mote_new();
 *     if (mote_load(m, "model.tflite") == MOTE_OK && mote_plan(m, "atmega1284p") == MOTE_OK)
 *         mote_compile(m, &(struct mote_compile_options){.output = "out"}, NULL);
 *     for (size_t i = 0; i < mote_message_count(m); i++) puts(mote_message(m, i)->text);
 *     mote_free(m);
 *
 * The library never prints, exits or aborts on input. Every call that can fail returns a status and leaves the text in
 * the session's messages; out-parameters are untouched on failure. Everything a session returns belongs to it and
 * lives until mote_free, or until the next call that replaces it (noted there). A session is used by one thread. */
#ifndef MOTE_H
#define MOTE_H

#include "mote_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOTE_VERSION "0.1.0"

struct mote;

/* NULL only when memory is out. */
struct mote *mote_new(void);
void mote_free(struct mote *mote);

/* ---- Messages ---- */
enum mote_message_kind { MOTE_MESSAGE_NOTE, MOTE_MESSAGE_WARNING, MOTE_MESSAGE_ERROR };
struct mote_message {
    enum mote_message_kind kind;
    const char *text;
};
size_t mote_message_count(const struct mote *mote);
const struct mote_message *mote_message(const struct mote *mote, size_t index);

/* ---- Progress of long work: called now and then; return false to cancel (the call then fails with MOTE_ERR_IO). ---- */
struct mote_progress {
    bool (*report)(void *context, const char *what, size_t done, size_t total);
    void *context;
};
void mote_set_progress(struct mote *mote, struct mote_progress progress);

/* ---- Targets ---- */
struct mote_target_info {
    const char *name, *title;
    uint32_t flash_bytes, ram_bytes, clock_hz;
    const char *families;        /* "avr, ref" */
    const char *simulator;       /* "simavr (cycle exact)", "QEMU (instructions)", "this machine" */
    bool cycle_exact;
    bool available;              /* its compiler and simulator are installed */
    const char *missing;         /* what to install, NULL if available */
    double energy_volts, energy_amperes, energy_hertz; /* typical active current; 0 = unknown */
    const char *energy_source;
    const char *timing_source; /* of estimated cycles: the instruction timings; NULL: the core has none */
    const char *cycles_source; /* the mean cycles of an instruction, where QEMU does not take plugins or there are no timings */
};
size_t mote_target_count(void);
/* Static text throughout; index < mote_target_count(). */
struct mote_target_info mote_target_info(size_t index);

/* ---- Models ---- */
/* Reads a .tflite file (or a graph in mote's text form, .mgraph), verifies it and runs the exact passes; or a blob that
 * mote_pack has written (.mote), which can be planned for its own chip only, and run. Replaces any model loaded before. */
MOTE_MUST_CHECK enum mote_status mote_load(struct mote *mote, const char *path);
/* The same from memory; the bytes must outlive the session. name is used in messages and as the library's name. */
MOTE_MUST_CHECK enum mote_status mote_load_memory(struct mote *mote, const char *name, const void *bytes,
                                                  size_t size_bytes);

struct mote_tensor_info {
    const char *name, *dtype; /* "s8", "s16", "f32", ... */
    int32_t rank, dims[6];
    size_t bytes;
    bool quantised;
    float scale;
    int32_t zero_point;
};
/* What exact passes took out of an operator with weights, and how wide its sums are; see doc/EXACT.md for the proofs. */
struct mote_op_weights_info {
    int64_t channels_before, channels; /* of the output */
    int64_t weights_before, weights, nonzero_weights;
    int64_t macs_before, macs;
    /* channels_before - channels: always zero, always another value that biases took over, never used */
    int64_t zero_channels, constant_channels, unread_channels;
    int accumulator_bits;              /* two's complement bits that hold every channel's sum, for any input; 0: not known */
    int64_t channels_of_16_bits;       /* channels whose sums fit 16 bits */
};
struct mote_op_info {
    int32_t source_index;      /* in the model file; -1 if made by a pass */
    const char *type;          /* "CONV_2D" */
    struct mote_tensor_info input, output; /* first data input, first output */
    int64_t macs;
    size_t parameter_bytes;    /* constants it reads */
    const struct mote_op_weights_info *weights; /* NULL: it has none */
};
struct mote_pass_info {
    const char *name, *what; /* "fuse_pad", "1 PAD fused into its convolution" */
    int32_t changes;
};
struct mote_model_info {
    const char *name;
    const char *packed_for; /* the chip, if what was loaded is a blob: a finished plan, of which only inputs and outputs are told
                             * here; else NULL */
    const struct mote_tensor_info *inputs, *outputs;
    size_t input_count, output_count;
    const struct mote_op_info *ops; /* after the passes */
    size_t op_count, source_op_count;
    const struct mote_pass_info *passes;
    size_t pass_count;
    int64_t macs;
    size_t weight_bytes, parameter_bytes;
    size_t vector_input_bytes, vector_output_bytes; /* all inputs, all outputs, in order */
};
/* NULL before a model is loaded. */
const struct mote_model_info *mote_model_info(const struct mote *mote);
/* The graph in text form, as mote_load reads it; `before_passes` shows it as imported. Caller frees with free(). */
MOTE_MUST_CHECK enum mote_status mote_graph_text(struct mote *mote, bool before_passes, char **text);

/* Runs the loaded model on sample inputs (vector_count vectors of vector_input_bytes) on the host and notes what its
 * tensors hold, above all how often the lowest value. Plans made from then on choose by that between kernels that
 * skip zeros and kernels that do not; outputs stay the same to the bit. Replaces what was noted before. */
MOTE_MUST_CHECK enum mote_status mote_take_samples(struct mote *mote, const uint8_t *input, size_t vector_count);

/* ---- Plans ---- */
/* Plans the loaded model for a target. MOTE_ERR_NO_FIT, with the error's text naming layer, bytes and the smallest
 * target that would do, when RAM or flash is short; the plan can then still be inspected. */
MOTE_MUST_CHECK enum mote_status mote_plan(struct mote *mote, const char *target);

/* How an inference proceeds. WHOLE: the whole input is there, then layer by layer. STREAM: the application pushes the
 * input row by row, and only rows that are still needed are kept: far less RAM for the same work. SLIDE: the input
 * is a window over time, which each new frame moves on by one; every layer computes only what is new. STRIPS: streamed, and
 * the first layers run once per vertical strip of the image, for which the application delivers the input again: still less
 * RAM, but columns near the strips' edges are computed more than once. FUSED: the whole input is there as with WHOLE, and
 * some layers side by side compute some rows at a time, depth first, so that no tensor between them is ever whole. AUTO: WHOLE
 * or FUSED, whichever is better, on AVR WHOLE; if that does not fit STREAM, else STRIPS. */
enum { MOTE_PLAN_MOST_BAND = 4096 };
enum mote_schedule {
    MOTE_SCHEDULE_AUTO,
    MOTE_SCHEDULE_WHOLE,
    MOTE_SCHEDULE_STREAM,
    MOTE_SCHEDULE_SLIDE,
    MOTE_SCHEDULE_STRIPS,
    MOTE_SCHEDULE_FUSED
};
enum { MOTE_PLAN_MOST_STRIPS = 16 };
/* Weights in fewer bytes of flash, without loss, for some more cycles (AVR only). AUTO: only in a model that does not fit
 * otherwise, and there where it costs least. */
enum mote_coded_weights { MOTE_CODED_WEIGHTS_AUTO, MOTE_CODED_WEIGHTS_NEVER, MOTE_CODED_WEIGHTS_ALWAYS };
/* What a plan should be good at: BALANCED weighs time against memory; SPEED spends flash and RAM on it; SIZE takes the least
 * flash. */
enum mote_optimize { MOTE_OPTIMIZE_BALANCED, MOTE_OPTIMIZE_SPEED, MOTE_OPTIMIZE_SIZE };
struct mote_plan_options {
    enum mote_optimize optimize;
    enum mote_schedule schedule;
    uint32_t ram_limit_bytes; /* for tensors; 0: what the target has */
    uint32_t strips;          /* of STRIPS: how many; 0: as many as it takes to fit, with the fewest multiply-accumulates */
    uint32_t band;            /* of FUSED: positions of a tensor that a call computes, at least; 0: what suits best */
    bool unfused;             /* AUTO chooses no FUSED plan */
    enum mote_coded_weights coded_weights;
    bool constant_time; /* only kernels whose running time does not depend on data: MOTE_ERR_UNSUPPORTED, naming operators
                         * and tensors, where the target has none */
    bool plain_kernels; /* only kernels of portable C, to see what the tuned ones are worth */
};
/* mote_plan with options; NULL options are all zero. MOTE_ERR_UNSUPPORTED if a schedule was asked for that the model does
 * not allow: streams have one input; windows slide only over layers without stride and padding along time. */
MOTE_MUST_CHECK enum mote_status mote_plan_with(struct mote *mote, const char *target,
                                                const struct mote_plan_options *options);

/* Why a layer has its kernel, where the chip has kernels that skip inputs of x' = 0 and kernels that do not: by the share of
 * such inputs, which samples showed (MEASURED) or the compiler assumes (DEFAULT), or because of constant_time. */
enum mote_choice { MOTE_CHOICE_NONE, MOTE_CHOICE_DEFAULT, MOTE_CHOICE_MEASURED, MOTE_CHOICE_CONSTANT_TIME };
struct mote_step_info {
    const char *name, *kernel; /* "op3_conv_2d", "mk_conv_2d_s8_ref" */
    int32_t source_index;      /* operator in the model file */
    int64_t macs;
    uint32_t live_bytes;       /* top of the live buffers: RAM for tensors in use during the step */
    uint32_t output_bytes, output_offset;
    const char *planes_for;    /* the step for which the output lies in planes of 16-bit rows, so that it need not sort any;
                                * NULL: the output lies in rows, as NHWC */
    size_t constant_bytes;
    enum mote_choice choice;
    double zero_share;         /* of the input, 0 to 1; unless choice is NONE */
    bool skips_zeros;
};
struct mote_plan_info {
    const char *target;
    uint32_t arena_bytes;       /* RAM for tensors: the peak */
    uint32_t lower_bound_bytes; /* no placement of these steps' buffers can need less */
    uint32_t naive_bytes;       /* without overlap and in-place */
    uint32_t peak_step;
    size_t constant_bytes, weight_bytes;
    int64_t macs;
    const struct mote_step_info *steps;
    size_t step_count;
    bool fits;
    enum mote_schedule schedule;  /* not AUTO */
    uint32_t frames;              /* of a window that slides; macs are those of one frame */
    uint32_t strips;              /* of an image in strips: the application delivers it so many times */
    size_t event_count;           /* of a stream: rows taken and calls of kernels */
    size_t table_bytes;           /* flash for the order of its events and the places of its rows */
    const char *split_step;       /* of a stream: the first step that runs only once those before it are done; or NULL */
    uint32_t band;                /* of a fused plan: positions that a call computes, at least; 0: one row */
    enum mote_optimize optimize;
    bool lacks_ram, lacks_flash; /* why not, as far as known: a build or a run may find out more */
    uint32_t missing_ram_bytes, missing_flash_bytes; /* at least so many too few */
};
/* NULL before mote_plan. */
const struct mote_plan_info *mote_plan_info(const struct mote *mote);
/* The schedules that the planned model allows on its target, and what each costs: whole, streamed, sliding, and if
 * with_strips, which takes seconds, every number of strips that saves RAM over those before. */
enum { MOTE_PLAN_ALTERNATIVES = 20 };
struct mote_plan_alternative {
    enum mote_schedule schedule;
    uint32_t strips; /* of STRIPS: how many */
    uint32_t arena_bytes, lower_bound_bytes;
    int64_t macs;    /* of SLIDE: per frame */
    size_t table_bytes;
    bool fits;
    uint32_t missing_bytes; /* of RAM, with the least that a stack needs; 0 if it is not RAM that is short */
    uint32_t left_bytes;    /* of RAM, for stack and state; 0 on the host */
    bool is_chosen;
};
MOTE_MUST_CHECK enum mote_status mote_plan_alternatives(struct mote *mote, bool with_strips,
                                                        struct mote_plan_alternative alternatives[MOTE_PLAN_ALTERNATIVES],
                                                        size_t *count);
/* The plan as text, as a drawing for a terminal of that many columns, or as SVG. Caller frees with free(). */
enum mote_plan_form { MOTE_PLAN_TEXT, MOTE_PLAN_DRAWING, MOTE_PLAN_SVG };
MOTE_MUST_CHECK enum mote_status mote_plan_render(struct mote *mote, enum mote_plan_form form, int columns, char **text);

/* ---- Compile ---- */
struct mote_compile_options {
    const char *output;     /* folder to create */
    const char *name;       /* C identifier that prefixes everything; NULL: from the model's file name */
    const char *command;    /* stated in the generated files; NULL: none */
    bool force;             /* replace an existing folder */
    bool self_test;         /* embed a golden input and output hash and <name>_self_test() */
    bool skip_build;        /* do not try to build it for the figures in its README */
};
struct mote_compile_report {
    const char *name, *target, *output;
    uint32_t arena_bytes;
    size_t constant_bytes, weight_bytes;
    bool built;             /* the figures below were measured by building the library with a minimal main */
    uint32_t flash_bytes, code_bytes, ram_bytes;
    uint32_t worst_case_stack_bytes; /* see struct mote_run_report */
    const char *worst_case_stack;
    size_t file_count;
};
MOTE_MUST_CHECK enum mote_status mote_compile(struct mote *mote, const struct mote_compile_options *options,
                                              struct mote_compile_report *report);

/* ---- Pack: the plan as data, for firmware that runs such data ---- */
struct mote_pack_options {
    const char *output;     /* file to create; NULL: none, the report only */
    bool force;             /* replace an existing file */
    bool self_test;         /* keep a golden input and output hash inside */
    bool skip_build;        /* do not build a program with it to measure the code */
};
struct mote_pack_report {
    const char *target, *output;
    size_t blob_bytes, constant_bytes; /* all, and weights and tables of it */
    size_t step_count, kernel_count;
    uint32_t arena_bytes;
    bool built;             /* measured by building firmware with this blob and no other kernels than its own: */
    uint32_t flash_bytes, code_bytes, ram_bytes, loop_bytes, loader_bytes; /* loop, loader: part of code_bytes */
    uint32_t worst_case_stack_bytes;
    const char *worst_case_stack;
};
/* Writes the planned model as a blob (doc/spec/blob.md). MOTE_ERR_UNSUPPORTED for plans other than WHOLE. */
MOTE_MUST_CHECK enum mote_status mote_pack(struct mote *mote, const struct mote_pack_options *options,
                                           struct mote_pack_report *report);
/* Firmware in C for blobs. First the kernels: those of the planned model, or of the blob that is loaded, are added to those
 * of others for the same chip, which the session remembers until mote_free. */
MOTE_MUST_CHECK enum mote_status mote_runtime_add(struct mote *mote);
struct mote_runtime_options {
    const char *output;     /* folder to create */
    const char *command;    /* stated in the generated files; NULL: none */
    bool force;             /* replace an existing folder */
};
struct mote_runtime_report {
    size_t kernel_count, file_count;
};
MOTE_MUST_CHECK enum mote_status mote_runtime_write(struct mote *mote, const struct mote_runtime_options *options,
                                                    struct mote_runtime_report *report);

/* What a loaded blob holds, step by step. */
struct mote_blob_step_info {
    const char *kernel;
    uint32_t row_begin, row_end; /* begin > end: from begin - 1 down to end in one call */
    bool last_row_first;         /* one call per row, the last row first */
    uint32_t output_offset, input_offset[2];
    size_t input_count;
    size_t params_at, params_bytes;
};
struct mote_blob_info {
    const char *target;
    unsigned version, abi;
    size_t bytes;
    uint32_t checksum, arena_bytes;
    unsigned pointer_bytes, alignment_bytes;
    bool has_self_test;
    const struct mote_blob_step_info *steps;
    size_t step_count;
};
/* NULL unless a blob is loaded. */
const struct mote_blob_info *mote_blob_info(const struct mote *mote);

/* ---- Run ---- */
struct mote_run_options {
    const uint8_t *input;  /* vector_count vectors of vector_input_bytes */
    size_t vector_count;
    bool as_blob;          /* pack the plan, and run it as firmware for blobs does */
    bool profile;          /* cycles per function where the simulator can tell, and per layer, by a second, traced run */
};
struct mote_function_info {
    const char *name;
    double cycles;  /* own, without those it calls, per inference; estimated if the report's cycles are */
    uint64_t calls; /* of all vectors */
};
struct mote_layer_info {
    const char *step, *kernel, *op_type; /* "op3_conv_2d", "mk_conv_2d_s8_ref", "CONV_2D" */
    int32_t source_index;                /* operator in the model file; -1 if made by a pass */
    int64_t macs;
    double cycles, instructions;         /* per inference; negative: not counted */
    double estimated_cycles;             /* by the timing of its instructions; negative: no estimate */
};
struct mote_run_report {
    const char *target;
    size_t vectors;
    uint32_t frames; /* of a vector, if a window slides over them: what is said to be per inference is then per frame; else 1 */
    const uint8_t *output; /* vectors * vector_output_bytes; valid until the next run */
    double cycles, cycles_min, cycles_max; /* per inference; negative: not known exactly */
    double instructions;                   /* per inference; negative: not counted */
    double estimated_cycles;               /* negative: none; cycles_source says how */
    bool estimate_is_timed;                /* by the core's timing of every instruction executed; false: by a mean for all */
    const char *cycles_source, *energy_source;
    double milliseconds;                   /* per inference at the target's clock, from cycles or estimated cycles; on the host: measured */
    double energy_uj;                      /* estimate; negative: unknown */
    uint32_t arena_bytes, ram_bytes, stack_bytes, flash_bytes, code_bytes; /* 0 on the host where they mean nothing */
    uint32_t worst_case_stack_bytes;       /* no run can go deeper, interrupts aside; 0: there is no bound */
    const char *worst_case_stack;          /* the deepest chain of calls, or why there is no bound; NULL on the host */
    size_t weight_bytes, constant_bytes;
    size_t blob_bytes;                     /* of a plan that ran as a blob; 0: it did not, and what follows is 0 or negative */
    uint32_t loop_bytes, loader_bytes;     /* code that goes through the steps, code that checks the blob; part of code_bytes */
    double open_cycles, open_instructions; /* what checking it took, once; negative: not known */
    int64_t macs;
    const struct mote_function_info *functions;
    size_t function_count;
    const struct mote_layer_info *layers;  /* in order of execution; their sum is the whole but for some cycles a layer */
    size_t layer_count, layer_vectors;     /* measured on the first so many vectors */
};
/* Runs the planned model on its target: in this process for "host", else on the simulator. */
MOTE_MUST_CHECK enum mote_status mote_run(struct mote *mote, const struct mote_run_options *options,
                                          struct mote_run_report *report);

/* ---- Verify ---- */
struct mote_verify_options {
    size_t vectors;      /* random vectors; also the extreme ones: all least, all greatest, all zero point */
    uint64_t seed;
    const uint8_t *input; /* further vectors of the caller's; may be NULL */
    size_t input_vectors;
};
struct mote_verify_report {
    const char *target;
    size_t vectors, layers;     /* compared; layers per vector */
    size_t bytes;               /* compared in all */
    bool equal;
    /* the first difference */
    size_t vector;
    const char *step, *tensor, *op_type;
    int32_t source_index;
    int32_t position[6], rank;  /* index into the tensor; the last one is the channel */
    int32_t expected, got;      /* of floats: their bits */
    bool is_real;               /* the tensor holds floats: */
    float expected_real, got_real;
    int64_t ulps;               /* steps between neighbouring floats from one to the other; -1 if one is not a number */
};
/* Runs the host reference (the graph as imported, one operator at a time, whole tensors) and the target, and compares
 * every layer's bytes. MOTE_ERR_MISMATCH, with report filled, if any differ. */
MOTE_MUST_CHECK enum mote_status mote_verify(struct mote *mote, const struct mote_verify_options *options,
                                             struct mote_verify_report *report);

/* ---- Data files ---- */
/* Reads input vectors for the loaded model: raw binary (.bin or any other ending: a whole number of vectors), .npy, .npz
 * (arrays in the order of the model's inputs, or named as they are), .png, .jpg (resized and quantised to the
 * input's shape and scale). A first axis of another size than the input's is a number of vectors. float arrays are
 * quantised. *input lives in the session. */
MOTE_MUST_CHECK enum mote_status mote_read_input(struct mote *mote, const char *path, const uint8_t **input,
                                                 size_t *vector_count);
/* Makes input vectors: integers uniform over their type, floats uniform in [-1, 1); the same for the same seed and model.
 * *input lives in the session. */
MOTE_MUST_CHECK enum mote_status mote_random_input(struct mote *mote, uint64_t seed, size_t vector_count,
                                                   const uint8_t **input);
/* Writes output vectors: .npy (integers as they are), .json, or raw binary by the path's ending. */
MOTE_MUST_CHECK enum mote_status mote_write_output(struct mote *mote, const char *path, const uint8_t *output,
                                                   size_t vector_count);

#endif
