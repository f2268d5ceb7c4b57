/* requant.h: cheaper requantisation, proven to give the reference's byte for every accumulator a channel can reach.
 *
 * The reference computes  clamp(zero point + round(round(acc * multiplier / 2^31) * 2^shift), min, max)  with two
 * roundings. A substitute is one multiplication, one addition and one shift:
 *     clamp(zero point + ((acc * m + c) >> s), min, max)
 * Both do not decrease as acc grows, so they are equal on [low, high] if they are equal on both sides of every place
 * where the reference steps from one output value to the next: at most 255 places, each found by bisection. For given m
 * and s every such place bounds c from one side, so all c that do are known at once, and the room between the bounds is
 * a concave function of m: its largest value is found by bisection, too. What the search returns is a proof, not a test.
 *
 * Pure functions: no graph, no memory. doc/EXACT.md has the derivation. */
#ifndef MOTE_PLAN_REQUANT_H
#define MOTE_PLAN_REQUANT_H

#include <stdbool.h>
#include <stdint.h>

/* What the reference does. 0 <= multiplier, -31 <= shift <= 30, min <= max; zero_point within 16 bits. */
struct mote_requant_reference {
    int32_t multiplier;
    int shift; /* as in the kernels' parameters: > 0 is left */
    int32_t zero_point, min, max;
};

enum mote_requant_form {
    MOTE_REQUANT_PLAIN,         /* (acc * m + c) >> s */
    MOTE_REQUANT_SIGN_TERM,     /* (acc * m + (acc < 0 ? c_negative : c)) >> s */
    MOTE_REQUANT_SIGN_MAGNITUDE /* sign(acc) * ((|acc| * m + c) >> s) */
};

struct mote_requant {
    enum mote_requant_form form;
    int32_t accumulator_scale;         /* acc in the formulas is this times the layer's accumulator */
    int32_t multiplier;                /* m >= 0 */
    int64_t addend, addend_negative;   /* c; they differ only in the form SIGN_TERM. The zero point is not in them. */
    int shift;                         /* s, arithmetic */
};

/* What the kernel can compute with. */
struct mote_requant_limits {
    int multiplier_bits;       /* m < 2^bits, 1..31 */
    int least_shift, most_shift; /* 0 <= s <= 62 */
    int addend_zero_bits;      /* c is a multiple of 2^this, 0..62 */
    int32_t accumulator_scale; /* >= 1: kernels that keep 256 or 192 times the sum say so here */
    bool addend_before;        /* c plus the zero point's part, zero_point * 2^s, is a multiple of m: it can be added before
                                * the multiplication. addend_zero_bits is not looked at. */
    int multiplier_excess_log2; /* look around so many times the natural m: where few outputs are within reach */
};

/* The reference itself. A left shift that leaves 32 bits wraps, as in the kernels. */
int32_t mote_requant_reference(const struct mote_requant_reference *reference, int32_t accumulator);
int32_t mote_requant_apply(const struct mote_requant *requant, const struct mote_requant_reference *reference,
                           int32_t accumulator);

/* True if the reference does not decrease over [low, high]: nothing wraps there. Without this nothing is proved. */
bool mote_requant_is_monotone(const struct mote_requant_reference *reference, int32_t low, int32_t high);

/* True if the substitute equals the reference for every accumulator in [low, high], low <= high. False also when it
 * cannot be told: an output range of more than 256 values, or a reference that wraps. */
bool mote_requant_prove(const struct mote_requant *requant, const struct mote_requant_reference *reference, int32_t low,
                        int32_t high);

/* Finds a substitute of that form within the limits, equal to the reference on all of [low, high]: the largest shift
 * that works, and there the addend with the most trailing zero bits. False, and *result untouched, if none is found:
 * use the reference's own arithmetic for that channel. */
bool mote_requant_search(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                         enum mote_requant_form form, const struct mote_requant_limits *limits,
                         struct mote_requant *result);

/* The form of cores with a 32 x 32 multiply-accumulate that keeps the high word (SMMLA), for a layer that shares n:
 *     saturate8((((C << 32) + acc' * M) >> 32) >> n)   with acc' = accumulator_scale * acc,
 * where C, which holds the zero point too, becomes C - D when acc < 0. */
struct mote_requant_high_word {
    int32_t multiplier; /* M */
    int32_t addend;     /* C */
    int32_t sign_term;  /* D; 0 if negative accumulators need no other addend */
};
/* As mote_requant_search. The reference's clamp must be int8's own, or the channel must not reach beyond it; acc' must
 * fit 32 bits and the sums 64. 0 <= n <= 30. */
bool mote_requant_search_high_word(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                                   int32_t accumulator_scale, int n, struct mote_requant_high_word *result);

/* The same with b added to acc', which is finer than C where M is large; without D. acc' + b fits 32 bits, too. */
bool mote_requant_search_fine_high_word(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                                        int32_t accumulator_scale, int n, struct mote_requant_high_word *result, int32_t *b);

/* The form of vector cores that add before they multiply and then keep the high word, doubled (VQDMULH), for a layer that
 * shares n:
 *     saturate8((((acc' + b) * M) >> 31) >> n)   with acc' = accumulator_scale * acc,
 * where b, which holds roundings and zero point, becomes b + D when acc < 0. */
struct mote_requant_before {
    int32_t multiplier; /* M */
    int32_t addend;     /* b */
    int32_t sign_term;  /* D; 0 if negative accumulators need no other addend */
};
/* As mote_requant_search_high_word; acc' + b and acc' + b + D fit 32 bits. 0 <= n <= 20. */
bool mote_requant_search_before(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                                int32_t accumulator_scale, int n, struct mote_requant_before *result);

/* The form of cores without a product of more than 32 bits. With u = acc >> shift_before, v = u * multiplier + addend in 32
 * bits is at most, and v + slack at least, 2^shift_after times the output with its zero point: where both, shifted right by
 * shift_after and clamped, agree, they are the reference's output; elsewhere the reference's arithmetic has to decide. */
struct mote_requant_estimate {
    int shift_before, shift_after;      /* given */
    int32_t multiplier, addend, slack;  /* slack >= 0 */
};
/* Fills in multiplier, addend and the least slack for them, proven for all accumulators in [low, high], low <= high. False
 * if nothing can be proved or the sums leave 32 bits. 0 <= shift_before, shift_after <= 30. */
bool mote_requant_find_estimate(const struct mote_requant_reference *reference, int32_t low, int32_t high,
                                struct mote_requant_estimate *estimate);

#endif
