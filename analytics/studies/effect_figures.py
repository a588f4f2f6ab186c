"""The figures of the study `effect`: designs on one scale, months from joining, how far it stands, groups, each design's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.curves import Curve, curves
from analytics.figures.event_study import At, Role, event_study
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, ticks
from analytics.results import Estimate, Result
from analytics.studies import effect_figures_adjusted, effect_figures_launch, effect_figures_threshold
from analytics.studies.base import Figure
from analytics.studies.effect_figures_shared import ROOM
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

NAMED: tuple[Role, ...] = ("before", "joining", "after")
OWN = (effect_figures_adjusted, effect_figures_launch, effect_figures_threshold)


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    makers = {"designs": _designs, "event_study": _months, "honest": _honest, "hidden_selection": _hidden, "groups": _groups}
    drawn = [figure for name, make in makers.items() if name in result.tables for figure in make(result, words)]
    return (*drawn, *(figure for own in OWN for figure in own.draw(result.tables, words)))


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study as a reader gets it."""
    shown = frame.copy()
    if "check" in shown:
        shown["check"] = [words(f"effect.checks.{row.design}.{row.check}.label") for row in shown.itertuples()]
        shown["passed"] = [words(f"effect.outcomes.{_outcome(passed)}") for passed in shown["passed"]]
    for column, prefix in (("design", "effect.designs"), ("role", "effect.roles"), ("dimension", "effect.dimensions")):
        if column in shown:
            shown[column] = [words(f"{prefix}.{key}.name" if column == "design" else f"{prefix}.{key}") for key in shown[column]]
    if "group" in shown:
        shown["group"] = [group_name(group, words) for group in frame["group"]]
    return titled(shown.drop(columns=["told", "facts", "chosen", "lowers"], errors="ignore"), "effect.columns", words)


def group_name(group: str, words: Words) -> str:
    """A level by its name in words, any other value as the file has it."""
    return words(f"effect.levels.{group}") if words.has(f"effect.levels.{group}") else str(group)


def _outcome(passed: bool | None) -> str:
    return "unknown" if passed is None or pd.isna(passed) else "passed" if passed else "failed"


def _figure(key: str, said: str, spec: dict[str, Any], table: pd.DataFrame, words: Words, facts: Mapping[str, object]) -> Figure:
    return Figure(
        key=key,
        title=words(f"effect.figures.{key}.title.{said}", **facts),
        note=words(f"effect.figures.{key}.note", **facts),
        alt=words(f"effect.figures.{key}.alt", **facts),
        spec=spec,
        table=named(table, words),
    )


def _span(table: pd.DataFrame, words: Words) -> tuple[tuple[float, float], dict[str, Any]]:
    """Room for every interval and for nothing, and its ticks in money."""
    low, high = min(float(table["low"].min()), 0.0), max(float(table["high"].max()), 0.0)
    room = ROOM * (high - low or 1.0)
    return (low - room, high + room), ticks(high + room, lambda value: short(value, words), bottom=low - room)


def _money(value: float, words: Words) -> str:
    return words.money(value, compact=True)


def _told(row: pd.Series, words: Words) -> str:
    return f"{_money(row['effect'], words)} ({_money(row['low'], words)} – {_money(row['high'], words)})"


def _row(name: str, row: pd.Series, words: Words, *, sub: str, clear: bool) -> Interval:
    told = f"{_told(row, words)} · n = {words.number(row['n'])}"
    return Interval(name=name, value=row["effect"], low=row["low"], high=row["high"], text=told, clear=clear, sub=sub)


# --- all designs


def _designs(result: Result, words: Words) -> tuple[Figure, ...]:
    """Every design with a number, the chosen one first, the gap that is sold last."""
    table = result.tables["designs"].dropna(subset=["effect"]).sort_values("chosen", ascending=False, kind="stable")
    if table.empty:
        return ()
    gap = result.estimates.get("naive_gap")
    rows = [
        _row(
            words(f"effect.designs.{row['design']}.name"), row, words,
            sub=words("effect.grade_short", grade=row["grade"]), clear=row["low"] > 0 or row["high"] < 0,
        )
        for _, row in table.iterrows()
    ]  # fmt: skip
    shown = table[["design", "grade", "effect", "low", "high", "n", "treated", "controls", "first", "last"]]
    span, money = _span(pd.concat([table[["low", "high"]], *([_ends(gap)] if gap else [])]), words)
    if gap is not None:
        rows.append(_row(words("effect.gap_row"), _as_row(gap), words, sub=words("effect.gap_sub"), clear=False))
    chosen = table.iloc[0]
    alike = len(table) > 1 and all(row["low"] <= chosen["high"] and chosen["low"] <= row["high"] for _, row in table.iterrows())
    said = "one" if len(table) == 1 else "agree" if alike else "differ"
    facts = {"n": len(table), "design": words(f"effect.designs.{chosen['design']}.name"), "effect": _told(chosen, words)}
    return (_figure("designs", said, intervals(rows, ticks=money, span=span), shown, words, facts),)


def _ends(gap: Estimate) -> pd.DataFrame:
    return pd.DataFrame({"low": [gap.low], "high": [gap.high]})


def _as_row(gap: Estimate) -> pd.Series:
    return pd.Series({"effect": gap.value, "low": gap.low, "high": gap.high, "n": gap.n})


