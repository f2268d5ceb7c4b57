/* mk_softmax_s8_ref.inl: softmax of int8 vectors. The includer defines MK_NAME, the kernel's function, MK_OUT, the output
 * type, and MK_OUT_MIN, MK_OUT_MAX, MK_OUT_BITS, its range. */

/* exp of a difference to the maximum in Q0.31, or 0 where the reference leaves the term out. */
static int32_t exp_term(const struct mk_softmax *p, int32_t difference)
{
    if (difference < p->diff_min) return 0;
    const int32_t shifted = (int32_t)((uint32_t)difference << p->shift);
    return mk_exp_negative(mk_doubling_high_multiply(shifted, p->multiplier));
}

static int8_t vector_maximum(const int8_t *in, uint16_t depth)
{
    int8_t maximum = INT8_MIN;
    for (uint16_t i = 0; i < depth; i++)
        if (in[i] > maximum) maximum = in[i];
    return maximum;
}

static void softmax_vector(MK_OUT *out, const int8_t *in, const struct mk_softmax *p)
{
    const int8_t maximum = vector_maximum(in, p->depth);
    uint32_t sum = 0; /* Q12.19; below 2^31 as depth < 4096 */
    for (uint16_t i = 0; i < p->depth; i++)
        sum += (uint32_t)mk_rounding_shift_right(exp_term(p, (int32_t)in[i] - maximum), 12);

    /* sum = (1 + fraction) * 2^(12 - zeros) in real numbers: the reciprocal of 1 + fraction, then a shift. */
    const uint8_t zeros = mk_leading_zeros(sum);
    const int32_t scale = mk_reciprocal_of_one_plus((int32_t)((sum << zeros) - ((uint32_t)1 << 31)));
    const int exponent = 12 - zeros + 31 - MK_OUT_BITS;
    for (uint16_t i = 0; i < p->depth; i++) {
        const int32_t product = mk_doubling_high_multiply(scale, exp_term(p, (int32_t)in[i] - maximum));
        const int32_t value = exponent > 31 ? 0 : mk_rounding_shift_right(product, exponent);
        out[i] = (MK_OUT)mk_clamp(value + MK_OUT_MIN, MK_OUT_MIN, MK_OUT_MAX);
    }
}

void MK_NAME(MK_OUT *out, const int8_t *in, MK_FLASH struct mk_softmax *flash_params, uint16_t row_begin,
             uint16_t row_end)
{
    MK_PARAMS(struct mk_softmax, p, flash_params);
    const size_t row_elements = (size_t)p->vectors * p->depth;
    for (uint16_t row = row_begin; row < row_end; row++) {
        const int8_t *from = in + (size_t)(row % p->in_ring) * row_elements;
        MK_OUT *to = out + (size_t)(row % p->out_ring) * row_elements;
        for (uint16_t v = 0; v < p->vectors; v++, from += p->depth, to += p->depth) softmax_vector(to, from, p);
    }
}
