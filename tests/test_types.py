"""Types: the extension's stub says what the extension has, and a user's type checker finds a user's mistakes.

That the package itself is clean is asked by ``.ci/run``, of one version of mypy: what is an error changes with it.
"""

import ast
import inspect
import os
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import sn89
from sn89 import _core

STUB = ast.parse((resources.files(sn89) / "_core.pyi").read_text("utf-8"))
CLASSES = {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")}
FUNCTIONS = {node.name: node for node in STUB.body if isinstance(node, ast.FunctionDef)}
METHODS = {
    f"{name}.{node.name}": node
    for name, one in CLASSES.items()
    for node in one.body
    if isinstance(node, ast.FunctionDef)
}


def is_property(node):
    return any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list)


def told(node):
    """The arguments that the stub tells of: their names, and the defaults of those that have one."""
    names = [one.arg for one in node.args.posonlyargs + node.args.args]
    defaults = [ast.literal_eval(one) for one in node.args.defaults]
    return [name for name in names if name not in ("self", "cls")], defaults


def there(function):
    """The same of what is there."""
    found = [one for one in inspect.signature(function).parameters.values() if one.name != "self"]
    found = [one for one in found if one.kind is not one.VAR_POSITIONAL]
    return [one.name for one in found], [one.default for one in found if one.default is not one.empty]


def public(owner):
    return {name for name in vars(owner) if not name.startswith("_")}


def test_the_stub_has_every_public_name():
    assert set(CLASSES) == {name for name, one in vars(_core).items() if inspect.isclass(one) and is_own(one)}
    assert set(FUNCTIONS) == {name for name in public(_core) if inspect.isroutine(getattr(_core, name))} - {
        "RLock",
        "monotonic",
        "sha256",
        "sleep",
    }
    values = {node.target.id for node in STUB.body if isinstance(node, ast.AnnAssign)}
    assert values == {"simd"}
    assert isinstance(_core.simd, str)


def is_own(one):
    return one.__module__ == _core.__name__ and not one.__name__.startswith("_")


@pytest.mark.parametrize("name", CLASSES)
def test_the_stub_has_every_public_attribute(name):
    said = {node.name for node in CLASSES[name].body if isinstance(node, ast.FunctionDef)}
    assert {one for one in said if not one.startswith("_")} == public(getattr(_core, name))
    for special in said & {"__enter__", "__exit__"}:
        assert hasattr(getattr(_core, name), special)


@pytest.mark.parametrize("name", [*FUNCTIONS, *METHODS])
def test_the_stub_has_every_argument(name):
    node = FUNCTIONS.get(name) or METHODS[name]
    owner, _, method = name.rpartition(".")
    if method in ("__new__", "__buffer__"):  # C has no names for theirs: the next two tests
        return
    if is_property(node):
        assert inspect.isdatadescriptor(vars(getattr(_core, owner))[method])
    elif method == "__init__":
        assert told(node) == from_docstring(getattr(_core, owner))
    else:
        assert told(node) == there(getattr(getattr(_core, owner), method) if owner else getattr(_core, name))


def from_docstring(made):
    """The arguments of a constructor, which Cython writes at the beginning of the docstring."""
    names, defaults = [], []
    for one in re.match(r"\w+\((.*)\)", made.__doc__)[1].split(", "):
        declared, _, default = one.partition("=")
        names.append(declared.split()[-1])
        defaults += [ast.literal_eval(default)] if default else []
    return names, defaults


def test_constructors_take_the_arguments_of_the_stub():
    net = sn89.Net(sn89.Input(2, 2), sn89.Full("output", 2))
    layers, squashes = net.layers, [net.squash]
    given = {"input": net.input, "layers": layers, "squashes": squashes, "cost": net.cost}
    core = _core.Core(**given)
    assert told(METHODS["Core.__new__"]) == (list(given), [])
    images, rows = np.zeros((1, 1, 2, 2), np.float32), np.eye(2, dtype=np.float32)
    given = {"core": core, "images": images, "targets": rows, "target": np.zeros(1, np.int64)}
    given["weights"] = np.ones(1, np.float32)
    assert _core.Patterns(**given).count == 1
    assert told(METHODS["Patterns.__new__"]) == (list(given), [None, None, None])
    for made, given in ((_core.Core, {"inputs": net.input}), (_core.Patterns, {"pictures": images})):
        with pytest.raises(TypeError, match="argument"):
            made(**given)


