/* test_blob_format.c: doc/spec/blob.md, from which others write readers, says of every byte of a blob what the code does. */
#include "../src/blob/blob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct field {
    size_t at, bytes;
};
#define FIELD(type, member) {offsetof(struct type, member), sizeof((struct type){0}.member)}
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The document, as one string; freed by the caller. */
static char *read_document(void)
{
    enum { MOST_BYTES = 1 << 20 };
    FILE *file = fopen("doc/spec/blob.md", "rb"); /* tests run from the project's root */
    char *text = calloc(MOST_BYTES, 1);
    assert_non_null(file);
    assert_non_null(text);
    const size_t bytes = fread(text, 1, MOST_BYTES - 1, file);
    assert_true(bytes > 0 && bytes < MOST_BYTES - 1);
    fclose(file);
    return text;
}

/* The table after `heading` has the fields in order, the struct no others, and no gap between them. */
static void check_table(const char *text, const char *heading, const struct field *fields, size_t count, size_t bytes)
{
    const char *line = strstr(text, heading);
    size_t end = 0;
    assert_non_null(line);
    line = strstr(line, " | bytes | what |\n");
    assert_non_null(line);
    line = strchr(line, '\n') + 1;
    line = strchr(line, '\n') + 1; /* the rule */
    for (size_t i = 0; i < count; i++, line = strchr(line, '\n') + 1) {
        size_t at, size;
        assert_int_equal(sscanf(line, "| %zu | %zu |", &at, &size), 2);
        assert_int_equal(at, fields[i].at);
        assert_int_equal(size, fields[i].bytes);
        assert_int_equal(at, end);
        end += size;
    }
    assert_true(*line != '|');
    assert_int_equal(end, bytes);
}

static void test_tables_are_the_structs(void **state)
{
    (void)state;
#define HEADER(member) FIELD(mk_blob_header, member)
#define STEP(member) FIELD(mk_blob_step, member)
#define PORT(member) FIELD(mk_blob_port, member)
#define STREAM(member) FIELD(mk_blob_stream, member)
#define OPERAND(member) FIELD(mk_blob_operand, member)
    static const struct field header[] = {
        HEADER(magic), HEADER(version), HEADER(abi), HEADER(bytes), HEADER(checksum), HEADER(target), HEADER(pointer_bytes),
        HEADER(alignment_bytes), HEADER(reserved), HEADER(plan.arena_bytes), HEADER(plan.steps_at), HEADER(plan.ports_at),
        HEADER(plan.test_at), HEADER(plan.stream_at), HEADER(plan.step_count), HEADER(plan.input_count), HEADER(plan.output_count)};
    static const struct field step[] = {STEP(kernel), STEP(params_at), STEP(out), STEP(in[0]), STEP(in[1]), STEP(row_begin),
                                        STEP(row_end), STEP(params_bytes), STEP(flags), STEP(reserved)};
    static const struct field port[] = {PORT(offset), PORT(bytes), PORT(type), PORT(rank), PORT(is_quantised), PORT(dims),
                                        PORT(scale), PORT(zero_point)};
    static const struct field stream[] = {STREAM(events_at), STREAM(operands_at), STREAM(places_at), STREAM(event_count),
                                          STREAM(place_count), STREAM(input_rows), STREAM(first_input), STREAM(row_bytes)};
    static const struct field operand[] = {OPERAND(first), OPERAND(rows), OPERAND(stride), OPERAND(pad), OPERAND(window),
                                           OPERAND(reserved), OPERAND(offset)};
    char *text = read_document();
    check_table(text, "## Header, 60 bytes\n", header, COUNT(header), 60);
    check_table(text, "## Steps, 28 bytes each", step, COUNT(step), 28);
    check_table(text, "## Ports, 44 bytes each", port, COUNT(port), 44);
    check_table(text, "24 bytes:\n", stream, COUNT(stream), 24);
    check_table(text, "An operand says", operand, COUNT(operand), 16);
    assert_int_equal(sizeof(struct mk_blob_header), 60);
    assert_int_equal(sizeof(struct mk_blob_step), 28);
    assert_int_equal(sizeof(struct mk_blob_port), 44);
    assert_int_equal(sizeof(struct mk_blob_stream), 24);
    assert_int_equal(sizeof(struct mk_blob_operand), 16);
    assert_int_equal(sizeof(struct mk_blob_event), 4);
    free(text);
}

static void check_says(const char *text, const char *wanted)
{
    if (!strstr(text, wanted)) fail_msg("doc/spec/blob.md does not say: %s", wanted);
}

static void test_numbers_are_the_code_s(void **state)
{
    (void)state;
    char *text = read_document(), wanted[200];
    size_t count = 0, length = 0;
    snprintf(wanted, sizeof wanted, "| version of the format: %d |", MK_BLOB_VERSION);
    check_says(text, wanted);
    snprintf(wanted, sizeof wanted, "| window, at most %d; ", MK_BLOB_MOST_WINDOW);
    check_says(text, wanted);
    snprintf(wanted, sizeof wanted, "| rank, at most %d |", MOTE_MAX_RANK);
    check_says(text, wanted);
    snprintf(wanted, sizeof wanted, "Step %x: the application delivers", MK_BLOB_TAKE);
    check_says(text, wanted);
    snprintf(wanted, sizeof wanted, "`conv_2d_s8_ref` is %08x", (unsigned)mote_blob_kernel_id(mote_kernel_find("conv_2d_s8_ref")));
    check_says(text, wanted);
    snprintf(wanted, sizeof wanted, "| %d: one call for each row, from the last to the first; %d: in a stream", MK_BLOB_LAST_ROW_FIRST,
             MK_BLOB_BY_ROWS);
    check_says(text, wanted);
    for (uint8_t type = 0; mote_blob_dtype_of(type) != MOTE_DTYPE_COUNT; type++)
        length += (size_t)snprintf(wanted + length, sizeof wanted - length, "%s%u %s", type ? ", " : "| type: ", type,
                                   mote_dtype_name(mote_blob_dtype_of(type)));
    snprintf(wanted + length, sizeof wanted - length, " |");
    check_says(text, wanted);
    const struct mote_target *const *targets = mote_target_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct mote_blob_layout layout = mote_blob_layout_of(targets[i]);
        snprintf(wanted, sizeof wanted, " | %u | %u |\n", layout.pointer_bytes, layout.alignment_bytes);
        check_says(strstr(text, "| pointer | alignment |"), wanted);
        assert_true(strlen(targets[i]->name) < sizeof((struct mk_blob_header){0}.target)); /* and a zero byte */
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_the_structs),
        cmocka_unit_test(test_numbers_are_the_code_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
