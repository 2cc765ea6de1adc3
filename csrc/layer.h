/* layer.h - what a kind of layer is: the one inner interface of the core.
 *
 * A net is an input and a list of layers. A layer is its units and the connections that lead to them from the units
 * below. Connections know kernels, tables and sharing (local.c, average.c, full.c, rbf.c, dropout.c); units know
 * squashing (squash.c); neither knows a learning rule.
 *
 * The path of a pattern, in the arrays of `struct units`:
 *
 *                      connections               units
 *   forward    state of those below  ->  sum  ->  state         a = sum w x + b;   x = f(a)
 *   backward   back of those below   <-  y    <-  back          y = f'(a) dC/dx
 *   backward2  back2 of those below  <-  h    <-  back2         h = f'(a)^2 s [+ f''(a) dC/dx]
 *
 * Learning goes pattern by pattern; evaluation takes eight of them at once (forward8), one in each lane of a vector.
 *
 * sum, y and h lie as the connections of their own layer want them (`own`), state, back and back2 as those of the
 * layer above read and write them (`read`): the squashing is where the two layouts meet. `read`
 * holds a border of background states around every plane, which makes tests for the edge unnecessary.
 */
#ifndef SN_LAYER_H
#define SN_LAYER_H

#include "kernels.h"

/* Every array may be read and written up to this many floats past its end, so that kernels work in whole blocks. */
enum { SN_SLACK = 16 };

/* Where unit (map, row, column) lies in an array: origin + map * plane + row * pitch + column. */
typedef struct {
    size_t origin, plane, pitch;
    size_t size; /* of the array, in floats */
} sn_layout;

typedef struct {
    sn_shape shape;
    sn_squash squash;
    sn_curve curve; /* of SN_TANH */
    sn_layout own, read;
    sn_planes alone, eighted;    /* where the units lie in both layouts, of one pattern and of eight */
    float *sum, *y, *h;          /* own;  a, dC/da and d2C/da2 */
    float *state, *back, *back2; /* read; x, dC/dx and s = d2C/dx2. The input has none (see net.h) */
    float *positive_back;        /* of outputs: what is positive in back, term by term of the cost; else NULL */
    float *eight;                /* read, eight floats for one: a, then x of eight patterns side by side */
} sn_units;

/* One block of memory, handed out from its start. Without a base nothing is handed out and only `used` grows: the
 * plan of a net is run once like this to learn its size, and once more to lay it out. */
typedef struct {
    char *base;
    size_t used;
} sn_arena;

/* The randomness of this presentation, if it is one for learning. */
typedef struct {
    bool learning;
    uint64_t seed;
} sn_chance;

typedef struct sn_layer_kind sn_layer_kind;

typedef struct sn_built {
    const sn_layer_kind *kind;
    const sn_kernels *kernels;
    const sn_chance *chance;
    int number;        /* of the layer, from 1 */
    sn_layer declared; /* the declaration; in a built net its arrays lie in the arena */
    sn_units *below;   /* the units that it reads */
    sn_units units;
    sn_counts counts;
    void *plan; /* what the kind keeps for itself */
} sn_built;

/* Where a judgement is written. */
typedef struct {
    char *sentence;
    size_t room;
} sn_complaint;

/* The functions of a kind, in the order in which a net calls them. None allocates but from the arena, none but `shape`
 * can fail. Weights w begin at the layer's own slice of the vector of parameters: weights, then biases. Derivatives go
 * to the sink, which may change a parameter as soon as it is given its own: what goes back is found first. */
