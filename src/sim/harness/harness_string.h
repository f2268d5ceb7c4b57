/* harness_string.h: <string.h> for toolchains without a C library: the functions of harness_rv32_memory.c. */
#ifndef HARNESS_STRING_H
#define HARNESS_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

#endif
