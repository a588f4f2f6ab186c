"""The figures of the study `movement`: who went where, the matrix behind it, the course of the shares, whether the cut still fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.control import Limits, control
from analytics.figures.heat import heat
from analytics.figures.intervals import Interval, intervals
from analytics.figures.layers import Layer, layers
from analytics.figures.look import label, ticks
from analytics.figures.sankey import Flow, Way, sankey
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.events import marked
from analytics.studies.segments_figures import name as segment_name
from analytics.studies.tables import apart, signed, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

STATES = 8  # states drawn on a side of the flows; the smaller ones stand together
OTHER = "other"
_WAYS: tuple[Way, ...] = ("up", "same", "down", "out", "in")


def name(state: str, words: Words) -> str:
    """A segment by its name, or one of the states beside them: lapsed, newcomer, other."""
    return words(f"movement.states.{state}") if state in ("lapsed", "newcomer", OTHER) else segment_name(state, words)


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """Flows, matrix, shares by month, drift, and who moved down more than others."""
    if result.refused is not None:
        return ()
    figures = [_flows(result, words), _matrix(result, words), _shares(result, words), _drift(result, words)]
    return tuple([*figures, _groups(result, words)] if "groups" in result.tables else figures)


def _named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study as a reader gets it: states by name, months in words, small cells left out."""
    shown = frame.copy()
    for column in ("from", "to", "segment"):
        if column in shown:
            shown[column] = shown[column].map({key: name(key, words) for key in shown[column].unique()})
    if "month" in shown:
        shown["month"] = [words.month(month) for month in shown["month"]]
    if "dimension" in shown:
        shown["dimension"] = [words(f"movement.dimensions.{value}") for value in shown["dimension"]]
    if "shown" in shown:
        shown = shown[shown["shown"]].drop(columns="shown")
    return titled(shown, "movement.columns", words)


def _way(start: str, end: str, order: list[str]) -> Way:
    if end == "lapsed":
        return "out"
    if start in ("lapsed", "newcomer"):
        return "in"
    if start == end:
        return "same"
    return "up" if order.index(end) < order.index(start) else "down"


def _flows(result: Result, words: Words) -> Figure:
    """Bands between the two month ends. Who was and stays lapsed is left out: it would dwarf all others."""
    table, facts = result.tables["transitions"], _span(result, words)
    order = list(dict.fromkeys([*table["from"], *table["to"]]))
    moving = table[(table["n"] > 0) & table["shown"] & ~((table["from"] == "lapsed") & (table["to"] == "lapsed"))]
    ways = [_way(start, end, order) for start, end in zip(moving["from"], moving["to"], strict=True)]
    ends = {side: _few(moving, side, order) for side in ("from", "to")}
    moving = moving[["n"]].assign(**ends, way=ways)
    merged = moving.groupby(["from", "to", "way"], sort=False, as_index=False)["n"].sum()
    left, right = _ordered(merged["from"], order), _ordered(merged["to"], order)
    flows = [_flow(row, left, right, words) for _, row in merged.iterrows()]
    sums = {side: merged.groupby(side)["n"].sum() for side in ("from", "to")}
    spec = sankey(
        [f"{name(state, words)} {words.number(sums['from'][state])}" for state in left],
        [f"{name(state, words)} {words.number(sums['to'][state])}" for state in right],
        flows,
        key={way: words(f"movement.ways.{way}") for way in _WAYS},
    )
    shares = {way: words.share(result.estimates[f"{way}_share"].value, digits=0) for way in ("upgraded", "downgraded", "stayed", "left")}
    return Figure(
        key="flows",
        title=words(f"figures.flows.title.{_balance(result)}", **shares, **facts),
        note=words("figures.flows.note", n=result.estimates["customers"].n, **facts),
        alt=words("figures.flows.alt", **shares, **facts),
        spec=spec,
        table=_named(table[table["n"] > 0], words),
    )


def _balance(result: Result) -> str:
    """Whether more moved down than up, chance left aside: the intervals of the two shares must not overlap."""
    up, down = result.estimates["upgraded_share"], result.estimates["downgraded_share"]
    return "down" if down.low > up.high else "up" if up.low > down.high else "even"


