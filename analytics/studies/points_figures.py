"""The figures of the study `points`: the ledger by month, age and expiry; redemption by age and vintage; deferred revenue; members."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.curves import Curve, curves
from analytics.figures.layers import Layer, layers
from analytics.figures.look import BLUE, GREEN, GREY, ORANGE, Spec, ramp, ticks
from analytics.figures.trend import Series, trend
from analytics.results import Period, Result, Unit
from analytics.studies.base import Figure
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

OLD = 6  # months from which on points held are called old
WORDED = {"item": "items", "step": "steps", "source": "sources"}


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What the tables at hand allow."""
    if result.refused is not None:
        return ()
    makers = {
        "movements": _movements,
        "ageing": _ageing,
        "rewards": _rewards,
        "expiry": _expiry,
        "curve": _curve,
        "burn": _burn,
        "vintages": _vintages,
        "schedule": _schedule,
        "funnel": _funnel,
        "waiting": _waiting,
    }
    return tuple(make(result, words) for name, make in makers.items() if name in result.tables)


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame.copy()
    for column, prefix in WORDED.items():
        if column in shown:
            shown[column] = [words(f"points.{prefix}.{key}") for key in shown[column]]
    if "category" in shown:
        shown["category"] = [name or words("points.no_category") for name in shown["category"]]
    return titled(shown, "points.columns", words)


def _column(name: str, words: Words) -> str:
    return words(f"points.columns.{name}")


def _figure(
    key: str, finding: str, spec: Spec, table: pd.DataFrame, words: Words, facts: dict[str, object], *, wide: bool = False
) -> Figure:
    return Figure(
        key=key,
        title=words(f"points.figures.{key}.title.{finding}", **facts),
        note=words(f"points.figures.{key}.note", **facts),
        alt=words(f"points.figures.{key}.alt", **facts),
        spec=spec,
        table=named(table, words),
        wide=wide,
    )


def _shares(top: float, words: Words) -> Spec:
    return ticks(top, lambda share: words.share(share, digits=0))


def _span(value: float, low: float, high: float, words: Words) -> str:
    return f"{words.share(value)} ({words.number(100 * low, digits=1)}–{words.number(100 * high, digits=1)})"


def _aged(ages: pd.Series, shares: pd.Series, words: Words) -> list[str]:
    return [f"{words.quantity(age, Unit.MONTHS)}: {words.share(share)}" for age, share in zip(ages, shares, strict=True)]


