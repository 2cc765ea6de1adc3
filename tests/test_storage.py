"""Files of nets: what is saved is loaded again, to the bit; what does not fit is refused, with the file's name."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hardening import fuzz_files
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as tensors_to_bytes

import sn89
from sn89 import RBF, Average, Dropout, Full, Input, Linear, Local, Net, ReLU, TanhLinear, storage
from sn89.atomic import write_whole

CORPUS = Path(fuzz_files.__file__).parent / "corpus"
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def every_kind() -> Net:
    return Net(
        Input(9, 8, background=0.25, maps=2),
        Local(
            "C1", 3, (3, 2), (2, 1), (1, 0), "unit", [[0], [0, 1], [1]], background=0.5, squash=TanhLinear(0.7, 0.05)
        ),
        Local("C2", 2, 2, shared=False, bias=None, squash=ReLU()),
        Average("S3", (2, 3)),
        Dropout("D", 0.25),
        Full("F4", 5, squash=Linear()),
        RBF("output", np.random.default_rng(1).choice([-1.0, 1.0], size=(4, 5))),
        squash=sn89.ScaledTanh(1.5, 0.5),
        cost=sn89.RBFDiscriminative(3.0),
        start=sn89.BySqrtFanIn(1.25),
        seed=2**64 - 1,
        name='äöü "quoted" \n',
    )


NETS = {
    "every kind": every_kind,
    "zip-code": sn89.nets.zip_code,
    "LeNet-1": sn89.nets.lenet1,
    "softmax": sn89.nets.lenet1_softmax,
    "LeNet-5": sn89.nets.lenet5,
}


def declaration(net: Net) -> tuple:
    return (net.input, *net.layers, net.squash, net.cost, net.start, net.seed, net.name)


@pytest.fixture
def net() -> Net:
    return Net(Input(4, 4), Local("H1", 2, 3), Full("output", 3), seed=7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


# ---- there and back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", NETS.values(), ids=NETS)
def test_a_net_comes_back_as_it_was(make, path):
    net = make()
    net.parameters[:] = np.random.default_rng(2).normal(size=net.free_parameters)
    sn89.save(net, path)
    back = sn89.load(path)
    assert declaration(back) == declaration(net)
    assert back.parameters.tobytes() == net.parameters.tobytes()
    X = np.random.default_rng(3).uniform(-1, 1, (5, net.input.maps, net.input.height, net.input.width))
    assert back(X[:, 0] if net.input.maps == 1 else X).tobytes() == net(X[:, 0] if net.input.maps == 1 else X).tobytes()


def test_the_same_net_makes_the_same_bytes(tmp_path):
    for name in "ab":
        sn89.save(sn89.nets.lenet5(seed=5), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_bytes_are_those_that_the_library_of_safetensors_writes(path):
    from safetensors import safe_open
    from safetensors.numpy import save

    net = every_kind()
    net.delete([1, 5])
    sn89.save(net, path, provenance={"ü": '"\x7f\t'})
    with safe_open(path, "np") as file:
        again = save({name: file.get_tensor(name) for name in file.keys()}, file.metadata())  # noqa: SIM118
    assert path.read_bytes() == again


def test_any_reader_of_safetensors_finds_the_arrays_by_their_names(net, path):
    from safetensors.numpy import load_file

    sn89.save(net, path)
    found = load_file(path)
    assert found.keys() == net.arrays().keys()
    assert all(np.array_equal(found[name], array) for name, array in net.arrays().items())


def test_where_it_comes_from_is_kept(net, path):
    told = {"data": "USPS", "rule": repr(sn89.SGD(0.1)), "error": 0.05, "passes": 23}
    sn89.save(net, path, provenance=told)
    about = storage.about(path)
    assert about["provenance"] == {"sn89": sn89.__version__, **told}
    assert about["net"]["layers"][0]["name"] == "H1"
    assert about["format"] == 1


class Odd(sn89.Squash):
    kind = "tanh"


REFUSED_TO_SAVE = {
    "no net": (lambda net: None, {}, TypeError, "net must be a Net, not None"),
    "a squash of one's own": (
        lambda net: Net(net.input, *net.layers, squash=Odd()),
        {},
        TypeError,
        "only layers, functions and rules of sn89 itself can be written",
    ),
    "provenance is no dictionary": (lambda net: net, {"provenance": [1]}, TypeError, "provenance must be a dictionary"),
    "provenance is no JSON": (lambda net: net, {"provenance": {"a": {1}}}, TypeError, "provenance"),
    "provenance is infinite": (lambda net: net, {"provenance": {"a": np.inf}}, ValueError, "provenance"),
    "provenance is long": (lambda net: net, {"provenance": {"a": "x" * 2**24}}, ValueError, "more than 16777216 bytes"),
}


def test_who_names_the_path_first_is_told_that_it_is_no_net(net):
    with pytest.raises(TypeError, match=r"net must be a Net, not 'a.safetensors'"):
        sn89.save("a.safetensors", net)


@pytest.mark.parametrize(("change", "options", "kind", "words"), REFUSED_TO_SAVE.values(), ids=REFUSED_TO_SAVE)
def test_what_cannot_be_saved_leaves_the_file_that_was_there(net, path, change, options, kind, words):
    path.write_bytes(b"old")
    with pytest.raises(kind, match=words):
        sn89.save(change(net), path, **options)
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == [path.name]


def test_a_net_that_is_not_finite_is_not_saved(net, path):
    net["H1"].bias[1] = np.nan
    with pytest.raises(ValueError, match=r"H1\.bias is NaN or infinite somewhere"):
        sn89.save(net, path)
    assert not path.exists()


def test_importing_sn89_imports_no_safetensors():
    code = "import sn89, sys; sys.exit('safetensors' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- files that do not fit -----------------------------------------------------------------------------------------


def parts(net: Net) -> tuple[dict[str, np.ndarray], dict]:
    """The arrays of a net's file, and what is told of it."""
    from sn89.declaration import plain_net

    return {name: array.copy() for name, array in net.arrays().items()}, {"format": 1, "net": plain_net(net)}


