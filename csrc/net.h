/* net.h - what a built net is, for the files that build it and walk it (build.c, net.c). */
#ifndef SN_NET_H
#define SN_NET_H

#include "layer.h"

struct sn_net {
    const sn_kernels *kernels;
    void *block; /* what malloc gave; the net itself lies in it */
    float background;
    sn_cost cost;
    sn_units input;
    int count;
    sn_built *layers; /* [count] */
    int64_t parameter_count;
    float *parameters, *gradient, *curvature; /* three vectors of one shape, */
    float *instantaneous;                     /* and what sn_backward2 returns */
};

#endif
