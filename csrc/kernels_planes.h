/* kernels_planes.h - planes rearranged: eight patterns side by side, columns, blocks. */

static void interleave(const float *restrict from, size_t pitch, float *restrict to, size_t n)
{
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES) {
        vec8 rows[SN_LANES];
        UNROLL for (size_t lane = 0; lane < SN_LANES; lane++) rows[lane] = vec8_load(from + lane * pitch + i);
        vec8_transpose(rows);
        UNROLL for (size_t lane = 0; lane < SN_LANES; lane++) vec8_store(to + (i + lane) * SN_LANES, rows[lane]);
    }
    for (; i < n; i++)
        for (size_t lane = 0; lane < SN_LANES; lane++)
            to[i * SN_LANES + lane] = from[lane * pitch + i];
}

static inline vec8 eight_apart(const float *x, bool two)
{
    return two ? vec8_evens(vec8_load(x), vec8_load(x + SN_LANES)) : vec8_load(x);
}

static inline ALWAYS_INLINE void rows_to_columns(const sn_row *row, size_t rows, const float *restrict x, bool two,
                                                 float *restrict to, size_t plane, size_t columns, size_t width)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < width; c += SN_LANES) {
            const float *from = x + row[r].plane + (two ? 2 * c : c);
            float *column = to + row[r].columns + c;
            for (size_t j = 0; j < columns; j++, column += plane)
                vec8_store(column, eight_apart(from + j, two));
        }
}

/* A stride of 2 and columns so short that all even numbers of a row fit into a vector, and all odd ones: these are
 * taken apart once, and shifted from column to column. */
static inline ALWAYS_INLINE void short_rows_to_columns(const sn_row *row, size_t rows, const float *restrict x,
                                                       float *restrict to, size_t plane, size_t columns)
{
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + row[r].plane;
        float *column = to + row[r].columns;
        const vec8 low = vec8_load(from), high = vec8_load(from + SN_LANES);
        vec8 even = vec8_evens(low, high), odd = vec8_odds(low, high);
        for (size_t j = 0; j < columns; j += 2, column += 2 * plane) {
            vec8_store(column, even);
            even = vec8_next(even);
            if (j + 1 < columns)
                vec8_store(column + plane, odd);
            odd = vec8_next(odd);
        }
    }
}

static void to_columns(const sn_row *row, size_t rows, const float *x, bool two, float *to, size_t plane,
                       size_t columns, size_t width)
{
    if (two && width + columns / 2 <= SN_LANES)
        short_rows_to_columns(row, rows, x, to, plane, columns);
    else if (two)
        rows_to_columns(row, rows, x, true, to, plane, columns, width);
    else
        rows_to_columns(row, rows, x, false, to, plane, columns, width);
}

/* The sums over the columns of what they hold for eight numbers, or for twice eight in turn. */
static inline ALWAYS_INLINE void rows_from_columns(const sn_row *row, size_t rows, const float *restrict from,
                                                   size_t plane, size_t columns, const float *restrict mask,
                                                   size_t across, bool two, float *restrict x)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < across; c += SN_LANES) {
            const float *column = from + row[r].columns + c, *of_unit = mask + c;
            float *to = x + row[r].plane;
            vec8 even = vec8_of(0), odd = vec8_of(0);
            for (size_t j = 0; j < columns; j += 2, column += 2 * plane, of_unit += 2 * across) {
                even = vec8_fma(vec8_load(of_unit), vec8_load(column), even);
                column -= !two;
                if (j + 1 < columns)
                    odd = vec8_fma(vec8_load(of_unit + across), vec8_load(column + plane), odd);
                column--;
            }
            if (two)
                vec8_store_interleaved(to + 2 * c, even, odd);
            else
                vec8_store(to + c, vec8_add(even, odd));
        }
}

static void from_columns(const sn_row *row, size_t rows, const float *from, size_t plane, size_t columns,
                         const float *mask, size_t across, bool two, float *x)
{
    if (two && columns == 5) /* the papers' kernels: worth loops of a constant length */
        rows_from_columns(row, rows, from, plane, 5, mask, across, true, x);
    else if (two)
        rows_from_columns(row, rows, from, plane, columns, mask, across, true, x);
    else
        rows_from_columns(row, rows, from, plane, columns, mask, across, false, x);
}

static void sum_blocks(const float *restrict x, size_t pitch, size_t rows, size_t width, bool squared,
                       float *restrict block)
{
    for (size_t r = 0; r < rows; r++, x += 2 * pitch, block += width)
        for (size_t c = 0; c < width; c += SN_LANES) {
            vec8 sum[2];
            UNROLL for (size_t i = 0; i < 2; i++)
            {
                const float *from = x + 2 * c + i * SN_LANES;
                const vec8 above = vec8_load(from), below = vec8_load(from + pitch);
                sum[i] = squared ? vec8_fma(below, below, vec8_mul(above, above)) : vec8_add(above, below);
            }
            vec8_store(block + c, vec8_pairs(sum[0], sum[1]));
        }
}

static void fill_blocks(float w, const float *restrict y, size_t rows, size_t width, float *restrict back, size_t pitch)
{
    const vec8 weight = vec8_of(w);
    for (size_t r = 0; r < 2 * rows; r++, back += pitch)
        for (size_t c = 0; c < width; c += SN_LANES) {
            const vec8 v = vec8_mul(weight, vec8_load(y + r / 2 * width + c));
            vec8_store_interleaved(back + 2 * c, v, v);
        }
}

static void average8(float w, float b, const float *restrict x, size_t pitch, size_t down, size_t across, size_t width,
                     float *restrict out)
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

static void scale(float w, float b, const float *restrict x, float *restrict y, size_t n)
{
    const vec8 weight = vec8_of(w), bias = vec8_of(b);
    size_t i = 0;
    for (; i + SN_LANES <= n; i += SN_LANES)
        vec8_store(y + i, vec8_fma(weight, vec8_load(x + i), bias));
    if (i < n)
        vec8_store_part(y + i, vec8_fma(weight, vec8_load_part(x + i, n - i), bias), n - i);
}
