/* Full connection: each unit sees every unit below; a = sum of w x, + b. */
struct full {
    int inputs, units;
    const weight *weights; /* unit after unit */
    const bias *biases;
    struct squash squash;
};

static void full(const struct full *layer, const state *below, state *x)
{
    const weight *w = layer->weights;
    for (int unit = 0; unit < layer->units; unit++) {
        total a = layer->biases[unit];
        for (int j = 0; j < layer->inputs; j++)
            a += *w++ * below[j];
        put(&layer->squash, unit, unit, a, x);
    }
}
