/* taps.c - the layout of local connections: see taps.h. */
#include "taps.h"

#include <string.h>

/* ---- Geometry ------------------------------------------------------------------------------------------------- */

int sn_fan(const sn_built *layer, int map)
{
    return layer->declared.rows ? layer->declared.fan[map] : layer->below->shape.maps;
}

int64_t sn_bordered(const sn_built *layer, int direction)
{
    const sn_shape below = layer->below->shape;
    return (direction ? below.width : below.height) + 2 * (int64_t)layer->declared.pad[direction];
}

int64_t sn_units_along(const sn_built *layer, int direction)
{
    return (sn_bordered(layer, direction) - layer->declared.kernel[direction]) / layer->declared.stride[direction] + 1;
}

static int phase_count(const sn_layer *declared)
{
    return declared->stride[0] < declared->kernel[0] ? declared->stride[0] : declared->kernel[0];
}

/* Bordered columns of the source that are a stride apart. */
static int64_t across(const sn_built *layer) { return (sn_bordered(layer, 1) - 1) / layer->declared.stride[1] + 1; }

/* The largest offset of a tap in a plane of columns: how far y is read past its ends. */
static int64_t reach(const sn_built *layer)
{
    return sn_times((layer->declared.kernel[0] - 1) / layer->declared.stride[0], sn_units_along(layer, 1));
}

/* Floats of a plane of columns. */
static int64_t column_plane(const sn_built *layer)
{
    return sn_plus(sn_times(sn_units_along(layer, 0), sn_units_along(layer, 1)), reach(layer));
}

bool sn_taps_fit(const sn_built *layer)
{
    const sn_layer *declared = &layer->declared;
    const int64_t planes = sn_times(layer->below->shape.maps, sn_times(phase_count(declared), declared->kernel[1]));
    const int64_t room = 2 * SN_LANES; /* between planes, and more */
    const int64_t columns = sn_times(planes, sn_plus(column_plane(layer), room));
    const int64_t bare =
        sn_times(layer->below->shape.maps, sn_plus(sn_times(sn_bordered(layer, 0), sn_bordered(layer, 1)), room));
    const int64_t own = sn_times(declared->maps, sn_plus(sn_plus(column_plane(layer), reach(layer)), room));
    const int64_t mask = sn_times(declared->kernel[1], sn_plus(across(layer), room));
    return columns <= SN_LIMIT && bare <= SN_LIMIT / SN_LANES && own <= SN_LIMIT && mask <= SN_LIMIT;
}

/* ---- Layout --------------------------------------------------------------------------------------------------- */

/* The largest number of rows that taps read: all up to the last, or, if strides are larger than the kernel, its own for
 * every unit. */
static size_t most_rows(const sn_built *layer)
{
    const int stride = layer->declared.stride[0], kernel = layer->declared.kernel[0];
    const int64_t units = sn_units_along(layer, 0);
    return (size_t)(stride < kernel ? (units - 1) * stride + kernel : units * kernel);
}

/* Columns that hold two rows in a vector: see SN_PAIRS. */
static bool is_paired(const sn_built *layer)
{
    const sn_layer *declared = &layer->declared;
    const int width = layer->below->shape.width, pad = declared->pad[1];
    return declared->stride[1] == 2 && layer->units.shape.width == SN_LANES / 2 && declared->kernel[1] <= 6 &&
           pad % 2 == 0 && width <= SN_LANES && width + pad >= SN_LANES;
}

static void set_mask(const sn_built *layer, const sn_taps *p)
{
    for (size_t j = 0; j < p->form.columns; j++)
        for (size_t c = 0; c < p->form.width; c++)
            p->form.mask[j * p->form.across + j / (size_t)layer->declared.stride[1] + c] = 1;
}

