/* stack.c: the worst case of the stack, from frames and calls.
 *
 * depth(f) = the largest of frame(f) and, for every call in f, what lies on the stack there + the return address, where
 * the call pushes it, + depth(callee). Two kinds of functions:
 *   stated     the compiler states the whole frame (or the job does, for assembly that pushes in loops); it is taken to be
 *              there at every call, but to be gone where the function jumps to another one, behind its epilogue.
 *   others     the stack pointer is followed along all paths from the entry, also into neighbours that code jumps to or
 *              runs into, as assembly does. */
#include "stack.h"

#include "../base/file.h"
#include "disassembly.h"

#include <stdlib.h>
#include <string.h>

#define MOST_STACK_BYTES 0x100000 /* beyond any chip here: a loop that pushes and never pops */

struct frame {
    const char *name; /* without the suffixes that the compiler gives to clones */
    uint32_t bytes;
    bool is_bounded;
    bool is_compiled; /* the compiler said so */
};

enum visit { VISIT_NEVER, VISIT_BEGUN, VISIT_DONE };

struct node { /* per instruction; only entries of functions are visited */
    enum visit visit;
    uint32_t depth_bytes;
    size_t deepest_callee; /* NO_CALLEE, or the index of its entry */
};
#define NO_CALLEE SIZE_MAX

struct analysis {
    const struct mote_elf_image *image;
    struct mote_disassembly code;
    struct mote_arena *arena;
    struct frame *frames;
    size_t frame_count, frame_capacity;
    struct node *nodes;
    uint32_t call_bytes;
    uint32_t stated_call_bytes; /* of them in the compiler's frames: it depends on its version */
    const char *why; /* no bound; NULL: all is well so far */
    bool out_of_memory;
};

/* Gives up; returns false. */
static bool give_up(struct analysis *a, const char *name, const char *what)
{
    a->why = mote_arena_printf(a->arena, "%s %s", name, what);
    if (!a->why) a->out_of_memory = true;
    return false;
}

/* ---- What the compiler says ---- */

static bool add_frame(struct analysis *a, const char *name, size_t name_length, uint32_t bytes, bool is_bounded,
                      bool is_compiled)
{
    if (a->frame_count == a->frame_capacity) {
        const size_t capacity = a->frame_capacity ? 2 * a->frame_capacity : 64;
        struct frame *grown = MOTE_NEW_ARRAY(a->arena, struct frame, capacity);
        if (!grown) return false;
        if (a->frame_count) memcpy(grown, a->frames, a->frame_count * sizeof *grown);
        a->frames = grown;
        a->frame_capacity = capacity;
    }
    const char *copy = mote_arena_printf(a->arena, "%.*s", (int)name_length, name);
    a->frames[a->frame_count++] = (struct frame){copy, bytes, is_bounded, is_compiled};
    return copy != NULL;
}

/* "file.c:12:6:function<tab>bytes<tab>static|dynamic,bounded|dynamic" */
static bool read_frame(struct analysis *a, const char *line)
{
    const char *tab = strchr(line, '\t');
    if (!tab) return true;
    const char *name = tab;
    while (name > line && name[-1] != ':') name--;
    char *kind;
    const unsigned long bytes = strtoul(tab, &kind, 10);
    return add_frame(a, name, strcspn(name, ".\t"), (uint32_t)bytes, strcmp(kind, "\tdynamic") != 0, true);
}

/* object ends in ".o"; one of assembly has no such file. */
static enum mote_status read_frames(struct analysis *a, const char *folder, const char *object, struct mote_diag *diag)
{
    char *path = mote_arena_printf(a->arena, "%s/%.*ssu", folder, (int)strlen(object) - 1, object);
    if (!path) return mote_error_memory(diag);
    if (!mote_file_exists(path)) return MOTE_OK;
    uint8_t *bytes;
    size_t byte_count;
    const enum mote_status status = mote_file_read(path, 1 << 24, a->arena, &bytes, &byte_count, diag);
    if (status != MOTE_OK) return status;
    char *text = mote_arena_printf(a->arena, "%.*s", (int)byte_count, (const char *)bytes);
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        if (!read_frame(a, line)) return mote_error_memory(diag);
    }
    return text ? MOTE_OK : mote_error_memory(diag);
}

