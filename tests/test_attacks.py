"""A short form of ``python tests/hardening/attacks.py``, which by itself carries out 10,000 attacks."""

from __future__ import annotations

import signal

import pytest

pytest.importorskip("PIL")
if not hasattr(signal, "setitimer"):
    pytest.skip("there are no timers here that send signals", allow_module_level=True)

from hardening import attacks


def test_random_attacks_break_nothing():
    counts, wrong = attacks.batch(3, range(100), most=10)
    assert wrong == []
    assert sum(counts.values()) == 100