/* The taps in the order of the weights. */
static void list_taps(const sn_built *layer, const sn_taps *p)
{
    const sn_layer *declared = &layer->declared;
    const sn_layout read = layer->below->read;
    const int *row = declared->sources;
    int32_t t = 0;
    for (int map = 0; map < declared->maps; map++) {
        for (int k = 0; k < sn_fan(layer, map); k++) {
            const int source = declared->rows ? row[k] : k;
            for (int i = 0; i < declared->kernel[0]; i++)
                for (int j = 0; j < declared->kernel[1]; j++) {
                    const int plane = i % declared->stride[0] * declared->kernel[1] + j;
                    const size_t line = (size_t)(i / declared->stride[0]) * p->form.width;
                    p->tap[t] = (int32_t)((size_t)source * p->form.source + (size_t)plane * p->form.plane + line);
                    p->tap8[t++] =
                        (int32_t)(SN_LANES * ((size_t)source * read.plane + (size_t)i * read.pitch + (size_t)j));
                }
        }
        if (declared->rows)
            row += declared->fan[map];
        p->map_taps[map + 1] = t;
    }
}

/* The part of a plane of columns that speaks of units of the source, not of its border. */
typedef struct {
    size_t begin, length;
} sn_inner;

/* Rows q of a phase with 0 <= q stride + phase - pad < height. */
static sn_inner inner_part(const sn_built *layer, const sn_taps *p, int phase)
{
    const sn_layer *declared = &layer->declared;
    const int64_t stride = declared->stride[0]; /* up to the largest int */
    const int64_t before = declared->pad[0] - phase, end = before + layer->below->shape.height;
    const int64_t read = sn_units_along(layer, 0) + (declared->kernel[0] - 1 - phase) / stride;
    const int64_t top = before > 0 ? (before + stride - 1) / stride : 0;
    const int64_t last = end > 0 ? (end + stride - 1) / stride : 0, bottom = last < read ? last : read;
    return (sn_inner){(size_t)top * p->form.width, bottom > top ? (size_t)(bottom - top) * p->form.width : 0};
}

/* The same taps, those of column 0 for all of their row of the kernel, in the order of the phases that they read. */
static void list_gather(const sn_built *layer, const sn_taps *p)
{
    const int32_t columns = layer->declared.kernel[1], size = (int32_t)p->form.plane, all = size * columns;
    const int32_t taps = p->map_taps[layer->declared.maps], lists = layer->below->shape.maps * p->phases;
    int32_t *next = p->lists + 1; /* where the next tap of a list goes; in the end where the list ends */
    for (int32_t t = 0; t < taps; t += columns)
        next[p->tap[t] / all]++;
    for (int32_t list = 0, before = 0; list < lists; list++) {
        const int32_t count = next[list];
        next[list] = before;
        before += count;
    }
    for (int map = 0; map < layer->declared.maps; map++) {
        const int32_t y = (int32_t)(layer->units.own.origin + (size_t)map * layer->units.own.plane);
        for (int32_t t = p->map_taps[map]; t < p->map_taps[map + 1]; t += columns)
            p->listed[next[p->tap[t] / all]++] = (sn_row_of_taps){.from = t, .y = y, .line = p->tap[t] % size};
    }
}

/* What is gathered is cut into blocks of as many vectors as kernels sum at once, and each sums only the taps that meet
 * units there: a quarter of LeNet-1's meet nothing but the margin. Not so in large planes, whose edges matter less than
 * the room for the lists. */
enum { SUMS_AT_ONCE = 12, MOST_BLOCKS = 16 };

typedef struct {
    size_t count, length;
} sn_blocks;

static sn_blocks blocks_of(const sn_built *layer)
{
    const size_t columns = (size_t)layer->declared.kernel[1], stride = (size_t)layer->declared.stride[0];
    const size_t lines = ((size_t)layer->below->shape.height + stride - 1) / stride;
    const size_t all = sn_whole_lanes(lines * (size_t)layer->units.shape.width);
    const size_t length = columns < SUMS_AT_ONCE ? SUMS_AT_ONCE / columns * SN_LANES : SN_LANES;
    const size_t count = (all + length - 1) / length;
    return count > MOST_BLOCKS ? (sn_blocks){1, all} : (sn_blocks){count, length};
}

/* Lists the taps of a list that meet units of the layer in places `first` to `end` of a phase, from gather_tap[at] on.
 * Returns where the next list begins. */
