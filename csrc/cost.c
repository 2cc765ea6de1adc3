/* cost.c - costs of one pattern and their first and second derivatives with respect to the outputs. */
#include "layer.h"

#include "exponential.h"

static float half_squared(const float *x, const float *d, float *back, int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++) {
        back[i] = x[i] - d[i];
        sum += back[i] * back[i];
    }
    return sum / 2;
}

/* C = -sum_i d_i log p_i = sum_i d_i (log sum_k exp x_k - x_i), with sum_i d_i = 1; dC/dx_i = p_i - d_i. The largest x
 * is taken out of the exponentials, which then cannot overflow. */
static float softmax(const float *x, const float *d, float *back, int n)
{
    float top = x[0], total = 0, cost = 0;
    for (int i = 1; i < n; i++)
        top = x[i] > top ? x[i] : top;
    for (int i = 0; i < n; i++)
        total += back[i] = sn_exp(x[i] - top);
    const float logarithm = sn_log(total);
    for (int i = 0; i < n; i++) {
        back[i] = back[i] / total - d[i];
        cost += d[i] * (logarithm - (x[i] - top));
    }
    return cost;
}

/* 1998, equation 9: C = sum_i d_i x_i + log(exp(-j) + sum_i exp(-x_i)), with sum_i d_i = 1; dC/dx_i = d_i - p_i. */
static float rbf_discriminative(float j, const float *x, const float *d, float *back, int n)
{
    float nearest = j, cost = 0;
    for (int i = 0; i < n; i++)
        nearest = x[i] < nearest ? x[i] : nearest;
    float total = sn_exp(nearest - j);
    for (int i = 0; i < n; i++)
        total += back[i] = sn_exp(nearest - x[i]);
    for (int i = 0; i < n; i++) {
        back[i] = d[i] - back[i] / total;
        cost += d[i] * (x[i] - nearest);
    }
    return cost + sn_log(total);
}

float sn_cost_forward(const sn_cost *cost, const float *x, const float *d, float *back, int n)
{
    switch (cost->kind) {
    case SN_SOFTMAX:
        return softmax(x, d, back, n);
    case SN_RBF_DISCRIMINATIVE:
        return rbf_discriminative(cost->j, x, d, back, n);
    default:
        return half_squared(x, d, back, n);
    }
}

/* 1 for the squared error; p (1 - p) for the others, where back = p - d or d - p gives p again. In p - d the terms with
 * d pull down and the logarithm pulls up; in d - p it is the other way round. */
void sn_cost_backward2(const sn_cost *cost, const float *back, const float *d, float *back2, float *positive_back,
                       int n)
{
    for (int i = 0; i < n; i++) {
        const float p = cost->kind == SN_SOFTMAX ? d[i] + back[i] : d[i] - back[i];
        back2[i] = cost->kind == SN_HALF_SQUARED ? 1 : p * (1 - p);
        const float positive = back[i] > 0 ? back[i] : 0;
        positive_back[i] = cost->kind == SN_SOFTMAX ? p : cost->kind == SN_RBF_DISCRIMINATIVE ? d[i] : positive;
    }
}

void sn_cost_weigh(float v, float *back, float *back2, float *positive_back, int n)
{
    for (int i = 0; i < n; i++) {
        back[i] *= v;
        back2[i] *= v;
        positive_back[i] *= v;
    }
}
