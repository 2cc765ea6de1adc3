/* average.c - local averaging and subsampling: a = w (sum of the block's x) + b, one w and one b per map.
 *
 * A shared weight's curvature adds one term h x^2 per connection (the cross terms are dropped), so the second pass
 * needs the sum of the squares and not the square of the sum: the same walk over squared states. */
#include "layer.h"
#include "loops.h"

typedef struct {
    float *block; /* own; the sums of the blocks */
} plan;

static bool shape(sn_built *layer, const sn_complaint *complaint)
{
    const sn_shape below = layer->below->shape;
    const int *size = layer->told.kernel;
    if (size[0] < 1 || size[1] < 1)
        return sn_complain(complaint, layer->told.name, "size must be at least 1, not %dx%d", size[0], size[1]);
    if (below.height % size[0] || below.width % size[1])
        return sn_complain(complaint, layer->told.name, "blocks of %dx%d do not tile the source planes of %dx%d",
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
    float *block = sn_take_floats(arena, layer->units.own.size);
    if (p)
        p->block = block;
}

static void start(const sn_built *layer, float *fan_in)
{
    for (int64_t u = 0; u < layer->counts.weights + layer->counts.biases; u++)
        fan_in[u] = (float)layer->told.kernel[0] * (float)layer->told.kernel[1] + 1;
}

/* block = the sums of x over each unit's block of its source map */
static void sum_blocks(const sn_built *layer, const float *x, float *block)
{
    const sn_shape shape = layer->units.shape;
    const int *size = layer->told.kernel;
    const size_t width = (size_t)layer->below->shape.width;
    for (int row = 0; row < shape.maps * shape.height; row++, block += shape.width)
        for (int column = 0; column < shape.width; column++) {
            float sum = 0;
            for (int i = 0; i < size[0]; i++)
                sum += sn_sum(x + ((size_t)row * size[0] + i) * width + (size_t)column * size[1], size[1]);
            block[column] = sum;
        }
}

static void forward(const sn_built *layer, const float *w)
{
    const plan *p = layer->plan;
    const size_t units = layer->units.own.plane;
    sum_blocks(layer, layer->below->state, p->block);
    for (int map = 0; map < layer->units.shape.maps; map++) {
        const float weight = w[map], bias = w[layer->counts.weights + map];
        const float *block = p->block + map * units;
        float *sum = layer->units.sum + map * units;
        for (size_t i = 0; i < units; i++)
            sum[i] = weight * block[i] + bias;
    }
}

/* back = w y, the same for every unit of a block */
static void spread(const sn_built *layer, const float *w, const float *y, float *back)
{
    const sn_shape shape = layer->units.shape, below = layer->below->shape;
    const int *size = layer->told.kernel;
    for (int map = 0; map < below.maps; map++)
        for (int row = 0; row < below.height; row++) {
            const float *source = y + ((size_t)map * shape.height + row / size[0]) * shape.width;
            for (int column = 0; column < shape.width; column++)
                for (int j = 0; j < size[1]; j++)
                    *back++ = w[map] * source[column];
        }
}

/* back = w y;  g_w += sum y block;  g_b += sum y */
static void walk_back(const sn_built *layer, const float *w, const float *x, const float *y, float *back, float *g)
{
    const plan *p = layer->plan;
    const size_t units = layer->units.own.plane;
    sum_blocks(layer, x, p->block);
    for (int map = 0; map < layer->units.shape.maps; map++) {
        g[map] += layer->kernels->dot(y + map * units, p->block + map * units, units);
        g[layer->counts.weights + map] += sn_sum(y + map * units, units);
    }
    if (back)
        spread(layer, w, y, back);
}

static void backward(const sn_built *layer, const float *w, float *g)
{
    walk_back(layer, w, layer->below->state, layer->units.y, layer->below->back, g);
}

static void backward2(const sn_built *layer, const float *w2, float *c, sn_diagonal diagonal)
{
    (void)diagonal;
    walk_back(layer, w2, layer->below->state2, layer->units.h, layer->below->back2, c);
}

const sn_layer_kind sn_average_kind = {
    .shape = shape,
    .lay_out = lay_out,
    .start = start,
    .forward = forward,
    .backward = backward,
    .backward2 = backward2,
};
