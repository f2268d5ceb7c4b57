/* mote_kernel.h: the only bridge between the compiler and the chip.
 *
 * A model compiled by mote is a list of calls of the kernels declared here. Every kernel
 *   - computes the output rows [row_begin, row_end) in ascending order from input rows it is handed,
 *   - returns nothing, owns no state, allocates nothing, never recurses,
 *   - trusts its parameters: the compiler has checked them.
 *
 * Rows. A tensor is NHWC; row r of it is the W x C block with n = r / H, y = r % H. A buffer holds
 * `*_ring` rows: row r lies at base + (r % ring) * bytes per row. A buffer that holds the whole tensor has
 * ring = N * H, so r % ring = r. Rows that lie anywhere are handed over one output row at a time: `out` points to that
 * row and out_ring is 1; `in` points to the one row that is read and in_ring is 1, or, in_ring being 0, to a table of
 * pointers to rows (const void *const *): entry k is the k-th of the rows of the tensor that the filter covers, whether
 * a dilated tap falls on it or not. Tables are taken by conv_2d, depthwise_conv_2d and the pools. Of the families other
 * than avr, they also serve calls for several rows: entry 0 is then the first row that output row row_begin reads.
 * One interface thus serves whole-tensor, overlapped and streamed plans.
 *
 * Overlap. Input and output may share memory (hence no `restrict`). Kernels marked ROW in kernels.def may
 * be given an output row that overwrites input rows which no output row from this one on reads; where the output lies
 * above its input, the caller asks for one row at a time, the last row first, or, of kernels marked BOTH, which are like
 * those marked ROW, for rows [row_end, row_begin) in descending order, row_begin being the greater one. Handed one output
 * row, a kernel may also be given one that lies over input rows that only this output row still reads:
 *   PIXEL    like ROW; if the filter is one column wide, at stride 1 and without padding, all inputs of an output position
 *            are read before it is written and those before it have been, so a position must not be written over inputs
 *            of later positions
 *   CHANNEL  like BOTH; a channel is read in the whole row before any of it is written, so channels must be written over
 *            inputs of the same channel
 * Kernels that store or read planes (struct mk_conv_planes_armv7em) share nothing: a row lies all over a tensor in planes.
 * Kernels marked ELEMENT read element i of each input before they write element i and never read an element below i again.
 *
 * Scratch. Kernels declared by MK_KERNEL_1S are handed memory that shares nothing with inputs and outputs, as much as the
 * compiler that filled in their parameters has set aside. It need not hold anything before a call nor keep it after.
 *
 * Flash. Constants live behind MK_FLASH pointers: program memory on AVR (any address, also beyond 64 KB),
 * plain const memory elsewhere. They are read only through the accessors at the end of this file.
 *
 * Arithmetic is TensorFlow Lite's, bit for bit; doc/SPEC.md states every formula.
 */
#ifndef MOTE_KERNEL_H
#define MOTE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* All that kernels want of a C library; declared here, so that compilers without one will do. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

/* Raised whenever a parameter struct, the packing of constants, or a kernel's contract changes; generated code and blobs
 * check it. */
#define MK_ABI 2

#if defined(__AVR__)
#include <avr/pgmspace.h>
#if defined(__AVR_HAVE_ELPM__)
#define MK_FLASH const __memx /* 24-bit pointers: all of the flash */
#else
#define MK_FLASH const __flash /* 16-bit pointers: the chip has at most 64 KB */
#endif
#else
#define MK_FLASH const
#endif

/* ---- Parameter structs: one per kernel shape, filled by the compiler, kept in flash. ----
 * Zero points are given as TFLite's kernels use them: `*_offset` = minus the zero point (added to inputs),
 * `out_zero_point` is added to outputs. multiplier/shift: real = multiplier * 2^(shift - 31), shift > 0 is left.
 * Activation bounds are in the output's quantised domain. Sizes are in elements. */

/* conv_2d: weights [out_c][filter_h][filter_w][filter_c], filter_c = in_c / groups.
 * depthwise_conv_2d: weights [filter_h][filter_w][out_c], out_c = in_c * depth multiplier, filter_c = 1.
 * transpose_conv: weights [out_c][filter_h][filter_w][in_c]; pad_* as in the forward convolution it inverts.
 * bias, multiplier, shift have out_c entries each; bias may be NULL (all zero). */
