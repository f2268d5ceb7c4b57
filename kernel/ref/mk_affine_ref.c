/* Between float and integers; doc/SPEC.md, "QUANTIZE" and "DEQUANTIZE". */
#include "mote_kernel.h"

/* round(x / scale), halves away from zero, + zero_point, clamped to [low, high]; NaN gives low. Values past 2^20 are cut
 * before the conversion to an integer, which C leaves undefined when they do not fit; the clamp hides the cut. */
static inline int32_t quantize_element(const struct mk_affine *p, float x, int32_t low, int32_t high)
{
    float scaled = x / p->scale;
    if (!(scaled > -1048576.0f)) scaled = -1048576.0f;
    if (scaled > 1048576.0f) scaled = 1048576.0f;
    int32_t rounded = (int32_t)scaled;
    const float rest = scaled - (float)rounded;
    if (rest >= 0.5f) rounded++;
    if (rest <= -0.5f) rounded--;
    rounded += p->zero_point;
    return rounded < low ? low : rounded > high ? high : rounded;
}

static inline float dequantize_element(const struct mk_affine *p, int32_t x)
{
    return p->scale * (float)(x - p->zero_point);
}

#define MK_AFFINE(name, out_type, in_type, value)                                                                      \
    void name(out_type *out, const in_type *in, MK_FLASH struct mk_affine *flash_params, uint16_t row_begin,          \
              uint16_t row_end)                                                                                        \
    {                                                                                                                  \
        MK_PARAMS(struct mk_affine, p, flash_params);                                                                  \
        for (uint16_t row = row_begin; row < row_end; row++) {                                                         \
            const in_type *from = in + (size_t)(row % p->in_ring) * p->row_elements;                                   \
            out_type *to = out + (size_t)(row % p->out_ring) * p->row_elements;                                        \
            for (uint16_t i = 0; i < p->row_elements; i++) to[i] = (out_type)(value);                                  \
        }                                                                                                              \
    }

MK_AFFINE(mk_quantize_f32_s8_ref, int8_t, float, quantize_element(p, from[i], INT8_MIN, INT8_MAX))
MK_AFFINE(mk_quantize_f32_s16_ref, int16_t, float, quantize_element(p, from[i], INT16_MIN, INT16_MAX))
MK_AFFINE(mk_dequantize_s8_f32_ref, float, int8_t, dequantize_element(p, from[i]))
MK_AFFINE(mk_dequantize_s16_f32_ref, float, int16_t, dequantize_element(p, from[i]))
