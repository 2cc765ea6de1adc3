# cython: language_level=3, embedsignature=True, freethreading_compatible=True
"""The binding to the C core: checks and views, no arithmetic.

Arrays come from `sn89.net`, which makes them float32 and contiguous; here only what would make the core read or write
out of bounds is refused. The GIL is released while the core computes, and taken back every few milliseconds to see
whether Ctrl-C was pressed.

Without a GIL nothing else is needed: what is global here never changes after import, a net is worked on by one thread,
that of its lock, and whatever is judged before the core reads it is a copy or a local number.
"""

import os
from array import array

from cpython.buffer cimport (PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE, PyBuffer_FillInfo, PyBuffer_Release,
                             PyObject_CheckBuffer, PyObject_GetBuffer)
from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy

from sn89._core cimport *

cdef extern from *:
    """
    #if defined(Py_LIMITED_API) && defined(__GNUC__)
    #pragma GCC diagnostic ignored "-Wunused-parameter" /* Cython's helpers have some under the limited API */
    #endif
    """

include "_declare.pxi"
include "_patterns.pxi"
include "_owner.pxi"

cdef int64_t FEW = 64  # images that are answered without a look at Ctrl-C


cdef class Vector:
    """One of a net's vectors as a buffer of float32 that keeps the net alive."""

    cdef Core owner
    cdef float *data
    cdef Py_ssize_t count

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        PyBuffer_FillInfo(buffer, self, self.data, self.count * sizeof(float), 0, flags)


cdef sn_distortion _distortion(constants) except *:
    whole, shift, scale, squeeze, slant, tan_half_turn = constants
    return sn_distortion(whole, shift, scale, squeeze, slant, tan_half_turn)


