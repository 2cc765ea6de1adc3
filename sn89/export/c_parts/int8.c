/* How the units of a layer squash. A total input times its map's factor, over 2^shift, is a place in the table of the
 * squashing function: the middle of it is 0, and each of its 256 steps has 256 parts. An entry is a state in 256ths of
 * what an int8 counts. */
struct squash {
    const int32_t *factors;
    int shift;
    const int16_t *table;
    int16_t *fine; /* where states go in 256ths, those of the outputs; or 0 */
};

static int32_t over_256(int32_t n) { return (n + (n < 0 ? -128 : 128)) / 256; }

/* Between two entries of the table, by a straight line. */
static void put(const struct squash *squash, int map, int unit, int32_t a, int8_t *x)
{
    const int64_t found = (int64_t)a * squash->factors[map] + ((int64_t)1 << (squash->shift + 15));
    const int64_t above = found < 0 ? 0 : found >> squash->shift;
    const int32_t place = above > 65535 ? 65535 : (int32_t)above, part = place % 256;
    const int16_t *entry = squash->table + place / 256;
    const int32_t fine = over_256(entry[0] * (256 - part) + entry[1] * part);
    if (squash->fine)
        squash->fine[unit] = (int16_t)fine;
    else
        x[unit] = (int8_t)over_256(fine);
}
