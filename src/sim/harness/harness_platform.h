/* harness_platform.h: what harness_files.c needs of the machine below it. */
#ifndef HARNESS_PLATFORM_H
#define HARNESS_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

enum { HARNESS_OK, HARNESS_LIMIT, HARNESS_FAULT, HARNESS_NO_INPUT, HARNESS_REFUSED };

/* Files in the folder the simulator runs in; a handle below 0 means failure. */
int harness_open(const char *name, int to_write);
size_t harness_read(int handle, void *to, size_t bytes); /* bytes read */
void harness_write(int handle, const void *from, size_t bytes);
void harness_close(int handle);
void harness_exit(void) __attribute__((noreturn));

/* Counts executed instructions in ticks of the platform. Past `limit` ticks the run ends with HARNESS_LIMIT. */
void harness_clock_start(uint64_t limit);
uint64_t harness_clock_read(void);
void harness_clock_stop(void);

/* Where the model's instructions begin and end, told to a simulator that adds up what they take (timing/plugin.c). The marks
 * are hints without a meaning, which every core executes as no operation: on Arm 0xBFA0 to 0xBFE0, on RISC-V slti x0, x0.
 * They are executed while instructions are counted; HARNESS_MARK_TICKS of them are to be taken off a clock that tells. */
enum { HARNESS_BEGIN, HARNESS_END, HARNESS_PAUSE, HARNESS_RESUME, HARNESS_STEP };
#if defined(__arm__)
#define HARNESS_MARK(which) __asm__ volatile(".inst.n 0xBFA0 + %c0 * 16" : : "i"(which) : "memory")
#define HARNESS_MARK_TICKS 0u
#elif defined(__riscv)
#define HARNESS_MARK(which) __asm__ volatile("slti x0, x0, %0" : : "i"((which) + 1) : "memory")
#define HARNESS_MARK_TICKS 1u
#else
#define HARNESS_MARK(which)
#define HARNESS_MARK_TICKS 0u
#endif

/* The stack lies between the two and grows downwards; equal addresses: it cannot be watched. */
extern uint32_t harness_stack_bottom[], harness_stack_top[];

/* Writes the result and ends the run. detail: two words that say where it went wrong. */
void harness_finish(uint32_t status, uint32_t detail, uint32_t more_detail) __attribute__((noreturn));

#endif
