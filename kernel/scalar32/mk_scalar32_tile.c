/* mk_scalar32_tile.c: the tiles in C, for machines without assembly of their own; see mk_scalar32_tile.h. */
#include "mk_scalar32_tile.h"

#include "mk_scalar32_assembly.h"

#if !MK_SCALAR32_QUADS_IN_ASSEMBLY || !MK_SCALAR32_BYTES_TILE_IN_ASSEMBLY
static void load_sums(uint32_t full[MK_SCALAR32_GROUP_WORDS], uint32_t high[MK_SCALAR32_GROUP_WORDS], const int32_t *from)
{
    for (int i = 0; i < MK_SCALAR32_GROUP_WORDS; i++) {
        full[i] = (uint32_t)from[2 * i];
        high[i] = (uint32_t)from[2 * i + 1];
    }
}

static void store_sums(int32_t *to, const uint32_t full[MK_SCALAR32_GROUP_WORDS], const uint32_t high[MK_SCALAR32_GROUP_WORDS])
{
    for (int i = 0; i < MK_SCALAR32_GROUP_WORDS; i++) {
        to[2 * i] = (int32_t)full[i];
        to[2 * i + 1] = (int32_t)high[i];
    }
}
#endif

#if !MK_SCALAR32_BYTES_TILE_IN_ASSEMBLY
void mk_scalar32_bytes_tile(const struct mk_scalar32_entry *list, const struct mk_scalar32_entry *end, const int32_t *weights,
                            uint32_t group_bytes, const int32_t *from, int32_t *to, uint32_t groups)
{
    enum { EVEN_BYTES = 0x00FF00FF };
    for (; groups > 0; groups--, weights += group_bytes / 4, from += MK_SCALAR32_GROUP_SUMS, to += MK_SCALAR32_GROUP_SUMS) {
        uint32_t full[MK_SCALAR32_GROUP_WORDS], high[MK_SCALAR32_GROUP_WORDS];
        load_sums(full, high, from);
        for (const struct mk_scalar32_entry *e = list; e != end; e += MK_SCALAR32_CHUNK) {
            const int32_t *const a = weights + e[0].offset / 8, *const b = weights + e[1].offset / 8;
            for (int i = 0; i < MK_SCALAR32_GROUP_WORDS; i++) {
                const uint32_t w0 = (uint32_t)a[i / 2] >> i % 2 * 8 & EVEN_BYTES, w1 = (uint32_t)b[i / 2] >> i % 2 * 8 & EVEN_BYTES;
                const uint32_t chunk = w0 * (uint32_t)e[0].input + w1 * (uint32_t)e[1].input;
                full[i] += chunk;
                high[i] += chunk >> 16;
            }
        }
        store_sums(to, full, high);
    }
}
#endif

#if !MK_SCALAR32_QUADS_IN_ASSEMBLY
/* `size`: of a chunk, a constant. */
static inline void add_chunks(const struct mk_scalar32_entry *list, const struct mk_scalar32_entry *end, const int32_t *weights,
                              uint32_t group_bytes, const int32_t *from, int32_t *to, uint32_t groups, int size)
{
    for (; groups > 0; groups--, weights += group_bytes / 4, from += MK_SCALAR32_GROUP_SUMS, to += MK_SCALAR32_GROUP_SUMS) {
        uint32_t full[MK_SCALAR32_GROUP_WORDS], high[MK_SCALAR32_GROUP_WORDS];
        load_sums(full, high, from);
        for (const struct mk_scalar32_entry *e = list; e != end; e += size)
            for (int i = 0; i < MK_SCALAR32_GROUP_WORDS; i++) {
                int32_t chunk = 0;
                for (int k = 0; k < size; k++) chunk += weights[e[k].offset / 4 + (uint32_t)i] * e[k].input;
                full[i] += (uint32_t)chunk;
                high[i] += (uint32_t)(chunk >> 16);
            }
        store_sums(to, full, high);
    }
}

void mk_scalar32_quads_tile(const struct mk_scalar32_entry *list, const struct mk_scalar32_entry *end, const int32_t *weights,
                            uint32_t group_bytes, const int32_t *from, int32_t *to, uint32_t groups)
{
    add_chunks(list, end, weights, group_bytes, from, to, groups, MK_SCALAR32_QUAD);
}
#endif

#if !MK_SCALAR32_TILE_IN_ASSEMBLY
void mk_scalar32_tile(const struct mk_scalar32_entry *list, const struct mk_scalar32_entry *end, const int32_t *weights,
                      uint32_t group_bytes, const int32_t *from, int32_t *to, uint32_t groups)
{
    add_chunks(list, end, weights, group_bytes, from, to, groups, MK_SCALAR32_CHUNK);
}

/* One or two inputs. Returns the next weights. */
static const int32_t *add_dense_chunk(uint32_t full[MK_SCALAR32_GROUP_WORDS], uint32_t high[MK_SCALAR32_GROUP_WORDS],
                                      const int8_t *in, const int32_t *weights, uint32_t count)
{
    for (int i = 0; i < MK_SCALAR32_GROUP_WORDS; i++) {
        int32_t chunk = in[0] * *weights++;
        if (count == MK_SCALAR32_CHUNK) chunk += in[1] * *weights++;
        full[i] += (uint32_t)chunk;
        high[i] += (uint32_t)((chunk + MK_SCALAR32_HALF) >> 16);
    }
    return weights;
}

void mk_scalar32_dense_tile(const struct mk_scalar32_dense *d, uint32_t offset, uint32_t positions, int32_t *to)
{
    for (; positions > 0; positions--, offset += d->step) {
        const int32_t *weights = d->weights;
        for (uint32_t group = 0; group < d->groups; group++, to += MK_SCALAR32_GROUP_SUMS) {
            uint32_t full[MK_SCALAR32_GROUP_WORDS], high[MK_SCALAR32_GROUP_WORDS];
            load_sums(full, high, d->starts + group * MK_SCALAR32_GROUP_SUMS);
            for (const int8_t *const *row = d->rows; row != d->rows_end; row++)
                for (uint32_t i = 0; i < d->run; i += MK_SCALAR32_CHUNK)
                    weights = add_dense_chunk(full, high, *row + offset + i, weights, d->run - i < MK_SCALAR32_CHUNK ? 1 : MK_SCALAR32_CHUNK);
            store_sums(to, full, high);
        }
    }
}
#endif
