/* mk_run.inl: the inner product of a run of inputs with as many weights, once per variant. */

static MK_NOINLINE MK_ACCUMULATOR mk_run(const MK_ELEMENT *in, MK_FLASH int8_t *weights, uint16_t elements,
                                         int16_t offset)
{
    MK_ACCUMULATOR sum = 0;
    for (; elements > 0; elements--) sum += mk_product(*in++, offset, mk_flash_s8(weights++));
    return sum;
}