def _few(moving: pd.DataFrame, side: str, order: list[str]) -> list[str]:
    """The states of a side, the smallest of them called OTHER when there are more than are drawn."""
    sizes = moving.groupby(side)["n"].sum().sort_values(ascending=False)
    kept = set(sizes.index if len(sizes) <= STATES else [*sizes.index[: STATES - 1]]) | ({"lapsed", "newcomer"} & set(order))
    return [state if state in kept else OTHER for state in moving[side]]


def _ordered(states: pd.Series, order: list[str]) -> list[str]:
    present = set(states)
    segments = [state for state in order if state in present and state not in ("lapsed", "newcomer")]
    return [*segments, *([OTHER] if OTHER in present else []), *(state for state in ("newcomer", "lapsed") if state in present)]


def _flow(row: pd.Series, left: list[str], right: list[str], words: Words) -> Flow:
    text = f"{name(row['from'], words)} → {name(row['to'], words)}: {words.number(row['n'])}"
    return Flow(start=left.index(row["from"]), end=right.index(row["to"]), value=float(row["n"]), way=row["way"], text=text)


def _span(result: Result, words: Words) -> dict[str, object]:
    """The two month ends in words."""
    return {"since": words.day(result.verdict.facts["since"]), "until": words.day(result.verdict.facts["until"])}  # type: ignore[arg-type]


def _matrix(result: Result, words: Words) -> Figure:
    table, facts = result.tables["transitions"], _span(result, words)
    rows, columns = list(dict.fromkeys(table["from"])), list(dict.fromkeys(table["to"]))
    cells = {(row["from"], row["to"]): row for _, row in table.iterrows()}
    grid = [[cells[start, end] for end in columns] for start in rows]
    spec = heat(
        [[float(cell["share"]) if cell["shown"] and cell["n"] else None for cell in line] for line in grid],
        [[_cell(cell, words) for cell in line] for line in grid],
        [[_touch(cell, words) for cell in line] for line in grid],
        x=[name(state, words) for state in columns],
        y=[name(state, words) for state in rows],
        x_title=words("figures.matrix.axes.x", **facts),
        y_title=words("figures.matrix.axes.y", **facts),
        height=150 + 36 * len(rows),
    )
    inside = table[~table["from"].isin(["lapsed", "newcomer"]) & table["shown"]]
    kept = inside[inside["from"] == inside["to"]].sort_values("share", ascending=False)
    most = kept.iloc[0] if len(kept) else table.iloc[0]
    facts |= {"segment": name(str(most["from"]), words), "share": words.share(most["share"], digits=0)}
    return Figure(
        key="matrix",
        title=words("figures.matrix.title.plain", **facts),
        note=words("figures.matrix.note", **facts),
        alt=words("figures.matrix.alt", **facts),
        spec=spec,
        table=_named(table[table["n"] > 0], words),
    )


def _cell(cell: pd.Series, words: Words) -> str:
    """Per cent without its sign: a matrix of eleven columns has no room for it."""
    return words.number(100 * cell["share"]) if cell["n"] and cell["shown"] else ""


def _touch(cell: pd.Series, words: Words) -> str:
    names = {"start": label(name(cell["from"], words)), "end": label(name(cell["to"], words))}
    if not cell["shown"]:
        return words("figures.matrix.touch.small", **names)
    span = {key: words.share(cell[key]) for key in ("share", "low", "high")}
    return words("figures.matrix.touch.plain", **names, **span, n=int(cell["n"]), of=int(cell["of"]))


