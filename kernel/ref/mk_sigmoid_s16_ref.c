/* Logistic and tanh on int16 by interpolation in one table; doc/SPEC.md, "LOGISTIC" and "TANH". */
#include "mk_scale_ref.h"

/* sigmoid(i / 24) in 0.16 format, less half the error that linear interpolation makes at the middle of step i:
 * round(65536 * (s(i) - ((s(i) + s(i + 1)) / 2 - s(i + 1/2)) / 2)); the last entry is the largest value. */
static MK_FLASH uint16_t sigmoid_table[256] = {
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432, 42064, 42688,
    43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475, 49975, 50464, 50942, 51409,
    51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433,
    57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110,
    61279, 61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990, 63090, 63186,
    63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968, 64030, 64090, 64148, 64204, 64257, 64308,
    64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652, 64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900,
    64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208,
    65221, 65234, 65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360, 65367,
    65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433, 65438, 65442, 65445, 65449,
    65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474, 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491,
    65493, 65495, 65497, 65498, 65500, 65501, 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513,
    65514, 65515, 65516, 65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524,
    65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530,
    65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533,
    65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65535,
};

static inline uint32_t table_entry(uint16_t i)
{
    return (uint16_t)mk_flash_s16((MK_FLASH int16_t *)&sigmoid_table[i]);
}

/* x in steps of 1/(3 * 4096): |x| of 2^17 stands for 10.7. The product and its rounding fit for |multiplier| < 2^15. */
static inline int32_t table_units(const struct mk_scale *p, int32_t x)
{
    const int32_t round = p->in_shift > 0 ? (int32_t)((uint32_t)1 << (p->in_shift - 1)) : 0;
    return (x * p->multiplier + round) >> p->in_shift;
}

/* Interpolated entry at `units` of 2^fraction_bits per step, in 0.(16 + fraction_bits) format; past the table: `saturated`. */
static inline uint32_t interpolate(uint32_t units, uint8_t fraction_bits, uint32_t saturated)
{
    const uint32_t step = units >> fraction_bits;
    if (step >= 255) return saturated;
    const uint32_t low = table_entry((uint16_t)step), high = table_entry((uint16_t)(step + 1));
    return (low << fraction_bits) + (units & (((uint32_t)1 << fraction_bits) - 1)) * (high - low);
}

static inline int32_t logistic_element(const struct mk_scale *p, int32_t x)
{
    const int32_t units = table_units(p, x);
    const uint32_t magnitude = units < 0 ? 0u - (uint32_t)units : (uint32_t)units;
    const uint32_t value = interpolate(magnitude, 9, (uint32_t)0x7fff << 10);
    const uint32_t mirrored = units >= 0 ? value + 512 : ((uint32_t)1 << 25) - value + 511;
    return (int32_t)(mirrored >> 10);
}

/* tanh(x) = 2 sigmoid(2 x) - 1: half the fraction bits stand for twice the argument. */
static inline int32_t tanh_element(const struct mk_scale *p, int32_t x)
{
    const int32_t units = table_units(p, x);
    const uint32_t magnitude = units < 0 ? 0u - (uint32_t)units : (uint32_t)units;
    const int32_t value = (int32_t)interpolate(magnitude, 8, (uint32_t)0xffff << 8);
    const int32_t half = (int32_t)1 << 23;
    return (units >= 0 ? value - half + 128 : half - value + 127) >> 8;
}

#define MK_NAME mk_logistic_s16_ref
#define MK_IN int16_t
#define MK_OUT int16_t
#define MK_ELEMENT logistic_element
#include "mk_scale_ref.inl"

#define MK_NAME mk_tanh_s16_ref
#define MK_IN int16_t
#define MK_OUT int16_t
#define MK_ELEMENT tanh_element
#include "mk_scale_ref.inl"
