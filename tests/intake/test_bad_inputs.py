"""Bad input in text files, rows 1 to 5 of the table in SECURITY.md: every case by its name, every criterion on the real importer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from analytics.errors import UserError
from analytics.i18n import Words
from tests.conftest import Cli
from tests.intake.importing import SECONDS, inspect_path, load, load_path

HEADER = "customer id,order date,amount,category"
CITIES = ("Besançon", "Orléans", "Mâcon")
CHINESE = ("上海", "茶叶", "北京")


@pytest.fixture(autouse=True)
def _private(home: Path) -> None:
    """Every test has its own home."""


def table(categories: tuple[str, ...], header: str = HEADER, end: str = "\n") -> str:
    """Sales of 1.25 each, one a category: A in January, B in February ..."""
    lines = [f"{chr(65 + index)},2025-{index + 1:02d}-14,1.25,{name}" for index, name in enumerate(categories)]
    return end.join([header, *lines, ""])


# --- 1 encodings

ENCODINGS = {
    "1 BOM": (table(CITIES).encode("utf-8-sig"), CITIES),
    "1 BOM and CRLF": (table(CITIES, end="\r\n").encode("utf-8-sig"), CITIES),
    "1 UTF-16 little end first": (b"\xff\xfe" + table(CITIES).encode("utf-16-le"), CITIES),
    "1 UTF-16 big end first": (b"\xfe\xff" + table(CITIES).encode("utf-16-be"), CITIES),
    "1 UTF-16 without BOM": (table(CITIES).encode("utf-16-le"), CITIES),
    "1 UTF-16 Chinese": (table(CHINESE).encode("utf-16"), CHINESE),
    "1 GB18030": (table(CHINESE).encode("gb18030"), CHINESE),
    "1 GB18030 far behind plain lines": ((table(("tea",) * 3 + CHINESE).replace("A,", "A,") * 1).encode("gb18030"), ("tea",) * 3 + CHINESE),
    "1 Latin-1": (table(CITIES).encode("latin-1"), CITIES),
    "1 Windows-1252": (table(("Côte d’Azur", "100 €", "“Süd”")).encode("cp1252"), ("Côte d’Azur", "100 €", "“Süd”")),
}


@pytest.mark.parametrize("case", ENCODINGS)
def test_the_header_is_clean_and_no_text_is_garbled(case: str, tmp_path: Path) -> None:
    content, categories = ENCODINGS[case]
    done = load(tmp_path, content)
    assert list(done.file["mapping"]) == HEADER.split(",")
    assert done.column("category") == sorted(categories)
    assert done.counts == (len(categories), len(categories), 0)


@pytest.mark.parametrize("encoding", ["gb18030", "latin-1"], ids=["1 first Chinese after a megabyte", "1 first accent after a megabyte"])
def test_an_encoding_shows_wherever_in_the_file_it_does(encoding: str, tmp_path: Path) -> None:
    plain = "A,2025-01-14,1.25,tea\n" * 60_000
    name = "上海" if encoding == "gb18030" else "Orléans"
    done = load(tmp_path, f"{HEADER}\n{plain}B,2025-02-14,1.25,{name}\n".encode(encoding))
    assert done.counts == (60_001, 60_001, 0)
    assert done.column("category")[-1] == name or name in done.column("category")


def test_1_a_guessed_encoding_is_offered_with_a_preview(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes(table(CITIES).encode("latin-1"))
    plan = inspect_path(path)
    assert ("encoding_guessed", {"encoding": "cp1252"}) in plan["notes"]
    assert [row[3] for row in plan["preview"]] == list(CITIES)


MIXED = {
    "1 mixed, UTF-8 with a line of GB18030": ("utf-8", CHINESE, "gb18030", "深圳"),
    "1 mixed, UTF-8 with a line of Latin-1": ("utf-8", CITIES, "latin-1", "Épinal"),
    "1 mixed, BOM with a line of Latin-1": ("utf-8-sig", CITIES, "latin-1", "Épinal"),
    "1 mixed, GB18030 with a line of UTF-8": ("gb18030", CHINESE, "utf-8", "深圳"),
    "1 mixed, Latin-1 with a line of UTF-8": ("latin-1", CITIES, "utf-8", "Épinal"),
    "1 mixed, Windows-1252 with a line of UTF-8": ("cp1252", ("Côte d’Azur",) * 3, "utf-8", "Épinal"),
}


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("case", MIXED)
def test_a_line_in_another_encoding_is_rejected_and_named(case: str, end: str, tmp_path: Path) -> None:
    first, categories, second, foreign = MIXED[case]
    odd = f"X,2025-09-14,5.00,{foreign}{end}".encode(second)
    more = f"Y,2025-10-14,1.25,tea{end}".encode()
    done = load(tmp_path, table(categories, end=end).encode(first) + odd + more)
    assert [(row["line"], row["reason"]) for row in done.rejects] == [("5", "invalid encoding")]
    assert done.column("category") == sorted([*categories, "tea"])
    assert (done.counts, done.sums) == ((5, 4, 1), (4, 4, 5.0))


def test_1_mixed_in_a_column_that_is_not_loaded_rejects_the_line_all_the_same(tmp_path: Path) -> None:
    text = "A,2025-01-14,1.00,tea,North,plain\nB,2025-01-15,2.00,tea,South,Épinal\nC,2025-01-16,4.00,tea,South,plain\n"
    done = load(tmp_path, f"{HEADER},region,remark\n".encode() + text.encode("latin-1"), encoding="utf-8")
    assert (done.counts, done.sums, done.tables["customers"]["rows"]) == ((3, 2, 1), (2, 2, 5.0), 2)
    assert [(row["line"], row["reason"]) for row in done.rejects] == [("3", "invalid encoding")]


def test_1_mixed_line_by_line_every_line_of_the_other_encoding_is_rejected_and_named(tmp_path: Path) -> None:
    lines = [f"C{n},2025-01-14,1.00,上海".encode("utf-8" if n % 2 else "gb18030") for n in range(1000)]
    done = load(tmp_path, HEADER.encode() + b"\n" + b"\n".join(lines))
    assert done.counts == (1000, 500, 500)
    assert [int(row["line"]) for row in done.rejects] == list(range(2, 1002, 2))
    assert set(done.column("category")) == {"上海"}


@pytest.mark.parametrize("declared", ["ascii", "utf-8"])
def test_1_a_wrongly_declared_encoding_rejects_lines_and_garbles_none(declared: str, tmp_path: Path) -> None:
    done = load(tmp_path, table(("tea", *CITIES)).encode("latin-1"), encoding=declared)
    assert done.counts[1:] == (1, 3)
    assert done.column("category") == ["tea"]


# --- 2 characters no one sees

HIDDEN = {
    "NUL": "\0",
    "control": "\x07",
    "C1 control": "\x85",
    "bidi": "\u202e",
    "bidi isolate": "\u2066",
    "zero width": "\u200b",
    "BOM": "\ufeff",
}


@pytest.mark.parametrize("character", HIDDEN.values(), ids=[f"2 {name} in the header" for name in HIDDEN])
def test_hidden_characters_are_taken_out_of_the_header_and_told(character: str, tmp_path: Path) -> None:
    done = load(tmp_path, table(CHINESE).replace("category", f"cat{character}egory"))
    assert list(done.file["mapping"]) == HEADER.split(",")
    assert done.notes["renamed_columns"] == {"n": 1}


@pytest.mark.parametrize("character", HIDDEN.values(), ids=[f"2 {name} in a cell" for name in HIDDEN])
def test_hidden_characters_are_stripped_from_cells_and_counted(character: str, tmp_path: Path) -> None:
    text = f"{HEADER}\nA{character},2025-01-14,1.25,{character}tea\nA,2025-01-15,{character}1.25,tea{character}\n"
    done = load(tmp_path, text)
    assert done.notes["cleaned_cells"] == {"n": 4}
    assert (done.column("customer_id"), done.column("category"), done.sums) == (["A", "A"], ["tea", "tea"], (2, 1, 2.5))


@pytest.mark.parametrize("character", HIDDEN.values(), ids=[f"2 {name} inside an id" for name in HIDDEN])
def test_hidden_characters_inside_an_id_do_not_make_another_customer(character: str, tmp_path: Path) -> None:
    done = load(tmp_path, f"{HEADER}\nC001,2025-01-14,1.25,tea\nC0{character}01,2025-01-15,1.25,tea\n")
    assert (done.column("customer_id"), done.notes["cleaned_cells"]) == (["C001", "C001"], {"n": 1})


def test_2_hidden_characters_in_a_workbook_and_in_json_are_stripped_and_counted(tmp_path: Path) -> None:
    rows = [{"customer id": "A\u202e", "order date": "2025-01-14", "amount": "1.25\u200b", "category": "tea\x07"}]
    done = load(tmp_path, "\n".join(map(json.dumps, rows)), "s.jsonl")
    assert done.notes["cleaned_cells"] == {"n": 3}
    assert (done.column("customer_id"), done.column("category"), done.sums) == (["A"], ["tea"], (1, 1, 1.25))


def test_2_a_clean_file_tells_of_nothing_cleaned(tmp_path: Path) -> None:
    assert load(tmp_path, table(CHINESE)).notes == {}


# --- 3 headers

RENAMED = {
    "3 duplicate": ("note,note,note", ["note", "note (2)", "note (3)"]),
    "3 case only": ("Note,note,NOTE", ["Note", "note (2)", "NOTE (3)"]),
    "3 empty": ("note,,", ["note", "column6", "column7"]),
    "3 spaces only": ("note, ,  ", ["note", "column6", "column7"]),
    "3 a name that a rename would take": ("note,note,note (2)", ["note", "note (2)", "note (2) (2)"]),
}


@pytest.mark.parametrize("case", RENAMED)
def test_columns_are_renamed_the_same_way_every_time_and_shown(case: str, tmp_path: Path) -> None:
    written, expected = RENAMED[case]
    path = tmp_path / "s.csv"
    path.write_text(f"{HEADER},{written}\nA,2025-01-14,1.25,tea,x,y,z\nB,2025-02-14,1.25,tea,x,y,z\n")
    plan = inspect_path(path)
    assert list(plan["header"][4:]) == expected
    assert dict(plan["notes"])["renamed_columns"] == {
        "n": sum(a != b.strip() or b != b.strip() for a, b in zip(expected, written.split(","), strict=True))
    }
    assert load_path(path).sums == (2, 2, 2.5)


@pytest.mark.parametrize("columns", [501, 5_000], ids=["501", "5,000"])
def test_3_more_than_500_columns_are_refused_with_the_limit_within_seconds(columns: int, tmp_path: Path) -> None:
    from time import process_time

    begun = process_time()
    names = ",".join(f"c{n}" for n in range(columns - 4))
    with pytest.raises(UserError) as refused:
        load(tmp_path, f"{HEADER},{names}\nA,2025-01-14,1.25,tea{',x' * (columns - 4)}\n")
    assert (refused.value.key, refused.value.facts) == ("too_many_columns", {"columns": columns, "limit": 500})
    assert process_time() - begun < SECONDS


def test_3_500_columns_are_read(tmp_path: Path) -> None:
    names = ",".join(f"c{n}" for n in range(496))
    assert load(tmp_path, f"{HEADER},{names}\nA,2025-01-14,1.25,tea{',x' * 496}\n").counts == (1, 1, 0)


HOSTILE = {
    "3 header is SQL": "x'); drop table transactions; --",
    "3 header is SQL in double quotes": '"; drop view raw_1; select "',
    "3 header is a placeholder": "{self} $1 ? %s",
    "3 header is HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "3 header is Markdown": "![x](http://tracker.example/a.png) **bold** [a](b) $x$ :red[y]",
    "3 header is a formula": '=HYPERLINK("http://a.example","b")',
    "3 header is a column of the importer": "_row",
}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_header_changes_no_table_and_is_kept_as_it_stands(case: str, kind: str, tmp_path: Path) -> None:
    import pandas as pd

    name = HOSTILE[case]
    frame = pd.DataFrame({"customer id": ["A", "B"], "order date": ["2025-01-14"] * 2, "amount": [1.25, 2.5], name: ["tea", "coffee"]})
    path = tmp_path / f"s.{kind}"
    if kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif kind == "xlsx":
        with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs={"options": {"strings_to_formulas": False}}) as book:
            frame.to_excel(book, index=False)
    else:
        {"csv": frame.to_csv, "parquet": frame.to_parquet}[kind](path, index=False)
    done = load_path(path, mapping={name if name != "_row" else "_row (2)": "transactions.category"})
    assert (done.counts, done.sums) == ((2, 2, 0), (2, 2, 3.75))
    assert done.column("category") == ["coffee", "tea"]
    assert (name if name != "_row" else "_row (2)") in done.file["mapping"]


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_header_is_rendered_literally(case: str) -> None:
    from pages.shell.words import literal

    shown = literal(HOSTILE[case])
    assert not re.search(r"(?<!\\)[<>*`$\[\]!|_]", shown)
    assert shown.replace("\\", "").replace("\u2060", "") == HOSTILE[case]


# --- 4 numbers as people write them

KNOWN_TOTALS = {
    "4 semicolon and decimal comma": (";", ["12,50", "7,25"], 19.75),
    "4 tab": ("\t", ["12.50", "7.25"], 19.75),
    "4 pipe": ("|", ["12.50", "7.25"], 19.75),
    "4 thousands with commas": (";", ["1,234.50", "2,000.25"], 3234.75),
    "4 euro sign, thousands with points": (";", ["€ 1.234,50", "€ 0,50"], 1235.0),
    "4 euro sign behind": (";", ["1.234,50 €", "0,50 €"], 1235.0),
    "4 negative in brackets": (",", ["(120.00)", "500.00"], 380.0),
    "4 dollar sign and a space behind": (";", ["$84,835.00 ", "$0.50 "], 84835.5),
    "4 minus behind": (",", ["120.00-", "500.00"], 380.0),
    "4 thousands with spaces": (";", ["1 234,50", "2\u00a0000,25", "3\u202f000,25"], 6235.0),
    "4 thousands with apostrophes": (";", ["1'234.50", "2’000.25"], 3234.75),
    "4 yuan": (",", ["¥12.50", "￥7.25", "3元"], 22.75),
    "4 exponents of a program": (",", ["1.5e2", "2E1"], 170.0),
}


@pytest.mark.parametrize("case", KNOWN_TOTALS)
def test_the_control_sum_equals_the_known_total(case: str, tmp_path: Path) -> None:
    delimiter, amounts, total = KNOWN_TOTALS[case]
    lines = [f'A{delimiter}2025-01-{n + 1:02d}{delimiter}"{amount}"' for n, amount in enumerate(amounts)]
    header = HEADER.removesuffix(",category").replace(",", delimiter)
    done = load(tmp_path, "\n".join([header, *lines]))
    assert done.file["delimiter"] == delimiter
    assert (done.counts, done.sums[2]) == ((len(amounts), len(amounts), 0), total)
    assert None not in done.column("amount")


@pytest.mark.parametrize(
    ("decimal", "amounts", "total", "rejected"),
    [
        (".", ["1,234.50", "1.234,50", "12,5"], 1234.5, 2),
        (",", ["1,234.50", "1.234,50", "12,5"], 1247.0, 1),
        (".", ["1.234.567", "1,234,567"], 1234567.0, 1),
        (",", ["1.234.567", "1,234,567"], 1234567.0, 1),
    ],
    ids=["4 declared point", "4 declared comma", "4 declared point, millions", "4 declared comma, millions"],
)
def test_what_does_not_fit_the_declared_mark_is_rejected_and_never_null(decimal, amounts, total, rejected, tmp_path: Path) -> None:
    lines = [f"A;2025-01-{n + 1:02d};{amount}" for n, amount in enumerate(amounts)]
    done = load(tmp_path, "\n".join(["customer id;order date;amount", *lines]), decimal=decimal)
    assert (done.counts[2], done.sums[2]) == (rejected, total)
    assert [row["reason"] for row in done.rejects] == ["unreadable:amount"] * rejected
    assert None not in done.column("amount")


def test_4_what_reads_both_ways_is_asked(tmp_path: Path) -> None:
    with pytest.raises(UserError) as asked:
        load(tmp_path, "customer id;order date;amount\nA;2025-01-14;1,250\nB;2025-01-14;2,500\n")
    assert asked.value.key == "question_decimal"


@pytest.mark.parametrize("column", ["discount", "margin", "cost", "list price"])
def test_4_other_money_that_cannot_be_read_is_left_empty_and_counted(column: str, tmp_path: Path) -> None:
    cells = ["1.00", "abc", "1e400", "", "n/a", "2.00", "3.00", "4.00"]
    done = load(tmp_path, "\n".join([f"customer id,order date,amount,{column}", *(f"A,2025-01-14,5.00,{cell}" for cell in cells)]))
    assert done.counts == (8, 8, 0)
    assert done.notes[f"emptied_cells:{column}"] == {"column": column, "n": 3}


@pytest.mark.parametrize("column", ["refunded amount", "refund amount"])
def test_4_money_that_changes_the_amount_rejects_its_row(column: str, tmp_path: Path) -> None:
    done = load(tmp_path, f"customer id,order date,amount,{column}\nA,2025-01-14,5.00,1.00\nB,2025-01-14,5.00,one\nC,2025-01-14,5.00,\n")
    assert (done.counts, done.sums[2]) == ((3, 2, 1), 9.0)


# --- 5 the shape of lines

GOOD = [f"C{n % 7},2025-01-14,1.00,tea" for n in range(3_000)]
SECRET = "Geheimrat-4711"

SHAPES = {
    "5 too few cells": ("X,2025-01-14", 1),
    "5 too many cells": (f"X,2025-01-14,1.00,{SECRET},y,z", 1),
    "5 unclosed quote in the middle": (f'X,"2025-01-14,1.00,{SECRET}', 1),
    "5 unclosed quote at the end": (f'X,2025-01-14,1.00,"{SECRET}', 1),
    "5 two unclosed quotes": (f'X,"2025-01-14,1.00,{SECRET}\nY,"2025-01-14,1.00,tea', 2),
    "5 text behind a quote": (f'X,2025-01-14,1.00,"{SECRET}"x', 1),
    "5 a line of 20 MB": ("X,2025-01-14,1.00," + "y" * 20_000_000, 1),
    "5 a line of 60 MB": ("X,2025-01-14,1.00," + "y" * 60_000_000, 1),
    "5 a quoted cell of 20 MB over 40,000 lines": ('X,2025-01-14,1.00,"' + ("y" * 499 + "\n") * 40_000 + '"', 40_001),
    "5 a cell of nothing but quotes": ("X,2025-01-14,1.00," + '"' * 9, 1),
    "5 blank lines": ("\n\n", 0),
    "5 a line of commas": (",,,", 0),
}


@pytest.mark.parametrize("where", [0, 1500, 3000], ids=["first", "middle", "last"])
@pytest.mark.parametrize("case", SHAPES)
def test_a_line_that_is_none_is_rejected_and_its_neighbours_stay(case: str, where: int, tmp_path: Path) -> None:
    bad, rejected = SHAPES[case]
    done = load(tmp_path, "\n".join([HEADER, *GOOD[:where], bad, *GOOD[where:]]) + "\n")
    assert done.sums == (3_000, 7, 3_000.0)
    assert len(done.rejects) == done.counts[2] and (rejected is None or done.counts[2] == rejected)
    if rejected:
        assert done.rejects[0]["line"] == str(where + 2)
    assert done.seconds < SECONDS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("other", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_5_mixed_line_ends(end: str, other: str, tmp_path: Path) -> None:
    done = load(tmp_path, end.join([HEADER, *GOOD[:1500]]) + other + other.join(GOOD[1500:]) + other)
    assert (done.counts, done.sums) == ((3_000, 3_000, 0), (3_000, 7, 3_000.0))


def test_5_line_ends_that_change_after_a_megabyte(tmp_path: Path) -> None:
    done = load(tmp_path, "\n".join([HEADER, *GOOD * 20]) + "\r\n" + "\r\n".join(GOOD) + "\r\n")
    assert done.counts == (63_000, 63_000, 0)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_5_a_cell_that_runs_over_lines_is_one_cell(end: str, tmp_path: Path) -> None:
    lines = [HEADER, 'A,2025-01-14,1.00,"two', 'lines, ""quoted"""', 'B,2025-01-14,1.00,12" tray', "C,2025-01-14,1.00,tea"]
    done = load(tmp_path, end.join(lines) + end)
    assert (done.counts, done.sums) == ((3, 3, 0), (3, 3, 3.0))
    assert done.column("category") == ['12" tray', "tea", 'two lines, "quoted"']


