"""What a net consists of: the papers' counts and tables, views of the parameters, where they start, copies."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable, Iterator
from itertools import islice, product

import numpy as np
import pytest
from hypothesis import given, settings
from reference import Reference
from test_derivatives import judge, nets, picture

import sn89

# ---- the papers ------------------------------------------------------------------------------------------

# Of each layer: maps, height and width; units, connections, free parameters. Then the totals of the three.
ZIP_CODE = {
    "input": ((1, 16, 16), 256, 0, 0),
    "H1": ((12, 8, 8), 768, 19_968, 1_068),
    "H2": ((12, 4, 4), 192, 38_592, 2_592),
    "H3": ((30, 1, 1), 30, 5_790, 5_790),
    "output": ((10, 1, 1), 10, 310, 310),
    "total": (1_256, 64_660, 9_760),
}
FULLY_CONNECTED = {
    "input": ((1, 16, 16), 256, 0, 0),
    "H1": ((40, 1, 1), 40, 10_280, 10_280),
    "output": ((10, 1, 1), 10, 410, 410),
    "total": (306, 10_690, 10_690),
}
LENET1 = {
    "input": ((1, 28, 28), 784, 0, 0),
    "H1": ((4, 24, 24), 2_304, 59_904, 104),
    "H2": ((4, 12, 12), 576, 2_880, 8),
    "H3": ((12, 8, 8), 768, 32_768, 512),
    "H4": ((12, 4, 4), 192, 960, 24),
    "output": ((10, 1, 1), 10, 1_930, 1_930),
    "total": (4_635 - 1, 98_442, 2_578),  # the paper counts the bias unit too
}
LENET1_SOFTMAX = {  # "about 3,000 parameters"
    "input": ((1, 16, 16), 256, 0, 0),
    "H1": ((4, 16, 16), 1_024, 1_024 * 26, 4 * 26),
    "H2": ((4, 8, 8), 256, 256 * 5, 4 * 2),
    "H3": ((12, 4, 4), 192, 192 * 101, 12 * 101),
    "H4": ((12, 2, 2), 48, 48 * 5, 12 * 2),
    "H5": ((30, 1, 1), 30, 30 * 49, 30 * 49),
    "output": ((10, 1, 1), 10, 310, 310),
    "total": (1_816, 49_316, 3_128),
}
LENET5 = {
    "input": ((1, 32, 32), 1_024, 0, 0),
    "C1": ((6, 28, 28), 4_704, 122_304, 156),
    "S2": ((6, 14, 14), 1_176, 5_880, 12),
    "C3": ((16, 10, 10), 1_600, 151_600, 1_516),
    "S4": ((16, 5, 5), 400, 2_000, 32),
    "C5": ((120, 1, 1), 120, 48_120, 48_120),
    "F6": ((84, 1, 1), 84, 10_164, 10_164),
    "output": ((10, 1, 1), 10, 840, 0),
    "total": (1_024 + 8_094, 340_908, 60_000),
}
PAPERS: dict[str, tuple[Callable[[], sn89.Net], dict]] = {
    "zip code": (sn89.nets.zip_code, ZIP_CODE),
    "fully connected": (lambda: sn89.nets.fully_connected(40), FULLY_CONNECTED),
    "LeNet-1": (sn89.nets.lenet1, LENET1),
    "LeNet-1, softmax": (sn89.nets.lenet1_softmax, LENET1_SOFTMAX),
    "LeNet-5": (sn89.nets.lenet5, LENET5),
}
papers = pytest.mark.parametrize(("make", "table"), PAPERS.values(), ids=PAPERS.keys())


@papers
def test_counts_are_those_of_the_papers(make, table):
    net = make()
    *layers, total = table.items()
    for layer, (name, counts) in zip(net, layers, strict=True):
        assert (layer.name, net[name].name) == (name, name)
        assert (layer.shape, layer.units, layer.connections, layer.free_parameters) == counts
    assert ("total", (net.units, net.connections, net.free_parameters)) == total
    assert net.outputs == 10
    assert net.parameters.shape == net.curvature.shape == (net.free_parameters,)


@papers
def test_what_is_printed_shows_the_counts(make, table):
    net = make()
    lines = str(net).splitlines()
    rows = {line.split()[0]: line.split()[-3:] for line in lines if line.split()[0] in table}
    shown = {name: [f"{n:,}" if n else "-" for n in counts[-3:]] for name, counts in table.items()}
    assert rows == shown
    assert lines[0] == net.name
    numbers = "{:,} units, {:,} connections, {:,} free parameters".format
    assert repr(net) == f"<{net.name}: {numbers(*table['total'])}>"
    assert repr(net["output"]) == f'<layer "output": {numbers(*table["output"][1:])}>'


def test_what_is_printed_shows_how_layers_are_connected():
    lines = {line.split()[0]: " ".join(line.split()) for line in str(sn89.nets.lenet5()).splitlines()}
    assert lines["C3"].startswith("C3 16 10x10 5x5 on 3 to 6 of 6 per map")
    assert lines["S4"].startswith("S4 16 5x5 2x2 sum per map")
    assert lines["F6"].startswith("F6 - 84 all per unit")
    lines = {line.split()[0]: " ".join(line.split()) for line in str(sn89.nets.zip_code()).splitlines()}
    assert lines["H2"].startswith("H2 12 4x4 5x5 on 8 of 12, stride 2 per unit")


def test_the_zip_code_net_has_the_table_of_the_reproduction():
    """H2 maps 0 to 3 see H1 maps 0 to 7; 4 to 7 see 4 to 11; 8 to 11 see 0 to 3 and 8 to 11."""
    seen = [list(range(8))] * 4 + [list(range(4, 12))] * 4 + [[*range(4), *range(8, 12)]] * 4
    assert list(map(list, sn89.nets.EIGHT_OF_TWELVE)) == seen
    assert sn89.nets.zip_code()["H2"].table == sn89.nets.EIGHT_OF_TWELVE


def test_lenet1_has_table_1():
    """Rows are H2 maps and columns H3 maps, both counted from 1."""
    rows = {1: (1, 2, 3, 5, 6), 2: (2, 3, 4, 5, 6), 3: (7, 8, 9, 11, 12), 4: (8, 9, 10, 11, 12)}
    columns = [tuple(row - 1 for row, seen in rows.items() if column in seen) for column in range(1, 13)]
    assert list(sn89.nets.LENET1_TABLE) == columns
    assert sn89.nets.lenet1()["H3"].table == sn89.nets.LENET1_TABLE
    assert sum(map(len, columns)) == len(sn89.nets.lenet1()["H3"].kernels) == 20


def test_lenet5_has_table_i():
    """A row for each S2 map and a column for each C3 map, as printed."""
    marks = """
    X...XXX..XXXX.XX
    XX...XXX..XXXX.X
    XXX...XXX..X.XXX
    .XXX..XXXX..X.XX
    ..XXX..XXXX.XX.X
    ...XXX..XXXX.XXX
    """
    rows = marks.split()
    columns = [tuple(row for row in range(6) if rows[row][column] == "X") for column in range(16)]
    assert list(sn89.nets.LENET5_TABLE) == columns
    assert sn89.nets.lenet5()["C3"].table == sn89.nets.LENET5_TABLE
    assert len(sn89.nets.lenet5()["C3"].kernels) == 60


def test_all_maps_see_all_without_a_table():
    assert sn89.nets.lenet1_softmax()["H3"].table == ((0, 1, 2, 3),) * 12
    assert sn89.nets.zip_code()["H1"].table == ((0,),) * 12
    assert sn89.nets.zip_code()["H3"].table is None


def test_the_bitmaps_are_ten_distinct_pictures_in_ink_and_paper():
    bitmaps = sn89.nets.digit_bitmaps()
    assert (bitmaps.shape, bitmaps.dtype) == ((10, 12, 7), np.float32)
    assert set(bitmaps.ravel().tolist()) == {-1.0, 1.0}
    assert len({bitmap.tobytes() for bitmap in bitmaps}) == 10
    np.testing.assert_array_equal(sn89.nets.lenet5()["output"].weights, bitmaps.reshape(10, 84))


@settings(max_examples=100, derandomize=True)
@given(nets())
def test_counts_of_nets_at_random(net):
    reference = judge(net)
    assert net.units == reference.units
    assert net.connections == reference.connections
    assert net.free_parameters == reference.free_parameters
    for layer, expected in zip(list(net)[1:], reference.layers, strict=True):
        assert layer.shape == (*expected.shape, 1, 1)[:3]
        assert layer.units == expected.units
        assert layer.connections == expected.connections
        assert layer.free_parameters == expected.parameters


# ---- views of the parameters -----------------------------------------------------------------------------

SHAPES = {
    "zip code": {
        "H1": ((12, 1, 5, 5), (12, 8, 8)),
        "H2": ((12, 8, 5, 5), (12, 4, 4)),
        "H3": ((30, 192), (30,)),
        "output": ((10, 30), (10,)),
    },
    "fully connected": {"H1": ((40, 256), (40,)), "output": ((10, 40), (10,))},
    "LeNet-1": {
        "H1": ((4, 1, 5, 5), (4,)),
        "H2": ((4,), (4,)),
        "H3": ((20, 5, 5), (12,)),
        "H4": ((12,), (12,)),
        "output": ((10, 192), (10,)),
    },
    "LeNet-1, softmax": {
        "H1": ((4, 1, 5, 5), (4,)),
        "H2": ((4,), (4,)),
        "H3": ((12, 4, 5, 5), (12,)),
        "H4": ((12,), (12,)),
        "H5": ((30, 48), (30,)),
        "output": ((10, 30), (10,)),
    },
    "LeNet-5": {
        "C1": ((6, 1, 5, 5), (6,)),
        "S2": ((6,), (6,)),
        "C3": ((60, 5, 5), (16,)),
        "S4": ((16,), (16,)),
        "C5": ((120, 16, 5, 5), (120,)),
        "F6": ((84, 120), (84,)),
    },
}


@pytest.mark.parametrize("paper", SHAPES)
def test_arrays_tile_the_parameters_in_order(paper):
    """Layer after layer, weights and then biases, nothing twice and nothing left out."""
    net = PAPERS[paper][0]()
    net.parameters[:] = np.arange(net.free_parameters)
    arrays = net.arrays()
    expected = {
        f"{name}.{part}": shape
        for name, shapes in SHAPES[paper].items()
        for part, shape in zip(("weights", "bias"), shapes, strict=True)
    }
    assert {name: array.shape for name, array in arrays.items()} == expected
    assert list(arrays) == list(expected)
    assert all(array.dtype == np.float32 and np.shares_memory(array, net.parameters) for array in arrays.values())
    numbers = np.concatenate([array.ravel() for array in arrays.values()])
    np.testing.assert_array_equal(numbers, np.arange(net.free_parameters))


@settings(max_examples=100, derandomize=True)
@given(nets())
def test_arrays_of_nets_at_random_tile_the_parameters(net):
    net.parameters[:] = np.arange(net.free_parameters)
    numbers = [array.ravel() for array in net.arrays().values()]
    np.testing.assert_array_equal(np.concatenate([[], *numbers]), np.arange(net.free_parameters))


def test_maps_with_unequal_numbers_of_sources_have_a_list_of_weights():
    layer = sn89.nets.lenet1()["H3"]
    assert [array.shape for array in layer.weights] == [(len(row), 5, 5) for row in sn89.nets.LENET1_TABLE]
    np.testing.assert_array_equal(np.concatenate(layer.weights), layer.kernels)
    layer.weights[2][1, 3, 4] = 5.0  # map 0 has one kernel, map 1 two
    assert layer.kernels[1 + 2 + 1, 3, 4] == 5.0


def test_kernels_that_are_not_shared_have_the_unit_as_further_dimensions():
    net = sn89.Net(sn89.Input(6, 8, maps=2), sn89.Local("A", 3, (3, 2), (1, 2), shared=False, bias="unit"))
    assert net["A"].shape == (3, 4, 4)
    assert net["A"].kernels.shape == (6, 3, 2, 4, 4)
    assert net["A"].weights.shape == (3, 2, 3, 2, 4, 4)
    assert net["A"].bias.shape == (3, 4, 4)


def test_layers_without_parameters_have_nothing_to_train():
    net = sn89.nets.lenet5()
    assert (net["input"].weights, net["input"].bias, net["input"].kernels) == (None, None, None)
    assert net["output"].bias is None
    with pytest.raises(ValueError, match="read-only"):
        net["output"].weights[0, 0] = 1
    assert sn89.Net(sn89.Input(2, 2), sn89.Local("A", 1, 2, bias=None))["A"].bias is None
    with pytest.raises(KeyError, match="no layer 'C7'; there are input, C1, S2"):
        net["C7"]


TABLE = ((2, 0), (1, 2), (0, 1))


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "not shared"])
def test_each_weight_of_a_kernel_leads_from_where_it_says(shared):
    """All parameters but one are 0, and it is 1: then each unit has the state of what that one connects it with."""
    layer = sn89.Local("A", 3, (2, 3), (2, 1), table=TABLE, shared=shared, bias=None)
    net = sn89.Net(sn89.Input(4, 5, maps=3), layer, squash=sn89.Linear())
    image = picture(net)
    for m, slot, i, j in product(range(3), range(2), range(2), range(3)):
        for place in [()] if shared else product(range(2), range(3)):
            net.parameters[:] = 0
            net["A"].weights[(m, slot, i, j, *place)] = 1
            expected = np.zeros((3, 2, 3), np.float32)
            expected[(m, *place)] = image[TABLE[m][slot], i::2, j : j + 3][place]
            np.testing.assert_array_equal(net.states(image)["A"], expected)


def test_each_weight_of_the_other_kinds_leads_from_where_it_says():
    net = sn89.Net(sn89.Input(2, 4, maps=2), sn89.Average("A", 2), sn89.Full("B", 3), squash=sn89.Linear())
    image = picture(net)
    net.parameters[:] = 0
    net["A"].weights[1] = 2
    net["A"].bias[0] = 0.5
    net["B"].weights[2, 3] = 1  # from map 1, column 1
    net["B"].bias[1] = -0.25
    states = net.states(image)
    np.testing.assert_array_equal(states["A"][0], np.full((1, 2), 0.5))
    np.testing.assert_allclose(states["A"][1], [2 * image[1].reshape(2, 2, 2).sum(axis=(0, 2))], rtol=1e-6)
    np.testing.assert_array_equal(states["B"], [0, -0.25, states["A"][1, 0, 1]])


@pytest.mark.parametrize("bias", ["map", "unit"])
def test_each_bias_goes_where_it_says(bias):
    net = sn89.Net(sn89.Input(3, 4), sn89.Local("A", 2, 2, bias=bias), squash=sn89.Linear())
    net.parameters[:] = 0
    net["A"].bias[1] = 7
    expected = np.zeros((2, 2, 3))
    expected[1] = 7
    if bias == "unit":
        net["A"].bias[0, 1, 2] = expected[0, 1, 2] = 3
    np.testing.assert_array_equal(net.states(picture(net))["A"], expected)


@papers
def test_writing_to_any_view_changes_the_outputs(make, table):
    """All units there are have some weight to pass on, and the image some state for each to see."""
    net = make()
    image = picture(net)
    for name, array in net.arrays().items():
        before, kept = net(image), array.copy()
        array += 0.1
        assert not np.array_equal(net(image), before), name
        array[:] = kept
        np.testing.assert_array_equal(net(image), before)


def test_views_outlive_their_net():
    """The memory of a zip-code net goes back to the system when it is freed: to read a view of it would be a crash."""
    net = sn89.nets.zip_code(seed=1989)
    views = {"parameters": net.parameters, "curvature": net.curvature, **net.arrays()}
    copies = {name: view.copy() for name, view in views.items()}
    del net
    gc.collect()
    others = [sn89.nets.zip_code(seed=seed) for seed in range(3)]
    for name, view in views.items():
        np.testing.assert_array_equal(view, copies[name])
    views["parameters"][:] = 9
    assert all((view == 9).all() for name, view in views.items() if name != "curvature")
    assert all(np.abs(other.parameters).max() < 9 for other in others)


# ---- starts ----------------------------------------------------------------------------------------------


def splitmix64(seed: int) -> Iterator[int]:
    """The generator of Steele, Lea and Flood, 2014."""
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) % 2**64
        z = seed
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        yield z ^ (z >> 31)


def drawn(seed: int, r: np.ndarray) -> np.ndarray:
    """One number in [-r, r) after the other, from the highest 24 bits of each number drawn."""
    bits = [(z >> 40) - 2**23 for z in islice(splitmix64(seed), r.size)]
    return r * (np.array(bits) * 2.0**-23).astype(np.float32)


def reach(start: sn89.Start, fan_in: np.ndarray) -> np.ndarray:
    """R of every parameter, by the rule; float32, in which x / F and x / sqrt(F) are rounded once a step."""
    x, F = np.float32(start.x), fan_in.astype(np.float32)
    match start:
        case sn89.ByFanIn():
            return x / F
        case sn89.BySqrtFanIn():
            return x / np.sqrt(F)
        case sn89.Uniform():
            return np.full(F.shape, x)
    raise AssertionError(start)


def test_the_generator_is_the_published_one():
    """The first numbers of seed 1234567, as other implementations give them."""
    first = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
    assert list(islice(splitmix64(1234567), 4)) == first


STARTS = [sn89.ByFanIn(), sn89.ByFanIn(0.5), sn89.BySqrtFanIn(), sn89.BySqrtFanIn(2.4), sn89.Uniform(0.3)]
starts = pytest.mark.parametrize("start", STARTS, ids=str)


@starts
@pytest.mark.parametrize("seed", [0, 1, 1989, 2**64 - 1])
def test_every_parameter_starts_where_the_rule_and_the_seed_say(start, seed):
    net = sn89.nets.lenet1(start=start, seed=seed)
    r = reach(start, judge(net).fan_in)
    np.testing.assert_array_equal(net.parameters, drawn(seed, r))
    assert (np.abs(net.parameters) <= r).all()
    assert (np.abs(net.parameters) > 0.99 * r).any()


def test_the_first_parameters_of_seed_1():
    """0x910a2dec89025cc1 is the first number drawn: (0x910a2d - 0x800000) / 0x800000 of r."""
    net = sn89.Net(sn89.Input(1, 3), sn89.Full("output", 2), seed=1, start=sn89.Uniform(1.0))
    expected = [0x910A2D, 0xBEEB8D, 0xF893A2, 0x71C186, 0x71BB54, 0xC34D0B, 0xE099EC, 0x85E7BB]
    np.testing.assert_array_equal(net.parameters, (np.array(expected) - 0x800000) / 0x800000)


@starts
def test_starts_of_all_kinds_of_layers(start):
    """F counts the bias where there is one, goes by the row of the table, and not by what lies past the edge."""
    net = sn89.Net(
        sn89.Input(5, 6, maps=3),
        sn89.Local("A", 3, (2, 3), pad=1, bias=None, table=((0,), (0, 1, 2), (1, 2))),
        sn89.Local("B", 2, 3, bias="unit", shared=False, table=((0, 2), (1,))),
        sn89.Local("C", 2, (2, 1), bias="map"),
        sn89.Average("D", (1, 2)),
        sn89.Full("E", 4),
        sn89.RBF("output", np.ones((2, 4))),
        start=start,
        seed=5,
    )
    fan_in = Reference(net.input, net.layers, net.cost, net.squash).fan_in
    assert set(fan_in.tolist()) == {6, 12, 18, 19, 10, 5, 3, net["D"].units + 1}
    np.testing.assert_array_equal(net.parameters, drawn(5, reach(start, fan_in)))


@starts
def test_the_same_seed_gives_the_same_bytes_and_another_others(start):
    first = sn89.nets.zip_code(start=start, seed=3)
    assert first.parameters.tobytes() == sn89.nets.zip_code(start=start, seed=3).parameters.tobytes()
    assert not np.isin(first.parameters, sn89.nets.zip_code(start=start, seed=4).parameters).all()
    began = first.parameters.tobytes()
    first.parameters[:] = 0
    first.restart()
    assert first.parameters.tobytes() == began
    first.restart(seed=4)
    assert first.parameters.tobytes() == sn89.nets.zip_code(start=start, seed=4).parameters.tobytes()


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (2**64, ValueError), (1.0, TypeError), (True, TypeError), ("1", TypeError)]
)
def test_seeds_that_are_none_are_refused(seed, error):
    with pytest.raises(error, match="seed must be"):
        sn89.nets.zip_code(seed=seed)


# ---- copies ----------------------------------------------------------------------------------------------

COPIES: dict[str, Callable[[sn89.Net], sn89.Net]] = {
    "pickle": lambda net: pickle.loads(pickle.dumps(net)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


@pytest.mark.parametrize("how", COPIES.values(), ids=COPIES.keys())
@papers
def test_copies_are_equal_and_apart(make, table, how):
    net = make()
    random = np.random.default_rng(1)
    net.parameters[:] = 0.1 * random.normal(size=net.free_parameters)
    net.curvature[:] = random.normal(size=net.free_parameters)
    twin = how(net)
    assert str(twin) == str(net)
    for what in ("input", "layers", "squash", "cost", "start", "seed", "name"):
        assert getattr(twin, what) == getattr(net, what)
    assert twin.parameters.tobytes() == net.parameters.tobytes()
    assert twin.curvature.tobytes() == net.curvature.tobytes()
    image = picture(net)
    outputs = net(image)
    np.testing.assert_array_equal(twin(image), outputs)
    twin.parameters[:] = 0
    np.testing.assert_array_equal(net(image), outputs)
    assert net.curvature.any()
