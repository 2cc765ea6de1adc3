/* Local connections: each unit sees a small field on some of the maps below, its map's sources. */
struct pair {
    int down, across;
};

struct local {
    struct shape below, above;
    struct pair kernel, stride, pad;
    state background;          /* what connections past the edge of a map read */
    const source_map *sources; /* map after map; or 0: each sees all maps below */
    const source_map *fans;    /* how many sources each map has; or 0, too */
    const weight *weights;     /* map after map, source after source, row after row */
    int shared;                /* by all units of a map; or each weight is a plane of weights, one for each unit */
    const bias *biases;        /* or 0 */
    int bias_per_unit;         /* or one per map */
    struct squash squash;
};

/* What unit (row, column) receives from one source map: the sum of w x over its field. */
static total field(const struct local *layer, const weight *w, const state *x, int row, int column)
{
    const int height = layer->below.height, width = layer->below.width;
    const int next = layer->shared ? 1 : layer->above.height * layer->above.width;
    const int top = row * layer->stride.down - layer->pad.down;
    const int left = column * layer->stride.across - layer->pad.across;
    int tap = 0;
    total sum = 0;
    for (int i = top; i < top + layer->kernel.down; i++)
        for (int j = left; j < left + layer->kernel.across; j++, tap += next) {
            const int inside = i >= 0 && i < height && j >= 0 && j < width;
            sum += w[tap] * (inside ? x[i * width + j] : layer->background);
        }
    return sum;
}

static void local(const struct local *layer, const state *below, state *x)
{
    const int plane_below = layer->below.height * layer->below.width, width = layer->above.width;
    const int plane = layer->above.height * width, taps = layer->kernel.down * layer->kernel.across;
    const int kernel = layer->shared ? taps : taps * plane;
    const weight *w = layer->weights;
    int first = 0; /* source of the map, in the table */
    for (int map = 0; map < layer->above.maps; map++) {
        const int fan = layer->fans ? (int)layer->fans[map] : layer->below.maps;
        for (int unit = 0; unit < plane; unit++) {
            total a = layer->biases ? layer->biases[layer->bias_per_unit ? map * plane + unit : map] : 0;
            for (int k = 0; k < fan; k++) {
                const int source = layer->sources ? (int)layer->sources[first + k] : k;
                a += field(layer, w + k * kernel + (layer->shared ? 0 : unit), below + source * plane_below,
                           unit / width, unit % width);
            }
            put(&layer->squash, map, map * plane + unit, a, x);
        }
        w += fan * kernel;
        first += fan;
    }
}
