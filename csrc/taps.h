/* taps.h - how local connections are laid out: columns of bordered planes, and lists of taps (taps.c).
 *
 * Unit (r, c) reads row r * stride + i and column c * stride + j of its bordered source planes. So for every column j
 * of the kernel there is a copy of the source plane, its *columns*, in which row by row the units of a map find side by
 * side what they read: columns_j[row][c] = x[row][c * stride + j]. With a stride of 2 the even rows come first and then
 * the odd ones, each in a plane of their own. Then a connection (source, i, j) that all units of a map share is a
 * *tap*: one weight, and an offset in the columns from which on it is read, unit after unit without a gap, eight at a
 * time. All passes are sums over taps.
 *
 * The gradient to the sources is gathered in the same form: columns of it are the sum over the taps that read them of
 * the weight times y, y being read backwards by the tap's offset from planes with a margin of zeros. What the columns
 * of one plane say of a unit is added up at last. */
#ifndef SN_TAPS_H
#define SN_TAPS_H

#include "layer.h"

/* A row of a map's kernel: the weight of its column 0, where y of the map begins, and how far from the beginning of a
 * plane of columns it is read. */
typedef struct {
    int32_t from, y, line;
} sn_row_of_taps;

typedef struct {
    int phases;          /* of rows: those whose number has the same rest by the stride lie in planes of their own */
    sn_columns form;     /* how they lie; columns for even and odd rows, or so, follow each other */
    size_t places;       /* units of a map */
    float *columns;      /* [source][phase][j][plane] of the states, and in the second pass of their squares */
    float *columns_back; /* the same for dC/dx, and in the second pass for d2C/dx2 */
    float *squares;      /* of the weights, in the second pass */
    float *products;     /* [places] for taps that are not shared */
    int rows, inner; /* of a bordered plane that some tap reads, and of them those that hold units; or pairs of them */
    sn_row *row;     /* [rows] */
    sn_row *inner_row;      /* [inner] in columns_back; of shared taps nothing else is gathered */
    int gathers;            /* how many sums are gathered: */
    sn_sums *gather;        /* [sources * phases * blocks] */
    int *same_taps;         /* [maps] number of maps from this one on that have the same taps */
    bool by_source;         /* see sn_reader, if few maps have the same taps */
    sn_reader *reader;      /* [kernels] those of each source one after another */
    int32_t *readers_of;    /* [sources + 1] where they begin */
    int32_t *map_taps;      /* [maps + 1] where the taps of each map begin */
    int32_t *tap;           /* [taps] in the order of the weights: offset in the columns */
    int32_t *tap8;          /* the same for eight patterns, which need no columns: offset in below->eight */
    int32_t *lists;         /* [sources * phases + 1] where those begin that read each phase of a source, in: */
    sn_row_of_taps *listed; /* [taps / kernel columns] those lists; and what is gathered by them, block by block: */
    int32_t *gather_tap;    /* [taps / kernel columns * blocks] offset in y, which reads it backwards */
    int32_t *gather_from;   /* the same; index of the weight of column 0 */
} sn_taps;

/* The number of source maps that a map sees. */
int sn_fan(const sn_built *layer, int map);

/* Rows (direction 0) or columns (1) of a source plane with its border. */
int64_t sn_bordered(const sn_built *layer, int direction);

/* Units along a direction. */
int64_t sn_units_along(const sn_built *layer, int direction);

/* Offsets of taps are 32-bit: whether the arrays that they lead into are not too large for that. */
bool sn_taps_fit(const sn_built *layer);

/* Reading bordered planes: sets below->read. */
void sn_read_bordered(sn_built *layer);

/* The lay_out of sn_layer_kind: sets layer->plan to an sn_taps. */
void sn_taps_lay_out(sn_built *layer, sn_arena *arena);

/* columns = those of the bordered planes x; and the other way for the rows that hold units. */
void sn_to_columns(const sn_built *layer, const float *x);
void sn_from_columns(const sn_built *layer, float *back);

#endif
