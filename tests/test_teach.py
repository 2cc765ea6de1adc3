"""A recogniser that is ready, teaching it one's own mail, and the page on which doubtful digits are corrected."""

from __future__ import annotations

import csv
import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from in_browser import Opened, browser  # noqa: F401 - a fixture

import sn89
from sn89 import reader
from sn89.cli.command import sn89 as command
from sn89.datasets.mail import EASY
from sn89.reader import Taught, Written, aligned, read_truth, ready, recognisers, review, teach
from sn89.reader.practice import desired, overlap, practice

pytest.importorskip("skimage")
pytest.importorskip("safetensors")
Image = pytest.importorskip("PIL.Image")

CLEAN = replace(EASY, height=(30.0, 34.0), gap=(0.2, 0.4), noise=0.0, texture=0.0, quality=100)


@pytest.fixture(scope="module")
def drawn():
    """Drawn digits, and the same as a people writes that turns all of them upside down."""
    digits = sn89.datasets.synthetic(800, 400, seed=1)
    return digits.train, (np.ascontiguousarray(digits.test[0][:, ::-1, ::-1]), digits.test[1])


@pytest.fixture(scope="module")
def net(drawn):
    """A recogniser that has seen upright digits only, trained for a second."""
    images, labels = practice(sn89.datasets.mail(drawn[0], 25, CLEAN, seed=2))
    X, y = np.concatenate([drawn[0][0], images]), np.concatenate([drawn[0][1], labels])
    net = sn89.nets.zip_code(seed=1)
    how = {"order": "shuffle", "measure": False, "progress": False}
    sn89.train(net, X, desired(y, net.cost), rule=sn89.LevenbergMarquardt(), passes=4, **how)
    return net


def same(net):
    """A net of its own, for it is taught in place."""
    other = sn89.nets.zip_code(seed=1)
    other.parameters[:] = net.parameters
    other.confidence = net.confidence
    return other


@pytest.fixture(scope="module")
def mail(drawn, tmp_path_factory):
    """Pictures of codes of those people, in a folder, and what is written in each."""
    folder, strings = tmp_path_factory.mktemp("mail"), {}
    for i, one in enumerate(sn89.datasets.mail(drawn[1], 30, CLEAN, seed=3, lengths=[5])):
        path = folder / f"{i:02}.png"
        Image.fromarray(one.image).save(path)
        strings[str(path)] = one.strings[0]
    return folder, strings


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """No digits at hand: the mail alone is learned."""
    (tmp_path / "no digits").mkdir()
    return tmp_path / "no digits"


# ---- Aligning and teaching -------------------------------------------------------------------------------------------


def test_a_string_is_aligned_with_the_digits_of_its_picture(net, drawn, tmp_path):
    """Where something stands before them that is none; and most of those that touch."""
    assert well_aligned(net, drawn[0], CLEAN, tmp_path) >= 0.95
    assert well_aligned(net, drawn[0], replace(CLEAN, touching=0.3), tmp_path) >= 0.7


def well_aligned(net, part, setting, tmp_path):
    """The share of digits that are found at their places."""
    right = count = 0
    for i, one in enumerate(sn89.datasets.mail(part, 8, setting, seed=5, lengths=[5])):
        picture = np.pad(one.image, ((0, 0), (60, 0)), mode="edge")
        picture[20:40, 10:14] = 0  # a bar, as high as a digit
        picture[28:32, 4:24] = 0
        Image.fromarray(picture).save(tmp_path / f"{i}.png")
        found = aligned(net, Written(str(tmp_path / f"{i}.png"), one.strings[0]))
        for digit, truth in zip(found.digits, one.digits, strict=True):
            top, left, bottom, end = truth.box
            right += overlap(digit.box, (top, left + 60, bottom, end + 60)) > 0.6
            count += 1
            assert digit.label == truth.label
    return right / count