def test_5_where_damage_goes_on_for_megabytes_nothing_goes_missing_unseen(tmp_path: Path) -> None:
    damage = [f"{n:099d}" for n in range(200_000)]
    with pytest.raises(UserError) as refused:
        load(tmp_path, "\n".join([HEADER, *GOOD[:1500], *damage, *GOOD[1500:]]))
    assert refused.value.key == "lines_lost"
    done = load(tmp_path, "\n".join([HEADER, *GOOD[:1500], *damage[:20_000], *GOOD[1500:]]))
    assert (done.counts, done.sums) == ((23_000, 3_000, 20_000), (3_000, 7, 3_000.0))


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n", "\0"], ids=["none", "two characters", "a quote", "a line end", "NUL"])
def test_5_a_delimiter_that_is_none_is_refused(delimiter: str, tmp_path: Path) -> None:
    if not delimiter:
        assert load(tmp_path, table(CHINESE), delimiter=delimiter).counts == (3, 3, 0)
        return
    with pytest.raises(UserError) as refused:
        load(tmp_path, table(CHINESE), delimiter=delimiter)
    assert refused.value.key == "bad_delimiter"


NOTHING = {
    "5 empty file": (b"", "empty_file"),
    "5 white space": (b" \n\n  \n", "empty_file"),
    "5 a BOM alone": (b"\xef\xbb\xbf", "empty_file"),
    "5 header only": (HEADER.encode(), "no_rows"),
    "5 header and a line end": (HEADER.encode() + b"\n", "no_rows"),
    "5 a header of 20 MB": (b"customer id," + b"x" * 20_000_000, None),
    "5 one line of 20 MB": (b"x" * 20_000_000, None),
}


@pytest.mark.parametrize("case", NOTHING)
def test_a_file_without_a_row_is_refused_within_seconds(case: str, tmp_path: Path) -> None:
    from time import process_time

    content, key = NOTHING[case]
    begun = process_time()
    with pytest.raises(UserError) as refused:
        load(tmp_path, content)
    assert key is None or refused.value.key == key
    assert len(" ".join(Words("en").error(refused.value))) < 1_000
    assert process_time() - begun < SECONDS


def test_5_no_message_echoes_data_and_the_rejects_can_be_downloaded(cli: Cli, tmp_path: Path) -> None:
    lines = [bad for bad, _ in SHAPES.values() if SECRET in bad] + [f"X,{SECRET},1.00,tea", f"X,2025-01-14,{SECRET},tea"]
    path = tmp_path / "s.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    refused = cli("import", path)
    assert (refused.code, SECRET in refused.out + refused.err) == (2, False)
    path.write_text("\n".join([HEADER, *lines, GOOD[0]]) + "\n")
    done = cli("import", path, "--workspace", "w").done()
    assert SECRET not in done.out + done.err
    from tests.intake.importing import rejected

    assert len(rejected("w")) == done.file["rows_rejected"] == 8
