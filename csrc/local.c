/* local.c - local connections: every unit sees a small field on some of the maps below (a convolution).
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
#include "kernels.h"
#include "layer.h"

#include <string.h>

/* The part of a phase plane that holds units of the source, not border. */
typedef struct {
    int32_t begin, length;
} interior;

typedef struct {
    bool copied;          /* the phases are copies, in arrays of their own */
    int phases[2];        /* how many phases some tap reads */
    size_t height, pitch; /* of a phase plane */
    size_t length;        /* from the first unit of a map to its last, at that pitch */
    size_t width, places; /* units in a row and in all of a map */
    float *split;         /* [source][phases][height][pitch] states, and in the second pass their squares */
    float *split_back;    /* the same for dC/dx, and in the second pass for d2C/dx2 */
    interior *interiors;  /* [phases] */
    int32_t *map_taps;    /* [maps + 1] where the taps of each map begin */
    int32_t *tap;         /* [taps] in the order of the weights: offset in split */
    int32_t *plane_taps;  /* [sources * phases + 1] where the taps that read each phase plane begin, in: */
    int32_t *gather_tap;  /* [taps] offset in y, which reads it backwards */
    int32_t *gather_from; /* [taps] index of the weight */
    float *gathered;      /* [taps] the weights in this order */
} plan;

/* ---- The connection table ------------------------------------------------------------------------------------- */

static int fan_of(const sn_built *layer, int map)
{
    return layer->told.rows ? layer->told.fan[map] : layer->below->shape.maps;
}

static bool check_row(const sn_built *layer, int map, const int *row, const sn_complaint *complaint)
{
    const int fan = layer->told.fan[map], sources = layer->below->shape.maps;
    if (fan < 1)
        return sn_complain(complaint, layer->told.name, "table gives map %d no source map", map);
    for (int k = 0; k < fan; k++) {
        if (row[k] < 0 || row[k] >= sources)
            return sn_complain(complaint, layer->told.name, "table lets map %d see source map %d; there are 0 to %d",
                               map, row[k], sources - 1);
        for (int earlier = 0; earlier < k; earlier++)
            if (row[earlier] == row[k])
                return sn_complain(complaint, layer->told.name, "table lets map %d see source map %d twice", map,
                                   row[k]);
    }
    return true;
}

/* Judges the table; *kernels is the number of (map, source) pairs. */
static bool check_table(const sn_built *layer, const sn_complaint *complaint, int64_t *kernels)
{
    const sn_layer *told = &layer->told;
    *kernels = sn_times(told->maps, layer->below->shape.maps);
    if (told->rows == 0)
        return true;
    if (told->rows != told->maps)
        return sn_complain(complaint, told->name, "table has %d rows for %d maps", told->rows, told->maps);
    *kernels = 0;
    const int *row = told->sources;
    for (int map = 0; map < told->maps; row += told->fan[map++]) {
        if (!check_row(layer, map, row, complaint))
            return false;
        *kernels = sn_plus(*kernels, told->fan[map]);
    }
    return true;
}

/* ---- Shape ---------------------------------------------------------------------------------------------------- */

static bool check_sizes(const sn_built *layer, const sn_complaint *complaint)
{
    const sn_layer *told = &layer->told;
    const int size[2] = {layer->below->shape.height, layer->below->shape.width};
    if (told->maps < 1)
        return sn_complain(complaint, told->name, "maps must be at least 1, not %d", told->maps);
    if ((unsigned)told->bias >= SN_BIASES)
        return sn_complain(complaint, told->name, "bias must be one of 0 to %d, not %d", SN_BIASES - 1, told->bias);
    for (int d = 0; d < 2; d++) {
        if (told->kernel[d] < 1 || told->stride[d] < 1 || told->pad[d] < 0)
            return sn_complain(complaint, told->name, "kernel %d and stride %d must be at least 1, pad %d at least 0",
                               told->kernel[d], told->stride[d], told->pad[d]);
        if (told->kernel[d] > size[d] + 2 * (int64_t)told->pad[d])
            return sn_complain(complaint, told->name, "kernel of %dx%d is larger than its source plane of %dx%d%s",
                               told->kernel[0], told->kernel[1], size[0], size[1],
                               told->pad[0] || told->pad[1] ? " with its padding" : "");
    }
    return true;
}

