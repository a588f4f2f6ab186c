"""The figures of the study `tier_quality`: who belongs elsewhere, how sure tiers are, what they tell, cost and change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, ORANGE, Spec, ticks
from analytics.results import Result, wilson
from analytics.studies.base import Figure
from analytics.studies.tables import titled

if TYPE_CHECKING:
    from analytics.i18n import Words


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of the page."""
    if result.refused is not None:
        return ()
    makers = {"stale": _stale, "misfiled": _misfiled, "sure": _sure, "worth": _worth, "costs": _costs, "moves": _moves, "losers": _losers}
    return tuple(figure for name, make in makers.items() if name in result.tables for figure in make(result, words))


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame[frame["shown"]].drop(columns="shown") if "shown" in frame else frame.copy(deep=False)
    for column, prefix in (("rule", "rules"), ("dimension", "dimensions")):
        if column in shown:
            shown[column] = [words(f"tier_quality.{prefix}.{key}") for key in shown[column]]
    renamed = {"low": "share_low", "high": "share_high"} if "low" in frame else {}
    renamed |= (
        {"correct": "correct_rate", "correct_low": "correct_rate_low", "correct_high": "correct_rate_high"} if "correct" in frame else {}
    )
    renamed |= {"share": "cost_share"} if "worth_share" in frame else {}
    return titled(shown.rename(columns=renamed), "tier_quality.columns", words)


def _figure(key: str, kind: str, spec: Spec, table: pd.DataFrame, words: Words, facts: Mapping[str, Any]) -> Figure:
    return Figure(
        key=key,
        title=words(f"tier_quality.figures.{key}.title.{kind}", **facts),
        note=words(f"tier_quality.figures.{key}.note", **facts),
        alt=words(f"tier_quality.figures.{key}.alt", **facts),
        spec=spec,
        table=named(table, words),
    )


def _spanned(row: Mapping[Any, Any] | pd.Series, words: Words) -> str:
    low, high = (words.number(100 * row[end], digits=1) for end in ("low", "high"))
    return f"{words.share(row['share'])} ({low}–{high})"


def _counted(hits: int, n: int, words: Words) -> str:
    share = wilson(hits, n)
    return _spanned({"share": share.value, "low": share.low, "high": share.high}, words)


def _off(key: str, result: Result, words: Words) -> tuple[Figure, ...]:
    """Share of each tier that belongs higher, and lower."""
    table = result.tables[key]
    shown = table[table["shown"]]
    if shown.empty:
        return ()
    measures = [
        Measure(
            name=words(f"tier_quality.columns.{column}"),
            values=(shown[column] / shown["members"]).tolist(),
            text=[_counted(int(row[column]), int(row["members"]), words) for row in shown.to_dict("records")],
            colour=colour,
        )
        for column, colour in (("too_low", BLUE), ("too_high", ORANGE))
    ]
    every, top = result.estimates[key], shown.nlargest(1, "share").iloc[0]
    facts: dict[str, Any] = {"tier": str(top["tier"]), "share": _spanned(top, words), "all": every, "n": every.n}
    if "review" in table:
        facts["review"] = table["review"].iloc[0].date()
    return (_figure(key, "plain" if every.value > 0 else "none", bars(shown["tier"].tolist(), measures), table, words, facts),)


def _stale(result: Result, words: Words) -> tuple[Figure, ...]:
    return _off("stale", result, words)


def _misfiled(result: Result, words: Words) -> tuple[Figure, ...]:
    return _off("misfiled", result, words)


def _sure(result: Result, words: Words) -> tuple[Figure, ...]:
    """Share of each tier whose members are uncertain in it."""
    table = result.tables["sure"]
    measure = Measure(
        name=words("tier_quality.columns.uncertain"),
        values=table["share"].tolist(),
        text=[_spanned(row, words) for row in table.to_dict("records")],
    )
    top = table.nlargest(1, "share").iloc[0]
    facts = {
        "tier": str(top["tier"]),
        "share": words.share(top["share"]),
        "all": result.estimates["uncertain"],
        "n": int(table["members"].sum()),
    }
    return (_figure("sure", "plain" if top["share"] > 0 else "none", bars(table["tier"].tolist(), [measure]), table, words, facts),)