#define MK_CONV_FIELDS(bias_type)                                                                                      \
    uint16_t batches, in_h, in_w, in_c;                                                                                \
    uint16_t out_h, out_w, out_c;                                                                                      \
    uint16_t filter_h, filter_w, filter_c;                                                                             \
    uint16_t stride_h, stride_w;                                                                                       \
    uint16_t dilation_h, dilation_w;                                                                                   \
    int16_t pad_top, pad_left;                                                                                         \
    uint16_t in_ring, out_ring;                                                                                        \
    int16_t in_offset, out_zero_point;                                                                                 \
    int16_t act_min, act_max;                                                                                          \
    MK_FLASH int8_t *weights;                                                                                          \
    MK_FLASH bias_type *bias;                                                                                          \
    MK_FLASH int32_t *multiplier;                                                                                      \
    MK_FLASH int8_t *shift;

struct mk_conv {
    MK_CONV_FIELDS(int32_t)
};
struct mk_conv_wide { /* 64-bit accumulators: int16 activations with int64 bias */
    MK_CONV_FIELDS(int64_t)
};

/* The tuned AVR convolutions and fully connected layers (one position per row). Weights and records are packed as
 * kernel/avr/mk_avr_tile.h says, the rest as mk_avr_exact.h; exact_step is 0 if one exact record serves all channels. */
struct mk_conv_avr {
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    int16_t pad_top, pad_left;
    uint16_t in_ring, out_ring;
    uint8_t filter_h, filter_w;
    uint8_t stride_h, stride_w;
    uint8_t pad_value; /* zero point of the inputs + 128 */
    uint8_t ambiguous_from, range;
    int8_t act_min;
    uint8_t below, exact_step;
    MK_FLASH uint8_t *weights;
    MK_FLASH uint8_t *records;
    MK_FLASH uint8_t *exact;
};

/* How the kernels of struct mk_conv_armv7em requantise; kernel/armv7em/mk_armv7em_tile.h has the formulas. */
enum mk_armv7em_way {
    MK_ARMV7EM_EXACT,
    MK_ARMV7EM_SMALL,
    MK_ARMV7EM_SMALL_SIGN,
    MK_ARMV7EM_LARGE,
    MK_ARMV7EM_LARGE_SIGN
};
enum { MK_ARMV7EM_SMALL_SHIFT = 9, MK_ARMV7EM_LARGE_SHIFT = 12 };

/* The same for the kernels in kernel/mve; kernel/mve/mk_mve_tile.h. */
enum mk_mve_way { MK_MVE_FAST, MK_MVE_SIGN, MK_MVE_EXACT };

/* The tuned convolutions and fully connected layers (one position per row) of cores with dual 16-bit multiplication, and of
 * those with Helium. The stream holds biases, weights and how to requantise, packed as the kernel's header in
 * kernel/armv7em or kernel/mve says. */
struct mk_conv_armv7em {
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t filter_h, filter_w;
    uint16_t stride_h, stride_w;
    int16_t pad_top, pad_left;
    uint16_t in_ring, out_ring;
    int16_t pad_value; /* zero point of the inputs */
    int16_t out_zero_point, act_min, act_max;
    uint16_t way; /* enum mk_armv7em_way or mk_mve_way */
    uint16_t block_rows; /* of kernels with scratch memory: the output rows that it is for */
    int32_t stream_words;
    MK_FLASH int32_t *stream;
};

/* A convolution that stores its output, or a 3x3 depthwise one that takes its input, in planes: of each channel, one after
 * the other, rows of 16-bit values with the padding that the depthwise one wants; kernel/armv7em/mk_armv7em_planes.h. */
struct mk_conv_planes_armv7em {
    uint16_t plane_words, row_words; /* of 32 bits: from one channel to the next, from one row to the next */
    uint16_t first;                  /* 16-bit values in front of the first one that is no padding */
    uint16_t edge_words;             /* behind the last plane */
    struct mk_conv_armv7em conv;
};

/* How the kernels of struct mk_conv_scalar32 requantise; kernel/scalar32/mk_scalar32_requantize.h has the formulas. */
enum mk_scalar32_way { MK_SCALAR32_EXACT, MK_SCALAR32_ESTIMATE, MK_SCALAR32_HIGH, MK_SCALAR32_HIGH_SIGN };

/* The tuned convolutions and fully connected layers (one position per row) of 32-bit cores without dual multiplication, and of
 * the host. Weights and records are packed as the kernel's header in kernel/scalar32 or kernel/host says; starts are the
 * sums' first values. */
