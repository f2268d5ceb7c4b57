/* check_cortex_m.h: what the images that check assembly functions on simulated Cortex-M chips share. Prints through semihosting. */
#ifndef CHECK_CORTEX_M_H
#define CHECK_CORTEX_M_H

#include <stdint.h>
#include <string.h>

enum { GUARD = 64, UNTOUCHED = 7, MOST_OUT = 4096 };

/* check_cortex_m_call.S: 0 if all registers survive that must. */
uint32_t check_cortex_m_call(void *function, void *const arguments[5]);

static _Alignas(8) int8_t out[MOST_OUT];

static void print(const char *text)
{
    register uint32_t operation __asm__("r0") = 4; /* semihosting: SYS_WRITE0 */
    register const char *argument __asm__("r1") = text;
    __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(argument) : "memory");
}

/* Calls and looks at the `bytes` bytes of output that there should be, from out + GUARD on. */
static void check(const char *name, void *function, void *const arguments[5], uint32_t bytes)
{
    memset(out, UNTOUCHED, sizeof out);
    const uint32_t lost = check_cortex_m_call(function, arguments);
    int holes = 0, beyond = 0;
    for (uint32_t i = 0; i < GUARD; i++) beyond |= out[i] != UNTOUCHED || out[GUARD + bytes + i] != UNTOUCHED;
    for (uint32_t i = 0; i < bytes; i++) holes |= out[GUARD + i] == UNTOUCHED;
    if (!lost && !holes && !beyond) return;
    print(name);
    print(lost ? ": a register is lost\n" : holes ? ": an output is missing\n" : ": written beyond the outputs\n");
}

/* The last thing that main does. */
static void check_end(void)
{
    print("done\n");
    register uint32_t operation __asm__("r0") = 0x18; /* SYS_EXIT */
    register uint32_t reason __asm__("r1") = 0x20026;
    __asm__ volatile("bkpt 0xab" : "+r"(operation) : "r"(reason));
}

#endif
