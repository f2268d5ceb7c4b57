/* embed.h: text files that are part of the program. tools/embed.cmake makes the tables: mote_embed(target symbol files...)
 * defines
 *     extern const struct mote_embedded_file symbol[];
 *     extern const size_t symbol_count;
 * which the user of a table declares. */
#ifndef MOTE_BASE_EMBED_H
#define MOTE_BASE_EMBED_H

#include <stddef.h>

struct mote_embedded_file {
    const char *name; /* the path, relative to the folder that mote_embed was told to start from */
    const char *text; /* a zero byte, not counted, lies behind it */
    size_t bytes;
};

#endif