/* The stated frame of a function: of several of one name the largest. False if nothing was said of it. */
static bool find_frame(const struct analysis *a, const char *name, struct frame *frame)
{
    const size_t length = strcspn(name, ".");
    bool found = false;
    *frame = (struct frame){name, 0, true, true};
    for (size_t i = 0; i < a->frame_count; i++) {
        if (strlen(a->frames[i].name) != length || strncmp(a->frames[i].name, name, length) != 0) continue;
        found = true;
        frame->is_bounded = frame->is_bounded && a->frames[i].is_bounded;
        frame->is_compiled = frame->is_compiled && a->frames[i].is_compiled;
        if (a->frames[i].bytes > frame->bytes) frame->bytes = a->frames[i].bytes;
    }
    return found && length > 0;
}

/* ---- Code ---- */

/* Index of the instruction at the address, or NO_CALLEE. */
static size_t find_instruction(const struct analysis *a, uint32_t address)
{
    size_t low = 0, high = a->code.count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (a->code.instructions[middle].address < address) low = middle + 1;
        else high = middle;
    }
    return low < a->code.count && a->code.instructions[low].address == address ? low : NO_CALLEE;
}

/* The function that begins at the address; of several symbols the largest. NULL if none does. */
static const struct mote_elf_symbol *function_at(const struct analysis *a, uint32_t address)
{
    const struct mote_elf_symbol *best = NULL;
    for (size_t i = 0; i < a->image->symbol_count && a->image->symbols[i].address <= address; i++) {
        const struct mote_elf_symbol *symbol = &a->image->symbols[i];
        if (symbol->is_code && symbol->address == address && (!best || symbol->bytes >= best->bytes)) best = symbol;
    }
    return best;
}

static const char *name_at(const struct analysis *a, uint32_t address)
{
    const struct mote_elf_symbol *symbol = function_at(a, address);
    return symbol ? symbol->name : mote_elf_image_function_at(a->image, address);
}

static bool has_stated_frame(const struct analysis *a, size_t entry, struct frame *frame, uint32_t *end)
{
    const struct mote_elf_symbol *symbol = function_at(a, a->code.instructions[entry].address);
    if (!symbol || symbol->bytes == 0 || !find_frame(a, symbol->name, frame)) return false;
    *end = symbol->address + symbol->bytes;
    return true;
}

/* Is the return address that a call of main pushes part of its stated frame? main never returns here, so that all it
 * pushes is its frame. If in doubt, no: the bound is then too high, not too low. */
static uint32_t find_stated_call_bytes(const struct analysis *a, size_t main_entry)
{
    struct frame frame;
    uint32_t end;
    int32_t pushed_bytes = 0;
    if (!has_stated_frame(a, main_entry, &frame, &end)) return 0;
    for (size_t i = main_entry; i < a->code.count && a->code.instructions[i].address < end; i++) {
        if (a->code.instructions[i].sets_stack || a->code.instructions[i].stack_bytes < 0) return 0;
        pushed_bytes += a->code.instructions[i].stack_bytes;
    }
    return frame.bytes == (uint32_t)pushed_bytes + a->call_bytes ? a->call_bytes : 0;
}

/* ---- Depth ---- */

static bool measure(struct analysis *a, size_t entry);

