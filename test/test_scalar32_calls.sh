#!/usr/bin/env bash
# The assembly of kernel/scalar32 on the simulated Cortex-M0, M3 and RV32, with multiplication and without, against its twins in C: outputs, registers that must
# survive, bytes around the outputs.
set -euo pipefail
for program in arm-none-eabi-gcc qemu-system-arm riscv64-unknown-elf-gcc qemu-system-riscv32; do
    command -v $program >/dev/null || { echo "left out: $program is missing"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
harness=src/sim/harness
flags="-O1 -Wall -Wextra -Werror -Wno-cast-function-type -Ikernel/include -Ikernel/scalar32 -Ikernel/ref"
checks="test/check/check_scalar32.c test/check/check_scalar32_twins.c $(echo kernel/scalar32/mk_scalar32_*.[cS])"

expect_done() { # what, program with arguments
    local printed
    printed=$(timeout 300 "${@:2}" 2>&1 || true)
    [ "$printed" = done ] || { printf '%s: %s\n' "$1" "$printed" | head -n 20; exit 1; }
}

# Code for Cortex-M0 runs on the Cortex-M3 machine, and is called from code for that.
arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -c test/check/check_scalar32_call.S -o "$work/call.o"
for core in cortex-m0 cortex-m3; do
    arm-none-eabi-gcc -mcpu=$core -mthumb -std=gnu11 $flags $checks "$work/call.o" $harness/harness_cortex_m_start.c \
        -nostartfiles --specs=nano.specs -Wl,--gc-sections -L$harness -T harness_mps2.ld -o "$work/$core"
    expect_done $core qemu-system-arm -M mps2-an385 -display none -semihosting -kernel "$work/$core"
done

mkdir "$work/include"
cp $harness/harness_string.h "$work/include/string.h"
rv32="riscv64-unknown-elf-gcc -mabi=ilp32 -msmall-data-limit=0 -std=gnu11 -ffreestanding -fbuiltin -isystem $work/include"
$rv32 -march=rv32imc_zicsr -c $harness/harness_rv32_start.S -o "$work/start.o"
for set in rv32imc rv32i; do
    $rv32 -march=$set $flags $checks test/check/check_scalar32_call.S "$work/start.o" $harness/harness_rv32_memory.c -nostdlib \
        -Wl,--gc-sections -L$harness -T harness_virt.ld -lgcc -o "$work/$set"
    expect_done $set qemu-system-riscv32 -M virt -bios none -display none -semihosting -kernel "$work/$set"
done
