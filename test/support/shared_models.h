/* shared_models.h: the model files in ../shared/models, for tests that run over all of them. */
#ifndef SHARED_MODELS_H
#define SHARED_MODELS_H

#include <stddef.h>
#include <stdint.h>

struct shared_model {
    char path[256];
    uint8_t *bytes; /* from malloc */
    size_t size_bytes;
};

/* Reads every .tflite file in ../shared/models and its folder seanet, in alphabetical order, at most `max_bytes` long.
 * NULL if there are none; the caller frees with shared_models_free. */
struct shared_model *shared_models_read(size_t max_bytes, size_t *count);
void shared_models_free(struct shared_model *models, size_t count);

/* The part of the path behind the last slash, without its extension, into `name`. */
void shared_model_name(const struct shared_model *model, char name[128]);

#endif