static int32_t list_meeting(const sn_taps *p, int list, size_t first, size_t end, int32_t at)
{
    for (int32_t i = p->lists[list]; i < p->lists[list + 1]; i++) {
        const sn_row_of_taps row = p->listed[i];
        if (end <= (size_t)row.line || first >= (size_t)row.line + p->places)
            continue;
        p->gather_tap[at] = row.y - row.line + (int32_t)first;
        p->gather_from[at++] = row.from;
    }
    return at;
}

/* Plans the gradient to every phase of every source: its columns all have the same taps, and their weights lie side
 * by side. Only the rows that hold units are wanted, and lie one after another. */
static void plan_gathers(const sn_built *layer, sn_taps *p)
{
    const size_t columns = (size_t)layer->declared.kernel[1], block = blocks_of(layer).length;
    int32_t at = 0;
    for (int list = 0; list < layer->below->shape.maps * p->phases; list++) {
        const sn_inner inner = inner_part(layer, p, list % p->phases);
        for (size_t begin = 0; begin < inner.length; begin += block) {
            const size_t n = inner.length - begin < block ? inner.length - begin : block, first = inner.begin + begin;
            const int32_t end = list_meeting(p, list, first, first + n, at);
            p->gather[p->gathers++] = (sn_sums){.w_pitch = 1,
                                                .from = p->gather_from + at,
                                                .tap = p->gather_tap + at,
                                                .taps = (size_t)(end - at),
                                                .step = SN_LANES,
                                                .out = p->columns_back + (size_t)list * columns * p->form.plane + begin,
                                                .out_pitch = p->form.plane,
                                                .planes = columns,
                                                .n = n};
            at = end;
        }
    }
}

/* Lists the rows from `from` up to `end` that are read, and returns how many these are. In pairs a row brings the one a
 * stride on along, which comes next in the columns. What is gathered begins with the first row that holds units. */
static int list_rows(const sn_built *layer, const sn_taps *p, int64_t from, int64_t end, bool gathered, sn_row *row)
{
    const int64_t stride = layer->declared.stride[0], pitch = sn_bordered(layer, 1);
    const bool paired = p->form.kind == SN_PAIRS;
    int rows = 0;
    for (int64_t r = from; r < end; r++) {
        const int phase = (int)(r % stride);
        if (phase >= p->phases || (paired && (r - from) / stride % 2))
            continue;
        const int64_t other = paired && r + stride < end ? r + stride : r;
        const size_t line = (size_t)(r / stride) * p->form.width;
        const size_t begin = gathered ? inner_part(layer, p, phase).begin : 0;
        row[rows++] = (sn_row){
            .plane = (int32_t)(r * pitch),
            .other = (int32_t)(other * pitch),
            .columns = (int32_t)((size_t)phase * p->form.columns * p->form.plane + line - begin),
        };
    }
    return rows;
}

static void list_all_rows(const sn_built *layer, sn_taps *p)
{
    const sn_layer *declared = &layer->declared;
    const int64_t all = (sn_units_along(layer, 0) - 1) * declared->stride[0] + declared->kernel[0];
    const int64_t end = (int64_t)declared->pad[0] + layer->below->shape.height;
    p->rows = list_rows(layer, p, 0, all, false, p->row);
    p->inner = list_rows(layer, p, declared->pad[0], end < all ? end : all, declared->shared, p->inner_row);
}

static void find_same_taps(const sn_built *layer, const sn_taps *p)
{
    for (int map = layer->declared.maps - 1; map >= 0; map--) {
        const int32_t *one = &p->map_taps[map];
        const size_t taps = (size_t)(one[1] - one[0]);
        const bool same_taps = map + 1 < layer->declared.maps && taps == (size_t)(one[2] - one[1]) &&
                               !memcmp(p->tap + one[0], p->tap + one[1], taps * sizeof *p->tap);
        p->same_taps[map] = same_taps ? p->same_taps[map + 1] + 1 : 1;
    }
}

/* Whether it pays to sum source by source, so that a vector that was loaded serves up to four maps. It does for
 * LeNet-5's C3, whose rows of 10 let half of the vectors begin in one cache line and end in the next, and whose maps
 * all have other taps. Sums keep their order only if every map reads its sources in this order. */