def _ages(last: int, words: Words) -> Spec:
    step = max(1, -(-last // 6))
    places = list(range(0, last + 1, step))
    return {"tickvals": places, "ticktext": [words.number(place) for place in places]}


def _days(months: pd.Series) -> list[str]:
    return [month.date().isoformat() for month in months]


def _months(months: pd.Series, words: Words) -> list[str]:
    return [words.month(month) for month in months]


def _movements(result: Result, words: Words) -> Figure:
    """Earned, redeemed and expired by month."""
    table = result.tables["movements"]
    names, places = _months(table["month"], words), list(range(len(table)))
    drawn = [("earned", BLUE), ("redeemed", ORANGE), ("expired", GREY)]
    lines = [
        Curve(
            name=_column(name, words),
            x=places,
            y=table[name].tolist(),
            text=[f"{month}: {words.number(value)}" for month, value in zip(names, table[name], strict=True)],
            colour=colour,
        )
        for name, colour in drawn
        if table[name].any()
    ]
    step = max(1, -(-len(places) // 4))
    shown = places[(len(places) - 1) % step :: step]
    axis = {"tickvals": shown, "ticktext": [names[place] for place in shown]}
    top = 1.05 * float(table[["earned", "redeemed", "expired"]].max().max())
    sums = table[["earned", "redeemed", "expired", "adjusted"]].sum()
    facts: dict[str, object] = {str(name): round(value) for name, value in sums.items()}
    facts |= {"balance": round(table["balance"].iloc[-1]), "first": names[0], "last": names[-1]}
    facts["share"] = words.share(sums["redeemed"] / sums["earned"], digits=0) if sums["earned"] else "–"
    spec = curves(lines, x=axis, y=ticks(top, lambda value: short(value, words)))
    return _figure("movements", "plain", spec, table, words, facts)


def _band(months: int, words: Words) -> str:
    return words(f"points.bands.from_{months}")


def _ageing(result: Result, words: Words) -> Figure:
    table = result.tables["ageing"]
    text = [f"{words.number(points)} ({words.share(share)})" for points, share in zip(table["points"], table["held_share"], strict=True)]
    spec = bars(
        [_band(months, words) for months in table["months"]],
        [Measure(name=_column("points", words), values=table["points"].tolist(), text=text)],
    )
    old = table[table["months"] >= OLD]
    facts: dict[str, object] = {
        "share": words.share(old["held_share"].sum(), digits=0),
        "points": round(old["points"].sum()),
        "held": round(table["points"].sum()),
        "months": OLD,
    }
    shown = table.assign(months=[_band(months, words) for months in table["months"]])
    return _figure("ageing", "old" if facts["points"] else "young", spec, shown, words, facts)


def _expiry(result: Result, words: Words) -> Figure:
    """Points that fall due, the part that will lapse apart where it is known."""
    table = result.tables["expiry"]
    names = _months(table["month"], words)
    split = ["lapsing", "redeemed_before"] if "lapsing" in table else ["points"]
    colours = {"lapsing": ORANGE, "redeemed_before": BLUE, "points": BLUE}
    parts = [
        Layer(
            name=_column(name, words),
            shares=table[name].tolist(),
            text=[f"{month}: {words.number(value)}" for month, value in zip(names, table[name], strict=True)],
            colour=colours[name],
        )
        for name in split
    ]
    top = 1.1 * float(table["points"].max())
    spec = layers(_days(table["month"]), names, parts, ticks=ticks(top, lambda value: short(value, words)), top=top)
    facts: dict[str, object] = {name: round(table[name].sum()) for name in ("points", *split)}
    worst = table.iloc[int(table[split[0]].argmax())]
    facts |= {"month": words.month(worst["month"]), "most": round(worst[split[0]]), "n": len(table)}
    return _figure("expiry", "known" if "lapsing" in table else "due", spec, table, words, facts, wide=True)


def _rewards(result: Result, words: Words) -> Figure:
    table = result.tables["rewards"]
    shown = table.head(12)
    cost = shown["cost"] if "cost" in shown else [None] * len(shown)
    text = [
        words.number(points) + (f" · {words.money(paid, compact=True)}" if paid is not None and paid == paid else "")
        for points, paid in zip(shown["points"], cost, strict=True)
    ]
    names = [name or words("points.no_category") for name in shown["category"]]
    spec = bars(names, [Measure(name=_column("points", words), values=shown["points"].tolist(), text=text)])
    first = table.iloc[0]
    facts: dict[str, object] = {
        "category": names[0],
        "share": words.share(first["points"] / table["points"].sum(), digits=0),
        "n": int(table["redemptions"].sum()),
        "points": round(table["points"].sum()),
        "cost": words.money(table["cost"].sum(), compact=True) if "cost" in table else words("points.not_known"),
    }
    return _figure("rewards", "one" if len(table) == 1 else "first", spec, table, words, facts)


def _curve(result: Result, words: Words) -> Figure:
    """Share redeemed by age, and share still held: what is left at the end has expired, or is not known."""
    table = result.tables["curve"]
    ages = table["age"].tolist()
    spans = [_span(*row, words) for row in zip(table["redeemed_share"], table["low_share"], table["high_share"], strict=True)]
    text = [f"{words.quantity(age, Unit.MONTHS)}: {span}" for age, span in zip(ages, spans, strict=True)]
    redeemed = Curve(
        name=_column("redeemed_share", words),
        x=ages,
        y=table["redeemed_share"].tolist(),
        low=table["low_share"].tolist(),
        high=table["high_share"].tolist(),
        text=text,
        colour=BLUE,
    )
    held = Curve(
        name=_column("still_share", words),
        x=ages,
        y=table["still_share"].tolist(),
        text=_aged(table["age"], table["still_share"], words),
        colour=GREY,
    )
    last, half = table.iloc[-1], table[table["redeemed_share"] >= table["redeemed_share"].iloc[-1] / 2].iloc[0]
    facts: dict[str, object] = {
        "share": words.share(last["redeemed_share"]),
        "open": words.share(last["still_share"]),
        "months": int(last["age"]),
        "half": int(half["age"]),
    }
    spec = curves([held, redeemed], x=_ages(int(last["age"]), words), y=_shares(1.0, words), x_title=words("points.axes.age"))
    return _figure("curve", "closed" if "redemption" in result.estimates else "open", spec, table, words, facts)


def _burn(result: Result, words: Words) -> Figure:
    """One line a quarter, from pale to dark as time goes on."""
    table = result.tables["burn"]
    quarters = list(table["quarter"].drop_duplicates())
    lines = [
        _quarter(table[table["quarter"] == start], start, colour, words)
        for start, colour in zip(quarters, ramp(len(quarters)), strict=True)
    ]
    at = _common_age(table)
    here = table[table["age"] == at]
    facts: dict[str, object] = {
        "age": at,
        "first": words.share(here["redeemed_share"].iloc[0], digits=0),
        "last": words.share(here["redeemed_share"].iloc[-1], digits=0),
        "first_at": _quarter_name(here["quarter"].iloc[0], words),
        "last_at": _quarter_name(here["quarter"].iloc[-1], words),
    }
    top = min(1.0, 1.05 * float(table["redeemed_share"].max()) or 1.0)
    spec = curves(lines, x=_ages(int(table["age"].max()), words), y=_shares(top, words), x_title=words("points.axes.age"))
    shown = table.assign(quarter=[_quarter_name(start, words) for start in table["quarter"]])
    return _figure("burn", "course", spec, shown, words, facts)


def _quarter(part: pd.DataFrame, start: pd.Timestamp, colour: str, words: Words) -> Curve:
    name = _quarter_name(start, words)
    text = _aged(part["age"], part["redeemed_share"], words)
    return Curve(name=name, x=part["age"].tolist(), y=part["redeemed_share"].tolist(), text=text, colour=colour)


def _quarter_name(start: pd.Timestamp, words: Words) -> str:
    return words.period(Period(first=start.date(), grain="quarter"))


def _common_age(table: pd.DataFrame) -> int:
    """The age that at least half of the quarters have reached."""
    return int(table.groupby("quarter")["age"].max().median())


def _vintages(result: Result, words: Words) -> Figure:
    """By the month in which points were earned: redeemed so far, and in the end where that is known."""
    table = result.tables["vintages"]
    names, places = _months(table["vintage"], words), list(range(len(table)))
    so_far = Curve(
        name=_column("redeemed_share", words),
        x=places,
        y=table["redeemed_share"].tolist(),
        text=[f"{name}: {words.share(share)}" for name, share in zip(names, table["redeemed_share"], strict=True)],
        colour=GREY,
    )
    lines = [so_far, *([_expected(table, places, names, words)] if "expected_share" in table else [])]
    step = max(1, -(-len(places) // 4))
    shown = places[(len(places) - 1) % step :: step]
    axis = {"tickvals": shown, "ticktext": [names[place] for place in shown]}
    last = table.iloc[-1]
    facts: dict[str, object] = {
        "month": names[-1],
        "so_far": words.share(last["redeemed_share"], digits=0),
        "expected": words.share(last["expected_share"], digits=0) if "expected_share" in table else "–",
        "naive": words.share(1 - table["redeemed"].sum() / table["issued"].sum(), digits=0),
        "n": len(table),
    }
    spec = curves(lines, x=axis, y=_shares(1.0, words))
    return _figure("vintages", "known" if "expected_share" in table else "so_far", spec, table, words, facts, wide=True)


def _expected(table: pd.DataFrame, places: list[int], names: list[str], words: Words) -> Curve:
    spans = [_span(*row, words) for row in zip(table["expected_share"], table["low_share"], table["high_share"], strict=True)]
    return Curve(
        name=_column("expected_share", words),
        x=places,
        y=table["expected_share"].tolist(),
        low=table["low_share"].tolist(),
        high=table["high_share"].tolist(),
        text=[f"{name}: {span}" for name, span in zip(names, spans, strict=True)],
        colour=BLUE,
    )


def _schedule(result: Result, words: Words) -> Figure:
    table = result.tables["schedule"]
    names = _months(table["month"], words)
    balance, earned = (_money(table, name, words) for name in ("closing", "recognised"))
    spec = trend(_days(table["month"]), names, [True] * len(table), balance, earned)
    last = table.iloc[-1]
    facts: dict[str, object] = {name: words.money(last[name]) for name in ("opening", "deferred", "recognised", "closing")}
    facts |= {"month": names[-1], "first": names[0], "total": words.money(table["recognised"].sum(), compact=True)}
    return _figure("schedule", "balance", spec, table, words, facts)


def _money(table: pd.DataFrame, name: str, words: Words) -> Series:
    top = 1.05 * max(float(table[name].max()), 0.01)
    text = [words.money(value) for value in table[name]]
    return Series(name=_column(name, words), values=table[name].tolist(), text=text, ticks=ticks(top, lambda value: short(value, words)))


def _funnel(result: Result, words: Words) -> Figure:
    table = result.tables["funnel"]
    names = [words(f"points.steps.{step}") for step in table["step"]]
    text = [
        words.number(n) + (f" ({words.share(share, digits=0)})" if share == share else "")
        for n, share in zip(table["customers"], table["step_share"], strict=True)
    ]
    spec = bars(names, [Measure(name=_column("customers", words), values=table["customers"].tolist(), text=text, colour=GREEN)])
    steps = table.set_index("step")["customers"]
    facts: dict[str, object] = {
        "earned": int(steps["earned"]),
        "redeemed": int(steps["redeemed"]),
        "again": int(steps["again"]),
        "share": words.share(steps["redeemed"] / max(steps["earned"], 1), digits=0),
    }
    return _figure("funnel", "redeemed", spec, table, words, facts)


def _waiting(result: Result, words: Words) -> Figure:
    """From the first points to the first redemption."""
    table = result.tables["waiting"]
    spans = [
        f"{words.quantity(days, Unit.DAYS)}: {words.share(value)}"
        for days, value in zip(table["days"], table["redeemed_share"], strict=True)
    ]
    line = Curve(
        name=_column("redeemed_share", words),
        x=table["days"].tolist(),
        y=table["redeemed_share"].tolist(),
        low=table["low_share"].tolist(),
        high=table["high_share"].tolist(),
        text=spans,
        colour=BLUE,
    )
    longest = float(table["days"].max())
    quarter = table[table["days"] <= 90].iloc[-1]
    facts: dict[str, object] = {
        "share": words.share(quarter["redeemed_share"], digits=0),
        "last": words.share(table["redeemed_share"].iloc[-1], digits=0),
        "days": round(longest),
        "n": int(table["at_risk"].iloc[0]),
    }
    top = min(1.0, 1.1 * float(table["high_share"].max()))
    axis = ticks(longest, lambda days: words.quantity(days, Unit.DAYS))
    return _figure("waiting", "quarter", curves([line], x=axis, y=_shares(top, words), stepped=True), table, words, facts)
