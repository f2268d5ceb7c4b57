#!/usr/bin/env bash
# The command line: help, usage errors, exit statuses, JSON, files left alone. Runs from the project's root; $MOTE is the
# program (default: build/release/mote). Chips whose compiler or simulator is missing are left out, and said so.
set -u
. test/support/check.sh
mote=${MOTE:-build/release/mote}
mote=$(realpath "$mote")
models=$(realpath ../shared/models)
golden=$(realpath ../shared/golden)
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C.UTF-8
unset NO_COLOR

calm() { [ ! -s err ]; }
one_line_error() { [ "$(wc -l <err)" -eq 1 ] && grep -q '^mote: error: ' err; }
valid_json() { python3 -m json.tool <out >/dev/null; }
# has_json EXPRESSION: a Python expression of the object d is true.
has_json() { python3 -c "import json, sys; d = json.load(open('out')); sys.exit(0 if ($1) else 1)"; }
no_escapes() { ! grep -q $'\x1b' out err; }

verbs="inspect compile pack run verify bench targets"
kws=$models/kws_ref_model.tflite
hello=$models/hello_world_int8.tflite
digits=$models/mnist_valid_q.tflite

# ---- Help and version ----
for flag in --help help -h; do
    run $flag
    check "$flag exits 0" exits 0
    for verb in $verbs; do check "$flag names $verb" says "  $verb"; done
done
run --version
check "--version" grep -qE '^mote [0-9]+\.[0-9]+\.[0-9]+$' out
run version
check "version" grep -qE '^mote [0-9]+\.[0-9]+\.[0-9]+$' out
for verb in $verbs; do
    run "$verb" --help
    check "$verb --help exits 0" exits 0
    check "$verb --help has examples" grep -q "^  mote $verb" out
    cp out "help_$verb"
    run help "$verb"
    check "help $verb is $verb --help" cmp -s out "help_$verb"
done

# ---- The manual and the completion know every option, and no other ----
options_of() { grep -oE '^  (-[a-z], |    )--[a-z-]+' "$1" | grep -oE -- '--[a-z-]+' | sort -u; }
manual_section() { # the options in the section of a verb
    sed 's/\\-/-/g' "$root/doc/mote.1" | awk -v title=".SH \"MOTE ${1^^}\"" '$0 == title { on = 1; next } /^\.SH/ { on = 0 } on && /^\.B/' |
        grep -oE -- '--[a-z-]+'
}
completion_options() { bash -c "complete() { :; }; . '$root/tools/completion.bash'; _mote_options $1" | tr ' ' '\n'; }
for verb in $verbs; do
    options_of "help_$verb" >options
    check "$verb --help lists options" test -s options
    { manual_section "$verb"; echo --help; } | sort -u >manual_options
    check "the manual has the options of $verb" diff options manual_options
    completion_options "$verb" | sort -u >completion
    check "the completion has the options of $verb" diff options completion
done
if command -v man >/dev/null; then
    check "the manual is well-formed" test -z "$(man --warnings -l "$root/doc/mote.1" 2>&1 >/dev/null)"
else
    echo "left out: man is not installed"
fi

# ---- Completion ----
complete_words() { # the words offered for a command line whose last word is being typed
    PATH="$(dirname "$mote"):$PATH" bash -c '
        compopt() { :; }
        . "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mote; printf "%s\n" "${COMPREPLY[@]}"' _ "$root/tools/completion.bash" "$@"
}
check "completes verbs" test "$(complete_words mote in)" = inspect
check "completes options" test "$(complete_words mote run --exp)" = --expect
check "completes targets" test "$(complete_words mote run -t atmega1)" = atmega1284p
check "completes all" test "$(complete_words mote verify --target al)" = all

# ---- Usage errors: status 2, one line, a hint, nothing on standard output ----
usage() { # usage TEXT ARGUMENTS...
    local text=$1
    shift
    run "$@"
    check "usage error of '$*'" exits 2
    check "'$*' says in one line what is wrong" one_line_error
    check "'$*' complains: $text" complains "$text"
    check "'$*' gives a hint" complains "(see mote "
    check "'$*' prints nothing" silent
}
usage "what shall be done" # no verb
usage "did you mean 'inspect'?" inspct model
usage "unknown verb 'frobnicate'" frobnicate
usage "did you mean 'verify'?" help verfy
usage "MODEL is missing" inspect
usage "unexpected 'two'" inspect one two
usage "did you mean '--target'?" inspect model --tagret x
usage "unknown option '--frobnicate'" inspect model --frobnicate=1
usage "unknown option '-z'" inspect model -z
usage "option '--target' needs a value" inspect model --target
usage "option '--json' takes no value" inspect model --json=yes
usage "exclude each other" inspect model --json --text
usage "did you mean 'atmega1284p'?" inspect model --target atmega1284
usage "unknown target 'z80'" inspect model --target z80
usage "--target is missing" compile model -o x
usage "--output is missing" compile model -t host
usage "--target is missing" pack model -o x
usage "nothing to write" pack model -t host
usage "one blob of one model" pack model other -t host -o x
usage "--input is missing" run model
usage "--vectors wants a number" verify model --vectors -1
usage "--vectors wants a number" verify model --vectors 1x
usage "--seed wants a number" verify model --seed 99999999999999999999999
usage "unknown target 'cortexm4'; did you mean 'cortex-m4'?" targets cortexm4

