"""The figures of the study `dependency`: how much is bought on offer, where, by whom, and purchases around rewards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.event_study import At, event_study
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, ORANGE, Spec, ticks
from analytics.figures.mirrored import Side, mirrored
from analytics.results import Result, wilson
from analytics.studies.base import Figure
from analytics.studies.tables import apart, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

STATES = ("near", "rewarded")


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow, in the order of their weight."""
    if result.refused is not None:
        return ()
    makers = {
        "months": _months,
        "groups": _groups,
        "bands": _bands,
        "shares": _shares,
        "weeks": _weeks,
        "naive": _naive,
        "rewards": _rewards,
    }
    return tuple(figure for name, make in makers.items() if name in result.tables for figure in make(result, words))


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame.copy(deep=False)
    for column, prefix in (("dimension", "dimensions"), ("state", "states"), ("source", "removals")):
        if column in shown:
            shown[column] = [words(f"dependency.{prefix}.{key}") for key in shown[column]]
    renamed = {"change": "change_rate"} if "week" in frame else {}
    renamed |= {"share": "share_offer", "low": "share_low", "high": "share_high"} if "difference" in frame else {}
    renamed |= {"share": "share_money"} if "least" in frame or "month" in frame else {}
    return titled(shown.rename(columns=renamed), "dependency.columns", words)


def _column(name: str, words: Words) -> str:
    return words(f"dependency.columns.{name}")


def _figure(key: str, kind: str, spec: Spec, table: pd.DataFrame, words: Words, facts: Mapping[str, Any], *, own: str = "") -> Figure:
    return Figure(
        key=own or key,
        title=words(f"dependency.figures.{key}.title.{kind}", **facts),
        note=words(f"dependency.figures.{key}.note", **facts),
        alt=words(f"dependency.figures.{key}.alt", **facts),
        spec=spec,
        table=named(table, words),
    )


def _whole(value: float, words: Words) -> str:
    return words.share(value, digits=0)


def _spanned(row: Mapping[Any, Any], words: Words, value: str = "share") -> str:
    low, high = (words.number(100 * row[end], digits=1) for end in ("low", "high"))
    return f"{words.share(row[value])} ({low}–{high})"


