
/* The same in whole numbers. States of the image are from -127 to 127 and count ${NAME}_IMAGE_STEP each; outputs, which
 * count ${NAME}_OUTPUT_STEP, stay until the next call. */
#define ${NAME}_IMAGE_STEP $image_step
#define ${NAME}_OUTPUT_STEP $output_step
const int16_t *${name}_int8(const int8_t image[$inputs]);
int ${name}_classify_int8(const int8_t image[$inputs]);
