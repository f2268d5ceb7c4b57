/* mk_channels.inl: the walk through a convolution's per-channel parameters and the way from a sum to an output, once
 * per variant. */

struct mk_channels {
    MK_ACCUMULATOR bias; /* of the current channel, like the next two */
    int32_t multiplier;
    int8_t shift;
    MK_FLASH MK_BIAS *next_bias; /* may be NULL */
    MK_FLASH int32_t *next_multiplier;
    MK_FLASH int8_t *next_shift;
};

static inline struct mk_channels mk_channels_begin(const MK_CONV *c)
{
    const struct mk_channels channels = {0, 0, 0, c->bias, c->multiplier, c->shift};
    return channels;
}

static MK_NOINLINE void mk_channels_next(struct mk_channels *channels)
{
    if (channels->next_bias) channels->bias = mk_load_bias(channels->next_bias++);
    channels->multiplier = mk_flash_s32(channels->next_multiplier++);
    channels->shift = mk_flash_s8(channels->next_shift++);
}

static MK_NOINLINE MK_ELEMENT mk_channel_output(const MK_CONV *c, const struct mk_channels *channels,
                                                MK_ACCUMULATOR sum)
{
    const int32_t scaled = mk_rescale(sum + channels->bias, channels->multiplier, channels->shift);
    return (MK_ELEMENT)mk_clamp(scaled + c->out_zero_point, c->act_min, c->act_max);
}
