"""Draw the pictures of docs/mail.md, with the nets that `examples/read_mail.py --bench` has left in a folder.

python docs/draw_mail.py mail
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import sn89
from sn89 import reader
from sn89.datasets.mail import SETTINGS
from sn89.reader.reading import ACCEPTED_COLOUR, REJECTED_COLOUR, annotated
from sn89.reproduce.mail import SEED, measure

HERE = Path(__file__).parent / "pictures"
WIDTH = 960  # pixels
SMALLER = 0.95  # of the size of the pictures as they were read
GREYS = 12  # of the palette, which makes files small
NET = "planes"
EACH = 6  # failures of each setting


def shelves(pictures: Sequence[np.ndarray], width: int = WIDTH) -> np.ndarray:
    """Pictures (height, width, 3) side by side, row under row, white between."""
    rows: list[list[np.ndarray]] = [[]]
    for picture in pictures:
        if rows[-1] and sum(one.shape[1] + 6 for one in rows[-1]) + picture.shape[1] > width:
            rows.append([])
        rows[-1].append(picture)
    sheet = []
    for row in rows:
        high = max(one.shape[0] for one in row) + 6
        padded = [
            np.pad(one, ((0, high - one.shape[0]), (0, 6), (0, 0)), constant_values=255)[:, : width + 6] for one in row
        ]
        joined = np.concatenate(padded, axis=1)[:, :width]
        sheet.append(np.pad(joined, ((0, 0), (0, width - joined.shape[1]), (0, 0)), constant_values=255))
    return np.concatenate(sheet)


def save(picture: np.ndarray, name: str) -> None:
    """Write a picture smaller and with few colours, in which the paper's noise takes little room."""
    from PIL import Image

    image = Image.fromarray(picture)
    size = tuple(round(SMALLER * side) for side in image.size)
    image = image.resize(size, Image.Resampling.LANCZOS).quantize(palette=palette(), dither=Image.Dither.NONE)
    reader.write_png(image, HERE / name)


def palette() -> Any:
    """Greys, and the two colours of boxes, each on paper too."""
    from PIL import Image

    greys = np.linspace(0, 255, GREYS)[:, None] * np.ones(3)
    inks = np.array([ACCEPTED_COLOUR, REJECTED_COLOUR], float)
    colours = np.concatenate([greys, inks, 0.6 * inks + 0.4 * 200])
    holder = Image.new("P", (1, 1))
    holder.putpalette(np.rint(colours).astype(np.uint8).tobytes())
    return holder


def main() -> None:
    """The settings, and what the reader gets wrong in each."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "mail")
    net = sn89.load(folder / f"{NET}.safetensors")
    usps = sn89.datasets.usps().test
    examples, failures = [], []
    reject = 0.9  # of the difference of the two largest scores, for the colours
    for setting in SETTINGS:
        envelopes = list(sn89.datasets.mail(usps, 60, setting, seed=SEED))
        for one in envelopes[:3]:
            examples.append(drawn(one.image, reader.read(one.image, net, reject)))
        for envelope, reading in measure(envelopes, net, reader.FRAME_16, usps).failures[:EACH]:
            print(
                f"{setting} {len(failures) + 1}: {' '.join(envelope.strings)} was read as {' '.join(reading.strings)}"
            )
            failures.append(drawn(envelope.image, reader.read(envelope.image, net, reject)))
    save(shelves(examples), "mail.png")
    save(shelves(failures), "mail_failures.png")


def drawn(image: np.ndarray, reading: reader.Reading) -> np.ndarray:
    """A picture with what was read in it."""
    return np.asarray(annotated(reader.load(image), reading))


if __name__ == "__main__":
    main()
