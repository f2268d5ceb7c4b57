/* lower_util.h: what the lowerings of operators without weights share. */
#ifndef MOTE_PLAN_LOWER_UTIL_H
#define MOTE_PLAN_LOWER_UTIL_H

#include "lower.h"

/* Two strings, one number of arguments: the reason with the text of printf's format. */
enum mote_status mote_lower_unsupported_because(struct mote_lower *lower, const struct mote_op *op, int32_t tensor,
                                                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Tells the user that something is odd but done as the reference does it. */
void mote_lower_warn(struct mote_lower *lower, const struct mote_op *op, int32_t tensor, const char *text);

/* MOTE_OK if the tensor has one scale and one zero point. */
MOTE_MUST_CHECK enum mote_status mote_lower_check_per_tensor(struct mote_lower *lower, const struct mote_op *op,
                                                             int32_t tensor);

/* Both per-tensor quantised with the same scale and zero point, or both not quantised. */
bool mote_lower_same_quant(const struct mote_tensor *a, const struct mote_tensor *b);

/* For operators that move stored values: warns if input and output are quantised differently. */
void mote_lower_warn_requantised(struct mote_lower *lower, const struct mote_op *op, int32_t input, int32_t output);

/* A step of one input in which output element i depends on input element i only; rows and elements per row are those of
 * mote_lower_rows. The operands are complete. NULL on failure, with the reason in *status. */
struct mote_step *mote_lower_elementwise(struct mote_lower *lower, const struct mote_op *op, const char *base_name,
                                         uint16_t *rows, uint16_t *row_elements, enum mote_status *status);

/* Declares that output row r of `rows` needs input row r and nothing else. */
void mote_lower_map_same_rows(struct mote_operand *operand, uint32_t rows, uint32_t row_bytes);

/* Declares that any output row may need all of the operand. */
void mote_lower_map_everything(struct mote_operand *operand, uint32_t rows, uint32_t in_rows, uint32_t row_bytes);

#endif
