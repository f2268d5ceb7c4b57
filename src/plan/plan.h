/* plan.h: what the chip will do: kernel calls in order, and where every buffer lies and when.
 *
 * graph + target -> mote_plan_build: order the operators, lower each to steps (lower_*.c), assign offsets (memory.c).
 * A plan lives in one arena; constants may point into the graph's arena, which must outlive it. */
#ifndef MOTE_PLAN_PLAN_H
#define MOTE_PLAN_PLAN_H

#include "../ir/graph.h"
#include "../target/kernels.h"
#include "../target/target.h"

#define MOTE_NO_BUFFER (-1)

/* Data in flash that a step's parameters point to. Several steps may share one. */
struct mote_constant {
    const char *name; /* unique C identifier within the plan: "op3_weights" */
    enum mote_field_kind kind; /* one of the FLASH kinds: the element type */
    size_t count;
    const void *data; /* host byte order */
};

/* How a tensor of int8 lies in planes: of each channel, one after the other, rows of 16-bit values with the padding that its
 * reader wants. As in struct mk_conv_planes_armv7em. */
struct mote_planes {
    uint16_t plane_words, row_words; /* 0: the tensor lies in rows of NHWC */
    uint16_t first, edge_words;
};

/* Bytes in the arena: an activation tensor, the storage that several aliases (reshapes) of one share, or a step's scratch
 * memory. */
struct mote_buffer {
    const char *name;
    int32_t tensor;       /* the graph tensor it holds, the first one if it has aliases; MOTE_NO_TENSOR: scratch memory */
    uint32_t bytes, alignment_bytes;
    int32_t first_step;   /* written first; -1: by the application before the run */
    int32_t last_step;    /* read last; step_count: by the application after the run */
    uint32_t offset;      /* result of memory planning */
    struct mote_planes planes; /* layouts.h */
};

/* Which input rows a step still needs: to compute output row r (r = n * out_rows + y) and all later ones, it reads no
 * row below n * in_rows + max(0, y * stride - pad) of this operand. stride 0: everything is needed to the end. */
struct mote_row_map {
    uint32_t out_rows, in_rows; /* per batch entry */
    int32_t stride, pad;
};

struct mote_operand {
    int32_t buffer;
    uint32_t row_bytes;
    struct mote_row_map rows;
    uint32_t window_rows; /* output row (n, y) reads no row from n * in_rows + y * stride - pad + window_rows on; 0: not
                           * known, it may read to the end */
    uint32_t offset_bytes; /* of a streamed plan in strips: where in each row of the buffer begins what the step touches;
                            * row_bytes are then the bytes of that part */
};

struct mote_step {
    const char *name; /* "op3_conv_2d", unique in the plan */
    int32_t op;       /* index in the graph */
    const struct mote_kernel *kernel;
    void *params;     /* the kernel's parameter struct; its flash pointers are filled in on the host, too */
    int32_t constants[MOTE_MAX_CONSTANTS]; /* per flash field, in field order; -1: NULL */
    struct mote_operand inputs[2];
    struct mote_operand output;            /* rows unused */
    int32_t scratch;                       /* if the kernel takes scratch memory: the buffer, of this step alone */
    uint32_t row_begin, row_end;           /* output rows it computes */
    bool rows_descend;                     /* result of memory planning: run one row at a time, the last row first */
    bool completes_tensor;                 /* after it the output tensor is whole (a concatenation takes several steps) */
    int32_t tensor;                        /* graph tensor it (helps to) write */
    int64_t macs;
    uint16_t least_columns;                /* of output, that the kernel takes: no strip may leave it fewer; 0: any number */
};

/* What kernels are chosen for: BALANCED; SPEED, which may spend flash; SIZE, the least flash. As enum mote_optimize. */
enum mote_plan_optimize { MOTE_PLAN_BALANCED, MOTE_PLAN_SPEED, MOTE_PLAN_SIZE };

