/* local.c - local connections: every unit sees a small field on some of the maps below (a convolution). They are laid
 * out as taps (taps.h). */
#include "loops.h"
#include "taps.h"

#include <math.h>
#include <string.h>

/* ---- The connection table ------------------------------------------------------------------------------------- */

/* Source maps are ticked off in bits, so many at a time: the check has no memory but the stack. */
enum { TICKS = 1 << 16 };

/* The first entry of a row that names a source map from `from` to `from` + TICKS - 1 once more; `fan` if there is none.
 * All bits of `ticked` are 0, and are so again. */
static int first_again(const int *row, int fan, int from, unsigned char *ticked)
{
    int end = 0;
    for (; end < fan; end++) {
        const unsigned at = (unsigned)row[end] - (unsigned)from, bit = 1u << at % 8;
        if (at < TICKS && ticked[at / 8] & bit)
            break;
        if (at < TICKS)
            ticked[at / 8] |= (unsigned char)bit;
    }
    for (int k = 0; k < end; k++)
        if ((unsigned)row[k] - (unsigned)from < TICKS)
            ticked[((unsigned)row[k] - (unsigned)from) / 8] = 0;
    return end;
}

/* The first entry of a row that is no source map, or one that was there before; `fan` if there is none. The time must
 * not be the square of a row's length: rows that ascend are read once, others once for every TICKS source maps. */
static int first_bad(const int *row, int fan, int sources, unsigned char *ticked)
{
    int end = 0;
    while (end < fan && row[end] > (end ? row[end - 1] : -1) && row[end] < sources)
        end++;
    if (end == fan)
        return fan;
    while (end < fan && row[end] >= 0 && row[end] < sources)
        end++;
    for (int from = 0; from < sources; from += TICKS)
        end = first_again(row, end, from, ticked);
    return end;
}

static bool check_row(const sn_built *layer, int map, const int *row, unsigned char *ticked,
                      const sn_complaint *complaint)
{
    const int fan = layer->declared.fan[map], sources = layer->below->shape.maps;
    if (fan < 1)
        return sn_complain(complaint, layer->declared.name, "table gives map %d no source map", map);
    const int bad = first_bad(row, fan, sources, ticked);
    if (bad == fan)
        return true;
    if (row[bad] < 0 || row[bad] >= sources)
        return sn_complain(complaint, layer->declared.name, "table lets map %d see source map %d; there are 0 to %d",
                           map, row[bad], sources - 1);
    return sn_complain(complaint, layer->declared.name, "table lets map %d see source map %d twice", map, row[bad]);
}

/* Judges the table; *kernels is the number of (map, source) pairs. */
static bool check_table(const sn_built *layer, const sn_complaint *complaint, int64_t *kernels)
{
    const sn_layer *declared = &layer->declared;
    *kernels = sn_times(declared->maps, layer->below->shape.maps);
    if (declared->rows == 0)
        return true;
    if (declared->rows != declared->maps)
        return sn_complain(complaint, declared->name, "table has %d rows for %d maps", declared->rows, declared->maps);
    *kernels = 0;
    unsigned char ticked[TICKS / 8] = {0};
    const int *row = declared->sources;
    for (int map = 0; map < declared->maps; row += declared->fan[map++]) {
        if (!check_row(layer, map, row, ticked, complaint))
            return false;
        *kernels = sn_plus(*kernels, declared->fan[map]);
    }
    return true;
}

/* ---- Shape ---------------------------------------------------------------------------------------------------- */

