#!/usr/bin/env bash
# What mote compile writes: it builds with make and CMake, with gcc and clang, for the host and for chips, without one
# warning; on the host it computes the golden bytes; it exports nothing but its own names and needs nothing but memcpy, memset
# and the compiler's runtime; its self test notices a flipped weight; a file of another ABI stops the compiler; hostile names
# in a model stay names. Runs from the project's root; $MOTE is the program (default: build/release/mote). Chips whose
# compiler is missing are left out, and said so.
set -u
mote=$(realpath "${MOTE:-build/release/mote}")
root=$PWD
shared=$(realpath -q ../shared || true)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C.UTF-8
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror"

passed=0
failed=0

# check NAME COMMAND...: the command must succeed; what it printed is shown if it does not.
check() {
    local name=$1
    shift
    if "$@" >log 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name" >&2
        tail -n 12 log >&2
    fi
}
fails() { ! "$@"; }
have() { command -v "$1" >/dev/null; }

# ---- Models: MODEL[name] is a file; GOLDEN[name] has .in.bin and .out.bin ----
cp "$root/examples/digits/digits.tflite" .
models=(digits)
for name in hello_world_int8 kws_ref_model mnist_dw_q; do
    [ -f "$shared/models/$name.tflite" ] || continue
    cp "$shared/models/$name.tflite" . && chmod u+w "$name.tflite"
    models+=("$name")
done

compiler_of() {
    case $1 in
    host) echo cc ;;
    atmega*) echo avr-gcc ;;
    cortex*) echo arm-none-eabi-gcc ;;
    rv32*) echo riscv64-unknown-elf-gcc ;;
    esac
}
# A riscv64-unknown-elf-gcc without a C library has no string.h; the application then brings the three lines.
flags_of() {
    case $1 in rv32*) echo "-ffreestanding -isystem $work/libc" ;; esac
}
mkdir libc
printf '%s\n' '#include <stddef.h>' 'void *memcpy(void *to, const void *from, size_t bytes);' \
    'void *memset(void *to, int value, size_t bytes);' >libc/string.h
targets=()
for target in host atmega328p atmega1284p atmega2560 cortex-m4 rv32imc rv32ec; do
    if have "$(compiler_of "$target")"; then targets+=("$target"); else echo "$target is left out: no compiler"; fi
done

# ---- One library ----

# Every name that the library exports is prefixed, every name it needs is its own or one of the few allowed.
only_prefixed() { # nm, folder, name
    local exported needed
    exported=$("$1" -g --defined-only "$2/lib$3.a" | awk 'NF == 3 { print $3 }' | sort -u)
    needed=$("$1" -u "$2/lib$3.a" | awk 'NF == 2 { print $2 }' | sort -u)
    [ -n "$exported" ] || return 1
    if grep -vE "^(mk_|$3_)" <<<"$exported"; then return 1; fi
    if comm -13 <(echo "$exported") <(echo "$needed") | grep -vE '^(memcpy|memset|__.*|_GLOBAL_OFFSET_TABLE_|)$'; then return 1; fi
}

no_absolute_path() { ! grep -rnF -e "$work" -e "$root" -e "${TMPDIR:-/tmp}/" -e "$HOME/" "$1"; }
says_how_it_was_made() {
    local file
    for file in "$1"/model.c "$1"/model.h "$1"/model_data.h "$1"/README.md; do
        grep -qF "mote compile $2.tflite --target $3" "$file" || return 1
    done
    grep -q '^#if MK_ABI != [0-9]' "$1/model.c"
}

# A program that reads vectors from standard input and writes the outputs; NAME is the prefix of one model.
write_driver() { # file, prefix, PREFIX
    cat >"$1" <<END
#include "model.h"
#include <stdio.h>
int main(void)
{
    static union $2_arena arena;
    const size_t in = sizeof *$2_input(&arena) * $3_INPUT_ELEMENTS, out = sizeof *$2_output(&arena) * $3_OUTPUT_ELEMENTS;
    while (fread($2_input(&arena), 1, in, stdin) == in) {
        $2_run(&arena);
        if (fwrite($2_output(&arena), 1, out, stdout) != out) return 1;
    }
    return 0;
}
END
}

write_toolchain() { # target, library
    local compiler flags
    compiler=$(compiler_of "$1")
    flags="$(sed -n "s/^CFLAGS = \(.*\) -std=.*/\1/p" "$2/Makefile") $(flags_of "$1")"
    cat >"toolchain-$1.cmake" <<END
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER $compiler)
set(CMAKE_ASM_COMPILER $compiler)
set(CMAKE_C_FLAGS_INIT "$flags")
set(CMAKE_ASM_FLAGS_INIT "$flags")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
END
}