# --- months from joining


def _months(result: Result, words: Words) -> tuple[Figure, ...]:
    """Months from joining; the joining month, which dwarfs the others, stands at the edge with its value beside it."""
    table = result.tables["event_study"]
    others = table[table["role"] != "joining"]
    span, money = _span(others.fillna(0.0), words)
    joining = table[table["role"] == "joining"]
    beyond = _money(joining["effect"].iloc[0], words) if len(joining) else ""
    points = [_point(row, words) for _, row in table.iterrows()]
    names: dict[Role, str] = {role: words(f"effect.roles.{role}") for role in NAMED}
    spec = event_study(points, y=money, span=span, x_title=words("effect.axes.months"), names=names, beyond=beyond)
    before = table[table["role"] == "before"]
    off = int(((before["low"] > 0) | (before["high"] < 0)).sum())
    facts = {"joining": beyond or "–", "n": len(before), "off": off}
    said = "unseen" if before.empty else "flat" if off == 0 else "uneven"
    return (_figure("event_study", said, spec, table, words, facts),)


def _point(row: pd.Series, words: Words) -> At:
    base = pd.isna(row["low"])
    told = words("effect.base") if base else _told(row, words)
    text = words("effect.at_month", month=int(row["month"]), effect=told, n=int(row["n"]))
    low, high = (None, None) if base else (float(row["low"]), float(row["high"]))
    return At(at=int(row["month"]), value=float(row["effect"]), low=low, high=high, role=row["role"], text=text)


def _honest(result: Result, words: Words) -> tuple[Figure, ...]:
    """The interval of the first months as trends are allowed to part further."""
    table, checks = result.tables["honest"], result.tables["checks"]
    found = checks[(checks["design"] == "staggered") & (checks["check"] == "breakdown")]
    breakdown = float(found["value"].iloc[0]) if len(found) else 0.0
    shares, middle = table["share"].tolist(), ((table["low"] + table["high"]) / 2).tolist()
    text = [
        f"{words.share(row['share'], digits=0)}: {_money(row['low'], words)} – {_money(row['high'], words)}" for _, row in table.iterrows()
    ]
    line = Curve(
        name=words("effect.first_months"),
        x=shares,
        y=middle,
        low=table["low"].tolist(),
        high=table["high"].tolist(),
        text=text,
        colour=BLUE,
    )
    nothing = Curve(name=words("effect.nothing"), x=[0.0, 1.0], y=[0.0, 0.0], text=["", ""], colour=GREY, width=1.2)
    (bottom, top), money = _span(table, words)
    spec = curves([nothing, line], x=ticks(1.0, lambda share: words.share(share, digits=0)), y=money, x_title=words("effect.axes.wobble"))
    spec["layout"]["yaxis"] |= {"rangemode": "normal", "range": [bottom, top]}
    said = "never" if breakdown <= 0 else "stands"
    return (_figure("honest", said, spec, table, words, {"share": words.share(breakdown, digits=0)}),)


# --- the flag alone, and groups


def _hidden(result: Result, words: Words) -> tuple[Figure, ...]:
    """How much of the gap would be left if joiners differed by so much anyway: where nothing better can be said."""
    table, gap = result.tables["hidden_selection"], result.estimates.get("naive_gap")
    if gap is None or result.grade != "D":
        return ()
    text = [
        words("effect.hidden", strength=words.number(row["strength"], digits=2), left=_money(row["effect_left"], words))
        for _, row in table.iterrows()
    ]
    line = Curve(name=words("effect.left"), x=table["strength"].tolist(), y=table["effect_left"].tolist(), text=text, colour=BLUE)
    most = float(table["strength"].max())
    nothing = Curve(name=words("effect.nothing"), x=[0.0, most], y=[0.0, 0.0], text=["", ""], colour=GREY, width=1.2)
    gone = table[table["effect_left"] <= 0]
    facts = {"strength": words.number(float(gone["strength"].iloc[0]) if len(gone) else most, digits=2), "gap": _money(gap.value, words)}
    span, money = _span(table.assign(low=table["effect_left"], high=table["effect_left"]), words)
    spec = curves([nothing, line], x=ticks(most, lambda at: words.number(at, digits=1)), y=money, x_title=words("effect.axes.strength"))
    spec["layout"]["yaxis"] |= {"rangemode": "normal", "range": list(span)}
    return (_figure("hidden_selection", "gone" if len(gone) else "stays", spec, table, words, facts),)


def _groups(result: Result, words: Words) -> tuple[Figure, ...]:
    """Effects by group; filled where they stand after the correction for having asked of all."""
    table = result.tables["groups"].sort_values(["dimension", "group"], kind="stable")
    rows = [
        _row(
            group_name(row["group"], words), row, words, sub=words(f"effect.dimensions.{row['dimension']}"), clear=row["q"] <= 0.05
        )
        for _, row in table.iterrows()
    ]  # fmt: skip
    span, money = _span(table, words)
    clear = int((table["q"] <= 0.05).sum())
    said = "none" if clear == 0 else "all" if clear == len(table) else "some"
    return (_figure("groups", said, intervals(rows, ticks=money, span=span), table, words, {"n": len(table), "clear": clear}),)
