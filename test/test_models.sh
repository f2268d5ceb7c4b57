#!/usr/bin/env bash
# The five MLPerf Tiny int8 models on the simulators of all chips: the golden bytes, or the error that says which layer does
# not fit. One realistic vector each; MOTE_LONG=1: all vectors, extreme ones too. Runs from the project's root; $MOTE is the
# program (default: build/release/mote). Chips whose compiler or simulator is missing are left out, and said so.
set -u
export mote models golden work long
mote=$(realpath "${MOTE:-build/release/mote}")
models=$(realpath -q ../shared/models || true)
golden=$(realpath -q ../shared/golden || true)
long=${MOTE_LONG:-0}
names=(kws_ref_model ad01_int8 vww_96_int8 pretrainedResnet_quant str_ww_ref_model)
for name in "${names[@]}"; do
    [ -f "$models/$name.tflite" ] && [ -f "$golden/$name.out.bin" ] && continue
    echo "skipped: there is no ../shared/models/$name.tflite with golden vectors"
    exit 77
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The pairs that may not fit. If one comes to fit, its outputs must be right; every other pair must fit.
may_not_fit() {
    case $1 in
    "$2 atmega328p" | "$2 rv32ec") return 0 ;; # 2 KB of RAM
    "ad01_int8 atmega1284p" | "ad01_int8 atmega2560" | "ad01_int8 cortex-m0") return 0 ;;
    "vww_96_int8 atmega2560" | "pretrainedResnet_quant atmega2560") return 0 ;;
    esac
    return 1
}

# The golden vectors of a model and their outputs, as one file each.
prepare() {
    local name=$1 end bytes
    for end in in out; do
        if [ "$long" = 1 ]; then
            cat "$golden/$name.$end.bin" "$golden/$name.edge.$end.bin" >"$work/$name.$end.bin"
        else # vector 16 of 32, the first realistic one
            bytes=$(($(stat -c %s "$golden/$name.$end.bin") / 32))
            tail -c +$((16 * bytes + 1)) "$golden/$name.$end.bin" | head -c "$bytes" >"$work/$name.$end.bin"
        fi
        [ -s "$work/$name.$end.bin" ] || return 1
    done
}

run_pair() {
    local name=$1 target=$2 log=$work/$1-$2.log output=$work/$1-$2.bin
    if "$mote" run "$models/$name.tflite" --target "$target" --input "$work/$name.in.bin" --expect "$work/$name.out.bin" \
        --output "$output" >"$log" 2>&1 && cmp -s "$output" "$work/$name.out.bin"; then
        echo "$name $target: golden"
    elif may_not_fit "$name $target" "$name" && [ ! -e "$output" ] &&
        grep -qE "^mote: error: .*$name\.tflite: (op [0-9]+ [A-Z0-9_]+.*: )?does not fit $target: .* bytes" "$log"; then
        echo "$name $target: does not fit"
    else
        echo "FAILED: $name $target"
        cat "$log"
        return 1
    fi
}
export -f run_pair may_not_fit

pairs=()
for name in "${names[@]}"; do prepare "$name" || { echo "FAILED: golden vectors of $name"; exit 1; }; done
for target in $("$mote" targets --json | python3 -c 'import json, sys
for t in json.load(sys.stdin)["targets"]: print(t["name"] if t["available"] else "-" + t["name"])'); do
    case $target in
    host) continue ;;
    -*) echo "${target#-} is left out: its compiler or simulator is missing" && continue ;;
    esac
    for name in "${names[@]}"; do pairs+=("$name $target"); done
done
[ ${#pairs[@]} -gt 0 ] || exit 77
printf '%s\n' "${pairs[@]}" | xargs -P 2 -I '{}' bash -c 'run_pair {}'