static int64_t bordered(const sn_built *layer, int direction)
{
    const sn_shape below = layer->below->shape;
    return (direction ? below.width : below.height) + 2 * (int64_t)layer->told.pad[direction];
}

static int units_along(const sn_built *layer, int direction)
{
    return (int)((bordered(layer, direction) - layer->told.kernel[direction]) / layer->told.stride[direction] + 1);
}

static int phase_count(const sn_layer *told, int direction)
{
    return told->stride[direction] < told->kernel[direction] ? told->stride[direction] : told->kernel[direction];
}

/* Rows or columns of a phase plane. */
static int64_t phase_length(const sn_built *layer, int direction)
{
    return (bordered(layer, direction) - 1) / layer->told.stride[direction] + 1;
}

/* The largest offset of a tap in a phase plane: how far y is read past its ends. */
static int64_t reach(const sn_built *layer)
{
    const sn_layer *told = &layer->told;
    return (told->kernel[0] - 1) / told->stride[0] * phase_length(layer, 1) + (told->kernel[1] - 1) / told->stride[1];
}

static int64_t phase_plane(const sn_built *layer)
{
    return sn_times(phase_length(layer, 0), phase_length(layer, 1));
}

/* Offsets of taps are 32-bit, so the arrays that they lead into must not be larger. */
static bool check_arrays(const sn_built *layer, const sn_complaint *complaint)
{
    const sn_layer *told = &layer->told;
    const int64_t phases = sn_times(phase_count(told, 0), phase_count(told, 1));
    const int64_t split = sn_times(sn_times(layer->below->shape.maps, phases), phase_plane(layer));
    const int64_t bare = sn_times(layer->below->shape.maps, sn_times(bordered(layer, 0), bordered(layer, 1)));
    const int64_t own = sn_times(told->maps, sn_plus(sn_plus(phase_plane(layer), reach(layer)), 2 * SN_LANES));
    if (split > SN_LIMIT || bare > SN_LIMIT || own > SN_LIMIT)
        return sn_complain(complaint, told->name, "planes of %lldx%lld with their padding are too large",
                           (long long)bordered(layer, 0), (long long)bordered(layer, 1));
    return true;
}

static bool shape(sn_built *layer, const sn_complaint *complaint)
{
    const sn_layer *told = &layer->told;
    int64_t kernels;
    if (!check_sizes(layer, complaint) || !check_table(layer, complaint, &kernels) || !check_arrays(layer, complaint))
        return false;
    const sn_shape shape = {told->maps, units_along(layer, 0), units_along(layer, 1)};
    const int64_t places = sn_times(shape.height, shape.width);
    const int64_t taps = sn_times(kernels, sn_times(told->kernel[0], told->kernel[1]));
    const int64_t units = sn_times(told->maps, places);
    layer->units.shape = shape;
    layer->counts.weights = told->shared ? taps : sn_times(taps, places);
    layer->counts.biases = told->bias == SN_BIAS_UNIT ? units : told->bias == SN_BIAS_MAP ? told->maps : 0;
    layer->counts.connections = sn_plus(sn_times(taps, places), told->bias == SN_BIAS_NONE ? 0 : units);
    return true;
}

/* ---- Layout --------------------------------------------------------------------------------------------------- */