def _worth(result: Result, words: Words) -> tuple[Figure, ...]:
    """Three ways of grouping the same members by the same later value."""
    table, found = result.tables["worth"], result.estimates
    names = [words(f"tier_quality.rules.{rule}") for rule in table["rule"]]
    rows = [
        Interval(
            name=name,
            value=row["share"],
            low=row["low"],
            high=row["high"],
            text=f"{name}: {_spanned(row, words)}",
            clear=row["rule"] == "tiers",
        )
        for name, row in zip(names, table.to_dict("records"), strict=True)
    ]
    reach = min(1.0, 1.1 * float(table["high"].max()))
    low = min(0.0, float(table["low"].min()))
    spec = intervals(rows, ticks=ticks(reach, lambda at: words.share(at, digits=0), bottom=low), span=(low, reach))
    shares = {name: found[f"captured_{name}"] for name in ("tiers", "two", "tree")}
    over = found["tiers_over_two"]
    facts = {"k": int(table["groups"].iloc[0]), "n": over.n, **shares}
    return (_figure("worth", "more" if over.low > 0 else "less" if over.high < 0 else "even", spec, table, words, facts),)


def _costs(result: Result, words: Words) -> tuple[Figure, ...]:
    """What each tier costs beside what it brings."""
    table = result.tables["costs"]
    columns = [("share", ORANGE), *([("worth_share", BLUE)] if "worth_share" in table else [])]
    measures = [
        Measure(
            name=words("tier_quality.columns.cost_share" if column == "share" else f"tier_quality.columns.{column}"),
            values=table[column].tolist(),
            text=[words.share(value) for value in table[column]],
            colour=colour,
        )
        for column, colour in columns
    ]
    top = table.nlargest(1, "share").iloc[0]
    facts = {"tier": str(top["tier"]), "share": words.share(top["share"], digits=0), "cost": words.money(table["cost"].sum(), compact=True)}
    if "worth_share" in table:
        facts["brings"] = words.share(top["worth_share"], digits=0)
    return (_figure("costs", "worth" if "worth_share" in table else "alone", bars(table["tier"].tolist(), measures), table, words, facts),)


def _moves(result: Result, words: Words) -> tuple[Figure, ...]:
    """Members of each tier, now and by the other thresholds."""
    table = result.tables["moves"]
    measures = [
        Measure(
            name=words(f"tier_quality.columns.{column}"),
            values=table[column].tolist(),
            text=[words.number(value) for value in table[column]],
            colour=colour,
        )
        for column, colour in (("before", GREY), ("after", BLUE))
    ]
    up, down = (result.estimates[name] for name in ("moves_up", "moves_down"))
    kind = "fall" if down.value > up.value else "rise" if up.value > 0 else "none"
    return (_figure("moves", kind, bars(table["tier"].tolist(), measures), table, words, {"up": up, "down": down, "n": up.n}),)


def _losers(result: Result, words: Words) -> tuple[Figure, ...]:
    """Who would fall, by group, against all members."""
    table, down = result.tables["losers"], result.estimates["moves_down"]
    if not table["losing"].any():
        return ()
    whole = down.value / down.n
    rows = [
        Interval(
            name=str(row["group"]),
            sub=words(f"tier_quality.dimensions.{row['dimension']}"),
            value=row["share"],
            low=row["low"],
            high=row["high"],
            text=f"{row['group']}: {_spanned(row, words)} · n = {words.number(row['n'])}",
            clear=bool(row["apart"]),
        )
        for row in table.to_dict("records")
    ]
    reach = min(1.0, 1.08 * float(table["high"].max()))
    spec = intervals(rows, ticks=ticks(reach, lambda at: words.share(at, digits=0)), span=(0.0, reach), marked=whole)
    harder = table[table["apart"] & (table["share"] > whole)]
    top = (harder if len(harder) else table).nlargest(1, "share").iloc[0]
    facts = {"group": str(top["group"]), "share": words.share(top["share"]), "all": words.share(whole), "n": down.n}
    return (_figure("losers", "one" if len(harder) else "alike", spec, table, words, facts),)
