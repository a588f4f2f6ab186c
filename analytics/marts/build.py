"""Runs the marts' SQL files over a version and describes the version's tables."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from analytics import duck, store
from analytics.access import Access
from analytics.contract import BY_NAME, Kind, Table
from analytics.store import Version
from analytics.warehouse import Warehouse, open_warehouse

_HERE = Path(__file__).parent
_RECIPE = "recipe"


def build(workspace: str, version: Version) -> Version:
    """Describe a drafted version's tables and build its marts.

    Returns  the version with `summary` and `columns` filled in
    """
    target = store.marts_folder(workspace, version)
    shutil.rmtree(target, ignore_errors=True)
    version = describe(workspace, version)
    warehouse = Warehouse(Access(workspace=workspace), version)
    fresh = target.with_suffix(".tmp")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for path in in_order():
        warehouse.copy(path.read_text(encoding="utf-8"), fresh / f"{path.stem}.parquet")
        warehouse.view(path.stem, [str(fresh / f"{path.stem}.parquet")])
    (fresh / _RECIPE).write_text(recipe())
    fresh.rename(target)
    return version


def describe(workspace: str, version: Version) -> Version:
    """The version with `summary`, `columns` and `last_day` as its rows are now. Reads no marts and writes nothing."""
    warehouse = Warehouse(Access(workspace=workspace), version)
    tables = [BY_NAME[name] for name in version.tables]
    return replace(
        version,
        summary={table.name: _summary(warehouse, table) for table in tables},
        columns={table.name: _filled(warehouse, table) for table in tables},
        last_day=_last_day(warehouse, version.created_at[:10]),
    )


def open_current(access: Access) -> Warehouse:
    """The warehouse over the version in force."""
    return open_version(access, store.current(access.workspace))


def open_version(access: Access, version: Version) -> Warehouse:
    """The warehouse over a version; its marts are built again when their SQL has changed since."""
    made_by = store.marts_folder(access.workspace, version) / _RECIPE
    if version.number and not (made_by.exists() and made_by.read_text() == recipe()):
        build(access.workspace, version)
    return open_warehouse(access, version)


@cache
def recipe() -> str:
    """Hash of the marts' SQL: marts made by other SQL are not read."""
    return sha256(b"".join(path.read_bytes() for path in sorted(_HERE.glob("*.sql")))).hexdigest()


def in_order() -> list[Path]:
    """The SQL files, each after the marts it reads."""
    paths = {path.stem: path for path in sorted(_HERE.glob("*.sql"))}
    done: list[Path] = []

    def visit(name: str) -> None:
        if paths[name] in done:
            return
        sql = re.sub(r"--.*", "", paths[name].read_text(encoding="utf-8"))
        for other in paths:
            if other != name and re.search(rf"\b(?:from|join)\s+{other}\b", sql):
                visit(other)
        done.append(paths[name])

    for name in paths:
        visit(name)
    return done


def _last_day(warehouse: Warehouse, made_on: str) -> str | None:
    """The last day with activity. One mistyped year must not make every customer look long gone: future days do not count."""
    days = "select cast(occurred_at as date) as day from transactions union all select cast(occurred_at as date) from points"
    (last,) = warehouse.row(f"select coalesce(max(day) filter (day <= $made_on::date), min(day)) from ({days})", made_on=made_on)
    return last.isoformat() if isinstance(last, date) else None


def _filled(warehouse: Warehouse, table: Table) -> list[str]:
    counts = ", ".join(f"count({duck.quoted(column.name)})" for column in table.stored)
    row = warehouse.row(f"select {counts} from {duck.quoted(table.name)}")
    return [column.name for column, filled in zip(table.stored, row, strict=True) if filled]


def _summary(warehouse: Warehouse, table: Table) -> dict[str, object]:
    """What `import --json` says about a table: rows, and the totals by which a reader recognises the data."""
    extra = _TOTALS.get(table.name, {})
    when = next((name for name in ("occurred_at", "month", "date", "valid_from", "created_at") if name in table), None)
    wanted = {"rows": "count(*)", **extra}
    if when and table[when].kind in (Kind.DATE, Kind.TIME):
        wanted |= {"first": f"min({when})", "last": f"max({when})"}
    columns = ", ".join(f"{sql} as {duck.quoted(name)}" for name, sql in wanted.items())
    row = warehouse.row(f"select {columns} from {duck.quoted(table.name)}")
    return {name: _plain(value) for name, value in zip(wanted, row, strict=True)}


_TOTALS = {
    "transactions": {
        "orders": "count(distinct transaction_id) filter (kind = 'sale') + count(*) filter (kind = 'sale' and transaction_id is null)",
        "customers": "count(distinct customer_id) filter (kind = 'sale')",
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
