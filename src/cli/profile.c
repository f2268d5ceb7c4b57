#include "profile.h"

#include <stdlib.h>
#include <string.h>

static double calls_per_inference(const struct mote_run_report *report, size_t function)
{
    return (double)report->functions[function].calls / ((double)report->vectors * report->frames);
}

/* What a layer costs, in the unit that the simulator counts. */
static double layer_cost(const struct mote_layer_info *layer)
{
    return layer->cycles >= 0 ? layer->cycles : layer->instructions;
}

static const char *cost_unit(const struct mote_run_report *report)
{
    return report->layer_count && report->layers[0].cycles >= 0 ? "cycles" : "instructions";
}

static double total_cost(const struct mote_run_report *report)
{
    double total = 0;
    for (size_t i = 0; i < report->layer_count; i++) total += layer_cost(&report->layers[i]);
    return total;
}

static bool has_estimate(const struct mote_run_report *report)
{
    return report->layer_count && report->layers[0].estimated_cycles >= 0;
}

static double total_estimate(const struct mote_run_report *report)
{
    double total = 0;
    for (size_t i = 0; i < report->layer_count; i++) total += report->layers[i].estimated_cycles;
    return total;
}

static double share_of(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* ---- For people ---- */

static bool print_functions(const struct mote_run_report *report)
{
    struct mote_cli_table table = {0};
    mote_cli_table_column(&table, "function", false);
    char heading[64];
    snprintf(heading, sizeof heading, "own %scycles per %s", report->cycles < 0 ? "~" : "", report->frames > 1 ? "frame" : "inference");
    mote_cli_table_column(&table, heading, true);
    mote_cli_table_column(&table, report->frames > 1 ? "calls per frame" : "calls per inference", true);
    for (size_t i = 0; i < report->function_count; i++) {
        mote_cli_table_cell(&table, "%s", report->functions[i].name);
        mote_cli_table_cell(&table, "%s", mote_cli_number((int64_t)(report->functions[i].cycles + 0.5)).text);
        mote_cli_table_cell(&table, "%s", mote_cli_real(calls_per_inference(report, i)).text);
    }
    putchar('\n');
    return mote_cli_table_print(&table);
}

static void layer_row(struct mote_cli_table *table, const struct mote_layer_info *layer, double total, bool with_estimate)
{
    const double cost = layer_cost(layer);
    mote_cli_table_cell(table, "%s", layer->step);
    mote_cli_table_cell(table, "%s", mote_cli_number((int64_t)(cost + 0.5)).text);
    if (with_estimate) mote_cli_table_cell(table, "%s", mote_cli_number((int64_t)(layer->estimated_cycles + 0.5)).text);
    mote_cli_table_cell(table, "%.1f %%", 100 * share_of(cost, total));
    mote_cli_table_cell(table, "%s", layer->macs ? mote_cli_number(layer->macs).text : "-");
    if (layer->macs) mote_cli_table_cell(table, "%.2f", cost / (double)layer->macs);
    else mote_cli_table_cell(table, "-");
    mote_cli_table_cell(table, "%s", layer->kernel);
}

static bool print_layers(const struct mote_run_report *report)
{
    struct mote_cli_table table = {0};
    const double total = total_cost(report);
    const bool with_estimate = has_estimate(report);
    mote_cli_table_column(&table, "layer", false);
    mote_cli_table_column(&table, cost_unit(report), true);
    if (with_estimate) mote_cli_table_column(&table, "~cycles", true);
    mote_cli_table_column(&table, "share", true);
    mote_cli_table_column(&table, "MACs", true);
    mote_cli_table_column(&table, "per MAC", true);
    mote_cli_table_column(&table, "kernel", false);
    for (size_t i = 0; i < report->layer_count; i++) layer_row(&table, &report->layers[i], total, with_estimate);
    const struct mote_layer_info sum = {
        .step = "all layers", .kernel = "", .macs = report->macs, .cycles = total, .estimated_cycles = total_estimate(report)};
    layer_row(&table, &sum, total, with_estimate);
    printf("\nMean of the first %zu vector%s, with the trace that tells the layers apart:\n",
           report->layer_vectors, report->layer_vectors == 1 ? "" : "s");
    return mote_cli_table_print(&table);
}

bool mote_cli_print_profile(const struct mote_run_report *report)
{
    if (!report->function_count) puts("\n  no functions: cycles per function are neither counted nor estimated here");
    else if (!print_functions(report)) return false;
    if (report->layer_count) return print_layers(report);
    puts("\n  no layers: nothing is counted here");
    return true;
}

/* ---- For programs ---- */

static json_t *layer_json(const struct mote_layer_info *layer, double total)
{
    const double cost = layer_cost(layer);
    return json_pack("{s:s, s:s, s:s, s:i, s:I, s:o, s:o, s:o, s:f, s:o}", "step", layer->step, "operator", layer->op_type, "kernel",
                     layer->kernel, "source_index", (int)layer->source_index, "macs", (json_int_t)layer->macs, "cycles",
                     mote_cli_json_real(layer->cycles), "instructions", mote_cli_json_real(layer->instructions),
                     "estimated_cycles", mote_cli_json_real(layer->estimated_cycles), "share", share_of(cost, total), "per_mac", mote_cli_json_real(layer->macs ? cost / (double)layer->macs : -1));
}

void mote_cli_add_profile(json_t *json, const struct mote_run_report *report)
{
    json_t *functions = json_array(), *layers = json_array();
    for (size_t i = 0; i < report->function_count; i++)
        json_array_append_new(functions, json_pack("{s:o, s:f, s:f}", "name", mote_cli_json_text(report->functions[i].name),
                                                   report->cycles < 0 ? "estimated_cycles" : "cycles",
                                                   report->functions[i].cycles, "calls", calls_per_inference(report, i)));
    for (size_t i = 0; i < report->layer_count; i++)
        json_array_append_new(layers, layer_json(&report->layers[i], total_cost(report)));
    json_object_set_new(json, "functions", functions);
    json_object_set_new(json, "layers", layers);
    json_object_set_new(json, "layer_vectors", json_integer((json_int_t)report->layer_vectors));
}

/* ---- A drawing ---- */

enum { ROW = 22, LABEL = 230, BARS = 420, NOTES = 290, MARGIN = 10, HEAD = 44 };

static void write_escaped(FILE *stream, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': fputs("&amp;", stream); break;
        case '<': fputs("&lt;", stream); break;
        case '>': fputs("&gt;", stream); break;
        default: fputc((unsigned char)*text < 0x20 ? '?' : *text, stream);
        }
    }
}