# ---- Targets ----
run targets
check "targets exits 0" exits 0
check "targets says nothing on standard error" calm
for target in host atmega328p atmega1284p cortex-m4 rv32imc rv32ec; do check "targets lists $target" grep -q "^$target " out; done
check "the table's columns align" test "$(awk '{ print index($0, substr($0, 1, 0)) + match($0, /(yes|no: install)/) }' <(tail -n +2 out) | sort -u | wc -l)" -eq 1
check "no colours without a terminal" no_escapes
run targets --json
check "targets --json is JSON" valid_json
check "targets --json has the figures" has_json \
    'any(t["name"] == "atmega1284p" and t["flash_bytes"] == 131072 and t["ram_bytes"] == 16384 for t in d["targets"])'
check "the host has no limits" has_json 'd["targets"][0]["flash_bytes"] is None'
run targets atmega328p
check "a target's sources are shown" says "source"
run targets atmega328p --json
check "one target as JSON" has_json 'len(d["targets"]) == 1 and d["ok"]'

# ---- Inspect ----
run inspect "$kws"
check "inspect exits 0" exits 0
check "inspect shows operators" says "DEPTHWISE_CONV_2D"
check "inspect shows MACs" says "2,656,768"
check "inspect shows the lower bound" says "lower bound"
check "no trailing spaces" bash -c '! grep -q " $" out'
run inspect "$kws" --json --target atmega1284p
check "inspect --json is JSON" valid_json
check "inspect --json has the model" has_json 'd["model"]["macs"] == 2656768 and len(d["model"]["operators"]) == 13'
check "inspect --json has the plan" has_json 'd["plan"]["lower_bound_bytes"] <= d["plan"]["arena_bytes"] <= d["plan"]["naive_bytes"]'
run inspect "$kws" --schedule stream
check "inspect streams" says "streamed: "
check "inspect compares schedules" grep -Eq "^stream +3,428 .*chosen$" out
check "no trailing spaces in streams" bash -c '! grep -q " $" out'
run inspect "$kws" --json --target atmega2560
check "a stream is chosen where whole tensors do not fit" has_json 'd["plan"]["schedule"] == "stream" and d["plan"]["fits"]'
run inspect "$kws" --schedule slide
check "a model with strides cannot slide" complains "cannot slide"
run inspect "$kws" --schedule sideways
check "an unknown schedule exits 2" exits 2
run inspect "$kws" --ram-limit 3000
check "too low a limit is said" complains "limit of 3000"
run inspect "$kws" --target atmega328p
check "what does not fit exits 1" exits 1
check "what does not fit is shown all the same" says "lower bound"
check "what does not fit is said" complains "does not fit atmega328p"
run inspect "$kws" --target atmega328p --json
check "JSON of what does not fit" has_json 'not d["ok"] and not d["plan"]["fits"] and d["messages"][-1]["kind"] == "error"'
check "JSON of what does not fit exits 1" exits 1
run inspect "$kws" --graph
check "inspect --graph prints a graph" test "$(head -c 5 out)" = graph
cp out kws.mgraph
run inspect kws.mgraph --graph
check "a printed graph can be read" cmp -s out kws.mgraph
run inspect "$kws" --text --svg plan.svg
check "inspect --text exits 0" exits 0
check "inspect --svg writes a drawing" python3 -c 'import xml.dom.minidom as x; x.parse("plan.svg")'
run inspect "$kws" --svg nowhere/plan.svg
check "an SVG that cannot be written exits 1" exits 1
check "an SVG that cannot be written is named" complains "nowhere/plan.svg"

# ---- Bad files ----
run inspect missing.tflite
check "a missing file exits 1" exits 1
check "a missing file is named" complains "missing.tflite"
head -c 20000 "$kws" >cut.tflite
for verb in "inspect cut.tflite" "compile cut.tflite -t host -o cut" "run cut.tflite -i cut.tflite" "verify cut.tflite" "pack cut.tflite -t host -o cut.mote"; do
    run $verb
    check "$verb: a truncated model exits 1" exits 1
    check "$verb: a truncated model is named" complains "cut.tflite"
    run $verb --json
    check "$verb --json is JSON" valid_json
    check "$verb --json tells of the failure" has_json 'd["ok"] is False and "cut.tflite" in d["messages"][0]["text"]'
