"""Files of PyTorch that are broken or hostile: a net of finite weights or one ValueError that names the file, and
never more memory than a few times the file's size.
"""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hardening import fuzz_foreign
from hypothesis import given, settings
from hypothesis import strategies as st

from sn89.foreign import from_pytorch, torchfile
from sn89.foreign.pytorch import from_bytes

FOLDER = Path(__file__).parent
GOOD = (FOLDER / "golden" / "torch2022.pt").read_bytes()
with zipfile.ZipFile(io.BytesIO(GOOD)) as _archive:
    PARTS = {name.partition("/")[2]: _archive.read(name) for name in _archive.namelist()}
PICKLE = PARTS["data.pkl"]
NO_FILE = "f: the file cannot be read as PyTorch tensors: "


def zipped(changes: dict[str, bytes | None], folder: str = "net/", packing: int = zipfile.ZIP_STORED) -> bytes:
    """The good file with some parts changed, or left out where they are None."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in (PARTS | changes).items():
            if content is not None:
                archive.writestr(folder + name, content)
    return file.getvalue()


def replaced(old: bytes, new: bytes) -> bytes:
    """The good file with something else in its pickle, once."""
    assert old in PICKLE
    return zipped({"data.pkl": PICKLE.replace(old, new, 1)})


def pickled(operations: bytes) -> bytes:
    return zipped({"data.pkl": b"\x80\x02" + operations})


def refused(data: bytes) -> str:
    """What the one ValueError says about the file, after its name."""
    with pytest.raises(ValueError, match=r"^f: ") as caught:
        from_bytes(data, "f")
    message = str(caught.value)
    assert message.startswith(NO_FILE)
    assert len(message) < 400
    return message.removeprefix(NO_FILE)


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"
STORAGE = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"M\x2c\x01tQ"  # 300 numbers


def tensor(shape: bytes, strides: bytes, offset: bytes = b"K\0", storage: bytes = STORAGE) -> bytes:
    """A dict of one tensor, by hand."""
    return pickled(b"}" + text("H1w") + TENSOR + b"(" + storage + offset + shape + strides + b"\x89)tRs.")


def test_the_hand_made_files_are_good_before_they_are_changed():
    assert from_bytes(zipped({}), "f").parameters.tobytes() == from_bytes(GOOD, "f").parameters.tobytes()
    views = torchfile.tensors(tensor(b"K\x03K\x02\x86", b"K\x05K\x07\x86", b"K\x0b"), "f")
    numbers = np.frombuffer(PARTS["data/0"], "<f4")
    assert views["H1w"].tolist() == [[float(numbers[11 + 5 * i + 7 * j]) for j in range(2)] for i in range(3)]
    assert not views["H1w"].flags.writeable


def test_big_endian_files_are_read_and_old_ones_say_nothing_of_it():
    numbers = {name: part for name, part in PARTS.items() if name.startswith("data/")}
    swapped = {name: np.frombuffer(part, "<f4").astype(">f4").tobytes() for name, part in numbers.items()}
    big = from_bytes(zipped(swapped | {"byteorder": b"big"}), "f")
    assert big.parameters.tobytes() == from_bytes(zipped({"byteorder": None}), "f").parameters.tobytes()


@pytest.mark.parametrize(
    ("storage", "kind"), [("HalfStorage", "<f2"), ("BFloat16Storage", ">u2"), ("DoubleStorage", "<f8")]
)
def test_other_precision_and_checkpoints_are_read(storage, kind):
    """bfloat16 are the upper halves of float32; here they are in the order of big machines."""
    parts = {name: np.frombuffer(part, "<f4") for name, part in PARTS.items() if name.startswith("data/")}
    halves = kind == ">u2"
    made = {name: ((part.view("<u4") >> 16) if halves else part).astype(kind) for name, part in parts.items()}
    pickle = PICKLE.replace(b"FloatStorage", storage.encode())
    parts = {name: part.tobytes() for name, part in made.items()}
    good = from_bytes(GOOD, "f").parameters
    found = from_bytes(zipped({**parts, "data.pkl": pickle, "byteorder": b"big" if halves else None}), "f")
    np.testing.assert_allclose(found.parameters, good, rtol=2**-7, atol=1e-6)
    inside = b"\x80\x02}" + text("epoch") + b"K\x07" + b"s" + text("state_dict") + PICKLE[2:-1] + b"s."
    assert from_bytes(zipped({"data.pkl": inside}), "f").parameters.tobytes() == good.tobytes()


# ---- the zip ---------------------------------------------------------------------------------------------------


def doubled() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("net/data.pkl", PICKLE)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("net/data.pkl", PICKLE)
    return file.getvalue()


def claiming(size: int) -> bytes:
    """A zip whose directory says that data/0 has another size, packed and not."""
    data = bytearray(zipped({}))
    entry = data.rindex(b"net/data/0") - 46
    struct.pack_into("<II", data, entry + 20, size, size)
    return bytes(data)


ZIPS = {
    "empty": (b"", "it is not a zip file, which torch.save has written since PyTorch 1.6"),
    "old form": (
        b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.",
        "it is not a zip file, which torch.save has written since",
    ),
    "cut": (GOOD[:-30], "File is not a zip file"),
    "checksum": (GOOD[:9000] + b"!!!!" + GOOD[9004:], "Bad CRC-32 for file"),
    "packed": (zipped({}, packing=zipfile.ZIP_DEFLATED), "its entry 'net/data.pkl' is packed, which torch.save never"),
    "no pickle": (zipped({"data.pkl": None}), "there must be one data.pkl in it, not 0"),
    "two pickles": (zipped({"a/data.pkl": b""}), "there must be one data.pkl in it, not 2"),
    "doubled": (doubled, "two of its entries have the same name"),
    "many": (zipped({f"{i}": b"" for i in range(1000)}), "it has 1,014 entries; at most 1,000 are read"),
    "huge": (claiming(2**31), "its entries are larger together than the file"),
    "larger": (claiming(1300), "its 'data/0' has 1,300 bytes, more than 1,200"),
    "no storage": (zipped({"data/3": None}), "it has no 'data/3'"),
    "byte order": (zipped({"byteorder": b"middle"}), "byteorder must be little or big, not b'middle'"),
    "long order": (zipped({"byteorder": b"little" * 9}), "its 'byteorder' has 54 bytes, more than 16"),
    "long pickle": (pickled(b"0" * 20000), "its 'data.pkl' has 20,002 bytes, more than 16,384"),
    "short storage": (zipped({"data/0": bytes(1196)}), "its data/0 has 1,196 bytes, not 1,200"),
    "long storage": (zipped({"data/0": bytes(1204)}), "its 'data/0' has 1,204 bytes, more than 1,200"),
}


@pytest.mark.parametrize(("data", "message"), ZIPS.values(), ids=ZIPS)
def test_a_zip_of_another_form_is_refused(data, message):
    assert refused(data() if callable(data) else data).startswith(message)


def test_the_message_names_the_file(tmp_path):
    (tmp_path / "net.pt").write_bytes(b"PK\x03\x04")
    with pytest.raises(ValueError, match=r"net\.pt: the file cannot be read as PyTorch tensors: File is not a zip"):
        from_pytorch(tmp_path / "net.pt")
    with pytest.raises(ValueError, match=r"net\.pt: the file cannot be read as PyTorch tensors"):
        from_pytorch(bytes(tmp_path / "net.pt"))


# ---- the pickle ------------------------------------------------------------------------------------------------

MANY_DIGITS = b"\x8a\xff" + b"\x7f" * 255
PICKLES = {
    "empty": (zipped({"data.pkl": b""}), "its pickle is damaged: "),
    "cut": (zipped({"data.pkl": PICKLE[:-1]}), "its pickle is damaged: "),
    "protocol": (replaced(b"\x80\x02", b"\x80\x04"), "its pickle has protocol 4, but torch.save writes protocol 2"),
    "no dict": (pickled(b"]."), "it holds a list, not a dict of tensors"),
    "nothing": (pickled(b"."), "its pickle takes more from the stack than there is"),
    "a name": (pickled(b"ctorch\nFloatStorage\n."), "it holds 'torch.FloatStorage', not a dict of tensors"),
    "no tensor": (pickled(b"}" + text("a") + b"G?\xf0\0\0\0\0\0\0s."), "its 'a' is a number, not a tensor"),
    "checkpoint": (pickled(b"}" + text("a") + b"}s."), "its 'a' is a dict, not a tensor"),
    "none": (pickled(b"}" + text("a") + b"Ns."), "its 'a' is something else, not a tensor"),
    "double": (
        replaced(b"FloatS", b"CharS"),
        "it names 'torch.CharStorage', which is not known here: save floating-point numbers",
    ),
    "system": (pickled(b"cos\nsystem\n" + text("ls") + b"\x85R."), "it names 'os.system', which is not known here"),
    "eval": (pickled(b"cbuiltins\neval\n)R."), "it names 'builtins.eval', which is not known here"),
    "long name": (pickled(b"c" + b"x" * 9999 + b"\ny\n."), f"it names '{'x' * 27}...{'x' * 26}.y', which is"),
    "cut name": (pickled(b"cos\nsystem"), "its pickle is damaged: "),
    "no text": (pickled(b"c\xff\n\xff\n."), "its pickle is damaged: 'ascii' codec can't decode"),
    "call of text": (pickled(text("os.system") + b")R."), "its pickle calls text in another way than torch.save does"),
    "call of dict": (replaced(b")R", b"K\x01\x85R"), "its pickle calls 'collections.OrderedDict' in another way than"),
    "no storage": (
        pickled(TENSOR + b"(K\0K\0))tR."),
        "its pickle calls 'torch._utils._rebuild_tensor_v2' in another way",
    ),
    "build": (pickled(b"]}b."), "its pickle adds something to a value that is not a dict"),
    "build by list": (pickled(b"}]b."), "its pickle gives attributes to a value that has none"),
    "stack": (pickled(b"\x86."), "its pickle takes more from the stack than there is"),
    "no mark": (pickled(b"Nt."), "its pickle takes more from the stack than there is"),
    "past a mark": (pickled(b"N(\x85."), "its pickle takes more from the stack than there is"),
    "mark remembered": (pickled(b"(q\0."), "its pickle takes more from the stack than there is"),
    "memo": (pickled(b"h\x07."), "its pickle recalls value 7, which was never stored"),
    "large memo": (
        pickled(b")r\xff\xff\xff\xffj\xff\xff\xff\x7f."),
        "its pickle recalls value 2147483647, which was never",
    ),
    "append": (pickled(b"}Na."), "its pickle adds something to a value that is not a list"),
    "appends": (pickled(b"](NNe."), "it holds a list, not a dict of tensors"),
    "odd items": (pickled(b"}(NNNu."), "its pickle has a key without a value"),
    "tuple as key": (pickled(b"})Ns."), "a key in it is a tuple, not text"),
    "long text": (pickled(b"X\xff\xff\xff\xffab."), "its pickle is damaged: "),
    "bytearray": (pickled(b"\x96" + b"\xff" * 7 + b"\x0f."), "its pickle is damaged: "),
    "new object": (pickled(b")\x81."), "its pickle has the operation NEWOBJ, which torch.save does not use"),
    "long number": (pickled(b"}" + MANY_DIGITS + b"Ns."), "its 62871626394860568"),
    "own storage": (pickled(b"(" + text("storage") + b"tQ."), "its pickle has a storage of another form than torch.sa"),
    "cyclic id": (pickled(b"]q\0h\0ah\0\x85Q."), "its pickle has a storage of another form than torch.save's"),
    "negative storage": (replaced(b"M\x2c\x01", b"J\xff\xff\xff\xff"), "its pickle has a storage of another form"),
}
TENSORS = {
    "outside": (tensor(b"K\x03\x85", b"K\x64\x85", b"K\x64"), "'H1w' does not lie within its storage of 300 numbers"),
    "before": (tensor(b"K\x03\x85", b"K\1\x85", b"J\xff\xff\xff\xff"), "'H1w' does not lie within its storage of 300"),
    "backwards": (tensor(b"K\x03\x85", b"J\xff\xff\xff\xff\x85", b"K\x64"), "'H1w' has sizes or strides that its"),
    "expanded": (tensor(b"M\0\1M\0\1\x86", b"K\0K\0\x86"), "'H1w' does not lie within its storage of 300 numbers"),
    "no numbers": (tensor(b"K\0\x85", b"K\1\x85"), "'H1w' has sizes or strides that its storage of 300 numbers is to"),
    "huge": (tensor(MANY_DIGITS + b"\x85", b"K\1\x85"), "'H1w' has sizes or strides that its storage of 300 numbers"),
    "huge stride": (tensor(b"K\1\x85", MANY_DIGITS + b"\x85"), "'H1w' has sizes or strides that its storage of 300"),
    "strides": (tensor(b"K\2\x85", b")"), "'H1w' has 1 sizes and 0 strides; at most 8 are read"),
    "dimensions": (tensor(b"(" + b"K\1" * 9 + b"t", b"(" + b"K\1" * 9 + b"t"), "'H1w' has 9 sizes and 9 strides; at"),
    "text": (tensor(text("a") + b"\x85", b"K\1\x85"), "its pickle has a tensor whose sizes are not whole numbers"),
    "true": (tensor(b"\x88\x85", b"K\1\x85"), "its pickle has a tensor whose sizes are not whole numbers"),
    "elsewhere": (
        tensor(b"K\1\x85", b"K\1\x85", storage=STORAGE.replace(text("0"), text("../../x"))),
        "it has no 'data/../../x'",
    ),
}


@pytest.mark.parametrize(
    ("data", "message"), (PICKLES | TENSORS).values(), ids=[*PICKLES, *(f"a {t}" for t in TENSORS)]
)
def test_a_pickle_of_another_form_is_refused(data, message):
    assert refused(data).startswith(message)


def test_a_storage_of_two_sizes_is_refused():
    shorter = STORAGE.replace(b"M\x2c\x01", b"K\x05")
    one = TENSOR + b"(" + STORAGE + b"K\0K\1\x85K\1\x85\x89)tR"
    other = TENSOR + b"(" + shorter + b"K\0K\1\x85K\1\x85\x89)tR"
    message = refused(pickled(b"}(" + text("a") + one + text("b") + other + b"u."))
    assert message == "its pickle gives data/0 two lengths, 300 and 5 numbers"


def test_a_file_of_other_tensors_names_what_is_missing():
    with pytest.raises(ValueError, match=r"^f: H1b, H2w, .* missing; there must be H1w, H1b"):
        from_bytes(tensor(b"K\3\x85", b"K\1\x85"), "f")
    with pytest.raises(ValueError, match=r"^f: H1w must have the shape \(12, 1, 5, 5\), not \(12, 1, 4, 5\)$"):
        from_bytes(replaced(b"(K\x0cK\x01K\x05K\x05t", b"(K\x0cK\x01K\x04K\x05t"), "f")
    with pytest.raises(ValueError, match=r"^f: outb must be finite in float32, but it is not at \(1,\)$"):
        from_bytes(zipped({"data/7": np.float32([0, np.inf, *[0] * 8]).tobytes()}), "f")


# ---- time and memory -------------------------------------------------------------------------------------------

ROOM = 16000
BOMBS = {
    "dicts": b"}" * ROOM,
    "lists in one another": b"]" * ROOM + b"a" * 300,
    "tuples in one another": b")" + b"\x85" * ROOM,
    "tuples twice in one another": b")" + b"q\0h\0\x86" * (ROOM // 5),
    "such a key": b"})" + b"q\0h\0\x86" * (ROOM // 5) + b"Ns",
    "memos": b")" + b"".join(b"r" + struct.pack("<I", 2**32 - 1 - i) for i in range(ROOM // 5)),
    "numbers": (b"\x8a\xff" + b"\x7f" * 255) * (ROOM // 257),
    "marks": b"(" * ROOM,
    "a dict in itself": b"}q\0" + text("a") + b"h\0s",
    "storages": STORAGE * (ROOM // len(STORAGE)),
    "views": b"}("
    + b"".join(text(f"{i:03}") + TENSOR + b"(" + STORAGE + b"K\0M\x2c\1\x85K\1\x85\x89)tR" for i in range(99))
    + b"u",
}


@pytest.mark.parametrize("operations", BOMBS.values(), ids=BOMBS)
def test_no_file_takes_long_or_much(operations):
    data = pickled(operations + b".")
    tracemalloc.start()
    started = time.thread_time()
    try:
        with pytest.raises(ValueError, match=r"^f: "):
            from_bytes(data, "f")
        assert time.thread_time() - started < 2
        assert tracemalloc.get_traced_memory()[1] < 32 * len(data)
    finally:
        tracemalloc.stop()


bytes_changed = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4)


def flipped(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    damaged = bytearray(data)
    for place, bits in changes:
        damaged[place % len(damaged)] ^= bits
    return bytes(damaged)


@settings(max_examples=100)
@given(bytes_changed, st.integers(0, len(GOOD)))
def test_a_damaged_file_is_a_net_or_a_value_error(changes, end):
    fuzz_foreign.one_input(flipped(GOOD, changes))
    fuzz_foreign.one_input(GOOD[:end])
    directory = GOOD.rindex(b"PK\1\2", 0, GOOD.index(b"PK\1\2") + 4)
    fuzz_foreign.one_input(GOOD[:directory] + flipped(GOOD[directory:], changes))


@settings(max_examples=100)
@given(bytes_changed, st.integers(0, len(PICKLE)))
def test_a_damaged_pickle_is_a_net_or_a_value_error(changes, end):
    fuzz_foreign.one_input(zipped({"data.pkl": flipped(PICKLE, changes)}))
    fuzz_foreign.one_input(zipped({"data.pkl": PICKLE[:end]}))


@settings(max_examples=30)
@given(bytes_changed)
def test_damaged_numbers_are_a_net_or_a_value_error(changes):
    fuzz_foreign.one_input(zipped({"data/2": flipped(PARTS["data/2"], changes)}))


@pytest.mark.parametrize("reader", fuzz_foreign.READERS)
def test_the_fuzzers_first_inputs(reader):
    files = sorted((fuzz_foreign.CORPUS / reader).iterdir())
    assert len(files) >= 4
    for file in files:
        fuzz_foreign.one_input(file.read_bytes(), reader)


def test_the_fuzz_target_itself_can_fail(monkeypatch):
    from sn89.foreign import pytorch

    net = from_bytes(GOOD, "f")
    net.parameters[5] = np.nan
    monkeypatch.setattr(pytorch, "from_bytes", lambda data, what: net)
    with pytest.raises(RuntimeError, match=r"^a net that is none$"):
        fuzz_foreign.one_input(GOOD)
    monkeypatch.setattr(pytorch, "from_bytes", lambda data, what: {}["x"])
    with pytest.raises(KeyError):
        fuzz_foreign.one_input(GOOD)
    monkeypatch.setattr(pytorch, "from_bytes", lambda data, what: int("x"))
    with pytest.raises(RuntimeError, match=r"^a message that does not name the file"):
        fuzz_foreign.one_input(GOOD)