static bool goes_by_source(const sn_built *layer, const sn_taps *p)
{
    const int32_t all = (int32_t)p->form.source;
    int runs = 0;
    bool ascends = true;
    for (int map = 0; map < layer->declared.maps; map += p->same_taps[map], runs++)
        for (int32_t t = p->map_taps[map] + 1; t < p->map_taps[map + 1]; t++)
            ascends &= p->tap[t] / all >= p->tap[t - 1] / all;
    return ascends && p->form.width % SN_LANES != 0 && p->places > 4 * SN_LANES && 2 * runs > layer->declared.maps;
}

static void list_readers(const sn_built *layer, const sn_taps *p)
{
    const int32_t field = layer->declared.kernel[0] * layer->declared.kernel[1], all = (int32_t)p->form.source;
    const int32_t taps = p->map_taps[layer->declared.maps];
    int32_t *next = p->readers_of + 1; /* where the next reader of a source goes; in the end where its readers end */
    for (int32_t t = 0; t < taps; t += field)
        next[p->tap[t] / all]++;
    for (int32_t source = 0, before = 0; source < layer->below->shape.maps; source++) {
        const int32_t count = next[source];
        next[source] = before;
        before += count;
    }
    for (int map = 0; map < layer->declared.maps; map++)
        for (int32_t t = p->map_taps[map]; t < p->map_taps[map + 1]; t += field)
            p->reader[next[p->tap[t] / all]++] = (sn_reader){map, t};
}

void sn_read_bordered(sn_built *layer)
{
    const size_t width = (size_t)sn_bordered(layer, 1), plane = (size_t)sn_bordered(layer, 0) * width;
    layer->below->read = (sn_layout){.origin = (size_t)layer->declared.pad[0] * width + (size_t)layer->declared.pad[1],
                                     .plane = plane,
                                     .pitch = width,
                                     .size = (size_t)layer->below->shape.maps * plane};
}

/* Maps with a margin of zeros before and after each. */
static void lay_out_units(sn_built *layer)
{
    const size_t margin = sn_whole_lanes((size_t)reach(layer));
    const sn_shape shape = layer->units.shape;
    const size_t plane = margin + sn_whole_lanes((size_t)shape.height * (size_t)shape.width);
    layer->units.own = (sn_layout){
        .origin = margin, .plane = plane, .pitch = (size_t)shape.width, .size = (size_t)shape.maps * plane + margin};
}

/* There is room between the planes of columns for what is written in whole lanes past the end of one: they are not
 * always written in order. */
static sn_columns form_of(const sn_built *layer)
{
    const int stride = layer->declared.stride[1];
    const size_t plane = sn_whole_lanes((size_t)column_plane(layer) + SN_LANES - 1);
    const size_t columns = (size_t)layer->declared.kernel[1];
    return (sn_columns){.kind = is_paired(layer) ? SN_PAIRS
                                : stride == 1    ? SN_ONE
                                : stride == 2    ? SN_TWO
                                                 : SN_FARTHER,
                        .maps = (size_t)layer->below->shape.maps,
                        .pitch = layer->below->read.plane,
                        .source = (size_t)phase_count(&layer->declared) * columns * plane,
                        .plane = plane,
                        .columns = columns,
                        .width = (size_t)layer->units.shape.width,
                        .across = sn_whole_lanes((size_t)across(layer)),
                        .before = (size_t)layer->declared.pad[1] / 2};
}