def change(**nested):
    """A function that puts values at places such as net__layers__0__maps."""

    def apply(arrays: dict, told: dict) -> None:
        for place, value in nested.items():
            *steps, last = (int(step) if step.isdigit() else step for step in place.split("__"))
            inner = told
            for step in steps:
                inner = inner[step]
            if value is None:
                del inner[last]
            else:
                inner[last] = value

    return apply


def arrays(**named):
    """A function that sets or, if None, takes away arrays; two underscores are a dot."""

    def apply(there: dict, told: dict) -> None:
        for name, array in named.items():
            there.pop(name.replace("__", "."), None)
            if array is not None:
                there[name.replace("__", ".")] = array

    return apply


def zeros(*shape: int, dtype: type = np.float32) -> np.ndarray:
    return np.zeros(shape, dtype)


UNFIT = {
    "another version": (change(format=2), "reads only the format 1, not 2"),
    "no version": (change(format=None), "reads only the format 1, not None"),
    "no net": (change(net=None), "the net must be an object, not None"),
    "nothing of the cost": (change(net__cost=None), "the net has no 'cost'"),
    "too much": (change(net__more=1), "the net has an unknown 'more'"),
    "layers are no list": (change(net__layers=3), "layers must be a list, not 3"),
    "a layer is no object": (change(net__layers__0="H1"), 'layer must be an object with an entry "is"'),
    "no such layer": (change(net__layers__0__is="os.system"), "layer must be one of Local, .* not 'os.system'"),
    "a cost for a layer": (change(net__layers__0__is="HalfSquaredError"), "layer must be one of"),
    "a layer without its kernel": (change(net__layers__0__kernel=None), "layer has no 'kernel'"),
    "a layer with more": (change(net__layers__0__dilation=2), "layer has an unknown 'dilation'"),
    "a kernel of strings": (change(net__layers__0__kernel=["3", "3"]), "kernel must be a whole number"),
    "a bias of another kind": (change(net__layers__0__bias=["map"]), "bias must be"),
    "a table that fits nothing": (change(net__layers__0__table=[[0], [1]]), 'layer "H1": '),
    "an endless squash": (change(net__squash__slope=1e999), "slope must be finite"),
    "a squash of no kind": (change(net__squash__is="exec"), "squash must be one of"),
    "a cost of no kind": (change(net__cost={"is": []}), 'cost must be an object with an entry "is"'),
    "a name of a number": (change(net__name=3), "name must be a string"),
    "a seed below 0": (change(net__seed=-1), "seed must be at least 0"),
    "a larger net than there is": (
        change(net__layers__1__units=4),
        "has 56 parameters, but there are 47 in the file",
    ),
    "another kernel": (change(net__layers__0__kernel=[3, 2]), "parameters, but there are"),
    "an array missing": (arrays(H1__bias=None), "parameters, but there are"),
    "an array of another shape": (
        arrays(H1__weights=zeros(2, 3, 3)),
        r"H1\.weights must be an array of shape \(2, 1, 3, 3\)",
    ),
    "an array by another name": (
        arrays(H1__bias=None, H2__bias=zeros(2)),
        r"H1\.bias must be an array of shape \(2,\), but there is none",
    ),
    "an array too many": (arrays(more=zeros(3)), "an array 'more' that does not belong to its net"),
    "an array of doubles": (arrays(H1__bias=zeros(2, dtype=np.float64)), "'H1.bias' must be F32, not F64"),
    "not a number": (arrays(H1__bias=np.array([0, np.nan], np.float32)), "H1.bias must be finite"),
    "half a state": (arrays(curvature=zeros(4)), r"curvature must be an array of shape"),
    "an infinite state": (arrays(curvature=np.full(47, np.inf, np.float32)), "curvature must be finite"),
    "prototypes for nothing": (
        arrays(output__prototypes=zeros(3, 3)),
        "an array 'output.prototypes' that does not belong",
    ),
    "prototypes nowhere": (
        change(net__layers__1={"is": "RBF", "name": "output"}),
        "prototypes of RBF layer 'output' are not among the arrays",
    ),
    "a net too large for memory": (
        change(net__layers=[{"is": "Full", "name": "a", "units": 2**26}]),
        "parameters, but there are",
    ),
    "a net of large planes": (
        change(net__input__height=20000, net__input__width=10000, net__layers=[{"is": "Dropout", "name": "D"}]),
        "parameters, but there are",
    ),
}