struct mk_conv_scalar32 {
    uint16_t in_h, in_w, in_c;
    uint16_t out_h, out_w, out_c;
    uint16_t filter_h, filter_w;
    uint16_t stride_h, stride_w;
    int16_t pad_top, pad_left;
    uint16_t in_ring, out_ring;
    int16_t in_zero_point, out_zero_point, act_min, act_max;
    uint16_t way; /* enum mk_scalar32_way */
    uint16_t shift_before, shift_after;
    int32_t slack;
    MK_FLASH int32_t *weights;
    MK_FLASH int8_t *taps; /* the weights of depthwise layers, but for 3x3 */
    MK_FLASH int32_t *starts;
    MK_FLASH int32_t *records;
};

/* What the kernels in kernel/host are made for: output channels side by side; filter rows; inputs under a row of outputs,
 * padding included, or of a fully connected layer. */
enum { MK_HOST_GROUP = 16, MK_HOST_MOST_FILTER_ROWS = 16, MK_HOST_MOST_INPUTS = 16 * 1024 };

/* out[b][o] = sum_i (in[b][i] + in_offset) * (weights[o][i] + weight_offset) + bias[o]; a row is one batch entry.
 * multiplier and shift have out_features entries if per_channel, else one. */
#define MK_FULLY_CONNECTED_FIELDS(bias_type)                                                                           \
    uint16_t in_features, out_features;                                                                                \
    uint16_t in_ring, out_ring;                                                                                        \
    int16_t in_offset, weight_offset, out_zero_point;                                                                  \
    int16_t act_min, act_max;                                                                                          \
    uint16_t per_channel;                                                                                              \
    MK_FLASH int8_t *weights;                                                                                          \
    MK_FLASH bias_type *bias;                                                                                          \
    MK_FLASH int32_t *multiplier;                                                                                      \
    MK_FLASH int8_t *shift;

struct mk_fully_connected {
    MK_FULLY_CONNECTED_FIELDS(int32_t)
};
struct mk_fully_connected_wide {
    MK_FULLY_CONNECTED_FIELDS(int64_t)
};

/* average_pool_2d, max_pool_2d */
struct mk_pool {
    uint16_t batches, in_h, in_w, channels;
    uint16_t out_h, out_w;
    uint16_t filter_h, filter_w;
    uint16_t stride_h, stride_w;
    int16_t pad_top, pad_left;
    uint16_t in_ring, out_ring;
    int16_t act_min, act_max;
};

/* add, sub, mul, maximum, minimum with NumPy broadcasting over [N][H][W][C].
 * Row (n, y) of operand a is row n * a_row_step_n + y * a_row_step_h of its buffer (a_ring rows of a_row_elements);
 * element (w, c) of that row is at w * a_step_w + c * a_step_c. A broadcast axis has step 0. Same for b.
 * add/sub: ((x + offset) << left_shift) scaled by its own multiplier, then out_multiplier. mul: out_multiplier only. */
struct mk_binary {
    uint16_t batches, height, width, channels; /* of the output */
    uint16_t a_row_step_n, a_row_step_h, a_step_w, a_step_c, a_row_elements, a_ring;
    uint16_t b_row_step_n, b_row_step_h, b_step_w, b_step_c, b_row_elements, b_ring;
    uint16_t out_ring;
    int16_t a_offset, b_offset, out_zero_point;
    int16_t act_min, act_max;
    int8_t left_shift, a_shift, b_shift, out_shift;
    int32_t a_multiplier, b_multiplier, out_multiplier;
};

/* sum_tables: out = (a_table[a] + b_table[b]) >> 22, clamped to [act_min, act_max]. A table has 256
 * entries, ordered by the operand's bits taken as unsigned; no sum overflows. Rows have row_elements. */
struct mk_sum_tables {
    uint16_t row_elements, a_ring, b_ring, out_ring;
    int16_t act_min, act_max;
    MK_FLASH int32_t *a_table, *b_table;
};

/* sum_linear: out = (start + (a_multiplier * a >> 8) + (b_multiplier * b >> 8)) >> 21, clamped to [act_min, act_max]. No
 * sum overflows. Rows have row_elements. */
struct mk_sum_linear {
    uint16_t row_elements, a_ring, b_ring, out_ring;
    int16_t act_min, act_max;
    int32_t a_multiplier, b_multiplier, start;
};

