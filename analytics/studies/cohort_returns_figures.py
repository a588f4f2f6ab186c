"""The figures of second orders: who comes back within the window, and how soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.curves import curves
from analytics.figures.look import BLUE, GREY
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.cohort_returns import near_90
from analytics.studies.cohort_words import ROWS, cohort_name, in_words, interval, scattered, share_curve, share_text, share_ticks, width_of

if TYPE_CHECKING:
    from analytics.i18n import Words

YEAR = 366  # days drawn; the table goes on


def repeat(result: Result, words: Words) -> Figure:
    """Who comes back within the window: by cohort, or by the dimension that was chosen."""
    every, width, by = result.tables["repeat"], width_of(result), shown_by(result)
    table = every[every["dimension"] == by].reset_index(drop=True)
    drawn = table.tail(ROWS) if by == "cohort" else table.sort_values("share", ascending=False, kind="stable").head(ROWS)
    overall = table["returned"].sum() / table["eligible"].sum()
    kind, facts = _farthest(table, overall, words)
    facts |= {"value": _value(str(facts["value"]), by, width, words), "by": words(f"cohorts.by.{by}")}
    rows = [interval(_value(str(row["value"]), by, width, words), row, "share", _touch(row, words)) for _, row in drawn.iterrows()]
    named = words("figures.cohort_repeat.marked", **facts)
    return Figure(
        key="cohort_repeat",
        title=words(f"figures.cohort_repeat.title.{kind}", **facts),
        note=words("figures.cohort_repeat.note", **facts),
        alt=words(f"figures.cohort_repeat.alt.{kind}", **facts, groups=len(table)),
        spec=scattered(rows, marked=float(overall), marked_text=named, write=lambda at: words.share(at, digits=0)),
        table=in_words(table.assign(value=[_value(str(value), by, width, words) for value in table["value"]]), words, width),
    )


def _touch(row: pd.Series, words: Words) -> str:
    return f"{share_text(row, words)} · n = {words.number(row['eligible'])}"


def shown_by(result: Result) -> str:
    """The dimension that was asked for, where the data has it in groups that may be shown; else cohorts; else none."""
    known = set(result.tables["repeat"]["dimension"]) if "repeat" in result.tables else set()
    return next((by for by in (str(result.tables["second"]["dimension"].iloc[0]), "cohort") if by in known), "")


def _farthest(table: pd.DataFrame, overall: float, words: Words) -> tuple[str, dict[str, object]]:
    """The group that differs most from all; of those that differ beyond chance, where there are any."""
    out = table[table["standing"] != "alike"]
    rows = out if len(out) else table
    top = rows.iloc[int((rows["share"] - overall).abs().argmax())]
    facts: dict[str, object] = {"value": top["value"], "share": words.share(top["share"], digits=0), "n": int(table["eligible"].sum())}
    facts |= {"overall": words.share(overall, digits=0), "days": round(float(table["window"].iloc[0]))}
    return ("differs" if len(out) else "alike"), facts


def _value(value: str, by: str, width: str, words: Words) -> str:
    return cohort_name(pd.Timestamp(value), width, words) if by == "cohort" else value


def second(result: Result, words: Words) -> Figure:
    """Share with a second order by so many days after the first, those still waiting counted as far as they were observed."""
    table = result.tables["second"]
    year = table[table["days"] <= YEAR]
    groups = [group for group in table["group"].unique() if group != "all"]
    colours = {"all": BLUE, "older": GREY, "newer": BLUE} if table["dimension"].iloc[0] == "cohort" else {}
    parts = [
        share_curve(year[year["group"] == group], "days", _group(group, colours, words), colours.get(group), words)
        for group in groups or ["all"]
    ]
    everyone, drawn = table[table["group"] == "all"], year[year["group"].isin(groups or ["all"])]
    marked = near_90(everyone)
    facts: dict[str, object] = {"share": words.share(marked["share"], digits=0), "days": round(float(marked["days"]))}
    facts |= {"n": int(everyone["at_risk"].iloc[0])}
    kind = "median" if "median_days_to_second" in result.estimates else "share"
    if kind == "median":
        facts |= {"median": words.quantity(result.estimates["median_days_to_second"].value, result.estimates["median_days_to_second"].unit)}
    return Figure(
        key="cohort_second",
        title=words(f"figures.cohort_second.title.{kind}", **facts),
        note=words("figures.cohort_second.note", **facts),
        alt=words(f"figures.cohort_second.alt.{kind}", **facts),
        spec=curves(
            parts,
            x=_days(float(drawn["days"].max())),
            y=share_ticks(drawn["high"].max(), words),
            x_title=words("figures.cohort_second.axes.x"),
            stepped=True,
        ),
        table=in_words(table, words, width_of(result)),
    )


def _group(group: str, own: dict[str, str], words: Words) -> str:
    """The name of a curve: our word for older and newer, the data's for its own groups."""
    return words(f"cohorts.groups.{group}") if group in own or group == "all" else group


def _days(top: float) -> dict[str, object]:
    """Ticks in whole months of thirty days."""
    step = next((step for step in (30, 60, 90, 180) if top / step <= 8), 365)
    marked = list(range(0, int(top) + 1, step))
    return {"tickvals": marked, "ticktext": [str(day) for day in marked]}
