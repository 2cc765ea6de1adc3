"""Read mail: from pictures of handwritten digits to strings, with a net that is trained for it.

    python examples/read_mail.py                         # pictures of zip codes, composed of test digits
    python examples/read_mail.py envelope.png folder/    # yours: PNG, JPEG, TIFF, PGM
    python examples/read_mail.py --bench --net zip lenet1 lenet5 planes   # the tables of docs/mail.md
    python examples/read_mail.py --worn --net planes     # the same digits in shadow, folded, ruled, beside print, ...
    python examples/read_mail.py folder/ --truth strings.csv   # how many of yours are read right

The strings are printed. Pictures with boxes, labels and confidences are written to --output, with rejected digits in
orange. A net is trained on training digits, alone and in pictures, and kept in --output as <name>.safetensors for the
next time. It needs scikit-image: pip install "sn89[reader]".
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import cache
from pathlib import Path

from tqdm.auto import tqdm

import sn89
from sn89 import reader
from sn89.cli.script import errors_in_one_line
from sn89.datasets.digits import Part
from sn89.reader.recognisers import (
    CALIBRATED_ON,
    PICTURES,
    RECOGNISERS,
    Recogniser,
    held_out_digits,
    training_digits,
)
from sn89.reproduce.mail import bench, passing
from sn89.reproduce.pictures import measure_files, measure_worn, table


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    names = "\n".join(f"  {name:<7} {one.title}" for name, one in RECOGNISERS.items())
    parser = argparse.ArgumentParser(
        description=f"{__doc__}\nnets:\n{names}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pictures", nargs="*", help="files, or folders of them; none: some are composed")
    parser.add_argument(
        "--net", nargs="+", choices=RECOGNISERS, default=["zip"], help="which (zip); several for --bench"
    )
    parser.add_argument(
        "--reject", type=float, help="reject digits of less confidence, from 0 to 1 (the net's, or 0.9)"
    )
    parser.add_argument("--ink", choices=["auto", "dark", "light"], default="auto", help="darker or lighter than paper")
    parser.add_argument("--json", action="store_true", help="print all that was read as JSON, a line for each picture")
    parser.add_argument("--setting", choices=["easy", "medium", "hard"], default="easy", help="of composed pictures")
    parser.add_argument("--count", type=int, default=5, help="how many are composed (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the training (%(default)s)")
    parser.add_argument("--practice", type=int, default=PICTURES, help="pictures of a kind to learn from (%(default)s)")
    parser.add_argument(
        "--bench", action="store_true", help="measure on many composed pictures instead of reading some"
    )
    parser.add_argument("--nondigits", action="store_true", help="measure what passes for a digit and is none")
    parser.add_argument("--worn", type=int, nargs="?", const=100, help="measure on so many pictures of each wear (100)")
    parser.add_argument("--truth", type=Path, help="table of the pictures in the folder and the digits in each")
    parser.add_argument("--data", type=Path, help="folder with the files of USPS and MNIST")
    parser.add_argument("--output", type=Path, default=Path("mail"), help="folder for what is written (%(default)s)")
    return parser.parse_args()


def find_net(name: str, options: argparse.Namespace) -> sn89.Net:
    """The net from the output folder, or trained and put there."""
    path = options.output / f"{name}.safetensors"
    if path.exists():
        return sn89.load(path)
    recogniser: Recogniser = RECOGNISERS[name]
    print(f"training {recogniser.title} for {recogniser.passes} passes", file=sys.stderr)
    net = recogniser.train(learned_from(recogniser.form, options.data, options.practice), options.seed, progress=None)
    sn89.calibrate(net, *held_out_digits(recogniser.form, options.data), source=CALIBRATED_ON)
    sn89.save(net, path, provenance={"recogniser": name, "seed": options.seed, "practice": options.practice})
    return net


@cache
def learned_from(form: reader.Form, data: Path | None, pictures: int) -> Part:
    """The digits that nets of this form learn from, made once."""
    return training_digits(form, data, pictures)


def compose(options: argparse.Namespace) -> list[Path]:
    """Pictures of test digits of USPS, written to the output folder."""
    paths = []
    test = sn89.datasets.usps(options.data).test
    for i, envelope in enumerate(sn89.datasets.mail(test, options.count, options.setting)):
        paths.append(options.output / f"{options.setting}_{i + 1}.png")
        reader.write_png(envelope.image, paths[-1])
        print(f"{paths[-1]} says {' '.join(envelope.strings)}", file=sys.stderr)
    return paths


def read_all(pictures: list, net: sn89.Net, form: reader.Form, options: argparse.Namespace) -> None:
    """Read every picture, print what it says, and draw how it was read."""
    for path in tqdm(pictures, unit=" pictures", disable=None if len(pictures) > 1 else True):
        try:
            reading = reader.read(path, net, options.reject, ink=options.ink, form=form)
        except (OSError, ValueError) as error:
            tqdm.write(f"{error}", file=sys.stderr)
            continue
        told = json.dumps({"picture": str(path), **reading.plain()}) if options.json else f"{path}: {reading}"
        tqdm.write(told, file=sys.stdout)
        reader.annotate(path, reading, options.output / f"{Path(path).stem}_read.png")


def measure_yours(nets: dict, options: argparse.Namespace) -> None:
    """Read the pictures of a folder and compare them with what is written there."""
    if len(options.pictures) != 1 or not Path(options.pictures[0]).is_dir():
        raise ValueError("--truth needs one folder of pictures, in which those of the file are")
    folder = Path(options.pictures[0])
    truth = reader.read_truth(options.truth, sorted(one for one in folder.rglob("*") if one.is_file()))
    tallies, failed = measure_files(folder, truth.written, nets)
    for words in [*truth.remarks, *failed]:
        print(words, file=sys.stderr)
    print(table(tallies))


def main() -> None:
    """Train or find the nets, then read or measure."""
    options = arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    pictures = reader.pictures_in(*options.pictures)
    if not pictures and options.pictures and not options.truth:
        raise ValueError(f"there are no pictures in {', '.join(options.pictures)}")
    nets = {name: (find_net(name, options), RECOGNISERS[name].form) for name in options.net}
    if options.nondigits:
        for name, (net, form) in nets.items():
            for kind, share in passing(net, form, options.data).items():
                print(f"{name:<7} {kind:<12} {100 * share:5.1f} %")
        return
    if options.bench:
        found = bench(nets, options.data, tell=lambda words: print(words, file=sys.stderr))
        found.write(options.output)
        print(found.markdown())
        return
    if options.worn:
        print(table(measure_worn(sn89.datasets.mnist(28, options.data).test, nets, options.worn)))
        return
    if options.truth:
        measure_yours(nets, options)
        return
    for net, form in nets.values():
        read_all(pictures or compose(options), net, form, options)


if __name__ == "__main__":
    with errors_in_one_line("read_mail.py"):
        main()
