"""A scenario drawn beside today: the return and its course, the members and benefits of each tier, the cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import GREY, ORANGE, ramp, ticks
from analytics.results import Result
from analytics.studies.base import Figure
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

NOW, THEN = GREY, ORANGE


# headings that tell a table on screen what is a share
_SHARES = {
    "distribution": {"roi": "roi_rate", "now": "share_now", "then": "share_then"},
    "ratios": {
        f"{name}{end}": f"rate_{when}{end}" for name, when in (("ratio", "now"), ("ratio_then", "then")) for end in ("", "_low", "_high")
    },
}


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """Those whose numbers this data has."""
    if result.refused is not None:
        return ()
    return tuple(figure(result.tables, words) for name, figure in FIGURES.items() if _has(result.tables, name))


def _has(tables: Mapping[str, pd.DataFrame], name: str) -> bool:
    table, _, column = name.partition(".")
    return table in tables and (not column or (column in tables[table] and bool(tables[table][column].notna().any())))


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A table of the study, headed in words, its keys as a reader says them."""
    shown = frame.copy()
    for column, prefix in (("kind", "scenarios.kinds"), ("figure", "studies.scenarios.estimates")):
        if column in shown:
            tail = ".label" if column == "figure" else ""
            shown[column] = [words(f"{prefix}.{value}{tail}") for value in shown[column]]
    return titled(shown, "scenarios.columns", words)


