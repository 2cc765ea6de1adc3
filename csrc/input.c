/* input.c - how images enter the input planes: centred on the background, one of them or eight at once. */
#include "net.h"

#include <string.h>

/* Into the first or the second cache. */
enum { INTO_FIRST = 3, INTO_SECOND = 2 };
#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(x, into) __builtin_prefetch(x, 0, into)
#else
#define PREFETCH(x, into) (void)(x)
#endif

sn_place sn_place_of(const sn_net *net, const sn_patterns *patterns)
{
    const sn_units *input = &net->input;
    const size_t height = (size_t)patterns->height, width = (size_t)patterns->width;
    const size_t top = ((size_t)input->shape.height - height) / 2, left = ((size_t)input->shape.width - width) / 2;
    return (sn_place){.top = top,
                      .left = left,
                      .height = height,
                      .width = width,
                      .begin = input->read.origin + top * input->read.pitch + left,
                      .floats = (size_t)input->shape.maps * height * width};
}

/* Background everywhere, or nothing to do if the image covers the planes, or if what was there around the last one
 * stays; for all lanes of a unit. */
static void clear(const sn_net *net, const sn_patterns *patterns, float *x, size_t lanes, sn_surrounded *last)
{
    const sn_units *input = &net->input;
    const bool covered = patterns->height == input->shape.height && patterns->width == input->shape.width;
    const bool surrounded = patterns->height == last->height && patterns->width == last->width;
    *last = (sn_surrounded){patterns->height, patterns->width};
    if (covered || surrounded)
        return;
    for (int map = 0; map < input->shape.maps; map++)
        for (int row = 0; row < input->shape.height; row++) {
            float *to =
                x + lanes * (input->read.origin + (size_t)map * input->read.plane + (size_t)row * input->read.pitch);
            for (size_t i = 0; i < lanes * (size_t)input->shape.width; i++)
                to[i] = net->background;
        }
}

void sn_input(sn_net *net, const sn_patterns *patterns, int64_t p)
{
    const sn_units *input = &net->input;
    const sn_place at = sn_place_of(net, patterns);
    const float *image = patterns->images + (size_t)p * at.floats;
    clear(net, patterns, input->state, 1, &net->alone);
    for (int map = 0; map < input->shape.maps; map++) {
        float *x = input->state + at.begin + (size_t)map * input->read.plane;
        for (size_t row = 0; row < at.height; row++, image += at.width, x += input->read.pitch)
            memcpy(x, image, at.width * sizeof *x);
    }
}

enum { LINE = 16 /* floats of a cache line */ };

void sn_expect(const sn_net *net, const sn_patterns *patterns, int64_t p)
{
    const size_t floats = sn_place_of(net, patterns).floats, most = 64 * LINE;
    const float *image = patterns->images + (size_t)p * floats;
    for (size_t i = 0; i < (floats < most ? floats : most); i += LINE)
        PREFETCH(image + i, INTO_FIRST);
}

void sn_expect8(const sn_net *net, const sn_patterns *patterns, int64_t p, int64_t count, int layer)
{
    if (count <= 0)
        return;
    const size_t of_one = sn_place_of(net, patterns).floats, most = 1024 * LINE;
    const size_t all = of_one * (size_t)(count < SN_LANES ? count : SN_LANES), floats = all < most ? all : most;
    const size_t lines = (floats + LINE - 1) / LINE, share = (lines / (size_t)net->count + 1) * LINE;
    const size_t begin = share * (size_t)layer;
    const float *images = patterns->images + (size_t)p * of_one;
    for (size_t i = begin; i < floats && i < begin + share; i += LINE)
        PREFETCH(images + i, INTO_SECOND);
}

void sn_input8(sn_net *net, const sn_patterns *patterns, int64_t p, int64_t count)
{
    const sn_units *input = &net->input;
    const sn_place at = sn_place_of(net, patterns);
    const float *images = patterns->images + (size_t)p * at.floats;
    clear(net, patterns, input->eight, SN_LANES, &net->eight);
    for (size_t map = 0; map < (size_t)input->shape.maps; map++)
        for (size_t row = 0; row < at.height; row++, images += at.width) {
            float *x = input->eight + SN_LANES * (at.begin + map * input->read.plane + row * input->read.pitch);
            if (count >= SN_LANES)
                net->kernels->interleave(images, at.floats, x, at.width);
            else
                for (size_t i = 0; i < SN_LANES * at.width; i++)
                    x[i] = images[(i % SN_LANES < (size_t)count ? i % SN_LANES : (size_t)count - 1) * at.floats +
                                  i / SN_LANES];
        }
}
