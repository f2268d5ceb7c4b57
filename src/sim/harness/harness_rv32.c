/* harness_rv32.c: the platform of an RV32 machine under QEMU: files by semihosting, time by minstret. */
#include "harness_platform.h"

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT = 0x18 };

/* The machine timer of QEMU's `virt`; it ticks at 10 MHz, which is every 100 instructions with -icount shift=0. */
#define MTIMECMP ((volatile uint32_t *)0x02004000u)
#define MTIME ((volatile uint32_t *)0x0200BFF8u)
#define INSTRUCTIONS_PER_MTIME 100u

/* The three instructions must lie in one page, uncompressed. */
__asm__(".option push\n"
        ".option norvc\n"
        ".section .text.harness_semihost,\"ax\",@progbits\n"
        ".balign 16\n"
        ".globl harness_semihost\n"
        ".type harness_semihost, @function\n"
        "harness_semihost:\n"
        "    slli x0, x0, 0x1f\n"
        "    ebreak\n"
        "    srai x0, x0, 7\n"
        "    ret\n"
        ".size harness_semihost, . - harness_semihost\n"
        ".option pop\n");
int harness_semihost(int operation, const void *block);

/* volatile, or the compiler calls strlen */
static uint32_t length(const volatile char *text)
{
    uint32_t count = 0;
    while (text[count]) count++;
    return count;
}

int harness_open(const char *name, int to_write)
{
    const uint32_t block[3] = {(uint32_t)name, to_write ? 5u : 1u, length(name)}; /* "wb", "rb" */
    return harness_semihost(SYS_OPEN, block);
}

size_t harness_read(int handle, void *to, size_t bytes)
{
    const uint32_t block[3] = {(uint32_t)handle, (uint32_t)to, bytes};
    return bytes - (size_t)harness_semihost(SYS_READ, block);
}

void harness_write(int handle, const void *from, size_t bytes)
{
    const uint32_t block[3] = {(uint32_t)handle, (uint32_t)from, bytes};
    if (bytes && harness_semihost(SYS_WRITE, block) != 0) harness_exit();
}

void harness_close(int handle)
{
    const uint32_t block[1] = {(uint32_t)handle};
    harness_semihost(SYS_CLOSE, block);
}

void harness_exit(void)
{
    harness_semihost(SYS_EXIT, (const void *)0x20026); /* stopped: application exit */
    for (;;) continue;
}

static uint64_t read_pair(const volatile uint32_t *pair)
{
    uint32_t high, low;
    do {
        high = pair[1];
        low = pair[0];
    } while (high != pair[1]);
    return (uint64_t)high << 32 | low;
}

void harness_clock_start(uint64_t limit)
{
    const uint64_t end = read_pair(MTIME) + limit / INSTRUCTIONS_PER_MTIME + 1;
    MTIMECMP[1] = 0xFFFFFFFFu; /* no early interrupt while the halves differ in age */
    MTIMECMP[0] = (uint32_t)end;
    MTIMECMP[1] = (uint32_t)(end >> 32);
    __asm__ volatile("csrs mie, %0\n\tcsrsi mstatus, 8" : : "r"(0x80)); /* machine timer */
}

uint64_t harness_clock_read(void)
{
    uint32_t high, low, again;
    do {
        __asm__ volatile("csrr %0, 0xB82\n\tcsrr %1, 0xB02\n\tcsrr %2, 0xB82" : "=r"(high), "=r"(low), "=r"(again));
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

void harness_clock_stop(void)
{
    __asm__ volatile("csrci mstatus, 8");
}

void harness_trap(uint32_t cause, uint32_t address);
void harness_trap(uint32_t cause, uint32_t address)
{
    harness_finish(cause == 0x80000007u ? HARNESS_LIMIT : HARNESS_FAULT, address, cause);
}
