"""Read the pickle in which ``torch.save`` describes tensors by name, without running anything.

Python's own unpickler calls the functions that a file names, and takes 2 GB of memory for a file of nine bytes that
stores a value under a large number. This stack machine knows only the few operations that occur in such files, and
makes numbers, text, tuples, lists, dicts and the values below of them. An operation takes no more memory than a small
object and its own bytes in the file. Objects of the file are never compared, hashed or shown, except numbers and text,
so that objects nested in one another cost nothing.
"""

import pickletools
from collections.abc import Callable
from typing import Any, NamedTuple

from .filling import short


class Name(NamedTuple):
    """A name in Python that the file mentions. It is only compared, never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return short(f"{self.module}.{self.name}")


class Storage(NamedTuple):
    """An array of numbers of one kind, a value of `FLOATS`, in an entry of its own beside the pickle."""

    key: str
    length: int
    kind: str


class Tensor(NamedTuple):
    """The part of a storage that a tensor shows; `offset` and `strides` count numbers, not bytes."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


_DICT = Name("collections", "OrderedDict")
_TENSOR = Name("torch._utils", "_rebuild_tensor_v2")
_PARAMETER = Name("torch._utils", "_rebuild_parameter")
#: The storages that are read, and the kinds of their numbers.
FLOATS = {
    Name("torch", "FloatStorage"): "F32",
    Name("torch", "HalfStorage"): "F16",
    Name("torch", "BFloat16Storage"): "BF16",
    Name("torch", "DoubleStorage"): "F64",
}
#: Keys under which training scripts keep the state dict beside other things.
WITHIN = ("state_dict", "model_state_dict", "model")
_MARK = object()


def tensors_of(data: bytes) -> dict[str, Tensor]:
    """The tensors in the pickle of a dict of tensors; a ValueError if it is anything else."""
    named = _Machine().run(data)
    if not isinstance(named, dict):
        raise ValueError(f"it holds {_kind(named)}, not a dict of tensors")
    named = next((named[key] for key in WITHIN if isinstance(named.get(key), dict)), named)
    for name, value in named.items():
        if not isinstance(value, Tensor):
            raise ValueError(f"its {short(name)} is {_kind(value)}, not a tensor")
    return named


