/* sn.h - the public face of the simulator: nets of planes of units, trained one pattern at a time.
 *
 * A net is declared (sn_declaration), judged (sn_check), built (sn_build) and then run; after sn_check has
 * passed only memory can run out while building, and nothing can fail while running. The core prints nothing,
 * exits nowhere, and allocates nothing after sn_build. One net is one block of memory with no other state, so
 * different nets may run in different threads; one net may not.
 *
 * All arithmetic is float32, as SN's was. Planes are (map, row, column), row-major, wherever a caller sees them.
 * Words in capitals in comments are SN's own. The equations are those of LeCun et al., Neural Computation 1(4),
 * 1989, and of LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86(11), 1998.
 */
#ifndef SN_H
#define SN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No layer or net may have more connections or parameters than SN_LIMIT, and no layer more units than SN_MOST_UNITS:
 * eight states of each are numbered at once. */
#define SN_LIMIT      INT32_MAX
#define SN_MOST_UNITS (SN_LIMIT / 8)

/* ---- Declarations --------------------------------------------------------------------------------------- */

typedef enum { SN_LOCAL, SN_AVERAGE, SN_FULL, SN_RBF, SN_DROPOUT, SN_KINDS } sn_kind;

typedef enum { SN_BIAS_NONE, SN_BIAS_MAP, SN_BIAS_UNIT, SN_BIASES } sn_bias;

/* Squashing f(a), NLF: SN_TANH is A tanh(S a) + D a with A and S from 0.001 to 1000; SN_LINEAR is a; SN_RELU is max(a,
 * 0). */
typedef enum { SN_TANH, SN_LINEAR, SN_RELU, SN_SQUASHES } sn_squash_kind;

typedef struct {
    sn_squash_kind kind;
    float amplitude, slope, linear; /* A, S, D; read for SN_TANH only */
} sn_squash;

/* Costs C(x, d) of the outputs x and the desired outputs d:
 * SN_HALF_SQUARED   1/2 sum_i (d_i - x_i)^2
 * SN_SOFTMAX        -sum_i d_i log p_i, with p = softmax(x)
 * SN_RBF_DISCRIMINATIVE  sum_i d_i x_i + log(exp(-j) + sum_i exp(-x_i)): 1998, equation 9, with d one-hot */
typedef enum { SN_HALF_SQUARED, SN_SOFTMAX, SN_RBF_DISCRIMINATIVE, SN_COSTS } sn_cost_kind;

typedef struct {
    sn_cost_kind kind;
    float j; /* read for SN_RBF_DISCRIMINATIVE only */
} sn_cost;

typedef struct {
    int maps, height, width;
} sn_shape;

/* One layer. Pairs are {vertical, horizontal}. A kind reads the members that it has a use for. */
typedef struct {
    sn_kind kind;
    const char *name;        /* for messages */
    sn_squash squash;        /* RBF and dropout: SN_LINEAR */
    int maps;                /* local: feature maps; full and RBF: units */
    int kernel[2];           /* local: the field; average: the block */
    int stride[2], pad[2];   /* local */
    float background;        /* local: the state that a connection past the edge of its source map reads */
    sn_bias bias;            /* local */
    bool shared;             /* local: one kernel per map and source, or one per unit and source */
    int rows;                /* local: rows of the connection table; 0 if every map sees every source map */
    const int *fan;          /* [rows] how many source maps each map sees */
    const int *sources;      /* their indices, row after row */
    int inputs;              /* RBF: length of a prototype */
    const float *prototypes; /* RBF: [maps][inputs] */
    float rate;              /* dropout: the share of the units below that are left out */
} sn_layer;

typedef struct {
    sn_shape input;
    float background; /* state of the input units that an image does not cover */
    int count;
    const sn_layer *layers;
    sn_cost cost;
} sn_declaration;

/* The counts of a built layer. Its parameters lie together in the net's vector, weights first, then biases:
 * local    weights [kernels][kernel height][kernel width], the kernels map after map in the order of the table's
 *          row; not shared: each of them followed by [height][width]; biases [maps] or [maps][height][width]
 * average  coefficients [maps], biases [maps]
 * full     weights [units][inputs], biases [units] */
typedef struct {
    sn_shape shape;
    int64_t units, connections; /* connections: biases counted, and those that read the background */
    int64_t first;              /* where its parameters start */
    int64_t weights, biases;
} sn_counts;

