"""What is written in pictures, from files as people have them."""

from __future__ import annotations

import json

import pytest

from sn89.reader.truth import read_truth

PICTURES = ["scans/a.png", "scans/b.jpg", "scans/0007.png"]
STRINGS = {"scans/a.png": "02250", "scans/b.jpg": "22970", "scans/0007.png": "14990"}


def told(path, pictures=PICTURES, **options):
    found = read_truth(path, pictures, **options)
    return {one.picture: one.text for one in found.written}, " | ".join(found.remarks)


def table(tmp_path, text, name="truth.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


TABLES = {
    "plain": "a.png,02250\nb.jpg,22970\n0007.png,14990\n",
    "header": "picture,digits\na.png,02250\nb.jpg,22970\n0007.png,14990\n",
    "EasyOCR's header": "filename,words\na.png,02250\nb.jpg,22970\n0007.png,14990\n",
    "other columns": "id,Label,File Name,writer\n1,02250,a.png,7\n2,22970,b.jpg,7\n3,14990,0007.png,8\n",
    "unknown header": "scan,Betrag\na.png,02250\nb.jpg,22970\n0007.png,14990\n",
    "strings first": "02250,a.png\n22970,b.jpg\n14990,0007.png\n",
    "semicolons": "a.png;02250\nb.jpg;22970\n0007.png;14990\n",
    "tabs": "a.png\t02250\nb.jpg\t22970\n0007.png\t14990\n",
    "CRLF and blank lines": "a.png,02250\r\n\r\nb.jpg,22970\r\n0007.png,14990\r\n\r\n",
    "quotes": '"a.png","02250"\n"b.jpg","22,970"\n"0007.png","14990"\n',
    "folders": "scans/a.png,02250\n./scans/b.jpg,22970\n/home/me/scans/0007.png,14990\n",
    "Windows' folders": "C:\\scans\\a.png,02250\nscans\\b.jpg,22970\nscans\\0007.png,14990\n",
    "without endings": "a,02250\nb,22970\n0007,14990\n",
    "other case": "A.PNG,02250\nB.JPG,22970\n0007.PNG,14990\n",
    "amounts": "a.png;$ 022.50\nb.jpg;229,70 \u20ac\n0007.png;CHF 149'90.--\n",
    "amounts without quotes": "a.png,02,250\nb.jpg,22,970\n0007.png,14,990\n",
    "spaces": "a.png, 0 2250 \nb.jpg, 22 970\n0007.png, 14\u00a0990\n",
    "full width": "a.png,\uff10\uff12\uff12\uff15\uff10\nb.jpg,22970\n0007.png,14990\n",
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_as_people_have_them(kind, tmp_path):
    assert told(table(tmp_path, TABLES[kind])) == (STRINGS, "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_as_spreadsheets_write_them(encoding, tmp_path):
    text = "picture;amount\na.png;02250 \u20ac\nb.jpg;22970\n0007.png;14990\n"
    assert told(table(tmp_path, text, encoding=encoding)) == (STRINGS, "")


def test_zeros_that_a_spreadsheet_took_away_come_back_where_their_number_is_known(tmp_path):
    path = table(tmp_path, "a.png,2250\nb.jpg,22970\n0007.png,14990\n")
    found, remarks = told(path, digits=5)
    assert found == STRINGS
    assert "1 string had fewer than 5 digits and got leading zeros" in remarks
    assert told(path)[0]["scans/a.png"] == "2250"
    found, remarks = told(path, digits=(3, 4))
    assert found == {"scans/a.png": "2250"}
    assert "b.jpg: left out: 22970 has more than 4 digits" in remarks


def test_missing_zeros_are_noticed(tmp_path):
    pictures = [f"{i}.png" for i in range(10)]
    path = table(tmp_path, "".join(f"{i}.png,{10000 + i}\n" for i in range(9)) + "9.png,501\n")
    assert "9 strings have 5 digits and 1 fewer: if a spreadsheet took leading zeros away" in told(path, pictures)[1]


def test_numbers_that_became_floats(tmp_path):
    found, remarks = told(table(tmp_path, "a.png,2250.0\nb.jpg,22970.0\n0007.png,14990.0\n"), digits=5)
    assert found == STRINGS
    assert "all strings end in .0" in remarks


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a.png,12O45", "row 1: left out: '12O45' is not a string of digits"),
        ("a.png,2.3E+11", "a number that a spreadsheet has rounded"),
        ("a.png,twelve", "'twelve' is not a string of digits"),
        ("a.png,", "1 left out, because it does not say what is written in them"),
        ("a.png,?", "1 left out, because it does not say what is written in them"),
        ("c.png,123", "1 named in it are not among the pictures, such as 'c.png'"),
        ("b.jpg,22971", "row 2: left out: 'b.jpg' was 22971 before and is 22970 here"),
    ],
)
def test_what_cannot_be_understood_is_named_and_left_out(row, words, tmp_path):
    found, remarks = told(table(tmp_path, f"{row}\nb.jpg,22970\n0007.png,14990\n"))
    assert words in remarks
    assert found["scans/0007.png"] == "14990"
    assert "scans/a.png" not in found


def test_a_name_in_two_folders(tmp_path):
    pictures = ["one/a.png", "two/a.png", "two/b.png"]
    found, remarks = told(table(tmp_path, "a.png,123\ntwo/a.png,45\nb.png,6\n"), pictures)
    assert found == {"two/a.png": "45", "two/b.png": "6"}
    assert "row 1: left out: 'a.png' may be one/a.png or two/a.png" in remarks


def test_regions_in_a_table(tmp_path):
    text = "picture,digits,x,y,width,height\na.png,12,5,6,70,20\na.png,34,5,40,70,20\nb.jpg,22970,,,,\n"
    found = read_truth(table(tmp_path, text), PICTURES).written
    assert [(one.picture, one.text, one.region) for one in found] == [
        ("scans/a.png", "12", (5, 6, 70, 20)),
        ("scans/a.png", "34", (5, 40, 70, 20)),
        ("scans/b.jpg", "22970", None),
    ]


def test_boxes_and_strings_in_json(tmp_path):
    path = table(
        tmp_path, json.dumps({"a.png": [[1, 2, 10, 20, 0], [12, 2, 10, 20, 2]], "b.jpg": "22970", "c": 1}), "b.json"
    )
    found = read_truth(path, PICTURES)
    assert [(one.text, one.boxes) for one in found.written] == [
        ("02", ((1, 2, 10, 20), (12, 2, 10, 20))),
        ("22970", None),
    ]
    wrong, remarks = told(table(tmp_path, json.dumps({"a.png": [[1, 2, 10]], "b.jpg": "22970"}), "w.json"))
    assert wrong == {"scans/b.jpg": "22970"}
    assert "a.png: left out: a box must be [x, y, width, height, digit]" in remarks
    rows = [{"image": "a.png", "text": "02250"}, {"image": "b.jpg", "text": "22970"}]
    assert told(table(tmp_path, json.dumps(rows), "rows.json"))[0]["scans/a.png"] == "02250"


def test_a_file_of_text_beside_each_picture(tmp_path):
    (tmp_path / "a.gt.txt").write_text("02250\n")
    (tmp_path / "b.txt").write_text("229 70")
    assert told(tmp_path)[0] == {"scans/a.png": "02250", "scans/b.jpg": "22970"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "a table needs two columns, the picture and its digits"),
        (b"a.png\nb.jpg\n", "a table needs two columns"),
        (b"PK\x03\x04\x00\x00xlsx", "is not text: .*save a spreadsheet as CSV"),
        (b'{"a.png": ', "begins like JSON but is damaged"),
        (b"x.png,1\ny.png,2\n", "nothing in it says what is written in these pictures; 2 named in it are not among"),
        (b"a.png,none\n", "nothing in it says what is written"),
    ],
)
def test_files_of_something_else(content, words, tmp_path):
    (tmp_path / "truth.csv").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_truth(tmp_path / "truth.csv", PICTURES)


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_truth(tmp_path / "none.csv", PICTURES)