static void write_bar(FILE *stream, const struct mote_layer_info *layer, double total, double largest, int y)
{
    const double cost = layer_cost(layer), width = share_of(cost, largest) * BARS;
    fprintf(stream, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", MARGIN + LABEL - 8, y + 15);
    write_escaped(stream, layer->step);
    fprintf(stream, "</text>\n<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>", MARGIN + LABEL, y + 3, width, ROW - 6);
    write_escaped(stream, layer->kernel);
    fprintf(stream, "</title></rect>\n<text x=\"%.1f\" y=\"%d\">%s, %.1f %%", MARGIN + LABEL + width + 8, y + 15,
            mote_cli_number((int64_t)(cost + 0.5)).text, 100 * share_of(cost, total));
    if (layer->macs) fprintf(stream, ", %.2f per MAC", cost / (double)layer->macs);
    fputs("</text>\n", stream);
}

static void write_svg(FILE *stream, const char *model, const struct mote_run_report *report)
{
    const int width = 2 * MARGIN + LABEL + BARS + NOTES, height = HEAD + ROW * (int)report->layer_count + MARGIN;
    double largest = 0;
    for (size_t i = 0; i < report->layer_count; i++)
        if (layer_cost(&report->layers[i]) > largest) largest = layer_cost(&report->layers[i]);
    fprintf(stream, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
                    "font-family=\"sans-serif\" font-size=\"12\">\n"
                    "<style>rect { fill: #3b76af } .paper { fill: #fff } text { fill: #222 }</style>\n"
                    "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n<text x=\"%d\" y=\"26\" font-size=\"15\">",
            width, height, width, height, width, height, MARGIN);
    write_escaped(stream, model);
    fprintf(stream, " on %s: %s %s per inference</text>\n", report->target, mote_cli_number((int64_t)(total_cost(report) + 0.5)).text,
            cost_unit(report));
    for (size_t i = 0; i < report->layer_count; i++)
        write_bar(stream, &report->layers[i], total_cost(report), largest, HEAD + ROW * (int)i);
    fputs("</svg>\n", stream);
}

bool mote_cli_write_profile_svg(const char *path, const char *model, const struct mote_run_report *report)
{
    if (!report->layer_count) return mote_cli_error("%s: there is nothing to draw: no layers are counted on %s", path, report->target);
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    if (!stream) return mote_cli_error("out of memory");
    write_svg(stream, model, report);
    bool ok = fclose(stream) == 0 || mote_cli_error("out of memory");
    if (ok) ok = mote_cli_write_file(path, text);
    free(text);
    return ok;
}
