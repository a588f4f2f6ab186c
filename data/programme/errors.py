"""Errors as real files have them: lines twice, strangers, impossible dates, rows that cannot be read. Planted, so counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from data.programme.causes import stream
from data.programme.truth import DATA_ERRORS
from data.programme.words import Words

LINES, PERSONS, ROWS = 90, 91, 92  # streams
# Rows appended to each file that no importer can read: table -> (place of the column, what it says), in turn.
UNREADABLE = {
    "transactions": ((10, "12,5o"), (3, "31.02.2026 25:61"), (10, "#REF!")),
    "points": ((3, "#VALUE!"), (1, "32/13/2026")),
    "tiers": ((2, "2026-02-30"),),
}
SHARES = {"transactions": 9, "points": 4, "tiers": 2}  # of the unreadable rows
DAY = 86_400
LINES_EACH = 6  # lines of each customer that no customer file knows


def in_lines(columns: list[pa.Array], usual: np.ndarray, seed: int) -> tuple[list[pa.Array], dict[str, int]]:
    """Order lines twice, of unknown customers, or delivered before they were ordered; all among lines that no effect brought about."""
    rng, n = stream(seed, LINES, 0), len(usual)
    mine = rng.permutation(np.flatnonzero(usual))
    ends = np.cumsum([round(DATA_ERRORS[kind] * n) for kind in ("duplicate_lines", "unknown_customer", "delivered_before_order")])
    twice, strangers, early = mine[: ends[0]], mine[ends[0] : ends[1]], mine[ends[1] : ends[2]]
    columns = list(columns)
    unknown = np.arange(len(strangers)) // LINES_EACH
    columns[2] = _replaced(columns[2], strangers, [f"C9{number:05d}" for number in unknown.tolist()])
    columns[14] = _replaced(columns[14], early, columns[3].take(pa.array(early)).cast(pa.int64()).to_numpy() - DAY)
    order = np.sort(np.r_[np.arange(n), twice])
    people = len(np.unique(unknown))
    counts = {
        "duplicate_lines": len(twice),
        "unknown_lines": len(strangers),
        "unknown_customers": people,
        "delivered_before_order": len(early),
    }
    return [column.take(pa.array(order)) for column in columns], counts


def in_customers(columns: list[pa.Array], seed: int) -> tuple[list[pa.Array], dict[str, int]]:
    """Impossible years of birth; memberships that ended before they began."""
    rng, n = stream(seed, PERSONS, 0), len(columns[0])
    columns = list(columns)
    persons = rng.permutation(np.flatnonzero(columns[6].is_valid().to_numpy(zero_copy_only=False)))[: round(DATA_ERRORS["birth_year"] * n)]
    columns[6] = _replaced(columns[6], persons, np.where(np.arange(len(persons)) % 2, 1886, 2091))
    left = rng.permutation(np.flatnonzero(columns[4].is_valid().to_numpy(zero_copy_only=False)))
    left = left[: max(1, round(DATA_ERRORS["cancelled_before_enrolled"] * n))]
    enrolled = columns[3].take(pa.array(left)).cast(pa.int32()).to_numpy()
    columns[4] = _replaced(columns[4], left, enrolled - 12)
    return columns, {"birth_year": len(persons), "cancelled_before_enrolled": len(left)}


def _replaced(column: pa.Array, places: np.ndarray, values: Sequence[object] | np.ndarray) -> pa.Array:
    mask = np.zeros(len(column), dtype=bool)
    mask[places] = True
    whole = {pa.types.is_date32: pa.int32(), pa.types.is_timestamp: pa.int64()}
    plain = next((to for test, to in whole.items() if test(column.type)), column.type)
    order = np.argsort(places, kind="stable")
    given = pa.array([values[i] for i in order.tolist()], plain).cast(column.type)
    return pa.compute.replace_with_mask(column, pa.array(mask), given)


def bad_rows(table: str, columns: list[pa.Array], words: Words, seed: int) -> tuple[str, dict[str, int]]:
    """Rows to append, as CSV text: some that cannot be read and, among orders, some without a customer."""
    rng = stream(seed, ROWS, 0)
    n = SHARES.get(table, 0)
    nobody = int(DATA_ERRORS["no_customer"]) if table == "transactions" else 0
    if not n:
        return "", {}
    copied = [
        [str(column[int(row)].as_py()) if column[int(row)].is_valid else "" for column in columns]
        for row in rng.integers(len(columns[0]) // 2, len(columns[0]), n + nobody)
    ]
    for number, row in enumerate(copied):
        if table == "transactions":
            row[0] = str(900_001 + number)
        place, value = UNREADABLE[table][number % len(UNREADABLE[table])] if number < n else (2, "")
        row[place] = value
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(copied)
    return text.getvalue(), {"unreadable": n, **({"no_customer": nobody} if nobody else {})}
