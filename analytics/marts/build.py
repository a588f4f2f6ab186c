"""Builds the marts of a version: all of them from its rows, or from the marts of the version before and the rows that were added."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from analytics import store
from analytics.access import Access
from analytics.contract import BY_NAME, TABLES
from analytics.marts import update
from analytics.marts.describe import describe, last_day, summary
from analytics.marts.layers import whole
from analytics.marts.recipes import in_order, recipe
from analytics.store import Version
from analytics.warehouse import Warehouse, open_warehouse

__all__ = ["build", "describe", "open_current", "open_version"]
_BUYERS = ("orders", "customers")  # of transactions: the marts know them


def build(workspace: str, version: Version, *, touched: Sequence[Path] | None = None) -> Version:
    """Build the marts of a drafted version and describe it.

    touched  Parquet files that name, as customer_id, everyone whose rows differ from those of the version's parent; None when not known
    Returns  the version with `summary`, `columns` and `last_day` filled in
    """
    with store.work_folder(workspace, "marts") as work:
        files = {table.name: store.parquet_files(workspace, version, table.name) for table in TABLES}
        start = Warehouse.under_construction(workspace, version, files)
        version = replace(version, last_day=last_day(start, version.created_at[:10]))
        target = store.marts_folder(workspace, version)
        fresh = target.with_suffix(".tmp")
        for folder in (target, fresh):
            shutil.rmtree(folder, ignore_errors=True)
        fresh.mkdir(parents=True)
        warehouse = Warehouse.under_construction(workspace, version, files)
        before = _before(workspace, version) if touched is not None else None
        if before is None or not update.follow(workspace, before, version, touched or (), warehouse, fresh, work):
            _all(warehouse, fresh)
        version = _described(warehouse, version)
        (fresh / store.RECIPE).write_text(recipe())
        fresh.rename(target)
    return version


def _all(warehouse: Warehouse, fresh: Path) -> None:
    for path in in_order():
        warehouse.copy(path.read_text(encoding="utf-8"), fresh / f"{path.stem}.parquet")
        warehouse.view(path.stem, [str(fresh / f"{path.stem}.parquet")])


def _before(workspace: str, version: Version) -> Version | None:
    """The version's parent, if its marts are there and the same agreements hold."""
    parent = store.load(workspace, version.parent or 0)
    alike = parent.number and parent.settings == version.settings and parent.demo == version.demo
    return parent if alike and _made(workspace, parent) else None


def _made(workspace: str, version: Version) -> bool:
    """Whether the marts are all there, made by the SQL of today."""
    folder = store.marts_folder(workspace, version)
    made_by = folder / store.RECIPE
    return whole(folder) and made_by.exists() and made_by.read_text() == recipe()


def _described(warehouse: Warehouse, version: Version) -> Version:
    """The version described with the help of its marts, which have counted most of it."""
    filled: dict[str, list[str]] = {name: [] for name in version.tables}
    for name, column in warehouse.frame("select table_name, column_name from quality_columns where filled > 0").itertuples(index=False):
        filled[name].append(column)
    columns = {name: [c.name for c in BY_NAME[name].stored if c.name in found] for name, found in filled.items()}
    totals = {name: summary(warehouse, BY_NAME[name], without=_BUYERS if name == "transactions" else ()) for name in version.tables}
    if "transactions" in totals:
        totals["transactions"] = _with_buyers(warehouse, version, totals["transactions"])
    return replace(version, summary=totals, columns=columns)


def _with_buyers(warehouse: Warehouse, version: Version, totals: Mapping[str, object]) -> dict[str, object]:
    """Marts end on the as-of day: what comes after it has to be counted."""
    later = str(totals["last"])[:10] > (warehouse.as_of.isoformat() if warehouse.as_of else "")
    if later and totals["rows"]:
        return summary(warehouse, BY_NAME["transactions"])
    orders, customers = warehouse.row("select coalesce(sum(orders), 0)::bigint, count(*) from customer_repeat")
    return {"rows": totals["rows"], "orders": orders, "customers": customers, **{k: v for k, v in totals.items() if k != "rows"}}


def open_current(access: Access) -> Warehouse:
    """The warehouse over the version in force."""
    return open_version(access, store.current(access.workspace))


def open_version(access: Access, version: Version) -> Warehouse:
    """The warehouse over a version; its marts are built again when one is missing or their SQL has changed since."""
    if version.number and not _made(access.workspace, version):
        with store.alone(access.workspace, "building"):
            if not _made(access.workspace, version):
                build(access.workspace, version)
    return open_warehouse(access, version)
