/* taps.h - how local connections are laid out: bordered planes, their phases, and lists of taps (taps.c).
 *
 * Unit (r, c) reads row r * stride + i and column c * stride + j of its bordered source planes. A source plane is split
 * into its phases, the planes of its even and of its odd rows and columns for a stride of 2. Then a connection (source,
 * i, j) that all units of a map share is a *tap*: one weight, and a plane of the phase's pitch that is read from some
 * offset on, unit after unit without a gap. All passes are sums over taps. The columns past a map's width, where a row
 * runs into the next, give sums that nobody reads, and have y = 0.
 *
 * The gradient to the sources is gathered in the same form: a phase plane is the sum over the taps that read it of the
 * weight times y, y being read backwards by the tap's offset from planes with a margin of zeros.
 *
 * With a stride of 1 a bordered plane is its own only phase, and nothing is copied. */
#ifndef SN_TAPS_H
#define SN_TAPS_H

#include "layer.h"

/* The part of a phase plane that holds units of the source, not border. */
typedef struct {
    int32_t begin, length;
} sn_interior;

typedef struct {
    bool copied;          /* the phases are copies, in arrays of their own */
    int phases[2];        /* how many phases some tap reads */
    size_t pitch, plane;  /* of a phase plane: its rows, and from it to the next. There is room between planes for what
                           * is written in whole lanes past the end of one: planes are not always written in order. */
    size_t length;        /* from the first unit of a map to its last, at that pitch */
    size_t width, places; /* units in a row and in all of a map */
    float *split;         /* [source][phases][plane] states, and in the second pass their squares */
    float *split_back;    /* the same for dC/dx, and in the second pass for d2C/dx2 */
    sn_interior *interiors; /* [phases] */
    int32_t *map_taps;      /* [maps + 1] where the taps of each map begin */
    int32_t *tap;           /* [taps] in the order of the weights: offset in split */
    int32_t *plane_taps;    /* [sources * phases + 1] where the taps that read each phase plane begin, in: */
    int32_t *gather_tap;    /* [taps] offset in y, which reads it backwards */
    int32_t *gather_from;   /* [taps] index of the weight */
    bool *four_maps;        /* [maps] whether this map and the next three have the same taps */
    bool *four_sources; /* [sources] whether the taps that read this source and the next three come from the same places
                         */
} sn_taps;

/* How many source maps a map sees. */
int sn_fan(const sn_built *layer, int map);

/* Rows (direction 0) or columns (1) of a source plane with its border. */
int64_t sn_bordered(const sn_built *layer, int direction);

/* Offsets of taps are 32-bit: whether the arrays that they lead into are not too large for that. */
bool sn_taps_fit(const sn_built *layer);

/* Reading bordered planes that lie `plane` floats apart: sets below->read. */
void sn_read_bordered(sn_built *layer, size_t plane);

/* The lay_out of sn_layer_kind: sets layer->plan to an sn_taps. */
void sn_taps_lay_out(sn_built *layer, sn_arena *arena);

/* to = the phases of the bordered planes `from`; and the other way for what lies inside the border. */
void sn_split(const sn_built *layer, const float *from, float *to);
void sn_merge(const sn_built *layer, const float *from, float *to);

#endif
