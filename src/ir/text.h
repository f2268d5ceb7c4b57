/* text.h: the text form of graphs: everything a graph holds, for people to read and for tests to write.
 *
 *     graph "tiny" {
 *       tensor 0 s8 [1 4] "in" quant axis 0 [0.5:-3]
 *       tensor 1 s8 [2 4] "w" quant axis 0 [0.25:0 0.125:0] data [
 *         0102030405060708
 *       ]
 *       tensor 2 s8 [1 2] "out" quant axis 0 [0.5:0]
 *       inputs [0]
 *       op 0 FULLY_CONNECTED source 0 "FULLY_CONNECTED" inputs [0 1 -1] outputs [2] {
 *         keep_dims 0
 *         activation none
 *       }
 *       outputs [2]
 *     }
 *
 * Layout is free; "#" begins a comment. Quantisation is a list of scale:zero-point, data are bytes as in memory, in
 * hexadecimal. Printing what was parsed gives the same text again. */
#ifndef MOTE_IR_TEXT_H
#define MOTE_IR_TEXT_H

#include "../base/text.h"
#include "graph.h"

/* Appends the graph; a failed allocation shows in text->failed. */
void mote_graph_print(const struct mote_graph *graph, struct mote_text *text);

/* Parses `bytes` bytes of untrusted text, which need no terminating zero, into a new graph in the arena; errors name
 * the line. The result still has to pass mote_graph_verify; data is of the size that type and shape ask for. *graph is
 * untouched on failure. Memory is bounded by a multiple of `bytes`. */
MOTE_MUST_CHECK enum mote_status mote_graph_parse(const char *text, size_t bytes, struct mote_arena *arena,
                                                  struct mote_graph **graph, struct mote_diag *diag);

#endif
