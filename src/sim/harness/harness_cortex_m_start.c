/* harness_cortex_m_start.c: from reset to main on any Cortex-M. */
#include <stdint.h>

extern uint32_t harness_data_load[], harness_data_begin[], harness_data_end[];
extern uint32_t harness_bss_begin[], harness_bss_end[], harness_stack_top[];

int main(void);
void harness_reset(void) __attribute__((noreturn));
void harness_fault(void) __attribute__((weak, noreturn));
void harness_systick(void) __attribute__((weak));

void harness_fault(void)
{
    for (;;) continue;
}

void harness_systick(void)
{
}

__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))harness_stack_top,
    harness_reset,
    harness_fault, /* NMI */
    harness_fault, /* HardFault */
    harness_fault, /* MemManage */
    harness_fault, /* BusFault */
    harness_fault, /* UsageFault */
    harness_fault, /* SecureFault */
    harness_fault,
    harness_fault,
    harness_fault,
    harness_fault, /* SVCall */
    harness_fault, /* DebugMonitor */
    harness_fault,
    harness_fault, /* PendSV */
    harness_systick,
};

/* The loops work on volatile words so that the compiler does not turn them into calls of memcpy and memset, which
 * belong to the program that is being measured only if the program uses them. */
void harness_reset(void)
{
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: full access to the floating-point unit and Helium */
    __asm__ volatile("dsb\n\tisb" : : : "memory");
#endif
    const uint32_t *from = harness_data_load;
    for (volatile uint32_t *to = harness_data_begin; to < harness_data_end; to++) *to = *from++;
    for (volatile uint32_t *to = harness_bss_begin; to < harness_bss_end; to++) *to = 0;
    main();
    for (;;) continue;
}
