"""``sn89 teach``: a recogniser goes on to learn one's own mail."""

from __future__ import annotations

from pathlib import Path

import click

from ..counted import counted
from ..reader.ready import READER, provenance, train_recogniser
from ..reader.teaching import HELD_OUT, PASSES, teach
from ..reader.truth import read_truth
from ..storage import save
from .digit_files import pictures_of
from .options import FILE, check_output, force_option, json_option, output_option, verb
from .read import how_many, recogniser_or_file
from .saying import print_json, remark, say

REMARKS = 8  # on the truth that are printed; of more, how many there are


@verb("teach")
@click.argument("pictures", metavar="PICTURE|FOLDER...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--truth",
    metavar="FILE|FOLDER",
    type=FILE,
    required=True,
    help="What is written in them: a table (CSV) of pictures and digits, JSON, or a folder of NAME.txt.",
)
@click.option(
    "--net", metavar="NET.safetensors", type=FILE, help="The net to teach.  [default: the recogniser of sn89]"
)
@click.option("--digits", metavar="N|N-M", callback=how_many, help="How many digits each string has, if that is known.")
@click.option(
    "--held-out",
    metavar="SHARE",
    type=click.FloatRange(0, 0.9),
    default=HELD_OUT,
    show_default=True,
    help="Share of the pictures that nothing is learned from: they tell what came of it.",
)
@click.option("--passes", metavar="N", type=click.IntRange(1), default=PASSES, show_default=True, help="To learn for.")
@click.option("--seed", metavar="N", type=int, default=1, show_default=True, help="Of all that is random.")
@click.option("-q", "--quiet", is_flag=True, help="No progress; only what came out.")
@output_option("taught.safetensors")
@force_option
@json_option
def teach_net(
    pictures: tuple[Path, ...],
    truth: Path,
    net: Path | None,
    digits: int | tuple[int, int] | None,
    held_out: float,
    passes: int,
    seed: int,
    quiet: bool,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Teach a recogniser your mail.

    It takes pictures and what is written in them. The digits of each string are found in its picture, and learned; some
    pictures are held out, and say how well it reads before and after. The net that is written knows how sure it must be
    for that mail: sn89 read asks it.

    The truth is a table with a row for each picture, with a header or without, separated by commas, semicolons or
    tabs; amounts may have signs of money, points and spaces in them. With --digits, leading zeros come back that a
    spreadsheet has taken away. sn89 read --review writes a page that makes such a table.

    sn89 teach cheques/ --truth amounts.csv
    sn89 teach envelopes/ --truth codes.csv --digits 5 -o mine.safetensors
    sn89 read more/ --net mine.safetensors
    """
    output = check_output(output or Path("taught.safetensors"), force, endings=(".safetensors",))
    files = pictures_of(*pictures)
    told = read_truth(truth, files, digits)
    for line in told.remarks[:REMARKS]:
        remark(line)
    if len(told.remarks) > REMARKS:
        remark(f"and {len(told.remarks) - REMARKS} remarks more")
    one = recogniser_or_file(net)
    taught = teach(
        *(one, told.written),
        held_out=held_out,
        passes=passes,
        seed=seed,
        progress=False if quiet else None,
        tell=(lambda words: None) if quiet else remark,
    )
    document = {"net": one.name, "taught": str(net) if net else "the recogniser of sn89", "truth": str(truth)}
    document |= taught.plain()
    save(one, output, provenance={**document, "seed": seed, "passes": passes})
    if as_json:
        print_json({"file": str(output), **document})
    else:
        say("\n".join([*taught.lines(), f"{output}: {one.name}, taught {counted(taught.learned, 'picture')}"]))


def train_reader(data: str | None, seed: int, quiet: bool, output: Path | None, force: bool, as_json: bool) -> None:
    """``sn89 train --recipe reader``: the recogniser, trained anew and written to a file."""
    output = check_output(output or Path("reader.safetensors"), force, endings=(".safetensors",))
    if data is not None and not Path(data).is_dir():
        raise click.UsageError("--data names the folder of USPS and MNIST: --recipe reader learns from both.")
    if not quiet:
        remark("training the recogniser of sn89 read, for two or three minutes")
    net = train_recogniser(seed=seed, data=data, progress=False if quiet else None)
    told = provenance(READER, seed)
    save(net, output, provenance=told)
    if as_json:
        print_json({"file": str(output), "net": net.name, **told})
    else:
        say(f"{output}: {net.name}, a recogniser for sn89 read --net {output}")


VERBS = (teach_net,)
