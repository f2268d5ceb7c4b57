/* mk_mean.inl: the body of every mean kernel, compiled once per element type. The including file defines MK_FUNCTION,
 * MK_ELEMENT, MK_ELEMENT_MIN and MK_ELEMENT_MAX.
 *
 * out[r][i] = clamp(out_zero_point + rescale(sum over k of in[r][k][i] - reduce * in_zero_point)), where multiplier and
 * shift include the division by `reduce`. Sums keep their low 32 bits. */
#include "mk_requantize.h"

void MK_FUNCTION(MK_ELEMENT *out, const MK_ELEMENT *in, MK_FLASH struct mk_mean *p, uint16_t row_begin,
                 uint16_t row_end)
{
    MK_PARAMS(struct mk_mean, c, p);
    const uint32_t zero_sum = (uint32_t)c->in_zero_point * c->reduce;
    for (uint16_t r = row_begin; r < row_end; r++) {
        const MK_ELEMENT *const in_row = in + (size_t)(r % c->in_ring) * c->reduce * c->inner;
        MK_ELEMENT *const out_row = out + (size_t)(r % c->out_ring) * c->inner;
        for (uint16_t i = 0; i < c->inner; i++) {
            uint32_t sum = 0u - zero_sum;
            const MK_ELEMENT *from = in_row + i;
            for (uint16_t k = 0; k < c->reduce; k++, from += c->inner) {
                const int32_t x = *from;
                sum += (uint32_t)x;
            }
            const int32_t scaled = mk_multiply_by_quantized_multiplier((int32_t)sum, c->multiplier, c->shift);
            out_row[i] = (MK_ELEMENT)mk_clamp(mk_add_wrapping(scaled, c->out_zero_point), MK_ELEMENT_MIN, MK_ELEMENT_MAX);
        }
    }
}