/* Notes that `bytes` lie on the stack of entry's function, and below them the frames of the function at target. */
static bool enter(struct analysis *a, size_t entry, uint32_t bytes, uint32_t target)
{
    const size_t callee = find_instruction(a, target);
    if (callee == NO_CALLEE) return give_up(a, name_at(a, a->code.instructions[entry].address), "calls code that cannot be found");
    if (!measure(a, callee)) return false;
    struct node *node = &a->nodes[entry];
    if (bytes + a->nodes[callee].depth_bytes <= node->depth_bytes) return true;
    node->depth_bytes = bytes + a->nodes[callee].depth_bytes;
    node->deepest_callee = callee;
    return true;
}

/* Where compilers for AVR have functions push and pop their registers if they are told to save code (-mcall-prologues). What
 * these functions of libgcc leave on the stack is part of the frame that the compiler states. */
static bool is_shared_prologue(const struct analysis *a, uint32_t address)
{
    const char *name = name_at(a, address);
    return !strcmp(name, "__prologue_saves__") || !strcmp(name, "__epilogue_restores__");
}

static bool measure_stated(struct analysis *a, size_t entry, const struct frame *frame, uint32_t end)
{
    const uint32_t begin = a->code.instructions[entry].address;
    const char *name = name_at(a, begin);
    if (!frame->is_bounded) return give_up(a, name, "has a frame without bound");
    const uint32_t stated = frame->is_compiled ? a->stated_call_bytes : 0;
    const uint32_t frame_bytes = frame->bytes > stated ? frame->bytes - stated : 0;
    a->nodes[entry].depth_bytes = frame_bytes;
    for (size_t i = entry; i < a->code.count && a->code.instructions[i].address < end; i++) {
        const struct mote_instruction *at = &a->code.instructions[i];
        const bool leaves = at->target < begin || at->target >= end;
        bool ok = true;
        switch (at->flow) {
        case MOTE_FLOW_CALL: ok = enter(a, entry, frame_bytes + a->call_bytes, at->target); break;
        case MOTE_FLOW_JUMP:
        case MOTE_FLOW_BRANCH:
            ok = !leaves || (frame->is_compiled && is_shared_prologue(a, at->target)) || enter(a, entry, 0, at->target);
            break;
        case MOTE_FLOW_POINTER_CALL: ok = give_up(a, name, "calls through a pointer"); break;
        case MOTE_FLOW_POINTER_JUMP: ok = give_up(a, name, "jumps through a pointer"); break;
        case MOTE_FLOW_NEXT:
        case MOTE_FLOW_SKIP:
        case MOTE_FLOW_RETURN:
        case MOTE_FLOW_TABLE: break;
        }
        if (!ok) return false;
    }
    return true;
}

/* A walk along all paths of a function without a stated frame. */
struct walk {
    size_t entry;
    int32_t *reached; /* per instruction: most bytes on the stack in front of it + 1; 0 = not reached */
    size_t *pending;  /* indices still to follow */
    size_t pending_count, pending_capacity;
    bool has_table;      /* there is a jump to a computed place of this function, */
    int32_t table_bytes; /* with this much on the stack */
    struct mote_arena arena;
};

/* Follows instruction `index` later, with that much on the stack. */
static bool walk_to(struct analysis *a, struct walk *walk, size_t index, int32_t bytes)
{
    const char *name = name_at(a, a->code.instructions[walk->entry].address);
    if (index >= a->code.count) return give_up(a, name, "runs out of the code");
    if (bytes > MOST_STACK_BYTES) return give_up(a, name, "pushes without bound");
    if (walk->reached[index] > bytes) return true; /* has been here with as much */
    walk->reached[index] = bytes + 1;
    if (walk->pending_count == walk->pending_capacity) {
        const size_t capacity = walk->pending_capacity ? 2 * walk->pending_capacity : 64;
        size_t *grown = MOTE_NEW_ARRAY(&walk->arena, size_t, capacity);
        if (!grown) a->out_of_memory = true;
        if (!grown) return false;
        if (walk->pending_count) memcpy(grown, walk->pending, walk->pending_count * sizeof *grown);
        walk->pending = grown;
        walk->pending_capacity = capacity;
    }
    walk->pending[walk->pending_count++] = index;
    return true;
}