def in_words(rows: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The table of `compared` as a reader takes it along: names in words, numbers as numbers."""
    shown = rows.assign(
        part=[words(f"scenarios.parts.{part}") for part in rows["part"]],
        name=[_spelt(name, words) for name in rows["name"]],
        unit=[words(f"scenarios.units.{unit}") if isinstance(unit, str) else "" for unit in rows["unit"]],
    )
    return titled(shown, "scenarios.columns", words)


def _spelt(name: str, words: Words) -> str:
    """A figure, a lever or another setting, or what was measured of points."""
    keys = (f"studies.scenarios.estimates.{name}.label", f"studies.scenarios.params.{name}.label", f"scenarios.measured.{name}")
    return words(next(key for key in keys if words.has(key)))


def _titled(name: str, same: bool, words: Words, **facts: object) -> str:
    return words(f"scenarios.figures.{name}.{'same' if same else 'title'}", **facts)


def _figure(name: str, spec: dict[str, Any], table: pd.DataFrame, words: Words, title: str, *, wide: bool = False) -> Figure:
    note, alt = (words(f"scenarios.figures.{name}.{part}") for part in ("note", "alt"))
    return Figure(
        key=name, title=title, note=note, alt=alt, spec=spec, table=named(table.rename(columns=_SHARES.get(name, {})), words), wide=wide
    )


def _pairs(words: Words) -> tuple[tuple[str, str, str], ...]:
    """Column, name and colour: today behind, the scenario in front."""
    return ("now", words("scenarios.now"), NOW), ("then", words("scenarios.then"), THEN)


def _cumulative(tables: Mapping[str, pd.DataFrame], words: Words) -> Figure:
    table = tables["cumulative"]
    parts = [_course(table, column, name, colour, words) for column, name, colour in _pairs(words)]
    ends = table[[f"{column}{end}" for column in ("now", "then") for end in ("_low", "_high")]].to_numpy()
    step = max(1, -(-len(table) // 4))
    places = list(range(step - 1, len(table), step))
    x = {"tickvals": [at + 1 for at in places], "ticktext": [words.month(table["month"].iloc[at].date()) for at in places]}
    y = ticks(max(0.0, float(ends.max())), lambda value: short(value, words), bottom=min(0.0, float(ends.min())))
    now, then = (float(table[column].iloc[-1]) for column in ("now", "then"))
    facts = {"now": words.money(now, compact=True), "then": words.money(then, compact=True)}
    title = _titled("cumulative", now == then, words, **facts)
    return _figure("cumulative", curves(parts, x=x, y=y, height=360), table, words, title)


def _course(table: pd.DataFrame, column: str, name: str, colour: str, words: Words) -> Curve:
    value, low, high = (table[f"{column}{end}"].tolist() for end in ("", "_low", "_high"))
    text = [
        words("scenarios.course", month=words.month(month.date()), **_money(words, value=one, low=least, high=most))
        for month, one, least, most in zip(table["month"], value, low, high, strict=True)
    ]
    return Curve(name=name, x=list(range(1, len(table) + 1)), y=value, text=text, low=low, high=high, colour=colour)


def _money(words: Words, **values: float) -> dict[str, str]:
    return {name: words.money(value, compact=True) for name, value in values.items()}


def _distribution(tables: Mapping[str, pd.DataFrame], words: Words) -> Figure:
    table, against = tables["distribution"], tables["against"].set_index("figure")
    now, then = (float(against[when].to_dict()["roi"]) for when in ("now", "then"))
    parts = [_density(table, column, name, colour, words) for column, name, colour in _pairs(words)]
    x = ticks(float(table["roi"].max()), lambda value: words.share(value, digits=0), bottom=float(table["roi"].min()))
    y = {"visible": False}
    title = _titled("distribution", now == then, words, now=words.share(now, digits=0), then=words.share(then, digits=0))
    split = (0.0, words("scenarios.even")) if table["roi"].min() < 0 < table["roi"].max() else None
    return _figure("distribution", curves(parts, x=x, y=y, height=360, split=split), table, words, title)


def _density(table: pd.DataFrame, column: str, name: str, colour: str, words: Words) -> Curve:
    text = [f"{words.share(roi, digits=0)}: {words.share(share)}" for roi, share in zip(table["roi"], table[column], strict=True)]
    shares = table[column].tolist()
    return Curve(name=name, x=table["roi"].tolist(), y=shares, text=text, low=[0.0] * len(shares), high=shares, colour=colour)


def _tiers(tables: Mapping[str, pd.DataFrame], words: Words) -> Figure:
    """Tiers are one ordered ramp; today stands behind in grey."""
    table = tables["tiers"]
    text = {column: [words.number(value) for value in table[column]] for column in ("members", "members_then")}
    parts = [
        Measure(name=words("scenarios.now"), values=table["members"].tolist(), text=text["members"], colour=GREY),
        Measure(name=words("scenarios.then"), values=table["members_then"].tolist(), text=text["members_then"], colour=ramp(len(table))),
    ]
    shift = (table["members_then"] - table["members"]).abs()
    moved = table.to_dict("records")[int(shift.argmax())]
    facts = {"tier": moved["tier"], "now": words.number(moved["members"]), "then": words.number(moved["members_then"])}
    title = _titled("tiers", not shift.any(), words, **facts)
    known = [column for column in ("tier", "threshold", "members", "members_then") if column in table]
    return _figure("tiers", bars(table["tier"].tolist(), parts), table[known], words, title)


def _ratios(tables: Mapping[str, pd.DataFrame], words: Words) -> Figure:
    table = tables["tiers"].dropna(subset=["ratio_then"]).reset_index(drop=True)
    tiers = table.to_dict("records")
    rows = [row for tier in tiers for row in _tier_rows(tier, words)]
    top = 1.05 * float(table[["ratio_high", "ratio_then_high"]].max().max())
    spec = intervals(rows, ticks=ticks(top, lambda value: words.share(value, digits=0)), span=(0.0, top))
    low, high = (tiers[int(at)] for at in (table["ratio_then"].argmin(), table["ratio_then"].argmax()))
    facts = {
        "low": words.share(low["ratio_then"]),
        "low_tier": low["tier"],
        "high": words.share(high["ratio_then"]),
        "high_tier": high["tier"],
    }
    same = bool((table["ratio"] == table["ratio_then"]).all())
    title = words("scenarios.figures.ratios.one", **facts) if low is high else _titled("ratios", same, words, **facts)
    told = ["tier", *(column for column in _SHARES["ratios"] if column in table)]
    return _figure("ratios", spec, table[told], words, title)


def _tier_rows(tier: Mapping[Any, Any], words: Words) -> list[Interval]:
    """Today hollow, the scenario filled."""
    return [
        _interval(tier, "ratio", words("scenarios.now"), words, clear=False),
        _interval(tier, "ratio_then", words("scenarios.then"), words, clear=True),
    ]


def _interval(tier: Mapping[Any, Any], column: str, name: str, words: Words, *, clear: bool) -> Interval:
    value, low, high = (tier[f"{column}{end}"] for end in ("", "_low", "_high"))
    facts = {part: words.share(one) for part, one in (("value", value), ("low", low), ("high", high))}
    text = words("scenarios.ratio", tier=tier["tier"], when=name, **facts)
    return Interval(name=tier["tier"], value=value, low=low, high=high, text=text, clear=clear, sub=name)


def _costs(tables: Mapping[str, pd.DataFrame], words: Words) -> Figure:
    table = tables["costs"]
    names = [words(f"scenarios.kinds.{kind}") for kind in table["kind"]]
    parts = [
        Measure(name=name, values=table[column].tolist(), text=[words.money(value, compact=True) for value in table[column]], colour=colour)
        for column, name, colour in _pairs(words)
    ]
    now, then = (float(table[column].sum()) for column in ("now", "then"))
    title = _titled("costs", now == then, words, **_money(words, now=now, then=then))
    return _figure("costs", bars(names, parts), table, words, title)


FIGURES: dict[str, Callable[[Mapping[str, pd.DataFrame], Words], Figure]] = {
    "cumulative": _cumulative,
    "distribution": _distribution,
    "costs": _costs,
    "tiers": _tiers,
    "tiers.ratio_then": _ratios,
}
