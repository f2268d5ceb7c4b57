/* harness_rv32_memory.c: the four functions that a compiler may call on its own, for toolchains without a C library. */
#include <stdint.h>
#include <string.h>

#define NO_LOOP_CALLS __attribute__((optimize("no-tree-loop-distribute-patterns")))

NO_LOOP_CALLS void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((((uintptr_t)out | (uintptr_t)in) & 3) == 0) {
        for (; bytes >= 4; bytes -= 4, out += 4, in += 4) *(uint32_t *)out = *(const uint32_t *)in;
    }
    while (bytes--) *out++ = *in++;
    return to;
}

NO_LOOP_CALLS void *memmove(void *to, const void *from, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if (out <= in || out >= in + bytes) {
        while (bytes--) *out++ = *in++;
    } else {
        while (bytes--) out[bytes] = in[bytes];
    }
    return to;
}

NO_LOOP_CALLS void *memset(void *to, int value, size_t bytes)
{
    uint8_t *out = to;
    const uint8_t byte = (uint8_t)value;
    if (((uintptr_t)out & 3) == 0) {
        for (; bytes >= 4; bytes -= 4, out += 4) *(uint32_t *)out = byte * 0x01010101u;
    }
    while (bytes--) *out++ = byte;
    return to;
}

NO_LOOP_CALLS int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a, *y = b;
    for (; bytes--; x++, y++) {
        if (*x != *y) return *x < *y ? -1 : 1;
    }
    return 0;
}