/* lut: out = table[in + 128], any int8 -> int8 function. Table of 256. */
struct mk_lut {
    uint16_t row_elements, in_ring, out_ring;
    MK_FLASH int8_t *table;
};

/* Elementwise maps with a scale (requantize, leaky_relu, logistic and tanh on int16, relu on int16).
 * What each field means to each kernel is said at its declaration. */
struct mk_scale {
    uint16_t row_elements, in_ring, out_ring;
    int16_t in_shift, alt_shift;
    int32_t in_offset, out_zero_point;
    int32_t act_min, act_max;
    int32_t multiplier, alt_multiplier;
};

/* quantize (float in) and dequantize (float out): real = scale * (q - zero_point) */
struct mk_affine {
    uint16_t row_elements, in_ring, out_ring;
    int32_t zero_point;
    float scale;
};

/* softmax over the last axis: `vectors` vectors of `depth` elements per row */
struct mk_softmax {
    uint16_t vectors, depth, in_ring, out_ring;
    int32_t multiplier; /* of input differences */
    int16_t shift;
    int32_t diff_min;                          /* int8: differences below it count as zero */
    MK_FLASH int16_t *exp_table;               /* int16 only: 513 entries of exp(x) on [-10, 0] */
    MK_FLASH int16_t *reciprocal_table;        /* int16 only: 513 entries of 1/(1+x) on [0, 1] */
};

/* softmax of int8 whose exponentials (Q0.31) the compiler has computed: entry d for an element d below its vector's
 * maximum; from `entries` on they are too small to count. */
struct mk_softmax_table {
    uint16_t vectors, depth, in_ring, out_ring, entries;
    MK_FLASH int32_t *exp_table;
};

/* softmax of int8 over two elements: entry d has the results for elements at a distance of d, that of the larger one in its low
 * byte; entry `reach` stands for all greater distances. */
struct mk_softmax_pair {
    uint16_t vectors, in_ring, out_ring;
    uint8_t reach; /* where running time must not depend on data, 255 */
    MK_FLASH int16_t *table;
};

/* mean over the middle axis of [outer][reduce][inner]; a row is one `outer` index, its input rows are `reduce` long */
struct mk_mean {
    uint16_t reduce, inner, in_ring, out_ring;
    int32_t in_zero_point, out_zero_point;
    int32_t multiplier;
    int16_t shift;
};

/* row_sums: adds the elements of every channel over the columns of input rows [row_begin, row_end) to out[channels]; row
 * 0 starts from zero. average_sums (struct mk_pool) and mean_sums (struct mk_mean) make the output of average_pool_2d
 * over the whole of [1][in_h][in_w][channels], or of mean, from such sums. */
struct mk_row_sums {
    uint16_t width, channels, in_ring;
};

/* pad: [in_n][in_h][in_w][in_c] -> [out_n][out_h][out_w][out_c], the border set to value */
struct mk_pad {
    uint16_t in_n, in_h, in_w, in_c;
    uint16_t out_n, out_h, out_w, out_c;
    uint16_t before_n, before_h, before_w, before_c;
    uint16_t in_ring, out_ring;
    int32_t value;
};

/* copy: element_bytes bytes from in + in_start + sum i_k * in_stride[k] to out + out_start + sum i_k * out_stride[k] for
 * all i_k < size[k]; strides and starts in bytes. Row i is i_0 = i. Serves concatenation, split, slices. */
struct mk_copy {
    uint16_t size[5];
    uint16_t element_bytes;
    int32_t in_start, in_stride[5];
    int32_t out_start, out_stride[5];
};

/* load: a constant tensor that a kernel wants in RAM; row_bytes per row */
struct mk_load {
    uint16_t row_bytes;
    MK_FLASH uint8_t *data;
};

/* ---- Kernels ---- */
#define MK_KERNEL_0(name, params, granularity, out_type, ...)                                                       \
    void mk_##name(out_type *out, MK_FLASH struct params *p, uint16_t row_begin, uint16_t row_end);
#define MK_KERNEL_1(name, params, granularity, out_type, in_type, ...)                                              \
    void mk_##name(out_type *out, const in_type *in, MK_FLASH struct params *p, uint16_t row_begin, uint16_t row_end);
#define MK_KERNEL_1S(name, params, granularity, out_type, in_type, ...)                                             \
    void mk_##name(out_type *out, const in_type *in, int32_t *scratch, MK_FLASH struct params *p, uint16_t row_begin,  \
                   uint16_t row_end);
