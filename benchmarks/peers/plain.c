/* plain.c - the zip-code net in plain loops: first-order steps, one pattern at a time, as a C programmer writes them
 * who leaves the vectors to the compiler. Compiled when the benchmark runs, with -O3 -march=native -ffast-math.
 *
 * Every loop that counts runs over neighbouring numbers and has a constant length. For that the states that a kernel's
 * weight k meets lie side by side, columns[source][k][unit]. Parameters lie as in sn89: layer after layer, weights
 * first.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#define AMPLITUDE 1.7159f
#define SLOPE     (2.0f / 3)

enum {
    MAPS = 12,
    SIDE = 5,
    KERNEL = SIDE * SIDE,
    IMAGE = 16, /* rows and columns of the input, */
    MIDDLE = 8, /* of a map of H1, */
    SMALL = 4,  /* and of one of H2 */
    SEEN = 8,   /* maps of H1 that a map of H2 sees */
    BORDER = 2,
    IN = MAPS * SMALL * SMALL,
    HIDDEN = 30,
    OUT = 10
};

static const int SOURCES[3][SEEN] = {{0, 1, 2, 3, 4, 5, 6, 7}, {4, 5, 6, 7, 8, 9, 10, 11}, {0, 1, 2, 3, 8, 9, 10, 11}};

typedef struct {
    float w1[MAPS][KERNEL], b1[MAPS][MIDDLE * MIDDLE];
    float w2[MAPS][SEEN][KERNEL], b2[MAPS][SMALL * SMALL];
    float w3[HIDDEN][IN], b3[HIDDEN];
    float w4[OUT][HIDDEN], b4[OUT];
} parameters;

typedef struct {
    float columns1[1][KERNEL][MIDDLE * MIDDLE], columns2[MAPS][KERNEL][SMALL * SMALL];
    float back2[MAPS][KERNEL][SMALL * SMALL];
    float x1[MAPS][MIDDLE * MIDDLE], x2[MAPS][SMALL * SMALL], x3[HIDDEN], x4[OUT];
    float y1[MAPS][MIDDLE * MIDDLE], y2[MAPS][SMALL * SMALL], y3[HIDDEN], y4[OUT];
} states;

static inline void squash(float *x, int n)
{
    for (int i = 0; i < n; i++)
        x[i] = AMPLITUDE * tanhf(SLOPE * x[i]);
}

/* y = f'(a) dC/dx, in place */
static inline void through_slope(const float *x, float *y, int n)
{
    for (int i = 0; i < n; i++)
        y[i] *= SLOPE / AMPLITUDE * (AMPLITUDE - x[i]) * (AMPLITUDE + x[i]);
}

/* A source plane of `size` rows to its columns: kernels of 5x5 every second row and column, a border of 2 of
 * background. */
static inline void to_columns(const float *x, int size, float *columns)
{
    const int units = size / 2;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++)
            for (int r = 0; r < units; r++)
                for (int c = 0; c < units; c++) {
                    const int row = 2 * r + i - BORDER, column = 2 * c + j - BORDER;
                    const int inside = row >= 0 && row < size && column >= 0 && column < size;
                    *columns++ = inside ? x[row * size + column] : -1;
                }
}

/* And what goes back from them. */
static inline void from_columns(const float *columns, int size, float *back)
{
    const int units = size / 2;
    float bordered[(MIDDLE + 2 * BORDER) * (MIDDLE + 2 * BORDER)] = {0};
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++)
            for (int r = 0; r < units; r++)
                for (int c = 0; c < units; c++)
                    bordered[(2 * r + i) * (size + 2 * BORDER) + 2 * c + j] += *columns++;
    for (int r = 0; r < size; r++)
        memcpy(back + r * size, bordered + (r + BORDER) * (size + 2 * BORDER) + BORDER, (size_t)size * sizeof *back);
}

static inline void add_kernel(const float *w, const float *columns, float *sum, int units)
{
    for (int k = 0; k < KERNEL; k++)
        for (int u = 0; u < units; u++)
            sum[u] += w[k] * columns[k * units + u];
}

static inline void kernel_back(const float *w, const float *y, float *columns, int units)
{
    for (int k = 0; k < KERNEL; k++)
        for (int u = 0; u < units; u++)
            columns[k * units + u] += w[k] * y[u];
}

