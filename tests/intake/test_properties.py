"""Whatever comes in: rows read = loaded + excluded + rejected, control sums equal, never a traceback."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import jobs
from analytics.errors import UserError

RUN = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs"]), min_size=1, max_size=12)
ORDERS = st.lists(
    st.tuples(
        TEXT,
        st.dates(date(1990, 1, 1), date(2035, 12, 31)),
        st.decimals(-10_000, 10_000, places=2, allow_nan=False, allow_infinity=False),
        TEXT,
    ),
    min_size=1,
    max_size=30,
)
HEADER = ("customer_id", "order_date", "amount", "category")


def load(monkeypatch: pytest.MonkeyPatch, name: str, content: bytes) -> dict:
    """Import one file in this process into a workspace of its own."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("LOYALTY_HOME", str(Path(folder) / "home"))
        path = Path(folder) / name
        path.write_bytes(content)
        return jobs._load({"workspace": "w", "paths": [str(path)], "answers": {}})["report"]


def written(rows: list, kind: str) -> bytes:
    """The rows as a CSV, Excel or Parquet file."""
    if kind == "csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows([HEADER, *rows])
        return text.getvalue().encode("utf-8-sig")
    frame = pd.DataFrame(rows, columns=list(HEADER))
    frame["amount"] = frame["amount"].astype(float)
    sink = io.BytesIO()
    if kind == "xlsx":
        with pd.ExcelWriter(
            sink, engine="xlsxwriter", engine_kwargs={"options": {"strings_to_urls": False, "strings_to_formulas": False}}
        ) as book:
            frame.to_excel(book, index=False)
    else:
        frame.to_parquet(sink, index=False)
    return sink.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
@RUN
@given(rows=ORDERS)
def test_any_orders_come_back_with_their_control_sums(monkeypatch, kind: str, rows: list) -> None:
    report = load(monkeypatch, f"orders.{kind}", written(rows, kind))
    (file,) = report["files"]
    assert file["rows_read"] == len(rows) == file["rows_loaded"] + sum(file["rows_excluded"].values()) + file["rows_rejected"]
    assert file["rows_loaded"] == len(rows), file
    assert Decimal(str(report["tables"]["transactions"]["amount"])) == sum((row[2] for row in rows), Decimal(0))


@RUN
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_loaded_or_refused_in_words(monkeypatch, content: bytes) -> None:
    try:
        report = load(monkeypatch, "anything.csv", content)
    except UserError:
        return
    for file in report["files"]:
        assert file["rows_read"] == file["rows_loaded"] + sum(file["rows_excluded"].values()) + file["rows_rejected"]
