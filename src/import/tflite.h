/* tflite.h: TensorFlow Lite files (schema version 3, identifier TFL3) to graphs. */
#ifndef MOTE_IMPORT_TFLITE_H
#define MOTE_IMPORT_TFLITE_H

#include "../ir/graph.h"

/* Reads subgraph 0 of the file into a new graph in the arena; *graph is untouched on failure.
 *
 * The bytes are untrusted. They must outlive the graph: constants that are aligned for their type stay in them (others
 * are copied into the arena); names and quantisation are copied. Memory and time are bounded by the arena's limit and
 * by a multiple of size_bytes. Only the tensors that operators use, and the model's inputs and outputs, become tensors
 * of the graph.
 *
 * MOTE_ERR_INPUT: the file is damaged or contradicts itself. MOTE_ERR_UNSUPPORTED: every operator and tensor that mote
 * cannot take is listed, then what it can. The result still has to pass mote_graph_verify. */
MOTE_MUST_CHECK enum mote_status mote_import_tflite(const uint8_t *bytes, size_t size_bytes, const char *name,
                                                    struct mote_arena *arena, struct mote_graph **graph,
                                                    struct mote_diag *diag);

#endif
