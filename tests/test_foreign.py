"""Nets that were trained elsewhere: the same outputs here, and a clear word about whatever is not as it should be.

Hostile files of PyTorch are in ``test_foreign_files.py``.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hardening.fuzz_foreign import one_input
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from reference import same

import sn89
from sn89.foreign import from_json, from_pytorch
from sn89.foreign.filling import LARGEST_FILE
from sn89.foreign.jsonfile import from_text

GOLDEN = Path(__file__).parent / "golden"
SHAPES = {
    **{"H1w": (12, 1, 5, 5), "H1b": (12, 8, 8), "H2w": (12, 8, 5, 5), "H2b": (12, 4, 4)},
    **{"H3w": (192, 30), "H3b": (30,), "outw": (30, 10), "outb": (10,)},
}

#: What float32 allows: over 60 such nets torch's own outputs are off by up to 1.1e-6, its logits, up to 7, by 2.1e-6.
ROUNDING = {False: {"atol": 1.5e-6, "rtol": 0}, True: {"atol": 2e-6, "rtol": 1e-6}}


def drawn(seed: int) -> dict[str, np.ndarray]:
    """Parameters of the reproduction: weights from where it starts, +-2.4/sqrt(fan-in), biases +-0.5."""
    random, inputs = np.random.default_rng(seed), {"H1w": 25, "H2w": 200, "H3w": 192, "outw": 30}
    spread = {name: 2.4 / inputs[name] ** 0.5 if name in inputs else 0.5 for name in SHAPES}
    return {name: random.uniform(-x, x, SHAPES[name]).astype(np.float32) for name, x in spread.items()}


def digits(count: int, seed: int) -> np.ndarray:
    """Images like those of USPS: in [-1, 1], half of them background."""
    return np.random.default_rng(seed).uniform(-3, 1, (count, 16, 16)).clip(-1).astype(np.float32)


def convolved(planes: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Planes (n, sources, height, width) with a border of two at -1, under kernels with a stride of two."""
    bordered = np.pad(planes, ((0, 0), (0, 0), (2, 2), (2, 2)), constant_values=-1)
    fields = sliding_window_view(bordered, (5, 5), axis=(2, 3))[:, :, ::2, ::2]
    return np.einsum("nsrcij,msij->nmrc", fields, kernels)


def reproduction(parameters: dict, images: np.ndarray, *, modern: bool = False) -> np.ndarray:
    """The forward pass of repro.py, or of modern.py, in float64."""
    p = {name: np.asarray(array, np.float64) for name, array in parameters.items()}
    squash = (lambda a: np.maximum(a, 0)) if modern else np.tanh
    x = squash(convolved(images.astype(np.float64)[:, None], p["H1w"]) + p["H1b"])
    first = convolved(x[:, 0:8], p["H2w"][0:4])
    second = convolved(x[:, 4:12], p["H2w"][4:8])
    third = convolved(np.concatenate([x[:, 0:4], x[:, 8:12]], axis=1), p["H2w"][8:12])
    x = squash(np.concatenate([first, second, third], axis=1) + p["H2b"]).reshape(len(images), -1)
    x = squash(x @ p["H3w"] + p["H3b"])
    x = x @ p["outw"] + p["outb"]
    return x if modern else np.tanh(x)


def as_json(parameters: dict[str, np.ndarray], flat: bool = False) -> dict:
    """The same numbers in the form that from_json reads."""

    def listed(array: np.ndarray) -> list:
        return array.ravel().tolist() if flat else array.tolist()

    return {
        layer: {
            "weights": listed(parameters[f"{ours}w"].T if parameters[f"{ours}w"].ndim == 2 else parameters[f"{ours}w"]),
            "bias": listed(parameters[f"{ours}b"]),
        }
        for layer, ours in (("H1", "H1"), ("H2", "H2"), ("H3", "H3"), ("output", "out"))
    }


def as_text(parameters: dict[str, np.ndarray]) -> bytes:
    return json.dumps(as_json(parameters)).encode()


HOW = {False: {}, True: {"modern": True, "squash": sn89.ReLU()}}

# ---- the same outputs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["torch2022.pt", "torch2022_views.pt"])
@pytest.mark.parametrize("modern", [False, True])
def test_a_file_of_torch_gives_torchs_outputs(file, modern):
    net = from_pytorch(GOLDEN / file, **HOW[modern])
    with np.load(GOLDEN / "torch2022.npz") as golden:
        same("outputs", net(golden["images"]), golden["logits" if modern else "outputs"], **ROUNDING[modern])