static bool check_sizes(const sn_built *layer, const sn_complaint *complaint)
{
    const sn_layer *declared = &layer->declared;
    const int size[2] = {layer->below->shape.height, layer->below->shape.width};
    if (declared->maps < 1)
        return sn_complain(complaint, declared->name, "maps must be at least 1, not %d", declared->maps);
    if ((unsigned)declared->bias >= SN_BIASES)
        return sn_complain(complaint, declared->name, "bias must be one of 0 to %d, not %d", SN_BIASES - 1,
                           declared->bias);
    if (!isfinite(declared->background))
        return sn_complain(complaint, declared->name, "background must be finite");
    for (int d = 0; d < 2; d++) {
        if (declared->kernel[d] < 1 || declared->stride[d] < 1 || declared->pad[d] < 0)
            return sn_complain(complaint, declared->name,
                               "kernel %d and stride %d must be at least 1, pad %d at least 0", declared->kernel[d],
                               declared->stride[d], declared->pad[d]);
        if (declared->kernel[d] > size[d] + 2 * (int64_t)declared->pad[d])
            return sn_complain(complaint, declared->name,
                               "kernel of %dx%d is larger than its source plane of %dx%d%s%s", declared->kernel[0],
                               declared->kernel[1], size[0], size[1],
                               declared->pad[0] || declared->pad[1] ? " with its padding" : "",
                               size[0] == 1 ? "; a plane of one row needs a kernel of one row, such as (1, 5)" : "");
    }
    return true;
}

static bool shape(sn_built *layer, const sn_complaint *complaint)
{
    const sn_layer *declared = &layer->declared;
    int64_t kernels;
    if (!check_sizes(layer, complaint))
        return false;
    if (!sn_taps_fit(layer)) /* which also bounds the number of source maps that a table is held against */
        return sn_complain(complaint, declared->name, "%d maps on planes of %lldx%lld with their padding are too large",
                           declared->maps, (long long)sn_bordered(layer, 0), (long long)sn_bordered(layer, 1));
    if (!check_table(layer, complaint, &kernels))
        return false;
    const sn_shape shape = {declared->maps, (int)sn_units_along(layer, 0), (int)sn_units_along(layer, 1)};
    const int64_t places = sn_times(shape.height, shape.width);
    const int64_t taps = sn_times(kernels, sn_times(declared->kernel[0], declared->kernel[1]));
    const int64_t units = sn_times(declared->maps, places);
    layer->units.shape = shape;
    layer->counts.weights = declared->shared ? taps : sn_times(taps, places);
    layer->counts.biases = declared->bias == SN_BIAS_UNIT ? units : declared->bias == SN_BIAS_MAP ? declared->maps : 0;
    layer->counts.connections = sn_plus(sn_times(taps, places), declared->bias == SN_BIAS_NONE ? 0 : units);
    return true;
}

static void start(const sn_built *layer, float *fan_in)
{
    const sn_layer *declared = &layer->declared;
    const int64_t places = (int64_t)layer->units.shape.height * layer->units.shape.width;
    const int64_t field = (int64_t)declared->kernel[0] * declared->kernel[1];
    const int64_t per_map = declared->bias == SN_BIAS_UNIT ? places : declared->bias == SN_BIAS_MAP ? 1 : 0;
    float *bias = fan_in + layer->counts.weights;
    for (int map = 0; map < declared->maps; map++) {
        const int64_t taps = sn_fan(layer, map) * field;
        const float f = (float)(taps + (declared->bias != SN_BIAS_NONE));
        for (int64_t i = 0; i < taps * (declared->shared ? 1 : places); i++)
            *fan_in++ = f;
        for (int64_t i = 0; i < per_map; i++)
            *bias++ = f;
    }
}

/* Maps of one unit that see all of all source maps, borders included, are fully connected. */
static void lay_out(sn_built *layer, sn_arena *arena)
{
    const sn_layer *declared = &layer->declared;
    sn_read_bordered(layer);
    if (declared->rows || declared->kernel[0] != sn_bordered(layer, 0) ||
        declared->kernel[1] != sn_bordered(layer, 1)) {
        sn_taps_lay_out(layer, arena);
        return;
    }
    layer->kind = &sn_full_kind;
    sn_full_lay_out(layer, arena);
}

/* Biases of a map: as many as it has units, one, or none. */
static size_t bias_pitch(const sn_built *layer)
{
    const sn_taps *p = layer->plan;
    return layer->declared.bias == SN_BIAS_UNIT ? p->places : layer->declared.bias == SN_BIAS_MAP;
}

