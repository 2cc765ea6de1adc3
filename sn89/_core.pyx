# cython: language_level=3, embedsignature=True
"""The binding to the C core: checks and views, no arithmetic.

Arrays come from `sn89.net`, which makes them float32 and contiguous; here only what would make the core read or write
out of bounds is refused. The GIL is released while the core computes, and taken back every few milliseconds to see
whether Ctrl-C was pressed.
"""

import os
from array import array
from time import monotonic

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int64_t, uint64_t

from sn89._core cimport *

cdef dict KINDS = {"local": SN_LOCAL, "average": SN_AVERAGE, "full": SN_FULL, "rbf": SN_RBF, "dropout": SN_DROPOUT}
cdef dict BIASES = {None: SN_BIAS_NONE, "map": SN_BIAS_MAP, "unit": SN_BIAS_UNIT}
cdef dict SQUASHES = {"tanh": SN_TANH, "linear": SN_LINEAR, "relu": SN_RELU}
cdef dict COSTS = {"half-squared": SN_HALF_SQUARED, "softmax": SN_SOFTMAX, "rbf": SN_RBF_DISCRIMINATIVE}
cdef dict STARTS = {"uniform": SN_UNIFORM, "fan-in": SN_BY_FAN_IN, "sqrt-fan-in": SN_BY_SQRT_FAN_IN}
cdef dict METHODS = {"first-order": SN_FIRST_ORDER, "running": SN_RUNNING, "fixed": SN_FIXED, "adamw": SN_ADAMW}
cdef dict DIAGONALS = {"newton": SN_NEWTON, "levenberg-marquardt": SN_LEVENBERG_MARQUARDT}

cdef dict TIERS = {sn_tier_name(<sn_tier>i).decode(): i for i in range(SN_TIERS)}
cdef double PATIENCE = 0.005  # seconds between two looks at Ctrl-C


def choose_simd(str forced=None):
    """The name of the best tier that runs on this processor, or of the one that is forced."""
    if forced is None:
        return sn_tier_name(sn_best_tier()).decode()
    if forced not in TIERS or not sn_tier_runs(<sn_tier><int>TIERS[forced]):
        running = ", ".join(name for name, tier in TIERS.items() if sn_tier_runs(<sn_tier><int>tier))
        raise ValueError(f"SN89_SIMD must be one of {running} on this machine, not {forced!r}")
    return forced


# What the loops that carry the speed are compiled for, chosen once; SN89_SIMD in the environment forces another.
simd = choose_simd(os.environ.get("SN89_SIMD") or None)


