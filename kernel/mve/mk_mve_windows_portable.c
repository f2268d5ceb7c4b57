/* mk_mve_windows_portable.c: the twin of mk_mve_windows.S. */
#include "mk_mve_portable.h"
#include "mk_mve_windows.h"

/* One window of a channel: its sums. */
static int32_t *sum_up(const struct mk_mve_windows *w, const int8_t *in, const int32_t *starts, int32_t *sums)
{
    for (uint32_t o = 0; o < w->outputs; o++) {
        int32_t sum = w->starts ? starts[o] : 0;
        for (uint32_t i = 0; i < w->lanes; i++) sum += in[w->cells[i]] * w->shifted[o][i];
        *sums++ = sum;
    }
    return sums;
}

void mk_mve_windows(struct mk_mve_windows *w)
{
    const struct mk_mve_scale scale = {w->scale, w->zero_point, w->act_min, w->act_max};
    for (uint32_t channel = 0; channel < w->channels; channel++) {
        const int8_t *const in = w->in + channel / 16 * w->block_bytes + channel % 16;
        const int32_t *const record = w->stream + 4, *const starts = record + mk_mve_fields(w->way);
        memcpy(w->pattern, w->stream, 16);
        int32_t *sums = w->sums;
        for (const struct mk_mve_segment *s = w->segments; s < w->segments_end; s++)
            for (uint32_t k = 0; k < s->count; k++) sums = sum_up(w, in + s->offset + k * w->step, starts, sums);
        for (uint32_t i = 0; i < w->sum_count; i++)
            w->out[channel + w->offsets[i]] = mk_mve_requantize(w->sums[i], record, &scale, w->way);
        w->stream += w->record_bytes / 4;
    }
}