done
check "nothing was written" test ! -e cut
: >empty.tflite
run inspect empty.tflite
check "an empty model exits 1" exits 1
check "an empty model is named" complains "empty.tflite"

# ---- Compile ----
run compile "$kws" --target atmega1284p -o out_dir --no-build --json
check "compile exits 0" exits 0
check "compile --json is JSON" valid_json
check "compile --json has the figures" has_json 'd["arena_bytes"] > 0 and d["flash_bytes"] is None and not d["built"]'
check "compile writes sources" bash -c 'ls out_dir/*.c out_dir/*.h >/dev/null'
run compile "$kws" --target atmega1284p -o out_dir --no-build
check "an existing folder is kept" exits 1
check "an existing folder is named" complains "out_dir"
echo mine >out_dir/mine
run compile "$kws" --target atmega1284p -o out_dir --no-build
check "an existing folder is not touched" grep -q mine out_dir/mine
run compile "$kws" --target atmega1284p -o out_dir --no-build --force --name keywords
check "--force replaces it" exits 0
check "--force removes what was there" test ! -e out_dir/mine
mkdir precious
echo mine >precious/letter.txt
run compile "$kws" --target atmega1284p -o precious --no-build --force
check "--force does not replace a folder of other things" exits 1
check "the folder of other things is untouched" grep -q mine precious/letter.txt
mkdir bare
run compile "$kws" --target atmega1284p -o bare --no-build --force
check "--force replaces an empty folder" exits 0
check "--name begins the names" grep -rqw keywords_run out_dir
check "the command is stated as typed" grep -rqF "mote compile $kws --target atmega1284p -o out_dir --no-build --force --name keywords" out_dir
check "bars against the chip's limits" grep -q 'flash .* of  *131,072 bytes' out
run compile "$kws" --target atmega328p -o none
check "compile of what does not fit exits 1" exits 1
check "compile of what does not fit writes nothing" test ! -e none
run compile "$kws" --target atmega1284p -o none --no-build --name '1 x;'
check "a name that is no identifier is refused" exits 1
check "a bad name writes nothing" test ! -e none

# ---- Run ----
run run "$kws" --input "$golden/kws_ref_model.in.bin" --expect "$golden/kws_ref_model.out.bin"
check "run on the host gives the reference's bytes" exits 0
check "run says so" says "as expected: 384 bytes equal"
run run "$kws" --input "$golden/kws_ref_model.in.bin" --json --output out.npy
check "run --json is JSON" valid_json
keys='"target vectors cycles instructions milliseconds energy_uj arena_bytes ram_bytes stack_bytes flash_bytes code_bytes weight_bytes macs estimated_cycles cycles_source energy_source".split()'
check "run --json has its keys" has_json "all(k in d for k in $keys)"
check "run --json has figures" has_json 'd["vectors"] == 32 and d["macs"] == 2656768 and d["cycles"] is None and d["target"] == "host"'
check "the array holds the reference's bytes" bash -c "tail -c 384 out.npy | cmp -s - '$golden/kws_ref_model.out.bin'"
check "the array's shape is right" bash -c "head -c 128 out.npy | grep -aq \"'shape': (32, 12)\""
run run "$kws" --input "$golden/kws_ref_model.in.bin" --output out.json
check "outputs as JSON" python3 -c "
import json
d = json.load(open('out.json'))
flat = bytes(v & 255 for vector in d['vectors'] for output in vector for v in output)
assert flat == open('$golden/kws_ref_model.out.bin', 'rb').read()"
python3 -c "
b = bytearray(open('$golden/kws_ref_model.out.bin', 'rb').read())
b[5 * 12 + 7] ^= 1
open('wrong.bin', 'wb').write(b)"
run run "$kws" --input "$golden/kws_ref_model.in.bin" --expect wrong.bin
check "a difference exits 1" exits 1
check "a difference names vector and element" complains "vector 5, output 0, element 7"
head -c 100 "$golden/kws_ref_model.out.bin" >short.bin
run run "$kws" --input "$golden/kws_ref_model.in.bin" --expect short.bin
check "expected bytes of the wrong size exit 1" exits 1
check "expected bytes of the wrong size are named" complains "short.bin: 100 bytes"
head -c 100 "$golden/kws_ref_model.in.bin" >short.bin
run run "$kws" --input short.bin
check "a truncated input exits 1" exits 1
check "a truncated input is named" complains "short.bin"