def test_a_vector_is_a_buffer():
    net = sn89.Net(sn89.Input(2, 2), sn89.Full("output", 2))
    assert memoryview(net._core.parameters).nbytes == net.parameters.nbytes


# ---- What a user's checker says -------------------------------------------------------------------------------------

PROGRAM = """\
import numpy as np
import sn89

net = sn89.Net(
    sn89.Input(16, 16, background=-1.0),
    sn89.Local("H1", maps=12, kernel=5, stride=(2, 2), pad=2, bias="unit"),
    sn89.Local("H2", maps=12, kernel=5, stride=2, pad=2, bias="unit", table=sn89.nets.EIGHT_OF_TWELVE),
    sn89.Full("H3", 30),
    sn89.Full("output", 10, squash=sn89.Linear()),
    cost=sn89.SoftmaxCrossEntropy(),
    seed=1989,
)
(X, y), (Xt, yt) = sn89.datasets.usps()
rule = sn89.LevenbergMarquardt([0.0005, 0.0001])
history = sn89.train(net, X, y, rule=rule, passes=23, test=(Xt, yt), order="shuffle")
error: float | None = history.test[-1].error
labels: np.ndarray = net.predict(Xt)
shape: tuple[int, int, int] = net["H1"].shape
net.parameters[:] = 0.0
for name, states in net.states(Xt[0]).items():
    print(name.upper(), states.max())
cost, gradient, curvature = net.derivatives(Xt[0], int(yt[0]))
sn89.save(net, "net.safetensors")
again: sn89.Net = sn89.load("net.safetensors")
sn89.plots.plot_report(net, history, Xt, yt).savefig("report.png")
"""

# One line each, and what is wrong with it.
MISTAKES = {
    'sn89.Local("H1", 12, 5, bias="units")': "arg-type",
    'sn89.Local("H1", maps="12", kernel=5)': "arg-type",
    'sn89.Local("H1", maps=12, kernel=(5, 5, 5))': "arg-type",
    'sn89.Full("H3", units=30, kernel=5)': "call-arg",
    'sn89.Net(sn89.Full("output", 10))': "arg-type",
    "sn89.Net(sn89.Input(16, 16), squash=sn89.SGD(0.1))": "arg-type",
    "sn89.train(net, X, y, rule=rule)": "call-arg",
    'sn89.train(net, X, y, rule=rule, passes=1, order="random")': "arg-type",
    'sn89.train(net, X, y, rule="SGD", passes=1)': "arg-type",
    "sn89.SGD(epsilon=0.1)": "call-arg",
    'net.derivatives(X[0], 1, "gauss-newton")': "arg-type",
    "net.paramters": "attr-defined",
    "net.units = 3": "misc",
    "rule.mu = 0.1": "misc",
    "1 + history.test[-1].error": "operator",
    'net["H1"].bias.sum()': "union-attr",
    "sn89.size_normalise(X[0])": "attr-defined",
    "net._core.start(1, 0.5, 1)": "arg-type",
    "net.patterns(X).count = 1": "misc",
}


# What these have for types is no part of ours, and reading it takes longer than all the rest.
SKIPPED = """\
[mypy]
[mypy-matplotlib.*,PIL.*,scipy.*,sklearn.*,pandas.*,IPython.*,onnx.*,torch.*,joblib.*,dask.*,distributed.*,optuna.*]
follow_imports = skip
"""


def checked(text, folder, cache):
    """The errors in a program, as (line, code); those of other files are not its user's."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    program = folder / "program.py"
    program.write_text(text, "utf-8")
    place = Path(sn89.__file__).parents[1]
    environment = {key: value for key, value in os.environ.items() if key != "MYPYPATH"}
    if not any(part in ("site-packages", "dist-packages") for part in place.parts):
        environment["MYPYPATH"] = str(place)  # the sources; an installed package is found by itself
    (folder / "skipped.ini").write_text(SKIPPED, "utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=skipped.ini",
        f"--cache-dir={cache}",
        program.name,
    ]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = re.findall(r"^program\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.M)
    return [(int(line), code) for line, code in found]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("mypy")


def test_a_program_as_in_the_readme_and_every_mistake_in_it(tmp_path, cache):
    pytest.importorskip("numpy", minversion="2", reason="before, the types of arrays have no defaults")
    first = PROGRAM.count("\n") + 1
    wanted = list(enumerate(MISTAKES.values(), first))
    assert checked(PROGRAM + "\n".join(MISTAKES) + "\n", tmp_path, cache) == wanted
