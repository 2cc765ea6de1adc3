"""Which thread works on a net; part of _core.pyx."""

from threading import RLock
from time import sleep


cdef class _Owner:
    """The thread that works on a net. The others get a RuntimeError, or wait while the net is only copied."""

    cdef object lock, unlock  # of an RLock, because a thread owns it
    cdef int64_t depth  # number of times that this thread has acquired the net
    cdef bint works  # whether it does more than copy the net, which takes a moment
    cdef bint busy  # whether the core computes at this moment

    def __cinit__(self):
        owner = RLock()
        self.lock, self.unlock = owner.acquire, owner.release

    cdef int acquire(self, bint reads=False) except -1:
        """Keeps the net to this thread, which may do so again, until it is released as often. Others wait while it is
        only read, to be copied; else they get a RuntimeError."""
        while not self.lock(False):
            if self.works:
                raise RuntimeError("this net is at work already, in another thread; give each thread its own")
            sleep(0.001)
        self.depth += 1
        if self.depth == 1:
            self.works = not reads
        return 0

    cdef int release(self) except -1:
        self.depth -= 1
        if self.depth == 0:
            self.works = False
        self.unlock()
        return 0

    cdef int begin(self) except -1:
        self.acquire()
        if self.busy:
            self.release()
            raise RuntimeError("this net is at work already, it is presenting patterns")
        self.busy = True
        return 0

    cdef int end(self) except -1:
        self.busy = False
        self.release()
        return 0

    def __enter__(self):
        self.begin()

    def __exit__(self, *exception):
        self.end()


cdef class Hold:
    """``with hold:`` keeps a net to this thread. It is no generator: Ctrl-C cannot come between having the net and being
    sure to release it."""

    cdef _Owner owner
    cdef bint reads

    def __cinit__(self, _Owner owner not None, bint reads):
        self.owner, self.reads = owner, reads

    def __enter__(self):
        self.owner.acquire(self.reads)

    def __exit__(self, *exception):
        self.owner.release()
