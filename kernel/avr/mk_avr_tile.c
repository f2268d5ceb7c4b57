/* mk_avr_tile.c: the parts of the AVR tiles that are worth no assembly; see mk_avr_tile.h. */
#include "mk_avr_tile.h"

#if defined(__AVR__)
#define MK_AVR_NAME_2(line) mk_avr_check_##line
#define MK_AVR_NAME(line) MK_AVR_NAME_2(line)
#define MK_AVR_CHECK(field, offset)                                                                                    \
    typedef char MK_AVR_NAME(__LINE__)[offsetof(struct mk_avr_tile, field) == (offset) ? 1 : -1]
MK_AVR_CHECK(weights, MK_AVR_WEIGHTS);
MK_AVR_CHECK(weights_bank, MK_AVR_WEIGHTS_BANK);
MK_AVR_CHECK(records, MK_AVR_RECORDS);
MK_AVR_CHECK(records_bank, MK_AVR_RECORDS_BANK);
MK_AVR_CHECK(group_bytes, MK_AVR_GROUP_BYTES);
MK_AVR_CHECK(operands, MK_AVR_OPERANDS);
MK_AVR_CHECK(operand_count, MK_AVR_OPERAND_COUNT);
MK_AVR_CHECK(correction, MK_AVR_CORRECTION);
MK_AVR_CHECK(out, MK_AVR_OUT);
MK_AVR_CHECK(channels, MK_AVR_CHANNELS);
MK_AVR_CHECK(requant, MK_AVR_REQUANT);
MK_AVR_CHECK(requant.range, MK_AVR_RANGE);
MK_AVR_CHECK(requant.act_min, MK_AVR_ACT_MIN);
MK_AVR_CHECK(requant.below, MK_AVR_BELOW);
MK_AVR_CHECK(requant.exact, MK_AVR_EXACT);
MK_AVR_CHECK(requant.exact_bank, MK_AVR_EXACT_BANK);
MK_AVR_CHECK(requant.exact_step, MK_AVR_EXACT_STEP);
MK_AVR_CHECK(sums, MK_AVR_SUMS);
MK_AVR_CHECK(more_corrections, MK_AVR_MORE_CORRECTIONS);
MK_AVR_CHECK(pixels, MK_AVR_PIXELS);
MK_AVR_CHECK(pixel_bytes, MK_AVR_PIXEL_BYTES);
MK_AVR_CHECK(cached, MK_AVR_CACHED);
MK_AVR_CHECK(cached_groups, MK_AVR_CACHED_GROUPS);
#endif

void mk_avr_tile_begin(struct mk_avr_tile *t, MK_FLASH uint8_t *weights, MK_FLASH uint8_t *records, int8_t *out,
                       uint16_t channels, uint32_t input_sum)
{
    MK_AVR_SET_FLASH(t, weights, weights);
    MK_AVR_SET_FLASH(t, records, records);
    mk_avr_tile_correct(t->correction, input_sum);
    t->out = out;
    t->channels = channels;
}
