/* How the units of a layer squash: their states are f(a) of their total inputs a. */
struct squash {
    float (*f)(float a);
};

static void put(const struct squash *squash, int map, int unit, float a, float *x)
{
    (void)map;
    x[unit] = squash->f(a);
}