/* The units of the source among the rows or columns of a phase: from the first to the last. */
static void interior_along(const sn_built *layer, int direction, int phase, int *first, int *last)
{
    const sn_shape below = layer->below->shape;
    const int64_t stride = layer->told.stride[direction];
    const int64_t begin = (int64_t)layer->told.pad[direction] - phase;
    const int64_t end = begin + (direction ? below.width : below.height) - 1;
    *first = begin > 0 ? (int)((begin + stride - 1) / stride) : 0;
    *last = end < 0 ? -1 : (int)(end / stride);
}

static void find_interiors(const sn_built *layer, const plan *p)
{
    for (int i = 0; i < p->phases[0]; i++)
        for (int j = 0; j < p->phases[1]; j++) {
            int top, bottom, left, right;
            interior_along(layer, 0, i, &top, &bottom);
            interior_along(layer, 1, j, &left, &right);
            interior *in = &p->interiors[i * p->phases[1] + j];
            const int32_t pitch = (int32_t)p->pitch;
            *in = (interior){top * pitch + left, (bottom - top) * pitch + right - left + 1};
            if (top > bottom || left > right)
                *in = (interior){0, 0};
        }
}

/* The taps in the order of the weights. */
static void list_taps(const sn_built *layer, const plan *p)
{
    const sn_layer *told = &layer->told;
    const int *row = told->sources;
    const int32_t pitch = (int32_t)p->pitch, plane = (int32_t)p->height * pitch;
    int32_t t = 0;
    for (int map = 0; map < told->maps; map++) {
        for (int k = 0; k < fan_of(layer, map); k++) {
            const int32_t first = (told->rows ? row[k] : k) * p->phases[0] * p->phases[1];
            for (int i = 0; i < told->kernel[0]; i++)
                for (int j = 0; j < told->kernel[1]; j++) {
                    const int32_t phase = i % told->stride[0] * p->phases[1] + j % told->stride[1];
                    p->tap[t++] = (first + phase) * plane + i / told->stride[0] * pitch + j / told->stride[1];
                }
        }
        if (told->rows)
            row += told->fan[map];
        p->map_taps[map + 1] = t;
    }
}

/* The same taps in the order of the phase planes that they read. */
static void list_gather(const sn_built *layer, const plan *p, int32_t planes)
{
    const int32_t size = (int32_t)(p->height * p->pitch), taps = p->map_taps[layer->told.maps];
    int32_t *next = p->plane_taps + 1; /* where the next tap of a plane goes; in the end where those of the plane end */
    for (int32_t t = 0; t < taps; t++)
        next[p->tap[t] / size]++;
    for (int32_t plane = 0, before = 0; plane < planes; plane++) {
        const int32_t count = next[plane];
        next[plane] = before;
        before += count;
    }
    for (int map = 0; map < layer->told.maps; map++) {
        const int32_t y = (int32_t)(layer->units.own.origin + (size_t)map * layer->units.own.plane);
        for (int32_t t = p->map_taps[map]; t < p->map_taps[map + 1]; t++) {
            const int32_t place = next[p->tap[t] / size]++;
            p->gather_tap[place] = y - p->tap[t] % size;
            p->gather_from[place] = t;
        }
    }
}

static void lay_out_units(sn_built *layer)
{
    const sn_layer *told = &layer->told;
    const sn_shape below = layer->below->shape;
    const size_t width = (size_t)bordered(layer, 1), plane = (size_t)bordered(layer, 0) * width;
    layer->below->read = (sn_layout){.origin = (size_t)told->pad[0] * width + (size_t)told->pad[1],
                                     .plane = plane,
                                     .pitch = width,
                                     .size = (size_t)below.maps * plane};
    const size_t margin = sn_whole_lanes((size_t)reach(layer));
    const size_t own = margin + sn_whole_lanes((size_t)phase_plane(layer));
    layer->units.own = (sn_layout){.origin = margin,
                                   .plane = own,
                                   .pitch = (size_t)phase_length(layer, 1),
                                   .size = (size_t)told->maps * own};
}

