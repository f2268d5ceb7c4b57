/* harness_cortex_m.c: the platform of a Cortex-M under QEMU: files by semihosting, time by SysTick.
 *
 * With -icount shift=0 QEMU's virtual time advances one nanosecond an instruction, so SysTick counts instructions in
 * units of its clock period. It restarts with every vector and interrupts only when its 24 bits run out, so short
 * inferences see no interrupt at all. */
#include "harness_platform.h"

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT = 0x18 };

#define SYSTICK_CTRL (*(volatile uint32_t *)0xE000E010u)
#define SYSTICK_LOAD (*(volatile uint32_t *)0xE000E014u)
#define SYSTICK_VAL (*(volatile uint32_t *)0xE000E018u)
#define SCB_CFSR (*(volatile uint32_t *)0xE000ED28u)
#define SYSTICK_MAX 0xFFFFFFu

static volatile uint32_t overflows;
static uint32_t reload;
static uint64_t tick_limit;

static int semihost(int operation, const void *block)
{
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = block;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

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
    return semihost(SYS_OPEN, block);
}

size_t harness_read(int handle, void *to, size_t bytes)
{
    const uint32_t block[3] = {(uint32_t)handle, (uint32_t)to, bytes};
    return bytes - (size_t)semihost(SYS_READ, block);
}

void harness_write(int handle, const void *from, size_t bytes)
{
    const uint32_t block[3] = {(uint32_t)handle, (uint32_t)from, bytes};
    if (bytes && semihost(SYS_WRITE, block) != 0) harness_exit();
}

void harness_close(int handle)
{
    const uint32_t block[1] = {(uint32_t)handle};
    semihost(SYS_CLOSE, block);
}

void harness_exit(void)
{
    semihost(SYS_EXIT, (const void *)0x20026); /* stopped: application exit */
    for (;;) continue;
}

void harness_clock_start(uint64_t limit)
{
    tick_limit = limit;
    overflows = 0;
    reload = limit > SYSTICK_MAX ? SYSTICK_MAX : (uint32_t)limit;
    SYSTICK_CTRL = 0;
    SYSTICK_LOAD = reload;
    SYSTICK_VAL = 0;
    SYSTICK_CTRL = 7; /* processor clock, interrupt, on */
}

uint64_t harness_clock_read(void)
{
    uint32_t high, low;
    do {
        high = overflows;
        low = SYSTICK_VAL;
    } while (high != overflows);
    /* A counter that was just cleared reads 0 until its first tick reloads it. */
    const uint32_t since = low ? reload + 1 - low : 0;
    if (high == 0) return since; /* without a product of 64 bits, which would count as the layers' on a Cortex-M0 */
    return (uint64_t)high * (reload + 1) + since;
}

void harness_clock_stop(void)
{
    SYSTICK_CTRL = 0;
}

void harness_systick(void);
void harness_systick(void)
{
    overflows++;
    if ((uint64_t)overflows * (reload + 1) > tick_limit) harness_finish(HARNESS_LIMIT, 0, 0);
}

static void report_fault(const uint32_t *frame) __attribute__((used, noreturn));
static void report_fault(const uint32_t *frame)
{
    harness_finish(HARNESS_FAULT, frame[6], SCB_CFSR);
}

void harness_fault(void);
__attribute__((naked)) void harness_fault(void)
{
    __asm__("mov r0, sp\n\tldr r1, =report_fault\n\tbx r1\n\t.ltorg");
}
