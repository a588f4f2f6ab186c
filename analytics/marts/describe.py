"""What a version holds, in a few numbers by which a reader recognises the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from analytics import duck
from analytics.access import Access
from analytics.contract import BY_NAME, Kind, Table
from analytics.store import Version
from analytics.warehouse import Warehouse


def describe(workspace: str, version: Version) -> Version:
    """The version with `summary`, `columns` and `last_day` as its rows are now. Reads no marts and writes nothing."""
    warehouse = Warehouse(Access(workspace=workspace), version)
    tables = [BY_NAME[name] for name in version.tables]
    return replace(
        version,
        summary={table.name: summary(warehouse, table) for table in tables},
        columns={table.name: _filled(warehouse, table) for table in tables},
        last_day=last_day(warehouse, version.created_at[:10]),
    )


def last_day(warehouse: Warehouse, made_on: str) -> str | None:
    """The last day with activity. One mistyped year must not make every customer look long gone: future days do not count."""
    days = "select cast(occurred_at as date) as day from transactions union all select cast(occurred_at as date) from points"
    (last,) = warehouse.row(f"select coalesce(max(day) filter (day <= $made_on::date), min(day)) from ({days})", made_on=made_on)
    return last.isoformat() if isinstance(last, date) else None


def _filled(warehouse: Warehouse, table: Table) -> list[str]:
    counts = ", ".join(f"count({duck.quoted(column.name)})" for column in table.stored)
    row = warehouse.row(f"select {counts} from {duck.quoted(table.name)}")
    return [column.name for column, filled in zip(table.stored, row, strict=True) if filled]


def summary(warehouse: Warehouse, table: Table, *, without: Sequence[str] = ()) -> dict[str, object]:
    """What `import --json` says about a table: rows, and the totals by which a reader recognises the data."""
    when = next((name for name in ("occurred_at", "month", "date", "valid_from", "created_at") if name in table), None)
    wanted = {"rows": "count(*)", **_TOTALS.get(table.name, {})}
    if when and table[when].kind in (Kind.DATE, Kind.TIME):
        wanted |= {"first": f"min({when})", "last": f"max({when})"}
    wanted = {name: sql for name, sql in wanted.items() if name not in without}
    columns = ", ".join(f"{sql} as {duck.quoted(name)}" for name, sql in wanted.items())
    row = warehouse.row(f"select {columns} from {duck.quoted(table.name)}")
    return {name: _plain(value) for name, value in zip(wanted, row, strict=True)}


_TOTALS = {
    "transactions": {
        # as in customer_repeat: an order is one customer's, without a number it is a row of its own
        "orders": "(select count(*) from (select distinct customer_id, transaction_id from transactions where kind = 'sale' "
        "and transaction_id is not null)) + count(*) filter (kind = 'sale' and transaction_id is null)",
        "customers": "(select count(*) from (select distinct customer_id from transactions where kind = 'sale'))",
        "amount": "sum(amount)",
    },
    "customers": {
        "members": "count(*) filter (member)",
        "cancelled": "count(cancelled_on)",
        "tiers": "count(distinct tier)",
    },
    "opportunities": {"customers": "count(distinct customer_id)", "amount": "sum(amount)"},
    "points": {
        "customers": "count(distinct customer_id)",
        "earned": "coalesce(sum(points) filter (kind = 'earn'), 0)",
        "redeemed": "coalesce(sum(points) filter (kind = 'redeem'), 0)",
        "expired": "coalesce(sum(points) filter (kind = 'expire'), 0)",
    },
    "tiers": {"customers": "count(distinct customer_id)", "tiers": "count(distinct tier)"},
    "contacts": {"customers": "count(distinct customer_id)"},
    "experiments": {"customers": "count(distinct customer_id)", "experiments": "count(distinct experiment_id)"},
    "feedback": {"customers": "count(distinct customer_id)"},
    "benefits": {"customers": "count(distinct customer_id)"},
    "costs": {"amount": "sum(amount)"},
    "outcomes": {"churned": "count(*) filter (churned)"},
}


def _plain(value: object) -> object:
    """A value as JSON carries it: money to the cent, dates as ISO text."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, int):
        return value
    return round(float(value), 2)  # type: ignore[arg-type]
