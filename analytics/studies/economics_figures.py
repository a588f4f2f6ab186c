"""The figures of the study `economics`: what may come out, how it adds up, what it hangs on, what it costs and for whom."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.chances import chances
from analytics.figures.curves import Curve, curves
from analytics.figures.look import BLUE, ORANGE, Spec, ramp, ticks
from analytics.figures.tornado import Swing, tornado
from analytics.figures.trend import Series, trend
from analytics.figures.waterfall import Step, waterfall
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.tables import cash, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

FIRST, TOTALS = "margin", ("margin", "net")
WHOLE = 1.0
WIDE = ("months", "per_active", "waterfall", "npv")


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """The figures whose tables the answer, or the part of it on the page, holds."""
    if result.refused is not None:
        return ()
    return tuple(figure for key, make in _MAKERS.items() if key in result.tables for figure in make(result, words))


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study as a reader gets it."""
    shown = frame.copy()
    for column, prefix in (("kind", "kinds"), ("step", "steps"), ("what", "inputs"), ("part", "parts")):
        if column in shown:
            shown[column] = [words(f"economics.{prefix}.{value}") for value in shown[column]]
    if "tier" in shown:
        shown["tier"] = [_tier(tier, words) for tier in shown["tier"]]
    if "told" in shown:
        shown["told"] = [words("words.yes" if told else "words.no") for told in shown["told"]]
    return titled(shown, "economics.columns", words)


def _tier(tier: str, words: Words) -> str:
    return tier or words("economics.no_tier")


def _npv(result: Result, words: Words) -> tuple[Figure, ...]:
    """The distribution of the present value."""
    table, told, chance = result.tables["npv"], result.estimates["npv"], result.estimates["probability"].value
    edges = [*table["from"], table["to"].iloc[-1]]
    text = [
        words("economics.figures.npv.bin", low=_money(low, words), high=_money(high, words), share=words.share(share))
        for low, high, share in zip(table["from"], table["to"], table["share"], strict=True)
    ]
    sides = (
        words("economics.figures.npv.below", share=words.share(1 - chance, digits=0)) if chance < WHOLE else "",
        words("economics.figures.npv.above", share=words.share(chance, digits=0)) if chance > 0 else "",
    )
    spec = chances(
        edges, table["share"].tolist(), text, value=told.value, value_text=_money(told.value, words), sides=sides,
        ticks=_ticks(edges[-1], words, bottom=edges[0]),
    )  # fmt: skip
    facts = {"chance": words.share(chance, digits=0), "value": told, **_ends(told.low, told.high, words)}
    return (_figure("npv", _way(told.low, told.high), spec, table, words, facts),)


def _months(result: Result, words: Words) -> tuple[Figure, ...]:
    """The course so far, where there is a return; else what an active member costs, month by month."""
    if "roi" not in result.estimates:
        return (_per_active(result.tables["months"], words),)
    return (_cumulative(result, words),)


