"""The figures of the study `compare`: what differs, on one scale, and both sides month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.curves import Curve, curves
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import ticks
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.segments_figures import name as segment_name
from analytics.studies.tables import short, signed, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

_WIDEST = 1.0  # differences beyond +-100 % are drawn at the edge; touch tells them


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """Differences relative to B, then the months of both sides."""
    return () if result.refused is not None else (_differences(result, words), _months(result, words))


def _called(result: Result, words: Words) -> dict[str, str]:
    """What each side is called: a group by its value, a period by its first and last month."""
    return {str(row["side"]): _name(row, words) for _, row in result.tables["sides"].iterrows()}


def _name(side: pd.Series, words: Words) -> str:
    if "label" in side:
        return segment_name(str(side["label"]), words) if side["by"] == "segment" else str(side["label"])
    first, last = (words.month(side[end]) for end in ("first", "last"))
    return first if first == last else f"{first} – {last}"


def _differences(result: Result, words: Words) -> Figure:
    table, called = result.tables["measures"], _called(result, words)
    tested = table[table["clear"].notna() & (table["b"] != 0)]
    relative = tested.assign(**{column: tested[column] / tested["b"].abs() for column in ("difference", "low", "high")})
    rows = [_interval(row, shares, words) for (_, row), (_, shares) in zip(tested.iterrows(), relative.iterrows(), strict=True)]
    reach = 1.08 * min(_WIDEST, max(0.05, float(relative[["low", "high"]].abs().max().max())))
    spec = intervals(rows, ticks=ticks(reach, lambda share: f"{signed(100 * share, words)}%", bottom=-reach), span=(-reach, reach))
    clear = relative[relative["clear"].astype(bool)]
    kind, facts = "none", {**called, "n": len(tested)}
    if len(clear):
        most = clear.iloc[int(clear["difference"].abs().argmax())]
        kind = "higher" if most["difference"] > 0 else "lower"
        facts |= {"measure": words(f"compare.measures.{most['measure']}"), "share": words.share(abs(most["difference"]), digits=0)}
    return Figure(
        key="differences",
        title=words(f"figures.differences.title.{kind}", **facts),
        note=words("figures.differences.note", **facts),
        alt=words("figures.differences.alt", **facts),
        spec=spec,
        table=_named(table, words),
    )


def _interval(row: pd.Series, relative: pd.Series, words: Words) -> Interval:
    """One measure: both values under its name, the difference relative to B as the dot."""
    unit, name = Unit(row["unit"]), words(f"compare.measures.{row['measure']}")
    told = {side: words.quantity(row[side], unit, compact=True) for side in ("a", "b")}
    span = {end: f"{signed(100 * relative[end], words, digits=1)}%" for end in ("difference", "low", "high")}
    return Interval(
        name=name,
        sub=words("figures.differences.pair", **told),
        value=relative["difference"],
        low=relative["low"],
        high=relative["high"],
        text=words("figures.differences.touch", measure=name, **told, **span),
        clear=bool(row["clear"]),
    )


def _months(result: Result, words: Words) -> Figure:
    """Net sales, or orders where there is no money, side by side by place in the period."""
    table, called = result.tables["months"], _called(result, words)
    measure = "net_sales" if "net_sales" in table else "orders"
    unit = Unit.MONEY if measure == "net_sales" else Unit.COUNT
    parts = [_curve(table[table["side"] == side], measure, unit, called[side], words) for side in ("a", "b")]
    days = table[table["side"] == "a"]
    totals = {side: words.quantity(table.loc[table["side"] == side, measure].sum(), unit, compact=True) for side in ("a", "b")}
    facts = {**called, "a_total": totals["a"], "b_total": totals["b"]}
    spec = curves(
        parts,
        x=_places(table, days, words),
        y=ticks(float(table[measure].max()), lambda value: short(value, words)),
    )
    return Figure(
        key="sides_by_month",
        title=words(f"figures.sides_by_month.title.{measure}", **facts),
        note=words(f"figures.sides_by_month.note.{measure}", **facts),
        alt=words(f"figures.sides_by_month.alt.{measure}", **facts),
        spec=spec,
        table=_named(table, words),
    )


def _curve(part: pd.DataFrame, measure: str, unit: Unit, name: str, words: Words) -> Curve:
    text = [
        f"{name} · {words.month(month)}: {words.quantity(value, unit, compact=True)}"
        for month, value in zip(part["month"], part[measure], strict=True)
    ]
    return Curve(name=name, x=part["place"].tolist(), y=part[measure].tolist(), text=text)


def _places(table: pd.DataFrame, days: pd.DataFrame, words: Words, most: int = 5) -> dict[str, object]:
    """The axis: the month of each side at its place, once where both are the same."""
    step = max(1, -(-len(days) // most))
    shown = days["place"].iloc[(len(days) - 1) % step :: step].tolist()
    months = {place: list(dict.fromkeys(words.month(month) for month in part["month"])) for place, part in table.groupby("place")}
    return {"tickvals": shown, "ticktext": ["<br>".join(months[place]) for place in shown]}


def _named(table: pd.DataFrame, words: Words) -> pd.DataFrame:
    shown = table.drop(columns=["unit", "place"], errors="ignore")
    if "measure" in shown:
        shown["measure"] = [words(f"compare.measures.{measure}") for measure in shown["measure"]]
        for column in ("a", "a_low", "a_high", "b", "b_low", "b_high", "difference", "low", "high"):
            shown[column] = [words.quantity(value, Unit(unit)) for value, unit in zip(table[column], table["unit"], strict=True)]
        said = {True: words("words.yes"), False: words("words.no")}
        shown["clear"] = [said.get(clear, words("compare.untested")) for clear in table["clear"]]
    if "month" in shown:
        shown = shown.assign(month=[words.month(month) for month in shown["month"]], side=[side.upper() for side in shown["side"]])
    return titled(shown, "compare.columns", words)
