/* sim.h: build a firmware image and run it on the chip's simulator.
 *
 * The image is the emitted library plus a harness (src/sim/harness/) that knows the model only through the generated
 * header model_glue.h (src/emit writes it):
 *     #define GLUE_ARENA_BYTES n                           bytes of the arena
 *     #define GLUE_ARENA_ALIGN n                           its alignment
 *     #define GLUE_INPUTS  { {offset, bytes}, ... }        where each input lies in the arena
 *     #define GLUE_OUTPUTS { {offset, bytes}, ... }
 *     #define GLUE_INPUT_COUNT n  / GLUE_OUTPUT_COUNT n
 *     #define GLUE_RUN(arena) model_run(arena)             one inference
 *     #define GLUE_PUSHED 1                                the inputs are rows that the inference asks for one by one; it
 *                                                          calls GLUE_FILL_ROW(address), which the harness defines first
 *     #define GLUE_OPEN() model_open()                     of models that are opened first: 0 if that went well
 *     #include "<the model's header>"
 * When the image is compiled with -DMOTE_TRACE the emitted code calls, after each step,
 *     void mote_trace(uint16_t step, const void *data, size_t bytes);
 *     void mote_trace_rows(uint16_t step, const void *row_0, size_t row_bytes, uint16_t row, uint16_t rows);
 * which the harness provides and by which the simulator collects every step's output; the second after rows [row, row + rows) of
 * one, or after all, row_bytes in all, if `rows` is 0.
 */
#ifndef MOTE_SIM_SIM_H
#define MOTE_SIM_SIM_H

#include "../base/arena.h"
#include "../base/diag.h"
#include "../base/embed.h"
#include "../target/target.h"

struct mote_sim_span {
    uint32_t offset, bytes; /* in the model's arena */
};

/* What a function has on its stack at most, where neither compiler nor code tell. */
struct mote_sim_frame {
    const char *function;
    uint32_t bytes;
};

struct mote_sim_lack {
    uint32_t ram_bytes, flash_bytes; /* too few; 0: enough */
};

struct mote_sim_job {
    const struct mote_target *target;
    const char *folder;            /* holds the emitted library and model_glue.h; the image is built here */
    const char *optimise;          /* the compiler's options for all but AVR's code; NULL: -O2 */
    uint32_t arena_bytes;
    const struct mote_sim_span *inputs, *outputs;
    size_t input_count, output_count;
    bool input_is_pushed; /* the inputs are written one by one, when and where the image asks for them */
    const uint8_t *input; /* vector_count vectors, each the inputs' bytes in order */
    size_t vector_count;
    bool trace;           /* collect the output of every step */
    bool profile;         /* collect cycles per function: exact ones (simavr), or estimated ones where there is an estimate */
    bool estimate;        /* add up cycles by the timing of the core's instructions (QEMU, where the target names a table) */
    uint64_t cycle_limit; /* per vector; 0 = a generous default. A run past it is an error, not a hang */
    /* Called now and then, also while a vector runs; may be NULL. When it returns false the run stops: MOTE_ERR_IO. */
    bool (*progress)(void *context, size_t vectors_done, size_t vector_count);
    void *progress_context;
    const struct mote_sim_frame *frames; /* taken for true when the stack is bounded */
    size_t frame_count;
    struct mote_sim_lack *lacks; /* receives what is short when the result is MOTE_ERR_NO_FIT; may be NULL */
};

struct mote_sim_function {
    const char *name;
    double cycles; /* own cycles, mean per vector, callees not included; estimated where the result's are */
    uint64_t calls; /* of all vectors */
};

struct mote_sim_trace { /* one per executed step and vector, in order of execution */
    size_t vector;
    uint16_t step;
    const uint8_t *bytes;
    size_t byte_count;
    double cycles, instructions; /* spent since the step before; what being traced takes is taken off, by its mean: of a short
                                  * step less than 0 may be left. -1 where the result's are not counted either */
    double estimated_cycles;     /* likewise, by the timing of the instructions; -1 where there is no estimate */
};

struct mote_sim_result {
    uint8_t *output;       /* vector_count vectors, each the outputs' bytes in order */
    double cycles;         /* mean per inference; negative where the simulator is not cycle exact */
    double instructions;   /* mean per inference; negative where not counted */
    double cycles_min, cycles_max;
    double estimated_cycles; /* mean per inference, by the timing of the instructions executed; negative: no estimate */
    uint32_t flash_bytes;  /* everything in the image that occupies flash: the library with a minimal main */
    uint32_t code_bytes;   /* flash_bytes less the constants of the model */
    uint32_t ram_bytes;    /* static RAM: .data + .bss, arena included */
    uint32_t stack_bytes;  /* deepest stack measured, including main's frame */
    /* No run can go deeper, interrupts aside: frames and calls of the image, added up (stack.h). 0: not known, or the host. */
    uint32_t worst_case_stack_bytes;
    const char *worst_case_stack; /* the deepest chain of calls, "main > model_run > ..."; or why there is no bound */
    double open_cycles, open_instructions; /* spent on GLUE_OPEN, before the first inference; negative where not counted */
    uint32_t loop_bytes, loader_bytes;     /* code of a firmware for blobs, kernels not counted; 0: the image is none */
    uint32_t ram_touched_bytes; /* highest use of RAM seen: static + stack, by painting or watching */
    struct mote_sim_function *functions; /* by falling cycles */
    size_t function_count;
    struct mote_sim_trace *traces;
    size_t trace_count;
};

/* Compiles the folder's sources with the target's compiler into an image and reads its section sizes. The compiler's
 * complaints become the error's text. */
MOTE_MUST_CHECK enum mote_status mote_sim_build(const struct mote_sim_job *job, struct mote_arena *arena,
                                                char **image_path, struct mote_sim_result *sizes,
                                                struct mote_diag *diag);

/* Builds and runs. Results live in the arena. */
MOTE_MUST_CHECK enum mote_status mote_sim_run(const struct mote_sim_job *job, struct mote_arena *arena,
                                              struct mote_sim_result *result, struct mote_diag *diag);

/* The compiler and simulator a target needs, present on this machine? On false *missing names the program or
 * library and the Debian package that has it (static text). */
bool mote_sim_available(const struct mote_target *target, const char **missing);

/* The harness files of a target (all names begin with harness_). mote_sim_build writes them into the job's folder. */
const struct mote_embedded_file *mote_sim_harness(const struct mote_target *target, size_t *count);

#endif
