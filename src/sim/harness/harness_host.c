/* harness_host.c: the platform of a program on this machine: plain files; nothing is counted or watched. */
#include "harness_platform.h"

#include <stdio.h>
#include <stdlib.h>

uint32_t harness_stack_bottom[1], harness_stack_top[1];

static FILE *files[8];

int harness_open(const char *name, int to_write)
{
    for (int i = 0; i < 8; i++) {
        if (!files[i]) return (files[i] = fopen(name, to_write ? "wb" : "rb")) ? i : -1;
    }
    return -1;
}

size_t harness_read(int handle, void *to, size_t bytes)
{
    return handle < 0 ? 0 : fread(to, 1, bytes, files[handle]);
}

void harness_write(int handle, const void *from, size_t bytes)
{
    if (handle < 0 || fwrite(from, 1, bytes, files[handle]) != bytes) exit(1);
}

void harness_close(int handle)
{
    if (handle < 0 || fclose(files[handle]) != 0) exit(1);
    files[handle] = NULL;
}

void harness_exit(void)
{
    exit(0);
}

void harness_clock_start(uint64_t limit)
{
    (void)limit;
}

uint64_t harness_clock_read(void)
{
    return 0;
}

void harness_clock_stop(void)
{
}
