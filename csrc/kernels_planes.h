/* kernels_planes.h - planes rearranged: eight patterns side by side, columns, blocks. */

static void interleave(const float *restrict from, size_t pitch, float *restrict to, size_t n)
{
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES) {
        const float *row[SN_LANES];
        vec8 turned[SN_LANES];
        UNROLL for (size_t lane = 0; lane < SN_LANES; lane++) row[lane] = from + lane * pitch + i;
        vec8_load_turned(turned, row);
        UNROLL for (size_t lane = 0; lane < SN_LANES; lane++) vec8_store(to + (i + lane) * SN_LANES, turned[lane]);
    }
    for (; i < n; i++)
        for (size_t lane = 0; lane < SN_LANES; lane++)
            to[i * SN_LANES + lane] = from[lane * pitch + i];
}

static inline vec8 eight_apart(const float *x, bool two)
{
    return two ? vec8_evens(vec8_load(x), vec8_load(x + SN_LANES)) : vec8_load(x);
}

static inline ALWAYS_INLINE void rows_to_columns(const size_t columns, const sn_columns *of, bool two,
                                                 const sn_row *row, size_t rows, const float *restrict x,
                                                 float *restrict to)
{
    const sn_columns c = *of; /* which, unlike *of, no store can change */
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < c.width; i += SN_LANES) {
            const float *from = x + row[r].plane + (two ? 2 * i : i);
            float *column = to + row[r].columns + i;
            UNROLL for (size_t j = 0; j < columns; j++) vec8_store(column + j * c.plane, eight_apart(from + j, two));
        }
}

/* Two rows at once, a half of a vector for each. */
static inline ALWAYS_INLINE void pairs_to_columns(const size_t columns, size_t plane, const sn_row *row, size_t rows,
                                                  const float *restrict x, float *restrict to)
{
    for (size_t r = 0; r < rows; r++) {
        const float *one = x + row[r].plane, *other = x + row[r].other;
        float *column = to + row[r].columns;
        const vec8 first = vec8_load_halves(one, other), second = vec8_load_halves(one + 4, other + 4);
        const vec8 third = vec8_load_halves(one + 8, other + 8);
        const vec8 even = vec8_half_evens(first, second), late_even = vec8_half_evens(third, third);
        const vec8 odd = vec8_half_odds(first, second), late_odd = vec8_half_odds(third, third);
        for (size_t j = 0; j < columns; j++)
            vec8_store(column + j * plane, vec8_half_window(j % 2 ? odd : even, j % 2 ? late_odd : late_even, j / 2));
    }
}

static void to_columns(const sn_columns *c, const sn_row *row, size_t rows, const float *x, float *to)
{
    for (size_t map = 0; map < c->maps; map++, x += c->pitch, to += c->source)
        if (c->kind == SN_PAIRS && c->columns == 5) /* the papers' kernels: worth loops of a constant length */
            pairs_to_columns(5, c->plane, row, rows, x, to);
        else if (c->kind == SN_PAIRS)
            pairs_to_columns(c->columns, c->plane, row, rows, x, to);
        else if (c->kind == SN_TWO && c->columns == 5)
            rows_to_columns(5, c, true, row, rows, x, to);
        else if (c->columns == 5)
            rows_to_columns(5, c, false, row, rows, x, to);
        else
            rows_to_columns(c->columns, c, c->kind == SN_TWO, row, rows, x, to);
}

/* The sums over the columns of what they hold for eight numbers, or for twice eight in turn. */
static inline ALWAYS_INLINE void rows_from_columns(const sn_columns *of, bool two, const sn_row *row, size_t rows,
                                                   const float *restrict from, float *restrict x)
{
    const sn_columns c = *of; /* which, unlike *of, no store can change */
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < c.across; i += SN_LANES) {
            const float *column = from + row[r].columns + i, *of_unit = c.mask + i;
            float *to = x + row[r].plane + (two ? 2 * i : i);
            vec8 even = vec8_of(0), odd = vec8_of(0);
            for (size_t j = 0; j < c.columns; j += 2, column += 2 * c.plane, of_unit += 2 * c.across) {
                even = vec8_fma(vec8_load(of_unit), vec8_load(column), even);
                column -= !two;
                if (j + 1 < c.columns)
                    odd = vec8_fma(vec8_load(of_unit + c.across), vec8_load(column + c.plane), odd);
                column--;
            }
            if (two)
                vec8_store_interleaved(to, to + SN_LANES, even, odd);
            else
                vec8_store(to, vec8_add(even, odd));
        }
}

/* Each half moved up by `by` lanes, down if that is negative; zeros come in. */
static inline ALWAYS_INLINE vec8 half_moved(vec8 v, int by)
{
    const vec8 zero = vec8_of(0);
    return by >= 0 ? vec8_half_window(zero, v, (size_t)(4 - by)) : vec8_half_window(v, zero, (size_t)-by);
}

/* Two rows at once: the 8 numbers from an even one on, 2 `before`, of each. */
static inline ALWAYS_INLINE void pairs_from_columns(const size_t columns, const size_t before, size_t plane,
                                                    const sn_row *row, size_t rows, const float *restrict from,
                                                    float *restrict x)
{
    for (size_t r = 0; r < rows; r++) {
        const float *column = from + row[r].columns;
        vec8 sum[2] = {vec8_of(0), vec8_of(0)};
        for (size_t j = 0; j < columns; j++)
            sum[j % 2] = vec8_add(sum[j % 2], half_moved(vec8_load(column + j * plane), (int)(j / 2) - (int)before));
        vec8_store_interleaved(x + row[r].plane + 2 * before, x + row[r].other + 2 * before, sum[0], sum[1]);
    }
}

