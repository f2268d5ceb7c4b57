/* mk_fully_connected_s8_lanes_host.c: fully connected layers: the weights, read once per row, stay as they are, channel by channel
 * in `taps`, and the inputs are widened to 16 bits, as vector units multiply and add pairs of those. */
#include "mk_host_lanes.h"

enum { TOGETHER = 4 };

/* Four channels' inner products: they share the loads of inputs. */
MK_HOST_INLINE void add_products(int32_t *sums, const int16_t *inputs, const int8_t *weights, uint32_t count)
{
    const int8_t *const second = weights + count, *const third = second + count, *const fourth = third + count;
    int32_t a = 0, b = 0, c = 0, d = 0;
    for (uint32_t i = 0; i < count; i++) {
        a += inputs[i] * (int16_t)weights[i];
        b += inputs[i] * (int16_t)second[i];
        c += inputs[i] * (int16_t)third[i];
        d += inputs[i] * (int16_t)fourth[i];
    }
    sums[0] += a;
    sums[1] += b;
    sums[2] += c;
    sums[3] += d;
}

MK_HOST_INLINE void add_product(int32_t *sum, const int16_t *inputs, const int8_t *weights, uint32_t count)
{
    int32_t products = 0;
    for (uint32_t i = 0; i < count; i++) products += inputs[i] * (int16_t)weights[i];
    *sum += products;
}

MK_HOST_INLINE void connect_row_lanes(int8_t *out, const int8_t *in, const struct mk_conv_scalar32 *c)
{
    int16_t inputs[MK_HOST_MOST_INPUTS];
    int32_t sums[MK_HOST_GROUP];
    const uint32_t count = c->in_c, record_words = mk_host_record_words(c);
    const int8_t *weights = c->taps;
    for (uint32_t i = 0; i < count; i++) inputs[i] = in[i];
    for (uint32_t first = 0; first < c->out_c; first += MK_HOST_GROUP) {
        const uint32_t channels = c->out_c - first < MK_HOST_GROUP ? c->out_c - first : MK_HOST_GROUP;
        uint32_t o = 0;
        memcpy(sums, c->starts + first, sizeof sums);
        for (; o + TOGETHER <= channels; o += TOGETHER, weights += TOGETHER * count)
            add_products(sums + o, inputs, weights, count);
        for (; o < channels; o++, weights += count) add_product(sums + o, inputs, weights, count);
        out = mk_host_finish(out, sums, c->records + first / MK_HOST_GROUP * record_words, channels, c);
    }
}
MK_HOST_VERSIONS(connect_row, (int8_t *out, const int8_t *in, const struct mk_conv_scalar32 *c),
                 (out, in, c))

void mk_fully_connected_s8_lanes_host(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p, uint16_t row_begin,
                                uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    const int8_t *row;
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_host_rows_at(&row, c, in, row_begin, r);
        connect_row(out + (size_t)(r % c->out_ring) * c->out_c, row, c);
    }
}
