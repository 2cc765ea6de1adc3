/* check.c - judging a declaration: the one place where a net can be refused. */
#include "layer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static const sn_layer_kind *const KINDS[SN_KINDS] = {
    [SN_LOCAL] = &sn_local_kind, [SN_AVERAGE] = &sn_average_kind, [SN_FULL] = &sn_full_kind,
    [SN_RBF] = &sn_rbf_kind,     [SN_DROPOUT] = &sn_dropout_kind,
};

/* ---- Counting without overflow -------------------------------------------------------------------------------- */

static int64_t saturate(int64_t n) { return n > SN_LIMIT ? (int64_t)SN_LIMIT + 1 : n; }

int64_t sn_plus(int64_t a, int64_t b) { return saturate(a + b); }

int64_t sn_times(int64_t a, int64_t b) { return saturate(saturate(a) * saturate(b)); }

int64_t sn_unit_count(sn_shape shape) { return sn_times(sn_times(shape.maps, shape.height), shape.width); }

sn_layout sn_compact(sn_shape shape)
{
    const size_t plane = (size_t)shape.height * (size_t)shape.width;
    return (sn_layout){.plane = plane, .pitch = (size_t)shape.width, .size = (size_t)shape.maps * plane};
}

/* ---- Judging -------------------------------------------------------------------------------------------------- */

bool sn_complain(const sn_complaint *complaint, const char *layer, const char *format, ...)
{
    int used = 0;
    if (layer)
        used = snprintf(complaint->sentence, complaint->room, "layer \"%s\": ", layer);
    if (used < 0 || (size_t)used >= complaint->room)
        return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint->sentence + used, complaint->room - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

static bool check_counts(const sn_built *layer, const sn_complaint *complaint)
{
    const sn_counts *c = &layer->counts;
    const char *name = layer->declared.name;
    if (c->units > SN_MOST_UNITS)
        return sn_complain(complaint, name, "would have more than %d units", SN_MOST_UNITS);
    if (sn_plus(c->weights, c->biases) > SN_LIMIT)
        return sn_complain(complaint, name, "would have more than %d parameters", SN_LIMIT);
    return c->connections <= SN_LIMIT || sn_complain(complaint, name, "would have more than %d connections", SN_LIMIT);
}

/* So that no coefficient of its curve (squash.c) is too large or too small for a float. */
static bool is_moderate(float x) { return x >= 0.001f && x <= 1000; }

static bool check_squash(const sn_layer *declared, const sn_complaint *complaint)
{
    const sn_squash *f = &declared->squash;
    if ((unsigned)f->kind >= SN_SQUASHES)
        return sn_complain(complaint, declared->name, "squash must be one of 0 to %d, not %d", SN_SQUASHES - 1,
                           f->kind);
    if (f->kind != SN_TANH)
        return true;
    if (!is_moderate(f->amplitude) || !is_moderate(f->slope))
        return sn_complain(complaint, declared->name,
                           "squash needs amplitude and slope from 0.001 to 1000, not %.7g and %.7g",
                           (double)f->amplitude, (double)f->slope);
    return isfinite(f->linear) || sn_complain(complaint, declared->name, "squash needs a finite linear part");
}

bool sn_shape_layer(sn_built *layer, const sn_layer *declared, sn_units *below, const sn_complaint *complaint)
{
    if ((unsigned)declared->kind >= SN_KINDS)
        return sn_complain(complaint, declared->name, "kind must be one of 0 to %d, not %d", SN_KINDS - 1,
                           declared->kind);
    if (!check_squash(declared, complaint))
        return false;
    *layer = (sn_built){.kind = KINDS[declared->kind], .declared = *declared, .below = below};
    if (!layer->kind->shape(layer, complaint))
        return false;
    layer->units.squash = declared->squash;
    layer->counts.shape = layer->units.shape;
    layer->counts.units = sn_unit_count(layer->units.shape);
    return check_counts(layer, complaint);
}

static bool check_input(const sn_declaration *declaration, const sn_complaint *complaint)
{
    const sn_shape input = declaration->input;
    if (input.maps < 1 || input.height < 1 || input.width < 1)
        return sn_complain(complaint, NULL, "input must have at least one unit, not %d maps of %dx%d", input.maps,
                           input.height, input.width);
    if (sn_unit_count(input) > SN_MOST_UNITS)
        return sn_complain(complaint, NULL, "input of %d maps of %dx%d would have more than %d units", input.maps,
                           input.height, input.width, SN_MOST_UNITS);
    if (!isfinite(declaration->background))
        return sn_complain(complaint, NULL, "the input's background must be finite");
    if (declaration->count < 1)
        return sn_complain(complaint, NULL, "a net needs at least one layer");
    return true;
}

static bool check_cost(const sn_cost *cost, const sn_complaint *complaint)
{
    if ((unsigned)cost->kind >= SN_COSTS)
        return sn_complain(complaint, NULL, "cost must be one of 0 to %d, not %d", SN_COSTS - 1, cost->kind);
    if (cost->kind == SN_RBF_DISCRIMINATIVE && !(cost->j > 0 && isfinite(cost->j)))
        return sn_complain(complaint, NULL, "the cost's j must be positive, not %g", (double)cost->j);
    return true;
}

bool sn_check(const sn_declaration *declaration, char *sentence, size_t room)
{
    const sn_complaint complaint = {sentence, room};
    if (!check_input(declaration, &complaint) || !check_cost(&declaration->cost, &complaint))
        return false;
    sn_units below = {.shape = declaration->input};
    int64_t units = sn_unit_count(below.shape), connections = 0, parameters = 0;
    for (int i = 0; i < declaration->count; i++) {
        sn_built layer;
        if (!sn_shape_layer(&layer, &declaration->layers[i], &below, &complaint))
            return false;
        units = sn_plus(units, layer.counts.units);
        connections = sn_plus(connections, layer.counts.connections);
        parameters = sn_plus(parameters, sn_plus(layer.counts.weights, layer.counts.biases));
        below = layer.units;
    }
    if (units > SN_LIMIT || connections > SN_LIMIT || parameters > SN_LIMIT)
        return sn_complain(&complaint, NULL, "the net would have more than %d units, connections or parameters",
                           SN_LIMIT);
    return true;
}
