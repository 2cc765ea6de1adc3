/* taps.c - the layout of local connections: see taps.h. */
#include "taps.h"

#include <string.h>

/* ---- Geometry ------------------------------------------------------------------------------------------------- */

int sn_fan(const sn_built *layer, int map)
{
    return layer->told.rows ? layer->told.fan[map] : layer->below->shape.maps;
}

int64_t sn_bordered(const sn_built *layer, int direction)
{
    const sn_shape below = layer->below->shape;
    return (direction ? below.width : below.height) + 2 * (int64_t)layer->told.pad[direction];
}

static int phase_count(const sn_layer *told, int direction)
{
    return told->stride[direction] < told->kernel[direction] ? told->stride[direction] : told->kernel[direction];
}

/* Rows or columns of a phase plane. */
static int64_t phase_length(const sn_built *layer, int direction)
{
    return (sn_bordered(layer, direction) - 1) / layer->told.stride[direction] + 1;
}

/* The largest offset of a tap in a phase plane: how far y is read past its ends. */
static int64_t reach(const sn_built *layer)
{
    const sn_layer *told = &layer->told;
    return sn_plus(sn_times((told->kernel[0] - 1) / told->stride[0], phase_length(layer, 1)),
                   (told->kernel[1] - 1) / told->stride[1]);
}

static int64_t phase_plane(const sn_built *layer) { return sn_times(phase_length(layer, 0), phase_length(layer, 1)); }