static void lay_out(sn_built *layer, sn_arena *arena)
{
    const sn_layer *told = &layer->told;
    lay_out_units(layer);
    const int phases[2] = {phase_count(told, 0), phase_count(told, 1)};
    const size_t each = (size_t)phases[0] * (size_t)phases[1];
    const size_t planes = (size_t)layer->below->shape.maps * each;
    const size_t places = (size_t)layer->units.shape.height * (size_t)layer->units.shape.width;
    const size_t taps = (size_t)layer->counts.weights / (told->shared ? 1 : places);
    const bool copied = told->stride[0] > 1 || told->stride[1] > 1;
    const size_t split = copied ? planes * (size_t)phase_plane(layer) : 0;

    plan *p = layer->plan = sn_take(arena, 1, sizeof *p);
    const plan laid = {
        .copied = copied,
        .phases = {phases[0], phases[1]},
        .height = (size_t)phase_length(layer, 0),
        .pitch = (size_t)phase_length(layer, 1),
        .width = (size_t)layer->units.shape.width,
        .places = places,
        .length = (size_t)(layer->units.shape.height - 1) * layer->units.own.pitch + (size_t)layer->units.shape.width,
        .split = sn_take_floats(arena, split),
        .split_back = sn_take_floats(arena, split),
        .interiors = sn_take(arena, each, sizeof(interior)),
        .map_taps = sn_take(arena, (size_t)told->maps + 1, sizeof(int32_t)),
        .tap = sn_take(arena, taps, sizeof(int32_t)),
        .plane_taps = sn_take(arena, planes + 1, sizeof(int32_t)),
        .gather_tap = sn_take(arena, taps, sizeof(int32_t)),
        .gather_from = sn_take(arena, taps, sizeof(int32_t)),
        .gathered = sn_take_floats(arena, taps),
    };
    if (!p)
        return;
    *p = laid;
    find_interiors(layer, p);
    list_taps(layer, p);
    list_gather(layer, p, (int32_t)planes);
}

static void start(const sn_built *layer, float *fan_in)
{
    const sn_layer *told = &layer->told;
    const int64_t places = (int64_t)layer->units.shape.height * layer->units.shape.width;
    const int64_t field = (int64_t)told->kernel[0] * told->kernel[1];
    const int64_t per_map = told->bias == SN_BIAS_UNIT ? places : told->bias == SN_BIAS_MAP ? 1 : 0;
    float *bias = fan_in + layer->counts.weights;
    for (int map = 0; map < told->maps; map++) {
        const int64_t taps = fan_of(layer, map) * field;
        const float f = (float)(taps + (told->bias != SN_BIAS_NONE));
        for (int64_t i = 0; i < taps * (told->shared ? 1 : places); i++)
            *fan_in++ = f;
        for (int64_t i = 0; i < per_map; i++)
            *bias++ = f;
    }
}

/* ---- Phases --------------------------------------------------------------------------------------------------- */

/* to = the phases of the bordered planes `from` */
static void split(const sn_built *layer, const float *from, float *to)
{
    const plan *p = layer->plan;
    const size_t height = (size_t)bordered(layer, 0), width = (size_t)bordered(layer, 1);
    const size_t down = (size_t)layer->told.stride[0], across = (size_t)layer->told.stride[1];
    for (int map = 0; map < layer->below->shape.maps; map++, from += height * width)
        for (int i = 0; i < p->phases[0]; i++)
            for (int j = 0; j < p->phases[1]; j++, to += p->height * p->pitch)
                for (size_t row = (size_t)i, r = 0; row < height; row += down, r++)
                    for (size_t column = (size_t)j, c = 0; column < width; column += across, c++)
                        to[r * p->pitch + c] = from[row * width + column];
}

