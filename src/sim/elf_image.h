/* elf_image.h: what the runners read from an ELF image. Images are made by our own compilers and trusted to be sane. */
#ifndef MOTE_SIM_ELF_IMAGE_H
#define MOTE_SIM_ELF_IMAGE_H

#include "../base/arena.h"
#include "../base/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mote_elf_symbol {
    const char *name;
    uint32_t address, bytes; /* bytes is 0 for a mere label */
    bool is_code;
};

struct mote_elf_segment {
    uint32_t address; /* where it is stored, not where it runs */
    const uint8_t *bytes;
    uint32_t byte_count;
};

struct mote_elf_image {
    uint32_t flash_bytes; /* all sections that occupy flash, the start values of .data among them */
    uint32_t ram_bytes;   /* .data + .bss */
    struct mote_elf_symbol *symbols; /* by rising address */
    size_t symbol_count;
    struct mote_elf_segment *segments;
    size_t segment_count;
};

/* Reads the image at path; all of it lives in the arena. */
MOTE_MUST_CHECK enum mote_status mote_elf_image_read(const char *path, struct mote_arena *arena,
                                                     struct mote_elf_image *image, struct mote_diag *diag);

/* The symbol of that name, or NULL. */
const struct mote_elf_symbol *mote_elf_image_find(const struct mote_elf_image *image, const char *name);

/* The functions below an address, by rising address, each place once and labels inside of functions left out; *functions lives in
 * the arena. false: out of memory. */
bool mote_elf_image_functions(const struct mote_elf_image *image, uint32_t end_address, struct mote_arena *arena,
                              const struct mote_elf_symbol **functions, size_t *count);

/* The name of the function that holds the address, or "?". */
const char *mote_elf_image_function_at(const struct mote_elf_image *image, uint32_t address);

#endif
