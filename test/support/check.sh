# check.sh: what the shell tests share; sourced. $mote is the program under test.
passed=0
failed=0

# check NAME COMMAND...: the command must succeed.
check() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name" >&2
    fi
}

# Runs mote; leaves its status, standard output and standard error in $status, out and err.
run() {
    "$mote" "$@" >out 2>err </dev/null
    status=$?
}

exits() { [ "$status" -eq "$1" ]; }
says() { grep -qF -- "$1" out; }
complains() { grep -qF -- "$1" err; }
silent() { [ ! -s out ]; }
available() { "$mote" targets "$1" | grep -q '^ *available  *yes'; }

# The test's last line: 1 if a check failed.
summary() {
    echo "$passed checks passed, $failed failed"
    [ "$failed" -eq 0 ]
}
