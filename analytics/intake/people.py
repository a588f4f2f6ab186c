"""Customers: one row each, whatever number of files speaks of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from analytics import duck, store
from analytics.contract import CUSTOMERS
from analytics.intake.parts import BATCH, stored
from analytics.intake.stream import SEQ
from analytics.store import Draft

_LATER = 1 << 40  # a customer file outranks what sales say about a customer; a later file an earlier one
_NAMES = [column.name for column in CUSTOMERS.stored]


@dataclass(slots=True)
class People:
    """What the files of an import say about customers."""

    said: list[str] = field(default_factory=list)

    def add(self, parts: Sequence[Path], *, rank: int) -> None:
        """Rows with _seq: the later says more. rank  0: beside sales; n: the n-th file, a list of customers."""
        if parts:
            self.said.append(f"select * replace ({rank * _LATER} + {SEQ} as {SEQ}) from {_files(parts)}")

    def merge(self, connection: duckdb.DuckDBPyConnection, draft: Draft, folder: Path) -> None:
        """Put the customers into the draft, on top of what it holds of them. What nobody changed is not written again."""
        if not self.said:
            return
        said = " union all by name ".join(self.said)
        known = [str(row[0]) for row in connection.execute(f"describe {said}").fetchall()]
        connection.execute(f"create temp table said as {_latest(said, known)}")
        if CUSTOMERS.name not in draft.version.tables:
            draft.append(CUSTOMERS.name, stored(folder, _all_columns(connection, "said")))
            return
        held = f"({duck.rows(CUSTOMERS, store.parquet_files(draft.workspace, draft.version, CUSTOMERS.name))})"
        before = f"select -1 as {SEQ}, * from {held} where customer_id in (select customer_id from said)"
        connection.execute(f"create temp table merged as {_latest(f'select * from said union all by name {before}', _NAMES)}")
        names = ", ".join(map(duck.quoted, _NAMES))
        changed = f"select distinct customer_id from (select {names} from merged except select {names} from {held})"
        touched = stored(folder, connection.sql(changed).to_arrow_reader(BATCH))
        if touched:
            everyone = f"select {names} from merged union all select {names} from {held} anti join said using (customer_id)"
            draft.replace(CUSTOMERS.name, stored(folder, connection.sql(everyone).to_arrow_reader(BATCH)), touched=touched)


def distinct(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path]) -> int:
    """Different customers in some files."""
    if not parts:
        return 0
    ((count,),) = connection.execute(f"select count(distinct customer_id) from {_files(parts)}").fetchall()
    return int(count)


def _latest(rows: str, known: Collection[str]) -> str:
    """One row per customer: of every column the last value that is not empty."""
    picked = "".join(f", arg_max({duck.quoted(name)}, {SEQ}) as {duck.quoted(name)}" for name in _NAMES[1:] if name in known)
    return f"select max({SEQ}) as {SEQ}, customer_id{picked} from ({rows}) where customer_id is not null group by customer_id"


def _all_columns(connection: duckdb.DuckDBPyConnection, table: str) -> object:
    return connection.sql(f"{duck.rows(CUSTOMERS, [])} union all by name select * exclude ({SEQ}) from {table}").to_arrow_reader(BATCH)


def _files(parts: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(duck.text(str(path)) for path in parts)}])"
