/* disassembly.h: an image's instructions, as far as control flow and the stack pointer are concerned. */
#ifndef MOTE_SIM_DISASSEMBLY_H
#define MOTE_SIM_DISASSEMBLY_H

#include "elf_image.h"

#include "../target/target.h"

enum mote_flow {
    MOTE_FLOW_NEXT,
    MOTE_FLOW_CALL,         /* of target; goes on behind it */
    MOTE_FLOW_JUMP,         /* to target */
    MOTE_FLOW_BRANCH,       /* to target or on */
    MOTE_FLOW_SKIP,         /* perhaps not the next instruction, but the one behind it */
    MOTE_FLOW_RETURN,
    MOTE_FLOW_TABLE,        /* to a place of the same function: a switch */
    MOTE_FLOW_POINTER_CALL, /* of what a register holds */
    MOTE_FLOW_POINTER_JUMP,
};

struct mote_instruction {
    uint32_t address, target;
    enum mote_flow flow;
    int32_t stack_bytes; /* by which the stack grows; without what a call itself pushes */
    bool sets_stack;     /* the stack pointer gets a value that is not known here */
};

struct mote_disassembly {
    struct mote_instruction *instructions; /* by rising address */
    size_t count;
};

/* What a call pushes: the return address on AVR; nothing elsewhere, where callees save it themselves. */
uint32_t mote_disassembly_call_bytes(const struct mote_target *target);

/* Disassembles all code of the image at path with the objdump beside the target's compiler; result in the arena. *why
 * receives what made it impossible, in static text, and NULL otherwise: that is no error. */
MOTE_MUST_CHECK enum mote_status mote_disassemble(const struct mote_target *target, const char *path,
                                                  const struct mote_elf_image *image, struct mote_arena *arena,
                                                  struct mote_disassembly *disassembly, const char **why,
                                                  struct mote_diag *diag);

#endif