# build_cmake FOLDER BUILD OPTIONS...
build_cmake() {
    local folder=$1 build=$2
    shift 2
    CFLAGS=$warnings cmake -S "$folder" -B "$build" "$@" && cmake --build "$build"
}

# An application as its user would write it: its own main, and the library as a sub-folder.
write_application() { # folder, main, libraries...
    local folder=$1 main=$2 library
    shift 2
    mkdir -p "$folder"
    cp "$main" "$folder/main.c"
    {
        echo "cmake_minimum_required(VERSION 3.13)"
        echo "project(application C ASM)"
        echo "add_executable(application main.c)"
        for library in "$@"; do
            echo "add_subdirectory($work/$library ${library##*/})"
            echo "target_link_libraries(application ${library#*-})"
        done
    } >"$folder/CMakeLists.txt"
}

same_output() { "$1" <"$2" | cmp - "$3"; }

# ---- Every model for every chip, built with make ----
for model in "${models[@]}"; do
    upper=$(tr a-z A-Z <<<"$model")
    for target in "${targets[@]}"; do
        out=$target-$model
        "$mote" compile "$model.tflite" --target "$target" -o "$out" --no-build >log 2>&1
        status=$?
        if [ "$status" -ne 0 ] && [ "$model" != digits ] && grep -q "does not fit $target" log; then
            check "what does not fit $target is not written" fails test -e "$out"
            continue
        fi
        check "mote compile $model for $target" test "$status" -eq 0
        check "no absolute path in $out" no_absolute_path "$out"
        check "the command and the ABI in $out" says_how_it_was_made "$out" "$model" "$target"
        compiler=$(compiler_of "$target")
        compilers=("$compiler")
        [ "$target" = host ] && have clang && compilers+=(clang)
        for cc in "${compilers[@]}"; do
            make -C "$out" clean >/dev/null 2>&1
            check "make in $out with $cc" make -s -C "$out" CC="$cc $warnings $(flags_of "$target")" "lib$model.a" example/main.c.o
        done
        nm=nm
        [ "$target" = host ] || nm=${compiler%gcc}nm
        check "symbols of $out" only_prefixed "$nm" "$out" "$model"
        case $target in host | atmega*) check "make example in $out" make -s -C "$out" CC="$compiler $warnings" example ;; esac
    done

    # ---- On the host it computes what it must ----
    write_driver "driver-$model.c" "$model" "$upper"
    if [ -f "$shared/golden/$model.in.bin" ]; then
        cp "$shared/golden/$model.in.bin" "$model.in.bin" && cp "$shared/golden/$model.out.bin" "$model.out.bin"
    else # no golden vectors: the outputs of the evaluator in mote, which other tests compare with them
        head -c 6400 "$mote" >"$model.in.bin"
        "$mote" run "$model.tflite" --input "$model.in.bin" --output "$model.out.bin" >/dev/null || failed=$((failed + 1))
    fi
    check "a program with $model" cc $warnings -Ihost-$model "driver-$model.c" "host-$model/lib$model.a" -o "program-$model"
    check "outputs of $model" same_output "./program-$model" "$model.in.bin" "$model.out.bin"
done

# ---- The same networks, row by row ----
for model in "${models[@]}"; do
    upper=$(tr a-z A-Z <<<"$model")
    out=stream-$model
    check "mote compile $model row by row" "$mote" compile "$model.tflite" --target host -o "$out" --schedule stream --self-test --no-build
    cat >"driver-stream-$model.c" <<END
#include "model.h"
#include <stdio.h>
int main(void)
{
    static union ${model}_arena arena;
    const size_t out = sizeof *${model}_output(&arena) * ${upper}_OUTPUT_ELEMENTS;
    if (!${model}_self_test(&arena)) return 1;
    ${model}_begin(&arena);
    while (fread(${model}_next_row(&arena), sizeof *${model}_next_row(&arena), ${upper}_INPUT_ROW_ELEMENTS, stdin) == ${upper}_INPUT_ROW_ELEMENTS)
        if (${model}_push_row(&arena) && fwrite(${model}_output(&arena), 1, out, stdout) != out) return 1;
    return 0;
}
END
    for cc in cc clang; do
        have "$cc" || continue
        make -C "$out" clean >/dev/null 2>&1
        check "make in $out with $cc" make -s -C "$out" CC="$cc $warnings" "lib$model.a" example
    done
    check "symbols of $out" only_prefixed nm "$out" "$model"
    check "a program with $out" cc $warnings -I"$out" "driver-stream-$model.c" "$out/lib$model.a" -o "program-$out"
    check "outputs of $model row by row" same_output "./program-$out" "$model.in.bin" "$model.out.bin"