struct mote_plan {
    struct mote_arena *arena;
    const struct mote_graph *graph;
    const struct mote_target *target;
    struct mote_step *steps;
    int32_t step_count;
    struct mote_buffer *buffers;
    int32_t buffer_count;
    struct mote_constant *constants;
    int32_t constant_count;
    int32_t *tensor_buffers;        /* per graph tensor: its buffer or MOTE_NO_BUFFER */
    int32_t tensor_count;           /* its entries when graph is NULL (a plan read from text), else graph->tensor_count */
    int32_t *inputs, *outputs;      /* buffers of the graph's inputs and outputs, in the graph's order */
    int32_t input_count, output_count;
    uint32_t arena_bytes;           /* peak */
    uint32_t lower_bound_bytes;     /* no assignment of offsets to these steps can need less */
    uint32_t naive_bytes;           /* peak without overlap: what a planner of whole, disjoint tensors needs at best */
    uint32_t arena_alignment_bytes;
    bool rows_may_descend;          /* set by the builder when whoever runs the plan honours rows_descend */
    size_t constant_bytes;          /* flash for weights, biases, multipliers, tables */
    size_t weight_bytes;            /* flash for the weights alone */
    int64_t macs;
    bool steady_time;               /* no step's running time depends on the values it is given */
    bool row_by_row;                /* every call of a kernel is for one row: streamed plans */
    bool least_stack;               /* no kernel that takes more stack, or scratch memory, for speed was chosen */
    uint32_t kernel_stack_bytes;    /* of which the largest takes so much; or so much scratch memory */
    bool plain_kernels;             /* all kernels are of the ref family */
    enum mote_plan_optimize optimize;
    bool no_scratch;                /* no kernel that takes scratch memory was chosen */
    uint32_t layout_bytes;          /* as wished */
    const struct mote_stream *stream; /* stream.h: rows in, rows out; NULL: whole tensors, step by step */
};

/* Weights in fewer bytes, without loss, where the target has kernels for that: NEVER, for all layers that get smaller
 * (ALWAYS), or only if the plan does not fit the flash otherwise, where it costs the fewest cycles per byte (AUTO). */
enum mote_coding { MOTE_CODING_AUTO, MOTE_CODING_NEVER, MOTE_CODING_ALWAYS };

/* What a user may ask of a plan; all zero: the defaults. */
struct mote_plan_wishes {
    enum mote_plan_optimize optimize;
    enum mote_coding coding;
    bool steady_time; /* only kernels that are known to take the same time for all data (MOTE_TIMING_STEADY) */
    bool row_by_row;  /* choose kernels for calls of one row each */
    bool no_scratch;  /* no kernels that take scratch memory */
    bool least_stack; /* no kernels and layouts that take memory for speed; without it, only where tensors leave room */
    bool plain_kernels; /* only the portable ones of the ref family, which every target has */
    uint32_t layout_bytes; /* layouts that save time may take memory for it, as long as a step needs no more than this; 0: none */
};

/* Builds the plan of a verified graph for a target. MOTE_ERR_UNSUPPORTED lists every operator that has no kernel for its
 * types. A plan that does not fit the target is still a plan: see mote_plan_check_fit. */
MOTE_MUST_CHECK enum mote_status mote_plan_build(const struct mote_graph *graph, const struct mote_target *target,
                                                 struct mote_arena *arena, struct mote_plan **plan,
                                                 struct mote_diag *diag);
/* The same with wishes. MOTE_ERR_UNSUPPORTED also lists operators that have no kernel of steady time if that is asked for. */
MOTE_MUST_CHECK enum mote_status mote_plan_build_with(const struct mote_graph *graph, const struct mote_target *target,
                                                      struct mote_plan_wishes wishes, struct mote_arena *arena,
                                                      struct mote_plan **plan, struct mote_diag *diag);

/* The same as a streamed plan: the application pushes the input row by row, and only the rows that are still needed are
 * kept (stream.h). MOTE_ERR_UNSUPPORTED if the network has too many rows for it. */
MOTE_MUST_CHECK enum mote_status mote_plan_build_stream(const struct mote_graph *graph, const struct mote_target *target,
                                                        struct mote_arena *arena, struct mote_plan **plan,
                                                        struct mote_diag *diag);