def _months(result: Result, words: Words) -> tuple[Figure, ...]:
    """The share of money with its band, and of orders."""
    table = result.tables["months"]
    money = "share" in table
    places, months = list(range(len(table))), [words.month(month) for month in table["month"]]
    rows = table.to_dict("records")
    lines = [_month_line("share_orders", rows, months, words, GREY)]
    if money:
        lines.append(_month_line("share", rows, months, words, BLUE))
    top = float(table[["share_orders", *(["high"] if money else [])]].max().max())
    step = max(1, -(-len(places) // 5))
    x = {"tickvals": places[::step], "ticktext": months[::step]}
    spec = curves(lines, x=x, y=ticks(top, lambda at: _whole(at, words)))
    main = table["share" if money else "share_orders"]
    facts: dict[str, Any] = {"first": words.share(main.iloc[0]), "last": words.share(main.iloc[-1]), "begin": months[0], "end": months[-1]}
    facts["n"] = int(table["orders"].sum())
    kind = "steady" if len(main) < 2 or not money or _overlap(rows[0], rows[-1]) else "up" if main.iloc[-1] > main.iloc[0] else "down"
    return (_figure("months", kind, spec, table, words, facts),)


def _overlap(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    return bool(one["low"] <= other["high"] and other["low"] <= one["high"])


def _month_line(column: str, rows: list[Any], months: list[str], words: Words, colour: str) -> Curve:
    band = column == "share"
    text = [f"{month}: {_spanned(row, words) if band else words.share(row[column])}" for month, row in zip(months, rows, strict=True)]
    return Curve(
        name=_column("share_money" if band else "share_orders", words),
        x=list(range(len(rows))),
        y=[row[column] for row in rows],
        low=[row["low"] for row in rows] if band else None,
        high=[row["high"] for row in rows] if band else None,
        text=text,
        colour=colour,
        width=2.2 if band else 1.4,
    )


def _groups(result: Result, words: Words) -> tuple[Figure, ...]:
    """The groups of the first dimension; filled where they stand out among all groups of all dimensions."""
    every = result.tables["groups"]
    dimension = str(every["dimension"].iloc[0])
    table = every[every["dimension"] == dimension]
    rows = [
        Interval(
            name=str(row["group"]),
            value=row["share"],
            low=row["low"],
            high=row["high"],
            text=f"{row['group']}: {_spanned(row, words)} · n = {words.number(row['n'])}",
            clear=bool(row["flagged"]),
        )
        for row in table.to_dict("records")
    ]
    flagged, top, whole = table[table["flagged"]], table.iloc[0], _whole_share(result.tables["months"])
    facts = {
        "dimension": words(f"dependency.dimensions.{dimension}"),
        "group": str(top["group"]),
        "share": words.share(top["share"]),
        "apart": apart(float(top["difference"]), words),
        "n": int(table["n"].sum()),
        "all": int(every["q"].notna().sum()),
        "flagged": len(flagged),
        "whole": words.share(whole),
    }
    reach = min(1.0, 1.08 * float(table["high"].max()))
    spec = intervals(rows, ticks=ticks(reach, lambda at: _whole(at, words)), span=(0.0, reach), marked=whole)
    kind = "described" if top["q"] != top["q"] else "flagged" if len(flagged) else "alike"
    return (_figure("groups", kind, spec, every, words, facts),)


def _whole_share(months: pd.DataFrame) -> float:
    """Of all orders."""
    return float((months["share_orders"] * months["orders"]).sum() / months["orders"].sum())


def _bands(result: Result, words: Words) -> tuple[Figure, ...]:
    """How the share hangs on what counts as a discount."""
    table = result.tables["bands"]
    names = [words("dependency.any") if least < 0.05 else words("dependency.least", least=_whole(least, words)) for least in table["least"]]
    shown = [("share_orders", ORANGE), *([("share", BLUE)] if "share" in table else [])]
    measures = [
        Measure(
            name=_column("share_money" if column == "share" else column, words),
            values=table[column].tolist(),
            text=[words.share(value) for value in table[column]],
            colour=colour,
        )
        for column, colour in shown
    ]
    some, tenth = (float(table.loc[table["least"].sub(least).abs() < 1e-9, "share_orders"].iloc[0]) for least in (0.01, 0.10))
    facts = {"any": words.share(some), "tenth": words.share(tenth)}
    return (_figure("bands", "told", bars(names, measures), table, words, facts),)


def _shares(result: Result, words: Words) -> tuple[Figure, ...]:
    """Customers by their own share of orders on offer, above; what the common rate would make of it, below."""
    table = result.tables["shares"]
    places = [(row["low_edge"] + row["high_edge"]) / 2 for row in table.to_dict("records")]
    every = float(table["customers"].sum())
    seen, chance = ((table[name] / every).tolist() for name in ("customers", "by_chance"))
    told = [f"{_whole(row['low_edge'], words)}–{_whole(row['high_edge'], words)}" for row in table.to_dict("records")]
    sides = [
        Side(name=_column(name, words), shares=values, text=[f"{at}: {words.share(value)}" for at, value in zip(told, values, strict=True)])
        for name, values in (("customers", seen), ("by_chance", chance))
    ]
    reach = max(*seen, *chance)
    y = ticks(reach, lambda value: _whole(abs(value), words), bottom=-reach)
    x = {"tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": [_whole(at, words) for at in (0, 0.25, 0.5, 0.75, 1)]}
    spec = mirrored(places, *sides, x=x, y=y, x_title=_column("own_share", words))
    facts = {"top": words.share(seen[-1]), "chance": words.share(chance[-1]), "n": int(every)}
    more = wilson(int(table["customers"].iloc[-1]), int(every)).low > chance[-1]
    return (_figure("shares", "more" if more else "chance", spec, table, words, facts),)


def _weeks(result: Result, words: Words) -> tuple[Figure, ...]:
    """One figure a state: weeks after it, against the customers' other purchases."""
    table = result.tables["weeks"]
    known = [state for state in STATES if (table["state"] == state).any()]
    return tuple(_state(result, state, table[table["state"] == state].reset_index(drop=True), words) for state in known)


def _state(result: Result, state: str, table: pd.DataFrame, words: Words) -> Figure:
    points = [
        At(
            at=int(row["week"]),
            value=row["change"],
            low=row["low"],
            high=row["high"],
            role="after",
            text=f"{words('dependency.week', week=int(row['week']))}: {_spanned(row, words, 'change')}",
        )
        for row in table.to_dict("records")
    ]
    (moved,) = result.tables["moved"].query("state == @state").to_dict("records")
    span = (min(-0.3, float(table["low"].min())), max(0.3, float(table["high"].max())))
    y = ticks(span[1], lambda at: words.share(at, digits=0), bottom=span[0])
    spec = event_study(
        points, y=y, span=span, x_title=words(f"dependency.since.{state}"), names={"after": words(f"dependency.states.{state}")}
    )
    spec["layout"]["xaxis"] |= {"tickvals": table["week"].tolist(), "ticktext": [words.number(week) for week in table["week"]]}
    facts = {"n": int(moved["n"]), **{name: words.share(moved[name]) for name in ("change", "low", "high")}}
    return _figure(state, "moved" if moved["found"] else "nothing", spec, table, words, facts, own=f"weeks_{state}")


def _naive(result: Result, words: Words) -> tuple[Figure, ...]:
    """What is commonly drawn, in grey: it shows a spike whether or not rewards move anybody."""
    table = result.tables["naive"]
    line = Curve(
        name=words("dependency.naive"),
        x=table["week"].tolist(),
        y=table["change"].tolist(),
        text=[f"{words('dependency.week', week=int(row['week']))}: {words.share(row['change'])}" for row in table.to_dict("records")],
        colour=GREY,
        width=1.4,
    )
    low, high = float(min(0.0, table["change"].min())), float(table["change"].max())
    x = {"tickvals": [-8, -4, 0, 4, 8], "ticktext": ["-8", "-4", "0", "4", "8"]}
    spec = curves([line], x=x, y=ticks(high, lambda at: _whole(at, words), bottom=low), x_title=words("dependency.since.reward"))
    at_reward = float(table.loc[table["week"] == 0, "change"].iloc[0])
    return (_figure("naive", "told", spec, table, words, {"spike": words.share(at_reward, digits=0), "n": int(table["n"].iloc[0])}),)


def _rewards(result: Result, words: Words) -> tuple[Figure, ...]:
    """What was redeemed, by category of reward."""
    table = result.tables["rewards"]
    rows = table.head(12)
    text = [f"{_spanned(row, words)} · {words.number(row['redemptions'])}" for row in rows.to_dict("records")]
    measure = Measure(name=_column("redemptions", words), values=rows["share"].tolist(), text=text, colour=BLUE)
    facts = {"category": str(rows["category"].iloc[0]), "share": words.share(rows["share"].iloc[0]), "n": int(table["redemptions"].sum())}
    facts |= _own(result, words)
    spec = bars([str(name) for name in rows["category"]], [measure])
    return (_figure("rewards", "own" if facts["own"] else "not_sold", spec, table, words, facts),)


def _own(result: Result, words: Words) -> dict[str, str]:
    """Redemptions in own categories, and what chance would make of them; empty where it is not measured."""
    table = result.tables.get("own")
    columns = {"own": "share_own", "chance": "chance_own"}
    return {name: "" if table is None else words.share(table[column].iloc[0]) for name, column in columns.items()}
