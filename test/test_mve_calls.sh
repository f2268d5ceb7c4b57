#!/usr/bin/env bash
# The assembly of kernel/mve on the simulated Cortex-M55: registers that must survive, bytes around the outputs.
set -euo pipefail
for program in arm-none-eabi-gcc qemu-system-arm; do
    command -v $program >/dev/null || { echo "left out: $program is missing"; exit 77; }
done
image=$(mktemp)
trap 'rm -f "$image"' EXIT
arm-none-eabi-gcc -mcpu=cortex-m55 -mthumb -mfloat-abi=hard -mfpu=auto -std=gnu11 -O1 -Wall -Wextra -Werror \
    -Ikernel/include -Ikernel/mve test/check/check_mve.c test/check/check_cortex_m_call.S kernel/mve/*.S kernel/mve/mk_mve_tile.c \
    src/sim/harness/harness_cortex_m_start.c -nostartfiles --specs=nano.specs -Lsrc/sim/harness \
    -T harness_an547.ld -o "$image"
printed=$(timeout 300 qemu-system-arm -M mps3-an547 -display none -semihosting -kernel "$image" 2>&1 || true)
[ "$printed" = done ] || { printf '%s\n' "$printed" | head -n 20; exit 1; }
