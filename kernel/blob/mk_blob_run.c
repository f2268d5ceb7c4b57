/* mk_blob_run.c: the loop. */
#include "mk_blob.h"

#if defined(__AVR__) && !defined(MK_PARAMS_IN_RAM)
#error "the kernels of this firmware look for parameters in flash: use the mote_kernel.h that mote pack --runtime has written"
#endif

void mk_blob_read(MK_FLASH uint8_t *begin, uint32_t at, void *to, uint16_t bytes)
{
    mk_flash_copy(to, mk_flash_skip_s8((MK_FLASH int8_t *)begin, at), bytes);
}

uint8_t mk_blob_find_kernel(uint32_t id, struct mk_blob_kernel *kernel)
{
    for (uint8_t i = 0; i < MK_BLOB_NO_KERNEL && mk_blob_kernel(i, kernel); i++)
        if (kernel->id == id) return i;
    return MK_BLOB_NO_KERNEL;
}

/* Makes pointers of the places at the end of parameters. */
static void mk_blob_point(MK_FLASH uint8_t *begin, uint8_t *end, uint8_t pointers)
{
    for (; pointers > 0; pointers--) {
        uint32_t place = 0;
        MK_FLASH int8_t *pointer = NULL;
        end -= sizeof pointer;
        memcpy(&place, end, sizeof pointer < sizeof place ? sizeof pointer : sizeof place);
        if (place) pointer = mk_flash_skip_s8((MK_FLASH int8_t *)begin, place);
        memcpy(end, &pointer, sizeof pointer);
    }
}

uint8_t mk_blob_load_params(const struct mk_blob *blob, const struct mk_blob_step *step, union mk_blob_params *params)
{
    struct mk_blob_kernel kernel;
    const uint8_t index = mk_blob_find_kernel(step->kernel, &kernel);
    mk_blob_read(blob->bytes, step->params_at, params->bytes, step->params_bytes);
    mk_blob_point(blob->bytes, params->bytes + step->params_bytes, kernel.pointer_count);
    return index;
}

void mk_blob_run(const struct mk_blob *blob, void *arena)
{
    uint32_t at = blob->plan.steps_at;
    for (uint16_t i = blob->plan.step_count; i > 0; i--, at += (uint32_t)sizeof(struct mk_blob_step)) {
        struct mk_blob_step step;
        union mk_blob_params params;
        uint8_t *const memory = arena;
        mk_blob_read(blob->bytes, at, &step, sizeof step);
        const uint8_t index = mk_blob_load_params(blob, &step, &params);
        struct mk_blob_call call = {.out = memory + (size_t)step.out,
                                    .in = {memory + (size_t)step.in[0], memory + (size_t)step.in[1]},
                                    .params = (MK_FLASH void *)&params,
                                    .row_begin = step.row_begin,
                                    .row_end = step.row_end};
        if (!(step.flags & MK_BLOB_LAST_ROW_FIRST)) mk_blob_call(index, &call);
        else
            for (uint16_t row = step.row_end; row-- > step.row_begin;) {
                call.row_begin = row;
                call.row_end = (uint16_t)(row + 1);
                mk_blob_call(index, &call);
            }
    }
}