bool sn_taps_fit(const sn_built *layer)
{
    const sn_layer *told = &layer->told;
    const int64_t phases = sn_times(phase_count(told, 0), phase_count(told, 1));
    const int64_t room = 2 * SN_LANES; /* between planes, and more */
    const int64_t split = sn_times(sn_times(layer->below->shape.maps, phases), sn_plus(phase_plane(layer), room));
    const int64_t bare =
        sn_times(layer->below->shape.maps, sn_plus(sn_times(sn_bordered(layer, 0), sn_bordered(layer, 1)), room));
    const int64_t own = sn_times(told->maps, sn_plus(sn_plus(phase_plane(layer), reach(layer)), room));
    return split <= SN_LIMIT && bare <= SN_LIMIT && own <= SN_LIMIT;
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

static void find_interiors(const sn_built *layer, const sn_taps *p)
{
    for (int i = 0; i < p->phases[0]; i++)
        for (int j = 0; j < p->phases[1]; j++) {
            int top, bottom, left, right;
            interior_along(layer, 0, i, &top, &bottom);
            interior_along(layer, 1, j, &left, &right);
            sn_interior *in = &p->interiors[i * p->phases[1] + j];
            const int32_t pitch = (int32_t)p->pitch;
            *in = (sn_interior){top * pitch + left, (bottom - top) * pitch + right - left + 1};
            if (top > bottom || left > right)
                *in = (sn_interior){0, 0};
        }
}

/* The taps in the order of the weights. */
static void list_taps(const sn_built *layer, const sn_taps *p)
{
    const sn_layer *told = &layer->told;
    const int *row = told->sources;
    const int32_t pitch = (int32_t)p->pitch, plane = (int32_t)p->plane;
    int32_t t = 0;
    for (int map = 0; map < told->maps; map++) {
        for (int k = 0; k < sn_fan(layer, map); k++) {
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
static void list_gather(const sn_built *layer, const sn_taps *p, int32_t planes)
{
    const int32_t size = (int32_t)p->plane, taps = p->map_taps[layer->told.maps];
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

/* fours[i] = whether things i to i + 3, each of `parts` lists that end where the next begins, have equal lists of taps.
 */
static void find_fours(const int32_t *begin, size_t parts, int things, const int32_t *tap, bool *fours)
{
    for (int i = 0; i < things; i++) {
        fours[i] = i + 3 < things;
        for (size_t part = 0; part < 3 * parts && fours[i]; part++) {
            const int32_t *one = &begin[(size_t)i * parts + part], *next = one + parts;
            const size_t taps = (size_t)(one[1] - one[0]);
            fours[i] = taps == (size_t)(next[1] - next[0]) && !memcmp(tap + one[0], tap + next[0], taps * sizeof *tap);
        }
    }
}

void sn_read_bordered(sn_built *layer, size_t plane)
{
    const size_t width = (size_t)sn_bordered(layer, 1);
    layer->below->read = (sn_layout){.origin = (size_t)layer->told.pad[0] * width + (size_t)layer->told.pad[1],
                                     .plane = plane,
                                     .pitch = width,
                                     .size = (size_t)layer->below->shape.maps * plane};
}

/* From a plane of n floats to the next one. */
static size_t spaced(int64_t n) { return sn_whole_lanes((size_t)n + SN_LANES - 1); }

static void lay_out_units(sn_built *layer)
{
    const size_t margin = sn_whole_lanes((size_t)reach(layer));
    const size_t own = margin + sn_whole_lanes((size_t)phase_plane(layer));
    layer->units.own = (sn_layout){.origin = margin,
                                   .plane = own,
                                   .pitch = (size_t)phase_length(layer, 1),
                                   .size = (size_t)layer->told.maps * own};
}

void sn_taps_lay_out(sn_built *layer, sn_arena *arena)
{
    const sn_layer *told = &layer->told;
    sn_read_bordered(layer, spaced(sn_times(sn_bordered(layer, 0), sn_bordered(layer, 1))));
    lay_out_units(layer);
    const int phases[2] = {phase_count(told, 0), phase_count(told, 1)};
    const size_t each = (size_t)phases[0] * (size_t)phases[1];
    const size_t planes = (size_t)layer->below->shape.maps * each;
    const size_t places = (size_t)layer->units.shape.height * (size_t)layer->units.shape.width;
    const size_t taps = (size_t)layer->counts.weights / (told->shared ? 1 : places);
    const bool copied = told->stride[0] > 1 || told->stride[1] > 1;
    const size_t plane = copied ? spaced(phase_plane(layer)) : layer->below->read.plane;
    const size_t split = copied ? planes * plane : 0;

    sn_taps *p = layer->plan = sn_take(arena, 1, sizeof *p);
    const sn_taps laid = {
        .copied = copied,
        .phases = {phases[0], phases[1]},
        .pitch = (size_t)phase_length(layer, 1),
        .plane = plane,
        .width = (size_t)layer->units.shape.width,
        .places = places,
        .length = (size_t)(layer->units.shape.height - 1) * layer->units.own.pitch + (size_t)layer->units.shape.width,
        .split = sn_take_floats(arena, split),
        .split_back = sn_take_floats(arena, split),
        .interiors = sn_take(arena, each, sizeof(sn_interior)),
        .map_taps = sn_take(arena, (size_t)told->maps + 1, sizeof(int32_t)),
        .tap = sn_take(arena, taps, sizeof(int32_t)),
        .plane_taps = sn_take(arena, planes + 1, sizeof(int32_t)),
        .gather_tap = sn_take(arena, taps, sizeof(int32_t)),
        .gather_from = sn_take(arena, taps, sizeof(int32_t)),
        .four_maps = sn_take(arena, (size_t)told->maps, sizeof(bool)),
        .four_sources = sn_take(arena, (size_t)layer->below->shape.maps, sizeof(bool)),
    };
    if (!p)
        return;
    *p = laid;
    find_interiors(layer, p);
    list_taps(layer, p);
    list_gather(layer, p, (int32_t)planes);
    find_fours(p->map_taps, 1, told->maps, p->tap, p->four_maps);
    find_fours(p->plane_taps, each, layer->below->shape.maps, p->gather_tap, p->four_sources);
}

/* ---- Splitting and merging ------------------------------------------------------------------------------------ */

static void split_phase(const sn_built *layer, int i, int j, const float *from, float *to)
{
    const sn_taps *p = layer->plan;
    const size_t height = (size_t)sn_bordered(layer, 0), width = (size_t)sn_bordered(layer, 1);
    const size_t down = (size_t)layer->told.stride[0], across = (size_t)layer->told.stride[1];
    const size_t rows = (height - (size_t)i + down - 1) / down, n = (width - (size_t)j + across - 1) / across;
    from += (size_t)i * width + (size_t)j;
    if (across == 2) { /* planes are written in the order of their addresses, as split_two wants */
        layer->kernels->split_two(from, down * width, to, p->pitch, rows, n);
        return;
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < n; c++)
            to[r * p->pitch + c] = from[r * down * width + c * across];
}

void sn_split(const sn_built *layer, const float *from, float *to)
{
    const sn_taps *p = layer->plan;
    for (int map = 0; map < layer->below->shape.maps; map++, from += layer->below->read.plane)
        for (int i = 0; i < p->phases[0]; i++)
            for (int j = 0; j < p->phases[1]; j++, to += p->plane)
                split_phase(layer, i, j, from, to);
}

/* One phase of one source: its interior back to where it came from. */
static void merge_phase(const sn_built *layer, int i, int j, const float *from, float *to)
{
    const sn_taps *p = layer->plan;
    const sn_layer *told = &layer->told;
    const size_t width = (size_t)sn_bordered(layer, 1);
    int top, bottom, left, right;
    interior_along(layer, 0, i, &top, &bottom);
    interior_along(layer, 1, j, &left, &right);
    for (int r = top; r <= bottom; r++) {
        float *row = to + ((size_t)r * (size_t)told->stride[0] + (size_t)i) * width + (size_t)j;
        for (int c = left; c <= right; c++)
            row[(size_t)c * (size_t)told->stride[1]] = from[(size_t)r * p->pitch + (size_t)c];
    }
}

/* All phases of one source for a stride of 2 and both phases of columns: row after row of the bordered plane. The
 * border gets what lies there in the phases, which nobody reads. */
static void merge_rows(const sn_built *layer, const float *from, float *to)
{
    const sn_taps *p = layer->plan;
    const size_t height = (size_t)sn_bordered(layer, 0), width = (size_t)sn_bordered(layer, 1);
    const size_t down = (size_t)layer->told.stride[0];
    for (size_t row = 0; row < height; row++, to += width) {
        const float *even = from + row % down * 2 * p->plane + row / down * p->pitch;
        layer->kernels->merge_two(even, even + p->plane, to, p->pitch);
    }
}

/* Units that no field reads have 0 in `to` from the start, and keep it. */
void sn_merge(const sn_built *layer, const float *from, float *to)
{
    const sn_taps *p = layer->plan;
    const int phases = p->phases[0] * p->phases[1];
    const bool by_rows = layer->told.stride[1] == 2 && p->phases[1] == 2 && p->phases[0] == layer->told.stride[0];
    for (int map = 0; map < layer->below->shape.maps; map++) {
        if (by_rows)
            merge_rows(layer, from, to);
        else
            for (int phase = 0; phase < phases; phase++)
                merge_phase(layer, phase / p->phases[1], phase % p->phases[1], from + (size_t)phase * p->plane, to);
        from += (size_t)phases * p->plane;
        to += layer->below->read.plane;
    }
}