static inline void step_kernel(float rate, const float *y, const float *columns, float *w, int units)
{
    for (int k = 0; k < KERNEL; k++) {
        float sum = 0;
        for (int u = 0; u < units; u++)
            sum += y[u] * columns[k * units + u];
        w[k] -= rate * sum;
    }
}

static inline void step(float rate, const float *y, float *b, int n)
{
    for (int i = 0; i < n; i++)
        b[i] -= rate * y[i];
}

static inline void full(const float *w, const float *b, const float *x, float *a, int units, int inputs)
{
    for (int i = 0; i < units; i++) {
        float sum = b[i];
        for (int j = 0; j < inputs; j++)
            sum += w[i * inputs + j] * x[j];
        a[i] = sum;
    }
}

static inline void full_back(float rate, float *w, const float *x, const float *y, float *back, int units, int inputs)
{
    memset(back, 0, (size_t)inputs * sizeof *back);
    for (int i = 0; i < units; i++)
        for (int j = 0; j < inputs; j++) {
            back[j] += w[i * inputs + j] * y[i];
            w[i * inputs + j] -= rate * y[i] * x[j];
        }
}

static void forward(const parameters *p, states *s, const float *image)
{
    to_columns(image, IMAGE, s->columns1[0][0]);
    memcpy(s->x1, p->b1, sizeof s->x1);
    for (int map = 0; map < MAPS; map++)
        add_kernel(p->w1[map], s->columns1[0][0], s->x1[map], MIDDLE * MIDDLE);
    squash(s->x1[0], MAPS * MIDDLE * MIDDLE);
    for (int map = 0; map < MAPS; map++)
        to_columns(s->x1[map], MIDDLE, s->columns2[map][0]);
    memcpy(s->x2, p->b2, sizeof s->x2);
    for (int map = 0; map < MAPS; map++)
        for (int k = 0; k < SEEN; k++)
            add_kernel(p->w2[map][k], s->columns2[SOURCES[map / 4][k]][0], s->x2[map], SMALL * SMALL);
    squash(s->x2[0], IN);
    full(p->w3[0], p->b3, s->x2[0], s->x3, HIDDEN, IN);
    squash(s->x3, HIDDEN);
    full(p->w4[0], p->b4, s->x3, s->x4, OUT, HIDDEN);
    squash(s->x4, OUT);
}

static void learn_local(parameters *p, states *s, float rate)
{
    memset(s->back2, 0, sizeof s->back2);
    through_slope(s->x2[0], s->y2[0], IN);
    for (int map = 0; map < MAPS; map++)
        for (int k = 0; k < SEEN; k++) {
            const int source = SOURCES[map / 4][k];
            kernel_back(p->w2[map][k], s->y2[map], s->back2[source][0], SMALL * SMALL);
            step_kernel(rate, s->y2[map], s->columns2[source][0], p->w2[map][k], SMALL * SMALL);
        }
    step(rate, s->y2[0], p->b2[0], IN);
    for (int map = 0; map < MAPS; map++)
        from_columns(s->back2[map][0], MIDDLE, s->y1[map]);
    through_slope(s->x1[0], s->y1[0], MAPS * MIDDLE * MIDDLE);
    for (int map = 0; map < MAPS; map++)
        step_kernel(rate, s->y1[map], s->columns1[0][0], p->w1[map], MIDDLE * MIDDLE);
    step(rate, s->y1[0], p->b1[0], MAPS * MIDDLE * MIDDLE);
}

void train(parameters *p, const float *images, const float *targets, size_t count, float rate)
{
    states s;
    for (size_t n = 0; n < count; n++, images += IMAGE * IMAGE, targets += OUT) {
        forward(p, &s, images);
        for (int i = 0; i < OUT; i++)
            s.y4[i] = s.x4[i] - targets[i];
        through_slope(s.x4, s.y4, OUT);
        full_back(rate, p->w4[0], s.x3, s.y4, s.y3, OUT, HIDDEN);
        step(rate, s.y4, p->b4, OUT);
        through_slope(s.x3, s.y3, HIDDEN);
        full_back(rate, p->w3[0], s.x2[0], s.y3, s.y2[0], HIDDEN, IN);
        step(rate, s.y3, p->b3, HIDDEN);
        learn_local(p, &s, rate);
    }
}

void evaluate(const parameters *p, const float *images, size_t count, float *outputs)
{
    states s;
    for (size_t n = 0; n < count; n++, images += IMAGE * IMAGE, outputs += OUT) {
        forward(p, &s, images);
        memcpy(outputs, s.x4, sizeof s.x4);
    }
}
