#!/usr/bin/env bash
# Blobs on chips: every MLPerf model that fits, as a plan of whole tensors or as a stream, computes its golden bytes as a blob, by the loop, on the
# host, two Cortex-M and an AVR, from a file as well as packed on the fly; loop and loader stay small; firmware for several models
# builds without a warning, takes their blobs and no others; what is wrong is said, and nothing is left half-written. Runs from the
# project's root; $MOTE is the program (default: build/release/mote). Chips whose compiler or simulator is missing are left out.
set -u
mote=$(realpath "${MOTE:-build/release/mote}")
shared=$(realpath -q ../shared || true)
. test/support/check.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

names=(kws_ref_model ad01_int8 vww_96_int8 pretrainedResnet_quant str_ww_ref_model)
for name in "${names[@]}"; do
    [ -f "$shared/models/$name.tflite" ] && [ -f "$shared/golden/$name.out.bin" ] && continue
    echo "skipped: there is no ../shared/models/$name.tflite with golden vectors"
    exit 77
done
for name in "${names[@]}"; do # vector 16 of 32, the first realistic one
    for end in in out; do
        bytes=$(($(stat -c %s "$shared/golden/$name.$end.bin") / 32))
        tail -c +$((16 * bytes + 1)) "$shared/golden/$name.$end.bin" | head -c "$bytes" >"$name.$end.bin"
    done
done
json() { python3 -c "import json, sys; print(json.load(open('out'))$1)"; }

# ---- Golden bytes on every chip ----
declare -A ran=()
for target in host cortex-m4 cortex-m0 atmega1284p; do
    available $target || { echo "$target is left out: its compiler or simulator is missing"; continue; }
    for name in "${names[@]}"; do
        model=$shared/models/$name.tflite
        run pack "$model" -t $target -o $name-$target.mote --no-build
        if [ "$status" -ne 0 ]; then
            check "$name does not fit $target, and that is said" complains "does not fit $target"
            check "$name on $target: nothing is written" test ! -e $name-$target.mote
            continue
        fi
        run run $name-$target.mote --input $name.in.bin --expect $name.out.bin --json
        if [ "$status" -ne 0 ] && grep -q "does not fit\|stack overflows\|too many" err; then
            echo "$name $target: does not fit with code and stack"
            continue
        fi
        check "$name on $target: the blob's outputs are golden" exits 0
        ran[$target]=$((${ran[$target]:-0} + 1))
        [ $target = host ] && continue
        check "$name on $target: the loop is small" test "$(json '["loop_bytes"]')" -lt 2000
        check "$name on $target: the loader is small" test "$(json '["loader_bytes"]')" -lt 3000
        check "$name on $target: there is a bound of the stack" test "$(json '["worst_case_stack_bytes"]')" -gt 0
        [ $name = kws_ref_model ] || continue
        check "$name on $target: without streams the loop is smaller" test "$(json '["loop_bytes"]')" -lt 1100
        check "$name on $target: without streams the loader is smaller" test "$(json '["loader_bytes"]')" -lt 2000
        blob_work=$(json '["instructions"]')
        run run "$model" -t $target --schedule whole --input $name.in.bin --json
        check "$name on $target: the loop costs less than a percent" \
            python3 -c "import sys; sys.exit(not $blob_work < 1.01 * $(json '["instructions"]'))"
        run run "$model" -t $target --schedule whole --blob --input $name.in.bin --expect $name.out.bin
        check "$name on $target: packed on the fly it is golden, too" exits 0
    done
    check "$target: models ran" test "${ran[$target]:-0}" -ge 4 # anomaly detection needs more flash than two have
done

# ---- What a blob says of itself ----
kws=$shared/models/kws_ref_model.tflite
run pack "$kws" -t cortex-m4 -o kws.mote --no-build --self-test
check "pack exits 0" exits 0
check "the self-test makes it larger" test "$(stat -c %s kws.mote)" -gt "$(stat -c %s kws_ref_model-cortex-m4.mote)"
run inspect kws.mote
check "inspect exits 0" exits 0
check "inspect names the chip" says "packed for cortex-m4"
check "inspect names kernels" says "conv_2d_s8"
check "inspect knows of the self-test" says "self-test   yes"
run inspect kws.mote --json
check "inspect --json has the steps" python3 -c "import json; d = json.load(open('out')); assert d['ok'] and d['blob']['steps'][0]['kernel']"

