/* mk_conv_2d_s8_differences_k144_avr.c: convolutions of at most 144 inputs that lie side by side under the filter, many of them
 * small or at their zero point: filters of one row, without padding, and fully connected layers; see mk_avr_differences.h. */
#include "mk_avr_differences.h"
#include "mk_avr_position.h"

/* Not inlined, as on the frame of the caller, with its parameters, every load takes three instructions. */
static MK_NOINLINE void compute(struct mk_avr_position *p, uint8_t *list)
{
    const struct mk_conv_avr *const c = p->c;
    const uint8_t inputs = (uint8_t)((uint8_t)c->filter_w * (uint8_t)c->in_c);
    p->tile.operands = list;
    while (mk_avr_position_next(p)) {
        const int8_t *const from = p->rows.row[0] + (uint16_t)((uint16_t)p->x * c->in_c);
        if (!mk_avr_list_differences(list, from, inputs, (int8_t)(c->pad_value - 128))) {
            (void)mk_avr_list_differences(list, from, inputs, 0);
            MK_AVR_SET_FLASH(&p->tile, records,
                             (MK_FLASH uint8_t *)mk_flash_skip_s8((MK_FLASH int8_t *)c->records, (uint16_t)(c->out_c * MK_AVR_RECORD_BYTES)));
        }
        mk_avr_differences(&p->tile);
    }
}

void mk_conv_2d_s8_differences_k144_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                                        uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    uint8_t list[MK_AVR_DIFFERENCES_LIST_BYTES];
    struct mk_avr_position position;
    mk_avr_position_begin(&position, c, out, in, row_begin, row_end);
    compute(&position, list);
}
