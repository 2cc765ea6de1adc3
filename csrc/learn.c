/* learn.c - learning rules and the presentation loop. A rule says what becomes of the derivatives that the passes find
 * (sn_sink): it knows nothing of layers, and no layer knows a rule. */
#include "kernels.h"

#include "denormals.h"

#include <math.h>

/* x^n, by squaring; pow() differs from one C library to the next. */
static double power(double x, int64_t n)
{
    double y = 1;
    for (; n > 0; n /= 2, x *= x)
        if (n % 2)
            y *= x;
    return y;
}

/* After the t-th presentation. */
static void adamw(sn_net *net, const sn_rule *rule, int64_t t)
{
    const double m = 1 - power(1 - (double)rule->beta, t), h = 1 - power(1 - (double)rule->gamma, t);
    const sn_moments moments = {.mean = sn_momentum(net),
                                .square = sn_curvature(net),
                                .step = (float)(rule->epsilon / m),
                                .correction = (float)(1 / h)};
    sn_kernels_in(net)->adamw(rule, &moments, sn_gradient(net), sn_parameters(net), (size_t)sn_parameter_count(net));
}

static void learn(sn_net *net, const sn_rule *rule, int64_t t)
{
    float *g = sn_gradient(net), *u = sn_parameters(net), *curvature = sn_curvature(net);
    const sn_sink step = {.use = SN_ADD, .to = u, .share = -rule->epsilon};
    const sn_sink all = {.use = SN_KEEP, .to = g};
    const sn_sink keep = {.use = SN_KEEP, .later = true, .to = g};
    const sn_sink average = {.use = SN_RUN, .to = u, .rule = rule, .gradient = g, .curvature = curvature};
    switch (rule->method) {
    case SN_FIRST_ORDER:
        sn_walk_back(net, &step);
        break;
    case SN_FIXED:
        sn_walk_back(net, &all);
        sn_kernels_in(net)->fixed(rule, g, curvature, u, (size_t)sn_parameter_count(net));
        break;
    case SN_ADAMW:
        sn_walk_back(net, &all);
        adamw(net, rule, t);
        break;
    case SN_RUNNING: /* H is averaged on every pattern, before the weights move */
        sn_walk_back(net, &keep);
        sn_walk_back2(net, rule->diagonal, &average);
        break;
    }
    sn_clear_deleted(net, u);
    if (rule->method == SN_RUNNING || rule->method == SN_ADAMW)
        sn_clear_deleted(net, curvature);
    if (rule->method == SN_ADAMW)
        sn_clear_deleted(net, sn_momentum(net));
}

int64_t sn_train(sn_net *net, const sn_training *training, const sn_patterns *patterns, const int64_t *order,
                 int64_t count, double *cost)
{
    const sn_float_mode before = sn_flush_denormals();
    int64_t i = 0;
    sn_clear_deleted(net, sn_parameters(net)); /* the caller may have written there */
    for (; i < count; i++) {
        const int64_t number = training->presented + i;
        sn_walk_forward(net, training, number, patterns, order[i]);
        if (i + 1 < count)
            sn_expect(net, patterns, order[i + 1]);
        const float one = sn_walk_cost(net, patterns, order[i]);
        if (!isfinite(one))
            break;
        *cost += (double)one;
        learn(net, training->rule, number + 1);
    }
    sn_set_float_mode(before);
    return i;
}

void sn_add_curvature(sn_net *net, sn_diagonal diagonal, const sn_patterns *patterns, const int64_t *order,
                      int64_t count, float share)
{
    const sn_sink add = {.use = SN_ADD, .to = sn_curvature(net), .share = share};
    const sn_sink keep = {.use = SN_KEEP, .to = sn_gradient(net)};
    const sn_float_mode before = sn_flush_denormals();
    for (int64_t i = 0; i < count; i++) {
        sn_walk_forward(net, NULL, 0, patterns, order[i]);
        sn_walk_cost(net, patterns, order[i]);
        sn_walk_back(net, &keep);
        sn_walk_back2(net, diagonal, &add);
    }
    sn_clear_deleted(net, sn_curvature(net));
    sn_set_float_mode(before);
}
