#include "shared_models.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_whole(const char *path, struct shared_model *model)
{
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    model->bytes = size > 0 ? malloc((size_t)size) : NULL;
    model->size_bytes = model->bytes ? fread(model->bytes, 1, (size_t)size, file) : 0;
    fclose(file);
    snprintf(model->path, sizeof model->path, "%s", path);
    return model->bytes && model->size_bytes == (size_t)size;
}

struct shared_model *shared_models_read(size_t max_bytes, size_t *count)
{
    glob_t found = {0};
    glob("../shared/models/*.tflite", 0, NULL, &found);
    glob("../shared/models/seanet/*.tflite", GLOB_APPEND, NULL, &found);
    struct shared_model *models = found.gl_pathc ? calloc(found.gl_pathc, sizeof *models) : NULL;
    *count = 0;
    for (size_t i = 0; models && i < found.gl_pathc; i++) {
        struct shared_model *model = &models[*count];
        if (read_whole(found.gl_pathv[i], model) && model->size_bytes <= max_bytes) {
            ++*count;
        } else {
            free(model->bytes);
            *model = (struct shared_model){0};
        }
    }
    globfree(&found);
    return models;
}

void shared_models_free(struct shared_model *models, size_t count)
{
    for (size_t i = 0; i < count; i++) free(models[i].bytes);
    free(models);
}

void shared_model_name(const struct shared_model *model, char name[128])
{
    const char *slash = strrchr(model->path, '/');
    const char *base = slash ? slash + 1 : model->path;
    const char *dot = strrchr(base, '.');
    snprintf(name, 128, "%.*s", (int)(dot ? dot - base : (long)strlen(base)), base);
}
