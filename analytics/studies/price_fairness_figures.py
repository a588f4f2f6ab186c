"""The figures of the study `price_fairness`: price gaps by category, product, band, tier, and what they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import ticks
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.tables import titled

if TYPE_CHECKING:
    from analytics.i18n import Words

MOST = 15
WIDEST = 0.5  # gaps beyond it are cut at the edge of the figure
SHARES = ("gap", "low", "high", "share", "depth")


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    if result.refused is not None:
        return ()
    makers = {"categories": _categories, "split": _split, "products": _products, "tenure": _tenure, "tiers": _tiers}
    return tuple(figure for name, make in makers.items() if name in result.tables for figure in make(result.tables[name], words))


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study as a reader gets it."""
    shown = frame.copy(deep=False)
    for column in ("part", "dimension", "who"):
        if column in shown:
            shown[column] = [words(f"price_fairness.{column}s.{key}") for key in shown[column]]
    if "category" in shown:
        shown["category"] = [_category(name, words) for name in shown["category"]]
    if "tier" in shown:
        shown["tier"] = [_tier(name, words) for name in shown["tier"]]
    columns = {name: f"{name}_share" if name in SHARES else name for name in shown}
    return titled(shown.rename(columns=columns), "price_fairness.columns", words)


def _category(name: object, words: Words) -> str:
    return str(name) if isinstance(name, str) else words("price_fairness.all")


def _tier(name: object, words: Words) -> str:
    return str(name) if isinstance(name, str) else words("price_fairness.no_tier")


def _percent(value: float, words: Words) -> str:
    """With its sign: +3.8%."""
    return f"{'+' if round(value, 3) > 0 else ''}{words.share(value + 0.0)}"


def _first(table: pd.DataFrame) -> dict[str, Any]:
    return {str(name): value for name, value in table.iloc[0].to_dict().items()}


def _facts(row: Mapping[Any, Any], words: Words) -> dict[str, str]:
    return {name: _percent(float(row[name]), words) for name in ("gap", "low", "high")}


def _rows(table: pd.DataFrame, names: Sequence[str], words: Words, clear: Sequence[bool] | None = None) -> list[Interval]:
    told = table.to_dict("records")
    clear = [bool(row["low"] > 0 or row["high"] < 0) for row in told] if clear is None else clear
    return [
        Interval(
            name=name,
            value=row["gap"],
            low=row["low"],
            high=row["high"],
            text=words("price_fairness.touch", name=name, n=int(row["n"]), **_facts(row, words)),
            clear=bool(sure),
        )
        for name, row, sure in zip(names, told, clear, strict=True)
    ]


def _figure(key: str, kind: str, rows: list[Interval], table: pd.DataFrame, words: Words, facts: Mapping[str, Any]) -> Figure:
    low, high = max(-WIDEST, min(row.low for row in rows)), min(WIDEST, max(row.high for row in rows))
    edge = 0.08 * max(high - low, 0.01)
    span = (min(low, 0.0) - edge, max(high, 0.0) + edge)
    digits = 1 if span[1] - span[0] < 0.1 else 0
    scale = ticks(span[1], lambda at: words.share(at + 0.0, digits=digits), bottom=span[0])
    return Figure(
        key=key,
        title=words(f"price_fairness.figures.{key}.title.{kind}", **facts),
        note=words(f"price_fairness.figures.{key}.note", **facts),
        alt=words(f"price_fairness.figures.{key}.alt", **facts),
        spec=intervals(rows, ticks=scale, span=span),
        table=named(table, words),
    )


def _categories(table: pd.DataFrame, words: Words) -> tuple[Figure, ...]:
    """Largest gap first; filled where flagged."""
    top, shown = _first(table), table.head(MOST)
    facts: dict[str, Any] = {
        "category": _category(top["category"], words),
        "n": int(table["n"].sum()),
        "of": len(table),
        **_facts(top, words),
    }
    rows = _rows(shown, [_category(name, words) for name in shown["category"]], words, shown["flagged"].tolist())
    return (_figure("categories", "flagged" if top["flagged"] else "none", rows, table, words, facts),)


def _products(table: pd.DataFrame, words: Words) -> tuple[Figure, ...]:
    """Those that drive the flagged categories, else those with most money at stake."""
    shown = (table[table["drives"]] if table["drives"].any() else table).head(MOST)
    top = _first(shown)
    facts: dict[str, Any] = {
        "product": str(top["product"]),
        "stake": words.money(float(top["at_stake"]), compact=True),
        **_facts(top, words),
    }
    facts |= {"shown": len(shown), "n": int(shown["n"].sum())}
    rows = _rows(shown, [str(name) for name in shown["product"]], words)
    return (_figure("products", "drives" if top["drives"] else "none", rows, table, words, facts),)


def _split(table: pd.DataFrame, words: Words) -> tuple[Figure, ...]:
    """Of the category with the largest gap: what list prices and what discounts make of it."""
    top = _first(table[table["part"] == "net"].nlargest(1, "gap"))["category"]
    here = table[table["category"].isna() if pd.isna(top) else table["category"] == top]
    gaps = dict(zip(here["part"], here["gap"].astype(float), strict=True))
    facts: dict[str, Any] = {"category": _category(top, words), "n": int(here["n"].iloc[0])}
    facts |= {part: _percent(gap, words) for part, gap in gaps.items()}
    rows = _rows(here, [words(f"price_fairness.parts.{part}") for part in gaps], words)
    net = _first(here)
    kind = "none" if net["low"] <= 0 <= net["high"] else "discount" if abs(gaps["discount"]) >= abs(gaps["list"]) else "list"
    return (_figure("split", kind, rows, table, words, facts),)


def _tenure(table: pd.DataFrame, words: Words) -> tuple[Figure, ...]:
    """By how long, and by how many orders, in the category that lies highest."""
    highest = table["category"].dropna()
    here = table[table["category"] == highest.iloc[0]] if len(highest) else table
    figures = []
    for by in dict.fromkeys(here["dimension"].astype(str)):
        rows = here[here["dimension"] == by]
        last = _first(rows.tail(1))
        facts = {"category": _category(last["category"], words), "n": int(rows["n"].sum()), **_facts(last, words)}
        kind = "more" if last["low"] > 0 else "less" if last["high"] < 0 else "alike"
        names = [_band(by, row, words) for row in rows.to_dict("records")]
        figures.append(_figure(f"tenure_{by}", kind, _rows(rows, names, words), table[table["dimension"] == by], words, facts))
    return tuple(figures)


def _band(by: str, row: Mapping[Any, Any], words: Words) -> str:
    if pd.isna(row["to"]):
        return words(f"price_fairness.bands.{by}_from", first=int(row["from"]))
    return words(f"price_fairness.bands.{by}", first=int(row["from"]), last=int(row["to"]) - 1)


def _tiers(table: pd.DataFrame, words: Words) -> tuple[Figure, ...]:
    """Described: tiers differ by design."""
    names = [_tier(name, words) for name in table["tier"]]
    top = _first(table.iloc[1:].nlargest(1, "gap"))
    facts = {"tier": _tier(top["tier"], words), "reference": names[0], "n": int(table["n"].sum()), **_facts(top, words)}
    kind = "described" if top["low"] > 0 else "alike"
    return (_figure("tiers", kind, _rows(table, names, words), table, words, facts),)
