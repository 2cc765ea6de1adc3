"""Sweeps: one recipe trained hundreds to millions of times, over choices and seeds, on all processors or a cluster.

``sn89.sweep.run(recipe, grid, seeds)`` trains every combination of choices with every seed::

    from sn89 import recipes, sweep

    results = sweep.run(recipes.ZIP_1989, {"rule.rate": [0.00025, 0.0005, 0.001]}, seeds=5, out="rates.jsonl")
    print(results)  # means over the seeds, with 95 % intervals

A name says what changes in a `sn89.recipes.Recipe`:

``"rule"``, ``"passes"``, ``"order"``, ``"net"``, ``"digits"``, ``"distortion"``
    That field of the recipe.
``"rule.rate"``, ``"distortion.shift"``
    One field of that value; its other fields stay.
``"net.start"``, ``"net.squash"``, ``"digits.size"``
    An argument of that function: ``nets.zip_code(start=..., seed=...)``.

Fields change first, and then their parts, so that "distortion" and "distortion.shift" go together. If the recipe is a
function, each name is an argument of it. Values are numbers, strings, None, lists of them, sn89's own frozen values, or
named functions; anything else needs a label: ``{"net": {"small": lambda seed: ..., "large": partial(...)}}``.

`Random` draws choices instead of a grid, and `search` lets Optuna choose them. The lines that are written to `out` are
read by ``pandas.read_json("rates.jsonl", lines=True, precise_float=True)``.
"""

from .choices import OneOf, Random, Real, Whole
from .results import Results
from .searching import Found, search
from .sweeping import run

__all__ = ["Found", "OneOf", "Random", "Real", "Results", "Whole", "run", "search"]
