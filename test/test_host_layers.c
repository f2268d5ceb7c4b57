/* test_host_layers.c: random layers with the kernels of the host target against the reference, on this machine. */
#include "random_layers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NETWORKS = 40, LAYERS = 14 };

struct counts {
    int layers, convolutions, depthwise, connected, exact;
};

static void count_kernels(const struct mote_plan *plan, void *context)
{
    struct counts *const counts = context;
    for (int32_t i = 0; i < plan->step_count; i++) {
        const struct mote_kernel *const kernel = plan->steps[i].kernel;
        if (!strcmp(kernel->params->name, "mk_pool")) continue;
        counts->layers++;
        counts->convolutions += !strcmp(kernel->name, "conv_2d_s8_lanes_host");
        counts->depthwise += !strcmp(kernel->name, "depthwise_conv_2d_s8_lanes_host");
        counts->connected += !strcmp(kernel->name, "fully_connected_s8_lanes_host");
        if (strstr(kernel->name, "_s8_lanes_host"))
            counts->exact += ((const struct mk_conv_scalar32 *)plan->steps[i].params)->way == MK_SCALAR32_EXACT;
    }
}

static void the_kernels_in_vectors_equal_the_reference(void **state)
{
    (void)state;
    struct counts counts = {0};
    random_layers_seed(31);
    random_layers_on_host("host", NETWORKS, LAYERS, count_kernels, &counts);
    print_message("    %d convolutions, %d depthwise, %d fully connected of %d layers; %d by the reference's arithmetic\n",
                  counts.convolutions, counts.depthwise, counts.connected, counts.layers, counts.exact);
    assert_true(counts.convolutions > 50 && counts.depthwise > 50 && counts.connected > 20 && counts.exact > 0);
    assert_true(counts.convolutions + counts.depthwise + counts.connected > counts.layers * 3 / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_kernels_in_vectors_equal_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