struct sn_layer_kind {
    /* Judges the declaration against the shape of the units below; sets units.shape and the counts. */
    bool (*shape)(sn_built *layer, const sn_complaint *complaint);
    /* Sets units.own, and below->read as it wants to read; takes what it keeps for itself from the arena. May hand
     * the layer over to another kind that suits it. Called twice, see sn_arena. */
    void (*lay_out)(sn_built *layer, sn_arena *arena);
    /* Sets fan_in[u] to F, the number of inputs with the bias of the unit that parameter u belongs to. */
    void (*start)(const sn_built *layer, float *fan_in);
    /* Reads below->state; sets sum. */
    void (*forward)(const sn_built *layer, const float *w);
    /* The same for eight patterns at once, which fill the lanes whatever the topology: reads below->eight; sets
     * units.eight, the weighted sums in the places of the states. */
    void (*forward8)(const sn_built *layer, const float *w);
    /* As forward, with the bits of forward8: every sum has the order that it has there. NULL for kinds that can do this
     * in eight lanes only. */
    void (*forward_in_order)(const sn_built *layer, const float *w);
    /* After forward. Reads y; sets below->back, unless it is NULL; gives the gradient to the sink. */
    void (*backward)(const sn_built *layer, const float *w, const sn_sink *sink);
    /* After backward. The second pass of weighted sums is the first with every weight and every state squared, of
     * which each kind takes care. Reads h (RBF: and y); sets below->back2, unless it is NULL; gives the
     * curvature to the sink. */
    void (*backward2)(const sn_built *layer, const float *w, const sn_sink *sink, sn_diagonal diagonal);
};

extern const sn_layer_kind sn_local_kind, sn_average_kind, sn_full_kind, sn_rbf_kind, sn_dropout_kind;

/* Turns a layer into a full connection to below->read, which is set (full.c). */
void sn_full_lay_out(sn_built *layer, sn_arena *arena);

/* ---- Judging (check.c) -------------------------------------------------------------------------------------- */

/* Sets up a layer over the units below by its declaration, and judges it. */
bool sn_shape_layer(sn_built *layer, const sn_layer *declared, sn_units *below, const sn_complaint *complaint);

/* Writes `layer "H1": ` and the sentence; returns false, for `return sn_complain(...)`. */
bool sn_complain(const sn_complaint *complaint, const char *layer, const char *format, ...);

/* Sum and product of counts up to SN_LIMIT + 1, which stands for anything larger: they cannot overflow. */
int64_t sn_plus(int64_t a, int64_t b);
int64_t sn_times(int64_t a, int64_t b);

/* Planes one after another without gap or border, and the number of their units. */
sn_layout sn_compact(sn_shape shape);
int64_t sn_unit_count(sn_shape shape);

static inline size_t sn_layer_parameters(const sn_built *layer)
{
    return (size_t)(layer->counts.weights + layer->counts.biases);
}

/* ---- Memory (build.c) --------------------------------------------------------------------------------------- */

/* count * size bytes, aligned for any vector; NULL from an arena without a base. */
void *sn_take(sn_arena *arena, size_t count, size_t size);

/* An array of floats with its slack. */
float *sn_take_floats(sn_arena *arena, size_t count);

/* ---- Units (squash.c) --------------------------------------------------------------------------------------- */

sn_curve sn_curve_of(const sn_squash *f);

/* Sets alone and eighted, once own and read are set. */
void sn_units_lay_out(sn_units *units);
void sn_units_forward(const sn_units *units, const sn_kernels *kernels);
void sn_units_forward8(const sn_units *units, const sn_kernels *kernels);
void sn_units_backward(const sn_units *units, const sn_kernels *kernels);
void sn_units_backward2(const sn_units *units, const sn_kernels *kernels, sn_diagonal diagonal);

/* ---- Costs (cost.c) ----------------------------------------------------------------------------------------- */

/* Returns C(x, d); sets back[i] = dC/dx_i. */
float sn_cost_forward(const sn_cost *cost, const float *x, const float *d, float *back, int n);

/* After sn_cost_forward, with its back: sets back2[i] = d2C/dx_i2, and positive_back[i] to what is positive in back[i]:
 * where C is a sum of terms, in each of them. */
void sn_cost_backward2(const sn_cost *cost, const float *back, const float *d, float *back2, float *positive_back,
                       int n);

/* The cost v C instead of C: all that goes back is linear in it. */
void sn_cost_weigh(float v, float *back, float *back2, float *positive_back, int n);

#endif
