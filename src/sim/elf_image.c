#define _POSIX_C_SOURCE 200809L

#include "elf_image.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* On AVR the linker puts EEPROM, fuses and lock bits at addresses from here on; they are no part of the flash. */
#define AVR_EEPROM_BASE 0x810000u

static bool is_avr(Elf *elf)
{
    GElf_Ehdr header;
    return gelf_getehdr(elf, &header) && header.e_machine == EM_AVR;
}

static void measure_sections(Elf *elf, struct mote_elf_image *image)
{
    const bool avr = is_avr(elf);
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_ALLOC)) continue;
        if (avr && header.sh_addr >= AVR_EEPROM_BASE) continue;
        if (header.sh_type != SHT_NOBITS) image->flash_bytes += (uint32_t)header.sh_size;
        if (header.sh_flags & SHF_WRITE) image->ram_bytes += (uint32_t)header.sh_size;
    }
}

static bool copy_segments(Elf *elf, struct mote_arena *arena, struct mote_elf_image *image)
{
    size_t count, file_bytes;
    const char *file = elf_rawfile(elf, &file_bytes);
    if (!file || elf_getphdrnum(elf, &count) != 0) return false;
    image->segments = MOTE_NEW_ARRAY(arena, struct mote_elf_segment, count);
    if (!image->segments) return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(elf, (int)i, &header)) return false;
        if (header.p_type != PT_LOAD || header.p_filesz == 0) continue;
        if (header.p_offset > file_bytes || header.p_filesz > file_bytes - header.p_offset) return false;
        struct mote_elf_segment *segment = &image->segments[image->segment_count++];
        segment->address = (uint32_t)header.p_paddr;
        segment->byte_count = (uint32_t)header.p_filesz;
        segment->bytes = mote_arena_copy(arena, file + header.p_offset, (size_t)header.p_filesz);
        if (!segment->bytes) return false;
    }
    return true;
}

static int by_address(const void *a, const void *b)
{
    const struct mote_elf_symbol *x = a, *y = b;
    if (x->address != y->address) return x->address < y->address ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static bool keep_symbol(Elf *elf, const GElf_Sym *symbol, size_t names_index, struct mote_arena *arena,
                        struct mote_elf_image *image)
{
    const int type = GELF_ST_TYPE(symbol->st_info);
    const char *name = elf_strptr(elf, names_index, symbol->st_name);
    if (!name || !*name || (type != STT_FUNC && type != STT_OBJECT && type != STT_NOTYPE)) return true;
    if (name[0] == '$' || symbol->st_shndx == SHN_UNDEF) return true; /* $t, $d, ...: marks of the assembler */
    bool is_code = type == STT_FUNC;
    GElf_Shdr home;
    if (type == STT_NOTYPE && symbol->st_shndx < SHN_LORESERVE) {
        Elf_Scn *section = elf_getscn(elf, symbol->st_shndx);
        is_code = section && gelf_getshdr(section, &home) && (home.sh_flags & SHF_EXECINSTR);
    }
    struct mote_elf_symbol *kept = &image->symbols[image->symbol_count];
    kept->name = mote_arena_string(arena, name);
    kept->address = (uint32_t)symbol->st_value;
    kept->bytes = (uint32_t)symbol->st_size;
    kept->is_code = is_code;
    if (is_code && !is_avr(elf)) kept->address &= ~1u; /* the Thumb bit */
    image->symbol_count++;
    return kept->name != NULL;
}

static bool copy_symbols(Elf *elf, struct mote_arena *arena, struct mote_elf_image *image)
{
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0) continue;
        Elf_Data *data = elf_getdata(section, NULL);
        const size_t count = (size_t)(header.sh_size / header.sh_entsize);
        image->symbols = MOTE_NEW_ARRAY(arena, struct mote_elf_symbol, count);
        if (!data || !image->symbols) return false;
        for (size_t i = 0; i < count; i++) {
            GElf_Sym symbol;
            if (!gelf_getsym(data, (int)i, &symbol)) return false;
            if (!keep_symbol(elf, &symbol, header.sh_link, arena, image)) return false;
        }
        qsort(image->symbols, image->symbol_count, sizeof *image->symbols, by_address);
        return true;
    }
    return true;
}

enum mote_status mote_elf_image_read(const char *path, struct mote_arena *arena, struct mote_elf_image *image,
                                     struct mote_diag *diag)
{
    if (elf_version(EV_CURRENT) == EV_NONE) return mote_error(diag, MOTE_ERR_IO, "libelf: %s", elf_errmsg(-1));
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    Elf *elf = file < 0 ? NULL : elf_begin(file, ELF_C_READ, NULL);
    struct mote_elf_image result = {0};
    enum mote_status status = MOTE_OK;
    if (!elf || elf_kind(elf) != ELF_K_ELF) {
        status = mote_error(diag, MOTE_ERR_IO, "%s: cannot read the image", path);
    } else {
        measure_sections(elf, &result);
        if (!copy_segments(elf, arena, &result) || !copy_symbols(elf, arena, &result)) {
            status = mote_error(diag, MOTE_ERR_MEMORY, "%s: cannot read the image's contents", path);
        }
    }
    if (elf) elf_end(elf);
    if (file >= 0) close(file);
    if (status == MOTE_OK) *image = result;
    return status;
}

const struct mote_elf_symbol *mote_elf_image_find(const struct mote_elf_image *image, const char *name)
{
    for (size_t i = 0; i < image->symbol_count; i++) {
        if (strcmp(image->symbols[i].name, name) == 0) return &image->symbols[i];
    }
    return NULL;
}

bool mote_elf_image_functions(const struct mote_elf_image *image, uint32_t end_address, struct mote_arena *arena,
                              const struct mote_elf_symbol **functions, size_t *count)
{
    struct mote_elf_symbol *kept = MOTE_NEW_ARRAY(arena, struct mote_elf_symbol, image->symbol_count + 1);
    if (!kept) return false;
    size_t kept_count = 0;
    uint32_t end = 0; /* of the functions so far, where their size is known */
    for (size_t i = 0; i < image->symbol_count; i++) {
        const struct mote_elf_symbol *symbol = &image->symbols[i];
        if (!symbol->is_code || symbol->address >= end_address) continue;
        if (symbol->bytes == 0 && symbol->address < end) continue; /* a label inside a function */
        if (symbol->address + symbol->bytes > end) end = symbol->address + symbol->bytes;
        /* of several names of one place the one with the largest size, which comes last, is kept */
        if (kept_count && kept[kept_count - 1].address == symbol->address) kept_count--;
        kept[kept_count++] = *symbol;
    }
    *functions = kept;
    *count = kept_count;
    return true;
}

const char *mote_elf_image_function_at(const struct mote_elf_image *image, uint32_t address)
{
    const char *name = "?";
    for (size_t i = 0; i < image->symbol_count && image->symbols[i].address <= address; i++) {
        if (image->symbols[i].is_code) name = image->symbols[i].name;
    }
    return name;
}
