/* replay.c: runs a fuzz target on files, and on all files of folders, so that every compiler can run the corpus. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, long size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1); /* exact, so that a read past the end is seen */
    const size_t got = file && bytes ? fread(bytes, 1, (size_t)size, file) : 0;
    const int complete = file && got == (size_t)size;
    if (complete) LLVMFuzzerTestOneInput(bytes, got);
    else fprintf(stderr, "cannot read %s\n", path);
    if (file) fclose(file);
    free(bytes);
    return complete;
}

/* Returns how many files were run; -1 if something could not be read. */
static int replay_path(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        fprintf(stderr, "there is no %s\n", path);
        return -1;
    }
    if (S_ISREG(info.st_mode)) return replay_file(path, info.st_size) ? 1 : -1;
    DIR *folder = opendir(path);
    int count = 0;
    for (struct dirent *entry; folder && count >= 0 && (entry = readdir(folder));) {
        char inside[4096];
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (stat(inside, &info) != 0 || !S_ISREG(info.st_mode)) continue;
        count = replay_file(inside, info.st_size) ? count + 1 : -1;
    }
    if (folder) closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    int total = 0;
    for (int i = 1; i < argc; i++) {
        const int count = replay_path(argv[i]);
        if (count < 0) return 1;
        total += count;
    }
    printf("%d files\n", total);
    return total > 0 ? 0 : 1;
}