@pytest.mark.parametrize("modern", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_mapping_gives_the_outputs_of_the_reproduction(modern, seed):
    parameters, images = drawn(seed), digits(20, seed)
    net = from_pytorch(parameters, **HOW[modern])
    checkpoint = from_pytorch({"epoch": 3, "model_state_dict": parameters}, **HOW[modern])
    assert checkpoint.parameters.tobytes() == net.parameters.tobytes()
    expected = reproduction(parameters, images, modern=modern)
    same("outputs", net(images), expected, **ROUNDING[modern])
    same("outputs of one", net(images[3]), expected[3], **ROUNDING[modern])


@pytest.mark.parametrize("flat", [False, True])
def test_json_gives_the_outputs_of_the_reproduction(tmp_path, flat):
    parameters, images = drawn(4), digits(20, 4)
    (tmp_path / "net.json").write_text(json.dumps({"squash": "tanh", **as_json(parameters, flat)}, indent=2))
    net = from_json(tmp_path / "net.json")
    same("outputs", net(images), reproduction(parameters, images), **ROUNDING[False])
    assert net.parameters.tobytes() == from_pytorch(parameters).parameters.tobytes()


def test_what_torch_itself_writes_and_computes(tmp_path):
    torch = pytest.importorskip("torch")
    parameters, images = drawn(5), digits(10, 5)
    tensors = {name: torch.from_numpy(array) for name, array in parameters.items()}
    x, relu = torch.from_numpy(images)[:, None], torch.nn.functional.relu

    def over(x, kernels):
        return torch.nn.functional.conv2d(torch.nn.functional.pad(x, (2, 2, 2, 2), value=-1.0), kernels, stride=2)

    x = relu(over(x, tensors["H1w"]) + tensors["H1b"])
    groups = x[:, 0:8], x[:, 4:12], torch.cat((x[:, 0:4], x[:, 8:12]), dim=1)
    x = torch.cat([over(group, w) for group, w in zip(groups, tensors["H2w"].split(4), strict=True)], dim=1)
    x = relu(relu(x + tensors["H2b"]).flatten(1) @ tensors["H3w"] + tensors["H3b"]) @ tensors["outw"] + tensors["outb"]
    for made in (tensors, {name: torch.nn.Parameter(tensor) for name, tensor in tensors.items()}):
        torch.save(made, tmp_path / "net.pt")
        net = from_pytorch(tmp_path / "net.pt", **HOW[True])
        same("logits", net(images), x.numpy(), **ROUNDING[True])
        assert net.parameters.tobytes() == from_pytorch(parameters).parameters.tobytes()


PREFIXES = ["", "module.", "_orig_mod.", "model.", "_orig_mod.module.", "net.0."]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_wrappers_put_before_names_is_left_out(tmp_path, prefix):
    """DataParallel, torch.compile, Lightning; and files of safetensors."""
    parameters = drawn(8)
    named = {prefix + name: array for name, array in parameters.items()}
    (tmp_path / "net.safetensors").write_bytes(safetensors.numpy.save(named))
    expected = from_pytorch(parameters).parameters.tobytes()
    for source in (named, tmp_path / "net.safetensors"):
        assert from_pytorch(source).parameters.tobytes() == expected


def bfloat16(array: np.ndarray) -> bytes:
    """The upper halves of float32, by hand."""
    return (np.ascontiguousarray(array, "<f4").view("<u4") >> 16).astype("<u2").tobytes()


@pytest.mark.parametrize("kind", ["F16", "BF16", "F64"])
def test_safetensors_of_other_precision(tmp_path, kind):
    parameters, close = drawn(9), {"F16": 1e-3, "BF16": 1e-2, "F64": 1e-7}[kind]
    made = {"F16": lambda x: x.astype("<f2").tobytes(), "BF16": bfloat16, "F64": lambda x: x.astype("<f8").tobytes()}
    told, data = {}, b""
    for name, array in parameters.items():
        content = made[kind](array)
        places = [len(data), len(data) + len(content)]
        told[name], data = {"dtype": kind, "shape": list(array.shape), "data_offsets": places}, data + content
    header = json.dumps(told).encode()
    (tmp_path / "net").write_bytes(len(header).to_bytes(8, "little") + header + data)
    found, net = from_pytorch(tmp_path / "net").parameters, from_pytorch(parameters)
    assert 0 < np.abs(found - net.parameters).max() <= close or kind == "F64"
    same("parameters", found, net.parameters, atol=close, rtol=0)


def test_safetensors_that_are_not_right_are_refused_by_name(tmp_path):
    path = tmp_path / "net.safetensors"
    path.write_bytes(safetensors.numpy.save({"H1w": np.zeros(3, np.int8)}))
    with pytest.raises(ValueError, match="'H1w' has the type I8; only F16, BF16, F32, F64 are read"):
        from_pytorch(path)
    path.write_bytes(safetensors.numpy.save(drawn(1))[:-5])
    with pytest.raises(ValueError, match=r"net\.safetensors: this is not a whole safetensors file"):
        from_pytorch(path)
    sn89.save(sn89.nets.zip_code(), path)
    with pytest.raises(ValueError, match=r"a net of sn89 itself: read its file with sn89\.load"):
        from_pytorch(path)


def test_the_activation_of_a_modern_net_is_asked_for():
    with pytest.raises(
        ValueError, match=r"must be given, because the file does not show it: use squash=sn89\.ReLU\(\)"
    ):
        from_pytorch(drawn(6), modern=True)
    for gelu in ("gelu", "GELU", type("GELU", (), {})()):
        with pytest.raises(ValueError, match="a net with GELU cannot be read"):
            from_pytorch(drawn(6), modern=True, squash=gelu)
    with pytest.raises(TypeError, match=r"squash must be a Squash, one of sn89\.ScaledTanh, .*, not 'relu'"):
        from_pytorch(drawn(6), modern=True, squash="relu")
    assert from_pytorch(drawn(6), modern=True, squash=sn89.Tanh()).squash == sn89.Tanh()
    assert from_pytorch(drawn(6), squash=sn89.ReLU()).squash == sn89.ReLU()


def test_the_nets_are_those_of_the_scripts():
    net, modern = from_pytorch(drawn(6)), from_pytorch(drawn(6), **HOW[True])
    assert net.squash == sn89.Tanh()
    assert net.cost == sn89.HalfSquaredError()
    assert net.name == "zip-code net (2022)"
    assert net.connections == 64660
    assert (modern.squash, modern.cost) == (sn89.ReLU(), sn89.SoftmaxCrossEntropy())
    assert modern["dropout"].declaration.rate == 0.25
    same("H3", net["H3"].weights, drawn(6)["H3w"].T, atol=0, rtol=0)
    assert from_text(as_text(drawn(6)), "x").name == "zip-code net (2026)"


def test_a_brought_in_net_learns_on():
    net, X = from_pytorch(drawn(7)), digits(10, 7)
    history = sn89.train(net, X, np.arange(10), rule=sn89.SGD(0.006), passes=5, progress=False)
    assert history.train[-1].cost < history.train[0].cost


# ---- mappings that are not right -----------------------------------------------------------------------------

WRONG = {
    "missing": ({"H2b": None, "outb": None}, "the mapping: H2b, outb missing; there must be H1w, H1b, H2w"),
    "others": (
        dict.fromkeys(SHAPES) | {"fc.weight": np.zeros(3)},
        f"the mapping: these are not the arrays of the net of 2022, {', '.join(SHAPES)}, but 'fc.weight': declare",
    ),
    "unknown": ({"fc.weight": np.zeros(3)}, "the mapping: 'fc.weight' is not known; there must be H1w"),
    "shape": ({"H3w": np.zeros((30, 192))}, "the mapping: H3w must have the shape (192, 30), not (30, 192)"),
    "size": ({"H1b": np.zeros((12,))}, "the mapping: H1b must have the shape (12, 8, 8), not (12,)"),
    "nan": ({"outb": [0] * 9 + [math.nan]}, "the mapping: outb must be finite in float32, but it is not at (9,)"),
    "large": ({"outb": [0, 1e39] + [0] * 8}, "the mapping: outb must be finite in float32, but it is not at (1,)"),
    "text": ({"outb": ["0"] * 10}, "the mapping: outb must hold real numbers, not <U1"),
    "objects": ({"outb": [None] * 10}, "the mapping: outb must hold real numbers, not object"),
    "complex": ({"outb": [1j] * 10}, "the mapping: outb must hold real numbers, not complex128"),
    "bools": ({"outb": [True] * 10}, "the mapping: outb must hold real numbers, not bool"),
    "ragged": ({"outb": [[1], [1, 2]]}, "the mapping: outb must be an array of shape (10,): "),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_mapping_is_refused(change, message):
    parameters = {name: array for name, array in (drawn(8) | change).items() if array is not None}
    with pytest.raises(ValueError, match=r"^the mapping: ") as caught:
        from_pytorch(parameters)
    assert str(caught.value).startswith(message)


def test_neither_mapping_nor_path():
    with pytest.raises(TypeError, match=r"^source must be a mapping of names to arrays, or a path, not int$"):
        from_pytorch(3)
    with pytest.raises(TypeError, match=r"^path must be a path, not dict$"):
        from_json({})


@pytest.mark.parametrize("read", [from_json, from_pytorch])
def test_a_file_that_is_not_there_or_too_large(tmp_path, read):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read(tmp_path / "nowhere")
    with open(tmp_path / "large", "wb") as file:
        file.truncate(2**24)
    with pytest.raises(
        ValueError, match=r"large: the file has more than 2,097,152 bytes, far more than a zip-code net takes$"
    ):
        read(tmp_path / "large")


# ---- JSON that is not right ----------------------------------------------------------------------------------


def changed(*path_and_value: object) -> bytes:
    """The JSON of a good net with one entry replaced, or left out where the value is `...`."""
    *path, last, value = path_and_value
    whole = place = as_json(drawn(9))
    for key in path:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return json.dumps(whole).encode()


BAD_JSON = {
    "empty": (b"", "f: the file cannot be read as JSON: Expecting value"),
    "text": (b"\xff\xfe", "f: the file cannot be read as JSON: 'utf-8' codec can't decode byte 0xff"),
    "cut": (changed("H1", {})[:-5], "f: the file cannot be read as JSON: Expecting"),
    "deep": (b"[" * 1000000, "f: the file cannot be read as JSON: it is nested too deeply"),
    "deep objects": (b'{"":' * 100000, "f: the file cannot be read as JSON: it is nested too deeply"),
    "NaN": (
        b'{"H1": NaN}',
        "f: the file cannot be read as JSON: NaN is not allowed in JSON: all numbers must be finite",
    ),
    "Infinity": (b"[-Infinity]", "f: the file cannot be read as JSON: -Infinity is not allowed in JSON"),
    "twice": (b'{"H1": 1, "H1": 2}', "f: the file cannot be read as JSON: 'H1' comes twice in one object"),
    "a list": (b"[]", "f: its content must be an object, not a list"),
    "null": (b"null", "f: its content must be an object, not null"),
    "no H2": (changed("H2", ...), "f: H2 missing; there must be H1, H2, H3, output"),
    "H4": (changed("H4", {}), "f: 'H4' is not known; there must be H1, H2, H3, output, and no more"),
    "long name": (changed("H" * 10**6, {}), f"f: '{'H' * 27}...{'H' * 28}' is not known"),
    "squash": (changed("squash", "relu"), "f: squash must be \"tanh\", not 'relu'"),
    "no object": (changed("H3", 3), "f: H3 must be an object, not a number"),
    "no bias": (changed("output", "bias", ...), "f: output: bias missing; there must be weights, bias"),
    "more": (changed("H1", "stride", 2), "f: H1: 'stride' is not known; there must be weights, bias, and no more"),
    "no list": (changed("H3", "bias", "x"), "f: H3.bias must be a list of 30, not a string"),
    "too few": (
        changed("H3", "bias", [0] * 29),
        "f: H3.bias must have 30 numbers, flat or nested as (30,), no",
    ),
    "count": (changed("H1", "weights", [0] * 301), "f: H1.weights must have 300 numbers, flat or nested as (1"),
    "none": (changed("H1", "weights", []), "f: H1.weights must have 300 numbers, flat or nested as (12, 1, 5"),
    "rows": (changed("H1", "weights", 3, 0, [[0] * 5] * 4), "f: H1.weights[3][0] must be a list of 5, not of 4"),
    "ragged": (changed("H1", "weights", 3, 0, 2, 7), "f: H1.weights[3][0][2] must be a list of 5, not a number"),
    "too deep": (changed("H1", "weights", 3, 0, 2, 1, [7]), "f: H1.weights[3][0][2][1] must be a number, not a list"),
    "true": (changed("H3", "weights", 3, 4, True), "f: H3.weights[3][4] must be a number, not true or false"),
    "a string": (changed("H3", "weights", 3, 4, "1"), "f: H3.weights[3][4] must be a number, not a string"),
    "mixed": (changed("output", "bias", 4, [1]), "f: output.bias[4] must be a number, not a list"),
    "1e400": (changed("H3", "bias", 2, 1e308).replace(b"e+308", b"e400"), "f: H3.bias must be finite in float32, but"),
    "1e39": (changed("H3", "bias", 2, 1e39), "f: H3.bias must be finite in float32, but it is not at (2,)"),
    "digits": (
        changed("H3", "bias", 2, 1e308).replace(b"1e+308", b"1" * 10**6),
        "f: H3.bias must be finite in float32",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD_JSON.values(), ids=BAD_JSON)
def test_wrong_json_is_refused(text, message):
    with pytest.raises(ValueError, match=r"^f: ") as caught:
        from_text(text, "f")
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 200


TEXT = as_text({name: array.round(1) for name, array in drawn(10).items()})


@settings(max_examples=60)
@given(st.integers(0, 100000), st.binary(max_size=3), st.integers(0, 4))
@example(0, b"", LARGEST_FILE)
def test_damaged_json_is_a_net_or_a_value_error(place, inserted, removed):
    text = TEXT[: place % len(TEXT)] + inserted + TEXT[place % len(TEXT) + removed :]
    one_input(text, "json")


def test_torch_is_not_imported():
    code = "import sys, sn89; print(*{'torch', 'sn89.foreign'}.intersection(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "sn89.foreign\n"
