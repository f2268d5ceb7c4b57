#!/usr/bin/env bash
# Assembly of kernel/armv7em on the simulated Cortex-M4: registers that must survive, bytes around the outputs.
set -euo pipefail
for program in arm-none-eabi-gcc qemu-system-arm; do
    command -v $program >/dev/null || { echo "left out: $program is missing"; exit 77; }
done
image=$(mktemp)
trap 'rm -f "$image"' EXIT
run() { # sources: prints what the image prints
    arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=gnu11 -O1 -Wall -Wextra -Werror \
        -Ikernel/include -Ikernel/armv7em -Ikernel/ref "$@" test/check/check_cortex_m_call.S \
        src/sim/harness/harness_cortex_m_start.c -nostartfiles --specs=nano.specs -Lsrc/sim/harness \
        -T harness_mps2.ld -o "$image"
    timeout 300 qemu-system-arm -M mps2-an386 -display none -semihosting -kernel "$image" 2>&1 || true
}
printed=$(run test/check/check_armv7em.c kernel/armv7em/mk_armv7em_winograd*.S kernel/armv7em/mk_armv7em_sum*.S
    for loops in MK_OPTIMIZE_SPEED MK_OPTIMIZE_SIZE; do
        run -D$loops test/check/check_armv7em_layers.c kernel/armv7em/mk_armv7em_{tile,position,widen,planes,depthwise}.S \
            kernel/armv7em/mk_armv7em_{tile,depthwise}.c
    done)
[ "$printed" = done$'\n'done$'\n'done ] || { printf '%s\n' "$printed" | head -n 20; exit 1; }
