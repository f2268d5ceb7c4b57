/* mk_blob.h: runs a plan that is data. A blob (made by mote pack, doc/spec/blob.md) lies in flash and is read in place: weights,
 * tables and descriptions of kernel calls. The firmware brings the kernels; a blob brings what they are called with, so that
 * a model in the field can be replaced without the firmware.
 *
 *     static struct mk_blob blob;                      // 28 to 32 bytes, the host's 40
 *     static uint32_t arena[ARENA_BYTES / 4];
 *     if (mk_blob_open(&blob, address, SLOT_BYTES) != MK_BLOB_OK || blob.plan.arena_bytes > sizeof arena) ...
 *     ... write the input at arena + port.offset (mk_blob_port) ...
 *     mk_blob_run(&blob, arena);                       // or row by row, if blob.plan.stream_at: mk_blob_push_row
 *
 * mk_blob_open believes nothing but its own arguments: whatever the bytes are, it reads none outside of them and ends in time
 * proportional to their number. What it cannot know is whether a kernel's parameters fit together (doc/TRUST.md): that, and
 * that the blob is the one that mote wrote, is what the checksum stands for; it does not stand against an enemy. */
#ifndef MK_BLOB_H
#define MK_BLOB_H

#include "mote_kernel.h"

#define MK_BLOB_MAGIC UINT32_C(0x45544f4d) /* "MOTE" */
#define MK_BLOB_VERSION 1                  /* of the format */

/* Constants lie at multiples of it, counted from the blob's first byte, which lies at a multiple itself; arenas too. */
#if defined(__AVR__)
#define MK_BLOB_ALIGNMENT 1
#else
#define MK_BLOB_ALIGNMENT sizeof(void *)
#endif

/* ---- The format. All structs are laid out alike on every chip; numbers are little-endian, places count from the blob's
 * first byte. ---- */

/* What is needed to run it. */
struct mk_blob_plan {
    uint32_t arena_bytes;
    uint32_t steps_at;   /* step_count struct mk_blob_step */
    uint32_t ports_at;   /* struct mk_blob_port: the inputs, then the outputs */
    uint32_t test_at;    /* 0: none; else the hash of the outputs (mk_blob_self_test), then the inputs' bytes */
    uint32_t stream_at;  /* 0: whole tensors, step by step; else struct mk_blob_stream */
    uint16_t step_count;
    uint8_t input_count, output_count;
};

struct mk_blob_header {
    uint32_t magic;
    uint16_t version, abi; /* MK_BLOB_VERSION, MK_ABI */
    uint32_t bytes;        /* of the whole blob */
    uint32_t checksum;     /* CRC-32 of all bytes after this field */
    char target[16];       /* the chip that it was planned for, for people; ends in a zero byte */
    uint8_t pointer_bytes, alignment_bytes; /* sizeof(MK_FLASH void *) and MK_BLOB_ALIGNMENT of the chip */
    uint16_t reserved;     /* 0 */
    struct mk_blob_plan plan;
};

/* One call of a kernel. Parameters are the chip's own struct, with places in the blob where the struct has pointers; those
 * are its last members. Place 0 is NULL. */
struct mk_blob_step {
    uint32_t kernel;      /* mk_blob_hash of its name without mk_: "conv_2d_s8_ref" */
    uint32_t params_at;
    uint32_t out, in[2];  /* bytes from the arena's begin; in[1] is the scratch memory of kernels that take some */
    uint16_t row_begin, row_end;
    uint16_t params_bytes;
    uint8_t flags;        /* MK_BLOB_LAST_ROW_FIRST, MK_BLOB_BY_ROWS */
    uint8_t reserved;     /* 0 */
};
enum {
    MK_BLOB_LAST_ROW_FIRST = 1, /* one call per row, from row_end - 1 down to row_begin */
    MK_BLOB_BY_ROWS = 2         /* in a stream: each event is one row; else all rows from row_begin to row_end */
};

/* A stream: the application pushes the input row by row, and events say what happens then. The steps' out and in are unused:
 * tensors lie in rows, at places of their own, which are numbered through all tensors. */
struct mk_blob_stream {
    uint32_t events_at;   /* event_count struct mk_blob_event; the first one takes a row */
    uint32_t operands_at; /* of each step three struct mk_blob_operand: output, first and second input */
    uint32_t places_at;   /* place_count offsets in the arena, of 4 bytes */
    uint16_t event_count, place_count;
    uint16_t input_rows, first_input; /* rows of the input; the number of its first place */
    uint32_t row_bytes;   /* of a row of the input */
};
struct mk_blob_event {
    uint16_t step, row; /* step MK_BLOB_TAKE: the application delivers that row */
};
#define MK_BLOB_TAKE 0xffffu

/* For output row `row` a step wants row `row * stride - pad` of the tensor, or the one next to it of the `rows` rows that there
 * are, or, window not being 0, a table of so many rows from there on, as far as there are. */
struct mk_blob_operand {
    uint16_t first; /* the number of the place of row 0 */
    uint16_t rows, stride;
    int16_t pad;
    uint16_t window, reserved; /* window: of the first input only */
    uint32_t offset; /* in each row: where the step's part begins */
};
enum { MK_BLOB_MOST_WINDOW = 16 };

/* An input or output. */
struct mk_blob_port {
    uint32_t offset, bytes; /* in the arena */
    uint8_t type;           /* enum mk_blob_type */
    uint8_t rank;           /* at most 6 */
    uint16_t is_quantised;  /* 1: real = scale * (q - zero_point) */
    uint32_t dims[6];
    float scale;
    int32_t zero_point;
};
enum mk_blob_type { MK_BLOB_S8, MK_BLOB_U8, MK_BLOB_S16, MK_BLOB_S32, MK_BLOB_S64, MK_BLOB_F32, MK_BLOB_BOOL };