MOTE_MUST_CHECK enum mote_status mote_plan_build_stream_with(const struct mote_graph *graph,
                                                             const struct mote_target *target,
                                                             struct mote_plan_wishes wishes, struct mote_arena *arena,
                                                             struct mote_plan **plan, struct mote_diag *diag);

/* The same for an input that is a window over time, moved on by one frame at a time: each layer keeps the rows that it
 * needs again and computes one. MOTE_ERR_UNSUPPORTED, naming the layer, if its rows depend on where they lie in time. */
MOTE_MUST_CHECK enum mote_status mote_plan_build_slide(const struct mote_graph *graph, const struct mote_target *target,
                                                       struct mote_arena *arena, struct mote_plan **plan,
                                                       struct mote_diag *diag);
MOTE_MUST_CHECK enum mote_status mote_plan_build_slide_with(const struct mote_graph *graph,
                                                            const struct mote_target *target, struct mote_plan_wishes wishes,
                                                            struct mote_arena *arena, struct mote_plan **plan,
                                                            struct mote_diag *diag);

/* The same in vertical strips: the first layers run once per strip, on the columns that it needs, and the application
 * pushes the input once per strip, of which each time only those columns are taken. Columns near the strips' edges are
 * computed more than once. Least RAM; or within a budget of bytes the fewest multiply-accumulates. MOTE_ERR_UNSUPPORTED if
 * the first layers cannot be computed so, or not in that many strips. */
enum { MOTE_MOST_STRIPS = 16 };
struct mote_strips_wanted {
    uint32_t count;        /* 0: any */
    uint32_t budget_bytes; /* for tensors; 0: none */
    uint32_t below_bytes;  /* of no interest, so MOTE_ERR_UNSUPPORTED, if all divisions need as much; 0: any is */
};
MOTE_MUST_CHECK enum mote_status mote_plan_build_strips_with(const struct mote_graph *graph,
                                                             const struct mote_target *target, struct mote_plan_wishes wishes,
                                                             const struct mote_strips_wanted *wanted,
                                                             struct mote_arena *arena, struct mote_plan **plan,
                                                             struct mote_diag *diag);

/* Inputs whole, some steps side by side some rows by rows and depth first, the others whole (fused.c): what to look for among
 * all such plans. */
enum mote_plan_aim { MOTE_AIM_BALANCE, MOTE_AIM_TIME, MOTE_AIM_RAM };
struct mote_fused_wanted {
    enum mote_plan_aim aim;
    uint32_t positions;    /* that a call computes, if rows are so many; 0: any number */
    uint32_t budget_bytes; /* for tensors; 0: none */
    double most_cost;      /* as cost.h has it; 0: any */
    double score_to_beat;  /* only plans of a lower score; 0: any */
};
/* MOTE_ERR_UNSUPPORTED: none is within the budget and the cost, or good enough. */
MOTE_MUST_CHECK enum mote_status mote_plan_build_fused_with(const struct mote_graph *graph, const struct mote_target *target,
                                                            struct mote_plan_wishes wishes,
                                                            const struct mote_fused_wanted *wanted, struct mote_arena *arena,
                                                            struct mote_plan **plan, struct mote_diag *diag);
/* Of two plans of one network the better one has the lower score; cost as cost.h has it. */
double mote_plan_score(enum mote_plan_aim aim, double cost, double bytes);

/* Tensors fit the chip, but with them hardly what kernels take of the stack for speed: build again with least_stack. */
bool mote_plan_is_tight(const struct mote_plan *plan);
/* Some step's kernel takes scratch memory: with least_stack the plan may need less RAM. */
bool mote_plan_takes_scratch(const struct mote_plan *plan);

/* The step that needs the most memory, whatever the offsets (mote_plan_step_bytes); the first one of several. */
int32_t mote_plan_peak_step(const struct mote_plan *plan);
/* One past the highest arena byte that is live during the step. */
uint32_t mote_plan_live_bytes(const struct mote_plan *plan, int32_t step);

/* Flash for the constants that the step's parameters point to. */
size_t mote_plan_step_constant_bytes(const struct mote_plan *plan, const struct mote_step *step);

