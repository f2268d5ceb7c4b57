/* test_process.c: programs that are started, stopped and read from. */
#include "../src/base/process.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void a_process_hands_back_what_it_wrote(void **state)
{
    (void)state;
    const char *const arguments[] = {"sh", "-c", "pwd; echo \"$1\" >&2; exit 3", "sh", "a b; $c", NULL};
    const struct mote_process process = {.arguments = arguments, .folder = "/", .timeout_seconds = 10};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_string_equal(end.output.bytes, "/\n");
    assert_string_equal(end.errors.bytes, "a b; $c\n");
    assert_int_equal(end.exit_code, 3);
    assert_false(end.timed_out);
    mote_process_end_free(&end);
}

static void a_process_that_never_ends_is_stopped(void **state)
{
    (void)state;
    const struct mote_process process = {.arguments = (const char *const[]){"sleep", "1000", NULL},
                                         .timeout_seconds = 1};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_true(end.timed_out);
    assert_int_equal(end.signal, SIGTERM);
    mote_process_end_free(&end);
}

static void a_process_that_ignores_the_request_to_end_is_killed(void **state)
{
    (void)state;
    const struct mote_process process = {
        .arguments = (const char *const[]){"sh", "-c", "trap '' TERM; while :; do :; done", NULL}, .timeout_seconds = 1};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_true(end.timed_out);
    assert_int_equal(end.signal, SIGKILL);
    mote_process_end_free(&end);
}

static bool refuse(void *context)
{
    (void)context;
    return false;
}

static void what_a_stopped_process_started_has_ended_too(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0); /* inherited by all of them */
    const struct mote_process process = {
        .arguments = (const char *const[]){"sh", "-c", "sh -c 'sleep 1000; true' & echo started; wait", NULL}, .may_go_on = refuse};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_true(end.stopped);
    mote_process_end_free(&end);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 0); /* the end: nobody holds the other side; -1 if one does */
    close(ends[0]);
}

static void a_process_may_write_more_than_is_kept(void **state)
{
    (void)state;
    const struct mote_process process = {.arguments = (const char *const[]){"head", "-c", "5000000", "/dev/zero", NULL},
                                         .timeout_seconds = 60};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, NULL), MOTE_OK);
    assert_int_equal(end.exit_code, 0);
    assert_true(end.output.length >= 1 << 20 && end.output.length < 2 << 20);
    mote_process_end_free(&end);
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct mote_diag diag;
    mote_diag_init(&diag, NULL);
    const struct mote_process process = {.arguments = (const char *const[]){"mote-no-such-program", NULL},
                                         .timeout_seconds = 1};
    struct mote_process_end end;
    assert_int_equal(mote_process_run(&process, &end, &diag), MOTE_ERR_IO);
    assert_int_equal(diag.count, 1);
    assert_non_null(strstr(diag.messages[0].text, "mote-no-such-program"));
    assert_false(mote_process_exists("mote-no-such-program"));
    assert_true(mote_process_exists("sh"));
    mote_diag_free(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_hands_back_what_it_wrote),
        cmocka_unit_test(a_process_that_never_ends_is_stopped),
        cmocka_unit_test(a_process_that_ignores_the_request_to_end_is_killed),
        cmocka_unit_test(what_a_stopped_process_started_has_ended_too),
        cmocka_unit_test(a_process_may_write_more_than_is_kept),
        cmocka_unit_test(a_program_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
