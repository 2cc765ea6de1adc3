"""For all tests: none fails because a machine is slow; what they start finds the same sn89 as they do; and digits."""

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# `python -m pytest` looks for modules in this folder first, where sources without a core would hide the installed sn89.
ROOT = Path(__file__).resolve().parent.parent
if not [*ROOT.glob("sn89/_core*.so"), *ROOT.glob("sn89/_core*.pyd")]:
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != ROOT]

import sn89  # noqa: E402  what the line above decides

settings.register_profile("sn89", deadline=None)
settings.load_profile("sn89")

# A program that is started in the checkout would take the sources there, without a core, for the installed package.
os.environ["PYTHONSAFEPATH"] = "1"

# What a shell starts in the background ignores Ctrl-C, and so would all that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def digits() -> sn89.datasets.Digits:
    """USPS, or where it is not at hand what is drawn."""
    try:
        return sn89.datasets.usps(download=False)
    except sn89.datasets.DataNotFoundError:
        return sn89.datasets.synthetic()
