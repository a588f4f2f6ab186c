"""Marts that follow from those of the version before: only the customers whose rows changed are computed again.

The same SQL runs on the rows of these customers as they were and as they are. What says something of one customer is replaced; to what
adds customers up, the difference is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from analytics import duck, store
from analytics.contract import BY_NAME, TABLES, Table
from analytics.marts.layers import Layers
from analytics.marts.recipes import in_order, update
from analytics.store import Version
from analytics.warehouse import Warehouse, mart_rows

_MANY = 0.2  # share of customers touched above which building everything is quicker
_FEW = 0.1  # share of customers changed up to which reading their rows from beside the files costs less than writing the files again


def follow(
    workspace: str, before: Version, version: Version, touched: Sequence[Path], warehouse: Warehouse, fresh: Path, work: Path
) -> bool:
    """Build a version's marts from those of the version before.

    touched    Parquet files that name whoever's rows differ
    warehouse  over the new version's rows; its marts become readable in it one by one
    Returns    False when that cannot be done, or is not worth it: nothing is to be used then
    """
    if before.last_day is None or version.last_day is None or _later(before):
        return False
    old = store.marts_folder(workspace, before)
    people = work / "touched.parquet"
    warehouse.copy(_touched(workspace, before, version, touched), people)
    everyone = _rows(warehouse, f"({mart_rows(old, 'customer_features')})")
    if _rows(warehouse, _file(people)) > _MANY * everyone:
        return False
    slices = _slices(workspace, before, version, people, warehouse, work)
    was, now = (Warehouse.under_construction(workspace, v, files) for v, files in zip((before, version), slices, strict=True))
    layers = Layers(warehouse=warehouse, old=old, fresh=fresh, people=people, few=_FEW * everyone)
    for path in in_order():
        sql, name, target = path.read_text(encoding="utf-8"), path.stem, fresh / path.with_suffix(".parquet").name
        kind = update(sql)
        if kind == "whole":
            warehouse.copy(sql, target)
            if not _still(warehouse, name, old / target.name, target):
                return False
            now.view(name, [str(target)])
            was.view(name, [str(old / target.name)])
        else:
            parts = [work / f"{when}-{name}.parquet" for when in ("was", "now")]
            for house, part in zip((was, now), parts, strict=True):
                house.copy(sql, part)
                house.view(name, [str(part)])
            if kind == "customers":
                layers.put(name, parts[1])
            else:
                warehouse.copy(_added(warehouse, old / target.name, *parts) or sql, target)
        warehouse.mart(fresh, name)
    return True


def _later(version: Version) -> bool:
    """Whether rows lie behind the version's as-of day: they come to count when the day moves."""
    lasts = [str(version.summary.get(name, {}).get("last") or "")[:10] for name in ("transactions", "points")]
    return version.settings.as_of is not None or max(lasts) > (version.last_day or "")


def _touched(workspace: str, before: Version, version: Version, touched: Sequence[Path]) -> str:
    """Whose rows differ, and whose tier began to count since."""
    tiers = duck.rows(BY_NAME["tiers"], store.parquet_files(workspace, version, "tiers"))
    days = f"valid_from > {duck.text(before.last_day or '')}::date and valid_from <= {duck.text(version.last_day or '')}::date"
    named = " union all ".join([f"select customer_id from {_file(path)}" for path in touched] or ["select null::varchar as customer_id"])
    return (
        f"select distinct customer_id from ({named} union all select customer_id from ({tiers}) where {days}) where customer_id is not null"
    )


def _slices(
    workspace: str, before: Version, version: Version, people: Path, warehouse: Warehouse, work: Path
) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]:
    """The touched customers' rows as they were and as they are: Parquet files by table. Files of both versions are read once."""
    slices: tuple[dict[str, Sequence[str]], dict[str, Sequence[str]]] = ({}, {})
    for table in TABLES:
        was, now = (set(store.parquet_files(workspace, v, table.name)) for v in (before, version))
        if "customer_id" not in table:
            slices[0][table.name], slices[1][table.name] = sorted(was), sorted(now)
            continue
        cut = {
            part: _cut(table, files, people, warehouse, work)
            for part, files in (("both", was & now), ("was", was - now), ("now", now - was))
        }
        slices[0][table.name], slices[1][table.name] = [*cut["both"], *cut["was"]], [*cut["both"], *cut["now"]]
    return slices


def _cut(table: Table, files: set[str], people: Path, warehouse: Warehouse, work: Path) -> list[str]:
    if not files:
        return []
    target = work / f"{table.name}-{len(list(work.iterdir()))}.parquet"
    warehouse.copy(
        f"select * from ({duck.rows(table, sorted(files))}) where customer_id in (select customer_id from {_file(people)})", target
    )
    return [str(target)]


def _added(warehouse: Warehouse, old: Path, was: Path, now: Path) -> str | None:
    """SQL that adds the difference; None when a number is there in some rows only: none could not be told from nought."""
    kinds = [(str(name), str(kind)) for name, kind in warehouse.columns(_file(old))]
    numbers = [name for name, kind in kinds if kind.startswith(("DECIMAL", "HUGEINT", "BIGINT", "INTEGER", "DOUBLE"))]
    keys = [duck.quoted(name) for name, _ in kinds if name not in numbers and name != "age"]
    keys += ['"age"'] if "age" in numbers else []
    sums = [duck.quoted(name) for name in numbers if name != "age"]
    everything = " union all by name ".join(f"select * from {_file(path)}" for path in (old, was, now))
    mixed = " or ".join(f"count({name}) not in (0, count(*))" for name in sums)
    if warehouse.value(f"select {mixed} from ({everything})"):
        return None
    signed = ", ".join(f"sign * {name} as {name}" for name in sums)
    listed = ", ".join(keys)
    rows = " union all by name ".join(
        f"select {listed}, {signed}, {stays} as stays from (select *, {sign} as sign from {_file(path)})"
        for path, sign, stays in ((old, 1, "false"), (was, -1, "false"), (now, 1, "true"))
    )
    totals = ", ".join(f"sum({name})::{dict(kinds)[name.strip(chr(34))]} as {name}" for name in sums)
    order = ", ".join(duck.quoted(name) for name, _ in kinds)
    some = " or ".join(f"coalesce({name}, 0) <> 0" for name in sums)
    return f"select {order} from (select {listed}, {totals}, bool_or(stays) as stays from ({rows}) group by all) where stays or {some}"


def _still(warehouse: Warehouse, name: str, old: Path, new: Path) -> bool:
    """Whether a mart that others read says of the past what it said before: then the customers who were not touched stay as they are."""
    if name != "typical_rhythm":
        return not warehouse.value(f"select count(*) from (from {_file(old)} except all from {_file(new)})")
    past = f"where month < (select max(month) from {_file(old)})"
    return not warehouse.value(f"select count(*) from (select * from {_file(old)} {past} except all select * from {_file(new)})")


def _rows(warehouse: Warehouse, relation: str) -> int:
    return int(str(warehouse.value(f"select count(*) from {relation}")))


def _file(path: Path) -> str:
    return f"read_parquet({duck.text(str(path))})"