/* ---- Tiers of processors ------------------------------------------------------------------------------------ */

/* The processors that the fast loops are compiled for. Tiers with a fused multiply-add, all but SN_PORTABLE, give the
 * same bits; SN_FMAF does it without the instruction, slowly, to compare with. */
typedef enum { SN_PORTABLE, SN_FMAF, SN_AVX2, SN_NEON, SN_TIERS } sn_tier;

const char *sn_tier_name(sn_tier tier);
bool sn_tier_runs(sn_tier tier); /* on this processor, in this build */
sn_tier sn_best_tier(void);

/* ---- Building --------------------------------------------------------------------------------------------- */

typedef struct sn_net sn_net;

/* Judges a declaration; the whole judgement, and nothing else. True if a net can be made of it; otherwise false, with
 * a sentence that names the layer, what came and what was expected in `sentence`, which has `room` bytes. */
bool sn_check(const sn_declaration *declaration, char *sentence, size_t room);

/* Bytes of memory that the net of a declaration that passed sn_check would take, and how many parameters it would have:
 * for callers who do not trust it. 0 if there is not enough memory to tell. */
size_t sn_size(const sn_declaration *declaration, int64_t *parameters);

/* Builds the net of a declaration that passed sn_check, for a tier that runs; it keeps no pointer into it. All
 * parameters are 0. NULL if there is not enough memory. */
sn_net *sn_build(const sn_declaration *declaration, sn_tier tier);

/* Gives the net's memory back; NULL is allowed. */
void sn_free(sn_net *net);

/* Start rules, FORGET: every parameter uniform in [-r, r). F is the number of inputs, the bias included, of the unit
 * that the parameter belongs to. */
typedef enum {
    SN_UNIFORM /* r = x */,
    SN_BY_FAN_IN /* r = x/F */,
    SN_BY_SQRT_FAN_IN /* r = x/sqrt(F) */
} sn_start_rule;

/* Draws all parameters anew; the same seed draws the same ones on every platform. */
void sn_start(sn_net *net, sn_start_rule rule, float x, uint64_t seed);

/* ---- Looking inside --------------------------------------------------------------------------------------- */

/* Layers count from 1 here; layer 0 is the input. */
sn_counts sn_count(const sn_net *net, int layer);
int64_t sn_parameter_count(const sn_net *net);

/* The vectors of one shape, owned by the net. The curvature is what the rules divide by, or whose root; the momentum is
 * the mean of past gradients. */
float *sn_parameters(sn_net *net);
float *sn_gradient(sn_net *net);
float *sn_curvature(sn_net *net);
float *sn_momentum(sn_net *net);

/* Deletes every parameter u for which deleted[u] is true, and only those; NULL deletes none. A deleted parameter is 0
 * and no rule moves it; its curvature and momentum, as the rules keep them, are 0 too. A parameter that was deleted and
 * is no longer begins at 0. */
void sn_set_deleted(sn_net *net, const bool *deleted);

/* Whether n floats are all finite, no NaN and no infinity; with the net's kernels, eight at a time. */
bool sn_all_finite(const sn_net *net, const float *x, size_t n);

/* A vector of that shape: 1 for a parameter that is there, 0 for one that is deleted. */
const float *sn_kept(const sn_net *net);

/* Copies the states of a layer after sn_forward to `states`, [maps][height][width]. */
void sn_states(const sn_net *net, int layer, float *states);

/* ---- Patterns, and the passes over one of them ------------------------------------------------------------ */

/* An image may be smaller than the input planes: it is centred, the odd row or column below or to the right. */
typedef struct {
    const float *images; /* [patterns][maps of the input][height][width] */
    int height, width;
    const float *targets;  /* rows of desired outputs */
    const int64_t *target; /* [patterns] which of the rows each pattern wants */
    const float *weight;   /* [patterns] v >= 0: learning takes the pattern's cost C as v C; NULL: all are 1 */
} sn_patterns;

/* Presents pattern p: sets the states of all units, FPROP. */
void sn_forward(sn_net *net, const sn_patterns *patterns, int64_t p);

/* After sn_forward: whether all total inputs are finite, which they are not if a parameter is not. */
bool sn_sums_finite(const sn_net *net);

