/* learn.c - learning rules and the presentation loop. A rule is one loop over the parameter vector (kernels.h), or for
 * the first order no loop at all, its steps being taken where the gradient is found (sn_sink); it knows nothing of
 * layers, and no layer knows a rule. */
#include "kernels.h"

#include <math.h>

static void learn(sn_net *net, const sn_rule *rule)
{
    const sn_kernels *kernels = sn_kernels_in(net);
    float *g = sn_gradient(net), *u = sn_parameters(net), *curvature = sn_curvature(net);
    const size_t n = (size_t)sn_parameter_count(net);
    switch (rule->method) {
    case SN_FIRST_ORDER:
        sn_walk_back(net, &(sn_sink){.to = u, .share = -rule->epsilon, .add = true});
        break;
    case SN_FIXED:
        sn_backward(net);
        kernels->fixed(rule, g, curvature, u, n);
        break;
    case SN_RUNNING: /* H is averaged on every pattern, before the weights move */
        sn_backward(net);
        kernels->running(rule, g, sn_backward2(net, rule->diagonal), curvature, u, n);
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
    const sn_sink add = {.to = sn_curvature(net), .share = share, .add = true};
    for (int64_t i = 0; i < count; i++) {
        sn_forward(net, patterns, order[i]);
        sn_cost_of(net, patterns, order[i]);
        sn_backward(net);
        sn_walk_back2(net, diagonal, &add);
    }
}