def _shares(result: Result, words: Words) -> Figure:
    """Share of each segment month by month, the most valuable at the bottom."""
    table = result.tables["months"]
    months = sorted(table["month"].unique())
    wide = table.pivot(index="month", columns="segment", values="share")[list(dict.fromkeys(table["segment"]))]
    days, names = [month.date().isoformat() for month in months], [words.month(month) for month in months]
    called = {segment: name(str(segment), words) for segment in wide}
    parts = [
        Layer(
            name=called[segment],
            shares=wide[segment].tolist(),
            text=[f"{month} · {called[segment]}: {words.share(share)}" for month, share in zip(names, wide[segment], strict=True)],
        )
        for segment in wide
    ]
    spec = layers(days, names, parts, ticks=ticks(1.0, lambda share: words.share(share, digits=0)))
    change = wide.iloc[-1] - wide.iloc[0]
    most = str(change.index[int(change.abs().argmax())])
    facts = {
        "segment": name(most, words),
        "first": names[0],
        "last": names[-1],
        "before": words.share(wide[most].iloc[0], digits=0),
        "now": words.share(wide[most].iloc[-1], digits=0),
    }
    figure = Figure(
        key="shares_by_month",
        title=words("figures.shares_by_month.title.plain", **facts),
        note=words("figures.shares_by_month.note", **facts),
        alt=words("figures.shares_by_month.alt", **facts),
        spec=spec,
        table=_named(table, words),
    )
    return marked(figure, result, days, words)


def _drift(result: Result, words: Words) -> Figure:
    table = result.tables["drift"]
    last = table.iloc[-1]
    kind = result.verdict.key.rsplit(".", 1)[-1]
    top = 1.25 * max(table["drift"].max(), last["threshold"])
    facts = {
        "drift": words.share(last["drift"], digits=0),
        "threshold": words.share(last["threshold"], digits=0),
        "month": words.month(last["month"]),
        "first": words.month(table["month"].iloc[0]),
        "low": words.share(last["chance_low"], digits=0),
        "high": words.share(last["chance_high"], digits=0),
    }
    limits = Limits(
        band=(last["chance_low"], last["chance_high"]),
        band_text=words("figures.drift.band"),
        threshold=last["threshold"],
        threshold_text=words("figures.drift.threshold", **facts),
    )
    spec = control(
        [month.date().isoformat() for month in table["month"]],
        [words.month(month) for month in table["month"]],
        table["drift"].tolist(),
        [words.share(value) for value in table["drift"]],
        limits,
        ticks=ticks(top, lambda share: words.share(share, digits=0)),
        top=top,
    )
    return Figure(
        key="drift",
        title=words(f"figures.drift.title.{kind}", **facts),
        note=words("figures.drift.note", **facts),
        alt=words("figures.drift.alt", **facts),
        spec=spec,
        table=_named(table, words),
    )


def _groups(result: Result, words: Words, most: int = 12) -> Figure:
    """Who moved down more, or less, than others who stood in the same segments; what is beyond chance first."""
    table = result.tables["groups"]
    table = table.assign(size=table["difference"].abs()).sort_values(["clear", "size"], ascending=False)
    part = table.head(most).sort_values("difference", ascending=False)
    reach = 1.1 * max(part["low"].abs().max(), part["high"].abs().max())
    rows = [_interval(row, words) for _, row in part.iterrows()]
    spec = intervals(rows, ticks=ticks(reach, lambda share: signed(100 * share, words), bottom=-reach), span=(-reach, reach))
    worse = table[table["clear"] & (table["difference"] > 0)]
    top = (worse if len(worse) else table).iloc[0]
    kind = "worse" if len(worse) else "better" if top["clear"] else "none"
    facts = {
        "value": str(top["value"]),
        "points": apart(abs(top["difference"]), words),
        "dimension": words(f"movement.dimensions.{top['dimension']}"),
    }
    return Figure(
        key="groups",
        title=words(f"figures.groups.title.{kind}", **facts),
        note=words("figures.groups.note", n=len(table), **_span(result, words)),
        alt=words("figures.groups.alt", n=len(table), **facts),
        spec=spec,
        table=_named(table.drop(columns="size"), words),
    )


def _interval(row: pd.Series, words: Words) -> Interval:
    told = words(
        "figures.groups.touch",
        value=str(row["value"]),
        points=apart(row["difference"], words, sign=True),
        low=apart(row["low"], words, sign=True),
        high=apart(row["high"], words, sign=True),
        n=int(row["n"]),
    )
    return Interval(name=str(row["value"]), value=row["difference"], low=row["low"], high=row["high"], text=told, clear=bool(row["clear"]))
