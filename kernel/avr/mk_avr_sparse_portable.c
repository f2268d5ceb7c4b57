/* mk_avr_sparse_portable.c: see mk_avr_sparse.h. */
#include "mk_avr_sparse.h"

#if !defined(__AVR__)
static void compute_position(struct mk_avr_tile *t, const uint8_t *inputs)
{
    while (t->channels > 0) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP];
        for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++) sums[i] = MK_AVR_SPARSE_ADDED;
        for (uint8_t k = 0; k < t->operand_count; k++)
            for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++)
                sums[i] += (uint32_t)((int8_t)t->weights[MK_AVR_CHANNELS_PER_GROUP * k + i] * inputs[k]);
        mk_avr_finish_group_portable(t, sums);
    }
}

void mk_avr_sparse(struct mk_avr_large_window *large)
{
    struct mk_avr_window *const w = &large->window;
    uint8_t inputs[MK_AVR_SPARSE_INPUTS];
    for (; w->positions > 0; w->positions--) {
        mk_avr_gather_window_portable(w, inputs, 1, w->tile.correction);
        mk_avr_tile_correct(w->tile.correction, 0); /* the weights are signed */
        mk_avr_window_restart_portable(w);
        compute_position(&w->tile, inputs);
    }
}
#else
typedef int mk_avr_sparse_portable_is_not_for_avr;
#endif
