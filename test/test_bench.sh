#!/usr/bin/env bash
# mote bench and mote run --profile: rows, shares, ratios and exit statuses. Runs from the project's root; $MOTE is the
# program (default: build/release/mote). Chips whose compiler or simulator is missing are left out, and said so.
set -u
. test/support/check.sh
mote=$(realpath "${MOTE:-build/release/mote}")
digits=$(realpath examples/digits/digits.tflite)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/here" && cd "$work/here" || exit 1 # where ../shared is not
export LC_ALL=C.UTF-8

# has FILE EXPRESSION: a Python expression of the object d in the file is true.
has() { python3 -c "import json, sys; d = json.load(open('$1')); sys.exit(0 if ($2) else 1)"; }
# change FILE STATEMENT: runs a Python statement on the object d of before.json and writes it to the file.
change() { python3 -c "
import json
d = json.load(open('before.json'))
$2
json.dump(d, open('$1', 'w'))"; }

# ---- What needs no simulator ----
"$mote" targets --json >targets.json
for wrong in "bench --target z80 $digits" "bench --tolerance x $digits" "bench --tolerance -1 $digits" \
    "bench --target avr,z80 $digits" "bench --schedule never $digits" "bench --strips 2 --schedule slide $digits" \
    "bench --vectors 0 $digits" "bench --input $digits $digits other.tflite" "bench $digits elsewhere/digits.tflite" "bench"; do
    run $wrong
    check "$wrong: status 2" exits 2
    check "$wrong: nothing on standard output" silent
done
run bench
check "without models it is said where they were looked for" complains "../shared/models"
run bench "$digits" --target all --json --ram-limit 1
check "all targets are all" has out "[r['target'] for r in d['rows']] == [t['name'] for t in json.load(open('targets.json'))['targets']]"
check "what is beyond the limit is said in bytes" has out \
    'all(r["outcome"] == "no_fit" and r["missing_ram_bytes"] > 0 for r in d["rows"])'
run bench "$digits" --target riscv,host,rv32imc --json --ram-limit 1
check "classes and names in their order, each once" has out '[r["target"] for r in d["rows"]] == ["rv32imc", "rv32i", "rv32ec", "host"]'
run bench missing.tflite --target host
check "a missing model exits 1" exits 1
check "a missing model is named" complains "missing.tflite"
run bench "$digits" missing.tflite --target host --json
check "a missing model leaves the others" has out 'len(d["rows"]) == 1 and d["rows"][0]["outcome"] == "ok" and not d["ok"]'
check "a missing model exits 1 all the same" exits 1
run bench "$digits" --target host --json
check "the host has a time and no cycles" has out \
    'd["rows"][0]["milliseconds"] > 0 and d["rows"][0]["cycles"] is None and d["rows"][0]["flash_share"] is None'
echo '{"rows": 3}' >bad.json
echo '{' >worse.json
for file in bad.json worse.json nowhere.json; do
    run bench "$digits" --target host --baseline $file
    check "a baseline that is none exits 1: $file" exits 1
    check "a baseline that is none is named: $file" complains "$file"
done

# ---- A chip ----
if ! available atmega328p; then
    echo "left out: atmega328p is not available here"
    summary
    exit
fi
targets=atmega328p
for target in cortex-m4 rv32imc; do
    if available $target; then targets=$targets,$target; else echo "left out: $target is not available here"; fi
done
run bench "$digits" --target $targets --vectors 2 --output before.json
check "bench exits 0" exits 0
check "bench shows the model and the chips" bash -c 'grep -q "^digits, per inference" out && grep -q "^atmega328p " out'
check "rows hold what was asked for" has before.json \
    "[r['target'] for r in d['rows']] == '$targets'.split(',') and all(r['outcome'] == 'ok' for r in d['rows'])"
check "cycles on AVR, instructions elsewhere" has before.json \
    'all((r["cycles"] is not None) == r["target"].startswith("atmega") and r["instructions"] > 0 for r in d["rows"])'
if has before.json 'any(r["estimate_is_timed"] for r in d["rows"])'; then
    check "cycles on 32 bits are estimated from the instructions" has before.json \
        'all(r["estimate_is_timed"] and 1 < r["estimated_cycles"] / r["instructions"] < 2.5 for r in d["rows"] if r["cycles"] is None)'
else
    echo "left out: no QEMU here that takes plugins"
fi
check "the stack at worst is no less than what was seen" has before.json \
    'all(r["worst_case_stack_bytes"] >= r["stack_bytes"] > 0 for r in d["rows"])'
check "shares are of the chip's memories" has before.json \
    'abs(d["rows"][0]["flash_share"] - d["rows"][0]["flash_bytes"] / 32768) < 1e-9 and
     abs(d["rows"][0]["ram_share"] - (d["rows"][0]["ram_bytes"] + d["rows"][0]["worst_case_stack_bytes"]) / 2048) < 1e-9'

run bench "$digits" --target $targets --vectors 2 --baseline before.json --tolerance 0 --json
check "nothing got worse by itself" exits 0
check "the same run gives the same figures" has out \
    'all(v == 1 for r in d["rows"] for v in r["ratios"].values()) and all(r["worse"] == [] for r in d["rows"])'
change better.json 'd["rows"][0]["cycles"] *= 0.9'
run bench "$digits" --target atmega328p --vectors 2 --baseline better.json
check "more cycles than the baseline exit 1" exits 1
check "more cycles are said" complains "worse than better.json"
check "more cycles are marked" bash -c 'grep -qE "^atmega328p +!1\.111 +1\.000" out'
run bench "$digits" --target atmega328p --vectors 2 --baseline better.json --tolerance 12
check "within the tolerance exits 0" exits 0
change timed.json 'for r in d["rows"]: r["estimated_cycles"] = r["estimated_cycles"] and 0.9 * r["estimated_cycles"]'
change untimed.json 'for r in d["rows"]: r["estimated_cycles"], r["estimate_is_timed"] = r["estimated_cycles"] and 1.0, False'
if has before.json 'any(r["estimate_is_timed"] for r in d["rows"])'; then
    run bench "$digits" --target $targets --vectors 2 --baseline timed.json --json
    check "more estimated cycles than the baseline exit 1" exits 1
    check "more estimated cycles are told" has out \
        'all(r["worse"] == (["estimated_cycles"] if r["estimate_is_timed"] else []) for r in d["rows"])'
fi
run bench "$digits" --target $targets --vectors 2 --baseline untimed.json --json
check "estimates by a mean are not compared" exits 0
change larger.json 'd["rows"][0]["flash_bytes"] += 1000'
run bench "$digits" --target atmega328p --vectors 2 --baseline larger.json --json
check "less flash than the baseline exits 0" exits 0
check "less flash is a ratio below 1" has out 'd["rows"][0]["ratios"]["flash_bytes"] < 1'
change unknown.json 'd["rows"][0]["model"] = "another"'
run bench "$digits" --target atmega328p --vectors 2 --baseline unknown.json --json
check "a row that the baseline lacks is no failure" exits 0
check "a row that the baseline lacks has no ratios" has out 'd["rows"][0]["ratios"] is None'
run bench "$digits" --target atmega328p --vectors 1 --baseline before.json
check "other vectors are not compared" exits 1
check "other vectors are said" complains "other vectors"

# ---- What does not fit ----
kws=$(realpath "$OLDPWD/../shared/models/kws_ref_model.tflite" 2>/dev/null)
if [ -f "$kws" ]; then
    golden=$(dirname "$kws")/../golden
    run bench "$kws" --target host --vectors 3 --json
    check "golden vectors beside the model are found and compared" has out \
        'd["rows"][0]["golden_vectors"] == 3 and d["rows"][0]["input"] == "golden" and d["rows"][0]["outcome"] == "ok"'
    mkdir -p beside
    cp "$kws" "$golden/kws_ref_model.in.bin" beside/
    tr '\000-\377' '\001-\377\000' <"$golden/kws_ref_model.out.bin" >beside/kws_ref_model.out.bin
    run bench beside/kws_ref_model.tflite --target host --json
    check "outputs that differ from the golden ones exit 1" exits 1
    check "outputs that differ are told" has out 'd["rows"][0]["outcome"] == "different" and "cycles" not in d["rows"][0]'
    truncate -s -1 beside/kws_ref_model.out.bin
    run bench beside/kws_ref_model.tflite --target host
    check "golden outputs of another size exit 1" exits 1
    check "golden outputs of another size are named" complains "beside/kws_ref_model.out.bin"
    rm beside/*.bin
    run bench beside/kws_ref_model.tflite --target host --json --output beside.json
    check "without golden vectors they are random" has out \
        'd["rows"][0]["input"] == "random" and d["rows"][0]["golden_vectors"] is None and d["rows"][0]["outcome"] == "ok"'
    run bench "$kws" --target host --baseline beside.json
    check "golden and random vectors are not compared" complains "other vectors"
    echo '{"instructions": {"kws_ref_model": {"m4": 123456789}}}' >peers.json
    run bench "$kws" --target cortex-m4 --vectors 1 --peers peers.json --json
    check "a peer's figure and the ratio" has out \
        'all(r["outcome"] == "unavailable" or (r["peer"]["instructions"] == 123456789 and r["peer"]["arena_bytes"] is None
             and abs(r["peer_ratio"] * r["instructions"] - 123456789) < 1) for r in d["rows"])'
    run bench "$kws" --target host --peers bad.json
    check "figures of peers that are none exit 1" exits 1
    check "figures of peers that are none are named" complains "bad.json"
    run bench "$kws" --target host --schedule stream --vectors 1 --json
    check "the schedule asked for is taken" has out 'd["rows"][0]["schedule"] == "stream" and d["rows"][0]["outcome"] == "ok"'
    run bench "$kws" --target host --schedule slide
    check "a schedule that the model does not allow is said in the row" bash -c 'grep -qE "^host +unsupported: " out'
    run bench "$kws" --target atmega328p --json
    check "a model that does not fit is no failure" exits 0
    check "what is short is said in a word" has out 'd["rows"][0]["outcome"] == "no_fit" and "RAM" in d["rows"][0]["lacks"]'
    run bench "$kws" --target atmega328p
    check "what is short is shown" bash -c 'grep -qE "^atmega328p .*does not fit: RAM [0-9,]+.*bytes too few" out'
    change fitted.json 'd["vectors"] = 4; d["rows"][0]["model"] = "kws_ref_model"'
    run bench "$kws" --target atmega328p --baseline fitted.json
    check "a row that no longer runs is worse" exits 1
else
    echo "left out: ../shared is not here"
fi

# ---- Layers ----
"$mote" inspect "$digits" --json >model.json
head -c "$(python3 -c 'import json; print(sum(i["bytes"] for i in json.load(open("model.json"))["model"]["inputs"]))')" /dev/zero >zero.bin
run run "$digits" --target atmega328p --input zero.bin --profile --json
if exits 0; then
    check "layers add up to the cycles" has out \
        'abs(sum(l["cycles"] for l in d["layers"]) - d["cycles"]) < 100 * len(d["layers"])'
    check "layers add up to the MACs" has out 'sum(l["macs"] for l in d["layers"]) == d["macs"]'
    check "shares add up to 1" has out 'abs(sum(l["share"] for l in d["layers"]) - 1) < 1e-9'
    check "cycles per MAC" has out \
        'all(l["per_mac"] is None or abs(l["per_mac"] * l["macs"] - l["cycles"]) < 1e-3 for l in d["layers"])'
else
    check "a profile of zeros runs" false
fi
run run "$digits" --target cortex-m4 --input zero.bin --profile --json
if exits 0 && has out 'd["estimated_from"] == "instruction timings"'; then
    check "where the estimate comes from is said" has out \
        '"of the instructions executed" in d["cycles_source"] and "Cortex-M4 TRM" in d["cycles_source"]'
    check "layers add up to the estimate" has out \
        'abs(sum(l["estimated_cycles"] for l in d["layers"]) - d["estimated_cycles"]) < 100 * len(d["layers"])'
    check "time is the estimate's" has out 'abs(d["milliseconds"] - d["estimated_cycles"] / 120e3) < 1e-6'
else
    echo "left out: cortex-m4 is not available here, or its QEMU takes no plugins"
fi
run run "$digits" --target atmega328p --input zero.bin --profile-svg layers.svg
check "the drawing of the layers is XML" python3 -c 'import xml.dom.minidom as x; x.parse("layers.svg")'
check "the drawing has a bar per layer" bash -c '[ "$(grep -c "<title>" layers.svg)" -ge 3 ]'
check "run shows bars against the chip's limits" bash -c 'grep -q "flash .* of  *32,768 bytes" out && grep -q "RAM .* of  *2,048 bytes" out'
run run "$digits" --target host --input zero.bin --profile-svg none.svg
check "the host has no layers to draw" exits 1
check "no drawing is written" test ! -e none.svg

summary
