"""The figures of the deals: how they ended, who wins more of them, how long winning takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analytics.figures.bars import Measure, bars
from analytics.figures.intervals import Interval, intervals
from analytics.figures.look import BLUE, GREY, RAMP, ticks
from analytics.results import Unit
from analytics.studies.base import Figure
from analytics.studies.pipeline import DIMENSIONS
from analytics.studies.tables import titled

if TYPE_CHECKING:
    from analytics.i18n import Words

_COLOURS = {"won": BLUE, "lost": GREY, "open": RAMP[3]}
_HEADED = {"low": "win_rate_low", "high": "win_rate_high"}


def draw_deals(table: pd.DataFrame, words: Words) -> tuple[Figure, ...]:
    """Outcomes; win rate by up to two dimensions; the sales cycle by the first that has several."""
    rates = [dimension for dimension in DIMENSIONS if len(_rows(table, dimension, "win_rate")) > 1][:2]
    cycles = [dimension for dimension in DIMENSIONS if len(_rows(table, dimension, "cycle_days")) > 1][:1]
    return (
        _outcomes(table, words),
        *(_rate(table, dimension, words) for dimension in rates),
        *(_cycle(table, dimension, words) for dimension in cycles),
    )


def named_deals(table: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The table `deals` as a reader gets it."""
    shown = table.drop(columns=["since", "until", "clear"]).rename(columns=_HEADED)
    shown["value"] = [_value(row, words) for _, row in table.iterrows()]
    shown["dimension"] = [words(f"lifecycle.dimensions.{dimension}") for dimension in shown["dimension"]]
    return titled(shown.dropna(axis="columns", how="all"), "lifecycle.deals.columns", words)


def _rows(table: pd.DataFrame, dimension: str, column: str) -> pd.DataFrame:
    return table[(table["dimension"] == dimension) & table[column].notna()]


def _value(row: pd.Series, words: Words) -> str:
    match row["dimension"]:
        case "all":
            return words("lifecycle.deals.all")
        case "existing":
            return words(f"lifecycle.deals.existing.{row['value']}")
        case _:
            return str(row["value"])


def _window(table: pd.DataFrame, words: Words) -> dict[str, object]:
    return {"since": words.day(table["since"].iloc[0]), "until": words.day(table["until"].iloc[0])}


def _outcomes(table: pd.DataFrame, words: Words) -> Figure:
    """Won, lost and open deals as counts; open ones are never among the lost."""
    row = table[table["dimension"] == "all"].iloc[0]
    shown = [outcome for outcome in _COLOURS if row[outcome]]
    money = {"won": row["amount"], "open": row["open_amount"]}
    texts = [words.number(row[name]) + (f" · {words.money(money[name], compact=True)}" if money.get(name, 0) > 0 else "") for name in shown]
    measure = Measure(name=words("lifecycle.deals.number"), values=[float(row[name]) for name in shown], text=texts)
    spec = bars([words(f"lifecycle.deals.columns.{name}") for name in shown], [measure])
    spec["data"][0]["marker"]["color"] = [_COLOURS[name] for name in shown]
    kind = "rate" if row["win_rate"] == row["win_rate"] else "open"
    facts = {**_window(table, words), **{name: int(row[name]) for name in _COLOURS}, "closed": int(row["won"] + row["lost"])}
    return Figure(
        key="outcomes",
        title=words(f"lifecycle.figures.outcomes.title.{kind}", **facts),
        note=words("lifecycle.figures.outcomes.note", **facts),
        alt=words("lifecycle.figures.outcomes.alt", **facts),
        spec=spec,
        table=named_deals(table[table["dimension"] == "all"], words),
    )


def _rate(table: pd.DataFrame, dimension: str, words: Words) -> Figure:
    part = _rows(table, dimension, "win_rate").sort_values("win_rate", ascending=False)
    overall = _overall(table, "win_rate")
    pool = part[part["clear"]] if part["clear"].any() else part
    top = pool.iloc[0]
    kind = "alike" if not top["clear"] else "above" if top["win_rate"] > overall else "below"
    facts: dict[str, object] = {"value": _value(top, words), "share": words.share(top["win_rate"], digits=0)}
    facts["overall"] = words.share(overall, digits=0)
    facts |= {"dimension": words(f"lifecycle.dimensions.{dimension}")} | _window(table, words)
    rows = [_interval(row, ("win_rate", "low", "high"), bool(row["clear"]), _told(row, words), words) for _, row in part.iterrows()]
    scale = ticks(1.0, lambda share: words.share(share, digits=0))
    return Figure(
        key=f"win_{dimension}",
        title=words(f"lifecycle.figures.win.title.{kind}", **facts),
        note=words("lifecycle.figures.win.note", **facts),
        alt=words("lifecycle.figures.win.alt", **facts),
        spec=intervals(rows, ticks=scale, span=(0.0, 1.0), marked=overall),
        table=named_deals(part, words),
    )


def _overall(table: pd.DataFrame, column: str) -> float:
    return float(table.loc[table["dimension"] == "all", column].iloc[0])


def _interval(row: pd.Series, columns: tuple[str, str, str], clear: bool, told: str, words: Words) -> Interval:
    value, low, high = (float(row[column]) for column in columns)
    return Interval(name=_value(row, words), value=value, low=low, high=high, text=f"{_value(row, words)}: {told}", clear=clear)


def _told(row: pd.Series, words: Words) -> str:
    share, low, high = (words.share(row[name], digits=0) for name in ("win_rate", "low", "high"))
    return f"{share} ({low} – {high}) · {words.number(row['won'])} / {words.number(row['won'] + row['lost'])}"


def _cycle(table: pd.DataFrame, dimension: str, words: Words) -> Figure:
    part = _rows(table, dimension, "cycle_days").sort_values("cycle_days")
    overall = _overall(table, "cycle_days")

    def days(value: float) -> str:
        return words.quantity(value, Unit.DAYS)

    def told(row: pd.Series) -> str:
        return f"{days(row['cycle_days'])} ({days(row['cycle_low'])} – {days(row['cycle_high'])})"

    fast, slow = part.iloc[0], part.iloc[-1]
    facts: dict[str, object] = {"fast": _value(fast, words), "days": days(fast["cycle_days"]), "overall": days(overall)}
    facts |= {"slow": _value(slow, words), "slow_days": days(slow["cycle_days"])}
    facts |= {"dimension": words(f"lifecycle.dimensions.{dimension}")} | _window(table, words)
    kind = "apart" if fast["cycle_high"] < slow["cycle_low"] else "alike"
    columns = ("cycle_days", "cycle_low", "cycle_high")
    away = ~part["cycle_low"].le(overall) | ~part["cycle_high"].ge(overall)  # the overall median lies outside the interval
    rows = [_interval(row, columns, bool(clear), told(row), words) for (_, row), clear in zip(part.iterrows(), away, strict=True)]
    reach = 1.05 * float(part["cycle_high"].max()) or 1.0
    return Figure(
        key=f"cycle_{dimension}",
        title=words(f"lifecycle.figures.cycle.title.{kind}", **facts),
        note=words("lifecycle.figures.cycle.note", **facts),
        alt=words("lifecycle.figures.cycle.alt", **facts),
        spec=intervals(rows, ticks=ticks(reach, days), span=(0.0, reach), marked=overall),
        table=named_deals(part, words),
    )
