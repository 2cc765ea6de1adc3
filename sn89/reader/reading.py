"""The answer of a reader: digits in their order, and the strings of the fields that they form."""

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..atomic import write_whole

REJECTED = "?"


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit of a picture.

    Parameters
    ----------
    box : (int, int, int, int)
        Top, left, bottom and right in pixels of the picture; bottom and right are outside.
    image : ndarray of float32, shape (size, size)
        The normalised digit that the net has seen.
    label : int
        The class with the largest score.
    outputs : ndarray of float32, shape (classes,)
        Outputs of the net.
    confidence : float
        How probable it is that the label is right, from 0 to 1 (`sn89.Confidence`).
    accepted : bool
        Whether the digit is accepted.
    reason : str
        Why it is rejected; empty if it is accepted.
    """

    box: tuple[int, int, int, int]
    image: NDArray[np.float32] = field(repr=False)
    label: int
    outputs: NDArray[np.float32] = field(repr=False)
    confidence: float
    accepted: bool = True
    reason: str = ""

    @property
    def text(self) -> str:
        """The label, or ``?`` if the digit is rejected."""
        return str(self.label) if self.accepted else REJECTED

    def plain(self) -> dict[str, Any]:
        """The digit without its image, in plain values for JSON.

        Returns
        -------
        dict
        """
        return {
            "box": list(self.box),
            **{name: getattr(self, name) for name in ("label", "text", "accepted", "reason")},
            "confidence": round(self.confidence, 6),
            "outputs": [round(float(value), 6) for value in self.outputs],
        }


@dataclass(frozen=True, eq=False)
class Reading:
    """The digits of a picture.

    Parameters
    ----------
    digits : tuple of Digit
        In the order of reading: line by line, from left to right.
    fields : tuple of tuple of int
        Indices of the digits of each field.
    lines : tuple of tuple of int
        Indices of the fields of each line.
    shape : (int, int)
        Height and width of the picture.
    seconds : dict
        The time that each step took, by its name.
    others : tuple of Digit
        Groups that were left out because most of their field is no digit, such as words, signs and pictures.
    reason : str
        Why there are no digits; empty if there are some.
    remarks : tuple of str
        Sentences about lines that seem to hold another number of digits than was asked for.
    """

    digits: tuple[Digit, ...]
    fields: tuple[tuple[int, ...], ...]
    lines: tuple[tuple[int, ...], ...]
    shape: tuple[int, int]
    seconds: dict[str, float] = field(default_factory=dict, repr=False)
    others: tuple[Digit, ...] = field(default=(), repr=False)
    reason: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def strings(self) -> list[str]:
        """The string of each field, with ``?`` for rejected digits."""
        return ["".join(self.digits[i].text for i in one) for one in self.fields]

    def __str__(self) -> str:
        strings = self.strings
        return "\n".join(" ".join(strings[i] for i in line) for line in self.lines)

    def plain(self) -> dict[str, Any]:
        """The reading in plain values for JSON.

        Returns
        -------
        dict
        """
        return {
            "height": self.shape[0],
            "width": self.shape[1],
            "reason": self.reason,
            "remarks": list(self.remarks),
            "lines": [list(line) for line in self.lines],
            "fields": [
                {"text": text, "digits": list(one)} for text, one in zip(self.strings, self.fields, strict=True)
            ],
            "digits": [digit.plain() for digit in self.digits],
            "no_digits": [list(digit.box) for digit in self.others],
        }


#: Colours of accepted and of rejected digits: nearly everybody can tell blue from orange.
ACCEPTED_COLOUR, REJECTED_COLOUR = (0, 90, 200), (225, 95, 0)


def annotated(grey: NDArray[np.float32], reading: Reading) -> Any:
    """A Pillow image of a picture, grey levels from 0 to 1, with boxes, labels and confidences.

    Rejected digits are in another colour, with a dashed box and a question mark after the label.
    """
    from PIL import Image, ImageDraw, ImageFont

    if grey.shape != reading.shape:
        raise ValueError(f"this reading is of a picture of {reading.shape} pixels, not {grey.shape}")
    image = Image.fromarray(np.rint(255 * grey).astype(np.uint8)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for digit in reading.digits:
        top, left, bottom, right = digit.box
        size = min(max(10, (bottom - top) // 3), 48)
        colour = ACCEPTED_COLOUR if digit.accepted else REJECTED_COLOUR
        if digit.accepted:
            draw.rectangle((left - 1, top - 1, right, bottom), outline=colour)
        else:
            _draw_dashed(draw, left - 1, top - 1, right, bottom, colour)
        label = f"{digit.label}{'' if digit.accepted else REJECTED}"
        draw.text((left, top - 2), label, colour, ImageFont.load_default(size), anchor="lb")
        draw.text((left, bottom + 1), f"{digit.confidence:.2f}", colour, ImageFont.load_default(max(8, size * 2 // 3)))
    return image


def _draw_dashed(draw: Any, left: int, top: int, right: int, bottom: int, colour: tuple[int, int, int]) -> None:
    """Draw a box in dashes of 3 pixels."""
    level = ((x, y, min(x + 2, right), y) for x in range(left, right + 1, 6) for y in (top, bottom))
    upright = ((x, y, x, min(y + 2, bottom)) for y in range(top, bottom + 1, 6) for x in (left, right))
    for dash in (*level, *upright):
        draw.line(dash, colour)


def write_png(image: Any, path: str | os.PathLike[str]) -> None:
    """Write a Pillow image, or an array of grey levels uint8, as a PNG file, whole or not at all."""
    import io

    from PIL import Image

    content = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(content, "PNG", optimize=True)
    write_whole(path, content.getvalue())
