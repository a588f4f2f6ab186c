"""The figures of the study `migration`: who went where, rates by tier, time in a tier, who is near, spend around changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.heat import heat
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, Spec, label, ramp, ticks
from analytics.figures.sankey import Flow, Way, sankey
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.tables import cash, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

STATES = ("new", "left")
WAYS: tuple[Way, ...] = ("up", "same", "down", "out", "in")
BEYOND = {"up": "beyond_upgrade", "down": "beyond_downgrade"}


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of the page."""
    if result.refused is not None:
        return ()
    makers = {"matrix": _matrix, "rates": _rates, "stays": _stays, "near": _near, "below": _below, "events": _events}
    return tuple(figure for name, make in makers.items() if name in result.tables for figure in make(result, words))


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it: states in words, small cells left out."""
    shown = frame[frame["shown"]].drop(columns="shown") if "shown" in frame else frame.copy(deep=False)
    for column, prefix in (("from", "states"), ("to", "states"), ("way", "ways"), ("position", "positions")):
        if column in shown:
            known = {
                key: words(f"migration.{prefix}.{key}") for key in shown[column].unique() if column not in ("from", "to") or key in STATES
            }
            shown[column] = shown[column].map(lambda key, known=known: known.get(key, key))
    renamed = {"low": "share_low", "high": "share_high"} if "share" in frame else {"came": "came_share"}
    renamed |= {"came": "came_share", "came_low": "came_share_low", "came_high": "came_share_high"} if "came" in frame else {}
    renamed |= (
        {"days": "days_waited", "low": "survival_share_low", "high": "survival_share_high", "survival": "survival_share"}
        if "survival" in frame
        else {}
    )
    return titled(shown.rename(columns=renamed), "migration.columns", words)


def _figure(
    key: str, kind: str, spec: Spec, table: pd.DataFrame, words: Words, facts: Mapping[str, Any], *, own: str = "", wide: bool = False
) -> Figure:
    return Figure(
        key=own or key,
        title=words(f"migration.figures.{key}.title.{kind}", **facts),
        note=words(f"migration.figures.{key}.note", **facts),
        alt=words(f"migration.figures.{key}.alt", **facts),
        spec=spec,
        table=named(table, words),
        wide=wide,
    )


def _state(name: str, words: Words) -> str:
    return words(f"migration.states.{name}") if name in STATES else name


def _spanned(row: Mapping[Any, Any], words: Words, value: str = "share", ends: tuple[str, str] = ("low", "high")) -> str:
    low, high = (words.number(100 * row[end], digits=1) for end in ends)
    return f"{words.share(row[value])} ({low}–{high})"


def _span(result: Result, words: Words) -> dict[str, Any]:
    return {name: result.verdict.facts[name] for name in ("start", "finish", "n")}


def _matrix(result: Result, words: Words) -> tuple[Figure, ...]:
    """The flows, and the matrix behind them."""
    table = result.tables["matrix"]
    order = list(dict.fromkeys(table["to"]))
    return (_flows(result, table, order, words), _heat(result, table, order, words))


def _flows(result: Result, table: pd.DataFrame, order: list[str], words: Words) -> Figure:
    moving = table[(table["n"] > 0) & table["shown"]]
    left, right = (list(dict.fromkeys(moving[side])) for side in ("from", "to"))
    right.sort(key=order.index)
    flows = [
        Flow(
            start=left.index(row["from"]),
            end=right.index(row["to"]),
            value=float(row["n"]),
            way=_way(row["from"], row["to"], order),
            text=f"{_state(row['from'], words)} → {_state(row['to'], words)}: {words.number(row['n'])}",
        )
        for row in moving.to_dict("records")
    ]
    sums = {side: table.groupby(side)["n"].sum() for side in ("from", "to")}
    before, after = (
        [f"{_state(one, words)} {words.number(sums[side][one])}" for one in names] for side, names in (("from", left), ("to", right))
    )
    spec = sankey(before, after, flows, key={way: words(f"migration.ways.{way}") for way in WAYS})
    facts = _span(result, words) | {
        name: result.verdict.facts[name] for name in ("rose", "fell", "same", "out") if name in result.verdict.facts
    }
    facts |= {name: words.number(int(table.loc[table["from"] == "new", "n"].sum())) for name in ("joined",)}
    return _figure("flows", result.verdict.key.rsplit(".", 1)[-1], spec, table, words, facts)


def _way(start: str, end: str, order: list[str]) -> Way:
    if end == "left":
        return "out"
    if start == "new":
        return "in"
    return "same" if start == end else "up" if order.index(end) > order.index(start) else "down"


def _heat(result: Result, table: pd.DataFrame, order: list[str], words: Words) -> Figure:
    rows, cells = list(dict.fromkeys(table["from"])), {(row["from"], row["to"]): row for row in table.to_dict("records")}
    grid = [[cells.get((start, end)) for end in order] for start in rows]
    spec = heat(
        [[cell["share"] if cell and cell["shown"] and cell["n"] else None for cell in line] for line in grid],
        [[words.share(cell["share"], digits=0) if cell and cell["shown"] and cell["n"] else "" for cell in line] for line in grid],
        [[_touch(cell, words) for cell in line] for line in grid],
        x=[_state(one, words) for one in order],
        y=[_state(one, words) for one in rows],
        x_title=words("migration.axes.to", **_span(result, words)),
        y_title=words("migration.axes.from", **_span(result, words)),
    )
    kept = table[(table["from"] == table["to"]) & table["shown"]].sort_values("share")
    ends = (kept.iloc[-1], kept.iloc[0]) if len(kept) else (table.iloc[0], table.iloc[0])
    facts = _span(result, words) | {"most": _state(ends[0]["from"], words), "least": _state(ends[1]["from"], words)}
    facts |= {"high": words.share(ends[0]["share"], digits=0), "low": words.share(ends[1]["share"], digits=0)}
    return _figure("heat", "plain" if len(kept) > 1 else "one", spec, table, words, facts)


def _touch(cell: Mapping[Any, Any] | None, words: Words) -> str:
    if cell is None or not cell["shown"]:
        return words("migration.hidden") if cell is not None else ""
    return label(
        f"{_state(cell['from'], words)} → {_state(cell['to'], words)}: {_spanned(cell, words)} · n = {words.number(cell['n'])}", most=90
    )


def _rates(result: Result, words: Words) -> tuple[Figure, ...]:
    """Up and down of every tier that can go there."""
    every = result.tables["rates"]
    tiers = list(dict.fromkeys(every["tier"]))
    able = ((every["way"] == "up") & (every["tier"] != tiers[-1])) | ((every["way"] == "down") & (every["tier"] != tiers[0]))
    table = every[able & every["shown"]]
    if table.empty:
        return ()
    rows = [
        Interval(
            name=str(row["tier"]),
            sub=words(f"migration.ways.{row['way']}"),
            value=row["share"],
            low=row["low"],
            high=row["high"],
            text=f"{row['tier']}: {_spanned(row, words)} · n = {words.number(row['of'])}",
            clear=row["way"] == "up",
        )
        for row in table.to_dict("records")
    ]
    reach = min(1.0, 1.08 * float(table["high"].max()))
    spec = intervals(rows, ticks=ticks(reach, lambda at: words.share(at, digits=0)), span=(0.0, reach))
    top = table.nlargest(1, "share").iloc[0]
    facts = _span(result, words) | {"tier": str(top["tier"]), "share": words.share(top["share"], digits=0)}
    return (_figure("rates", str(top["way"]), spec, every, words, facts),)


def _stays(result: Result, words: Words) -> tuple[Figure, ...]:
    """How long members stay in each tier."""
    table, medians = result.tables["stays"], result.tables["times"]
    tiers = list(dict.fromkeys(table["tier"]))
    parts = []
    for tier, colour in zip(tiers, ramp(len(tiers)), strict=True):
        here = table[table["tier"] == tier]
        text = [words("migration.stayed", days=row["days"], share=_spanned(row, words, "survival")) for row in here.to_dict("records")]
        x, y, low, high = (here[column].tolist() for column in ("days", "survival", "low", "high"))
        parts.append(Curve(name=tier, x=x, y=y, low=low, high=high, text=text, colour=colour))
    longest = float(table["days"].max())
    days, shares = ticks(longest, lambda at: words.number(at)), ticks(1.0, lambda at: words.share(at, digits=0))
    spec = curves(parts, x=days, y=shares, x_title=words("migration.axes.days"), stepped=True)
    facts: dict[str, Any] = {"n": int(medians["spells"].sum()), "unseen": int(medians["unseen"].sum())}
    known = medians.dropna(subset="days")
    if known.empty:
        return (_figure("stays", "most_stay", spec, medians, words, facts),)
    first = known.nsmallest(1, "days").iloc[0]
    facts |= {"tier": str(first["tier"]), "days": words.quantity(first["days"], Unit.DAYS)}
    return (_figure("stays", "median", spec, medians, words, facts),)


def _near(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["near"]
    facts = {"n": int(table["n"].sum()), "members": int(table["members"].sum())} | _likeliest(table, words)
    kind = "plain" if not table["n"].sum() else "came" if table["came_n"].sum() else "now"
    return (_figure("near", kind, _positions(table, "near", words), table, words, facts),)


def _below(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["below"]
    facts = {"n": int(table["n"].sum()), "members": int(table["members"].sum())} | _likeliest(table, words)
    kind = "plain" if not table["n"].sum() else "came" if table["came_n"].sum() else "now"
    return (_figure("below", kind, _positions(table, "below", words), table, words, facts),)


def _likeliest(table: pd.DataFrame, words: Words) -> dict[str, Any]:
    """The tier with most of them, and what came of those in all tiers before."""
    top = table.nlargest(1, "n").iloc[0]
    known = table[table["came_n"] > 0]
    came = float((known["came"] * known["came_n"]).sum() / known["came_n"].sum()) if len(known) else 0.0
    return {"tier": str(top["tier"]), "share": words.share(top["share"]), "came": words.share(came, digits=0)}


def _positions(table: pd.DataFrame, which: str, words: Words) -> Spec:
    """Members in the position, beside how many of those in it before moved."""
    now = Measure(
        name=words(f"migration.positions.{which}"),
        values=table["share"].tolist(),
        text=[f"{words.number(row['n'])} · {_spanned(row, words)}" for row in table.to_dict("records")],
        colour=GREY,
    )
    if not table["came_n"].sum():
        return bars(table["tier"].tolist(), [now])
    came = Measure(
        name=words(f"migration.came.{which}"),
        values=table["came"].tolist(),
        text=[_spanned(row, words, "came", ("came_low", "came_high")) if row["came_n"] else "" for row in table.to_dict("records")],
        colour=BLUE,
    )
    return bars(table["tier"].tolist(), [now, came])


def _events(result: Result, words: Words) -> tuple[Figure, ...]:
    """One figure a direction: what was spent, and what regression to the mean alone would give."""
    every = result.tables["events"]
    return tuple(_event(result, str(way), table.reset_index(drop=True), words) for way, table in every.groupby("way", sort=False))


def _event(result: Result, way: str, table: pd.DataFrame, words: Words) -> Figure:
    after = table[table["expected"].notna()]
    parts = [
        _course(after, "expected", ("expected_low", "expected_high"), GREY, words),
        _course(table, "mean", ("low", "high"), BLUE, words),
    ]
    top = float(table[["high", "expected_high"]].max().max())
    x = {"tickvals": table["month"].tolist(), "ticktext": [words.number(month) for month in table["month"]]}
    spec = curves(parts, x=x, y=ticks(top, lambda at: cash(at, words)), x_title=words(f"migration.axes.{way}"))
    beyond = result.estimates[BEYOND[way]]
    names = ("after_upgrade", "expected_by_mean_reversion") if way == "up" else ("after_downgrade", "expected_after_downgrade")
    seen, expected = (result.estimates[name] for name in names)
    facts = {"seen": _signed(seen.value, words), "expected": _signed(expected.value, words), "n": int(table["n"].iloc[0])}
    kind = "above" if beyond.low > 0 else "under" if beyond.high < 0 else "alike"
    return _figure(f"events_{way}", kind, spec, table, words, facts)


def _signed(share: float, words: Words) -> str:
    return f"{'+' if share > 0 else '−' if share < 0 else ''}{words.share(abs(share), digits=0)}"


def _course(table: pd.DataFrame, value: str, ends: tuple[str, str], colour: str, words: Words) -> Curve:
    low, high = ends
    text = [
        words("migration.at", month=row["month"], value=words.money(row[value]), low=words.money(row[low]), high=words.money(row[high]))
        for row in table.to_dict("records")
    ]
    x, y, bottom, top = (table[column].tolist() for column in ("month", value, low, high))
    return Curve(name=words(f"migration.columns.{value}"), x=x, y=y, low=bottom, high=top, text=text, colour=colour)
