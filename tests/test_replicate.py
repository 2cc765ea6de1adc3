"""Replicated nets: the same answers at every place as the net gives for that part of the image alone."""

from __future__ import annotations

import numpy as np
import pytest

import sn89
from sn89.replicate import strides


def windows(net, image):
    """The scores of the net for every part of the image that it can look at, one by one."""
    down, right = strides(net)
    height, width = net.input.height, net.input.width
    rows, columns = range(0, image.shape[0] - height + 1, down), range(0, image.shape[1] - width + 1, right)
    parts = np.stack([image[r : r + height, c : c + width] for r in rows for c in columns])
    return np.moveaxis(net.cost.scores(net(parts)).reshape(len(rows), len(columns), -1), -1, 0)


def softmax_net(**options):
    return sn89.Net(
        sn89.Input(14, 12, maps=1, background=0.0),
        sn89.Local("C1", maps=3, kernel=(4, 3), stride=(2, 1), bias=None),
        sn89.Average("S2", (2, 5)),
        sn89.Dropout("dropout", 0.5),
        sn89.Full("F3", 7),
        sn89.Full("output", 4, squash=sn89.Linear()),
        cost=sn89.SoftmaxCrossEntropy(),
        **options,
    )


NETS = (sn89.nets.lenet1, sn89.nets.lenet5, softmax_net)


def image_for(net, down=2, right=3, seed=0):
    across, along = strides(net)
    shape = (net.input.height + down * across, net.input.width + right * along)
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize("make", NETS)
def test_every_place_has_the_answer_of_its_part(make):
    net = make(seed=2)
    net.parameters[...] *= 2  # so that no state is small
    image = image_for(net)
    found, alone = sn89.scan(net, image), windows(net, image)
    assert found.shape == (net.outputs, 3, 4)
    assert np.ptp(alone, axis=(1, 2)).min() > 0
    np.testing.assert_allclose(found, alone, rtol=1e-5, atol=1e-5 * np.abs(alone).max())


@pytest.mark.parametrize("make", [sn89.nets.lenet1, softmax_net])
def test_at_the_original_size_it_is_the_net(make):
    net = make(seed=1)
    same = net.replicate(net.input.height, net.input.width)
    image = image_for(net, 0, 0)
    np.testing.assert_allclose(same(image), net(image), rtol=1e-6, atol=1e-6)
    assert same.free_parameters == net.free_parameters
    assert np.array_equal(same.parameters, net.parameters)


def test_the_output_is_a_map_and_the_parameters_are_copies():
    net = sn89.nets.lenet1(seed=4)
    wide = net.replicate(28, 60)
    assert wide["output"].shape == (10, 1, 9)
    assert wide.states(image_for(net, 0, 8))["output"].shape == (10, 1, 9)
    before = net.parameters.copy()
    wide.parameters[...] = 0
    assert np.array_equal(net.parameters, before)


def test_distances_lack_only_what_all_outputs_of_a_place_have():
    net = sn89.nets.lenet5(seed=5)
    image = image_for(net, 0, 0)
    states = net.replicate(32, 32).states(image)
    below = float((states["F6"].astype(float) ** 2).sum())
    np.testing.assert_allclose(below - states["output"].ravel(), net(image), rtol=1e-5)


def test_an_image_that_does_not_come_out_even_is_completed_with_background():
    net = sn89.nets.lenet1(seed=6)
    image = image_for(net, 0, 2)
    padded = np.pad(image, ((0, 3), (0, 2)), constant_values=-1.0)
    assert sn89.scan(net, padded[:-2, :-1]).shape == (10, 2, 4)
    np.testing.assert_array_equal(sn89.scan(net, padded[:-2, :-1])[:, 0, :3], sn89.scan(net, image)[:, 0])


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([sn89.Local("H1", 2, 5, bias="unit")], 'because of layer "H1": each of its units has its own bias'),
        ([sn89.Local("H1", 2, 5, shared=False)], "each of its units has its own kernel"),
        ([sn89.Local("H1", 2, 5, pad=2)], "its fields reach past the edge"),
        ([sn89.RBF("H1", np.ones((4, 256)))], "an RBF layer must be the last one"),
    ],
)
def test_nets_whose_answer_depends_on_the_place(layers, words):
    net = sn89.Net(sn89.Input(16, 16), *layers, sn89.Full("output", 10))
    with pytest.raises(ValueError, match=words):
        net.replicate(32, 32)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((28, 30), "width must be 28 plus a multiple of 4, .* 28 or 32, not 30"),
        ((35, 32), "height must be 28 plus a multiple of 4, .* 32 or 36, not 35"),
        ((24, 28), "height must be at least 28"),
        ((28, 28.0), "width must be a whole number"),
    ],
)
def test_sizes_that_are_not_possible(size, words):
    with pytest.raises((TypeError, ValueError), match=words):
        sn89.nets.lenet1().replicate(*size)


def test_images_too_small_to_scan():
    with pytest.raises(ValueError, match=r"an image to scan must be 28 x 28 or larger, not \(20, 40\)"):
        sn89.scan(sn89.nets.lenet1(), np.zeros((20, 40), np.float32))