/* A jump: into a compiled function it is that one's beginning, which then returns to our caller; else the walk goes on. */
static bool walk_jump(struct analysis *a, struct walk *walk, uint32_t target, int32_t bytes)
{
    const size_t index = find_instruction(a, target);
    struct frame frame;
    uint32_t end;
    if (index != NO_CALLEE && has_stated_frame(a, index, &frame, &end)) return enter(a, walk->entry, (uint32_t)bytes, target);
    return walk_to(a, walk, index, bytes);
}

static bool walk_table(struct analysis *a, struct walk *walk, int32_t bytes)
{
    const char *name = name_at(a, a->code.instructions[walk->entry].address);
    if (walk->has_table && walk->table_bytes != bytes) return give_up(a, name, "jumps to computed places at several depths");
    walk->has_table = true;
    walk->table_bytes = bytes;
    return true;
}

/* Code that nothing else leads to is where computed jumps may go. To code that has been reached they may go, too, but only
 * where it has been reached with as much on the stack, or no return would find its address. */
static bool walk_where_tables_lead(struct analysis *a, struct walk *walk)
{
    const uint32_t begin = a->code.instructions[walk->entry].address;
    const struct mote_elf_symbol *symbol = function_at(a, begin);
    if (!walk->has_table) return true;
    if (!symbol || symbol->bytes == 0) return give_up(a, name_at(a, begin), "jumps to computed places, and its end is not known");
    for (size_t i = walk->entry; i < a->code.count && a->code.instructions[i].address < begin + symbol->bytes; i++)
        if (!walk->reached[i]) return walk_to(a, walk, i, walk->table_bytes); /* the rest may follow from it */
    return true;
}

static bool walk_step(struct analysis *a, struct walk *walk, size_t index, int32_t bytes)
{
    const struct mote_instruction *at = &a->code.instructions[index];
    const char *name = name_at(a, a->code.instructions[walk->entry].address);
    if (at->sets_stack) return give_up(a, name, "sets the stack pointer");
    bytes += at->stack_bytes;
    if (bytes < 0) bytes = 0; /* takes what its caller left */
    if ((uint32_t)bytes > a->nodes[walk->entry].depth_bytes) {
        a->nodes[walk->entry].depth_bytes = (uint32_t)bytes;
        a->nodes[walk->entry].deepest_callee = NO_CALLEE;
    }
    switch (at->flow) {
    case MOTE_FLOW_CALL:
        return enter(a, walk->entry, (uint32_t)bytes + a->call_bytes, at->target) && walk_to(a, walk, index + 1, bytes);
    case MOTE_FLOW_JUMP: return walk_jump(a, walk, at->target, bytes);
    case MOTE_FLOW_BRANCH: return walk_jump(a, walk, at->target, bytes) && walk_to(a, walk, index + 1, bytes);
    case MOTE_FLOW_SKIP: return walk_to(a, walk, index + 1, bytes) && walk_to(a, walk, index + 2, bytes);
    case MOTE_FLOW_NEXT: return walk_to(a, walk, index + 1, bytes);
    case MOTE_FLOW_RETURN: return true;
    case MOTE_FLOW_POINTER_CALL: return give_up(a, name, "calls through a pointer");
    case MOTE_FLOW_TABLE: return walk_table(a, walk, bytes);
    case MOTE_FLOW_POINTER_JUMP: break;
    }
    return give_up(a, name, "jumps through a pointer");
}

