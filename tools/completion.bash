# Completion of mote's command line in bash: source this file, or install it as
# share/bash-completion/completions/mote. test/test_cli.sh compares the options with `mote VERB --help`.

_mote_options() {
    case $1 in
    inspect) echo "--target --svg --text --graph --alternatives --optimize --schedule --strips --band --ram-limit --coded-weights --profile-data --constant-time --json --help" ;;
    compile) echo "--target --output --name --force --self-test --no-build --explore --all --input --svg --optimize --schedule --strips --band --ram-limit --coded-weights --profile-data --constant-time --json --help" ;;
    pack) echo "--target --output --runtime --force --self-test --no-build --optimize --schedule --strips --band --ram-limit --coded-weights --profile-data --constant-time --json --help" ;;
    run) echo "--target --input --output --labels --classes --expect --blob --profile --profile-svg --optimize --schedule --strips --band --ram-limit --coded-weights --profile-data --constant-time --plain-kernels --json --help" ;;
    verify) echo "--target --vectors --seed --input --optimize --schedule --strips --band --ram-limit --coded-weights --profile-data --constant-time --json --help" ;;
    bench) echo "--target --vectors --input --optimize --schedule --strips --band --ram-limit --coded-weights --profile-data --constant-time --baseline --tolerance --peers --output --json --help" ;;
    targets) echo "--json --help" ;;
    esac
}

_mote_targets() {
    mote targets --json 2>/dev/null | sed -n 's/^ *"name": "\(.*\)",*$/\1/p'
}

_mote() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "inspect compile pack run verify bench targets help version --help --version" -- "$current")
        return
    fi
    case $previous in
    --target | -t)
        local all=
        [ "$verb" = verify ] && all=all
        [ "$verb" = bench ] && all="avr cortex-m riscv all"
        mapfile -t COMPREPLY < <(compgen -W "$(_mote_targets) $all" -- "$current")
        return ;;
    --schedule) mapfile -t COMPREPLY < <(compgen -W "whole fused stream strips slide auto" -- "$current"); return ;;
    --optimize) mapfile -t COMPREPLY < <(compgen -W "balanced speed size" -- "$current"); return ;;
    --band) mapfile -t COMPREPLY < <(compgen -W "1 15 24 48 96" -- "$current"); return ;;
    --strips) mapfile -t COMPREPLY < <(compgen -W "auto 2 3 4 5 6 8" -- "$current"); return ;;
    --coded-weights) mapfile -t COMPREPLY < <(compgen -W "never always auto" -- "$current"); return ;;
    --ram-limit | --name | -n | --vectors | --seed | -s | --tolerance) return ;;
    esac
    case $verb in
    help) mapfile -t COMPREPLY < <(compgen -W "inspect compile pack run verify bench targets" -- "$current") ;;
    targets) mapfile -t COMPREPLY < <(compgen -W "$(_mote_targets) $(_mote_options targets)" -- "$current") ;;
    *)
        if [[ $current == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$(_mote_options "$verb")" -- "$current")
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames
        fi ;;
    esac
}

complete -F _mote mote
