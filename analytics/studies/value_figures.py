"""The figures of the study `value`: what histories are worth, who holds the value, and how far the models can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.contours import contours
from analytics.figures.curves import Curve, curves
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, ORANGE, label, ticks
from analytics.models.backtest import reversed_skill
from analytics.results import Result, Unit
from analytics.studies.base import Figure
from analytics.studies.tables import short, titled

if TYPE_CHECKING:
    from analytics.i18n import Words

PROMISED = 0.9  # coverage of the intervals of single customers
_LINES = 4  # of equal value
_SHARES = ("p_alive", "total_error", "top_found", "skill", "skill_low", "skill_high", "coverage", "coverage_low", "coverage_high")


def draw(result: Result, words: Words) -> tuple[Figure, ...]:
    """What there is in the answer, or in the part of it that is asked for."""
    if result.refused is not None:
        return ()
    drawn = {
        "iso": _iso,
        "distribution": _distribution,
        "concentration": _lorenz,
        "tracking": _tracking,
        "calibration": _calibration,
        "heuristics": _methods,
        "groups": _groups,
        "coverage": _coverage,
    }
    return tuple(figure(result, words) for table, figure in drawn.items() if table in result.tables)


def named(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Any table of the study, or `members`, as a reader gets it."""
    shown = frame.drop(columns=["dimension"], errors="ignore").copy()
    if "method" in shown:
        shown["method"] = [method(name, words) for name in shown["method"]]
    if "measure" in shown:
        shown["measure"] = [words(f"value.measures.{name}") for name in shown["measure"]]
    if "month" in shown:
        shown["month"] = [words.month(month) for month in shown["month"]]
    shown = shown.rename(columns={column: f"{column}_share" for column in _SHARES})  # written as per cent
    return titled(shown.dropna(axis="columns", how="all"), "value.columns", words)


def method(name: str, words: Words) -> str:
    """A model or a rule of thumb as it is called."""
    return words(f"value.models.{name}") if words.has(f"value.models.{name}") else words(f"value.rules.{name}")


def _money(result: Result) -> bool:
    return "predicted_value" in result.estimates or "value" in result.tables.get("customers", ()) or "value" in result.tables.get("iso", ())


def _unit(money: bool) -> Unit:
    return Unit.MONEY if money else Unit.COUNT


def _kind(money: bool) -> str:
    return "money" if money else "orders"


def _write(value: float, money: bool, words: Words) -> str:
    if money:
        return words.money(value, compact=True)
    return words.number(value, digits=0 if value >= 100 else 1)


def _iso(result: Result, words: Words) -> Figure:
    """Orders against the time from the first to the last: the field's own picture of what silence costs."""
    table = result.tables["iso"]
    money = "value" in table
    column = "value" if money else "expected_orders"
    grid = table.pivot(index="orders", columns="silent_days", values=column)
    facts = _halved(table, column, money, words)
    hover = [[label(_touch(float(x), float(y), float(grid.loc[y, x]), money, words), most=90) for x in grid.columns] for y in grid.index]
    spec = contours(
        grid.to_numpy().tolist(),
        hover,
        x=[float(x) for x in grid.columns],
        y=[float(y) for y in grid.index],
        x_ticks=ticks(float(grid.columns.max()), lambda x: short(x, words)),
        y_ticks=ticks(float(grid.index.max()), lambda y: short(y, words), bottom=float(grid.index.min())),
        x_title=words("value.figures.iso.x"),
        y_title=words("value.figures.iso.y"),
        levels=_levels(grid, money, words),
    )
    return Figure(
        key="iso",
        title=words("value.figures.iso.title", **facts),
        note=words(f"value.figures.iso.note.{_kind(money)}", **facts),
        alt=words("value.figures.iso.alt", **facts),
        spec=spec,
        table=named(table, words),
    )


def _touch(silent: float, orders: float, value: float, money: bool, words: Words) -> str:
    key = f"value.figures.iso.touch.{_kind(money)}"
    return words(key, orders=int(orders), silent=int(silent), value=_write(value, money, words))


