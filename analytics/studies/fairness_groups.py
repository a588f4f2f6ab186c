"""The groups that customers are compared by: a column on file, an age from the year of birth, or two columns crossed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd

from analytics.contract import CUSTOMERS
from analytics.errors import UserError
from analytics.studies.fairness_sql import COLUMNS

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

USUAL = ("gender", "birth_year", "region", "industry")  # who a customer is; how he was won or buys is asked for by name
MOST_GROUPS = 40
AGES = (0, 25, 35, 45, 55, 65)  # years from which an age band begins
OLDEST = 120  # an age beyond it, or below 0, is an error in the data: not on file
CROSS = " × "
Groups = dict[str, "pd.Series[str]"]  # column, or two columns crossed -> customer_id -> group; unknown values are absent


def groups(warehouse: Warehouse, column: str, crossed: str) -> Groups:
    """The groupings of a run: the column asked for, crossed with another where that is asked; else every usual one, alone and in pairs: a
    gap may exist only where two of them meet.

    Raises  UserError bad_param for what is no column of customers
    """
    rows = warehouse.frame(COLUMNS).set_index("customer_id")
    for name, value in (("group", column), ("crossed", crossed)):
        if value and value not in allowed():
            raise UserError("bad_param", study="fairness", name=name, value=value, allowed=" | ".join(allowed()))
    if asked := tuple(name for name in (column, crossed) if name):
        return _usable({CROSS.join(asked): asked}, rows, warehouse)
    singles: dict[str, tuple[str, ...]] = {name: (name,) for name in USUAL}
    pairs = {CROSS.join(pair): pair for pair in combinations(USUAL, 2)}
    return _usable(singles | pairs, rows, warehouse)


def allowed() -> tuple[str, ...]:
    """What can be grouped by."""
    return tuple(column.name for column in CUSTOMERS.stored)


def offered(warehouse: Warehouse) -> tuple[str, ...]:
    """The columns that divide customers into a number of groups that can be compared."""
    rows = warehouse.frame(COLUMNS).set_index("customer_id")
    return tuple(name for name in allowed() if lacking(rows, name, warehouse) is None)


def left_out(warehouse: Warehouse, column: str, crossed: str) -> dict[str, str]:
    """Columns of a run that make no groups -> why: absent (not on file), single (one value only), many (more than MOST_GROUPS), tier."""
    rows = warehouse.frame(COLUMNS).set_index("customer_id")
    asked = tuple(name for name in (column, crossed) if name) or USUAL
    return {name: why for name in asked if (why := lacking(rows, name, warehouse)) is not None}


def lacking(rows: pd.DataFrame, name: str, warehouse: Warehouse) -> str | None:
    """Why a column makes no groups to compare within a tier; None where it does."""
    if name == "tier":
        return "tier"
    known = _grouped(rows[name], name, warehouse).nunique() if name in rows else len(rows)
    return {0: "absent", 1: "single"}.get(known, "many" if known > MOST_GROUPS else None)


def _usable(wanted: dict[str, tuple[str, ...]], rows: pd.DataFrame, warehouse: Warehouse) -> Groups:
    """Those whose columns all make groups; two that are crossed, too, where they make no more than can be compared."""
    able = {name for parts in wanted.values() for name in parts if lacking(rows, name, warehouse) is None}
    found = {
        name: _crossed([_grouped(rows[part], part, warehouse) for part in parts])
        for name, parts in wanted.items()
        if able.issuperset(parts)
    }
    return {name: values for name, values in found.items() if 1 < values.nunique() <= MOST_GROUPS}


def _crossed(parts: Sequence[pd.Series[str]]) -> pd.Series[str]:
    if len(parts) == 1:
        return parts[0]
    rows = pd.concat(parts, axis="columns", join="inner")
    if rows.empty or (rows.nunique() < 2).any():
        return pd.Series(dtype=str)
    return rows.iloc[:, 0].str.cat(rows.iloc[:, 1], sep=" · ")


def _grouped(values: pd.Series, name: str, warehouse: Warehouse) -> pd.Series[str]:
    """Names of groups; dates are grouped by year, years of birth by age."""
    known = values.dropna()
    if name == "birth_year" and warehouse.as_of is not None:
        known = known[(warehouse.as_of.year - known.astype(int)).between(0, OLDEST)]
        told = [_age(warehouse.as_of.year - int(year)) for year in known]
    elif pd.api.types.is_datetime64_any_dtype(known):
        told = [str(day.year) for day in known]
    elif pd.api.types.is_bool_dtype(known.infer_objects()):
        told = ["yes" if value else "no" for value in known]
    else:
        told = [str(value).strip() for value in known]
    return pd.Series(told, index=known.index, dtype=str)[lambda rows: rows != ""]


def _age(years: int) -> str:
    at = max((start for start in AGES if start <= years), default=0)
    later = [start for start in AGES if start > at]
    return f"{at}-{later[0] - 1}" if later else f"{at}+"
