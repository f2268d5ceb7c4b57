/* mk_channels.inl: the walk through a convolution's per-channel parameters, and the way from a sum to an output, once
 * per variant. */

struct mk_channels { /* parameters of the next channel */
    MK_FLASH MK_BIAS *bias; /* may be NULL */
    MK_FLASH int32_t *multiplier;
    MK_FLASH int8_t *shift;
};

static inline struct mk_channels mk_channels_begin(const MK_CONV *c)
{
    const struct mk_channels channels = {c->bias, c->multiplier, c->shift};
    return channels;
}

/* The output of the next channel, whose taps add up to `sum`. */
static MK_NOINLINE MK_ELEMENT mk_channels_output(struct mk_channels *channels, const MK_CONV *c, MK_ACCUMULATOR sum)
{
    if (channels->bias) sum += mk_load_bias(channels->bias++);
    const int32_t multiplier = mk_flash_s32(channels->multiplier++);
    const int8_t shift = mk_flash_s8(channels->shift++);
    return (MK_ELEMENT)mk_clamp(mk_add_wrapping(mk_rescale(sum, multiplier, shift), c->out_zero_point), c->act_min, c->act_max);
}
