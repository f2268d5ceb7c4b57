#define _POSIX_C_SOURCE 200809L

#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CAPTURE_BYTES ((size_t)1 << 20)

struct pipes {
    int output[2], errors[2], start[2]; /* `start` carries errno of a failed exec; closing it means success */
};

static void close_pipe(int ends[2])
{
    if (ends[0] >= 0) close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
    ends[0] = ends[1] = -1;
}

static void pipes_close(struct pipes *pipes)
{
    close_pipe(pipes->output);
    close_pipe(pipes->errors);
    close_pipe(pipes->start);
}

static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    return fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
}

static bool pipes_open(struct pipes *pipes)
{
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    return open_pipe(pipes->output) && open_pipe(pipes->errors) && open_pipe(pipes->start);
}

/* The child between fork and exec: only calls that are safe there. */
static void become_program(const struct mote_process *process, const struct pipes *pipes, char *const *arguments)
{
    const int nothing = open("/dev/null", O_RDONLY);
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* in a group of its own, it would outlive an interrupt from the terminal */
#endif
    const bool ready = setpgid(0, 0) == 0 && nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
                       dup2(pipes->output[1], STDOUT_FILENO) >= 0 && dup2(pipes->errors[1], STDERR_FILENO) >= 0 &&
                       (!process->folder || chdir(process->folder) == 0);
    if (ready) execvp(arguments[0], arguments);
    const int reason = errno;
    const ssize_t written = write(pipes->start[1], &reason, sizeof reason);
    _exit(written == (ssize_t)sizeof reason ? 127 : 126);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes what is there; false when the other side has closed. */
static bool drain(int descriptor, struct mote_text *text)
{
    char chunk[4096];
    const ssize_t count = read(descriptor, chunk, sizeof chunk);
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (count == 0) return false;
    if (text->length < CAPTURE_BYTES) mote_text_append(text, chunk, (size_t)count);
    return true;
}

static bool may_go_on(const struct mote_process *process)
{
    return !process->may_go_on || process->may_go_on(process->context);
}

/* Collects output until both streams end or the program is to be ended, which *end then says. */
static void collect(const struct mote_process *process, const struct pipes *pipes, struct mote_process_end *end)
{
    enum { ASK_EVERY_MS = 100 };
    struct pollfd streams[2] = {{pipes->output[0], POLLIN, 0}, {pipes->errors[0], POLLIN, 0}};
    struct mote_text *const texts[2] = {&end->output, &end->errors};
    const int64_t deadline = now_ms() + (int64_t)process->timeout_seconds * 1000;
    while (streams[0].fd >= 0 || streams[1].fd >= 0) {
        int wait_ms = process->may_go_on ? ASK_EVERY_MS : -1;
        if (process->timeout_seconds) {
            const int64_t left = deadline - now_ms();
            end->timed_out = left <= 0;
            if (end->timed_out) return;
            if (wait_ms < 0 || left < wait_ms) wait_ms = left > 1000000 ? 1000000 : (int)left;
        }
        if (poll(streams, 2, wait_ms) < 0 && errno != EINTR) return;
        for (int i = 0; i < 2; i++) {
            if (streams[i].fd >= 0 && streams[i].revents && !drain(streams[i].fd, texts[i])) streams[i].fd = -1;
        }
        end->stopped = !may_go_on(process);
        if (end->stopped) return;
    }
}

/* Drops what is there; true when no process holds the other ends any more. */
static bool is_silent(struct pollfd streams[2])
{
    struct mote_text dropped = {0};
    if (poll(streams, 2, 0) > 0) {
        for (int i = 0; i < 2; i++)
            if (streams[i].fd >= 0 && streams[i].revents && !drain(streams[i].fd, &dropped)) streams[i].fd = -1;
    }
    mote_text_free(&dropped);
    return streams[0].fd < 0 && streams[1].fd < 0;
}

/* Asks the child and what it started, which are a group, to end, so that they can remove their temporary files, and makes
 * them end if they do not. A compiler's driver ends before the compiler does, which may yet create files: hence the wait
 * until nobody writes any more. Returns the child's status. */
static int end_child(const struct pipes *pipes, pid_t child)
{
    enum { GRACE_MS = 2000, LOOK_EVERY_MS = 10 };
    struct pollfd streams[2] = {{pipes->output[0], POLLIN, 0}, {pipes->errors[0], POLLIN, 0}};
    int status = 0;
    bool is_reaped = false;
    kill(-child, SIGTERM);
    for (int waited_ms = 0; waited_ms < GRACE_MS; waited_ms += LOOK_EVERY_MS) {
        is_reaped = is_reaped || waitpid(child, &status, WNOHANG) == child;
        if (is_silent(streams) && is_reaped) return status;
        const struct timespec pause = {0, LOOK_EVERY_MS * 1000000};
        nanosleep(&pause, NULL);
    }
    kill(-child, SIGKILL);
    while (!is_reaped && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return status;
}

static void wait_for(const struct pipes *pipes, pid_t child, struct mote_process_end *end)
{
    int status = 0;
    if (end->timed_out || end->stopped) status = end_child(pipes, child);
    else while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    end->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    end->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* In the parent: the rest of the child's life. Returns errno of a failed start, else 0. */
static int attend(const struct mote_process *process, struct pipes *pipes, pid_t child, struct mote_process_end *end)
{
    close(pipes->output[1]);
    close(pipes->errors[1]);
    close(pipes->start[1]);
    pipes->output[1] = pipes->errors[1] = pipes->start[1] = -1;
    int reason = 0;
    ssize_t count;
    do count = read(pipes->start[0], &reason, sizeof reason);
    while (count < 0 && errno == EINTR);
    if (count != (ssize_t)sizeof reason) {
        reason = 0;
        collect(process, pipes, end);
    }
    wait_for(pipes, child, end);
    return reason;
}

enum mote_status mote_process_run(const struct mote_process *process, struct mote_process_end *end,
                                  struct mote_diag *diag)
{
    const char *const program = process->arguments[0];
    struct pipes pipes;
    if (!pipes_open(&pipes)) {
        pipes_close(&pipes);
        return mote_error(diag, MOTE_ERR_IO, "cannot start %s: %s", program, strerror(errno));
    }
    /* execvp wants pointers to writable strings but does not write them */
    char *const *arguments = (char *const *)(uintptr_t)process->arguments;
    const pid_t child = fork();
    if (child == 0) become_program(process, &pipes, arguments);
    struct mote_process_end result = {0};
    const int reason = child < 0 ? errno : attend(process, &pipes, child, &result);
    pipes_close(&pipes);
    if (reason) {
        mote_process_end_free(&result);
        return mote_error(diag, MOTE_ERR_IO, "cannot start %s: %s", program, strerror(reason));
    }
    if (result.output.failed || result.errors.failed) {
        mote_process_end_free(&result);
        return mote_error_memory(diag);
    }
    *end = result;
    return MOTE_OK;
}

void mote_process_end_free(struct mote_process_end *end)
{
    mote_text_free(&end->output);
    mote_text_free(&end->errors);
}

bool mote_process_exists(const char *program)
{
    if (strchr(program, '/')) return access(program, X_OK) == 0;
    const char *folder = getenv("PATH");
    char path[4096];
    while (folder && *folder) {
        const size_t length = strcspn(folder, ":");
        const int written = snprintf(path, sizeof path, "%.*s/%s", (int)length, folder, program);
        if (written > 0 && (size_t)written < sizeof path && access(path, X_OK) == 0) return true;
        folder += length + (folder[length] == ':');
    }
    return false;
}
