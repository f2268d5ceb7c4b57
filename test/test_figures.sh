#!/usr/bin/env bash
# Cycles on AVR and instructions elsewhere, both repeatable: no more than a hundredth above what was measured (README, doc/KERNELS.md), on
# realistic golden vectors, every output equal. Runs from the project's root; $MOTE is the program (default: build/release/mote).
set -u
mote=$(realpath "${MOTE:-build/release/mote}")
shared=$(realpath -q ../shared || true)
. test/support/check.sh
[ -f "$shared/golden/kws_ref_model.out.bin" ] || { echo "skipped: there are no ../shared/models with golden vectors"; exit 77; }
for target in atmega1284p cortex-m4 rv32imc; do
    available "$target" || { echo "skipped: the simulator or compiler of $target is missing"; exit 77; }
done

# takes_at_most COUNT MODEL TARGET VECTORS [OPTION...]
takes_at_most() {
    local most=$1 model=$2 target=$3 vectors=$4 what=instructions
    [[ $target == atmega* ]] && what=cycles
    shift 4
    "$mote" bench "$shared/models/$model.tflite" -t "$target" -n "$vectors" --json "$@" >row.json || return 1
    grep -q "\"golden_vectors\": $vectors" row.json || { echo "the outputs were not compared"; return 1; }
    local count
    count=$(sed -n "s/^ *\"$what\": \([0-9]*\).*/\1/p" row.json | head -n 1) # the first is ours, the second a peer's
    echo "$model on $target: ${count:-no} $what, at most $most"
    [ -n "$count" ] && [ "$count" -le "$most" ]
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
check "keyword spotting" takes_at_most 17790000 kws_ref_model atmega1284p 1
check "keyword spotting, streamed" takes_at_most 18090000 kws_ref_model atmega2560 1
check "ResNet-8" takes_at_most 69560000 pretrainedResnet_quant atmega1284p 1
check "visual wake words" takes_at_most 36070000 vww_96_int8 atmega1284p 1
check "anomaly detection" takes_at_most 2009000 ad01_int8 atmega2560 1
check "streaming wake word" takes_at_most 6367000 str_ww_ref_model atmega1284p 1
check "a frame of the streaming wake word" takes_at_most 421300 str_ww_ref_model atmega1284p 1 --schedule slide
check "handwritten digits" takes_at_most 79190 mnist_arduino_q atmega328p 16
check "keyword spotting on Cortex-M4" takes_at_most 2368000 kws_ref_model cortex-m4 1 --optimize speed
check "ResNet-8 on Cortex-M4" takes_at_most 6821000 pretrainedResnet_quant cortex-m4 1 --optimize speed
check "visual wake words on Cortex-M4" takes_at_most 4078000 vww_96_int8 cortex-m4 1 --optimize speed
check "anomaly detection on Cortex-M4" takes_at_most 252500 ad01_int8 cortex-m4 1
check "visual wake words on RV32IMC" takes_at_most 10574000 vww_96_int8 rv32imc 1
check "streaming wake word on RV32IMC" takes_at_most 2102000 str_ww_ref_model rv32imc 1
summary
