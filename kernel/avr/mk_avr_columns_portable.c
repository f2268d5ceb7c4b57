/* mk_avr_columns_portable.c: see mk_avr_columns.h. */
#include "mk_avr_columns.h"

#if !defined(__AVR__)
uint16_t mk_avr_list_column(const struct mk_avr_column *column)
{
    uint8_t *entries = column->list + 1, skipped = 0;
    uint16_t sum = 0;
    for (uint8_t fy = 0; fy < column->filter_h; fy++) {
        const int8_t *const row = column->outside ? NULL : column->rows.row[fy];
        for (uint16_t i = 0; i < column->in_c; i++) {
            const uint8_t x = row ? (uint8_t)(row[column->first + i] + 128) : column->pad_value;
            if (x == 0 && skipped < 31) {
                skipped++;
                continue;
            }
            *entries++ = (uint8_t)(255 - 8 * skipped);
            *entries++ = x;
            sum = (uint16_t)(sum + x);
            skipped = 0;
        }
    }
    *column->list = (uint8_t)((entries - column->list) / 2);
    *entries++ = (uint8_t)(8 * skipped);
    memcpy(entries, &column->right, sizeof column->right);
    return sum;
}

void mk_avr_columns(struct mk_avr_tile *t)
{
    while (t->channels > 0) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
        const uint8_t *weights = t->weights - 1, *at = t->operands;
        if (t->cached_groups > 0) {
            weights = t->cached - 1;
            t->cached += t->group_bytes;
            t->cached_groups--;
        }
        for (uint8_t list = 0; list < t->operand_count; list++) {
            for (uint8_t left = *at++; left > 0; left--, at += 2) {
                weights += 256 - at[0];
                for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++) sums[i] += (uint32_t)at[1] * weights[i];
                weights += MK_AVR_CHANNELS_PER_GROUP - 1;
            }
            weights += *at++;
            const uint8_t *next; /* the ring's link */
            memcpy(&next, (const void *)at, sizeof next);
            at = next;
        }
        mk_avr_finish_group_portable(t, sums);
    }
}
#else
typedef int mk_avr_columns_portable_is_not_for_avr;
#endif