cdef class _Chunks:
    """Divides `count` presentations into chunks that take some milliseconds each, whatever the net: begins with `least`,
    and doubles or halves."""

    cdef int64_t done, count, size, least
    cdef double started

    def __cinit__(self, int64_t count, int64_t least=1):
        self.done, self.count, self.size, self.least, self.started = 0, count, 0, least, 0

    cdef int64_t next(self) except -1:
        """How many come next; 0 at the end. Raises KeyboardInterrupt after Ctrl-C."""
        cdef double now = monotonic()
        PyErr_CheckSignals()
        self.done += self.size
        if self.size == 0:
            self.size = self.least
        elif now - self.started < PATIENCE:
            self.size *= 2
        elif now - self.started > 4 * PATIENCE:
            self.size = max(self.least, self.size // 2)
        self.size = min(self.size, self.count - self.done)
        self.started = now
        return self.size


cdef class _Declaration:
    """An sn_declaration, with the memory that it points to."""

    cdef sn_declaration c
    cdef bytearray layers
    cdef list kept

    def __cinit__(self, input, layers, squashes, cost):
        self.kept = []
        self.layers = bytearray(len(layers) * sizeof(sn_layer))
        cdef sn_layer *c = <sn_layer *><char *>self.layers
        for i, (layer, squash) in enumerate(zip(layers, squashes, strict=True)):
            self.tell(&c[i], layer, squash)
        self.c.input = sn_shape(input.maps, input.height, input.width)
        self.c.background = input.background
        self.c.count = len(layers)
        self.c.layers = c
        self.c.cost.kind = COSTS[cost.kind]
        self.c.cost.j = cost.constant

    cdef int tell(self, sn_layer *c, layer, squash) except -1:
        name = layer.name.encode()
        self.kept.append(name)
        c.name = name
        c.kind = KINDS[layer.kind]
        c.squash.kind = SQUASHES[squash.kind]
        c.squash.amplitude, c.squash.slope, c.squash.linear = squash.constants
        if c.kind == SN_LOCAL:
            self.tell_local(c, layer)
        elif c.kind == SN_AVERAGE:
            c.kernel = layer.size
        elif c.kind == SN_FULL:
            c.maps = layer.units
        elif c.kind == SN_DROPOUT:
            c.rate = layer.rate
        else:
            self.tell_prototypes(c, layer.prototypes)
        return 0

    cdef int tell_local(self, sn_layer *c, layer) except -1:
        c.maps = layer.maps
        c.kernel, c.stride, c.pad = layer.kernel, layer.stride, layer.pad
        c.background = layer.background
        c.bias = BIASES[layer.bias]
        c.shared = layer.shared
        if layer.table is not None:
            if not layer.table:
                raise ValueError(f'layer "{layer.name}": table has no rows for {layer.maps} maps')
            c.rows = len(layer.table)
            c.fan = self.keep_ints([len(row) for row in layer.table])
            c.sources = self.keep_ints([source for row in layer.table for source in row])
        return 0

    cdef int tell_prototypes(self, sn_layer *c, const float[:, ::1] prototypes) except -1:
        self.kept.append(prototypes)
        c.maps, c.inputs = prototypes.shape[0], prototypes.shape[1]
        c.prototypes = &prototypes[0, 0] if prototypes.shape[0] and prototypes.shape[1] else NULL
        return 0

    cdef const int *keep_ints(self, list numbers) except? NULL:
        cdef const int[::1] view = array("i", numbers or [0])
        self.kept.append(view)
        return &view[0]


cdef class Vector:
    """One of a net's vectors as a buffer of float32 that keeps the net alive."""

    cdef Core owner
    cdef float *data
    cdef Py_ssize_t count

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        PyBuffer_FillInfo(buffer, self, self.data, self.count * sizeof(float), 0, flags)


cdef class Patterns:
    """Images (n, maps, height, width) for one net; rows of desired outputs, and which of them each pattern wants."""

    cdef const float[:, :, :, ::1] images
    cdef const float[:, ::1] targets
    cdef const int64_t[::1] target
    cdef sn_patterns c
    cdef Core core
    cdef readonly int64_t count

    def __cinit__(self, Core core not None, const float[:, :, :, ::1] images, const float[:, ::1] targets=None,
                  const int64_t[::1] target=None):
        cdef sn_shape plane = sn_count(core.net, 0).shape
        cdef int64_t i
        self.core, self.images, self.targets = core, images, targets
        self.count = images.shape[0]
        if self.count == 0 or images.shape[1] != plane.maps or not (
                0 < images.shape[2] <= plane.height and 0 < images.shape[3] <= plane.width):
            raise ValueError("images do not fit the input")
        self.c.images = &images[0, 0, 0, 0]
        self.c.height, self.c.width = <int>images.shape[2], <int>images.shape[3]
        if targets is None:
            return
        if target is None or targets.shape[0] == 0 or targets.shape[1] != core.outputs:
            raise ValueError("targets do not fit the outputs")
        self.target = target.copy()  # what is judged here must not change later
        if self.target.shape[0] != self.count:
            raise ValueError("targets do not fit the images")
        for i in range(self.count):
            if not 0 <= self.target[i] < targets.shape[0]:
                raise ValueError("a pattern's target is not among the targets")
        self.c.targets, self.c.target = &targets[0, 0], &self.target[0]


cdef sn_distortion _distortion(constants) except *:
    whole, shift, scale, squeeze, slant, tan_half_turn = constants
    return sn_distortion(whole, shift, scale, squeeze, slant, tan_half_turn)


cdef class Core:
    """A built net."""

    cdef sn_net *net
    cdef bint busy
    cdef int layers
    cdef int64_t outputs
    cdef readonly list counts

    def __cinit__(self, input, layers, squashes, cost):
        cdef _Declaration declaration = _Declaration(input, layers, squashes, cost)
        cdef bytearray sentence = bytearray(512 + max((len(layer.name.encode()) for layer in layers), default=0))
        if not sn_check(&declaration.c, sentence, len(sentence)):
            raise ValueError(sentence.partition(b"\0")[0].decode())
        self.net = sn_build(&declaration.c, <sn_tier><int>TIERS[simd])
        if self.net is NULL:
            raise MemoryError("not enough memory for this net")
        self.counts = [sn_count(self.net, i) for i in range(declaration.c.count + 1)]
        self.layers = declaration.c.count
        self.outputs = sn_count(self.net, self.layers).units

    def __dealloc__(self):
        sn_free(self.net)

    cdef Vector vector(self, float *data):
        cdef Vector vector = Vector.__new__(Vector)
        vector.owner, vector.data, vector.count = self, data, sn_parameter_count(self.net)
        return vector

    @property
    def parameters(self):
        return self.vector(sn_parameters(self.net))

    @property
    def curvature(self):
        return self.vector(sn_curvature(self.net))

    @property
    def momentum(self):
        return self.vector(sn_momentum(self.net))

    def __enter__(self):
        if self.busy:
            raise RuntimeError("this net is at work already, in a callback or another thread; give each thread its own")
        self.busy = True

    def __exit__(self, *exception):
        self.busy = False

    def start(self, str rule, float x, uint64_t seed):
        with self:
            sn_start(self.net, STARTS[rule], x, seed)

    cdef int check(self, Patterns patterns, bint wanted) except -1:
        if patterns.core is not self:
            raise ValueError("these patterns were made for another net")
        if wanted and patterns.targets is None:
            raise ValueError("patterns have no targets")
        return 0

    cdef const int64_t[::1] checked(self, Patterns patterns, const int64_t[::1] order):
        """A copy of `order` that is within the patterns."""
        cdef const int64_t[::1] copy = order.copy()
        cdef Py_ssize_t i
        self.check(patterns, True)
        for i in range(copy.shape[0]):
            if not 0 <= copy[i] < patterns.count:
                raise ValueError("order names a pattern that is not there")
        return copy

    def train(self, step, Patterns patterns not None, const int64_t[::1] order not None, tick=None, distortion=None,
              uint64_t seed=0, int64_t presented=0):
        """Learns from patterns `order`. Returns how many were presented and the sum of their costs; if they are fewer, the
        next one's cost was not finite. `tick` is told of every few presentations."""
        method, diagonal, epsilon, mu, gamma, beta, decay = step
        cdef sn_rule rule = sn_rule(METHODS[method], DIAGONALS[diagonal], epsilon, mu, gamma, beta, decay)
        cdef sn_distortion distorted
        cdef sn_training training = sn_training(&rule, NULL, seed, presented)
        if distortion is not None:
            distorted = _distortion(distortion)
            training.distortion = &distorted
        cdef const int64_t[::1] checked = self.checked(patterns, order)
        cdef _Chunks chunks = _Chunks(checked.shape[0])
        cdef int64_t now
        cdef double cost = 0
        with self:
            while chunks.next():
                with nogil:
                    now = sn_train(self.net, &training, &patterns.c, &checked[chunks.done], chunks.size, &cost)
                    training.presented += now
                if now < chunks.size:
                    return chunks.done + now, cost
                if tick is not None:
                    tick(now)
        return chunks.done, cost

    def add_curvature(self, str diagonal, Patterns patterns not None, const int64_t[::1] order not None):
        """Adds the mean curvature of patterns `order` to the net's."""
        cdef sn_diagonal c = DIAGONALS[diagonal]
        cdef const int64_t[::1] checked = self.checked(patterns, order)
        cdef _Chunks chunks = _Chunks(checked.shape[0])
        cdef float share = 1 / <float>max(1, checked.shape[0])
        with self:
            while chunks.next():
                with nogil:
                    sn_add_curvature(self.net, c, &patterns.c, &checked[chunks.done], chunks.size, share)

    def evaluate(self, Patterns patterns not None, float[:, ::1] outputs not None, float[::1] costs=None):
        """Sets outputs (n, units), and, if given, costs (n,). Several patterns go eight at a time, and chunks keep the
        eights together: no bit depends on how long a chunk took."""
        cdef _Chunks chunks = _Chunks(patterns.count, 8)
        cdef float *cost = NULL
        self.check(patterns, costs is not None)
        if outputs.shape[0] != patterns.count or outputs.shape[1] != self.outputs:
            raise ValueError("outputs have the wrong shape")
        if costs is not None and costs.shape[0] != patterns.count:
            raise ValueError("costs have the wrong shape")
        with self:
            if patterns.count == 1:
                sn_forward(self.net, &patterns.c, 0)
                sn_states(self.net, self.layers, &outputs[0, 0])
                if costs is not None:
                    costs[0] = sn_cost_of(self.net, &patterns.c, 0)
                return
            while chunks.next():
                if costs is not None:
                    cost = &costs[chunks.done]
                with nogil:
                    sn_evaluate(self.net, &patterns.c, chunks.done, chunks.size, &outputs[chunks.done, 0], cost)

    def distorted(self, Patterns patterns not None, distortion, uint64_t seed, float[:, ::1] planes not None):
        """Sets planes (n, units) to the input as presentations 0 to n - 1 of a training have it."""
        cdef sn_distortion distorted = _distortion(distortion)
        cdef sn_training training = sn_training(NULL, &distorted, seed, 0)
        cdef int64_t p
        self.check(patterns, False)
        if planes.shape[0] != patterns.count or planes.shape[1] != sn_count(self.net, 0).units:
            raise ValueError("planes have the wrong shape")
        with self:
            for p in range(patterns.count):
                PyErr_CheckSignals()
                sn_forward_in(self.net, &training, p, &patterns.c, p)
                sn_states(self.net, 0, &planes[p, 0])

    def derivatives(self, Patterns patterns not None, str diagonal, float[::1] gradient, float[::1] curvature):
        """Sets gradient and curvature (parameters,) of the first pattern, and returns its cost."""
        cdef sn_diagonal c = DIAGONALS[diagonal]
        cdef int64_t n = sn_parameter_count(self.net), u
        cdef const float *instantaneous
        self.check(patterns, True)
        if gradient.shape[0] != n or curvature.shape[0] != n:
            raise ValueError("gradient or curvature have the wrong shape")
        with self:
            sn_forward(self.net, &patterns.c, 0)
            cost = sn_cost_of(self.net, &patterns.c, 0)
            sn_backward(self.net)
            instantaneous = sn_backward2(self.net, c)
            for u in range(n):
                gradient[u] = sn_gradient(self.net)[u]
                curvature[u] = instantaneous[u]
        return cost

    def states(self, Patterns patterns not None, list states):
        """Sets states[i] (units,) of every layer i, the input first, for the first pattern."""
        cdef float[::1] out
        self.check(patterns, False)
        if len(states) != self.layers + 1:
            raise ValueError("there must be states for every layer")
        with self:
            sn_forward(self.net, &patterns.c, 0)
            for i in range(len(states)):
                out = states[i]
                if out.shape[0] != sn_count(self.net, i).units:
                    raise ValueError("states have the wrong shape")
                sn_states(self.net, i, &out[0])
