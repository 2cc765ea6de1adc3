"""The patterns that are presented to a net, in chunks, and the count of those that were; part of _core.pyx."""

from hashlib import sha256
from time import monotonic

cdef double PATIENCE = 0.005  # seconds between two looks at Ctrl-C
cdef int64_t PIECE = 2**22  # bytes that are hashed between two looks at Ctrl-C


cdef class Patterns:
    """Images (n, maps, height, width) for one net; rows of desired outputs, and which of them each pattern wants; and
    the weights of the patterns, if they are not all 1."""

    cdef const float[:, :, :, ::1] images
    cdef const float[:, ::1] targets
    cdef const int64_t[::1] target
    cdef const float[::1] weights
    cdef sn_patterns c
    cdef Core core
    cdef readonly int64_t count
    cdef readonly double weight  # of all together

    def __cinit__(self, Core core not None, const float[:, :, :, ::1] images, const float[:, ::1] targets=None,
                  const int64_t[::1] target=None, const float[::1] weights=None):
        cdef sn_shape plane = core.plane
        cdef int64_t i
        self.core, self.images, self.targets = core, images, targets
        self.count = images.shape[0]
        self.weight = <double>self.count
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
        if weights is None:
            return
        self.weights = weights.copy()
        if self.weights.shape[0] != self.count:
            raise ValueError("weights do not fit the images")
        self.c.weight = &self.weights[0]
        self.weight = 0
        for i in range(self.count):
            self.weight += self.weights[i]

    def digest(self):
        """SHA-256 of all of it, in hexadecimal."""
        cdef list parts = [self.images] if self.c.targets is NULL else [self.images, self.targets, self.target]
        if self.c.weight is not NULL:
            parts.append(self.weights)
        sha = sha256()
        for part in map(memoryview, parts):
            sha.update(repr(part.shape).encode())
            part = part.cast("B")
            for i in range(0, len(part), PIECE):
                PyErr_CheckSignals()
                sha.update(part[i:i + PIECE])
        return sha.hexdigest()


cdef class Presented:
    """The number of patterns of a pass that were presented, and the sum of their costs. Both change together with the
    parameters: whatever ends the pass, Ctrl-C too, they say exactly where it was."""

    cdef readonly int64_t count
    cdef readonly double cost

    def __init__(self, int64_t count=0, double cost=0):
        if count < 0:
            raise ValueError("there cannot be less than no presentation")
        self.count, self.cost = count, cost


cdef class _Chunks:
    """Divides `count` presentations into chunks that take some milliseconds each, whatever the net: begins with `least`,
    and doubles or halves."""

    cdef int64_t done, count, size, least
    cdef double started

    def __cinit__(self, int64_t count, int64_t least=1):
        self.done, self.count, self.size, self.least, self.started = 0, count, 0, least, 0

    cdef int64_t next(self) except -1:
        """The number of presentations that come next; 0 at the end. Raises KeyboardInterrupt after Ctrl-C."""
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
