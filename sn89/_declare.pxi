"""Declarations in the words of the C core; part of _core.pyx."""

cdef dict KINDS = {"local": SN_LOCAL, "average": SN_AVERAGE, "full": SN_FULL, "rbf": SN_RBF, "dropout": SN_DROPOUT}
cdef dict BIASES = {None: SN_BIAS_NONE, "map": SN_BIAS_MAP, "unit": SN_BIAS_UNIT}
cdef dict SQUASHES = {"tanh": SN_TANH, "linear": SN_LINEAR, "relu": SN_RELU}
cdef dict COSTS = {"half-squared": SN_HALF_SQUARED, "softmax": SN_SOFTMAX, "rbf": SN_RBF_DISCRIMINATIVE}
cdef dict STARTS = {"uniform": SN_UNIFORM, "fan-in": SN_BY_FAN_IN, "sqrt-fan-in": SN_BY_SQRT_FAN_IN}
cdef dict METHODS = {"first-order": SN_FIRST_ORDER, "running": SN_RUNNING, "fixed": SN_FIXED, "adamw": SN_ADAMW}
cdef dict DIAGONALS = {"newton": SN_NEWTON, "levenberg-marquardt": SN_LEVENBERG_MARQUARDT}

cdef dict TIERS = {sn_tier_name(<sn_tier>i).decode(): i for i in range(SN_TIERS)}


def choose_simd(str forced=None):
    """The name of the best tier that runs on this processor, or of the one that is forced."""
    if forced is None:
        return sn_tier_name(sn_best_tier()).decode()
    if forced not in TIERS or not sn_tier_runs(<sn_tier><int>TIERS[forced]):
        running = ", ".join(name for name, tier in TIERS.items() if sn_tier_runs(<sn_tier><int>tier))
        raise ValueError(f"SN89_SIMD must be one of {running} on this machine, not {forced!r}")
    return forced


# The tier of processors whose loops are used, chosen once. SN89_SIMD in the environment forces another; the first net
# raises the error if there is no such tier, because an error within an import would take more than one line.
simd = os.environ.get("SN89_SIMD") or choose_simd()


cdef class _Declaration:
    """An sn_declaration that passed sn_check, with the memory that it points to."""

    cdef sn_declaration c
    cdef bytearray layers
    cdef list kept

    def __cinit__(self, input, layers, squashes, cost):
        self.kept = []
        self.layers = bytearray(len(layers) * sizeof(sn_layer))
        cdef sn_layer *c = <sn_layer *><char *>self.layers
        for i, (layer, squash) in enumerate(zip(layers, squashes, strict=True)):
            self.fill(&c[i], layer, squash)
        self.c.input = sn_shape(input.maps, input.height, input.width)
        self.c.background = input.background
        self.c.count = len(layers)
        self.c.layers = c
        self.c.cost.kind = COSTS[cost.kind]
        self.c.cost.j = cost.constant
        self.judge(max((len(layer.name.encode()) for layer in layers), default=0))

    cdef int judge(self, Py_ssize_t longest_name) except -1:
        cdef bytearray sentence = bytearray(512 + longest_name)
        if not sn_check(&self.c, sentence, len(sentence)):
            raise ValueError(sentence.partition(b"\0")[0].decode())
        return 0

    cdef int fill(self, sn_layer *c, layer, squash) except -1:
        name = layer.name.encode()
        self.kept.append(name)
        c.name = name
        c.kind = KINDS[layer.kind]
        c.squash.kind = SQUASHES[squash.kind]
        c.squash.amplitude, c.squash.slope, c.squash.linear = squash.constants
        if c.kind == SN_LOCAL:
            self.fill_local(c, layer)
        elif c.kind == SN_AVERAGE:
            c.kernel = layer.size
        elif c.kind == SN_FULL:
            c.maps = layer.units
        elif c.kind == SN_DROPOUT:
            c.rate = layer.rate
        else:
            self.fill_prototypes(c, layer.prototypes)
        return 0

    cdef int fill_local(self, sn_layer *c, layer) except -1:
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

    cdef int fill_prototypes(self, sn_layer *c, const float[:, ::1] prototypes) except -1:
        self.kept.append(prototypes)
        c.maps, c.inputs = prototypes.shape[0], prototypes.shape[1]
        c.prototypes = &prototypes[0, 0] if prototypes.shape[0] and prototypes.shape[1] else NULL
        return 0

    cdef const int *keep_ints(self, list numbers) except? NULL:
        cdef const int[::1] view = array("i", numbers or [0])
        self.kept.append(view)
        return &view[0]


def size(input, layers, squashes, cost):
    """Bytes of memory that a net would take, and how many parameters it would have."""
    cdef _Declaration declaration = _Declaration(input, layers, squashes, cost)
    cdef int64_t parameters
    cdef size_t taken = sn_size(&declaration.c, &parameters)
    if taken == 0:
        raise MemoryError("not enough memory for this net")
    return taken, parameters
