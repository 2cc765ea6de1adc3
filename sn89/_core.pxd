# The C core's public face, as csrc/sn.h documents it.
from libc.stdint cimport int64_t, uint64_t


cdef extern from "sn.h" nogil:
    ctypedef unsigned char sn_truth "bool"

    ctypedef enum sn_kind:
        SN_LOCAL, SN_AVERAGE, SN_FULL, SN_RBF, SN_DROPOUT
    ctypedef enum sn_bias:
        SN_BIAS_NONE, SN_BIAS_MAP, SN_BIAS_UNIT
    ctypedef enum sn_squash_kind:
        SN_TANH, SN_LINEAR, SN_RELU
    ctypedef enum sn_cost_kind:
        SN_HALF_SQUARED, SN_SOFTMAX, SN_RBF_DISCRIMINATIVE
    ctypedef enum sn_start_rule:
        SN_UNIFORM, SN_BY_FAN_IN, SN_BY_SQRT_FAN_IN
    ctypedef enum sn_diagonal:
        SN_NEWTON, SN_LEVENBERG_MARQUARDT
    ctypedef enum sn_method:
        SN_FIRST_ORDER, SN_RUNNING, SN_FIXED, SN_ADAMW

    ctypedef enum sn_tier:
        SN_PORTABLE, SN_FMAF, SN_AVX2, SN_NEON, SN_TIERS

    ctypedef struct sn_shape:
        int maps, height, width

    ctypedef struct sn_squash:
        sn_squash_kind kind
        float amplitude, slope, linear

    ctypedef struct sn_cost:
        sn_cost_kind kind
        float j

    ctypedef struct sn_layer:
        sn_kind kind
        const char *name
        sn_squash squash
        int maps
        int[2] kernel
        int[2] stride
        int[2] pad
        float background
        sn_bias bias
        bint shared
        int rows
        const int *fan
        const int *sources
        int inputs
        const float *prototypes
        float rate

    ctypedef struct sn_declaration:
        sn_shape input
        float background
        int count
        const sn_layer *layers
        sn_cost cost

    ctypedef struct sn_counts:
        sn_shape shape
        int64_t units, connections, first, weights, biases

    ctypedef struct sn_patterns:
        const float *images
        int height, width
        const float *targets
        const int64_t *target
        const float *weight

    ctypedef struct sn_rule:
        sn_method method
        sn_diagonal diagonal
        float epsilon, mu, gamma, beta, decay

    ctypedef struct sn_distortion:
        bint whole
        float shift, scale, squeeze, slant, tan_half_turn

    ctypedef struct sn_training:
        const sn_rule *rule
        const sn_distortion *distortion
        uint64_t seed
        int64_t presented

    ctypedef struct sn_net:
        pass

    bint sn_check(const sn_declaration *declaration, char *sentence, size_t room)
    const char *sn_tier_name(sn_tier tier)
    bint sn_tier_runs(sn_tier tier)
    sn_tier sn_best_tier()
    size_t sn_size(const sn_declaration *declaration, int64_t *parameters)
    sn_net *sn_build(const sn_declaration *declaration, sn_tier tier)
    void sn_free(sn_net *net)
    void sn_start(sn_net *net, sn_start_rule rule, float x, uint64_t seed)
    sn_counts sn_count(const sn_net *net, int layer)
    int64_t sn_parameter_count(const sn_net *net)
    float *sn_parameters(sn_net *net)
    float *sn_gradient(sn_net *net)
    float *sn_curvature(sn_net *net)
    float *sn_momentum(sn_net *net)
    void sn_set_deleted(sn_net *net, const sn_truth *deleted)
    bint sn_all_finite(const sn_net *net, const float *x, size_t n)
    const float *sn_kept(const sn_net *net)
    void sn_states(const sn_net *net, int layer, float *states)
    void sn_forward(sn_net *net, const sn_patterns *patterns, int64_t p)
    bint sn_sums_finite(const sn_net *net)
    float sn_cost_of(sn_net *net, const sn_patterns *patterns, int64_t p)
    void sn_backward(sn_net *net)
    void sn_input_gradient(sn_net *net, float *gradient)
    const float *sn_backward2(sn_net *net, sn_diagonal diagonal)
    void sn_forward_in(sn_net *net, const sn_training *training, int64_t number, const sn_patterns *patterns, int64_t p)
    int64_t sn_train(sn_net *net, const sn_training *training, const sn_patterns *patterns, const int64_t *order,
                     int64_t count, double *cost)
    void sn_add_curvature(sn_net *net, sn_diagonal diagonal, const sn_patterns *patterns, const int64_t *order,
                          int64_t count, float share)
    void sn_evaluate(sn_net *net, const sn_patterns *patterns, int64_t first, int64_t count, float *outputs,
                     float *costs)
