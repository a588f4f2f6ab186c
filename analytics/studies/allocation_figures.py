"""The figures of the study `allocation`: the budget beside what it goes with, the price of fairness, the changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.curves import Curve, curves
from analytics.figures.dots import dots
from analytics.figures.look import BLUE, ORANGE, RED, Spec, ticks
from analytics.results import Result, Unit
from analytics.studies.allocation_data import BANDS, OTHER, WHOLE
from analytics.studies.base import Figure
from analytics.studies.tables import cash, short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

SHOWN = 14  # changes drawn; the table holds all
OWN = (*BANDS, OTHER, WHOLE)


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    makers = {"tiers": _tiers, "frontier": _frontier, "changes": _changes}
    found = [make(result, words) for name, make in makers.items() if name in result.tables]
    return tuple(figure for figure in found if figure is not None)


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study as a reader gets it."""
    shown = frame.copy(deep=False)
    for column in ("tier", "segment"):
        if column in shown:
            shown[column] = [_own(name, words) for name in frame[column]]
    if "point" in shown:
        shown["point"] = [words(f"allocation.points.{name}") for name in frame["point"]]
    if "tier" in shown and len(set(frame["tier"])) == 1 and "segment" in shown:
        shown = shown.drop(columns="tier")
    return titled(shown, "allocation.columns", words)


def _own(name: str, words: Words) -> str:
    return words(f"allocation.segments.{name}") if name in OWN else name


def _column(name: str, words: Words) -> str:
    return words(f"allocation.columns.{name}")


def _figure(key: str, kind: str, spec: Spec, table: pd.DataFrame, words: Words, facts: Mapping[str, Any], *, wide: bool = False) -> Figure:
    title, note, alt = (words(f"allocation.figures.{key}.{part}", **facts) for part in (f"title.{kind}", "note", "alt"))
    return Figure(key=key, title=title, note=note, alt=alt, spec=spec, table=named(table, words), wide=wide)


def _whole(value: float, words: Words) -> str:
    return words.share(value, digits=0)


def _amount(value: float, unit: Unit, words: Words) -> str:
    """On an axis."""
    return cash(value, words) if unit is Unit.MONEY else short(value, words)


def _tiers(result: Result, words: Words) -> Figure:
    """Each tier's part of the budget and of what is brought."""
    table = result.tables["tiers"]
    names = [_own(name, words) for name in table["tier"]]
    values = {_column(name, words): table[name].tolist() for name in ("brought_share", "budget_share")}
    text = {name: [words.share(value) for value in column] for name, column in values.items()}
    reach = min(1.0, 1.1 * max(max(column) for column in values.values()))
    spec = dots(names, values, text, ticks=ticks(reach, lambda at: _whole(at, words)), span=(0.0, reach))
    lowest = table.sort_values("ratio", kind="stable").iloc[0]
    facts = {"tier": _own(lowest["tier"], words), "ratio": words.number(lowest["ratio"], digits=2), "n": int(table["customers"].sum())}
    facts |= {"brought": words.share(lowest["brought_share"]), "budget": words.share(lowest["budget_share"])}
    return _figure("tiers", "told", spec, table, words, facts)


def _frontier(result: Result, words: Words) -> Figure | None:
    """Gain against rho, the budget as it is, and what was chosen."""
    table = result.tables["frontier"]
    line = table[(table["point"] != "present") & table["feasible"]]
    if line.empty:
        return None
    unit = result.estimates["gain_free"].unit
    parts = [_curve(line, "frontier", BLUE, unit, words)]
    parts += [_curve(line[line["point"] == "chosen"], "chosen", ORANGE, unit, words)] if (line["point"] == "chosen").any() else []
    parts += [_curve(table[table["point"] == "present"], "present", RED, unit, words)]
    top, now = float(line["gain"].max()), table[table["point"] == "present"].iloc[0]
    x = ticks(1.0, lambda at: words.number(at, digits=2))
    spec = curves(parts, x=x, y=ticks(top, lambda at: _amount(at, unit, words)), x_title=_column("rho", words))
    last = line.sort_values("rho").iloc[-1]
    facts = {"now": words.number(now["rho"], digits=2), "top": words.quantity(top, unit), "last": words.number(last["rho"], digits=2)}
    facts |= {"left": words.quantity(last["gain"], unit), "price": words.quantity(max(top - last["gain"], 0.0), unit)}
    flat = top - float(last["gain"]) <= 0.05 * top
    return _figure("frontier", "flat" if flat else "falls", spec, table, words, facts)


def _curve(rows: pd.DataFrame, point: str, colour: str, unit: Unit, words: Words) -> Curve:
    text = [f"ρ = {words.number(row['rho'], digits=2)}: {words.quantity(row['gain'], unit)}" for row in rows.to_dict("records")]
    name = words(f"allocation.points.{point}")
    return Curve(
        name=name, x=rows["rho"].tolist(), y=rows["gain"].tolist(), text=text, colour=colour, size=5 if point == "frontier" else 13
    )


def _changes(result: Result, words: Words) -> Figure:
    """The largest changes: now and proposed."""
    every, unit = result.tables["changes"], result.estimates["budget"].unit
    table = every.head(SHOWN)
    names = [_cell(row, words) for row in table.to_dict("records")]
    values = {_column(name, words): table[name].tolist() for name in ("now", "proposed")}
    text = {name: [words.quantity(value, unit) for value in column] for name, column in values.items()}
    reach = 1.1 * max(max(column) for column in values.values())
    spec = dots(names, values, text, ticks=ticks(reach, lambda at: _amount(at, unit, words)), span=(0.0, reach))
    more, less = (table.sort_values("change", kind="stable").iloc[at] for at in (-1, 0))
    facts = {"more": _cell(more.to_dict(), words), "less": _cell(less.to_dict(), words), "n": len(every), "shown": len(table)}
    facts |= {"up": words.quantity(max(more["change"], 0.0), unit), "down": words.quantity(abs(min(less["change"], 0.0)), unit)}
    return _figure("changes", "told", spec, every, words, facts, wide=True)


def _cell(row: Mapping[Any, Any], words: Words) -> str:
    return _own(row["segment"], words) if row["tier"] == WHOLE else f"{_own(row['tier'], words)} · {_own(row['segment'], words)}"
