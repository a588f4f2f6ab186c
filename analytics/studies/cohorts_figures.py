"""The figures of the study `cohorts`: the triangle, newer beside older, which cohort stands out, money, who comes back and how soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.curves import Curve, curves
from analytics.figures.heat import heat
from analytics.figures.look import BLUE, GREY, RAMP, ticks
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.cohort_returns_figures import repeat, second, shown_by
from analytics.studies.cohort_words import (
    ROWS,
    age_ticks,
    bounds,
    cohort_name,
    in_points,
    in_words,
    interval,
    scattered,
    share_curve,
    share_ticks,
    width_of,
)
from analytics.studies.tables import short

if TYPE_CHECKING:
    from analytics.i18n import Words

_MOST = 12  # ages that can be read side by side on a telephone; with more, every third is drawn after the sixth


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the data at hand allows, in the order of the question: do they stay, what do they bring, who comes back, how soon."""
    if result.refused is not None:
        return ()
    tables = result.tables
    triangle = tables.get("retention")
    drawn = [cohort_heat(triangle, words)] if triangle is not None and followed(triangle) else []
    if "curve" in tables:
        drawn.append(_curve(result, words))
    if "cohorts" in tables:
        drawn.append(_standing(result, words))
    if triangle is not None and followed(triangle[triangle["counted"]]) and "money_per_customer" in triangle:
        drawn.append(_money(result, words))
    if shown_by(result):
        drawn.append(repeat(result, words))
    return (*drawn, second(result, words)) if "second" in tables else tuple(drawn)


def followed(table: pd.DataFrame) -> bool:
    """Whether any cohort was followed beyond its first period."""
    return bool((table["complete"] & (table["age"] > 0)).any())


def cohort_heat(table: pd.DataFrame, words: Words) -> Figure:
    """The triangle: cohorts down, ages across, the share who ordered in each cell that is over. `table` is shaped like `retention`."""
    grain = str(table["grain"].iloc[0])
    cells = table[table["complete"] & (table["age"] > 0)]
    ages = [age for age in sorted(cells["age"].unique()) if cells["age"].max() <= _MOST or age <= 6 or age % 3 == 0]
    wide = cells.pivot(index="cohort", columns="age", values="share").reindex(columns=ages)
    sizes = cells.groupby("cohort")["customers"].first()
    spec = heat(
        [[float(share) if share == share else None for share in row] for row in wide.to_numpy()],
        [[f"{100 * share:.0f}" if share == share else "" for share in row] for row in wide.to_numpy()],
        [[_touch(cohort, age, cells, words, grain) for age in ages] for cohort in wide.index],
        x=[str(age) for age in ages],
        y=[cohort_name(cohort, grain, words) + ("*" if _early(cells, cohort) else "") for cohort in wide.index],
        x_title=words(f"figures.cohort_heat.axes.{grain}"),
        height=90 + 24 * len(wide),
    )
    spec["data"][0] |= {"xgap": 1, "ygap": 1, "textfont": {**spec["data"][0]["textfont"], "size": 10}}
    spec["layout"]["xaxis"] |= {"side": "top", "tickangle": 0}
    counted = cells[cells["counted"]] if cells["counted"].any() else cells
    pooled = counted.groupby("age")[["active", "customers"]].sum()
    age = max(age for age in pooled.index if age <= (6 if grain == "month" else 2))
    facts = {"first": _pooled(pooled, 1, words), "share": _pooled(pooled, age, words), "age": int(age), "n": int(sizes.sum())}
    kind = "plain" if age > 1 else "first"
    return Figure(
        key="cohort_heat",
        title=words(f"figures.cohort_heat.title.{grain}.{kind}", **facts),
        note=words(f"figures.cohort_heat.note.{'early' if cells['truncated'].any() else 'plain'}", **facts),
        alt=words(f"figures.cohort_heat.alt.{grain}", **facts, cohorts=len(wide)),
        spec=spec,
        table=in_words(table, words, grain),
    )


def _early(cells: pd.DataFrame, cohort: pd.Timestamp) -> bool:
    return bool(cells.loc[cells["cohort"] == cohort, "truncated"].any())


def _pooled(sums: pd.DataFrame, age: int, words: Words) -> str:
    row = sums[sums.index == age].iloc[0]
    return words.share(float(row["active"] / row["customers"]), digits=0)


def _touch(cohort: pd.Timestamp, age: int, cells: pd.DataFrame, words: Words, grain: str) -> str:
    found = cells[(cells["cohort"] == cohort) & (cells["age"] == age)]
    if found.empty:
        return ""
    row = found.iloc[0]
    facts = {"cohort": cohort_name(cohort, grain, words), "age": int(age), "active": int(row["active"]), "n": int(row["customers"])}
    return words(f"figures.cohort_heat.touch.{grain}", **facts, share=words.share(row["share"]), span=bounds(row, words))


def _curve(result: Result, words: Words) -> Figure:
    """Retention by age: newer cohorts beside older ones where both are there, else all."""
    table, grain = result.tables["curve"], width_of(result)
    groups = ["older", "newer"] if "drift" in result.tables else ["all"]
    colours = {"older": GREY, "newer": BLUE, "all": BLUE}
    parts = [share_curve(table[table["group"] == name], "age", words(f"cohorts.groups.{name}"), colours[name], words) for name in groups]
    shown = table[table["group"].isin(groups)]
    axis = words(f"figures.cohort_heat.axes.{grain}")
    spec = curves(parts, x=age_ticks(shown["age"]), y=share_ticks(shown["high"].max(), words), x_title=axis, height=_height(result))
    kind, facts = _drift(result, words)
    return Figure(
        key="cohort_curve",
        title=words(f"figures.cohort_curve.title.{grain}.{kind}", **facts),
        note=words(f"figures.cohort_curve.note.{'drift' if len(groups) > 1 else 'all'}"),
        alt=words(f"figures.cohort_curve.alt.{kind}", **facts),
        spec=spec,
        table=in_words(table, words, grain),
    )


