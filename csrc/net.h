/* net.h - the structure of a built net, for the files that build it and walk through it (build.c, input.c, distort.c,
 * net.c). */
#ifndef SN_NET_H
#define SN_NET_H

#include "layer.h"

/* Size of the images around which an array holds the background, as long as they come; 0 and 0 for none. */
typedef struct {
    int height, width;
} sn_surrounded;

struct sn_net {
    const sn_kernels *kernels;
    void *block; /* what malloc gave; the net itself lies in it */
    float background;
    sn_cost cost;
    sn_units input;
    sn_surrounded alone, eight; /* the input's state and its eight */
    float *framed;              /* an image on its way through a distortion */
    float *input_back;          /* read; dC/dx of the input, for sn_input_gradient alone */
    sn_chance chance;
    int count;
    sn_built *layers; /* [count] */
    int64_t parameter_count;
    float *parameters, *gradient, *curvature, *momentum; /* vectors of one shape, */
    float *instantaneous;                                /* and what sn_backward2 returns */
    float *kept;                                         /* 1, or 0 for a parameter that is deleted */
    bool some_deleted;                                   /* whether there is a 0 in it */
};

/* ---- Images (input.c) --------------------------------------------------------------------------------------- */

/* Where an image lies in the input planes, centred: its first row and column, how large it is, where it begins in the
 * array, and how many floats all its maps have. */
typedef struct {
    size_t top, left, height, width, begin, floats;
} sn_place;

sn_place sn_place_of(const sn_net *net, const sn_patterns *patterns);

/* Sets the states of the input for pattern p. */
void sn_input(sn_net *net, const sn_patterns *patterns, int64_t p);

/* The same for patterns p to p + 7, of which `count` are there; the last stands for the others too. */
void sn_input8(sn_net *net, const sn_patterns *patterns, int64_t p, int64_t count);

/* Patterns p and following, 8 of `count` if there are so many and none if it is not positive, are wanted next: brings
 * some of their images near, 64 KiB of them in all, while this layer computes, and others while the next ones do: a
 * processor can wait for few things at once. */
void sn_expect8(const sn_net *net, const sn_patterns *patterns, int64_t p, int64_t count, int layer);

/* ---- Distorted ones (distort.c) ------------------------------------------------------------------------------- */

/* An image that is to be distorted has this much background before it, and around it, in each direction. */
enum { SN_FRAME_BEFORE = 1, SN_FRAME = 3 };

/* As sn_input; the distortion is one that comes of the seed. */
void sn_input_distorted(sn_net *net, const sn_patterns *patterns, int64_t p, const sn_distortion *distortion,
                        uint64_t seed);

#endif
