"""``sn89 teach``: teach a recogniser the digits of your own mail."""

from pathlib import Path

import click

from ..counted import counted
from ..reader.ready import READER, provenance, train_recogniser
from ..reader.teaching import HELD_OUT, PASSES, teach
from ..reader.truth import read_truth
from ..storage import save
from . import options
from .digit_files import pictures_of
from .options import Share
from .read import how_many, recogniser_or_file
from .saying import remark, result

REMARKS = 8  # remarks on the truth that are printed; of more only their number


@options.verb("teach")
@click.argument("pictures", metavar="PICTURE|FOLDER...", type=click.Path(path_type=Path), nargs=-1, required=True)
@options.file_option(
    "--truth",
    metavar="FILE|FOLDER",
    required=True,
    help="The right digits: a table (CSV) of pictures and digits, a JSON file, or a folder of files NAME.txt.",
)
@options.file_option("--net", metavar="NET.safetensors", help="The net to teach.  [default: the recogniser of sn89]")
@click.option("--digits", metavar="N|N-M", callback=how_many, help="How many digits each string has, if you know it.")
@click.option(
    "--held-out",
    metavar="SHARE",
    type=Share(most=0.9),
    default=HELD_OUT,
    help="Share of the pictures from which the net does not learn; they measure the result.",
)
@options.count_option("--passes", default=PASSES, help="Passes over the digits.")
@options.seed_option
@options.quiet_option
@options.output_option("taught.safetensors")
@options.force_option
@options.json_option
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

    Give pictures and the digits written in them. sn89 finds the digits of each string in its picture and learns them.
    It holds some pictures out and measures on these how well the net reads before and after. The file of the net
    holds the confidence below which sn89 read rejects digits of this mail.

    The truth is a table with a row for each picture, with or without a header, separated by commas, semicolons or tabs;
    amounts may contain currency signs, points and spaces. With --digits, leading zeros that a spreadsheet has removed
    are restored. sn89 read --review writes a page that makes such a table.

    sn89 teach cheques/ --truth amounts.csv
    sn89 teach envelopes/ --truth codes.csv --digits 5 -o mine.safetensors
    sn89 read more/ --net mine.safetensors
    """
    output = options.check_output(output or Path("taught.safetensors"), force, endings=(".safetensors",))
    files = pictures_of(*pictures)
    answers = read_truth(truth, files, digits)
    for line in answers.remarks[:REMARKS]:
        remark(line)
    if len(answers.remarks) > REMARKS:
        remark(f"and {len(answers.remarks) - REMARKS} more remarks")
    one = recogniser_or_file(net)
    taught = teach(
        *(one, answers.written),
        held_out=held_out,
        passes=passes,
        seed=seed,
        progress=False if quiet else None,
        tell=(lambda words: None) if quiet else remark,
    )
    document = {"net": one.name, "taught": str(net) if net else "the recogniser of sn89", "truth": str(truth)}
    document |= taught.plain()
    save(one, output, provenance={**document, "seed": seed, "passes": passes})
    words = "\n".join([*taught.lines(), f"{output}: {one.name}, taught {counted(taught.learned, 'picture')}"])
    result(as_json, {"file": str(output), **document}, words)


def train_reader(data: str | None, seed: int, quiet: bool, output: Path | None, force: bool, as_json: bool) -> None:
    """``sn89 train --recipe reader``: train the recogniser anew and write it to a file."""
    output = options.check_output(output or Path("reader.safetensors"), force, endings=(".safetensors",))
    if data is not None and not Path(data).is_dir():
        raise click.UsageError("--recipe reader learns from USPS and MNIST: --data must name the folder of both.")
    if not quiet:
        remark("training the recogniser of sn89 read, for three or four minutes")
    net = train_recogniser(seed=seed, data=data, progress=False if quiet else None)
    about = provenance(READER, seed)
    save(net, output, provenance=about)
    words = f"{output}: {net.name}, a recogniser for sn89 read --net {output}"
    result(as_json, {"file": str(output), "net": net.name, **about}, words)
