/* distort.c - another image of the same digit for each presentation: a planar affine transformation, drawn anew (Proc.
 * IEEE 86, 1998, section III: shifts, scaling, squeezing, shearing).
 *
 * Every unit of the input planes looks where it comes from in the image, between four pixels of it, and past its edge
 * at the background: so ink may leave the image's own frame for the rest of the planes. */
#include "net.h"

#include "chance.h"

#include <math.h>
#include <string.h>

/* From a place in the planes to one in the image, both relative to its centre: (y, x) -> by (y, x) + shift. */
typedef struct {
    float by[2][2], shift[2];
} affine;

/* First {{yy, yx}, {xy, xx}}, then a. */
static affine after(affine a, float yy, float yx, float xy, float xx)
{
    for (int i = 0; i < 2; i++) {
        const float y = a.by[i][0], x = a.by[i][1];
        a.by[i][0] = y * yy + x * xy;
        a.by[i][1] = y * yx + x * xx;
    }
    return a;
}

/* One of the whole numbers from -limit to limit, for r in [-1, 1). */
static float whole_of(float limit, float r)
{
    const float most = floorf(limit);
    return floorf((r + 1) / 2 * (2 * most + 1)) - most;
}

/* With t = tan(angle / 2), which is what is drawn, no sine and cosine are needed: C libraries differ in theirs. */
static affine draw(const sn_distortion *d, uint64_t seed)
{
    const float down = sn_random_around_0(&seed), right = sn_random_around_0(&seed);
    const float scale = 1 + d->scale * sn_random_around_0(&seed);
    const float squeeze = 1 + d->squeeze * sn_random_around_0(&seed);
    const float slant = d->slant * sn_random_around_0(&seed);
    const float t = d->tan_half_turn * sn_random_around_0(&seed), u = 1 + t * t;
    affine a = {.by = {{1, 0}, {0, 1}}};
    a = after(a, scale * squeeze, 0, 0, scale / squeeze);
    a = after(a, 1, 0, slant, 1);
    a = after(a, (1 - t * t) / u, 2 * t / u, -2 * t / u, (1 - t * t) / u);
    a.shift[0] = d->whole ? whole_of(d->shift, down) : d->shift * down;
    a.shift[1] = d->whole ? whole_of(d->shift, right) : d->shift * right;
    return a;
}

/* An image with background around it: one pixel before, two after it, so that whatever is looked for past its edges has
 * four pixels around it too. */
enum { BEFORE = SN_FRAME_BEFORE, FRAME = SN_FRAME };

static void put_in_frame(const float *image, const sn_place *at, float background, float *framed)
{
    const size_t pitch = at->width + FRAME;
    for (size_t i = 0; i < (at->height + FRAME) * pitch; i++)
        framed[i] = background;
    for (size_t row = 0; row < at->height; row++)
        memcpy(framed + (row + BEFORE) * pitch + BEFORE, image + row * at->width, at->width * sizeof *image);
}

/* Where x lies among `size` pixels and those before and after them: the whole part, and in *rest what is beyond it. */
static inline size_t between(float x, size_t size, float *rest)
{
    const float last = (float)(size + BEFORE), place = x + (float)BEFORE;
    const float kept = place > 0 ? place < last ? place : last : 0; /* 0 also for what is no number */
    const size_t floor = (size_t)kept, most = size + BEFORE;        /* floats of large sizes are coarse */
    const size_t whole = floor < most ? floor : most;
    *rest = kept - (float)whole;
    return whole;
}

/* The image at (y, x), linearly from the four pixels around. */
static inline float look(const float *framed, const sn_place *at, float y, float x)
{
    float down, right;
    const size_t pitch = at->width + FRAME, row = between(y, at->height, &down), column = between(x, at->width, &right);
    const float *p = framed + row * pitch + column;
    const float upper = p[0] + right * (p[1] - p[0]);
    const float lower = p[pitch] + right * (p[pitch + 1] - p[pitch]);
    return upper + down * (lower - upper);
}

static void look_everywhere(const float *framed, const sn_place *at, const affine *a, const sn_units *input, float *x)
{
    const float middle[2] = {(float)(at->height - 1) / 2, (float)(at->width - 1) / 2};
    for (int row = 0; row < input->shape.height; row++, x += input->read.pitch)
        for (int column = 0; column < input->shape.width; column++) {
            const float v = (float)row - (float)at->top - middle[0], h = (float)column - (float)at->left - middle[1];
            x[column] = look(framed, at, a->by[0][0] * v + a->by[0][1] * h + a->shift[0] + middle[0],
                             a->by[1][0] * v + a->by[1][1] * h + a->shift[1] + middle[1]);
        }
}

void sn_input_distorted(sn_net *net, const sn_patterns *patterns, int64_t p, const sn_distortion *distortion,
                        uint64_t seed)
{
    const sn_units *input = &net->input;
    const sn_place at = sn_place_of(net, patterns);
    const affine a = draw(distortion, seed);
    const float *image = patterns->images + (size_t)p * at.floats;
    float *x = input->state + input->read.origin;
    net->alone = (sn_surrounded){0, 0};
    for (int map = 0; map < input->shape.maps; map++, x += input->read.plane, image += at.height * at.width) {
        put_in_frame(image, &at, net->background, net->framed);
        look_everywhere(net->framed, &at, &a, input, x);
    }
}
