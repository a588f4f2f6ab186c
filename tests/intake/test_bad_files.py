"""Bad files, rows 10 and 22 of the table of bad inputs: what a name promises, archives that unpack without end, damage."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
from pathlib import Path
from time import process_time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from analytics.errors import UserError
from tests.conftest import Cli
from tests.intake.importing import SECONDS, load, load_path

CSV = "customer id,order date,amount,category\nA,2025-01-14,5.00,tea\nB,2025-01-15,6.00,tea\nA,2025-01-16,7.00,coffee\n"


@pytest.fixture(autouse=True)
def _private(home: Path) -> None:
    """Every test has its own home."""


def parquet() -> bytes:
    sink = io.BytesIO()
    days = ["2025-01-14", "2025-01-15", "2025-01-16"]
    pq.write_table(pa.table({"customer id": ["A", "B", "A"], "order date": days, "amount": [5.0, 6.0, 7.0]}), sink)
    return sink.getvalue()


def workbook() -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(CSV.split()[:0] or CSV.strip().split("\n")):
            for column, cell in enumerate(line.split(",")):
                sheet.write(number, column, float(cell) if cell.endswith(".00") else cell)
    return sink.getvalue()


def archive(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return sink.getvalue()


MAKERS = {"text": CSV.encode, "parquet": parquet, "workbook": workbook}


# --- 10 the name is no evidence

WRONG_NAMES = {
    "10 text as .xlsx": ("text", "s.xlsx"),
    "10 text as .parquet": ("text", "s.parquet"),
    "10 text as .zip": ("text", "s.zip"),
    "10 workbook as .csv": ("workbook", "s.csv"),
    "10 workbook as .parquet": ("workbook", "s.parquet"),
    "10 Parquet as .csv": ("parquet", "s.csv"),
    "10 Parquet as .xlsx": ("parquet", "s.xlsx"),
    "10 text without a name's ending": ("text", "s"),
}


@pytest.mark.parametrize("case", WRONG_NAMES)
def test_a_file_is_read_by_its_content_whatever_its_name(case: str, tmp_path: Path) -> None:
    kind, name = WRONG_NAMES[case]
    done = load(tmp_path, MAKERS[kind](), name)
    assert (done.counts, done.sums) == ((3, 3, 0), (3, 2, 18.0))


NO_TABLES = {
    "10 picture as .csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "10 PDF as .csv": b"%PDF-1.7\n" + bytes(range(256)),
    "10 gzip as .csv": b"\x1f\x8b\x08" + bytes(range(256)),
    "10 program as .csv": b"\x7fELF" + bytes(1000),
    "10 zeros as .csv": bytes(100_000),
    "10 old workbook without content": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000),
    "10 non-zip XLSX": b"PK\x03\x04 and no directory",
    "10 XLSX without sheets": archive(xl__workbook_xml=b"").replace(b"workbook_xml", b"workbook.xml"),
    "10 zip of nothing": archive(),
    "10 zip of a picture": archive(a=b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "10 JSON that begins with marks": b"\xef\xbb\xbf" * 3 + b"[",
    "10 Parquet of nothing": b"PAR1" + bytes(8) + b"PAR1",
    "10 Parquet that is cut": b"PAR1 and then nothing",
}


@pytest.mark.parametrize("case", NO_TABLES)
def test_what_is_no_table_is_refused_by_its_content(case: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        load(tmp_path, NO_TABLES[case])
    assert refused.value.key in ("unreadable_file", "empty_file", "no_rows", "question_columns")


# --- 10 bombs


def claiming(size: int) -> bytes:
    """A workbook whose directory gives its sheet this size; the bytes themselves are a few."""
    content = bytearray(workbook())
    at = content.index(b"PK\x01\x02")
    while content[at + 46 : at + 46 + struct.unpack_from("<H", content, at + 28)[0]] != b"xl/worksheets/sheet1.xml":
        at = content.index(b"PK\x01\x02", at + 4)
    struct.pack_into("<I", content, at + 24, size)
    return bytes(content)


def packed(size: int) -> bytes:
    """A workbook with a shared-strings part of so many zeros, packed to a thousandth."""
    parts = {name: content for name, content in members(workbook()).items() if "sharedStrings" not in name}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, content in parts.items():
            made.writestr(name, content)
        with made.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _ in range(size >> 24):
                part.write(bytes(1 << 24))
    return sink.getvalue()


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


def refused_fast(folder: Path, content: bytes, name: str) -> str:
    """The key of a refusal that took neither time nor memory."""
    path = folder / name
    path.write_bytes(content)
    begun, held = process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserError) as refused:
        load_path(path)
    assert process_time() - begun < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held < 300 << 10  # kilobytes
    return refused.value.key


def test_10_a_workbook_that_claims_gigabytes_is_refused_from_its_directory(tmp_path: Path) -> None:
    assert refused_fast(tmp_path, claiming(0xF0000000), "s.xlsx") == "too_large"


def test_10_a_workbook_that_unpacks_to_gigabytes_is_refused_from_its_directory(tmp_path: Path) -> None:
    assert refused_fast(tmp_path, packed(600 << 20), "s.xlsx") == "too_large"


def test_10_a_workbook_whose_directory_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    content = bytearray(packed(600 << 20))
    at = content.rindex(b"PK\x01\x02")
    extra = struct.unpack_from("<H", content, at + 30)[0]
    struct.pack_into("<I", content, at + 24, 1 << 20)
    assert extra == 0 or struct.unpack_from("<I", content, at + 24)[0] == 1 << 20
    assert refused_fast(tmp_path, bytes(content), "s.xlsx") == "unreadable_file"


def test_10_a_zip_that_unpacks_to_gigabytes_is_refused_from_its_directory(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made, made.open("a.csv", "w") as part:
        for _ in range(36):
            part.write(bytes(1 << 24))
    assert refused_fast(tmp_path, sink.getvalue(), "s.zip") == "too_large"


def test_10_a_zip_of_thousands_of_files_is_refused(tmp_path: Path) -> None:
    assert refused_fast(tmp_path, archive(**{f"f{n}.csv": b"a" for n in range(2_000)}), "s.zip") == "too_large"


def test_10_archives_in_archives_are_refused(tmp_path: Path) -> None:
    assert refused_fast(tmp_path, archive(**{"inner.zip": archive(**{"a.csv": CSV.encode()})}), "s.zip") == "too_large"


def test_10_a_workbook_in_an_archive_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, archive(**{"s.xlsx": workbook()}), "s.zip").sums == (3, 2, 18.0)


def test_10_parquet_of_50_million_rows_in_a_megabyte_is_refused_by_its_row_count(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    part = pa.table({"customer id": pa.array(["A"] * 1_000_000).dictionary_encode(), "amount": pa.array([1] * 1_000_000, pa.int8())})
    with pq.ParquetWriter(path, part.schema, compression="zstd") as writer:
        for _ in range(50):
            writer.write_table(part)
    assert path.stat().st_size < 2_000_000
    assert refused_fast(tmp_path, path.read_bytes(), "bomb.parquet") == "too_large"


# --- 10 damage


@pytest.mark.parametrize("kind", ["parquet", "workbook"])
@pytest.mark.parametrize("share", [0.02, 0.25, 0.5, 0.75, 0.99])
def test_10_a_file_that_is_cut_is_refused_in_words(share: float, kind: str, tmp_path: Path) -> None:
    content = MAKERS[kind]()
    with pytest.raises(UserError) as refused:
        load(tmp_path, content[: int(len(content) * share)])
    assert refused.value.key == "unreadable_file"


@pytest.mark.parametrize("kind", ["parquet", "workbook"])
@pytest.mark.parametrize("seed", range(8))
def test_10_a_file_with_flipped_bits_is_refused_in_words_or_read(seed: int, kind: str, tmp_path: Path) -> None:
    content = bytearray(MAKERS[kind]())
    for step in range(1 + seed % 3):
        content[(seed * 7919 + step * 104729) % len(content)] ^= 1 << (seed % 8)
    try:
        done = load(tmp_path, bytes(content))
    except UserError:
        return
    assert done.counts[0] <= 3


def test_10_a_damaged_page_of_parquet_is_refused_by_the_command_and_nothing_is_kept(cli: Cli, tmp_path: Path) -> None:
    content = bytearray(parquet())
    content[4:120] = bytes(116)
    path = tmp_path / "s.parquet"
    path.write_bytes(bytes(content))
    run = cli("import", path)
    assert (run.code, len(run.err.strip().splitlines())) == (2, 1), run.err


# --- 10 what a cell may hold


def test_10_formulas_errors_and_hidden_sheets(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, hidden = book.add_worksheet("Sales"), book.add_worksheet("Internal")
        hidden.write_row(0, 0, ("customer id", "order date", "amount"))
        hidden.write_row(1, 0, ("Z", "2025-01-01", 1_000_000))
        hidden.hide()
        sheet.write_row(0, 0, ("customer id", "order date", "amount", "discount"))
        sheet.write_row(1, 0, ("A", "2025-01-14"))
        sheet.write_formula(1, 2, "=2*21", None, 42)
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 0, ("B", "2025-01-15", 8))
        sheet.write_formula(2, 3, "=NA()", None, "#N/A")
    done = load_path(path)
    assert (done.sums, done.column("discount")) == ((2, 2, 50.0), [None, None])
    assert done.notes["error_cells"] == {"n": 2}
    assert done.notes["hidden_sheets"] == {"sheets": "Internal"}


# --- 10 JSON

GOOD = '{"customer id": "A", "order date": "2025-01-14", "amount": 5}'
BROKEN_LINES = {
    "10 JSON line that is cut": '{"customer id": "B", "order d',
    "10 JSON line that is no object": '["B", "2025-01-14", 6]',
    "10 JSON line with a key twice": '{"customer id": "B", "customer id": "C", "order date": "2025-01-14", "amount": 6}',
    "10 JSON line that is text": "and so on",
}


@pytest.mark.parametrize("case", BROKEN_LINES)
def test_a_broken_line_of_json_is_rejected_and_its_neighbours_stay(case: str, tmp_path: Path) -> None:
    done = load(tmp_path, "\n".join([GOOD, BROKEN_LINES[case], GOOD.replace('"A"', '"C"')]), "s.jsonl")
    assert (done.counts, done.sums) == ((3, 2, 1), (2, 2, 10.0))
    assert [(row["line"], row["reason"]) for row in done.rejects] == [("2", "invalid json")]


def test_10_a_value_of_json_that_cannot_be_read_is_named_by_its_line(tmp_path: Path) -> None:
    done = load(tmp_path, "\n".join([GOOD, GOOD, GOOD.replace("5}", "NaN}")]), "s.jsonl")
    assert [(row["line"], row["reason"]) for row in done.rejects] == [("3", "unreadable:amount")]


@pytest.mark.parametrize(
    "end", ["", ",", ', {"customer id": "B"', "]]", "] and more"], ids=["10 open", "10 comma", "10 cut", "10 twice", "10 more"]
)
def test_an_array_of_json_that_is_broken_is_refused_in_words(end: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        load(tmp_path, "[" + ",".join([GOOD] * 50) + end, "s.json")
    assert refused.value.key in ("unreadable_file", "question_columns", "no_rows")


def test_10_keys_that_come_late_and_values_that_are_lists_are_text(tmp_path: Path) -> None:
    late = GOOD.replace("5}", '5, "category": ["tea", "cups"], "Amount": "x"}')
    done = load(tmp_path, "[" + ",".join([GOOD] * 30 + [late]) + "]", "s.json")
    assert (done.sums, done.column("category")[0]) == ((31, 1, 155.0), '["tea","cups"]')
    assert done.notes["renamed_columns"] == {"n": 1}


def test_10_an_array_of_json_is_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    with path.open("w") as file:
        file.write("[" + GOOD)
        for _ in range(300):
            file.write(("," + GOOD) * 1_000)
        file.write("]")
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert load_path(path).counts == (300_001, 300_001, 0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held < 500 << 10