def _height(result: Result) -> int:
    """As tall as the figure beside it, which has a row a cohort."""
    rows = min(ROWS, len(result.tables["cohorts"])) if "cohorts" in result.tables else 0
    return max(340, 80 + 22 * rows)


def _drift(result: Result, words: Words) -> tuple[str, dict[str, object]]:
    """What the curve says: newer against older at the age by which cohorts are compared, else the last age of all."""
    if "drift" not in result.tables:
        rows = result.tables["curve"].query("group == 'all'")
        row = rows[rows["age"] <= _usual(result)].iloc[-1]
        return "all", {"age": int(row["age"]), "share": words.share(row["share"], digits=0)}
    gaps = result.tables["drift"]
    row = gaps[gaps["age"] <= _usual(result)].iloc[-1]
    kind = "more" if row["low"] > 0 else "less" if row["high"] < 0 else "alike"
    return kind, {"age": int(row["age"]), **{name: words.share(row[name], digits=0) for name in ("newer", "older")}}


def _usual(result: Result) -> int:
    return 3 if width_of(result) == "month" else 1


def _standing(result: Result, words: Words) -> Figure:
    """Each cohort's difference from what the others let expect at the same age."""
    table, grain = result.tables["cohorts"], width_of(result)
    out = table[table["standing"] != "alike"]
    kind = "one" if len(out) == 1 else "some" if len(out) else "none"
    top = (out if len(out) else table).iloc[int((out if len(out) else table)["difference"].abs().argmax())]
    facts = {
        "age": int(top["age"]), "cohort": cohort_name(top["cohort"], grain, words), "n": len(table), "out": len(out),
        "share": words.share(top["share"]), "expected": words.share(top["expected"]),
    }  # fmt: skip
    rows = [
        interval(cohort_name(row["cohort"], grain, words), row, "difference", _difference(row, words))
        for _, row in table.tail(ROWS).iterrows()
    ]
    named = words("figures.cohort_standing.marked")
    return Figure(
        key="cohort_standing",
        title=words(f"figures.cohort_standing.title.{grain}.{kind}", **facts),
        note=words(f"figures.cohort_standing.note.{top['basis']}", **facts),
        alt=words(f"figures.cohort_standing.alt.{kind}", **facts),
        spec=scattered(rows, marked=0.0, marked_text=named, write=lambda gap: in_points(gap, words)),
        table=in_words(table, words, grain),
    )


def _difference(row: pd.Series, words: Words) -> str:
    facts = {name: in_points(row[name], words) for name in ("difference", "low", "high")}
    return words("figures.cohort_standing.touch", share=words.share(row["share"]), expected=words.share(row["expected"]), **facts)


def _money(result: Result, words: Words) -> Figure:
    """Net sales a customer, added up from the first period on: a line a cohort, the newer the darker."""
    table, grain = result.tables["retention"], width_of(result)
    cells = table[table["counted"] & table["complete"]]
    cells = cells[cells.groupby("cohort")["age"].transform("max") > 0]
    cohorts = sorted(cells["cohort"].unique())
    reached = cells["age"].value_counts()
    age = int(max(age for age in reached.index if reached[age] >= min(3, len(cohorts)) and age <= (6 if grain == "month" else 2)))
    at = cells[cells["age"] == age]
    top = at.iloc[int(at["money_per_customer"].argmax())]
    named = {top["cohort"], cohorts[0], cells.loc[cells["age"] == min(2, age), "cohort"].max()}
    shades = [RAMP[3 + round(3 * place / max(len(cohorts) - 1, 1))] for place in range(len(cohorts))]
    parts = [
        _money_curve(cells[cells["cohort"] == cohort], cohort_name(cohort, grain, words), shade, cohort in named, words)
        for cohort, shade in zip(cohorts, shades, strict=True)
    ]
    facts = {
        "age": age, "n": int(at["customers"].sum()), "cohort": cohort_name(top["cohort"], grain, words),
        "value": words.money((at["money_per_customer"] * at["customers"]).sum() / at["customers"].sum(), compact=True),
        "best": words.money(top["money_per_customer"], compact=True),
    }  # fmt: skip
    y = ticks(float(cells["money_per_customer"].max()), lambda value: short(value, words))
    return Figure(
        key="cohort_money",
        title=words(f"figures.cohort_money.title.{grain}.{'many' if len(at) > 1 else 'one'}", **facts),
        note=words("figures.cohort_money.note", **facts),
        alt=words(f"figures.cohort_money.alt.{grain}", **facts, cohorts=len(cohorts)),
        spec=curves(parts, x=age_ticks(cells["age"]), y=y, x_title=words(f"figures.cohort_heat.axes.{grain}"), key=False),
        table=in_words(table, words, grain),
    )


def _money_curve(rows: pd.DataFrame, name: str, colour: str, named: bool, words: Words) -> Curve:
    text = [f"{words.number(row['age'])}: {words.money(row['money_per_customer'])}" for _, row in rows.iterrows()]
    return Curve(
        name=name, x=rows["age"].tolist(), y=rows["money_per_customer"].tolist(), text=text, colour=colour,
        width=2.4 if named else 1.2, end=name if named else "",
    )  # fmt: skip