/* MOTE_ERR_NO_FIT, with one error that names the step with the greatest need, its bytes, the chip's bytes and the
 * smallest listed target that would do, if arena or constants exceed the target less what code and stack need. */
MOTE_MUST_CHECK enum mote_status mote_plan_check_fit(const struct mote_plan *plan, struct mote_diag *diag);

/* Bytes of RAM that the target lacks for the plan's tensors and the least of stacks; 0 if it has them. */
uint32_t mote_plan_missing_ram(const struct mote_plan *plan);
/* Bytes of flash that it lacks for the plan's constants and the least of code. */
uint32_t mote_plan_missing_flash(const struct mote_plan *plan);

/* Every structural invariant of a plan, and by simulation of every byte that no step overwrites what a later read
 * needs, row by row. MOTE_ERR_INPUT with all that is wrong. */
MOTE_MUST_CHECK enum mote_status mote_plan_verify(const struct mote_plan *plan, struct mote_diag *diag);

/* The kernel of that base name ("conv_2d_s8") that the plan may use: of the target's families the first that has one (and
 * one of steady time, if that is asked for); NULL if none has. */
const struct mote_kernel *mote_plan_kernel(const struct mote_plan *plan, const char *base_name);
/* True if there is one, and its parameters are of that struct: families share base names, not constants. */
bool mote_plan_takes(const struct mote_plan *plan, const char *base_name, const char *params_name);

/* ---- compile_flags.c ----
 * How the compiler optimises all but AVR's code (MOTE_TARGET_AVR_FLAGS). Assembly shortens its unrolled loops where MK_OPTIMIZE_SIZE is
 * defined; nothing else may depend on it, so that libraries of both kinds can be linked together. */
const char *mote_plan_compile_flags(const struct mote_plan *plan);

/* ---- value_statistics.c ----
 * How large a share of an int8 tensor's values is x' = 0 (-128): as samples showed (*is_measured), else a guess by its
 * quantisation and where it comes from. For the choice between kernels that skip zeros and kernels that do not. */
double mote_plan_zero_share(const struct mote_graph *graph, int32_t tensor, bool *is_measured);
/* The mean size |q| of its values, likewise measured or guessed. */
double mote_plan_mean_size(const struct mote_graph *graph, int32_t tensor);
/* The mean of x', of an int8 tensor, over the values that are not zero; where values are spread over the whole range, less than that. */
double mote_plan_mean_nonzero(const struct mote_graph *graph, int32_t tensor);

/* ---- order.c ----
 * An execution order of the graph's operators (op_count entries) with a small peak of live tensors; never worse than the
 * file's order. */
MOTE_MUST_CHECK enum mote_status mote_plan_order(const struct mote_graph *graph, struct mote_arena *arena, int32_t *order,
                                                 struct mote_diag *diag);

/* ---- memory.c: offsets ----
 * The least number of bytes by which output must start below the input so that step may write `output` over `input`
 * (may be negative); INT64_MAX if they may not share. */
int64_t mote_plan_overlap_distance(const struct mote_plan *plan, const struct mote_step *step, int input);
/* The same for a step that runs its rows from the last to the first: by how much output must start above the input. */
int64_t mote_plan_overlap_distance_descending(const struct mote_plan *plan, const struct mote_step *step, int input);
/* Fills first_step/last_step of every buffer from the steps; a buffer that nobody uses gets first_step > last_step. */
void mote_plan_lifetimes(struct mote_plan *plan);
/* The bytes that must be live at once during the step, at least, under the best overlap: no assignment can do with less.
 * step -1: before the run, step_count: after it. */
uint32_t mote_plan_step_bytes(const struct mote_plan *plan, int32_t step);
/* Assigns offset of every buffer, arena_bytes, lower_bound_bytes, naive_bytes. Deterministic. */
MOTE_MUST_CHECK enum mote_status mote_plan_assign(struct mote_plan *plan, struct mote_diag *diag);
/* Gives every buffer memory of its own, never reused: what the host reference runs on, so that it depends on no
 * planning. */
void mote_plan_spread(struct mote_plan *plan);

#endif
