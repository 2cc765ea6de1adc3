/* $title
 *
 * Written by sn89. The code is in $file.c. */
#ifndef ${NAME}_H
#define ${NAME}_H
$include
#ifdef __cplusplus
extern "C" {
#endif

#define ${NAME}_MAPS $maps
#define ${NAME}_HEIGHT $height
#define ${NAME}_WIDTH $width
#define ${NAME}_OUTPUTS $outputs

/* Computes the outputs for an image. The image comes plane after plane, row after row, in the scale of the images that the
 * net was trained on: $background is the background; for the nets of the papers, $ink is ink. The states of the units are
 * static, so one call must end before another begins. */
void $name(const float image[$inputs], float outputs[$outputs]);

/* The class of an image: the number of its $best output. */
int ${name}_classify(const float image[$inputs]);
$whole
#ifdef __cplusplus
}
#endif

#endif
