/* Radial basis: the state of a unit is the squared distance of the states below from its prototype. */
struct rbf {
    int inputs, units;
    const weight *prototypes; /* unit after unit */
    struct squash squash;
};

static void rbf(const struct rbf *layer, const state *below, state *x)
{
    const weight *w = layer->prototypes;
    for (int unit = 0; unit < layer->units; unit++) {
        total sum = 0;
        for (int j = 0; j < layer->inputs; j++, w++)
            sum += (below[j] - *w) * (below[j] - *w);
        put(&layer->squash, unit, unit, sum, x);
    }
}