/* ---- Forward -------------------------------------------------------------------------------------------------- */

/* The sums over the taps of the maps from this one on that have the same taps. */
static void weigh(const sn_built *layer, int map, const float *w)
{
    const sn_taps *p = layer->plan;
    const sn_layout own = layer->units.own;
    const int32_t begin = p->map_taps[map], end = p->map_taps[map + 1];
    const size_t taps = (size_t)(end - begin), pitch = bias_pitch(layer);
    layer->kernels->correlate(w + begin, p->columns,
                              &(sn_sums){.w_pitch = taps,
                                         .tap = p->tap + begin,
                                         .taps = taps,
                                         .step = SN_LANES,
                                         .bias = pitch ? w + layer->counts.weights + (size_t)map * pitch : NULL,
                                         .bias_pitch = pitch,
                                         .bias_lanes = layer->declared.bias == SN_BIAS_UNIT,
                                         .out = layer->units.sum + own.origin + (size_t)map * own.plane,
                                         .out_pitch = own.plane,
                                         .planes = (size_t)p->same_taps[map],
                                         .n = p->places},
                              1);
}

/* Sets the sums of a map to its biases, and returns them. */
static float *set_biases(const sn_built *layer, int map, const float *w)
{
    const sn_taps *p = layer->plan;
    const size_t pitch = bias_pitch(layer);
    const float *b = w + layer->counts.weights + (size_t)map * pitch;
    float *sum = layer->units.sum + layer->units.own.origin + (size_t)map * layer->units.own.plane;
    for (size_t i = 0; i < p->places; i++)
        sum[i] = pitch == 0 ? 0 : b[pitch == 1 ? 0 : i];
    return sum;
}

/* All maps, source by source. */
static void weigh_by_source(const sn_built *layer, const float *w)
{
    const sn_taps *p = layer->plan;
    const sn_layout own = layer->units.own;
    for (int map = 0; map < layer->declared.maps; map++)
        set_biases(layer, map, w);
    for (int source = 0; source < layer->below->shape.maps; source++) {
        const sn_reader *reader = p->reader + p->readers_of[source];
        const size_t readers = (size_t)(p->readers_of[source + 1] - p->readers_of[source]);
        if (readers > 0)
            layer->kernels->add_source(
                w, p->columns,
                &(sn_source){.reader = reader,
                             .readers = readers,
                             .tap = p->tap + reader->at,
                             .taps = (size_t)layer->declared.kernel[0] * (size_t)layer->declared.kernel[1],
                             .sum = layer->units.sum + own.origin,
                             .pitch = own.plane,
                             .n = p->places});
    }
}

/* Those of one map whose taps are not shared: a tap has a weight for every unit. */
static void weigh_unshared(const sn_built *layer, int map, const float *w)
{
    const sn_taps *p = layer->plan;
    float *sum = set_biases(layer, map, w);
    for (int32_t t = p->map_taps[map]; t < p->map_taps[map + 1]; t++)
        sn_add_products(w + (size_t)t * p->places, p->columns + p->tap[t], sum, p->places);
}

static void forward(const sn_built *layer, const float *w)
{
    const sn_taps *p = layer->plan;
    sn_to_columns(layer, layer->below->state);
    if (p->by_source) {
        weigh_by_source(layer, w);
        return;
    }
    for (int map = 0; map < layer->declared.maps; map += layer->declared.shared ? p->same_taps[map] : 1)
        (layer->declared.shared ? weigh : weigh_unshared)(layer, map, w);
}