void sn_taps_lay_out(sn_built *layer, sn_arena *arena)
{
    const sn_layer *declared = &layer->declared;
    const size_t sources = (size_t)layer->below->shape.maps;
    lay_out_units(layer);
    sn_taps laid = {
        .phases = phase_count(declared),
        .places = (size_t)layer->units.shape.height * (size_t)layer->units.shape.width,
        .form = form_of(layer),
    };
    const size_t taps = (size_t)layer->counts.weights / (declared->shared ? 1 : laid.places);
    const size_t kernel_rows = taps / (size_t)declared->kernel[1], blocks = blocks_of(layer).count;

    sn_taps *p = layer->plan = sn_take(arena, 1, sizeof *p);
    laid.columns = sn_take_floats(arena, sources * laid.form.source);
    laid.columns_back = sn_take_floats(arena, sources * laid.form.source);
    laid.products = sn_take_floats(arena, laid.places);
    laid.squares = sn_take_floats(arena, (size_t)layer->counts.weights);
    laid.row = sn_take(arena, most_rows(layer), sizeof(sn_row));
    laid.inner_row = sn_take(arena, most_rows(layer), sizeof(sn_row));
    laid.form.mask = sn_take_floats(arena, laid.form.columns * laid.form.across);
    laid.gather = sn_take(arena, sources * (size_t)laid.phases * blocks, sizeof(sn_sums));
    laid.same_taps = sn_take(arena, (size_t)declared->maps, sizeof(int));
    laid.reader = sn_take(arena, kernel_rows / (size_t)declared->kernel[0], sizeof(sn_reader));
    laid.readers_of = sn_take(arena, sources + 1, sizeof(int32_t));
    laid.map_taps = sn_take(arena, (size_t)declared->maps + 1, sizeof(int32_t));
    laid.tap = sn_take(arena, taps, sizeof(int32_t));
    laid.tap8 = sn_take(arena, taps, sizeof(int32_t));
    laid.lists = sn_take(arena, sources * (size_t)laid.phases + 1, sizeof(int32_t));
    laid.listed = sn_take(arena, kernel_rows, sizeof(sn_row_of_taps));
    laid.gather_tap = sn_take(arena, kernel_rows * blocks, sizeof(int32_t));
    laid.gather_from = sn_take(arena, kernel_rows * blocks, sizeof(int32_t));
    if (!p)
        return;
    *p = laid;
    list_all_rows(layer, p);
    set_mask(layer, p);
    list_taps(layer, p);
    list_gather(layer, p);
    plan_gathers(layer, p);
    find_same_taps(layer, p);
    p->by_source = declared->shared && goes_by_source(layer, p);
    if (p->by_source)
        list_readers(layer, p);
}

/* ---- To columns and back -------------------------------------------------------------------------------------- */

/* Strides of more than 2, one number at a time. */
static void far_to_columns(const sn_columns *c, size_t stride, const sn_row *row, int rows, const float *x, float *to)
{
    for (size_t map = 0; map < c->maps; map++, x += c->pitch, to += c->source)
        for (int r = 0; r < rows; r++)
            for (size_t j = 0; j < c->columns; j++)
                for (size_t i = 0; i < c->width; i++)
                    to[(size_t)row[r].columns + j * c->plane + i] = x[(size_t)row[r].plane + i * stride + j];
}

static void far_from_columns(const sn_columns *c, size_t stride, const sn_row *row, int rows, const float *from,
                             float *x)
{
    memset(x, 0, c->maps * c->pitch * sizeof *x);
    for (size_t map = 0; map < c->maps; map++, x += c->pitch, from += c->source)
        for (int r = 0; r < rows; r++)
            for (size_t j = 0; j < c->columns; j++)
                for (size_t i = 0; i < c->width; i++)
                    x[(size_t)row[r].plane + i * stride + j] += from[(size_t)row[r].columns + j * c->plane + i];
}

void sn_to_columns(const sn_built *layer, const float *x)
{
    const sn_taps *p = layer->plan;
    if (p->form.kind == SN_FARTHER)
        far_to_columns(&p->form, (size_t)layer->declared.stride[1], p->row, p->rows, x, p->columns);
    else
        layer->kernels->to_columns(&p->form, p->row, (size_t)p->rows, x, p->columns);
}

void sn_from_columns(const sn_built *layer, float *back)
{
    const sn_taps *p = layer->plan;
    if (p->form.kind == SN_FARTHER)
        far_from_columns(&p->form, (size_t)layer->declared.stride[1], p->inner_row, p->inner, p->columns_back, back);
    else
        layer->kernels->from_columns(&p->form, p->inner_row, (size_t)p->inner, p->columns_back, back);
}
