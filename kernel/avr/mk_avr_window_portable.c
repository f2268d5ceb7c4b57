/* mk_avr_window_portable.c: see mk_avr_window.h. */
#include "mk_avr_window.h"

#if !defined(__AVR__)
void mk_avr_gather_window_portable(struct mk_avr_window *w, uint8_t *to, uint8_t step, uint8_t correction[3])
{
    const int16_t row_bytes = (int16_t)(w->last_inside + w->row_inputs);
    uint32_t sum = 0;
    for (uint8_t fy = 0; fy < w->filter_rows; fy++)
        for (int16_t at = w->offset; at < w->offset + w->row_inputs; at++, to += step) {
            const int8_t *const row = w->row[fy];
            *to = (uint8_t)((row && at >= 0 && at < row_bytes ? row[at] : w->pad) + 128);
            sum += *to;
        }
    w->offset = (int16_t)(w->offset + (int16_t)w->step);
    mk_avr_tile_correct(correction, sum);
}

void mk_avr_window_restart_portable(struct mk_avr_window *w)
{
    w->tile.weights = w->weights;
    w->tile.records = w->records;
    w->tile.channels = w->tile.pixel_bytes;
}
#else
typedef int mk_avr_window_portable_is_not_for_avr;
#endif
