"""The figures of the study `fairness`: gaps, benefit against contribution, waiting, spread, thresholds, models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.dots import dots
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, ORANGE, Spec, ticks
from analytics.figures.proportional import proportional
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.tables import signed, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

CROSS = " × "
MOST = 12  # gaps drawn
WIDE = 3.0  # of the farthest value: intervals that reach farther are cut


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of the readings."""
    if result.refused is not None:
        return ()
    makers = {
        "standing": _standing,
        "tiers": _tiers,
        "conditional": _reading,
        "waits": _waits,
        "served": _reading,
        "chances": _reading,
        "lorenz": _lorenz,
        "jumps": _jumps,
        "held": _held,
        "errors": _reading,
    }
    return tuple(figure for name, make in makers.items() if name in result.tables for figure in make(result, name, words))


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study as a reader gets it."""
    shown = frame.copy(deep=False)
    for column, prefix in (("reading", "readings"), ("measure", "measures"), ("state", "states"), ("model", "models"), ("who", "who")):
        if column in shown:
            shown[column] = [words(f"fairness.{prefix}.{key}") for key in shown[column]]
    for column in ("tier", "group"):  # a tier's own row has no group; data without tiers no tier
        if column in shown:
            shown[column] = shown[column].astype(object).where(shown[column].notna(), "")
    if "column" in shown:
        shown["column"] = [grouping(str(column), words) for column in shown["column"]]
    return titled(shown.drop(columns=["points", "reference"], errors="ignore"), "fairness.columns", words)


def grouping(column: str, words: Words) -> str:
    """The name of a grouping: a column, or two that are crossed; nothing for a tier's own row."""
    return CROSS.join(words(f"fairness.grouped.{part}") for part in column.split(CROSS)) if column else ""


def gap_text(row: Mapping[Any, Any], words: Words) -> str:
    """A gap with its interval: +43 % (33 to 56), or in percentage points."""
    value, low, high = (signed(100 * row[name], words, digits=1 if row["points"] else 0) for name in ("value", "low", "high"))
    return words(f"fairness.size.{'points' if row['points'] else 'share'}", value=value, low=low, high=high)


def _figure(key: str, kind: str, spec: Spec, table: pd.DataFrame, words: Words, facts: Mapping[str, Any]) -> Figure:
    return Figure(
        key=key,
        title=words(f"fairness.figures.{key}.title.{kind}", **facts),
        note=words(f"fairness.figures.{key}.note", **facts),
        alt=words(f"fairness.figures.{key}.alt", **facts),
        spec=spec,
        table=named(table, words),
    )


def _standing(result: Result, name: str, words: Words) -> tuple[Figure, ...]:
    """The gaps that stand out, the surest first."""
    table = result.tables[name]
    rows = [
        Interval(
            name=str(row["group"]),
            sub=f"{row['tier'] or ''} · {words('fairness.measures.' + row['measure'])}".strip(" ·"),
            value=row["value"],
            low=row["low"],
            high=row["high"],
            text=f"{row['group']}: {gap_text(row, words)} · n = {words.number(row['n'])}",
            clear=True,
        )
        for row in table.head(MOST).to_dict("records")
    ]
    top = table.to_dict("records")[0]
    facts = {
        "n": len(table),
        "shown": len(rows),
        "group": str(top["group"]),
        "measure": words(f"fairness.measures.{top['measure']}"),
        "size": gap_text(top, words),
        "of": int(result.estimates["flagged"].n) if "flagged" in result.estimates else len(table),
    }
    kind = "same" if table["group"].nunique() == 1 else "several"
    return (_figure("standing", kind, intervals(rows, **_scale(rows, words)), table, words, facts),)


def _scale(rows: list[Interval], words: Words) -> dict[str, Any]:
    """The axis of relative differences around 0."""
    far = max(max(abs(row.value) for row in rows) * WIDE, 0.05)
    low, high = max(-far, min(row.low for row in rows)), min(far, max(row.high for row in rows))
    low, high = min(low, 0.0) - 0.04 * far, max(high, 0.0) + 0.04 * far
    return {"ticks": ticks(high, lambda at: f"{signed(100 * at, words)}%", bottom=low), "span": (low, high)}


def _reading(result: Result, name: str, words: Words) -> tuple[Figure, ...]:
    """The groups of one column in one reading, tier by tier; filled where they stand out."""
    every = result.tables[name]
    table = every.sort_values(["q"], kind="stable").head(MOST)
    rows = [
        Interval(
            name=str(row["group"]),
            sub=str(row["tier"] or ""),
            value=row["value"],
            low=row["low"],
            high=row["high"],
            text=f"{row['group']}: {gap_text(row, words)} · n = {words.number(row['n'])}",
            clear=bool(row["flagged"]),
        )
        for row in table.to_dict("records")
    ]
    top, flagged = table.to_dict("records")[0], int(every["flagged"].sum())
    facts = {
        "column": grouping(str(top["column"]), words),
        "measure": words(f"fairness.measures.{top['measure']}"),
        "group": str(top["group"]),
        "tier": str(top["tier"] or ""),
        "size": gap_text(top, words),
        "flagged": flagged,
        "n": len(every),
        "shown": len(rows),
    }
    spec = intervals(rows, **_scale(rows, words))
    return (_figure(name, "flagged" if flagged else "alike", spec, every.drop(columns="state"), words, facts),)


def _most(table: pd.DataFrame, by: pd.Series[float]) -> dict[Any, Any]:
    """The row in which `by` is highest."""
    return dict(table.iloc[int(by.to_numpy().argmax())])