#define MK_KERNEL_2(name, params, granularity, out_type, a_type, b_type, ...)                                       \
    void mk_##name(out_type *out, const a_type *a, const b_type *b, MK_FLASH struct params *p, uint16_t row_begin,     \
                   uint16_t row_end);
#include "mote_kernels.def"
#undef MK_KERNEL_0
#undef MK_KERNEL_1
#undef MK_KERNEL_1S
#undef MK_KERNEL_2

/* Keeps inner loops in functions of their own, where they find enough registers and need little stack. */
#if defined(__GNUC__)
#define MK_NOINLINE __attribute__((noinline))
#else
#define MK_NOINLINE
#endif

/* ---- Flash access ----
 * MK_PARAMS(struct mk_conv, c, p) makes `c` a const pointer to the struct behind flash pointer p: a copy on the
 * stack where flash is not memory, the pointer itself elsewhere. With MK_PARAMS_IN_RAM, which firmware for blobs defines
 * (kernel/blob/mk_blob.h), parameters come in RAM on every chip, and p is that address. */
#if defined(__AVR__) && defined(MK_PARAMS_IN_RAM)
#if defined(__AVR_HAVE_ELPM__)
#define MK_PARAMS(type, name, flash) const type *const name = (const type *)(uint16_t)(__uint24)(flash)
#else
#define MK_PARAMS(type, name, flash) const type *const name = (const type *)(uint16_t)(flash)
#endif
#elif defined(__AVR__)
#define MK_PARAMS(type, name, flash)                                                                                   \
    type name##_copy;                                                                                                  \
    mk_flash_copy(&name##_copy, (flash), sizeof name##_copy);                                                          \
    const type *const name = &name##_copy
#else
#define MK_PARAMS(type, name, flash) const type *const name = (flash)
#endif

#if defined(__AVR__)
#if defined(__AVR_HAVE_ELPM__)
typedef __uint24 mk_flash_address;
static inline uint8_t mk_flash_u8(MK_FLASH void *address)
{
    uint8_t value;
    const mk_flash_address a = (mk_flash_address)address;
    __asm__("out %2, %C1\n\tmovw r30, %A1\n\telpm %0, Z" : "=r"(value) : "r"(a), "I"(_SFR_IO_ADDR(RAMPZ)) : "r30", "r31");
    return value;
}
#else
static inline uint8_t mk_flash_u8(MK_FLASH void *address)
{
    return *(MK_FLASH uint8_t *)address;
}
#endif

/* 5.75 to 7 cycles a byte, four or two at a time, the fewest where their number is known and large; the compiler would need
 * 14, or 18 with pointers of 24 bits. */
static inline void mk_flash_copy(void *to, MK_FLASH void *from, size_t bytes)
{
    uint8_t *out = to;
    size_t pairs = bytes / 2;
    uint8_t byte;
#if defined(__AVR_HAVE_ELPM__)
    const mk_flash_address a = (mk_flash_address)from;
#define MK_FLASH_COPY_BANK _SFR_IO_ADDR(RAMPZ)
#define MK_FLASH_COPY_BEGIN "out %4, %C3\n\tmovw r30, %A3\n\t"
#define MK_FLASH_COPY_BYTE "elpm %2, Z+\n\tst %a0+, %2\n\t"
#else
    const uint16_t a = (uint16_t)from;
#define MK_FLASH_COPY_BANK 0 /* there is none */
#define MK_FLASH_COPY_BEGIN "movw r30, %A3\n\t"
#define MK_FLASH_COPY_BYTE "lpm %2, Z+\n\tst %a0+, %2\n\t"
#endif
    /* Where the number is known, what is beyond whole turns of the loop is left out of the first one. */
    if (__builtin_constant_p(bytes) && bytes >= 32 && bytes < 1020) {
        uint8_t fours = (uint8_t)((bytes + 3) / 4);
        __asm__ volatile(MK_FLASH_COPY_BEGIN
                         ".if %5 == 1\n\trjmp 4f\n\t.elseif %5 == 2\n\trjmp 3f\n\t.elseif %5 == 3\n\trjmp 2f\n\t.endif\n"
                         "1:\t" MK_FLASH_COPY_BYTE "\n2:\t" MK_FLASH_COPY_BYTE "\n3:\t" MK_FLASH_COPY_BYTE "\n4:\t" MK_FLASH_COPY_BYTE
                         "dec %1\n\tbrne 1b"
                         : "+x"(out), "+r"(fours), "=&r"(byte)
                         : "r"(a), "I"(MK_FLASH_COPY_BANK), "n"(bytes % 4)
                         : "r30", "r31", "memory");
        return;
    }
    if (__builtin_constant_p(bytes) && bytes > 1 && bytes < 510) {
        uint8_t few = (uint8_t)((bytes + 1) / 2);
        __asm__ volatile(MK_FLASH_COPY_BEGIN
                         ".if %5\n\trjmp 2f\n\t.endif\n1:\t" MK_FLASH_COPY_BYTE "\n2:\t" MK_FLASH_COPY_BYTE "dec %1\n\tbrne 1b"
                         : "+x"(out), "+r"(few), "=&r"(byte)
                         : "r"(a), "I"(MK_FLASH_COPY_BANK), "n"(bytes % 2)
                         : "r30", "r31", "memory");
        return;
    }
    if (pairs)
        __asm__ volatile(MK_FLASH_COPY_BEGIN "1:\t" MK_FLASH_COPY_BYTE MK_FLASH_COPY_BYTE "sbiw %1, 1\n\tbrne 1b"
                         : "+x"(out), "+w"(pairs), "=&r"(byte)
                         : "r"(a), "I"(MK_FLASH_COPY_BANK)
                         : "r30", "r31", "memory");
    if (bytes % 2) *out = mk_flash_u8((MK_FLASH uint8_t *)from + (bytes - 1));
}
static inline int8_t mk_flash_s8(MK_FLASH int8_t *p)
{
    return (int8_t)mk_flash_u8(p);
}
static inline int16_t mk_flash_s16(MK_FLASH int16_t *p)
{
#if defined(__AVR_HAVE_ELPM__)
    int16_t value;
    const mk_flash_address a = (mk_flash_address)p;
    __asm__("out %2, %C1\n\tmovw r30, %A1\n\telpm %A0, Z+\n\telpm %B0, Z"
            : "=&r"(value) : "r"(a), "I"(_SFR_IO_ADDR(RAMPZ)) : "r30", "r31");
    return value;
#else
    return *p;
#endif
}
static inline int32_t mk_flash_s32(MK_FLASH int32_t *p)
{
#if defined(__AVR_HAVE_ELPM__)
    int32_t value;
    const mk_flash_address a = (mk_flash_address)p;
    __asm__("out %2, %C1\n\tmovw r30, %A1\n\telpm %A0, Z+\n\telpm %B0, Z+\n\telpm %C0, Z+\n\telpm %D0, Z"
            : "=&r"(value) : "r"(a), "I"(_SFR_IO_ADDR(RAMPZ)) : "r30", "r31");
    return value;
#else
    return *p;
#endif
}
static inline int64_t mk_flash_s64(MK_FLASH int64_t *p)
{
    int64_t value;
    mk_flash_copy(&value, p, sizeof value);
    return value;
}
/* Keeps the compiler from looking through a value. */
#define MK_OPAQUE(x) __asm__("" : "+r"(x))

/* Advances a flash pointer by any number of elements: the compiler's own pointer addition takes the low 16 bits, and
 * those as signed. */
static inline MK_FLASH int8_t *mk_flash_skip_s8(MK_FLASH int8_t *p, uint32_t elements)
{
#if defined(__AVR_HAVE_ELPM__)
    mk_flash_address sum = (mk_flash_address)p + (mk_flash_address)elements;
    MK_OPAQUE(sum); /* or it turns the sum back into pointer addition */
    return (MK_FLASH int8_t *)sum;
#else
    return p + (uint16_t)elements;
#endif
}
#else
#define MK_OPAQUE(x) ((void)0)
static inline void mk_flash_copy(void *to, MK_FLASH void *from, size_t bytes)
{
    memcpy(to, from, bytes);
}
static inline MK_FLASH int8_t *mk_flash_skip_s8(MK_FLASH int8_t *p, uint32_t elements)
{
    return p + elements;
}
static inline int8_t mk_flash_s8(MK_FLASH int8_t *p)
{
    return *p;
}
static inline int16_t mk_flash_s16(MK_FLASH int16_t *p)
{
    return *p;
}
static inline int32_t mk_flash_s32(MK_FLASH int32_t *p)
{
    return *p;
}
static inline int64_t mk_flash_s64(MK_FLASH int64_t *p)
{
    return *p;
}
#endif

#endif
