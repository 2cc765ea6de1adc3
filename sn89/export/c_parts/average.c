/* Averages: each unit sees a block of its own map below; a = w (sum of the block) + b, one w and one b for each map. */
struct average {
    struct shape above;
    int down, across; /* height and width of a block */
    const weight *weights;
    const bias *biases;
    struct squash squash;
};

static void average(const struct average *layer, const state *below, state *x)
{
    const int width = layer->above.width, plane = layer->above.height * width, pitch = width * layer->across;
    for (int unit = 0; unit < layer->above.maps * plane; unit++) {
        const int map = unit / plane;
        const state *block = below + unit / width * layer->down * pitch + unit % width * layer->across;
        total sum = 0;
        for (int i = 0; i < layer->down; i++)
            for (int j = 0; j < layer->across; j++)
                sum += block[i * pitch + j];
        put(&layer->squash, map, unit, layer->weights[map] * sum + layer->biases[map], x);
    }
}
