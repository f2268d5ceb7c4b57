/* check_avr.h: random layers for the AVR kernels, and images that run each against its reference. */
#ifndef CHECK_AVR_H
#define CHECK_AVR_H

#include "../../src/base/rng.h"
#include "../../src/emit/emit.h"
#include "../../src/sim/sim.h"

enum check_operator { CHECK_CONV, CHECK_DEPTHWISE, CHECK_FULLY_CONNECTED, CHECK_ADD, CHECK_SUB, CHECK_AVERAGE_POOL, CHECK_SOFTMAX };

/* Of layers that have weights. */
enum check_weights {
    CHECK_RANDOM,
    CHECK_LARGEST,  /* as large as can be */
    CHECK_SPARSE,   /* mostly zero */
    CHECK_CODED,    /* eight channels in a row that coding makes smaller, eight that it does not, and so on; planned so */
    CHECK_EXTREME,  /* -128, which quantisers leave out, or 127 */
    CHECK_TIES,     /* small, and multipliers that are powers of two: many results halfway between two */
    CHECK_ONE_SIGN  /* all 127 in the first half of the channels, all -128 in the others; every fourth bias has 18 bits */
};

/* One layer, in full determined by these and `seed`. Without weights: `filter` is a pool's window; softmax has in_h vectors
 * of in_c; additions and subtractions have two inputs of one shape. */
struct check_layer {
    enum check_operator operator;
    int32_t in_h, in_w, in_c, out_c, filter_h, filter_w, stride_h, stride_w;
    bool same_padding, relu;
    bool is_input; /* its input comes from outside */
    int32_t in_zero_point, out_zero_point;
    enum check_weights weights;
    float spread; /* outputs reach about this many times their range; of softmax: input steps of 0.03 */
    uint64_t seed;
};

/* A layer planned for a chip with its tuned kernels, and with reference kernels only. Lives in the arena. */
struct check_plans {
    struct check_layer layer;
    bool steady_time; /* tuned: by kernels of constant time */
    struct mote_plan *tuned, *reference;
};

/* Layers that between them reach every branch of the kernels; the smallest chips have no room for some of the last. */
extern const struct check_layer check_layers_fixed[];
extern const size_t check_layer_fixed_count;
/* The same for kernels of constant time. */
extern const struct check_layer check_layers_steady[];
extern const size_t check_layer_steady_count;
/* A random layer that stays within `most_bytes` of input and of output and `most_macs`. */
struct check_layer check_layer_random(struct mote_rng *rng, uint32_t most_bytes, int64_t most_macs);
/* One line that names it. */
void check_layer_print(const struct check_layer *layer, char *text, size_t text_bytes);
/* MOTE_ERR_UNSUPPORTED: no kernel of constant time takes the layer, and steady_time asks for one. */
MOTE_MUST_CHECK enum mote_status check_layer_plan(const struct check_layer *layer, const struct mote_target *target,
                                                  bool steady_time, struct mote_arena *arena, struct check_plans *plans,
                                                  struct mote_diag *diag);
/* The tuned plan's kernel name, and whether it is not the reference. */
const char *check_plans_kernel(const struct check_plans *plans);
/* The chip has room for what an image of these layers keeps in RAM. */
bool check_plans_fit(const struct check_plans *plans, size_t count);
bool check_plans_is_tuned(const struct check_plans *plans);

/* A change of the kernels' text, by which an image is broken on purpose. */
struct check_mutation {
    const char *file, *from, *to;
};

struct check_options {
    const struct mote_target *target;
    const struct check_mutation *mutation; /* or NULL */
    uint32_t filler_bytes; /* of flash before the constants */
    int patterns;          /* inputs per layer: the first n of check_target.c's */
};

/* What one image found. */
struct check_result {
    int failures;
    char first_failure[512];
    struct check_speed {
        const char *kernel;
        double cycles;
        int64_t macs; /* outputs, where there are no multiply-accumulates */
    } speeds[32];
    size_t speed_count;
};

/* The tuned plan's kernel is made from this file of kernel/avr, among others. */
MOTE_MUST_CHECK enum mote_status check_plans_use(const struct check_plans *plans, const char *file, bool *uses,
                                                 struct mote_diag *diag);

/* Builds one image of all layers and runs it with all patterns of inputs. A status other than MOTE_OK: it could not be built,
 * or crashed. */
MOTE_MUST_CHECK enum mote_status check_run_image(const struct check_plans *plans, size_t count,
                                                 const struct check_options *options, struct check_result *result,
                                                 struct mote_diag *diag);

#endif