cdef class Core:
    """A built net."""

    cdef sn_net *net
    cdef _Owner owner
    cdef int layers
    cdef int64_t outputs
    cdef sn_shape plane  # of the input
    cdef readonly list counts

    def __cinit__(self, input, layers, squashes, cost):
        cdef _Declaration declaration = _Declaration(input, layers, squashes, cost)
        self.net = sn_build(&declaration.c, <sn_tier><int>TIERS[choose_simd(simd)])
        if self.net is NULL:
            raise MemoryError("not enough memory for this net")
        self.counts = [sn_count(self.net, i) for i in range(declaration.c.count + 1)]
        self.owner = _Owner()
        self.layers = declaration.c.count
        self.plane = sn_count(self.net, 0).shape
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

    @property
    def kept(self):
        """1 for each parameter that is there, 0 for each that is deleted; only to be read."""
        return self.vector(<float *>sn_kept(self.net))

    def bring(self, const float[::1] parameters=None, const float[::1] curvature=None, const float[::1] momentum=None,
              const unsigned char[::1] deleted=None):
        """Sets what is given, (parameters,) each: all of it or nothing, and no signal comes between. Parameters that are
        `deleted` (1, not 0) become 0 first."""
        cdef int64_t n = sn_parameter_count(self.net)
        if ((parameters is not None and parameters.shape[0] != n) or (curvature is not None and curvature.shape[0] != n)
                or (momentum is not None and momentum.shape[0] != n) or (deleted is not None and deleted.shape[0] != n)):
            raise ValueError("a vector has the wrong shape")
        with self.owner:
            if n == 0:
                return
            if deleted is not None:
                sn_set_deleted(self.net, <const sn_truth *>&deleted[0])
            if parameters is not None:
                memcpy(sn_parameters(self.net), &parameters[0], n * sizeof(float))
            if curvature is not None:
                memcpy(sn_curvature(self.net), &curvature[0], n * sizeof(float))
            if momentum is not None:
                memcpy(sn_momentum(self.net), &momentum[0], n * sizeof(float))

    cdef int judge(self) except -1:
        """Raises a ValueError if a parameter is not finite: every result would be nonsense."""
        cdef const float *parameters = sn_parameters(self.net)
        cdef int64_t u = 0
        if sn_all_finite(self.net, parameters, sn_parameter_count(self.net)):
            return 0
        while sn_all_finite(self.net, &parameters[u], 1):
            u += 1
        raise ValueError(f"parameter {u} of this net is {parameters[u]}: parameters must be finite; call net.restart() to "
                         "begin anew, or load a net from a file")

    def check_finite(self):
        with self.owner:
            self.judge()

    def hold(self, bint reads=False):
        """A context manager that keeps the net to this thread, see `_Owner.acquire`."""
        return Hold(self.owner, reads)

    def start(self, str rule, float x, uint64_t seed):
        with self.owner:
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
              uint64_t seed=0, int64_t presented=0, Presented so_far=None):
        """Learns from patterns `order`, except those that `so_far` counts already, and counts the others there. Stops
        before a pattern whose cost is not finite. Calls `tick` every few presentations with their number. `presented`
        others came before the first of `order`. Returns the count."""
        so_far = Presented() if so_far is None else so_far
        method, diagonal, epsilon, mu, gamma, beta, decay = step
        cdef sn_rule rule = sn_rule(METHODS[method], DIAGONALS[diagonal], epsilon, mu, gamma, beta, decay)
        cdef sn_distortion distorted
        cdef sn_training training = sn_training(&rule, NULL, seed, presented + so_far.count)
        if distortion is not None:
            distorted = _distortion(distortion)
            training.distortion = &distorted
        cdef const int64_t[::1] checked = self.checked(patterns, order)
        cdef int64_t begun = so_far.count
        if begun > checked.shape[0]:
            raise ValueError("more was presented than there is")
        cdef _Chunks chunks = _Chunks(checked.shape[0] - begun)
        cdef int64_t now
        cdef double told
        with self.owner:
            while chunks.next():
                with nogil:
                    now = sn_train(self.net, &training, &patterns.c, &checked[begun + chunks.done], chunks.size,
                                   &so_far.cost)
                    training.presented += now
                    so_far.count += now
                if now < chunks.size:
                    break
                if tick is not None:
                    told = monotonic()
                    tick(now)
                    chunks.started += monotonic() - told  # a slow one must not make the chunks small
        return so_far

    def add_curvature(self, str diagonal, Patterns patterns not None, const int64_t[::1] order not None):
        """Adds the mean curvature of patterns `order` to the net's."""
        cdef sn_diagonal c = DIAGONALS[diagonal]
        cdef const int64_t[::1] checked = self.checked(patterns, order)
        cdef _Chunks chunks = _Chunks(checked.shape[0])
        cdef float share = 1 / <float>max(1, checked.shape[0])
        with self.owner:
            self.judge()
            while chunks.next():
                with nogil:
                    sn_add_curvature(self.net, c, &patterns.c, &checked[chunks.done], chunks.size, share)

    cdef int64_t fitting(self, const Py_buffer *given) noexcept:
        """The number of images, if they are few and the core can read them as they are: float32, of a size that fits,
        finite. Otherwise 0."""
        cdef sn_shape plane = self.plane
        cdef int of_one = 2 if plane.maps == 1 else 3, first = given.ndim - of_one
        if not 0 <= first <= 1 or (first and given.shape[0] > FEW) or (of_one == 3 and given.shape[first] != plane.maps):
            return 0
        if not (0 < given.shape[given.ndim - 2] <= plane.height and 0 < given.shape[given.ndim - 1] <= plane.width):
            return 0
        if first and of_one == 2 and given.shape[2] <= 4:
            return 0  # perhaps a picture in colours, which `check_images` refuses
        if given.format is NULL or given.format[0] != b"f" or given.format[1] != 0 or <size_t>given.buf % sizeof(float):
            return 0
        if not sn_all_finite(self.net, <const float *>given.buf, given.len // sizeof(float)):
            return 0
        return given.shape[0] if first else 1

    cdef int answer_few(self, const Py_buffer *given, int64_t count, Py_buffer *outputs) except -1:
        cdef sn_patterns patterns
        patterns.images = <const float *>given.buf
        patterns.height, patterns.width = <int>given.shape[given.ndim - 2], <int>given.shape[given.ndim - 1]
        if outputs.len != <Py_ssize_t>(count * self.outputs * sizeof(float)):
            raise ValueError("outputs have the wrong shape")
        self.owner.begin()  # as `with self.owner`, which alone would take a tenth of the time
        try:
            if count == 1:
                sn_forward(self.net, &patterns, 0)
                if not sn_sums_finite(self.net):  # perhaps no more than a sum that overflows
                    self.judge()
                sn_states(self.net, self.layers, <float *>outputs.buf)
            else:
                self.judge()
                with nogil:
                    sn_evaluate(self.net, &patterns, 0, count, <float *>outputs.buf, NULL)
        finally:
            self.owner.end()
        return 0

    def answer(self, X, empty):
        """The outputs of one image or of a few, in an array that `empty` makes of its shape. Nothing is copied or converted:
        None if X is no array that the core can read as it is. The bits are those of `evaluate`."""
        cdef Py_buffer given, to
        cdef int64_t count
        if not PyObject_CheckBuffer(X):
            return None
        try:
            PyObject_GetBuffer(X, &given, PyBUF_ND | PyBUF_FORMAT)  # without strides: only what is contiguous
        except Exception:
            return None
        try:
            count = self.fitting(&given)
            if count == 0:
                return None
            several = given.ndim > (2 if self.plane.maps == 1 else 3)
            outputs = empty((count, self.outputs)) if several else empty(self.outputs)
            PyObject_GetBuffer(outputs, &to, PyBUF_ND | PyBUF_WRITABLE)
            try:
                self.answer_few(&given, count, &to)
            finally:
                PyBuffer_Release(&to)
        finally:
            PyBuffer_Release(&given)
        return outputs

    def evaluate(self, Patterns patterns not None, float[:, ::1] outputs not None, float[::1] costs=None):
        """Sets outputs (n, units), and, if given, costs (n,). Several patterns go eight at a time, and chunks keep the
        eights together: no bit depends on how long a chunk took."""
        cdef _Chunks chunks
        cdef float *cost = NULL
        self.check(patterns, costs is not None)
        if outputs.shape[0] != patterns.count or outputs.shape[1] != self.outputs:
            raise ValueError("outputs have the wrong shape")
        if costs is not None and costs.shape[0] != patterns.count:
            raise ValueError("costs have the wrong shape")
        with self.owner:
            self.judge()
            if patterns.count == 1:
                sn_forward(self.net, &patterns.c, 0)
                sn_states(self.net, self.layers, &outputs[0, 0])
                if costs is not None:
                    costs[0] = sn_cost_of(self.net, &patterns.c, 0)
                return
            chunks = _Chunks(patterns.count, 8)
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
        with self.owner:
            for p in range(patterns.count):
                PyErr_CheckSignals()
                sn_forward_in(self.net, &training, p, &patterns.c, p)
                sn_states(self.net, 0, &planes[p, 0])

    def derivatives(self, Patterns patterns not None, str diagonal, float[::1] gradient, float[::1] curvature):
        """Sets gradient and curvature (parameters,) of the first pattern, and returns its cost."""
        cdef sn_diagonal c = DIAGONALS[diagonal]
        cdef int64_t n = sn_parameter_count(self.net), u
        cdef const float *instantaneous
        cdef float cost = 0
        self.check(patterns, True)
        if gradient.shape[0] != n or curvature.shape[0] != n:
            raise ValueError("gradient or curvature have the wrong shape")
        with self.owner:
            self.judge()
            sn_forward(self.net, &patterns.c, 0)
            cost = sn_cost_of(self.net, &patterns.c, 0)
            sn_backward(self.net)
            instantaneous = sn_backward2(self.net, c)
            for u in range(n):
                gradient[u] = sn_gradient(self.net)[u]
                curvature[u] = instantaneous[u]
        return cost

    def input_gradient(self, Patterns patterns not None, float[::1] gradient not None):
        """Sets gradient (units of the input,) to that of the first pattern's cost."""
        self.check(patterns, True)
        if gradient.shape[0] != sn_count(self.net, 0).units:
            raise ValueError("gradient has the wrong shape")
        with self.owner:
            self.judge()
            sn_forward(self.net, &patterns.c, 0)
            sn_cost_of(self.net, &patterns.c, 0)
            sn_input_gradient(self.net, &gradient[0])

    def states(self, Patterns patterns not None, list states):
        """Sets states[i] (units,) of every layer i, the input first, for the first pattern."""
        cdef float[::1] out
        self.check(patterns, False)
        if len(states) != self.layers + 1:
            raise ValueError("there must be states for every layer")
        with self.owner:
            self.judge()
            sn_forward(self.net, &patterns.c, 0)
            for i in range(len(states)):
                out = states[i]
                if out.shape[0] != sn_count(self.net, i).units:
                    raise ValueError("states have the wrong shape")
                sn_states(self.net, i, &out[0])
