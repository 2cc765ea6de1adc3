/* threads.c - nets trained in several threads at once, which share their images and declarations: the bytes are those
 * of one after another. Started by ./threads under ThreadSanitizer. */
#include "nets.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { AT_ONCE = 4, RUNS = NETS_COUNT * RULES_COUNT };

static sn_net *one_after_another[RUNS], *at_once[RUNS];

/* Every fourth of the trainings. */
static void *train_some(void *first)
{
    for (int run = *(const int *)first; run < RUNS; run += AT_ONCE)
        at_once[run] = trained(run % NETS_COUNT, run / NETS_COUNT, sn_best_tier());
    return NULL;
}

static bool same(sn_net *a, sn_net *b)
{
    const size_t size = (size_t)sn_parameter_count(a) * sizeof(float);
    return !memcmp(sn_parameters(a), sn_parameters(b), size) && !memcmp(sn_curvature(a), sn_curvature(b), size) &&
           !memcmp(sn_momentum(a), sn_momentum(b), size);
}

int main(void)
{
    make_patterns();
    pthread_t thread[AT_ONCE];
    int first[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++) {
        first[i] = i;
        if (pthread_create(&thread[i], NULL, train_some, &first[i]))
            return 1;
    }
    for (int i = 0; i < AT_ONCE; i++)
        pthread_join(thread[i], NULL);
    int different = 0;
    for (int run = 0; run < RUNS; run++) {
        one_after_another[run] = trained(run % NETS_COUNT, run / NETS_COUNT, sn_best_tier());
        if (!at_once[run] || !one_after_another[run])
            return 1;
        different += !same(at_once[run], one_after_another[run]);
        sn_free(at_once[run]);
        sn_free(one_after_another[run]);
    }
    printf("%d nets in %d threads at once, %d of them other than one after another\n", RUNS, AT_ONCE, different);
    return different > 0;
}