def _halved(table: pd.DataFrame, column: str, money: bool, words: Words) -> dict[str, object]:
    """A customer of ordinary diligence: what they are worth now, and the silence that takes half of it."""
    orders = int(np.sort(table["orders"].unique())[len(table["orders"].unique()) // 3])
    row = table[table["orders"] == orders].sort_values("silent_days")
    fallen = row[row[column] <= row[column].iloc[0] / 2]
    return {
        "orders": orders,
        "now": _write(row[column].iloc[0], money, words),
        "later": _write(fallen[column].iloc[0] if len(fallen) else row[column].iloc[-1], money, words),
        "days": int(fallen["silent_days"].iloc[0] if len(fallen) else row["silent_days"].max()),
        "span": int(table["standing_days"].iloc[0]),
    }


def _levels(grid: pd.DataFrame, money: bool, words: Words) -> list[tuple[float, str, float, float]]:
    """Round values between least and most, each named on its line, one below the other."""
    places = ticks(float(grid.to_numpy().max()), str, about=_LINES)["tickvals"]
    named = []
    for at, level in enumerate(reversed(places)):
        point = _on_line(grid, level, 0.92 - 0.8 * at / len(places))
        named += [] if point is None else [(level, _write(level, money, words), *point)]
    return named


def _on_line(grid: pd.DataFrame, level: float, height: float) -> tuple[float, float] | None:
    """Where a line crosses the row nearest to `height` that it crosses at all, at its latest point."""
    silent = grid.columns.to_numpy(float)
    for at in sorted(range(len(grid)), key=lambda row: abs(row - height * len(grid))):
        values = grid.iloc[at].to_numpy(float)
        crossed = np.flatnonzero((values[:-1] - level) * (values[1:] - level) < 0)
        if len(crossed):
            left = crossed[-1]
            part = (values[left] - level) / (values[left] - values[left + 1])
            return float(silent[left] + part * (silent[left + 1] - silent[left])), float(grid.index[at])
    return None


def _distribution(result: Result, words: Words) -> Figure:
    """Customers, and the value they hold, by how much is expected of each."""
    table = result.tables["distribution"]
    money = _money(result)
    names = [_band(row, money, words) for _, row in table.iterrows()]
    measures = [
        Measure(name=words("value.columns.share"), values=table["share"].tolist(), text=[words.share(v) for v in table["share"]]),
        Measure(
            name=words("value.columns.value_share"),
            values=table["value_share"].tolist(),
            text=[words.share(v) for v in table["value_share"]],
        ),
    ]
    lowest, highest = table.iloc[0], table.iloc[-1]
    facts = {
        "share": words.share(lowest["share"], digits=0),
        "bound": _write(lowest["high"], money, words) if len(table) > 1 else _write(0.0, money, words),
        "held": words.share(highest["value_share"], digits=0),
        "top": words.share(highest["share"], digits=0),
        "high": _write(highest["low"], money, words),
    }
    return Figure(
        key="distribution",
        title=words(f"value.figures.distribution.title.{_kind(money)}", **facts),
        note=words(f"value.figures.distribution.note.{_kind(money)}", n=int(table["n"].sum())),
        alt=words(f"value.figures.distribution.alt.{_kind(money)}", **facts),
        spec=bars(names, measures),
        table=named(table, words),
    )


def _band(row: pd.Series, money: bool, words: Words) -> str:
    facts = {"low": _write(row["low"], money, words), "high": _write(row["high"], money, words) if row["high"] == row["high"] else ""}
    return words("value.figures.distribution.open" if row["high"] != row["high"] else "value.figures.distribution.band", **facts)


def _lorenz(result: Result, words: Words) -> Figure:
    """Customers from the most valuable down, and the share of the value that they hold."""
    table = result.tables["concentration"]
    x = table["customers_share"].tolist()
    parts = [
        _share_line(table, "equal_share", GREY, words, table["customers_share"]),
        _share_line(table, "historic_share", ORANGE, words, table["historic_share"]),
        _share_line(table, "predicted_share", BLUE, words, table["predicted_share"]),
    ]
    money = _money(result)
    tenth = table.iloc[int(np.argmin(np.abs(np.array(x) - 0.1)))]
    facts = {"predicted": words.share(tenth["predicted_share"], digits=0), "historic": words.share(tenth["historic_share"], digits=0)}
    share = ticks(1.0, lambda value: words.share(value, digits=0))
    return Figure(
        key="concentration",
        title=words(f"value.figures.concentration.title.{_kind(money)}", **facts),
        note=words(f"value.figures.concentration.note.{_kind(money)}"),
        alt=words(f"value.figures.concentration.alt.{_kind(money)}", **facts),
        spec=curves(parts, x=share, y={**share, "range": [0, 1.02]}, x_title=words("value.figures.concentration.x")),
        table=named(table, words),
    )


def _share_line(table: pd.DataFrame, name: str, colour: str, words: Words, y: pd.Series) -> Curve:
    said = words(f"value.columns.{name}")
    text = [
        words("value.figures.concentration.touch", customers=words.share(a, digits=0), value=words.share(b, digits=0))
        for a, b in zip(table["customers_share"], y, strict=True)
    ]
    return Curve(name=said, x=table["customers_share"].tolist(), y=y.tolist(), text=text, colour=colour)


def _tracking(result: Result, words: Words) -> Figure:
    """Cumulated repeat orders: what came, and what the model says without having seen the right-hand side."""
    table = result.tables["tracking"]
    x, names = list(range(len(table))), [words.month(month) for month in table["month"]]
    top = float(table[["actual", "expected"]].max().max())
    parts = [
        Curve(name=words(f"value.columns.{name}"), x=x, y=table[name].tolist(), text=_monthly(names, table[name], words), colour=colour)
        for name, colour in (("actual", GREY), ("expected", BLUE))
    ]
    chosen = result.tables["models"].query("chosen").iloc[0]
    error = float(chosen["total_error"])
    facts = {
        "error": words.share(abs(error)),
        "model": method(str(chosen["method"]), words),
        "n": int(chosen["n"]),
        "first": names[0],
        "last": names[-1],
        "months": int(table["held_out"].sum()),
    }
    kind = "close" if abs(error) < 0.05 else "over" if error > 0 else "under"
    cut = float(table["held_out"].to_numpy().argmax()) - 0.5
    return Figure(
        key="tracking",
        title=words(f"value.figures.tracking.title.{kind}", **facts),
        note=words("value.figures.tracking.note", **facts),
        alt=words(f"value.figures.tracking.alt.{kind}", **facts),
        spec=curves(
            parts,
            x=_month_ticks(names),
            y=ticks(top, lambda value: short(value, words)),
            split=(cut, words("value.figures.tracking.cut")),
        ),
        table=named(table, words),
    )


def _monthly(names: list[str], values: pd.Series, words: Words) -> list[str]:
    return [f"{name}: {words.number(value)}" for name, value in zip(names, values, strict=True)]


def _month_ticks(names: list[str]) -> dict[str, object]:
    step = max(1, -(-len(names) // 4))
    places = list(range((len(names) - 1) % step, len(names), step))
    return {"tickvals": places, "ticktext": [names[at] for at in places]}


def _calibration(result: Result, words: Words) -> Figure:
    """Orders a customer in the holdout, by how often they had ordered: said and came."""
    table = result.tables["calibration"]
    x = list(range(len(table)))
    names = [_bin(row, words, last=at == len(table) - 1) for at, (_, row) in enumerate(table.iterrows())]
    top = float(table[["expected", "actual_high"]].max().max())
    came = Curve(
        name=words("value.columns.actual"),
        x=x,
        y=table["actual"].tolist(),
        low=table["actual_low"].tolist(),
        high=table["actual_high"].tolist(),
        text=[_came(name, row, words) for name, (_, row) in zip(names, table.iterrows(), strict=True)],
        colour=GREY,
    )
    said = Curve(
        name=words("value.columns.expected"),
        x=x,
        y=table["expected"].tolist(),
        text=[_came(name, row, words) for name, (_, row) in zip(names, table.iterrows(), strict=True)],
        colour=BLUE,
    )
    inside = int(((table["expected"] >= table["actual_low"]) & (table["expected"] <= table["actual_high"])).sum())
    facts = {"inside": inside, "bins": len(table), "n": int(table["n"].sum())}
    return Figure(
        key="calibration",
        title=words(f"value.figures.calibration.title.{'all' if inside == len(table) else 'some' if inside else 'none'}", **facts),
        note=words("value.figures.calibration.note", **facts),
        alt=words("value.figures.calibration.alt", **facts),
        spec=curves(
            [came, said],
            x={"tickvals": x, "ticktext": names},
            y=ticks(top, lambda value: short(value, words)),
            x_title=words("value.figures.calibration.x"),
        ),
        table=named(table, words),
    )


def _bin(row: pd.Series, words: Words, *, last: bool) -> str:
    if row["low"] == row["high"]:
        return words.number(row["low"])
    return f"{words.number(row['low'])}+" if last else f"{words.number(row['low'])}–{words.number(row['high'])}"


def _came(name: str, row: pd.Series, words: Words) -> str:
    told = {key: words.number(row[key], digits=2) for key in ("expected", "actual", "actual_low", "actual_high")}
    return words("value.figures.calibration.touch", bin=name, n=int(row["n"]), **told)


def _methods(result: Result, words: Words) -> Figure:
    """By what share the model errs less than each rule of thumb, of orders and of money."""
    table = result.tables["heuristics"]
    rules = table[table["method"] != "model"]
    best = rules[rules["measure"] == "orders"].sort_values("mae").iloc[0]
    rows = [_rule(row, words) for _, row in rules.iterrows()]
    span = (max(-1.0, min(-0.05, float(rules["skill_low"].min()) * 1.1)), max(0.05, float(rules["skill_high"].max()) * 1.1))
    kind = "model" if best["skill_low"] > 0 else "rule" if best["skill_high"] < 0 else "level"
    apart = reversed_skill(best["skill"]) if kind == "rule" else best["skill"]
    facts = {"skill": words.share(apart, digits=0), "rule": method(str(best["method"]), words), "n": int(best["n"])}
    models = result.tables["models"].assign(measure="orders")
    whole = pd.concat([models, table[(table["method"] != "model") | (table["measure"] == "money")]], ignore_index=True)
    return Figure(
        key="heuristics",
        title=words(f"value.figures.heuristics.title.{kind}", **facts),
        note=words("value.figures.heuristics.note", **facts),
        alt=words(f"value.figures.heuristics.alt.{kind}", **facts),
        spec=intervals(rows, ticks=ticks(span[1], lambda share: words.share(share, digits=0), bottom=span[0]), span=span),
        table=named(whole, words),
    )


def _rule(row: pd.Series, words: Words) -> Interval:
    told = {key: words.share(row[key]) for key in ("skill", "skill_low", "skill_high")}
    name, measure = method(str(row["method"]), words), words(f"value.measures.{row['measure']}")
    return Interval(
        name=name,
        sub=measure,
        value=row["skill"],
        low=row["skill_low"],
        high=row["skill_high"],
        text=words("value.figures.heuristics.touch", **told),
        clear=bool(row["skill_low"] > 0 or row["skill_high"] < 0),
    )


def _groups(result: Result, words: Words) -> Figure:
    """What a customer of each group is expected to bring."""
    table = result.tables["groups"]
    money = "value" in table
    column = "mean_value" if money else "mean_orders"
    first, last = table.iloc[0], table.iloc[-1]
    by = str(table["dimension"].iloc[0])
    facts = {
        "group": first["group"],
        "first": _write(first[column], money, words),
        "last": _write(last[column], money, words),
        "lowest": last["group"],
        "dimension": words(f"filters.{by}"),
        "n": int(table["n"].sum()),
    }
    text = [
        f"{_write(row[column], money, words)} ({_write(row['mean_low'], money, words)} – {_write(row['mean_high'], money, words)})"
        for _, row in table.iterrows()
    ]
    return Figure(
        key="groups",
        title=words(f"value.figures.groups.title.{_kind(money)}", **facts),
        note=words(f"value.figures.groups.note.{_kind(money)}", **facts),
        alt=words("value.figures.groups.alt", **facts),
        spec=bars(
            [str(name) for name in table["group"]],
            [Measure(name=words(f"value.columns.{column}"), values=table[column].tolist(), text=text)],
        ),
        table=named(table, words),
    )


def _coverage(result: Result, words: Words) -> Figure:
    """The share of customers whose interval held what they brought, by group."""
    table = result.tables["coverage"]
    rows = [_inside(row, words) for _, row in table.iterrows()]
    worst = table.sort_values("coverage").iloc[0]
    kind = "holds" if bool((table["coverage_high"] >= PROMISED).all()) else "misses"
    facts = {
        "promised": words.share(PROMISED, digits=0),
        "group": _group_name(worst["group"], words),
        "worst": words.share(worst["coverage"]),
        "days": int(table["days"].iloc[0]),
        "n": int(table["n"].max()),
    }
    low = min(0.75, float(table["coverage_low"].min()) - 0.02)
    return Figure(
        key="coverage",
        title=words(f"value.figures.coverage.title.{kind}", **facts),
        note=words("value.figures.coverage.note", **facts),
        alt=words(f"value.figures.coverage.alt.{kind}", **facts),
        spec=intervals(rows, ticks=ticks(1.0, lambda share: words.share(share, digits=0), bottom=low), span=(low, 1.0), marked=PROMISED),
        table=named(table.assign(group=[_group_name(name, words) for name in table["group"]]).drop(columns="days"), words),
    )


def _group_name(group: str, words: Words) -> str:
    return group or words("value.figures.coverage.everybody")


def _inside(row: pd.Series, words: Words) -> Interval:
    name, told = _group_name(row["group"], words), {key: words.share(row[key]) for key in ("coverage", "coverage_low", "coverage_high")}
    return Interval(
        name=name,
        value=row["coverage"],
        low=row["coverage_low"],
        high=row["coverage_high"],
        text=words("value.figures.coverage.touch", name=name, n=int(row["n"]), **told),
        clear=True,
    )
