"""A reader of the one kind of pickle that ``torch.save`` writes for tensors by name. It runs nothing.

Python's own unpicklers call what the file names; this is a stack machine that knows the few operations which occur in
such files, and makes numbers, text, tuples, lists, dicts and the values below of them. An operation takes at most as
much memory as a small object, and the bytes it reads from the file: none says how much is to be set aside, and no
object of the file is ever compared, hashed or shown but numbers and text, so that ones in one another cost nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from .filling import short


class Name(NamedTuple):
    """Something of Python's that the file names: never looked for, only compared."""

    module: str
    name: str

    def __str__(self) -> str:
        return short(f"{self.module}.{self.name}")


class Storage(NamedTuple):
    """A run of numbers of one kind, of those in `FLOATS`, in an entry of its own beside the pickle."""

    key: str
    length: int
    kind: str


class Tensor(NamedTuple):
    """Which numbers of a storage a tensor has: `offset` and `strides` are in numbers, not in bytes."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


_DICT = Name("collections", "OrderedDict")
_TENSOR = Name("torch._utils", "_rebuild_tensor_v2")
_PARAMETER = Name("torch._utils", "_rebuild_parameter")
#: The storages that are read, and what numbers they hold.
FLOATS = {
    Name("torch", "FloatStorage"): "F32",
    Name("torch", "HalfStorage"): "F16",
    Name("torch", "BFloat16Storage"): "BF16",
    Name("torch", "DoubleStorage"): "F64",
}
#: Under which of these keys training scripts keep the state dict among other things.
WITHIN = ("state_dict", "model_state_dict", "model")
_MARK = object()


def tensors_of(data: bytes) -> dict[str, Tensor]:
    """What the pickle of a dict of tensors says.

    Raises
    ------
    ValueError
        If it is a pickle of anything else, or none.
    """
    named = _Reader(data).result()
    if not isinstance(named, dict):
        raise ValueError(f"it holds {_kind(named)}, not a dict of tensors")
    named = next((named[key] for key in WITHIN if isinstance(named.get(key), dict)), named)
    for name, value in named.items():
        if not isinstance(value, Tensor):
            raise ValueError(f"its {short(name)} is {_kind(value)}, not a tensor")
    return named


class _Reader:
    """The stack machine. A mark is put on the stack itself; what stands above the last one is taken together."""

    def __init__(self, data: bytes) -> None:
        self._data, self._position = data, 0
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def result(self) -> Any:
        """What is left on the stack at the end."""
        while (operation := self._bytes(1)) != b".":
            if operation not in _OPERATIONS:
                raise ValueError(f"its pickle has the operation {operation!r}, which files of tensors do without")
            _OPERATIONS[operation](self)
        return self._pop()

    # -- What is read ---------------------------------------------------------------------------------------------

    def _bytes(self, count: int) -> bytes:
        start, self._position = self._position, self._position + count
        if self._position > len(self._data):
            raise ValueError("its pickle ends too early")
        return self._data[start : self._position]

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._bytes(struct.calcsize(form)))[0]

    def _line(self) -> str:
        end = self._data.find(b"\n", self._position)
        if end < 0:
            raise ValueError("its pickle ends too early")
        return self._bytes(end + 1 - self._position)[:-1].decode("utf-8")

    def protocol(self) -> None:
        if (protocol := self._number("<B")) != 2:
            raise ValueError(f"its pickle is of protocol {protocol}, not 2, which is torch.save's own")

    def number(self, form: str) -> None:
        self._stack.append(self._number(form))

    def long(self) -> None:
        self._stack.append(int.from_bytes(self._bytes(self._number("<B")), "little", signed=True))

    def text(self) -> None:
        self._stack.append(self._bytes(self._number("<I")).decode("utf-8"))

    def name(self) -> None:
        name = Name(self._line(), self._line())
        if name not in (_DICT, _TENSOR, _PARAMETER, *FLOATS):
            floats = name.name.endswith("Storage")
            alone = ": what is read are tensors by their names, torch.save(net.state_dict(), path)"
            more = ": only numbers with a point are read, as after net.float()" if floats else alone
            raise ValueError(f"it names {name}, which is not known here{more}")
        self._stack.append(name)

    # -- The stack and the memo -----------------------------------------------------------------------------------

    def _pop(self) -> Any:
        if not self._stack or self._stack[-1] is _MARK:
            raise ValueError("its pickle takes more from the stack than there is")
        return self._stack.pop()

    def _pop_marked(self) -> list[Any]:
        taken = []
        while self._stack and self._stack[-1] is not _MARK:
            taken.append(self._stack.pop())
        if not self._stack:
            raise ValueError("its pickle takes more from the stack than there is")
        self._stack.pop()
        return taken[::-1]

    def _top(self, kind: type) -> Any:
        if not self._stack or not isinstance(self._stack[-1], kind):
            raise ValueError(f"its pickle adds to what is not a {kind.__name__}")
        return self._stack[-1]

    def push(self, make: Callable[[], Any]) -> None:
        self._stack.append(make())

    def remember(self, form: str) -> None:
        number, value = self._number(form), self._pop()
        self._memo[number] = value
        self._stack.append(value)

    def recall(self, form: str) -> None:
        if (number := self._number(form)) not in self._memo:
            raise ValueError(f"its pickle recalls {number}, which was never remembered")
        self._stack.append(self._memo[number])

    # -- What is put together ---------------------------------------------------------------------------------------

    def tuple_of(self, count: int | None) -> None:
        if count is None:
            self._stack.append(tuple(self._pop_marked()))
        else:
            self._stack.append(tuple([self._pop() for _ in range(count)][::-1]))

    def append(self, marked: bool) -> None:
        values = self._pop_marked() if marked else [self._pop()]
        self._top(list).extend(values)

    def set_items(self, marked: bool) -> None:
        values = self._pop_marked() if marked else [self._pop(), self._pop()][::-1]
        if len(values) % 2:
            raise ValueError("its pickle has a key without a value")
        target = self._top(dict)
        for key, value in zip(values[::2], values[1::2], strict=True):
            if not isinstance(key, (str, int)):  # a tuple might take for ever to hash
                raise ValueError(f"a key in it is {_kind(key)}, not text")
            target[key] = value

    def build(self) -> None:
        """The attributes of a state dict: what `_metadata` says of it is not needed."""
        state = self._pop()
        if not isinstance(state, dict) or not isinstance(self._top(dict), dict):
            raise ValueError("its pickle gives attributes to what has none")

    def storage(self) -> None:
        match self._pop():
            case ("storage", Name() as kind, str(key), str(), int(count)) if kind in FLOATS and count >= 0:
                self._stack.append(Storage(key, count, FLOATS[kind]))
            case _:
                raise ValueError("its pickle has a storage of another form than torch.save's")

    def call(self) -> None:
        """What the file would call: stands for a dict, a tensor or a parameter, and nothing is called."""
        arguments, name = self._pop(), self._pop()
        match name, arguments:
            case Name("collections", "OrderedDict"), ():
                self._stack.append({})
            case Name("torch._utils", "_rebuild_tensor_v2"), (Storage() as s, int(o), tuple(sizes), tuple(strides), *_):
                if not all(type(number) is int for number in (o, *sizes, *strides)):
                    raise ValueError("its pickle has a tensor whose sizes are not whole numbers")
                self._stack.append(Tensor(s, o, sizes, strides))
            case Name("torch._utils", "_rebuild_parameter"), (Tensor() as tensor, *_):
                self._stack.append(tensor)
            case _:
                raise ValueError(f"its pickle calls {_kind(name)} in another way than torch.save does")


def _with(method: Callable[..., None], argument: Any) -> Callable[[_Reader], None]:
    return lambda reader: method(reader, argument)


_OPERATIONS: dict[bytes, Callable[[_Reader], None]] = {
    b"\x80": _Reader.protocol,
    b"c": _Reader.name,
    b"X": _Reader.text,
    b"K": _with(_Reader.number, "<B"),
    b"M": _with(_Reader.number, "<H"),
    b"J": _with(_Reader.number, "<i"),
    b"G": _with(_Reader.number, ">d"),
    b"\x8a": _Reader.long,
    b"N": _with(_Reader.push, lambda: None),
    b"\x88": _with(_Reader.push, lambda: True),
    b"\x89": _with(_Reader.push, lambda: False),
    b"(": _with(_Reader.push, lambda: _MARK),
    b")": _with(_Reader.push, tuple),
    b"]": _with(_Reader.push, list),
    b"}": _with(_Reader.push, dict),
    b"q": _with(_Reader.remember, "<B"),
    b"r": _with(_Reader.remember, "<I"),
    b"h": _with(_Reader.recall, "<B"),
    b"j": _with(_Reader.recall, "<I"),
    b"\x85": _with(_Reader.tuple_of, 1),
    b"\x86": _with(_Reader.tuple_of, 2),
    b"\x87": _with(_Reader.tuple_of, 3),
    b"t": _with(_Reader.tuple_of, None),
    b"a": _with(_Reader.append, False),
    b"e": _with(_Reader.append, True),
    b"s": _with(_Reader.set_items, False),
    b"u": _with(_Reader.set_items, True),
    b"b": _Reader.build,
    b"Q": _Reader.storage,
    b"R": _Reader.call,
}

_KINDS = {dict: "a dict", list: "a list", tuple: "a tuple", str: "text", int: "a number", float: "a number"}


def _kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return "a tensor"
    return str(value) if isinstance(value, Name) else _KINDS.get(type(value), "something else")
