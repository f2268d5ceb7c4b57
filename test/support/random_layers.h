/* random_layers.h: networks of random convolutions, fully connected layers and average pools side by side: every shape, stride,
 * padding, zero point and scale that tuned kernels say they take, and some that they leave to others. Failures are
 * cmocka's. */
#ifndef RANDOM_LAYERS_H
#define RANDOM_LAYERS_H

#include "../../include/mote.h"
#include "../../src/plan/plan.h"

#include <stdint.h>

/* What comes next depends on the seed alone. */
void random_layers_seed(uint64_t seed);

/* What plans are made for, until the next seed. */
void random_layers_optimize(enum mote_optimize what);

typedef void random_layers_visitor(const struct mote_plan *plan, const struct mote_step *layer, void *context);

/* The plan for `target`, run on the host, where portable twins stand for assembly, equals the reference on random and
 * extreme inputs, for as many networks of at most 14 layers that fit the target; each layer but average pools is
 * shown to `visit` first. */
void random_layers_on_host(const char *target, int networks, int layers, random_layers_visitor *visit, void *context);

/* On the target's simulator, layer by layer; nothing is done where the simulator or compiler is missing. */
void random_layers_on_chip(const char *target, int networks, int layers);

/* The same with layers one after the other, pointwise and depthwise 3x3 ones in narrow maps, whose outputs lie over inputs. */
void random_layers_chained_on_chip(const char *target, int networks, int layers);

/* Convolutions that a 3x3 depthwise layer each reads, alone, one pair after the other and `chains` of them side by side, some
 * planned for speed: what may lie in planes between. On the host and on the simulator, as above. */
void random_pairs_on_host(const char *target, int networks, int chains, random_layers_visitor *visit, void *context);
void random_pairs_on_chip(const char *target, int networks, int chains);

#endif
