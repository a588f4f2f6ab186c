"""What the user should know about how a file was read. Keys are worded under `notes.<key>`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from analytics.contract import CUSTOMERS, TRANSACTIONS, Kind, Table, plain
from analytics.intake import usual
from analytics.intake.planned import Input, Sampled
from analytics.intake.read import Raw

Note = tuple[str, Mapping[str, object]]

# what a customer has now: no movement of points or money, so no table takes it
_BALANCE = re.compile(r"积分|余额|(points|miles)$|balance")
# money that was given back
_REFUND = re.compile(r"refund|退款")
# a long number after a spreadsheet kept fifteen of its digits
_ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+\d{2}")


def notes(sampled: Sampled, table: Table | None, targets: Mapping[str, str], inputs: Sequence[Input]) -> tuple[Note, ...]:
    return (*_of_header(sampled.raw), *_of_workbook(sampled.raw), *_of_values(sampled, table, targets, inputs), *_of_encoding(sampled.raw))


def _of_header(raw: Raw) -> Iterator[Note]:
    if raw.renamed and not raw.headless:
        yield "renamed_columns", {"n": len(raw.renamed)}
    if raw.skipped:
        yield "lines_above_header", {"n": raw.skipped}


def _of_workbook(raw: Raw) -> Iterator[Note]:
    if not raw.workbook and (others := len({*raw.sheets} - {raw.sheet, *raw.empty_sheets})):
        yield "other_sheets", {"sheet": raw.sheet or "", "n": others}
    if raw.empty_sheets:
        yield "empty_sheets", {"sheets": ", ".join(raw.empty_sheets)}
    if raw.hidden_sheets:
        yield "hidden_sheets", {"sheets": ", ".join(raw.hidden_sheets)}
    if raw.error_cells:
        yield "error_cells", {"n": raw.error_cells}


def _of_values(sampled: Sampled, table: Table | None, targets: Mapping[str, str], inputs: Sequence[Input]) -> Iterator[Note]:
    left = [name for name in sampled.raw.header if name not in targets]
    if balances := [name for name in left if table is CUSTOMERS and _BALANCE.search(plain(name))]:
        yield "balance_left_out", {"columns": ", ".join(balances)}
    if reversals := [name for name in left if table is TRANSACTIONS and not sampled.source and _reverses(name, sampled.values[name])]:
        yield "reversals_left_out", {"columns": ", ".join(reversals)}
    ids = dict.fromkeys(item.source for item in inputs if item.source and item.column.kind is Kind.ID)
    if rounded := [name for name in ids if any(map(_ROUNDED.fullmatch, sampled.values[name]))]:
        yield "rounded_ids", {"columns": ", ".join(rounded)}


def _reverses(name: str, values: Sequence[str]) -> bool:
    """Whether a column tells of sales that were cancelled or given back."""
    return usual.tells_of_reversals(values) or bool(_REFUND.search(plain(name)) and any(re.search(r"[1-9]", value) for value in values))


def _of_encoding(raw: Raw) -> Iterator[Note]:
    if not raw.sure:
        yield "encoding_guessed", {"encoding": raw.encoding or ""}
