"""Read without segmentation: LeNet-1 and LeNet-5 swept over lines of digits, beside reading digits that are cut out.

    python examples/scan_mail.py                # LeNet-1
    python examples/scan_mail.py --net lenet5

A net is taken from --output if examples/read_mail.py has put it there; otherwise it is trained. It is swept as it is,
and again after it has learned from lines: digits beside their neighbours, and the gaps between them. The table counts
edits (a digit wrong, missing or too many) for each digit that is written. It needs scikit-image: pip install
"sn89[reader]".
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import sn89
from sn89 import reader
from sn89.cli.script import errors_in_one_line
from sn89.datasets.mail import SETTINGS, Envelope
from sn89.measure import edits
from sn89.reader.recognisers import PICTURES, RECOGNISERS, SWEEPS, training_digits, training_pictures
from sn89.reproduce.mail import SEED


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--net", choices=SWEEPS, default="lenet1", help="which (%(default)s)")
    parser.add_argument("--count", type=int, default=100, help="pictures of each setting (%(default)s)")
    parser.add_argument("--practice", type=int, default=PICTURES, help="pictures of a kind to learn from (%(default)s)")
    parser.add_argument("--data", type=Path, help="folder with the files of USPS and MNIST")
    parser.add_argument("--output", type=Path, default=Path("mail"), help="folder for the nets (%(default)s)")
    return parser.parse_args()


def find_net(options: argparse.Namespace) -> sn89.Net:
    """The net from the output folder, or trained and put there."""
    path = options.output / f"{options.net}.safetensors"
    if not path.exists():
        recogniser = RECOGNISERS[options.net]
        print(f"training {recogniser.title}", file=sys.stderr)
        net = recogniser.train(training_digits(recogniser.form, options.data, options.practice), progress=None)
        sn89.save(net, path)
    return sn89.load(path)


def share_of_edits(envelopes: list[Envelope], read: Callable[[Envelope], str]) -> str:
    """Edits for each digit that is written, in percent."""
    written = ["".join(envelope.strings) for envelope in envelopes]
    found = sum(edits(text, read(envelope)) for text, envelope in zip(written, envelopes, strict=True))
    return f"{100 * found / sum(map(len, written)):5.1f} %"


def main() -> None:
    """Sweep, train, sweep again, and segment, on the same pictures."""
    options = arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    net, sweep = find_net(options), SWEEPS[options.net]
    practised = sn89.load(options.output / f"{options.net}.safetensors")
    print("learning from lines", file=sys.stderr)
    sweep.train(practised, training_pictures(options.data, options.practice), progress=None)

    def scanned(by: sn89.Net) -> Callable[[Envelope], str]:
        return lambda one: "".join(
            str(seen.label) for line in reader.scan_lines(one.image, by, sweep.sure) for seen in line
        )

    print(f"{net.name}: edits for each digit written\n{'':8}swept    with lines learned   segmented")
    for setting in SETTINGS:
        test = sn89.datasets.usps(options.data).test
        envelopes = list(sn89.datasets.mail(test, options.count, setting, seed=SEED))
        cut_out = share_of_edits(envelopes, lambda one: "".join(reader.read(one.image, net).strings))
        swept = [share_of_edits(envelopes, scanned(by)) for by in (net, practised)]
        print(f"{setting:8}{swept[0]}  {swept[1]}              {cut_out}", flush=True)


if __name__ == "__main__":
    with errors_in_one_line("scan_mail.py"):
        main()
