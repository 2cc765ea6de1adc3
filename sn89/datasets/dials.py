"""Settings of how hard pictures of mail are to read: single dials, or a difficulty from 0 to 1 for all of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ..arguments import real, whole


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
        """The setting for a difficulty from 0 to 1: every dial is interpolated between its easy and hard values."""
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
    """Raise an error unless a dial is a number in its range, or two for a range, the second no smaller."""
    limits = {"height": (8, 400), "quality": (1, 100), "skew": (0, 0.1), "turn": (0, 90)}
    least, most = limits.get(name, (0, 4))
    if name in ("touching", "broken", "rules", "marks", "contrast"):
        most = 1
    several = name in ("height", "gap", "contrast")
    if several and not (isinstance(value, (tuple, list)) and len(value) == 2):
        raise TypeError(f"{name} must be two numbers, the least and the greatest, not {value!r}")
    low, *high = [real(one, name) for one in (value if several else [value])]  # type: ignore[attr-defined]
    if not least <= low <= (high or [low])[0] <= most:
        numbers = "two rising numbers" if several else "a number"
        raise ValueError(f"{name} must be {numbers} from {least} to {most}, not {value}")
    if name == "quality":
        whole(value, name)


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
