/* learn.c - learning rules and the presentation loop. A rule says what becomes of the derivatives that the passes find
 * (sn_sink): it knows nothing of layers, and no layer knows a rule. */
#include "kernels.h"

#include <math.h>

static void learn(sn_net *net, const sn_rule *rule)
{
    float *g = sn_gradient(net), *u = sn_parameters(net), *curvature = sn_curvature(net);
    const sn_sink step = {.use = SN_ADD, .to = u, .share = -rule->epsilon};
    const sn_sink keep = {.use = SN_KEEP, .later = true, .to = g};
    const sn_sink average = {.use = SN_RUN, .to = u, .rule = rule, .gradient = g, .curvature = curvature};
    switch (rule->method) {
    case SN_FIRST_ORDER:
        sn_walk_back(net, &step);
        break;
    case SN_FIXED:
        sn_backward(net);
        sn_kernels_in(net)->fixed(rule, g, curvature, u, (size_t)sn_parameter_count(net));
        break;
    case SN_RUNNING: /* H is averaged on every pattern, before the weights move */
        sn_walk_back(net, &keep);
        sn_walk_back2(net, rule->diagonal, &average);
        break;
    }
}

int64_t sn_train(sn_net *net, const sn_rule *rule, const sn_patterns *patterns, const int64_t *order, int64_t count,
                 double *cost)
{
    for (int64_t i = 0; i < count; i++) {
        sn_forward(net, patterns, order[i]);
        const float one = sn_cost_of(net, patterns, order[i]);
        if (!isfinite(one))
            return i;
        *cost += (double)one;
        learn(net, rule);
    }
    return count;
}

void sn_add_curvature(sn_net *net, sn_diagonal diagonal, const sn_patterns *patterns, const int64_t *order,
                      int64_t count, float share)
{
    const sn_sink add = {.use = SN_ADD, .to = sn_curvature(net), .share = share};
    for (int64_t i = 0; i < count; i++) {
        sn_forward(net, patterns, order[i]);
        sn_cost_of(net, patterns, order[i]);
        sn_backward(net);
        sn_walk_back2(net, diagonal, &add);
    }
}
