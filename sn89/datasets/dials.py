"""Settings of how hard pictures of mail are to read: single dials, or a difficulty from 0 to 1 for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from ..arguments import real, whole


def _dial(easy: Any, hard: Any, most: float = 4, least: float = 0) -> Any:
    """A dial: its value at difficulty 0, which is its default, its value at difficulty 1, and the ends of its range."""
    return field(default=easy, metadata={"hard": hard, "ends": (least, most)})


@dataclass(frozen=True)
class Setting:
    """The range of variation of pictures of mail. Lengths are in heights of a digit unless they are in pixels.

    Parameters
    ----------
    height : (float, float)
        Least and greatest height of the digits of a picture, in pixels.
    uneven : float
        Greatest difference of a digit's height from that of the others.
    slant : float
        Greatest shift to the right per unit of height of a code; that of a digit may differ by half of it.
    turn : float
        Greatest turn of a digit, in degrees.
    baseline : float
        Greatest distance of a digit from the line.
    gap : (float, float)
        Least and greatest distance between the ink of neighbours.
    touching : float
        Probability that a digit touches the one before it.
    broken : float
        Probability that a stroke of a digit is broken.
    contrast : (float, float)
        Least and greatest difference between paper and ink, as a share of the grey levels.
    texture, light, noise : float
        Amplitudes of the paper's texture, of uneven light and of the sensor's noise, as shares of the grey levels.
    blur : float
        Greatest standard deviation of the blur, in pixels.
    rules, marks : float
        Probabilities of a ruled line and of a postmark.
    skew : float
        Greatest shift of a corner of the picture, as a share of its width.
    quality : int
        Lowest quality of JPEG compression; 100 for none.
    """

    height: tuple[float, float] = _dial((30.0, 52.0), (20.0, 44.0), 400, least=8)
    uneven: float = _dial(0.05, 0.20)
    slant: float = _dial(0.08, 0.30)
    turn: float = _dial(2.0, 8.0, 90)
    baseline: float = _dial(0.05, 0.16)
    gap: tuple[float, float] = _dial((0.12, 0.40), (0.05, 0.30))
    touching: float = _dial(0.0, 0.25, 1)
    broken: float = _dial(0.0, 0.20, 1)
    contrast: tuple[float, float] = _dial((0.55, 0.80), (0.28, 0.60), 1)
    texture: float = _dial(0.02, 0.08)
    light: float = _dial(0.08, 0.40)
    noise: float = _dial(0.01, 0.05)
    blur: float = _dial(0.5, 1.1)
    rules: float = _dial(0.0, 0.6, 1)
    marks: float = _dial(0.0, 0.5, 1)
    skew: float = _dial(0.0, 0.03, 0.1)
    quality: int = _dial(100, 25, 100, least=1)

    def __post_init__(self) -> None:
        for dial in fields(self):
            least, most = dial.metadata["ends"]
            _check(dial.name, getattr(self, dial.name), least, most, isinstance(dial.default, tuple))
        whole(self.quality, "quality")

    @classmethod
    def at(cls, difficulty: float) -> Setting:
        """The setting for a difficulty from 0 to 1: every dial is interpolated between its easy and hard values."""
        d = real(difficulty, "difficulty")
        if not 0 <= d <= 1:
            raise ValueError(f"difficulty must be from 0 to 1, not {d:g}")
        return cls(**{dial.name: _between(dial.default, dial.metadata["hard"], d) for dial in fields(cls)})


def _check(name: str, value: Any, least: float, most: float, several: bool) -> None:
    """Raise an error unless a dial is a number in its range, or two for a range, the second no smaller."""
    if several and not (isinstance(value, (tuple, list)) and len(value) == 2):
        raise TypeError(f"{name} must be two numbers, the least and the greatest, not {value!r}")
    low, *high = [real(one, name) for one in (value if several else [value])]
    if not least <= low <= (high or [low])[0] <= most:
        numbers = "two rising numbers" if several else "a number"
        raise ValueError(f"{name} must be {numbers} from {least} to {most}, not {value}")


def _between(easy: Any, hard: Any, share: float) -> Any:
    if isinstance(easy, tuple):
        return tuple(_between(*ends, share) for ends in zip(easy, hard, strict=True))
    value = easy + (hard - easy) * share
    return round(value) if isinstance(easy, int) else value


#: Separate digits on clean paper; some touching or broken digits, rules and postmarks; all of this, and stronger.
EASY, MEDIUM, HARD = Setting.at(0.0), Setting.at(0.5), Setting.at(1.0)
SETTINGS = {"easy": EASY, "medium": MEDIUM, "hard": HARD}


def setting_of(given: str | float | Setting) -> Setting:
    """A setting by its name or by its difficulty."""
    if isinstance(given, Setting):
        return given
    if isinstance(given, str):
        if given not in SETTINGS:
            raise ValueError(
                f"setting must be one of {', '.join(SETTINGS)}, a number from 0 to 1 or a Setting, not {given!r}"
            )
        return SETTINGS[given]
    return Setting.at(given)