/* ---- Running ---- */

struct mk_blob {
    MK_FLASH uint8_t *bytes;
    struct mk_blob_plan plan;
    uint16_t next_event; /* of a stream: the one that is waited for */
};

enum mk_blob_error {
    MK_BLOB_OK,
    MK_BLOB_CUT_OFF,        /* shorter than it says, or than a header */
    MK_BLOB_NO_BLOB,        /* something else lies there */
    MK_BLOB_OTHER_VERSION,  /* of format or kernels: pack the model again, or update the firmware */
    MK_BLOB_OTHER_CHIP,     /* made for chips with other pointers, or it lies at an odd address */
    MK_BLOB_DAMAGED,        /* the checksum is wrong */
    MK_BLOB_OUT_OF_BOUNDS,  /* something would lie outside of blob or arena */
    MK_BLOB_UNKNOWN_KERNEL, /* the firmware lacks a kernel */
    MK_BLOB_NO_STREAMS,     /* it is a stream, and the firmware was made without them (MK_BLOB_WITHOUT_STREAMS) */
};

/* Checks the blob of at most most_bytes and, if all is well, fills in *blob; else leaves it alone. Takes time proportional to
 * the blob's size: once, at start-up. */
enum mk_blob_error mk_blob_open(struct mk_blob *blob, MK_FLASH void *bytes, uint32_t most_bytes);

/* One inference of a plan that is no stream. The arena has blob->plan.arena_bytes at a multiple of MK_BLOB_ALIGNMENT and holds the inputs; afterwards it
 * holds the outputs, and nothing else of worth. */
void mk_blob_run(const struct mk_blob *blob, void *arena);

/* A stream. Before the first inference, and to give up one that has begun: */
void mk_blob_begin(struct mk_blob *blob);
/* Where to write the next row of the input. After the last row of one inference the next one begins, and the output is lost as
 * soon as the row is written. */
void *mk_blob_next_row(struct mk_blob *blob, void *arena);
/* The row is written: computes all that it makes possible. 1 if it was the last one and the output is ready, else 0. */
uint8_t mk_blob_push_row(struct mk_blob *blob, void *arena);
/* How many rows there are and how long they are, among others. */
struct mk_blob_stream mk_blob_stream(const struct mk_blob *blob);

/* Input or output number index, counted from 0, outputs after inputs; there must be one. */
struct mk_blob_port mk_blob_port(const struct mk_blob *blob, uint8_t index);

/* Runs the stored inputs: 1 if the outputs have the stored hash, 0 if they do not, or if none is stored. */
uint8_t mk_blob_self_test(struct mk_blob *blob, void *arena);

/* ---- What the firmware brings (mote pack --runtime writes it) ---- */

struct mk_blob_kernel {
    uint32_t id;             /* as in mk_blob_step */
    uint8_t params_bytes;    /* of its parameter struct */
    uint8_t pointer_count;   /* members at its end that are pointers */
    uint8_t alignment_bytes; /* of its output and first input */
    uint8_t second_alignment_bytes; /* of its second input or scratch memory */
};
/* Fills in *kernel with the firmware's kernel number index, counted from 0, at most 255 of them; 0 if there is none. */
uint8_t mk_blob_kernel(uint8_t index, struct mk_blob_kernel *kernel);

struct mk_blob_call {
    void *out;
    void *in[2]; /* written to only if it is scratch memory */
    MK_FLASH void *params;
    uint16_t row_begin, row_end;
};
/* Calls that kernel. */
void mk_blob_call(uint8_t index, const struct mk_blob_call *call);

/* ---- Shared by the loader, the loop and mote ---- */

enum { MK_BLOB_NO_KERNEL = 255 };
/* The index of the kernel, which *kernel receives, or MK_BLOB_NO_KERNEL. */
uint8_t mk_blob_find_kernel(uint32_t id, struct mk_blob_kernel *kernel);
/* Room for any kernel's parameters. */
union mk_blob_params {
    uint8_t bytes[1];
#define MK_KERNEL_0(name, params, ...) struct params name;
#define MK_KERNEL_1(name, params, ...) struct params name;
#define MK_KERNEL_1S(name, params, ...) struct params name;
#define MK_KERNEL_2(name, params, ...) struct params name;
#include "mote_kernels.def"
#undef MK_KERNEL_0
#undef MK_KERNEL_1
#undef MK_KERNEL_1S
#undef MK_KERNEL_2
};
/* Fetches a step's parameters, with pointers instead of places; returns the kernel's index. */
uint8_t mk_blob_load_params(const struct mk_blob *blob, const struct mk_blob_step *step, union mk_blob_params *params);
/* Copies bytes that lie `at` bytes from the begin. */
void mk_blob_read(MK_FLASH uint8_t *begin, uint32_t at, void *to, uint16_t bytes);
/* CRC-32 (IEEE 802.3) of `count` bytes from `at` on. */
uint32_t mk_blob_checksum(MK_FLASH uint8_t *begin, uint32_t at, uint32_t count);
/* 32-bit FNV-1a, continued; MK_BLOB_HASH is that of no bytes. */
#define MK_BLOB_HASH UINT32_C(2166136261)
uint32_t mk_blob_hash(uint32_t hash, const void *bytes, uint32_t count);

#endif
