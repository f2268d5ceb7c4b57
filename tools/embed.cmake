# Text files inside the program.
#
#   mote_embed(target symbol [BASE folder] files...)
#
# adds to `target` the table `const struct mote_embedded_file symbol[]` and `const size_t symbol_count` (src/base/embed.h)
# that holds the files in the order given, each named by its path relative to BASE (default: the current source folder).
# The assembler reads the files themselves, so there is no limit on their size and nothing to escape; a changed file
# rebuilds the table. For 64-bit ELF hosts and any compiler that takes GNU assembler text (gcc, clang).

enable_language(ASM)

function(mote_embed target symbol)
    cmake_parse_arguments(PARSE_ARGV 2 EMBED "" "BASE" "")
    set(base "${CMAKE_CURRENT_SOURCE_DIR}")
    if(EMBED_BASE)
        get_filename_component(base "${EMBED_BASE}" ABSOLUTE)
    endif()

    set(texts "")
    set(table "")
    set(paths "")
    set(index 0)
    foreach(file IN LISTS EMBED_UNPARSED_ARGUMENTS)
        get_filename_component(path "${file}" ABSOLUTE)
        file(RELATIVE_PATH name "${base}" "${path}")
        string(APPEND texts
            ".Lname_${index}:\n    .asciz \"${name}\"\n"
            ".Ltext_${index}:\n    .incbin \"${path}\"\n.Lend_${index}:\n    .byte 0\n")
        string(APPEND table
            "    .quad .Lname_${index}, .Ltext_${index}, .Lend_${index} - .Ltext_${index}\n")
        list(APPEND paths "${path}")
        math(EXPR index "${index} + 1")
    endforeach()

    # The table holds addresses, which the loader of a position-independent program fills in: .data.rel.ro.
    file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.s" @ONLY CONTENT
"    .section .rodata
@texts@
    .section .data.rel.ro,\"aw\"
    .balign 8
    .globl @symbol@
@symbol@:
@table@    .globl @symbol@_count
@symbol@_count:
    .quad @index@
    .section .note.GNU-stack,\"\",%progbits
")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.s")
    # The target's options are meant for C; clang complains of those that mean nothing to its assembler.
    set_source_files_properties("${source}" PROPERTIES LANGUAGE ASM OBJECT_DEPENDS "${paths}"
                                COMPILE_OPTIONS -Wno-unused-command-line-argument)
    target_sources("${target}" PRIVATE "${source}")
endfunction()
