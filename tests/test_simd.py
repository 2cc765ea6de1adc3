"""Tiers of processors: the same bits where multiply-adds are fused, the same numbers elsewhere, and no other choice."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import sn89
from sn89 import _core

LEARN = """
import sys, numpy as np, sn89
rng = np.random.default_rng(1989)
X, y = rng.uniform(-1, 1, (250, 16, 16)), rng.integers(0, 10, 250)
for net, rule in (
    (sn89.nets.zip_code(seed=1), sn89.LevenbergMarquardt()),
    (sn89.nets.lenet1(seed=1), sn89.Newton()),
    (sn89.nets.fully_connected(seed=1), sn89.SGD(0.005)),
):
    sn89.train(net, X, y, rule=rule, passes=4, measure=False)
    sys.stdout.buffer.write(net.parameters.tobytes() + net(X).tobytes())
"""


def learned(tier: str) -> np.ndarray:
    """Parameters and outputs of three nets after 1,000 presentations on a tier."""
    run = subprocess.run(
        [sys.executable, "-P", "-c", LEARN], env={**os.environ, "SN89_SIMD": tier}, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    return np.frombuffer(run.stdout, np.float32)


def runs(tier: str) -> bool:
    try:
        return _core.choose_simd(tier) == tier
    except ValueError:
        return False


@pytest.fixture(scope="module")
def fused() -> np.ndarray:
    return learned("fmaf")


@pytest.mark.parametrize("tier", ["avx2", "neon"])
def test_tiers_with_a_fused_multiply_add_give_the_same_bits(tier, fused):
    if not runs(tier):
        pytest.skip(f"this machine has no {tier}")
    assert learned(tier).tobytes() == fused.tobytes()


def test_the_portable_tier_gives_the_same_numbers(fused):
    """Within 1e-5 of the largest, after 1,000 presentations."""
    portable = learned("portable")
    assert portable.tobytes() != fused.tobytes()
    np.testing.assert_allclose(portable, fused, rtol=0, atol=1e-5 * np.abs(fused).max())


def test_the_best_tier_is_chosen_unless_one_is_forced():
    assert sn89.simd == (os.environ.get("SN89_SIMD") or _core.choose_simd())
    assert _core.choose_simd() == next((tier for tier in ("avx2", "neon") if runs(tier)), "portable")
    assert _core.choose_simd("portable") == "portable"


@pytest.mark.parametrize("unknown", ["sse9", "AVX2", " "])
def test_an_unknown_tier_is_refused_and_the_known_ones_are_named(unknown):
    with pytest.raises(ValueError, match=r"SN89_SIMD must be one of portable, fmaf.* on this machine"):
        _core.choose_simd(unknown)
