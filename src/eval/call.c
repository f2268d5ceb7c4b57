#include "eval.h"

void mote_eval_call(enum mote_kernel_id kernel, const struct mote_eval_operands *at, const void *params, uint16_t begin,
                    uint16_t end)
{
    switch (kernel) {
#define MK_KERNEL_0(name, params_type, granularity, out_type, ...)                                                  \
    case MOTE_KERNEL_##name: mk_##name((out_type *)at->out, (const struct params_type *)params, begin, end); break;
#define MK_KERNEL_1(name, params_type, granularity, out_type, in_type, ...)                                         \
    case MOTE_KERNEL_##name:                                                                                           \
        mk_##name((out_type *)at->out, (const in_type *)at->a, (const struct params_type *)params, begin, end);        \
        break;
#define MK_KERNEL_1S(name, params_type, granularity, out_type, in_type, ...)                                        \
    case MOTE_KERNEL_##name:                                                                                           \
        mk_##name((out_type *)at->out, (const in_type *)at->a, (int32_t *)at->scratch,                                 \
                  (const struct params_type *)params, begin, end);                                                     \
        break;
#define MK_KERNEL_2(name, params_type, granularity, out_type, a_type, b_type, ...)                                  \
    case MOTE_KERNEL_##name:                                                                                           \
        mk_##name((out_type *)at->out, (const a_type *)at->a, (const b_type *)at->b,                                   \
                  (const struct params_type *)params, begin, end);                                                     \
        break;
#include "mote_kernels.def"
#undef MK_KERNEL_0
#undef MK_KERNEL_1
#undef MK_KERNEL_1S
#undef MK_KERNEL_2
    case MOTE_KERNEL_COUNT: break;
    }
}