def _cumulative(result: Result, words: Words) -> Figure:
    table = result.tables["months"]
    names = [words.month(month) for month in table["month"]]
    text = [
        f"{name}: {_money(row['cumulative'], words)} ({_money(row['cumulative_low'], words)} – {_money(row['cumulative_high'], words)})"
        for name, row in zip(names, table.to_dict("records"), strict=True)
    ]
    places = list(range(1, len(table) + 1))
    band = {end: table[f"cumulative_{end}"].tolist() for end in ("low", "high")}
    name, course = words("economics.columns.cumulative"), table["cumulative"].tolist()
    line = Curve(name=name, x=places, y=course, low=band["low"], high=band["high"], text=text, colour=BLUE)
    zero = Curve(
        name=words("economics.figures.months.zero"), x=[places[0], places[-1]], y=[0.0, 0.0], text=[""] * 2, colour=ORANGE, width=1.4
    )
    step = max(1, -(-len(places) // 5))
    shown = places[(len(places) - 1) % step :: step]
    x = {"tickvals": shown, "ticktext": [names[at - 1] for at in shown]}
    bottom, top = min(0.0, *band["low"]), max(0.0, *band["high"])
    spec = curves([zero, line], x=x, y=_ticks(1.05 * top, words, bottom=1.05 * bottom))
    last, payback = table.iloc[-1], result.estimates.get("payback")
    facts: dict[str, object] = {"value": _money(last["cumulative"], words), **_ends(last["cumulative_low"], last["cumulative_high"], words)}
    facts |= {"reached": words.share(last["paid_back"], digits=0), "months": len(table)}
    facts |= {} if payback is None else {"payback": payback}
    return _figure("months", "never" if payback is None else "reached", spec, table, words, facts)


def _per_active(table: pd.DataFrame, words: Words) -> Figure:
    known = table.dropna(subset=["cost_per_active"])
    values = [_money(value, words) for value in known["cost_per_active"]]
    scale = _ticks(float(known["cost_per_active"].max()), words)
    bar = Series(name=words("economics.columns.cost_per_active"), values=known["cost_per_active"].tolist(), text=values, ticks=scale)
    months = [month.date().isoformat() for month in known["month"]]
    spec = trend(months, [words.month(month) for month in known["month"]], [True] * len(known), bar)
    first, last = known["cost_per_active"].iloc[0], known["cost_per_active"].iloc[-1]
    facts = {"first": _money(first, words), "last": _money(last, words), "months": len(known)}
    return _figure("per_active", "up" if last > first else "down", spec, known, words, facts)


def _waterfall(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["waterfall"]
    steps = [
        Step(
            name=words(f"economics.steps.{row['step']}"), value=row["value"], low=row["low"], high=row["high"],
            text=_money(row["value"], words), touch=_span(row, words), total=row["step"] in TOTALS,
        )
        for row in table.to_dict("records")
    ]  # fmt: skip
    reach, low = table["high"].max(), min(0.0, table.loc[table["step"].isin(TOTALS), "low"].min())
    spec = waterfall(steps, ticks=_ticks(reach, words, bottom=low))
    net = table.iloc[-1]
    anyway = table.loc[table["step"] == "rewards_anyway", "value"]
    facts = {"margin": _money(table["value"].iloc[0], words), "net": _money(abs(net["value"]), words)}
    facts |= {"cost": _money(table["value"].iloc[0] - net["value"], words), "anyway": _money(-anyway.sum(), words)}
    return (_figure("waterfall", "left" if net["value"] >= 0 else "short", spec, table, words, facts),)


def _tornado(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["tornado"]
    middle = result.estimates["npv"].value
    swings = [
        Swing(
            name=words(f"economics.inputs.{row['what']}"), low=row["npv_low"], high=row["npv_high"],
            low_text=_moved(row, "low", words), high_text=_moved(row, "high", words),
        )
        for row in table.to_dict("records")
    ]  # fmt: skip
    ends = [*table["npv_low"], *table["npv_high"]]
    keys = (words("economics.figures.tornado.low"), words("economics.figures.tornado.high"))
    spec = tornado(swings, middle=middle, keys=keys, ticks=_ticks(max(*ends, 0.0), words, bottom=min(*ends, 0.0)))
    first = table.iloc[0]
    facts = {
        "what": words(f"economics.inputs.{first['what']}"),
        **_ends(min(first["npv_low"], first["npv_high"]), max(first["npv_low"], first["npv_high"]), words),
    }
    return (_figure("tornado", "first", spec, table, words, facts),)


def _moved(row: Mapping[Hashable, Any], end: str, words: Words) -> str:
    unit = {"discount": Unit.SHARE, "carry": Unit.COUNT}.get(str(row["what"]), Unit.MONEY)
    return words(
        "economics.figures.tornado.moved", input=words.quantity(row[end], unit, compact=True), npv=_money(row[f"npv_{end}"], words)
    )


def _costs(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["costs"]
    text = [f"{_money(row['amount'], words)} · {words.share(row['share'], digits=0)}" for row in table.to_dict("records")]
    measure = Measure(name=words("economics.columns.amount"), values=table["amount"].tolist(), text=text, colour=BLUE)
    spec = bars([words(f"economics.kinds.{kind}") for kind in table["kind"]], [measure])
    first = table.iloc[0]
    facts = {"kind": words(f"economics.kinds.{first['kind']}"), "share": words.share(first["share"], digits=0), "n": len(table)}
    return (_figure("costs", "first", spec, table, words, facts),)


def _tiers(result: Result, words: Words) -> tuple[Figure, ...]:
    """Cost of an active member by tier, and each tier's share of cost beside its share of what members bring."""
    table = result.tables["tiers"].dropna(subset=["cost_per_active"])
    names = [_tier(tier, words) for tier in table["tier"]]
    colours = ramp(len(table))
    each = Measure(
        name=words("economics.columns.cost_per_active"),
        values=table["cost_per_active"].tolist(),
        text=[_money(value, words) for value in table["cost_per_active"]],
    )
    spec = bars(names, [each])
    spec["data"][0]["marker"] = {"color": colours}
    most = table.iloc[int(table["cost_per_active"].argmax())]
    least = table.iloc[int(table["cost_per_active"].argmin())]
    facts = {"most": _tier(most["tier"], words), "most_cost": _money(most["cost_per_active"], words)}
    facts |= {"least": _tier(least["tier"], words), "least_cost": _money(least["cost_per_active"], words)}
    figures = [_figure("tiers", "apart", spec, table, words, facts)]
    if table["worth_share"].notna().any():
        figures.append(_shares(table, names, words))
    return tuple(figures)


def _shares(table: pd.DataFrame, names: list[str], words: Words) -> Figure:
    """Described, not judged: tiers differ by design."""
    both = [
        Measure(
            name=words(f"economics.columns.{column}"),
            values=table[column].tolist(),
            text=[words.share(value, digits=0) for value in table[column]],
        )
        for column in ("share", "worth_share")
    ]
    widest = table.iloc[int((table["share"] - table["worth_share"]).abs().argmax())]
    facts = {"tier": _tier(widest["tier"], words), **{name: words.share(widest[name], digits=0) for name in ("share", "worth_share")}}
    return _figure("tier_shares", "widest", bars(names, both), table, words, facts)


def _budget(result: Result, words: Words) -> tuple[Figure, ...]:
    table = result.tables["budget"]
    text = [f"{_money(row['amount'], words)} · {words.share(row['share'], digits=0)}" for row in table.to_dict("records")]
    measure = Measure(name=words("economics.columns.amount"), values=table["amount"].tolist(), text=text, colour=BLUE)
    spec = bars([words(f"economics.parts.{part}") for part in table["part"]], [measure])
    share = float(table.set_index("part")["share"].get("programme", 0.0))
    told = "alone" if len(table) == 1 else "share"
    return (_figure("budget", told, spec, table, words, {"share": words.share(share, digits=0), "n": len(table)}),)


_MAKERS: Mapping[str, Callable[[Result, Words], tuple[Figure, ...]]] = {
    "npv": _npv,
    "months": _months,
    "waterfall": _waterfall,
    "tornado": _tornado,
    "costs": _costs,
    "tiers": _tiers,
    "budget": _budget,
}


def _money(value: float, words: Words) -> str:
    return words.money(value, compact=True)


def _ends(low: float, high: float, words: Words) -> dict[str, str]:
    return {"low": _money(low, words), "high": _money(high, words)}


def _span(row: Mapping[Hashable, Any], words: Words) -> str:
    told = _money(row["value"], words)
    return told if row["low"] == row["high"] else f"{told} ({_money(row['low'], words)} – {_money(row['high'], words)})"


def _way(low: float, high: float) -> str:
    return "pays" if low > 0 else "loses" if high < 0 else "open"


def _ticks(top: float, words: Words, *, bottom: float = 0.0) -> Spec:
    return ticks(top, lambda value: cash(value, words), bottom=bottom, about=4)


def _figure(key: str, finding: str, spec: Spec, table: pd.DataFrame, words: Words, facts: Mapping[str, object]) -> Figure:
    title, note, alt = (words(f"economics.figures.{key}.{part}", **facts) for part in (f"title.{finding}", "note", "alt"))
    return Figure(key=key, title=title, note=note, alt=alt, spec=spec, table=named(table, words), wide=key in WIDE)
