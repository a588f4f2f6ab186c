"""The figures of the study `key_customers`: inside and outside, what they hold, why not, the departments, the exclusions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.dots import dots
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, ORANGE, Spec, ticks
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.tables import apart, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

OWN = ("newcomer", "complained")  # dimensions whose values are words of ours
SHOWN = 12
_NAMED = {
    "score": "scores",
    "reason": "scores",
    "alone": "scores",
    "dimension": "dimensions",
    "department": "departments",
    "one": "departments",
    "other": "departments",
    "handling": "handlings",
    "state": "states",
}
DEPARTMENTS = ("sales", "service", "finance")
_PLACES = {"sales": "rate_sales", "service": "rate_service", "finance": "rate_finance", "apart": "apart_rate"}
_AS_SHARES = {  # columns that a reader gets in per cent
    "exclusions": {"low": "share_low", "high": "share_high", "rest": "share_rest", "difference": "difference_rate",
                   "difference_low": "difference_low_rate", "difference_high": "difference_high_rate"},
    "agreement": {"overlap": "overlap_rate", "overlap_low": "overlap_low_rate", "overlap_high": "overlap_high_rate"},
    "markets": {"growth": "growth_rate"},
    "customers": {"alone": "only_reason"},
}  # fmt: skip
_MARKS = {"exclusions": "suppressed", "agreement": "tau", "markets": "growth", "customers": "reason"}  # the column that tells the table


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    if result.refused is not None:
        return ()
    makers = {
        "scores": _scores,
        "captured": _captured,
        "reasons": _reasons,
        "agreement": _agreement,
        "disputed": _disputed,
        "exclusions": _groups,
    }
    return tuple(make(result, words) for name, make in makers.items() if name in result.tables and len(_drawn(name, result)))


def _drawn(name: str, result: Result) -> pd.DataFrame:
    table = result.tables[name]
    return _told(table) if name == "exclusions" else table


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame.copy(deep=False)
    if "group" in shown and "dimension" in shown:
        shown["group"] = [group_name(row, words) for row in frame[["dimension", "group"]].to_dict("records")]
    for column, kind in _NAMED.items():
        if column in shown and not pd.api.types.is_numeric_dtype(shown[column]):
            shown[column] = [words(f"key_customers.{kind}.{key}") if isinstance(key, str) else None for key in shown[column]]
    for table, mark in _MARKS.items():
        if mark in frame:
            shown = shown.rename(columns=_AS_SHARES[table])
    if "apart" in shown:
        shown = shown.assign(**{name: shown[name] / 100 for name in _PLACES}).rename(columns=_PLACES)
    return titled(shown, "key_customers.columns", words)


def group_name(row: Mapping[Any, Any], words: Words) -> str:
    """A value from the data, or a word of ours."""
    return words(f"key_customers.values.{row['group']}") if row["dimension"] in OWN else str(row["group"])


def _column(name: str, words: Words) -> str:
    return words(f"key_customers.columns.{name}")


def _figure(key: str, kind: str, spec: Spec, table: pd.DataFrame, words: Words, facts: Mapping[str, Any], *, wide: bool = False) -> Figure:
    return Figure(
        key=key,
        title=words(f"key_customers.figures.{key}.title.{kind}", **facts),
        note=words(f"key_customers.figures.{key}.note", **facts),
        alt=words(f"key_customers.figures.{key}.alt", **facts),
        spec=spec,
        table=named(table, words),
        wide=wide,
    )


def _score(name: str, words: Words) -> str:
    return words(f"key_customers.scores.{name}")


def _scores(result: Result, words: Words) -> Figure:
    """Where those inside and those outside stand on each score."""
    table = result.tables["scores"]
    rows = table[table["measured"].astype(bool)].dropna(subset=["mean_in", "mean_out"])
    told = {column: rows[column].astype(float) for column in ("mean_in", "mean_out")}
    spec = dots(
        [_score(name, words) for name in rows["score"]],
        {_column(column, words): values.tolist() for column, values in told.items()},
        {_column(column, words): [words.number(value, digits=0) for value in values] for column, values in told.items()},
        ticks=ticks(100, lambda at: words.number(at)),
        span=(0.0, 100.0),
    )
    gap = (told["mean_in"] - told["mean_out"]).to_numpy()
    most, least = (_score(str(rows["score"].iloc[at]), words) for at in (gap.argmax(), gap.argmin()))
    facts = {"most": most, "least": least, "wide": words.number(gap.max()), "narrow": words.number(gap.min()), "scores": len(rows)}
    return _figure("scores", "told" if len(rows) == 4 else "some", spec, table, words, facts)


def _captured(result: Result, words: Words) -> Figure:
    """Share of what was brought, by the score and by what was brought itself."""
    table = result.tables["captured"]
    places = table["share_customers"].tolist()
    lines = [
        Curve(
            name=_column(column, words),
            x=places,
            y=table[column].tolist(),
            text=[f"{words.share(x, digits=0)}: {words.share(y)}" for x, y in zip(places, table[column], strict=True)],
            colour=colour,
            width=width,
        )
        for column, colour, width in (("share_best", GREY, 1.4), ("share_scored", BLUE, 2.4))
    ]
    axis = ticks(1.0, lambda at: words.share(at, digits=0))
    estimate = result.estimates.get("key_share_of_value")
    cut = result.estimates["selected"].value / result.estimates["scored"].value
    facts = {"cut": words.share(cut, digits=0), "held": words.share(estimate.value) if estimate else ""}
    nearest = int((table["share_customers"] - cut).abs().to_numpy().argmin())
    facts["best"] = words.share(float(table["share_best"].iloc[nearest]))
    spec = curves(lines, x=axis, y=axis, x_title=_column("share_customers", words), split=(cut, words("key_customers.cut")))
    return _figure("captured", "told", spec, table, words, facts)


def _reasons(result: Result, words: Words) -> Figure:
    """Which score takes customers furthest from the cut, and which alone keeps them out."""
    table = result.tables["reasons"].sort_values("kept_out", ascending=False, kind="stable")
    measures = [
        Measure(
            name=_column(column, words),
            values=table[column].astype(float).tolist(),
            text=[words.number(value) for value in table[column]],
            colour=colour,
        )
        for column, colour in (("kept_out", BLUE), ("alone", ORANGE))
    ]
    top = table.iloc[0]
    facts = {
        "score": _score(str(top["score"]), words),
        "share": words.share(float(top["kept_out_share"])),
        "n": int(table["kept_out"].sum()),
        "alone": int(table["alone"].sum()),
    }
    spec = bars([_score(name, words) for name in table["score"]], measures)
    return _figure("reasons", "told", spec, table, words, facts)


def _agreement(result: Result, words: Words) -> Figure:
    """Kendall's tau of each pair of departments."""
    table = result.tables["agreement"].sort_values("tau", kind="stable")
    rows = [_pair(row, words) for row in table.to_dict("records")]
    low = min(0.0, float(table["tau_low"].min()))
    facts = {"pair": rows[0].name, "tau": words.number(rows[0].value, digits=2), "n": int(table["n"].iloc[0])}
    facts["overlap"] = words.share(float(table["overlap"].iloc[0]), digits=0)
    axis = ticks(1.0, lambda at: words.number(at, digits=2), bottom=low)
    return _figure("agreement", "told", intervals(rows, ticks=axis, span=(low - 0.02, 1.02)), table, words, facts)


