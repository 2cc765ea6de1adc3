"""The table of a net as HTML: what print(net) says, and nothing that only one ground can show."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

import sn89
from sn89.html import net_html


class Table(HTMLParser):
    """Rows of cells, and whether every tag that was opened was closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] in (["td"], ["th"]):
            self.rows[-1][-1] += data


@pytest.mark.parametrize("make", [sn89.nets.zip_code, sn89.nets.lenet1, sn89.nets.lenet5, sn89.nets.fully_connected])
def test_it_says_what_print_says(make):
    net = make()
    table = Table(net_html(net))
    assert not table.open
    printed = [line for line in str(net).splitlines()[1:] if not line.startswith("---")]
    assert [" ".join(" ".join(row).split()) for row in table.rows] == [" ".join(line.split()) for line in printed]
    assert {len(row) for row in table.rows} == {8}


def test_names_cannot_break_it():
    net = sn89.Net(sn89.Input(4, 4), sn89.Full("<b>&", 2), name='<script>"x"</script>')
    text = net_html(net)
    assert "<b>" not in text
    assert "<script" not in text
    assert Table(text).rows[2][0] == "<b>&"
    assert "&lt;script&gt;" in text


def test_it_has_no_colour_of_its_own():
    text = net_html(sn89.nets.zip_code())
    assert not re.search(r"#[0-9a-f]{3}|rgb|black|white\b(?!-)", text)
    assert "currentColor" in text