static bool measure_other(struct analysis *a, size_t entry)
{
    struct walk walk = {.entry = entry};
    mote_arena_init(&walk.arena, MOTE_ARENA_DEFAULT_LIMIT);
    walk.reached = MOTE_NEW_ARRAY(&walk.arena, int32_t, a->code.count);
    if (!walk.reached) a->out_of_memory = true;
    bool ok = walk.reached && walk_to(a, &walk, entry, 0);
    while (ok && walk.pending_count) {
        const size_t index = walk.pending[--walk.pending_count];
        ok = walk_step(a, &walk, index, walk.reached[index] - 1);
        if (ok && !walk.pending_count) ok = walk_where_tables_lead(a, &walk);
    }
    mote_arena_free(&walk.arena);
    return ok;
}

/* Fills the node of a function's entry; false if there is no bound or no memory. */
static bool measure(struct analysis *a, size_t entry)
{
    struct node *node = &a->nodes[entry];
    if (node->visit == VISIT_DONE) return true;
    if (node->visit == VISIT_BEGUN) return give_up(a, name_at(a, a->code.instructions[entry].address), "calls itself");
    node->visit = VISIT_BEGUN;
    node->deepest_callee = NO_CALLEE;
    struct frame frame;
    uint32_t end;
    const bool is_stated = has_stated_frame(a, entry, &frame, &end);
    const bool ok = is_stated ? measure_stated(a, entry, &frame, end) : measure_other(a, entry);
    node->visit = VISIT_DONE;
    return ok;
}

/* "main > model_run > mk_softmax_s8_ref" */
static const char *describe_chain(const struct analysis *a, size_t entry)
{
    const char *text = NULL;
    for (; entry != NO_CALLEE; entry = a->nodes[entry].deepest_callee) {
        const char *name = name_at(a, a->code.instructions[entry].address);
        text = text ? mote_arena_printf(a->arena, "%s > %s", text, name) : name;
        if (!text) return NULL;
    }
    return text;
}

static enum mote_status analyse(struct analysis *a, struct mote_sim_result *result, struct mote_diag *diag)
{
    a->nodes = MOTE_NEW_ARRAY(a->arena, struct node, a->code.count);
    if (!a->nodes) return mote_error_memory(diag);
    const struct mote_elf_symbol *start = mote_elf_image_find(a->image, "main");
    const size_t entry = start ? find_instruction(a, start->address) : NO_CALLEE;
    const char *text = NULL;
    uint32_t bytes = 0;
    if (entry != NO_CALLEE) a->stated_call_bytes = find_stated_call_bytes(a, entry);
    if (entry == NO_CALLEE) {
        text = "main cannot be found";
    } else if (measure(a, entry)) {
        text = describe_chain(a, entry);
        bytes = a->call_bytes + a->nodes[entry].depth_bytes;
    } else {
        text = a->why;
    }
    if (a->out_of_memory || !text) return mote_error_memory(diag);
    result->worst_case_stack_bytes = bytes;
    result->worst_case_stack = text;
    return MOTE_OK;
}

enum mote_status mote_sim_stack(const struct mote_sim_job *job, const struct mote_sim_objects *objects, const char *path,
                                const struct mote_elf_image *image, struct mote_arena *arena,
                                struct mote_sim_result *result, struct mote_diag *diag)
{
    struct analysis a = {.image = image, .arena = arena, .call_bytes = mote_disassembly_call_bytes(job->target)};
    enum mote_status status = MOTE_OK;
    for (size_t i = 0; i < objects->count && status == MOTE_OK; i++)
        status = read_frames(&a, job->folder, objects->paths[i], diag);
    for (size_t i = 0; i < job->frame_count && status == MOTE_OK; i++) {
        const struct mote_sim_frame *frame = &job->frames[i];
        if (!add_frame(&a, frame->function, strlen(frame->function), frame->bytes, true, false)) status = mote_error_memory(diag);
    }
    if (status == MOTE_OK) status = mote_disassemble(job->target, path, image, arena, &a.code, &a.why, diag);
    if (status != MOTE_OK) return status;
    if (!a.why) return analyse(&a, result, diag);
    result->worst_case_stack = a.why;
    return MOTE_OK;
}