/* A row of the maps from this one on that have the same taps: no columns are needed, because a lane is a pattern. */
static void weigh_row8(const sn_built *layer, int map, size_t row, const float *w)
{
    const sn_taps *p = layer->plan;
    const sn_layer *declared = &layer->declared;
    const sn_layout to = layer->units.read;
    const int32_t begin = p->map_taps[map], end = p->map_taps[map + 1];
    const size_t taps = (size_t)(end - begin), pitch = bias_pitch(layer), of_unit = declared->bias == SN_BIAS_UNIT;
    const float *b = w + layer->counts.weights + (size_t)map * pitch + of_unit * row * p->form.width;
    layer->kernels->correlate(
        w + begin, layer->below->eight + SN_LANES * row * (size_t)declared->stride[0] * layer->below->read.pitch,
        &(sn_sums){
            .w_pitch = taps,
            .tap = p->tap8 + begin,
            .taps = taps,
            .step = SN_LANES * (size_t)declared->stride[1],
            .bias = pitch ? b : NULL,
            .bias_pitch = pitch,
            .bias_step = of_unit,
            .out = layer->units.eight + SN_LANES * (to.origin + (size_t)map * to.plane + row * to.pitch),
            .out_pitch = SN_LANES * to.plane,
            .planes = (size_t)p->same_taps[map],
            .n = SN_LANES * p->form.width,
        },
        1);
}

/* Taps that are not shared, unit after unit: the weights of a unit lie `places` apart. */
static void weigh_row8_unshared(const sn_built *layer, int map, size_t row, const float *w)
{
    const sn_taps *p = layer->plan;
    const sn_layer *declared = &layer->declared;
    const sn_layout from = layer->below->read, to = layer->units.read;
    const size_t pitch = bias_pitch(layer);
    const float *b = w + layer->counts.weights + (size_t)map * pitch;
    float *sum = layer->units.eight + SN_LANES * (to.origin + (size_t)map * to.plane + row * to.pitch);
    for (size_t c = 0; c < p->form.width; c++, sum += SN_LANES) {
        const size_t unit = row * p->form.width + c;
        const float *x = layer->below->eight +
                         SN_LANES * (row * (size_t)declared->stride[0] * from.pitch + c * (size_t)declared->stride[1]);
        for (int lane = 0; lane < SN_LANES; lane++)
            sum[lane] = pitch == 0 ? 0 : b[pitch == 1 ? 0 : unit];
        for (int32_t t = p->map_taps[map]; t < p->map_taps[map + 1]; t++)
            for (int lane = 0; lane < SN_LANES; lane++)
                sum[lane] += w[(size_t)t * p->places + unit] * x[p->tap8[t] + lane];
    }
}

static void forward8(const sn_built *layer, const float *w)
{
    const sn_taps *p = layer->plan;
    const size_t height = (size_t)layer->units.shape.height;
    for (int map = 0; map < layer->declared.maps; map += layer->declared.shared ? p->same_taps[map] : 1)
        for (size_t row = 0; row < height; row++)
            (layer->declared.shared ? weigh_row8 : weigh_row8_unshared)(layer, map, row, w);
}

/* ---- Backward ------------------------------------------------------------------------------------------------- */

/* g_b = sum of y over the units that share b */
static void bias_gradient(const sn_built *layer, const float *y, const sn_sink *sink)
{
    const sn_taps *p = layer->plan;
    const size_t at = (size_t)(layer->counts.first + layer->counts.weights), maps = (size_t)layer->declared.maps;
    if (layer->declared.bias == SN_BIAS_UNIT)
        layer->kernels->give_rows(y, maps, layer->units.own.plane, p->places, sink, at);
    for (size_t map = 0; map < maps && layer->declared.bias == SN_BIAS_MAP; map += SN_LANES) {
        const size_t some = maps - map < SN_LANES ? maps - map : SN_LANES;
        float sum[SN_LANES];
        layer->kernels->sum_rows(y + map * layer->units.own.plane, some, layer->units.own.plane, p->places, sum);
        layer->kernels->give(sum, some, sink, at + map);
    }
}