def _tiers(result: Result, name: str, words: Words) -> tuple[Figure, ...]:
    """Shares of benefit against shares of contribution: above the line, a tier gets more than it brings."""
    table = result.tables[name]
    text = [
        words("fairness.against", tier=row["tier"], benefit=words.share(row["benefit_share"]), brought=words.share(row["brought_share"]))
        for row in table.to_dict("records")
    ]
    top = 1.1 * float(table[["benefit_share", "brought_share"]].max().max())
    spec = proportional(
        list(table["tier"]),
        list(table["brought_share"]),
        list(table["benefit_share"]),
        text,
        ticks=ticks(top, lambda at: words.share(at, digits=0)),
        x_title=words("fairness.columns.brought_share"),
        y_title=words("fairness.columns.benefit_share"),
        line=words("fairness.in_proportion"),
    )
    far = _most(table, (table["benefit_share"] - table["brought_share"]).abs())
    facts = {name: words.share(far[f"{name}_share"]) for name in ("benefit", "brought")} | {
        "tier": str(far["tier"]),
        "n": int(table["customers"].sum()),
    }
    kind = "more" if far["benefit_share"] > far["brought_share"] else "less"
    return (_figure("tiers", kind, spec, table, words, facts),)


def _waits(result: Result, name: str, words: Words) -> tuple[Figure, ...]:
    """How long answers take: the group that differs most, and everybody else."""
    table = result.tables[name]
    lines, medians = [], {}
    group = str(table["group"].iloc[0])
    for who, name_, colour in (("rest", words("fairness.who.rest"), GREY), ("group", group, ORANGE)):
        rows = table[table["who"] == who]
        medians[who] = float(rows.loc[rows["waiting"] <= 0.5, "hours"].min())
        lines.append(_wait(rows, name_, words, colour))
    reach = float(table.loc[table["waiting"] > 0.02, "hours"].max())
    spec = curves(
        lines,
        x=ticks(reach, lambda at: words.number(at)) | {"range": [0, reach]},
        y=ticks(1.0, lambda at: words.share(at, digits=0)),
        x_title=words("fairness.hours"),
        stepped=True,
    )
    facts = {who: words.number(value, digits=1) for who, value in medians.items()} | {"name": group}
    kind = "slower" if medians["group"] > medians["rest"] else "alike"
    return (_figure("waits", kind, spec, table, words, facts),)


def _wait(rows: pd.DataFrame, label: str, words: Words, colour: str) -> Curve:
    return Curve(
        name=label,
        x=list(rows["hours"]),
        y=list(rows["waiting"]),
        low=list(rows["low"]),
        high=list(rows["high"]),
        text=[f"{label}: {words.share(waiting)}" for waiting in rows["waiting"]],
        colour=colour,
    )


def _lorenz(result: Result, name: str, words: Words) -> tuple[Figure, ...]:
    """Three cumulative shares against even shares for all."""
    table = result.tables[name]
    colours = {"benefit": BLUE, "benefit_by_brought": ORANGE, "brought": GREY}
    place = list(table["share"])
    even = Curve(name=words("fairness.even"), x=[0, 1], y=[0, 1], text=["", ""], colour=GREY, width=1.0)
    lines = [
        Curve(name=words(f"fairness.lorenz.{key}"), x=place, y=list(table[key]), text=[words.share(at) for at in table[key]], colour=colour)
        for key, colour in colours.items()
    ]
    whole = ticks(1.0, lambda at: words.share(at, digits=0))
    spec = curves([even, *lines], x=whole, y=whole, x_title=words("fairness.columns.share"))
    half = _most(table, -(table["share"] - 0.5).abs())
    facts = {key: words.share(half[key], digits=0) for key in colours}
    kind = "less" if half["benefit_by_brought"] < half["brought"] else "more"
    return (_figure("lorenz", kind, spec, table, words, facts),)


def _jumps(result: Result, name: str, words: Words) -> tuple[Figure, ...]:
    """What lies just below and just above each threshold."""
    table = result.tables[name]
    money = {side: [words.money(value) for value in table[side]] for side in ("below", "above")}
    measures = [
        Measure(name=words(f"fairness.columns.{side}"), values=list(table[side]), text=money[side], colour=colour)
        for side, colour in (("below", GREY), ("above", BLUE))
    ]
    most = _most(table, table["above"] - table["below"])
    facts = {side: words.money(most[side]) for side in ("below", "above")} | {"tier": str(most["tier"]), "n": int(table["n"].sum())}
    kind = "jump" if most["above"] > most["below"] else "flat"
    return (_figure("jumps", kind, bars(list(table["tier"]), measures), table, words, facts),)


def _held(result: Result, name: str, words: Words) -> tuple[Figure, ...]:
    """What the model of leaving said of each tier's held-out customers, and what came."""
    every = result.tables[name]
    table = every[every["model"] == "churn"]
    if table.empty:
        return ()
    names = [str(tier) or words("fairness.within.all") for tier in table["tier"]]
    shares = {key: list(table[key]) for key in ("said", "came")}
    reach = 1.15 * max(max(values) for values in shares.values())
    spec = dots(
        names,
        {words(f"fairness.columns.{key}"): values for key, values in shares.items()},
        {words(f"fairness.columns.{key}"): [words.share(value) for value in values] for key, values in shares.items()},
        ticks=ticks(reach, lambda at: words.share(at, digits=0)),
        span=(0.0, reach),
    )
    off = _most(table, (table["said"] - table["came"]).abs())
    facts = {key: words.share(off[key]) for key in ("said", "came")} | {"tier": str(off["tier"]), "n": int(table["n"].sum())}
    return (_figure("held", "off", spec, every, words, facts),)