# ---- Errors ----
run pack "$kws" -t cortex-m4 -o kws.mote --no-build
check "pack does not overwrite" complains "--force replaces it"
run pack "$shared/models/vww_96_int8.tflite" -t cortex-m4 -o s.mote --schedule strips
check "strips are refused" complains "streamed in strips"
check "strips leave nothing" test ! -e s.mote
run run kws.mote -t cortex-m0 --input kws_ref_model.in.bin
check "a blob runs on its own chip only" complains "packed for cortex-m4"
run compile kws.mote -t cortex-m4 -o lib
check "a blob is no model" complains "needs the model"
run verify kws.mote
check "a blob cannot be verified" complains "verify the model"
head -c 3000 kws.mote >cut.mote
run inspect cut.mote
check "a cut blob is refused" complains "there are 3000"
cp kws.mote bad.mote && printf '\377' | dd of=bad.mote bs=1 seek=9000 conv=notrunc 2>/dev/null
run run bad.mote --input kws_ref_model.in.bin
check "a damaged blob is refused" complains "checksum"

# ---- Firmware ----
warnings="-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror"
for target in host atmega1284p cortex-m4; do
    available $target || continue
    run pack "$shared/models/hello_world_int8.tflite" -t $target --runtime fw-$target-whole --no-build
    check "firmware for $target knows no streams that it need not" grep -q WITHOUT_STREAMS fw-$target-whole/kernel/mote_kernel.h
    check "firmware for $target without streams builds" make -s -C fw-$target-whole >/dev/null
    run pack "$kws" "$shared/models/hello_world_int8.tflite" -t $target --schedule stream --runtime fw-$target --no-build
    check "firmware for $target exits 0" exits 0
    flags=$(sed -n 's/^CFLAGS = //p' fw-$target/Makefile)
    check "firmware for $target builds without a warning" make -s -C fw-$target CFLAGS="$flags $warnings" >/dev/null
    run pack "$kws" -t $target --runtime fw-$target --no-build
    check "firmware for $target is not overwritten" complains "--force replaces it"
    run pack kws_ref_model-$target.mote -t $target --runtime fw-$target --force
    check "firmware for $target from a blob's kernels" exits 0
done
mkdir precious && touch precious/thesis
run pack "$kws" -t host --runtime precious --force --no-build
check "--force replaces firmware only" complains "does not look like firmware"

# A program of the host with that firmware: takes the blobs of its kernels, and no others.
cat >main.c <<'END'
#include "mk_blob.h"
#include <stdio.h>
#include <stdlib.h>

int main(int count, char **arguments)
{
    static uint64_t blob_bytes[40000], arena[20000];
    struct mk_blob blob;
    FILE *file = fopen(arguments[count - 1], "rb");
    const size_t bytes = fread(blob_bytes, 1, sizeof blob_bytes, file);
    fclose(file);
    const enum mk_blob_error error = mk_blob_open(&blob, blob_bytes, (uint32_t)bytes);
    if (error != MK_BLOB_OK) return 10 + (int)error;
    if (blob.plan.arena_bytes > sizeof arena) return 3;
    return !mk_blob_self_test(&blob, arena);
}
END
run pack "$kws" "$shared/models/hello_world_int8.tflite" -t host --runtime fw --no-build
check "the host's firmware builds" make -s -C fw >/dev/null
check "its program links" cc -Ifw/kernel main.c fw/libmk_blob.a -lm -o program
for name in kws_ref_model hello_world_int8; do
    run pack "$shared/models/$name.tflite" -t host -o $name.mote --self-test --no-build
    check "$name passes its own self-test in firmware of the host" ./program $name.mote
done
run pack "$shared/models/pretrainedResnet_quant.tflite" -t host -o other.mote --self-test --no-build
./program other.mote
check "a blob with a kernel that the firmware lacks is refused" test $? -eq 17 # MK_BLOB_UNKNOWN_KERNEL

summary
