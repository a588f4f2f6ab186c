"""Any bytes and any table as a file: what hypothesis draws, and what has to hold of every import whatever was drawn."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import strategies as st

from analytics import jobs
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.intake.report import Answers
from analytics.warehouse import open_warehouse
from tests.conftest import assert_accounted

HEADER = ("customer_id", "order_date", "amount", "category")
Row = tuple[str, date, Decimal, str]

# --- tables

_TEXT = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs"])
_NASTY = st.sampled_from(
    [
        "=1+1",
        "@SUM(A1)",
        "-5",
        "+49",
        "'a",
        '"',
        '""',
        "a,b",
        "a;b",
        "a\nb",
        "a\tb",
        "a|b",
        "007",
        "NA",
        "null",
        "上海",
        "🍵",
        "é",
        "x'y",
        "1e5",
    ]
)
ROWS = st.lists(
    st.tuples(
        st.text(_TEXT, min_size=1, max_size=12) | st.sampled_from(["00123", "9007199254740993", "张伟", "🍵", "NA", "a,b", 'a"b', "=A1"]),
        st.dates(date(1990, 1, 1), date(2035, 12, 31)),
        st.decimals(-10_000, 10_000, places=2, allow_nan=False, allow_infinity=False),
        st.text(_TEXT, min_size=1, max_size=12) | _NASTY,
    ),
    min_size=1,
    max_size=30,
)
DELIMITERS, ENCODINGS = (",", ";", "\t", "|"), ("utf-8", "utf-8-sig", "utf-16", "gb18030")


def as_csv(
    rows: Sequence[Row], *, delimiter: str = ",", encoding: str = "utf-8-sig", end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL
) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([HEADER, *rows])
    return text.getvalue().encode(encoding)


def as_file(rows: Sequence[Row], kind: str) -> bytes:
    """The rows as a CSV, Excel, Parquet or JSON-lines file."""
    if kind == "csv":
        return as_csv(rows)
    if kind == "jsonl":
        return "\n".join(json.dumps(dict(zip(HEADER, map(str, row), strict=True)), ensure_ascii=False) for row in rows).encode()
    frame = pd.DataFrame(rows, columns=list(HEADER))
    frame["amount"] = frame["amount"].astype(float)
    sink = io.BytesIO()
    if kind == "xlsx":
        options = {"strings_to_urls": False, "strings_to_formulas": False}
        with pd.ExcelWriter(sink, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
            frame.to_excel(book, index=False)
    else:
        frame.to_parquet(sink, index=False)
    return sink.getvalue()


def assert_control_sums(content: bytes, name: str, rows: Sequence[Row], **answers: object) -> None:
    """Rows, amount, distinct customers and the amount of each day come back as they were written."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(Path(folder) / "home"))
        report = _import(Path(folder), name, content, **answers)
        (file,) = report["files"]
        assert (file["rows_read"], file["rows_loaded"]) == (len(rows), len(rows)), file
        sql = "select cast(occurred_at as date)::varchar as day, sum(amount)::varchar as amount from transactions group by 1"
        frame = open_warehouse(Access(workspace="w")).frame(sql)
        days: Counter[str] = Counter()
        for _, day, amount, _ in rows:
            days[day.isoformat()] += amount  # type: ignore[assignment]
        assert {day: Decimal(amount) for day, amount in zip(frame["day"], frame["amount"], strict=True)} == days
        assert report["tables"]["transactions"]["customers"] == len({row[0] for row in rows if _sold(rows, row[0])})


def _sold(rows: Sequence[Row], customer: str) -> bool:
    """Customers are counted by a sale, even one refunded in full."""
    return any(name == customer and amount >= 0 for name, _, amount, _ in rows)


# --- bytes


def _damage() -> st.SearchStrategy[list[tuple[str, float, bytes]]]:
    step = st.tuples(st.sampled_from(["flip", "cut", "insert", "overwrite", "repeat"]), st.floats(0, 1), st.binary(min_size=1, max_size=24))
    return st.lists(step, min_size=1, max_size=5)


def damaged(content: bytes, steps: Sequence[tuple[str, float, bytes]]) -> bytes:
    """A file with bits flipped, bytes put in, overwritten or repeated, or its end cut off."""
    for step, share, given in steps:
        at = int(share * max(0, len(content) - 1))
        match step:
            case "flip":
                content = content[:at] + bytes([content[at] ^ (1 << (given[0] % 8))]) + content[at + 1 :] if content else given
            case "cut":
                content = content[:at]
            case "insert":
                content = content[:at] + given + content[at:]
            case "overwrite":
                content = content[:at] + given + content[at + len(given) :]
            case _:
                content = content[:at] + content[at : at + 10 * len(given)] * 3 + content[at:]
    return content


SAMPLES: tuple[Row, ...] = tuple(
    (f"C{number % 7:03d}", date(2025, 1 + number % 12, 1 + number % 28), Decimal(number) / 4, ("tea", "上海", 'a "b"')[number % 3])
    for number in range(40)
)
KINDS = ("csv", "gb18030", "utf-16", "xlsx", "parquet", "jsonl", "json", "zip")


@cache
def valid(kind: str) -> bytes:
    """A good file of a kind, to be damaged."""
    if kind in ("gb18030", "utf-16"):
        return as_csv(SAMPLES, encoding=kind)
    if kind == "json":
        return b"[" + as_file(SAMPLES, "jsonl").replace(b"\n", b",\n") + b"]"
    if kind == "zip":
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("orders.csv", as_csv(SAMPLES))
            archive.writestr("more/orders.parquet", as_file(SAMPLES, "parquet"))
        return sink.getvalue()
    return as_file(SAMPLES, kind)


FREE = st.binary(max_size=600) | st.text(max_size=300).map(str.encode)
# text made of what parsers stumble over, and files that begin as another kind does
_SIGNS = (",", ";", "\t", "|", '"', "'", "\n", "\r", "\r\n", "\0", "\ufeff", "\u202e", "{", "}", "[", "]", ":", "=", "-", "\\", " ", "0")
_WORDS = ("customer id", "date", "amount", "2025-01-14", "1.5", "1,5", "上海", "é", "NaN", "1e400", "PK\x03\x04", "PAR1", "null")
SCRAPS = st.lists(st.sampled_from(_SIGNS + _WORDS), max_size=60).map(lambda parts: "".join(parts).encode())
HEADED = SCRAPS.map(b"customer id,order date,amount,category\nA,2025-01-14,1.50,tea\n".__add__)
MAGIC = st.tuples(
    st.sampled_from([b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"\xef\xbb\xbf", b"[{", b"{"]),
    st.binary(max_size=400),
).map(b"".join)
DAMAGED = st.tuples(st.sampled_from(KINDS), _damage()).map(lambda drawn: damaged(valid(drawn[0]), drawn[1]))


def outcome(content: bytes, name: str = "anything.csv") -> str:
    """What came of importing these bytes: "loaded", or the key of a refusal that both languages can word."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(Path(folder) / "home"))
        try:
            report = _import(Path(folder), name, content)
        except UserError as refused:
            assert all(all(Words(language).error(refused)) for language in LANGUAGES)
            return refused.key
        for file in report["files"]:
            assert_accounted(file)
        return "loaded"


def _import(folder: Path, name: str, content: bytes, **answers: object) -> dict[str, Any]:
    path = folder / name
    path.write_bytes(content)
    told = {"": asdict(Answers(**answers))} if answers else {}  # type: ignore[arg-type]
    with redirect_stdout(io.StringIO()):  # progress
        return jobs._load({"workspace": "w", "paths": [str(path)], "answers": told})["report"]
