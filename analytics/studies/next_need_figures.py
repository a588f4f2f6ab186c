"""The figures of the study `next_need`: who needs what, how far it can be believed, what usually follows what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.heat import heat
from analytics.figures.look import label
from analytics.models.names import ORDER
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.segments_figures import base
from analytics.studies.segments_figures import name as segment_name
from analytics.studies.tables import apart

if TYPE_CHECKING:
    from analytics.i18n import Words

METHODS = ("model", "most", "last", "popular")
_SHOWN = 8  # categories of a map, the most needed; the table has more


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame.drop(columns=["difference_low", "difference_high"], errors="ignore")
    for column in ("group", "segment"):
        if column in shown:
            shown = shown.assign(**{column: [_group(value, words) for value in shown[column]]})
    if "within" in shown:
        shown = shown.rename(columns={"value": "rate"})
    if "method" in shown:
        shown = shown.assign(method=[words(f"next_need.methods.{name}") for name in shown["method"]])
    return shown.rename(columns={column: words(f"next_need.columns.{column}") for column in shown})


def _group(value: object, words: Words) -> str:
    """A segment by its name; a tier, region or channel as it is called."""
    return segment_name(str(value), words) if base(str(value)) in ORDER else str(value)


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """Needs by group, the holdout, what follows what."""
    if result.refused is not None:
        return ()
    drawn = [_needs(result, words)] if "needs" in result.tables else []
    return (*drawn, _rates(result, words), _follows(result, words))


def _needs(result: Result, words: Words) -> Figure:
    """Groups by categories; the colour is the share of next purchases that will hold the category."""
    table, overall = result.tables["needs"], result.tables["overall"].head(_SHOWN)
    categories = [str(name) for name in overall["category"]]
    groups = sorted(table["group"].unique(), key=lambda group: ORDER.index(base(str(group))) if base(str(group)) in ORDER else 0)
    shares = table.pivot(index="group", columns="category", values="share").reindex(index=groups, columns=categories)
    rows = [overall["share"].tolist(), *shares.to_numpy().tolist()]
    names = [words("next_need.everyone"), *(_group(group, words) for group in groups)]
    facts = _standing_out(table, words)
    kind = "clear" if facts else "alike"
    facts = facts or {"category": categories[0], "share": words.share(overall["share"].iloc[0])}
    return Figure(
        key="needs",
        title=words(f"figures.needs.title.{kind}", **facts),
        note=words("figures.needs.note", n=result.estimates["customers"].n),
        alt=words(f"figures.needs.alt.{kind}", **facts),
        spec=_map(rows, names, categories, words),
        table=named(table, words),
    )


def _standing_out(table: pd.DataFrame, words: Words) -> dict[str, str]:
    """The need of a group that exceeds that of the others most, if any does beyond chance."""
    clear = table[table["clear"].astype(bool) & (table["difference"] > 0)]
    if clear.empty:
        return {}
    top = clear.iloc[int(clear["difference"].argmax())]
    shares = {name: words.share(top[name]) for name in ("share", "share_overall")}
    return {"group": _group(top["group"], words), "category": str(top["category"]), **shares}


def _rates(result: Result, words: Words) -> Figure:
    table = result.tables["rates"]
    measures = [_measure(table[table["within"] == within].set_index("method"), within, words) for within in (1, 3)]
    chosen = table.loc[table["chosen"], "method"].iloc[0]
    facts = {name: words.share(result.estimates[name].value) for name in ("hit_first", "popular_first")}
    facts["method"] = words(f"next_need.methods.{chosen}")
    kind = "popular" if chosen == "popular" else "better"
    return Figure(
        key="rates",
        title=words(f"figures.rates.title.{kind}", **facts),
        note=words("figures.rates.note", n=int(table["n"].iloc[0])),
        alt=words("figures.rates.alt", **facts),
        spec=bars([words(f"next_need.methods.{name}") for name in METHODS], measures),
        table=named(table, words),
        wide=True,
    )


def _measure(rates: pd.DataFrame, within: int, words: Words) -> Measure:
    rates = rates.loc[list(METHODS)]
    spans = zip(*(rates[name] for name in ("value", "low", "high")), strict=True)
    text = ["{} ({} – {})".format(*(words.share(float(at)) for at in span)) for span in spans]
    return Measure(name=words(f"next_need.within.{within}"), values=rates["value"].tolist(), text=text)


def _follows(result: Result, words: Words) -> Figure:
    """Rows: what the last purchase held; columns: what the next one holds; first row: any purchase."""
    categories = [str(name) for name in result.tables["overall"]["category"].head(_SHOWN)]
    table = result.tables["follows"]
    shown = table[table["before"].isin(categories) & table["category"].isin(categories)]
    shares = shown.pivot(index="before", columns="category", values="share").reindex(index=categories, columns=categories)
    usual = shown.groupby("category")["usual"].first().reindex(categories).tolist()
    top = shown.iloc[int((shown["share"] - shown["usual"]).argmax())]
    facts = {"before": str(top["before"]), "category": str(top["category"])}
    facts |= {name: words.share(top[name], digits=0) for name in ("share", "usual")}
    facts["difference"] = apart(top["share"] - top["usual"], words, sign=True)
    kind = "again" if top["before"] == top["category"] else "other"
    return Figure(
        key="follows",
        title=words(f"figures.follows.title.{kind}", **facts),
        note=words("figures.follows.note"),
        alt=words("figures.follows.alt", **facts),
        spec=_map([usual, *shares.to_numpy().tolist()], [words("next_need.usual"), *categories], categories, words),
        table=named(table, words),
    )


def _map(rows: list[list[float]], names: list[str], columns: list[str], words: Words) -> dict[str, object]:
    cells = [[cell if cell == cell else None for cell in row] for row in rows]
    text = [["" if cell is None else words.share(cell, digits=0) for cell in row] for row in cells]
    hover = [
        [f"{label(name)} · {label(column)}: {cell or '–'}" for column, cell in zip(columns, row, strict=True)]
        for name, row in zip(names, text, strict=True)
    ]
    return heat(cells, text, hover, x=columns, y=names)