/* One phase of one source: its interior back to where it came from. */
static void merge_phase(const sn_built *layer, int i, int j, const float *from, float *to)
{
    const plan *p = layer->plan;
    const sn_layer *told = &layer->told;
    const size_t width = (size_t)bordered(layer, 1);
    int top, bottom, left, right;
    interior_along(layer, 0, i, &top, &bottom);
    interior_along(layer, 1, j, &left, &right);
    for (int r = top; r <= bottom; r++) {
        float *row = to + ((size_t)r * (size_t)told->stride[0] + (size_t)i) * width + (size_t)j;
        for (int c = left; c <= right; c++)
            row[(size_t)c * (size_t)told->stride[1]] = from[(size_t)r * p->pitch + (size_t)c];
    }
}

/* The other way, for what lies inside the border; units that no field reads get 0. */
static void merge(const sn_built *layer, const float *from, float *to)
{
    const plan *p = layer->plan;
    const sn_layout *read = &layer->below->read;
    if (p->phases[0] < layer->told.stride[0] || p->phases[1] < layer->told.stride[1])
        memset(to, 0, read->size * sizeof *to);
    for (int map = 0; map < layer->below->shape.maps; map++, to += read->plane)
        for (int i = 0; i < p->phases[0]; i++)
            for (int j = 0; j < p->phases[1]; j++, from += p->height * p->pitch)
                merge_phase(layer, i, j, from, to);
}

/* ---- Taps that are not shared --------------------------------------------------------------------------------- */

/* Such a tap has a weight for every unit, w[row][column], and the planes that it leads between have one pitch.
 * to_rc += w_rc from_rc, where w may also be y and `to` the gradient: their pitches are given. */
static void add_plane(const sn_built *layer, const float *w, size_t w_pitch, const float *from, float *to, size_t to_pitch)
{
    const plan *p = layer->plan;
    for (int row = 0; row < layer->units.shape.height; row++, w += w_pitch, from += p->pitch, to += to_pitch)
        sn_add_products(w, from, to, (size_t)layer->units.shape.width);
}

/* ---- Forward -------------------------------------------------------------------------------------------------- */

static void add_bias(const sn_built *layer, int map, const float *b, float *sum)
{
    const size_t width = (size_t)layer->units.shape.width;
    const int height = layer->units.shape.height;
    for (int row = 0; row < height; row++, sum += layer->units.own.pitch) {
        if (layer->told.bias == SN_BIAS_UNIT)
            sn_add_scaled(1, b + ((size_t)map * (size_t)height + (size_t)row) * width, sum, width);
        else if (layer->told.bias == SN_BIAS_MAP)
            sn_add_constant(b[map], sum, width);
    }
}

static void forward(const sn_built *layer, const float *w)
{
    const plan *p = layer->plan;
    const sn_units *units = &layer->units;
    const float *x = p->copied ? p->split : layer->below->state;
    if (p->copied)
        split(layer, layer->below->state, p->split);
    for (int map = 0; map < layer->told.maps; map++) {
        float *sum = units->sum + units->own.origin + (size_t)map * units->own.plane;
        const int32_t begin = p->map_taps[map], end = p->map_taps[map + 1];
        if (layer->told.shared) {
            sn_correlate(w + begin, p->tap + begin, (size_t)(end - begin), x, sum, p->length);
        } else {
            memset(sum, 0, p->length * sizeof *sum);
            for (int32_t t = begin; t < end; t++)
                add_plane(layer, w + (size_t)t * p->places, p->width, x + p->tap[t], sum, p->pitch);
        }
        add_bias(layer, map, w + layer->counts.weights, sum);
    }
}

/* ---- Backward ------------------------------------------------------------------------------------------------- */

/* g_b += sum of y over the units that share b */
static void bias_gradient(const sn_built *layer, int map, const float *y, float *g)
{
    const size_t width = (size_t)layer->units.shape.width;
    const int height = layer->units.shape.height;
    for (int row = 0; row < height; row++, y += layer->units.own.pitch) {
        if (layer->told.bias == SN_BIAS_UNIT)
            sn_add_scaled(1, y, g + ((size_t)map * (size_t)height + (size_t)row) * width, width);
        else if (layer->told.bias == SN_BIAS_MAP)
            g[map] += sn_sum(y, width);
    }
}