def test_what_cannot_be_aligned_is_told(net, tmp_path):
    Image.fromarray(np.full((60, 90), 255, np.uint8)).save(tmp_path / "blank.png")
    assert aligned(net, Written(str(tmp_path / "blank.png"), "12")) is None
    assert aligned(net, Written(str(tmp_path / "blank.png"), "12", region=(200, 200, 10, 10))) is None
    blank = [Written(str(tmp_path / "blank.png"), "12")]
    with pytest.raises(ValueError, match="two pictures at least, one to learn from and one to hold out, not 1"):
        teach(net, blank)
    with pytest.raises(ValueError, match="none of 1 string could be aligned"):
        teach(net, blank, held_out=0)
    with pytest.raises(ValueError, match=r"held_out must be a share from 0 to 0\.9, not 1"):
        teach(net, blank, held_out=1)


def test_it_learns_how_these_people_write(net, mail, empty):
    written = [Written(path, text) for path, text in mail[1].items()]
    taught = teach(same(net), written, data=empty, held_out=0.3, passes=40, progress=False)
    assert len(taught.held_out) == 9
    assert taught.learned == 21
    assert not taught.known
    assert taught.before.digits == taught.after.digits == 45
    assert taught.after.wrong < 0.6 * taught.before.wrong
    assert "worse" not in "".join(taught.lines())
    worse = Taught(taught.net, 21, 9, taught.held_out, [], taught.after, taught.before)
    assert "they are read worse than before: go on with the net that you had" in "".join(worse.lines())
    confidence = taught.net.confidence
    assert "digits of held-out pictures of mail" in confidence.source
    assert taught.accepted.pictures <= taught.after.pictures
    plain = json.loads(json.dumps(taught.plain()))
    assert (plain["before"]["whole"], plain["after"]["whole"]) == (taught.before.whole, taught.after.whole)


@pytest.mark.parametrize("share", [0.4, 0.0])
def test_of_few_pictures_nothing_is_told_but_that_they_are_few(net, mail, empty, share):
    """A hundred per cent of one string says nothing; how sure it must be stays as it was."""
    written, one = [Written(path, text) for path, text in list(mail[1].items())[:3]], same(net)
    one.confidence = sn89.Confidence(-2, 3, 4, reject=0.8)
    taught = teach(one, written, data=empty, held_out=share, passes=1, progress=False)
    told = "\n".join(taught.lines())
    assert one.confidence == sn89.Confidence(-2, 3, 4, reject=0.8)
    assert "the threshold of rejection stays as it was, at a confidence of 0.8" in told
    assert "%" not in told
    assert ("too few to tell how well it reads" in told) == bool(share)
    assert (taught.plain()["calibrated"], taught.plain()["reject"]) == (False, 0.8)


def test_held_out_pictures_are_not_learned_from(net, mail, empty):
    """What is written in them does not matter to what is learned, only to what is told of it."""
    written = [Written(path, text) for path, text in mail[1].items()]
    one = teach(same(net), written, data=empty, passes=1, progress=False)
    lies = [replace(each, text="00000") if each.picture in one.held_out else each for each in written]
    other = teach(same(net), lies, data=empty, passes=1, progress=False)
    assert one.held_out == other.held_out
    assert np.array_equal(one.net.parameters, other.net.parameters)
    assert other.after.wrong > one.after.wrong


def test_boxes_need_no_alignment(net, drawn, tmp_path):
    (one,) = sn89.datasets.mail(drawn[1], 1, CLEAN, seed=7, lengths=[5])
    Image.fromarray(one.image).save(tmp_path / "one.png")
    boxes = tuple((left, top, right - left, bottom - top) for top, left, bottom, right in (d.box for d in one.digits))
    found = aligned(net, Written(str(tmp_path / "one.png"), one.strings[0], None, boxes))
    assert [digit.box for digit in found.digits] == [digit.box for digit in one.digits]


# ---- The command -----------------------------------------------------------------------------------------------------


