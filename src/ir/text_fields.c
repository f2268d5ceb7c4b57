#include "text_fields.h"

/* One row here per enum that attrs.def names. */
static const char *name_of_activation(int32_t value)
{
    return mote_activation_name((enum mote_activation)value);
}
enum { NAME_COUNT_activation = MOTE_ACT_COUNT };
_Static_assert(sizeof(enum mote_activation) == sizeof(int32_t), "enums are read and written as int32_t");

#define MOTE_ATTRS_BEGIN(s) static const struct mote_attr_field fields_##s[] = {
#define I(s, field) {#field, MOTE_ATTR_INT, offsetof(struct mote_attrs_##s, field), 1, false, 0, NULL},
#define F(s, field) {#field, MOTE_ATTR_FLOAT, offsetof(struct mote_attrs_##s, field), 1, false, 0, NULL},
#define E(s, field, e)                                                                                                 \
    {#field, MOTE_ATTR_ENUM, offsetof(struct mote_attrs_##s, field), 1, false, NAME_COUNT_##e, name_of_##e},
#define V(s, field, length) {#field, MOTE_ATTR_INT, offsetof(struct mote_attrs_##s, field), length, true, 0, NULL},
#define MOTE_ATTRS_END(s)                                                                                              \
    };                                                                                                                 \
    enum { FIELD_COUNT_##s = sizeof fields_##s / sizeof fields_##s[0] };
#include "attrs.def"

enum { FIELD_COUNT_none = 0 };
#define fields_none NULL

static const struct {
    const struct mote_attr_field *fields;
    int32_t count;
} attributes[MOTE_OP_COUNT] = {
#define MOTE_OP(KIND, name, attrs, ...) [MOTE_OP_##KIND] = {fields_##attrs, FIELD_COUNT_##attrs},
#include "ops.def"
};

const struct mote_attr_field *mote_attr_fields(enum mote_op_kind kind, int32_t *count)
{
    *count = attributes[kind].count;
    return attributes[kind].fields;
}