/* g_w += sum of y x over the connections that share w */
static void parameter_gradient(const sn_built *layer, const float *x, const float *y, float *g)
{
    const plan *p = layer->plan;
    for (int map = 0; map < layer->told.maps; map++) {
        const float *of_map = y + layer->units.own.origin + (size_t)map * layer->units.own.plane;
        const int32_t begin = p->map_taps[map], end = p->map_taps[map + 1];
        if (layer->told.shared)
            sn_correlate_back(of_map, sn_whole_lanes(p->length), p->tap + begin, (size_t)(end - begin), x, g + begin);
        else
            for (int32_t t = begin; t < end; t++)
                add_plane(layer, of_map, p->pitch, x + p->tap[t], g + (size_t)t * p->places, p->width);
        bias_gradient(layer, map, of_map, g + layer->counts.weights);
    }
}

/* back_j = sum of w y over the taps that read x_j, one phase plane after another */
static void gather(const sn_built *layer, const float *w, const float *y, float *back)
{
    const plan *p = layer->plan;
    const int phases = p->phases[0] * p->phases[1];
    const int planes = layer->below->shape.maps * phases;
    for (int32_t t = 0; t < p->map_taps[layer->told.maps]; t++)
        p->gathered[t] = w[p->gather_from[t]];
    for (int plane = 0; plane < planes; plane++, back += p->height * p->pitch) {
        const interior in = p->interiors[plane % phases];
        const int32_t begin = p->plane_taps[plane], end = p->plane_taps[plane + 1];
        sn_correlate(p->gathered + begin, p->gather_tap + begin, (size_t)(end - begin), y + in.begin, back + in.begin,
                     (size_t)in.length);
    }
}

/* The same for taps that are not shared, one tap after another. */
static void scatter(const sn_built *layer, const float *w, const float *y, float *back)
{
    const plan *p = layer->plan;
    const size_t planes = (size_t)layer->below->shape.maps * (size_t)p->phases[0] * (size_t)p->phases[1];
    memset(back, 0, planes * p->height * p->pitch * sizeof *back);
    for (int map = 0; map < layer->told.maps; map++) {
        const float *of_map = y + layer->units.own.origin + (size_t)map * layer->units.own.plane;
        for (int32_t t = p->map_taps[map]; t < p->map_taps[map + 1]; t++)
            add_plane(layer, w + (size_t)t * p->places, p->width, of_map, back + p->tap[t], p->pitch);
    }
}

static void walk_back(const sn_built *layer, const float *w, const float *x, const float *y, float *back, float *g)
{
    const plan *p = layer->plan;
    parameter_gradient(layer, x, y, g);
    if (!back)
        return;
    (layer->told.shared ? gather : scatter)(layer, w, y, p->copied ? p->split_back : back);
    if (p->copied)
        merge(layer, p->split_back, back);
}

static void backward(const sn_built *layer, const float *w, float *g)
{
    const plan *p = layer->plan;
    walk_back(layer, w, p->copied ? p->split : layer->below->state, layer->units.y, layer->below->back, g);
}

static void backward2(const sn_built *layer, const float *w2, float *c, sn_diagonal diagonal)
{
    (void)diagonal;
    const plan *p = layer->plan;
    if (p->copied)
        split(layer, layer->below->state2, p->split);
    walk_back(layer, w2, p->copied ? p->split : layer->below->state2, layer->units.h, layer->below->back2, c);
}

const sn_layer_kind sn_local_kind = {
    .shape = shape,
    .lay_out = lay_out,
    .start = start,
    .forward = forward,
    .backward = backward,
    .backward2 = backward2,
};