@pytest.mark.parametrize(("spoil", "words"), UNFIT.values(), ids=UNFIT)
def test_a_file_that_does_not_fit_is_refused(net, path, spoil, words):
    there, told = parts(net)
    spoil(there, told)
    path.write_bytes(tensors_to_bytes(there, {"sn89": json.dumps(told)}))
    with pytest.raises(ValueError, match=words) as caught:
        sn89.load(path)
    assert str(path) in str(caught.value)


def test_what_was_not_spoiled_is_not_refused(net, path):
    there, told = parts(net)
    path.write_bytes(tensors_to_bytes(there, {"sn89": json.dumps(told)}))
    assert sn89.load(path).parameters.tobytes() == net.parameters.tobytes()


TEXTS = {
    "not JSON": ('{"format": 1', "the declaration of the net is not JSON"),
    "a list": ("[1]", "reads only the format 1, not None"),
    "deep": ("[" * 100_000, "nested too deeply|not JSON"),
    "a deep net": ('{"format":1,"net":' + '{"a":' * 900 + "1" + "}" * 901, "the net has"),
    "a long number": ('{"format":' + "9" * 5000 + "}", "not JSON"),
}


@pytest.mark.parametrize(("text", "words"), TEXTS.values(), ids=TEXTS)
def test_metadata_that_are_not_a_net_are_refused(path, text, words):
    path.write_bytes(tensors_to_bytes({"a": zeros(1)}, {"sn89": text}))
    with pytest.raises(ValueError, match=words):
        sn89.load(path)


BYTES = {
    "nothing": (b"", "it is not a whole safetensors file"),
    "a few": (b"abc", "it is not a safetensors file of a net"),
    "a header past the end": (struct.pack("<Q", 100) + b"{}", "it is not a whole safetensors file"),
    "an enormous header": (struct.pack("<Q", 2**62) + b"{}", "it is not a safetensors file of a net; sn89 train"),
    "no arrays and no net": (struct.pack("<Q", 2) + b"{}", "it holds arrays but no net of sn89"),
    "a pickle": (b"\x80\x04K\x01.", "it is not a safetensors file of a net"),
}


@pytest.mark.parametrize(("content", "words"), BYTES.values(), ids=BYTES)
def test_other_bytes_are_refused(path, content, words):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=words) as caught:
        sn89.load(path)
    assert str(path) in str(caught.value)


def test_a_net_larger_than_the_limit_is_refused_before_memory_is_taken(path, monkeypatch):
    there = {"D.weights": zeros(0)}
    told = parts(Net(Input(4, 4), Dropout("D"), Full("output", 2)))[1]
    told["net"]["input"] |= {"height": 4000, "width": 4000}
    told["net"]["layers"] = [{"is": "Dropout", "name": "D"}]
    path.write_bytes(tensors_to_bytes(there, {"sn89": json.dumps(told)}))
    monkeypatch.setattr("sn89.net.Core", None)
    with pytest.raises(ValueError, match=f"more than the limit of {2**28}"):
        sn89.load(path)


def test_the_limit_is_for_the_file_too_and_can_be_set(net, path):
    sn89.save(net, path)
    size = path.stat().st_size
    with pytest.raises(ValueError, match=f"it has {size} bytes, more than the limit of 1000"):
        sn89.load(path, limit=1000)
    with pytest.raises(ValueError, match="its net would take"):
        sn89.load(path, limit=size)
    assert sn89.load(path, limit=2**20).free_parameters == net.free_parameters
    with pytest.raises(ValueError, match="limit must be at least 1"):
        sn89.load(path, limit=0)