def _pair(row: Mapping[Any, Any], words: Words) -> Interval:
    names = words("key_customers.pair", **{side: words(f"key_customers.departments.{row[side]}") for side in ("one", "other")})
    low, value, high = (words.number(row[f"tau{end}"], digits=2) for end in ("_low", "", "_high"))
    overlap = words("key_customers.overlap", share=words.share(row["overlap"], digits=0))
    text = f"{names}: {value} ({low}–{high}); {overlap}"
    return Interval(name=names, value=row["tau"], low=row["tau_low"], high=row["tau_high"], text=text, clear=True, sub=overlap)


def _disputed(result: Result, words: Words) -> Figure:
    """The customers on whom the departments are furthest apart."""
    table = result.tables["disputed"]
    rows = table.head(SHOWN)
    values = {words(f"key_customers.departments.{name}"): (rows[name] / 100).tolist() for name in DEPARTMENTS}
    text = {name: [words.share(value, digits=0) for value in told] for name, told in values.items()}
    spec = dots(rows["customer_id"].astype(str).tolist(), values, text, ticks=ticks(1.0, lambda at: words.share(at, digits=0)))
    top = rows.iloc[0]
    facts = {"customer": str(top["customer_id"]), "apart": apart(float(top["apart"]) / 100, words), "n": len(rows)}
    return _figure("disputed", "told", spec, table, words, facts)


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Groups that are tested."""
    return table[table["q"].notna()]


def _groups(result: Result, words: Words) -> Figure:
    """Differences of the share inside, those flagged first, then the largest."""
    every = result.tables["exclusions"]
    order = _told(every).assign(size=lambda frame: frame["difference"].abs()).sort_values(["flagged", "size"], ascending=False)
    table = order.head(SHOWN)
    rows = [_row(row, words) for row in table.to_dict("records")]
    reach = 1.08 * float(table[["difference_low", "difference_high"]].abs().max().max())
    flagged, top = order[order["flagged"]], order.iloc[0]
    facts = {
        "group": group_name(top.to_dict(), words),
        "share": words.share(float(top["share"])),
        "rest": words.share(float(top["rest"])),
        "apart": apart(float(top["difference"]), words, sign=True),
        "tested": int(every["q"].notna().sum()),
        "flagged": len(flagged),
    }
    spec = intervals(rows, ticks=ticks(reach, lambda at: apart(at, words, sign=True), bottom=-reach), span=(-reach, reach))
    return _figure("exclusions", "flagged" if len(flagged) else "none", spec, every, words, facts, wide=True)


def _row(row: Mapping[Any, Any], words: Words) -> Interval:
    name = group_name(row, words)
    low, value, high = (apart(row[f"difference{end}"], words, sign=True) for end in ("_low", "", "_high"))
    inside = words("key_customers.inside", share=words.share(row["share"]), rest=words.share(row["rest"]))
    return Interval(
        name=name,
        value=row["difference"],
        low=row["difference_low"],
        high=row["difference_high"],
        text=f"{name}: {value} ({low} – {high}); {inside} · n = {words.number(row['n'])}",
        clear=bool(row["flagged"]),
        sub=words(f"key_customers.dimensions.{row['dimension']}"),
    )