def run(*arguments, code=0):
    done = CliRunner().invoke(command, [str(one) for one in arguments], prog_name="sn89")
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def saved(net, tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "zip.safetensors"
    sn89.save(net, path)
    return path


def test_the_command_teaches_from_a_table_and_writes_a_net(saved, mail, tmp_path, monkeypatch, empty):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SN89_DATA", str(empty))
    monkeypatch.setattr("sn89.datasets.files.cache_folder", lambda: empty)
    rows = [f"{Path(path).name};{int(text)}" for path, text in mail[1].items()]  # a spreadsheet took the zeros
    Path("truth.csv").write_text("\n".join(["Datei;Ziffern", *rows, "x.png;1"]), encoding="utf-8")
    how = ("--net", saved, "--truth", "truth.csv", "--digits", 5, "--passes", 3)
    done = run("teach", mail[0], *how)
    assert "leading zeros" in done.stderr
    assert "1 named in it are not among the pictures, such as 'x.png'" in done.stderr
    assert "held-out pictures, before: " in done.stdout
    assert "held-out pictures, after:  " in done.stdout
    told = sn89.storage.about("taught.safetensors")
    assert len(told["provenance"]["held_out"]) == 6
    assert told["confidence"]["source"].endswith("held-out pictures of mail")
    assert "exists already" in run("teach", mail[0], *how, code=1).stderr
    document = json.loads(run("teach", mail[0], *how, "-f", "--json", "-q").stdout)
    assert document["after"]["pictures"] == 6
    wrong = run("teach", mail[0], *how[:-2], "--digits", "five", "-f", code=2).stderr
    assert "neither a number of digits from 1 on, such as 5, nor a range of them" in wrong


def test_the_command_reads_where_and_as_much_as_it_is_told(saved, mail, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture = sorted(mail[1])[0]
    with Image.open(picture) as opened:
        width, height = opened.size
    whole = run("read", picture, "--net", saved, "--reject", 0, "--digits", "5").stdout
    assert len(whole.strip()) == 5
    where = f"0,0,{width},{height}"
    assert run("read", picture, "--net", saved, "--reject", 0, "--digits", "5-5", "--region", where).stdout == whole
    Path("form.json").write_text(json.dumps({"code": [0, 0, width, height], "nothing": [0, 0, 9, 9]}), encoding="utf-8")
    lines = run("read", picture, "--net", saved, "--reject", 0, "--form", "form.json").stdout.split("\n")
    assert [line.partition(":")[0] for line in lines[:2]] == ["code", "nothing"]
    assert lines[1] == "nothing: "
    Path("form.json").write_text("[[1, 2]]", encoding="utf-8")
    assert "a form must be JSON" in run("read", picture, "--net", saved, "--form", "form.json", code=1).stderr
    assert "'1,2' is not a region" in run("read", picture, "--net", saved, "--region", "1,2", code=2).stderr
    both = run("read", picture, "--net", saved, "--region", "0,0,9,9", "--form", "form.json", code=2).stderr
    assert "use one of them" in both


# ---- A recogniser out of the box -------------------------------------------------------------------------------------


def test_the_command_reads_every_page_on_request(saved, mail, tmp_path):
    first, second = (Image.open(path) for path in list(mail[1])[:2])
    first.save(tmp_path / "fax.tif", save_all=True, append_images=[second])
    alone = run("read", tmp_path / "fax.tif", "--net", saved, "--reject", 0).stdout.splitlines()
    told = run("read", tmp_path / "fax.tif", "--net", saved, "--reject", 0, "--all-pages").stdout.splitlines()
    assert told[0].endswith(f"fax.tif, page 1: {alone[0]}")
    assert ", page 2: " in told[-1]
    page = run("read", tmp_path / "fax.tif", "--net", saved, "--all-pages", "--review", tmp_path / "x.html", code=2)
    assert "--annotate and --review show only the first page: leave out --all-pages" in page.stderr


@pytest.fixture
def tiny(drawn, monkeypatch):
    """Recognisers that are trained in no time; gives the list of those that were."""
    made: list[str] = []

    def digits(form, path=None, *, progress=None):
        made.append(threading.current_thread().name)
        return drawn[0][0][:50], drawn[0][1][:50]

    monkeypatch.setattr(recognisers, "training_digits", digits)
    monkeypatch.setattr(recognisers, "held_out_digits", lambda form, path=None: (drawn[0][0][:60], drawn[0][1][:60]))
    small = recognisers.Recogniser("tiny", lambda seed: sn89.nets.zip_code(seed=seed), reader.FRAME_16, sn89.SGD(), 1)
    monkeypatch.setitem(recognisers.RECOGNISERS, "planes", small)
    return made


def test_it_is_trained_once_and_kept(tiny, tmp_path, capsys):
    first = reader.recogniser(cache=tmp_path)
    assert f"once, for three or four minutes; it will be kept as {tmp_path}" in capsys.readouterr().err
    again = reader.recogniser(cache=tmp_path)
    assert capsys.readouterr().err == ""
    assert len(tiny) == 1
    assert np.array_equal(first.parameters, again.parameters)
    assert first.confidence == again.confidence is not None
    assert "MNIST" in again.confidence.source


def test_another_recipe_makes_another(tiny, tmp_path, monkeypatch):
    reader.recogniser(cache=tmp_path, progress=False)
    monkeypatch.setattr(recognisers, "NONDIGITS", recognisers.NONDIGITS + 1)
    reader.recogniser(cache=tmp_path, progress=False)
    monkeypatch.setattr(ready, "SOURCES", ready.SOURCES[1:])  # as if a line of the code had changed
    ready._sources.cache_clear()
    reader.recogniser(cache=tmp_path, progress=False)
    ready._sources.cache_clear()
    assert len(tiny) == 3
    assert len(list(tmp_path.glob("planes-*.safetensors"))) == 3


def test_what_is_damaged_is_trained_again(tiny, tmp_path, capsys):
    reader.recogniser(cache=tmp_path, progress=False)
    path = ready.place_of("planes", tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    reader.recogniser(cache=tmp_path)
    assert "trained again, because what was kept is damaged" in capsys.readouterr().err
    assert path.read_bytes() == whole


@pytest.mark.parametrize("place", ["a file", "no place", "a full disk"])
def test_where_it_cannot_be_kept_it_is_trained_all_the_same(tiny, tmp_path, capsys, monkeypatch, place):
    cache = tmp_path / "file"
    if place == "a file":
        cache.write_text("no folder")
    elif place == "no place":
        cache = Path("/proc/none") if Path("/proc").is_dir() else Path("\0")
    else:
        monkeypatch.setattr(ready, "save", lambda *_, **__: os.close(-1))
    assert reader.recogniser(cache=cache).confidence
    assert "could not be kept" in capsys.readouterr().err


def test_digits_that_cannot_be_had_are_no_fault_of_the_pictures(tiny, tmp_path, monkeypatch):
    """It is said once, and not of each picture that it is left out."""
    pytest.importorskip("click")
    pictures = [tmp_path / f"{name}.png" for name in "ab"]
    for path in pictures:
        Image.new("L", (40, 40), 255).save(path)

    def none(*_, **__):
        raise sn89.datasets.DataNotFoundError("MNIST not found")

    monkeypatch.setattr(recognisers, "training_digits", none)
    monkeypatch.setattr(ready, "cache_folder", lambda: tmp_path)
    assert run("read", *pictures, code=1).stderr.splitlines()[-1] == "sn89: error: MNIST not found"
    sn89.save(sn89.Net(sn89.Input(16, 16), sn89.Full("output", 3)), tmp_path / "three.safetensors")
    told = run("read", *pictures, "--net", tmp_path / "three.safetensors", code=1).stderr
    assert told == "sn89: error: net must have ten outputs, one for each digit, not 3\n"


def test_of_two_that_want_it_at_once_one_trains_and_the_other_waits(tiny, tmp_path, monkeypatch):
    pytest.importorskip("fcntl")
    training, waiting, made = threading.Event(), threading.Event(), recognisers.training_digits

    def slow(*given, **named):
        training.set()
        waiting.wait()
        return made(*given, **named)

    monkeypatch.setattr(recognisers, "training_digits", slow)
    monkeypatch.setattr(ready, "_say", lambda words: waiting.set() if "waiting for another" in words else None)
    nets: list[sn89.Net] = []
    threads = [threading.Thread(target=lambda: nets.append(reader.recogniser(cache=tmp_path))) for _ in range(2)]
    threads[0].start()
    training.wait()
    threads[1].start()
    for thread in threads:
        thread.join()
    assert len(tiny) == 1
    assert np.array_equal(nets[0].parameters, nets[1].parameters)


def test_an_unknown_recogniser():
    with pytest.raises(ValueError, match="there is no recogniser 'lenet9': name one of zip, lenet1, lenet5, planes"):
        reader.recogniser("lenet9")


def test_the_command_trains_it(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = run("train", "--recipe", "reader", "--seed", 3)
    assert told.stdout.startswith("reader.safetensors: ")
    assert sn89.storage.about("reader.safetensors")["provenance"]["recogniser"] == "planes"
    assert sn89.load("reader.safetensors").confidence
    wrong = run("train", "--recipe", "reader", "--passes", 3, code=2).stderr
    assert "--passes cannot be used together with --recipe" in wrong


# ---- The page --------------------------------------------------------------------------------------------------------


def test_a_person_corrects_doubtful_digits_with_the_keyboard(net, mail, tmp_path, browser):  # noqa: F811
    pictures = sorted(mail[1])[:3]
    Image.fromarray(np.full((60, 90), 255, np.uint8)).save(tmp_path / "blank.png")
    read = [(path, reader.load(path), reader.read(path, net, 1.0)) for path in [*pictures, str(tmp_path / "blank.png")]]
    count = sum(max(1, len(reading.fields)) for _, _, reading in read)
    assert review(read, tmp_path / "review.html") == count
    opened = Opened(browser, tmp_path / "review.html")
    assert opened.said == [opened.url]  # it fetches nothing, and nothing went wrong
    page = opened.page
    assert f"{count} strings, {count} doubtful, 0 confirmed" in page.inner_text("#count")
    names, typed = page.locator("section .name").all_inner_texts(), {}
    assert names[0].endswith("blank.png")  # where nothing was found is the most doubtful
    page.keyboard.press("Escape")  # leave it out
    page.keyboard.press("Enter")
    for name in names[1:]:
        value = page.evaluate("document.activeElement.value")
        assert set(value) == {"?"}
        page.keyboard.press("Enter")  # does not confirm what is still doubtful
        assert page.evaluate("document.activeElement.value") == value
        text = "".join(str((i + len(typed)) % 10) for i in range(len(value)))
        page.keyboard.type("x" + text)  # what is no digit is not taken
        typed.setdefault(name, []).append(page.evaluate("document.activeElement.value"))
        page.keyboard.press("Enter")
    assert f"0 doubtful, {count - 1} confirmed" in page.inner_text("#count")
    with page.expect_download() as download:
        page.keyboard.press("Control+s")
    download.value.save_as(tmp_path / "truth.csv")
    with open(tmp_path / "truth.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["picture"] for row in rows] == names[1:]
    assert [row["digits"] for row in rows] == [text for name in dict.fromkeys(names[1:]) for text in typed[name]]
    found = read_truth(tmp_path / "truth.csv", pictures)
    assert {one.picture for one in found.written} == set(pictures)
    assert all(one.region for one in found.written)
    assert found.remarks == []
    # A closed tab loses nothing. Chromium writes what is stored when it finds the time, so it is given again here.
    page.add_init_script(f"Object.assign(localStorage, {page.evaluate('JSON.stringify(localStorage)')})")
    page.reload()
    assert f"0 doubtful, {count - 1} confirmed" in page.inner_text("#count")
    page.close()


def test_the_command_writes_the_page(saved, mail, tmp_path):
    picture = sorted(mail[1])[0]
    told = run("read", picture, "--net", saved, "--review", tmp_path / "review.html")
    assert "review.html: 1 string to review in a browser" in told.stderr
    text = (tmp_path / "review.html").read_text("utf-8")
    assert "data:image/png;base64," in text
    assert "http" not in text.replace("http-equiv", "")
    again = run("read", picture, "--net", saved, "--review", tmp_path / "review.html", code=1)
    assert "exists already" in again.stderr


def test_names_cannot_break_out_of_the_page(net, mail, tmp_path):
    path = sorted(mail[1])[0]
    name = "</script><script>alert(1)</script>.png"
    review([(name, reader.load(path), reader.read(path, net))], tmp_path / "review.html")
    assert "<script>alert" not in (tmp_path / "review.html").read_text("utf-8")
