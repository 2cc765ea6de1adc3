"""Optimal Brain Damage: saliencies, which parameters go first, and the smaller nets that are left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compiled import COMPILERS, Compiled
from reference import same
from test_derivatives import judge
from test_rules import a_net, digits

import sn89

Array = np.ndarray
QUIET: dict[str, Any] = {"progress": False}


def two_layers() -> sn89.Net:
    """Maps of local connections by a table, averages, maps again, units: all that can be left out."""
    return sn89.Net(
        sn89.Input(10, 10),
        sn89.Local("A", 4, 3),
        sn89.Average("B", 2),
        sn89.Local("C", 3, 2, pad=1, bias="unit", table=((0, 1), (1, 2, 3), (3,)), background=0.5),
        sn89.Dropout("D", 0.2),
        sn89.Full("E", 5),
        sn89.Full("output", 3),
        start=sn89.BySqrtFanIn(2),
        seed=4,
    )


@pytest.fixture(scope="module")
def drawn() -> tuple[Array, Array]:
    random = np.random.default_rng(4)
    return random.uniform(-1, 1, (30, 10, 10)).astype(np.float32), random.integers(0, 3, 30)


# ---- saliencies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("diagonal", ["levenberg-marquardt", "newton"])
def test_saliencies_against_the_judge(diagonal):
    """With deleted parameters, which have none; more patterns than one chunk has, the same ones over again."""
    net, (X, y) = a_net(), digits()
    net.delete([3, 50])
    reference, w = judge(net), net.parameters.astype(np.float64)
    h = np.mean([reference.curvature(w, image, d, diagonal == "newton") for image, d in zip(X, y, strict=True)], axis=0)
    net.set_state(3, 4)
    found = net.saliencies(np.tile(X, (40, 1, 1)), np.tile(y, (40, 1)), diagonal)
    same("saliencies", found, h * w**2 / 2, atol=2e-6 * np.abs(h * w**2).max(), rtol=2e-6)
    assert not found[[3, 50]].any()
    assert (net.curvature[4], net.momentum[4]) == (3, 4)  # the rule's own are as they were


def test_saliencies_say_what_one_deletion_costs_where_the_cost_is_a_parabola():
    """One linear layer, at the minimum of its cost: what is predicted is what happens."""
    random = np.random.default_rng(2)
    net = sn89.Net(sn89.Input(2, 3), sn89.Full("output", 2, squash=sn89.Linear()))
    X, y = random.normal(size=(50, 2, 3)).astype(np.float32), random.normal(size=(50, 2)).astype(np.float32)
    inputs = np.column_stack([X.reshape(50, -1), np.ones(50)])
    best = np.linalg.lstsq(inputs, y, rcond=None)[0].T
    net["output"].weights[:], net["output"].bias[:] = best[:, :-1], best[:, -1]
    before, saliencies = sn89.evaluate(net, X, y).cost, net.saliencies(X, y)
    w = net.parameters.copy()
    for u in range(w.size):
        net.delete([u])
        assert sn89.evaluate(net, X, y).cost - before == pytest.approx(saliencies[u], rel=1e-3, abs=1e-6)
        net.undelete()
        net.parameters[:] = w


def test_saliencies_of_bad_input():
    net, (X, y) = a_net(), digits()
    with pytest.raises(ValueError, match='diagonal must be "levenberg-marquardt" or "newton"'):
        net.saliencies(X, y, "gauss")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="label"):
        net.saliencies(X, y[:3])


# ---- which go first ----------------------------------------------------------------------------------------


def test_the_least_go_first_by_each_order(drawn):
    X, y = drawn
    scores = {
        "saliency": two_layers().saliencies(X, y),
        "magnitude": two_layers().parameters ** 2,
    }
    for by, score in scores.items():
        net = two_layers()
        done = sn89.prune(net, X, y, delete=40, by=by, **QUIET)
        assert score[net.deleted].max() <= score[~net.deleted].min()
        assert done.rounds[0].deleted == net.deleted.sum() == 40
        assert done.rounds[0].left == net.free_parameters == net.parameters.size - 40
        assert done.rounds[0].predicted == pytest.approx(scores["saliency"][net.deleted].sum(), rel=1e-5)
        assert done.rounds[0].before == sn89.evaluate(two_layers(), X, y).cost
        assert done.rounds[0].after == sn89.evaluate(net, X, y).cost == done.rounds[0].train.cost


def test_any_go_first_in_random_order_but_the_same_with_the_same_seed(drawn):
    masks = []
    for seed in (1, 1, 2):
        net = two_layers()
        sn89.prune(net, *drawn, delete=0.25, by="random", rounds=2, seed=seed, **QUIET)
        masks.append(net.deleted)
    assert (masks[0] == masks[1]).all()
    assert (masks[0] != masks[2]).any()
    n = masks[0].size
    assert masks[0].sum() == round(n / 4) + round((n - round(n / 4)) / 4)


def test_retraining_brings_the_cost_down_and_leaves_the_deleted_alone(drawn):
    net, seen = two_layers(), []
    done = sn89.prune(
        net,
        *drawn,
        delete=30,
        rounds=3,
        retrain=10,
        rule=sn89.LevenbergMarquardt(0.002),
        test=drawn,
        callbacks=[lambda net, done: seen.append((net.free_parameters, len(done.rounds)))],
        **QUIET,
    )
    n = net.parameters.size
    assert seen == [(n - 30, 1), (n - 60, 2), (n - 90, 3)]
    assert all(one.train.cost < one.after and one.test == one.train for one in done.rounds)
    assert not net.parameters[net.deleted].any()
    assert str(done).count("\n") == 3


def test_all_but_one_may_go(drawn):
    net = two_layers()
    done = sn89.prune(net, *drawn, delete=net.parameters.size // 2 - 1, rounds=2, **QUIET)
    left = net.parameters.size - 2 * (net.parameters.size // 2 - 1)
    assert (net.free_parameters, [one.left for one in done.rounds][-1]) == (left, left)
    assert np.isfinite(net(drawn[0])).all()


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"delete": 0}, ValueError, "delete must be at least 1"),
        ({"delete": 1.5}, ValueError, "a whole number, or a share between 0 and 1, not 1.5"),
        ({"delete": -0.5}, ValueError, "a share between 0 and 1"),
        ({"delete": "few"}, TypeError, "delete must be"),
        (
            {"delete": 99999},
            ValueError,
            r"delete=99,999 parameters are more than there are .* Give fewer, or a share",
        ),
        ({"delete": 400, "rounds": 9}, ValueError, r"delete=400 parameters in each of 9 rounds are more than there"),
        ({"delete": 10, "what": "maps"}, ValueError, r"has 12, of which 9 may go"),
        ({"delete": 99, "what": "kernels"}, ValueError, r"delete=99 kernels are more"),
        ({"by": "size"}, ValueError, 'by must be "saliency", "magnitude" or "random", not \'size\''),
        ({"what": "layers"}, ValueError, 'what must be "parameters", "kernels" or "maps", not \'layers\''),
        ({"rounds": 0}, ValueError, "rounds must be at least 1"),
        ({"retrain": 1}, ValueError, "retrain=1 needs a rule to train with"),
        ({"rule": "newton"}, TypeError, "rule must be"),
        ({"diagonal": 3}, ValueError, "diagonal must be"),
        ({"test": (np.zeros((1, 3, 3)), [9])}, ValueError, "label"),
    ],
)
def test_what_cannot_be_asked_for(drawn, how, error, words):
    net = two_layers()
    before = net.parameters.tobytes()
    with pytest.raises(error, match=words):
        sn89.prune(net, *drawn, **{"delete": 5, **how}, **QUIET)
    assert net.parameters.tobytes() == before
    assert not net.deleted.any()


def test_a_net_without_kernels_has_none_to_delete(drawn):
    net = sn89.Net(sn89.Input(10, 10), sn89.Full("output", 3))
    for what in ("kernels", "maps"):
        with pytest.raises(ValueError, match=f"there are no {what} to delete"):
            sn89.prune(net, *drawn, delete=1, what=what, **QUIET)


# ---- smaller nets ------------------------------------------------------------------------------------------


def as_small(net: sn89.Net, X: Array) -> sn89.Net:
    """The compact net, which answers as the net."""
    small = sn89.compact(net)
    np.testing.assert_allclose(small(X), net(X), rtol=0, atol=2e-6)
    assert np.abs(net(X)).max() > 0.1
    return small


@pytest.mark.parametrize("by", ["saliency", "magnitude", "random"])
def test_a_net_without_whole_maps_is_smaller_and_answers_the_same(drawn, by):
    net = two_layers()
    sn89.prune(net, *drawn, delete=3, what="maps", by=by, seed=3, **QUIET)
    small = as_small(net, drawn[0])
    units = [sum(net[name].shape[0] for name in "ACE"), sum(small[name].shape[0] for name in "ACE")]
    assert units[0] - units[1] == 3
    assert small["B"].shape[0] == small["A"].shape[0]
    assert small.free_parameters == net.free_parameters == small.parameters.size - small.deleted.sum()
    assert small.parameters.size < net.parameters.size
    sn89.train(small, *drawn, rule=sn89.SGD(0.01), passes=1, **QUIET)


def test_a_net_without_whole_kernels_has_a_smaller_table(drawn):
    net = two_layers()
    net.delete(net.layers_of(np.arange(net.parameters.size))["C"].kernels[[0, 3, 4, 5]].ravel())
    small = as_small(net, drawn[0])
    # of A only map 1 is read; the last kernel of map 2 stays, deleted, for a map must have one, but reads map 1 too
    assert small["C"].table == ((0,), (0,), (0,))
    assert small["A"].shape[0] == 1
    assert small["C"].deleted.kernels.reshape(3, -1).all(axis=1).tolist() == [False, False, True]


def test_the_last_map_of_a_layer_is_spared(drawn):
    net = two_layers()
    sn89.prune(net, *drawn, delete=sum(net[name].shape[0] - 1 for name in "ACE"), what="maps", **QUIET)
    small = as_small(net, drawn[0][:4]) if np.abs(net(drawn[0][:4])).max() > 0.1 else sn89.compact(net)
    assert [small[name].shape[0] for name in "ABCE"] == [1, 1, 1, 1]


def test_units_of_a_full_layer_and_maps_below_it_leave(drawn):
    net = two_layers()
    numbers = net.layers_of(np.arange(net.parameters.size))
    net.delete(numbers["output"].weights[:, [1, 3]].ravel())
    net.delete(numbers["E"].weights.reshape(5, 3, -1)[:, 1].ravel())
    small = as_small(net, drawn[0])
    assert small["E"].units == 3
    assert small["C"].shape[0] == small["D"].shape[0] == 2
    assert small["A"].shape[0] == 3  # nobody reads map 2 any more


def test_kernels_of_each_unit_and_rbf_outputs(drawn):
    net = sn89.Net(
        sn89.Input(10, 10),
        sn89.Local("A", 3, 4, 3, shared=False, bias=None),
        sn89.Local("B", 4, 3),
        sn89.RBF("output", np.random.default_rng(1).normal(size=(3, 4))),
        seed=1,
    )
    sn89.prune(net, *drawn, delete=2, what="kernels", **QUIET)
    assert net.deleted.sum() in (18, 9 + 16 * 9, 2 * 16 * 9)
    net.delete(net.layers_of(np.arange(net.parameters.size))["A"].kernels[1].ravel())
    net.delete(net.layers_of(np.arange(net.parameters.size))["B"].weights[:, 1].ravel())
    small = as_small(net, drawn[0])
    assert small["A"].shape == (2, 3, 3)
    assert small["B"].shape[0] == 4


def test_a_whole_net_is_copied(drawn):
    net = two_layers()
    net.delete([0, 7])
    net.set_state(np.arange(net.parameters.size, dtype=np.float32), 2)
    small = sn89.compact(net)
    assert small is not net
    assert small.layers == net.layers
    for one in ("parameters", "curvature", "momentum", "deleted"):
        assert getattr(small, one).tolist() == getattr(net, one).tolist()


# ---- files, checkpoints, exports ----------------------------------------------------------------------------


@pytest.fixture
def pruned(drawn) -> sn89.Net:
    """Single parameters, kernels and maps are deleted."""
    net = two_layers()
    for what, count in (("maps", 1), ("kernels", 2), ("parameters", 30)):
        sn89.prune(net, *drawn, delete=count, what=what, **QUIET)
    return net


def test_a_file_keeps_what_is_deleted(tmp_path, pruned, drawn):
    sn89.save(pruned, tmp_path / "net.safetensors")
    net = sn89.load(tmp_path / "net.safetensors")
    assert net.parameters.tobytes() == pruned.parameters.tobytes()
    assert net.deleted.tolist() == pruned.deleted.tolist()
    for one in (net, pruned):
        sn89.train(one, *drawn, rule=sn89.SGD(0.01), passes=1, **QUIET)
    assert net.parameters.tobytes() == pruned.parameters.tobytes()


def test_a_file_whose_mask_is_none_is_refused(tmp_path, pruned):
    from safetensors import safe_open
    from safetensors.numpy import save_file

    path = tmp_path / "net.safetensors"
    sn89.save(pruned, path)
    with safe_open(path, "np") as file:
        told, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for deleted, words in (
        (arrays["deleted"] + 1, "deleted must be 1 for each"),
        (arrays["deleted"][1:], "deleted must be an array of shape"),
        (arrays["deleted"].astype(np.float32), "'deleted' must be U8"),
    ):
        save_file({**arrays, "deleted": deleted}, path, told)
        with pytest.raises(ValueError, match=words):
            sn89.load(path)


def test_a_checkpoint_of_a_training_keeps_what_is_deleted(tmp_path, pruned, drawn):
    """Gone on with by a net of which nothing is deleted, as its maker had it."""
    path, fresh = tmp_path / "training.safetensors", two_layers()
    how: dict[str, Any] = {"rule": sn89.LevenbergMarquardt(), **QUIET}
    state = sn89.train(pruned, *drawn, passes=1, checkpoint=path, **how).state
    sn89.train(fresh, *drawn, passes=2, checkpoint=path, resume=True, **how)
    sn89.train(pruned, *drawn, passes=1, state=state, **how)
    assert fresh.deleted.tolist() == pruned.deleted.tolist()
    assert fresh.parameters.tobytes() == pruned.parameters.tobytes()
    assert not fresh.parameters[fresh.deleted].any()


def test_a_pruning_goes_on_where_it_was_interrupted(tmp_path, drawn):
    how: dict[str, Any] = {"delete": 20, "retrain": 2, "rule": sn89.LevenbergMarquardt(), "test": drawn, **QUIET}
    whole, first, second, path = two_layers(), two_layers(), two_layers(), tmp_path / "pruning.safetensors"
    expected = sn89.prune(whole, *drawn, rounds=3, **how)

    def interrupt(net: sn89.Net, done: sn89.Pruning) -> None:
        if len(done.rounds) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sn89.prune(first, *drawn, rounds=3, checkpoint=path, callbacks=[interrupt], **how)
    with pytest.raises(FileExistsError, match="resume=True"):
        sn89.prune(second, *drawn, rounds=3, checkpoint=path, **how)
    with pytest.raises(
        ValueError, match="not a checkpoint of this pruning: the pruning's delete was 20, but now it is 21"
    ):
        sn89.prune(second, *drawn, rounds=3, checkpoint=path, resume=True, **{**how, "delete": 21})
    with pytest.raises(ValueError, match="2 rounds already, more than rounds=1"):
        sn89.prune(second, *drawn, rounds=1, checkpoint=path, resume=True, **how)
    assert not second.deleted.any()
    assert sn89.prune(second, *drawn, rounds=3, checkpoint=path, resume=True, **how) == expected
    assert second.parameters.tobytes() == whole.parameters.tobytes()
    assert second.deleted.tolist() == whole.deleted.tolist()
    sn89.save(whole, path)
    with pytest.raises(ValueError, match="it has no record of a pruning"):
        sn89.prune(second, *drawn, rounds=3, checkpoint=path, resume=True, **how)


def test_a_replicated_net_keeps_what_is_deleted():
    net = sn89.nets.lenet1(seed=1)
    net.delete(np.arange(0, net.parameters.size, 2))
    wide = net.replicate(28, 32)
    assert np.flatnonzero(wide.deleted).tolist() == np.flatnonzero(net.deleted).tolist()


def test_exports_of_a_pruned_net_are_smaller_and_give_the_same_outputs(tmp_path, pruned, drawn):
    onnxruntime = pytest.importorskip("onnxruntime")
    whole, X = two_layers(), drawn[0]
    sizes = {}
    for name, net in (("whole", whole), ("pruned", pruned)):
        sn89.export.c(net, tmp_path / f"{name}.c")
        sn89.export.onnx(net, tmp_path / f"{name}.onnx")
        session = onnxruntime.InferenceSession(tmp_path / f"{name}.onnx", providers=["CPUExecutionProvider"])
        outputs = session.run(["outputs"], {"image": X[:, None]})[0]
        np.testing.assert_allclose(outputs, net(X), rtol=0, atol=2e-6)
        sizes[name] = [(tmp_path / f"{name}.{kind}").stat().st_size for kind in ("c", "onnx")]
    assert sizes["pruned"][0] < sizes["whole"][0]
    assert sizes["pruned"][1] < sizes["whole"][1]
    if COMPILERS:
        outputs, classes = Compiled([tmp_path / "pruned.c"], "-O1")("pruned_net", X, 3)
        np.testing.assert_allclose(outputs, pruned(X), rtol=0, atol=2e-6)
        np.testing.assert_array_equal(classes, pruned.predict(X))


def test_an_estimator_trains_what_is_left_of_a_pruned_net(pruned, drawn):
    pytest.importorskip("sklearn")
    import pickle

    from sn89.estimator import NetClassifier

    made = NetClassifier(pruned, passes=1, random_state=1).fit(*drawn)
    assert made.net_.deleted.tolist() == pruned.deleted.tolist()
    assert not made.net_.parameters[pruned.deleted].any()
    again = pickle.loads(pickle.dumps(made))
    assert again.net_.deleted.tolist() == pruned.deleted.tolist()
    np.testing.assert_array_equal(again.predict(drawn[0]), made.predict(drawn[0]))
