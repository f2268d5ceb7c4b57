#include "plan_fixture.h"

#include "../../src/base/file.h"
#include "../../src/eval/eval.h"
#include "../../src/import/tflite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_BYTES = 64 << 20 };

void plan_fixture_begin(struct plan_fixture *f)
{
    *f = (struct plan_fixture){0};
    mote_arena_init(&f->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&f->diag, NULL);
}

void plan_fixture_end(struct plan_fixture *f)
{
    mote_diag_free(&f->diag);
    mote_arena_free(&f->arena);
}

void plan_fixture_require_ok(const struct plan_fixture *f, enum mote_status status)
{
    for (size_t i = 0; status != MOTE_OK && i < f->diag.count; i++) print_error("%s\n", f->diag.messages[i].text);
    assert_int_equal(status, MOTE_OK);
}

bool plan_fixture_has_models(void)
{
    return mote_file_exists("../shared/models") && mote_file_exists("../shared/golden");
}

static uint8_t *read_shared(struct plan_fixture *f, const char *folder, const char *name, const char *suffix, size_t *size)
{
    char path[256];
    uint8_t *bytes;
    snprintf(path, sizeof path, "../shared/%s/%s%s", folder, name, suffix);
    plan_fixture_require_ok(f, mote_file_read(path, MOST_BYTES, &f->arena, &bytes, size, &f->diag));
    return bytes;
}

void plan_fixture_load(struct plan_fixture *f, const char *name)
{
    size_t size;
    const uint8_t *bytes = read_shared(f, "models", name, ".tflite", &size);
    plan_fixture_require_ok(f, mote_import_tflite(bytes, size, name, &f->arena, &f->graph, &f->diag));
}

uint8_t *plan_fixture_junk(size_t bytes)
{
    uint8_t *memory = aligned_alloc(16, (bytes + 15) / 16 * 16 + 16);
    assert_non_null(memory);
    memset(memory, 0xA5, bytes);
    return memory;
}

uint8_t *plan_fixture_run(const struct mote_plan *plan, const uint8_t *input)
{
    uint8_t *memory = plan_fixture_junk(plan->arena_bytes), *output = plan_fixture_junk(mote_eval_output_bytes(plan));
    mote_eval_run(plan, memory, input, output, NULL, NULL);
    free(memory);
    return output;
}

void plan_fixture_check_golden(struct plan_fixture *f, const char *name, const char *in_suffix, const char *out_suffix)
{
    size_t in_size, out_size;
    const uint8_t *in = read_shared(f, "golden", name, in_suffix, &in_size);
    const uint8_t *out = read_shared(f, "golden", name, out_suffix, &out_size);
    const size_t in_bytes = mote_eval_input_bytes(f->plan), out_bytes = mote_eval_output_bytes(f->plan);
    const size_t vectors = out_size / out_bytes;
    assert_true(vectors > 0 && in_size == vectors * in_bytes && out_size == vectors * out_bytes);
    for (size_t i = 0; i < vectors; i++) {
        uint8_t *got = plan_fixture_run(f->plan, in + i * in_bytes);
        if (memcmp(got, out + i * out_bytes, out_bytes) != 0) fail_msg("%s%s: vector %zu differs", name, in_suffix, i);
        free(got);
    }
}
