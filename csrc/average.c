/* average.c - local averaging and subsampling: a = w (sum of the block's x) + b, one w and one b per map.
 *
 * A shared weight's curvature adds one term h x^2 per connection (the cross terms are dropped), so the second pass
 * needs the sum of the squares and not the square of the sum: the same walk over squared states. */
#include "layer.h"

typedef struct {
    float *block; /* own; the sums of the blocks: of the states after forward, of their squares after backward2 */
    float *found; /* derivatives for all parameters; and squares of the weights */
} plan;

static bool shape(sn_built *layer, const sn_complaint *complaint)
{
    const sn_shape below = layer->below->shape;
    const int *size = layer->declared.kernel;
    if (size[0] < 1 || size[1] < 1)
        return sn_complain(complaint, layer->declared.name, "size must be at least 1, not %dx%d", size[0], size[1]);
    if (below.height % size[0] || below.width % size[1])
        return sn_complain(complaint, layer->declared.name, "blocks of %dx%d do not tile the source planes of %dx%d",
                           size[0], size[1], below.height, below.width);
    layer->units.shape = (sn_shape){below.maps, below.height / size[0], below.width / size[1]};
    layer->counts.weights = layer->counts.biases = below.maps;
    layer->counts.connections = sn_plus(sn_unit_count(below), sn_unit_count(layer->units.shape));
    return true;
}

static void lay_out(sn_built *layer, sn_arena *arena)
{
    layer->units.own = sn_compact(layer->units.shape);
    layer->below->read = sn_compact(layer->below->shape);
    plan *p = layer->plan = sn_take(arena, 1, sizeof *p);
    const plan laid = {
        .block = sn_take_floats(arena, layer->units.own.size),
        .found = sn_take_floats(arena, sn_layer_parameters(layer)),
    };
    if (p)
        *p = laid;
}

static void start(const sn_built *layer, float *fan_in)
{
    for (int64_t u = 0; u < layer->counts.weights + layer->counts.biases; u++)
        fan_in[u] = (float)layer->declared.kernel[0] * (float)layer->declared.kernel[1] + 1;
}

/* block = the sums of x, or of its squares, over each unit's block of its source map */
static void sum_blocks(const sn_built *layer, sn_block_sums sums)
{
    const plan *p = layer->plan;
    const sn_shape shape = layer->units.shape;
    const size_t down = (size_t)layer->declared.kernel[0], across = (size_t)layer->declared.kernel[1];
    const size_t rows = (size_t)shape.maps * (size_t)shape.height, width = (size_t)shape.width, pitch = across * width;
    const float *x = layer->below->state;
    if (down == 2 && across == 2) {
        layer->kernels->sum_blocks(x, pitch, rows, width, sums, p->block);
        return;
    }
    for (size_t unit = 0; unit < rows * width; unit++) {
        const float *from = x + unit / width * down * pitch + unit % width * across;
        float sum = 0;
        for (size_t i = 0; i < down; i++)
            for (size_t j = 0; j < across; j++)
                sum += sums == SN_OF_SQUARES ? from[i * pitch + j] * from[i * pitch + j] : from[i * pitch + j];
        p->block[unit] = sum;
    }
}

static void scale_blocks(const sn_built *layer, const float *w)
{
    const plan *p = layer->plan;
    const size_t units = layer->units.own.plane, maps = (size_t)layer->units.shape.maps;
    for (size_t map = 0; map < maps; map++)
        layer->kernels->scale(w[map], w[maps + map], p->block + map * units, layer->units.sum + map * units, units);
}

static void forward(const sn_built *layer, const float *w)
{
    sum_blocks(layer, SN_OF_STATES);
    scale_blocks(layer, w);
}

static void forward_in_order(const sn_built *layer, const float *w)
{
    sum_blocks(layer, SN_IN_ORDER);
    scale_blocks(layer, w);
}

static void forward8(const sn_built *layer, const float *w)
{
    const sn_layout from = layer->below->read, to = layer->units.read;
    const size_t down = (size_t)layer->declared.kernel[0], across = (size_t)layer->declared.kernel[1];
    const size_t maps = (size_t)layer->units.shape.maps, width = (size_t)layer->units.shape.width;
    for (size_t map = 0; map < maps; map++)
        for (size_t row = 0; row < (size_t)layer->units.shape.height; row++)
            layer->kernels->average8(w[map], w[maps + map],
                                     layer->below->eight + SN_LANES * (map * from.plane + row * down * from.pitch),
                                     from.pitch, down, across, width,
                                     layer->units.eight + SN_LANES * (to.origin + map * to.plane + row * to.pitch));
}

/* back = w y, the same for every unit of a block */
static void fill_blocks(const sn_built *layer, const float *w, const float *y, float *back)
{
    const sn_shape below = layer->below->shape;
    const size_t down = (size_t)layer->declared.kernel[0], across = (size_t)layer->declared.kernel[1];
    const size_t height = (size_t)layer->units.shape.height, width = (size_t)layer->units.shape.width;
    const size_t pitch = (size_t)below.width, units = height * width;
    for (int map = 0; map < below.maps; map++, y += units, back += layer->below->read.plane)
        if (down == 2 && across == 2)
            layer->kernels->fill_blocks(w[map], y, height, width, back, pitch);
        else
            for (size_t i = 0; i < (size_t)below.height * pitch; i++)
                back[i] = w[map] * y[i / pitch / down * width + i % pitch / across];
}

/* back = w y;  g_w = sum y block;  g_b = sum y */
static void walk_back(const sn_built *layer, const float *w, const float *y, float *back, const sn_sink *sink)
{
    const plan *p = layer->plan;
    const sn_kernels *kernels = layer->kernels;
    const size_t units = layer->units.own.plane, maps = (size_t)layer->units.shape.maps;
    if (back)
        fill_blocks(layer, w, y, back);
    for (size_t map = 0; map < maps; map++)
        p->found[map] = kernels->dot(y + map * units, p->block + map * units, units);
    kernels->sum_rows(y, maps, units, units, p->found + maps);
    kernels->give(p->found, 2 * maps, sink, (size_t)layer->counts.first);
}

static void backward(const sn_built *layer, const float *w, const sn_sink *sink)
{
    walk_back(layer, w, layer->units.y, layer->below->back, sink);
}

static void backward2(const sn_built *layer, const float *w, const sn_sink *sink, sn_diagonal diagonal)
{
    (void)diagonal;
    const plan *p = layer->plan;
    layer->kernels->square(w, p->found, (size_t)layer->counts.weights);
    sum_blocks(layer, SN_OF_SQUARES);
    walk_back(layer, p->found, layer->units.h, layer->below->back2, sink);
}

const sn_layer_kind sn_average_kind = {
    .shape = shape,
    .lay_out = lay_out,
    .start = start,
    .forward = forward,
    .forward8 = forward8,
    .forward_in_order = forward_in_order,
    .backward = backward,
    .backward2 = backward2,
};