done

# ---- CMake ----
for model in "${models[@]}"; do
    write_application "application-$model" "driver-$model.c" "host-$model"
    for cc in gcc clang; do
        have "$cc" || continue
        check "CMake with $cc for $model" build_cmake "application-$model" "cmake-$cc-$model" "-DCMAKE_C_COMPILER=$cc"
        check "outputs of $model by CMake and $cc" same_output "cmake-$cc-$model/application" "$model.in.bin" "$model.out.bin"
    done
done
for target in "${targets[@]}"; do
    [ "$target" = host ] && continue
    write_toolchain "$target" "$target-digits"
    check "CMake for $target" build_cmake "$target-digits" "cmake-$target" "-DCMAKE_TOOLCHAIN_FILE=$work/toolchain-$target.cmake"
    check "the library by CMake for $target" test -s "cmake-$target/libdigits.a"
done

# ---- Two models in one program ----
second=${models[1]:-digits}
for name in first other; do
    model=digits
    [ "$name" = other ] && model=$second
    check "$model as $name" "$mote" compile "$model.tflite" --target host -o "two-$name" --name "$name" --no-build
done
cat >two.c <<'END'
#include "two-first/model.h"
#include "two-other/model.h"
#include <stdio.h>
#include <string.h>
static union first_arena one;
static union other_arena two;
static int read_all(FILE *file, void *to, size_t bytes) { return fread(to, 1, bytes, file) == bytes; }
int main(int argc, char **argv) /* inputs and outputs of the first, of the other */
{
    FILE *files[4] = {0};
    char golden[FIRST_OUTPUT_ELEMENTS + OTHER_OUTPUT_ELEMENTS];
    int vectors = 0;
    for (int i = 0; i < 4 && argc == 5; i++)
        if (!(files[i] = fopen(argv[i + 1], "rb"))) return 1;
    /* Both inputs are in place before either runs. */
    while (read_all(files[0], first_input(&one), FIRST_INPUT_ELEMENTS) && read_all(files[2], other_input(&two), OTHER_INPUT_ELEMENTS)) {
        first_run(&one);
        other_run(&two);
        if (!read_all(files[1], golden, FIRST_OUTPUT_ELEMENTS) || memcmp(golden, first_output(&one), FIRST_OUTPUT_ELEMENTS)) return 2;
        if (!read_all(files[3], golden, OTHER_OUTPUT_ELEMENTS) || memcmp(golden, other_output(&two), OTHER_OUTPUT_ELEMENTS)) return 3;
        vectors++;
    }
    return vectors > 5 ? 0 : 4;
}
END
for name in first other; do check "make two-$name" make -s -C "two-$name" CC="cc $warnings"; done
check "two models in one program" cc $warnings -I. two.c two-first/libfirst.a two-other/libother.a -o two
check "two models side by side" ./two digits.in.bin digits.out.bin "$second.in.bin" "$second.out.bin"
write_application application-two two.c two-first two-other
sed -i 's/^add_executable.*/&\ninclude_directories('"${work//\//\\/}"')/' application-two/CMakeLists.txt
check "two models by CMake" build_cmake application-two cmake-two
check "two models by CMake side by side" cmake-two/application digits.in.bin digits.out.bin "$second.in.bin" "$second.out.bin"

# ---- The self test ----
for model in "${models[@]}"; do
    check "$model with a self test" "$mote" compile "$model.tflite" --target host -o "self-$model" --self-test --no-build
    cat >"self-$model.c" <<END
#include "model.h"
static union ${model}_arena arena;
int main(void) { return ${model}_self_test(&arena) ? 0 : 1; }
END
    build_self_test() {
        make -s -C "self-$model" CC="cc $warnings" && cc $warnings "-Iself-$model" "self-$model.c" "self-$model/lib$model.a" -o "self-$model.elf"
    }
    check "the self test of $model builds" build_self_test
    check "the self test of $model passes" "./self-$model.elf"
    check "the self test of $model passes a second time" "./self-$model.elf"
done
# The highest bit of one weight of the first layer, which reaches everything behind it.
flip_a_weight() {
    local line
    line=$(grep -n '_weights\[' "$1" | head -n 1 | cut -d: -f1)
    awk -v at=$((line + 1)) 'NR == at { v = $1 + 0; sub(/-?[0-9]+/, v < 0 ? v + 128 : v - 128) } { print }' "$1" >flipped.h
    [ "$(diff flipped.h "$1" | grep -c '^<')" -eq 1 ] && cp flipped.h "$1"
}
model=digits
check "flip a weight" flip_a_weight self-digits/model_data.h
check "the damaged library builds" build_self_test
check "the self test notices a flipped weight" fails ./self-digits.elf

