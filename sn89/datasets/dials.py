"""What makes mail hard to read, dial by dial, and all dials by one: the difficulty from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ..arguments import real, whole


@dataclass(frozen=True)
class Setting:
    """What a picture may be like; lengths are in heights of a digit unless they are in pixels.

    Parameters
    ----------
    height : (float, float)
        Height of the digits of a picture, pixels, from and to.
    uneven : float
        How much a digit may be larger or smaller than the others.
    slant : float
        Shift to the right per unit of height: of a whole code up to this, of a digit up to half of it more.
    turn : float
        Degrees that a digit may be turned.
    baseline : float
        How far a digit may be off the line.
    gap : (float, float)
        Paper between the ink of neighbours, from and to.
    touching : float
        Chance that a digit touches the one before it.
    broken : float
        Chance that a stroke of a digit is broken.
    contrast : (float, float)
        How much darker than paper ink is, from and to, of all the grey levels.
    texture, light, noise : float
        Amplitudes of the paper's texture, of uneven light and of the sensor's noise, of all the grey levels.
    blur : float
        Greatest standard deviation, pixels, of being out of focus.
    rules, marks : float
        Chances of a ruled line, and of a postmark.
    skew : float
        How far a corner of the picture may be moved, of its width.
    quality : int
        Lowest quality of the JPEG file that the picture was in; 100 for none.
    """

    height: tuple[float, float] = (30.0, 52.0)
    uneven: float = 0.05
    slant: float = 0.08
    turn: float = 2.0
    baseline: float = 0.05
    gap: tuple[float, float] = (0.12, 0.40)
    touching: float = 0.0
    broken: float = 0.0
    contrast: tuple[float, float] = (0.55, 0.80)
    texture: float = 0.02
    light: float = 0.08
    noise: float = 0.01
    blur: float = 0.5
    rules: float = 0.0
    marks: float = 0.0
    skew: float = 0.0
    quality: int = 100

    def __post_init__(self) -> None:
        for field in fields(self):
            _check_dial(field.name, getattr(self, field.name))

    @classmethod
    def at(cls, difficulty: float) -> Setting:
        """The setting of a difficulty from 0 to 1: every dial in between what it is for both."""
        d = real(difficulty, "difficulty")
        if not 0 <= d <= 1:
            raise ValueError(f"difficulty must be from 0 to 1, not {d:g}")
        easy, hard = cls(), _HARDEST
        return cls(**{field.name: _between(getattr(easy, field.name), hard[field.name], d) for field in fields(cls)})


_HARDEST: dict[str, Any] = {
    "height": (20.0, 44.0),
    "uneven": 0.20,
    "slant": 0.30,
    "turn": 8.0,
    "baseline": 0.16,
    "gap": (0.05, 0.30),
    "touching": 0.25,
    "broken": 0.20,
    "contrast": (0.28, 0.60),
    "texture": 0.08,
    "light": 0.40,
    "noise": 0.05,
    "blur": 1.1,
    "rules": 0.6,
    "marks": 0.5,
    "skew": 0.03,
    "quality": 25,
}


def _check_dial(name: str, value: object) -> None:
    """A dial is a number from 0 on, or two, the second no smaller."""
    limits = {"height": (8, 400), "quality": (1, 100), "skew": (0, 0.1), "turn": (0, 90)}
    least, most = limits.get(name, (0, 4))
    if name in ("touching", "broken", "rules", "marks", "contrast"):
        most = 1
    several = name in ("height", "gap", "contrast")
    if several and not (isinstance(value, (tuple, list)) and len(value) == 2):
        raise TypeError(f"{name} must be two numbers, from and to, not {value!r}")
    low, *high = [real(one, name) for one in (value if several else [value])]  # type: ignore[attr-defined]
    if not least <= low <= (high or [low])[0] <= most:
        raise ValueError(
            f"{name} must be {'two numbers, rising, ' if several else ''}in {least} to {most}, not {value}"
        )
    if name == "quality":
        whole(value, name)


def _between(easy: Any, hard: Any, share: float) -> Any:
    if isinstance(easy, tuple):
        return tuple(_between(*ends, share) for ends in zip(easy, hard, strict=True))
    value = easy + (hard - easy) * share
    return round(value) if isinstance(easy, int) else value


#: Digits apart on clean paper; some that touch or are broken, with rules and postmarks; everything at once.
EASY, MEDIUM, HARD = Setting.at(0.0), Setting.at(0.5), Setting.at(1.0)
SETTINGS = {"easy": EASY, "medium": MEDIUM, "hard": HARD}


def setting_of(given: str | float | Setting) -> Setting:
    """A setting by name, by difficulty, or as it is."""
    if isinstance(given, Setting):
        return given
    if isinstance(given, str):
        if given not in SETTINGS:
            raise ValueError(
                f"setting must be one of {', '.join(SETTINGS)}, a number from 0 to 1 or a Setting, not {given!r}"
            )
        return SETTINGS[given]
    return Setting.at(given)
