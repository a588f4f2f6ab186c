"""The figures of the study `segments`: who they are, what they bring, how they differ, how far the cut can be believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.dots import dots
from analytics.figures.heat import heat
from analytics.figures.look import label, ticks
from analytics.figures.panels import Panel, panels
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.tables import titled

if TYPE_CHECKING:
    from analytics.i18n import Words

TELLING = 0.05  # difference of shares under which a segment's make-up is not worth a headline
_STANDING = {"recency": "recency_standing", "frequency": "frequency_standing", "money": "money_standing"}


def base(segment: str) -> str:
    """The name without the letter that tells namesakes apart: champions_a -> champions."""
    return segment[:-2] if segment[-2:-1] == "_" else segment


def name(segment: str, words: Words) -> str:
    """A segment as it is called: `champions_a` -> "Champions A"."""
    kind = base(segment)
    return words(f"segments.names.{kind}") + ("" if kind == segment else f" {segment[-1].upper()}")


def rule(row: pd.Series, words: Words) -> str:
    """The rule behind a segment's name, in words. `row` is a row of the table `segments`."""
    if not str(row["rule"]).endswith(".clusters"):
        return words(str(row["rule"]), days=int(row["new_days"]))
    facts = {measure: words.share(row[column], digits=0) for measure, column in _STANDING.items() if column in row}
    return words(f"segments.rules.clusters.{'money' if 'money' in facts else 'no_money'}", **facts)


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it: segments by name, headings in words, rules spelled out."""
    shown = frame.copy()
    if "rule" in shown:
        shown["rule"] = [rule(row, words) for _, row in frame.iterrows()]
    if "segment" in shown:
        shown["segment"] = shown["segment"].map({key: name(key, words) for key in shown["segment"].unique()})
    for column, prefix in (("dimension", "segments.dimensions"), ("measure", "segments.columns")):
        if column in shown:
            shown[column] = [words(f"{prefix}.{value}") for value in shown[column]]
    return titled(shown.drop(columns=["new_days"], errors="ignore"), "segments.columns", words)


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """Money against customers, the RFM map, what is typical, what they are made of, the evidence for clusters."""
    if result.refused is not None:
        return ()
    drawn = [_shares(result, words), _map(result, words), _standing(result, words)]
    drawn += [_mix(result, words, dimension) for dimension in ("tier", "channel", "region", "category") if _has(result, dimension)][:2]
    return tuple([*drawn, _evidence(result, words)] if "evidence" in result.tables else drawn)


def _has(result: Result, dimension: str) -> bool:
    if "profiles" not in result.tables:
        return False
    table = result.tables["profiles"]
    return table.loc[table["dimension"] == dimension, "value"].nunique() > 1


def _by(table: pd.DataFrame) -> str:
    """What ranks segments and cells: money where it is known, else customers."""
    return "money_share" if "money_share" in table and bool(table["money_share"].notna().all()) else "share"


def _shares(result: Result, words: Words) -> Figure:
    table = result.tables["segments"]
    measures = [_measure(table, "share", words)]
    money = _by(table) == "money_share"
    if money:
        measures.append(_measure(table, "money_share", words))
    top = table.iloc[int(table[_by(table)].argmax())]
    facts = {"segment": name(str(top["segment"]), words), "share": words.share(top["share"], digits=0)}
    facts |= {"money": words.share(top["money_share"], digits=0)} if money else {}
    kind = "money" if money else "count"
    return Figure(
        key="shares",
        title=words(f"figures.shares.title.{kind}", **facts),
        alt=words(f"figures.shares.alt.{kind}", **facts, segments=len(table)),
        note=words(f"figures.shares.note.{kind}", n=int(table["n"].sum())),
        spec=bars([name(key, words) for key in table["segment"]], measures),
        table=named(table, words),
    )


def _measure(table: pd.DataFrame, column: str, words: Words) -> Measure:
    def text(value: float, low: float, high: float) -> str:
        return f"{words.share(value)} ({words.share(low, digits=0)} – {words.share(high, digits=0)})"

    spans = zip(table[column], table[f"{column}_low"], table[f"{column}_high"], strict=True)
    return Measure(name=words(f"segments.columns.{column}"), values=table[column].tolist(), text=[text(*span) for span in spans])


def _map(result: Result, words: Words) -> Figure:
    """5 x 5: how recent against how often; the colour is what the cell brings."""
    table, scores = result.tables["rfm"], result.tables["scores"]
    value = _by(table)
    money = value == "money_share"
    cells = table.pivot(index="recency", columns="frequency", values=value).sort_index(ascending=False)
    counts = table.pivot(index="recency", columns="frequency", values="customers").sort_index(ascending=False)
    seen = cells.where(counts > 0)
    top = table.iloc[int(table[value].argmax())]
    facts = {
        "recency": int(top["recency"]),
        "frequency": int(top["frequency"]),
        "share": words.share(top["share"], digits=0),
        "money": words.share(top[value], digits=0),
    }
    kind = "money" if money else "count"
    spec = heat(
        _each(seen, lambda cell: cell, None),
        _each(seen, words.share, ""),
        [
            [
                words(
                    f"figures.map.touch.{kind}",
                    recency=int(r),
                    frequency=int(f),
                    n=int(counts.loc[r, f]),
                    money=words.share(cells.loc[r, f]),
                )
                for f in cells.columns
            ]
            for r in cells.index
        ],
        x=[_score(scores, "frequency", int(f), words) for f in cells.columns],
        y=[_score(scores, "recency", int(r), words) for r in cells.index],
        x_title=words("figures.map.axes.x"),
        y_title=words("figures.map.axes.y"),
        height=400,
    )
    return Figure(
        key="map",
        title=words(f"figures.map.title.{kind}", **facts),
        note=words(f"figures.map.note.{kind}"),
        alt=words(f"figures.map.alt.{kind}", **facts),
        spec=spec,
        table=named(table, words),
    )


def _each(cells: pd.DataFrame, write: Callable[[float], Any], empty: object) -> list[list[Any]]:
    """Each cell written, `empty` where there is nothing."""
    return [[write(cell) if cell == cell else empty for cell in row] for row in cells.to_numpy()]


def _score(scores: pd.DataFrame, measure: str, score: int, words: Words) -> str:
    """A score with what stands behind it: "5 · 1–14 days"."""
    found = scores[(scores["measure"] == measure) & (scores["score"] == score)]
    low, high = ("–", "–") if found.empty else (words.number(found[end].iloc[0]) for end in ("low", "high"))
    return words(f"figures.map.score.{measure}", score=score, span=low if low == high else f"{low}–{high}")


def _standing(result: Result, words: Words) -> Figure:
    table = result.tables["segments"]
    known = {measure: table[column].tolist() for measure, column in _STANDING.items() if column in table}
    measures = {words(f"segments.columns.{measure}_standing"): values for measure, values in known.items()}
    text = {title: [words.share(value, digits=0) for value in values] for title, values in measures.items()}
    top = table.iloc[int(table[_by(table)].argmax())]
    facts = {"segment": name(str(top["segment"]), words), "share": words.share(min(top["frequency_standing"], 0.99), digits=0)}
    spec = dots(
        [name(key, words) for key in table["segment"]],
        measures,
        text,
        ticks=ticks(1.0, lambda share: words.share(share, digits=0)),
        marked=0.5,
    )
    return Figure(
        key="standing",
        title=words("figures.standing.title.plain", **facts),
        note=words("figures.standing.note"),
        alt=words("figures.standing.alt", **facts),
        spec=spec,
        table=named(table, words),
    )


def _mix(result: Result, words: Words, dimension: str) -> Figure:
    """Each segment's make-up; the colour is the share within the segment."""
    table = result.tables["profiles"]
    table = table[table["dimension"] == dimension]
    segments = [key for key in result.tables["segments"]["segment"] if key in set(table["segment"])]
    values = table.groupby("value")["share_overall"].first().sort_values(ascending=False).index
    shares = table.pivot(index="segment", columns="value", values="share").reindex(index=segments, columns=values)
    top = table.iloc[int((table["share"] - table["share_overall"]).argmax())]
    facts = {
        "segment": name(str(top["segment"]), words),
        "value": str(top["value"]),
        "share": words.share(top["share"], digits=0),
        "overall": words.share(top["share_overall"], digits=0),
        "dimension": words(f"segments.dimensions.{dimension}"),
    }
    kind = "differs" if top["share"] - top["share_overall"] >= TELLING else "alike"
    x, y = [str(value) for value in shares.columns], [name(segment, words) for segment in shares.index]
    text = _each(shares, lambda share: words.share(share, digits=0), "")
    hover = [
        [f"{label(row)} · {label(column)}: {cell or '–'}" for column, cell in zip(x, cells, strict=True)]
        for row, cells in zip(y, text, strict=True)
    ]
    spec = heat(_each(shares, lambda share: share, None), text, hover, x=x, y=y)
    return Figure(
        key=f"mix_{dimension}",
        title=words(f"figures.mix.title.{kind}", **facts),
        note=words("figures.mix.note", **facts),
        alt=words("figures.mix.alt", **facts),
        spec=spec,
        table=named(table, words),
    )