# ---- Kernels of another ABI ----
check "another ABI" sed -i 's/^#define MK_ABI .*/#define MK_ABI 9999/' two-first/kernel/mote_kernel.h
make -s -C two-first clean
stops_and_says_why() { ! make -s -C two-first 2>complaint && grep -q "kernel/ is of another version" complaint; }
check "kernels of another ABI stop the compiler" stops_and_says_why

# ---- Hostile names ----
cat >hostile.c <<'END'
#include "tflite_writer.h"
#include <stdio.h>
#include <stdlib.h>
#define NAME(n) "\"quoted\" */ #error broken out " n "\n#error on a new line\r\n// \\\n?" "?/\nx \x01\x7f\xff\xc3\xa9 %s%n"
int main(void)
{
    struct tflw *w = tflw_new();
    const int32_t dims[] = {1, 2, 3, 2};
    const float scale = 0.5f;
    const struct tflw_quant quant = {&scale, NULL, 1, 0};
    const int in = tflw_tensor(w, NAME("in"), TFLW_INT8, 4, dims, &quant, NULL, 0);
    const int mid = tflw_tensor(w, NAME("mid"), TFLW_INT8, 4, dims, &quant, NULL, 0);
    const int out = tflw_tensor(w, NAME("out"), TFLW_INT8, 4, dims, &quant, NULL, 0);
    tflw_op(w, TFLW_RELU, 0, &in, 1, &mid, 1, NULL);
    tflw_op(w, TFLW_RELU6, 0, &mid, 1, &out, 1, NULL);
    tflw_io(w, &in, 1, (int[]){out, mid}, 2);
    size_t bytes = 0;
    uint8_t *file = tflw_finish(w, &bytes);
    if (!file) fprintf(stderr, "%s\n", tflw_error(w));
    const int written = file && fwrite(file, 1, bytes, stdout) == bytes;
    free(file);
    tflw_free(w);
    return written ? 0 : 1;
}
END
support=$root/test/support
check "the writer of hostile names" cc -std=c11 -I"$support" hostile.c "$support/tflite_writer.c" "$support/flatbuffer.c" -o hostile
# The path has a comment's end, a quote and a line break, too.
mkdir -p 'evil*'
path=$'evil*/ 1"x\\\n#error .tflite'
write_hostile() { ./hostile >"$path"; }
check "a model of hostile names" write_hostile
for target in "${targets[@]}"; do
    cc=$(compiler_of "$target")
    check "mote compile hostile names for $target" "$mote" compile "$path" --target "$target" -o "hostile-$target" --self-test --no-build
    check "hostile names for $target" make -s -C "hostile-$target" CC="$cc $warnings $(flags_of "$target")" all_of_it \
        --eval 'all_of_it: example/main.c.o $(OBJECTS)'
done

# ---- Two models in one program: with planes and without, with long loops and short ones ----
both_link() { # nothing is there twice, and no tile stands for the other model's, which it would if they had one name
    arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 --specs=nosys.specs two.c "$1"/lib*.a "$2"/lib*.a \
        -o two.elf || return 1
    arm-none-eabi-nm two.elf >two.symbols
    grep -q ' T mk_armv7em_[a-z]*_3_or_planes$' two.symbols && grep -q ' T mk_armv7em_[a-z]*_3$' two.symbols
}
if have arm-none-eabi-gcc && [ -f kws_ref_model.tflite ]; then
    printf '%s\n' 'void kws_ref_model_run(void *arena); void digits_run(void *arena); static long long a[8192], b[1024];' \
        'int main(void) { kws_ref_model_run(a); digits_run(b); return 0; }' >two.c
    check "mote compile with planes" "$mote" compile kws_ref_model.tflite -t cortex-m4 --optimize speed --ram-limit 40000 -o with-planes
    check "there are planes" grep -q planes with-planes/model.c
    check "make with planes" make -s -C with-planes
    for optimize in speed size; do
        check "mote compile for $optimize" "$mote" compile digits.tflite -t cortex-m4 --optimize "$optimize" -o "digits-$optimize"
        check "make for $optimize" make -s -C "digits-$optimize"
        check "planes, then $optimize" both_link with-planes "digits-$optimize"
        check "$optimize, then planes" both_link "digits-$optimize" with-planes
    done
fi

echo "$passed checks passed, $failed failed"
[ "$failed" -eq 0 ]
