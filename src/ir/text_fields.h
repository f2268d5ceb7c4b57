/* text_fields.h: the attribute structs as data, from attrs.def, for printing and parsing. */
#ifndef MOTE_IR_TEXT_FIELDS_H
#define MOTE_IR_TEXT_FIELDS_H

#include "graph.h"

enum mote_attr_kind { MOTE_ATTR_INT, MOTE_ATTR_FLOAT, MOTE_ATTR_ENUM };

struct mote_attr_field {
    const char *name;
    enum mote_attr_kind kind;
    size_t offset;        /* in the union of attributes */
    int32_t length;       /* values in the array, 1 for a scalar; printed as a list if is_array */
    bool is_array;
    int32_t name_count;   /* of an enum: its names are name_of(0) ... name_of(name_count - 1) */
    const char *(*name_of)(int32_t value);
};

/* The fields of an operator's attributes, in order; *count may be 0. kind must be below MOTE_OP_COUNT. */
const struct mote_attr_field *mote_attr_fields(enum mote_op_kind kind, int32_t *count);

#endif
