"""The output of ``sn89 train``: the net and its training, a line for each pass, and the result."""

from __future__ import annotations

import sys
from pathlib import Path

from ..counted import counted
from ..datasets.digits import Digits
from ..history import History, Pass
from ..measure import Measurement
from ..net import Net
from ..rules import Rule


def _wrong(measured: Measurement | None) -> str:
    if measured is None:
        return ""
    return f"{measured.cost:.2e}" if measured.error is None else f"{100 * measured.error:.2f} % ({measured.wrong:,})"


def _words(rule: Rule) -> str:
    """The rule with its constants; of several rates only the first and the last."""
    rates = f"{rule.rates[0]:g}" if len(rule.rates) == 1 else f"{rule.rates[0]:g} to {rule.rates[-1]:g}"
    return ", ".join([f"{type(rule).__name__}: rate {rates}", *(f"{k} {v:g}" for k, v in rule.constants.items())])


def head(net: Net, digits: Digits, rule: Rule, passes: int, order: str, seed: int) -> str:
    """The net, the digits and the training, in three lines."""
    rest = f", {len(digits.test[0]):,} to test on" if len(digits.test[0]) else ""
    return "\n".join(
        [
            f"{net.name}: {counted(net.free_parameters, 'free parameter')}",
            f"{digits.name}: {counted(len(digits.train[0]), 'digit')} to learn from{rest}",
            f"{_words(rule)}; {counted(passes, 'pass', 'passes')}, "
            f"order {'as given' if order == 'given' else 'shuffled'}, seed {seed}",
        ]
    )


class Said:
    """A callback that prints a line for each pass above the progress bar: the cost, and the errors if measured."""

    def __init__(self, to_stderr: bool) -> None:
        self.to_stderr, self.begun = to_stderr, False

    def __call__(self, net: Net, history: History) -> None:
        last = history.passes[-1]
        if not self.begun:
            self.begun = True
            self._write(f"\n{'pass':>4}  {'seconds':>8}  {'cost':>8}" + self._heads(last))
        cells = "".join(f"  {_wrong(one):>17}" for one in (last.train, last.held_out, last.test) if one)
        self._write(f"{last.number:>4}  {last.seconds:>8.2f}  {last.cost:>8.2e}{cells}")

    def _heads(self, last: Pass) -> str:
        named = (("train wrong", last.train), ("held out wrong", last.held_out), ("test wrong", last.test))
        return "".join(f"  {name:>17}" for name, one in named if one)

    def _write(self, line: str) -> None:
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr if self.to_stderr else sys.stdout)


def outcome(net: Net, history: History, digits: Digits, output: Path) -> str:
    """The final errors, and the file of the net."""
    final = history.final
    measured = (("train", final.train), ("held out", final.held_out), ("test", final.test))
    lines = [*history.ends, *(f"{name:<{8 if final.held_out else 6}} {one}" for name, one in measured if one)]
    if digits.synthetic:
        lines.append("These are synthetic digits: the errors cannot be compared with the paper's.")
    passes = counted(len(history.passes), "pass", "passes")
    return "\n".join([*lines, f"{output}: {net.name}, {passes} in {history.seconds:.1f} s of learning"])
