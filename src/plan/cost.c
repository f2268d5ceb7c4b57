#include "cost.h"

#include <string.h>

/* What a call of a family's kernels costs, measured on QEMU by streaming the MLPerf Tiny models row by row and comparing
 * with whole tensors (`mote bench -n 1 --schedule whole`, `--schedule stream`). */
static const struct {
    const char *family;
    double per_mac, per_depthwise_mac; /* instructions */
    double per_output;                 /* of a convolution, to requantise and store it */
    double call, depthwise_call;       /* instructions that a call takes whatever it computes */
    double depthwise_channel;          /* and a depthwise call per channel */
    uint32_t tile_positions; /* of convolutions: a call computes whole tiles */
    uint32_t lanes;          /* inputs, of depthwise convolutions channels, that one instruction takes, used or not */
} families[] = {
    {"armv7em", 0.75, 1.5, 12, 350, 350, 110, 3, 1},
    {"mve", 0.18, 0.8, 0, 350, 4500, 0, 1, 16},
    {"scalar32", 2, 4, 10, 200, 200, 0, 1, 1},
    {"avr", 4, 6, 10, 400, 400, 0, 1, 1},
    {"ref", 12, 12, 30, 300, 300, 0, 1, 1},
};

static size_t family_of(const struct mote_kernel *kernel)
{
    const size_t last = sizeof families / sizeof families[0] - 1;
    for (size_t i = 0; i < last; i++)
        if (!strcmp(mote_kernel_family(kernel), families[i].family)) return i;
    return last;
}

static uint32_t channels_of(const struct mote_plan *plan, const struct mote_step *step)
{
    const struct mote_shape *shape = &plan->graph->tensors[step->tensor].shape;
    return shape->rank ? (uint32_t)shape->dims[shape->rank - 1] : 1;
}

static uint32_t columns_of(const struct mote_plan *plan, const struct mote_step *step)
{
    const struct mote_shape *shape = &plan->graph->tensors[step->tensor].shape;
    return shape->rank == 4 && shape->dims[2] > 0 ? (uint32_t)shape->dims[2] : 1;
}

/* By how much the work grows because lanes are not used. */
static double idle_lanes(const struct mote_plan *plan, const struct mote_step *step, bool depthwise, uint32_t lanes)
{
    const struct mote_shape *shape = &plan->graph->tensors[step->tensor].shape;
    const int64_t channels = channels_of(plan, step), outputs = mote_shape_elements(shape);
    const int64_t used = depthwise ? channels : outputs > 0 ? step->macs / outputs : 0;
    return used > 0 ? (double)((used + lanes - 1) / lanes * lanes) / (double)used : 1;
}

/* Winograd's layers transform the rows of inputs that a call reads, whatever it computes of them, once per call; those that take
 * scratch memory their weights, too, which are as many as a position's multiply-accumulates. Of stride 2 a product less is shared. */
static double winograd_call(const struct mote_step *step, uint32_t rows, double macs, double positions)
{
    const struct mote_operand *in = &step->inputs[0];
    const bool is_stride_2 = in->rows.stride == 2;
    const double per_input = is_stride_2 ? 3 : 6.6, per_mac = is_stride_2 ? 0.56 : 0.42, per_weight = step->kernel->takes_scratch ? 6 : 0;
    const double inputs = ((rows - 1.0) * in->rows.stride + in->window_rows) * in->row_bytes;
    return inputs * per_input + macs * (per_mac + (positions > 0 ? per_weight / positions : 0));
}

/* What planes add to a convolution that stores them: an instruction per pair of channels and position, and to fill them; what is
 * left of a depthwise layer that reads them: no rows are sorted, no strips begun. As measured on keyword spotting. */
static double planes_to_store(const struct mote_plan *plan, const struct mote_step *step, double outputs)
{
    const double per_output = 0.5, per_filled_byte = 0.11;
    return outputs * per_output + plan->buffers[step->output.buffer].bytes * per_filled_byte;
}

static double depthwise_of_planes(const struct mote_plan *plan, const struct mote_step *step, double macs)
{
    const double call = 200, channel = 40, per_mac = 1.4;
    return call + channel * channels_of(plan, step) + macs * per_mac;
}

double mote_cost_call(const struct mote_plan *plan, const struct mote_step *step, uint32_t rows)
{
    const size_t f = family_of(step->kernel);
    const bool depthwise = !strncmp(step->kernel->name, "depthwise", 9), tiled = !strncmp(step->kernel->name, "conv_2d", 7);
    const uint32_t all = step->row_end - step->row_begin, tile = tiled ? families[f].tile_positions : 1;
    const double positions = (double)rows * columns_of(plan, step);
    const double outputs = tiled ? (double)rows * step->output.row_bytes : 0;
    const double whole_tiles = (double)(((uint64_t)positions + tile - 1) / tile * tile);
    const double macs = all ? (double)step->macs * rows / all * idle_lanes(plan, step, depthwise, families[f].lanes) : 0;
    if (strstr(step->kernel->name, "winograd")) return families[f].call + winograd_call(step, rows, macs, positions);
    if (step->kernel->reads_planes) return depthwise_of_planes(plan, step, macs);
    if (depthwise) return families[f].depthwise_call + families[f].depthwise_channel * channels_of(plan, step) + macs * families[f].per_depthwise_mac;
    const double more = step->kernel->stores_planes ? planes_to_store(plan, step, outputs) : 0;
    return more + families[f].call + (positions > 0 ? (macs * families[f].per_mac + outputs * families[f].per_output) * whole_tiles / positions : 0);
}

double mote_cost_plan(const struct mote_plan *plan, const struct mote_stream *stream)
{
    double cost = 0;
    for (int32_t s = 0; s < plan->step_count && !stream; s++)
        cost += mote_cost_call(plan, &plan->steps[s], plan->steps[s].row_end - plan->steps[s].row_begin);
    for (int32_t e = 0; stream && e < stream->event_count; e++) {
        const struct mote_stream_event *event = &stream->events[e];
        if (event->step == MOTE_TAKE_ROW) continue;
        const struct mote_step *step = &plan->steps[event->step];
        cost += mote_cost_call(plan, step, event->row == MOTE_ALL_ROWS ? step->row_end - step->row_begin : event->rows);
    }
    return cost;
}