def test_a_file_that_is_not_there_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        sn89.load(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        sn89.load(tmp_path)


def whole_file() -> bytes:
    there, told = parts(Net(Input(4, 4), Local("H1", 2, 3), RBF("output", np.ones((2, 8)))))
    return tensors_to_bytes({**there, "output.prototypes": np.ones((2, 8), np.float32)}, {"sn89": json.dumps(told)})


WHOLE = whole_file()


def net_or_valueerror(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with suppress(ValueError):
        assert np.isfinite(sn89.load(path).parameters).all()


@SHARED
@given(length=st.integers(0, len(WHOLE) - 1))
def test_a_file_that_was_cut_off_is_refused(tmp_path, length):
    (tmp_path / "cut").write_bytes(WHOLE[:length])
    with pytest.raises(ValueError, match="cut"):
        sn89.load(tmp_path / "cut")


@SHARED
@given(where=st.integers(0, len(WHOLE) - 1), what=st.binary(min_size=1, max_size=6))
@example(where=0, what=b"")
def test_a_file_with_other_bytes_is_a_net_or_refused(tmp_path, where, what):
    net_or_valueerror(tmp_path / "other", WHOLE[:where] + what + WHOLE[where + len(what) :])


# ---- whole or not at all -------------------------------------------------------------------------------------------


def test_a_reader_never_sees_half_a_file(tmp_path):
    """Files of two kinds, each of one letter, and a reader in another process beside them."""
    path = tmp_path / "letters"
    write_whole(path, b"a" * 10000)
    code = (
        "import sys; from pathlib import Path; path, seen = Path(sys.argv[1]), set()\n"
        "while b'z' not in seen:\n"
        "    content = path.read_bytes()\n"
        "    if len(set(content)) != 1 or len(content) not in (10000, 300000): sys.exit('half a file')\n"
        "    if not seen: print('reading', flush=True)\n"
        "    seen.add(content[:1])\n"
        "sys.exit(seen != {b'a', b'b', b'z'})\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as reader:
        assert reader.stdout.readline() == b"reading\n"
        for i in range(150):
            write_whole(path, (b"b" * 300000, b"a" * 10000)[i % 2])
        write_whole(path, b"z" * 10000)
        assert reader.wait() == 0
    assert os.listdir(tmp_path) == ["letters"]


def test_a_folder_that_is_not_there_is_named(net, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        sn89.save(net, tmp_path / "nowhere" / "net")


@pytest.mark.parametrize("reader", fuzz_files.READERS)
def test_the_fuzzers_first_inputs(reader):
    files = sorted((CORPUS / reader).iterdir())
    assert files
    for file in files:
        fuzz_files.one_input(file.read_bytes(), reader)
        fuzz_files.one_input(file.read_bytes()[:-1], reader)


def test_the_fuzzers_notice_what_is_wrong(monkeypatch):
    monkeypatch.setattr(storage, "load", lambda path, limit: spoilt_net())
    with pytest.raises(RuntimeError, match="a net that is not finite"):
        fuzz_files.one_input(b"", "net")


def spoilt_net() -> Net:
    net = Net(Input(2, 2), Full("output", 1))
    net.parameters[:] = np.nan
    return net


def test_names_and_provenance_that_are_too_long_are_refused_before_anything_is_written(tmp_path, monkeypatch):
    """The history alone is left out rather than the net lost; see test_checkpoint.py."""
    monkeypatch.setattr(sn89.storage, "HEADER_LIMIT", 2**12)
    net = sn89.nets.fully_connected()
    (tmp_path / "net").write_bytes(b"before")
    with pytest.raises(ValueError, match="the net's declaration, names and provenance take more than 4096 bytes"):
        sn89.save(net, tmp_path / "net", provenance={"diary": "x" * 2**12})
    assert (tmp_path / "net").read_bytes() == b"before"
    sn89.save(net, tmp_path / "net")
    sn89.load(tmp_path / "net")
    monkeypatch.setattr(sn89.storage, "HEADER_LIMIT", 2**8)
    with pytest.raises(ValueError, match="it is not a safetensors file of a net"):
        sn89.load(tmp_path / "net")


@pytest.mark.parametrize("ending", [".keras", ".pt", ".PTH"])
def test_a_name_that_promises_another_file_is_refused(tmp_path, ending):
    with pytest.raises(ValueError, match=r"must end in \.safetensors"):
        sn89.save(sn89.nets.fully_connected(), tmp_path / f"net{ending}")
    assert not list(tmp_path.iterdir())