/* Cost of pattern p after sn_forward, and its derivatives with respect to the outputs, which the passes start from;
 * all of them times the pattern's weight. */
float sn_cost_of(sn_net *net, const sn_patterns *patterns, int64_t p);

/* After sn_cost_of: sets the gradient dC/du of every parameter u, BPROP. */
void sn_backward(sn_net *net);

/* After sn_cost_of: copies the gradient dC/dx of every unit x of the input to `gradient`, [maps][height][width]. No
 * other pass goes down to the input, and the gradient of the parameters stays as it was. */
void sn_input_gradient(sn_net *net, float *gradient);

/* Second derivatives: SN_LEVENBERG_MARQUARDT drops the term with f'', and is never negative. (That of an RBF unit's
 * distance it keeps as far as it is positive, see rbf.c.) */
typedef enum { SN_NEWTON, SN_LEVENBERG_MARQUARDT } sn_diagonal;

/* After sn_backward: sets the instantaneous diagonal curvature of every parameter, BBPROP, and returns it. */
const float *sn_backward2(sn_net *net, sn_diagonal diagonal);

/* ---- Learning and measuring --------------------------------------------------------------------------------- */

/* After every presentation, with g the gradient, c the instantaneous and H the net's curvature:
 * SN_FIRST_ORDER  u -= epsilon g
 * SN_RUNNING      H = (1 - gamma) H + gamma c;  u -= epsilon g / (mu + |H|)
 * SN_FIXED        u -= epsilon g / (mu + |H|)
 * SN_ADAMW        u -= epsilon decay u;  M = (1 - beta) M + beta g;  H = (1 - gamma) H + gamma g^2;
 *                 u -= epsilon m / (sqrt(h) + mu), where m = M / (1 - (1 - beta)^t) and h = H / (1 - (1 - gamma)^t)
 *                 make up for M and H that were 0 before the first of t presentations */
typedef enum { SN_FIRST_ORDER, SN_RUNNING, SN_FIXED, SN_ADAMW } sn_method;

typedef struct {
    sn_method method;
    sn_diagonal diagonal;
    float epsilon, mu, gamma, beta, decay;
} sn_rule;

/* How images are distorted: by a planar affine transformation, what it does drawn evenly between a bound and its
 * opposite. The image is moved, stretched, slanted and turned, in this order. */
typedef struct {
    bool whole;          /* shifts by whole pixels only */
    float shift;         /* pixels, down and to the right */
    float scale;         /* < 1: looked at from 1 - scale to 1 + scale times as far */
    float squeeze;       /* < 1: and the height over the width from (1 - squeeze)^2 to (1 + squeeze)^2 */
    float slant;         /* to the right for each pixel upwards */
    float tan_half_turn; /* tangent of half the angle */
} sn_distortion;

/* The seed and the number of a presentation decide all that is random in it: its distortion, and what dropout omits. */
typedef struct {
    const sn_rule *rule;
    const sn_distortion *distortion; /* NULL: images as they are */
    uint64_t seed;
    int64_t presented; /* how many presentations there were before */
} sn_training;

/* As sn_forward, but as presentation `number` of a training. */
void sn_forward_in(sn_net *net, const sn_training *training, int64_t number, const sn_patterns *patterns, int64_t p);

/* Presents patterns order[0..count) one after another and learns from each. Adds their costs, each before its update,
 * to *cost. Returns how many were learned from: less than `count` if a cost was not finite, where it stops. */
int64_t sn_train(sn_net *net, const sn_training *training, const sn_patterns *patterns, const int64_t *order,
                 int64_t count, double *cost);

/* Adds `share` times the instantaneous curvature of patterns order[0..count) to the net's curvature. */
void sn_add_curvature(sn_net *net, sn_diagonal diagonal, const sn_patterns *patterns, const int64_t *order,
                      int64_t count, float share);

/* Copies the outputs for patterns first..first + count - 1 to outputs[count][units], and, if `costs` is not NULL, their
 * costs to costs[count]. Eight patterns are evaluated at once, from `first` on; a few that are left over go one after
 * another as far as this gives the same bits. Sums of dense layers and of blocks have another order than in sn_forward,
 * and so may have other last bits. Costs are without the patterns' weights. */
void sn_evaluate(sn_net *net, const sn_patterns *patterns, int64_t first, int64_t count, float *outputs, float *costs);

#endif