static void from_columns(const sn_columns *c, const sn_row *row, size_t rows, const float *from, float *x)
{
    for (size_t map = 0; map < c->maps; map++, x += c->pitch, from += c->source)
        if (c->kind == SN_PAIRS && c->columns == 5 && c->before == 1)
            pairs_from_columns(5, 1, c->plane, row, rows, from, x);
        else if (c->kind == SN_PAIRS)
            pairs_from_columns(c->columns, c->before, c->plane, row, rows, from, x);
        else
            rows_from_columns(c, c->kind == SN_TWO, row, rows, from, x);
}

/* The sums of eight blocks from x on. */
static inline ALWAYS_INLINE vec8 eight_blocks(const float *restrict x, size_t pitch, const sn_block_sums sums)
{
    vec8 above[2], below[2], column[2];
    UNROLL for (size_t i = 0; i < 2; i++)
    {
        above[i] = vec8_load(x + i * SN_LANES);
        below[i] = vec8_load(x + i * SN_LANES + pitch);
        column[i] = sums == SN_OF_SQUARES ? vec8_fma(below[i], below[i], vec8_mul(above[i], above[i]))
                                          : vec8_add(above[i], below[i]);
    }
    if (sums != SN_IN_ORDER)
        return vec8_pairs(column[0], column[1]);
    const vec8 first = vec8_add(vec8_of(0), vec8_evens(above[0], above[1]));
    const vec8 second = vec8_add(first, vec8_odds(above[0], above[1]));
    return vec8_add(vec8_add(second, vec8_evens(below[0], below[1])), vec8_odds(below[0], below[1]));
}

static inline ALWAYS_INLINE void rows_of_blocks(const float *restrict x, size_t pitch, size_t rows, size_t width,
                                                const sn_block_sums sums, float *restrict block)
{
    for (size_t r = 0; r < rows; r++, x += 2 * pitch, block += width)
        for (size_t c = 0; c < width; c += SN_LANES)
            vec8_store(block + c, eight_blocks(x + 2 * c, pitch, sums));
}

static void sum_blocks(const float *x, size_t pitch, size_t rows, size_t width, sn_block_sums sums, float *block)
{
    if (sums == SN_OF_STATES)
        rows_of_blocks(x, pitch, rows, width, SN_OF_STATES, block);
    else if (sums == SN_OF_SQUARES)
        rows_of_blocks(x, pitch, rows, width, SN_OF_SQUARES, block);
    else
        rows_of_blocks(x, pitch, rows, width, SN_IN_ORDER, block);
}

static void fill_blocks(float w, const float *restrict y, size_t rows, size_t width, float *restrict back, size_t pitch)
{
    const vec8 weight = vec8_of(w);
    for (size_t r = 0; r < 2 * rows; r++, back += pitch)
        for (size_t c = 0; c < width; c += SN_LANES) {
            const vec8 v = vec8_mul(weight, vec8_load(y + r / 2 * width + c));
            vec8_store_interleaved(back + 2 * c, back + 2 * c + SN_LANES, v, v);
        }
}

static inline ALWAYS_INLINE void average_rows8(float w, float b, const float *restrict x, size_t pitch, size_t down,
                                               size_t across, size_t width, float *restrict out)
{
    const vec8 weight = vec8_of(w), bias = vec8_of(b);
    for (size_t c = 0; c < width; c++, x += across * SN_LANES) {
        vec8 sum = vec8_of(0);
        for (size_t i = 0; i < down; i++)
            for (size_t j = 0; j < across; j++)
                sum = vec8_add(sum, vec8_load(x + (i * pitch + j) * SN_LANES));
        vec8_store(out + c * SN_LANES, vec8_fma(weight, sum, bias));
    }
}

static void average8(float w, float b, const float *x, size_t pitch, size_t down, size_t across, size_t width,
                     float *out)
{
    if (down == 2 && across == 2)
        average_rows8(w, b, x, pitch, 2, 2, width, out);
    else
        average_rows8(w, b, x, pitch, down, across, width, out);
}

/* Terms are rounded before they are added, as for one pattern alone. The sums of two units do not wait for each other.
 */
static void distances8(const float *restrict w, const float *restrict x, size_t units, size_t inputs,
                       float *restrict sum, size_t pitch)
{
    for (size_t i = 0; i < units; i += 2) {
        const float *one = w + i * inputs, *other = w + least(i + 1, units - 1) * inputs;
        vec8 of_one = vec8_of(0), of_other = vec8_of(0);
        for (size_t j = 0; j < inputs; j++) {
            const vec8 state = vec8_load(x + j * SN_LANES);
            const vec8 near = vec8_sub(state, vec8_of(one[j])), far = vec8_sub(state, vec8_of(other[j]));
            of_one = vec8_add(of_one, vec8_mul(near, near));
            of_other = vec8_add(of_other, vec8_mul(far, far));
        }
        vec8_store(sum + i * pitch, of_one);
        if (i + 1 < units)
            vec8_store(sum + (i + 1) * pitch, of_other);
    }
}

static void scale(float w, float b, const float *restrict x, float *restrict y, size_t n)
{
    const vec8 weight = vec8_of(w), bias = vec8_of(b);
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        vec8_store(y + i, vec8_fma(weight, vec8_load(x + i), bias));
    if (i < n)
        vec8_store_part(y + i, vec8_fma(weight, vec8_load_part(x + i, n - i), bias), n - i);
}
