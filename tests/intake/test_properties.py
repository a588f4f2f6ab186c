"""Whatever comes in: rows read = loaded + excluded + rejected, control sums equal, never a traceback.

A few examples of each here; tests/bars/test_any_input.py tries thousands.
"""

from __future__ import annotations

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.anything import (
    DAMAGED,
    DELIMITERS,
    ENCODINGS,
    FREE,
    HEADED,
    MAGIC,
    ROWS,
    SCRAPS,
    as_csv,
    as_file,
    assert_control_sums,
    outcome,
)

RUN = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl"])
@RUN
@given(rows=ROWS)
def test_any_orders_come_back_with_their_control_sums(kind: str, rows: list) -> None:
    assert_control_sums(as_file(rows, kind), f"orders.{kind}", rows)


@RUN
@given(
    rows=ROWS,
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from(ENCODINGS),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_any_orders_come_back_from_any_kind_of_csv(rows: list, delimiter: str, encoding: str, end: str, quoting: int) -> None:
    content = as_csv(rows, delimiter=delimiter, encoding=encoding, end=end, quoting=quoting)
    assert_control_sums(content, "orders.csv", rows, delimiter=delimiter, encoding=encoding)


@RUN
@given(content=FREE | SCRAPS | HEADED | MAGIC)
def test_any_bytes_are_loaded_or_refused_in_words(content: bytes) -> None:
    assert outcome(content)


@settings(RUN, max_examples=20)
@given(content=DAMAGED)
def test_a_damaged_file_of_any_kind_is_loaded_or_refused_in_words(content: bytes) -> None:
    assert outcome(content)