/* g_w = y x for every unit that a tap which is not shared has a weight for. */
static void unshared_gradient(const sn_built *layer, int32_t tap, const float *y, const sn_sink *sink)
{
    const sn_taps *p = layer->plan;
    const size_t at = (size_t)layer->counts.first + (size_t)tap * p->places;
    sn_multiply(y, p->columns + p->tap[tap], p->products, p->places);
    layer->kernels->give(p->products, p->places, sink, at);
}

/* g_w = sum of y x over the connections that share w, for the maps from this one on that have the same taps. */
static void shared_gradient(const sn_built *layer, int map, const float *y, const sn_sink *sink)
{
    const sn_taps *p = layer->plan;
    const int32_t begin = p->map_taps[map], end = p->map_taps[map + 1];
    layer->kernels->correlate_back(&(sn_dots){.y = y,
                                              .x = p->columns,
                                              .y_pitch = layer->units.own.plane,
                                              .planes = (size_t)p->same_taps[map],
                                              .n = sn_whole_lanes(p->places),
                                              .tap = p->tap + begin,
                                              .taps = (size_t)(end - begin)},
                                   sink, (size_t)(layer->counts.first + begin));
}

static void parameter_gradient(const sn_built *layer, const float *y, const sn_sink *sink)
{
    const sn_taps *p = layer->plan;
    y += layer->units.own.origin;
    for (int map = 0; map < layer->declared.maps; map += layer->declared.shared ? p->same_taps[map] : 1) {
        const float *of_map = y + (size_t)map * layer->units.own.plane;
        if (layer->declared.shared)
            shared_gradient(layer, map, of_map, sink);
        else
            for (int32_t t = p->map_taps[map]; t < p->map_taps[map + 1]; t++)
                unshared_gradient(layer, t, of_map, sink);
    }
    bias_gradient(layer, y, sink);
}

/* The columns of the gradient to the sources (taps.h). */
static void gather(const sn_built *layer, const float *w, const float *y)
{
    const sn_taps *p = layer->plan;
    layer->kernels->correlate(w, y, p->gather, (size_t)p->gathers);
}

/* The same for taps that are not shared, one tap after another. */
static void scatter(const sn_built *layer, const float *w, const float *y)
{
    const sn_taps *p = layer->plan;
    memset(p->columns_back, 0, (size_t)layer->below->shape.maps * p->form.source * sizeof(float));
    for (int map = 0; map < layer->declared.maps; map++) {
        const float *of_map = y + layer->units.own.origin + (size_t)map * layer->units.own.plane;
        for (int32_t t = p->map_taps[map]; t < p->map_taps[map + 1]; t++)
            sn_add_products(w + (size_t)t * p->places, of_map, p->columns_back + p->tap[t], p->places);
    }
}

/* back_j = sum of w y over the connections that read x_j */
static void source_gradient(const sn_built *layer, const float *w, const float *y, float *back)
{
    (layer->declared.shared ? gather : scatter)(layer, w, y);
    sn_from_columns(layer, back);
}

static void backward(const sn_built *layer, const float *w, const sn_sink *sink)
{
    const sn_units *units = &layer->units, *below = layer->below;
    if (below->back)
        source_gradient(layer, w, units->y, below->back);
    parameter_gradient(layer, units->y, sink);
}

static void backward2(const sn_built *layer, const float *w, const sn_sink *sink, sn_diagonal diagonal)
{
    (void)diagonal;
    const sn_taps *p = layer->plan;
    const sn_units *units = &layer->units, *below = layer->below;
    if (below->back2) {
        layer->kernels->square(w, p->squares, (size_t)layer->counts.weights);
        source_gradient(layer, p->squares, units->h, below->back2);
    }
    layer->kernels->square(p->columns, p->columns, (size_t)below->shape.maps * p->form.source);
    parameter_gradient(layer, units->h, sink);
}

const sn_layer_kind sn_local_kind = {
    .shape = shape,
    .lay_out = lay_out,
    .start = start,
    .forward = forward,
    .forward8 = forward8,
    .forward_in_order = forward,
    .backward = backward,
    .backward2 = backward2,
};