# ---- Labels and accuracy, against the reference's outputs ----
seq -f 'digit %g' 0 9 >labels.txt
python3 -c "
b = open('$golden/mnist_valid_q.out.bin', 'rb').read()
signed = [v - 256 if v > 127 else v for v in b]
best = [max(range(10), key=lambda i: signed[10 * v + i]) for v in range(len(b) // 10)]
open('classes.txt', 'w').write(''.join('%d\n' % c for c in best))
open('best.txt', 'w').write(''.join('digit %d %.6f\n' % (c, (signed[10 * v + c] + 128) / 256) for v, c in enumerate(best)))
best[3] = (best[3] + 1) % 10
open('classes_wrong.txt', 'w').write(''.join('%d\r\n' % c for c in best))
open('classes_bad.txt', 'w').write('10\n' * len(best))"
run run "$digits" --input "$golden/mnist_valid_q.in.bin" --labels labels.txt --classes classes.txt
check "labels and classes exit 0" exits 0
check "all classes as in the reference" says "top-1 accuracy 100.00 % (32 of 32)"
check "the first label" says "vector 0: $(head -1 best.txt | cut -d' ' -f1,2)"
run run "$digits" --input "$golden/mnist_valid_q.in.bin" --labels labels.txt --classes classes_wrong.txt --json
check "one class wrong" has_json 'abs(d["accuracy"] - 31 / 32) < 1e-12'
check "labels and scores in JSON" has_json \
    '["%s %.6f" % (t["label"], t["score"]) for t in d["top1"]] == open("best.txt").read().splitlines()'
run run "$digits" --input "$golden/mnist_valid_q.in.bin" --classes classes_bad.txt
check "a class that is none exits 1" exits 1
check "a class that is none is named" complains "classes_bad.txt: line 1"
head -3 labels.txt >few.txt
run run "$digits" --input "$golden/mnist_valid_q.in.bin" --labels few.txt
check "too few labels exit 1" exits 1
check "too few labels are named" complains "few.txt: 3 labels"

# ---- Verify ----
run verify "$hello" --target host
check "verify on the host exits 0" exits 0
check "verify says equal" grep -q '^host .*equal' out
run verify "$hello" --target host --json --vectors 2 --seed 3 --input "$golden/hello_world_int8.in.bin"
check "verify --json is JSON" valid_json
check "verify --json has the outcome" has_json 'd["ok"] and d["targets"][0]["outcome"] == "equal" and d["targets"][0]["vectors"] >= 34'
run verify "$kws" --target atmega328p
check "verify of what does not fit exits 1" exits 1
check "verify of what does not fit says so" says "does not fit"
if available atmega328p; then
    run verify "$hello" --target atmega328p
    check "verify on atmega328p exits 0" exits 0
    run run "$hello" -t atmega328p -i "$golden/hello_world_int8.in.bin" --expect "$golden/hello_world_int8.out.bin" --json --profile
    check "run on atmega328p exits 0" exits 0
    check "cycles are exact on atmega328p" has_json 'd["cycles"] > 0 and d["stack_bytes"] > 0 and d["as_expected"] and d["functions"]'
    run compile "$hello" -t atmega328p -o built --json
    check "a built library is measured" has_json 'd["built"] and 0 < d["flash_bytes"] <= 32768 and 0 < d["ram_bytes"] <= 2048'
else
    echo "left out: atmega328p is not available here"
fi

# ---- Standard output that cannot be written ----
if [ -w /dev/full ]; then
    "$mote" targets >/dev/full 2>err
    status=$?
    check "a full disk exits 1" exits 1
    check "a full disk is said" complains "standard output"
fi

# ---- Plans side by side ----
"$mote" compile "$hello" --target cortex-m4 --all >out 2>err
status=$?
check "--all without --explore exits 2" exits 2
"$mote" compile "$hello" --target cortex-m4 --explore -o folder >out 2>err
status=$?
check "--explore with a folder exits 2" exits 2
"$mote" compile "$hello" --target cortex-m4 --band 0 -o folder >out 2>err
status=$?
check "a band of nothing exits 2" exits 2
"$mote" inspect "$hello" --target cortex-m4 --optimize everything >out 2>err
status=$?
check "an aim that is none exits 2" exits 2
if command -v arm-none-eabi-gcc >/dev/null && command -v qemu-system-arm >/dev/null; then
    "$mote" compile "$digits" --target cortex-m4 --explore --all --json --svg plans.svg >out 2>err
    status=$?
    check "--explore exits 0" exits 0
    check "some plan is on the front" has_json "any(p['on_front'] for p in d['plans'])"
    check "plans off the front are beaten" has_json "all(p['on_front'] or any(all(q[k] <= p[k] for k in ('total_ram_bytes', 'flash_bytes', 'instructions')) for q in d['plans'] if q is not p) for p in d['plans'])"
    check "every plan says how it is made" has_json "all(p['command'].startswith('mote compile ') for p in d['plans'])"
    check "the picture is there" grep -q '</svg>' plans.svg
else
    echo "left out: cortex-m4 is not available here"
fi

summary
