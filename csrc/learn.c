/* learn.c - learning rules and the presentation loop. A rule is one loop over the parameter vector; it knows nothing of
 * layers, and no layer knows a rule. */
#include "sn.h"

#include <math.h>

/* u -= epsilon g */
static void step_first_order(const sn_rule *rule, const float *g, float *u, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        u[i] -= rule->epsilon * g[i];
}

/* H = (1 - gamma) H + gamma c, on every pattern, before the weights move */
static void average_curvature(const sn_rule *rule, const float *c, float *curvature, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        curvature[i] = (1 - rule->gamma) * curvature[i] + rule->gamma * c[i];
}

/* u -= epsilon g / (mu + |H|) */
static void step_second_order(const sn_rule *rule, const float *g, const float *curvature, float *u, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        u[i] -= rule->epsilon * g[i] / (rule->mu + fabsf(curvature[i]));
}

static void learn(sn_net *net, const sn_rule *rule)
{
    float *u = sn_parameters(net), *curvature = sn_curvature(net);
    const float *g = sn_gradient(net);
    const int64_t n = sn_parameter_count(net);
    sn_backward(net);
    if (rule->method == SN_FIRST_ORDER) {
        step_first_order(rule, g, u, n);
        return;
    }
    if (rule->method == SN_RUNNING)
        average_curvature(rule, sn_backward2(net, rule->diagonal), curvature, n);
    step_second_order(rule, g, curvature, u, n);
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
    float *curvature = sn_curvature(net);
    const int64_t n = sn_parameter_count(net);
    for (int64_t i = 0; i < count; i++) {
        sn_forward(net, patterns, order[i]);
        sn_cost_of(net, patterns, order[i]);
        sn_backward(net);
        const float *c = sn_backward2(net, diagonal);
        for (int64_t u = 0; u < n; u++)
            curvature[u] += share * c[u];
    }
}