def _evidence(result: Result, words: Words) -> Figure:
    table = result.tables["evidence"]
    clear = result.verdict.key != "segments.verdict.no_clear_clusters"
    k = int(table.loc[table["chosen"], "k"].iloc[0])
    parts = [
        _panel(table, "stability", words, bar=0.6),
        _panel(table, "silhouette", words, bar=0.25),
        _panel(table, "gap", words, spread=(2 * table["gap_se"]).tolist()),
        _panel(table, "valley", words, bar=0.6),
    ]
    kind = "clear" if clear else "unclear"
    return Figure(
        key="evidence",
        title=words(f"figures.evidence.title.{kind}", k=k),
        note=words("figures.evidence.note"),
        alt=words(f"figures.evidence.alt.{kind}", k=k),
        spec=panels(table["k"].tolist(), parts, chosen=k, x_title=words("figures.evidence.axes.x")),
        table=named(table, words),
    )


def _panel(table: pd.DataFrame, column: str, words: Words, *, bar: float | None = None, spread: list[float] | None = None) -> Panel:
    return Panel(
        title=words(f"figures.evidence.panels.{column}"),
        values=table[column].tolist(),
        spread=spread,
        bar=bar,
        text=[words.quantity(value, Unit.INDEX) if value == value else "" for value in table[column]],
        bar_text=""
        if bar is None
        else words(f"figures.evidence.bars.{'most' if column == 'valley' else 'least'}", value=words.number(bar, digits=2)),
    )
