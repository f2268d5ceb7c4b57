/* progress.c: the bar of long work, and its cancelling. */
#include "cli.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

/* What the bar stands at; there is one terminal, so there is one of these. */
static struct {
    const char *what;
    struct timespec start;    /* of the first report of this work */
    size_t first_done, done;  /* at the first and at the last report */
    double drawn_seconds;     /* since start; the bar is redrawn ten times a second */
    bool visible;
    struct mote_cli_text task; /* of many; "" if there is one only */
} bar;

static void note_interrupt(int signal_number)
{
    static const char text[] = "\nmote: will stop as soon as it can; interrupt again to stop at once\n";
    (void)signal_number;
    interrupted = 1;
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0) return; /* nothing to be done about it here */
}

static double seconds_since(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) * 1e-9;
}

static void draw(const char *what, size_t done, size_t total, double seconds)
{
    enum { WIDTH = 24 };
    const double share = total ? (double)done / (double)total : 0;
    fprintf(stderr, "\r\x1b[K%s%s%s [", bar.task.text, *bar.task.text ? ": " : "", what);
    for (int i = 0; i < WIDTH; i++) fputc(i < (int)(share * WIDTH) ? '#' : ' ', stderr);
    fprintf(stderr, "] %zu of %zu", done, total);
    if (done > bar.first_done && done < total)
        fprintf(stderr, ", %.0f s left", seconds * (double)(total - done) / (double)(done - bar.first_done) + 0.5);
    fflush(stderr);
    bar.visible = true;
}

static bool report(void *context, const char *what, size_t done, size_t total)
{
    (void)context;
    if (interrupted) return false;
    if (!bar.what || strcmp(what, bar.what) != 0 || done < bar.done) { /* other work has begun */
        bar.what = what;
        clock_gettime(CLOCK_MONOTONIC, &bar.start);
        bar.first_done = done;
        bar.drawn_seconds = 0;
    }
    bar.done = done;
    const double seconds = seconds_since(&bar.start);
    if (isatty(STDERR_FILENO) && seconds > 1 && seconds - bar.drawn_seconds > 0.1) {
        bar.drawn_seconds = seconds;
        draw(what, done, total, seconds);
    }
    return true;
}

void mote_cli_watch(struct mote *mote)
{
    /* A second interrupt ends the program at once. */
    struct sigaction action = {.sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    mote_set_progress(mote, (struct mote_progress){.report = report});
}

void mote_cli_begin_task(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(bar.task.text, sizeof bar.task.text, format, list);
    va_end(list);
    bar.what = NULL;
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r\x1b[K%s", bar.task.text);
    fflush(stderr);
    bar.visible = true;
}

bool mote_cli_interrupted(void)
{
    return interrupted != 0;
}

void mote_cli_clear_progress(void)
{
    if (!bar.visible) return;
    fputs("\r\x1b[K", stderr);
    fflush(stderr);
    bar.visible = false;
}