class _Machine:
    """The stack machine. A mark lies on the stack itself; the values above the last mark are taken together."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        """The value on the stack at the end."""
        operations = pickletools.genops(data)
        while True:
            try:
                operation, argument, _ = next(operations)
            except ValueError as error:
                raise ValueError(f"its pickle is damaged: {error}") from None
            if operation.name == "STOP":
                return self.pop()
            if operation.name not in _OPERATIONS:
                raise ValueError(f"its pickle has the operation {operation.name}, which torch.save does not use here")
            _OPERATIONS[operation.name](self, argument)

    # -- The stack and the memo -----------------------------------------------------------------------------------

    def push(self, value: Any) -> None:
        self._stack.append(value)

    def pop(self) -> Any:
        if not self._stack or self._stack[-1] is _MARK:
            raise ValueError("its pickle takes more from the stack than there is")
        return self._stack.pop()

    def pop_marked(self) -> list[Any]:
        taken = []
        while self._stack and self._stack[-1] is not _MARK:
            taken.append(self._stack.pop())
        if not self._stack:
            raise ValueError("its pickle takes more from the stack than there is")
        self._stack.pop()
        return taken[::-1]

    def pop_many(self, count: int) -> list[Any]:
        return [self.pop() for _ in range(count)][::-1]

    def _top(self, kind: type) -> Any:
        if not self._stack or not isinstance(self._stack[-1], kind):
            raise ValueError(f"its pickle adds something to a value that is not a {kind.__name__}")
        return self._stack[-1]

    def remember(self, number: int) -> None:
        value = self.pop()
        self._memo[number] = value
        self.push(value)

    def recall(self, number: int) -> None:
        if number not in self._memo:
            raise ValueError(f"its pickle recalls value {number}, which was never stored")
        self.push(self._memo[number])

    # -- Values ----------------------------------------------------------------------------------------------------

    def protocol(self, protocol: int) -> None:
        if protocol != 2:
            raise ValueError(f"its pickle has protocol {protocol}, but torch.save writes protocol 2")

    def name(self, words: str) -> None:
        name = Name(*words.split(" ", 1))
        if name not in (_DICT, _TENSOR, _PARAMETER, *FLOATS):
            floats = name.name.endswith("Storage")
            alone = "save only tensors by their names, with torch.save(net.state_dict(), path)"
            more = "save floating-point numbers, as after net.float()" if floats else alone
            raise ValueError(f"it names {name}, which is not known here: {more}")
        self.push(name)

    def extend(self, values: list[Any]) -> None:
        self._top(list).extend(values)

    def set_items(self, values: list[Any]) -> None:
        if len(values) % 2:
            raise ValueError("its pickle has a key without a value")
        target = self._top(dict)
        for key, value in zip(values[::2], values[1::2], strict=True):
            if not isinstance(key, (str, int)):  # to hash a nested tuple might take for ever
                raise ValueError(f"a key in it is {_kind(key)}, not text")
            target[key] = value

    def build(self, _: None) -> None:
        """Take the attributes of a state dict, its `_metadata`, from the stack. They are not needed."""
        if not isinstance(self.pop(), dict) or not isinstance(self._top(dict), dict):
            raise ValueError("its pickle gives attributes to a value that has none")

    def storage(self, _: None) -> None:
        match self.pop():
            case ("storage", Name() as kind, str(key), str(), int(count)) if kind in FLOATS and count >= 0:
                self.push(Storage(key, count, FLOATS[kind]))
            case _:
                raise ValueError("its pickle has a storage of another form than torch.save's")

    def call(self, _: None) -> None:
        """Push the dict, tensor or parameter that a call would make. Nothing is called."""
        arguments, name = self.pop(), self.pop()
        match name, arguments:
            case Name("collections", "OrderedDict"), ():
                self.push({})
            case Name("torch._utils", "_rebuild_tensor_v2"), (Storage() as s, int(o), tuple(sizes), tuple(strides), *_):
                if not all(type(number) is int for number in (o, *sizes, *strides)):
                    raise ValueError("its pickle has a tensor whose sizes are not whole numbers")
                self.push(Tensor(s, o, sizes, strides))
            case Name("torch._utils", "_rebuild_parameter"), (Tensor() as tensor, *_):
                self.push(tensor)
            case _:
                raise ValueError(f"its pickle calls {_kind(name)} in another way than torch.save does")


#: The operations by their names in `pickletools`; each takes the machine and the argument in the file.
_OPERATIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": _Machine.protocol,
    "GLOBAL": _Machine.name,
    **dict.fromkeys(("BINUNICODE", "BININT1", "BININT2", "BININT", "BINFLOAT", "LONG1"), _Machine.push),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "MARK": lambda machine, _: machine.push(_MARK),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _Machine.remember),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), _Machine.recall),
    "TUPLE1": lambda machine, _: machine.push(tuple(machine.pop_many(1))),
    "TUPLE2": lambda machine, _: machine.push(tuple(machine.pop_many(2))),
    "TUPLE3": lambda machine, _: machine.push(tuple(machine.pop_many(3))),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.pop_marked())),
    "APPEND": lambda machine, _: machine.extend(machine.pop_many(1)),
    "APPENDS": lambda machine, _: machine.extend(machine.pop_marked()),
    "SETITEM": lambda machine, _: machine.set_items(machine.pop_many(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.pop_marked()),
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.storage,
    "REDUCE": _Machine.call,
}

_KINDS = {dict: "a dict", list: "a list", tuple: "a tuple", str: "text", int: "a number", float: "a number"}


def _kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return "a tensor"
    return str(value) if isinstance(value, Name) else _KINDS.get(type(value), "something else")
